//! What a run left in its folder, read back: `run.json`, `charges.csv`, `projection.csv`.

mod charges;
mod projection;

pub use charges::read_charges;
pub use projection::{Projections, read_projections};

use serde::Deserialize;

use crate::diagnostic::{Code, Diagnostic};
use crate::read::long::LongRow;
use crate::read::table::abridged;
use crate::value::{Currency, Instant};

/// What `run.json` tells of a run, as far as a comparison asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunInfo {
    /// The price book's id.
    pub book: Option<String>,
    /// The run's first instant.
    pub start: Option<Instant>,
    /// The first instant after it.
    pub end: Option<Instant>,
}

#[derive(Deserialize)]
struct RunJson {
    program: String,
    book: Option<BookJson>,
    start: Option<String>,
    end: Option<String>,
}

#[derive(Deserialize)]
struct BookJson {
    id: Option<String>,
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
    Ok(RunInfo {
        book: run.book.and_then(|book| book.id),
        start: instant(run.start),
        end: instant(run.end),
    })
}

/// The currency of a row, which is to be that of the rows before it.
fn currency_of(
    row: &LongRow<'_>,
    column: usize,
    known: &mut Option<Currency>,
) -> Result<Currency, Diagnostic> {
    let code = row.text(column)?;
    match known {
        Some(known) if known.code() == code => Ok(*known),
        Some(known) => {
            let message = format!("`{}` in a run in {known}", abridged(&code));
            Err(row
                .wrong(column, Code::CurrenciesDiffer, message, "another currency than above")
                .help("a run has one currency; sharebill does not convert"))
        }
        None => {
            let currency = Currency::from_code(&code).ok_or_else(|| {
                let message = format!("`{}` is not a currency", abridged(&code));
                row.wrong(column, Code::ValueWrong, message, "a code of ISO 4217 is expected")
            })?;
            *known = Some(currency);
            Ok(currency)
        }
    }
}

/// What to say about a folder that is no run.
#[must_use]
pub fn not_a_run(folder: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::NotARun, format!("`{folder}` is not the folder of a run: {why}"))
        .help("name a folder that `sharebill bill --out` wrote, with its run.json and charges.csv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_told_by_its_program() {
        let info = read_info(
            "march",
            br#"{"program":"sharebill","version":"9","book":{"id":"us","title":"x"},
                "start":"2016-03-01T00:00:00Z","end":"2016-04-01T00:00:00Z","rows":{}}"#,
        );
        let info = info.unwrap();
        assert_eq!(info.book.as_deref(), Some("us"));
        assert_eq!(info.start.unwrap().to_string(), "2016-03-01T00:00:00Z");
        assert_eq!(read_info("f", br#"{"program":"sharebill"}"#).unwrap(), RunInfo::default());
        for text in ["", "{", "[]", r#"{"program":"other"}"#, r#"{"version":"1"}"#] {
            let why = read_info("march", text.as_bytes()).unwrap_err();
            assert_eq!(why.code, Code::NotARun, "{text}");
        }
    }
}
