//! A part of a pile, from its front to its end.

use std::io::{self, Read};

use bytemuck::Pod;

use crate::scratch::{Pile, ScratchError};

/// How many bytes are read at a time.
const BUFFER: usize = 128 << 10;

/// What was appended between two places, as far as it has been read: many runs of one pile can be
/// read side by side.
#[derive(Debug)]
pub struct Run {
    /// What has been read from the pile.
    buffer: Vec<u8>,
    /// Where in the buffer the rest begins.
    at: usize,
    /// Where in the pile what follows the buffer begins, and where the run ends.
    place: u64,
    end: u64,
}

impl Run {
    /// The pieces of a pile from a place on, up to another.
    #[must_use]
    pub fn new(place: u64, end: u64) -> Run {
        Run { buffer: Vec::new(), at: 0, place, end }
    }

    /// Whether all of it has been read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.at == self.buffer.len() && self.place == self.end
    }

    /// Appends the next `size` bytes to `out`; they must be there.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub fn read(
        &mut self,
        size: usize,
        out: &mut Vec<u8>,
        pile: &Pile,
    ) -> Result<(), ScratchError> {
        let mut left = size;
        while left > 0 {
            let part = self.next_part(left, pile)?;
            out.extend_from_slice(part);
            left -= part.len();
        }
        Ok(())
    }

    /// The value whose bytes are next; they must be there.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub fn read_value<T: Pod>(&mut self, pile: &Pile) -> Result<T, ScratchError> {
        let mut value = T::zeroed();
        let mut left = bytemuck::bytes_of_mut(&mut value);
        while !left.is_empty() {
            let part = self.next_part(left.len(), pile)?;
            let (now, later) = left.split_at_mut(part.len());
            now.copy_from_slice(part);
            left = later;
        }
        Ok(value)
    }

    /// Some of the next bytes, up to so many.
    #[inline]
    fn next_part(&mut self, most: usize, pile: &Pile) -> Result<&[u8], ScratchError> {
        if self.at == self.buffer.len() {
            self.fill(pile).map_err(|error| pile.error(&error))?;
        }
        let start = self.at;
        self.at += most.min(self.buffer.len() - start);
        Ok(&self.buffer[start..self.at])
    }

    fn fill(&mut self, pile: &Pile) -> io::Result<()> {
        let rest = usize::try_from(self.end - self.place).unwrap_or(BUFFER).min(BUFFER);
        if rest == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.resize(rest, 0);
        pile.from(self.place).read_exact(&mut self.buffer)?;
        (self.at, self.place) = (0, self.place + rest as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn runs_are_read_side_by_side_each_to_its_end() {
        let mut pile = Pile::new(Scratch::default());
        let bytes = |number: usize| vec![number as u8; number * BUFFER + number * 10];
        let mut runs = Vec::new();
        for number in 0..5 {
            let begin = pile.end();
            assert_eq!(pile.append(|tail| tail.extend(bytes(number))), Ok(()));
            runs.push(Run::new(begin, pile.end()));
        }
        let mut read = vec![Vec::new(); runs.len()];
        while !runs.iter().all(Run::is_at_end) {
            for ((number, run), read) in runs.iter_mut().enumerate().zip(&mut read) {
                let size = (bytes(number).len() - read.len()).min(70_000);
                assert_eq!(run.read(size, read, &pile), Ok(()));
            }
        }
        assert_eq!(read, (0..5).map(bytes).collect::<Vec<_>>());
        for mut run in runs {
            assert!(run.read(1, &mut Vec::new(), &pile).is_err(), "there is no more");
        }
    }
}
