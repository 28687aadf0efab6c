//! What the history says of what comes: which of the servers that are there end and when, and what
//! comes on top of them.

use std::sync::PoisonError;

use crate::cli::Stopped;
use crate::cli::project::Making;
use crate::cli::project::history::{History, job};
use crate::cli::replay::Planned;
use crate::event::Batch;
use crate::project::attrition::{Attrition, Lives};
use crate::project::log::Log;
use crate::project::luck::Luck;
use crate::project::trend::{Trend, TrendRow, Trended, Watch};
use crate::read::scenario::Assumption;
use crate::replay::{Nobody, TakeTold};
use crate::scratch::ScratchError;
use crate::value::{Names, ResourceTexts, Span};
use crate::world;

/// What is asked of a history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// How long servers live.
    pub(super) attrition: bool,
    /// What each account will use.
    pub(super) trend: bool,
}

/// What a history says.
#[derive(Debug, Default)]
pub(in crate::cli) struct Past {
    /// How long servers live; `None` where nobody asks, or there is no history.
    pub(super) attrition: Option<Attrition>,
    /// What each account will use; `None` likewise.
    pub(super) trend: Option<Trend>,
}

/// Listens to a history for what is asked of it, in one pass.
struct Listening {
    lives: Option<Lives>,
    usage: Option<Watch>,
}

impl TakeTold for Listening {
    fn take(
        &mut self,
        told: &mut world::History,
        texts: &impl ResourceTexts,
        names: &Names,
    ) -> Result<(), ScratchError> {
        if let Some(usage) = &mut self.usage {
            usage.see(told);
        }
        match &mut self.lives {
            Some(lives) => lives.take(told, texts, names),
            None => Nobody.take(told, texts, names),
        }
    }
}

impl Past {
    /// Reads the history up to the start of a run.
    pub(super) fn read(
        asked: Asked,
        run: Span,
        history: &mut History,
        making: &Making<'_>,
    ) -> Result<Past, Stopped> {
        if !asked.attrition && !asked.trend {
            return Ok(Past::default());
        }
        let Some(inputs) = history.rewound() else { return Ok(Past::default()) };
        let options = crate::bill::Options { end: Some(run.start), ..making.options };
        let batch = Batch::default();
        let until = Planned { batch: &batch, run: Span { start: run.start, end: run.start } };
        let listening = || Listening {
            lives: asked.attrition.then(|| Lives::until(run.start)),
            usage: asked.trend.then(|| Watch::until(run, making.book.server_increment)),
        };
        let job = job(making, &options, making.book);
        let told = job.replay_and_go_on(inputs, listening, Some(&until))?.replayed.told;
        let names = making.names.read().unwrap_or_else(PoisonError::into_inner);
        Ok(Past {
            attrition: told.lives.map(Lives::close),
            trend: told.usage.map(|usage| usage.close(&names, making.options.threads)),
        })
    }

    /// Writes down what happens to the history's own servers, and what comes on top of them,
    /// without chance.
    pub(super) fn tell(&self, run: Span, names: &Names, log: &mut Log<'_>) {
        if let Some(trend) = &self.trend {
            trend.tell(run, self.attrition.as_ref(), Luck::Mean, names, log);
        }
        for (account, leaving) in self.attrition.iter().flatten() {
            for (server, at) in leaving.mean(run) {
                log.delete_server(*account, &server.id, at);
            }
        }
    }

    /// What is assumed by it, by account.
    pub(super) fn assumptions(&self, names: &Names) -> Vec<Assumption> {
        let of_lives = |(account, leaving): (&_, &crate::project::attrition::Leaving)| {
            let (alive, ended) = (leaving.servers.len(), leaving.ended);
            (
                format!("attrition.{}", names.accounts.text(*account)),
                format!("{alive} servers alive, lifetimes of {ended} that ended"),
            )
        };
        let of_usage = |(account, series): (&_, &Vec<Trended>)| {
            let account = names.accounts.text(*account);
            let lines = series.iter().map(|trended| {
                let months = trended.history.len();
                let value = match &trended.forecast {
                    Some(_) => format!("forecast from {months} whole months, see trend.csv"),
                    None => format!("a history of {months} whole months is too short: none"),
                };
                (format!("trend.{account}.{}", trended.of.text(names)), value)
            });
            lines.collect::<Vec<_>>()
        };
        let lives = self.attrition.iter().flatten().map(of_lives);
        let usage = self.trend.iter().flat_map(|trend| trend.accounts.iter().flat_map(of_usage));
        let mut all: Vec<Assumption> = lives
            .chain(usage)
            .map(|(path, value)| Assumption { path, value, source: "events".to_owned() })
            .collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all
    }

    /// What each account used, and what comes of that.
    pub(super) fn trend_rows(&self, run: Span, names: &Names) -> Vec<TrendRow> {
        let trend = self.trend.as_ref();
        trend.map_or_else(Vec::new, |trend| trend.rows(run, self.attrition.as_ref(), names))
    }
}
