//! Logs through the world: as they come where they are in order, else sorted first.

use std::sync::PoisonError;

use crate::bill::{BillError, Options, run_between};
use crate::book::Book;
use crate::cli::Stopped;
use crate::cli::logs::Inputs;
use crate::cli::memory::Memory;
use crate::cli::scribe::Scribe;
use crate::cli::unbilled::explain;
use crate::event::Batch;
use crate::ledger::{Aside, Ledger};
use crate::read::events::Unreadable;
use crate::read::feed::{ReadBatch, SharedNames};
use crate::replay::{Replay, Replayed, TakeTold};
use crate::scratch::{Scratch, ScratchError};
use crate::timeline::{Lanes, Sorter, Timeline, TimelineError};
use crate::value::{Instant, Names, Span};
use crate::world::Finding;

/// What is needed to replay logs.
pub(super) struct Job<'a> {
    pub(super) book: &'a Book,
    pub(super) names: &'a SharedNames,
    pub(super) options: &'a Options,
    pub(super) scratch: &'a Scratch,
    pub(super) memory: Memory,
    pub(super) scribe: &'a Scribe,
}

/// What is planned to follow logs.
pub(super) struct Planned<'a> {
    /// Its events, in order; none before the run's start.
    pub(super) batch: &'a Batch,
    /// What is billed.
    pub(super) run: Span,
}

/// What became of logs.
pub(super) struct Lived<T> {
    pub(super) replayed: Replayed<T>,
    pub(super) unreadable: Vec<Unreadable>,
    /// What was lived through; `None` where there were no events.
    pub(super) run: Option<Span>,
}

impl<T> Lived<T> {
    /// Takes the findings of the world, and says those on rows that could not be read, by time and
    /// place.
    pub(super) fn all_findings(&mut self) -> Vec<Finding> {
        let mut all = std::mem::take(&mut self.replayed.history.findings);
        all.extend(self.unreadable.iter().map(|row| row.finding.clone()));
        all.sort_by_key(|finding| (finding.time, finding.origin, finding.code));
        all
    }
}

/// Why a replay does not go on.
enum Halt {
    /// The logs have to be sorted first.
    Unsorted,
    Stopped(Stopped),
    Scratch(ScratchError),
}

impl From<TimelineError<Stopped>> for Halt {
    fn from(error: TimelineError<Stopped>) -> Halt {
        match error {
            TimelineError::Unsorted => Halt::Unsorted,
            TimelineError::Lane(stopped) => Halt::Stopped(stopped),
        }
    }
}

impl From<TimelineError<ScratchError>> for Halt {
    fn from(error: TimelineError<ScratchError>) -> Halt {
        match error {
            TimelineError::Unsorted => unreachable!("invariant: sorted runs are sorted"),
            TimelineError::Lane(error) => Halt::Scratch(error),
        }
    }
}

impl From<ScratchError> for Halt {
    fn from(error: ScratchError) -> Halt {
        Halt::Scratch(error)
    }
}

