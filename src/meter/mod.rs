//! Spans to exact quantities: the seam *events of a set of resources → usage* ends here.
//!
//! A [`Meter`] measures what one account had in one cycle: for each SKU, rate region and version of
//! the rate a whole number of base units, and which resources caused it. [`measure`] does so for
//! a whole [`History`]. Base units add up exactly, so usage that was measured apart (by partition
//! of resources, by file, by day) can be put together with [`Usage::absorb`] in any order. Nothing
//! is rounded here; pricing does that once (M6).

mod quantity;
mod servers;
mod storage;
mod transfer;
mod usage;

pub use quantity::ratio;
pub use usage::{Cause, CauseKind, Usage, UsageKey, UsageLine};

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::book::{Book, RateRegion, Sku};
use crate::value::{AccountId, Cycle, FlavorId, Instant, LevelId, OsId, Overflow, RegionId, Span};
use crate::world::{History, ServerSpan, StorageSpan, Transfer};

/// What usage is measured against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The prices, for where rates change.
    pub book: &'a Book,
    /// The accounts, for their cycles.
    pub accounts: &'a Accounts,
    /// The run: usage outside is not charged (B3).
    pub run: Span,
}

/// Measures everything that existed during the run.
///
/// # Errors
/// [`Overflow`] when a usage does not fit 128 bits.
pub fn measure(history: &History, context: &Context<'_>) -> Result<Usage, Overflow> {
    let mut meters: BTreeMap<(AccountId, Cycle), Meter<'_>> = BTreeMap::new();
    let mut in_each_cycle =
        |account, span: Span, add: &mut dyn FnMut(&mut Meter<'_>) -> Result<(), Overflow>| {
            let calendar = context.book.calendar(context.accounts.get(account).billing_day);
            let span = span.intersection(context.run).unwrap_or(NOTHING);
            calendar.cycles_in(span).try_for_each(|cycle| {
                let meter = meters.entry((account, cycle));
                add(meter.or_insert_with(|| Meter::new(*context, account, cycle)))
            })
        };
    for stored in &history.storage {
        in_each_cycle(stored.account, stored.span, &mut |meter| meter.storage(stored))?;
    }
    for server in &history.servers {
        in_each_cycle(server.account, server.span, &mut |meter| meter.server(server))?;
    }
    for sent in &history.transfers {
        in_each_cycle(sent.account, moment(sent.at), &mut |meter| meter.transfer(sent))?;
    }
    let mut usage = Usage::default();
    for meter in meters.into_values() {
        usage.absorb(meter.usage)?;
    }
    Ok(usage)
}

/// The parts of the billed span of a cycle that lie under one version of a SKU's rate each, with
/// what their usage is priced by (P2).
pub fn stretches(
    book: &Book,
    account: AccountId,
    cycle: Cycle,
    billed: Span,
    sku: Sku,
    region: RegionId,
) -> impl Iterator<Item = (Span, UsageKey)> {
    let mut at = billed.start;
    std::iter::from_fn(move || {
        let start = (at < billed.end).then_some(at)?;
        let in_force = book.in_force(sku, region, start);
        at = in_force.until.map_or(billed.end, |until| until.min(billed.end));
        let key = UsageKey {
            account,
            cycle,
            sku,
            region: in_force.version.map_or(RateRegion::One(region), |version| version.region),
            effective_from: in_force.version.map(|version| version.effective_from),
        };
        Some((Span { start, end: at }, key))
    })
}

/// A span without an instant.
const NOTHING: Span = Span { start: Instant::from_micros(0), end: Instant::from_micros(0) };

/// The shortest span there is: it lies in one cycle and under one version of a rate.
fn moment(at: Instant) -> Span {
    Span { start: at, end: Instant::from_micros(at.micros() + 1) }
}

