//! What is gone: on disk, with a few bytes of memory each to find it again.
//!
//! Nearly all questions are about ids that are new. A filter of three to six bytes for each id
//! that ever stood for something answers those; what passes it is looked for among the marks
//! of a part, most of which are on disk, too. So nothing is looked up when something is put away:
//! its mark goes behind the last one.

use prefetch_index::prefetch_index;

use crate::scratch::{Scratch, ScratchError, Shelf};
use crate::world::pages::Pages;
use crate::world::parts::Parts;
use crate::world::slots::Tag;

/// The fewest words of a filter.
const FIRST_WORDS: usize = 512;
/// How many ids share a word of the filter on average at most: then two questions in a thousand
/// about what never was look through a part, which is on disk.
const FULL_WORD: usize = 3;
/// How many parts there are to begin with, in bits; there are more, again in bits, once they have so
/// many entries on average. Entries are read and written anew then: that is once while they are few,
/// and then rarely.
const FIRST_PART_BITS: u32 = 8;
const FIRST_SPLIT: Split = Split { at: 512, bits: 6 };
const LATER_SPLIT: Split = Split { at: 8192, bits: 3 };

struct Split {
    at: usize,
    bits: u32,
}

/// What is remembered of the hash of a text: its first 40 bits. As many ids as there may be on disk
/// share too many marks of 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(u64);

