//! A finished run: what its folder says, as values.
//!
//! Reports, exports and explanations are walked from these, never from a second computation: an
//! amount is what `charges.csv` prints, in every form that it is shown in.

pub mod focus;
mod info;
pub mod journal;
mod projection;

pub use info::{BookInfo, FindingInfo, InputInfo, RunInfo, RunKind, ScenarioInfo};
pub use projection::{AssumptionRow, DriverRow, EstimateRow, MonthEstimateRow, PeriodEstimateRow};

use rust_decimal::Decimal;

use crate::value::{Currency, Instant};

/// A row of `charges.csv`: quantity × unit price, rounded once (P5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeRow {
    /// Who pays.
    pub account: String,
    /// The whole cycle's first instant.
    pub cycle_start: Instant,
    /// The first instant after it.
    pub cycle_end: Instant,
    /// What is charged.
    pub sku: String,
    /// The rate's region, `*` where regions are pooled.
    pub region: String,
    /// What the quantity is counted in.
    pub unit: String,
    /// The lower bound of the tier, in units.
    pub tier_from: Decimal,
    /// How much, as printed.
    pub quantity: Decimal,
    /// What one unit costs.
    pub unit_price: Decimal,
    /// What it comes to, in the currency's minor digits.
    pub amount: Decimal,
    /// The book's currency.
    pub currency: Currency,
    /// Since when the rate is in force; nothing where there is no rate (discounts).
    pub effective_from: Option<Instant>,
    /// The rule that charges it: R1 … R9, P7.
    pub rule: String,
}

/// A row of `statements.csv`: what an account pays for a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    /// Who pays.
    pub account: String,
    /// The whole cycle's first instant.
    pub cycle_start: Instant,
    /// The first instant after it.
    pub cycle_end: Instant,
    /// By category, in the order of [`Category::ALL`](crate::book::Category::ALL).
    pub by_category: [Decimal; crate::book::Category::ALL.len()],
    /// Their sum.
    pub total: Decimal,
    /// The book's currency.
    pub currency: Currency,
}

/// A row of `allocations.csv`: a charge's part that one resource caused (A).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocationRow {
    /// Who pays.
    pub account: String,
    /// The charge's cycle.
    pub cycle_start: Instant,
    /// The charge's SKU.
    pub sku: String,
    /// The charge's region.
    pub region: String,
    /// The charge's version.
    pub effective_from: Option<Instant>,
    /// The charge's tier.
    pub tier_from: Decimal,
    /// What caused it; empty where the account itself did.
    pub resource: String,
    /// Where that stands.
    pub resource_region: String,
    /// The image it was made of.
    pub source_image: String,
    /// Who owns that image.
    pub producer: String,
    /// The part it plays in sharing.
    pub role: String,
    /// How much of the charge's quantity.
    pub quantity: Decimal,
    /// How much of its amount.
    pub amount: Decimal,
    /// The book's currency.
    pub currency: Currency,
}

/// A row of `sharing.csv`: what a shared image cost whom in a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedRow {
    /// The image.
    pub image: String,
    /// Its owner.
    pub producer: String,
    /// Where it is.
    pub region: String,
    /// The cycle of whoever pays.
    pub cycle_start: Instant,
    /// How many members it has had.
    pub members: u64,
    /// What storing it cost its producer.
    pub producer_storage: Decimal,
    /// Who used it; empty in the producer's own row.
    pub consumer: String,
    /// The consumer's servers of it.
    pub consumer_servers: Decimal,
    /// Their licences and support.
    pub consumer_licenses_support: Decimal,
    /// Images that the consumer took of such servers.
    pub consumer_reimages: Decimal,
    /// The book's currency.
    pub currency: Currency,
}

/// A row of `findings.csv`: a rule that an event breaks (L).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// L00 … L15.
    pub code: String,
    /// `error` or `warning`.
    pub level: String,
    /// The input.
    pub file: String,
    /// Its line there; nothing where it is no file's.
    pub line: Option<u64>,
    /// When the event happened, as far as it could be read.
    pub time: String,
    /// What happened.
    pub event: String,
    /// Who did it.
    pub account: String,
    /// To what.
    pub resource: String,
    /// The rule, in words.
    pub message: String,
}
