//! Events that come in no order: sorted in memory, and on disk where they are too many.

use std::vec::IntoIter;

use prefetch_index::prefetch_index;

use crate::disk;
use crate::event::{Batch, compare};
use crate::scratch::{Runs, Scratch, ScratchError};
use crate::timeline::{Lanes, ReadNames, bytes};
use crate::value::Instant;

/// How many events a block of a run has at most, and how many bytes, but for the last event: texts
/// may be long.
const BLOCK_EVENTS: usize = 4096;
const BLOCK_BYTES: usize = 1 << 20;
/// So many events ahead of what is written, memory is asked for: they lie in no order.
const AHEAD: usize = 16;

/// Takes batches in any order.
#[derive(Debug)]
pub struct Sorter {
    /// How many bytes of events may be held.
    budget: usize,
    held: Held,
    runs: Runs,
}

/// Events as bytes, each behind its length: where one lies, all of it lies.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

/// When an event is, and where in the bytes.
type Place = (Instant, u64);
/// The length of an event.
type Length = u32;
/// What a block of events begins with: how many they are, and how many bytes they have.
type Head = [u32; 2];

impl Sorter {
    /// Holds up to `budget` bytes in memory.
    #[must_use]
    pub fn new(scratch: Scratch, budget: usize) -> Sorter {
        let runs = Runs::new(scratch);
        Sorter { budget: disk::held(budget), held: Held::default(), runs }
    }

    /// Takes a batch, sorted or not.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn take(&mut self, batch: &Batch, names: &impl ReadNames) -> Result<(), ScratchError> {
        self.held.take(batch);
        if self.held.size() > self.budget { self.write_run(names) } else { Ok(()) }
    }

    /// All that was taken, as lanes that are in order.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn finish(mut self, names: &impl ReadNames) -> Result<Sorted, ScratchError> {
        if self.runs.count() > 0 && !self.held.places.is_empty() {
            self.write_run(names)?;
            // The memory is needed for what follows.
            self.held = Held::default();
        }
        self.held.sort(names);
        let Held { bytes, places } = self.held;
        Ok(Sorted { runs: self.runs, held: bytes, order: places.into_iter(), block: Vec::new() })
    }

    /// Writes what is held as a run of blocks.
    fn write_run(&mut self, names: &impl ReadNames) -> Result<(), ScratchError> {
        self.held.sort(names);
        let mut start = 0;
        while start < self.held.places.len() {
            self.runs.append(|out| start = self.held.write_block(start, out))?;
        }
        self.runs.end_run();
        self.held.bytes.clear();
        self.held.places.clear();
        Ok(())
    }
}

impl Held {
    fn take(&mut self, batch: &Batch) {
        for event in &batch.events {
            self.places.push((event.time, self.bytes.len() as u64));
            let start = self.bytes.len() + size_of::<Length>();
            self.bytes.resize(start, 0);
            bytes::write(event, batch, &mut self.bytes);
            let length = (self.bytes.len() - start) as Length;
            self.bytes[start - size_of::<Length>()..start].copy_from_slice(&length.to_le_bytes());
        }
    }

    /// How many bytes of memory are in use.
    fn size(&self) -> usize {
        self.bytes.len() + self.places.len() * size_of::<Place>()
    }

    fn sort(&mut self, names: &impl ReadNames) {
        self.places.sort_unstable();
        for ties in self.places.chunk_by_mut(|a, b| a.0 == b.0).filter(|ties| ties.len() > 1) {
            let mut batch = Batch::default();
            for (_, place) in &*ties {
                bytes::read(event_at(&self.bytes, *place), &mut batch);
            }
            let mut order: Vec<usize> = (0..ties.len()).collect();
            let event = |place: usize| (&batch.events[place], &batch);
            names.with(|names| {
                order.sort_unstable_by(|a, b| compare(event(*a), event(*b), names));
            });
            let sorted: Vec<Place> = order.into_iter().map(|place| ties[place]).collect();
            ties.copy_from_slice(&sorted);
        }
    }

    /// Appends a block of the events from a place in the order on; the place behind them.
    fn write_block(&self, start: usize, out: &mut Vec<u8>) -> usize {
        let head = out.len();
        out.extend_from_slice(bytemuck::bytes_of(&Head::default()));
        let events = out.len();
        let mut end = start;
        while end < self.places.len()
            && end - start < BLOCK_EVENTS
            && out.len() - events < BLOCK_BYTES
        {
            fetch_ahead(&self.bytes, &self.places[end..]);
            out.extend_from_slice(event_at(&self.bytes, self.places[end].1));
            end += 1;
        }
        let said: Head = [(end - start) as u32, (out.len() - events) as u32];
        out[head..events].copy_from_slice(bytemuck::bytes_of(&said));
        end
    }
}

