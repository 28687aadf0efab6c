//! One image: everything that was told of it, to native events.

use super::ImageClock;
use super::region::Region;
use crate::read::foreign::NativeRow;
use crate::read::foreign::ledger::{About, Ledger, Origin};
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::table::{Fate, TypeId};
use crate::read::foreign::time::Moment;

/// Everything that was told of one image, in any order.
#[derive(Debug, Default)]
pub(super) struct Image {
    /// Records from before it had data; they only count.
    pub(super) begun: Vec<TypeId>,
    pub(super) creations: Vec<Creation>,
    pub(super) updates: Vec<Update>,
    pub(super) deletions: Vec<Deletion>,
    pub(super) members: Vec<MemberChange>,
    /// The servers that it was taken of, by `instance.snapshot.end`.
    pub(super) snapshots: Vec<(String, TypeId)>,
    /// The first owner that was told, and when.
    first_owner: Option<(Option<Moment>, String)>,
}

/// A needed time; the fault names where it was looked for.
pub(super) fn needed(time: Option<Moment>, places: &str) -> Result<Moment, Fault> {
    time.ok_or_else(|| Fault::missing(places))
}

/// An activation or an upload.
#[derive(Debug)]
pub(super) struct Creation {
    pub(super) activates: bool,
    pub(super) sent: Option<Moment>,
    pub(super) created_at: Option<Moment>,
    pub(super) updated_at: Option<Moment>,
    pub(super) owner: String,
    pub(super) bytes: Option<u64>,
    /// The server that its properties say it was taken of.
    pub(super) server: String,
    /// The image that it is believed to be a copy of.
    pub(super) copy_of: String,
    pub(super) os: String,
    pub(super) visibility: String,
    pub(super) labels: String,
    pub(super) region: Region,
    pub(super) origin: Origin,
}

/// A change of an image that has data.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) time: Moment,
    pub(super) visibility: String,
    pub(super) owner: String,
    pub(super) origin: Origin,
}

/// The end of an image.
#[derive(Debug)]
pub(super) struct Deletion {
    pub(super) time: Moment,
    pub(super) owner: String,
    pub(super) had_data: bool,
    pub(super) origin: Origin,
}

/// Sharing, its answer, and its end.
#[derive(Debug)]
pub(super) struct MemberChange {
    pub(super) event: &'static str,
    pub(super) time: Moment,
    pub(super) member: String,
    /// The member acts, and not the owner.
    pub(super) by_member: bool,
    pub(super) status: String,
    pub(super) origin: Origin,
}

const TOLD: &str = "the image's activation or upload tells the same";
const NO_CREATION: &str = "the input has no usable activation or upload of the image";
const REPEATED: &str = "same message_id as a record that was used";

impl Image {
    /// Remembers the first owner, for images whose creation is not in the input.
    pub(super) fn observe_owner(&mut self, when: Option<Moment>, owner: String) {
        if owner.is_empty() {
            return;
        }
        let observed = (when, owner);
        match &self.first_owner {
            Some(known) if *known <= observed => {}
            Some(_) | None => self.first_owner = Some(observed),
        }
    }

    /// Tells the image.
    pub(super) fn finish(mut self, id: &str, clock: ImageClock, ledger: &mut Ledger) {
        let creations = std::mem::take(&mut self.creations);
        let never_had_data = creations.is_empty() && !self.begun.is_empty();
        let (created, active_since) = self.tell_creation(id, creations, clock, ledger);
        let (fate, why) = match &created {
            Some(_) => (Fate::Merged, TOLD),
            None => (Fate::LeftOut, NO_CREATION),
        };
        for type_id in &self.begun {
            ledger.table.settle(*type_id, fate, why);
        }
        for (_, type_id) in &self.snapshots {
            let why = if fate == Fate::Merged { "tells the image's source" } else { why };
            ledger.table.settle(*type_id, fate, why);
        }
        let owner = match &created {
            Some(row) => row.account.clone(),
            None => self.first_owner.take().map(|(_, owner)| owner).unwrap_or_default(),
        };
        tell_updates(id, self.updates, created.as_ref(), active_since, ledger);
        tell_members(id, self.members, &owner, ledger);
        tell_deletions(id, self.deletions, never_had_data, ledger);
    }

    /// The one `image.create`, from the first activation, else the first upload; what that leaves
    /// open, the others tell. With it, when the image had its data.
    fn tell_creation(
        &self,
        id: &str,
        mut creations: Vec<Creation>,
        clock: ImageClock,
        ledger: &mut Ledger,
    ) -> (Option<NativeRow>, Option<Moment>) {
        creations.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let Some((first, others)) = creations.split_first() else { return (None, None) };
        let snapshot_of = self.snapshots.iter().map(|(server, _)| server).min();
        let row = first.row(id, others, snapshot_of, clock);
        let created = match row {
            Ok(row) => {
                ledger.accept(&first.origin, row.clone());
                Some(row)
            }
            Err(fault) => {
                let time = first.sent.map(|sent| sent.to_string()).unwrap_or_default();
                let about = About { time, account: first.owner.clone(), resource: id.to_string() };
                ledger.refuse(&first.origin, fault, about);
                None
            }
        };
        for other in others {
            let repeats = !other.origin.id.is_empty() && other.origin.id == first.origin.id;
            let (fate, why) = match &created {
                Some(_) if repeats => (Fate::Merged, REPEATED),
                Some(_) => (Fate::Merged, TOLD),
                None => (Fate::LeftOut, NO_CREATION),
            };
            ledger.table.settle(other.origin.type_id, fate, why);
        }
        (created, first.sent)
    }
}

