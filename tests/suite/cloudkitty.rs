//! Price books from CloudKitty's hashmap: what is said is exact, and what cannot be said is named.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use serde_json::{Value, json};

use crate::support::{root, sharebill, stderr, stdout};

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

#[test]
fn within_a_group_the_dearest_flat_counts_and_groups_are_added() {
    // 0.5 beats 0.1; in two groups they are 0.6.
    check(
        &["service=i cost=0.5", "field=f value=small cost=0.1"],
        &[],
        &[],
        &[("server:small 2024-01-01", "0.50")],
    );
    check(
        &["service=i cost=0.5 group=a", "field=f value=small cost=0.1 group=b"],
        &[],
        &[],
        &[("server:small 2024-01-01", "0.60")],
    );
}

#[test]
fn rates_multiply_the_flat_of_their_own_group_alone() {
    // 0.1 × 0.9 × 0.5, and 1 in a group of its own.
    check(
        &[
            "field=f value=small cost=0.1 group=a",
            "service=i type=rate cost=0.9 group=a",
            "field=f value=small type=rate cost=0.5 group=b",
            "service=i cost=1 group=c",
        ],
        &[],
        &[],
        &[("server:small 2024-01-01", "1.09")],
    );
    let idle =
        [mapping("field=f value=s cost=0.1 group=a"), mapping("service=i type=rate cost=0.9")];
    let imported = import(&config(&idle, &[]), &[]);
    assert!(imported.told.contains("multiplies nothing"), "{}", imported.told);
    assert_eq!(imported.rates["server:s 2024-01-01"], "0.10");
}

#[test]
fn a_threshold_of_servers_is_reached_by_one_or_never() {
    // Level 1 applies to every server, and beats level 0; level 2 never applies.
    check(
        &["field=f value=small cost=0.1"],
        &[
            "service=i level=0 cost=0.7 type=flat",
            "service=i level=1.00 cost=0.5 type=rate",
            "service=i level=2 cost=9 type=rate",
        ],
        &[],
        &[("server:small 2024-01-01", "0.05")],
    );
    // A flat is added once: 0.1 + 0.7.
    check(
        &["field=f value=small cost=0.1"],
        &["service=i level=0 cost=0.7 type=flat"],
        &[],
        &[("server:small 2024-01-01", "0.80")],
    );
}

#[test]
fn a_threshold_of_sizes_is_said_only_where_it_always_applies() {
    // 0.001 per MiB-hour × 0.9 × 1024 × 730.
    check(
        &["service=m cost=0.001"],
        &["service=m level=0 cost=0.9 type=rate"],
        &[],
        &[("image.storage 2024-01-01", "672.768")],
    );
    for threshold in
        ["service=m level=50 cost=0.9 type=rate", "service=m level=0 cost=0.9 type=flat"]
    {
        check(
            &["service=m cost=0.001", "field=f value=s cost=1"],
            &[threshold],
            &[],
            &[("server:s 2024-01-01", "1.00"), ("!", "the threshold cannot be said")],
        );
    }
    // One that changes nothing is in nobody's way.
    check(
        &["service=m cost=0.001"],
        &["service=m level=50 cost=1 type=rate"],
        &[],
        &[("image.storage 2024-01-01", "747.52")],
    );
}

#[test]
fn what_depends_on_other_data_has_no_rate() {
    let reason = "the mapping on the field `vcpus`";
    check(
        &["field=f value=s cost=1", "field=v value=2 cost=0.1 group=b", "service=m cost=0.001"],
        &[],
        &[],
        &[("image.storage 2024-01-01", "747.52"), ("!", reason)],
    );
    let reason = "the threshold on the field `vcpus`";
    check(
        &["field=f value=s cost=1"],
        &["field=v level=4 cost=0.1 type=flat"],
        &[],
        &[("!", reason)],
    );
    // It is there, but changes nothing.
    check(
        &["field=f value=s cost=1", "field=v value=2 cost=1 type=rate"],
        &[],
        &[],
        &[("server:s 2024-01-01", "1.00")],
    );
}

