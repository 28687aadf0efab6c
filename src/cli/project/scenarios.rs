//! Opens scenario files, with the price books that they name.

use std::io::{self, Write};
use std::path::Path;

use rustc_hash::FxHashSet;

use crate::account::Accounts;
use crate::book::Book;
use crate::cli::files::{read_file, unreadable};
use crate::cli::output::OutputFolder;
use crate::cli::project::Making;
use crate::cli::project::history::History;
use crate::cli::scribe::Scribe;
use crate::cli::{Stopped, book};
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::disk;
use crate::project::prices::changed;
use crate::read::scenario::{Assumption, Context, Draft, Vary};
use crate::scenario::{ChangeKind, Interval, Scenario};
use crate::value::{AccountId, Instant, Names, Span};
use crate::write::{self, InputReport};

/// How many months are projected where nobody says.
const USUAL_MONTHS: u32 = 12;

/// What stands for the file where there is none.
const NO_FILE: &str = "no scenario";

/// What is planned where nothing is: all goes on as the history has it.
const NO_SCENARIO: &str = "[scenario]\nname = \"as it is\"\n";

/// Which scenarios, and what they are read against.
pub(in crate::cli) struct Scenarios<'a> {
    pub(in crate::cli) files: &'a [String],
    pub(in crate::cli) settings: &'a [(String, String)],
    pub(in crate::cli) book: &'a Book,
    pub(in crate::cli) accounts: &'a Accounts,
    /// Whether accounts may be known from a history besides.
    pub(in crate::cli) has_history: bool,
}

/// A scenario, ready to be lived through.
pub(in crate::cli) struct Opened {
    pub(in crate::cli) draft: Draft,
    /// The same with every number that varies at its mean: what `scenario` was read from.
    at_mean: Draft,
    pub(in crate::cli) scenario: Scenario,
    pub(in crate::cli) varies: Vec<Vary>,
    /// The prices, where the scenario changes them.
    pub(in crate::cli) changed: Option<Book>,
    /// What it was read against.
    listed: Vec<AccountId>,
    has_history: bool,
}

impl Opened {
    /// The prices in force.
    pub(in crate::cli) fn book<'b>(&'b self, book: &'b Book) -> &'b Book {
        self.changed.as_ref().unwrap_or(book)
    }

    /// What it is read against, again for each draw.
    pub(super) fn context<'c>(&'c self, book: &'c Book) -> Context<'c> {
        Context { book, accounts: &self.listed, has_history: self.has_history }
    }

    /// How many months it covers: so many, else as many as it says.
    pub(super) fn months(&self, months: Option<u32>) -> u32 {
        months.or(self.scenario.months).unwrap_or(USUAL_MONTHS)
    }

    /// What it covers: from `start` on, else from its own, else from the end of the history; so
    /// many months.
    pub(in crate::cli) fn run(
        &self,
        start: Option<Instant>,
        months: Option<u32>,
        history: &mut History,
        making: &Making<'_>,
    ) -> Result<Span, Stopped> {
        let start = match start.or(self.scenario.start) {
            Some(start) => start,
            None => history.end(making)?.ok_or_else(|| {
                let message = format!("`{}` does not say when it starts", self.draft.name);
                vec![Diagnostic::error(Code::KeyMissing, message).help(
                    "write start = \"2027-01-01\" below [scenario], or give --start, or events \
                     that it follows",
                )]
            })?,
        };
        let months = self.months(months);
        Ok(Span { start, end: Interval::Months(months).after(start, 1) })
    }

    /// Every number that went in, and where it came from.
    pub(in crate::cli) fn assumptions(&self) -> Vec<Assumption> {
        let mut assumptions = self.at_mean.assumptions();
        let varied: FxHashSet<String> =
            self.varies.iter().map(|vary| self.draft.by_places(&vary.path)).collect();
        let said: FxHashSet<String> =
            assumptions.iter().map(|assumption| assumption.path.clone()).collect();
        for assumption in assumptions.iter_mut().filter(|known| varied.contains(&known.path)) {
            assumption.source += ", at the mean of its [[vary]]";
        }
        let mut add = |path: String, value: String, source: &str| {
            if !said.contains(&path) {
                assumptions.push(Assumption { path, value, source: source.to_owned() });
            }
        };
        for (place, image) in self.scenario.images.iter().enumerate() {
            // Where the file does not say it, it is the usual hour.
            add(format!("image.{place}.copy_step"), "1 hour".to_owned(), "default");
            if image.keep.is_none() {
                add(format!("image.{place}.keep"), "all".to_owned(), "default");
            }
        }
        for (place, fleet) in self.scenario.fleets.iter().enumerate() {
            if fleet.reimage.is_some() {
                add(format!("fleet.{place}.reimage.overlap"), "1 hour".to_owned(), "default");
            }
        }
        assumptions
    }
}

