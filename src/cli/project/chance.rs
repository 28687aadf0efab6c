//! The short way: many runs of a scenario.

use std::sync::PoisonError;

use crate::bill::BillError;
use crate::cli::Stopped;
use crate::cli::explain::explain_plan;
use crate::cli::progress;
use crate::cli::project::Making;
use crate::cli::project::mean::{History, job};
use crate::cli::project::scenarios::Opened;
use crate::cli::replay::Planned;
use crate::event::Batch;
use crate::meter::Context;
use crate::project::before::Alive;
use crate::project::outcome::Projection;
use crate::project::runs::{Before, Simulation};
use crate::value::Span;

/// Projects a scenario from many runs.
pub(super) fn project(
    opened: &Opened,
    run: Span,
    runs: u32,
    seed: u64,
    history: &mut History,
    making: &Making<'_>,
) -> Result<Projection, Stopped> {
    let before = alive(opened, run, history, making)?;
    let names = making.names.read().unwrap_or_else(PoisonError::into_inner);
    let simulation = Simulation {
        scenario: &opened.scenario,
        draft: &opened.draft,
        context: opened.context(making.book),
        varies: &opened.varies,
        book: making.book,
        accounts: making.accounts,
        names: &names,
        run,
        enforcement: making.options.enforcement,
        runs,
        seed,
        threads: making.options.threads,
        allow_unpriced: making.options.allow_unpriced,
        before: before.as_ref(),
    };
    let bar = progress::stage(making.scribe, "drawing", u64::from(runs) * 100);
    let projected = simulation.project(|accounts| bar.inc(accounts));
    bar.finish_and_clear();
    let book = opened.book(making.book);
    projected.map_err(|error| explain_plan(error, book, &names))
}

/// The usage of what goes on from the history.
fn alive(
    opened: &Opened,
    run: Span,
    history: &mut History,
    making: &Making<'_>,
) -> Result<Option<Before>, Stopped> {
    let Some(inputs) = history.from_the_start() else { return Ok(None) };
    let book = opened.book(making.book);
    let options = crate::bill::Options { end: Some(run.start), ..making.options };
    let batch = Batch::default();
    let plan = Planned { batch: &batch, run };
    let told = || Alive::at(run.start);
    let lived = job(making, &options, book).replay_and_go_on(inputs, told, Some(&plan))?;
    let context = Context { book, accounts: making.accounts, run };
    let usage = lived.replayed.told.usage(&context);
    let names = making.names.read().unwrap_or_else(PoisonError::into_inner);
    let explain = |overflow| explain_plan(BillError::from(overflow), book, &names);
    usage.map(Some).map_err(explain)
}
