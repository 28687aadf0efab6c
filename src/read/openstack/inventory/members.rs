//! Members of shared images in an inventory.

use std::collections::BTreeSet;

use super::track::Track;
use super::{Dates, Seen, no_time};
use crate::read::foreign::NativeRow;
use crate::read::foreign::ledger::{About, Ledger, Origin};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::table::Fate;
use crate::read::foreign::time::Moment;

/// What a listing says of a member.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MemberFacts {
    status: String,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
}

/// What an item says.
pub(super) fn facts(seen: &Seen<'_>) -> Result<MemberFacts, Fault> {
    Ok(MemberFacts {
        status: seen.fields.text("status").unwrap_or_default(),
        created_at: seen.fields.time("created_at")?,
        updated_at: seen.fields.time("updated_at")?,
    })
}

/// Tells a member: each stay begins with a sharing and ends with its end, since a share can be
/// taken back and given again; and each answer.
pub(super) fn tell(
    (image, member): (&str, &str),
    mut track: Track<MemberFacts>,
    covered: &BTreeSet<Moment>,
    dates: &Dates,
    owner: &str,
    ledger: &mut Ledger,
) {
    track.sort();
    let Some(first) = track.sightings().first() else { return };
    let own = track.sightings().iter().filter_map(|sighting| sighting.facts.created_at).min();
    let began = match (own, track.appeared(covered)) {
        (Some(own), _) => own,
        (None, Some((before, shown))) => {
            dates.count("image member appeared", before.is_some(), ledger);
            dates.between(before, shown)
        }
        (None, None) => {
            let about = About { account: owner.into(), resource: image.into(), ..About::default() };
            ledger.refuse(&first.origin, no_time(), about);
            let why = "another listing of the member is a problem";
            return track.settle_others(Fate::LeftOut, why, ledger);
        }
    };
    let row = |origin: &Origin, event: &str, time: Moment, account: &str| NativeRow {
        account: account.to_string(),
        resource: image.to_string(),
        member: member.to_string(),
        ..origin.row(event, time)
    };
    ledger.accept(&first.origin, row(&first.origin, "image.member.create", began, owner));
    track.settle_others(Fate::Merged, "tells more of a member that is known", ledger);

    let mut stays = track.stays(covered).into_iter().peekable();
    let mut stay_number = 0;
    while let Some((_, last)) = stays.next() {
        let origin = &first.origin;
        if stay_number > 0 {
            dates.count("image member appeared", true, ledger);
        }
        stay_number += 1;
        let Some(gone) = track.first_without(last, covered) else { break };
        dates.count("image member vanished", true, ledger);
        let time = dates.between(Some(last), gone);
        ledger.add_row(origin, row(origin, "image.member.delete", time, owner));
        if let Some((again, _)) = stays.peek() {
            let before = covered.range(..*again).next_back().copied();
            let time = dates.between(before, *again);
            ledger.add_row(origin, row(origin, "image.member.create", time, owner));
        }
    }
    tell_answers(&track, began, dates, ledger, |origin, time| {
        row(origin, "image.member.update", time, member)
    });
}

/// A member's answers: `accepted` and `rejected`; `pending` is none.
fn tell_answers(
    track: &Track<MemberFacts>,
    began: Moment,
    dates: &Dates,
    ledger: &mut Ledger,
    row: impl Fn(&Origin, Moment) -> NativeRow,
) {
    let mut known = "pending";
    for sighting in track.sightings() {
        let MemberFacts { status, updated_at, .. } = &sighting.facts;
        if status.is_empty() || status == known {
            continue;
        }
        let is_first = known == "pending";
        known = status;
        let time = match (updated_at, sighting.taken) {
            (Some(own), _) => *own,
            (None, Some(taken)) => {
                let before = track.seen_before(taken);
                // The first snapshot shows the answer: it came with the sharing, for all we know.
                let time =
                    if before.is_none() && is_first { began } else { dates.between(before, taken) };
                dates.count("image member changed", before.is_some(), ledger);
                time
            }
            (None, None) => began,
        };
        let change = NativeRow { status: status.clone(), ..row(&sighting.origin, time) };
        ledger.add_row(&sighting.origin, change);
    }
}
