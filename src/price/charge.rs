//! P5: a charge, and that amount = quantity × unit price, rounded once.

use crate::book::{Book, RateRegion, Sku, Unit};
use crate::meter::UsageKey;
use crate::value::{AccountId, Currency, Cycle, Instant, Money, Overflow, Quantity, UnitPrice};

/// One printed charge: one (account, cycle, SKU, region, version, tier).
///
/// Invariant: `amount` is `quantity` × `unit_price`, rounded to the currency's minor unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Who pays.
    pub account: AccountId,
    /// For which billing period.
    pub cycle: Cycle,
    /// For what.
    pub sku: Sku,
    /// The rate's region.
    pub region: RateRegion,
    /// What one unit is.
    pub unit: ChargeUnit,
    /// The tier's lower bound.
    pub tier_from: Quantity,
    /// How many units.
    pub quantity: Quantity,
    /// The price of one unit.
    pub unit_price: UnitPrice,
    /// What it costs.
    pub amount: Money,
    /// The currency of price and amount.
    pub currency: Currency,
    /// The version of the rate; `None` is unpriced.
    pub effective_from: Option<Instant>,
    /// The usage it prices; `None` for what concerns the account itself.
    pub usage: Option<UsageKey>,
}

/// What one unit of a charge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeUnit {
    /// The rate's unit.
    Rate(Unit),
    /// A tier's flat, once.
    Flat,
    /// A started package.
    Package,
    /// One of the currency: what a discount is a part of.
    Currency,
}

impl Charge {
    /// A charge of nothing, to be filled in.
    pub(super) fn blank(
        account: AccountId,
        cycle: Cycle,
        sku: Sku,
        region: RateRegion,
        book: &Book,
    ) -> Charge {
        Charge {
            account,
            cycle,
            sku,
            region,
            unit: ChargeUnit::Currency,
            tier_from: Quantity::ZERO,
            quantity: Quantity::ZERO,
            unit_price: UnitPrice::free(),
            amount: Money::zero(book.currency.minor_digits()),
            currency: book.currency,
            effective_from: None,
            usage: None,
        }
    }

    /// The same with a quantity at a price, and so an amount; `None` where amount and quantity
    /// are both 0.
    pub(super) fn priced(
        self,
        quantity: Quantity,
        unit_price: UnitPrice,
        book: &Book,
    ) -> Result<Option<Charge>, Overflow> {
        let digits = book.currency.minor_digits();
        let amount = Money::of(quantity, unit_price, digits, book.rounding)?;
        let is_nothing = amount.is_zero() && quantity.is_zero();
        Ok((!is_nothing).then_some(Charge { quantity, unit_price, amount, ..self }))
    }

    /// The rule that charges it.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.sku.rule()
    }
}

impl ChargeUnit {
    /// The word in the `unit` column.
    #[must_use]
    pub fn as_str(self, currency: Currency) -> &'static str {
        match self {
            ChargeUnit::Rate(unit) => unit.as_str(),
            ChargeUnit::Flat => "flat",
            ChargeUnit::Package => "package",
            ChargeUnit::Currency => currency.code(),
        }
    }
}
