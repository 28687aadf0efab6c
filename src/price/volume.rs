//! P3, volume: the cycle's quantity decides one tier, whose price all of it pays.

use crate::book::Tier;
use crate::price::{PartKind, TierPart};
use crate::value::Quantity;

/// `quantity` at the price of the tier that `whole` (the whole cycle's quantity) falls into; a
/// tier's upper bound is included. The tier's flat is due where this is the first version of the
/// rate with usage.
#[must_use]
pub fn parts(
    tiers: &[Tier],
    whole: Quantity,
    quantity: Quantity,
    is_first_version: bool,
) -> Vec<TierPart<'_>> {
    let place = tiers.partition_point(|tier| tier.from < whole).saturating_sub(1);
    let Some(tier) = tiers.get(place) else { return Vec::new() };
    let kind = PartKind::Usage;
    let mut parts = vec![TierPart { tier, quantity, price: tier.price, kind }];
    if let Some(flat) = tier.flat.filter(|_| is_first_version) {
        let kind = PartKind::Flat;
        parts.push(TierPart { tier, quantity: Quantity::ONE, price: flat, kind });
    }
    parts
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::value::{UnitPrice, parse_decimal};

    pub(in crate::price) fn tier(from: &str, flat: Option<&str>) -> Tier {
        let number = |text| parse_decimal(text).unwrap();
        Tier {
            from: Quantity::new(number(from)),
            price: UnitPrice::new(number("1")),
            flat: flat.map(|flat| UnitPrice::new(number(flat))),
            line: 2,
            source: String::new(),
        }
    }

    #[test]
    fn the_whole_quantity_decides_and_its_upper_bound_is_included() {
        let tiers = [tier("0", None), tier("10", Some("5"))];
        let number = |text| Quantity::new(parse_decimal(text).unwrap());
        for (whole, from, count) in [("0.1", "0", 1), ("10", "0", 1), ("10.1", "10", 2)] {
            let parts = parts(&tiers, number(whole), number("3"), true);
            assert_eq!((parts[0].tier.from.to_string().as_str(), parts.len()), (from, count));
            assert_eq!(parts[0].quantity.to_string(), "3");
        }
        assert_eq!(parts(&tiers, number("11"), number("3"), false).len(), 1);
    }
}
