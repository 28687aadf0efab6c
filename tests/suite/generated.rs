//! Generated logs: exact in size, in order, sensible, and the same for the same flags.

use std::fs;
use std::path::Path;

use crate::support::{root, sharebill, stderr};

/// Generates a log into `file` and gives its text.
fn generate(file: &Path, more: &[&str]) -> String {
    let out = file.display().to_string();
    let mut arguments = vec!["generate", "--rows", "20000", "--accounts", "60", "--out", &out];
    arguments.extend(more);
    let output = sharebill(&root(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    fs::read_to_string(file).expect("a log")
}

/// Bills a log and gives its charges and findings.
fn bill(log: &Path, folder: &Path) -> (String, String, String) {
    let (log, out) = (log.display().to_string(), folder.display().to_string());
    let arguments = ["bill", &log, "--prices", "pricing/rackspace-us", "--out", &out];
    let output = sharebill(&root(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a table");
    (read("charges.csv"), read("findings.csv"), read("run.json"))
}

#[test]
fn the_same_flags_give_the_same_bytes_and_another_seed_others() {
    let scratch = tempfile::tempdir().expect("a folder");
    let log = |name: &str, more: &[&str]| generate(&scratch.path().join(name), more);
    let first = log("a.csv", &["--seed", "7"]);
    assert_eq!(first, log("b.csv", &["--seed", "7"]));
    assert_ne!(first, log("c.csv", &["--seed", "8"]));
}

#[test]
fn a_generated_log_has_its_rows_in_order_and_breaks_no_rule() {
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join("log.csv");
    let text = generate(&file, &[]);
    let times: Vec<&str> = text.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    assert_eq!(times.len(), 20_000);
    assert!(times.is_sorted(), "rows come in order of time");
    let (charges, findings, _) = bill(&file, &scratch.path().join("out"));
    assert_eq!(findings.lines().count(), 1, "only the header:\n{findings}");
    for sku in ["image.storage", "server:general1-4", "support:", "transfer.out"] {
        assert!(charges.contains(sku), "no charge for {sku}");
    }
}

#[test]
fn shuffled_repeated_and_json_logs_bill_the_same() {
    let scratch = tempfile::tempdir().expect("a folder");
    let charges = |name: &str, more: &[&str]| {
        let file = scratch.path().join(name);
        generate(&file, more);
        bill(&file, &scratch.path().join(format!("{name}-out")))
    };
    let (plain, ..) = charges("plain.csv", &[]);
    assert_eq!(plain, charges("shuffled.csv", &["--shuffle"]).0);
    assert_eq!(plain, charges("log.jsonl", &["--log-format", "jsonl"]).0);
    let (repeated, _, run) = charges("repeated.csv", &["--duplicates", "50"]);
    assert_eq!(plain, repeated);
    assert!(!run.contains("\"repeated\": 0"), "some rows are repeats:\n{run}");
}
