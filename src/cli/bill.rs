//! `sharebill bill`: events to statements.

use std::sync::{PoisonError, RwLock};

use clap::{Args, ValueEnum};

use crate::bill::{Counts, Detail, Options, Settled, Settling, USUAL_PIECE};
use crate::cli::export::{self, VersionArg};
use crate::cli::inputs::LogArgs;
use crate::cli::logs::Inputs;
use crate::cli::memory::Memory;
use crate::cli::output::{Kind, OutputFolder};
use crate::cli::replay::Job;
use crate::cli::scribe::Scribe;
use crate::cli::tables::{write_sharing, write_tables};
use crate::cli::threads::threads;
use crate::cli::unbilled::explain;
use crate::cli::{Exit, Stopped, book, progress};
use crate::ledger::{BUDGET, Ledger};
use crate::read::events::Unreadable;
use crate::read::feed::SharedNames;
use crate::replay::Replayed;
use crate::scratch::Scratch;
use crate::statement::Images;
use crate::value::{Instant, Names};
use crate::world::{Enforcement, Level};
use crate::write::{self, InputReport, RejectedRow, Report, Summary};

/// Events to statements: the main job
#[derive(Debug, Args)]
pub(super) struct Bill {
    #[command(flatten)]
    logs: LogArgs,
    /// The price book: a folder
    #[arg(long, value_name = "BOOK")]
    prices: String,
    /// Billing days, service levels and opening dates of accounts
    #[arg(long, value_name = "FILE")]
    accounts: Option<String>,
    /// The folder to write
    #[arg(long, value_name = "DIR")]
    out: String,
    /// Replace the folder if sharebill wrote it
    #[arg(long)]
    force: bool,
    /// Write allocations.csv too: every charge split over its resources
    #[arg(long)]
    detail: bool,
    /// Write charges.parquet too, and with --detail allocations.parquet
    #[arg(long)]
    parquet: bool,
    /// Write focus.csv too: the run as FOCUS Cost and Usage, a row a charge, and with --detail a
    /// row a resource
    #[arg(long, value_enum, value_name = "VERSION", num_args = 0..=1, require_equals = true,
          default_missing_value = "1.2")]
    focus: Option<VersionArg>,
    #[command(flatten)]
    rules: RuleArgs,
    /// Price usage without a rate at 0 instead of stopping
    #[arg(long, help_heading = "Rules")]
    allow_unpriced: bool,
    /// End with status 1 when there is an error finding
    #[arg(long, help_heading = "Rules", conflicts_with = "allow_findings")]
    strict: bool,
    /// End with status 0 even when rows were set aside
    #[arg(long, help_heading = "Rules")]
    allow_findings: bool,
    /// How many threads may work; the result is the same with any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// How much memory sorting may take where rows are not in order of time; the rest is sorted
    /// on disk [default: half of the machine's]
    #[arg(long, value_name = "SIZE")]
    memory: Option<Memory>,
}

/// The run and its policy.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(super) struct RuleArgs {
    /// The run's first instant, a date or an instant [default: the first event's month]
    #[arg(long, value_name = "DATE", value_parser = parse_instant)]
    pub(super) start: Option<Instant>,
    /// The first instant after the run [default: the end of the last event's month]
    #[arg(long, value_name = "DATE", value_parser = parse_instant)]
    pub(super) end: Option<Instant>,
    /// What happens to events that break a rule of sharing
    #[arg(long, value_enum)]
    policy: Option<PolicyArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PolicyArg {
    /// They are applied: a bill is about what did happen
    Report,
    /// Those of level error are set aside: the cloud would have refused them
    Enforce,
}

impl RuleArgs {
    /// The policy asked for.
    pub(super) fn enforcement(&self, default: Enforcement) -> Enforcement {
        match self.policy {
            None => default,
            Some(PolicyArg::Report) => Enforcement::Report,
            Some(PolicyArg::Enforce) => Enforcement::Enforce,
        }
    }
}

pub(super) fn parse_instant(text: &str) -> Result<Instant, String> {
    Instant::parse_date_or_instant(text).map_err(|error| error.to_string())
}

