//! Price books for people and for machines: what is in force, and what differs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::book::{Book, RateRegion, Sku, Tier, Version};
use crate::value::{Instant, Names};
use crate::write::json::to_text;
use crate::write::text::{blank_table, push_table, visible};

/// Which rates to show.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// A part of the SKU's name.
    pub sku: &'a str,
    /// A region that the rate is in force in.
    pub region: Option<&'a str>,
    /// An instant at which it is in force.
    pub at: Option<Instant>,
}

/// One tier of one rate, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Line {
    sku: String,
    region: String,
    unit: &'static str,
    model: &'static str,
    from: String,
    price: String,
    flat: Option<String>,
    currency: &'static str,
    effective_from: String,
    source: String,
    line: u64,
}

/// A book in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedBook {
    path: String,
    id: String,
    title: String,
    currency: String,
    regions: Vec<String>,
    rates: usize,
    in_force_from: String,
    latest_change: String,
    mistakes: usize,
}

/// What differs between two books in one tier of one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    sku: String,
    region: String,
    from: String,
    before: Option<String>,
    after: Option<String>,
    difference: Option<String>,
    percent: Option<String>,
}

/// How many rates a book has: versions, not tiers.
#[must_use]
pub fn rate_count(book: &Book) -> usize {
    book.rates.skus().into_iter().map(|sku| book.rates.versions(sku).count()).sum()
}

/// All SKUs of a book with their names, by name.
fn skus(book: &Book, names: &Names) -> Vec<(String, Sku)> {
    let mut skus: Vec<(String, Sku)> =
        book.rates.skus().into_iter().map(|sku| (sku.text(names), sku)).collect();
    skus.sort();
    skus
}

fn lines(book: &Book, names: &Names, filter: &Filter<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (text, sku) in skus(book, names).into_iter().filter(|(text, _)| text.contains(filter.sku)) {
        let shown = |version: &&Version| is_shown(version, sku, book, names, filter);
        for version in book.rates.versions(sku).filter(shown) {
            lines.extend(version.tiers.iter().map(|tier| line(&text, version, tier, book, names)));
        }
    }
    lines
}

/// Whether a version is in force where and when the filter asks.
fn is_shown(version: &Version, sku: Sku, book: &Book, names: &Names, filter: &Filter<'_>) -> bool {
    let regions = match (filter.region, version.region) {
        (Some(region), _) => names.regions.find(region).into_iter().collect(),
        (None, RateRegion::One(region)) => vec![region],
        (None, RateRegion::Everywhere) => book.regions.clone(),
    };
    match filter.at {
        Some(at) => regions
            .into_iter()
            .any(|region| book.in_force(sku, region, at).version == Some(version)),
        None => match version.region {
            RateRegion::Everywhere => true,
            RateRegion::One(region) => regions.contains(&region),
        },
    }
}

fn line(sku: &str, version: &Version, tier: &Tier, book: &Book, names: &Names) -> Line {
    Line {
        sku: sku.to_owned(),
        region: version.region.text(names).to_owned(),
        unit: version.unit.as_str(),
        model: version.model.as_str(),
        from: tier.from.to_string(),
        price: tier.price.to_string(),
        flat: tier.flat.map(|flat| flat.to_string()),
        currency: book.currency.code(),
        effective_from: version.effective_from.to_string(),
        source: tier.source.clone(),
        line: tier.line,
    }
}

