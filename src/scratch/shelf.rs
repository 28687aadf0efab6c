//! Keys and values in a file, found again by where they were put.

use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::disk::{self, File};
use crate::scratch::{Scratch, ScratchError};

/// Entries begin at multiples of so many bytes, so that a place is a small number.
const GRAIN: usize = 16;
/// How much is kept before it is written.
const TAIL_BYTES: usize = 1 << 20;
/// An entry begins with the lengths of key and value, seven bits a byte: no length takes more.
const LONGEST_LENGTH: usize = 5;

/// Entries that are appended, never changed and never removed.
#[derive(Debug)]
pub struct Shelf {
    scratch: Scratch,
    /// No entry has this place or one behind it.
    places: u32,
    file: Option<File>,
    /// How many bytes are in the file; what follows them is in `tail`.
    written: u64,
    tail: Vec<u8>,
}

impl Shelf {
    /// An empty one, with so many places at 16 bytes. Nothing is written before there is much.
    #[must_use]
    pub fn new(scratch: Scratch, places: u32) -> Shelf {
        Shelf { scratch, places, file: None, written: 0, tail: Vec::new() }
    }

    /// Puts an entry away; its place.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub fn put(&mut self, key: &[u8], value: &[u8]) -> Result<u32, ScratchError> {
        let place = (self.written + self.tail.len() as u64) / GRAIN as u64;
        let place = u32::try_from(place).ok().filter(|place| *place < self.places);
        let Some(place) = place else { return Err(self.full()) };
        put_length(&mut self.tail, key.len());
        put_length(&mut self.tail, value.len());
        self.tail.extend_from_slice(key);
        self.tail.extend_from_slice(value);
        self.tail.resize(self.tail.len().next_multiple_of(GRAIN), 0);
        if self.tail.len() >= disk::held(TAIL_BYTES) {
            self.write_tail()?;
        }
        Ok(place)
    }

    /// Puts the value of the entry at a place into `value`, if its key is this one; whether it is.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn read(
        &mut self,
        place: u32,
        key: &[u8],
        value: &mut Vec<u8>,
    ) -> Result<bool, ScratchError> {
        let place = u64::from(place) * GRAIN as u64;
        let outcome = match &mut self.file {
            Some(file) if place < self.written => file
                .seek(SeekFrom::Start(place))
                .and_then(|_| read_entry(io::BufReader::with_capacity(256, file), key, value)),
            _ => read_entry(&self.tail[(place - self.written) as usize..], key, value),
        };
        outcome.map_err(|error| self.scratch.error(&error))
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
        let size = (u64::from(self.places) * GRAIN as u64) >> 30;
        self.scratch.error(&io::Error::other(format!("more than {size} GiB of what is gone")))
    }

    /// Whether some entries are in the file, and some are not yet.
    #[cfg(test)]
    pub(super) fn is_split(&self) -> bool {
        self.written > 0 && !self.tail.is_empty()
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
