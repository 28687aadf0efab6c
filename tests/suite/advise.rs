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

/// January to June 2016; the month that is compared is June.
fn wasteful() -> String {
    let mut log = String::from(EVENT_HEADER);
    // An image that is used, shared with one who boots it and one who never accepted.
    log += &image("2016-01-01T00:00:00", "platform", "golden", 20 * GIB, "");
    for member in ["team-a", "idle"] {
        let rest = [("resource", "golden"), ("member", member)];
        log += &row("2016-01-02T00:00:00", "image.member.create", "platform", &rest);
    }
    log += &server("2016-06-20T00:00:00", "team-a", "web", "golden");
    // Nobody has booted this one since January.
    log += &image("2016-01-01T00:00:00", "platform", "forgotten", 33 * GIB, "");
    log += &server("2016-01-05T00:00:00", "platform", "old", "forgotten");
    // As large as what its server was made from.
    log += &server("2016-02-01T00:00:00", "team-a", "db", "golden");
    log += &image("2016-02-02T00:00:00", "team-a", "same-again", 20 * GIB, "db");
    // Ten images of one server: three too many, the first two before June, one within.
    for (number, day) in
        ["05-01", "05-02", "05-03", "05-04", "05-05", "05-06", "05-07", "05-08", "05-09", "06-11"]
            .iter()
            .enumerate()
    {
        let (id, time) = (format!("nightly-{number}"), format!("2016-{day}T06:00:00"));
        log += &image(&time, "team-a", &id, (30 + number as u64) * GIB, "web2");
    }
    let kept = log.clone();
    log = kept.replace(
        &image("2016-05-01T06:00:00", "team-a", "nightly-0", 30 * GIB, "web2"),
        &(server("2016-04-30T00:00:00", "team-a", "web2", "golden")
            + &image("2016-05-01T06:00:00", "team-a", "nightly-0", 30 * GIB, "web2")),
    );
    // A copy in another region that nobody boots.
    let bytes = (20 * GIB).to_string();
    let rest = [("region", "DFW"), ("resource", "export"), ("bytes", &bytes)];
    log += &row("2016-01-10T00:00:00", "object.create", "platform", &rest);
    let rest = [("region", "DFW"), ("resource", "copy"), ("bytes", &bytes), ("source", "export")];
    log += &row("2016-01-10T02:00:00", "image.create", "platform", &rest);
    let rest = [("resource", "export")];
    log += &row("2016-01-10T03:00:00", "object.delete", "platform", &rest);
    // The same image, uploaded by two: the size says so, to the byte; both boot it.
    for (account, day) in [("team-b", "03-01"), ("team-c", "03-05")] {
        let id = format!("tools-of-{account}");
        log += &image(&format!("2016-{day}T00:00:00"), account, &id, 7 * GIB + 4096, "");
        log += &server("2016-06-15T00:00:00", account, &format!("s-{account}"), &id);
    }
    // And two of a whole number of GiB, which says nothing.
    for account in ["team-b", "team-c"] {
        let id = format!("raw-of-{account}");
        log += &image("2016-03-01T00:00:00", account, &id, 40 * GIB, "");
        log += &server("2016-06-16T00:00:00", account, &format!("r-{account}"), &id);
    }
    log
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
