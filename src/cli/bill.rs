//! `sharebill bill`: events to statements.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};

use crate::bill::{Bill as FinishedBill, BillError, Counts, Options, USUAL_PIECE, bill};
use crate::book::{Book, Sku, Unit};
use crate::cli::inputs::{LogArgs, Logs};
use crate::cli::output::{Kind, OutputFolder};
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped, book, progress};
use crate::diagnostic::{Code, Diagnostic};
use crate::event::Event;
use crate::meter::UsageKey;
use crate::price::PricingError;
use crate::value::{Instant, Names, Quantity};
use crate::world::{Enforcement, Finding, Level};
use crate::write::{self, InputReport, Report, Summary};

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
enum PolicyArg {
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
        let mut logs = self.logs.read(&mut names, scribe)?;
        let events = std::mem::take(&mut logs.rows.events);
        if events.is_empty() {
            return Err(vec![logs.nothing_to_bill()]);
        }
        let bar = progress::stage(scribe, "billing", events.len() as u64);
        let options = Options {
            enforcement: self.rules.enforcement(Enforcement::Report),
            start: self.rules.start,
            end: self.rules.end,
            allow_unpriced: self.allow_unpriced,
            threads: self.threads(),
            piece: USUAL_PIECE,
        };
        let bill = bill(events, &book, &accounts, &names, &options)
            .map_err(|error| explain(error, &book, &names, &logs))?;
        bar.finish_and_clear();