/// Measures what one account had in one cycle.
#[derive(Debug)]
pub struct Meter<'a> {
    context: Context<'a>,
    account: AccountId,
    level: LevelId,
    /// Whether the book has support for that level.
    has_support: bool,
    cycle: Cycle,
    /// The part of the cycle that lies in the run.
    billed: Span,
    /// For each SKU and region how the cycle is cut.
    cuts: FxHashMap<(Sku, RegionId), Cuts>,
    /// The same for all that servers of a flavor and os cost in a region: one look for each server.
    server_cuts: FxHashMap<(FlavorId, OsId, RegionId), ServerCuts>,
    stretches: Vec<Stretch>,
    usage: Usage,
}

/// Which of the stretches cut a cycle for one SKU and region.
#[derive(Debug, Clone, Copy)]
struct Cuts {
    first: usize,
    end: usize,
}

/// How a cycle is cut for what a server costs.
#[derive(Debug, Clone, Copy)]
struct ServerCuts {
    server: Cuts,
    /// Where its os needs a licence (R3a).
    license: Option<Cuts>,
    /// Where the account's level has support, with the units of a step (R3b).
    support: Option<(Cuts, u64)>,
}

/// A part of a cycle that lies under one version of a rate.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    span: Span,
    /// The line that its usage is added up in.
    line: usize,
}

impl<'a> Meter<'a> {
    /// A meter at nothing.
    #[must_use]
    pub fn new(context: Context<'a>, account: AccountId, cycle: Cycle) -> Meter<'a> {
        let mut meter = Meter {
            context,
            account,
            level: context.accounts.get(account).level,
            has_support: false,
            cycle,
            billed: NOTHING,
            cuts: FxHashMap::default(),
            server_cuts: FxHashMap::default(),
            stretches: Vec::new(),
            usage: Usage::default(),
        };
        meter.begin(account, cycle);
        meter
    }

    /// Forgets everything, and begins with another account and cycle.
    pub fn begin(&mut self, account: AccountId, cycle: Cycle) {
        self.account = account;
        self.level = self.context.accounts.get(account).level;
        self.has_support = self.context.book.supported_levels.contains(&self.level);
        self.cycle = cycle;
        self.billed = cycle.span().intersection(self.context.run).unwrap_or(NOTHING);
        self.cuts.clear();
        self.server_cuts.clear();
        self.stretches.clear();
        self.usage.clear();
    }

    /// What has been measured.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Measures a stored image or object.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn storage(&mut self, stored: &StorageSpan) -> Result<(), Overflow> {
        storage::measure(stored, self)
    }

    /// Measures a server.
    ///
    /// # Errors
    /// [`Overflow`].
    #[inline]
    pub fn server(&mut self, server: &ServerSpan) -> Result<(), Overflow> {
        servers::measure(server, self)
    }

    /// Measures data sent.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn transfer(&mut self, sent: &Transfer) -> Result<(), Overflow> {
        transfer::measure(sent, self)
    }

    /// Adds a cause's use of a SKU: cut where the rates change (P2), with so many base units for
    /// each piece of the span.
    #[inline]
    fn add(
        &mut self,
        cuts: Cuts,
        cause: Cause,
        span: Span,
        base_units: impl Fn(Span) -> u128,
    ) -> Result<(), Overflow> {
        for stretch in &self.stretches[cuts.first..cuts.end] {
            if let Some(piece) = stretch.span.intersection(span) {
                self.usage.add_to(stretch.line, cause, base_units(piece))?;
            }
        }
        Ok(())
    }

    /// How the cycle is cut for a SKU in a region.
    #[inline]
    fn cuts(&mut self, sku: Sku, region: RegionId) -> Cuts {
        match self.cuts.get(&(sku, region)) {
            Some(cuts) => *cuts,
            None => self.cut(sku, region),
        }
    }

    /// Cuts the billed part of the cycle where a SKU's rates change (P2).
    fn cut(&mut self, sku: Sku, region: RegionId) -> Cuts {
        let first = self.stretches.len();
        let (book, account, cycle) = (self.context.book, self.account, self.cycle);
        for (span, key) in stretches(book, account, cycle, self.billed, sku, region) {
            let line = self.usage.line(key);
            self.stretches.push(Stretch { span, line });
        }
        let cuts = Cuts { first, end: self.stretches.len() };
        self.cuts.insert((sku, region), cuts);
        cuts
    }
}
