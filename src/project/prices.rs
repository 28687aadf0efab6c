//! What-ifs on prices: a book with changes put into it, each from its date on.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::book::{Book, RateRegion, Sku, Tier, Version};
use crate::scenario::{Change, ChangeKind};
use crate::value::{Instant, Names, RegionId, UnitPrice};

/// How many digits a changed price has after the point at most: as many as a price book takes.
const MOST_DECIMALS: u32 = 12;

/// The book with the changes in it, in their order.
#[must_use]
pub fn changed(book: &Book, changes: &[Change], names: &Names) -> Book {
    let mut changed = book.clone();
    for change in changes {
        match &change.kind {
            ChangeKind::Percent(percent) => {
                for sku in met(&changed, &change.sku, names) {
                    let versions = by_percent(&changed, sku, change, *percent);
                    changed.rates.replace(sku, versions);
                }
            }
            ChangeKind::Book(_, Some(other)) => {
                for sku in met(other, &change.sku, names) {
                    let versions = by_book(&changed, other, sku, change);
                    changed.rates.replace(sku, versions);
                }
            }
            // A book that could not be read has been told.
            ChangeKind::Book(_, None) => {}
        }
    }
    changed
}

/// The SKUs of a book that a pattern meets.
fn met(book: &Book, pattern: &str, names: &Names) -> Vec<Sku> {
    let is_met = |sku: &Sku| {
        let text = sku.text(names);
        match pattern.strip_suffix('*') {
            Some(beginning) => text.starts_with(beginning),
            None => text == pattern,
        }
    };
    book.rates.skus().into_iter().filter(is_met).collect()
}

/// The versions of one region's rate, or of `*`, ascending.
fn of_region(book: &Book, sku: Sku, region: RateRegion) -> Vec<Version> {
    book.rates.versions(sku).filter(|version| version.region == region).cloned().collect()
}

fn regions(book: &Book, sku: Sku) -> Vec<RateRegion> {
    let mut regions: Vec<RateRegion> = Vec::new();
    for version in book.rates.versions(sku) {
        if !regions.contains(&version.region) {
            regions.push(version.region);
        }
    }
    regions
}

/// The versions of a rate from an instant on, the first of them from that instant.
fn from(versions: &[Version], from: Instant) -> Vec<Version> {
    let later = versions.partition_point(|version| version.effective_from <= from);
    let current = later.checked_sub(1).and_then(|place| versions.get(place));
    let current = current.map(|version| Version { effective_from: from, ..version.clone() });
    current.into_iter().chain(versions[later..].iter().cloned()).collect()
}

/// The versions of a rate before an instant.
fn until(versions: &[Version], until: Instant) -> impl Iterator<Item = Version> {
    versions.iter().filter(move |version| version.effective_from < until).cloned()
}

/// A region that a change is for has a rate of its own from then on.
fn own_region(book: &Book, sku: Sku, change: &Change, region: RegionId) -> Vec<Version> {
    let own = RateRegion::One(region);
    let mut versions = of_region(book, sku, own);
    if versions.is_empty() {
        versions = from(&of_region(book, sku, RateRegion::Everywhere), change.from);
        for version in &mut versions {
            version.region = own;
        }
    }
    versions
}

fn by_percent(book: &Book, sku: Sku, change: &Change, percent: Decimal) -> Vec<Version> {
    let mut versions = Vec::new();
    let mut add = |of_region: Vec<Version>| {
        versions.extend(until(&of_region, change.from));
        let later = from(&of_region, change.from).into_iter();
        versions.extend(later.map(|version| scaled(version, percent, change.from)));
    };
    match change.region {
        None => regions(book, sku).into_iter().for_each(|region| add(of_region(book, sku, region))),
        Some(region) => {
            add(own_region(book, sku, change, region));
            let others = regions(book, sku).into_iter();
            for other in others.filter(|other| *other != RateRegion::One(region)) {
                versions.extend(of_region(book, sku, other));
            }
        }
    }
    versions
}

fn by_book(book: &Book, other: &Book, sku: Sku, change: &Change) -> Vec<Version> {
    let is_met =
        |region: &RateRegion| change.region.is_none_or(|only| *region == RateRegion::One(only));
    let mut versions = Vec::new();
    for region in regions(book, sku) {
        let own = of_region(book, sku, region);
        if is_met(&region) {
            versions.extend(until(&own, change.from));
        } else {
            versions.extend(own);
        }
    }
    for region in regions(other, sku).into_iter().filter(is_met) {
        versions.extend(from(&of_region(other, sku, region), change.from));
    }
    versions
}

/// A version with all its prices changed by so many percent.
fn scaled(version: Version, percent: Decimal, from: Instant) -> Version {
    let factor = Decimal::ONE + percent / Decimal::ONE_HUNDRED;
    let price = |price: UnitPrice| {
        let exact = price.decimal() * factor;
        let round = RoundingStrategy::MidpointNearestEven;
        let rounded = exact.round_dp_with_strategy(MOST_DECIMALS, round).normalize();
        // As many digits as the price had, or more.
        let mut shown = rounded;
        shown.rescale(rounded.scale().max(price.decimal().scale()));
        UnitPrice::new(shown)
    };
    let sign = if percent.is_sign_negative() { "" } else { "+" };
    let what = format!("{sign}{percent} % from {} on (what-if)", from.day());
    let tier = |tier: Tier| Tier {
        price: price(tier.price),
        flat: tier.flat.map(price),
        source: if tier.source.is_empty() {
            what.clone()
        } else {
            format!("{}; {what}", tier.source)
        },
        ..tier
    };
    Version { tiers: version.tiers.into_iter().map(tier).collect(), ..version }
}
