//! Names that repeat from row to row, found by where their text lies.

use crate::value::{AccountId, EventId, FlavorId, LabelsId, NameIds, OsId, RegionId, ResourceId};

/// How many texts of one kind are remembered. A power of two.
const SLOTS: usize = 1024;

/// Asks `names` only for texts that it has not been asked for in this slice of rows.
///
/// The values of a dictionary page are stored once: while a slice holds its pages, a text at the
/// same place with the same length is the same text, and needs no hashing. Resources and the ids
/// of events hardly repeat, and are passed on.
pub(super) struct Remembered<'n, N> {
    names: &'n mut N,
    known: &'n mut Known,
}

/// The names that have been asked for, by where their texts lie.
pub(super) struct Known {
    /// Which slice they were asked for in: the pages of an earlier one have been given back, and
    /// others may lie there.
    slice: u64,
    accounts: Cache<AccountId>,
    regions: Cache<RegionId>,
    flavors: Cache<FlavorId>,
    systems: Cache<OsId>,
    labels: Cache<LabelsId>,
}

struct Cache<K> {
    slots: Vec<Option<Slot<K>>>,
}

#[derive(Clone, Copy)]
struct Slot<K> {
    slice: u64,
    start: usize,
    length: usize,
    id: K,
}

impl<K: Copy> Cache<K> {
    fn new() -> Cache<K> {
        Cache { slots: vec![None; SLOTS] }
    }

    fn get(&mut self, text: &str, slice: u64, ask: impl FnOnce() -> K) -> K {
        let (start, length) = (text.as_ptr().addr(), text.len());
        // The texts of a dictionary stand in a row, some bytes apart.
        let slot = &mut self.slots[(start / 8) % SLOTS];
        match slot {
            Some(known)
                if known.slice == slice && known.start == start && known.length == length =>
            {
                known.id
            }
            _ => {
                let id = ask();
                *slot = Some(Slot { slice, start, length, id });
                id
            }
        }
    }
}

impl Known {
    pub(super) fn new() -> Known {
        Known {
            slice: 0,
            accounts: Cache::new(),
            regions: Cache::new(),
            flavors: Cache::new(),
            systems: Cache::new(),
            labels: Cache::new(),
        }
    }

    /// These names, asked for the next slice: what was known of the last one is forgotten.
    pub(super) fn ask<'n, N: NameIds>(&'n mut self, names: &'n mut N) -> Remembered<'n, N> {
        self.slice += 1;
        Remembered { names, known: self }
    }
}

impl<N: NameIds> NameIds for Remembered<'_, N> {
    fn account(&mut self, text: &str) -> AccountId {
        self.known.accounts.get(text, self.known.slice, || self.names.account(text))
    }

    fn resource(&mut self, text: &str) -> ResourceId {
        self.names.resource(text)
    }

    fn known_resource(&mut self, text: &str) -> ResourceId {
        self.names.known_resource(text)
    }

    fn region(&mut self, text: &str) -> RegionId {
        self.known.regions.get(text, self.known.slice, || self.names.region(text))
    }

    fn flavor(&mut self, text: &str) -> FlavorId {
        self.known.flavors.get(text, self.known.slice, || self.names.flavor(text))
    }

    fn system(&mut self, text: &str) -> OsId {
        self.known.systems.get(text, self.known.slice, || self.names.system(text))
    }

    fn labels(&mut self, text: &str) -> LabelsId {
        self.known.labels.get(text, self.known.slice, || self.names.labels(text))
    }

    fn event(&mut self, text: &str) -> EventId {
        self.names.event(text)
    }
}
