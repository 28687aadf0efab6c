//! Many lists of numbers that grow at their ends: the end of each is in memory, the rest on disk.

use std::io::Read;

use prefetch_index::prefetch_index;

use crate::disk;
use crate::scratch::{Pile, Run, Scratch, ScratchError};
use crate::world::pages::Pages;

/// A chunk: numbers, where the chunk before it is, and the list that it is of.
type Chunk = [u64; 128];
/// How many numbers a chunk has.
const CHUNK: usize = 126;
/// Where in a chunk the place of the one before it stands, + 1; 0 is none.
const BEFORE: usize = CHUNK;
/// Where its list stands.
const PART: usize = CHUNK + 1;

/// Lists by their place.
#[derive(Debug)]
pub(super) struct Parts {
    scratch: Scratch,
    /// By list: how many numbers its last chunk has.
    counts: Vec<u32>,
    /// By list: its last chunk.
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
        end[PART] = part as u64;
        self.full.append(|bytes| bytes.extend_from_slice(bytemuck::cast_slice(end)))?;
        end[BEFORE] = place + 1;
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
        let (mut chunk, mut before) = ([0; size_of::<Chunk>() / size_of::<u64>()], end[BEFORE]);
        while let Some(place) = before.checked_sub(1) {
            self.read(place, &mut chunk)?;
            if is_among(&chunk[..self.room])? {
                return Ok(true);
            }
            before = chunk[BEFORE];
        }
        Ok(false)
    }

    /// The numbers of all lists, each with its list.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub(super) fn for_each(
        &self,
        mut take: impl FnMut(usize, u64) -> Result<(), ScratchError>,
    ) -> Result<(), ScratchError> {
        for (part, (end, count)) in self.ends.iter().zip(&self.counts).enumerate() {
            end[..*count as usize].iter().try_for_each(|number| take(part, *number))?;
        }
        let mut full = Run::new(0, self.full.end());
        while !full.is_at_end() {
            let chunk: Chunk = full.read_value(&self.full)?;
            let part = chunk[PART] as usize;
            chunk[..self.room].iter().try_for_each(|number| take(part, *number))?;
        }
        Ok(())
    }

    /// Makes several lists of each: of a list and one of its numbers, `which` says the new list.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub(super) fn split(
        &mut self,
        ways: usize,
        which: impl Fn(usize, u64) -> usize,
    ) -> Result<(), ScratchError> {
        let mut split = Parts::new(self.scratch.clone(), self.count() * ways);
        self.for_each(|part, number| split.push(which(part, number), number))?;
        *self = split;
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
        let is_second = |number: u64| usize::from(number % 10 < 3);
        let is_late = |number: u64| usize::from(number >= count / 2);
        let which = |part: usize, number| 4 * part + 2 * is_second(number) + is_late(number);
        assert_eq!(parts.split(4, which), Ok(()));
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
        assert_eq!(
            parts.for_each(|_, number| {
                all.push(number);
                Ok(())
            }),
            Ok(())
        );
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