impl Bill {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        // Refused before any work is done.
        let mut folder = OutputFolder::begin(&self.out, Kind::Run, self.force)?;
        let mut names = Names::default();
        let (book, book_inputs) = book::load_book(&self.prices, &mut names, scribe)?;
        let accounts_file = self.accounts.as_deref();
        let (accounts, accounts_input) =
            book::load_accounts(accounts_file, &book, &mut names, scribe)?;
        let names = SharedNames::new(RwLock::new(names));
        let scratch = Scratch::default();
        let options = self.options();
        let (how, events) = (&self.logs.how, &self.logs.events);
        let mut inputs = how.open(events, options.threads, &names, &scratch, scribe)?;

        let (book, names, scratch) = (&book, &names, &scratch);
        let memory = self.memory.unwrap_or_else(Memory::usual);
        let job = Job { book, names, options: &options, scratch, memory, scribe };
        let new_ledger = || Ledger::new(book, &accounts, options.start, scratch.clone(), BUDGET);
        let mut lived = job.replay_into_ledger(&mut inputs, new_ledger)?;
        let Some(run) = lived.run else {
            let first = lived.unreadable.first().map(|row| &row.finding);
            return Err(vec![inputs.nothing_to_bill(first)]);
        };

        let bar = progress::stage(scribe, "billing", inputs.rows());
        let names = &*names.read().unwrap_or_else(PoisonError::into_inner);
        let explain = |error| explain(error, book, names, &inputs);
        let images = std::mem::take(&mut lived.replayed.history.images);
        let findings = lived.all_findings();
        let Replayed { told: ledger, history, texts, counts } = lived.replayed;
        let images = Images::new(images, &texts);
        let units = ledger.close(&names.accounts).map_err(|error| explain(error.into()))?;
        let settling = Settling {
            book,
            accounts: &accounts,
            names,
            texts: &texts,
            images: &images,
            run,
            allow_unpriced: options.allow_unpriced,
            detail: if self.detail { Detail::Allocations } else { Detail::None },
            threads: options.threads,
            scratch,
            budget: BUDGET,
        };
        let settled = write_tables(&mut folder, units, &settling, self.parquet);
        let Settled { totals, sharing } = settled.map_err(|halt| halt.told(explain))?;
        let sharing = write_sharing(&mut folder, sharing, &settling);
        let sharing = sharing.map_err(|halt| halt.told(explain))?;
        bar.finish_and_clear();