/// The rates as a table: one line a tier, a SKU's name only on its first.
#[must_use]
pub fn show_text(book: &Book, names: &Names, filter: &Filter<'_>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} ({})", visible(&book.title), visible(&book.id));
    let _ = writeln!(
        text,
        "{}, cycle {}, quantities to {} decimals, servers by {} s\n",
        book.currency,
        match book.cycle {
            crate::book::CycleKind::CalendarMonth => "calendar month",
            crate::book::CycleKind::Anniversary => "from each account's billing day",
        },
        book.quantity_decimals,
        book.server_increment
    );
    let lines = lines(book, names, filter);
    if lines.is_empty() {
        text.push_str("no rate matches\n");
        return text;
    }
    let mut table = blank_table();
    table.set_header(["sku", "region", "from", "above", "price", "flat", "per", "model"]);
    let mut before: Option<&Line> = None;
    for line in &lines {
        let is_same = before.is_some_and(|before| {
            (&before.sku, &before.region, &before.effective_from)
                == (&line.sku, &line.region, &line.effective_from)
        });
        let once = |text: &str| if is_same { String::new() } else { visible(text) };
        let is_graduated = line.model == "graduated";
        let date = line.effective_from.strip_suffix("T00:00:00Z").unwrap_or(&line.effective_from);
        table.add_row(vec![
            once(&line.sku),
            once(&line.region),
            once(date),
            line.from.clone(),
            line.price.clone(),
            line.flat.clone().unwrap_or_default(),
            line.unit.to_owned(),
            if is_graduated { String::new() } else { line.model.to_owned() },
        ]);
        before = Some(line);
    }
    push_table(&mut text, table, &[3, 4, 5]);
    show_discounts(&mut text, book);
    text
}

fn show_discounts(text: &mut String, book: &Book) {
    for grid in &book.discounts {
        let _ = writeln!(
            text,
            "\nVolume discount from {} on, in {}",
            grid.effective_from.day(),
            book.currency
        );
        let mut table = blank_table();
        for band in &grid.bands {
            table.add_row(vec![format!("above {}", band.from), Book::percent_text(band.percent)]);
        }
        push_table(text, table, &[1]);
    }
}

/// The rates as a list.
#[must_use]
pub fn show_json(book: &Book, names: &Names, filter: &Filter<'_>) -> String {
    to_text(&lines(book, names, filter))
}

impl ListedBook {
    /// A book that could be loaded.
    #[must_use]
    pub fn good(path: &str, book: &Book, names: &Names) -> ListedBook {
        let skus = book.rates.skus();
        let dates: BTreeSet<Instant> = skus
            .into_iter()
            .flat_map(|sku| book.rates.versions(sku))
            .map(|version| version.effective_from)
            .collect();
        let day = |instant: Option<&Instant>| {
            instant.map_or_else(String::new, |instant| instant.day().to_string())
        };
        ListedBook {
            path: path.to_owned(),
            id: book.id.clone(),
            title: book.title.clone(),
            currency: book.currency.code().to_owned(),
            regions: book.regions.iter().map(|id| names.regions.text(*id).to_owned()).collect(),
            rates: rate_count(book),
            in_force_from: day(dates.first()),
            latest_change: day(dates.last()),
            mistakes: 0,
        }
    }

    /// A book that could not.
    #[must_use]
    pub fn broken(path: &str, mistakes: usize) -> ListedBook {
        ListedBook {
            path: path.to_owned(),
            id: String::new(),
            title: String::new(),
            currency: String::new(),
            regions: Vec::new(),
            rates: 0,
            in_force_from: String::new(),
            latest_change: String::new(),
            mistakes,
        }
    }
}

/// Books as a table.
#[must_use]
pub fn list_text(books: &[ListedBook], folder: &str) -> String {
    if books.is_empty() {
        return format!("no price book in {}\n", visible(folder));
    }
    let mut table = blank_table();
    table.set_header(["book", "currency", "regions", "rates", "from", "to", "title"]);
    for book in books {
        let title = match book.mistakes {
            0 => visible(&book.title),
            count => format!("{count} mistakes: sharebill prices check {}", visible(&book.path)),
        };
        table.add_row(vec![
            visible(&book.path),
            book.currency.clone(),
            visible(&book.regions.join(" ")),
            book.rates.to_string(),
            book.in_force_from.clone(),
            book.latest_change.clone(),
            title,
        ]);
    }
    let mut text = String::new();
    push_table(&mut text, table, &[3]);
    text
}

/// Books as a list.
#[must_use]
pub fn list_json(books: &[ListedBook]) -> String {
    to_text(&books)
}