#[test]
fn a_projects_own_price_is_named_or_has_a_book_of_its_own() {
    let mappings = ["field=f value=s cost=1", "field=f value=s cost=3 tenant=acme"];
    check(
        &mappings,
        &[],
        &[],
        &[("server:s 2024-01-01", "1.00"), ("!", "for project `acme` alone cannot be said")],
    );
    check(&mappings, &[], &["--tenant", "acme"], &[("server:s 2024-01-01", "3.00")]);
    // In another group it is one more.
    let other = ["field=f value=s cost=1", "field=f value=s cost=3 tenant=acme group=b"];
    check(&other, &[], &["--tenant", "acme"], &[("server:s 2024-01-01", "4.00")]);
}

#[test]
fn rules_hold_from_their_start_until_their_end() {
    let mappings = [
        "field=f value=s cost=1 start=2024-02-01T00:00:00 end=2024-03-01",
        "field=f value=s cost=2 start=2024-03-01T12:00:00Z group=b",
    ];
    check(
        &mappings,
        &[],
        &[],
        &[
            ("server:s 2024-02-01", "1.00"),
            ("server:s 2024-03-01", "0.00"),
            ("server:s 2024-03-01T12:00:00Z", "2.00"),
        ],
    );
    check(
        &["field=f value=s cost=1", "field=f value=s cost=9 group=b deleted=2024-01-02"],
        &[],
        &[],
        &[("server:s 2024-01-01", "1.00")],
    );
}

#[test]
fn prices_of_a_period_are_converted_exactly_or_not_at_all() {
    check(
        &["field=f value=s cost=0.01"],
        &[],
        &["--period", "900"],
        &[("server:s 2024-01-01", "0.04")],
    );
    check(&["field=f value=s cost=1E-8"], &[], &[], &[("server:s 2024-01-01", "0.00000001")]);
    check(
        &["field=f value=s cost=0.0100000000000000000000000000"],
        &[],
        &[],
        &[("server:s 2024-01-01", "0.01")],
    );
    check(
        &["service=m cost=0.001"],
        &[],
        &["--unit", "image.size=GiB", "--month-hours", "720"],
        &[("image.storage 2024-01-01", "0.72")],
    );
    check(
        &["field=f value=s cost=0.01"],
        &[],
        &["--period", "7"],
        &[("!", "has no exact price per hour")],
    );
    check(&["field=f value=s cost=0.0000000000001"], &[], &[], &[("!", "more than 12 decimals")]);
}

#[test]
fn a_price_for_every_flavor_needs_their_names() {
    check(&["service=i cost=0.5"], &[], &[], &[("!", "a book lists flavors by name")]);
    check(
        &["service=i cost=0.5"],
        &[],
        &["--flavor", "s", "--flavor", "m"],
        &[("server:m 2024-01-01", "0.50"), ("server:s 2024-01-01", "0.50")],
    );
}

#[test]
fn two_rules_for_the_same_are_no_price() {
    check(
        &["field=f value=s cost=1", "field=f value=s cost=2"],
        &[],
        &[],
        &[("!", "CloudKitty keeps one of them")],
    );
}

#[test]
fn services_are_known_by_their_metrics_names_or_told() {
    let config = |name: &str| {
        json!({
            "services": [{"service_id": "s", "name": name}],
            "mappings": [{"mapping_id": "1", "cost": "0.001", "type": "flat", "service_id": "s"}],
        })
    };
    for (name, flags, expected) in [
        ("radosgw.objects.size", &[][..], Some(("object.storage 2024-01-01", "0.73"))),
        (
            "network.outgoing.bytes",
            &["--gigabyte", "GB"],
            Some(("transfer.out 2024-01-01", "1.00")),
        ),
        (
            "network.outgoing.bytes.rate",
            &["--gigabyte", "GB", "--period", "1800"],
            Some(("transfer.out 2024-01-01", "2.00")),
        ),
        ("network.incoming.bytes", &[], None),
        ("ip.floating", &[], None),
        ("image", &[], None),
        ("image", &["--unit", "image=GiB"], Some(("image.storage 2024-01-01", "0.73"))),
        ("backup", &["--service", "backup=object.storage"], None),
        (
            "backup",
            &["--service", "backup=object.storage", "--unit", "backup=GiB"],
            Some(("object.storage 2024-01-01", "0.73")),
        ),
    ] {
        let imported = import(&config(name), flags);
        let expected: BTreeMap<String, String> =
            expected.iter().map(|(sku, price)| ((*sku).to_owned(), (*price).to_owned())).collect();
        assert_eq!(imported.rates, expected, "{name} {flags:?}: {}", imported.said);
        let unsaid = imported.said.contains(&format!("the service `{name}` cannot be said"));
        assert_eq!(unsaid, expected.is_empty(), "{name} {flags:?}: {}", imported.said);
    }
}

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

