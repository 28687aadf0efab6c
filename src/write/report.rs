//! Everything that is to be said about one run.

use std::sync::Arc;

use crate::bill::{SharingCounts, Totals};
use crate::book::Book;
use crate::value::Names;
use crate::world::{Finding, FindingCode, Level};

/// The sums of a finished bill, with what it was made of.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The sums of the bill.
    pub totals: &'a Totals,
    /// How much of sharing there was.
    pub sharing: SharingCounts,
    /// The prices.
    pub book: &'a Book,
    /// All names.
    pub names: &'a Names,
    /// The inputs, in the order in which they were given.
    pub inputs: &'a [InputReport],
    /// What decides the result, as `(name, value)`.
    pub arguments: &'a [(String, String)],
    /// Findings of the bill and of rows that could not be read, by time and place.
    pub findings: &'a [Finding],
}

/// One input, for `run.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputReport {
    /// Its name as the user gave it.
    pub name: String,
    /// Its format; empty for what is no event log.
    pub format: String,
    /// Its size in bytes, as it is on disk.
    pub size: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Rows or records read.
    pub rows_read: u64,
    /// Rows that became an applied event.
    pub rows_used: u64,
    /// Rows dropped as a repeat of the same id with the same content.
    pub rows_repeated: u64,
    /// Rows at or after the end of the run.
    pub rows_after_end: u64,
    /// Rows set aside.
    pub rows_rejected: u64,
    /// Records that say nothing about money (foreign formats), or were merged into another.
    pub rows_left_out: u64,
}

/// One row that was set aside, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Its fields, where it could be split into as many as the header has.
    pub fields: Option<Vec<String>>,
    /// The row as it was.
    pub raw: String,
    /// The finding that decided it.
    pub code: FindingCode,
    /// Why.
    pub message: Arc<str>,
}

impl Report<'_> {
    /// How many findings of a level there are.
    #[must_use]
    pub fn finding_count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level() == level).count()
    }
}
