//! `sharebill prices init`: a book with everything that a log mentions, prices to be filled in.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::PoisonError;

use clap::Args;

use crate::cli::inputs::ReadArgs;
use crate::cli::output::{Kind, OutputFolder};
use crate::cli::prices::{check_currency, folder_name};
use crate::cli::scribe::Scribe;
use crate::cli::threads::threads;
use crate::cli::{Exit, Stopped};
use crate::diagnostic::{Code, Diagnostic};
use crate::event::{Action, Event};
use crate::read::feed::SharedNames;
use crate::scratch::Scratch;
use crate::value::{BillingDay, CycleCalendar, FlavorId, Instant, OsId, RegionId};
use crate::write::book::{Skeleton, flavors, rates, settings};
use crate::write::text::visible;

/// Begin a book with every flavor, os and region that a log mentions
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Event logs: plain, .gz or .zst; `-` is standard input
    #[arg(long, required = true, num_args = 1.., value_name = "LOG")]
    from_events: Vec<String>,
    /// The folder to write
    #[arg(long, value_name = "DIR")]
    out: String,
    /// Replace the folder if sharebill wrote it
    #[arg(long)]
    force: bool,
    /// The currency of the prices
    #[arg(long, value_name = "CODE", default_value = "USD")]
    currency: String,
    #[command(flatten)]
    how: ReadArgs,
}

impl Init {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        check_currency(&self.currency)?;
        let mut folder = OutputFolder::begin(&self.out, Kind::Book, self.force)?;
        let Some(skeleton) = self.skeleton(scribe)? else {
            let message = "the logs have no event that could be read";
            return Err(vec![Diagnostic::error(Code::NoEvents, message)]);
        };
        folder.write("book.toml", |out| out.write_all(settings(&skeleton).as_bytes()))?;
        folder.write("flavors.csv", |out| flavors(out, &skeleton))?;
        folder.write("rates.csv", |out| rates(out, &skeleton))?;
        folder.publish(scribe)?;
        scribe.summary(&format!(
            "{}: {} regions, {} flavors, {} operating systems; fill in the prices in rates.csv, \
             then run: sharebill prices check {}\n",
            visible(&self.out),
            skeleton.regions.len(),
            skeleton.flavors.len(),
            skeleton.systems.len(),
            visible(&self.out)
        ))?;
        Ok(Exit::Done)
    }

    /// What the events mention; `None` where there are none.
    fn skeleton(&self, scribe: &Scribe) -> Result<Option<Skeleton>, Stopped> {
        let names = SharedNames::default();
        let threads = threads(None);
        let scratch = Scratch::default();
        let mut logs = self.how.open(&self.from_events, threads, &names, &scratch, scribe)?;
        let mut mentioned = Mentioned::default();
        logs.for_each(|batch| batch.batch.events.iter().for_each(|event| mentioned.note(event)))?;
        let Some(first) = mentioned.first else { return Ok(None) };
        let names = names.read().unwrap_or_else(PoisonError::into_inner);
        let regions = mentioned.regions.iter().map(|id| names.regions.text(*id).to_owned());
        let flavors = mentioned.flavors.iter().map(|id| names.flavors.text(*id).to_owned());
        let systems = mentioned.systems.iter().filter(|os| **os != OsId::LINUX);
        Ok(Some(Skeleton {
            id: folder_name(&self.out),
            currency: self.currency.clone(),
            effective_from: CycleCalendar::new(BillingDay::FIRST).cycle_at(first).start(),
            regions: regions.collect(),
            flavors: flavors.collect(),
            systems: systems.map(|id| names.systems.text(*id).to_owned()).collect(),
        }))
    }
}

/// What events mention.
#[derive(Default)]
struct Mentioned {
    first: Option<Instant>,
    regions: BTreeSet<RegionId>,
    flavors: BTreeSet<FlavorId>,
    systems: BTreeSet<OsId>,
}

impl Mentioned {
    /// Notes what one event mentions.
    fn note(&mut self, event: &Event) {
        let (region, flavor, os) = match event.action {
            Action::ImageCreate(create) => (Some(create.region), None, create.os),
            Action::ObjectCreate(create) => (Some(create.region), None, create.os),
            Action::ServerCreate(create) => (Some(create.region), Some(create.flavor), create.os),
            Action::TransferOut { region, .. } => (Some(region), None, None),
            Action::ServerResize { flavor, .. } => (None, Some(flavor), None),
            Action::ServerRebuild { os, .. } => (None, None, os),
            Action::ImageUpdate { .. }
            | Action::ImageDelete { .. }
            | Action::ImageDeactivate { .. }
            | Action::ImageReactivate { .. }
            | Action::MemberCreate { .. }
            | Action::MemberUpdate { .. }
            | Action::MemberDelete { .. }
            | Action::ServerDelete { .. }
            | Action::ObjectDelete { .. } => (None, None, None),
        };
        self.first = Some(self.first.map_or(event.time, |first| first.min(event.time)));
        self.regions.extend(region);
        self.flavors.extend(flavor);
        self.systems.extend(os);
    }
}
