//! The short way: many runs of a scenario.

use std::sync::PoisonError;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::bill::BillError;
use crate::cli::Stopped;
use crate::cli::progress;
use crate::cli::project::Making;
use crate::cli::project::history::{History, job};
use crate::cli::project::past::Past;
use crate::cli::project::scenarios::Opened;
use crate::cli::replay::Planned;
use crate::cli::unbilled::explain_plan;
use crate::diagnostic::{Code, Diagnostic};
use crate::event::Batch;
use crate::meter::Context;
use crate::project::before::{Alive, Before};
use crate::project::outcome::Projection;
use crate::project::runs::{ProjectError, Simulation};
use crate::value::Span;

/// Projects a scenario from many runs.
pub(super) fn project(
    opened: &Opened,
    run: Span,
    chance: &Chance,
    past: &Past,
    history: &mut History,
    making: &Making<'_>,
) -> Result<Projection, Stopped> {
    let before = alive(opened, run, past, history, making)?;
    let names = making.names.read().unwrap_or_else(PoisonError::into_inner);
    let mut simulation = Simulation {
        scenario: &opened.scenario,
        draft: &opened.draft,
        context: opened.context(making.book),
        varies: &opened.varies,
        book: making.book,
        accounts: making.accounts,
        names: &names,
        run,
        enforcement: making.options.enforcement,
        runs: chance.runs,
        seed: chance.seed,
        threads: making.options.threads,
        allow_unpriced: making.options.allow_unpriced,
        one_by_one: chance.one_by_one,
        before: before.as_ref(),
        trend: past.trend.as_ref(),
    };
    let book = opened.book(making.book);
    loop {
        let bar = progress::stage(making.scribe, "drawing", u64::from(simulation.runs) * 100);
        let projected = simulation.project(|accounts| bar.inc(accounts));
        bar.finish_and_clear();
        let projection = projected.map_err(|error| match error {
            ProjectError::Bill(error) => explain_plan(error, book, &names),
            ProjectError::Draw { .. } => {
                let diagnostic = Diagnostic::error(Code::DistributionWrong, error.to_string());
                vec![diagnostic.help("narrow the distribution, or bound it (triangular, pert)")]
            }
        })?;
        match chance.until_error.and_then(|limit| more_runs(&projection, limit)) {
            Some(more) => simulation.runs = more,
            None => return Ok(projection),
        }
    }
}

/// How many runs to draw, and from where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance {
    pub(super) runs: u32,
    pub(super) seed: u64,
    /// How far the mean of all money may be off: a standard error, as a part of the mean.
    pub(super) until_error: Option<Decimal>,
    pub(super) one_by_one: bool,
}

/// The most runs that are drawn to make an error small.
const MOST_RUNS: u32 = 1_000_000;

/// How many runs are needed where these are too few: four times as many halve the error. Drawn
/// from the first again, so that what comes out does not depend on how it was reached.
fn more_runs(projection: &Projection, limit: Decimal) -> Option<u32> {
    let whole = projection.whole()?;
    let (mean, error) = (whole.figures.mean, whole.figures.standard_error?);
    if mean.is_zero() || error <= mean * limit || projection.runs >= MOST_RUNS {
        return None;
    }
    let times = error.checked_div(mean.checked_mul(limit)?)?;
    // A little more, as the error is an estimate itself.
    let runs = Decimal::from(projection.runs) * times.checked_mul(times)? * Decimal::new(11, 1);
    Some(runs.ceil().to_u32().unwrap_or(MOST_RUNS).clamp(projection.runs + 1, MOST_RUNS))
}

/// What goes on from the history.
fn alive(
    opened: &Opened,
    run: Span,
    past: &Past,
    history: &mut History,
    making: &Making<'_>,
) -> Result<Option<Before>, Stopped> {
    let Some(inputs) = history.rewound() else { return Ok(None) };
    let book = opened.book(making.book);
    let options = crate::bill::Options { end: Some(run.start), ..making.options };
    let batch = Batch::default();
    let plan = Planned { batch: &batch, run };
    let told = || Alive::at(run, past.attrition.as_ref());
    let lived = job(making, &options, book).replay_and_go_on(inputs, told, Some(&plan))?;
    let context = Context { book, accounts: making.accounts, run };
    let before = lived.replayed.told.close(&context);
    let names = making.names.read().unwrap_or_else(PoisonError::into_inner);
    let explain = |overflow| explain_plan(BillError::from(overflow), book, &names);
    before.map(Some).map_err(explain)
}
