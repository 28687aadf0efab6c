//! Which id is which resource: found by its text, forgotten when it is gone.
//!
//! Ids are used again, so that memory follows what exists and not what ever did.

use rustc_hash::FxHashMap;

use crate::value::ResourceId;
use crate::world::resources::{Node, Server};

/// How many bytes of a text stand in its entry: a UUID has 36.
const SHORT: usize = 40;
/// The length that says that a text stands elsewhere.
const IS_LONG: u8 = u8::MAX;
/// The length that says that an id stands for nothing now.
const IS_FREE: u8 = u8::MAX - 1;
/// Stands for the place of an image where there is none.
pub(super) const NO_IMAGE: u32 = u32::MAX;
/// How many slots there are to begin with.
const FIRST_SLOTS: usize = 64;

/// The texts of ids, and what they stand for.
///
/// Slots are open addressing: the high half of the text's hash, and the id + 1; 0 is empty.
#[derive(Debug)]
pub(super) struct Register {
    slots: Vec<u64>,
    entries: Vec<Entry>,
    free: Vec<u32>,
    long: FxHashMap<u32, Box<[u8]>>,
}

/// What an id stands for.
#[derive(Debug)]
pub(super) enum Thing {
    /// Nothing that an event created.
    Nothing,
    /// By its place among the images.
    Image(u32),
    Server(Server),
    /// By its place among the objects.
    Object(u32),
}

/// Two neighbouring lines of the cache: most entries are read from memory, one by one.
#[derive(Debug)]
#[repr(align(128))]
struct Entry {
    thing: Thing,
    hash: u64,
    /// Whether it is never forgotten.
    is_permanent: bool,
    /// Whether it was put away before.
    is_archived: bool,
    /// Whether it is one of the provider's own images, once that was asked.
    is_public: Option<bool>,
    length: u8,
    short: [u8; SHORT],
}

impl Default for Register {
    fn default() -> Register {
        Register {
            slots: vec![0; FIRST_SLOTS],
            entries: Vec::new(),
            free: Vec::new(),
            long: FxHashMap::default(),
        }
    }
}

impl Entry {
    fn free() -> Entry {
        Entry {
            thing: Thing::Nothing,
            hash: 0,
            is_permanent: false,
            is_archived: false,
            is_public: None,
            length: IS_FREE,
            short: [0; SHORT],
        }
    }
}

