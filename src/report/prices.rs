//! What was charged at which price: the part of a price book that decided a bill.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::report::add;
use crate::run::ChargeRow;
use crate::value::{Instant, Overflow};

/// A price, as charges print it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PriceKey {
    /// What is charged.
    pub sku: String,
    /// The rate's region.
    pub region: String,
    /// Since when the rate is in force.
    pub effective_from: Option<Instant>,
    /// The tier's lower bound.
    pub tier_from: Decimal,
    /// What the quantity is counted in.
    pub unit: String,
    /// What one unit costs; nothing where each account has its own: what is missing to a minimum.
    pub unit_price: Option<Decimal>,
    /// The rule that charges it.
    pub rule: String,
}

/// What was charged at a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PricedAt {
    /// In how many charges.
    pub charge_count: u64,
    /// How much of it.
    pub quantity: Decimal,
    /// What that came to.
    pub amount: Decimal,
}

/// All prices of a bill.
#[derive(Debug, Clone, Default)]
pub struct PriceSums(BTreeMap<PriceKey, PricedAt>);

impl PriceSums {
    pub(super) fn add(&mut self, row: &ChargeRow) -> Result<(), Overflow> {
        let is_shared = row.rule != "R8";
        let key = PriceKey {
            sku: row.sku.clone(),
            region: row.region.clone(),
            effective_from: row.effective_from,
            tier_from: row.tier_from,
            unit: row.unit.clone(),
            unit_price: is_shared.then_some(row.unit_price),
            rule: row.rule.clone(),
        };
        let priced = self.0.entry(key).or_default();
        priced.charge_count += 1;
        add(&mut priced.quantity, row.quantity)?;
        add(&mut priced.amount, row.amount)
    }

    /// The prices, by SKU, region, date and tier.
    pub fn iter(&self) -> impl Iterator<Item = (&PriceKey, &PricedAt)> {
        self.0.iter()
    }
}
