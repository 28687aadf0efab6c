//! P3, package: started packages are charged whole.

use crate::book::Tier;
use crate::price::{PartKind, TierPart};
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
    let part = TierPart { tier, quantity: packages, price: tier.price, kind: PartKind::Package };
    Ok(vec![part])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::volume::tests::tier;
    use crate::value::parse_decimal;

    #[test]
    fn a_package_is_charged_where_it_is_started_and_never_twice() {
        let number = |text| Quantity::new(parse_decimal(text).unwrap());
        // position, quantity, packages of 10: ceil((p + q) ÷ 10) − ceil(p ÷ 10)
        for (position, quantity, packages) in [
            ("0", "0", "0"),
            ("0", "0.00000001", "1"),
            ("0", "9.99999999", "1"),
            ("0", "10", "1"),
            ("0", "10.00000001", "2"),
            // The package that was started before is paid already.
            ("3", "7", "0"),
            ("3", "7.00000001", "1"),
            ("10", "0.00000001", "1"),
            ("10", "25", "3"),
        ] {
            let tiers = [tier("10", None)];
            let parts = parts(&tiers, number(position), number(quantity)).unwrap();
            let [part] = parts.as_slice() else { panic!("one part") };
            assert_eq!(part.quantity.to_string(), packages, "{quantity} after {position}");
            assert_eq!(part.kind, PartKind::Package);
        }
    }
}
