//! CloudKitty's own rule, written from its documentation and not from ours: for every thing and
//! period, group by group, the dearest flat times the rates times the quantity; then the threshold
//! with the highest level that the quantity reaches, which adds its cost or multiplies; all summed.
//! A bill by the imported book is compared with it.

use std::collections::BTreeMap;
use std::fs;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use serde_json::Value;

use crate::support::{root, sharebill, stderr};

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
