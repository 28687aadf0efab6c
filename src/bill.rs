//! The pipeline on one page: events → world → usage → charges → statements → allocations.
//!
//! Everything here is computed from what is handed in: the same events in any order, from any
//! number of files, on any number of threads, give the same bill (C7).

mod collect;
mod desk;
mod resources;
mod settle;
mod sharing;
mod totals;
mod workers;

pub use collect::AllocationRow;
pub use settle::{Detail, Output, Settled, Settling, settle};
pub use sharing::{SharingCounts, SharingRows};
pub use totals::Totals;
pub use workers::in_order;

pub use crate::replay::{Counts, USUAL_PIECE};

use std::convert::Infallible;

use chrono::Datelike;
use thiserror::Error;

use crate::account::Accounts;
use crate::book::Book;
use crate::event::{Batch, Event};
use crate::ledger::{BUDGET, Ledger};
use crate::price::{Charge, PricingError};
use crate::replay::{Replay, Replayed, Rules, TakeTold};
use crate::scratch::{Scratch, ScratchError};
use crate::statement::{Images, SharingRow, Statement};
use crate::timeline::{InMemory, Timeline, TimelineError};
use crate::value::{
    BillingDay, CycleCalendar, Instant, Names, Overflow, ResourceId, ResourceTexts, Span,
};
use crate::world::{Enforcement, Finding, History, ImageRecord, ServerSpan, StorageSpan, Transfer};

use collect::{Collected, Rows};

/// How to bill.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What happens to events that break a rule of sharing.
    pub enforcement: Enforcement,
    /// The run's first instant; by default the start of the first event's month (B3).
    pub start: Option<Instant>,
    /// The first instant after the run; by default the end of the last event's month (B3).
    pub end: Option<Instant>,
    /// Whether usage without a rate costs 0 (P1).
    pub allow_unpriced: bool,
    /// How many threads may work.
    pub threads: usize,
    /// How many events the world takes before it forgets what is gone: [`USUAL_PIECE`].
    pub piece: usize,
}

impl Options {
    /// How to replay, where the run's end is known.
    #[must_use]
    pub fn rules(&self, end: Option<Instant>) -> Rules {
        Rules { enforcement: self.enforcement, end, piece: self.piece }
    }
}

/// A finished bill.
#[derive(Debug)]
pub struct Bill {
    /// What it covers.
    pub run: Span,
    /// Every charge, in the order of `charges.csv`.
    pub charges: Vec<Charge>,
    /// What each account pays in each cycle.
    pub statements: Vec<Statement>,
    /// The same money, per resource.
    pub allocations: Vec<AllocationRow>,
    /// What each shared image costs whom.
    pub sharing: Vec<SharingRow>,
    /// The sums.
    pub totals: Totals,
    /// What is not allowed, or unwise, by time and place.
    pub findings: Vec<Finding>,
    /// For each event that was not applied the finding that decided it.
    pub set_aside: Vec<Finding>,
    /// How many events of each input became what, as far as inputs have any.
    pub counts: Vec<Counts>,
}

