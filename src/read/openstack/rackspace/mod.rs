//! What Rackspace's systems say of usage (`--from rackspace`).
//!
//! Its notifications are OpenStack's, with one more: `image.exists`, a daily audit of an owner's
//! images. Beside them are two kinds of answers, both of *spans*: Cloud Feeds usage entries (JSON
//! or Atom XML), each a server or an image from one time to another; and StackTach's database API
//! (`launches`, `deletes`, `exists`, `images`). A server's first span is its start, a span of
//! another flavor a resize.
//!
//! 1. `entries`: JSON answers to entries; `atom`: XML feeds to the same.
//! 2. `spans`: entries gathered by server and image, and told.

mod atom;
mod entries;
mod spans;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Options;
use super::region;
use crate::read::foreign::fields::Fields;
use crate::read::foreign::ledger::{About, Ledger, Source};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::records::{Piece, Record};
use crate::read::foreign::table::Fate;
use entries::{Entry, Shape};
use spans::{ImageSpan, ServerSpan};

pub(super) use entries::of_answer;

/// The spans that were told of so far.
#[derive(Debug, Default)]
pub(super) struct Spans {
    servers: BTreeMap<String, Vec<ServerSpan>>,
    images: BTreeMap<String, Vec<ImageSpan>>,
}

impl Spans {
    /// Notes the entries of one record; `serial` is its number.
    pub(super) fn take(
        &mut self,
        options: &Options,
        (file, serial): (usize, u64),
        record: &Record<'_>,
        entries: Vec<Entry>,
        ledger: &mut Ledger,
    ) {
        for entry in entries {
            let type_id = ledger.table.read(&entry.name);
            let text = Value::Object(entry.fields.clone()).to_string();
            let own = Record {
                line: record.line,
                offset: record.offset,
                bytes: text.as_bytes(),
                piece: Piece::LogLine,
            };
            let source = Source { file, serial, record: &own, id: &entry.id, type_id };
            if let Err(fault) = self.take_entry(options, &entry, &source, ledger) {
                ledger.refuse(&source.keep(), fault, about(&entry));
            }
        }
    }

    /// A feed in XML, whole; returns how many entries it has.
    pub(super) fn take_feed(
        &mut self,
        options: &Options,
        (file, serial): (usize, &mut u64),
        bytes: &[u8],
        ledger: &mut Ledger,
    ) -> u64 {
        let mut count = 0;
        atom::read(bytes, |line, offset, found| {
            *serial += 1;
            count += 1;
            let record = Record { line, offset, bytes: b"", piece: Piece::LogLine };
            match found {
                Ok(entry) => self.take(options, (file, *serial), &record, vec![entry], ledger),
                Err(fault) => {
                    let type_id = ledger.table.read("(unreadable)");
                    let source = Source { file, serial: *serial, record: &record, id: "", type_id };
                    ledger.refuse(&source.keep(), fault, About::default());
                }
            }
        });
        count
    }

    fn take_entry(
        &mut self,
        options: &Options,
        entry: &Entry,
        source: &Source<'_>,
        ledger: &mut Ledger,
    ) -> Result<(), Fault> {
        let fields = Fields::new(&entry.fields);
        let data_center = fields.text("dataCenter").map(|name| ("dataCenter", name));
        let region =
            region::among(options, fields.text("region"), data_center.into_iter().collect());
        match entry.shape {
            Shape::Server => {
                let id = fields.needed_text(&["resourceId", "instance"])?;
                let span = spans::server(fields, region, source)?;
                self.servers.entry(id).or_default().push(span);
            }
            Shape::Image => {
                let id = fields.needed_text(&["resourceId", "uuid", "id"])?;
                let span = spans::image(fields, region, source)?;
                self.images.entry(id).or_default().push(span);
            }
            Shape::Other(why) => ledger.table.settle(source.type_id, Fate::LeftOut, why),
        }
        Ok(())
    }

    /// Tells everything; what notifications tell as well is theirs.
    pub(super) fn finish(
        self,
        (known_images, known_servers): (&BTreeSet<String>, &BTreeSet<String>),
        ledger: &mut Ledger,
    ) {
        for (id, spans) in self.images {
            spans::tell_image(&id, spans, known_images.contains(&id), ledger);
        }
        for (id, spans) in self.servers {
            spans::tell_server(&id, spans, known_servers.contains(&id), ledger);
        }
    }
}

fn about(entry: &Entry) -> About {
    let fields = Fields::new(&entry.fields);
    About {
        time: String::new(),
        account: fields.first_text(&["tenantId", "tenant", "owner"]).unwrap_or_default(),
        resource: fields.first_text(&["resourceId", "instance", "uuid", "id"]).unwrap_or_default(),
    }
}
