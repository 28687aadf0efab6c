//! All that was seen of one thing, snapshot by snapshot.
//!
//! Most snapshots say what the one before said. Of those only the moment is kept, so that memory
//! follows the changes and not the snapshots.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Unbounded};

use super::Seen;
use crate::read::foreign::ledger::{About, Ledger, Origin};
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::table::Fate;
use crate::read::foreign::time::Moment;

/// One thing, as it was seen.
#[derive(Debug)]
pub(super) struct Track<F> {
    sightings: Vec<Sighting<F>>,
    /// When it was seen.
    moments: BTreeSet<Moment>,
}

/// One that says something new.
#[derive(Debug)]
pub(super) struct Sighting<F> {
    pub(super) taken: Option<Moment>,
    pub(super) facts: F,
    pub(super) origin: Origin,
}

impl<F> Default for Track<F> {
    fn default() -> Track<F> {
        Track { sightings: Vec::new(), moments: BTreeSet::new() }
    }
}

impl<F: PartialEq> Track<F> {
    /// Notes one sighting.
    pub(super) fn take(&mut self, seen: &Seen<'_>, facts: F, ledger: &mut Ledger) {
        self.moments.extend(seen.taken);
        let last = self.sightings.last();
        let is_later = |last: &Sighting<F>| last.taken.is_some() && last.taken <= seen.taken;
        if last.is_some_and(|last| last.facts == facts && is_later(last)) {
            let why = "as in an earlier snapshot";
            ledger.table.settle(seen.source.type_id, Fate::Merged, why);
            return;
        }
        let origin = seen.source.keep();
        self.sightings.push(Sighting { taken: seen.taken, facts, origin });
    }

    /// Puts all in order of time; those without one first, which say what a thing is and not when.
    pub(super) fn sort(&mut self) {
        self.sightings.sort_by_key(|sighting| (sighting.taken, sighting.origin.place));
    }

    /// All that say something new.
    pub(super) fn sightings(&self) -> &[Sighting<F>] {
        &self.sightings
    }

    /// The snapshot that shows it first, with the one before, which lacks it.
    pub(super) fn appeared(&self, covered: &BTreeSet<Moment>) -> Option<(Option<Moment>, Moment)> {
        let first = *self.moments.first()?;
        Some((covered.range(..first).next_back().copied(), first))
    }

    /// The last snapshot that shows it, with the one after, which lacks it.
    pub(super) fn vanished(&self, covered: &BTreeSet<Moment>) -> Option<(Moment, Moment)> {
        let last = *self.moments.last()?;
        Some((last, self.first_without(last, covered)?))
    }

    /// The first snapshot after this moment that does not show it.
    pub(super) fn first_without(
        &self,
        after: Moment,
        covered: &BTreeSet<Moment>,
    ) -> Option<Moment> {
        let mut later = covered.range((Excluded(after), Unbounded));
        later.find(|moment| !self.moments.contains(moment)).copied()
    }

    /// The last moment before this one at which it was seen.
    pub(super) fn seen_before(&self, moment: Moment) -> Option<Moment> {
        self.moments.range(..moment).next_back().copied()
    }

    /// The spans in which it was there, as the moments that show it tell: each is the first and
    /// the last of those that no snapshot between lacks.
    pub(super) fn stays(&self, covered: &BTreeSet<Moment>) -> Vec<(Moment, Moment)> {
        let mut stays: Vec<(Moment, Moment)> = Vec::new();
        for moment in &self.moments {
            match stays.last_mut() {
                Some((_, last))
                    if covered.range((Excluded(*last), Excluded(*moment))).next().is_none() =>
                {
                    *last = *moment;
                }
                Some(_) | None => stays.push((*moment, *moment)),
            }
        }
        stays
    }

    /// A thing whose id comes only once cannot be gone and come back: one of the lists is cut.
    pub(super) fn tell_gap(
        &self,
        what: &str,
        id: &str,
        covered: &BTreeSet<Moment>,
        ledger: &mut Ledger,
    ) {
        let stays = self.stays(covered);
        let (Some((_, seen)), Some((again, _))) = (stays.first(), stays.get(1)) else { return };
        let Some(sighting) = self.sightings.last() else { return };
        let message = format!(
            "the {what} is in the snapshots of {seen} and {again}, and in none between: is one of \
             the lists cut off, or of one project only? It counts as there all the while"
        );
        let about = About { time: again.to_string(), account: String::new(), resource: id.into() };
        let fault = Fault::new(ProblemCode::Contradiction, message);
        self.refuse_beside(sighting, &format!("{what} missing between"), fault, about, ledger);
    }

    /// A problem that a sighting shows whose own fate has been told; counted under its own name.
    pub(super) fn refuse_beside(
        &self,
        sighting: &Sighting<F>,
        what: &str,
        fault: Fault,
        about: About,
        ledger: &mut Ledger,
    ) {
        let type_id = ledger.table.read(what);
        let Origin { place, line, record, .. } = &sighting.origin;
        let (place, line) = (*place, *line);
        let origin = Origin { place, line, record: record.clone(), id: "".into(), type_id };
        ledger.refuse(&origin, fault, about);
    }

    /// Settles all sightings but the first, which has its fate.
    pub(super) fn settle_others(&self, fate: Fate, why: &str, ledger: &mut Ledger) {
        for sighting in self.sightings.iter().skip(1) {
            ledger.table.settle(sighting.origin.type_id, fate, why);
        }
    }
}
