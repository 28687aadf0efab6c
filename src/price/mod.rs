//! Usage to charges: the second seam, *usage of a set of accounts → charges*.
//!
//! [`cycle_charges`] prices one account's cycle on its own, [`charges`] one after the other:
//! nothing in one account's bill needs another's usage. One file a rule: [`graduated`], [`volume`],
//! [`package`], [`minimum`], [`discount`].

mod charge;
pub mod discount;
pub mod graduated;
pub mod minimum;
pub mod package;
pub mod prepared;
pub mod volume;

pub use charge::{Charge, ChargeUnit};

use rustc_hash::FxHashMap;
use thiserror::Error;

use crate::account::Accounts;
use crate::book::{Book, Model, RateRegion, Sku, Tier, Unit, Version};
use crate::meter::{Usage, UsageKey, UsageLine, ratio};
use crate::value::{AccountId, Cycle, Money, Overflow, Quantity, Span, UnitPrice};

/// What usage is priced with.
#[derive(Debug, Clone, Copy)]
pub struct Pricing<'a> {
    /// The prices.
    pub book: &'a Book,
    /// The accounts, for levels and opening dates.
    pub accounts: &'a Accounts,
    /// The run: minimums and fees are due in cycles that it covers (B3).
    pub run: Span,
    /// Whether usage without a rate costs 0 (P1).
    pub allow_unpriced: bool,
}

/// Why usage cannot be priced.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PricingError {
    /// Usage at instants without a rate (P1), in the order of its keys.
    #[error("usage without a rate")]
    Unpriced(Vec<(UsageKey, Quantity)>),
    /// A number grew past what can be computed exactly.
    #[error("{0}")]
    Overflow(#[from] Overflow),
}

/// A tier's share of a quantity, or its flat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierPart<'a> {
    /// The tier.
    pub tier: &'a Tier,
    /// What it prices: a part of the quantity, a number of packages, or one flat.
    pub quantity: Quantity,
    /// The price of one.
    pub price: UnitPrice,
    /// What one is.
    pub kind: PartKind,
}

/// What a part of a rate's price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// A quantity, in the rate's unit.
    Usage,
    /// A tier's flat, once.
    Flat,
    /// Started packages.
    Package,
}

/// Prices usage: every account and cycle on its own, in the order of the usage's keys.
///
/// # Errors
/// [`PricingError::Unpriced`] unless that is allowed; [`PricingError::Overflow`].
pub fn charges(usage: &Usage, pricing: &Pricing<'_>) -> Result<Vec<Charge>, PricingError> {
    let lines = usage.in_order();
    let unpriced = unpriced(&lines, pricing)?;
    if !unpriced.is_empty() {
        return Err(PricingError::Unpriced(unpriced));
    }
    let mut charges = Vec::new();
    for lines in lines.chunk_by(|(a, _), (b, _)| (a.account, a.cycle) == (b.account, b.cycle)) {
        charges.extend(cycle_charges(lines, pricing)?);
    }
    Ok(charges)
}

/// P1: usage at an instant with no rate is an error, unless it is allowed.
///
/// # Errors
/// [`Overflow`].
pub fn unpriced(
    lines: &[(UsageKey, &UsageLine)],
    pricing: &Pricing<'_>,
) -> Result<Vec<(UsageKey, Quantity)>, Overflow> {
    if pricing.allow_unpriced {
        return Ok(Vec::new());
    }
    let unpriced = lines.iter().filter(|(key, _)| key.effective_from.is_none());
    unpriced.map(|(key, line)| Ok((*key, quantity(key, line, pricing.book)?))).collect()
}

/// The priced quantity of a line: rounded once (M6).
///
/// # Errors
/// [`Overflow`].
pub fn quantity(key: &UsageKey, line: &UsageLine, book: &Book) -> Result<Quantity, Overflow> {
    let ratio = ratio(key.sku, key.cycle, book);
    Quantity::of_usage(line.base_units, ratio, book.quantity_decimals)
}

/// Everything that one account pays for one cycle, from all lines of it in the order of their keys.
///
/// # Errors
/// [`Overflow`].
pub fn cycle_charges(
    lines: &[(UsageKey, &UsageLine)],
    pricing: &Pricing<'_>,
) -> Result<Vec<Charge>, Overflow> {
    let Some((first, _)) = lines.first() else { return Ok(Vec::new()) };
    let (account, cycle) = (first.account, first.cycle);
    let mut charges = usage_charges(lines, pricing.book)?;
    let used_servers = lines.iter().any(|(key, _)| matches!(key.sku, Sku::Server(_)));
    if used_servers && pricing.run.covers(cycle.span()) {
        charges.extend(minimum::charge(account, cycle, &charges, pricing)?);
        charges.extend(minimum::fee(account, cycle, pricing)?);
    }
    charges.extend(discount::charges(account, cycle, &charges, pricing.book)?);
    Ok(charges)
}

/// What shares one position in its tiers: a pool, or one SKU; in one rate's region (P2, P4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shared {
    Pool(usize, RateRegion),
    Sku(Sku, RateRegion),
}

