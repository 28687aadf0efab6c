//! What the history says of what comes: which of the servers that are there end, and when.

use crate::cli::Stopped;
use crate::cli::project::Making;
use crate::cli::project::mean::{History, job};
use crate::cli::replay::Planned;
use crate::event::Batch;
use crate::project::attrition::{Attrition, Lives};
use crate::project::log::Log;
use crate::read::scenario::Assumption;
use crate::value::{Names, Span};

/// What is asked of a history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// How long servers live.
    pub(super) attrition: bool,
}

/// What a history says.
#[derive(Debug, Default)]
pub(in crate::cli) struct Past {
    /// How long servers live; `None` where nobody asks, or there is no history.
    pub(super) attrition: Option<Attrition>,
}

impl Past {
    /// Reads the history up to the start of a run.
    pub(super) fn read(
        asked: Asked,
        run: Span,
        history: &mut History,
        making: &Making<'_>,
    ) -> Result<Past, Stopped> {
        if !asked.attrition {
            return Ok(Past::default());
        }
        let Some(inputs) = history.rewound() else { return Ok(Past::default()) };
        let options = crate::bill::Options { end: Some(run.start), ..making.options };
        let batch = Batch::default();
        let until = Planned { batch: &batch, run: Span { start: run.start, end: run.start } };
        let lives = || Lives::until(run.start);
        let job = job(making, &options, making.book);
        let lived = job.replay_and_go_on(inputs, lives, Some(&until))?;
        Ok(Past { attrition: Some(lived.replayed.told.close()) })
    }

    /// Writes down what happens to the history's own servers, without chance.
    pub(super) fn tell(&self, run: Span, log: &mut Log<'_>) {
        for (account, leaving) in self.attrition.iter().flatten() {
            for (server, at) in leaving.mean(run) {
                log.delete_server(*account, &server.id, at);
            }
        }
    }

    /// What is assumed by it, by account.
    pub(super) fn assumptions(&self, names: &Names) -> Vec<Assumption> {
        let assumption = |(account, leaving): (&_, &crate::project::attrition::Leaving)| {
            let (alive, ended) = (leaving.servers.len(), leaving.ended);
            Assumption {
                path: format!("attrition.{}", names.accounts.text(*account)),
                value: format!("{alive} servers alive, lifetimes of {ended} that ended"),
                source: "events".to_owned(),
            }
        };
        let mut all: Vec<Assumption> = self.attrition.iter().flatten().map(assumption).collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all
    }
}