        let mut reports = input_reports(&inputs, &counts, &lived.unreadable)?;
        reports.extend(accounts_input);
        reports.extend(book_inputs);
        let report = Report {
            totals: &totals,
            sharing,
            book,
            names,
            inputs: &reports,
            arguments: &self.arguments(),
            findings: &findings,
        };
        let summary = Summary::of(&report).map_err(|error| explain(error.into()))?;
        let rejected = inputs.rejected(&lived.unreadable, &history.set_aside);
        self.write(&mut folder, &report, &summary, &inputs, rejected)?;
        if let Some(version) = self.focus {
            let people = export::people_of(&accounts, names);
            export::into_run(&mut folder, version.into(), self.detail, people)?;
        }
        let files: Vec<String> = folder.files().into_iter().map(str::to_owned).collect();
        folder.publish(scribe)?;
        self.say(&summary, &files, &inputs, scribe)?;
        let rejected = lived.unreadable.len() + history.set_aside.len();
        Ok(self.exit(&report, rejected, scribe))
    }

    fn options(&self) -> Options {
        Options {
            enforcement: self.rules.enforcement(Enforcement::Report),
            start: self.rules.start,
            end: self.rules.end,
            allow_unpriced: self.allow_unpriced,
            threads: threads(self.threads),
            piece: USUAL_PIECE,
        }
    }

    fn write(
        &self,
        folder: &mut OutputFolder,
        report: &Report<'_>,
        summary: &Summary,
        inputs: &Inputs,
        rejected: impl Iterator<Item = Result<RejectedRow, Stopped>>,
    ) -> Result<(), Stopped> {
        folder.write("findings.csv", |out| {
            write::csv::findings(out, report.findings, report.inputs, report.names)
        })?;
        write_rejected(folder, inputs, rejected)?;
        if let Some(converted) = &inputs.conversion {
            let json = write::convert::json(&converted.table);
            folder
                .write("conversion.json", |out| std::io::Write::write_all(out, json.as_bytes()))?;
        }
        let run = write::json::run(report, summary);
        folder.write("run.json", |out| std::io::Write::write_all(out, run.as_bytes()))
    }

    fn say(
        &self,
        summary: &Summary,
        files: &[String],
        inputs: &Inputs,
        scribe: &Scribe,
    ) -> Result<(), Stopped> {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        if scribe.is_json() {
            let json = write::json::summary(summary, &self.out, &files);
            return scribe.result(&json);
        }
        if let Some(converted) = &inputs.conversion {
            scribe.summary(&write::convert::table(&converted.table))?;
            scribe.summary("\n")?;
        }
        scribe.summary(&write::text::summary(summary, &self.out, &files))
    }

    /// What decides the result; not where it goes or how it is printed.
    fn arguments(&self) -> Vec<(String, String)> {
        let mut arguments = vec![("prices".to_owned(), self.prices.clone())];
        let mut add = |name: &str, value: Option<String>| {
            arguments.extend(value.map(|value| (name.to_owned(), value)));
        };
        let policy = match self.rules.enforcement(Enforcement::Report) {
            Enforcement::Report => "report",
            Enforcement::Enforce => "enforce",
        };
        add("policy", Some(policy.to_owned()));
        add("accounts", self.accounts.clone());
        add("start", self.rules.start.map(|start| start.to_string()));
        add("end", self.rules.end.map(|end| end.to_string()));
        add("allow_unpriced", self.allow_unpriced.then(|| "true".to_owned()));
        arguments.extend(self.logs.how.arguments());
        arguments
    }

    /// How the run ends; where nothing else is said, that rows were set aside is.
    fn exit(&self, report: &Report<'_>, rejected: usize, scribe: &Scribe) -> Exit {
        let exit = if self.strict && report.finding_count(Level::Error) > 0 {
            Exit::Wrong
        } else if rejected > 0 && !self.allow_findings {
            Exit::SetAside
        } else {
            Exit::Done
        };
        if exit != Exit::Done && scribe.is_quiet() {
            scribe.problem(&format!("{rejected} rows set aside: {}/rejected.csv\n", self.out));
        }
        exit
    }
}

/// Writes the rows that were set aside. Where one cannot be read once more, that stops the run.
fn write_rejected(
    folder: &mut OutputFolder,
    inputs: &Inputs,
    mut rows: impl Iterator<Item = Result<RejectedRow, Stopped>>,
) -> Result<(), Stopped> {
    let mut stopped = Ok(());
    let rows = std::iter::from_fn(|| rows.next()?.map_err(|why| stopped = Err(why)).ok());
    folder.write("rejected.csv", |out| write::csv::rejected(out, inputs.header(), rows))?;
    stopped
}

/// What became of each input's rows.
fn input_reports(
    inputs: &Inputs,
    counts: &[Counts],
    unreadable: &[Unreadable],
) -> Result<Vec<InputReport>, Stopped> {
    // Records are converted together, across files: what was merged or left out is told once.
    let mut left_out = inputs.conversion.as_ref().map(|converted| {
        converted.table.iter().map(|count| count.merged + count.left_out).sum::<u64>()
    });
    let mut unreadable_counts = vec![0; inputs.count()];
    for row in unreadable {
        unreadable_counts[row.finding.origin.input as usize] += 1;
    }
    let mut reports = inputs.reports()?;
    for (index, (report, repeat)) in reports.iter_mut().zip(inputs.repeats()).enumerate() {
        if repeat.is_some() {
            report.rows_repeated = report.rows_read;
            continue;
        }
        let counts = counts.get(index).copied().unwrap_or_default();
        report.rows_used = counts.applied;
        report.rows_repeated = counts.repeated;
        report.rows_after_end = counts.after_end;
        report.rows_rejected = counts.set_aside + unreadable_counts[index];
        report.rows_left_out = left_out.take().unwrap_or(0);
    }
    Ok(reports)
}
