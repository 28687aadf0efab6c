//! What clients and APIs print, as a history (`--from inventory`).
//!
//! An inventory says what is there, not what happened. Its own times (`created_at`, `launched_at`)
//! make creations exact; everything else is told by comparing snapshots: what the one lists and the
//! next does not has vanished between them. Such changes are dated by [`Vanished`] and counted as
//! estimates, each under a type of its own (`server vanished`). Only a whole list can lack
//! something: a `show`, or a page that names a next one, proves presence alone.
//!
//! 1. `listing`: bytes to items, whatever printed them.
//! 2. `when`: the moments of snapshots, and of changes between them.
//! 3. `track`: all that was seen of one thing; `images`, `members` and `servers` tell it.

mod images;
mod listing;
mod members;
mod servers;
mod track;
mod when;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Options;
use super::Vanished;
use super::region::{self, Region};
use crate::read::foreign::fields::Fields;
use crate::read::foreign::ledger::{About, Ledger, Source};
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::records::{Piece, Record};
use crate::read::foreign::table::Fate;
use crate::read::foreign::time::Moment;
use images::ImageFacts;
use listing::{Content, Item, Shape};
use members::MemberFacts;
use servers::ServerFacts;
use track::Track;

const LOWER_BOUND: &str =
    "what was gone before the first snapshot cannot be seen: the bill is a lower bound";

/// Everything that was seen so far.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    images: BTreeMap<String, Track<ImageFacts>>,
    /// By image and member.
    members: BTreeMap<(String, String), Track<MemberFacts>>,
    servers: BTreeMap<String, Track<ServerFacts>>,
    covered: Covered,
    has_read: bool,
}

/// When what was listed to the end.
#[derive(Debug, Default)]
struct Covered {
    images: BTreeSet<Moment>,
    servers: BTreeSet<Moment>,
    /// By image.
    members: BTreeMap<String, BTreeSet<Moment>>,
}

/// What an item is noted with.
struct Seen<'a> {
    taken: Option<Moment>,
    source: Source<'a>,
    fields: Fields<'a>,
    region: Region,
}

impl Inventory {
    /// Notes one file, and returns how many items it held.
    pub(super) fn take(
        &mut self,
        options: &Options,
        (file, name): (usize, &str),
        bytes: &[u8],
        serial: &mut u64,
        ledger: &mut Ledger,
    ) -> u64 {
        let taken = when::taken_at(&options.snapshots, name);
        let listing = listing::open(bytes);
        self.cover(&listing, taken);
        let count = listing.items.len() as u64;
        for item in listing.items {
            *serial += 1;
            self.has_read = true;
            self.take_item(options, (file, *serial), taken, &item, ledger);
        }
        count
    }

    fn cover(&mut self, listing: &listing::Listing<'_>, taken: Option<Moment>) {
        let Some(taken) = taken else { return };
        for shape in &listing.covers {
            match shape {
                Shape::Image => drop(self.covered.images.insert(taken)),
                Shape::Server => drop(self.covered.servers.insert(taken)),
                Shape::Member => {
                    for item in &listing.items {
                        let Content::Thing(Shape::Member, fields) = &item.content else { continue };
                        let Some(image) = Fields::new(fields).text("image_id") else { continue };
                        self.covered.members.entry(image).or_default().insert(taken);
                    }
                }
                Shape::Usage => {}
            }
        }
    }

    fn take_item(
        &mut self,
        options: &Options,
        (file, serial): (usize, u64),
        taken: Option<Moment>,
        item: &Item<'_>,
        ledger: &mut Ledger,
    ) {
        let Item { line, offset, bytes, content } = item;
        let record = Record { line: *line, offset: *offset, bytes, piece: Piece::LogLine };
        let name = match content {
            Content::Thing(shape, _) => shape.name(),
            Content::LeftOut(name, _) => name,
            Content::Wrong(_) => "(unreadable)",
        };
        let type_id = ledger.table.read(name);
        let source = Source { file, serial, record: &record, id: "", type_id };
        let (shape, fields) = match content {
            Content::Thing(shape, fields) => (*shape, fields),
            Content::LeftOut(_, why) => return ledger.table.settle(type_id, Fate::LeftOut, why),
            Content::Wrong(fault) => {
                return ledger.refuse(&source.keep(), fault.clone(), About::default());
            }
        };
        let region = region_of(options, Fields::new(fields));
        let seen = Seen { taken, source, fields: Fields::new(fields), region };
        let noted = match shape {
            Shape::Image => self.take_image(&seen, ledger),
            Shape::Member => self.take_member(&seen, ledger),
            Shape::Server | Shape::Usage => self.take_server(&seen, ledger),
        };
        if let Err(fault) = noted {
            ledger.refuse(&source.keep(), fault, about(fields));
        }
    }

