//! Bytes that are appended in a file, and read back from where they were put.

use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::disk::{self, File};
use crate::scratch::{Scratch, ScratchError};

/// How much is kept before it is written.
const TAIL_BYTES: usize = 1 << 20;

/// Pieces of bytes that are never changed and never removed.
#[derive(Debug)]
pub struct Pile {
    scratch: Scratch,
    file: Option<File>,
    /// How many bytes are in the file; what follows them is in `tail`.
    written: u64,
    tail: Vec<u8>,
}

impl Pile {
    /// An empty one. Nothing is written before there is much.
    #[must_use]
    pub fn new(scratch: Scratch) -> Pile {
        Pile { scratch, file: None, written: 0, tail: Vec::new() }
    }

    /// How many bytes there are, which is where the next piece will be.
    #[must_use]
    #[inline]
    pub fn end(&self) -> u64 {
        self.written + self.tail.len() as u64
    }

    /// Adds the piece that `write` appends to what it is given.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), ScratchError> {
        write(&mut self.tail);
        if self.tail.len() >= disk::held(TAIL_BYTES) { self.write_tail() } else { Ok(()) }
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

    /// The bytes from a place on; whatever goes wrong is for [`Pile::error`].
    #[must_use]
    pub fn from(&self, place: u64) -> Rest<'_> {
        Rest { pile: self, place }
    }

    /// What the system says of its file.
    #[must_use]
    pub fn error(&self, error: &io::Error) -> ScratchError {
        self.scratch.error(error)
    }

    /// Whether some pieces are in the file, and some are not yet.
    #[cfg(test)]
    pub(super) fn is_split(&self) -> bool {
        self.written > 0 && !self.tail.is_empty()
    }
}

/// What is left to read of a [`Pile`].
#[derive(Debug)]
pub struct Rest<'a> {
    pile: &'a Pile,
    place: u64,
}

impl Read for Rest<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Pile { file, written, tail, .. } = self.pile;
        let count = match file {
            Some(file) if self.place < *written => {
                let mut file = file;
                file.seek(SeekFrom::Start(self.place))?;
                file.read(out)?
            }
            _ => tail.get((self.place - written) as usize..).unwrap_or_default().read(out)?,
        };
        self.place += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_read_from_where_they_were_put_be_that_in_memory_or_in_the_file() {
        let mut pile = Pile::new(Scratch::default());
        let piece = |number: usize| vec![number as u8; 1 + number * 37 % 5_000];
        let mut places = Vec::new();
        for number in 0..1_000 {
            places.push(pile.end());
            assert_eq!(pile.append(|tail| tail.extend(piece(number))), Ok(()));
        }
        assert!(pile.is_split());
        for (number, place) in places.iter().enumerate() {
            let mut read = vec![0; piece(number).len()];
            pile.from(*place).read_exact(&mut read).expect("it is there");
            assert_eq!(read, piece(number));
        }
        let mut all = Vec::new();
        pile.from(0).read_to_end(&mut all).expect("it is there");
        assert_eq!(all, (0..1_000).flat_map(piece).collect::<Vec<u8>>());
        assert_eq!(pile.from(pile.end()).read(&mut [0]).expect("nothing is wrong"), 0);
    }
}
