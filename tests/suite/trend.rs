//! What history says of what comes, through the program.

use std::fs;
use std::path::Path;
use std::process::Output;

use rust_decimal::Decimal;
use tempfile::TempDir;

use crate::support::{EVENT_HEADER, root, sharebill, stderr};

const GIB: u64 = 1 << 30;

fn month(number: u32) -> (i32, u32) {
    (2025 + (number / 12).cast_signed(), number % 12 + 1)
}

/// Two years of one account: servers that come each month for twenty days, one more each month; an
/// image that is added each month and stays; 100 GiB sent each month. Another account has one
/// server all the time, and a third one for a month.
fn history() -> String {
    let mut rows = String::from(EVENT_HEADER);
    let mut row = |text: String| rows += &(text + "\n");
    for number in 0..24 {
        let (year, month) = month(number);
        for server in 0..5 + number {
            let id = format!("vm-{number}-{server}");
            row(format!(
                "{year}-{month:02}-01T00:00:00Z,server.create,team-a,BUF,{id},,,,,c1.m1,,,,"
            ));
            row(format!("{year}-{month:02}-21T00:00:00Z,server.delete,team-a,,{id},,,,,,,,,"));
        }
        let bytes = 10 * GIB;
        row(format!(
            "{year}-{month:02}-01T00:00:00Z,image.create,team-a,BUF,i-{number},,,,{bytes},,,,,"
        ));
        let bytes = 100 * GIB;
        row(format!(
            "{year}-{month:02}-03T00:00:00Z,transfer.out,team-a,BUF,t-{number},,,,{bytes},,,,,"
        ));
    }
    row("2025-01-01T00:00:00Z,server.create,team-b,BUF,vb,,,,,c2.m4,,,,".to_owned());
    row("2026-12-01T00:00:00Z,server.create,team-c,BUF,vc,,,,,c2.m4,,,,".to_owned());
    rows
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("history.csv"), history()).expect("room");
    folder
}

fn book() -> String {
    root().join("pricing/openstack-example").display().to_string()
}

