//! What became of each record: one record may tell of several things, and ends in one fate.

use super::call::Call;
use super::described::{Described, Note};
use crate::read::foreign::NativeRow;
use crate::read::foreign::ledger::{About, Ledger, Origin};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::table::Fate;
use crate::read::foreign::time::Moment;

/// How many problems of one record are told one by one.
const TOLD: usize = 3;

const NOT_NEEDED: &str = "describes nothing that the trail has open";

/// Names a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(usize);

/// What came of all records so far.
#[derive(Debug)]
pub(super) struct Verdicts<'a> {
    origins: Vec<&'a Origin>,
    verdicts: Vec<Verdict>,
    call_count: usize,
}

#[derive(Debug, Default)]
struct Verdict {
    rows: Vec<NativeRow>,
    problems: Vec<(Fault, About)>,
    /// What is to be known of its rows.
    remark: Option<&'static str>,
    merged: Option<&'static str>,
    left_out: Option<&'static str>,
}

impl<'a> Verdicts<'a> {
    pub(super) fn new(calls: &'a [Call], described: &'a Described) -> Verdicts<'a> {
        let origins = calls.iter().map(|call| &call.origin).chain(&described.origins);
        let origins: Vec<&Origin> = origins.collect();
        let verdicts = origins.iter().map(|_| Verdict::default()).collect();
        Verdicts { origins, verdicts, call_count: calls.len() }
    }

    /// The record of a call, by its number.
    pub(super) fn call(&self, number: usize) -> Key {
        Key(number)
    }

    /// The record of a description.
    pub(super) fn note(&self, note: Note) -> Key {
        Key(self.call_count + note)
    }

    /// A row that tells of a record, with everything that the record's place tells.
    pub(super) fn blank(&self, key: Key, event: &str, time: Moment) -> NativeRow {
        self.origins.get(key.0).map(|origin| origin.row(event, time)).unwrap_or_default()
    }

    /// A native event.
    pub(super) fn row(&mut self, key: Key, row: NativeRow) {
        if let Some(verdict) = self.verdicts.get_mut(key.0) {
            verdict.rows.push(row);
        }
    }

    pub(super) fn problem(&mut self, key: Key, fault: Fault, about: About) {
        if let Some(verdict) = self.verdicts.get_mut(key.0) {
            verdict.problems.push((fault, about));
        }
    }

    /// Something to be known of a record that is used.
    pub(super) fn remark(&mut self, key: Key, why: &'static str) {
        if let Some(verdict) = self.verdicts.get_mut(key.0) {
            verdict.remark.get_or_insert(why);
        }
    }

    /// Says nothing that others do not say, or gives them what they lack.
    pub(super) fn merged(&mut self, key: Key, why: &'static str) {
        if let Some(verdict) = self.verdicts.get_mut(key.0) {
            verdict.merged.get_or_insert(why);
        }
    }

    pub(super) fn left_out(&mut self, key: Key, why: &'static str) {
        if let Some(verdict) = self.verdicts.get_mut(key.0) {
            verdict.left_out.get_or_insert(why);
        }
    }

    /// Writes it all down.
    pub(super) fn finish(self, ledger: &mut Ledger) {
        for (origin, verdict) in self.origins.into_iter().zip(self.verdicts) {
            verdict.finish(origin, ledger);
        }
    }
}

impl Verdict {
    /// Rows make a record used. A problem that stands beside rows is one of a part of the record,
    /// and is counted as such: the table would not add up otherwise.
    fn finish(self, origin: &Origin, ledger: &mut Ledger) {
        let has_rows = !self.rows.is_empty();
        if has_rows {
            let remark = self.remark.unwrap_or_default();
            ledger.table.settle(origin.type_id, Fate::Used, remark);
        }
        for row in with_ids(self.rows) {
            ledger.add_row(origin, row);
        }
        match together(self.problems) {
            Some((fault, about)) if has_rows => {
                let name = format!("{} (a part)", ledger.table.name(origin.type_id));
                let part = Origin {
                    place: origin.place,
                    line: origin.line,
                    record: origin.record.clone(),
                    id: "".into(),
                    type_id: ledger.table.read(&name),
                };
                ledger.refuse(&part, fault, about);
            }
            Some((fault, about)) => ledger.refuse(origin, fault, about),
            None if has_rows => {}
            None => {
                let (fate, why) = match (self.merged, self.left_out) {
                    (Some(why), _) => (Fate::Merged, why),
                    (None, why) => (Fate::LeftOut, why.unwrap_or(NOT_NEEDED)),
                };
                ledger.table.settle(origin.type_id, fate, why);
            }
        }
    }
}

/// Ids are those of single events (L15): a record that tells several gives each one of its own.
fn with_ids(mut rows: Vec<NativeRow>) -> Vec<NativeRow> {
    if rows.len() > 1 {
        for row in rows.iter_mut().filter(|row| !row.id.is_empty()) {
            let of = if row.member.is_empty() { &row.resource } else { &row.member };
            row.id = format!("{}/{}/{of}", row.id, row.event);
        }
    }
    rows
}

/// The problems of one record as one.
fn together(problems: Vec<(Fault, About)>) -> Option<(Fault, About)> {
    let count = problems.len();
    let mut problems = problems.into_iter();
    let (mut fault, about) = problems.next()?;
    for (other, _) in problems.take(TOLD - 1) {
        fault.message = format!("{}; {}", fault.message, other.message);
    }
    if count > TOLD {
        fault.message = format!("{}; and {} more", fault.message, count - TOLD);
    }
    Some((fault, about))
}
