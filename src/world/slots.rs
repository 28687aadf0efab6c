//! Tables from texts to numbers: some twelve to thirty bytes of memory an entry.
//!
//! A slot is half of the text's hash and the number + 1; whether the text is the right one, whoever
//! holds it has to say.

use prefetch_index::prefetch_index;

/// How many tables the texts are spread over, so that a table that grows is a small one: the first
/// bits of a tag say which.
const TABLE_BITS: u32 = 6;
/// How many slots a table has to begin with.
const FIRST_SLOTS: usize = 16;
/// How many slots are looked at ahead.
const LOOKED_AT: usize = 4;

/// Half of a text's hash.
pub(super) type Tag = u32;

/// All slots: open addressing, in the order of the tags; 0 is empty.
#[derive(Debug)]
pub(super) struct Slots {
    tables: Vec<Table>,
    fullness: Fullness,
}

/// How full tables may be before they grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fullness {
    /// Half: what is looked up is found at once.
    Half,
    /// Three quarters, and they grow by half: for many that are rarely looked up.
    ThreeQuarters,
}

#[derive(Debug, Clone)]
struct Table {
    slots: Vec<u64>,
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

impl Slots {
    pub(super) fn new(fullness: Fullness) -> Slots {
        let empty = Table { slots: vec![0; FIRST_SLOTS], count: 0 };
        Slots { tables: vec![empty; 1 << TABLE_BITS], fullness }
    }

    /// The number with this tag that `is_it` says is the right one.
    #[inline]
    pub(super) fn find<E>(
        &self,
        tag: Tag,
        mut is_it: impl FnMut(u32) -> Result<bool, E>,
    ) -> Result<Option<u32>, E> {
        let table = self.table(tag);
        let mut at = table.home(tag);
        loop {
            let slot = table.slots[at];
            if slot == 0 {
                return Ok(None);
            }
            let number = (slot as u32).wrapping_sub(1);
            if (slot >> 32) as Tag == tag && is_it(number)? {
                return Ok(Some(number));
            }
            at = table.next(at);
        }
    }

    /// Has the slots fetched that a tag is probably in; nobody waits for them.
    #[inline]
    pub(super) fn prefetch(&self, tag: Tag) {
        let table = self.table(tag);
        let at = table.home(tag);
        prefetch_index(&table.slots, at);
        prefetch_index(&table.slots, at + LOOKED_AT - 1);
    }

    /// The number that a tag probably has; `u32::MAX` where it has none.
    #[inline]
    pub(super) fn probable_number(&self, tag: Tag) -> u32 {
        let table = self.table(tag);
        let at = table.home(tag).min(table.slots.len() - LOOKED_AT);
        // No early end: that there is one is hard to foretell.
        let mut found = 0;
        for slot in &table.slots[at..at + LOOKED_AT] {
            found = if (slot >> 32) as Tag == tag { *slot as u32 } else { found };
        }
        found.wrapping_sub(1)
    }

    /// Adds a number below 2^32 - 1.
    #[inline]
    pub(super) fn add(&mut self, tag: Tag, number: u32) {
        let fullness = self.fullness;
        let table = self.table_mut(tag);
        let (most, larger) = match fullness {
            Fullness::Half => (table.slots.len() / 2, table.slots.len() * 2),
            Fullness::ThreeQuarters => (table.slots.len() / 4 * 3, table.slots.len() / 2 * 3),
        };
        if table.count >= most {
            table.grow(larger);
        }
        table.put(slot_of(tag, number));
        table.count += 1;
    }

    /// Removes a number that is there.
    pub(super) fn remove(&mut self, tag: Tag, number: u32) {
        let table = self.table_mut(tag);
        let wanted = slot_of(tag, number);
        let mut at = table.home(tag);
        while table.slots[at] != wanted {
            at = table.next(at);
        }
        table.close_gap(at);
        table.count -= 1;
    }

    /// All tags.
    pub(super) fn tags(&self) -> impl Iterator<Item = Tag> {
        let slots = self.tables.iter().flat_map(|table| &table.slots);
        slots.filter(|slot| **slot != 0).map(|slot| (slot >> 32) as Tag)
    }

    fn table(&self, tag: Tag) -> &Table {
        &self.tables[(tag >> (Tag::BITS - TABLE_BITS)) as usize]
    }

    fn table_mut(&mut self, tag: Tag) -> &mut Table {
        &mut self.tables[(tag >> (Tag::BITS - TABLE_BITS)) as usize]
    }
}

impl Table {
    #[inline]
    fn home(&self, tag: Tag) -> usize {
        ((u64::from(tag << TABLE_BITS) * self.slots.len() as u64) >> 32) as usize
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    fn put(&mut self, slot: u64) {
        let mut at = self.home((slot >> 32) as Tag);
        while self.slots[at] != 0 {
            at = self.next(at);
        }
        self.slots[at] = slot;
    }

    fn grow(&mut self, larger: usize) {
        let old = std::mem::replace(&mut self.slots, vec![0; larger]);
        for slot in old.into_iter().filter(|slot| *slot != 0) {
            self.put(slot);
        }
    }

    /// Moves those that follow to where they would be, had the one at `gap` never been there.
    fn close_gap(&mut self, mut gap: usize) {
        let size = self.slots.len();
        let mut at = gap;
        loop {
            at = self.next(at);
            let slot = self.slots[at];
            if slot == 0 {
                break;
            }
            let home = self.home((slot >> 32) as Tag);
            let distance = |from: usize| if at >= from { at - from } else { at + size - from };
            if distance(home) >= distance(gap) {
                self.slots[gap] = slot;
                gap = at;
            }
        }
        self.slots[gap] = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn numbers_come_and_go_in_any_order() {
        for fullness in [Fullness::Half, Fullness::ThreeQuarters] {
            come_and_go(Slots::new(fullness));
        }
    }

    fn come_and_go(mut slots: Slots) {
        // Many with few tags, and many with tags of their own.
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
            let found = slots.find(tag(number), |found| Ok::<bool, Infallible>(found == number));
            assert_eq!(found, Ok((number % 5 >= 2).then_some(number)));
        }
        assert_eq!(slots.tags().count(), 3_000);
    }
}
