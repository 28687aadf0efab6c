//! `sharebill check`: findings only, of what happened and of what is planned.

use std::sync::{PoisonError, RwLock};

use clap::Args;

use crate::account::Accounts;
use crate::bill::{Options, USUAL_PIECE};
use crate::book::Book;
use crate::cli::bill::RuleArgs;
use crate::cli::inputs::ReadArgs;
use crate::cli::memory::Memory;
use crate::cli::project::{History, Making, Mean, Opened, Past, Scenarios, parse_setting};
use crate::cli::replay::{Job, Lived};
use crate::cli::scribe::Scribe;
use crate::cli::threads::threads;
use crate::cli::{Exit, Stopped, book};
use crate::diagnostic::{Code, Diagnostic};
use crate::read::feed::SharedNames;
use crate::replay::Nobody;
use crate::scratch::Scratch;
use crate::value::{Names, Span};
use crate::world::{Enforcement, Finding, Level};
use crate::write::{self, InputReport};

/// Findings only: what is not allowed, or not wise
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Event logs: plain, .gz or .zst; `-` is standard input
    #[arg(required_unless_present = "scenario", value_name = "EVENTS")]
    events: Vec<String>,
    #[command(flatten)]
    how: ReadArgs,
    /// The price book: a folder
    #[arg(long, value_name = "BOOK")]
    prices: String,
    /// What is planned, after the events or alone
    #[arg(long, value_name = "FILE", help_heading = "Scenario")]
    scenario: Option<String>,
    /// Put another value into the scenario, by its path: fleet.0.count=20
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = parse_setting,
          requires = "scenario", help_heading = "Scenario")]
    settings: Vec<(String, String)>,
    #[command(flatten)]
    rules: RuleArgs,
    /// End with status 1 when there is an error finding
    #[arg(long, help_heading = "Rules", conflicts_with = "allow_findings")]
    strict: bool,
    /// End with status 0 even when rows were set aside
    #[arg(long, help_heading = "Rules")]
    allow_findings: bool,
}

/// What was found, and where.
struct Found {
    findings: Vec<Finding>,
    /// Whether rows or steps are set aside.
    set_aside: bool,
    reports: Vec<InputReport>,
    /// What became of foreign formats.
    conversion: Option<String>,
}

impl Check {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        let mut names = Names::default();
        let (book, _) = book::load_book(&self.prices, &mut names, scribe)?;
        let accounts = Accounts::new(book.default_level);
        let planned = match &self.scenario {
            Some(file) => Some(self.open(file, &book, &accounts, &mut names, scribe)?),
            None => None,
        };
        let names = SharedNames::new(RwLock::new(names));
        let scratch = Scratch::default();
        let options = Options {
            enforcement: self.rules.enforcement(Enforcement::Enforce),
            start: self.rules.start,
            end: self.rules.end,
            allow_unpriced: true,
            threads: threads(None),
            piece: USUAL_PIECE,
        };
        let (book, accounts, names, scratch) = (&book, &accounts, &names, &scratch);
        let making = Making { book, accounts, names, options, scratch, scribe };
        let found = match &planned {
            Some(opened) => self.check_plan(opened, &making)?,
            None => self.check_logs(&making)?,
        };
        let names = names.read().unwrap_or_else(PoisonError::into_inner);
        let text = if scribe.is_json() {
            write::json::findings(&found.findings, &found.reports, &names)
        } else {
            lines(&found.findings, &found.reports)
        };
        if let Some(conversion) = &found.conversion {
            scribe.note(conversion);
        }
        scribe.result(&text)?;
        Ok(self.exit(&found.findings, found.set_aside))
    }

    fn open(
        &self,
        file: &String,
        book: &Book,
        accounts: &Accounts,
        names: &mut Names,
        scribe: &Scribe,
    ) -> Result<Opened, Stopped> {
        let files = std::slice::from_ref(file);
        let has_history = !self.events.is_empty();
        let opening = Scenarios { files, settings: &self.settings, book, accounts, has_history };
        let (opened, _) = opening.open(names, scribe)?;
        opened.into_iter().next().ok_or_else(Vec::new)
    }

    fn check_logs(&self, making: &Making<'_>) -> Result<Found, Stopped> {
        let Making { book, names, options, scratch, scribe, .. } = *making;
        let mut inputs = self.how.open(&self.events, options.threads, names, scratch, scribe)?;
        let job = Job { book, names, options: &options, scratch, memory: Memory::usual(), scribe };
        let mut lived = job.replay(&mut inputs, || Nobody)?;
        Ok(Found {
            findings: lived.all_findings(),
            set_aside: has_set_aside(&lived),
            reports: inputs.reports()?,
            conversion: inputs.conversion.as_ref().map(|of| write::convert::table(&of.table)),
        })
    }

    /// What the cloud would say to a plan, after what has happened: before a cent is computed.
    fn check_plan(&self, opened: &Opened, making: &Making<'_>) -> Result<Found, Stopped> {
        let mut history = History::open(&self.events, &self.how, making)?;
        let run = opened.run(self.rules.start, None, &mut history, making)?;
        let run = Span { end: self.rules.end.unwrap_or(run.end), ..run };
        if run.start >= run.end {
            let Span { start, end } = run;
            let message =
                format!("the plan ends at {end}, which is not after its start at {start}");
            let diagnostic = Diagnostic::error(Code::RunEmpty, message);
            return Err(vec![diagnostic.help("check --start and --end")]);
        }
        let mut lived = Mean { opened, run, past: &Past::default(), making }.check(&mut history)?;
        let mut reports = history.reports()?;
        let name = format!("scenario {}", opened.scenario.name);
        reports.push(InputReport { name, ..InputReport::default() });
        Ok(Found {
            findings: lived.all_findings(),
            set_aside: has_set_aside(&lived),
            reports,
            conversion: history.conversion().map(|of| write::convert::table(&of.table)),
        })
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

fn has_set_aside(lived: &Lived<Nobody>) -> bool {
    !lived.unreadable.is_empty() || !lived.replayed.history.set_aside.is_empty()
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
