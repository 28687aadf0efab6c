//! Each call once, however often it was delivered.
//!
//! Several trails of one account deliver the same record, with the same `eventID`, as does a bucket
//! that is copied twice. A call on something shared is delivered to both accounts, under ids of
//! their own and one `sharedEventID`; the owner's record may lack what the caller's has.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::call::Call;
use crate::read::foreign::ledger::Ledger;
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::table::Fate;

const AGAIN: &str = "delivered again: same eventID as a record that was used";
const TO_BOTH: &str = "delivered to both accounts: same sharedEventID as a record that was used";

/// The calls that were read so far.
#[derive(Debug, Default)]
pub(super) struct Trail {
    calls: Vec<Option<Call>>,
    ids: BTreeMap<Box<str>, usize>,
    shared: BTreeMap<String, usize>,
}

impl Trail {
    /// Notes a call, unless another record of it is there; of two, the caller's own stays.
    pub(super) fn add(&mut self, call: Call, ledger: &mut Ledger) {
        let next = self.calls.len();
        if !call.origin.id.is_empty() {
            match self.ids.entry(call.origin.id.clone()) {
                Entry::Occupied(known) => {
                    let known = *known.get();
                    return self.again(known, call, ledger);
                }
                Entry::Vacant(place) => place.insert(next),
            };
        }
        if !call.shared_id.is_empty() {
            match self.shared.entry(call.shared_id.clone()) {
                Entry::Occupied(mut known) => {
                    let other = self.calls.get_mut(*known.get()).and_then(Option::take);
                    let (stays, goes) = match other {
                        Some(other) if better(&other, &call) => (other, Some(call)),
                        other => (call, other),
                    };
                    if let Some(goes) = goes {
                        ledger.table.settle(goes.origin.type_id, Fate::Merged, TO_BOTH);
                    }
                    known.insert(next);
                    self.calls.push(Some(stays));
                    return;
                }
                Entry::Vacant(place) => place.insert(next),
            };
        }
        self.calls.push(Some(call));
    }

    /// A record whose id is known. Which one stays does not depend on which came first.
    fn again(&mut self, known: usize, call: Call, ledger: &mut Ledger) {
        let Some(slot) = self.calls.get_mut(known) else { return };
        let Some(before) = slot.take() else {
            return ledger.table.settle(call.origin.type_id, Fate::Merged, TO_BOTH);
        };
        if before.says_the_same(&call) {
            *slot = Some(before);
            return ledger.table.settle(call.origin.type_id, Fate::Merged, AGAIN);
        }
        let first_stays = before.origin.record <= call.origin.record;
        let (stays, goes) = if first_stays { (before, call) } else { (call, before) };
        let message = "another record has the same eventID and says something else: that one is \
                       used, this one is not";
        let fault = Fault::new(ProblemCode::SameId, message);
        ledger.refuse(&goes.origin, fault, goes.about.clone());
        *slot = Some(stays);
    }

    /// All calls, in the order in which they are told.
    pub(super) fn finish(self) -> Vec<Call> {
        let mut calls: Vec<Call> = self.calls.into_iter().flatten().collect();
        calls.sort_by(|one, other| one.order().cmp(&other.order()));
        calls
    }
}

/// Whether the first of two records of one call tells as much as the second, or more.
fn better(one: &Call, other: &Call) -> bool {
    let rank = |call: &Call| (call.action.is_err(), !call.is_callers);
    (rank(one), &one.origin.id) <= (rank(other), &other.origin.id)
}
