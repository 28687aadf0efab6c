//! The long way: a scenario as a log, lived through after the history, and billed.

use std::sync::PoisonError;

use crate::bill::{BillError, Detail, Settled, Settling, replay_batch};
use crate::cli::Stopped;
use crate::cli::output::OutputFolder;
use crate::cli::project::Making;
use crate::cli::project::history::{History, job};
use crate::cli::project::past::Past;
use crate::cli::project::scenarios::Opened;
use crate::cli::replay::{self, Planned};
use crate::cli::scribe::Scribe;
use crate::cli::tables::{settle_watched, write_sharing, write_tables_watched};
use crate::cli::unbilled::{explain, explain_plan};
use crate::event::Batch;
use crate::ledger::{BUDGET, Ledger};
use crate::project::log;
use crate::project::outcome::{Projection, deterministic};
use crate::project::plan::Planner;
use crate::replay::{Nobody, Replayed, TakeTold};
use crate::statement::{Images, Statement};
use crate::value::{Names, Span};
use crate::world::Finding;
use crate::write::{self, InputReport};

/// A scenario with every distribution at its mean.
pub(in crate::cli) struct Mean<'a> {
    pub(in crate::cli) opened: &'a Opened,
    pub(in crate::cli) run: Span,
    pub(in crate::cli) past: &'a Past,
    pub(in crate::cli) making: &'a Making<'a>,
}

/// What came of it.
pub(super) struct Lived {
    pub(super) projection: Projection,
    /// The plan as a log, in order.
    pub(super) batch: Batch,
    pub(super) findings: Vec<Finding>,
    /// How many steps the cloud refuses.
    pub(super) refused: usize,
}

impl Mean<'_> {
    /// Lives through it, and bills it; the bill's tables go to `folder`.
    pub(super) fn live(
        &self,
        history: &mut History,
        folder: Option<&mut OutputFolder>,
    ) -> Result<Lived, Stopped> {
        let Making { accounts, scratch, .. } = *self.making;
        let book = self.opened.book(self.making.book);
        let start = Some(self.run.start);
        let ledger = || Ledger::new(book, accounts, start, scratch.clone(), BUDGET);
        let batch = self.log(history);
        let lived = self.replay(history, &batch, ledger)?;
        self.bill(lived.replayed, batch, history, folder)
    }

    /// What is refused or unwise, in the history and then in the plan; nothing is billed.
    pub(in crate::cli) fn check(
        &self,
        history: &mut History,
    ) -> Result<replay::Lived<Nobody>, Stopped> {
        let batch = self.log(history);
        self.replay(history, &batch, || Nobody)
    }

    /// Lives through the history, and then the plan.
    fn replay<T: TakeTold>(
        &self,
        history: &mut History,
        batch: &Batch,
        told: impl Fn() -> T,
    ) -> Result<replay::Lived<T>, Stopped> {
        let Making { names, options, .. } = *self.making;
        let book = self.opened.book(self.making.book);
        match history.rewound() {
            Some(inputs) => {
                // What the history has at or after the start is not applied: the plan goes on from
                // there.
                let options = crate::bill::Options { end: Some(self.run.start), ..options };
                let plan = Planned { batch, run: self.run };
                job(self.making, &options, book).replay_and_go_on(inputs, told, Some(&plan))
            }
            None => {
                let names = names.read().unwrap_or_else(PoisonError::into_inner);
                let options = crate::bill::Options { end: Some(self.run.end), ..options };
                let replayed =
                    replay_batch(batch.clone(), book, &names, self.run, &options, told())
                        .map_err(|error| explain_plan(error, book, &names))?;
                Ok(replay::Lived { replayed, unreadable: Vec::new(), run: Some(self.run) })
            }
        }
    }

    /// The plan as a log.
    fn log(&self, history: &History) -> Batch {
        let input = history.inputs.as_ref().map_or(0, |inputs| inputs.count() as u32);
        let names = self.making.names.read().unwrap_or_else(PoisonError::into_inner);
        let Mean { opened: Opened { scenario, .. }, run, .. } = *self;
        let enforcement = self.making.options.enforcement;
        let book = self.making.book;
        let planner = Planner { scenario, book, run, enforcement, names: &names };
        log::written(&planner, input, |log| self.past.tell(run, &names, log))
    }

    fn bill(
        &self,
        replayed: Replayed<Ledger<'_>>,
        batch: Batch,
        history: &History,
        folder: Option<&mut OutputFolder>,
    ) -> Result<Lived, Stopped> {
        let Making { accounts, names, options, scratch, .. } = *self.making;
        let names = &*names.read().unwrap_or_else(PoisonError::into_inner);
        let book = self.opened.book(self.making.book);
        let explain = |error: BillError| match &history.inputs {
            Some(inputs) => explain(error, book, names, inputs),
            None => explain_plan(error, book, names),
        };
        let Replayed { told: ledger, mut history, texts, .. } = replayed;
        let images = Images::new(std::mem::take(&mut history.images), &texts);
        let units = ledger.close(&names.accounts).map_err(|error| explain(error.into()))?;
        let settling = Settling {
            book,
            accounts,
            names,
            texts: &texts,
            images: &images,
            run: self.run,
            allow_unpriced: options.allow_unpriced,
            detail: Detail::None,
            threads: options.threads,
            scratch,
            budget: BUDGET,
        };
        let mut statements: Vec<Statement> = Vec::new();
        let mut watch = |more: Vec<Statement>| statements.extend(more);
        match folder {
            Some(folder) => {
                let settled = write_tables_watched(folder, units, &settling, &mut watch);
                let Settled { sharing, .. } = settled.map_err(|halt| halt.told(explain))?;
                let written = write_sharing(folder, sharing, &settling);
                written.map_err(|halt| halt.told(explain))?;
            }
            None => {
                let settled = settle_watched(units, &settling, &mut watch);
                settled.map_err(|halt| halt.told(explain))?;
            }
        }
        let scenario = &self.opened.scenario;
        let name = scenario.name.clone();
        let projection = deterministic(name, &statements, &scenario.budgets, book.currency, names)
            .map_err(|overflow| explain(overflow.into()))?;
        let findings = history.findings;
        let refused = history.set_aside.len();
        Ok(Lived { projection, batch, findings, refused })
    }
}

/// `findings.csv`: of each scenario, its name standing for the file.
pub(super) fn write_findings(
    folder: &mut OutputFolder,
    all: &[(String, Vec<Finding>)],
    names: &Names,
) -> Result<(), Stopped> {
    let mut reports = Vec::new();
    let mut findings = Vec::new();
    for (scenario, of_one) in all {
        let place = reports.len() as u32;
        let name = format!("scenario {scenario}");
        reports.push(InputReport { name, ..InputReport::default() });
        for finding in of_one {
            let mut finding = finding.clone();
            finding.origin.input = place;
            findings.push(finding);
        }
    }
    folder.write("findings.csv", |out| write::csv::findings(out, &findings, &reports, names))
}

/// Tells how often the cloud would refuse something, and the first of each kind.
pub(super) fn tell_findings(
    all: &[(String, Vec<Finding>)],
    scribe: &Scribe,
) -> Result<(), Stopped> {
    let lines = |(scenario, findings): &(String, Vec<Finding>)| {
        write::text::kinds_of_findings(findings, &format!(" ({})", write::text::visible(scenario)))
    };
    let text: String = all.iter().map(lines).collect();
    if text.is_empty() { Ok(()) } else { scribe.summary(&format!("\n{text}")) }
}
