//! Names of rows on their way into a batch: those of the run by id, those of the batch in place.

use std::sync::{Arc, PoisonError, RwLock};

use crate::event::{Batch, Event};
use crate::value::{
    AccountId, EventId, FlavorId, Interner, LabelsId, NameIds, Names, OsId, RegionId, ResourceId,
    Texts, hash_bytes,
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
    #[inline]
    pub(super) fn account(&mut self, text: &str) -> AccountId {
        self.accounts.id(text, &self.shared, |names| &mut names.accounts)
    }
}

/// Gives the names in the rows of one batch their ids.
pub(super) struct BatchNames<'a> {
    cache: &'a mut Cache,
    resources: &'a mut Texts,
    ids: &'a mut Texts,
}

impl<'a> BatchNames<'a> {
    /// The names of a batch, and where its events go.
    #[inline]
    pub(super) fn of(batch: &'a mut Batch, cache: &'a mut Cache) -> (Self, &'a mut Vec<Event>) {
        let Batch { events, resources, ids } = batch;
        (BatchNames { cache, resources, ids }, events)
    }
}

impl NameIds for BatchNames<'_> {
    #[inline]
    fn account(&mut self, text: &str) -> AccountId {
        self.cache.account(text)
    }

    #[inline]
    fn resource(&mut self, text: &str) -> ResourceId {
        ResourceId::from(self.resources.push(text))
    }

    #[inline]
    fn known_resource(&mut self, text: &str) -> ResourceId {
        ResourceId::from(self.resources.push_once(text))
    }

    #[inline]
    fn region(&mut self, text: &str) -> RegionId {
        self.cache.regions.id(text, &self.cache.shared, |names| &mut names.regions)
    }

    #[inline]
    fn flavor(&mut self, text: &str) -> FlavorId {
        self.cache.flavors.id(text, &self.cache.shared, |names| &mut names.flavors)
    }

    #[inline]
    fn system(&mut self, text: &str) -> OsId {
        self.cache.systems.id(text, &self.cache.shared, |names| &mut names.systems)
    }

    #[inline]
    fn labels(&mut self, text: &str) -> LabelsId {
        self.cache.labels.id(text, &self.cache.shared, |names| &mut names.labels)
    }

    #[inline]
    fn event(&mut self, text: &str) -> EventId {
        EventId::from(self.ids.push(text))
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

/// Texts of one kind with their ids: a table of open places. Short texts, as most are, stand in
/// their slots.
#[derive(Debug, Default)]
struct Seen {
    /// As many as a power of two says, at most half of them taken; an empty one has no length.
    slots: Vec<Slot>,
    taken: usize,
    texts: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: Key,
    id: u32,
    /// Where among the texts a long one begins.
    start: u32,
}

/// What texts are told apart by: a short one by nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Key {
    words: [u64; 2],
    length: u32,
}

/// How many bytes a short text has at most.
const SHORT: usize = 16;

impl Key {
    /// The key of a text that is not empty.
    #[inline]
    fn of(text: &[u8]) -> Key {
        let length = text.len() as u32;
        // The first bytes and the last ones, which may overlap.
        let words = if text.len() > SHORT {
            [hash_bytes(text), 0]
        } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            [u64::from_le_bytes(*first), u64::from_le_bytes(*last)]
        } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            [u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last))]
        } else {
            let byte = |place: usize| u64::from(text.get(place).copied().unwrap_or(0));
            [byte(0) | byte(1) << 8 | byte(2) << 16, 0]
        };
        Key { words, length }
    }

    #[inline]
    fn home(&self, mask: usize) -> usize {
        let [first, last] = self.words;
        let mixed = (first ^ last.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as usize & mask
    }
}

impl Seen {
    #[inline]
    fn id<K: From<u32> + Into<u32>>(
        &mut self,
        text: &str,
        shared: &RwLock<Names>,
        kind: impl Fn(&mut Names) -> &mut Interner<K>,
    ) -> K {
        let key = Key::of(text.as_bytes());
        match self.find(text, key) {
            Some(id) => K::from(id),
            None => self.new_id(text, key, shared, kind),
        }
    }

    #[cold]
    fn new_id<K: From<u32> + Into<u32>>(
        &mut self,
        text: &str,
        key: Key,
        shared: &RwLock<Names>,
        kind: impl Fn(&mut Names) -> &mut Interner<K>,
    ) -> K {
        let mut names = shared.write().unwrap_or_else(PoisonError::into_inner);
        let id: u32 = kind(&mut names).intern(text).into();
        drop(names);
        self.remember(text, key, id);
        K::from(id)
    }

    #[inline]
    fn find(&self, text: &str, key: Key) -> Option<u32> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut place = key.home(mask);
        loop {
            let slot = self.slots.get(place)?;
            if slot.key.length == 0 {
                return None;
            }
            if slot.key == key && (text.len() <= SHORT || self.long_text(slot) == text.as_bytes()) {
                return Some(slot.id);
            }
            place = (place + 1) & mask;
        }
    }

    fn long_text(&self, slot: &Slot) -> &[u8] {
        let start = slot.start as usize;
        &self.texts.as_bytes()[start..start + slot.key.length as usize]
    }

    fn remember(&mut self, text: &str, key: Key, id: u32) {
        if text.is_empty() || text.len() > TEXT_REMEMBERED {
            return;
        }
        if self.texts.len() + self.taken * size_of::<Slot>() + text.len() > TEXT_REMEMBERED {
            *self = Seen::default();
        }
        if self.taken * 2 >= self.slots.len() {
            self.grow();
        }
        let start = self.texts.len() as u32;
        if text.len() > SHORT {
            self.texts.push_str(text);
        }
        self.place(Slot { key, id, start });
        self.taken += 1;
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in old.into_iter().filter(|slot| slot.key.length > 0) {
            self.place(slot);
        }
    }

    /// Puts an entry into the first open place for it.
    fn place(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut place = slot.key.home(mask);
        while self.slots[place].key.length > 0 {
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
                // From one byte to twenty-three.
                let text = format!("{number}{}", &"-account-of-somebody"[..number % 20]);
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
