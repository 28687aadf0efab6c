//! The command as people use it: two months, cycles, folders, forecasts and scenarios.

use std::fs;
use std::path::Path;

use num_rational::BigRational;
use sharebill::compare::Parts;
use tempfile::TempDir;

use crate::compare::{column, number};
use crate::support::{root, sharebill, stderr, stdout};

/// Bills of the example for some months, and a place for more. One of its accounts has cycles that
/// begin in the middle of a month.
fn example(spans: &[(&str, &str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let root = root();
    let path = |name: &str| root.join(name).display().to_string();
    let events = path("examples/golden-image/events.csv");
    let accounts = path("examples/golden-image/accounts.csv");
    let prices = path("pricing/rackspace-us");
    for (name, start, end) in spans {
        let output = sharebill(
            folder.path(),
            &[
                "bill",
                &events,
                "--accounts",
                &accounts,
                "--prices",
                &prices,
                "--start",
                start,
                "--end",
                end,
                "--out",
                name,
                "--quiet",
            ],
        );
        assert!(output.status.success(), "{}", stderr(&output));
    }
    folder
}

const APRIL: (&str, &str, &str) = ("april", "2016-04-01", "2016-05-01");
const MAY: (&str, &str, &str) = ("may", "2016-05-01", "2016-06-01");

/// What a command prints; it has to succeed.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = sharebill(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    assert_eq!(stderr(&output), "", "{arguments:?}");
    stdout(&output)
}

fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    serde_json::from_str(&said(folder, &arguments)).expect("JSON")
}

#[test]
fn two_months_are_compared_in_text_tables_and_json() {
    let folder = example(&[APRIL, MAY]);
    let folder = folder.path();
    let text = said(folder, &["compare", "april", "may", "--top", "2", "--out", "why"]);
    for expected in [
        "All cycles of A, added up, beside all cycles of B",
        "Why B differs from A, in USD",
        "TOTAL     1,753.81  1,637.38     -116.43   -6.6",
        "and 4 more",
        "Written to why: comparison.csv, comparison_summary.csv, comparison.json",
    ] {
        assert!(text.contains(expected), "{expected}:\n{text}");
    }
    let rows = fs::read_to_string(folder.join("why/comparison.csv")).expect("a table");
    let sum = |text: &str, name: &str| -> BigRational {
        column(text, name).iter().map(|text| number(text)).sum()
    };
    let parts: BigRational = Parts::NAMES.iter().map(|part| sum(&rows, part)).sum();
    assert_eq!(parts, number("-116.43"));
    let accounts = fs::read_to_string(folder.join("why/comparison_summary.csv")).expect("a table");
    for name in ["amount_a", "amount_b", "difference", "price", "volume", "mix", "new"] {
        assert_eq!(sum(&rows, name), sum(&accounts, name), "{name}");
    }
    assert_eq!(column(&accounts, "account").len(), 6);

    let json = json(folder, &["compare", "april", "may", "--top", "1"]);
    assert_eq!(json["total"]["difference"], "-116.43");
    assert_eq!(json["top_accounts"][0]["account"], "data");
    assert_eq!(json["top_accounts"][0]["rows"].as_array().map(Vec::len), Some(7));
    let written = fs::read_to_string(folder.join("why/comparison.json")).expect("JSON");
    assert!(written.contains("\"program\": \"sharebill\""));
}

