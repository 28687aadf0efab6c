//! Price books from CloudKitty's hashmap: what is said is exact, and what cannot be said is named.

mod example;
mod hashmap;
mod rated;

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::support::{sharebill, stderr, stdout};

/// What an import came to.
struct Imported {
    /// `sku date` and price, from `rates.csv`.
    rates: BTreeMap<String, String>,
    said: String,
    told: String,
    status: i32,
}

/// Imports a configuration with these flags.
fn import(config: &Value, flags: &[&str]) -> Imported {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("config.json"), config.to_string()).expect("written");
    let mut arguments = vec!["prices", "import", "--cloudkitty", "config.json", "--out", "book"];
    arguments.extend(["--message-format", "short"]);
    if !flags.contains(&"--effective-from") {
        arguments.extend(["--effective-from", "2024-01-01"]);
    }
    arguments.extend(flags);
    let output = sharebill(folder.path(), &arguments);
    let status = output.status.code().unwrap_or(-1);
    let rates = match fs::read_to_string(folder.path().join("book/rates.csv")) {
        Ok(text) => {
            let check = sharebill(folder.path(), &["prices", "check", "book"]);
            assert!(check.status.success(), "{}", stderr(&check));
            rates(&text)
        }
        Err(_) => BTreeMap::new(),
    };
    Imported { rates, said: stderr(&output), told: stdout(&output), status }
}

fn rates(text: &str) -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("CSV"));
    rows.map(|row| (format!("{} {}", &row[0], &row[7]), row[5].to_owned())).collect()
}

/// A configuration of two services, with a field for flavors and one for anything else.
fn config(mappings: &[Value], thresholds: &[Value]) -> Value {
    json!({
        "services": [
            {"service_id": "i", "name": "instance"},
            {"service_id": "m", "name": "image.size"},
        ],
        "fields": [
            {"field_id": "f", "name": "flavor_id", "service_id": "i"},
            {"field_id": "v", "name": "vcpus", "service_id": "i"},
        ],
        "mappings": mappings,
        "thresholds": thresholds,
    })
}

/// A mapping from `key=value` words: of a field if it has one, else of a service.
fn mapping(words: &str) -> Value {
    let mut mapping = json!({"mapping_id": words, "type": "flat"});
    for word in words.split(' ') {
        let (key, value) = word.split_once('=').expect("key=value");
        let key = match key {
            "field" | "service" | "group" | "tenant" => format!("{key}_id"),
            key => key.to_owned(),
        };
        mapping[key] = json!(value);
    }
    mapping
}

fn threshold(words: &str) -> Value {
    let mut threshold = mapping(words);
    threshold["threshold_id"] = threshold["mapping_id"].take();
    threshold.as_object_mut().expect("an object").remove("mapping_id");
    threshold
}

/// Checks the rates of mappings and thresholds; a text before `!` has to be named as unsaid.
fn check(mappings: &[&str], thresholds: &[&str], flags: &[&str], expected: &[(&str, &str)]) {
    let mappings: Vec<Value> = mappings.iter().map(|words| mapping(words)).collect();
    let thresholds: Vec<Value> = thresholds.iter().map(|words| threshold(words)).collect();
    let imported = import(&config(&mappings, &thresholds), flags);
    let unsaid: Vec<&str> =
        expected.iter().filter(|(what, _)| *what == "!").map(|(_, why)| *why).collect();
    let rates: BTreeMap<String, String> = expected
        .iter()
        .filter(|(what, _)| *what != "!")
        .map(|(what, price)| ((*what).to_owned(), (*price).to_owned()))
        .collect();
    assert_eq!(imported.rates, rates, "{mappings:?} {thresholds:?}\n{}", imported.said);
    for why in &unsaid {
        assert!(imported.said.contains(why), "{why}:\n{}", imported.said);
    }
    let warnings = imported.said.matches("warning[H03]").count();
    assert_eq!(warnings, unsaid.len(), "{}", imported.said);
    let status = match (unsaid.is_empty(), rates.is_empty()) {
        (_, true) => 1,
        (true, false) => 0,
        (false, false) => 3,
    };
    assert_eq!(imported.status, status, "{}", imported.said);
}
