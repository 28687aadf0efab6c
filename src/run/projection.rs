//! The tables of a projection's folder.

use rust_decimal::Decimal;

use crate::book::Category;
use crate::value::{Currency, Instant};

/// What an account is expected to pay, and how sure that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateRow {
    /// Which scenario.
    pub scenario: String,
    /// Who pays; `*` is all accounts together.
    pub account: String,
    /// A month (`2027-01`), a year (`2027`), or `all` of them.
    pub period: String,
    /// A column of `statements.csv`, or `total`.
    pub category: String,
    /// The mean of all runs; of one run, the amount.
    pub mean: Decimal,
    /// p5, p10, p50, p90 and p95; nothing where there was one run.
    pub quantiles: Option<[Decimal; 5]>,
    /// What is meant to be spent, beside a total.
    pub budget: Option<Decimal>,
    /// How likely more is spent, from 0 to 1.
    pub over_budget: Option<Decimal>,
    /// The book's currency.
    pub currency: Currency,
    /// How far the mean may be off; nothing where there was one run.
    pub standard_error: Option<Decimal>,
}

/// A row of `projection.csv`: one account's month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthEstimateRow {
    /// As it is printed.
    pub estimate: EstimateRow,
    /// The month's first instant.
    pub month: Instant,
    /// For what; nothing is the total.
    pub category: Option<Category>,
}

/// A row of `projection_summary.csv`: accounts or months together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodEstimateRow(pub EstimateRow);

/// A row of `drivers.csv`: how one uncertain number moves what is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriverRow {
    /// Which scenario.
    pub scenario: String,
    /// Who pays; `*` is all accounts together.
    pub account: String,
    /// Which number.
    pub path: String,
    /// Its part of the variance, from 0 to 1.
    pub share_of_variance: Decimal,
    /// Whether more of it means more to pay, from -1 to 1.
    pub rank_correlation: Decimal,
    /// What is paid on average where the number is at its p10.
    pub mean_at_p10: Decimal,
    /// What is paid on average where the number is at its p90.
    pub mean_at_p90: Decimal,
    /// The difference of the two.
    pub swing: Decimal,
    /// The book's currency.
    pub currency: Currency,
}

/// A row of `assumptions.csv`: a value that went in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumptionRow {
    /// Which scenario.
    pub scenario: String,
    /// Which value.
    pub path: String,
    /// As it was used.
    pub value: String,
    /// Where it comes from: a file and its line, or a flag.
    pub source: String,
}
