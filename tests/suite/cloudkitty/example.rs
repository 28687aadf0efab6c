//! The example that comes with the program: the book made of it, and the same book from every form
//! in which CloudKitty hands out its rules.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cloudkitty::rates;
use crate::support::{root, sharebill, stderr};

/// The flags that the book in `pricing/` is made with.
const EXAMPLE_FLAGS: [&str; 8] = [
    "--region",
    "BUF",
    "--effective-from",
    "2024-01-01",
    "--source",
    "EXAMPLE figures of examples/cloudkitty, no provider's prices",
    "--title",
    "Example of a cloud that CloudKitty rates, EXAMPLE prices",
];

#[test]
fn the_book_that_comes_with_the_program_is_made_of_the_example() {
    let folder = tempfile::tempdir().expect("a folder");
    let example = root().join("examples/cloudkitty").display().to_string();
    let out = folder.path().join("openstack-cloudkitty").display().to_string();
    let mut arguments = vec!["prices", "import", "--cloudkitty", &example, "--out", &out];
    arguments.extend(EXAMPLE_FLAGS);
    let output = sharebill(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(3), "volumes are left out: {}", stderr(&output));
    assert!(stderr(&output).contains("the service `volume.size` cannot be said"));
    for file in ["book.toml", "flavors.csv", "rates.csv"] {
        let made = fs::read_to_string(Path::new(&out).join(file)).expect("made");
        let kept = fs::read_to_string(root().join("pricing/openstack-cloudkitty").join(file));
        assert_eq!(made, kept.expect("kept"), "{file}");
    }
    // By hand: 0.01 × 0.95 + 0.001 + 0.002, and so on.
    let rates = rates(&fs::read_to_string(Path::new(&out).join("rates.csv")).expect("rates"));
    for (sku, price) in [
        ("server:m1.small", "0.0125"),
        ("server:m1.medium", "0.022"),
        ("server:m1.large", "0.041"),
        ("image.storage", "0.010241024"),
        ("object.storage", "0.0365"),
        ("transfer.out", "0.04294967296"),
    ] {
        assert_eq!(rates[&format!("{sku} 2024-01-01")], price, "{sku}");
    }
}

/// The example as the client prints it: a list a file, with headings.
fn as_the_client_prints(answer: &Value) -> Value {
    let headings = [
        ("name", "Name"),
        ("service_id", "Service ID"),
        ("field_id", "Field ID"),
        ("group_id", "Group ID"),
        ("mapping_id", "Mapping ID"),
        ("threshold_id", "Threshold ID"),
        ("value", "Value"),
        ("level", "Level"),
        ("cost", "Cost"),
        ("type", "Type"),
        ("tenant_id", "Project ID"),
    ];
    let list = answer.as_object().and_then(|object| object.values().next()).expect("a list");
    let item = |item: &Value| {
        let item = item.as_object().expect("an object");
        let renamed = headings
            .iter()
            .filter_map(|(key, heading)| Some(((*heading).to_owned(), item.get(*key)?.clone())));
        Value::Object(renamed.collect())
    };
    Value::Array(list.as_array().expect("a list").iter().map(item).collect())
}

#[test]
fn answers_of_the_api_one_file_and_the_clients_lists_give_the_same_book() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut whole, mut chained) = (serde_json::Map::new(), String::new());
    fs::create_dir(folder.path().join("client")).expect("made");
    for name in ["services", "fields", "groups", "mappings", "thresholds"] {
        let text = fs::read_to_string(root().join(format!("examples/cloudkitty/{name}.json")));
        let text = text.expect("an example");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        let client = as_the_client_prints(&answer).to_string();
        fs::write(folder.path().join(format!("client/{name}.json")), client).expect("written");
        whole.extend(answer.as_object().expect("an object").clone());
        chained.push_str(&text);
    }
    fs::write(folder.path().join("whole.json"), Value::Object(whole).to_string()).expect("written");
    fs::write(folder.path().join("chained.json"), chained).expect("written");
    let expected = fs::read_to_string(root().join("pricing/openstack-cloudkitty/rates.csv"));
    let expected = expected.expect("a book");
    for form in ["client", "whole.json", "chained.json"] {
        let out = format!("book-of-{form}");
        let mut arguments = vec!["prices", "import", "--cloudkitty", form, "--out", &out];
        arguments.extend(EXAMPLE_FLAGS);
        let output = sharebill(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(3), "{form}: {}", stderr(&output));
        let made = fs::read_to_string(folder.path().join(&out).join("rates.csv")).expect("made");
        assert_eq!(made, expected, "{form}");
    }
}