fn project(folder: &Path, out: &str, more: &[&str]) -> Output {
    let book = book();
    let mut arguments = vec!["project", "--events", "history.csv", "--prices", &book];
    arguments.extend(["--months", "6", "--out", out]);
    arguments.extend(more);
    let output = sharebill(folder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    output
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Rows as they are, by the header's names.
fn table(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

#[test]
fn what_is_forecast_beyond_what_goes_on_comes_on_top() {
    let folder = folder();
    project(folder.path(), "out", &["--trend"]);
    let trend = table(&read(folder.path(), "out/trend.csv"));
    let of = |account: &str, sku: &str, month: &str| {
        let found = trend
            .iter()
            .find(|row| row["account"] == account && row["sku"] == sku && row["month"] == month);
        found.unwrap_or_else(|| panic!("{account} {sku} {month}"))
    };
    // January 2025 had 5 servers for 20 of 31 days, on average 3.2258.
    assert_eq!(of("team-a", "server:c1.m1", "2025-01-01")["history"], "3.2258");
    assert_eq!(of("team-a", "image.storage", "2026-12-01")["history"], (240 * GIB).to_string());
    for month in ["2027-01-01", "2027-04-01", "2027-06-01"] {
        // What never changed goes on: 100 GiB are sent.
        let sent = of("team-a", "transfer.out", month);
        assert_eq!((sent["mean"].as_str(), sent["goes_on"].as_str()), ("107374182400", "0"));
        assert_eq!(sent["rest"], "107374182400");
        // The images that are there go on, and more come.
        let images = of("team-a", "image.storage", month);
        assert_eq!(images["goes_on"], (240 * GIB).to_string());
        assert_eq!(
            number(&images["rest"]),
            number(&images["mean"]).round() - number(&images["goes_on"])
        );
        assert!(number(&images["rest"]) > Decimal::from(5 * GIB), "{images:?}");
        // More servers than ever before.
        let servers = of("team-a", "server:c1.m1", month);
        assert!(number(&servers["rest"]) > number("18.0645"), "{servers:?}");
        assert!(number(&servers["p10"]) < number(&servers["mean"]), "{servers:?}");
        // A server that goes on is all that is expected of team-b; of team-c nothing is known.
        assert_eq!(of("team-b", "server:c2.m4", month)["rest"], "0");
        let unknown = of("team-c", "server:c2.m4", month);
        assert_eq!((unknown["mean"].as_str(), unknown["goes_on"].as_str()), ("", "1"));
    }
    let said = read(folder.path(), "out/assumptions.csv");
    let months = "trend.team-c.BUF/server:c2.m4/linux,a history of 1 whole months is too short";
    assert!(said.contains(months), "{said}");
    // 100 GiB at 0.01; the average of servers times the hours of January at 0.01.
    let charges = table(&read(folder.path(), "out/charges.csv"));
    let january = |sku: &str| {
        let found = charges.iter().find(|row| {
            row["account"] == "team-a"
                && row["sku"] == sku
                && row["cycle_start"].starts_with("2027-01")
        });
        found.unwrap_or_else(|| panic!("{sku}"))
    };
    assert_eq!(january("transfer.out")["quantity"], "100.00000000");
    let mean = number(&of("team-a", "server:c1.m1", "2027-01-01")["mean"]);
    let hours = number(&january("server:c1.m1")["quantity"]);
    assert!((hours - mean * Decimal::from(744)).abs() < Decimal::ONE, "{hours} {mean}");
}

#[test]
fn the_log_of_a_trend_bills_to_the_same_charges() {
    let folder = folder();
    for more in [&["--trend"][..], &["--trend", "--attrition"]] {
        project(folder.path(), "out", &[more, &["--write-events", "--force"]].concat());
        let book = book();
        let arguments = [
            "bill",
            "history.csv",
            "out/events.csv",
            "--prices",
            &book,
            "--start",
            "2027-01-01",
            "--end",
            "2027-07-01",
            "--out",
            "bill",
            "--force",
        ];
        let output = sharebill(folder.path(), &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let of = |out: &str| read(folder.path(), &format!("{out}/charges.csv"));
        assert_eq!(of("out"), of("bill"), "{more:?}");
        assert!(of("out").lines().count() > 24);
    }
}

#[test]
fn many_runs_lie_around_the_mean() {
    let folder = folder();
    project(folder.path(), "mean", &["--trend"]);
    project(folder.path(), "runs", &["--trend", "--runs", "400", "--threads", "1"]);
    project(folder.path(), "two", &["--trend", "--runs", "400", "--threads", "2"]);
    for file in ["projection.csv", "projection_summary.csv", "trend.csv"] {
        let of = |out: &str| read(folder.path(), &format!("{out}/{file}"));
        assert_eq!(of("runs"), of("two"), "{file}");
    }
    let certain = table(&read(folder.path(), "mean/projection.csv"));
    let drawn = table(&read(folder.path(), "runs/projection.csv"));
    let mut compared = 0;
    for row in drawn.iter().filter(|row| row["category"] == "total") {
        let same = certain.iter().find(|other| {
            ["account", "month", "category"].iter().all(|column| other[*column] == row[*column])
        });
        let mean = number(&same.expect("the same row")["mean"]);
        let far = (number(&row["mean"]) - mean).abs();
        // Cents are rounded in each run.
        let room = number(&row["standard_error"]) * Decimal::from(3) + number("0.01");
        assert!(far <= room, "{row:?}: {mean}");
        if row["account"] == "team-a" {
            assert!(number(&row["p10"]) < number(&row["p90"]), "{row:?}");
            compared += 1;
        }
    }
    assert_eq!(compared, 6);
}

#[test]
fn a_trend_needs_a_history_and_a_plan_needs_either() {
    let folder = folder();
    fs::write(folder.path().join("plan.toml"), "[scenario]\nstart = \"2027-01-01\"\n")
        .expect("room");
    let book = book();
    let run = |more: &[&str]| {
        let arguments = [&["project", "--prices", &book, "--out", "out"], more].concat();
        sharebill(folder.path(), &arguments)
    };
    let output = run(&["--scenario", "plan.toml", "--trend"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--events"), "{}", stderr(&output));
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--scenario"), "{}", stderr(&output));
}
