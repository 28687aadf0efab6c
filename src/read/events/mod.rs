//! Event logs to checked events: native CSV, JSON and Parquet here, foreign formats through
//! [`crate::read::foreign`].
//!
//! A row that cannot be read is set aside whole, with the reason; the rest goes on.

mod csv;
mod format;
mod json;
mod parquet;
mod row;

pub use csv::read_csv;
pub use format::{Foreign, Format, recognise};
pub use json::read_json;
pub use parquet::read_parquet;
pub use row::{COLUMNS, RowText};
pub(in crate::read) use row::{has_control, parse_time, read_checked, read_known};

pub(in crate::read) use csv::empty as empty_table;
pub(in crate::read) use json::object as json_object;
pub(in crate::read) use row::{Cell, Cells, read as read_row, read_into, unread};

use crate::diagnostic::Diagnostic;
use crate::event::{Event, EventKind, Origin};
use crate::value::{AccountId, NameIds, Names};
use crate::world::{Finding, FindingCode};

/// One input, in memory and decompressed.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Its number among the inputs.
    pub index: u32,
    /// Its name, as the user gave it.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What reading logs gives.
#[derive(Debug, Default)]
pub struct EventRows {
    /// The events, in the order in which they were read.
    pub events: Vec<Event>,
    /// The rows that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// What is wrong with whole inputs: columns, mostly.
    pub diagnostics: Vec<Diagnostic>,
    /// How many rows each input had.
    pub row_counts: Vec<u64>,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Why, as a finding on the row.
    pub finding: Finding,
    /// The row as it was, or what can be shown of it.
    pub raw: String,
}

/// Who reads native rows: gathers events, and findings about rows that are none.
pub(super) struct Reader<'a> {
    pub(super) input: Input<'a>,
    pub(super) names: &'a mut Names,
    pub(super) rows: &'a mut EventRows,
}

impl Reader<'_> {
    /// Takes one row of texts.
    fn take(&mut self, text: &RowText<'_>, origin: Origin, raw: impl FnOnce() -> String) {
        self.count();
        match row::read(text, origin, self.names) {
            Ok(event) => self.rows.events.push(event),
            Err(why) => {
                let finding = finding_on(text, origin, why, |name| self.names.account(name));
                self.rows.unreadable.push(Unreadable { finding, raw: raw() });
            }
        }
    }

    /// Sets a row aside that could not even be split into its fields.
    fn refuse(&mut self, origin: Origin, why: String, raw: String) {
        self.count();
        let finding = finding_on(&RowText::default(), origin, why, |_| AccountId::from(0));
        self.rows.unreadable.push(Unreadable { finding, raw });
    }

    fn count(&mut self) {
        let index = self.input.index as usize;
        if self.rows.row_counts.len() <= index {
            self.rows.row_counts.resize(index + 1, 0);
        }
        self.rows.row_counts[index] += 1;
    }
}

/// The finding on a row that cannot be read, with what of it can.
pub(in crate::read) fn finding_on(
    text: &RowText<'_>,
    origin: Origin,
    why: String,
    account: impl FnOnce(&str) -> AccountId,
) -> Finding {
    Finding {
        code: FindingCode::L00,
        origin,
        time: crate::value::Instant::parse(text.time).ok(),
        kind: EventKind::parse(text.event),
        actor: row::name(text.account).map(account),
        resource: row::name(text.resource).map(Into::into),
        message: why.into(),
    }
}
