//! Tables from texts to numbers: sixteen to thirty-two bytes of memory an entry.
//!
//! A slot is half of the text's hash and the number + 1; whether the text is the right one, whoever
//! holds it has to say. Eight slots are a bucket, and a bucket is one line of the cache: what is
//! looked up, added or removed mostly touches no other.

use prefetch_index::prefetch_index;

use crate::world::pages::Pages;

/// How many buckets there are to begin with.
const FIRST_BUCKETS: usize = 2;
/// How many slots a bucket has.
const BUCKET: usize = 8;

/// Half of a text's hash.
pub(super) type Tag = u32;

/// Buckets, of which at most half the slots are taken.
///
/// Invariants: an entry is in its home bucket or, where that was full, in the first one behind it
/// that was not; all buckets between the two are full. In a bucket, slots that are taken come
/// first; 0 is none.
#[derive(Debug)]
pub(super) struct Slots {
    words: Pages<u64>,
    count: usize,
}

/// The half of a hash that slots have.
#[inline]
pub(super) fn tag_of(hash: u64) -> Tag {
    (hash >> 32) as Tag
}

fn slot_of(tag: Tag, number: u32) -> u64 {
    u64::from(tag) << 32 | u64::from(number + 1)
}

fn tag_in(slot: u64) -> Tag {
    (slot >> 32) as Tag
}

impl Slots {
    pub(super) fn new() -> Slots {
        Slots { words: Pages::new(FIRST_BUCKETS * BUCKET), count: 0 }
    }

    /// The number with this tag that `is_it` says is the right one.
    #[inline]
    pub(super) fn find(&self, tag: Tag, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let buckets = self.buckets();
        let mut at = home(tag, buckets.len());
        loop {
            let bucket = &buckets[at];
            let mut with_tag = with_tag(bucket, tag);
            while with_tag != 0 {
                let slot = bucket[with_tag.trailing_zeros() as usize % BUCKET];
                let number = (slot as u32).wrapping_sub(1);
                if slot != 0 && is_it(number) {
                    return Some(number);
                }
                with_tag &= with_tag - 1;
            }
            if !is_full(bucket) {
                return None;
            }
            at = next(at, buckets.len());
        }
    }

    /// Has the slots fetched that a tag is probably in; nobody waits for them.
    #[inline]
    pub(super) fn prefetch(&self, tag: Tag) {
        let buckets = self.buckets();
        prefetch_index(buckets, home(tag, buckets.len()));
    }

    /// The number that a tag probably has; `u32::MAX` where it has none.
    #[inline]
    pub(super) fn probable_number(&self, tag: Tag) -> u32 {
        let buckets = self.buckets();
        // No early end: that there is one is hard to foretell.
        let mut found = 0;
        for slot in buckets[home(tag, buckets.len())] {
            found = if tag_in(slot) == tag { slot as u32 } else { found };
        }
        found.wrapping_sub(1)
    }

    /// Adds a number below 2^32 - 1.
    #[inline]
    pub(super) fn add(&mut self, tag: Tag, number: u32) {
        if self.count * 2 >= self.words.len() {
            self.grow();
        }
        put(self.buckets_mut(), slot_of(tag, number));
        self.count += 1;
    }

    /// Removes a number that is there.
    pub(super) fn remove(&mut self, tag: Tag, number: u32) {
        let buckets = self.buckets_mut();
        let wanted = slot_of(tag, number);
        let mut at = home(tag, buckets.len());
        loop {
            if let Some(place) = buckets[at].iter().position(|slot| *slot == wanted) {
                take(buckets, at, place);
                self.count -= 1;
                return;
            }
            at = next(at, buckets.len());
        }
    }

    /// All tags.
    #[cfg(test)]
    fn tags(&self) -> impl Iterator<Item = Tag> {
        self.words.iter().filter(|slot| **slot != 0).map(|slot| tag_in(*slot))
    }

    fn grow(&mut self) {
        let larger = Pages::new(self.words.len() * 2);
        let old = std::mem::replace(&mut self.words, larger);
        for slot in old.iter().filter(|slot| **slot != 0) {
            put(self.buckets_mut(), *slot);
        }
    }

    #[inline]
    fn buckets(&self) -> &[[u64; BUCKET]] {
        self.words.as_chunks().0
    }

    #[inline]
    fn buckets_mut(&mut self) -> &mut [[u64; BUCKET]] {
        self.words.as_chunks_mut().0
    }
}

#[inline]
fn home(tag: Tag, buckets: usize) -> usize {
    ((u64::from(tag) * buckets as u64) >> 32) as usize
}