    /// Tells everything.
    pub(super) fn finish(self, vanished: Vanished, ledger: &mut Ledger) {
        if !self.has_read {
            return;
        }
        ledger.table.note("(inventory)", LOWER_BOUND);
        let dates = Dates { vanished };
        let mut owners = BTreeMap::new();
        for (id, track) in self.images {
            let covered = &self.covered.images;
            let owner = images::tell(&id, track, covered, &dates, ledger);
            owners.insert(id, owner);
        }
        let nowhere = BTreeSet::new();
        for ((image, member), track) in self.members {
            let covered = self.covered.members.get(&image).unwrap_or(&nowhere);
            let owner = owners.get(&image).map(String::as_str).unwrap_or_default();
            members::tell((&image, &member), track, covered, &dates, owner, ledger);
        }
        for (id, track) in self.servers {
            servers::tell(&id, track, &self.covered.servers, &dates, ledger);
        }
    }

    fn take_image(&mut self, seen: &Seen<'_>, ledger: &mut Ledger) -> Result<(), Fault> {
        let id = seen.fields.needed_text(&["id"])?;
        match images::facts(&id, seen)? {
            Ok(facts) => self.images.entry(id).or_default().take(seen, facts, ledger),
            Err(why) => ledger.table.settle(seen.source.type_id, Fate::LeftOut, why),
        }
        Ok(())
    }

    fn take_member(&mut self, seen: &Seen<'_>, ledger: &mut Ledger) -> Result<(), Fault> {
        let image = seen.fields.needed_text(&["image_id"])?;
        let member = seen.fields.needed_text(&["member_id"])?;
        let facts = members::facts(seen)?;
        self.members.entry((image, member)).or_default().take(seen, facts, ledger);
        Ok(())
    }

    fn take_server(&mut self, seen: &Seen<'_>, ledger: &mut Ledger) -> Result<(), Fault> {
        let id = seen.fields.needed_text(&["instance_id", "id"])?;
        match servers::facts(seen)? {
            Ok(facts) => self.servers.entry(id).or_default().take(seen, facts, ledger),
            Err(why) => ledger.table.settle(seen.source.type_id, Fate::LeftOut, why),
        }
        Ok(())
    }
}

/// How changes without a time of their own are dated.
struct Dates {
    vanished: Vanished,
}

impl Dates {
    /// When a change between two snapshots was; without an earlier one, at the later.
    fn between(&self, before: Option<Moment>, after: Moment) -> Moment {
        before.map_or(after, |before| when::between(self.vanished, before, after))
    }

    /// Counts an estimate.
    fn count(&self, what: &str, has_before: bool, ledger: &mut Ledger) {
        let type_id = ledger.table.read(what);
        let why = match has_before {
            true => when::in_words(self.vanished),
            false => {
                "estimated: dated at the first snapshot there is, for want of a time of its own"
            }
        };
        ledger.table.settle(type_id, Fate::Used, why);
    }
}

/// The fault of a thing that neither its listing nor its snapshot gives a time.
fn no_time() -> Fault {
    let message = "no time: neither the listing tells one nor is it known when it was made; say \
                   --as-of TIME, or put the date in the folder's name";
    Fault::new(ProblemCode::NoTime, message)
}

fn region_of(options: &Options, fields: Fields<'_>) -> Region {
    let place = fields.child("location").and_then(|place| place.text("region_name"));
    let host = fields.first_text(&["os-ext-srv-attr:host", "host"]);
    let zone = fields.first_text(&["os-ext-az:availability_zone", "availability_zone"]);
    let names = [("host", host), ("availability zone", zone)];
    let names = names.into_iter().filter_map(|(key, name)| Some((key, name?))).collect();
    region::among(options, fields.text("region").or(place), names)
}

fn about(fields: &Map<String, Value>) -> About {
    let fields = Fields::new(fields);
    About {
        time: String::new(),
        account: fields.first_text(servers::PROJECT).unwrap_or_default(),
        resource: fields.first_text(&["id", "instance_id", "image_id"]).unwrap_or_default(),
    }
}
