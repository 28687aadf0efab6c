//! `sharebill check`: findings only.

use clap::Args;

use crate::bill::{Options, USUAL_PIECE, live, run_of};
use crate::cli::bill::{RuleArgs, all_findings, explain};
use crate::cli::inputs::LogArgs;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped, book};
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
        let mut logs = self.logs.read(&mut names, scribe)?;
        let events = std::mem::take(&mut logs.rows.events);
        let options = Options {
            enforcement: self.rules.enforcement(Enforcement::Enforce),
            start: self.rules.start,
            end: self.rules.end,
            allow_unpriced: true,
            threads: 1,
            piece: USUAL_PIECE,
        };
        let mut set_aside = !logs.rows.unreadable.is_empty();
        let findings = if events.is_empty() {
            all_findings(&[], &logs)
        } else {
            let run =
                run_of(&events, &options).map_err(|error| explain(error, &book, &names, &logs))?;
            let (history, _) = live(events, &book, &names, run, &options)
                .map_err(|error| explain(error, &book, &names, &logs))?;
            set_aside |= !history.set_aside.is_empty();
            all_findings(&history.findings, &logs)
        };
        let inputs: Vec<InputReport> =
            logs.inputs.iter().map(|input| input.report.clone()).collect();
        let text = if scribe.is_json() {
            write::json::findings(&findings, &inputs, &names)
        } else {
            lines(&findings, &inputs)
        };
        if let Some(converted) = &logs.conversion {
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