#[test]
fn cycles_stand_beside_cycles() {
    let folder =
        example(&[("two", "2016-03-01", "2016-05-01"), ("later", "2016-04-01", "2016-06-01")]);
    let folder = folder.path();
    let text = said(folder, &["compare", "two", "later", "--by-cycle", "--out", "why"]);
    assert!(text.contains("Each cycle of A beside the cycle of B at the same place"), "{text}");
    assert!(text.contains("\nCycle by cycle\n"), "{text}");
    let rows = fs::read_to_string(folder.join("why/comparison.csv")).expect("a table");
    let mut cycles = column(&rows, "cycle");
    cycles.sort();
    cycles.dedup();
    assert_eq!(cycles, ["0", "1", "2"], "one account's cycle begins before the run");
    let by_cycle = json(folder, &["compare", "two", "later", "--by-cycle"]);
    let sums = by_cycle["by_cycle"].as_array().expect("cycles");
    let sum: BigRational =
        sums.iter().map(|sum| number(sum["difference"].as_str().expect("money"))).sum();
    assert_eq!(sums.len(), 3);
    assert_eq!(sum, number(by_cycle["total"]["difference"].as_str().expect("money")));
    // Added up, cycles give what the whole runs give.
    said(folder, &["compare", "two", "later", "--out", "whole"]);
    let whole = fs::read_to_string(folder.join("whole/comparison.csv")).expect("a table");
    for name in ["amount_a", "amount_b", "difference"] {
        let sum = |text: &str| -> BigRational {
            column(text, name).iter().map(|text| number(text)).sum()
        };
        assert_eq!(sum(&rows), sum(&whole), "{name}");
    }
}

