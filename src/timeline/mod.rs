//! Many logs, one order: the events of all inputs as they are applied (rules, L; C7).
//!
//! A *lane* gives batches of events that are in order inside, as [`crate::event::Batch::sort`]
//! leaves them. Logs are written as time goes by, so the batches of a lane mostly follow each
//! other, and are passed on as they are. Lanes that overlap are merged. An event may come late by
//! about a batch; what comes later than that needs a [`Sorter`].

mod bytes;
mod merged;
mod repeats;
mod sorted;
#[cfg(test)]
mod tests;

pub use repeats::{Repeats, Sight};
pub use sorted::{Sorted, Sorter};

use std::collections::VecDeque;
use std::ops::Range;

use thiserror::Error;

use crate::event::Batch;
use crate::timeline::merged::Merged;
use crate::value::{Instant, Names};

/// What gives batches.
pub trait Lanes {
    /// Why it cannot.
    type Error;

    /// How many lanes there are.
    fn count(&self) -> usize;

    /// An instant that nothing in a lane is before, if it is known without reading on: until then
    /// the lane need not be read.
    fn opens_at(&self, lane: usize) -> Option<Instant>;

    /// The next batch of a lane, sorted; `None` at its end.
    ///
    /// # Errors
    /// Its own.
    fn next(&mut self, lane: usize) -> Result<Option<Batch>, Self::Error>;

    /// Takes a batch back whose room can be used again.
    fn give_back(&mut self, batch: Batch) {
        drop(batch);
    }
}

/// Why the next events cannot be told.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum TimelineError<E> {
    /// Events come too late to be put in their place.
    #[error("the events are not in the order of time")]
    Unsorted,
    /// A lane cannot be read.
    #[error("{0}")]
    Lane(E),
}

/// Who lets others read names, that may be growing meanwhile.
pub trait ReadNames {
    /// Calls `read` with the names.
    fn with<R>(&self, read: impl FnOnce(&Names) -> R) -> R;
}

impl ReadNames for Names {
    fn with<R>(&self, read: impl FnOnce(&Names) -> R) -> R {
        read(self)
    }
}

