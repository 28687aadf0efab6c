//! What clouds tell, to native events (`--from oslo`, `flat`, `inventory`, …).
//!
//! Glance and Nova tell what happens as *notifications*: JSON objects with an `event_type` and a
//! `payload`, in one of several envelopes, unordered, often repeated, and cut at both ends. This
//! module reads such files and says, as native events, what is billed.
//!
//! The way of a record, and the modules in reading order:
//! 1. [`crate::read::foreign`] has what other formats need, too: `records` finds them in bytes,
//!    `fields` looks into them, `ledger` writes down what they came to.
//! 2. `envelope`: five envelopes to one `envelope::Notification`.
//! 3. `kind`: the event type to what it means here, or the reason for leaving it out.
//! 4. `glance` and `nova`: records are *gathered* by image and server, because one native event
//!    often takes several (an activation and its upload, a year of hourly `exists`), in any order.
//!    `region` and `os` help.
//! 5. `image` and `server` (with `presence`): once everything has been read, each is *told*.
//! 6. `inventory` takes another way: lists of what is there, compared snapshot by snapshot.
//!
//! The result does not depend on the order in which files are fed, or of records within them, but
//! for the positions that it names.

mod envelope;
mod glance;
mod image;
mod inventory;
mod kind;
mod nova;
mod os;
mod presence;
mod rackspace;
mod region;
mod server;
#[cfg(test)]
mod tests;

use crate::read::foreign::ledger::{About, Ledger, Source};
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::records::{self, Piece, Record};
use crate::read::foreign::table::Fate;
use crate::read::foreign::{Conversion, Convert};
use envelope::{Notification, Payload};
use kind::{Kind, ServerKind};

/// How the notifications are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As oslo.messaging writes them: an envelope with the payload inside (`--from oslo`).
    Oslo,
    /// Flattened events of Panko or XDMoD: the payload's fields beside `event_type` and
    /// `generated` (`--from flat`).
    Flat,
    /// What clients and APIs print: images, members, servers, usage (`--from inventory`).
    Inventory,
    /// Rackspace's audits, Cloud Feeds and StackTach answers, beside notifications
    /// (`--from rackspace`).
    Rackspace,
}

/// From when on an image counts as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageClock {
    /// From `created_at`, when its record was made: Rackspace's practice.
    #[default]
    Created,
    /// From the moment its data was there, which the activation's envelope tells.
    Active,
}

/// How a change is dated that happened between two snapshots of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vanished {
    /// At the later snapshot, the first that shows the change.
    #[default]
    At,
    /// At the earlier one.
    Before,
    /// Midway between them.
    Midpoint,
}

/// What the user says about snapshots of an inventory. Times are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshots {
    /// When all of them were taken that `as_of_each` does not name.
    pub as_of: Option<String>,
    /// When files were taken, by their names or those of folders that they are in.
    pub as_of_each: Vec<(String, String)>,
    /// How changes between them are dated.
    pub vanished: Vanished,
}

/// What the user says about the notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How the notifications are wrapped.
    pub format: Format,
    /// From when on an image counts as stored.
    pub image_clock: ImageClock,
    /// The region of every record that neither tells one nor is found in `region_map`.
    pub region: Option<String>,
    /// Regions by publisher, host or service. A name matches whole, or by everything after one of
    /// its dots or colons (`dfw.example.com` matches `image.api01.dfw.example.com`); the longest
    /// match wins, and of two equal entries the first.
    pub region_map: Vec<(String, String)>,
    /// When snapshots of an inventory were taken.
    pub snapshots: Snapshots,
}

/// Gathers notifications from any number of files, and then tells what they came to.
///
/// ```
/// use sharebill::read::openstack::{Converter, Format, ImageClock, Options};
///
/// let mut converter = Converter::new(Options {
///     format: Format::Oslo,
///     image_clock: ImageClock::Created,
///     region: Some("DFW".into()),
///     region_map: Vec::new(),
///     snapshots: Default::default(),
/// });
/// converter.feed(0, br#"{"message_id": "m1", "event_type": "image.activate",
///     "timestamp": "2026-03-01 09:04:12", "payload": {"id": "i1", "owner": "p1", "size": 5,
///     "created_at": "2026-03-01T09:00:00Z"}}"#);
/// let conversion = converter.finish();
/// assert_eq!(conversion.rows[0].event, "image.create");
/// assert_eq!(conversion.rows[0].time, "2026-03-01T09:00:00Z");
/// assert_eq!(conversion.table[0].used, 1);
/// ```
#[derive(Debug)]
pub struct Converter {
    options: Options,
    images: glance::Images,
    servers: nova::Servers,
    inventory: inventory::Inventory,
    spans: rackspace::Spans,
    ledger: Ledger,
    read_count: u64,
}

impl Converter {
    /// A converter that has read nothing yet.
    pub fn new(options: Options) -> Converter {
        Converter {
            images: glance::Images::new(options.image_clock),
            servers: nova::Servers::default(),
            inventory: inventory::Inventory::default(),
            spans: rackspace::Spans::default(),
            ledger: Ledger::default(),
            read_count: 0,
            options,
        }
    }

    /// Reads one whole file, and returns how many records it held. `file` is any number that tells
    /// this file from the others; rows and problems carry it.
    ///
    /// No input makes this fail: what cannot be read becomes a [`Problem`](crate::read::foreign::Problem).
    pub fn feed(&mut self, file: usize, bytes: &[u8]) -> u64 {
        Convert::feed_named(self, file, "", bytes)
    }

