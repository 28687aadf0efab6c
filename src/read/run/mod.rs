//! What a run left in its folder, read back.

mod cells;
mod charges;
mod estimates;
mod info;
mod people;
mod projection;
mod rows;

pub use charges::read_charges;
pub use info::read_info;
pub use people::read_people;
pub use projection::{Projections, read_projections};
pub use rows::{RunRow, read_table};

use crate::diagnostic::{Code, Diagnostic};
use crate::read::long::LongRow;
use crate::read::table::abridged;
use crate::value::Currency;

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
