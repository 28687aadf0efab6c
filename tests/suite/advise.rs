//! What is paid for and need not be: a log that has each waste once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use rust_decimal::Decimal;
use tempfile::TempDir;

use crate::support::{EVENT_HEADER, root, sharebill, stderr};

const GIB: u64 = 1 << 30;

/// A row of a log, by the columns that are not empty.
fn row(time: &str, event: &str, account: &str, rest: &[(&str, &str)]) -> String {
    let columns: Vec<&str> = EVENT_HEADER.trim_end().split(',').collect();
    let of = |column: &&str| match *column {
        "time" => format!("{time}Z"),
        "event" => event.to_owned(),
        "account" => account.to_owned(),
        other => {
            let found = rest.iter().find(|(name, _)| *name == other);
            found.map_or_else(String::new, |(_, value)| (*value).to_owned())
        }
    };
    columns.iter().map(of).collect::<Vec<_>>().join(",") + "\n"
}

fn image(time: &str, account: &str, id: &str, bytes: u64, source: &str) -> String {
    let bytes = bytes.to_string();
    let rest = [("region", "IAD"), ("resource", id), ("bytes", &bytes), ("source", source)];
    row(time, "image.create", account, &rest)
}

fn server(time: &str, account: &str, id: &str, source: &str) -> String {
    let rest = [("region", "IAD"), ("resource", id), ("source", source), ("flavor", "general1-4")];
    row(time, "server.create", account, &rest)
}

/// January to June 2016; the month that is compared is June. What there is:
///
/// - `golden`, which is used, shared with `team-a`, who boots it, and with `idle`, who never
///   accepted it;
/// - `forgotten`, which nobody has booted since January;
/// - `same-again`, as large as the image its server was made from;
/// - ten images of one server, `nightly-0` to `nightly-9`: three too many, one of them in June;
/// - `copy` in another region, imported and never booted;
/// - `tools-of-team-b` and `tools-of-team-c`, of one size to the byte, both booted;
/// - `raw-of-team-b` and `raw-of-team-c`, both of 40 GiB, which says nothing.
fn wasteful() -> String {
    fs::read_to_string(root().join("examples/waste/events.csv")).expect("the example")
}

const EXPECTED: [(&str, &str); 8] = [
    ("repeated-reimage", "same-again"),
    ("retention", "nightly-0"),
    ("retention", "nightly-1"),
    ("retention", "nightly-2"),
    ("share-instead", "tools-of-team-c"),
    ("unaccepted-member", "golden"),
    ("unbooted-copy", "copy"),
    ("unused-image", "forgotten"),
];

fn book() -> String {
    root().join("pricing/rackspace-us").display().to_string()
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let output = sharebill(folder, arguments);
    let status = output.status.code();
    assert!(matches!(status, Some(0 | 3)), "{arguments:?}: {}", stderr(&output));
    output
}

fn folder(log: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("log.csv"), log).expect("room");
    let accounts = "account,billing_day\nteam-a,17\nplatform,31\n";
    fs::write(folder.path().join("accounts.csv"), accounts).expect("room");
    folder
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.map(|row| row.expect("a row")).collect()
}

/// What June costs all, by the bill of these logs.
fn june(folder: &Path, logs: &[&str]) -> Decimal {
    let book = book();
    let mut arguments = vec!["bill"];
    arguments.extend(logs);
    arguments.extend(["--prices", &book, "--accounts", "accounts.csv", "--start", "2016-06-01"]);
    arguments.extend(["--end", "2016-07-01", "--out", "june", "--force"]);
    run(folder, &arguments);
    let statements = table(&read(folder, "june/statements.csv"));
    statements.iter().map(|row| row["total"].parse::<Decimal>().expect("money")).sum()
}

fn advise(folder: &Path, more: &[&str]) -> Vec<BTreeMap<String, String>> {
    let book = book();
    let mut arguments = vec!["advise", "log.csv", "--prices", &book, "--accounts", "accounts.csv"];
    arguments.extend(["--out", "advice", "--force"]);
    arguments.extend(more);
    run(folder, &arguments);
    table(&read(folder, "advice/advice.csv"))
}

