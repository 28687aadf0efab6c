//! Many lists of numbers that grow at their ends, without a gap or a copy in memory.

use prefetch_index::prefetch_index;

use crate::world::pages::{PAGE_BYTES, Pages};

/// A chunk: numbers, and in the last place the chunk before it.
type Chunk = [u64; 64];
/// How many numbers a chunk has.
const CHUNK: usize = 63;
/// How many chunks are asked for at a time: a large page of them.
const PIECE: usize = 1 << PIECE_BITS;
const PIECE_BITS: u32 = 12;

const _: () = assert!(PIECE * size_of::<Chunk>() == PAGE_BYTES);

/// Stands for a chunk where there is none.
const NONE: u32 = u32::MAX;

/// Lists by their place.
#[derive(Debug, Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
    pieces: Vec<Pages<Chunk>>,
    /// How many chunks were ever asked for.
    chunk_count: usize,
    free: Vec<u32>,
}

/// One list: a chain of chunks, the last one first; all others are full.
#[derive(Debug, Clone, Copy)]
struct Part {
    last: u32,
    /// How many numbers are in the last chunk.
    count: u32,
}

impl Parts {
    /// So many empty lists.
    pub(super) fn new(count: usize) -> Parts {
        Parts { parts: vec![Part::EMPTY; count], ..Parts::default() }
    }

    pub(super) fn count(&self) -> usize {
        self.parts.len()
    }

    /// Adds a number to a list.
    #[inline]
    pub(super) fn push(&mut self, part: usize, number: u64) {
        let Part { mut last, mut count } = self.parts[part];
        if count as usize == CHUNK || last == NONE {
            (last, count) = (self.new_chunk(last), 0);
        }
        self.chunk_mut(last)[count as usize] = number;
        self.parts[part] = Part { last, count: count + 1 };
    }

    /// Has fetched what says where a list ends.
    #[inline]
    pub(super) fn prefetch_part(&self, part: usize) {
        prefetch_index(&self.parts, part);
    }

    /// Has the end of a list fetched.
    #[inline]
    pub(super) fn prefetch_end(&self, part: usize) {
        let Part { last, count } = self.parts[part];
        if let Some(piece) = self.pieces.get(last as usize >> PIECE_BITS) {
            let chunk: &[u64] = &piece[last as usize & (PIECE - 1)];
            prefetch_index(chunk, count as usize % CHUNK);
        }
    }

    /// The numbers of a list, some at a time, in no particular order.
    #[inline]
    pub(super) fn numbers(&self, part: usize) -> impl Iterator<Item = &[u64]> {
        let Part { last, count } = self.parts[part];
        let mut next = Some((last, count as usize)).filter(|_| last != NONE);
        std::iter::from_fn(move || {
            let (chunk, count) = next?;
            let chunk = self.chunk(chunk);
            let before = chunk[CHUNK] as u32;
            next = (before != NONE).then_some((before, CHUNK));
            Some(&chunk[..count])
        })
    }

    /// The numbers of all lists, in no particular order.
    pub(super) fn all(&self) -> impl Iterator<Item = u64> {
        (0..self.parts.len()).flat_map(|part| self.numbers(part)).flatten().copied()
    }

    /// Makes two lists of each, one behind the other: the numbers that `is_second` names go to the
    /// second one.
    pub(super) fn split(&mut self, is_second: impl Fn(u64) -> bool) {
        let old = std::mem::take(&mut self.parts);
        self.parts = vec![Part::EMPTY; old.len() * 2];
        for (place, part) in old.into_iter().enumerate() {
            let (mut chunk, mut count) = (part.last, part.count as usize);
            while chunk != NONE {
                let numbers = *self.chunk(chunk);
                self.free.push(chunk);
                for number in &numbers[..count] {
                    self.push(2 * place + usize::from(is_second(*number)), *number);
                }
                (chunk, count) = (numbers[CHUNK] as u32, CHUNK);
            }
        }
    }

    fn new_chunk(&mut self, before: u32) -> u32 {
        if let Some(free) = self.free.pop() {
            self.chunk_mut(free)[CHUNK] = before.into();
            return free;
        }
        if self.chunk_count == self.pieces.len() * PIECE {
            self.pieces.push(Pages::new(PIECE));
        }
        let chunk = self.chunk_count as u32;
        self.chunk_count += 1;
        self.chunk_mut(chunk)[CHUNK] = before.into();
        chunk
    }

    #[inline]
    fn chunk(&self, chunk: u32) -> &Chunk {
        &self.pieces[chunk as usize >> PIECE_BITS][chunk as usize & (PIECE - 1)]
    }

    #[inline]
    fn chunk_mut(&mut self, chunk: u32) -> &mut Chunk {
        &mut self.pieces[chunk as usize >> PIECE_BITS][chunk as usize & (PIECE - 1)]
    }
}

impl Part {
    const EMPTY: Part = Part { last: NONE, count: 0 };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'a>(numbers: impl Iterator<Item = &'a [u64]>) -> Vec<u64> {
        let mut numbers: Vec<u64> = numbers.flatten().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn numbers_stay_in_their_lists_and_lists_can_be_split() {
        let mut parts = Parts::new(1);
        (0..1_000).for_each(|number| parts.push(0, number));
        assert_eq!(sorted(parts.numbers(0)), (0..1_000).collect::<Vec<_>>());
        parts.split(|number| number % 10 < 3);
        parts.split(|number| number >= 500);
        assert_eq!(parts.count(), 4);
        let chunks = parts.chunk_count;
        assert!(chunks < 1_000 / CHUNK + 2 * 4, "{chunks} chunks: freed ones are used again");
        parts.push(1, 7_777);
        let expected = |is_second: bool, is_late: bool| {
            let fits = |n: &u64| (n % 10 < 3, *n >= 500) == (is_second, is_late);
            (0..1_000).filter(fits).collect::<Vec<u64>>()
        };
        assert_eq!(sorted(parts.numbers(0)), expected(false, false));
        let late = sorted(parts.numbers(1));
        assert_eq!(late.split_last(), Some((&7_777, &expected(false, true)[..])));
        assert_eq!(sorted(parts.numbers(2)), expected(true, false));
        assert_eq!(sorted(parts.numbers(3)), expected(true, true));
        assert_eq!(parts.all().count(), 1_001);
    }
}
