//! A map on disk that costs about ten bytes of memory an entry.
//!
//! Entries are appended, never changed and never removed. In memory there is, for each, half of
//! its key's hash and its place; what is found that way is read back and compared, so that the
//! answer is exact. Asking for what is not there almost never reads.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::scratch::{Scratch, ScratchError};

/// How many tables the keys are spread over, so that a table that grows is a small one.
const TABLE_COUNT: usize = 64;
/// Entries begin at multiples of so many bytes: 32 bits then reach 64 GiB.
const GRAIN: usize = 16;
/// An entry begins with the lengths of key and value.
const HEAD: usize = 8;
/// How much is kept before it is written.
const TAIL_BYTES: usize = 4 << 20;

/// Keys and values that were put away.
#[derive(Debug)]
pub struct Archive {
    scratch: Scratch,
    tables: Vec<Table>,
    file: Option<File>,
    /// How many bytes are in the file; what follows them is in `tail`.
    written: u64,
    tail: Vec<u8>,
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
        Archive { scratch, tables, file: None, written: 0, tail: Vec::new() }
    }

    /// Puts an entry away. A key that is there already would be found before this one.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn insert(&mut self, hash: u64, key: &[u8], value: &[u8]) -> Result<(), ScratchError> {
        let place = (self.written + self.tail.len() as u64) / GRAIN as u64;
        let place = u32::try_from(place + 1).map_err(|_| self.full())?;
        let (value_at, end) = (HEAD + key.len(), HEAD + key.len() + value.len());
        let start = self.tail.len();
        self.tail.resize(start + end.next_multiple_of(GRAIN), 0);
        let entry = &mut self.tail[start..];
        entry[..4].copy_from_slice(&(key.len() as u32).to_le_bytes());
        entry[4..HEAD].copy_from_slice(&(value.len() as u32).to_le_bytes());
        entry[HEAD..value_at].copy_from_slice(key);
        entry[value_at..end].copy_from_slice(value);
        self.tables[table_of(hash)].insert(half(hash), place);
        if self.tail.len() >= TAIL_BYTES {
            self.write_tail()?;
        }
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
            let place = u64::from(slot as u32 - 1) * GRAIN as u64;
            if read_entry(place, self.written, &self.tail, self.file.as_mut(), key, value)
                .map_err(|error| self.scratch.error(&error))?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks at where a key would be found, so that it is near when it is looked up.
    #[must_use]
    #[inline]
    pub fn touch(&self, hash: u64) -> u64 {
        let table = &self.tables[table_of(hash)];
        table.slots[table.home(half(hash))]
    }

    fn write_tail(&mut self) -> Result<(), ScratchError> {
        if self.file.is_none() {
            self.file = Some(self.scratch.file()?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let seek = file.seek(SeekFrom::Start(self.written));
        seek.and_then(|_| file.write_all(&self.tail))
            .map_err(|error| self.scratch.error(&error))?;
        self.written += self.tail.len() as u64;
        self.tail.clear();
        Ok(())
    }

    fn full(&self) -> ScratchError {
        self.scratch.error(&io::Error::other("more than 64 GiB of what is gone"))
    }
}

/// Reads the entry at a place, if its key is this one.
fn read_entry(
    place: u64,
    written: u64,
    tail: &[u8],
    file: Option<&mut File>,
    key: &[u8],
    value: &mut Vec<u8>,
) -> io::Result<bool> {
    let mut lengths = [0; HEAD];
    let mut found_key = vec![0; key.len()];
    let mut read = |mut from: &mut dyn Read| {
        from.read_exact(&mut lengths)?;
        let length = |at: usize| {
            u32::from_le_bytes([lengths[at], lengths[at + 1], lengths[at + 2], lengths[at + 3]])
        };
        if length(0) as usize != key.len() {
            return Ok(false);
        }
        from.read_exact(&mut found_key)?;
        value.clear();
        (&mut from).take(u64::from(length(4))).read_to_end(value)?;
        Ok(found_key == key)
    };
    match file {
        Some(file) if place < written => {
            file.seek(SeekFrom::Start(place))?;
            read(&mut io::BufReader::with_capacity(256, file))
        }
        _ => read(&mut &tail[(place - written) as usize..]),
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
        assert!(archive.written > 0 && !archive.tail.is_empty());
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
