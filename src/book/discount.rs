//! The volume discount's grid (P7).

use rust_decimal::Decimal;

use crate::value::{Instant, Quantity};

/// How a grid's percentages apply to a cycle's sum (P7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountModel {
    /// Each band's part of the sum gets that band's percent.
    Marginal,
    /// The whole sum gets the percent of the band it falls in.
    Whole,
}

/// The bands in force from a date on, until the next grid's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// When it comes into force.
    pub effective_from: Instant,
    /// Its bands, ascending; the first begins at 0.
    pub bands: Vec<Band>,
}

/// One band: from its lower bound (not included) to the next band's (included).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// The lower bound, in the book's currency.
    pub from: Quantity,
    /// The discount in percent, 0 to 100.
    pub percent: Decimal,
    /// The line of `discounts.csv` it stands on.
    pub line: u64,
    /// Where the figure was published, and when.
    pub source: String,
}
