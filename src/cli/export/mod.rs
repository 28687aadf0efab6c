//! `sharebill export`: a finished run in the forms that others read.

mod focus;
mod journal;
mod office;
mod people;

pub(super) use focus::into_run;
pub(super) use people::people_of;

use clap::{Args, ValueEnum};

use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use crate::diagnostic::{Code, Diagnostic};
use crate::run::focus::FocusVersion;

/// A finished run in the forms that others read: FOCUS, a journal, a spreadsheet
///
/// Everything is walked from what the run's folder says; nothing is computed anew.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The folder of a run
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    form: Form,
    /// The file to write; with --excel, the folder
    #[arg(long, value_name = "PATH")]
    out: String,
    /// Replace the file
    #[arg(long, conflicts_with = "excel")]
    force: bool,
    /// Names and cost centers of accounts [default: the file that the run was made with]
    #[arg(long, value_name = "FILE", conflicts_with = "excel")]
    accounts: Option<String>,
    #[command(flatten)]
    focus_args: FocusArgs,
}

/// One of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Form {
    /// FOCUS Cost and Usage of this version
    #[arg(long, value_enum, value_name = "VERSION")]
    focus: Option<VersionArg>,
    /// A journal for a general ledger, by a file that says what goes to which account
    #[arg(long, value_name = "MAP")]
    gl: Option<String>,
    /// The run's tables for spreadsheet programs: a byte order mark, CRLF, and no formulas
    #[arg(long)]
    excel: bool,
}

/// What only FOCUS has.
#[derive(Debug, Args)]
#[command(next_help_heading = "FOCUS")]
struct FocusArgs {
    /// In which format
    #[arg(long = "as", value_enum, value_name = "FORMAT", default_value_t = FormatArg::Csv,
          conflicts_with_all = ["gl", "excel"])]
    file_format: FormatArg,
    /// A row a resource instead of a row a charge; the run has to be made with --detail
    #[arg(long, conflicts_with_all = ["gl", "excel"])]
    detail: bool,
    /// Who provides the cloud and writes the invoices [default: the price book's id]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["gl", "excel"])]
    provider: Option<String>,
    /// Which scenario, where the run is a projection with several
    #[arg(long, value_name = "NAME", conflicts_with_all = ["gl", "excel"])]
    scenario: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum VersionArg {
    /// 57 columns
    #[value(name = "1.2")]
    V1_2,
    /// 65 columns
    #[value(name = "1.4")]
    V1_4,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    Csv,
    Parquet,
}

impl From<VersionArg> for FocusVersion {
    fn from(version: VersionArg) -> FocusVersion {
        match version {
            VersionArg::V1_2 => FocusVersion::V1_2,
            VersionArg::V1_4 => FocusVersion::V1_4,
        }
    }
}

impl Export {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        let run = RunFolder::open(&self.run)?;
        let said = match (&self.form.focus, &self.form.gl) {
            (Some(version), _) => self.focus(&run, (*version).into(), scribe)?,
            (None, Some(map)) => self.journal(&run, map, scribe)?,
            (None, None) => self.office(&run, scribe)?,
        };
        scribe.summary(&said)?;
        Ok(Exit::Done)
    }
}

/// What to say about a run that lacks what an export needs.
fn lacks(message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::error(Code::RunLacks, message).help(help)
}