/// Keys and values that were put away.
#[derive(Debug)]
pub(super) struct Attic {
    scratch: Scratch,
    shelf: Shelf,
    /// By the first bits of their marks: of each the last 32 bits of its mark, and its place.
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
            parts: Parts::new(scratch.clone(), 1 << FIRST_PART_BITS),
            scratch,
            part_bits: FIRST_PART_BITS,
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
        mark: Mark,
        text: &[u8],
        value: &mut Vec<u8>,
    ) -> Result<bool, ScratchError> {
        if self.passes_filter(mark) { self.look_for(mark, text, value) } else { Ok(false) }
    }

    #[inline]
    fn passes_filter(&self, mark: Mark) -> bool {
        let bits = mark.bits();
        self.filter[word_of(mark.tag(), &self.filter)] & bits == bits
    }

    fn look_for(&self, mark: Mark, text: &[u8], value: &mut Vec<u8>) -> Result<bool, ScratchError> {
        self.parts.any(self.part_of(mark.tag()), |entries| {
            // No early end, so that compilers look at many marks at a time.
            let is_marked = |entry: &u64| (entry >> 32) as u32 == mark.end();
            if !entries.iter().fold(false, |found, entry| found | is_marked(entry)) {
                return Ok(false);
            }
            for entry in entries.iter().filter(|entry| is_marked(entry)) {
                if self.shelf.read(*entry as u32, text, value)? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// An id stands for something from now on, and may be put away one day.
    #[inline]
    pub(super) fn mark(&mut self, mark: Mark) {
        add_to(&mut self.filter, mark);
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
        others: impl Iterator<Item = Mark>,
    ) -> Result<(), ScratchError> {
        let mut filter = Pages::new(self.filter.len() * 2);
        others.for_each(|mark| add_to(&mut filter, mark));
        self.parts.for_each(|part, entry| {
            add_to(&mut filter, Mark::of_entry(part, self.part_bits, entry));
            Ok(())
        })?;
        self.filter = filter;
        Ok(())
    }

    /// Puts a text away that was marked and not put away yet.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub(super) fn put(
        &mut self,
        mark: Mark,
        text: &[u8],
        value: &[u8],
    ) -> Result<(), ScratchError> {
        let place = self.shelf.put(text, value)?;
        let split = if self.part_bits == FIRST_PART_BITS { FIRST_SPLIT } else { LATER_SPLIT };
        if self.put_away >= self.parts.count() * split.at {
            self.split_parts(split.bits)?;
        }
        self.put_away += 1;
        let entry = u64::from(mark.end()) << 32 | u64::from(place);
        self.parts.push(self.part_of(mark.tag()), entry)
    }

    /// Has what is needed to look a text up fetched.
    #[inline]
    pub(super) fn prefetch(&self, tag: Tag) {
        prefetch_index(&self.filter[..], word_of(tag, &self.filter));
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

    fn split_parts(&mut self, more_bits: u32) -> Result<(), ScratchError> {
        let part_bits = self.part_bits + more_bits;
        self.parts.split(1 << more_bits, |part, entry| {
            let mark = Mark::of_entry(part, self.part_bits, entry);
            (mark.tag() >> (Tag::BITS - part_bits)) as usize
        })?;
        self.part_bits = part_bits;
        Ok(())
    }
}

impl Mark {
    const BITS: u32 = 40;

    /// Of a text with this hash.
    #[inline]
    pub(super) fn of(hash: u64) -> Mark {
        Mark(hash >> (u64::BITS - Mark::BITS))
    }

    /// Of an entry of a part that the first `part_bits` bits name. They are at least so many as an
    /// entry leaves out.
    fn of_entry(part: usize, part_bits: u32, entry: u64) -> Mark {
        Mark((part as u64) << (Mark::BITS - part_bits) | entry >> 32)
    }

    /// Its first half of a hash.
    #[inline]
    fn tag(self) -> Tag {
        (self.0 >> (Mark::BITS - Tag::BITS)) as Tag
    }

    /// Its last 32 bits.
    #[inline]
    fn end(self) -> u32 {
        self.0 as u32
    }

    /// Six bits of a word, by the bits that do not say which word.
    #[inline]
    fn bits(self) -> u64 {
        let mixed = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bit = |shift: u32| 1 << ((mixed >> shift) & 63);
        bit(58) | bit(52) | bit(46) | bit(40) | bit(34) | bit(28)
    }
}

const _: () = assert!(FIRST_PART_BITS + u32::BITS >= Mark::BITS);

#[inline]
fn word_of(tag: Tag, filter: &[u64]) -> usize {
    ((u64::from(tag) * filter.len() as u64) >> 32) as usize
}

#[inline]
fn add_to(filter: &mut [u64], mark: Mark) {
    filter[word_of(mark.tag(), filter)] |= mark.bits();
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
        let mark = |number: u32| Mark::of(hash(&text(number)));
        let count = 140_000;
        for number in 0..count {
            attic.mark(mark(number));
            if attic.is_filter_full() {
                assert_eq!(attic.widen_filter(std::iter::once(mark(number))), Ok(()));
            }
            let (text, said) = (text(number), number.to_le_bytes());
            assert_eq!(attic.put(mark(number), text.as_bytes(), &said), Ok(()));
        }
        assert_eq!(attic.part_bits, FIRST_PART_BITS + FIRST_SPLIT.bits);
        for is_split_again in [true, false] {
            for number in 0..count {
                let text = text(number);
                assert_eq!(attic.find(mark(number), text.as_bytes(), &mut value), Ok(true));
                assert_eq!(value, number.to_le_bytes());
            }
            if is_split_again {
                assert_eq!(attic.split_parts(LATER_SPLIT.bits), Ok(()));
            }
        }
        assert_eq!(attic.widen_filter(std::iter::empty()), Ok(()));
        assert!((0..count).all(|number| attic.passes_filter(mark(number))));
        let mut passed = 0;
        for number in count..2 * count {
            let (mark, text) = (mark(number), text(number));
            assert_eq!(attic.find(mark, text.as_bytes(), &mut value), Ok(false));
            passed += usize::from(attic.passes_filter(mark));
        }
        assert!(passed < count as usize / 500, "{passed} pass the filter");
    }

    #[test]
    fn texts_of_one_mark_are_told_apart() {
        let mut attic = Attic::new(Scratch::default());
        let mark = Mark::of(0x1234_5678_9abc_def0);
        for text in ["srv-1", "srv-2"] {
            attic.mark(mark);
            assert_eq!(attic.put(mark, text.as_bytes(), text.as_bytes()), Ok(()));
        }
        let mut value = Vec::new();
        for text in ["srv-1", "srv-2"] {
            assert_eq!(attic.find(mark, text.as_bytes(), &mut value), Ok(true));
            assert_eq!(value, text.as_bytes());
        }
        assert_eq!(attic.find(mark, b"srv-3", &mut value), Ok(false));
    }

    #[test]
    fn a_filter_made_anew_still_knows_what_lives() {
        let mut attic = Attic::new(Scratch::default());
        let marks: Vec<Mark> =
            (0..9_999).map(|number| Mark::of(number * 0x0003_0001_0000_0007)).collect();
        for (count, mark) in (1..).zip(&marks) {
            attic.mark(*mark);
            if attic.is_filter_full() {
                assert_eq!(attic.widen_filter(marks[..count].iter().copied()), Ok(()));
            }
        }
        assert!(attic.filter.len() > FIRST_WORDS);
        assert!(marks.into_iter().all(|mark| attic.passes_filter(mark)));
    }
}
