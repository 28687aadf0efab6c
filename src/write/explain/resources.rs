//! What caused a charge: resources, their spans, and the rows of the log.

use std::collections::BTreeSet;

use crate::event::EventKind;
use crate::explain::{Caused, ChargeExplained, CycleExplained, HeardEvent, LineExplained, Piece};
use crate::statement::Role;
use crate::value::{Instant, Span};
use crate::write::explain::tree::Branch;
use crate::write::explain::words::{self, base_unit, shown};
use crate::write::explain::{Explained, Screen, sum_of};
use crate::write::text::{grouped, plural, visible};

/// How many rows are named in a line.
const PLACES: usize = 4;

/// Tells what caused a charge, as branches.
pub(super) fn resources(
    branch: &mut Branch,
    cycle: &CycleExplained,
    of: &ChargeExplained,
    screen: Screen,
    explained: &Explained<'_>,
) {
    let Some(line) = cycle.line(of) else { return };
    let told = explained.told(of, screen.resources);
    let unit = of.charge.unit.as_str(of.charge.currency);
    for caused in told.shown {
        branch.branch(resource_branch(caused, line, unit, screen, explained));
    }
    if !told.rest.is_empty() {
        let count = told.rest.len();
        let (quantity, amount) = sum_of(&told.rest);
        let (quantity, amount) = (shown(quantity), shown(amount));
        branch.branch(Branch::new(format!("{amount}  and {count} more: {quantity} {unit}")));
    }
}

fn resource_branch(
    caused: &Caused,
    line: &LineExplained,
    unit: &str,
    screen: Screen,
    explained: &Explained<'_>,
) -> Branch {
    let name = visible(explained.resource_text(caused));
    let region = visible(explained.names.regions.text(caused.cause.region));
    let (quantity, amount) = (shown(caused.quantity.decimal()), shown(caused.amount.decimal()));
    let all = &line.pieces[caused.pieces.clone()];
    let during = whole(all);
    let mut branch = Branch::new(format!("{amount}  {name} in {region}: {quantity} {unit}"));
    if !screen.is_near {
        let places = places(&events_of(caused, all, explained), explained);
        branch.line(format!("{}  {places}", period(during)));
        return branch;
    }
    branch.line(role(caused, explained));
    let (told, rest) = biggest(all, screen.rows);
    for piece in &told {
        let what =
            words::piece(piece, line.key.sku, explained.heard, explained.book, explained.names);
        branch.line(format!("{}: {what}", period(piece.during)));
    }
    if !rest.is_empty() {
        let units: u128 = rest.iter().map(|piece| piece.base_units).sum();
        let (units, unit) = (grouped(units), base_unit(line.key.sku));
        let count = rest.len();
        branch.line(format!("and {count} more {}: {units} {unit}s", plural(count, "span")));
    }
    let events = events_of(caused, &told, explained);
    let events: Vec<&HeardEvent> = lineage(caused, explained).into_iter().chain(events).collect();
    for event in events.iter().take(screen.rows) {
        branch.branch(event_branch(event, explained));
    }
    if let Some(more @ 1..) = events.len().checked_sub(screen.rows) {
        branch.branch(Branch::new(format!("and {more} more {}", plural(more, "row"))));
    }
    branch
}

fn event_branch(event: &HeardEvent, explained: &Explained<'_>) -> Branch {
    let (file, at) = explained.place(event);
    let id = event.id.as_ref().map_or(String::new(), |id| format!(" ({})", visible(id)));
    let (time, kind) = (event.time, event.kind.as_str());
    let details = words::details(event, explained.names);
    Branch::new(format!("{}:{at}{id}  {time} {kind} {details}", visible(file)))
}

