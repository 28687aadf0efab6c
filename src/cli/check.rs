//! `sharebill check`: findings only.

use std::io::Write as _;

use clap::Args;

use crate::bill::{Options, live, run_of};
use crate::cli::bill::{RuleArgs, all_findings, explain};
use crate::cli::inputs::LogArgs;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped, book};
use crate::diagnostic::{Code, Diagnostic};
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
    /// End with status 0 even when there are error findings
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
        };
        let findings = if events.is_empty() {
            all_findings(&[], &logs)
        } else {
            let run = run_of(&events, &options).map_err(|error| explain(error, &book, &names))?;
            let (history, _) = live(events, &book, &names, options.enforcement, run);
            all_findings(&history.findings, &logs)
        };
        let inputs: Vec<InputReport> =
            logs.inputs.iter().map(|input| input.report.clone()).collect();
        let text = if scribe.is_json() {
            write::json::findings(&findings, &inputs, &names)
        } else {
            lines(&findings, &inputs)?
        };
        scribe.result(&text)?;
        Ok(self.exit(&findings))
    }

    fn exit(&self, findings: &[Finding]) -> Exit {
        let has_errors = findings.iter().any(|finding| finding.level() == Level::Error);
        match (has_errors, self.strict, self.allow_findings) {
            (false, ..) | (true, _, true) => Exit::Done,
            (true, true, false) => Exit::Wrong,
            (true, false, false) => Exit::SetAside,
        }
    }
}

/// One line a finding, as compilers print theirs.
fn lines(findings: &[Finding], inputs: &[InputReport]) -> Result<String, Stopped> {
    let mut text = Vec::new();
    let mut write = || {
        for finding in findings {
            let file = inputs.get(finding.origin.input as usize).map_or("", |i| i.name.as_str());
            writeln!(
                text,
                "{}:{}: {}[{}]: {}",
                write::text::visible(file),
                finding.origin.line,
                finding.level().as_str(),
                finding.code.as_str(),
                write::text::visible(&finding.message)
            )?;
        }
        let errors = findings.iter().filter(|f| f.level() == Level::Error).count();
        writeln!(text, "{errors} errors, {} warnings", findings.len() - errors)
    };
    let failed =
        |error: std::io::Error| vec![Diagnostic::error(Code::FileUnwritable, error.to_string())];
    write().map_err(failed)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
