//! Many lists of numbers that grow at their ends: the end of each is in memory, the rest on disk.

use std::io::Read;

use prefetch_index::prefetch_index;

use crate::disk;
use crate::scratch::{Pile, Scratch, ScratchError};
use crate::world::pages::Pages;

/// A chunk: numbers, and in the last place where the chunk before it is.
type Chunk = [u64; 256];
/// How many numbers a chunk has.
const CHUNK: usize = 255;

/// Lists by their place.
#[derive(Debug)]
pub(super) struct Parts {
    scratch: Scratch,
    /// By list: how many numbers its last chunk has.
    counts: Vec<u32>,
    /// By list: its last chunk; the one before it is named by its place + 1.
    ends: Pages<Chunk>,
    /// All other chunks. They are full.
    full: Pile,
    /// How many numbers make a chunk full.
    room: usize,
}

impl Parts {
    /// So many empty lists.
    pub(super) fn new(scratch: Scratch, count: usize) -> Parts {
        Parts {
            counts: vec![0; count],
            ends: Pages::new(count),
            full: Pile::new(scratch.clone()),
            scratch,
            room: disk::held(CHUNK).clamp(1, CHUNK),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.counts.len()
    }

    /// Adds a number to a list.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub(super) fn push(&mut self, part: usize, number: u64) -> Result<(), ScratchError> {
        if self.counts[part] as usize == self.room {
            self.put_away(part)?;
        }
        self.ends[part][self.counts[part] as usize] = number;
        self.counts[part] += 1;
        Ok(())
    }

    /// Puts the last chunk of a list away, and begins another one.
    fn put_away(&mut self, part: usize) -> Result<(), ScratchError> {
        let place = self.full.end();
        let end = &mut self.ends[part];
        self.full.append(|bytes| bytes.extend_from_slice(bytemuck::cast_slice(end)))?;
        end[CHUNK] = place + 1;
        self.counts[part] = 0;
        Ok(())
    }

    /// Has the end of a list fetched.
    #[inline]
    pub(super) fn prefetch_end(&self, part: usize) {
        prefetch_index(&self.ends[part][..], self.counts[part] as usize);
    }

    /// Whether any of the numbers of a list is what `is_among` looks for: it is given some at a time,
    /// in no particular order.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub(super) fn any(
        &self,
        part: usize,
        mut is_among: impl FnMut(&[u64]) -> Result<bool, ScratchError>,
    ) -> Result<bool, ScratchError> {
        let end = &self.ends[part];
        if is_among(&end[..self.counts[part] as usize])? {
            return Ok(true);
        }
        let (mut chunk, mut before) = ([0; CHUNK + 1], end[CHUNK]);
        while let Some(place) = before.checked_sub(1) {
            self.read(place, &mut chunk)?;
            if is_among(&chunk[..self.room])? {
                return Ok(true);
            }
            before = chunk[CHUNK];
        }
        Ok(false)
    }

    /// The numbers of all lists, in no particular order.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub(super) fn for_each(&self, mut take: impl FnMut(u64)) -> Result<(), ScratchError> {
        for (end, count) in self.ends.iter().zip(&self.counts) {
            end[..*count as usize].iter().copied().for_each(&mut take);
        }
        let mut chunk = [0; CHUNK + 1];
        for place in (0..self.full.end()).step_by(size_of::<Chunk>()) {
            self.read(place, &mut chunk)?;
            chunk[..self.room].iter().copied().for_each(&mut take);
        }
        Ok(())
    }

    /// Makes two lists of each, one behind the other: the numbers that `is_second` names go to the
    /// second one.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub(super) fn split(&mut self, is_second: impl Fn(u64) -> bool) -> Result<(), ScratchError> {
        let mut twice = Parts::new(self.scratch.clone(), self.count() * 2);
        for part in 0..self.count() {
            self.any(part, |numbers| {
                for number in numbers {
                    twice.push(2 * part + usize::from(is_second(*number)), *number)?;
                }
                Ok(false)
            })?;
        }
        *self = twice;
        Ok(())
    }

    fn read(&self, place: u64, chunk: &mut Chunk) -> Result<(), ScratchError> {
        let read = self.full.from(place).read_exact(bytemuck::cast_slice_mut(chunk));
        read.map_err(|error| self.full.error(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(parts: &Parts, part: usize) -> Vec<u64> {
        let mut all = Vec::new();
        let found = parts.any(part, |numbers| {
            all.extend_from_slice(numbers);
            Ok(false)
        });
        assert_eq!(found, Ok(false));
        all.sort_unstable();
        all
    }

    #[test]
    fn numbers_stay_in_their_lists_and_lists_can_be_split() {
        let count = 10 * CHUNK as u64;
        let mut parts = Parts::new(Scratch::default(), 1);
        (0..count).for_each(|number| assert_eq!(parts.push(0, number), Ok(())));
        assert_eq!(sorted(&parts, 0), (0..count).collect::<Vec<_>>());
        assert_eq!(parts.split(|number| number % 10 < 3), Ok(()));
        assert_eq!(parts.split(|number| number >= count / 2), Ok(()));
        assert_eq!(parts.count(), 4);
        assert_eq!(parts.push(1, 77_777), Ok(()));
        let expected = |is_second: bool, is_late: bool| {
            let fits = |n: &u64| (n % 10 < 3, *n >= count / 2) == (is_second, is_late);
            (0..count).filter(fits).collect::<Vec<u64>>()
        };
        assert_eq!(sorted(&parts, 0), expected(false, false));
        assert_eq!(sorted(&parts, 1).split_last(), Some((&77_777, &expected(false, true)[..])));
        assert_eq!(sorted(&parts, 2), expected(true, false));
        assert_eq!(sorted(&parts, 3), expected(true, true));
        let mut all = Vec::new();
        assert_eq!(parts.for_each(|number| all.push(number)), Ok(()));
        all.sort_unstable();
        assert_eq!(all, (0..count).chain([77_777]).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_looked_for_is_found_in_memory_and_on_disk() {
        let mut parts = Parts::new(Scratch::default(), 2);
        (0..1_000).for_each(|number| assert_eq!(parts.push(1, number), Ok(())));
        assert!(parts.full.end() > 0, "most of them are put away");
        for number in [0, CHUNK as u64, 500, 999] {
            assert_eq!(parts.any(1, |numbers| Ok(numbers.contains(&number))), Ok(true));
            assert_eq!(parts.any(0, |numbers| Ok(numbers.contains(&number))), Ok(false));
        }
        assert_eq!(parts.any(1, |numbers| Ok(numbers.contains(&1_000))), Ok(false));
    }
}
