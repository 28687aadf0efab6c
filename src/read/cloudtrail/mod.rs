//! What AWS CloudTrail tells, to native events (`--from cloudtrail`).
//!
//! A trail is every call of an AWS account, with who made it and what came of it: thousands of
//! records of which a few say what images and instances there are. What it does not say is how
//! large an image is; that is taken from descriptions (`DescribeImages`, `DescribeSnapshots`, a
//! table) which may stand among the files. **Nothing is dropped in silence and nothing is invented**
//! here, either: see [`crate::read::foreign`].
//!
//! The way of a record, and the modules in reading order:
//! 1. `document`: a file's JSON to records, out of whatever they were delivered in.
//! 2. `kind`: the name of a call to what it means here, or the reason for leaving it out.
//! 3. `call` and `action`: a record to what it did; `platform` names operating systems.
//! 4. `trail`: each call once, however often it was delivered.
//! 5. `described` and `sizes`: what stands beside the trail, and how large an image is.
//! 6. `images`, `permissions`, `snapshots`, `instances`: once everything has been read, each is
//!    *told*; `verdict` says what became of each record.
//!
//! The result does not depend on the order in which files are fed, or of records within them, but
//! for the positions that it names.

mod action;
mod call;
mod described;
mod document;
mod event;
mod images;
mod instances;
mod kind;
mod permissions;
mod platform;
mod recognise;
mod sizes;
mod snapshots;
#[cfg(test)]
mod tests;
mod trail;
mod verdict;

use std::collections::BTreeSet;

use crate::read::foreign::ledger::{About, Ledger, Source};
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::records::{self, Piece, Record};
use crate::read::foreign::table::Fate;
use crate::read::foreign::{Conversion, Convert};
use action::Action;
use call::Call;
use described::Described;
use document::{Document, Opened, Shape};
use kind::Kind;
use sizes::Sizes;
use trail::Trail;
use verdict::Verdicts;

pub(in crate::read) use recognise::recognise;

/// How many lists of one file are read without the object around them: each begins a new search.
const MOST_CUTS: usize = 100;

/// Gathers records of CloudTrail from any number of files, and then tells what they came to.
///
/// ```
/// use sharebill::read::cloudtrail::Converter;
/// use sharebill::read::foreign::Convert;
///
/// let mut converter = Box::new(Converter::new(None));
/// converter.feed_named(0, "trail.json", br#"{"Records": [{"eventVersion": "1.08",
///     "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "awsRegion": "us-east-1",
///     "eventTime": "2026-03-01T09:00:00Z", "eventID": "e1",
///     "userIdentity": {"accountId": "111122223333"},
///     "responseElements": {"instancesSet": {"items": [{"instanceId": "i-1",
///         "imageId": "ami-1", "instanceType": "t3.micro"}]}}}]}"#);
/// let conversion = converter.finish();
/// assert_eq!(conversion.rows[0].event, "server.create");
/// assert_eq!(conversion.rows[0].flavor, "t3.micro");
/// ```
#[derive(Debug, Default)]
pub struct Converter {
    /// The region of what tells none.
    region: Option<String>,
    trail: Trail,
    described: Described,
    /// The accounts whose trails are among the files.
    accounts: BTreeSet<String>,
    ledger: Ledger,
    read_count: u64,
}

impl Converter {
    /// A converter that has read nothing yet. `region` is that of descriptions that tell none.
    #[must_use]
    pub fn new(region: Option<String>) -> Converter {
        Converter { region, ..Converter::default() }
    }

    /// One value of a file, which may hold many records.
    fn take_value(&mut self, file: (usize, &str), record: &Record<'_>, text: &str) {
        match document::open(text) {
            Ok(Document::One) => self.take_part(file, Shape::Event, record, text),
            Ok(Document::Many(shape, parts)) => {
                let mut counter = LineCounter::new(record, text);
                for part in parts {
                    let own = counter.record_of(part);
                    self.take_part(file, shape, &own, part);
                }
            }
            Err(fault) => self.refuse(file.0, record, fault),
        }
    }