/// Where some events stand, in a line: a file's name once for all that follow in it.
fn places(events: &[&HeardEvent], explained: &Explained<'_>) -> String {
    let mut places: Vec<String> = Vec::new();
    let mut last = None;
    for event in events.iter().take(PLACES) {
        let (file, at) = explained.place(event);
        let is_same = last.replace(file) == Some(file);
        places.push(if is_same { at.to_string() } else { format!("{}:{at}", visible(file)) });
    }
    if let Some(more @ 1..) = events.len().checked_sub(PLACES) {
        places.push(format!("and {more} more"));
    }
    places.join(", ")
}

/// The pieces that used most, in order of time, and the others.
fn biggest(pieces: &[Piece], most: usize) -> (Vec<Piece>, Vec<Piece>) {
    let mut all = pieces.to_vec();
    all.sort_by_key(|piece| (std::cmp::Reverse(piece.base_units), piece.during.start));
    let rest = all.split_off(most.min(all.len()));
    all.sort_by_key(|piece| piece.during.start);
    (all, rest)
}

/// From the first piece's start to the last one's end.
fn whole(pieces: &[Piece]) -> Span {
    let start = pieces.iter().map(|piece| piece.during.start).min();
    let end = pieces.iter().map(|piece| piece.during.end).max();
    let nothing = Instant::from_micros(0);
    Span { start: start.unwrap_or(nothing), end: end.unwrap_or(nothing) }
}

/// The events on a resource that decide a part of a charge: what began it, what changed it, what
/// ended it. Data that is sent has one.
fn events_of<'a>(
    caused: &Caused,
    pieces: &[Piece],
    explained: &'a Explained<'_>,
) -> Vec<&'a HeardEvent> {
    let during = whole(pieces);
    let sent: BTreeSet<Instant> = pieces.iter().map(|piece| piece.during.start).collect();
    let all = explained.heard.events.get(explained.resource_text(caused));
    let all = all.map_or(&[][..], |events| events);
    let is_transfer = caused.role == Role::Transfer;
    let mut has_member = false;
    let decides = |event: &&HeardEvent| match event.kind {
        EventKind::TransferOut => is_transfer && sent.contains(&event.time),
        _ if is_transfer => false,
        // The first one is what makes it a shared image.
        EventKind::MemberCreate => {
            let is_first = caused.role == Role::ProducerStorage && !has_member;
            has_member = true;
            is_first
        }
        EventKind::MemberDelete | EventKind::MemberUpdate | EventKind::ImageUpdate => false,
        EventKind::ImageDeactivate | EventKind::ImageReactivate => false,
        EventKind::ImageCreate
        | EventKind::ImageCreateFromSource
        | EventKind::ImageDelete
        | EventKind::ObjectCreate
        | EventKind::ObjectDelete
        | EventKind::ServerCreate
        | EventKind::ServerResize
        | EventKind::ServerRebuild
        | EventKind::ServerDelete => event.is_applied && event.time <= during.end,
    };
    all.iter().filter(decides).collect()
}

/// How the image behind something came to be, and to be shared with the account.
fn lineage<'a>(caused: &Caused, explained: &'a Explained<'_>) -> Vec<&'a HeardEvent> {
    let Some((image, _)) = explained.source(caused) else { return Vec::new() };
    let origin = explained.origins.get(image);
    let shares = explained.heard.shares.get(image).map_or(&[][..], |shares| shares);
    let share =
        shares.iter().find(|event| event.kind == EventKind::MemberCreate && event.is_applied);
    origin.into_iter().chain(share).collect()
}

fn role(caused: &Caused, explained: &Explained<'_>) -> String {
    let role = caused.role.as_str();
    match explained.source(caused) {
        None => role.to_owned(),
        Some((image, None)) => format!("{role}, of {}", visible(image)),
        Some((image, Some(owner))) => {
            format!("{role}, of {}, an image of {}", visible(image), visible(owner))
        }
    }
}

fn period(span: Span) -> String {
    if span.start == span.end {
        span.start.to_string()
    } else {
        format!("{} to {}", span.start, span.end)
    }
}