/// Which rates of two books differ, of those in force at an instant, or of the latest of each.
#[must_use]
pub fn differences(a: &Book, b: &Book, at: Option<Instant>, names: &Names) -> Vec<Difference> {
    let all: BTreeSet<(String, Sku)> = skus(a, names).into_iter().chain(skus(b, names)).collect();
    let mut differences = Vec::new();
    for (text, sku) in all {
        let regions: BTreeSet<RateRegion> =
            a.rates.versions(sku).chain(b.rates.versions(sku)).map(|v| v.region).collect();
        let mut regions: Vec<RateRegion> = regions.into_iter().collect();
        regions.sort_by_key(|region| region.text(names));
        for region in regions {
            let before = version_at(a, sku, region, at);
            let after = version_at(b, sku, region, at);
            let is_comparable = a.currency == b.currency;
            compare(&text, region.text(names), before, after, is_comparable, &mut differences);
        }
    }
    differences
}

/// The version in force of exactly this region's rate.
fn version_at(book: &Book, sku: Sku, region: RateRegion, at: Option<Instant>) -> Option<&Version> {
    let versions = book.rates.versions(sku).filter(|version| version.region == region);
    versions.filter(|version| at.is_none_or(|at| version.effective_from <= at)).last()
}

fn compare(
    sku: &str,
    region: &str,
    before: Option<&Version>,
    after: Option<&Version>,
    is_comparable: bool,
    differences: &mut Vec<Difference>,
) {
    let tiers = |version: Option<&Version>| version.map_or(Vec::new(), |v| v.tiers.clone());
    let (before, after) = (tiers(before), tiers(after));
    let bounds: BTreeSet<_> = before.iter().chain(&after).map(|tier| tier.from).collect();
    for from in bounds {
        let price = |tiers: &[Tier]| {
            tiers.iter().find(|tier| tier.from == from).map(|tier| (tier.price, tier.flat))
        };
        let (old, new) = (price(&before), price(&after));
        if old == new {
            continue;
        }
        let both = old.zip(new).filter(|_| is_comparable);
        let change =
            both.map(|((old, _), (new, _))| (old.decimal(), new.decimal() - old.decimal()));
        let shown = |price: Option<(crate::value::UnitPrice, Option<crate::value::UnitPrice>)>| {
            price.map(|(price, flat)| match flat {
                Some(flat) => format!("{price} + {flat} flat"),
                None => price.to_string(),
            })
        };
        differences.push(Difference {
            sku: sku.to_owned(),
            region: region.to_owned(),
            from: from.to_string(),
            before: shown(old),
            after: shown(new),
            difference: change.map(|(_, change)| signed(change)),
            percent: change.and_then(|(old, change)| {
                let percent = (change * Decimal::ONE_HUNDRED).checked_div(old)?.round_dp(1);
                Some(signed(percent))
            }),
        });
    }
}

fn signed(number: Decimal) -> String {
    let number = number.normalize();
    if number > Decimal::ZERO { format!("+{number}") } else { number.to_string() }
}

/// Differences as a table.
#[must_use]
pub fn diff_text(differences: &[Difference], a: &Book, b: &Book) -> String {
    let mut text = String::new();
    let name = |book: &Book| format!("{} ({})", visible(&book.id), book.currency);
    if differences.is_empty() {
        let _ = writeln!(text, "{} and {}: no rate differs", name(a), name(b));
        return text;
    }
    let _ = writeln!(text, "{} against {}", name(a), name(b));
    if a.currency != b.currency {
        text.push_str("the currencies differ: prices stand side by side, no difference is told\n");
    }
    let mut table = blank_table();
    table.set_header(["sku", "region", "above", "before", "after", "difference", "%"]);
    for difference in differences {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
        table.add_row(vec![
            visible(&difference.sku),
            visible(&difference.region),
            difference.from.clone(),
            or_none(&difference.before),
            or_none(&difference.after),
            difference.difference.clone().unwrap_or_default(),
            difference.percent.clone().unwrap_or_default(),
        ]);
    }
    push_table(&mut text, table, &[2, 3, 4, 5, 6]);
    let _ = writeln!(text, "{} differences", differences.len());
    text
}

/// Differences as a list.
#[must_use]
pub fn diff_json(differences: &[Difference]) -> String {
    to_text(&differences)
}
