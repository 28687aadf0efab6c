//! A run as rows of the FOCUS Cost and Usage dataset: one a charge, or one a resource.
//!
//! What the specification leaves open, and what is decided here:
//!
//! - **A cost is quantity × unit price, exactly.** `BilledCost`, `ListCost`, `ContractedCost` and
//!   `EffectiveCost` are one number, never rounded. A statement is a sum of rounded charges (P5);
//!   what lies between is a row of its own, `Invoice rounding`, an `Adjustment`.
//! - **The volume discount (P7) is a `Credit`.** It is granted after the fact, on the sum of other
//!   charges and band by band: it belongs to no single row, and no unit price could carry it.
//! - **A minimum (P6) is an `Adjustment`:** nothing is consumed for it, and nothing bought.
//! - **A fee (R9) is `Usage`:** it is owed for a cycle in which servers ran, and covers nothing that
//!   comes later, as a `Purchase` would.
//! - **Ids** are told apart from numbers by their kind, `account:…`, and are ASCII; see [`text`].

mod detail;
mod estimate;
mod line;
mod sku;
pub mod text;
mod walk;

pub use detail::Parts;
pub use estimate::estimate_row;
pub use walk::Walk;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::run::RunKind;
use crate::value::{Currency, Exact, Instant, Span};

/// The version of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FocusVersion {
    /// 57 columns.
    V1_2,
    /// 65 columns: without `ProviderName` and `PublisherName`, with those that 1.3 and 1.4 add.
    V1_4,
}

/// What a GB of the book is (M1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gigabyte {
    /// 10^9 bytes.
    Gb,
    /// 2^30 bytes.
    Gib,
}

/// What is known of an account beside its id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Its name for people; may be empty.
    pub name: String,
    /// Where its cost is booked; may be empty.
    pub cost_center: String,
}

/// What is known of accounts, by their ids.
pub type People = BTreeMap<String, Person>;

/// What all rows of a run have in common.
#[derive(Debug, Clone)]
pub struct FocusRun {
    /// An invoice or not.
    pub kind: RunKind,
    /// What its GB are.
    pub gigabyte: Gigabyte,
    /// What the run covers, where it tells.
    pub covered: Option<Span>,
    /// The scenario of a projection.
    pub scenario: String,
    /// Names and cost centers.
    pub people: People,
}

/// What a charge is by its nature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub enum ChargeCategory {
    Usage,
    Credit,
    Adjustment,
}

/// How often a charge comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub enum ChargeFrequency {
    OneTime,
    Recurring,
    UsageBased,
}

/// What is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Its name; each has one category and one subcategory.
    pub name: &'static str,
    /// One of the specification's.
    pub category: &'static str,
    /// One of the specification's, below the category.
    pub subcategory: &'static str,
    /// What of it is measured.
    pub meter: &'static str,
}

/// A quantity at a price: rows of usage have it, credits and adjustments have not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// The SKU.
    pub sku: String,
    /// The SKU's price: one a region, unit and tier.
    pub sku_price: String,
    /// Its properties, as a JSON object.
    pub details: String,
    /// How much, as printed on the charge.
    pub quantity: Decimal,
    /// In what, in the specification's unit format.
    pub unit: String,
    /// What one costs, as printed on the charge.
    pub unit_price: Decimal,
}

/// A row. An empty text is null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FocusRow {
    /// The paying account's id.
    pub account: String,
    /// Its name for people.
    pub account_name: String,
    /// The account's cycle.
    pub billing_period: Span,
    /// What of it the run covers.
    pub charge_period: Span,
    /// What it is.
    pub category: ChargeCategory,
    /// How often it comes.
    pub frequency: ChargeFrequency,
    /// It in words.
    pub description: String,
    /// What is sold.
    pub service: Service,
    /// Quantity and price.
    pub priced: Option<Priced>,
    /// What it costs, exactly: the product of quantity and unit price.
    pub cost: Exact,
    /// The currency of every amount.
    pub currency: Currency,
    /// Where.
    pub region: String,
    /// What caused it.
    pub resource: String,
    /// What kind of thing that is.
    pub resource_type: &'static str,
    /// The statement; a projection has none.
    pub invoice: String,
    /// The statement's line.
    pub invoice_detail: String,
    /// The account's cost center, as a JSON object.
    pub tags: String,
    /// What the specification has no column for.
    pub custom: Custom,
}

/// The columns that begin with `x_`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Custom {
    /// Since when the rate is in force.
    pub effective_from: Option<Instant>,
    /// Percentiles of a forecast: 10, 50 and 90.
    pub percentiles: [Option<Decimal>; 3],
    /// Who owns the source image.
    pub producer: String,
    /// The part that the resource plays in sharing.
    pub role: String,
    /// The rule that charges it.
    pub rule: String,
    /// `Bill` or `Projection`.
    pub run_kind: &'static str,
    /// The scenario of a projection.
    pub scenario: String,
    /// The SKU, also of credits and adjustments.
    pub sku: String,
    /// The image that the resource was made of.
    pub source_image: String,
    /// The tier's lower bound.
    pub tier_from: Option<Decimal>,
}

impl FocusVersion {
    /// Its number.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FocusVersion::V1_2 => "1.2",
            FocusVersion::V1_4 => "1.4",
        }
    }
}

impl Gigabyte {
    /// The word in `book.toml` and `run.json`; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Gigabyte> {
        match word {
            "GB" => Some(Gigabyte::Gb),
            "GiB" => Some(Gigabyte::Gib),
            _ => None,
        }
    }

    /// What a book's GB is; a book has no other than these.
    #[must_use]
    pub fn of(book: &crate::book::Book) -> Gigabyte {
        if book.bytes_per_gigabyte == 1 << 30 { Gigabyte::Gib } else { Gigabyte::Gb }
    }

    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Gigabyte::Gb => "GB",
            Gigabyte::Gib => "GiB",
        }
    }
}

impl ChargeCategory {
    /// The specification's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ChargeCategory::Usage => "Usage",
            ChargeCategory::Credit => "Credit",
            ChargeCategory::Adjustment => "Adjustment",
        }
    }
}

impl ChargeFrequency {
    /// The specification's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ChargeFrequency::OneTime => "One-Time",
            ChargeFrequency::Recurring => "Recurring",
            ChargeFrequency::UsageBased => "Usage-Based",
        }
    }
}

impl FocusRun {
    /// What an account is called, and its cost center as tags.
    fn account(&self, account: &str) -> (String, String) {
        let person = self.people.get(account);
        let name = person.map(|person| person.name.as_str()).filter(|name| !name.is_empty());
        let cost_center = person.map_or("", |person| person.cost_center.as_str());
        let tags = match cost_center {
            "" => String::new(),
            _ => text::json([("sharebill/cost_center", cost_center)]),
        };
        (text::told_apart("account ", name.unwrap_or(account)), tags)
    }

    fn kind_word(&self) -> &'static str {
        match self.kind {
            RunKind::Bill => "Bill",
            RunKind::Projection => "Projection",
        }
    }
}
