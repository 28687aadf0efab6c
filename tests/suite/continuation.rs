//! What was there before a plan, and goes on: through the program.

use std::fs;
use std::path::Path;
use std::process::Output;

use rust_decimal::Decimal;
use tempfile::TempDir;

use crate::support::{EVENT_HEADER, root, sharebill, stderr};

/// A plan of nothing: what comes is what was there.
const NOTHING: &str = "[scenario]\nname = \"as it is\"\nstart = \"2027-01-01\"\nmonths = 2\n";

/// A folder with a scenario and a history of these rows.
fn folder(rows: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("room");
    write("plan.toml", NOTHING);
    write("history.csv", &format!("{EVENT_HEADER}{rows}"));
    folder
}

/// A server's rows in the history.
fn server(account: &str, id: &str, flavor: &str, from: &str, to: Option<&str>) -> String {
    let mut rows = format!("{from}T00:00:00Z,server.create,{account},BUF,{id},,,,,{flavor},,,,\n");
    if let Some(to) = to {
        rows += &format!("{to}T00:00:00Z,server.delete,{account},,{id},,,,,,,,,\n");
    }
    rows
}

fn book() -> String {
    root().join("pricing/openstack-example").display().to_string()
}

/// Projects what was there, into a folder.
fn project(folder: &Path, out: &str, more: &[&str]) -> Output {
    let book = book();
    let mut arguments = vec!["project", "--scenario", "plan.toml", "--events", "history.csv"];
    arguments.extend(["--prices", &book, "--out", out, "--threads", "2"]);
    arguments.extend(more);
    let output = sharebill(folder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    output
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The charges in a table: account, cycle, SKU, quantity and amount, by the header's names.
fn rows(text: &str, columns: &[&str]) -> Vec<String> {
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let header = table.headers().expect("a header").clone();
    let place = |name: &&str| header.iter().position(|column| column == *name).expect("a column");
    let places: Vec<usize> = columns.iter().map(place).collect();
    let row = |row: csv::StringRecord| {
        places.iter().map(|place| &row[*place]).collect::<Vec<_>>().join(" ")
    };
    table.records().map(|record| row(record.expect("a record"))).collect()
}

/// Lives of exactly ten days; one server is four days old, another account's knows no end.
fn fixed_lives() -> String {
    server("team-a", "vm-1", "c1.m1", "2026-12-01", Some("2026-12-11"))
        + &server("team-a", "vm-2", "c1.m1", "2026-12-05", Some("2026-12-15"))
        + &server("team-a", "vm-3", "c1.m1", "2026-12-08", Some("2026-12-18"))
        + &server("team-a", "vm-4", "c1.m1", "2026-12-28", None)
        + &server("team-b", "vm-5", "c2.m4", "2026-12-28", None)
}

/// What comes of the fixed lives: 6 days of 0.01 an hour; 31 and 28 days of 0.04 an hour.
const FIXED: [&str; 3] = ["team-a 2027-01 1.44", "team-b 2027-01 29.76", "team-b 2027-02 26.88"];

fn totals(folder: &Path, out: &str) -> Vec<String> {
    let text = read(folder, &format!("{out}/projection.csv"));
    let columns = ["account", "month", "mean", "category"];
    let all = rows(&text, &columns).into_iter();
    all.filter_map(|row| row.strip_suffix(" total").map(str::to_owned)).collect()
}

#[test]
fn servers_end_as_all_before_them_did() {
    let folder = folder(&fixed_lives());
    project(folder.path(), "out", &["--attrition"]);
    assert_eq!(totals(folder.path(), "out"), FIXED);
    let assumptions = read(folder.path(), "out/assumptions.csv");
    let said = "as it is,attrition.team-a,\"1 servers alive, lifetimes of 3 that ended\",events\n";
    assert!(assumptions.contains(said), "{assumptions}");
    // Without being asked, nothing ends.
    project(folder.path(), "on", &[]);
    assert_eq!(totals(folder.path(), "on")[..2], ["team-a 2027-01 7.44", "team-a 2027-02 6.72"]);
}

#[test]
fn certain_ends_are_the_same_in_every_run() {
    let folder = folder(&fixed_lives());
    project(folder.path(), "out", &["--attrition", "--runs", "20"]);
    let means: Vec<Decimal> = totals(folder.path(), "out").iter().map(|row| mean(row)).collect();
    assert_eq!(means, FIXED.map(mean));
}

fn mean(row: &str) -> Decimal {
    row.rsplit(' ').next().and_then(|mean| mean.parse().ok()).expect("a number")
}

#[test]
fn the_log_bills_to_the_same_charges() {
    let resized = "2026-12-20T00:30:00Z,server.resize,team-a,,vm-6,,,,,c1.m4,,,,\n";
    let history = fixed_lives()
        + &server("team-a", "vm-6", "c1.m1", "2026-12-19", None)
        + resized
        + &server("team-c", "vm-7", "c1.m1", "2026-12-19", Some("2027-01-20"));
    let folder = folder(&history);
    project(folder.path(), "out", &["--attrition", "--write-events", "--runs", "1"]);
    let log = read(folder.path(), "out/events.csv");
    let deleted = rows_of(&log);
    assert_eq!(
        deleted,
        [
            // One that was resized is thirteen days old: it has outlived all that ended.
            "2027-01-07T00:00:00Z server.delete team-a vm-4",
        ]
    );
    let book = book();
    // What the history has after the start is not in the plan: the bill is of what was before.
    let before: String = rows_before(&read(folder.path(), "history.csv"));
    fs::write(folder.path().join("before.csv"), before).expect("room");
    let span = ["--start", "2027-01-01", "--end", "2027-03-01"];
    let mut arguments = vec!["bill", "before.csv", "out/events.csv", "--prices", &book];
    arguments.extend(span.iter().chain(&["--out", "bill"]));
    let output = sharebill(folder.path(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let charges = read(folder.path(), "out/charges.csv");
    assert_eq!(charges, read(folder.path(), "bill/charges.csv"));
    // Two cycles of each of the three servers that go on, and one of the one that ends.
    assert_eq!(rows(&charges, &["account", "sku"]).len(), 7, "{charges}");
}

fn rows_of(log: &str) -> Vec<String> {
    rows(log, &["time", "event", "account", "resource"])
}

fn rows_before(history: &str) -> String {
    let is_before = |line: &&str| !line.starts_with("2027");
    history.lines().filter(is_before).fold(String::new(), |text, line| text + line + "\n")
}

/// Lives of many lengths, and servers of many ages, on days from 1 to 31.
fn many_lives() -> String {
    let mut rows = String::new();
    for number in 0..40 {
        let (month, day) = (1 + number % 6, 1 + number * 7 % 28);
        let days = 6 + number * 37 % 83;
        let from = chrono::NaiveDate::from_ymd_opt(2026, month, day).expect("a day");
        let to = (from + chrono::Days::new(u64::from(days))).to_string();
        rows += &server("team-a", &format!("old-{number}"), "c1.m1", &from.to_string(), Some(&to));
    }
    for number in 0..30 {
        let (month, day) = (11 + number % 2, 1 + number * 11 % 28);
        let from = format!("2026-{month}-{day:02}");
        rows += &server("team-a", &format!("new-{number}"), "c1.m1", &from, None);
    }
    rows
}

#[test]
fn many_runs_end_servers_as_the_expected_number_does() {
    let folder = folder(&many_lives());
    project(folder.path(), "mean", &["--attrition", "--runs", "1"]);
    project(folder.path(), "runs", &["--attrition", "--runs", "300", "--seed", "4"]);
    let certain: Vec<Decimal> = totals(folder.path(), "mean").iter().map(|row| mean(row)).collect();
    let text = read(folder.path(), "runs/projection.csv");
    let drawn = rows(&text, &["category", "mean", "standard_error"]);
    let drawn: Vec<&String> = drawn.iter().filter(|row| row.starts_with("total")).collect();
    assert_eq!((drawn.len(), certain.len()), (2, 2));
    for (row, certain) in drawn.into_iter().zip(certain) {
        let numbers: Vec<Decimal> =
            row.split(' ').skip(1).map(|number| number.parse().expect("a number")).collect();
        assert!(numbers[1] > Decimal::ZERO, "{row}");
        assert!((numbers[0] - certain).abs() <= numbers[1] * Decimal::from(3), "{row}: {certain}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = folder(&many_lives());
    let runs = ["--attrition", "--runs", "50"];
    project(folder.path(), "two", &runs);
    let book = book();
    let mut arguments = vec!["project", "--scenario", "plan.toml", "--events", "history.csv"];
    arguments.extend(["--prices", &book, "--out", "one", "--threads", "1"]);
    let output = sharebill(folder.path(), &[arguments, runs.to_vec()].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    for file in ["projection.csv", "projection_summary.csv", "assumptions.csv"] {
        let of = |out: &str| read(folder.path(), &format!("{out}/{file}"));
        assert_eq!(of("one"), of("two"), "{file}");
    }
}

#[test]
fn attrition_needs_a_history() {
    let folder = folder("");
    let book = book();
    let arguments = ["project", "--scenario", "plan.toml", "--prices", &book, "--out", "out"];
    let output = sharebill(folder.path(), &[&arguments[..], &["--attrition"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("--events"), "{}", stderr(&output));
}