impl Scenarios<'_> {
    /// Opens all, or tells all that is wrong with them.
    pub(in crate::cli) fn open(
        &self,
        names: &mut Names,
        scribe: &Scribe,
    ) -> Result<(Vec<Opened>, Vec<InputReport>), Stopped> {
        let (mut all, mut inputs, mut diagnostics) = (Vec::new(), Vec::new(), Vec::new());
        let nothing = (NO_FILE.to_owned(), NO_SCENARIO.as_bytes().to_vec());
        let mut texts = if self.files.is_empty() { vec![nothing] } else { Vec::new() };
        for file in self.files {
            let read = read_file(file, scribe).map_err(|diagnostic| vec![diagnostic])?;
            inputs.push(read.report);
            texts.push((file.clone(), read.bytes));
        }
        for (file, bytes) in &texts {
            let opened = self.open_one(file, bytes, names, &mut diagnostics, scribe)?;
            if let Some((opened, reports)) = opened {
                let name = &opened.scenario.name;
                if all.iter().any(|other: &Opened| other.scenario.name == *name) {
                    let message = format!("two scenarios are called `{name}`");
                    let help = "give each a name of its own below [scenario]";
                    diagnostics.push(Diagnostic::error(Code::ScenarioUnclear, message).help(help));
                }
                inputs.extend(reports);
                all.push(opened);
            }
        }
        if has_errors(&diagnostics) {
            return Err(diagnostics);
        }
        scribe.diagnostics(&diagnostics);
        Ok((all, inputs))
    }

    fn open_one(
        &self,
        file: &str,
        bytes: &[u8],
        names: &mut Names,
        diagnostics: &mut Vec<Diagnostic>,
        scribe: &Scribe,
    ) -> Result<Option<(Opened, Vec<InputReport>)>, Stopped> {
        let Some(draft) = Draft::parse(file, bytes, self.settings, diagnostics) else {
            return Ok(None);
        };
        let has_history = self.has_history;
        let listed: Vec<AccountId> =
            if has_history { Vec::new() } else { self.accounts.listed(names) };
        let context = Context { book: self.book, accounts: &listed, has_history };
        let mut found = Vec::new();
        let varies = draft.varies(&mut found);
        // What is not drawn is at its mean. Mistakes are told of what the file says.
        let scenario = draft.read(&context, names, &mut found);
        let at_mean = draft.with(varies.iter().map(|v| (v.path.as_str(), v.distribution.mean())));
        let scenario = scenario.and_then(|_| at_mean.read(&context, names, &mut Vec::new()));
        // As they stand in the file; what the command line puts in comes first.
        found.sort_by_key(|diagnostic| {
            let place = diagnostic.place.as_ref().map(|(place, _)| place);
            place.map(|place| (place.source.name == file, place.span.start))
        });
        diagnostics.extend(found);
        let Some(mut scenario) = scenario else { return Ok(None) };
        let mut reports = Vec::new();
        for change in &mut scenario.changes {
            let ChangeKind::Book(folder, loaded) = &mut change.kind else { continue };
            let folder = beside(folder, file)?;
            let (other, inputs) = book::load_book(&folder, names, scribe)?;
            if other.currency != self.book.currency {
                let message = format!(
                    "`{folder}` has prices in {}, not in {}",
                    other.currency.code(),
                    self.book.currency.code()
                );
                diagnostics.push(Diagnostic::error(Code::ScenarioUnclear, message));
            }
            reports.extend(inputs);
            *loaded = Some(Box::new(other));
        }
        let changes = &scenario.changes;
        let book = (!changes.is_empty()).then(|| changed(self.book, changes, names));
        let opened =
            Opened { draft, at_mean, scenario, varies, changed: book, listed, has_history };
        Ok(Some((opened, reports)))
    }
}

/// A folder that a scenario names: from where the program runs, else from beside the scenario.
fn beside(folder: &str, file: &str) -> Result<String, Stopped> {
    let is_folder = |path: &Path| {
        let name = || path.display().to_string();
        disk::is_folder(path).map_err(|error| vec![unreadable(&name(), &error)])
    };
    if !is_folder(Path::new(folder))?
        && let Some(near) = Path::new(file).parent().map(|parent| parent.join(folder))
        && is_folder(&near)?
    {
        return Ok(near.display().to_string());
    }
    Ok(folder.to_owned())
}

/// Writes the changed prices as a book of their own: what the scenario's log is to be billed with.
pub(super) fn write_book(
    folder: &mut OutputFolder,
    original: &str,
    changed: &Book,
    names: &Names,
) -> Result<(), Stopped> {
    for file in ["book.toml", "flavors.csv", "discounts.csv"] {
        let path = Path::new(original).join(file);
        let unknown = |error: io::Error| vec![unreadable(&path.display().to_string(), &error)];
        if disk::kind_at(&path).map_err(unknown)?.is_none() {
            continue;
        }
        let bytes = disk::read(&path).map_err(unknown)?;
        folder.write(&format!("prices/{file}"), |out| out.write_all(&bytes))?;
    }
    folder.write("prices/rates.csv", |out| write::book::dated_rates(out, changed, names))
}
