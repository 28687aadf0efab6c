//! `sharebill convert`: foreign formats to native events.

use clap::Args;
use rustc_hash::FxHashSet;

use crate::cli::inputs::{LogArgs, row_text};
use crate::cli::logs::Inputs;
use crate::cli::output::write_file;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use crate::diagnostic::{Code, Diagnostic};
use crate::disk;
use crate::read::events::Unreadable;
use crate::read::feed::SharedNames;
use crate::scratch::Scratch;
use crate::write;

/// Foreign formats to native events
#[derive(Debug, Args)]
pub(super) struct Convert {
    #[command(flatten)]
    logs: LogArgs,
    /// The file to write; `-` is standard output
    #[arg(long, value_name = "FILE")]
    out: String,
    /// End with status 0 even when records were set aside
    #[arg(long)]
    allow_findings: bool,
}

impl Convert {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        self.check_out()?;
        let names = SharedNames::default();
        let how = &self.logs.how;
        let mut logs = how.open(&self.logs.events, 1, &names, &Scratch::default(), scribe)?;
        if logs.conversion.is_none() {
            let message = "these are native events already";
            let help = "sharebill bill and check read them as they are";
            return Err(vec![Diagnostic::error(Code::FormatUnknown, message).help(help)]);
        }
        let mut unreadable = Vec::new();
        logs.for_each(|batch| unreadable.extend_from_slice(&batch.unreadable))?;
        let Some(converted) = &logs.conversion else { return Ok(Exit::Done) };
        let mut csv = Vec::new();
        // What could not be read as a native row is told below, and not written.
        let refused: FxHashSet<u64> =
            unreadable.iter().map(|row| row.finding.origin.record).collect();
        let kept = converted.rows.iter().enumerate();
        let kept = kept.filter(|(number, _)| !refused.contains(&(*number as u64)));
        write::csv::events(&mut csv, kept.map(|(_, row)| row_text(row)))
            .map_err(|error| vec![Diagnostic::error(Code::FileUnwritable, error.to_string())])?;
        write_file(&self.out, &csv)?;
        let table = if scribe.is_json() {
            write::convert::json(&converted.table)
        } else {
            write::convert::table(&converted.table)
        };
        // Beside events on standard output, the table would be a row among rows.
        if self.out == "-" {
            scribe.note(&table);
        } else {
            scribe.summary(&table)?;
        }
        Ok(self.tell_problems(&unreadable, &logs, scribe))
    }

    /// An input is never written over, whatever path leads to it.
    fn check_out(&self) -> Result<(), Stopped> {
        let Ok(out) = disk::real_path(&self.out) else { return Ok(()) };
        let is_input = |name: &&String| disk::real_path(name).is_ok_and(|input| input == out);
        let inputs = self.logs.how.files_of(&self.logs.events)?;
        let Some(input) = inputs.iter().find(is_input) else { return Ok(()) };
        let message = format!("`{}` is the input `{input}`", self.out);
        let diagnostic = Diagnostic::error(Code::OutputExists, message);
        Err(vec![diagnostic.help("choose another file for --out")])
    }

    /// Names every record that could not be converted.
    fn tell_problems(&self, unreadable: &[Unreadable], logs: &Inputs, scribe: &Scribe) -> Exit {
        for row in unreadable {
            let finding = &row.finding;
            let name = logs.name(finding.origin.input as usize);
            scribe.problem(&write::text::finding_line(name, finding));
        }
        if unreadable.is_empty() || self.allow_findings { Exit::Done } else { Exit::SetAside }
    }
}