/// Why there is no bill.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BillError {
    /// No event at all.
    #[error("there are no events")]
    NoEvents,
    /// A run that ends before it begins.
    #[error("the run ends at {end}, not after its start at {start}")]
    EmptyRun {
        /// Its start.
        start: Instant,
        /// Its end.
        end: Instant,
    },
    /// Events so far apart that one of their times is probably wrong; nobody has said when the
    /// run starts or ends.
    #[error("the events span more than {LONGEST_GUESSED_YEARS} years, from {} to {}", first.time, last.time)]
    RunTooLong {
        /// The earliest event.
        first: Box<Event>,
        /// The latest event.
        last: Box<Event>,
    },
    /// See [`PricingError`].
    #[error("{0}")]
    Pricing(#[from] PricingError),
    /// See [`ScratchError`].
    #[error("{0}")]
    Scratch(#[from] ScratchError),
}

impl From<TimelineError<Infallible>> for BillError {
    fn from(error: TimelineError<Infallible>) -> BillError {
        match error {
            TimelineError::Lane(never) => match never {},
            TimelineError::Unsorted => unreachable!("invariant: a lane of one batch is sorted"),
        }
    }
}

/// What the world tells, in the ids that the events had.
struct InNames(History);

impl TakeTold for InNames {
    fn take(
        &mut self,
        told: &mut History,
        texts: &impl ResourceTexts,
        names: &Names,
    ) -> Result<(), ScratchError> {
        let known = |id: ResourceId| names.resources.find(texts.text(id)).unwrap_or(id);
        self.0.storage.extend(told.storage.drain(..).map(|span| StorageSpan {
            resource: known(span.resource),
            source_image: span.source_image.map(known),
            ..span
        }));
        self.0.servers.extend(told.servers.drain(..).map(|span| ServerSpan {
            server: known(span.server),
            source_image: span.source_image.map(known),
            ..span
        }));
        let sent = told.transfers.drain(..);
        let sent = sent.map(|sent| Transfer { resource: known(sent.resource), ..sent });
        self.0.transfers.extend(sent);
        Ok(())
    }
}

impl From<Overflow> for BillError {
    fn from(overflow: Overflow) -> BillError {
        BillError::Pricing(PricingError::Overflow(overflow))
    }
}

/// Bills events, to values: [`settle()`] with everything collected.
///
/// # Errors
/// [`BillError`].
pub fn bill(
    events: Vec<Event>,
    book: &Book,
    accounts: &Accounts,
    names: &Names,
    options: &Options,
) -> Result<Bill, BillError> {
    let run = run_of(&events, options)?;
    let batch = Batch::of(&events, names);
    bill_batch(batch, run, Detail::Allocations, book, accounts, names, options)
}

/// Bills a batch that is all there is, to values.
///
/// # Errors
/// [`BillError`].
pub fn bill_batch(
    batch: Batch,
    run: Span,
    detail: Detail,
    book: &Book,
    accounts: &Accounts,
    names: &Names,
    options: &Options,
) -> Result<Bill, BillError> {
    let scratch = Scratch::default();
    let ledger = Ledger::new(book, accounts, options.start, scratch.clone(), BUDGET);
    let Replayed { told: ledger, mut history, texts, counts } =
        replay_batch(batch, book, names, run, options, ledger)?;
    let mut units = ledger.close(&names.accounts)?;
    let images = Images::new(std::mem::take(&mut history.images), &texts);
    let settling = Settling {
        book,
        accounts,
        names,
        texts: &texts,
        images: &images,
        run,
        allow_unpriced: options.allow_unpriced,
        detail,
        threads: options.threads,
        scratch: &scratch,
        budget: BUDGET,
    };
    let mut rows = Rows::default();
    let mut settled = settle(&mut units, &settling, Collected::default, |part| {
        rows.add(part);
        Ok::<(), BillError>(())
    })?;
    Ok(Bill {
        run,
        charges: rows.charges,
        statements: rows.statements,
        allocations: rows.allocations,
        sharing: settled.sharing.next_rows(usize::MAX)?,
        totals: settled.totals,
        findings: history.findings,
        set_aside: history.set_aside,
        counts,
    })
}

/// Replays events that are in memory.
fn replay<T: TakeTold>(
    events: &[Event],
    book: &Book,
    names: &Names,
    run: Span,
    options: &Options,
    told: T,
) -> Result<Replayed<T>, BillError> {
    replay_batch(Batch::of(events, names), book, names, run, options, told)
}

/// Replays a batch that is all there is.
///
/// # Errors
/// [`BillError::Scratch`].
pub fn replay_batch<T: TakeTold>(
    batch: Batch,
    book: &Book,
    names: &Names,
    run: Span,
    options: &Options,
    told: T,
) -> Result<Replayed<T>, BillError> {
    let mut timeline = Timeline::new(InMemory::new([batch], names), names);
    let rules = options.rules(Some(run.end));
    let mut replay = Replay::new(book, names, rules, told, &Scratch::default());
    while timeline.pass(|batch, range| replay.apply(batch, range).map_err(BillError::from))? {}
    Ok(replay.finish(run.end)?)
}

/// Runs the simulator over the events before the end of the run; findings come out by time and
/// place.
///
/// # Errors
/// [`BillError::Scratch`].
pub fn live(
    events: &[Event],
    book: &Book,
    names: &Names,
    run: Span,
    options: &Options,
) -> Result<(History, Vec<Counts>), BillError> {
    let replayed = replay(events, book, names, run, options, InNames(History::default()))?;
    let Replayed { told: InNames(mut history), history: rest, texts, counts } = replayed;
    let image = |record: ImageRecord| {
        let image = names.resources.find(texts.text(record.image)).unwrap_or(record.image);
        ImageRecord { image, ..record }
    };
    history.images = rest.images.into_iter().map(image).collect();
    (history.findings, history.set_aside) = (rest.findings, rest.set_aside);
    Ok((history, counts))
}

/// How many years a run may span that nobody has asked for: one mistyped year would otherwise bill
/// decades of storage without a word.
const LONGEST_GUESSED_YEARS: i32 = 20;

/// The run (B3): as asked for, else the whole months (UTC) of the events.
///
/// # Errors
/// [`BillError::NoEvents`], [`BillError::EmptyRun`], [`BillError::RunTooLong`].
pub fn run_of(events: &[Event], options: &Options) -> Result<Span, BillError> {
    let first = events.iter().min_by_key(|event| event.time).ok_or(BillError::NoEvents)?;
    let last = events.iter().max_by_key(|event| event.time).ok_or(BillError::NoEvents)?;
    run_between(first, last, options)
}

/// The run of events from the earliest to the latest.
///
/// # Errors
/// [`BillError::EmptyRun`], [`BillError::RunTooLong`].
pub fn run_between(first: &Event, last: &Event, options: &Options) -> Result<Span, BillError> {
    let months = CycleCalendar::new(BillingDay::FIRST);
    let start = options.start.unwrap_or_else(|| months.cycle_at(first.time).start());
    let end = options.end.unwrap_or_else(|| months.cycle_at(last.time).end());
    if start >= end {
        return Err(BillError::EmptyRun { start, end });
    }
    if options.end.is_none() && end.day().year() - start.day().year() > LONGEST_GUESSED_YEARS {
        let (first, last) = (Box::new(*first), Box::new(*last));
        return Err(BillError::RunTooLong { first, last });
    }
    Ok(Span { start, end })
}
