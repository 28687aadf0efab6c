//! Many runs of a scenario: what is drawn, what it costs, and how it is spread.
//!
//! Account by account, run by run. Each account's usage is what its part of the plan comes to
//! (the short way), priced by the rules of [`crate::price`]; what differs between runs are the
//! numbers that vary and the servers that come and go. Every draw has a stream of its own, so that
//! neither threads nor the order of accounts matter.
#![expect(clippy::disallowed_types, reason = "statistics of exact amounts")]

mod account;
mod columns;
mod drivers;
mod gauge;
mod lane;
mod quick;
mod spread;
mod summed;
mod threads;
mod trended;
mod variants;

use rust_decimal::Decimal;
use thiserror::Error;

use crate::account::Accounts;
use crate::bill::BillError;
use crate::book::Book;
use crate::diagnostic::Severity;
use crate::project::before::Before;
use crate::project::outcome::{
    Against, Driver, Figures, MonthRow, Period, Projection, SummaryRow, budget_of, categories,
};
use crate::project::trend::Trend;
use crate::read::scenario::{Context, Draft, Vary};
use crate::scenario::Scenario;
use crate::value::{AccountId, Cycle, Names, Span};
use crate::world::Enforcement;

use account::Desk;
use columns::Columns;
use summed::Sums;
use variants::Variants;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Simulation<'a> {
    /// The scenario with every varied number as the file has it.
    pub scenario: &'a Scenario,
    /// What it is read from, again for each run.
    pub draft: &'a Draft,
    /// What it is read against.
    pub context: Context<'a>,
    /// What varies.
    pub varies: &'a [Vary],
    /// The prices, without the scenario's changes.
    pub book: &'a Book,
    /// The accounts.
    pub accounts: &'a Accounts,
    /// All names.
    pub names: &'a Names,
    /// What is covered.
    pub run: Span,
    /// Whether steps that the cloud would refuse are taken all the same.
    pub enforcement: Enforcement,
    /// How many runs.
    pub runs: u32,
    /// Where chance begins.
    pub seed: u64,
    /// How many threads may work.
    pub threads: usize,
    /// Whether usage without a rate costs 0 (P1).
    pub allow_unpriced: bool,
    /// Whether every server that comes is drawn, also where a class of them can be summed: slower,
    /// and the same distribution.
    pub one_by_one: bool,
    /// What was there before and goes on.
    pub before: Option<&'a Before>,
    /// What history says of what comes besides.
    pub trend: Option<&'a Trend>,
}

/// Why there is no projection.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProjectError {
    /// Usage without a rate, or numbers that are too large.
    #[error("{0}")]
    Bill(#[from] BillError),
    /// A number was drawn that makes no scenario.
    #[error("run {run} draws what cannot be: {message}")]
    Draw {
        /// Which run, from 1.
        run: usize,
        /// What is wrong with it.
        message: String,
    },
}

/// What one account pays, spread.
struct Spread {
    months: Vec<MonthRow>,
    summary: Vec<SummaryRow>,
    drivers: Vec<Driver>,
}

impl Simulation<'_> {
    /// Runs all runs; `told` hears after each account.
    ///
    /// # Errors
    /// [`ProjectError`].
    pub fn project(&self, told: impl Fn(u64)) -> Result<Projection, ProjectError> {
        let variants = Variants::draw(self)?;
        let accounts = self.who();
        let sums = Sums::default();
        let mut months = Vec::new();
        let mut summary = Vec::new();
        let mut drivers = Vec::new();
        let mut all: Option<Columns> = None;
        for account in accounts {
            let desk = Desk::new(self, &variants, &sums, account);
            let columns = desk.simulate()?;
            let spread = self.spread(Some(account), &columns, &variants);
            months.extend(spread.months);
            summary.extend(spread.summary);
            drivers.extend(spread.drivers);
            match &mut all {
                Some(all) => all.add(&columns),
                None => all = Some(columns),
            }
            told(1);
        }
        if let Some(all) = all {
            let spread = self.spread(None, &all, &variants);
            summary.extend(spread.summary);
            drivers.extend(spread.drivers);
        }
        Ok(Projection {
            scenario: self.scenario.name.clone(),
            currency: self.book.currency,
            runs: self.runs,
            months,
            summary,
            drivers,
        })
    }

    /// Everybody who may pay something, by text.
    fn who(&self) -> Vec<AccountId> {
        let owners = self.scenario.images.iter().map(|image| image.owner);
        let of_fleets = self.scenario.fleets.iter().flat_map(|fleet| fleet.accounts.clone());
        let before = self.before.into_iter();
        let before =
            before.flat_map(|before| before.usage.keys().chain(before.leaving.keys()).copied());
        let trends = self.trend.into_iter().flat_map(|trend| trend.accounts.keys().copied());
        let all = owners.chain(of_fleets).chain(before).chain(trends);
        let mut who: Vec<AccountId> = all.collect();
        who.sort_unstable_by_key(|account| self.names.accounts.text(*account));
        who.dedup();
        who
    }

    /// Rows of what is spread: the months of an account, or of all; and longer periods.
    fn spread(
        &self,
        account: Option<AccountId>,
        columns: &Columns,
        variants: &Variants<'_>,
    ) -> Spread {
        let mut spread = Spread { months: Vec::new(), summary: Vec::new(), drivers: Vec::new() };
        let periods = columns.periods();
        let figures = columns.figures(&periods, self.threads);
        let budgets = &self.scenario.budgets;
        for ((period, cycles), figures) in periods.iter().zip(figures) {
            if figures.is_nothing {
                continue;
            }
            for (category, of_category) in categories().zip(figures.by_category) {
                let months = cycles.len() as u32;
                let budget = category.is_none().then(|| budget_of(budgets, account, months));
                let budget = budget.flatten().map(|budget| {
                    let over = columns.share_over(cycles, budget);
                    Against { budget, over }
                });
                match (account, period) {
                    (Some(account), Period::Month(..)) => spread.months.push(MonthRow {
                        account,
                        cycle: columns.cycle(cycles[0]),
                        category,
                        figures: of_category,
                        budget,
                    }),
                    _ => spread.summary.push(SummaryRow {
                        account,
                        period: *period,
                        category,
                        figures: of_category,
                        budget,
                    }),
                }
            }
        }
        spread.drivers = drivers::of(account, columns, variants, self.varies);
        spread
    }

    /// Reads the scenario again, with other numbers in it; what is wrong with them where something
    /// is.
    fn read(&self, draft: &Draft, names: &mut Names) -> Result<Scenario, String> {
        let mut told = Vec::new();
        let read = draft.read(&self.context, names, &mut told);
        told.retain(|told| told.severity == Severity::Error);
        read.ok_or_else(|| told.into_iter().next().map_or_else(String::new, |told| told.message))
    }
}

/// An amount in minor units as it is printed.
fn money(minor_units: f64, digits: u32, more: u32) -> Decimal {
    let scaled = minor_units * 10_f64.powi(more.cast_signed());
    let whole = scaled.round_ties_even();
    // Far more than any bill: what does not fit is shown as the largest that does.
    let whole = whole.clamp(-1e27, 1e27) as i128;
    Decimal::try_from_i128_with_scale(whole, digits + more).unwrap_or_default()
}

/// What a column of amounts comes to.
struct PeriodFigures {
    by_category: Vec<Figures>,
    is_nothing: bool,
}

/// The cycles of an account within a run.
fn cycles_of(simulation: &Simulation<'_>, account: AccountId) -> Vec<Cycle> {
    let day = simulation.accounts.get(account).billing_day;
    simulation.book.calendar(day).cycles_in(simulation.run).collect()
}
