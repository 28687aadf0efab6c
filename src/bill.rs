//! The pipeline on one page: events → world → usage → charges → statements → allocations.
//!
//! Everything here is computed from what is handed in: the same events in any order, from any
//! number of files, on any number of threads, give the same bill (C7).

use std::collections::BTreeMap;

use chrono::Datelike;
use thiserror::Error;

use crate::account::Accounts;
use crate::book::Book;
use crate::event::{Event, put_in_order};
use crate::meter::{self, Context, Usage};
use crate::price::{self, Charge, Pricing, PricingError};
use crate::statement::{self, Allocation, SharingRow, Statement};
use crate::value::{BillingDay, CycleCalendar, Instant, Names, Overflow, Span};
use crate::world::{Enforcement, Finding, FindingCode, History, World};

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
    /// The events that were not applied, each with the finding that decided it.
    pub set_aside: Vec<(Event, Finding)>,
    /// How many events of each input became what; none for an input without events.
    pub counts: BTreeMap<u32, Counts>,
}

/// How many events of one input became what. They add up to all that were handed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Applied.
    pub applied: u64,
    /// Dropped as a repeat of the same id with the same content (L15).
    pub repeated: u64,
    /// Set aside with a finding.
    pub set_aside: u64,
    /// At or after the end of the run.
    pub after_end: u64,
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
    let (history, counts) = live(events, book, names, options.enforcement, run);

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
#[must_use]
pub fn live(
    mut events: Vec<Event>,
    book: &Book,
    names: &Names,
    enforcement: Enforcement,
    run: Span,
) -> (History, BTreeMap<u32, Counts>) {
    let mut counts: BTreeMap<u32, Counts> = BTreeMap::new();
    events.retain(|event| {
        let is_after_end = event.time >= run.end;
        counts.entry(event.origin.input).or_default().after_end += u64::from(is_after_end);
        !is_after_end
    });
    let ordered = put_in_order(events, names);

    let mut world = World::new(book, names, enforcement);
    for event in &ordered.events {
        counts.entry(event.origin.input).or_default().applied += 1;
        world.apply(event);
    }
    let mut history = world.finish(run.end);
    for (event, _) in &history.set_aside {
        counts.entry(event.origin.input).or_default().applied -= 1;
    }
    for event in &ordered.conflicting {
        let finding = conflict(event, names);
        history.findings.push(finding.clone());
        history.set_aside.push((*event, finding));
    }
    for (event, _) in &history.set_aside {
        counts.entry(event.origin.input).or_default().set_aside += 1;
    }
    for origin in &ordered.repeated {
        counts.entry(origin.input).or_default().repeated += 1;
    }
    history.findings.sort_by_key(|finding| (finding.time, finding.origin, finding.code));
    history.set_aside.sort_by_key(|(event, _)| event.origin);
    (history, counts)
}

/// L15: the same id with other content.
fn conflict(event: &Event, names: &Names) -> Finding {
    let id = event.id.map_or("", |id| names.events.text(id));
    let message = format!(
        "another event with the id `{id}` says something else: the earlier one stands, this one \
         is set aside"
    );
    let resource = names.resources.text(event.action.resource());
    Finding::new(FindingCode::L15, event, resource, message)
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