impl Register {
    /// The id of a text that is known.
    #[inline]
    pub(super) fn find(&self, hash: u64, text: &[u8]) -> Option<ResourceId> {
        let tag = hash >> 32;
        let mut at = self.home(tag);
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return None;
            }
            let id = ResourceId::from(slot as u32 - 1);
            if slot >> 32 == tag && self.bytes(id) == text {
                return Some(id);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Gives a text an id. It must not have one.
    pub(super) fn add(&mut self, hash: u64, text: &[u8]) -> ResourceId {
        // Half empty: most are then found at the first look.
        if (self.entries.len() - self.free.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let id = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry::free());
            self.entries.len() as u32 - 1
        });
        let entry = &mut self.entries[id as usize];
        entry.thing = Thing::Nothing;
        (entry.is_permanent, entry.is_archived, entry.is_public) = (false, false, None);
        entry.hash = hash;
        if text.len() <= SHORT {
            entry.length = text.len() as u8;
            entry.short[..text.len()].copy_from_slice(text);
        } else {
            entry.length = IS_LONG;
            self.long.insert(id, text.into());
        }
        self.put((hash >> 32) << 32 | u64::from(id + 1));
        ResourceId::from(id)
    }

    /// The hash of an id's text.
    pub(super) fn hash(&self, id: ResourceId) -> u64 {
        self.entries[id.index()].hash
    }

    /// Whether an id stands for a text now.
    pub(super) fn holds(&self, id: ResourceId) -> bool {
        self.entries[id.index()].length != IS_FREE
    }

    /// Forgets a text; its id will be another's.
    pub(super) fn remove(&mut self, id: ResourceId) {
        let wanted = u64::from(u32::from(id)) + 1;
        let tag = self.hash(id) >> 32;
        let mut at = self.home(tag);
        while self.slots[at] != (tag << 32 | wanted) {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.close_gap(at);
        if self.entries[id.index()].length == IS_LONG {
            self.long.remove(&id.into());
        }
        self.entries[id.index()].length = IS_FREE;
        self.free.push(id.into());
    }

    /// Moves those that follow to where they would be, had the one at `gap` never been there.
    fn close_gap(&mut self, mut gap: usize) {
        let mask = self.slots.len() - 1;
        let mut at = gap;
        loop {
            at = (at + 1) & mask;
            let slot = self.slots[at];
            if slot == 0 {
                break;
            }
            let home = self.home(slot >> 32);
            let distance = |from: usize| at.wrapping_sub(from) & mask;
            if distance(home) >= distance(gap) {
                self.slots[gap] = slot;
                gap = at;
            }
        }
        self.slots[gap] = 0;
    }

    pub(super) fn text(&self, id: ResourceId) -> &str {
        std::str::from_utf8(self.bytes(id)).expect("invariant: copied from a text")
    }

    #[inline]
    pub(super) fn bytes(&self, id: ResourceId) -> &[u8] {
        let entry = &self.entries[id.index()];
        match entry.length {
            IS_LONG => self.long.get(&id.into()).map_or(&[], |text| text),
            length => &entry.short[..usize::from(length)],
        }
    }

    #[inline]
    pub(super) fn node(&self, id: ResourceId) -> Option<Node> {
        match self.entries[id.index()].thing {
            Thing::Nothing => None,
            Thing::Image(place) => Some(Node::Image(place)),
            Thing::Server(_) => Some(Node::Server(id)),
            Thing::Object(place) => Some(Node::Object(place)),
        }
    }

    pub(super) fn server(&self, id: ResourceId) -> Option<&Server> {
        match &self.entries[id.index()].thing {
            Thing::Server(server) => Some(server),
            Thing::Nothing | Thing::Image(_) | Thing::Object(_) => None,
        }
    }

    pub(super) fn server_mut(&mut self, id: ResourceId) -> Option<&mut Server> {
        match &mut self.entries[id.index()].thing {
            Thing::Server(server) => Some(server),
            Thing::Nothing | Thing::Image(_) | Thing::Object(_) => None,
        }
    }

    /// The texts of what is never forgotten.
    pub(super) fn permanent_texts(&self) -> FxHashMap<ResourceId, Box<str>> {
        let entries = (0_u32..).zip(&self.entries);
        let kept = entries.filter(|(_, entry)| entry.length != IS_FREE && entry.is_permanent);
        kept.map(|(id, _)| (ResourceId::from(id), self.text(id.into()).into())).collect()
    }

    /// The ids of all servers.
    pub(super) fn server_ids(&self) -> Vec<ResourceId> {
        let is_server =
            |entry: &Entry| entry.length != IS_FREE && matches!(entry.thing, Thing::Server(_));
        let ids = (0_u32..).zip(&self.entries).filter(|(_, entry)| is_server(entry));
        ids.map(|(id, _)| ResourceId::from(id)).collect()
    }

    pub(super) fn set(&mut self, id: ResourceId, thing: Thing) {
        self.entries[id.index()].thing = thing;
    }

    /// From now on it is never forgotten.
    pub(super) fn keep(&mut self, id: ResourceId) {
        self.entries[id.index()].is_permanent = true;
    }

    pub(super) fn is_permanent(&self, id: ResourceId) -> bool {
        self.entries[id.index()].is_permanent
    }

    /// Whether it is one of the provider's own images; `ask` is asked once.
    pub(super) fn is_public(&self, id: ResourceId, ask: impl FnOnce(&str) -> bool) -> bool {
        self.entries[id.index()].is_public.unwrap_or_else(|| ask(self.text(id)))
    }

    pub(super) fn set_public(&mut self, id: ResourceId, is_public: bool) {
        self.entries[id.index()].is_public = Some(is_public);
    }

    pub(super) fn set_archived(&mut self, id: ResourceId) {
        self.entries[id.index()].is_archived = true;
    }

    pub(super) fn is_archived(&self, id: ResourceId) -> bool {
        self.entries[id.index()].is_archived
    }

    /// The two slots that a text is probably in. Nothing is decided by what is read, so that the
    /// processor reads on for other texts while it waits for these.
    #[inline]
    pub(super) fn probable_slots(&self, hash: u64) -> [u64; 2] {
        let home = self.home(hash >> 32);
        [self.slots[home], self.slots[(home + 1) & (self.slots.len() - 1)]]
    }

    /// Reads both halves of the entry that one of these slots leads to, if one does; what it
    /// stands for is its place among the images, or [`NO_IMAGE`].
    #[inline]
    pub(super) fn fetch(&self, hash: u64, slots: [u64; 2]) -> (u32, u64) {
        let is_first = slots[0] >> 32 == hash >> 32;
        let slot = if is_first { slots[0] } else { slots[1] };
        let is_it = (slot >> 32 == hash >> 32) & (slot != 0);
        // Any entry does where there is none.
        let id = if is_it { slot as u32 - 1 } else { 0 };
        let Some(entry) = self.entries.get(id as usize) else { return (NO_IMAGE, 0) };
        let image = match entry.thing {
            Thing::Image(place) => place,
            Thing::Nothing | Thing::Server(_) | Thing::Object(_) => NO_IMAGE,
        };
        (image, u64::from(entry.length) ^ entry.hash)
    }

    fn home(&self, tag: u64) -> usize {
        ((tag * self.slots.len() as u64) >> 32) as usize
    }

    fn put(&mut self, slot: u64) {
        let mut at = self.home(slot >> 32);
        while self.slots[at] != 0 {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = slot;
    }

    fn grow(&mut self) {
        let larger = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![0; larger]);
        for slot in old.into_iter().filter(|slot| *slot != 0) {
            self.put(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hash;

    /// A thousand texts, of which every third is long.
    fn text(number: usize) -> String {
        let tail = if number.is_multiple_of(3) { "-".repeat(60) } else { String::new() };
        format!("srv-{number}{tail}")
    }

    #[test]
    fn texts_come_and_go_in_any_order() {
        let mut register = Register::default();
        let mut ids = Vec::new();
        // Few homes, so that there are gaps to close.
        let hash_of = |number: usize| hash(&text(number));
        for number in 0..1000 {
            assert_eq!(register.find(hash_of(number), text(number).as_bytes()), None);
            ids.push(register.add(hash_of(number), text(number).as_bytes()));
        }
        for number in (0..1000).filter(|number| number % 7 < 4) {
            register.remove(ids[number]);
            assert!(!register.holds(ids[number]));
        }
        for (number, id) in ids.iter().enumerate() {
            let expected = (number % 7 >= 4).then_some(*id);
            assert_eq!(register.find(hash_of(number), text(number).as_bytes()), expected);
            if let Some(id) = expected {
                assert_eq!(register.text(id), text(number));
            }
        }
        let again = register.add(hash_of(0), text(0).as_bytes());
        assert!(ids.contains(&again), "ids are used again");
        assert_eq!(register.entries.len(), 1000);
        assert_eq!(register.text(again), text(0));
    }
}
