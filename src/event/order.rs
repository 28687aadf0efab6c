//! The order in which events are applied, whatever order they were read in (rules, L; C7).

use std::cmp::Ordering;

use crate::event::{Action, Batch, Event};
use crate::value::{Interner, Names, ResourceId};

impl Batch {
    /// Puts the events into the order of application.
    pub fn sort(&mut self, names: &Names) {
        // Logs are mostly in order, and few events happen at one instant.
        if self.events.is_sorted_by(|a, b| a.time < b.time) {
            return;
        }
        let mut events = std::mem::take(&mut self.events);
        // A stable sort makes use of what is in order.
        events.sort_by(|a, b| compare((a, self), (b, self), names));
        self.events = events;
    }
}

/// Compares two events, each with its batch: by time, then kind, then resource, member and id;
/// where all of that ties, by what the events say, so that the input's order never decides.
#[must_use]
pub fn compare(
    (a, a_batch): (&Event, &Batch),
    (b, b_batch): (&Event, &Batch),
    names: &Names,
) -> Ordering {
    a.time.cmp(&b.time).then_with(|| {
        let (a_resource, b_resource) = (a.action.resource(), b.action.resource());
        let member = |event: &Event| event.action.member();
        (a.action.kind().cmp(&b.action.kind()))
            .then_with(|| a_batch.resource(a_resource).cmp(b_batch.resource(b_resource)))
            .then_with(|| by_text(member(a), member(b), &names.accounts))
            .then_with(|| a.id.map(|id| a_batch.id(id)).cmp(&b.id.map(|id| b_batch.id(id))))
            .then_with(|| by_text(a.actor, b.actor, &names.accounts))
            .then_with(|| compare_details((a, a_batch), (b, b_batch), names))
            .then_with(|| a.origin.cmp(&b.origin))
    })
}

/// By everything else that two events of one kind on one resource can say.
fn compare_details(
    (a, a_batch): (&Event, &Batch),
    (b, b_batch): (&Event, &Batch),
    names: &Names,
) -> Ordering {
    let by_source = |a: Option<ResourceId>, b: Option<ResourceId>| {
        let text = |id: Option<ResourceId>, batch| id.map(|id| Batch::resource(batch, id));
        text(a, a_batch).cmp(&text(b, b_batch))
    };
    match (&a.action, &b.action) {
        (Action::ImageCreate(a), Action::ImageCreate(b)) => {
            by_text(Some(a.owner), Some(b.owner), &names.accounts)
                .then_with(|| by_text(Some(a.region), Some(b.region), &names.regions))
                .then_with(|| by_source(a.source, b.source))
                .then_with(|| a.bytes.cmp(&b.bytes))
                .then_with(|| by_text(a.os, b.os, &names.systems))
                .then_with(|| a.visibility.cmp(&b.visibility))
                .then_with(|| by_text(a.labels, b.labels, &names.labels))
        }
        (Action::ServerCreate(a), Action::ServerCreate(b)) => {
            by_text(Some(a.owner), Some(b.owner), &names.accounts)
                .then_with(|| by_text(Some(a.region), Some(b.region), &names.regions))
                .then_with(|| by_source(a.source, b.source))
                .then_with(|| by_text(Some(a.flavor), Some(b.flavor), &names.flavors))
                .then_with(|| by_text(a.os, b.os, &names.systems))
        }
        (Action::ObjectCreate(a), Action::ObjectCreate(b)) => {
            by_text(Some(a.owner), Some(b.owner), &names.accounts)
                .then_with(|| by_text(Some(a.region), Some(b.region), &names.regions))
                .then_with(|| by_source(a.source, b.source))
                .then_with(|| a.bytes.cmp(&b.bytes))
                .then_with(|| by_text(a.os, b.os, &names.systems))
        }
        (
            Action::TransferOut { region: a_region, bytes: a_bytes, .. },
            Action::TransferOut { region: b_region, bytes: b_bytes, .. },
        ) => by_text(Some(*a_region), Some(*b_region), &names.regions)
            .then_with(|| a_bytes.cmp(b_bytes)),
        (
            Action::ServerResize { flavor: a_flavor, .. },
            Action::ServerResize { flavor: b_flavor, .. },
        ) => by_text(Some(*a_flavor), Some(*b_flavor), &names.flavors),
        (
            Action::ServerRebuild { source: a_source, os: a_os, .. },
            Action::ServerRebuild { source: b_source, os: b_os, .. },
        ) => by_source(Some(*a_source), Some(*b_source))
            .then_with(|| by_text(*a_os, *b_os, &names.systems)),
        (
            Action::ImageUpdate { visibility: a_visibility, .. },
            Action::ImageUpdate { visibility: b_visibility, .. },
        ) => a_visibility.cmp(b_visibility),
        (
            Action::MemberUpdate { status: a_status, .. },
            Action::MemberUpdate { status: b_status, .. },
        ) => a_status.cmp(b_status),
        _ => Ordering::Equal,
    }
}

/// Compares two names by their texts; none comes first.
fn by_text<K: Copy + PartialEq + From<u32> + Into<u32>>(
    a: Option<K>,
    b: Option<K>,
    names: &Interner<K>,
) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    a.map(|a| names.text(a)).cmp(&b.map(|b| names.text(b)))
}