        let findings = all_findings(&bill.findings, &logs);
        let rejections = logs.rejections(&bill.set_aside);
        let mut inputs = input_reports(&logs, &bill.counts);
        inputs.extend(accounts_input);
        inputs.extend(book_inputs);
        let report = Report {
            bill: &bill,
            book: &book,
            names: &names,
            inputs: &inputs,
            arguments: &self.arguments(),
            findings: &findings,
            rejections: &rejections,
        };
        let summary =
            Summary::of(&report).map_err(|error| explain(error.into(), &book, &names, &logs))?;
        self.write(&mut folder, &report, &summary, &logs)?;
        let files: Vec<String> = folder.files().into_iter().map(str::to_owned).collect();
        folder.publish()?;
        self.say(&summary, &files, &logs, scribe)?;
        let exit = self.exit(&bill, &report);
        if exit != Exit::Done && scribe.is_quiet() {
            let rejected = rejections.rows.len();
            scribe.problem(&format!("{rejected} rows set aside: {}/rejected.csv\n", self.out));
        }
        Ok(exit)
    }

    fn threads(&self) -> usize {
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(available, usize::from)
    }

    fn write(
        &self,
        folder: &mut OutputFolder,
        report: &Report<'_>,
        summary: &Summary,
        logs: &Logs,
    ) -> Result<(), Stopped> {
        folder.write("charges.csv", |out| write::csv::charges(out, report))?;
        folder.write("statements.csv", |out| write::csv::statements(out, report))?;
        if self.detail {
            folder.write("allocations.csv", |out| write::csv::allocations(out, report))?;
        }
        folder.write("sharing.csv", |out| write::csv::sharing(out, report))?;
        folder.write("findings.csv", |out| {
            write::csv::findings(out, report.findings, report.inputs, report.names)
        })?;
        folder.write("rejected.csv", |out| write::csv::rejected(out, report.rejections))?;
        if let Some(converted) = &logs.conversion {
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
        logs: &Logs,
        scribe: &Scribe,
    ) -> Result<(), Stopped> {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        if scribe.is_json() {
            let json = write::json::summary(summary, &self.out, &files);
            return scribe.result(&json);
        }
        if let Some(converted) = &logs.conversion {
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

    fn exit(&self, bill: &FinishedBill, report: &Report<'_>) -> Exit {
        let set_aside = !bill.set_aside.is_empty() || !report.rejections.rows.is_empty();
        if self.strict && report.finding_count(Level::Error) > 0 {
            Exit::Wrong
        } else if set_aside && !self.allow_findings {
            Exit::SetAside
        } else {
            Exit::Done
        }
    }
}

/// The findings of the bill and of rows that could not be read, by time and place.
pub(super) fn all_findings(findings: &[Finding], logs: &Logs) -> Vec<Finding> {
    let unreadable = logs.rows.unreadable.iter().map(|row| &row.finding);
    let mut all: Vec<Finding> = findings.iter().chain(unreadable).cloned().collect();
    all.sort_by_key(|finding| (finding.time, finding.origin, finding.code));
    all
}

/// What became of each input's rows.
fn input_reports(logs: &Logs, counts: &[Counts]) -> Vec<InputReport> {
    let mut reports = Vec::new();
    // Records are converted together, across files: what was merged or left out is told once.
    let mut left_out = logs.conversion.as_ref().map(|converted| {
        converted.table.iter().map(|count| count.merged + count.left_out).sum::<u64>()
    });
    for (index, input) in logs.inputs.iter().enumerate() {
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let counts = counts.get(index).copied().unwrap_or_default();
        let unreadable = logs.rows.unreadable.iter();
        let unreadable = unreadable.filter(|row| row.finding.origin.input == number).count() as u64;
        let rows_read = logs.rows.row_counts.get(index).copied().unwrap_or(0);
        let rejected = counts.set_aside + unreadable;
        if logs.repeats[index].is_some() {
            reports.push(InputReport {
                rows_read,
                rows_repeated: rows_read,
                ..input.report.clone()
            });
            continue;
        }
        reports.push(InputReport {
            rows_read,
            rows_used: counts.applied,
            rows_repeated: counts.repeated,
            rows_after_end: counts.after_end,
            rows_rejected: rejected,
            rows_left_out: left_out.take().unwrap_or(0),
            ..input.report.clone()
        });
    }
    reports
}

/// Turns what stopped a bill into something to act on.
pub(super) fn explain(error: BillError, book: &Book, names: &Names, logs: &Logs) -> Stopped {
    match error {
        BillError::RunTooLong { first, last } => {
            let place = |event: &Event| {
                let name = &logs.inputs[event.origin.input as usize].report.name;
                format!("`{name}`, line {}: {}", event.origin.line, event.time)
            };
            let message =
                format!("the events lie decades apart: {} and {}", place(&first), place(&last));
            let help = "correct the time that is wrong, or say --start and --end";
            vec![Diagnostic::error(Code::RunTooLong, message).help(help)]
        }
        BillError::NoEvents => vec![
            Diagnostic::error(Code::NoEvents, "there are no events to bill")
                .help("the logs have no row that could be read; see `sharebill check`"),
        ],
        BillError::EmptyRun { start, end } => {
            let message = format!("the run ends at {end}, which is not after its start at {start}");
            vec![Diagnostic::error(Code::RunEmpty, message).help("check --start and --end")]
        }
        BillError::Scratch(error) => {
            vec![
                Diagnostic::error(Code::FileUnwritable, error.to_string())
                    .help("make room there, or set TMPDIR to a folder that has some"),
            ]
        }
        BillError::Pricing(PricingError::Overflow(overflow)) => {
            vec![
                Diagnostic::error(Code::TooLarge, overflow.to_string())
                    .help("look for a size or price with too many digits"),
            ]
        }
        BillError::Pricing(PricingError::Unpriced(usage)) => unpriced(&usage, book, names),
    }
}

/// How many SKUs and accounts without a rate are named before the rest is counted.
const UNPRICED_NAMED: usize = 50;

/// One diagnostic for each SKU, account and region without a rate.
fn unpriced(usage: &[(UsageKey, Quantity)], book: &Book, names: &Names) -> Stopped {
    let mut lines: BTreeMap<(String, String, String), (UsageKey, Quantity)> = BTreeMap::new();
    for (key, quantity) in usage {
        let account = names.accounts.text(key.account).to_owned();
        let region = key.region.text(names).to_owned();
        let line = lines.entry((key.sku.text(names), account, region));
        let line = line.or_insert((*key, Quantity::ZERO));
        line.1 = line.1.plus(*quantity).unwrap_or(line.1);
    }
    let mut diagnostics: Stopped = lines
        .values()
        .take(UNPRICED_NAMED)
        .map(|(key, quantity)| unpriced_line(key, *quantity, book, names))
        .collect();
    let more = lines.len().saturating_sub(UNPRICED_NAMED);
    let message = if more > 0 {
        format!("and {more} more; {} in all", lines.len())
    } else {
        format!("{} without a rate: nothing was billed", lines.len())
    };
    let help = "add the rates to the book, or say --allow-unpriced to price all of this at 0";
    diagnostics.push(Diagnostic::error(Code::Unpriced, message).help(help));
    diagnostics
}

fn unpriced_line(key: &UsageKey, quantity: Quantity, book: &Book, names: &Names) -> Diagnostic {
    let (sku, region) = (key.sku.text(names), key.region.text(names));
    let known_regions = || book.regions.iter().map(|region| names.regions.text(*region));
    let since = key.cycle.start().day();
    let what = format!(
        "account `{}` used {} {} of {sku} in {region} from the cycle of {since} on",
        names.accounts.text(key.account),
        quantity.decimal().normalize(),
        Unit::of(key.sku).map_or("", Unit::as_str),
    );
    let error = |why: &str| Diagnostic::error(Code::Unpriced, format!("{what}: {why}"));
    if !known_regions().any(|known| known == region) {
        return error("the book has no such region").did_you_mean(region, known_regions());
    }
    match key.sku {
        Sku::Server(flavor) if !book.flavors.contains_key(&flavor) => {
            let known = book.flavors.keys().map(|flavor| names.flavors.text(*flavor));
            let mut known: Vec<&str> = known.collect();
            known.sort_unstable();
            error("the book has no such flavor").did_you_mean(names.flavors.text(flavor), known)
        }
        _ => error("no rate is in force then"),
    }
}
