//! Charges for one thing, added up by what has one price.

use rust_decimal::Decimal;

use crate::value::{Exact, Overflow};

/// The charges for one thing.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) classes: Vec<Class>,
    /// The sum of the charges, in minor units.
    pub(super) amount: i128,
}

/// The charges of one unit, tier and version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class {
    pub(super) unit: u32,
    pub(super) tier_from: Decimal,
    pub(super) version: u32,
    pub(super) quantity: Exact,
    /// Quantity × unit price, not rounded.
    pub(super) value: Exact,
}

impl Group {
    /// Adds charges of one class, which may be there already.
    pub(super) fn add(&mut self, class: Class, amount: i128) -> Result<(), Overflow> {
        self.amount = self.amount.checked_add(amount).ok_or(Overflow)?;
        let key = |class: &Class| (class.unit, class.tier_from, class.version);
        match self.classes.iter_mut().find(|known| key(known) == key(&class)) {
            Some(known) => {
                known.quantity = known.quantity.plus(class.quantity)?;
                known.value = known.value.plus(class.value)?;
            }
            None => self.classes.push(class),
        }
        Ok(())
    }
}
