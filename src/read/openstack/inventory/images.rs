//! Images of an inventory.

use std::collections::BTreeSet;

use super::super::glance::{copied_from, visibility_of};
use super::super::image::new_owner;
use super::super::os;
use super::super::region::Region;
use super::track::Track;
use super::{Dates, Seen, no_time};
use crate::read::foreign::NativeRow;
use crate::read::foreign::ledger::{About, Ledger};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::table::Fate;
use crate::read::foreign::time::Moment;

/// What a listing says of an image; an empty text is absent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ImageFacts {
    owner: String,
    bytes: Option<u64>,
    created_at: Option<Moment>,
    source: String,
    os: String,
    visibility: String,
    labels: String,
    region: Region,
}

const OWNER: &[&str] = &["owner", "project", "project_id", "tenant_id"];

/// What an item says; or why nothing comes of it.
pub(super) fn facts(id: &str, seen: &Seen<'_>) -> Result<Result<ImageFacts, &'static str>, Fault> {
    let fields = seen.fields;
    let status = fields.text("status").unwrap_or_default().to_lowercase();
    match status.as_str() {
        "queued" | "saving" | "uploading" | "importing" => return Ok(Err("has no data yet")),
        "deleted" | "killed" => return Ok(Err("is deleted")),
        _ => {}
    }
    let properties = fields.child("properties");
    let text = |key: &str| properties.and_then(|inner| inner.text(key)).or(fields.text(key));
    let mut labels = fields.words("tags");
    labels.extend(python_list(&fields.text("tags").unwrap_or_default()));
    labels.sort();
    labels.dedup();
    let copy_of = copied_from(id, text("image_type"), text("base_image_ref"));
    Ok(Ok(ImageFacts {
        owner: fields.first_text(OWNER).unwrap_or_default(),
        bytes: fields.whole_number("size")?,
        created_at: fields.time("created_at")?,
        source: text("instance_uuid").unwrap_or(copy_of),
        os: os::word(&[Some(fields), properties]),
        visibility: visibility_of(fields),
        labels: labels.join(";"),
        region: seen.region.clone(),
    }))
}

/// The words of `['a', 'b']`, which is how the client puts a list into a cell.
fn python_list(text: &str) -> Vec<String> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let words = inner.split(',').map(|word| word.trim().trim_matches(['\'', '"']).to_string());
    words.filter(|word| !word.is_empty()).collect()
}

/// Tells an image, and returns its owner, for its members.
pub(super) fn tell(
    id: &str,
    mut track: Track<ImageFacts>,
    covered: &BTreeSet<Moment>,
    dates: &Dates,
    ledger: &mut Ledger,
) -> String {
    track.sort();
    let Some(first) = track.sightings().first() else { return String::new() };
    let row = match creation(id, &track, covered, dates, ledger) {
        Ok(row) => row,
        Err(fault) => {
            let account = first.facts.owner.clone();
            let about = About { account, resource: id.into(), ..About::default() };
            ledger.refuse(&first.origin, fault, about);
            track.settle_others(Fate::LeftOut, "another listing of the image is a problem", ledger);
            return first.facts.owner.clone();
        }
    };
    let owner = row.account.clone();
    let visibility = row.visibility.clone();
    ledger.accept(&first.origin, row);
    track.settle_others(Fate::Merged, "tells more of an image that is known", ledger);
    tell_changes(id, &track, (&owner, visibility), dates, ledger);
    track.tell_gap("image", id, covered, ledger);
    if let (Some((before, after)), Some(last)) = (track.vanished(covered), track.sightings().last())
    {
        let time = dates.between(Some(before), after);
        dates.count("image vanished", true, ledger);
        let row = last.origin.row("image.delete", time);
        let (account, resource) = (owner.clone(), id.to_string());
        ledger.add_row(&last.origin, NativeRow { account, resource, ..row });
    }
    owner
}

fn creation(
    id: &str,
    track: &Track<ImageFacts>,
    covered: &BTreeSet<Moment>,
    dates: &Dates,
    ledger: &mut Ledger,
) -> Result<NativeRow, Fault> {
    let sightings = track.sightings();
    let facts = || sightings.iter().map(|sighting| &sighting.facts);
    let text = |field: fn(&ImageFacts) -> &String| {
        facts().map(field).find(|text| !text.is_empty()).cloned().unwrap_or_default()
    };
    let first = sightings.first().ok_or_else(no_time)?;
    let account = text(|facts| &facts.owner);
    if account.is_empty() {
        return Err(Fault::missing("owner or Project; ask the client with --long"));
    }
    let bytes = facts().find_map(|facts| facts.bytes).ok_or_else(|| Fault::missing("size"))?;
    let region = facts().find_map(|facts| facts.region.as_ref().ok());
    let row = NativeRow {
        account,
        region: match region {
            Some(region) => region.clone(),
            None => first.facts.region.clone().map_err(|nowhere| nowhere.fault())?,
        },
        resource: id.to_string(),
        source: text(|facts| &facts.source),
        bytes: bytes.to_string(),
        os: text(|facts| &facts.os),
        visibility: text(|facts| &facts.visibility),
        labels: text(|facts| &facts.labels),
        ..NativeRow::default()
    };
    let own = facts().filter_map(|facts| facts.created_at).min();
    let time = match (own, track.appeared(covered)) {
        (Some(own), _) => own,
        (None, Some((before, first))) => {
            dates.count("image appeared", before.is_some(), ledger);
            dates.between(before, first)
        }
        (None, None) => return Err(no_time()),
    };
    let place = first.origin.row("image.create", time);
    let (file, line, record) = (place.file, place.line, place.record);
    Ok(NativeRow { file, line, record, time: place.time, event: place.event, ..row })
}

/// What differs from snapshot to snapshot and matters: visibility, and the owner, which native
/// events cannot change.
fn tell_changes(
    id: &str,
    track: &Track<ImageFacts>,
    (owner, mut visibility): (&String, String),
    dates: &Dates,
    ledger: &mut Ledger,
) {
    let mut known = owner;
    for sighting in track.sightings() {
        let (Some(taken), ImageFacts { owner: now, visibility: shown, .. }) =
            (sighting.taken, &sighting.facts)
        else {
            continue;
        };
        if !now.is_empty() && now != known {
            let time = taken.to_string();
            let about = About { time, account: now.clone(), resource: id.into() };
            track.refuse_beside(
                sighting,
                "image owner changed",
                new_owner(known, now),
                about,
                ledger,
            );
            known = now;
        }
        if shown.is_empty() || *shown == visibility {
            continue;
        }
        visibility.clone_from(shown);
        dates.count("image changed", true, ledger);
        let time = dates.between(track.seen_before(taken), taken);
        let change = NativeRow {
            account: owner.clone(),
            resource: id.to_string(),
            visibility: shown.clone(),
            ..sighting.origin.row("image.update", time)
        };
        ledger.add_row(&sighting.origin, change);
    }
}
