//! `sharebill reconcile`: a provider's invoice beside our charges.

use std::io::Write as _;

use clap::Args;

use crate::cli::files::read_file;
use crate::cli::output::{Kind, OutputFolder};
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use crate::diagnostic::{Code, Diagnostic};
use crate::read::invoice;
use crate::reconcile::{InvoiceLine, Ours, reconcile};
use crate::run::{ChargeRow, RunKind};
use crate::value::{Currency, Overflow, Span};
use crate::write;
use crate::write::InputReport;
use crate::write::reconcile::{Reconciled, is_matched};
use crate::write::text::visible;

/// What a provider's invoice and our charges agree on, and where they differ
///
/// By account, cycle, SKU and region, to the cent; the differences of all rows add up to that of the
/// totals.
#[derive(Debug, Args)]
pub(super) struct Reconcile {
    /// The folder of a bill
    #[arg(value_name = "RUN")]
    run: String,
    /// The invoice as CSV: Rackspace's detailed invoice, FOCUS, or with --map any other
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    invoice: Vec<String>,
    /// Which column is what, and what the invoice's words are
    #[arg(long, value_name = "MAP.toml")]
    map: Option<String>,
    /// The currency of lines that tell none [default: that of the bill]
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// How many rows that do not match are told one by one
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Write reconciliation.csv and reconciliation.json to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<String>,
    /// Replace the folder if sharebill wrote it
    #[arg(long, requires = "out")]
    force: bool,
    /// End with status 1 if anything does not match
    #[arg(long)]
    strict: bool,
}

/// The invoices, read.
struct Invoices {
    reports: Vec<InputReport>,
    layouts: Vec<String>,
    lines: Vec<InvoiceLine>,
}

impl Reconcile {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        // Refused before any work is done.
        let begin = |out: &String| OutputFolder::begin(out, Kind::Reconciliation, self.force);
        let folder = self.out.as_ref().map(begin).transpose()?;
        let run = RunFolder::open(&self.run)?;
        if run.info.kind == RunKind::Projection {
            let message = format!("`{}` is a projection: nobody invoices it", run.name);
            let help = "an invoice is compared with a bill of what was used";
            return Err(vec![Diagnostic::error(Code::RunLacks, message).help(help)]);
        }
        let charges: Vec<ChargeRow> = run.table()?;
        let currency = currency_of(&run, &charges)?;
        let told = self.told_currency()?.or(currency);
        let Some(told) = told else {
            let message = format!("`{}` charges nothing, and tells no currency", run.name);
            let help = "say the invoice's: --currency USD";
            return Err(vec![Diagnostic::error(Code::NoEvents, message).help(help)]);
        };
        let invoices = self.invoices(told, scribe)?;
        let ours = Ours {
            charges: &charges,
            covered: run.info.start.zip(run.info.end).map(|(start, end)| Span { start, end }),
            currency: currency.unwrap_or(told),
        };
        let too_large =
            |error: Overflow| vec![Diagnostic::error(Code::TooLarge, error.to_string())];
        let outcome = reconcile(ours, &invoices.lines).map_err(too_large)?;
        let reconciled = Reconciled {
            run: &run.name,
            invoices: &invoices.reports,
            layouts: &invoices.layouts,
            outcome: &outcome,
            top: self.top,
        };
        self.tell(&reconciled, folder, scribe)?;
        let is_wrong = self.strict && !is_matched(&outcome);
        Ok(if is_wrong { Exit::Wrong } else { Exit::Done })
    }

    fn told_currency(&self) -> Result<Option<Currency>, Stopped> {
        let Some(code) = &self.currency else { return Ok(None) };
        Currency::from_code(code).map(Some).ok_or_else(|| {
            let message = format!("`{code}` is not a currency");
            let diagnostic = Diagnostic::error(Code::ValueWrong, message);
            vec![diagnostic.help("write a code of ISO 4217, for example EUR")]
        })
    }

    fn invoices(&self, currency: Currency, scribe: &Scribe) -> Result<Invoices, Stopped> {
        let read = |name: &str| read_file(name, scribe).map_err(|problem| vec![problem]);
        let map = match &self.map {
            Some(name) => Some(invoice::map::read(name, &read(name)?.bytes)?),
            None => None,
        };
        let mut invoices = Invoices { reports: Vec::new(), layouts: Vec::new(), lines: Vec::new() };
        for name in &self.invoice {
            let file = read(name)?;
            let mut report = file.report;
            let twice = |known: &InputReport| known.sha256 == report.sha256;
            if let Some(first) = invoices.reports.iter().find(|known| twice(known)) {
                let message = format!("`{name}` is `{}` once more", first.name);
                let twice = Diagnostic::warning(Code::InputTwice, message);
                scribe.diagnostics(&[twice.help("each invoice counts once: name it once")]);
                continue;
            }
            let invoice = invoice::read(name, &file.bytes, map.as_ref(), currency)?;
            scribe.diagnostics(&invoice.diagnostics);
            report.rows_read = invoice.lines.len() as u64;
            report.rows_used = report.rows_read;
            invoices.reports.push(report);
            invoices.layouts.push(invoice.layout);
            invoices.lines.extend(invoice.lines);
        }
        Ok(invoices)
    }

    fn tell(
        &self,
        reconciled: &Reconciled<'_>,
        folder: Option<OutputFolder>,
        scribe: &Scribe,
    ) -> Result<(), Stopped> {
        let json = write::reconcile::json(reconciled);
        let mut text = write::reconcile::text(reconciled);
        if let (Some(mut folder), Some(out)) = (folder, &self.out) {
            folder.write("reconciliation.csv", |file| {
                write::reconcile::rows(file, reconciled.outcome)
            })?;
            folder.write("reconciliation.json", |file| file.write_all(json.as_bytes()))?;
            let files = folder.files().join(", ");
            folder.publish(scribe)?;
            text.push_str(&format!("\nWritten to {}: {files}\n", visible(out)));
        }
        scribe.result(if scribe.is_json() { &json } else { &text })
    }
}

/// The one currency of a bill; nothing where it charges nothing.
fn currency_of(run: &RunFolder, charges: &[ChargeRow]) -> Result<Option<Currency>, Stopped> {
    let told = run.info.total.map(|(currency, _)| currency);
    let first = charges.first().map(|charge| charge.currency).or(told);
    let other = charges.iter().find(|charge| Some(charge.currency) != first);
    match other {
        Some(charge) => {
            let message = format!("`{}` has charges in {} as well", run.name, charge.currency);
            let help = "a bill has one currency: bill once more";
            Err(vec![Diagnostic::error(Code::CurrenciesDiffer, message).help(help)])
        }
        None => Ok(first),
    }
}
