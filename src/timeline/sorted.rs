//! Events that come in no order: sorted in memory, and on disk where they are too many.

use std::collections::VecDeque;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use crate::disk::{self, File};
use crate::event::{Batch, Event, compare};
use crate::scratch::{Scratch, ScratchError};
use crate::timeline::{Lanes, ReadNames, bytes};
use crate::value::Instant;

/// How many events a batch from a run has.
const RUN_BATCH: usize = 4096;

/// Takes batches in any order.
#[derive(Debug)]
pub struct Sorter {
    scratch: Scratch,
    /// How many bytes of events may be held.
    budget: usize,
    held: Vec<Batch>,
    held_bytes: usize,
    runs: Vec<File>,
}

/// Where an event of a held batch is, with its time.
type Place = (Instant, u32, u32);

impl Sorter {
    /// Holds up to `budget` bytes in memory.
    #[must_use]
    pub fn new(scratch: Scratch, budget: usize) -> Sorter {
        let budget = disk::held(budget);
        Sorter { scratch, budget, held: Vec::new(), held_bytes: 0, runs: Vec::new() }
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
        if !self.runs.is_empty() && !self.held.is_empty() {
            // The memory is needed for what follows.
            self.write_run(names)?;
        }
        let order = sorted_places(&self.held, names);
        let rewound = |mut file: File| {
            file.rewind()?;
            Ok(BufReader::with_capacity(1 << 18, file))
        };
        let runs: io::Result<Vec<BufReader<File>>> = self.runs.drain(..).map(rewound).collect();
        let runs = runs.map_err(|error| self.scratch.error(&error))?;
        Ok(Sorted { scratch: self.scratch, runs, held: self.held, order: order.into() })
    }

    fn write_run(&mut self, names: &impl ReadNames) -> Result<(), ScratchError> {
        let order = sorted_places(&self.held, names);
        let mut file = self.scratch.file()?;
        write_run(&self.held, &order, &mut file).map_err(|error| self.scratch.error(&error))?;
        self.runs.push(file);
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

/// Writes blocks of events, each behind its length in events and bytes.
fn write_run(held: &[Batch], order: &[Place], file: &mut File) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 18, file);
    let mut block = Vec::new();
    for places in order.chunks(RUN_BATCH) {
        block.clear();
        for (_, batch, event) in places {
            let batch = &held[*batch as usize];
            bytes::write(&batch.events[*event as usize], batch, &mut block);
        }
        out.write_all(&(places.len() as u32).to_le_bytes())?;
        out.write_all(&(block.len() as u32).to_le_bytes())?;
        out.write_all(&block)?;
    }
    out.flush()
}

/// Sorted runs, each a lane; what was never written is one more.
#[derive(Debug)]
pub struct Sorted {
    scratch: Scratch,
    runs: Vec<BufReader<File>>,
    held: Vec<Batch>,
    order: VecDeque<Place>,
}

impl Sorted {
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
        self.runs.len() + 1
    }

    fn opens_at(&self, _: usize) -> Option<Instant> {
        None
    }

    fn next(&mut self, lane: usize) -> Result<Option<Batch>, ScratchError> {
        match self.runs.get_mut(lane) {
            Some(run) => read_block(run).map_err(|error| self.scratch.error(&error)),
            None => Ok(self.next_held()),
        }
    }
}

fn read_block(run: &mut BufReader<File>) -> io::Result<Option<Batch>> {
    let mut head = [0; 8];
    match run.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let number =
        |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let mut block = vec![0; number(4) as usize];
    run.read_exact(&mut block)?;
    let mut batch = Batch::default();
    let mut rest = block.as_slice();
    for _ in 0..number(0) {
        rest = bytes::read(rest, &mut batch);
    }
    Ok(Some(batch))
}
