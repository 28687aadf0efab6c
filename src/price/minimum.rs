//! P6: what is missing to a service level's minimum (R8), and its flat fee (R9).

use crate::account::Account;
use crate::book::{Book, Sku};
use crate::price::{Charge, Pricing, account_charge, sum};
use crate::value::{AccountId, Cycle, Instant, MICROS_PER_DAY, Overflow, UnitPrice};

/// The difference between the level's minimum and its support charges, in a cycle that the run
/// covers and in which the account used servers.
///
/// # Errors
/// [`Overflow`].
pub fn charge(
    account: AccountId,
    cycle: Cycle,
    charges: &[Charge],
    pricing: &Pricing<'_>,
) -> Result<Option<Charge>, Overflow> {
    let book = pricing.book;
    let details = pricing.accounts.get(account);
    let exempt = is_exempt(details, cycle.start(), book);
    let sku = Sku::Minimum(details.level);
    let Some(version) = book.per_cycle(sku, cycle.start()).filter(|_| !exempt) else {
        return Ok(None);
    };
    let support = Sku::Support(details.level);
    let charged = sum(charges.iter().filter(|charge| charge.sku == support), book)?;
    let missing = UnitPrice::shortfall(version.tiers[0].price, charged)?;
    if !missing.is_positive() {
        return Ok(None);
    }
    account_charge(account, cycle, sku, version, missing, book)
}

/// The level's flat fee, in a cycle that the run covers and in which the account used servers.
///
/// # Errors
/// [`Overflow`].
pub fn fee(
    account: AccountId,
    cycle: Cycle,
    pricing: &Pricing<'_>,
) -> Result<Option<Charge>, Overflow> {
    let sku = Sku::Fee(pricing.accounts.get(account).level);
    let Some(version) = pricing.book.per_cycle(sku, cycle.start()) else { return Ok(None) };
    account_charge(account, cycle, sku, version, version.tiers[0].price, pricing.book)
}

/// Whether an account is too young for a minimum in a cycle that starts then.
pub(super) fn is_exempt(account: &Account, start: Instant, book: &Book) -> bool {
    account.opened.is_some_and(|opened| start < days_after(opened, book.minimum_after_days))
}

fn days_after(instant: Instant, days: u32) -> Instant {
    Instant::from_micros(instant.micros() + i64::from(days) * MICROS_PER_DAY)
}
