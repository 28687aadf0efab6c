//! `sharebill advise`: what is paid for and need not be.

use clap::Args;

use crate::advise::{Limits, Prices, Watch, advise, changes};
use crate::bill::{Options, USUAL_PIECE};
use crate::cli::again::{Again, PlaceArgs};
use crate::cli::bill::parse_instant;
use crate::cli::files::unreadable;
use crate::cli::inputs::ReadArgs;
use crate::cli::output::{Kind, OutputFolder};
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::cli::threads::threads;
use crate::cli::unbilled::explain;
use crate::cli::{Exit, Stopped};
use crate::diagnostic::{Code, Diagnostic};
use crate::disk;
use crate::run::RunKind;
use crate::value::Instant;
use crate::world::Enforcement;
use crate::write;

/// What is paid for and need not be: unused images, repeated ones, too many, and what that saves
///
/// The saving is that of the last month before the end: the difference between its bill as it was,
/// and as it would have been.
#[derive(Debug, Args)]
pub(super) struct Advise {
    /// The folder of a bill, or event logs: plain, .gz or .zst; `-` is standard input
    #[arg(required = true, value_name = "RUN|EVENTS")]
    what: Vec<String>,
    /// The price book: a folder [default: the run's]
    #[arg(long, value_name = "BOOK")]
    prices: Option<String>,
    /// Billing days, service levels and opening dates of accounts [default: the run's]
    #[arg(long, value_name = "FILE", requires = "prices")]
    accounts: Option<String>,
    /// The first instant after the logs [default: the run's, or the end of the last event's month]
    #[arg(long, value_name = "DATE", value_parser = parse_instant, requires = "prices")]
    end: Option<Instant>,
    /// For how many days nobody has booted an image that is called unused
    #[arg(long, value_name = "DAYS", default_value_t = 90,
          value_parser = clap::value_parser!(u32).range(31..=3660), help_heading = "Limits")]
    unused: u32,
    /// How many images of one server are to be kept
    #[arg(long, value_name = "N", default_value_t = 7,
          value_parser = clap::value_parser!(u32).range(1..=100_000), help_heading = "Limits")]
    keep: u32,
    /// How much advice is told one by one
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Write advice.csv, advice.json and events.csv to this folder: the changes as a log, which
    /// `bill` charges together with the others
    #[arg(long, value_name = "DIR")]
    out: Option<String>,
    /// Replace the folder if sharebill wrote it
    #[arg(long, requires = "out")]
    force: bool,
    /// Price usage without a rate at 0 instead of stopping
    #[arg(long, requires = "prices", help_heading = "Rules")]
    allow_unpriced: bool,
    #[command(flatten)]
    how: ReadArgs,
    #[command(flatten)]
    places: PlaceArgs,
}

impl Advise {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        // Refused before any work is done.
        let begin = |out: &String| OutputFolder::begin(out, Kind::Advice, self.force);
        let folder = self.out.as_ref().map(begin).transpose()?;
        let again = self.open(scribe)?;
        let end = again.options.end;
        let mut inputs = again.inputs()?;
        let lived = again.replay(&mut inputs, || Watch::until(end))?;
        let first = lived.unreadable.first().map(|row| &row.finding);
        let run = lived.run.ok_or_else(|| vec![inputs.nothing_to_bill(first)])?;
        let names = &*again.names();
        let (book, currency) = (&again.book, again.book.currency);
        let allow_unpriced = again.options.allow_unpriced;
        let prices = Prices { book, accounts: &again.accounts, allow_unpriced };
        let limits = Limits { unused_days: self.unused, keep: self.keep as usize };
        let advised = advise(lived.replayed.told, run, limits, &prices, names)
            .map_err(|error| explain(error.into(), book, names, &inputs))?;
        let json = write::advise::json(&advised, currency, names);
        let mut text = write::advise::text(&advised, currency, names, self.top);
        if let (Some(mut folder), Some(out)) = (folder, &self.out) {
            folder
                .write("advice.csv", |file| write::advise::csv(file, &advised, currency, names))?;
            folder.write("advice.json", |file| std::io::Write::write_all(file, json.as_bytes()))?;
            let log = changes::log(&advised.all, names);
            folder.write("events.csv", |file| write::events::log(file, &log, names))?;
            let files = folder.files().join(", ");
            folder.publish(scribe)?;
            text.push_str(&format!("\nWritten to {}: {files}\n", write::text::visible(out)));
        }
        scribe.result(if scribe.is_json() { &json } else { &text })?;
        Ok(Exit::Done)
    }

    /// The logs: those of a run, or those that are named.
    fn open<'s>(&self, scribe: &'s Scribe) -> Result<Again<'s>, Stopped> {
        if let ([folder], None) = (self.what.as_slice(), &self.prices)
            && disk::is_folder(folder).map_err(|error| vec![unreadable(folder, &error)])?
        {
            let run = RunFolder::open(folder)?;
            if run.info.kind == RunKind::Projection {
                let message = format!("`{folder}` is a projection: nobody pays for it yet");
                let help = "name the folder of a bill, or logs with --prices";
                return Err(vec![Diagnostic::error(Code::NotARun, message).help(help)]);
            }
            return Again::open(&run, &self.places, None, scribe);
        }
        let Some(prices) = &self.prices else {
            let message = "logs are priced with a book, and none is given";
            let help = "say --prices BOOK, or name the folder of a bill instead of logs";
            return Err(vec![Diagnostic::error(Code::NotARun, message).help(help)]);
        };
        let options = Options {
            enforcement: Enforcement::Report,
            start: None,
            end: self.end,
            allow_unpriced: self.allow_unpriced,
            threads: threads(None),
            piece: USUAL_PIECE,
        };
        let accounts = self.accounts.as_deref();
        Again::of_logs(&self.what, self.how.clone(), prices, accounts, options, scribe)
    }
}
