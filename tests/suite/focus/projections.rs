//! Projections as FOCUS files: they are no invoices, and scenarios are told one by one.

use std::fs;
use std::path::Path;

use num_rational::BigRational;

use crate::focus::rules::check_rows;
use crate::focus::{Row, exported, number, rows_of};
use crate::support::{root, sharebill, stderr};

#[test]
fn a_projection_is_no_invoice() {
    let scratch = tempfile::tempdir().expect("a folder");
    for (runs, has_percentiles) in [("1", false), ("200", true)] {
        let out = scratch.path().join(runs).display().to_string();
        let scenario = "examples/rollout/scenario.toml";
        let arguments = ["project", "--scenario", scenario, "--prices", "pricing/rackspace-us"];
        let more = ["--months", "3", "--runs", runs, "--out", &out, "-q"];
        let output = sharebill(&root(), &[&arguments[..], &more[..]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        let rows = exported(Path::new(&out), "1.4", false);
        check_rows(&rows, runs);
        for row in &rows {
            assert_eq!(row["InvoiceId"], "");
            assert_eq!(row["InvoiceDetailId"], "");
            assert_eq!(row["x_RunKind"], "Projection");
            assert_eq!(row["x_Scenario"], "golden image rollout");
            assert_eq!(!row["x_P90"].is_empty(), has_percentiles);
        }
        // Everything together is what projection.csv says, less its totals.
        let projected = rows_of(&Path::new(&out).join("projection.csv"));
        let projected = projected.iter().filter(|row| row["category"] != "total");
        let expected: BigRational = projected.map(|row| number(&row["mean"])).sum();
        assert_eq!(sum(&rows, "BilledCost"), expected, "{runs} runs");
    }
}

#[test]
fn several_scenarios_are_told_one_by_one() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("plan").display().to_string();
    let text = fs::read_to_string(root().join("examples/rollout/scenario.toml")).expect("one");
    let other = scratch.path().join("other.toml").display().to_string();
    fs::write(&other, text.replace("golden image rollout", "007")).expect("a scenario");
    let first = "examples/rollout/scenario.toml";
    let arguments = ["project", "--scenario", first, "--scenario", &other, "--months", "1"];
    let more = ["--prices", "pricing/rackspace-us", "--runs", "1", "--out", &out, "-q"];
    let output = sharebill(&root(), &[&arguments[..], &more[..]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let file = scratch.path().join("out.csv").display().to_string();
    let arguments = ["export", &out, "--focus", "1.2", "--out", &file];
    let output = sharebill(&root(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("D03"), "{}", stderr(&output));
    assert!(!Path::new(&file).exists());
    let output = sharebill(&root(), &[&arguments[..], &["--scenario", "007"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let rows = rows_of(Path::new(&file));
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["x_Scenario"] == "scenario 007"));
}

fn sum(rows: &[Row], column: &str) -> BigRational {
    rows.iter().map(|row| number(&row[column])).sum()
}
