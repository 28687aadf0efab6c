//! Names of rows on their way into a batch: those of the run by id, those of the batch in place.

use std::sync::{Arc, PoisonError, RwLock};

use crate::event::Batch;
use crate::value::{
    AccountId, EventId, FlavorId, Interner, LabelsId, NameIds, Names, OsId, RegionId, ResourceId,
    hash,
};

/// The names of a run, which several threads give ids to.
pub type SharedNames = Arc<RwLock<Names>>;

/// How many bytes of texts one table remembers before it forgets them all. Some logs have labels
/// of their own in every row; they must not fill the memory twice.
const TEXT_REMEMBERED: usize = 4 << 20;

/// The names that one thread has seen, so that it rarely asks the others.
#[derive(Debug)]
pub(super) struct Cache {
    shared: SharedNames,
    accounts: Seen,
    regions: Seen,
    flavors: Seen,
    systems: Seen,
    labels: Seen,
}

impl Cache {
    pub(super) fn new(shared: SharedNames) -> Cache {
        Cache {
            shared,
            accounts: Seen::default(),
            regions: Seen::default(),
            flavors: Seen::default(),
            systems: Seen::default(),
            labels: Seen::default(),
        }
    }

    /// The id of an account.
    pub(super) fn account(&mut self, text: &str) -> AccountId {
        self.accounts.id(text, &self.shared, |names| &mut names.accounts)
    }
}

/// Gives the names in the rows of one batch their ids.
pub(super) struct BatchNames<'a> {
    pub(super) cache: &'a mut Cache,
    pub(super) batch: &'a mut Batch,
}

impl NameIds for BatchNames<'_> {
    fn account(&mut self, text: &str) -> AccountId {
        self.cache.account(text)
    }

    fn resource(&mut self, text: &str) -> ResourceId {
        ResourceId::from(self.batch.resources.push(text))
    }

    fn region(&mut self, text: &str) -> RegionId {
        self.cache.regions.id(text, &self.cache.shared, |names| &mut names.regions)
    }

    fn flavor(&mut self, text: &str) -> FlavorId {
        self.cache.flavors.id(text, &self.cache.shared, |names| &mut names.flavors)
    }

    fn system(&mut self, text: &str) -> OsId {
        self.cache.systems.id(text, &self.cache.shared, |names| &mut names.systems)
    }

    fn labels(&mut self, text: &str) -> LabelsId {
        self.cache.labels.id(text, &self.cache.shared, |names| &mut names.labels)
    }

    fn event(&mut self, text: &str) -> EventId {
        EventId::from(self.batch.ids.push(text))
    }
}

/// Names nobody: for reading a row whose names do not matter.
pub(super) struct NoNames;

impl NameIds for NoNames {
    fn account(&mut self, _: &str) -> AccountId {
        AccountId::from(0)
    }

    fn resource(&mut self, _: &str) -> ResourceId {
        ResourceId::from(0)
    }

    fn region(&mut self, _: &str) -> RegionId {
        RegionId::from(0)
    }

    fn flavor(&mut self, _: &str) -> FlavorId {
        FlavorId::from(0)
    }

    fn system(&mut self, _: &str) -> OsId {
        OsId::LINUX
    }

    fn labels(&mut self, _: &str) -> LabelsId {
        LabelsId::from(0)
    }

    fn event(&mut self, _: &str) -> EventId {
        EventId::from(0)
    }
}

/// Texts of one kind with their ids: a table of open places, found by hash.
#[derive(Debug, Default)]
struct Seen {
    /// As many as a power of two says, at most half of them taken; an empty one has no length.
    slots: Vec<Slot>,
    taken: usize,
    texts: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u64,
    id: u32,
    start: u32,
    length: u32,
}

impl Seen {
    fn id<K: From<u32> + Into<u32>>(
        &mut self,
        text: &str,
        shared: &RwLock<Names>,
        kind: impl Fn(&mut Names) -> &mut Interner<K>,
    ) -> K {
        let hash = hash(text);
        if let Some(id) = self.find(text, hash) {
            return K::from(id);
        }
        let mut names = shared.write().unwrap_or_else(PoisonError::into_inner);
        let id: u32 = kind(&mut names).intern(text).into();
        drop(names);
        self.remember(text, hash, id);
        K::from(id)
    }

    fn find(&self, text: &str, hash: u64) -> Option<u32> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots.get(place)?;
            if slot.length == 0 {
                return None;
            }
            if slot.hash == hash && slot.length as usize == text.len() {
                let start = slot.start as usize;
                if &self.texts.as_bytes()[start..start + text.len()] == text.as_bytes() {
                    return Some(slot.id);
                }
            }
            place = (place + 1) & mask;
        }
    }

    fn remember(&mut self, text: &str, hash: u64, id: u32) {
        if text.is_empty() || text.len() > TEXT_REMEMBERED {
            return;
        }
        if self.texts.len() + text.len() > TEXT_REMEMBERED {
            *self = Seen::default();
        }
        if self.taken * 2 >= self.slots.len() {
            self.grow();
        }
        let start = self.texts.len() as u32;
        self.texts.push_str(text);
        self.place(Slot { hash, id, start, length: text.len() as u32 });
        self.taken += 1;
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in old.into_iter().filter(|slot| slot.length > 0) {
            self.place(slot);
        }
    }

    /// Puts an entry into the first open place for it.
    fn place(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut place = slot.hash as usize & mask;
        while self.slots[place].length > 0 {
            place = (place + 1) & mask;
        }
        self.slots[place] = slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_id_that_the_run_gives_it() {
        let shared = SharedNames::default();
        let mut caches = [Cache::new(Arc::clone(&shared)), Cache::new(Arc::clone(&shared))];
        for round in 0..3 {
            for number in 0..1_000 {
                let text = format!("account-{number}");
                let id = caches[(number + round) % 2].account(&text);
                let names = shared.read().unwrap_or_else(PoisonError::into_inner);
                assert_eq!(names.accounts.text(id), text);
                assert_eq!(names.accounts.find(&text), Some(id));
            }
        }
    }

    #[test]
    fn what_is_remembered_stays_small() {
        let shared = SharedNames::default();
        let mut cache = Cache::new(shared);
        let long = "x".repeat(1 << 20);
        let ids: Vec<AccountId> = (0..9).map(|n| cache.account(&format!("{n}{long}"))).collect();
        assert!(cache.accounts.texts.capacity() <= 2 * TEXT_REMEMBERED);
        for (number, id) in ids.into_iter().enumerate() {
            assert_eq!(cache.account(&format!("{number}{long}")), id);
        }
    }
}
