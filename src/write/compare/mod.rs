//! A comparison of two runs: for people, as tables, and for machines.

mod csv;
mod json;
mod text;

pub use csv::{accounts, accuracies, rows};
pub use json::json;
pub use text::text;

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::compare::accuracy::{Accuracy, percent};
use crate::compare::{Change, CompareNames, Comparison, Month, Periods};
use crate::value::{Currency, Instant};
use crate::write::field;

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Its folder, as it was given.
    pub folder: String,
    /// Which scenario, where it is a projection.
    pub scenario: Option<String>,
    /// The price book's id.
    pub book: Option<String>,
    /// The run's first instant.
    pub start: Option<Instant>,
    /// The first instant after it.
    pub end: Option<Instant>,
    /// What a bill charges in months that are not compared, in minor units.
    pub left_out: i128,
}

/// A comparison, and everything that is written about it.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The run that is compared with.
    pub a: &'a Side,
    /// The run whose difference is told.
    pub b: &'a Side,
    /// How cycles are put side by side.
    pub periods: Periods,
    /// The months that are compared, where not all of both are.
    pub months: Option<&'a BTreeSet<Month>>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Whether differences are split by charges; otherwise only categories are known.
    pub is_split: bool,
    /// The rows and their sums.
    pub comparison: &'a Comparison,
    /// How good A was as a forecast, where it is one.
    pub accuracy: Option<&'a Accuracy>,
    /// The names in it.
    pub names: &'a CompareNames,
    /// How many accounts are told one by one.
    pub top: usize,
}

impl Side {
    /// What kind of run it is.
    fn kind(&self) -> &'static str {
        if self.scenario.is_some() { "projection" } else { "bill" }
    }
}

impl Compared<'_> {
    /// An amount in minor units, as a text with the currency's digits.
    fn money(&self, units: i128) -> String {
        let mut bytes = Vec::new();
        field::number(&mut bytes, units, self.currency.minor_digits());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// An expected amount with all its decimals, and no fewer than the currency has.
    fn at_least_minor(&self, mut amount: Decimal) -> Decimal {
        amount.rescale(amount.scale().max(self.currency.minor_digits()));
        amount
    }
}

/// The difference as a part of A, in percent; nothing where A is 0.
fn difference_percent(change: &Change) -> Option<Decimal> {
    let decimal = |units| Decimal::try_from_i128_with_scale(units, 0).ok();
    percent(decimal(change.difference())?, decimal(change.a)?)
}

/// How many of how many, in percent.
fn share((within, of): (usize, usize)) -> Option<Decimal> {
    percent(within.into(), of.into())
}

/// A number that may be none, as a text.
fn or_empty(number: Option<Decimal>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}
