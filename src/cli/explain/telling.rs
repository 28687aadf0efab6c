//! A run, lived through again with somebody who listens.

use std::sync::PoisonError;

use rustc_hash::FxHashMap;

use crate::cli::Stopped;
use crate::cli::again::Again;
use crate::cli::explain::select::{Selection, cycle_of};
use crate::cli::logs::Inputs;
use crate::cli::run_folder::RunFolder;
use crate::cli::unbilled::explain;
use crate::diagnostic::{Code, Diagnostic};
use crate::event::Action;
use crate::explain::{
    CycleExplained, Explaining, Heard, HeardEvent, Listener, Payers, Wanted, cycles, heard,
};
use crate::price::Charge;
use crate::replay::Replayed;
use crate::run::ChargeRow;
use crate::statement::Images;
use crate::value::{AccountId, Instant, Money, Names, Overflow, ResourceId, ResourceTexts, Span};
use crate::world::Fate;
use crate::write::explain::{Explained, SelectedCycle};

/// A run, lived through again to be explained.
pub(super) struct Telling<'a> {
    pub(super) folder: &'a RunFolder,
    pub(super) again: Again<'a>,
}

impl Telling<'_> {
    /// Who pays for the resource that is asked for.
    pub(super) fn payers(&self, selection: &Selection<'_>) -> Result<Vec<String>, Stopped> {
        let resource = selection.resource().unwrap_or_default();
        let mut inputs = self.again.inputs()?;
        let lived = self.again.replay(&mut inputs, || Payers::of(resource))?;
        let names = self.again.names();
        let payers = lived.replayed.told.accounts.into_iter();
        let payers: Vec<String> =
            payers.map(|account| names.accounts.text(account).to_owned()).collect();
        if payers.is_empty() {
            let message = format!("nobody pays for `{resource}` in this run");
            let help = "check the id, or say --account too: then the nearest id is told";
            return Err(vec![Diagnostic::error(Code::NothingSelected, message).help(help)]);
        }
        Ok(payers)
    }

    /// Explains what is asked for of some accounts, and tells it.
    pub(super) fn explain(
        &self,
        selection: &Selection<'_>,
        accounts: &[String],
        tell: impl FnOnce(Explained<'_>) -> String,
    ) -> Result<String, Stopped> {
        let mut rows = Vec::new();
        for account in accounts {
            let of_account = selection.rows_of(account)?.into_iter();
            rows.extend(of_account.filter(|(row, _)| selection.wants_cycle(cycle_of(row))));
        }
        let wanted = Wanted { accounts: self.ids(accounts), window: self.window(&rows) };
        let mut inputs = self.again.inputs()?;
        let lived = self.again.replay(&mut inputs, || Listener::new(wanted.clone()))?;
        let Some(run) = lived.run else {
            return Err(vec![inputs.nothing_to_bill(None)]);
        };
        let Replayed { told: listener, history, texts, .. } = lived.replayed;
        let images = Images::new(history.images, &texts);
        let heard = listener.into_heard();
        let mut explained = Vec::new();
        {
            let names = &*self.again.names();
            let Again { book, accounts, .. } = &self.again;
            let (texts, images, heard) = (&texts, &images, &heard);
            let explaining = Explaining { book, accounts, names, texts, images, run, heard };
            for account in &wanted.accounts {
                let all = cycles(&explaining, *account, wanted.window);
                explained.extend(all.map_err(|error| explain(error.into(), book, names, &inputs))?);
            }
            explained.retain(|cycle| selection.wants_cycle(cycle.cycle.span()));
            self.compare(&rows, &explained, names)?;
        }
        let selected = self.select(selection, explained, &heard)?;
        let foreign = foreign_images(&selected, &heard, &texts);
        let origins = self.origins(&mut inputs, foreign)?;
        let names = &*self.again.names();
        Ok(tell(Explained {
            folder: &self.folder.name,
            prices: &self.again.prices,
            inputs: &self.again.checked,
            logs: &self.again.logs,
            book: &self.again.book,
            accounts: &self.again.accounts,
            names,
            texts: &texts,
            images: &images,
            heard: &heard,
            origins: &origins,
            run,
            cycles: &selected,
            resource: selection.resource(),
            top: None,
        }))
    }

    /// The ids of accounts, before the logs are read.
    fn ids(&self, accounts: &[String]) -> Vec<AccountId> {
        let mut names = self.again.names.write().unwrap_or_else(PoisonError::into_inner);
        accounts.iter().map(|account| names.accounts.intern(account)).collect()
    }

    /// What has to be heard for these rows: their cycles, as far as the run covers them.
    fn window(&self, rows: &[(ChargeRow, u64)]) -> Span {
        let forever = Span { start: Instant::from_micros(0), end: Instant::from_micros(i64::MAX) };
        let (start, end) = (self.folder.info.start, self.folder.info.end);
        let run = start.zip(end).map_or(forever, |(start, end)| Span { start, end });
        let first = rows.iter().map(|(row, _)| row.cycle_start).min();
        let last = rows.iter().map(|(row, _)| row.cycle_end).max();
        let asked = first.zip(last).map_or(run, |(start, end)| Span { start, end });
        asked.intersection(run).unwrap_or(run)
    }

    /// The charges of these cycles, computed again, are to be the run's.
    fn compare(
        &self,
        rows: &[(ChargeRow, u64)],
        cycles: &[CycleExplained],
        names: &Names,
    ) -> Result<(), Stopped> {
        let charges = cycles.iter().flat_map(|cycle| &cycle.charges);
        let ours: Vec<ChargeRow> = charges.map(|of| row_of(&of.charge, names)).collect();
        let theirs = rows.iter();
        let differs = |(own, (row, _)): &(&ChargeRow, &(ChargeRow, u64))| *own != row;
        let first = ours.iter().zip(theirs).find(differs);
        if first.is_none() && ours.len() == rows.len() {
            return Ok(());
        }
        let what = match first {
            Some((own, (row, line))) => format!(
                "line {line} says {} {} x {} = {}, the inputs give {} {} x {} = {} for {}",
                row.quantity,
                row.unit,
                row.unit_price,
                row.amount,
                own.quantity,
                own.unit,
                own.unit_price,
                own.amount,
                own.sku,
            ),
            None => format!("it has {} charges there, the inputs give {}", rows.len(), ours.len()),
        };
        let name = &self.folder.name;
        let message = format!("the inputs of `{name}` do not give its charges.csv: {what}");
        let version = &self.folder.info.version;
        let own = env!("CARGO_PKG_VERSION");
        let help = if version == own {
            "charges.csv was changed by hand, or this is a bug of sharebill: bill the inputs again \
             and compare"
                .to_owned()
        } else {
            format!("version {version} made it, this is {own}: bill the inputs again and compare")
        };
        Err(vec![Diagnostic::error(Code::ChargesDiffer, message).help(help)])
    }

    /// Leaves out what is not asked for.
    fn select(
        &self,
        selection: &Selection<'_>,
        explained: Vec<CycleExplained>,
        heard: &Heard,
    ) -> Result<Vec<SelectedCycle>, Stopped> {
        let names = &*self.again.names();
        let zero = Money::zero(self.again.book.currency.minor_digits());
        let mut selected = Vec::new();
        for mut cycle in explained {
            let mut amounts = cycle.charges.iter().map(|of| of.charge.amount);
            let total = amounts.try_fold(zero, Money::plus);
            let total = total.map_err(|error: Overflow| {
                vec![Diagnostic::error(Code::TooLarge, error.to_string())]
            })?;
            let charge_count = cycle.charges.len();
            cycle.charges.retain(|of| {
                let charge = &of.charge;
                let is_wanted =
                    selection.wants(&charge.sku.text(names), charge.tier_from.decimal());
                let mut resources = of.resources.iter();
                is_wanted
                    && selection.resource().is_none_or(|resource| {
                        resources.any(|of| heard.names.text(of.cause.resource) == resource)
                    })
            });
            if !cycle.charges.is_empty() {
                selected.push(SelectedCycle { cycle, total, charge_count });
            }
        }
        if selected.is_empty() {
            let resource = selection.resource().unwrap_or_default();
            let message = format!("`{resource}` caused no charge that is asked for");
            let known =
                (0..heard.names.len() as u32).map(|id| heard.names.text(ResourceId::from(id)));
            let error = Diagnostic::error(Code::NothingSelected, message);
            return Err(vec![error.did_you_mean(resource, known)]);
        }
        Ok(selected)
    }

    /// How images came to be that other accounts made: looked up in the logs once more, as there
    /// may be too many to remember all.
    fn origins(
        &self,
        inputs: &mut Inputs,
        wanted: Vec<String>,
    ) -> Result<FxHashMap<String, HeardEvent>, Stopped> {
        let mut found: FxHashMap<String, HeardEvent> = FxHashMap::default();
        if wanted.is_empty() {
            return Ok(found);
        }
        let wanted: rustc_hash::FxHashSet<String> = wanted.into_iter().collect();
        inputs.rewind();
        inputs.for_each(|read| {
            for event in &read.batch.events {
                let Action::ImageCreate(create) = event.action else { continue };
                let text = read.batch.resource(create.image);
                if !wanted.contains(text) {
                    continue;
                }
                let place = (event.time, event.origin);
                let is_first =
                    found.get(text).is_none_or(|known| place < (known.time, known.origin));
                if is_first {
                    found.insert(text.to_owned(), heard(event, &read.batch, Fate::Applied));
                }
            }
        })?;
        Ok(found)
    }
}

