//! What is gone: on disk, with about ten bytes of memory each to find it again.
//!
//! Nearly all questions are about ids that are new. A filter of one and a half to four bytes for
//! each id that ever stood for something answers those; what passes it is looked for among the tags
//! of a part. So nothing is looked up when something is put away: its tag goes behind the last one.

use prefetch_index::prefetch_index;

use crate::scratch::{Scratch, ScratchError, Shelf};
use crate::world::pages::Pages;
use crate::world::parts::Parts;
use crate::world::slots::Tag;

/// The fewest words of a filter.
const FIRST_WORDS: usize = 512;
/// How many ids share a word of the filter at most: then less than one question in a hundred about
/// what never was looks through a part.
const FULL_WORD: usize = 5;
/// How many entries a part has on average before there are twice as many parts.
const FULL_PART: usize = 512;

/// Keys and values that were put away.
#[derive(Debug)]
pub(super) struct Attic {
    scratch: Scratch,
    shelf: Shelf,
    /// By the first bits of their tags: tag and place of each.
    parts: Parts,
    part_bits: u32,
    put_away: usize,
    /// A few bits of a word for each that was marked.
    filter: Pages<u64>,
    marked: usize,
}

impl Attic {
    pub(super) fn new(scratch: Scratch) -> Attic {
        Attic {
            shelf: Shelf::new(scratch.clone(), u32::MAX),
            scratch,
            parts: Parts::new(1),
            part_bits: 0,
            put_away: 0,
            filter: Pages::new(FIRST_WORDS),
            marked: 0,
        }
    }

    /// Forgets all of it.
    pub(super) fn clear(&mut self) {
        *self = Attic::new(self.scratch.clone());
    }

    /// Whether a text was put away; if so, `value` is what was said with it.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub(super) fn find(
        &mut self,
        tag: Tag,
        text: &[u8],
        value: &mut Vec<u8>,
    ) -> Result<bool, ScratchError> {
        let bits = bits_of(tag);
        if self.filter[word_of(tag, self.filter.len())] & bits != bits {
            return Ok(false);
        }
        self.look_for(tag, text, value)
    }

    fn look_for(
        &mut self,
        tag: Tag,
        text: &[u8],
        value: &mut Vec<u8>,
    ) -> Result<bool, ScratchError> {
        let part = self.part_of(tag);
        for entries in self.parts.numbers(part) {
            // No early end, so that compilers look at many tags at a time.
            let with_tag = |entry: &u64| (entry >> 32) as Tag == tag;
            if !entries.iter().fold(false, |found, entry| found | with_tag(entry)) {
                continue;
            }
            for entry in entries.iter().filter(|entry| with_tag(entry)) {
                if self.shelf.read(*entry as u32, text, value)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// An id stands for something from now on, and may be put away one day; whether the filter has
    /// become too full ([`Attic::widen_filter`]).
    #[inline]
    pub(super) fn mark(&mut self, tag: Tag) -> bool {
        let word = word_of(tag, self.filter.len());
        self.filter[word] |= bits_of(tag);
        self.marked += 1;
        self.marked > self.filter.len() * FULL_WORD
    }

    /// Makes the filter anew, twice as large. `others` are marked and have not been put away.
    pub(super) fn widen_filter(&mut self, others: impl Iterator<Item = Tag>) {
        let size = self.filter.len() * 2;
        let mut filter = Pages::new(size);
        let put_away = self.parts.all().map(|entry| (entry >> 32) as Tag);
        for tag in put_away.chain(others) {
            filter[word_of(tag, size)] |= bits_of(tag);
        }
        self.filter = filter;
    }

    /// Puts a text away that was marked and not put away yet.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub(super) fn put(&mut self, tag: Tag, text: &[u8], value: &[u8]) -> Result<(), ScratchError> {
        let place = self.shelf.put(text, value)?;
        if self.put_away >= self.parts.count() * FULL_PART {
            self.split_parts();
        }
        let part = self.part_of(tag);
        self.parts.push(part, u64::from(tag) << 32 | u64::from(place));
        self.put_away += 1;
        Ok(())
    }

    /// Has what is needed to look a text up fetched.
    #[inline]
    pub(super) fn prefetch(&self, tag: Tag) {
        prefetch_index(&self.filter[..], word_of(tag, self.filter.len()));
    }

    /// Has fetched what says where a tag will be put.
    #[inline]
    pub(super) fn prefetch_part(&self, tag: Tag) {
        self.parts.prefetch_part(self.part_of(tag));
    }

    /// Has fetched where a tag will be put, once its part is near.
    #[inline]
    pub(super) fn prefetch_put(&self, tag: Tag) {
        self.parts.prefetch_end(self.part_of(tag));
    }

    #[inline]
    fn part_of(&self, tag: Tag) -> usize {
        (u64::from(tag) >> (Tag::BITS - self.part_bits)) as usize
    }

    fn split_parts(&mut self) {
        self.part_bits += 1;
        let next_bit = 1 << (u64::BITS - self.part_bits);
        self.parts.split(|entry| entry & next_bit != 0);
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
    use crate::world::slots::tag_of;

    #[test]
    fn what_was_put_away_is_found_and_little_else_is_looked_for() {
        let mut attic = Attic::new(Scratch::default());
        let mut value = Vec::new();
        let text = |number: u32| format!("srv-{number}");
        let tag = |number: u32| tag_of(hash(&text(number)));
        let count = 40_000;
        for number in 0..count {
            if attic.mark(tag(number)) {
                attic.widen_filter(std::iter::once(tag(number)));
            }
            let (text, said) = (text(number), number.to_le_bytes());
            assert_eq!(attic.put(tag(number), text.as_bytes(), &said), Ok(()));
        }
        assert!(attic.parts.count() > 4, "parts are split");
        for number in 0..count {
            let text = text(number);
            assert_eq!(attic.find(tag(number), text.as_bytes(), &mut value), Ok(true));
            assert_eq!(value, number.to_le_bytes());
        }
        let mut passed = 0;
        for number in count..2 * count {
            let (tag, text) = (tag(number), text(number));
            assert_eq!(attic.find(tag, text.as_bytes(), &mut value), Ok(false));
            let word = attic.filter[word_of(tag, attic.filter.len())];
            passed += usize::from(word & bits_of(tag) == bits_of(tag));
        }
        assert!(passed < count as usize / 50, "{passed} pass the filter");
    }

    #[test]
    fn a_filter_made_anew_still_knows_what_lives() {
        let mut attic = Attic::new(Scratch::default());
        let tags: Vec<Tag> = (0..9_999).map(|number| number * 0x0003_0001).collect();
        for (count, tag) in (1..).zip(&tags) {
            if attic.mark(*tag) {
                attic.widen_filter(tags[..count].iter().copied());
            }
        }
        assert!(attic.filter.len() > FIRST_WORDS);
        for tag in tags {
            let word = attic.filter[word_of(tag, attic.filter.len())];
            assert_eq!(word & bits_of(tag), bits_of(tag));
        }
    }
}
