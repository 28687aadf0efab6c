//! A run, lived through again from the same inputs, with somebody who listens.

use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::bill::{Options, USUAL_PIECE};
use crate::book::Book;
use crate::cli::explain::PlaceArgs;
use crate::cli::explain::select::{Selection, cycle_of};
use crate::cli::files::{fingerprint_of, unreadable};
use crate::cli::inputs::ReadArgs;
use crate::cli::logs::Inputs;
use crate::cli::memory::Memory;
use crate::cli::replay::{Job, Lived};
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::cli::unbilled::explain;
use crate::cli::{Stopped, book};
use crate::diagnostic::{Code, Diagnostic};
use crate::event::Action;
use crate::explain::{
    CycleExplained, Explaining, Heard, HeardEvent, Listener, Payers, Wanted, cycles, heard,
};
use crate::price::Charge;
use crate::read::feed::SharedNames;
use crate::replay::{Replayed, TakeTold};
use crate::run::{ChargeRow, InputInfo};
use crate::scratch::Scratch;
use crate::statement::Images;
use crate::value::{AccountId, Instant, Money, Names, Overflow, ResourceId, ResourceTexts, Span};
use crate::world::{Enforcement, Fate};
use crate::write::explain::{CheckedInput, Explained, SelectedCycle};

/// A run's inputs, which are what they were, and how they were read.
pub(super) struct Again<'a> {
    folder: &'a RunFolder,
    scribe: &'a Scribe,
    checked: Vec<CheckedInput>,
    prices: String,
    /// Where the logs are.
    logs: Vec<String>,
    book: Book,
    accounts: Accounts,
    names: SharedNames,
    options: Options,
    how: ReadArgs,
    scratch: Scratch,
}

