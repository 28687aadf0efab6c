//! A map on disk that costs about ten bytes of memory an entry.
//!
//! Entries are appended, never changed and never removed. In memory there is, for each, half of
//! its key's hash and its place; what is found that way is read back and compared, so that the
//! answer is exact. Asking for what is not there almost never reads.

use crate::scratch::{Scratch, ScratchError, Shelf};

/// How many tables the keys are spread over, so that a table that grows is a small one.
const TABLE_COUNT: usize = 64;

/// Keys and values that were put away.
#[derive(Debug)]
pub struct Archive {
    tables: Vec<Table>,
    shelf: Shelf,
}

/// Where the entries of some keys are: open addressing, a slot is `half of the hash | place + 1`.
#[derive(Debug)]
struct Table {
    slots: Vec<u64>,
    count: usize,
}

impl Archive {
    /// An empty one. Nothing is written before there is much.
    #[must_use]
    pub fn new(scratch: Scratch) -> Archive {
        let empty = || Table { slots: vec![0; 16], count: 0 };
        let tables = (0..TABLE_COUNT).map(|_| empty()).collect();
        Archive { tables, shelf: Shelf::new(scratch, u32::MAX) }
    }

    /// Puts an entry away. A key that is there already would be found before this one.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn insert(&mut self, hash: u64, key: &[u8], value: &[u8]) -> Result<(), ScratchError> {
        let place = self.shelf.put(key, value)?;
        self.tables[table_of(hash)].insert(half(hash), place + 1);
        Ok(())
    }

    /// Looks a key up, and puts its value into `value`; whether it is there.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn find(
        &mut self,
        hash: u64,
        key: &[u8],
        value: &mut Vec<u8>,
    ) -> Result<bool, ScratchError> {
        let half = half(hash);
        let table = &self.tables[table_of(hash)];
        let mut at = table.home(half);
        while table.slots[at] != 0 {
            let slot = table.slots[at];
            at = if at + 1 == table.slots.len() { 0 } else { at + 1 };
            if (slot >> 32) as u32 != half {
                continue;
            }
            if self.shelf.read(slot as u32 - 1, key, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Table {
    fn home(&self, half: u32) -> usize {
        ((u64::from(half) * self.slots.len() as u64) >> 32) as usize
    }

    fn insert(&mut self, half: u32, place: u32) {
        if (self.count + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        self.put(u64::from(half) << 32 | u64::from(place));
        self.count += 1;
    }

    fn put(&mut self, slot: u64) {
        let mut at = self.home((slot >> 32) as u32);
        while self.slots[at] != 0 {
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
        self.slots[at] = slot;
    }

    /// There are many tables: that one is half empty does not matter.
    fn grow(&mut self) {
        let larger = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![0; larger]);
        for slot in old.into_iter().filter(|slot| *slot != 0) {
            self.put(slot);
        }
    }
}

fn table_of(hash: u64) -> usize {
    (hash >> 32) as usize % TABLE_COUNT
}

fn half(hash: u64) -> u32 {
    hash as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_away_is_found_and_nothing_else_also_where_hashes_are_alike() {
        // Only eight hashes, and enough entries that most are in the file.
        let mut archive = Archive::new(Scratch::default());
        let mut value = Vec::new();
        let hash = |number: u32| u64::from(number % 8) * 0x1_0000_0001;
        for number in 0..400_u32 {
            let text = format!("key-{number}");
            assert_eq!(archive.find(hash(number), text.as_bytes(), &mut value), Ok(false));
            let long = vec![number as u8; 20_000];
            assert_eq!(archive.insert(hash(number), text.as_bytes(), &long), Ok(()));
        }
        assert!(archive.shelf.is_split());
        for number in 0..400_u32 {
            let text = format!("key-{number}");
            assert_eq!(archive.find(hash(number), text.as_bytes(), &mut value), Ok(true), "{text}");
            assert_eq!(value, vec![number as u8; 20_000]);
            assert_eq!(
                archive.find(hash(number), format!("{text}-").as_bytes(), &mut value),
                Ok(false)
            );
        }
    }

    #[test]
    fn tables_grow() {
        let mut archive = Archive::new(Scratch::default());
        let mut value = Vec::new();
        for number in 0..50_000_u64 {
            let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            assert_eq!(archive.insert(hash, number.to_string().as_bytes(), &[]), Ok(()));
        }
        for number in 0..50_000_u64 {
            let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            assert_eq!(archive.find(hash, number.to_string().as_bytes(), &mut value), Ok(true));
        }
    }
}
