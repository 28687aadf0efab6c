//! What is gone: on disk, with about fourteen bytes of memory each to find it again.
//!
//! Most questions are about ids that are new. A filter of one byte each, which the processor's
//! caches hold far longer than the table, answers nearly all of them.

use prefetch_index::prefetch_index;

use crate::scratch::{Scratch, ScratchError, Shelf};
use crate::world::slots::{Fullness, Slots, Tag, tag_of};

/// The fewest words of a filter.
const FIRST_WORDS: usize = 512;
/// How many of those that are gone share a word of the filter at most: then one question in fifty
/// about what was never there looks into the table.
const FULL_WORD: usize = 6;

/// Keys and values that were put away.
#[derive(Debug)]
pub(super) struct Attic {
    shelf: Shelf,
    slots: Slots,
    /// A few bits of a word for each that was put away.
    filter: Vec<u64>,
    count: usize,
}

impl Attic {
    pub(super) fn new(scratch: Scratch) -> Attic {
        Attic {
            shelf: Shelf::new(scratch, u32::MAX),
            slots: Slots::new(Fullness::ThreeQuarters),
            filter: vec![0; FIRST_WORDS],
            count: 0,
        }
    }

    /// Whether a text was put away; if so, `value` is what was said with it.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub(super) fn find(
        &mut self,
        hash: u64,
        text: &[u8],
        value: &mut Vec<u8>,
    ) -> Result<bool, ScratchError> {
        let tag = tag_of(hash);
        let bits = bits_of(tag);
        if self.filter[self.word_of(tag)] & bits != bits {
            return Ok(false);
        }
        let Attic { shelf, slots, .. } = self;
        Ok(slots.find(tag, |place| shelf.read(place, text, value))?.is_some())
    }

    /// Puts a text away that was not yet.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub(super) fn put(&mut self, tag: Tag, text: &[u8], value: &[u8]) -> Result<(), ScratchError> {
        let place = self.shelf.put(text, value)?;
        self.slots.add(tag, place);
        self.count += 1;
        if self.count > self.filter.len() * FULL_WORD {
            self.widen_filter();
        } else {
            self.mark(tag);
        }
        Ok(())
    }

    /// Has what is needed to look a text up fetched.
    #[inline]
    pub(super) fn prefetch(&self, tag: Tag) {
        prefetch_index(&self.filter, self.word_of(tag));
    }

    /// Has what is needed to put a text away fetched.
    #[inline]
    pub(super) fn prefetch_slots(&self, tag: Tag) {
        prefetch_index(&self.filter, self.word_of(tag));
        self.slots.prefetch(tag);
    }

    fn mark(&mut self, tag: Tag) {
        let word = self.word_of(tag);
        self.filter[word] |= bits_of(tag);
    }

    fn widen_filter(&mut self) {
        self.filter = vec![0; self.filter.len() * 2];
        let filter_size = self.filter.len();
        for tag in self.slots.tags() {
            self.filter[word_of(tag, filter_size)] |= bits_of(tag);
        }
    }

    #[inline]
    fn word_of(&self, tag: Tag) -> usize {
        word_of(tag, self.filter.len())
    }
}

#[inline]
fn word_of(tag: Tag, size: usize) -> usize {
    ((u64::from(tag) * size as u64) >> 32) as usize
}

/// Four bits of a word, by the bits of a tag that do not say which word.
#[inline]
fn bits_of(tag: Tag) -> u64 {
    let mixed = tag.wrapping_mul(0x9e37_79b1);
    let bit = |shift: u32| 1 << ((mixed >> shift) & 63);
    bit(26) | bit(20) | bit(14) | bit(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hash;

    #[test]
    fn what_was_put_away_is_found_and_little_else_is_looked_for() {
        let mut attic = Attic::new(Scratch::default());
        let mut value = Vec::new();
        let text = |number: u32| format!("srv-{number}");
        let count = 20_000;
        for number in 0..count {
            let (text, said) = (text(number), number.to_le_bytes());
            assert_eq!(attic.put(tag_of(hash(&text)), text.as_bytes(), &said), Ok(()));
        }
        for number in 0..count {
            let text = text(number);
            assert_eq!(attic.find(hash(&text), text.as_bytes(), &mut value), Ok(true));
            assert_eq!(value, number.to_le_bytes());
        }
        let mut passed = 0;
        for number in count..2 * count {
            let text = text(number);
            assert_eq!(attic.find(hash(&text), text.as_bytes(), &mut value), Ok(false));
            let tag = tag_of(hash(&text));
            passed += usize::from(attic.filter[attic.word_of(tag)] & bits_of(tag) == bits_of(tag));
        }
        assert!(passed < count as usize / 20, "{passed} pass the filter");
    }
}