/// One line of usage as it is priced: what its price depends on besides its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PricedLine {
    /// What it is priced by.
    pub key: UsageKey,
    /// How much it is, rounded once (M6); not 0.
    pub quantity: Quantity,
    /// Where in its tiers it begins: what was used before by the same SKU or pool (P3, P4).
    pub position: Quantity,
    /// What the whole cycle has of its SKU in its region, which decides a volume tier (P3).
    pub whole: Quantity,
}

/// The lines of one account and cycle in the order in which they fill their tiers (P2 to P4).
///
/// # Errors
/// [`Overflow`].
pub fn priced_lines(
    lines: &[(UsageKey, &UsageLine)],
    book: &Book,
) -> Result<Vec<PricedLine>, Overflow> {
    let mut priced = Vec::with_capacity(lines.len());
    let mut totals: FxHashMap<(Sku, RateRegion), Quantity> = FxHashMap::default();
    for (key, line) in lines {
        let quantity = quantity(key, line, book)?;
        let total = totals.entry((key.sku, key.region)).or_insert(Quantity::ZERO);
        if key.effective_from.is_some() {
            *total = total.plus(quantity)?;
        }
        if !quantity.is_zero() {
            let (position, whole) = (Quantity::ZERO, Quantity::ZERO);
            priced.push(PricedLine { key: *key, quantity, position, whole });
        }
    }
    // In a pool the SKUs fill in the order in which it lists them, each in time order (P4).
    priced.sort_by_cached_key(|line| (book.pool_of(line.key.sku), line.key));

    let mut positions: FxHashMap<Shared, Quantity> = FxHashMap::default();
    for line in &mut priced {
        let key = line.key;
        line.whole = totals.get(&(key.sku, key.region)).copied().unwrap_or(line.quantity);
        if version_of(&key, book).is_none() {
            continue;
        }
        let shared = match book.pool_of(key.sku) {
            Some((pool, _)) => Shared::Pool(pool, key.region),
            None => Shared::Sku(key.sku, key.region),
        };
        let position = positions.entry(shared).or_insert(Quantity::ZERO);
        line.position = *position;
        *position = position.plus(line.quantity)?;
    }
    Ok(priced)
}

/// The version of the rate that prices a line; `None` is unpriced.
fn version_of<'b>(key: &UsageKey, book: &'b Book) -> Option<&'b Version> {
    key.effective_from.and_then(|from| book.rates.version(key.sku, key.region, from))
}

/// Prices the usage of one account and cycle by its rates (P2 to P4).
fn usage_charges(lines: &[(UsageKey, &UsageLine)], book: &Book) -> Result<Vec<Charge>, Overflow> {
    let mut charges = Vec::new();
    for PricedLine { key, quantity, position, whole } in &priced_lines(lines, book)? {
        let Some(version) = version_of(key, book) else {
            charges.extend(unpriced_charge(key, *quantity, book)?);
            continue;
        };
        let parts = match version.model {
            Model::Graduated => graduated::parts(&version.tiers, *position, *quantity)?,
            Model::Volume => volume::parts(&version.tiers, *whole, *quantity, position.is_zero()),
            Model::Package => package::parts(&version.tiers, *position, *quantity)?,
        };
        for part in parts {
            charges.extend(tier_charge(key, version, &part, book)?);
        }
    }
    Ok(charges)
}

/// The charge of one tier; none where amount and quantity are both 0.
fn tier_charge(
    key: &UsageKey,
    version: &Version,
    part: &TierPart<'_>,
    book: &Book,
) -> Result<Option<Charge>, Overflow> {
    let unit = match part.kind {
        PartKind::Usage => ChargeUnit::Rate(version.unit),
        PartKind::Flat => ChargeUnit::Flat,
        PartKind::Package => ChargeUnit::Package,
    };
    Charge {
        unit,
        tier_from: part.tier.from,
        effective_from: key.effective_from,
        usage: Some(*key),
        ..Charge::blank(key.account, key.cycle, key.sku, key.region, book)
    }
    .priced(part.quantity, part.price, book)
}

/// Usage without a rate, at 0 (P1 under `--allow-unpriced`).
fn unpriced_charge(
    key: &UsageKey,
    quantity: Quantity,
    book: &Book,
) -> Result<Option<Charge>, Overflow> {
    let unit = Unit::of(key.sku).map_or(ChargeUnit::Currency, ChargeUnit::Rate);
    Charge {
        unit,
        usage: Some(*key),
        ..Charge::blank(key.account, key.cycle, key.sku, key.region, book)
    }
    .priced(quantity, UnitPrice::free(), book)
}

/// The sum of some charges.
fn sum<'a>(charges: impl IntoIterator<Item = &'a Charge>, book: &Book) -> Result<Money, Overflow> {
    let zero = Money::zero(book.currency.minor_digits());
    charges.into_iter().try_fold(zero, |sum, charge| sum.plus(charge.amount))
}

/// A charge that concerns an account's whole cycle: a minimum, a fee, a discount.
fn account_charge(
    account: AccountId,
    cycle: Cycle,
    sku: Sku,
    version: &Version,
    price: UnitPrice,
    book: &Book,
) -> Result<Option<Charge>, Overflow> {
    Charge {
        unit: ChargeUnit::Rate(Unit::Cycle),
        effective_from: Some(version.effective_from),
        ..Charge::blank(account, cycle, sku, RateRegion::Everywhere, book)
    }
    .priced(Quantity::ONE, price, book)
}
