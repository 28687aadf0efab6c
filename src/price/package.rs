//! P3, package: started packages are charged whole.

use crate::book::Tier;
use crate::price::{ChargeUnit, TierPart};
use crate::value::{Overflow, Quantity};

/// The packages that `quantity` starts after `position`: ceil((p + q) ÷ size) − ceil(p ÷ size).
///
/// # Errors
/// [`Overflow`].
pub fn parts(
    tiers: &[Tier],
    position: Quantity,
    quantity: Quantity,
) -> Result<Vec<TierPart<'_>>, Overflow> {
    let Some(tier) = tiers.first() else { return Ok(Vec::new()) };
    let started = position.plus(quantity)?.started_packages(tier.from)?;
    let packages = started.minus(position.started_packages(tier.from)?)?;
    let part = TierPart { tier, quantity: packages, price: tier.price, unit: ChargeUnit::Package };
    Ok(vec![part])
}
