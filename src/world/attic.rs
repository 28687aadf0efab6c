//! What is gone: on disk, with a few bytes of memory each to find it again.
//!
//! Nearly all questions are about ids that are new. A filter of one and a half to four bytes for
//! each id that ever stood for something answers those; what passes it is looked for among the tags
//! of a part, most of which are on disk, too. So nothing is looked up when something is put away:
//! its tag goes behind the last one.

use prefetch_index::prefetch_index;

use crate::scratch::{Scratch, ScratchError, Shelf};
use crate::world::pages::Pages;
use crate::world::parts::Parts;
use crate::world::slots::Tag;

/// The fewest words of a filter.
const FIRST_WORDS: usize = 512;
/// How many ids share a word of the filter on average at most: then few questions about what never
/// was look through a part.
const FULL_WORD: usize = 5;
/// How many entries a part has on average before there are twice as many parts.
const FULL_PART: usize = 2048;

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
            parts: Parts::new(scratch.clone(), 1),
            scratch,
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
        &self,
        tag: Tag,
        text: &[u8],
        value: &mut Vec<u8>,
    ) -> Result<bool, ScratchError> {
        if self.passes_filter(tag) { self.look_for(tag, text, value) } else { Ok(false) }
    }

    #[inline]
    fn passes_filter(&self, tag: Tag) -> bool {
        let bits = bits_of(tag);
        self.filter[word_of(tag, self.filter.len())] & bits == bits
    }

    fn look_for(&self, tag: Tag, text: &[u8], value: &mut Vec<u8>) -> Result<bool, ScratchError> {
        self.parts.any(self.part_of(tag), |entries| {
            // No early end, so that compilers look at many tags at a time.
            let with_tag = |entry: &u64| tag_of_entry(*entry) == tag;
            if !entries.iter().fold(false, |found, entry| found | with_tag(entry)) {
                return Ok(false);
            }
            for entry in entries.iter().filter(|entry| with_tag(entry)) {
                if self.shelf.read(*entry as u32, text, value)? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// An id stands for something from now on, and may be put away one day.
    #[inline]
    pub(super) fn mark(&mut self, tag: Tag) {
        let word = word_of(tag, self.filter.len());
        self.filter[word] |= bits_of(tag);
        self.marked += 1;
    }

    /// Whether so many were marked that the filter should be widened.
    #[inline]
    pub(super) fn is_filter_full(&self) -> bool {
        self.marked > self.filter.len() * FULL_WORD
    }

    /// Makes the filter anew, twice as large. `others` are marked and have not been put away.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub(super) fn widen_filter(
        &mut self,
        others: impl Iterator<Item = Tag>,
    ) -> Result<(), ScratchError> {
        let size = self.filter.len() * 2;
        let mut filter = Pages::new(size);
        let mut add = |tag: Tag| filter[word_of(tag, size)] |= bits_of(tag);
        others.for_each(&mut add);
        self.parts.for_each(|entry| add(tag_of_entry(entry)))?;
        self.filter = filter;
        Ok(())
    }

    /// Puts a text away that was marked and not put away yet.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub(super) fn put(&mut self, tag: Tag, text: &[u8], value: &[u8]) -> Result<(), ScratchError> {
        let place = self.shelf.put(text, value)?;
        if self.put_away >= self.parts.count() * FULL_PART {
            self.split_parts()?;
        }
        self.put_away += 1;
        self.parts.push(self.part_of(tag), u64::from(tag) << 32 | u64::from(place))
    }

    /// Has what is needed to look a text up fetched.
    #[inline]
    pub(super) fn prefetch(&self, tag: Tag) {
        prefetch_index(&self.filter[..], word_of(tag, self.filter.len()));
    }

    /// Has fetched where a tag will be put.
    #[inline]
    pub(super) fn prefetch_put(&self, tag: Tag) {
        self.parts.prefetch_end(self.part_of(tag));
    }

    #[inline]
    fn part_of(&self, tag: Tag) -> usize {
        (u64::from(tag) >> (Tag::BITS - self.part_bits)) as usize
    }

    fn split_parts(&mut self) -> Result<(), ScratchError> {
        let next_bit = 1 << (u64::BITS - 1 - self.part_bits);
        self.parts.split(|entry| entry & next_bit != 0)?;
        self.part_bits += 1;
        Ok(())
    }
}

#[inline]
fn tag_of_entry(entry: u64) -> Tag {
    (entry >> 32) as Tag
}

#[inline]
fn word_of(tag: Tag, size: usize) -> usize {
    ((u64::from(tag) * size as u64) >> 32) as usize
}

/// Six bits of a word, by the bits of a tag that do not say which word.
#[inline]
fn bits_of(tag: Tag) -> u64 {
    let mixed = u64::from(tag).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bit = |shift: u32| 1 << ((mixed >> shift) & 63);
    bit(58) | bit(52) | bit(46) | bit(40) | bit(34) | bit(28)
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
            attic.mark(tag(number));
            if attic.is_filter_full() {
                assert_eq!(attic.widen_filter(std::iter::once(tag(number))), Ok(()));
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
            passed += usize::from(attic.passes_filter(tag));
        }
        assert!(passed < count as usize / 100, "{passed} pass the filter");
    }

    #[test]
    fn a_filter_made_anew_still_knows_what_lives() {
        let mut attic = Attic::new(Scratch::default());
        let tags: Vec<Tag> = (0..9_999).map(|number| number * 0x0003_0001).collect();
        for (count, tag) in (1..).zip(&tags) {
            attic.mark(*tag);
            if attic.is_filter_full() {
                assert_eq!(attic.widen_filter(tags[..count].iter().copied()), Ok(()));
            }
        }
        assert!(attic.filter.len() > FIRST_WORDS);
        assert!(tags.into_iter().all(|tag| attic.passes_filter(tag)));
    }
}
