//! A scenario file, to a checked [`Scenario`]: strict, and all mistakes at once.
//!
//! A file becomes a [`Draft`] first, in which `--set` and the draws of `[[vary]]` put other
//! values; what comes of it is read from there, again for each draw.

mod distribution;
pub mod flags;
mod fleet;
mod image;
mod people;
mod timetable;
pub mod units;
mod vary;

pub use vary::Vary;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::book::Book;
use crate::diagnostic::{Code, Diagnostic, Place, Source, has_errors, nearest};
use crate::read::scenario::image::Images;
use crate::read::scenario::people::People;
use crate::read::toml::keys::{Keys, wrong_kind};
use crate::read::toml::tree::{Lost, Node, Value, parse, parse_value};
use crate::scenario::{Budget, Change, ChangeKind, Scenario};
use crate::value::{AccountId, FlavorId, Instant, Names, OsId};

/// What a scenario is read against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The prices: regions, flavors and SKUs are theirs.
    pub book: &'a Book,
    /// The accounts of a list: where it has any, nobody else is there.
    pub accounts: &'a [AccountId],
    /// Whether accounts of a history are there besides: then nobody can be told to be missing.
    pub has_history: bool,
}

/// A scenario file's values, which can still be replaced.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The file's name.
    pub name: String,
    root: Node,
}

/// A number that went in, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// What it is.
    pub path: String,
    /// What it says.
    pub value: String,
    /// `file:line`, `--set`, or the rule that gives it.
    pub source: String,
}

/// The tables of a scenario file.
const TABLES: [&str; 7] = ["scenario", "group", "image", "fleet", "change", "vary", "budget"];

