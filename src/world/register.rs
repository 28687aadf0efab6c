//! Which id is which resource: found by its text, forgotten when it is gone.
//!
//! Ids are used again, so that memory follows what exists and not what ever did.

use prefetch_index::prefetch_index;
use rustc_hash::FxHashMap;

use crate::value::ResourceId;
use crate::world::attic::Mark;
use crate::world::entry::{Entry, IS_ARCHIVED, IS_LONG, IS_PERMANENT, NO_ID, NO_IMAGE, SHORT};
use crate::world::node::{Node, Server};
use crate::world::pages::{PAGE_BYTES, Pages};
use crate::world::slots::{Slots, Tag, tag_of};

/// How many bytes of a text have their place beside the entries, one line of the cache: a UUID has
/// 36.
const WIDE: usize = 64;
/// How many entries stand together, in one page: lists that grow by such pieces are never copied.
const PIECE: usize = 1 << PIECE_BITS;
const PIECE_BITS: u32 = 15;

const _: () = assert!(PIECE * size_of::<Entry>() == PAGE_BYTES);

/// The texts of ids, and what they stand for.
#[derive(Debug)]
pub(super) struct Register {
    slots: Slots,
    pieces: Vec<Pages<Entry>>,
    /// How many entries there are.
    count: usize,
    free: Vec<u32>,
    /// By id, once there are such: texts that are too long for their entries.
    wide: Vec<Pages<u64>>,
    /// Texts that are longer still.
    long: FxHashMap<u32, Box<[u8]>>,
}

impl Default for Register {
    fn default() -> Register {
        Register {
            slots: Slots::new(),
            pieces: Vec::new(),
            count: 0,
            free: Vec::new(),
            wide: Vec::new(),
            long: FxHashMap::default(),
        }
    }
}

impl Register {
    #[inline]
    pub(super) fn entry(&self, id: ResourceId) -> &Entry {
        &self.pieces[id.index() >> PIECE_BITS][id.index() & (PIECE - 1)]
    }

    #[inline]
    pub(super) fn entry_mut(&mut self, id: ResourceId) -> &mut Entry {
        &mut self.pieces[id.index() >> PIECE_BITS][id.index() & (PIECE - 1)]
    }

    /// The id of a text that is known.
    #[inline]
    pub(super) fn find(&self, hash: u64, text: &[u8]) -> Option<ResourceId> {
        let is_it = |id| self.is_text(ResourceId::from(id), text);
        self.slots.find(tag_of(hash), is_it).map(ResourceId::from)
    }

    #[inline]
    fn is_text(&self, id: ResourceId, text: &[u8]) -> bool {
        let entry = self.entry(id);
        match text.first_chunk::<SHORT>() {
            // Without a call: many ids of one log are as long as each other.
            Some(begin) if text.len() == SHORT => {
                usize::from(entry.length) == SHORT && *begin == entry.short
            }
            _ => self.bytes(id) == text,
        }
    }

    /// Gives a text an id. It must not have one.
    pub(super) fn add(&mut self, hash: u64, text: &[u8]) -> ResourceId {
        let id = self.enter(hash, text);
        self.slots.add(tag_of(hash), id.into());
        id
    }

    fn enter(&mut self, hash: u64, text: &[u8]) -> ResourceId {
        let id = self.free.pop().map_or_else(|| self.new_entry(), ResourceId::from);
        let entry = self.entry_mut(id);
        entry.begin(hash);
        entry.length = if text.len() <= WIDE { text.len() as u8 } else { IS_LONG };
        if text.len() <= SHORT {
            entry.short[..text.len()].copy_from_slice(text);
        } else if text.len() <= WIDE {
            while self.wide.len() <= id.index() >> PIECE_BITS {
                self.wide.push(Pages::new(PIECE * WIDE / size_of::<u64>()));
            }
            let wide = &mut self.wide[id.index() >> PIECE_BITS];
            let start = (id.index() & (PIECE - 1)) * WIDE;
            bytemuck::cast_slice_mut(wide)[start..start + text.len()].copy_from_slice(text);
        } else {
            self.long.insert(id.into(), text.into());
        }
        id
    }

    fn new_entry(&mut self) -> ResourceId {
        if self.count == self.pieces.len() * PIECE {
            self.pieces.push(Pages::new(PIECE));
        }
        self.count += 1;
        ResourceId::from(self.count as u32 - 1)
    }

    /// Forgets a text; its id will be another's.
    pub(super) fn remove(&mut self, id: ResourceId) {
        let Entry { tag, length, .. } = *self.entry(id);
        self.slots.remove(tag, id.into());
        if length == IS_LONG {
            self.long.remove(&id.into());
        }
        *self.entry_mut(id) = bytemuck::Zeroable::zeroed();
        self.free.push(id.into());
    }

    /// The tag of an id's text.
    #[inline]
    pub(super) fn tag(&self, id: ResourceId) -> Tag {
        self.entry(id).tag
    }

    pub(super) fn text(&self, id: ResourceId) -> &str {
        std::str::from_utf8(self.bytes(id)).expect("invariant: copied from a text")
    }

    #[inline]
    pub(super) fn bytes(&self, id: ResourceId) -> &[u8] {
        let entry = self.entry(id);
        let length = usize::from(entry.length);
        if length <= SHORT {
            &entry.short[..length]
        } else if length <= WIDE {
            let wide = bytemuck::cast_slice(&self.wide[id.index() >> PIECE_BITS]);
            let start = (id.index() & (PIECE - 1)) * WIDE;
            &wide[start..start + length]
        } else {
            self.long.get(&id.into()).map_or(&[], |text| text)
        }
    }

    #[inline]
    pub(super) fn node(&self, id: ResourceId) -> Option<Node> {
        self.entry(id).node(id)
    }

