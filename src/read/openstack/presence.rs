//! Where a server is only said to exist.
//!
//! Nova tells hourly, or daily, which servers there were in the window just past. Of a server whose
//! start or end is in the input this says nothing new. Else it is all that is known: it then
//! started at the `launched_at` of the first such record, and ended at a `deleted_at`. And it may
//! contradict: a server that exists in a window after its deletion.
//!
//! Of these records only three are kept whole, those that can be asked for in the end; of the
//! others, when they say the server was there.

use super::kind::Change;
use super::server::Facts;
use crate::read::foreign::NativeRow;
use crate::read::foreign::ledger::{Ledger, Origin, Place, Source};
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::table::{Fate, TypeId};
use crate::read::foreign::time::Moment;

/// Every `exists` of one server.
#[derive(Debug, Default)]
pub(super) struct Presence {
    marks: Vec<Mark>,
    first: Option<Box<Witness>>,
    last: Option<Box<Witness>>,
    first_deleted: Option<Box<Witness>>,
}

/// The times of an `exists`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exists {
    /// When the audited window begins.
    pub(super) begin: Option<Moment>,
    pub(super) sent: Option<Moment>,
    pub(super) launched: Option<Moment>,
    /// When it was deleted, inside the window.
    pub(super) deleted: Option<Moment>,
}

/// What is kept of every `exists`.
#[derive(Debug)]
struct Mark {
    begin: Option<Moment>,
    place: Place,
    type_id: TypeId,
}

/// An `exists` that is kept whole.
#[derive(Debug)]
struct Witness {
    exists: Exists,
    facts: Facts,
    origin: Origin,
}

/// How the input tells that a server began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// By an event of its own.
    Event,
    /// By this `exists`.
    Exists(Place),
    /// By this `exists`, which is a problem.
    Refused(Place),
    /// Not at all.
    Unknown,
}

impl Presence {
    /// Notes an `exists`; `facts` are only asked for when it is kept whole.
    pub(super) fn take(&mut self, exists: Exists, source: &Source<'_>, facts: impl Fn() -> Facts) {
        let place = source.place();
        let launched = exists.launched.is_some();
        self.marks.push(Mark { begin: exists.begin, place, type_id: source.type_id });
        let key = (exists.order(), source.id, place);
        let keep = || Some(Box::new(Witness { exists, facts: facts(), origin: source.keep() }));
        if launched && self.first.as_ref().is_none_or(|kept| key < kept.key()) {
            self.first = keep();
        }
        if exists.begin.is_some() && self.last.as_ref().is_none_or(|kept| key > kept.key()) {
            self.last = keep();
        }
        let deleted = exists.deleted.is_some();
        if deleted && self.first_deleted.as_ref().is_none_or(|kept| key < kept.key()) {
            self.first_deleted = keep();
        }
    }

    /// Tells what nothing else does. `known`: whether the server's start is in the input;
    /// `deleted`: when it ended, if that is.
    pub(super) fn finish(
        &self,
        id: &str,
        known: bool,
        deleted: Option<Moment>,
        ledger: &mut Ledger,
    ) {
        let start = match &self.first {
            _ if known => Start::Event,
            Some(first) if !is_after(first.exists.begin, deleted) => first.tell_start(id, ledger),
            Some(_) | None => Start::Unknown,
        };
        let mut settled = self.tell_end(id, &start, deleted, ledger);
        if let Start::Exists(place) | Start::Refused(place) = start {
            settled.push(place);
        }
        self.settle_others(&settled, &start, deleted, ledger);
    }

    /// Tells an end that only an `exists` tells, and a contradiction to an end. Returns the records
    /// whose fate that was.
    fn tell_end(
        &self,
        id: &str,
        start: &Start,
        deleted: Option<Moment>,
        ledger: &mut Ledger,
    ) -> Vec<Place> {
        match (deleted, &self.first_deleted, &self.last) {
            (Some(deleted), _, Some(last)) if is_after(last.exists.begin, Some(deleted)) => {
                let late = self.marks.iter().filter(|mark| is_after(mark.begin, Some(deleted)));
                last.tell_contradiction(id, deleted, late.count(), ledger);
                vec![last.origin.place]
            }
            (None, Some(end), _) if !matches!(start, Start::Refused(_)) => {
                end.tell_end(id, *start != Start::Exists(end.origin.place), ledger);
                vec![end.origin.place]
            }
            _ => Vec::new(),
        }
    }

    /// Counts the `exists` that nothing was made of.
    fn settle_others(
        &self,
        settled: &[Place],
        start: &Start,
        deleted: Option<Moment>,
        ledger: &mut Ledger,
    ) {
        for mark in self.marks.iter().filter(|mark| !settled.contains(&mark.place)) {
            let (fate, why) = match start {
                _ if is_after(mark.begin, deleted) => {
                    (Fate::LeftOut, "exists after its deletion; one problem tells of all")
                }
                Start::Event => (Fate::Merged, "the server is known by its create.end"),
                Start::Exists(_) => (Fate::Merged, "the server is known by its first exists"),
                Start::Refused(_) => (Fate::LeftOut, "the server's first exists is a problem"),
                Start::Unknown => (Fate::LeftOut, "the server was never launched"),
            };
            ledger.table.settle(mark.type_id, fate, why);
        }
    }
}

fn is_after(begin: Option<Moment>, deleted: Option<Moment>) -> bool {
    matches!((begin, deleted), (Some(begin), Some(deleted)) if begin > deleted)
}

impl Exists {
    /// Where it lies in the server's life.
    fn order(&self) -> Option<Moment> {
        self.begin.or(self.sent).or(self.launched)
    }
}

impl Witness {
    /// What orders the `exists` of one server.
    fn key(&self) -> (Option<Moment>, &str, Place) {
        (self.exists.order(), &self.origin.id, self.origin.place)
    }

    /// The server has been there since `launched_at`.
    fn tell_start(&self, id: &str, ledger: &mut Ledger) -> Start {
        let Some(launched) = self.exists.launched else { return Start::Unknown };
        match self.facts.row(Change::Create, id, launched, &self.origin) {
            Ok(row) => {
                ledger.accept(&self.origin, row);
                Start::Exists(self.origin.place)
            }
            Err(fault) => {
                ledger.refuse(&self.origin, fault, self.facts.about(id, launched));
                Start::Refused(self.origin.place)
            }
        }
    }

    /// The server ended at `deleted_at`. Its id is not the bare `message_id`, which may be that of
    /// the start, told by the same record.
    fn tell_end(&self, id: &str, is_news: bool, ledger: &mut Ledger) {
        let Some(deleted) = self.exists.deleted else { return };
        let mut row = NativeRow {
            account: self.facts.account.clone(),
            resource: id.to_string(),
            ..self.origin.row(Change::Delete.event(), deleted)
        };
        if !row.id.is_empty() {
            row.id.push_str(":delete");
        }
        if is_news {
            ledger.accept(&self.origin, row);
        } else {
            ledger.add_row(&self.origin, row);
        }
    }

    fn tell_contradiction(&self, id: &str, deleted: Moment, count: usize, ledger: &mut Ledger) {
        let begin = self.exists.begin.map(|begin| begin.to_string()).unwrap_or_default();
        let many = match count {
            1 => String::new(),
            _ => format!("; {count} such records say so, this is the last"),
        };
        let message = format!(
            "the server is said to exist in a window that begins at {begin}, but it was deleted at \
             {deleted}{many}: ask the cloud which is true"
        );
        let fault = Fault::new(ProblemCode::Contradiction, message);
        ledger.refuse(&self.origin, fault, self.facts.about(id, begin));
    }
}
