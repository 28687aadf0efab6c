//! From a charge back to its causes: tier and rate, resources, spans, events, and the rule in words.
//!
//! Nothing is computed here that a bill does not compute: the same world tells the same spans, the
//! same meter measures them, the same pricing charges them. A [`Listener`] keeps what the world
//! tells of a few accounts, [`cycles`] measures each span once more by itself, so that one can say
//! which part of a quantity came of it; the parts add up to it exactly.

mod cycle;
mod listen;
pub mod rules;

pub use cycle::{Explaining, cycles};
pub use listen::{Details, Heard, HeardEvent, HeardSpan, Listener, Payers, Wanted, heard};

use std::ops::Range;

use rust_decimal::Decimal;

use crate::book::{Model, Sku};
use crate::meter::{Cause, UsageKey};
use crate::price::{Charge, ChargeUnit};
use crate::statement::{Role, Share};
use crate::value::{AccountId, Cycle, Money, Quantity, Ratio, Span, UnitPrice};

/// What one account pays for one cycle, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleExplained {
    /// Who pays.
    pub account: AccountId,
    /// For which billing period.
    pub cycle: Cycle,
    /// The part of it that the run covers (B3).
    pub billed: Span,
    /// Its charges, in the order of `charges.csv`.
    pub charges: Vec<ChargeExplained>,
    /// The usage that they price.
    pub lines: Vec<LineExplained>,
}

/// One charge, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeExplained {
    /// The charge.
    pub charge: Charge,
    /// Where its price was read; `None` for usage without a rate.
    pub rate: Option<RateFound>,
    /// How its quantity came to be.
    pub why: Why,
    /// What caused it, in the order of `allocations.csv`: its parts add up to the charge exactly.
    /// Empty for what concerns the account itself.
    pub resources: Vec<Caused>,
}

/// Where a price was read, and where that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateFound {
    /// The book's file.
    pub file: &'static str,
    /// The line in it.
    pub line: u64,
    /// The `source` of that line.
    pub source: String,
    /// How its tiers price a quantity; nothing for a discount's band.
    pub model: Option<Model>,
    /// Where the next tier or band begins.
    pub upper: Option<Quantity>,
    /// How many tiers or bands the rate has.
    pub tiers: usize,
}

/// How the quantity of a charge came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// By usage: the place of its line.
    Usage(usize),
    /// What is missing to a minimum (P6).
    Minimum {
        /// The minimum.
        minimum: UnitPrice,
        /// What the level's support comes to.
        support: Money,
    },
    /// A flat fee (R9).
    Fee,
    /// A part of other charges (P7).
    Discount {
        /// The band's percent.
        percent: Decimal,
        /// The sum of the cycle's server, licence and support charges.
        sum: Money,
    },
}

/// Usage that is priced together (P2), with the spans that it is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineExplained {
    /// What it is priced by.
    pub key: UsageKey,
    /// All of it, in whole base units: the sum of its pieces.
    pub base_units: u128,
    /// What one base unit is in units of the price.
    pub ratio: Ratio,
    /// It in units of the price, rounded once (M6).
    pub quantity: Quantity,
    /// Where in its tiers it begins (P3, P4).
    pub position: Quantity,
    /// What the whole cycle has (P3, volume).
    pub whole: Quantity,
    /// Whether other SKUs fill the same tiers (P4).
    pub is_pooled: bool,
    /// The metered spans, by cause.
    pub pieces: Vec<Piece>,
}

/// A metered part of a span: under one version of a rate, in one cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The place of its span in [`Heard::spans`].
    pub span: usize,
    /// From when to when.
    pub during: Span,
    /// What it used: byte-microseconds, steps, steps × 10^-12 GB, or bytes.
    pub base_units: u128,
}

/// One resource's part of a charge (A).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caused {
    /// The resource; its id is one of [`Heard::names`].
    pub cause: Cause,
    /// What it is in the story of sharing.
    pub role: Role,
    /// Its part of the quantity.
    pub quantity: Share,
    /// Its part of the amount.
    pub amount: Share,
    /// Its pieces among those of the line.
    pub pieces: Range<usize>,
}

impl CycleExplained {
    /// The line that a charge prices; `None` for what concerns the account itself.
    #[must_use]
    pub fn line(&self, charge: &ChargeExplained) -> Option<&LineExplained> {
        match charge.why {
            Why::Usage(place) => self.lines.get(place),
            Why::Minimum { .. } | Why::Fee | Why::Discount { .. } => None,
        }
    }

    /// Whether tiers have a say in a charge: it is not simply all of the usage at the first tier's
    /// price.
    #[must_use]
    pub fn has_tiers(&self, explained: &ChargeExplained) -> bool {
        let (Some(line), Some(rate)) = (self.line(explained), &explained.rate) else {
            return false;
        };
        let charge = &explained.charge;
        let is_first = charge.tier_from.is_zero() && line.position.is_zero();
        let is_all = charge.unit != ChargeUnit::Flat && charge.quantity == line.quantity;
        let is_one_of_many = rate.tiers > 1 && rate.model != Some(Model::Graduated);
        !(is_first && is_all) || is_one_of_many || rate.model == Some(Model::Package)
    }

    /// The codes of the rules that decide a charge: who pays, how it is measured, how priced.
    #[must_use]
    pub fn rules(&self, explained: &ChargeExplained) -> Vec<&'static str> {
        let charge = &explained.charge;
        let is_reimage = |caused: &Caused| caused.role == Role::ReimageStorage;
        let (metered, is_priced) = match charge.sku {
            Sku::ImageStorage | Sku::ObjectStorage => (Some("M1"), true),
            Sku::Server(_) => (Some("M2"), true),
            Sku::License(..) | Sku::Support(_) => (Some("M3"), true),
            Sku::TransferOut => (Some("M4"), true),
            Sku::Minimum(_) | Sku::Fee(_) | Sku::VolumeDiscount => (None, false),
        };
        let mut codes = vec![charge.rule()];
        let mut also = |code, applies: bool| {
            if applies {
                codes.push(code);
            }
        };
        also("R4", explained.resources.iter().any(is_reimage));
        also(metered.unwrap_or_default(), metered.is_some());
        also("B3", is_priced && self.billed != self.cycle.span());
        let is_unpriced = is_priced && explained.rate.is_none();
        also("P1", is_unpriced);
        also("P3", self.has_tiers(explained));
        let line = self.line(explained);
        also("P4", line.is_some_and(|line| line.is_pooled && !line.position.is_zero()));
        also("P6", matches!(explained.why, Why::Minimum { .. }));
        codes
    }
}
