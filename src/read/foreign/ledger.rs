//! Where results are written down: rows, problems, and the table of what became of each record.

use super::problem::{Fault, Problem};
use super::records::Record;
use super::table::{Fate, Table, TypeId};
use super::{Conversion, NativeRow};

/// A record that is being read.
#[derive(Debug, Clone, Copy)]
pub(in crate::read) struct Source<'a> {
    pub(in crate::read) file: usize,
    /// Counts the records that were fed; tells apart files that were fed under one number.
    pub(in crate::read) serial: u64,
    pub(in crate::read) record: &'a Record<'a>,
    pub(in crate::read) id: &'a str,
    pub(in crate::read) type_id: TypeId,
}

impl Source<'_> {
    /// What is kept of it until everything has been read.
    pub(in crate::read) fn keep(&self) -> Origin {
        Origin {
            place: self.place(),
            line: self.record.line,
            record: String::from_utf8_lossy(self.record.bytes).into(),
            id: self.id.into(),
            type_id: self.type_id,
        }
    }

    pub(in crate::read) fn place(&self) -> Place {
        Place { file: self.file, offset: self.record.offset, serial: self.serial }
    }
}

/// Names a record, and orders records as the input does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::read) struct Place {
    file: usize,
    offset: usize,
    serial: u64,
}

/// A record that was read: enough to make a row or a problem of it.
#[derive(Debug)]
pub(in crate::read) struct Origin {
    pub(in crate::read) place: Place,
    pub(in crate::read) line: u64,
    pub(in crate::read) record: Box<str>,
    pub(in crate::read) id: Box<str>,
    pub(in crate::read) type_id: TypeId,
}

impl Origin {
    /// The row of a native event, with everything that the record's place tells.
    pub(in crate::read) fn row(&self, event: &str, time: impl ToString) -> NativeRow {
        NativeRow {
            file: self.place.file,
            line: self.line,
            record: self.record.to_string(),
            time: time.to_string(),
            event: event.to_string(),
            id: self.id.to_string(),
            ..NativeRow::default()
        }
    }
}

/// What a problem is about, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(in crate::read) struct About {
    pub(in crate::read) time: String,
    pub(in crate::read) account: String,
    pub(in crate::read) resource: String,
}

/// Everything that has been told so far.
#[derive(Debug, Default)]
pub(in crate::read) struct Ledger {
    pub(in crate::read) table: Table,
    rows: Vec<(Place, NativeRow)>,
    problems: Vec<(Place, Problem)>,
}

impl Ledger {
    /// A native event, and the fate of its record.
    pub(in crate::read) fn accept(&mut self, origin: &Origin, row: NativeRow) {
        self.table.settle(origin.type_id, Fate::Used, "");
        self.add_row(origin, row);
    }

    /// One more native event of a record whose fate has been told.
    pub(in crate::read) fn add_row(&mut self, origin: &Origin, row: NativeRow) {
        self.rows.push((origin.place, row));
    }

    /// A problem, and the fate of its record.
    pub(in crate::read) fn refuse(&mut self, origin: &Origin, fault: Fault, about: About) {
        self.table.settle(origin.type_id, Fate::LeftOut, fault.code.in_words());
        let problem = Problem {
            file: origin.place.file,
            line: origin.line,
            record: origin.record.to_string(),
            time: about.time,
            event: self.table.name(origin.type_id).to_string(),
            account: about.account,
            resource: about.resource,
            code: fault.code,
            message: fault.message,
        };
        self.problems.push((origin.place, problem));
    }

    /// Rows and problems in the order of the input.
    pub(in crate::read) fn finish(mut self) -> Conversion {
        self.rows.sort_by_key(|(place, _)| *place);
        self.problems.sort_by_key(|(place, _)| *place);
        Conversion {
            rows: self.rows.into_iter().map(|(_, row)| row).collect(),
            table: self.table.finish(),
            problems: self.problems.into_iter().map(|(_, problem)| problem).collect(),
        }
    }
}