impl Job<'_> {
    /// Replays all logs. `told` makes who takes what the world tells: anew, where it has to begin
    /// again.
    pub(super) fn replay<T: TakeTold>(
        &self,
        inputs: &mut Inputs,
        told: impl Fn() -> T,
    ) -> Result<Lived<T>, Stopped> {
        self.replay_and_go_on(inputs, told, None)
    }

    /// Replays all logs into a ledger, which is kept on a thread of its own where there may be more
    /// than one.
    pub(super) fn replay_into_ledger<'l>(
        &self,
        inputs: &mut Inputs,
        new_ledger: impl Fn() -> Ledger<'l>,
    ) -> Result<Lived<Ledger<'l>>, Stopped> {
        let names = &**self.names;
        std::thread::scope(|scope| {
            let told = || match self.options.threads {
                0 | 1 => Aside::Here(Box::new(new_ledger())),
                _ => Aside::on_a_thread(new_ledger(), names, scope),
            };
            let Lived { replayed, unreadable, run } = self.replay(inputs, told)?;
            let Replayed { told, history, texts, counts } = replayed;
            let told = told.finish().map_err(|error| self.explain(error.into(), inputs))?;
            Ok(Lived { replayed: Replayed { told, history, texts, counts }, unreadable, run })
        })
    }

    /// Replays all logs, and then what is planned to follow them, up to the end of that.
    pub(super) fn replay_and_go_on<T: TakeTold>(
        &self,
        inputs: &mut Inputs,
        told: impl Fn() -> T,
        plan: Option<&Planned<'_>>,
    ) -> Result<Lived<T>, Stopped> {
        let lived = match self.as_they_come(inputs, &told, plan) {
            Err(Halt::Unsorted) => {
                self.scribe.detail("the rows are not in order of time: they are sorted first");
                inputs.rewind();
                self.sorted(inputs, &told, plan)
            }
            lived => lived,
        };
        lived.map_err(|halt| match halt {
            Halt::Stopped(stopped) => stopped,
            Halt::Scratch(error) => self.explain(error.into(), inputs),
            Halt::Unsorted => unreachable!("invariant: sorted runs are sorted"),
        })
    }

    fn explain(&self, error: BillError, inputs: &Inputs) -> Stopped {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        explain(error, self.book, &names, inputs)
    }

    fn new_replay<T: TakeTold>(
        &self,
        told: &impl Fn() -> T,
    ) -> Replay<'_, std::sync::RwLock<Names>, T> {
        let rules = self.options.rules(self.options.end);
        Replay::new(self.book, self.names, rules, told(), self.scratch)
    }

    fn as_they_come<T: TakeTold>(
        &self,
        inputs: &mut Inputs,
        told: &impl Fn() -> T,
        plan: Option<&Planned<'_>>,
    ) -> Result<Lived<T>, Halt> {
        let mut replay = self.new_replay(told);
        let lanes = LogLanes { inputs, names: self.names, unreadable: Vec::new(), spare: None };
        let mut timeline = Timeline::new(lanes, &**self.names);
        while timeline.pass(|batch, range| replay.apply(batch, range).map_err(Halt::from))? {}
        let LogLanes { inputs, unreadable, .. } = timeline.into_lanes();
        self.finish(replay, unreadable, inputs, plan)
    }

    fn sorted<T: TakeTold>(
        &self,
        inputs: &mut Inputs,
        told: &impl Fn() -> T,
        plan: Option<&Planned<'_>>,
    ) -> Result<Lived<T>, Halt> {
        let names = &**self.names;
        let mut sorter = Sorter::new(self.scratch.clone(), self.memory.for_sorting());
        let mut unreadable = Vec::new();
        for input in 0..inputs.count() {
            while let Some(mut read) = inputs.next(input).map_err(Halt::Stopped)? {
                unreadable.append(&mut read.unreadable);
                sorter.take(&read.batch, names)?;
                inputs.give_back(read);
            }
        }
        let mut timeline = Timeline::new(sorter.finish(names)?, names);
        let mut replay = self.new_replay(told);
        while timeline.pass(|batch, range| replay.apply(batch, range).map_err(Halt::from))? {}
        self.finish(replay, unreadable, inputs, plan)
    }

    fn finish<T: TakeTold>(
        &self,
        mut replay: Replay<'_, std::sync::RwLock<Names>, T>,
        unreadable: Vec<Unreadable>,
        inputs: &Inputs,
        plan: Option<&Planned<'_>>,
    ) -> Result<Lived<T>, Halt> {
        if let Some(plan) = plan {
            replay.go_on(plan.run.end);
            replay.apply(plan.batch, 0..plan.batch.events.len())?;
            let (run, replayed) = (Some(plan.run), replay.finish(plan.run.end)?);
            return Ok(Lived { replayed, unreadable, run });
        }
        let run = replay.ends().map(|(first, last)| run_between(first, last, self.options));
        let run = run.transpose().map_err(|error| Halt::Stopped(self.explain(error, inputs)))?;
        let end = run.map_or(Instant::from_micros(0), |run| run.end);
        Ok(Lived { replayed: replay.finish(end)?, unreadable, run })
    }
}

/// Logs as lanes; what cannot be read is gathered beside.
struct LogLanes<'i> {
    inputs: &'i mut Inputs,
    names: &'i SharedNames,
    unreadable: Vec<Unreadable>,
    /// What a batch came in, to be given back with one.
    spare: Option<ReadBatch>,
}

impl Lanes for LogLanes<'_> {
    type Error = Stopped;

    fn count(&self) -> usize {
        self.inputs.count()
    }

    fn opens_at(&self, lane: usize) -> Option<Instant> {
        self.inputs.first_time(lane)
    }

    fn next(&mut self, lane: usize) -> Result<Option<Batch>, Stopped> {
        while let Some(mut read) = self.inputs.next(lane)? {
            self.unreadable.append(&mut read.unreadable);
            let mut batch = std::mem::take(&mut read.batch);
            self.spare = Some(read);
            if !batch.events.is_empty() {
                batch.sort(&self.names.read().unwrap_or_else(PoisonError::into_inner));
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    fn give_back(&mut self, batch: Batch) {
        let spare = self.spare.take().unwrap_or_default();
        self.inputs.give_back(ReadBatch { batch, ..spare });
    }
}
