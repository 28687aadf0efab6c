//! `sharebill report`: finished runs as a page and as a workbook.

mod gather;

use clap::Args;

use crate::cli::compare::compare_runs;
use crate::cli::output::{check_new_file, write_file};
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use crate::diagnostic::{Code, Diagnostic};
use crate::report::{Difference, Report, RunReport, Told};
use crate::value::Overflow;
use crate::write;

/// Finished runs as a page that opens from disk, and as a workbook
///
/// All amounts are those of the runs' files. Two runs come with a waterfall of why they differ, as
/// `sharebill compare` tells it.
#[derive(Debug, Args)]
pub(super) struct ReportCommand {
    /// Folders that `bill` or `project` wrote
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<String>,
    /// Write a page: charts and tables in one file, for any browser, without a network
    #[arg(long, value_name = "FILE", required_unless_present = "xlsx")]
    html: Option<String>,
    /// Write a workbook: every statement and charge, with formulas and charts
    #[arg(long, value_name = "FILE")]
    xlsx: Option<String>,
    /// Replace the files
    #[arg(long)]
    force: bool,
}

impl ReportCommand {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        // Refused before any work is done.
        for file in [&self.html, &self.xlsx].into_iter().flatten() {
            check_new_file(file, self.force)?;
        }
        let folders: Result<Vec<RunFolder>, Stopped> =
            self.runs.iter().map(|name| RunFolder::open(name)).collect();
        let folders = folders?;
        let runs: Result<Vec<_>, Stopped> =
            folders.iter().map(|folder| gather::gather(folder, scribe)).collect();
        let runs = runs?;
        one_currency(&runs)?;
        let report = Report { runs, difference: self.difference()? };
        let mut written = Vec::new();
        if let Some(file) = &self.html {
            let page = write::html::page(&report).map_err(too_large)?;
            write_file(file, page.as_bytes())?;
            written.push(file.as_str());
        }
        if let Some(file) = &self.xlsx {
            let book = gather::workbook(&report, &folders)?;
            write_file(file, &book)?;
            written.push(file.as_str());
        }
        if written.contains(&"-") {
            return Ok(Exit::Done);
        }
        let told = told(&written, scribe.is_json());
        if scribe.is_json() {
            scribe.result(&told)?
        } else {
            scribe.summary(&told)?
        }
        Ok(Exit::Done)
    }

    /// Why the second of two runs differs; where they cannot be compared, why. That a file cannot be
    /// read any more is no such reason.
    fn difference(&self) -> Result<Option<Difference>, Stopped> {
        let [a, b] = self.runs.as_slice() else { return Ok(None) };
        let told = compare_runs(a, b).and_then(|(comparison, names, currency)| {
            Told::of(&comparison, &names, currency).map_err(too_large)
        });
        let told = match told {
            Ok(told) => Ok(told),
            Err(why) if why.iter().any(|why| why.code == Code::FileUnreadable) => return Err(why),
            Err(why) => Err(why.into_iter().next().map_or(String::new(), |d| d.message)),
        };
        Ok(Some(Difference { a: a.clone(), b: b.clone(), told }))
    }
}

/// Amounts in two currencies are never added up (P8).
fn one_currency(runs: &[RunReport]) -> Result<(), Stopped> {
    let mut known = runs.iter().filter_map(|run| Some((run.currency?, &run.name)));
    let Some((first, name)) = known.next() else { return Ok(()) };
    match known.find(|(currency, _)| *currency != first) {
        None => Ok(()),
        Some((other, its)) => {
            let message = format!("`{name}` is in {first} and `{its}` in {other}");
            let help = "sharebill does not convert: make a report of each";
            Err(vec![Diagnostic::error(Code::CurrenciesDiffer, message).help(help)])
        }
    }
}

/// What was written, for people or machines.
fn told(written: &[&str], is_json: bool) -> String {
    if is_json {
        return write::json::to_text(&serde_json::json!({ "written": written }));
    }
    let files: Vec<String> = written.iter().map(|file| write::text::visible(file)).collect();
    format!("Written: {}\n", files.join(", "))
}

fn too_large(error: Overflow) -> Stopped {
    vec![Diagnostic::error(Code::TooLarge, error.to_string())]
}
