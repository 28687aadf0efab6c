//! Keys and values in a file, found again by where they were put.

use std::io::{self, BufReader, Read};

use crate::scratch::{Pile, Scratch, ScratchError};

/// Entries begin at multiples of so many bytes, so that a place is a small number.
const GRAIN: usize = 8;
/// An entry begins with the lengths of key and value, seven bits a byte: no length takes more.
const LONGEST_LENGTH: usize = 5;
/// How much is read at a time: most entries.
const READ_BYTES: usize = 256;

/// Entries that are appended, never changed and never removed.
#[derive(Debug)]
pub struct Shelf {
    /// No entry has this place or one behind it.
    places: u32,
    entries: Pile,
}

impl Shelf {
    /// An empty one, with so many places at 8 bytes. Nothing is written before there is much.
    #[must_use]
    pub fn new(scratch: Scratch, places: u32) -> Shelf {
        Shelf { places, entries: Pile::new(scratch) }
    }

    /// Puts an entry away; its place.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub fn put(&mut self, key: &[u8], value: &[u8]) -> Result<u32, ScratchError> {
        let place = u32::try_from(self.entries.end() / GRAIN as u64);
        let place = place.ok().filter(|place| *place < self.places);
        let Some(place) = place else { return Err(self.full()) };
        self.entries.append(|bytes| {
            put_length(bytes, key.len());
            put_length(bytes, value.len());
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(value);
            bytes.resize(bytes.len().next_multiple_of(GRAIN), 0);
        })?;
        Ok(place)
    }

    /// Puts the value of the entry at a place into `value`, if its key is this one; whether it is.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn read(&self, place: u32, key: &[u8], value: &mut Vec<u8>) -> Result<bool, ScratchError> {
        let entry = self.entries.from(u64::from(place) * GRAIN as u64);
        let outcome = read_entry(BufReader::with_capacity(READ_BYTES, entry), key, value);
        outcome.map_err(|error| self.entries.error(&error))
    }

    fn full(&self) -> ScratchError {
        let size = (u64::from(self.places) * GRAIN as u64) >> 30;
        self.entries.error(&io::Error::other(format!("more than {size} GiB of what is gone")))
    }

    /// Whether some entries are in the file, and some are not yet.
    #[cfg(test)]
    pub(super) fn is_split(&self) -> bool {
        self.entries.is_split()
    }
}

#[inline]
fn put_length(bytes: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        bytes.push((length as u8) | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
}

fn read_length(mut from: impl Read) -> io::Result<usize> {
    let mut length = 0;
    for place in 0..LONGEST_LENGTH {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        length |= usize::from(byte[0] & 0x7f) << (7 * place);
        if byte[0] < 0x80 {
            break;
        }
    }
    Ok(length)
}

/// Reads an entry, if its key is this one.
fn read_entry(mut from: impl Read, key: &[u8], value: &mut Vec<u8>) -> io::Result<bool> {
    let (key_length, value_length) = (read_length(&mut from)?, read_length(&mut from)?);
    if key_length != key.len() {
        return Ok(false);
    }
    let mut found_key = vec![0; key.len()];
    from.read_exact(&mut found_key)?;
    value.clear();
    from.take(value_length as u64).read_to_end(value)?;
    Ok(found_key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_shelf_says_so() {
        let mut shelf = Shelf::new(Scratch::default(), 3);
        assert_eq!(shelf.put(b"srv-1", b"12"), Ok(0), "two lengths and seven bytes: two places");
        assert_eq!(shelf.put(b"srv-2", b""), Ok(2));
        let full = shelf.put(b"srv-3", b"").expect_err("there are three places");
        assert!(full.message.contains("of what is gone"), "{full}");
        let mut value = Vec::new();
        assert_eq!(shelf.read(0, b"srv-1", &mut value), Ok(true));
        assert_eq!(value, b"12");
        assert_eq!(shelf.read(2, b"srv-1", &mut value), Ok(false));
    }
}
