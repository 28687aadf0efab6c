//! `sharebill estimate`: what sharing one image costs, from flags alone.

use clap::Args;

use crate::account::Accounts;
use crate::bill::{Bill, Detail, Options, USUAL_PIECE, bill_batch};
use crate::book::Book;
use crate::cli::scribe::Scribe;
use crate::cli::threads::threads;
use crate::cli::unbilled::explain_plan;
use crate::cli::{Exit, Stopped, book};
use crate::project::estimate::{Estimate as Figures, own_copies, with_servers};
use crate::project::log;
use crate::project::plan::Planner;
use crate::read::scenario::flags::{Asked, Flags};
use crate::scenario::Scenario;
use crate::value::{Names, Span};
use crate::world::Enforcement;
use crate::write;

/// What sharing one image costs, and saves: a quick answer from flags alone
#[derive(Debug, Args)]
pub(super) struct Estimate {
    /// The price book: a folder
    #[arg(long, value_name = "BOOK")]
    prices: String,
    /// The image's stored size: 18GiB
    #[arg(long, value_name = "SIZE", help_heading = "Image")]
    image: String,
    /// Where the image is made
    #[arg(long, value_name = "REGION", help_heading = "Image")]
    region: String,
    /// Another region that gets a copy; several, or a list with commas
    #[arg(long = "copy", value_name = "REGION", value_delimiter = ',', help_heading = "Image")]
    copies: Vec<String>,
    /// The image's operating system, as the price book calls it
    #[arg(long, value_name = "OS", help_heading = "Image")]
    os: Option<String>,
    /// What the image's owner says of it
    #[arg(long, value_name = "LABEL", value_delimiter = ',', help_heading = "Image")]
    labels: Vec<String>,
    /// How often there is a new version: "2 weeks" [default: once]
    #[arg(long, value_name = "TIME", help_heading = "Image")]
    release: Option<String>,
    /// How many versions stay [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000),
          requires = "release", help_heading = "Image")]
    keep_versions: Option<u32>,
    /// How many accounts it is shared with; they take turns over the image's regions
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(0..=1_000_000), help_heading = "Consumers")]
    consumers: u32,
    /// How many servers each consumer has
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Consumers")]
    servers: u32,
    /// The servers' size
    #[arg(long, value_name = "FLAVOR", help_heading = "Consumers")]
    flavor: String,
    /// How long each server runs in a month, from the month's beginning: 200/month [default: always]
    #[arg(long, value_name = "HOURS", help_heading = "Consumers")]
    hours: Option<String>,
    /// The size of an image that is taken of each server again and again: 20GiB
    #[arg(long, value_name = "SIZE", help_heading = "Consumers")]
    reimage: Option<String>,
    /// How often it is taken [default: 1 day]
    #[arg(long, value_name = "TIME", requires = "reimage", help_heading = "Consumers")]
    every: Option<String>,
    /// How many of them stay of each server [default: 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000),
          requires = "reimage", help_heading = "Consumers")]
    keep: Option<u32>,
    /// What each consumer sends out: "500 GiB per month", "2 GiB per server-day"
    #[arg(long, value_name = "RATE", help_heading = "Consumers")]
    transfer_out: Option<String>,
    /// Everybody's service level [default: the price book's]
    #[arg(long, value_name = "LEVEL", help_heading = "Rules")]
    service_level: Option<String>,
    /// How many months
    #[arg(long, value_name = "N", default_value_t = 12,
          value_parser = clap::value_parser!(u32).range(1..=600), help_heading = "Rules")]
    months: u32,
    /// The first day of a month [default: when the latest prices of the book are in force]
    #[arg(long, value_name = "DATE", help_heading = "Rules")]
    start: Option<String>,
    /// Price usage without a rate at 0 instead of stopping
    #[arg(long, help_heading = "Rules")]
    allow_unpriced: bool,
    /// End with status 0 even when the cloud would refuse something
    #[arg(long, help_heading = "Rules")]
    allow_findings: bool,
}

impl Estimate {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        let mut names = Names::default();
        let (book, _) = book::load_book(&self.prices, &mut names, scribe)?;
        let flags = self.flags();
        let mut diagnostics = Vec::new();
        let asked = flags.read(&book, &mut names, &mut diagnostics);
        let Some(Asked { scenario, run, producer, consumers, level }) = asked else {
            return Err(diagnostics);
        };
        scribe.diagnostics(&diagnostics);
        let accounts = Accounts::new(level);
        let billing = Billing { book: &book, accounts: &accounts, names: &names, run };
        let shared = billing.bill(&scenario, self.allow_unpriced)?;
        let own = own_copies(&scenario, &with_servers(&shared));
        let own = billing.bill(&own, self.allow_unpriced)?;
        let explain =
            |overflow| explain_plan(crate::bill::BillError::from(overflow), &book, &names);
        let figures = Figures::new(shared, &own, book.currency, producer, &consumers, &names)
            .map_err(explain)?;
        let text = if scribe.is_json() {
            write::estimate::json(&figures, &book, &names)
        } else {
            write::estimate::text(&figures, &flags, &book, &names)
        };
        scribe.result(&text.map_err(explain)?)?;
        let is_refused = figures.refused > 0 && !self.allow_findings;
        Ok(if is_refused { Exit::SetAside } else { Exit::Done })
    }

    fn flags(&self) -> Flags {
        Flags {
            image: self.image.clone(),
            region: self.region.clone(),
            copies: self.copies.clone(),
            consumers: self.consumers,
            servers: self.servers,
            flavor: self.flavor.clone(),
            hours: self.hours.clone(),
            reimage: self.reimage.clone(),
            every: self.every.clone(),
            keep: self.keep,
            transfer_out: self.transfer_out.clone(),
            os: self.os.clone(),
            labels: self.labels.clone(),
            release: self.release.clone(),
            keep_versions: self.keep_versions,
            service_level: self.service_level.clone(),
            start: self.start.clone(),
            months: self.months,
        }
    }
}

/// What plans are billed with.
struct Billing<'a> {
    book: &'a Book,
    accounts: &'a Accounts,
    names: &'a Names,
    run: Span,
}

impl Billing<'_> {
    /// Lives through a plan as a log, and bills it: the way of `project`.
    fn bill(&self, scenario: &Scenario, allow_unpriced: bool) -> Result<Bill, Stopped> {
        let Billing { book, accounts, names, run } = *self;
        let options = Options {
            enforcement: Enforcement::Enforce,
            start: Some(run.start),
            end: Some(run.end),
            allow_unpriced,
            threads: threads(None),
            piece: USUAL_PIECE,
        };
        let enforcement = options.enforcement;
        let batch = log::written(&Planner { scenario, book, run, enforcement, names }, 0, |_| {});
        bill_batch(batch, run, Detail::None, book, accounts, names, &options)
            .map_err(|error| explain_plan(error, book, names))
    }
}