impl Creation {
    /// Activations first, the earliest first, those without a time last.
    fn rank(&self) -> impl Ord + '_ {
        let origin = &self.origin;
        (!self.activates, self.sent.is_none(), self.sent, &origin.id, origin.place)
    }

    fn row(
        &self,
        id: &str,
        others: &[Creation],
        snapshot_of: Option<&String>,
        clock: ImageClock,
    ) -> Result<NativeRow, Fault> {
        let all = || std::iter::once(self).chain(others);
        let created_at = all().find_map(|creation| creation.created_at);
        let time = match clock {
            ImageClock::Created => needed(created_at.or(self.sent), "created_at or timestamp")?,
            ImageClock::Active => needed(self.sent.or(self.updated_at), "timestamp or updated_at")?,
        };
        let text = |field: fn(&Creation) -> &String| {
            all().map(field).find(|text| !text.is_empty()).cloned().unwrap_or_default()
        };
        let account = text(|creation| &creation.owner);
        if account.is_empty() {
            return Err(Fault::missing("owner"));
        }
        let bytes = all().find_map(|creation| creation.bytes).ok_or_else(|| {
            Fault::missing("size, and no other record of the image's activation has one")
        })?;
        let region = all().find_map(|creation| creation.region.as_ref().ok());
        let sources = [
            text(|creation| &creation.server),
            snapshot_of.cloned().unwrap_or_default(),
            text(|creation| &creation.copy_of),
        ];
        Ok(NativeRow {
            account,
            region: match region {
                Some(region) => region.clone(),
                None => self.region.clone().map_err(|nowhere| nowhere.fault())?,
            },
            resource: id.to_string(),
            source: sources.into_iter().find(|source| !source.is_empty()).unwrap_or_default(),
            bytes: bytes.to_string(),
            os: text(|creation| &creation.os),
            visibility: text(|creation| &creation.visibility),
            labels: text(|creation| &creation.labels),
            ..self.origin.row("image.create", time)
        })
    }
}

/// A visibility that differs from the one before becomes an event; everything else that an update
/// may change costs nothing, but for the owner, which native events cannot change.
fn tell_updates(
    id: &str,
    mut updates: Vec<Update>,
    created: Option<&NativeRow>,
    active_since: Option<Moment>,
    ledger: &mut Ledger,
) {
    updates.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut visibility = created.map(|row| row.visibility.clone());
    let mut owner = created.map(|row| row.account.clone());
    for update in updates {
        let settle = |ledger: &mut Ledger, fate: Fate, why: &str| {
            ledger.table.settle(update.origin.type_id, fate, why);
        };
        let changed_owner = owner.as_ref().is_some_and(|known| *known != update.owner);
        let changes = visibility.as_ref().is_some_and(|known| *known != update.visibility);
        if active_since.is_some_and(|since| update.time < since) {
            settle(ledger, Fate::Merged, TOLD);
        } else if changed_owner && !update.owner.is_empty() {
            let about = About {
                time: update.time.to_string(),
                account: update.owner.clone(),
                resource: id.to_string(),
            };
            let before = owner.replace(update.owner.clone()).unwrap_or_default();
            ledger.refuse(&update.origin, new_owner(&before, &update.owner), about);
        } else if update.visibility.is_empty() {
            settle(ledger, Fate::LeftOut, "tells no visibility");
        } else if changes {
            let row = NativeRow {
                account: update.owner.clone(),
                resource: id.to_string(),
                visibility: update.visibility.clone(),
                ..update.origin.row("image.update", update.time)
            };
            ledger.accept(&update.origin, row);
            visibility = Some(update.visibility);
        } else if visibility.is_none() {
            settle(
                ledger,
                Fate::LeftOut,
                "the first that is told of the image: nothing to compare",
            );
            visibility = Some(update.visibility);
        } else {
            settle(ledger, Fate::Merged, "the visibility is as before");
        }
    }
}

impl Update {
    fn rank(&self) -> impl Ord + '_ {
        (self.time, &self.origin.id, &self.visibility, self.origin.place)
    }
}

pub(super) fn new_owner(before: &str, after: &str) -> Fault {
    let message = format!(
        "the image's owner changed from {before} to {after}, for which native events have no word: \
         {before} is charged on"
    );
    Fault::new(ProblemCode::NotConvertible, message)
}

fn tell_members(id: &str, members: Vec<MemberChange>, owner: &str, ledger: &mut Ledger) {
    for change in members {
        let account = if change.by_member { &change.member } else { owner };
        let row = NativeRow {
            account: account.to_string(),
            resource: id.to_string(),
            member: change.member.clone(),
            status: change.status.clone(),
            ..change.origin.row(change.event, change.time)
        };
        ledger.accept(&change.origin, row);
    }
}

/// An image that was begun and deleted without ever having data, as a failed upload is, has nothing
/// to end. Where only the beginning is cut off, the end is passed on, for the reader of native
/// events to find (L14).
fn tell_deletions(id: &str, deletions: Vec<Deletion>, never_had_data: bool, ledger: &mut Ledger) {
    for deletion in deletions {
        if never_had_data && !deletion.had_data {
            let why = "the image never had data: there is nothing to end";
            ledger.table.settle(deletion.origin.type_id, Fate::LeftOut, why);
            continue;
        }
        let row = NativeRow {
            account: deletion.owner.clone(),
            resource: id.to_string(),
            ..deletion.origin.row("image.delete", deletion.time)
        };
        ledger.accept(&deletion.origin, row);
    }
}
