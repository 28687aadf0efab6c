//! `run.json`, read back.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::read::run::not_a_run;
use crate::run::{BookInfo, FindingInfo, InputInfo, RunInfo, RunKind, ScenarioInfo};
use crate::value::{Currency, Instant, parse_decimal};

#[derive(Deserialize)]
struct RunJson {
    program: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    kind: String,
    book: Option<BookInfo>,
    start: Option<String>,
    end: Option<String>,
    #[serde(default)]
    arguments: BTreeMap<String, String>,
    #[serde(default)]
    inputs: Vec<InputInfo>,
    #[serde(default)]
    findings: FindingInfo,
    #[serde(default)]
    totals: BTreeMap<String, String>,
    #[serde(default)]
    scenarios: Vec<ScenarioInfo>,
}

/// Reads `run.json`; `folder` is the run's.
///
/// # Errors
/// Where this program did not write it.
pub fn read_info(folder: &str, bytes: &[u8]) -> Result<RunInfo, Diagnostic> {
    let run = serde_json::from_slice::<RunJson>(bytes).ok();
    let run = run.filter(|run| run.program == env!("CARGO_PKG_NAME"));
    let Some(run) = run else { return Err(not_a_run(folder, "its run.json is not sharebill's")) };
    let instant =
        |text: Option<String>| text.and_then(|text| Instant::parse_date_or_instant(&text).ok());
    let total =
        run.totals.iter().next().and_then(|(code, total)| {
            Some((Currency::from_code(code)?, parse_decimal(total).ok()?))
        });
    Ok(RunInfo {
        kind: if run.kind == "projection" { RunKind::Projection } else { RunKind::Bill },
        version: run.version,
        book: run.book,
        start: instant(run.start),
        end: instant(run.end),
        arguments: run.arguments,
        inputs: run.inputs,
        findings: run.findings,
        total,
        scenarios: run.scenarios,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn a_run_is_told_by_its_program() {
        let info = read_info(
            "march",
            br#"{"program":"sharebill","version":"9","book":{"id":"us","title":"x"},
                "start":"2016-03-01T00:00:00Z","end":"2016-04-01T00:00:00Z","rows":{},
                "inputs":[{"name":"e.csv","format":"csv","size":3,"sha256":"ab","rows_read":1}],
                "totals":{"USD":"4.10"}}"#,
        );
        let info = info.unwrap();
        assert_eq!(info.book.as_ref().unwrap().id, "us");
        assert_eq!(info.start.unwrap().to_string(), "2016-03-01T00:00:00Z");
        assert_eq!(info.input("e.csv").unwrap().sha256, "ab");
        assert_eq!(info.kind, RunKind::Bill);
        let (currency, total) = info.total.unwrap();
        assert_eq!((currency.code(), total.to_string().as_str()), ("USD", "4.10"));
        assert_eq!(read_info("f", br#"{"program":"sharebill"}"#).unwrap(), RunInfo::default());
        for text in ["", "{", "[]", r#"{"program":"other"}"#, r#"{"version":"1"}"#] {
            let why = read_info("march", text.as_bytes()).unwrap_err();
            assert_eq!(why.code, Code::NotARun, "{text}");
        }
    }

    #[test]
    fn a_projection_says_so() {
        let text = br#"{"program":"sharebill","version":"1","kind":"projection",
            "scenarios":[{"name":"base","runs":200,"totals":{"USD":"1"}}]}"#;
        let info = read_info("f", text).unwrap();
        assert_eq!(info.kind, RunKind::Projection);
        assert_eq!(info.scenarios, [ScenarioInfo { name: "base".to_owned(), runs: 200 }]);
    }
}
