//! `sharebill check`: findings only.

use std::sync::{PoisonError, RwLock};

use clap::Args;

use crate::bill::{Options, USUAL_PIECE};
use crate::cli::bill::RuleArgs;
use crate::cli::inputs::LogArgs;
use crate::cli::memory::Memory;
use crate::cli::replay::Job;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped, book};
use crate::read::feed::SharedNames;
use crate::replay::Nobody;
use crate::scratch::Scratch;
use crate::value::Names;
use crate::world::{Enforcement, Finding, Level};
use crate::write::{self, InputReport};

/// Findings only: what is not allowed, or not wise
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    logs: LogArgs,
    /// The price book: a folder
    #[arg(long, value_name = "BOOK")]
    prices: String,
    #[command(flatten)]
    rules: RuleArgs,
    /// End with status 1 when there is an error finding
    #[arg(long, help_heading = "Rules", conflicts_with = "allow_findings")]
    strict: bool,
    /// End with status 0 even when rows were set aside
    #[arg(long, help_heading = "Rules")]
    allow_findings: bool,
}

impl Check {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        let mut names = Names::default();
        let (book, _) = book::load_book(&self.prices, &mut names, scribe)?;
        let names = SharedNames::new(RwLock::new(names));
        let scratch = Scratch::default();
        let options = Options {
            enforcement: self.rules.enforcement(Enforcement::Enforce),
            start: self.rules.start,
            end: self.rules.end,
            allow_unpriced: true,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            piece: USUAL_PIECE,
        };
        let (how, events) = (&self.logs.how, &self.logs.events);
        let mut inputs = how.open(events, options.threads, &names, &scratch, scribe)?;
        let (options, names, memory) = (&options, &names, Memory::usual());
        let job = Job { book: &book, names, options, scratch: &scratch, memory, scribe };
        let lived = job.replay(&mut inputs, || Nobody)?;
        let set_aside =
            !lived.unreadable.is_empty() || !lived.replayed.history.set_aside.is_empty();
        let findings = lived.all_findings();
        let reports = inputs.reports()?;
        let names = names.read().unwrap_or_else(PoisonError::into_inner);
        let text = if scribe.is_json() {
            write::json::findings(&findings, &reports, &names)
        } else {
            lines(&findings, &reports)
        };
        if let Some(converted) = &inputs.conversion {
            scribe.note(&write::convert::table(&converted.table));
        }
        scribe.result(&text)?;
        Ok(self.exit(&findings, set_aside))
    }

    fn exit(&self, findings: &[Finding], set_aside: bool) -> Exit {
        let has_errors = findings.iter().any(|finding| finding.level() == Level::Error);
        if self.strict && has_errors {
            Exit::Wrong
        } else if set_aside && !self.allow_findings {
            Exit::SetAside
        } else {
            Exit::Done
        }
    }
}

/// One line a finding, and the counts.
fn lines(findings: &[Finding], inputs: &[InputReport]) -> String {
    let mut text = String::new();
    for finding in findings {
        let file = inputs.get(finding.origin.input as usize).map_or("", |i| i.name.as_str());
        text += &write::text::finding_line(file, finding);
    }
    let errors = findings.iter().filter(|f| f.level() == Level::Error).count();
    text += &format!("{errors} errors, {} warnings\n", findings.len() - errors);
    text
}