    /// A whole file. One that is cut off or damaged gives what of it is whole: where the object
    /// around a list cannot be read, the list is read by itself.
    fn take_all(&mut self, file: (usize, &str), bytes: &[u8]) {
        let (mut start, mut lines, mut cuts) = (0, 0, 0);
        'lists: loop {
            for found in records::split(bytes.get(start..).unwrap_or_default()) {
                let (line, offset) = (found.line + lines, found.offset + start);
                let record = Record { line, offset, ..found };
                match &record.piece {
                    Piece::LogLine => self.take_line(file, &record),
                    Piece::Json { text, .. } => self.take_value(file, &record, text),
                    // What closes the object around a list.
                    Piece::Unreadable(_) if record.bytes == b"}" && cuts > 0 => {}
                    Piece::Unreadable(_) if record.bytes.starts_with(b"20") => {
                        self.take_line(file, &record);
                    }
                    Piece::Unreadable(fault) => {
                        let list = document::list_in(record.bytes).filter(|_| cuts < MOST_CUTS);
                        let Some(list) = list else {
                            self.refuse(file.0, &record, fault.clone());
                            continue;
                        };
                        let passed = bytes.get(start..offset + list).unwrap_or_default();
                        lines += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
                        (start, cuts) = (offset + list, cuts + 1);
                        continue 'lists;
                    }
                }
            }
            return;
        }
    }

    /// A line of a log, as an export of CloudWatch Logs has them: a time, and then the record.
    fn take_line(&mut self, file: (usize, &str), record: &Record<'_>) {
        let line = std::str::from_utf8(record.bytes).unwrap_or_default();
        let object = line.find('{').and_then(|at| line.get(at..));
        match object.filter(|text| text.contains("\"eventSource\"")) {
            Some(text) => self.take_value(file, record, text),
            None => {
                self.read_count += 1;
                let type_id = self.ledger.table.read("(log line)");
                let why = "a line of a log without a record of CloudTrail";
                self.ledger.table.settle(type_id, Fate::LeftOut, why);
            }
        }
    }

    fn take_part(
        &mut self,
        (file, name): (usize, &str),
        shape: Shape,
        record: &Record<'_>,
        text: &str,
    ) {
        let opened = match document::unwrap(shape, text) {
            Ok(opened) => opened,
            Err(fault) => return self.refuse(file, record, fault),
        };
        self.read_count += 1;
        let serial = self.read_count;
        match opened {
            Opened::Event(event) => {
                let region = self.region.as_deref();
                let type_id = self.ledger.table.read(event.type_name());
                let id = event.id();
                let source = Source { file, serial, record, id: &id, type_id };
                self.accounts.extend(event.recipient());
                match kind::classify(&event) {
                    Kind::LeftOut(why) => self.ledger.table.settle(type_id, Fate::LeftOut, &why),
                    Kind::Call(kind) => match Call::read(kind, &event, region, &source) {
                        Ok(call) => self.trail.add(call, &mut self.ledger),
                        Err(fault) => self.ledger.refuse(&source.keep(), fault, event.about()),
                    },
                }
            }
            Opened::LeftOut(name, why) => {
                let type_id = self.ledger.table.read(&name);
                self.ledger.table.settle(type_id, Fate::LeftOut, why);
            }
            Opened::Described(thing) => {
                let type_id = self.ledger.table.read(thing.type_name());
                let source = Source { file, serial, record, id: "", type_id };
                if let Err(fault) = self.described.take(thing, name, &source) {
                    self.ledger.refuse(&source.keep(), fault, About::default());
                }
            }
        }
    }

    fn refuse(&mut self, file: usize, record: &Record<'_>, fault: Fault) {
        self.read_count += 1;
        let nameless = fault.code == ProblemCode::NoEventType;
        let event = if nameless { "(no eventName)" } else { "(unreadable)" };
        let type_id = self.ledger.table.read(event);
        let source = Source { file, serial: self.read_count, record, id: "", type_id };
        self.ledger.refuse(&source.keep(), fault, About::default());
    }
}

impl Convert for Converter {
    fn feed_named(&mut self, file: usize, name: &str, bytes: &[u8]) -> u64 {
        let before = self.read_count;
        if described::is_table(bytes) {
            let (serial, ledger) = (&mut self.read_count, &mut self.ledger);
            self.described.take_table((file, serial), bytes, ledger);
            return self.read_count - before;
        }
        self.take_all((file, name), bytes);
        self.read_count - before
    }

    fn finish(self: Box<Self>) -> Conversion {
        let Converter { region, trail, described, accounts, mut ledger, .. } = *self;
        let calls = trail.finish();
        let mut verdicts = Verdicts::new(&calls, &described);
        told_apart(&calls, &mut verdicts);
        let sizes = Sizes::new(&calls, &described);
        let context = images::Context { sizes: &sizes, accounts: &accounts, region };
        let notes = images::tell(&context, &calls, &mut verdicts);
        instances::tell(&calls, &described, &accounts, &mut verdicts);
        verdicts.finish(&mut ledger);
        for note in notes {
            ledger.table.note("(snapshots)", &note);
        }
        ledger.finish()
    }
}

/// What of the calls says nothing of any one thing.
fn told_apart(calls: &[Call], verdicts: &mut Verdicts<'_>) {
    for (number, call) in calls.iter().enumerate() {
        let key = verdicts.call(number);
        match &call.action {
            Err(fault) => verdicts.problem(key, fault.clone(), call.about.clone()),
            Ok(Action::Nothing(why)) => verdicts.left_out(key, why),
            Ok(Action::NoWord(why)) => {
                let fault = Fault::new(ProblemCode::NotConvertible, *why);
                verdicts.problem(key, fault, call.about.clone());
            }
            Ok(_) => {}
        }
    }
}

/// Gives the parts of a text their lines; parts are asked for in ascending order.
struct LineCounter<'a> {
    text: &'a str,
    offset: usize,
    line: u64,
    counted_to: usize,
}

impl<'a> LineCounter<'a> {
    fn new(record: &Record<'_>, text: &'a str) -> LineCounter<'a> {
        LineCounter { text, offset: record.offset, line: record.line, counted_to: 0 }
    }

    fn record_of(&mut self, part: &'a str) -> Record<'a> {
        let at = document::offset_in(self.text, part);
        let passed = self.text.as_bytes().get(self.counted_to..at).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.counted_to = at.max(self.counted_to);
        let piece = Piece::Json { text: part, prefixed: false };
        Record { line: self.line, offset: self.offset + at, bytes: part.as_bytes(), piece }
    }
}