/// Has an event fetched that will be needed soon.
fn fetch_ahead(bytes: &[u8], order: &[Place]) {
    if let Some((_, ahead)) = order.get(AHEAD) {
        prefetch_index(bytes, *ahead as usize);
    }
}

/// The event at a place, without its length.
fn event_at(bytes: &[u8], place: u64) -> &[u8] {
    let (length, rest) = bytes[place as usize..]
        .split_first_chunk()
        .expect("invariant: each event is behind its length");
    &rest[..Length::from_le_bytes(*length) as usize]
}

/// Sorted runs, each a lane; what was never written is one more.
#[derive(Debug)]
pub struct Sorted {
    runs: Runs,
    held: Vec<u8>,
    /// What is left of what is held.
    order: IntoIter<Place>,
    /// Where a block is read.
    block: Vec<u8>,
}

impl Sorted {
    fn next_held(&mut self) -> Option<Batch> {
        let mut next = Batch::default();
        while next.events.len() < BLOCK_EVENTS
            && next.resources.size() < BLOCK_BYTES
            && let Some((_, place)) = self.order.next()
        {
            fetch_ahead(&self.held, self.order.as_slice());
            bytes::read(event_at(&self.held, place), &mut next);
        }
        (!next.events.is_empty()).then_some(next)
    }

    /// The next block of a run.
    fn next_block(&mut self, run: usize) -> Result<Option<Batch>, ScratchError> {
        if self.runs.is_at_end(run) {
            return Ok(None);
        }
        let [count, size]: Head = self.runs.read_value(run)?;
        self.block.clear();
        self.runs.read(run, size as usize, &mut self.block)?;
        let mut batch = Batch::default();
        let mut rest = self.block.as_slice();
        for _ in 0..count {
            rest = bytes::read(rest, &mut batch);
        }
        Ok(Some(batch))
    }
}

impl Lanes for Sorted {
    type Error = ScratchError;

    fn count(&self) -> usize {
        self.runs.count() + 1
    }

    fn opens_at(&self, _: usize) -> Option<Instant> {
        None
    }

    fn next(&mut self, lane: usize) -> Result<Option<Batch>, ScratchError> {
        if lane < self.runs.count() { self.next_block(lane) } else { Ok(self.next_held()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Action;
    use crate::timeline::tests::batch;
    use crate::value::Names;

    fn sorter(budget: usize, batches: usize) -> Sorter {
        let mut sorter = Sorter::new(Scratch::default(), budget);
        for _ in 0..batches {
            sorter.take(&batch(0, &[5, 3]), &Names::default()).expect("there is room");
            assert!(sorter.held.size() <= budget, "what is more goes to disk");
        }
        sorter
    }

    #[test]
    fn no_more_is_held_than_was_allowed() {
        let of_one = sorter(usize::MAX, 1).held.size();
        assert_eq!(sorter(10 * of_one, 10).runs.count(), 0);
        assert_eq!(sorter(10 * of_one - 1, 10).runs.count(), 1);
        assert_eq!(sorter(10 * of_one, 25).runs.count(), 2);
    }

    #[test]
    fn long_texts_make_short_blocks() {
        let names = Names::default();
        for budget in [9 * BLOCK_BYTES / 2, usize::MAX] {
            let mut sorter = Sorter::new(Scratch::default(), budget);
            for number in 0..20 {
                let mut batch = batch(0, &[20 - number]);
                let text = "x".repeat(BLOCK_BYTES / 2 + number as usize);
                let image = batch.resources.push(&text).into();
                batch.events[0].action = Action::ImageDelete { image };
                sorter.take(&batch, &names).expect("there is room");
            }
            let mut sorted = sorter.finish(&names).expect("there is room");
            let mut events = 0;
            for lane in 0..sorted.count() {
                while let Some(block) = sorted.next(lane).expect("it can be read") {
                    assert!(block.events.len() <= 2, "of half a block each");
                    assert!(block.events.is_sorted_by_key(|event| event.time));
                    events += block.events.len();
                }
            }
            assert_eq!(events, 20, "with {budget} bytes");
        }
    }

    #[test]
    fn nothing_is_held_any_more_once_some_is_on_disk() {
        let names = Names::default();
        let of_one = sorter(usize::MAX, 1).held.size();
        let sorted = |batches| sorter(10 * of_one, batches).finish(&names).expect("there is room");
        for (batches, is_held, runs) in [(10, true, 0), (22, false, 2), (25, false, 3)] {
            let sorted = sorted(batches);
            assert_eq!(!sorted.held.is_empty(), is_held, "of {batches} batches");
            assert_eq!((sorted.runs.count(), sorted.count()), (runs, runs + 1));
        }
    }
}
