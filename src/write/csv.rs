//! The smaller tables, as RFC 4180 with LF line ends.

use std::io::{self, Write};

use crate::read::events::RowText;
use crate::value::Names;
use crate::world::Finding;
use crate::write::{InputReport, RejectedRow};
use csv::{Terminator, Writer, WriterBuilder};

fn writer<W: Write>(out: W) -> Writer<W> {
    WriterBuilder::new().terminator(Terminator::Any(b'\n')).flexible(true).from_writer(out)
}

/// `findings.csv`.
///
/// # Errors
/// What `out` gives.
pub fn findings<W: Write>(
    out: W,
    findings: &[Finding],
    inputs: &[InputReport],
    names: &Names,
) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record([
        "code", "level", "file", "line", "time", "event", "account", "resource", "message",
    ])?;
    for finding in findings {
        table.write_record([
            finding.code.as_str(),
            finding.level().as_str(),
            inputs.get(finding.origin.input as usize).map_or("", |input| input.name.as_str()),
            &finding.origin.line.to_string(),
            &finding.time.map_or_else(String::new, |time| time.to_string()),
            finding.kind.map_or("", |kind| kind.as_str()),
            finding.actor.map_or("", |actor| names.accounts.text(actor)),
            finding.resource.as_deref().unwrap_or_default(),
            &finding.message,
        ])?;
    }
    table.flush()
}

/// `rejected.csv`: the rows as they were, by input and line, with the finding and its message behind.
/// A row that could not be split stands whole in the first column. `header` is the one that all inputs
/// share, if they do.
///
/// # Errors
/// What `out` gives.
pub fn rejected<W: Write>(
    out: W,
    header: Option<&[String]>,
    rows: impl Iterator<Item = RejectedRow>,
) -> io::Result<()> {
    let mut table = writer(out);
    let whole = ["record".to_owned()];
    let columns = header.unwrap_or(&whole);
    table.write_record(columns.iter().map(String::as_str).chain(["finding", "message"]))?;
    for row in rows {
        let fields = row.fields.unwrap_or_else(|| vec![row.raw]);
        let missing = std::iter::repeat_n("", columns.len().saturating_sub(fields.len()));
        let behind = [row.code.as_str(), &row.message];
        table.write_record(fields.iter().map(String::as_str).chain(missing).chain(behind))?;
    }
    table.flush()
}

/// Native events, with the header.
///
/// # Errors
/// What `out` gives.
pub fn events<'a, W: Write>(out: W, rows: impl Iterator<Item = RowText<'a>>) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record(crate::read::events::COLUMNS.map(|column| column.name))?;
    for row in rows {
        table.write_record(row.to_columns())?;
    }
    table.flush()
}