    /// Tells what everything that was fed came to.
    #[must_use]
    pub fn finish(self) -> Conversion {
        Convert::finish(Box::new(self))
    }

    fn take(&mut self, file: usize, record: &Record<'_>) {
        let opened = match &record.piece {
            Piece::LogLine => return self.leave_log_line_out(),
            Piece::Json { text, .. }
                if self.options.format == Format::Rackspace
                    && let Some(entries) = rackspace::of_answer(text) =>
            {
                let serial = self.read_count;
                let ledger = &mut self.ledger;
                return self.spans.take(&self.options, (file, serial), record, entries, ledger);
            }
            Piece::Json { text, prefixed } => match envelope::open(text, self.options.format) {
                Err(_) if *prefixed => return self.leave_log_line_out(),
                opened => opened,
            },
            Piece::Unreadable(fault) => Err(fault.clone()),
        };
        match opened {
            Ok(notification) => self.sort_out(file, record, &notification),
            Err(fault) => {
                let nameless = fault.code == ProblemCode::NoEventType;
                let event = if nameless { "(no event_type)" } else { "(unreadable)" };
                let type_id = self.ledger.table.read(event);
                let source = Source { file, serial: self.read_count, record, id: "", type_id };
                self.ledger.refuse(&source.keep(), fault, About::default());
            }
        }
    }

    fn leave_log_line_out(&mut self) {
        let type_id = self.ledger.table.read("(log line)");
        self.ledger.table.settle(type_id, Fate::LeftOut, "a line of a log without a notification");
    }

    fn sort_out(&mut self, file: usize, record: &Record<'_>, notification: &Notification) {
        let type_id = self.ledger.table.read(&notification.event_type);
        let source =
            Source { file, serial: self.read_count, record, id: &notification.message_id, type_id };
        let kind = kind::classify(&notification.event_type);
        let taken = match (kind, &notification.payload) {
            (Kind::LeftOut(reason), _) => {
                self.ledger.table.settle(type_id, Fate::LeftOut, reason);
                return;
            }
            (_, Payload::Text(text)) => Err(Fault::text_payload(text)),
            (_, Payload::Missing) => Err(no_payload(self.options.format)),
            (Kind::Image(kind), Payload::Fields(_)) => {
                let region = region::of(&self.options, notification);
                self.images.take(kind, &source, notification, region, &mut self.ledger.table)
            }
            (Kind::Server(ServerKind::Snapshot, _), Payload::Fields(_)) => {
                nova::take_snapshot(&source, notification, &mut self.images, &mut self.ledger.table)
            }
            (Kind::Server(ServerKind::Exists, _), Payload::Fields(_)) => {
                let region = region::of(&self.options, notification);
                self.servers.take_exists(&source, notification, region)
            }
            (Kind::Server(ServerKind::Change(change), family), Payload::Fields(_)) => {
                let region = region::of(&self.options, notification);
                self.servers.take_change((change, family), &source, notification, region)
            }
        };
        if let Err(fault) = taken {
            self.ledger.refuse(&source.keep(), fault, about(notification));
        }
    }
}

impl Convert for Converter {
    fn feed_named(&mut self, file: usize, name: &str, bytes: &[u8]) -> u64 {
        if self.options.format == Format::Inventory {
            let (serial, ledger) = (&mut self.read_count, &mut self.ledger);
            return self.inventory.take(&self.options, (file, name), bytes, serial, ledger);
        }
        let is_xml =
            bytes.trim_ascii_start().starts_with(b"<") || bytes.starts_with(b"\xef\xbb\xbf<");
        if self.options.format == Format::Rackspace && is_xml {
            let (serial, ledger) = (&mut self.read_count, &mut self.ledger);
            return self.spans.take_feed(&self.options, (file, serial), bytes, ledger);
        }
        let before = self.read_count;
        for record in records::split(bytes) {
            self.read_count += 1;
            self.take(file, &record);
        }
        self.read_count - before
    }

    fn finish(mut self: Box<Self>) -> Conversion {
        let known = (self.images.known(), self.servers.known());
        self.spans.finish((&known.0, &known.1), &mut self.ledger);
        self.images.finish(&mut self.ledger);
        self.servers.finish(&mut self.ledger);
        self.inventory.finish(self.options.snapshots.vanished, &mut self.ledger);
        self.ledger.finish()
    }
}

/// Why a record without a payload is none, and what it may be instead.
fn no_payload(format: Format) -> Fault {
    let message = match format {
        Format::Oslo | Format::Rackspace | Format::Inventory => {
            "the record has no payload; are these flattened events (--from flat)?"
        }
        Format::Flat => "the record is not flattened, it has a payload; say --from oslo",
    };
    Fault::new(ProblemCode::NoPayload, message)
}

/// For a record that could not be understood: whatever it says.
fn about(notification: &Notification) -> About {
    let first = |keys: &[&str]| keys.iter().find_map(|key| notification.text(key));
    let sent = notification.sent_at().ok().flatten().map(|moment| moment.to_string());
    About {
        time: sent.unwrap_or_default(),
        account: first(&["owner", "tenant_id", "project_id"]).unwrap_or_default(),
        resource: first(&["instance_id", "uuid", "image_id", "resource_id", "id"])
            .unwrap_or_default(),
    }
}