#[inline]
fn next(at: usize, buckets: usize) -> usize {
    if at + 1 == buckets { 0 } else { at + 1 }
}

/// Which slots have a tag, a bit for each; a free one has the tag 0.
#[inline]
fn with_tag(bucket: &[u64; BUCKET], tag: Tag) -> u32 {
    let mut bits = 0;
    for (place, slot) in bucket.iter().enumerate() {
        bits |= u32::from(tag_in(*slot) == tag) << place;
    }
    bits
}

#[inline]
fn is_full(bucket: &[u64; BUCKET]) -> bool {
    bucket[BUCKET - 1] != 0
}

fn put(buckets: &mut [[u64; BUCKET]], slot: u64) {
    let mut at = home(tag_in(slot), buckets.len());
    while is_full(&buckets[at]) {
        at = next(at, buckets.len());
    }
    let bucket = &mut buckets[at];
    // Which is the first free one is hard to foretell: how many are taken says it.
    let mut taken = 0;
    for other in &*bucket {
        taken += usize::from(*other != 0);
    }
    bucket[taken % BUCKET] = slot;
}

/// Takes a slot out of a bucket. Where that was full, entries may have passed it by: one of them
/// comes back, and leaves a gap that another one may have passed by.
fn take(buckets: &mut [[u64; BUCKET]], mut at: usize, mut place: usize) {
    loop {
        let bucket = &mut buckets[at];
        let was_full = is_full(bucket);
        let last = bucket.iter().rposition(|slot| *slot != 0).unwrap_or(place);
        bucket[place] = bucket[last];
        bucket[last] = 0;
        if !was_full {
            return;
        }
        let Some((from, which)) = passed_by(buckets, at) else { return };
        buckets[at][BUCKET - 1] = buckets[from][which];
        (at, place) = (from, which);
    }
}

/// An entry behind a bucket that would be in it, had it not been full.
fn passed_by(buckets: &[[u64; BUCKET]], gap: usize) -> Option<(usize, usize)> {
    let size = buckets.len();
    let distance = |from: usize, to: usize| if to >= from { to - from } else { to + size - from };
    let mut at = next(gap, size);
    while at != gap {
        let passed =
            |slot: &u64| *slot != 0 && distance(home(tag_in(*slot), size), at) >= distance(gap, at);
        if let Some(place) = buckets[at].iter().position(passed) {
            return Some((at, place));
        }
        if !is_full(&buckets[at]) {
            return None;
        }
        at = next(at, size);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_and_go_in_any_order() {
        let mut slots = Slots::new();
        // Many with few tags, 0 among them, and many with tags of their own.
        let tag = |number: u32| {
            if number.is_multiple_of(9) { number % 7 } else { number.wrapping_mul(0x9e37_79b9) }
        };
        let count = 5_000;
        for number in 0..count {
            slots.add(tag(number), number);
        }
        for number in (0..count).filter(|number| number % 5 < 2) {
            slots.remove(tag(number), number);
        }
        for number in 0..count {
            let found = slots.find(tag(number), |found| found == number);
            assert_eq!(found, (number % 5 >= 2).then_some(number));
        }
        assert_eq!(slots.tags().count(), 3_000);
    }

    #[test]
    fn what_was_pushed_out_of_full_buckets_comes_back() {
        // All in one bucket's home, at the end of its table, so that they go on at its front.
        let mut slots = Slots::new();
        let tag = |number: u32| u32::MAX - number % 3;
        for round in 0..4 {
            (0..40).for_each(|number| slots.add(tag(number), number));
            for gone in 0..40 {
                let number = gone * 7 % 40;
                slots.remove(tag(number), number);
                for other in gone + 1..40 {
                    let other = other * 7 % 40;
                    let found = slots.find(tag(other), |found| found == other);
                    assert_eq!(found, Some(other), "{round}: {other} without {number}");
                }
            }
            assert_eq!(slots.tags().count(), 0);
        }
    }

    #[test]
    fn slots_follow_what_is_there_and_not_what_ever_was() {
        let mut slots = Slots::new();
        let size = slots.words.len();
        // A tag of 0 looks like an empty slot.
        for round in 1..2 * size as u32 {
            let tag = round.wrapping_mul(0x9e37_79b1);
            slots.add(tag, round);
            assert_eq!(slots.probable_number(tag), round);
            assert_eq!(slots.probable_number(tag ^ 1), u32::MAX, "it has none");
            slots.remove(tag, round);
            assert_eq!(slots.probable_number(tag), u32::MAX);
        }
        assert_eq!((slots.words.len(), slots.count), (size, 0));
    }
}