impl<'a> Again<'a> {
    /// Finds the inputs of a run, and checks that they are what they were.
    pub(super) fn open(
        folder: &'a RunFolder,
        places: &PlaceArgs,
        threads: Option<u16>,
        scribe: &'a Scribe,
    ) -> Result<Again<'a>, Stopped> {
        let arguments = &folder.info.arguments;
        let checked = check_inputs(folder, places)?;
        let prices = arguments.get("prices").map(|prices| places.now(prices));
        let prices = prices.ok_or_else(|| {
            let why = "its run.json names no price book";
            vec![crate::read::run::not_a_run(&folder.name, why)]
        })?;
        check_book(&prices, &checked)?;
        let mut names = Names::default();
        let (book, _) = book::load_book(&prices, &mut names, scribe)?;
        let accounts_file = arguments.get("accounts").map(|file| places.now(file));
        let (accounts, _) =
            book::load_accounts(accounts_file.as_deref(), &book, &mut names, scribe)?;
        let is_log = |input: &&InputInfo| !input.format.is_empty();
        let logs = folder.info.inputs.iter().filter(is_log);
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        let instant = |name: &str| {
            let text = arguments.get(name)?;
            Instant::parse_date_or_instant(text).ok()
        };
        let is_enforced = arguments.get("policy").is_some_and(|policy| policy == "enforce");
        Ok(Again {
            logs: logs.map(|input| places.now(&input.name)).collect(),
            options: Options {
                enforcement: if is_enforced { Enforcement::Enforce } else { Enforcement::Report },
                start: instant("start"),
                end: instant("end"),
                allow_unpriced: arguments.contains_key("allow_unpriced"),
                threads: threads.map_or_else(available, usize::from),
                piece: USUAL_PIECE,
            },
            how: ReadArgs::of_arguments(arguments),
            names: SharedNames::new(RwLock::new(names)),
            scratch: Scratch::default(),
            folder,
            scribe,
            checked,
            prices,
            book,
            accounts,
        })
    }

    fn inputs(&self) -> Result<Inputs, Stopped> {
        let Again { logs, options, names, scratch, scribe, .. } = self;
        self.how.open(logs, options.threads, names, scratch, scribe)
    }

    fn replay<T: TakeTold>(
        &self,
        inputs: &mut Inputs,
        told: impl Fn() -> T,
    ) -> Result<Lived<T>, Stopped> {
        let Again { book, names, options, scratch, scribe, .. } = self;
        let memory = Memory::usual();
        Job { book, names, options, scratch, memory, scribe }.replay(inputs, told)
    }

    fn names(&self) -> RwLockReadGuard<'_, Names> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who pays for the resource that is asked for.
    pub(super) fn payers(&self, selection: &Selection<'_>) -> Result<Vec<String>, Stopped> {
        let resource = selection.resource().unwrap_or_default();
        let mut inputs = self.inputs()?;
        let lived = self.replay(&mut inputs, || Payers::of(resource))?;
        let names = self.names();
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
        let mut inputs = self.inputs()?;
        let mut lived = self.replay(&mut inputs, || Listener::new(wanted.clone()))?;
        let Some(run) = lived.run else {
            return Err(vec![inputs.nothing_to_bill(None)]);
        };
        let images = Images::new(std::mem::take(&mut lived.replayed.history.images));
        let Replayed { told: listener, texts, .. } = lived.replayed;
        let heard = listener.into_heard();
        let mut explained = Vec::new();
        {
            let names = &*self.names();
            let Again { book, accounts, .. } = self;
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
        let names = &*self.names();
        Ok(tell(Explained {
            folder: &self.folder.name,
            prices: &self.prices,
            inputs: &self.checked,
            logs: &self.logs,
            book: &self.book,
            accounts: &self.accounts,
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
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
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
        let names = &*self.names();
        let zero = Money::zero(self.book.currency.minor_digits());
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

impl PlaceArgs {
    /// Where an input is now.
    fn now(&self, name: &str) -> String {
        let moved = self.moved.iter().find_map(|(old, new)| {
            let rest = name.strip_prefix(old.as_str())?;
            let is_it = rest.is_empty() || rest.starts_with('/');
            is_it.then(|| format!("{new}{rest}"))
        });
        match (moved, &self.base) {
            (Some(moved), _) => moved,
            (None, Some(base)) if name != "-" => Path::new(base).join(name).display().to_string(),
            (None, _) => name.to_owned(),
        }
    }
}

/// Every input of a run is to be what it was: everything that is not is told at once.
fn check_inputs(folder: &RunFolder, places: &PlaceArgs) -> Result<Vec<CheckedInput>, Stopped> {
    let mut checked = Vec::new();
    let mut wrong = Vec::new();
    for input in &folder.info.inputs {
        let InputInfo { name, sha256, .. } = input;
        let found = places.now(name);
        if found == "-" {
            let message = "the run read from standard input, which is gone".to_owned();
            let help = "keep what was read in a file, and say --input -=FILE";
            wrong.push(Diagnostic::error(Code::InputGone, message).help(help));
            continue;
        }
        match fingerprint_of(&found) {
            Ok(now) if now == *sha256 => {
                checked.push(CheckedInput { name: name.clone(), found, sha256: now });
            }
            Ok(now) => wrong.push(changed(&found, sha256, &now)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let message = format!("`{found}` is not there any more; the run was made of it");
                let help = format!(
                    "say where it is now with --input {name}=NEW, or with --base the folder that \
                     the run was made in"
                );
                wrong.push(Diagnostic::error(Code::InputGone, message).help(help));
            }
            Err(error) => wrong.push(unreadable(&found, &error)),
        }
    }
    if wrong.is_empty() { Ok(checked) } else { Err(wrong) }
}

fn changed(name: &str, then: &str, now: &str) -> Diagnostic {
    let short = |sha256: &str| sha256.chars().take(12).collect::<String>();
    let message = format!(
        "`{name}` has changed since the run: its SHA-256 was {}…, and is {}…",
        short(then),
        short(now)
    );
    Diagnostic::error(Code::InputChanged, message).help(
        "bring the old file back (--input OLD=NEW names it elsewhere), or bill again and explain \
         that run",
    )
}

/// A file that the book has now, and did not have then, changes prices as well.
fn check_book(prices: &str, checked: &[CheckedInput]) -> Result<(), Stopped> {
    let path = Path::new(prices).join("discounts.csv");
    let name = path.display().to_string();
    if path.exists() && !checked.iter().any(|input| input.found == name) {
        let message = format!("`{name}` was not there when the run was made");
        let help = "take it away, or bill again and explain that run";
        return Err(vec![Diagnostic::error(Code::InputChanged, message).help(help)]);
    }
    Ok(())
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
