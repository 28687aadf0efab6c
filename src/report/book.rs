//! The book in force: what a run was priced by, as far as its files are still the same.

use std::collections::BTreeMap;

use crate::book::{Book, CycleKind, DiscountModel};
use crate::report::PriceKey;
use crate::value::{Instant, Names, Rounding};

/// A run's price book.
#[derive(Debug, Clone)]
pub struct BookReport {
    /// Its id and title; of a projection, what its files say.
    pub id: String,
    /// For people.
    pub title: String,
    /// What there is to tell about its files.
    pub state: BookState,
}

/// Whether a book's files are still what the run was priced by.
#[derive(Debug, Clone)]
pub enum BookState {
    /// They are: its rules, and where its figures were published.
    Same {
        /// Names and values of its settings.
        settings: Vec<(&'static str, String)>,
        /// Every rate's tiers.
        rates: Vec<RateLine>,
    },
    /// They are not, and why.
    Gone(String),
}

/// One tier of one rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLine {
    /// As a charge names it. Its rule is that of the SKU.
    pub key: PriceKey,
    /// What is charged once when the tier is entered.
    pub flat: Option<rust_decimal::Decimal>,
    /// How tiers price a quantity.
    pub model: &'static str,
    /// The line of `rates.csv`.
    pub line: u64,
    /// Where the figure was published, and when.
    pub source: String,
}

/// Where a figure was published, by SKU, region, date and tier.
pub type Sources<'a> = BTreeMap<(&'a str, &'a str, Option<Instant>, String), (u64, &'a str)>;

impl BookReport {
    /// A book whose files are those that the run read.
    #[must_use]
    pub fn same(book: &Book, names: &Names) -> BookReport {
        let state = BookState::Same { settings: settings(book, names), rates: rates(book, names) };
        BookReport { id: book.id.clone(), title: book.title.clone(), state }
    }

    /// The sources of its rates, to be found by what a charge tells.
    #[must_use]
    pub fn sources(&self) -> Sources<'_> {
        let BookState::Same { rates, .. } = &self.state else { return Sources::new() };
        let source = |rate: &'_ RateLine| (rate.line, rate.key.tier_from.normalize().to_string());
        rates
            .iter()
            .map(|rate| {
                let (line, tier) = source(rate);
                let key = &rate.key;
                let place = (key.sku.as_str(), key.region.as_str(), key.effective_from, tier);
                (place, (line, rate.source.as_str()))
            })
            .collect()
    }
}

fn settings(book: &Book, names: &Names) -> Vec<(&'static str, String)> {
    let regions: Vec<&str> = book.regions.iter().map(|id| names.regions.text(*id)).collect();
    let gigabyte = if book.bytes_per_gigabyte == 1 << 30 { "GiB (2^30 bytes)" } else { "GB" };
    let cycle = match book.cycle {
        CycleKind::CalendarMonth => "calendar month",
        CycleKind::Anniversary => "from each account's billing day",
    };
    let rounding = match book.rounding {
        Rounding::HalfUp => "half up: ties away from zero",
        Rounding::HalfEven => "half even: ties to the even neighbour",
    };
    let discount = match book.discount_model {
        DiscountModel::Marginal => "marginal: each band's part gets its percent",
        DiscountModel::Whole => "whole: the sum gets the percent of its band",
    };
    let mut settings = vec![
        ("currency", book.currency.code().to_owned()),
        ("regions", regions.join(", ")),
        ("gigabyte", gigabyte.to_owned()),
        ("billing cycle", cycle.to_owned()),
        ("amounts are rounded", rounding.to_owned()),
        ("decimals of quantities", book.quantity_decimals.to_string()),
        ("servers are metered by", format!("{} s", book.server_increment)),
        ("default service level", names.levels.text(book.default_level).to_owned()),
        ("minimum after days", book.minimum_after_days.to_string()),
    ];
    if let Some(hours) = book.month_hours {
        settings.push(("hours of a month", hours.to_string()));
    }
    if !book.discounts.is_empty() {
        settings.push(("volume discount", discount.to_owned()));
    }
    settings
}

fn rates(book: &Book, names: &Names) -> Vec<RateLine> {
    let mut lines = Vec::new();
    for sku in book.rates.skus() {
        for version in book.rates.versions(sku) {
            let region = version.region.text(names);
            lines.extend(version.tiers.iter().map(|tier| RateLine {
                key: PriceKey {
                    sku: sku.text(names),
                    region: region.to_owned(),
                    effective_from: Some(version.effective_from),
                    tier_from: tier.from.decimal(),
                    unit: version.unit.as_str().to_owned(),
                    unit_price: Some(tier.price.decimal()),
                    rule: sku.rule().to_owned(),
                },
                flat: tier.flat.map(crate::value::UnitPrice::decimal),
                model: version.model.as_str(),
                line: tier.line,
                source: tier.source.clone(),
            }));
        }
    }
    lines.sort_by(|a, b| a.key.cmp(&b.key));
    lines
}