/// The images of other accounts behind what is told.
fn foreign_images(
    selected: &[SelectedCycle],
    heard: &Heard,
    texts: &impl ResourceTexts,
) -> Vec<String> {
    let charges = selected.iter().flat_map(|cycle| &cycle.cycle.charges);
    let images = charges.flat_map(|of| &of.resources).filter_map(|of| of.cause.source_image);
    let mut images: Vec<ResourceId> = images.collect();
    images.sort_unstable();
    images.dedup();
    let names = images.into_iter().map(|image| texts.text(image));
    names.filter(|name| !heard.events.contains_key(*name)).map(str::to_owned).collect()
}

/// A charge as `charges.csv` has it.
fn row_of(charge: &Charge, names: &Names) -> ChargeRow {
    let seconds = |at: Instant| Instant::parse_date_or_instant(&at.to_seconds_text()).unwrap_or(at);
    ChargeRow {
        account: names.accounts.text(charge.account).to_owned(),
        cycle_start: charge.cycle.start(),
        cycle_end: charge.cycle.end(),
        sku: charge.sku.text(names),
        region: charge.region.text(names).to_owned(),
        unit: charge.unit.as_str(charge.currency).to_owned(),
        tier_from: charge.tier_from.decimal(),
        quantity: charge.quantity.decimal(),
        unit_price: charge.unit_price.decimal(),
        amount: charge.amount.decimal(),
        currency: charge.currency,
        effective_from: charge.effective_from.map(seconds),
        rule: charge.rule().to_owned(),
    }
}