#[test]
fn each_waste_is_found_once_and_its_saving_is_what_a_bill_confirms() {
    let folder = folder(&wasteful());
    let advice = advise(folder.path(), &[]);
    let mut found: Vec<(&str, &str)> =
        advice.iter().map(|row| (row["advice"].as_str(), row["image"].as_str())).collect();
    found.sort_unstable();
    assert_eq!(found, EXPECTED);
    let before = june(folder.path(), &["log.csv"]);
    let changes = read(folder.path(), "advice/events.csv");
    let mut confirmed = 0;
    for row in &advice {
        // The events of this advice alone; sharing takes two.
        let image = format!(",{},", row["image"]);
        let is_of_it = |line: &&str| {
            line.starts_with("time,")
                || (line.contains(&image) && line.contains(".delete"))
                || (row["advice"] == "share-instead" && line.contains("member.create"))
        };
        let alone: String = changes.lines().filter(is_of_it).map(|l| format!("{l}\n")).collect();
        assert!(alone.lines().count() >= 2, "{row:?}: {changes}");
        fs::write(folder.path().join("alone.csv"), alone).expect("room");
        let after = june(folder.path(), &["log.csv", "alone.csv"]);
        let saving: Decimal = row["saving"].parse().expect("money");
        assert_eq!(before - after, saving, "{row:?}");
        if row["advice"] == "unaccepted-member" {
            assert!(saving.is_zero());
        } else {
            assert!(saving > Decimal::ZERO, "{row:?}");
            confirmed += 1;
        }
    }
    assert_eq!(confirmed, 7);
    let after = june(folder.path(), &["log.csv", "advice/events.csv"]);
    let json: serde_json::Value =
        serde_json::from_str(&read(folder.path(), "advice/advice.json")).expect("JSON");
    let together: Decimal = json["saving_together"].as_str().expect("text").parse().expect("money");
    assert_eq!(before - after, together);
}

#[test]
fn limits_decide_what_is_waste() {
    let folder = folder(&wasteful());
    let kinds = |more: &[&str]| {
        let advice = advise(folder.path(), more);
        let mut kinds: Vec<String> = advice.iter().map(|row| row["advice"].clone()).collect();
        kinds.sort_unstable();
        kinds
    };
    let of = |kinds: &[String], kind: &str| kinds.iter().filter(|other| *other == kind).count();
    let more_kept = kinds(&["--keep", "9"]);
    assert_eq!(of(&more_kept, "retention"), 1);
    // 178 days since the last boot, on 2016-01-05; 172 since the copy was made.
    let patient = kinds(&["--unused", "175"]);
    assert_eq!((of(&patient, "unused-image"), of(&patient, "unbooted-copy")), (1, 0));
    let very_patient = kinds(&["--unused", "200"]);
    assert_eq!(of(&very_patient, "unused-image"), 0);
    assert_eq!(of(&very_patient, "unaccepted-member"), 0);
}

#[test]
fn a_run_is_advised_from_its_own_inputs() {
    let folder = folder(&wasteful());
    let book = book();
    let arguments =
        ["bill", "log.csv", "--prices", &book, "--accounts", "accounts.csv", "--out", "bill"];
    run(folder.path(), &arguments);
    advise(folder.path(), &[]);
    run(folder.path(), &["advise", "bill", "--out", "of-run"]);
    for file in ["advice.csv", "advice.json", "events.csv"] {
        let of = |out: &str| read(folder.path(), &format!("{out}/{file}"));
        assert_eq!(of("advice"), of("of-run"), "{file}");
    }
    // A log that has changed since is not what was billed.
    let log = read(folder.path(), "log.csv") + &server("2016-06-29T00:00:00", "x", "y", "golden");
    fs::write(folder.path().join("log.csv"), log).expect("room");
    let output = sharebill(folder.path(), &["advise", "bill"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("has changed since the run"), "{}", stderr(&output));
}

#[test]
fn where_nothing_is_wasted_nothing_is_said() {
    let log = String::from(EVENT_HEADER)
        + &image("2016-05-01T00:00:00", "platform", "golden", 20 * GIB, "")
        + &server("2016-06-20T00:00:00", "platform", "web", "golden");
    let folder = folder(&log);
    let book = book();
    let output = run(folder.path(), &["advise", "log.csv", "--prices", &book]);
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.starts_with("Nothing to advise"), "{said}");
    let output = sharebill(folder.path(), &["advise", "log.csv"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("--prices"), "{}", stderr(&output));
}

#[test]
fn the_manual_shows_what_is_said() {
    let manual = fs::read_to_string(root().join("docs/advise.md")).expect("the manual");
    let book = book();
    let arguments = ["advise", "examples/waste/events.csv", "--accounts"];
    let more = ["examples/waste/accounts.csv", "--prices", &book, "--top", "3"];
    let output = run(&root(), &[&arguments[..], &more].concat());
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(manual.contains(&format!("```text\n{said}```\n")), "{said}");
}