// CloudKitty's own rule, written from its documentation and not from ours: for every thing and
// period, group by group, the dearest flat times the rates times the quantity; then the threshold
// with the highest level that the quantity reaches, which adds its cost or multiplies; all summed.

fn number(text: &str) -> BigRational {
    let (digits, exponent) = text.split_once('E').unwrap_or((text, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let units: BigInt = format!("{whole}{fraction}").parse().expect("digits");
    let exponent = exponent.parse::<i32>().expect("an exponent") - fraction.len() as i32;
    let power = BigInt::from(10).pow(exponent.unsigned_abs());
    if exponent < 0 { BigRational::new(units, power) } else { BigRational::from(units * power) }
}

fn list(name: &str) -> Vec<Value> {
    let path = root().join(format!("examples/cloudkitty/{name}.json"));
    let text = fs::read_to_string(path).expect("an example");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    answer[name].as_array().expect("a list").clone()
}

/// What one thing costs in one period.
fn rated(service: &str, metadata: &BTreeMap<&str, &str>, quantity: &BigRational) -> BigRational {
    let services = list("services");
    let id = &services.iter().find(|s| s["name"] == service).expect("a service")["service_id"];
    let fields = list("fields");
    let field_of = |rule: &Value| fields.iter().find(|field| field["field_id"] == rule["field_id"]);
    let matches = |rule: &Value| match field_of(rule) {
        Some(field) => {
            let held = metadata.get(field["name"].as_str().expect("a name"));
            field["service_id"] == *id && held.copied() == rule["value"].as_str()
        }
        None => rule["service_id"] == *id,
    };
    let mappings: Vec<Value> = list("mappings").into_iter().filter(matches).collect();
    let reached = |rule: &Value| {
        rule["service_id"] == *id && *quantity >= number(rule["level"].as_str().expect("a level"))
    };
    let thresholds: Vec<Value> = list("thresholds").into_iter().filter(reached).collect();
    let cost = |rule: &Value| number(rule["cost"].as_str().expect("a cost"));
    let mut sum = BigRational::zero();
    for group in list("groups") {
        let of = |rule: &&Value| rule["group_id"] == group["group_id"];
        let flats = mappings.iter().filter(of).filter(|rule| rule["type"] == "flat").map(cost);
        let flat = flats.max().unwrap_or_else(BigRational::zero);
        let rates = mappings.iter().filter(of).filter(|rule| rule["type"] == "rate").map(cost);
        let mut price = flat * rates.fold(BigRational::one(), |a, b| a * b) * quantity;
        let level = |rule: &&Value| number(rule["level"].as_str().expect("a level"));
        if let Some(threshold) = thresholds.iter().filter(of).max_by_key(level) {
            match threshold["type"].as_str() {
                Some("flat") => price += cost(threshold),
                _ => price *= cost(threshold),
            }
        }
        sum += price;
    }
    sum
}

/// In cents, ties up.
fn cents(amount: &BigRational) -> String {
    let half = BigRational::new(BigInt::one(), BigInt::from(2));
    let cents = (amount * BigRational::from(BigInt::from(100)) + half).floor().to_integer();
    let (whole, rest) = (&cents / BigInt::from(100), &cents % BigInt::from(100));
    format!("{whole}.{rest:0>2}")
}

/// One thing: when it is there, and what CloudKitty collects of it in each of its hours.
struct Usage {
    events: String,
    sku: &'static str,
    service: &'static str,
    flavor: &'static str,
    quantity: BigRational,
    periods: u32,
}

fn usages() -> Vec<Usage> {
    let whole = |number: u64| BigRational::from(BigInt::from(number));
    let server = |name: &str, flavor, from: &str, to: &str, periods| Usage {
        events: format!(
            "{from},server.create,acme,BUF,{name},,,,,{flavor},,,,\n\
             {to},server.delete,acme,,{name},,,,,,,,,\n"
        ),
        sku: match flavor {
            "m1.small" => "server:m1.small",
            "m1.medium" => "server:m1.medium",
            _ => "server:m1.large",
        },
        service: "instance",
        flavor,
        quantity: BigRational::one(),
        periods,
    };
    let stored = |kind: &str, name: &str, bytes: u64, from: &str, to: &str, periods| Usage {
        events: format!(
            "{from},{kind}.create,acme,BUF,{name},,,,{bytes},,,,,\n\
             {to},{kind}.delete,acme,,{name},,,,,,,,,\n"
        ),
        sku: if kind == "image" { "image.storage" } else { "object.storage" },
        service: if kind == "image" { "image.size" } else { "radosgw.objects.size" },
        flavor: "",
        quantity: BigRational::new(
            BigInt::from(bytes),
            BigInt::from(if kind == "image" { 1_u64 << 20 } else { 1 << 30 }),
        ),
        periods,
    };
    let sent = |name: &str, at: &str, bytes: u64| Usage {
        events: format!("{at},transfer.out,acme,BUF,{name},,,,{bytes},,,,,\n"),
        sku: "transfer.out",
        service: "network.outgoing.bytes",
        flavor: "",
        quantity: whole(bytes) / whole(1_000_000),
        periods: 1,
    };
    vec![
        server("a", "m1.small", "2024-03-01T00:00:00Z", "2024-03-31T23:00:00Z", 743),
        server("b", "m1.small", "2024-03-05T07:00:00Z", "2024-03-05T08:00:00Z", 1),
        server("c", "m1.medium", "2024-03-02T10:00:00Z", "2024-03-20T03:00:00Z", 425),
        server("d", "m1.large", "2024-03-10T00:00:00Z", "2024-03-11T00:00:00Z", 24),
        stored("image", "gold", 40 << 30, "2024-03-01T00:00:00Z", "2024-03-31T23:00:00Z", 743),
        stored("image", "blue", 3_500_000_000, "2024-03-09T05:00:00Z", "2024-03-12T05:00:00Z", 72),
        stored("object", "dump", 900 << 30, "2024-03-03T00:00:00Z", "2024-03-13T00:00:00Z", 240),
        sent("t1", "2024-03-07T12:30:00Z", 123_456_789_012),
        sent("t2", "2024-03-08T12:30:00Z", 1 << 40),
    ]
}

#[test]
fn a_bill_by_the_book_is_what_cloudkitty_rates() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut events = crate::support::EVENT_HEADER.to_owned();
    let mut expected: BTreeMap<&str, BigRational> = BTreeMap::new();
    for usage in usages() {
        events.push_str(&usage.events);
        let metadata = BTreeMap::from([("flavor_id", usage.flavor)]);
        let of_period = rated(usage.service, &metadata, &usage.quantity);
        let sum = expected.entry(usage.sku).or_insert_with(BigRational::zero);
        *sum += of_period * BigRational::from(BigInt::from(usage.periods));
    }
    fs::write(folder.path().join("events.csv"), events).expect("written");
    let book = root().join("pricing/openstack-cloudkitty").display().to_string();
    let arguments = ["bill", "events.csv", "--prices", &book, "--out", "out"];
    let output = sharebill(folder.path(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let charges = fs::read_to_string(folder.path().join("out/charges.csv")).expect("charges");
    let mut reader = csv::Reader::from_reader(charges.as_bytes());
    let billed: BTreeMap<String, String> = reader
        .records()
        .map(|row| row.expect("CSV"))
        .map(|row| (row[3].to_owned(), row[9].to_owned()))
        .collect();
    let expected: BTreeMap<String, String> =
        expected.iter().map(|(sku, amount)| ((*sku).to_owned(), cents(amount))).collect();
    assert_eq!(billed, expected);
    assert_eq!(billed.len(), 6);
}