impl ReadNames for std::sync::RwLock<Names> {
    fn with<R>(&self, read: impl FnOnce(&Names) -> R) -> R {
        // Names are only ever added: what a thread that panicked has left is whole.
        read(&self.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// One lane on its way.
#[derive(Debug, Default)]
struct Lane {
    /// What has been read and not yet passed on, in order of reading.
    batches: VecDeque<Held>,
    is_open: bool,
    is_done: bool,
}

#[derive(Debug)]
struct Held {
    batch: Batch,
    /// How many of its events have been passed on.
    passed: usize,
}

/// Merges lanes.
#[derive(Debug)]
pub struct Timeline<'a, L, N> {
    lanes: L,
    names: &'a N,
    held: Vec<Lane>,
    /// Every event before this instant has been passed on.
    told_until: Option<Instant>,
    /// What several lanes give for one time.
    merged: Merged,
}

impl<'a, L: Lanes, N: ReadNames> Timeline<'a, L, N> {
    /// The timeline of these lanes.
    pub fn new(lanes: L, names: &'a N) -> Timeline<'a, L, N> {
        let held = (0..lanes.count()).map(|_| Lane::default()).collect();
        Timeline { lanes, names, held, told_until: None, merged: Merged::default() }
    }

    /// The lanes, when all is told.
    pub fn into_lanes(self) -> L {
        self.lanes
    }

    /// Passes the next events on; `false` when there are none.
    ///
    /// # Errors
    /// [`TimelineError`], or what `take` gives.
    pub fn pass<E: From<TimelineError<L::Error>>>(
        &mut self,
        take: impl FnOnce(&Batch, Range<usize>) -> Result<(), E>,
    ) -> Result<bool, E> {
        loop {
            self.fill()?;
            let Some(limit) = self.limit() else {
                return Ok(false);
            };
            let givers = self.givers(limit);
            match givers.as_slice() {
                [] => self.open_or_join(limit)?,
                [(lane, count)] => {
                    self.told_until = Some(limit);
                    self.pass_one(*lane, *count, take)?;
                    return Ok(true);
                }
                _ => {
                    self.pass_merged(&givers, take)?;
                    return Ok(true);
                }
            }
        }
    }

    /// Reads on until each open lane holds two batches: the second says how far the first may go.
    fn fill(&mut self) -> Result<(), TimelineError<L::Error>> {
        for lane in 0..self.held.len() {
            let starts_now = self.lanes.opens_at(lane).is_none();
            self.held[lane].is_open |= starts_now;
            while self.held[lane].is_open
                && !self.held[lane].is_done
                && self.held[lane].batches.len() < 2
            {
                self.read(lane)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, lane: usize) -> Result<(), TimelineError<L::Error>> {
        let next = self.lanes.next(lane).map_err(TimelineError::Lane)?;
        let held = &mut self.held[lane];
        held.is_done = next.is_none();
        let Some(batch) = next.filter(|batch| !batch.events.is_empty()) else { return Ok(()) };
        let first = batch.events[0].time;
        if self.told_until.is_some_and(|told| first < told) {
            return Err(TimelineError::Unsorted);
        }
        held.batches.push_back(Held { batch, passed: 0 });
        Ok(())
    }

    /// The instant before which all events are known; `None` when everything has been passed on.
    fn limit(&self) -> Option<Instant> {
        let mut limit = None;
        let mut has_events = false;
        for (number, lane) in self.held.iter().enumerate() {
            let end = if !lane.is_open {
                self.lanes.opens_at(number)
            } else if lane.is_done {
                None
            } else {
                lane.batches.get(1).and_then(Held::first)
            };
            has_events |= !lane.is_open || !lane.batches.is_empty();
            limit = match (limit, end) {
                (Some(limit), Some(end)) => Some(std::cmp::min(limit, end)),
                (limit, end) => limit.or(end),
            };
        }
        has_events.then(|| limit.unwrap_or(LAST))
    }

    /// The lanes that have events before an instant, with how many in their first batch.
    fn givers(&self, limit: Instant) -> Vec<(usize, usize)> {
        let mut givers = Vec::new();
        for (number, lane) in self.held.iter().enumerate() {
            let count = lane.batches.front().map_or(0, |held| held.before(limit));
            if count > 0 {
                givers.push((number, count));
            }
        }
        givers
    }

    /// Nothing is before the limit: the lane that sets it is opened; or its batches overlap, and
    /// are made one.
    fn open_or_join(&mut self, limit: Instant) -> Result<(), TimelineError<L::Error>> {
        for number in 0..self.held.len() {
            let lane = &mut self.held[number];
            if !lane.is_open && self.lanes.opens_at(number).is_none_or(|opens| opens <= limit) {
                lane.is_open = true;
                return Ok(());
            }
            if lane.batches.get(1).and_then(Held::first).is_some_and(|first| first <= limit) {
                return self.join(number);
            }
        }
        Ok(())
    }

    /// Adds to the first batch of a lane what of the next ones is not after its end; until it has
    /// doubled, so that many batches of one time are not sorted over and over.
    fn join(&mut self, number: usize) -> Result<(), TimelineError<L::Error>> {
        let Some(first) = self.held[number].batches.pop_front() else { return Ok(()) };
        let mut joined = first.rest();
        let last = joined.events.last().map_or(LAST, |last| last.time);
        let behind = Instant::from_micros(last.micros().saturating_add(1));
        let wanted = 2 * joined.events.len();
        while joined.events.len() < wanted {
            if self.held[number].batches.is_empty() && !self.held[number].is_done {
                self.read(number)?;
            }
            let Some(next) = self.held[number].batches.front_mut() else { break };
            let range = next.passed..next.passed + next.before(behind);
            next.passed = range.end;
            joined.append(&next.batch, range);
            if !next.is_passed() {
                break;
            }
            if let Some(next) = self.held[number].batches.pop_front() {
                self.lanes.give_back(next.batch);
            }
        }
        self.names.with(|names| joined.sort(names));
        self.held[number].batches.push_front(Held { batch: joined, passed: 0 });
        Ok(())
    }

    fn pass_one<E>(
        &mut self,
        lane: usize,
        count: usize,
        take: impl FnOnce(&Batch, Range<usize>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(held) = self.held[lane].batches.front_mut() else { return Ok(()) };
        let range = held.passed..held.passed + count;
        held.passed = range.end;
        let outcome = take(&held.batch, range);
        if held.is_passed()
            && let Some(passed) = self.held[lane].batches.pop_front()
        {
            self.lanes.give_back(passed.batch);
        }
        outcome
    }

    /// Merges what lanes give up to the end of the one that ends first; the rest may then go on
    /// alone.
    fn pass_merged<E>(
        &mut self,
        givers: &[(usize, usize)],
        take: impl FnOnce(&Batch, Range<usize>) -> Result<(), E>,
    ) -> Result<(), E> {
        let last = givers.iter().filter_map(|(lane, count)| {
            let held = self.held[*lane].batches.front()?;
            Some(held.batch.events[held.passed + count - 1].time)
        });
        let last = last.min().unwrap_or(LAST);
        let limit = Instant::from_micros(last.micros().saturating_add(1));
        let parts = givers.iter().filter_map(|(lane, _)| {
            let held = self.held[*lane].batches.front()?;
            Some((&held.batch, held.passed..held.passed + held.before(limit)))
        });
        self.names.with(|names| self.merged.fill(&parts.collect::<Vec<_>>(), names));
        for (lane, _) in givers {
            let Some(held) = self.held[*lane].batches.front_mut() else { continue };
            held.passed += held.before(limit);
            if held.is_passed()
                && let Some(passed) = self.held[*lane].batches.pop_front()
            {
                self.lanes.give_back(passed.batch);
            }
        }
        self.told_until = Some(limit);
        take(&self.merged.batch, 0..self.merged.batch.events.len())
    }
}

/// No event is at this instant or later.
const LAST: Instant = Instant::from_micros(i64::MAX);

impl Held {
    /// The time of the first event that has not been passed on.
    fn first(&self) -> Option<Instant> {
        self.batch.events.get(self.passed).map(|event| event.time)
    }

    /// How many events, of those not passed on, are before an instant.
    fn before(&self, limit: Instant) -> usize {
        let rest = &self.batch.events[self.passed..];
        // Mostly all or nothing.
        if rest.last().is_some_and(|last| last.time < limit) {
            return rest.len();
        }
        rest.partition_point(|event| event.time < limit)
    }

    /// What has not been passed on.
    fn rest(self) -> Batch {
        if self.passed == 0 {
            return self.batch;
        }
        let mut rest = Batch::default();
        rest.append(&self.batch, self.passed..self.batch.events.len());
        rest
    }

    fn is_passed(&self) -> bool {
        self.passed == self.batch.events.len()
    }
}

/// One batch that is in memory already.
#[derive(Debug, Default)]
pub struct InMemory {
    batches: VecDeque<Batch>,
}

impl InMemory {
    /// Batches, each a lane of its own, in any order inside.
    pub fn new(batches: impl IntoIterator<Item = Batch>, names: &Names) -> InMemory {
        let mut batches: VecDeque<Batch> = batches.into_iter().collect();
        for batch in &mut batches {
            batch.sort(names);
        }
        InMemory { batches }
    }
}

impl Lanes for InMemory {
    type Error = std::convert::Infallible;

    fn count(&self) -> usize {
        self.batches.len()
    }

    fn opens_at(&self, _: usize) -> Option<Instant> {
        None
    }

    fn next(&mut self, lane: usize) -> Result<Option<Batch>, Self::Error> {
        let batch = std::mem::take(&mut self.batches[lane]);
        Ok((!batch.events.is_empty()).then_some(batch))
    }
}
