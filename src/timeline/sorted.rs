//! Events that come in no order: sorted in memory, and on disk where they are too many.

use std::collections::VecDeque;

use crate::disk;
use crate::event::{Batch, Event, compare};
use crate::scratch::{Runs, Scratch, ScratchError};
use crate::timeline::{Lanes, ReadNames, bytes};
use crate::value::Instant;

/// How many events a batch from a run has.
const RUN_BATCH: usize = 4096;

/// Takes batches in any order.
#[derive(Debug)]
pub struct Sorter {
    /// How many bytes of events may be held.
    budget: usize,
    held: Vec<Batch>,
    held_bytes: usize,
    runs: Runs,
}

/// What a block begins with: how many events and how many bytes it has.
type Head = [u32; 2];

/// Where an event of a held batch is, with its time.
type Place = (Instant, u32, u32);

impl Sorter {
    /// Holds up to `budget` bytes in memory.
    #[must_use]
    pub fn new(scratch: Scratch, budget: usize) -> Sorter {
        let runs = Runs::new(scratch);
        Sorter { budget: disk::held(budget), held: Vec::new(), held_bytes: 0, runs }
    }

    /// Takes a batch, sorted or not.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn take(&mut self, batch: Batch, names: &impl ReadNames) -> Result<(), ScratchError> {
        self.held_bytes += size_of_held(&batch);
        self.held.push(batch);
        if self.held_bytes > self.budget {
            self.write_run(names)?;
        }
        Ok(())
    }

    /// All that was taken, as lanes that are in order.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn finish(mut self, names: &impl ReadNames) -> Result<Sorted, ScratchError> {
        if self.runs.count() > 0 && !self.held.is_empty() {
            // The memory is needed for what follows.
            self.write_run(names)?;
        }
        let order = sorted_places(&self.held, names);
        Ok(Sorted { runs: self.runs, held: self.held, order: order.into(), bytes: Vec::new() })
    }

    /// Writes what is held as a run: blocks of events, each behind its length in events and bytes.
    fn write_run(&mut self, names: &impl ReadNames) -> Result<(), ScratchError> {
        let order = sorted_places(&self.held, names);
        let mut block = Vec::new();
        for places in order.chunks(RUN_BATCH) {
            block.clear();
            for (_, batch, event) in places {
                let batch = &self.held[*batch as usize];
                bytes::write(&batch.events[*event as usize], batch, &mut block);
            }
            let head: Head = [places.len() as u32, block.len() as u32];
            self.runs.append(|bytes| {
                bytes.extend_from_slice(bytemuck::bytes_of(&head));
                bytes.extend_from_slice(&block);
            })?;
        }
        self.runs.end_run();
        self.held.clear();
        self.held_bytes = 0;
        Ok(())
    }
}

fn size_of_held(batch: &Batch) -> usize {
    let for_event = size_of::<Event>() + size_of::<Place>();
    batch.events.len() * for_event + batch.resources.size() + batch.ids.size()
}

fn sorted_places(held: &[Batch], names: &impl ReadNames) -> Vec<Place> {
    let mut places = Vec::with_capacity(held.iter().map(|batch| batch.events.len()).sum());
    for (number, batch) in (0..).zip(held) {
        places.extend((0..).zip(&batch.events).map(|(place, event)| (event.time, number, place)));
    }
    let event = |(_, batch, event): Place| {
        let batch = &held[batch as usize];
        (&batch.events[event as usize], batch)
    };
    names.with(|names| {
        places.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| compare(event(*a), event(*b), names))
        });
    });
    places
}

/// Sorted runs, each a lane; what was never written is one more.
#[derive(Debug)]
pub struct Sorted {
    runs: Runs,
    held: Vec<Batch>,
    order: VecDeque<Place>,
    /// Where a block is read.
    bytes: Vec<u8>,
}

impl Sorted {
    /// The next block of a run.
    fn next_block(&mut self, run: usize) -> Result<Option<Batch>, ScratchError> {
        if self.runs.is_at_end(run) {
            return Ok(None);
        }
        self.bytes.clear();
        self.runs.read(run, size_of::<Head>(), &mut self.bytes)?;
        let [count, size]: Head = bytemuck::pod_read_unaligned(&self.bytes);
        self.bytes.clear();
        self.runs.read(run, size as usize, &mut self.bytes)?;
        let mut batch = Batch::default();
        let mut rest = self.bytes.as_slice();
        for _ in 0..count {
            rest = bytes::read(rest, &mut batch);
        }
        Ok(Some(batch))
    }

    fn next_held(&mut self) -> Option<Batch> {
        let count = self.order.len().min(RUN_BATCH);
        let mut next = Batch::default();
        for (_, batch, event) in self.order.drain(..count) {
            let batch = &self.held[batch as usize];
            next.append_one(batch, &batch.events[event as usize]);
        }
        (count > 0).then_some(next)
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