impl Draft {
    /// Reads a file, and puts in what the command line says: `path` and value.
    pub fn parse(
        name: &str,
        bytes: &[u8],
        overrides: &[(String, String)],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Draft> {
        let (_, mut root) = parse(name, bytes, diagnostics)?;
        for (path, value) in overrides {
            let source = Source::whole("--set", format!("{path}={value}"));
            let place = source.place(path.len() + 1..source.text.len());
            let new = parse_value(value, &source, place);
            if let Err(lost) = root.set(path, new) {
                diagnostics.push(lost_path(&lost, path, source.place(0..path.len())));
            }
        }
        Some(Draft { name: name.to_owned(), root })
    }

    /// The scenario; `None` after a mistake.
    pub fn read(
        &self,
        context: &Context<'_>,
        names: &mut Names,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Scenario> {
        let mut found = Vec::new();
        let scenario = read(&self.root, &self.name, context, names, &mut found);
        found.sort_by_key(|d| d.place.as_ref().map(|(place, _)| place.span.start));
        let is_wrong = has_errors(&found);
        diagnostics.extend(found);
        scenario.filter(|_| !is_wrong)
    }

    /// Every value that went in, as it stands now.
    #[must_use]
    pub fn assumptions(&self) -> Vec<Assumption> {
        let leaf = |(path, node): (String, &Node)| Assumption {
            path,
            value: node.shown().unwrap_or_default(),
            source: match node.place.source.name.as_str() {
                "--set" => "--set".to_owned(),
                name => format!("{name}:{}", node.place.line()),
            },
        };
        self.root.leaves().into_iter().map(leaf).collect()
    }
}

/// What to say about a path that leads nowhere.
fn lost_path(lost: &Lost, path: &str, place: Place) -> Diagnostic {
    let within = if lost.reached.is_empty() { "the scenario" } else { lost.reached.as_str() };
    let message = format!("`{path}` leads nowhere: {within} has no `{}`", lost.step);
    Diagnostic::error(Code::PathLost, message)
        .at(place, "no such path")
        .did_you_mean(&lost.step, lost.known.iter().map(String::as_str))
}

fn read(
    root: &Node,
    file: &str,
    context: &Context<'_>,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Scenario> {
    let mut top = Keys::of(root, "a scenario", diagnostics)?;
    let [head, groups, images, fleets, changes, _, budget] = TABLES.map(|key| top.find(key));
    top.finish();

    let mut scenario = read_head(head, file, diagnostics);
    let mut people = People::new(context.accounts);
    for group in items(groups, "[[group]]", diagnostics) {
        people.read_group(group, names, diagnostics);
    }
    let images = items(images, "[[image]]", diagnostics);
    for image in &images {
        people.note_owner(image, names);
    }
    let (mut known, mut broken) = (Images::default(), FxHashSet::default());
    for node in images {
        let image = image::read(node, context, &mut people, &known, names, diagnostics);
        match &image {
            Some(image) => known.note(&image.name),
            None => broken.extend(node.name().map(str::to_owned)),
        }
        scenario.images.extend(image);
    }
    let mut taken = FxHashSet::default();
    for (place, fleet) in items(fleets, "[[fleet]]", diagnostics).into_iter().enumerate() {
        let (images, people, broken, taken) = (&known, &mut people, &broken, &mut taken);
        let mut reader = fleet::Reader { place, context, people, images, broken, taken, names };
        let fleet = reader.read(fleet, diagnostics);
        scenario.fleets.extend(fleet);
    }
    for change in items(changes, "[[change]]", diagnostics) {
        scenario.changes.extend(read_change(change, context, names, diagnostics));
    }
    if let Some(budget) = budget {
        if !context.has_history {
            people.close();
        }
        scenario.budgets = read_budgets(budget, context, &mut people, names, diagnostics);
    }
    Some(scenario)
}

/// The tables of a list of tables.
fn items<'a>(
    node: Option<&'a Node>,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<&'a Node> {
    match node.map(|node| (&node.value, node)) {
        None => Vec::new(),
        Some((Value::List(items), _)) => items.iter().collect(),
        Some((_, node)) => {
            let diagnostic = wrong_kind("this", node, &format!("a list of tables {what}"));
            diagnostics.push(diagnostic.help(format!("begin each with the line {what}")));
            Vec::new()
        }
    }
}

fn read_head(node: Option<&Node>, file: &str, diagnostics: &mut Vec<Diagnostic>) -> Scenario {
    let stem = std::path::Path::new(file).file_stem();
    let mut scenario = Scenario {
        name: stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
        start: None,
        months: None,
        seed: 0,
        runs: 1,
        images: Vec::new(),
        fleets: Vec::new(),
        changes: Vec::new(),
        budgets: Vec::new(),
    };
    let Some(mut keys) = node.and_then(|node| Keys::of(node, "[scenario]", diagnostics)) else {
        return scenario;
    };
    if let Some((name, _)) = keys.text("name") {
        scenario.name = name.to_owned();
    }
    scenario.start = instant(&mut keys, "start");
    scenario.months = keys.whole("months", 1, 600).map(|months| months as u32);
    scenario.seed = keys.whole("seed", 0, u64::MAX).unwrap_or(0);
    scenario.runs = keys.whole("runs", 1, 10_000_000).map_or(1, |runs| runs as u32);
    keys.finish();
    scenario
}

/// An instant or a date, as a text or a TOML date.
fn instant(keys: &mut Keys<'_, '_>, key: &'static str) -> Option<Instant> {
    let node = keys.find(key)?;
    as_instant(key, node, keys)
}

fn as_instant(key: &str, node: &Node, keys: &mut Keys<'_, '_>) -> Option<Instant> {
    let text = match &node.value {
        Value::Text(text) | Value::Date(text) => text,
        _ => {
            keys.wrong(key, node, "a date like \"2027-01-01\"");
            return None;
        }
    };
    Instant::parse_date_or_instant(text)
        .map_err(|error| {
            let message = format!("`{key}`: {error}");
            keys.diagnostics.push(
                Diagnostic::error(Code::DateWrong, message)
                    .at(node.place.clone(), "a date expected")
                    .help("write a date like \"2027-01-31\", which is midnight UTC"),
            );
        })
        .ok()
}

fn read_change(
    node: &Node,
    context: &Context<'_>,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Change> {
    let mut keys = Keys::of(node, "[[change]]", diagnostics)?;
    let told = keys.diagnostics.len();
    let from = keys.need("from", "\"2027-04-01\"");
    let from = from.and_then(|node| as_instant("from", node, &mut keys));
    let sku = match keys.text("sku") {
        Some((sku, place)) => {
            check_sku(sku, place, context.book, names, keys.diagnostics);
            sku.to_owned()
        }
        None => "*".to_owned(),
    };
    let region = keys
        .text("region")
        .and_then(|(text, place)| region_of(text, place, context.book, names, keys.diagnostics));
    let percent = keys.find("percent");
    let book = keys.text("book").map(|(folder, _)| ChangeKind::Book(folder.to_owned(), None));
    let percent = percent.and_then(|node| {
        let percent = units::percent(&node.shown().unwrap_or_default());
        let percent = percent.filter(|percent| *percent >= rust_decimal::Decimal::from(-100));
        if percent.is_none() {
            keys.wrong("percent", node, "a percentage like \"+4\" or \"-2.5\"");
        }
        percent.map(ChangeKind::Percent)
    });
    let kind = match (percent, book) {
        (Some(kind), None) | (None, Some(kind)) => Some(kind),
        // What is wrong with a value has been told.
        (None, None) if keys.diagnostics.len() > told => None,
        (both, _) => {
            let what = if both.is_some() { "both percent and book" } else { "nothing" };
            keys.diagnostics.push(
                Diagnostic::error(Code::ScenarioUnclear, format!("this change changes {what}"))
                    .at(node.place.clone(), "one of them expected")
                    .help("write percent = \"+4\", or book = \"pricing/…\""),
            );
            None
        }
    };
    keys.finish();
    Some(Change { from: from?, sku, region, kind: kind? })
}

/// A change has to meet a SKU of the book.
fn check_sku(
    pattern: &str,
    place: &Place,
    book: &Book,
    names: &Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let skus: Vec<String> = book.rates.skus().iter().map(|sku| sku.text(names)).collect();
    let is_met = match pattern.strip_suffix('*') {
        Some(beginning) => skus.iter().any(|sku| sku.starts_with(beginning)),
        None => skus.iter().any(|sku| sku == pattern),
    };
    if !is_met {
        diagnostics.push(
            Diagnostic::error(Code::SkuUnknown, format!("`{pattern}` is no SKU of the price book"))
                .at(place.clone(), "no rate has this SKU")
                .did_you_mean(pattern, skus.iter().map(String::as_str)),
        );
    }
}

/// A region of the book.
fn region_of(
    text: &str,
    place: &Place,
    book: &Book,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<crate::value::RegionId> {
    let found = names.regions.find(text).filter(|region| book.regions.contains(region));
    if found.is_none() {
        let known = book.regions.iter().map(|region| names.regions.text(*region));
        diagnostics.push(
            Diagnostic::error(
                Code::NameUnknown,
                format!("`{text}` is no region of the price book"),
            )
            .at(place.clone(), "no such region")
            .did_you_mean(text, known),
        );
    }
    found
}

/// An operating system. Any name is one, but it costs a licence only where it is spelled as the
/// book spells it.
fn system_of(
    text: &str,
    place: &Place,
    book: &Book,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> OsId {
    let system = names.systems.intern(text);
    let policy = &book.policy;
    let mut known: Vec<OsId> = book.licensed_systems.iter().copied().collect();
    known.extend(policy.no_export_os.iter().chain(&policy.no_import_os));
    if system != OsId::LINUX && !known.contains(&system) {
        let known = known.iter().map(|known| names.systems.text(*known));
        if let Some(near) = nearest(text, known.chain([names.systems.text(OsId::LINUX)])) {
            diagnostics.push(
                Diagnostic::warning(Code::NameUnknown, format!("`{text}` has no price or rule"))
                    .at(place.clone(), "taken as a system of its own")
                    .help(format!("did you mean `{near}`?")),
            );
        }
    }
    system
}

/// A flavor of the book.
fn flavor_of(
    text: &str,
    place: &Place,
    book: &Book,
    names: &Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<FlavorId> {
    let found = names.flavors.find(text).filter(|flavor| book.flavors.contains_key(flavor));
    if found.is_none() {
        let known = book.flavors.keys().map(|flavor| names.flavors.text(*flavor));
        let mut known: Vec<&str> = known.collect();
        known.sort_unstable();
        diagnostics.push(
            Diagnostic::error(
                Code::NameUnknown,
                format!("`{text}` is no flavor of the price book"),
            )
            .at(place.clone(), "no such flavor")
            .did_you_mean(text, known),
        );
    }
    found
}

fn read_budgets(
    node: &Node,
    context: &Context<'_>,
    people: &mut People,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Budget> {
    let Value::Table(entries) = &node.value else {
        diagnostics.push(wrong_kind("`budget`", node, "a table"));
        return Vec::new();
    };
    let currency = context.book.currency.code();
    let mut budgets: Vec<Budget> = Vec::new();
    let mut places: FxHashMap<Option<AccountId>, usize> = FxHashMap::default();
    for entry in entries {
        let accounts: Vec<Option<AccountId>> = if entry.key == "*" {
            vec![None]
        } else {
            let found = people.accounts(&entry.key, &entry.key_place, names, diagnostics);
            found.into_iter().map(Some).collect()
        };
        let text = match &entry.node.value {
            Value::Number(digits) => format!("{digits} per month"),
            _ => entry.node.shown().unwrap_or_default(),
        };
        let Some(per_month) = units::monthly(&text, currency) else {
            let message = format!("the budget of `{}` is no money per month", entry.key);
            diagnostics.push(
                Diagnostic::error(Code::UnitWrong, message)
                    .at(entry.node.place.clone(), "money per month expected")
                    .help(format!("write money in {currency}, like \"1200 {currency} per month\"")),
            );
            continue;
        };
        for account in accounts {
            let place = *places.entry(account).or_insert(budgets.len());
            match budgets.get_mut(place) {
                Some(budget) => budget.per_month = per_month,
                None => budgets.push(Budget { account, per_month }),
            }
        }
    }
    budgets
}
