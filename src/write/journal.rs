//! `journal.csv`: a run for a general ledger.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use crate::run::journal::{JournalLine, LineKind};
use crate::value::Exact;

/// The columns.
const HEADER: [&str; 11] = [
    "entry",
    "line",
    "month",
    "ledger_account",
    "debit",
    "credit",
    "currency",
    "account",
    "cost_center",
    "kind",
    "description",
];

/// Writes the lines; those of a currency and month are one entry.
///
/// # Errors
/// What `out` gives.
pub fn write<W: Write>(out: W, lines: &[JournalLine]) -> io::Result<()> {
    let mut table =
        WriterBuilder::new().terminator(Terminator::Any(b'\n')).flexible(true).from_writer(out);
    table.write_record(HEADER)?;
    let by_entry =
        |a: &JournalLine, b: &JournalLine| (&a.currency, &a.month) == (&b.currency, &b.month);
    for entry in lines.chunk_by(by_entry) {
        // As many decimals in all lines: people compare them.
        let amounts = entry.iter().flat_map(|line| [line.debit, line.credit]);
        let digits = amounts.map(|amount| amount.normalized().decimals()).max().unwrap_or(0);
        for (number, line) in (1..).zip(entry) {
            let number: u64 = number;
            table.write_record([
                &format!("sharebill-{}-{}", line.currency, line.month),
                &number.to_string(),
                &line.month,
                &line.ledger,
                &fixed(line.debit, digits),
                &fixed(line.credit, digits),
                &line.currency,
                &line.account,
                &line.cost_center,
                kind(line.kind),
                &description(line),
            ])?;
        }
    }
    table.flush()
}

fn kind(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Charges => "charges",
        LineKind::Clearing => "clearing",
        LineKind::Rounding => "rounding",
    }
}

fn description(line: &JournalLine) -> String {
    match line.kind {
        LineKind::Charges => format!("Charges of {} for {}", line.account, line.month),
        LineKind::Clearing => format!("Statement of {} for {}", line.account, line.month),
        LineKind::Rounding => format!("Rounding of {}", line.month),
    }
}

fn fixed(amount: Exact, digits: u32) -> String {
    let mut bytes = Vec::new();
    crate::write::field::number(&mut bytes, amount.at(digits).unwrap_or_default(), digits);
    String::from_utf8(bytes).unwrap_or_default()
}