    #[inline]
    pub(super) fn server(&self, id: ResourceId) -> Option<Server> {
        self.entry(id).server()
    }

    fn entries(&self) -> impl Iterator<Item = (ResourceId, &Entry)> {
        let ids = (0..self.count as u32).map(ResourceId::from);
        let entries = self.pieces.iter().flat_map(|piece| piece.iter());
        ids.zip(entries).filter(|(_, entry)| entry.is_taken())
    }

    /// The images that are never forgotten, the provider's among them, by their ids.
    pub(super) fn permanent_images(&self) -> impl Iterator<Item = (ResourceId, &str)> {
        let is_kept = |entry: &Entry| entry.has(IS_PERMANENT) && !entry.is_server();
        let kept = self.entries().filter(move |(_, entry)| is_kept(entry));
        kept.map(|(id, _)| (id, self.text(id)))
    }

    /// How many ids there are, among them those that stand for nothing now.
    pub(super) fn id_count(&self) -> usize {
        self.count
    }

    /// From now on it is never forgotten.
    pub(super) fn keep(&mut self, id: ResourceId) {
        self.entry_mut(id).set(IS_PERMANENT);
    }

    #[inline]
    pub(super) fn is_permanent(&self, id: ResourceId) -> bool {
        self.entry(id).has(IS_PERMANENT)
    }

    /// Whether it is one of the provider's own images; `ask` is asked once.
    #[inline]
    pub(super) fn is_public(&self, id: ResourceId, ask: impl FnOnce(&str) -> bool) -> bool {
        self.entry(id).is_public().unwrap_or_else(|| ask(self.text(id)))
    }

    pub(super) fn set_public(&mut self, id: ResourceId, is_public: bool) {
        self.entry_mut(id).set_public(is_public);
    }

    pub(super) fn set_archived(&mut self, id: ResourceId) {
        self.entry_mut(id).set(IS_ARCHIVED);
    }

    /// The marks of all texts that have an id.
    pub(super) fn marks(&self) -> impl Iterator<Item = Mark> {
        self.entries().map(|(_, entry)| entry.mark())
    }

    /// Has the slots fetched that a text is probably in.
    #[inline]
    pub(super) fn prefetch_slots(&self, tag: Tag) {
        self.slots.prefetch(tag);
    }

    /// The id that a text probably has, or [`NO_ID`], by what was fetched; its entry is fetched.
    #[inline]
    pub(super) fn prefetch_entry(&self, tag: Tag) -> u32 {
        let id = self.slots.probable_number(tag);
        self.prefetch_entry_of(id);
        id
    }

    /// Has the entry of an id fetched that may be [`NO_ID`].
    #[inline]
    pub(super) fn prefetch_entry_of(&self, id: u32) {
        let (piece, place) = (id as usize >> PIECE_BITS, id as usize & (PIECE - 1));
        if let Some(piece) = self.pieces.get(piece) {
            prefetch_index(&piece[..], place);
        }
        if let Some(piece) = self.wide.get(piece) {
            prefetch_index(&piece[..], place * WIDE / size_of::<u64>());
        }
    }

    /// The place among the images of an id that may be [`NO_ID`]; [`NO_IMAGE`] where it is none.
    #[inline]
    pub(super) fn probable_image(&self, id: u32) -> u32 {
        self.probable_entry(id).map_or(NO_IMAGE, Entry::image)
    }

    /// The id of the image that the server of an id runs, which may be [`NO_ID`]; so is what it is
    /// where there is none.
    #[inline]
    pub(super) fn probable_image_behind(&self, id: u32) -> u32 {
        self.probable_entry(id).map_or(NO_ID, Entry::image_behind)
    }

    #[inline]
    fn probable_entry(&self, id: u32) -> Option<&Entry> {
        let piece = self.pieces.get(id as usize >> PIECE_BITS);
        piece.map(|piece| &piece[id as usize & (PIECE - 1)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hash;

    /// A thousand texts: short, as long as a UUID, and long.
    fn text(number: usize) -> String {
        format!("srv-{number}{}", "-".repeat([0, 1, 29, 60][number % 4]))
    }

    #[test]
    fn texts_come_and_go_in_any_order() {
        let mut register = Register::default();
        let mut ids = Vec::new();
        let hash_of = |number: usize| hash(&text(number));
        for number in 0..1000 {
            assert_eq!(register.find(hash_of(number), text(number).as_bytes()), None);
            ids.push(register.add(hash_of(number), text(number).as_bytes()));
        }
        for number in (0..1000).filter(|number| number % 7 < 4) {
            register.remove(ids[number]);
            assert!(!register.entry(ids[number]).is_taken());
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
        assert_eq!(register.count, 1000);
        assert_eq!(register.text(again), text(0));
    }

    #[test]
    fn texts_of_one_hash_are_told_apart() {
        let mut register = Register::default();
        let texts = ["a", "b", "twelve-bytes", "twelve-byteS"].map(str::to_owned);
        let texts: Vec<String> =
            texts.into_iter().chain([30, 31, 90, 91].map(|length| "x".repeat(length))).collect();
        for (place, text) in texts.iter().enumerate() {
            assert_eq!(register.find(7, text.as_bytes()), None, "{text}");
            register.add(7, text.as_bytes());
            for known in &texts[..=place] {
                let found = register.find(7, known.as_bytes()).expect("it was added");
                assert_eq!(register.text(found), known);
            }
        }
        for text in &texts {
            let id = register.find(7, text.as_bytes()).expect("it was added");
            register.remove(id);
            assert_eq!(register.find(7, text.as_bytes()), None);
        }
        assert!(register.long.is_empty(), "a long text is kept for ever");
    }
}
