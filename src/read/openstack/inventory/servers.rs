//! Servers of an inventory, as lists, `show` and usage reports have them.

use std::collections::BTreeSet;

use super::super::kind::Change;
use super::super::server::Facts;
use super::track::{Sighting, Track};
use super::{Dates, Seen, no_time};
use crate::read::foreign::NativeRow;
use crate::read::foreign::fields::Fields;
use crate::read::foreign::ledger::Ledger;
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::table::Fate;
use crate::read::foreign::time::Moment;

/// Where a server's project stands.
pub(super) const PROJECT: &[&str] = &["tenant_id", "project_id", "project", "owner"];
const LAUNCHED: &[&str] = &["os-srv-usg:launched_at", "launched_at", "started_at"];
const CREATED: &[&str] = &["created", "created_at"];
const ENDED: &[&str] = &["os-srv-usg:terminated_at", "terminated_at", "ended_at", "deleted_at"];

/// What a listing says of a server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ServerFacts {
    facts: Facts,
    /// The flavor's id, where nothing has its name.
    flavor_id: String,
    launched: Option<Moment>,
    created: Option<Moment>,
    ended: Option<Moment>,
}

/// What an item says; or why nothing comes of it.
pub(super) fn facts(seen: &Seen<'_>) -> Result<Result<ServerFacts, &'static str>, Fault> {
    let fields = seen.fields;
    let (launched, ended) = (first_time(fields, LAUNCHED)?, first_time(fields, ENDED)?);
    let status = fields.first_text(&["status", "state"]).unwrap_or_default().to_lowercase();
    let created = first_time(fields, CREATED).map_err(|fault| misaligned(fields, fault))?;
    match (status.as_str(), launched) {
        ("build", None) => return Ok(Err("was not launched yet")),
        ("error", None) if fields.has("os-srv-usg:launched_at") => {
            return Ok(Err("was never launched"));
        }
        ("deleted", _) if ended.is_none() => return Ok(Err("is deleted; when is not told")),
        _ => {}
    }
    let (flavor, flavor_id) = flavor_of(fields);
    let facts = Facts {
        account: fields.first_text(PROJECT).unwrap_or_default(),
        flavor,
        source: image_of(fields),
        os: String::new(),
        region: seen.region.clone(),
    };
    Ok(Ok(ServerFacts { facts, flavor_id, launched, created, ended }))
}

fn first_time(fields: Fields<'_>, keys: &[&str]) -> Result<Option<Moment>, Fault> {
    for key in keys {
        if let Some(time) = fields.time(key)? {
            return Ok(Some(time));
        }
    }
    Ok(None)
}

/// Some releases of the client put the columns of `-c` under each other's headings.
fn misaligned(fields: Fields<'_>, fault: Fault) -> Fault {
    let told = fields.first_text(CREATED);
    let ids = ["image_id", "id", "project_id", "flavor"];
    if !ids.iter().any(|key| fields.text(key).is_some_and(|id| Some(id) == told)) {
        return fault;
    }
    let message = format!(
        "{}, but an id: the client put its columns under wrong headings; list again with other \
         columns (-c), or as --long -f json",
        fault.message
    );
    Fault::new(ProblemCode::BadTime, message)
}

/// The flavor's name, and its id. `show` prints `m1.tiny (1)` or `name='m1.tiny', id='1'`.
fn flavor_of(fields: Fields<'_>) -> (String, String) {
    if let Some(inner) = fields.child("flavor") {
        let name = inner.first_text(&["original_name", "name"]);
        return (name.unwrap_or_default(), inner.text("id").unwrap_or_default());
    }
    let told = fields.first_text(&["flavor", "flavor_name"]).unwrap_or_default();
    let quoted = |key: &str| told.split_once(key)?.1.split_once('\'').map(|(name, _)| name);
    let name = quoted("original_name='").or_else(|| quoted("name='"));
    let plain = told.rsplit_once(" (").filter(|(_, id)| id.ends_with(')')).map(|(name, _)| name);
    let name = name.or(plain).unwrap_or(&told).to_string();
    (name, fields.text("flavor_id").unwrap_or_default())
}

/// The image's id: `image_id`, `{"id": …}`, or the one in `cirros (…)`. A bare `image` is a name.
fn image_of(fields: Fields<'_>) -> String {
    let inner = fields.child("image").and_then(|image| image.text("id"));
    let shown = || {
        let text = fields.text("image")?;
        let (_, id) = text.rsplit_once('(')?;
        id.strip_suffix(')').map(str::to_string)
    };
    fields.text("image_id").or(inner).or_else(shown).unwrap_or_default()
}

/// Tells a server.
pub(super) fn tell(
    id: &str,
    mut track: Track<ServerFacts>,
    covered: &BTreeSet<Moment>,
    dates: &Dates,
    ledger: &mut Ledger,
) {
    track.sort();
    let Some(first) = track.sightings().first() else { return };
    let row = match creation(id, &track, covered, dates, ledger) {
        Ok(row) => row,
        Err(fault) => {
            let time = first.taken.map(|taken| taken.to_string()).unwrap_or_default();
            ledger.refuse(&first.origin, fault, first.facts.facts.about(id, time));
            let why = "another listing of the server is a problem";
            return track.settle_others(Fate::LeftOut, why, ledger);
        }
    };
    let (flavor, source) = (row.flavor.clone(), row.source.clone());
    ledger.accept(&first.origin, row);
    track.settle_others(Fate::Merged, "tells more of a server that is known", ledger);
    tell_changes(id, &track, (flavor, source), dates, ledger);
    tell_end(id, &track, covered, dates, ledger);
}

fn creation(
    id: &str,
    track: &Track<ServerFacts>,
    covered: &BTreeSet<Moment>,
    dates: &Dates,
    ledger: &mut Ledger,
) -> Result<NativeRow, Fault> {
    let all = || track.sightings().iter().map(|sighting| &sighting.facts);
    let text = |field: fn(&ServerFacts) -> &String| {
        all().map(field).find(|text| !text.is_empty()).cloned().unwrap_or_default()
    };
    let first = track.sightings().first().ok_or_else(no_time)?;
    let flavor = text(|all| &all.facts.flavor);
    let region = all().map(|all| &all.facts.region).find(|region| region.is_ok());
    let facts = Facts {
        account: text(|all| &all.facts.account),
        flavor: if flavor.is_empty() { text(|all| &all.flavor_id) } else { flavor },
        source: text(|all| &all.facts.source),
        os: String::new(),
        region: region.unwrap_or(&first.facts.facts.region).clone(),
    };
    facts.check(Change::Create).map_err(|_| {
        Fault::missing("project or no flavor; ask the client with --long --all-projects")
    })?;
    let launched = all().filter_map(|all| all.launched).min();
    let own = launched.or_else(|| all().filter_map(|all| all.created).min());
    let time = match (own, track.appeared(covered)) {
        (Some(own), _) => own,
        (None, Some((before, shown))) => {
            dates.count("server appeared", before.is_some(), ledger);
            dates.between(before, shown)
        }
        (None, None) => return Err(no_time()),
    };
    facts.row(Change::Create, id, time, &first.origin)
}

/// Another flavor is a resize, another image a rebuild.
fn tell_changes(
    id: &str,
    track: &Track<ServerFacts>,
    (mut flavor, mut source): (String, String),
    dates: &Dates,
    ledger: &mut Ledger,
) {
    for sighting in track.sightings() {
        let (Some(taken), Facts { flavor: size, source: image, .. }) =
            (sighting.taken, &sighting.facts.facts)
        else {
            continue;
        };
        let time = dates.between(track.seen_before(taken), taken);
        let mut tell = |change: Change, told: &mut String, now: &String| {
            if now.is_empty() || now == told {
                return;
            }
            told.clone_from(now);
            dates.count("server changed", true, ledger);
            if let Ok(row) = sighting.facts.facts.row(change, id, time, &sighting.origin) {
                ledger.add_row(&sighting.origin, row);
            }
        };
        tell(Change::Resize, &mut flavor, size);
        tell(Change::Rebuild, &mut source, image);
    }
}

/// The end: the server's own, else between two snapshots.
fn tell_end(
    id: &str,
    track: &Track<ServerFacts>,
    covered: &BTreeSet<Moment>,
    dates: &Dates,
    ledger: &mut Ledger,
) {
    let mut ends = track.sightings().iter().filter(|sighting| sighting.facts.ended.is_some());
    let told: Option<&Sighting<ServerFacts>> = ends.next();
    let (sighting, time) = match (told, track.vanished(covered), track.sightings().last()) {
        (Some(told), _, _) => (told, told.facts.ended),
        (None, Some((before, after)), Some(last)) => {
            track.tell_gap("server", id, covered, ledger);
            dates.count("server vanished", true, ledger);
            (last, Some(dates.between(Some(before), after)))
        }
        (None, _, _) => return track.tell_gap("server", id, covered, ledger),
    };
    let Some(time) = time else { return };
    if let Ok(row) = sighting.facts.facts.row(Change::Delete, id, time, &sighting.origin) {
        ledger.add_row(&sighting.origin, row);
    }
}
