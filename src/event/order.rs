//! The order in which events are applied, whatever order they were read in (rules, L; C7).

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use crate::event::{Action, Event, Origin};
use crate::value::{EventId, Interner, Names};

/// Events in the order of application, each id once (L15).
#[derive(Debug, Default)]
pub struct Ordered {
    /// The events to apply.
    pub events: Vec<Event>,
    /// Where those were read that repeat an id with the same content, and are dropped.
    pub repeated: Vec<Origin>,
    /// Those that repeat an id with other content than the first of that id.
    pub conflicting: Vec<Event>,
}

/// Puts events into the order of application: time, then kind, then resource, member and id; where
/// all of that ties, by what the events say, so that the input's order never decides.
///
/// Of several events with one id the first in that order stands. Those that say the same are
/// dropped and counted; those that say something else are set aside (L15).
#[must_use]
pub fn put_in_order(mut events: Vec<Event>, names: &Names) -> Ordered {
    // Rows often arrive in order: a stable sort then only looks.
    events.sort_by(|a, b| compare(a, b, names));
    let mut ordered = Ordered { events: Vec::with_capacity(events.len()), ..Ordered::default() };
    let mut first_of_id: FxHashMap<EventId, Event> = FxHashMap::default();
    for event in events {
        let first = event.id.map(|id| *first_of_id.entry(id).or_insert(event));
        match first {
            Some(first) if first.origin == event.origin => ordered.events.push(event),
            Some(first) if says_the_same(&first, &event) => ordered.repeated.push(event.origin),
            Some(_) => ordered.conflicting.push(event),
            None => ordered.events.push(event),
        }
    }
    ordered
}

fn says_the_same(a: &Event, b: &Event) -> bool {
    (a.time, a.actor, a.action) == (b.time, b.actor, b.action)
}

fn compare(a: &Event, b: &Event, names: &Names) -> Ordering {
    a.time
        .cmp(&b.time)
        .then_with(|| a.action.kind().cmp(&b.action.kind()))
        .then_with(|| compare_names(a, b, names))
        .then_with(|| compare_details(a, b, names))
        .then_with(|| a.origin.cmp(&b.origin))
}

/// By resource, member and id, as texts: ids inside depend on who came first.
fn compare_names(a: &Event, b: &Event, names: &Names) -> Ordering {
    let (resources, accounts) = (&names.resources, &names.accounts);
    by_text(Some(a.action.resource()), Some(b.action.resource()), resources)
        .then_with(|| by_text(a.action.member(), b.action.member(), accounts))
        .then_with(|| by_text(a.id, b.id, &names.events))
}

/// By everything else that two events of one kind on one resource can say.
fn compare_details(a: &Event, b: &Event, names: &Names) -> Ordering {
    by_text(a.actor, b.actor, &names.accounts).then_with(|| match (&a.action, &b.action) {
        (Action::ImageCreate(a), Action::ImageCreate(b)) => {
            by_text(Some(a.owner), Some(b.owner), &names.accounts)
                .then_with(|| by_text(Some(a.region), Some(b.region), &names.regions))
                .then_with(|| by_text(a.source, b.source, &names.resources))
                .then_with(|| a.bytes.cmp(&b.bytes))
                .then_with(|| by_text(a.os, b.os, &names.systems))
                .then_with(|| a.visibility.cmp(&b.visibility))
                .then_with(|| by_text(a.labels, b.labels, &names.labels))
        }
        (Action::ServerCreate(a), Action::ServerCreate(b)) => {
            by_text(Some(a.owner), Some(b.owner), &names.accounts)
                .then_with(|| by_text(Some(a.region), Some(b.region), &names.regions))
                .then_with(|| by_text(a.source, b.source, &names.resources))
                .then_with(|| by_text(Some(a.flavor), Some(b.flavor), &names.flavors))
                .then_with(|| by_text(a.os, b.os, &names.systems))
        }
        (Action::ObjectCreate(a), Action::ObjectCreate(b)) => {
            by_text(Some(a.owner), Some(b.owner), &names.accounts)
                .then_with(|| by_text(Some(a.region), Some(b.region), &names.regions))
                .then_with(|| by_text(a.source, b.source, &names.resources))
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
        ) => by_text(Some(*a_source), Some(*b_source), &names.resources)
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
    })
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
