//! The pipeline on one page: events → world → usage → charges → statements → allocations.
//!
//! Everything here is computed from what is handed in: the same events in any order, from any
//! number of files, on any number of threads, give the same bill (C7).

use std::convert::Infallible;

use chrono::Datelike;
use thiserror::Error;

use crate::account::Accounts;
use crate::book::Book;
use crate::event::{Batch, Event};
use crate::meter::{self, Context, Usage};
use crate::price::{self, Charge, Pricing, PricingError};
pub use crate::replay::{Counts, USUAL_PIECE};
use crate::replay::{Replay, Rules, TakeTold};
use crate::scratch::{Scratch, ScratchError};
use crate::statement::{self, Allocation, SharingRow, Statement};
use crate::timeline::{InMemory, Timeline, TimelineError};
use crate::value::{BillingDay, CycleCalendar, Instant, Names, Overflow, ResourceId, Span};
use crate::world::{
    Enforcement, Finding, History, ImageRecord, ResourceTexts, ServerSpan, StorageSpan, Transfer,
};

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
    pub allocations: Vec<Allocation>,
    /// What each shared image costs whom.
    pub sharing: Vec<SharingRow>,
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
    /// What does not fit into memory cannot be put anywhere.
    #[error("{0}")]
    Scratch(#[from] ScratchError),
}

/// What the world tells, in the ids that the events had.
struct InNames<'a> {
    names: &'a Names,
    history: History,
}

impl TakeTold for InNames<'_> {
    fn take(&mut self, told: &mut History, texts: &impl ResourceTexts) -> Result<(), ScratchError> {
        let known =
            |id: ResourceId| self.names.resources.find(texts.resource_text(id)).unwrap_or(id);
        self.history.storage.extend(told.storage.drain(..).map(|span| StorageSpan {
            resource: known(span.resource),
            source_image: span.source_image.map(known),
            ..span
        }));
        self.history.servers.extend(told.servers.drain(..).map(|span| ServerSpan {
            server: known(span.server),
            source_image: span.source_image.map(known),
            ..span
        }));
        self.history.transfers.extend(
            told.transfers
                .drain(..)
                .map(|sent| Transfer { resource: known(sent.resource), ..sent }),
        );
        self.history.images.extend(
            told.images.drain(..).map(|image| ImageRecord { image: known(image.image), ..image }),
        );
        Ok(())
    }
}

impl From<TimelineError<Infallible>> for BillError {
    fn from(error: TimelineError<Infallible>) -> BillError {
        match error {
            TimelineError::Lane(never) => match never {},
            TimelineError::Unsorted => unreachable!("invariant: a lane of one batch is sorted"),
        }
    }
}

impl From<Overflow> for BillError {
    fn from(overflow: Overflow) -> BillError {
        BillError::Pricing(PricingError::Overflow(overflow))
    }
}

/// Bills events.
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
    let (history, counts) = live(events, book, names, run, options)?;

    let context = Context { book, accounts, run };
    let usage: Usage = meter::measure(&history, &context)?;
    let pricing = Pricing { book, accounts, run, allow_unpriced: options.allow_unpriced };
    let mut charges = price::charges(&usage, &pricing, options.threads)?;
    statement::put_in_order(&mut charges, names);
    let statements = statement::statements(&charges, book)?;
    let allocations = statement::allocate(&charges, &usage, &history, book, names)?;
    let sharing = statement::sharing(&allocations, &charges, &history, &context, names)?;
    Ok(Bill {
        run,
        charges,
        statements,
        allocations,
        sharing,
        findings: history.findings,
        set_aside: history.set_aside,
        counts,
    })
}

/// Runs the simulator over the events before the end of the run; findings come out by time and
/// place.
///
/// # Errors
/// [`BillError::Scratch`].
pub fn live(
    events: Vec<Event>,
    book: &Book,
    names: &Names,
    run: Span,
    options: &Options,
) -> Result<(History, Vec<Counts>), BillError> {
    let batch = Batch::of(&events, names);
    let mut timeline = Timeline::new(InMemory::new([batch], names), names);
    let rules =
        Rules { enforcement: options.enforcement, end: Some(run.end), piece: options.piece };
    let told = InNames { names, history: History::default() };
    let mut replay = Replay::new(book, names, rules, told, &Scratch::default());
    while timeline.pass(|batch, range| replay.apply(batch, range).map_err(BillError::from))? {}
    let replayed = replay.finish(run.end)?;
    let mut history = replayed.told.history;
    history.findings = replayed.history.findings;
    history.set_aside = replayed.history.set_aside;
    Ok((history, replayed.counts))
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
