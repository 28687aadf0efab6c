//! What the cases of a conformance suite came to: for people, and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::conformance::{Difference, Verdict};
use crate::write::json::to_text;
use crate::write::text::visible;

/// How many differences of one run are told to people.
const MOST: usize = 8;

/// For people: a line a case, what differs below it, and the sum of it.
#[must_use]
pub fn text(verdicts: &[Verdict], shows_passed: bool) -> String {
    let mut text = String::new();
    for verdict in verdicts {
        if verdict.is_passed() && !shows_passed {
            continue;
        }
        let result = if verdict.is_passed() { "ok  " } else { "FAIL" };
        let _ = writeln!(text, "{result}  {}", visible(&verdict.case));
        if !verdict.is_passed() && !verdict.pins.is_empty() {
            let _ = writeln!(text, "      it pins: {}", visible(&verdict.pins));
        }
        for (policy, differences) in &verdict.runs {
            for difference in differences.iter().take(MOST) {
                let _ = writeln!(text, "      --policy {policy}: {}", visible(&told(difference)));
            }
            if differences.len() > MOST {
                let more = differences.len() - MOST;
                let _ = writeln!(text, "      --policy {policy}: and {more} more");
            }
        }
    }
    let counts = Counts::of(verdicts);
    let many = |count: usize| if count == 1 { "" } else { "s" };
    let (cases, runs) = (counts.cases, counts.runs);
    let _ = write!(text, "{cases} case{}, {runs} run{}: ", many(cases), many(runs));
    let _ = writeln!(text, "{} passed, {} failed", counts.passed, counts.failed);
    text
}

/// One difference, in a line.
fn told(difference: &Difference) -> String {
    match difference {
        Difference::Failed { message } => format!("the engine failed: {message}"),
        Difference::Case { file, message } => format!("the case's {file} is wrong: {message}"),
        Difference::Unreadable { file, message } => format!("{file}: {message}"),
        Difference::NoColumn { file, column } => format!("{file} has no column `{column}`"),
        Difference::NoRow { file, row } => format!("{file} lacks the row {row}"),
        Difference::ExtraRow { file, row } => format!("{file} has a row too many: {row}"),
        Difference::Cell { file, row, column, expected, got } => {
            format!("{file}, {row}: {column} is expected to be {expected}, and is {got}")
        }
    }
}

#[derive(Serialize)]
struct Counts {
    cases: usize,
    runs: usize,
    passed: usize,
    failed: usize,
}

impl Counts {
    fn of(verdicts: &[Verdict]) -> Counts {
        let passed = verdicts.iter().filter(|verdict| verdict.is_passed()).count();
        Counts {
            cases: verdicts.len(),
            runs: verdicts.iter().map(|verdict| verdict.runs.len()).sum(),
            passed,
            failed: verdicts.len() - passed,
        }
    }
}

#[derive(Serialize)]
struct SuiteJson<'a> {
    program: &'a str,
    version: &'a str,
    #[serde(flatten)]
    counts: Counts,
    results: Vec<CaseJson<'a>>,
}

#[derive(Serialize)]
struct CaseJson<'a> {
    case: &'a str,
    pins: &'a str,
    passed: bool,
    policies: Vec<&'a str>,
    differences: Vec<DifferenceJson<'a>>,
}

#[derive(Serialize, Default)]
struct DifferenceJson<'a> {
    policy: &'a str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl<'a> DifferenceJson<'a> {
    fn of(policy: &'a str, difference: &'a Difference) -> DifferenceJson<'a> {
        let none = DifferenceJson { policy, ..DifferenceJson::default() };
        match difference {
            Difference::Failed { message } => {
                DifferenceJson { what: "engine-failed", message: Some(message), ..none }
            }
            Difference::Case { file, message } => DifferenceJson {
                what: "case-wrong",
                file: Some(file),
                message: Some(message),
                ..none
            },
            Difference::Unreadable { file, message } => DifferenceJson {
                what: "unreadable",
                file: Some(file),
                message: Some(message),
                ..none
            },
            Difference::NoColumn { file, column } => DifferenceJson {
                what: "column-missing",
                file: Some(file),
                column: Some(column),
                ..none
            },
            Difference::NoRow { file, row } => {
                DifferenceJson { what: "row-missing", file: Some(file), row: Some(row), ..none }
            }
            Difference::ExtraRow { file, row } => {
                DifferenceJson { what: "row-unexpected", file: Some(file), row: Some(row), ..none }
            }
            Difference::Cell { file, row, column, expected, got } => DifferenceJson {
                what: "cell",
                file: Some(file),
                row: Some(row),
                column: Some(column),
                expected: Some(expected),
                got: Some(got),
                ..none
            },
        }
    }
}

/// All of it for machines.
#[must_use]
pub fn json(verdicts: &[Verdict]) -> String {
    let results = verdicts.iter().map(|verdict| CaseJson {
        case: &verdict.case,
        pins: &verdict.pins,
        passed: verdict.is_passed(),
        policies: verdict.runs.iter().map(|(policy, _)| *policy).collect(),
        differences: verdict
            .runs
            .iter()
            .flat_map(|(policy, found)| found.iter().map(|one| DifferenceJson::of(policy, one)))
            .collect(),
    });
    to_text(&SuiteJson {
        program: "sharebill",
        version: env!("CARGO_PKG_VERSION"),
        counts: Counts::of(verdicts),
        results: results.collect(),
    })
}