#[test]
fn a_folder_of_a_comparison_is_replaced_only_if_told() {
    let folder = example(&[APRIL, MAY]);
    let folder = folder.path();
    said(folder, &["compare", "april", "may", "--out", "why"]);
    let again = sharebill(folder, &["compare", "may", "april", "--out", "why"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("[F03]"), "{}", stderr(&again));
    said(folder, &["compare", "may", "april", "--out", "why", "--force"]);
    // A run is no comparison, and no comparison is a run.
    let over_run = sharebill(folder, &["compare", "april", "may", "--out", "may", "--force"]);
    assert!(stderr(&over_run).contains("[F03]"), "{}", stderr(&over_run));
    let of_comparison = sharebill(folder, &["compare", "april", "why"]);
    assert!(stderr(&of_comparison).contains("[D01]"), "{}", stderr(&of_comparison));
    assert!(folder.join("may/charges.csv").is_file(), "the run is still there");
}

/// Writes a projection's folder.
fn project(folder: &Path, name: &str, rows: &[&str]) {
    let folder = folder.join(name);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("run.json"), r#"{"program":"sharebill"}"#).expect("a file");
    let header = "scenario,account,month,category,mean,p5,p10,p50,p90,p95,budget,\
                  over_budget_probability,currency,standard_error";
    let text = format!("{header}\n{}\n", rows.join("\n"));
    fs::write(folder.join("projection.csv"), text).expect("a file");
}

#[test]
fn a_forecast_is_measured_against_what_it_came_to() {
    let folder = example(&[APRIL, MAY]);
    let folder = folder.path();
    project(
        folder,
        "plan",
        &[
            "base,storefront,2016-05,servers,460,,,,,,,,USD,",
            "base,storefront,2016-05,total,460.00,440,450,,470,480,,,USD,5",
            "base,storefront,2016-06,servers,999,,,,,,,,USD,",
            "base,storefront,2016-06,total,999,,,,,,,,USD,",
            "base,gone,2016-05,fee,10,,,,,,,,USD,",
            "base,gone,2016-05,total,10,,,,,,,,USD,",
            "double,storefront,2016-05,servers,1600,,,,,,,,USD,",
            "double,storefront,2016-05,total,1600,,,,,,,,USD,",
        ],
    );
    let compared = json(folder, &["compare", "plan", "may", "--scenario", "base"]);
    assert_eq!(compared["months"], serde_json::json!(["2016-05"]));
    assert_eq!(compared["split"], false);
    assert_eq!(compared["total"]["amount_a"], "470.00");
    assert_eq!(compared["total"]["amount_b"], "1123.47");
    assert_eq!(compared["total"]["ended"], "-10.00");
    // Accounts whose cycles begin in April.
    assert_eq!(compared["b"]["not_compared"], "513.91");
    // All cycles of May, but for `storefront`, whom the forecast knows: 1123.47 − 456.20.
    assert_eq!(compared["total"]["new"], "667.27");
    assert_eq!(compared["total"]["unsplit"], "-3.80");
    // 3.80 + 10 + 667.27 of 1123.47, and 470 − 1123.47 of it.
    assert_eq!(compared["accuracy"]["wape_percent"], "60.62");
    assert_eq!(compared["accuracy"]["bias_percent"], "-58.17");
    assert_eq!(compared["accuracy"]["maturity"], "none");
    let known = &compared["accuracy"]["top_accounts"]["storefront"];
    assert_eq!((&known["wape_percent"], &known["maturity"]), (&"0.83".into(), &"run".into()));
    assert_eq!(known["within_p10_p90_percent"], "100.00");

    let arguments = ["compare", "plan", "may", "--scenario", "base", "--out", "why"];
    let text = said(folder, &arguments);
    assert!(text.contains("The 1 month that both have: 2016-05"), "{text}");
    assert!(text.contains("Not compared: 513.91 USD of B"), "{text}");
    assert!(text.contains("Forecast accuracy: A as the forecast, B actual; 7 months"), "{text}");
    let accuracy = fs::read_to_string(folder.join("why/accuracy.csv")).expect("a table");
    assert_eq!(column(&accuracy, "account")[..3], ["", "data", "gone"]);
    assert_eq!(column(&accuracy, "wape_percent")[..3], ["60.62", "100.00", ""]);
}

#[test]
fn scenarios_are_chosen_by_name() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    project(
        folder,
        "plan",
        &[
            "base,acme,2016-07,servers,100.00,,,,,,,,USD,",
            "base,acme,2016-07,total,100.00,,,,,,,,USD,",
            "double,acme,2016-07,servers,200.50,,,,,,,,USD,",
            "double,acme,2016-07,total,200.50,,,,,,,,USD,",
        ],
    );
    let both = ["compare", "plan", "--scenario", "base", "--against", "double"];
    let compared = json(folder, &both);
    assert_eq!(compared["total"]["difference"], "100.50");
    assert_eq!(compared["total"]["unsplit"], "100.50");
    assert_eq!(
        (&compared["a"]["scenario"], &compared["b"]["scenario"]),
        (&"base".into(), &"double".into())
    );
    for (arguments, code) in [
        (&["compare", "plan", "--against", "double"][..], 1),
        (&["compare", "plan", "plan", "--scenario", "base", "--against", "treble"], 1),
        (&["compare", "plan"], 2),
    ] {
        let output = sharebill(folder, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(code == 2 || stderr(&output).contains("[D03]"), "{}", stderr(&output));
    }
}

#[test]
fn a_projection_with_charges_is_split_by_them() {
    let folder = example(&[MAY]);
    let folder = folder.path();
    // A deterministic projection of May and June: the charges of May, and a row for June.
    project(
        folder,
        "plan",
        &["base,data,2016-05,total,786.13,,,,,,,,USD,", "base,data,2016-06,total,1,,,,,,,,USD,"],
    );
    let charges = fs::read_to_string(folder.join("may/charges.csv")).expect("charges");
    let june = "data,2016-06-01T00:00:00Z,2016-07-01T00:00:00Z,image.storage,*,GB-month,0,\
                10.00000000,0.10,1.00,USD,2015-01-01T00:00:00Z,R1\n";
    fs::write(folder.join("plan/charges.csv"), charges + june).expect("a file");
    let compared = json(folder, &["compare", "plan", "may"]);
    assert_eq!(compared["split"], true);
    assert_eq!(compared["months"], serde_json::json!(["2016-05"]));
    for part in Parts::NAMES.iter().chain(&["difference"]) {
        assert_eq!(compared["total"][part], "0.00", "{part}");
    }
    assert_eq!(compared["total"]["amount_a"], "1123.47");
}
