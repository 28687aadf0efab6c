//! P3, graduated: each part of the quantity pays its own tier's price.

use crate::book::Tier;
use crate::price::{PartKind, TierPart};
use crate::value::{Overflow, Quantity};

/// The parts of `quantity` that fall into each tier, from `position` on; tiers are (from, next].
/// A tier's flat is due when the quantity passes its lower bound: position ≤ from < position + q.
///
/// # Errors
/// [`Overflow`].
pub fn parts(
    tiers: &[Tier],
    position: Quantity,
    quantity: Quantity,
) -> Result<Vec<TierPart<'_>>, Overflow> {
    let end = position.plus(quantity)?;
    // The tier that the position's next unit falls into; earlier ones have no part.
    let first = tiers.partition_point(|tier| tier.from <= position).saturating_sub(1);
    let mut parts = Vec::new();
    for (index, tier) in tiers.iter().enumerate().skip(first) {
        if tier.from >= end {
            break;
        }
        let upper = tiers.get(index + 1).map_or(end, |next| next.from.min(end));
        let lower = tier.from.max(position);
        if lower < upper {
            let quantity = upper.minus(lower)?;
            let kind = PartKind::Usage;
            parts.push(TierPart { tier, quantity, price: tier.price, kind });
        }
        if let Some(flat) = tier.flat.filter(|_| position <= tier.from) {
            let kind = PartKind::Flat;
            parts.push(TierPart { tier, quantity: Quantity::ONE, price: flat, kind });
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::volume::tests::tier;
    use crate::value::parse_decimal;

    /// Each part as `from:quantity`, a flat as `from:flat`.
    fn split(position: &str, quantity: &str) -> String {
        let tiers = [tier("0", None), tier("10", Some("5")), tier("20", None)];
        let number = |text| Quantity::new(parse_decimal(text).unwrap());
        let parts = parts(&tiers, number(position), number(quantity)).unwrap();
        let texts: Vec<String> = parts
            .iter()
            .map(|part| match part.kind {
                PartKind::Flat => format!("{}:flat", part.tier.from),
                PartKind::Usage | PartKind::Package => {
                    format!("{}:{}", part.tier.from, part.quantity)
                }
            })
            .collect();
        texts.join(" ")
    }

    #[test]
    fn a_tier_ends_at_the_next_ones_bound_and_includes_it() {
        assert_eq!(split("0", "9.99"), "0:9.99");
        assert_eq!(split("0", "10"), "0:10");
        assert_eq!(split("0", "10.01"), "0:10 10:0.01 10:flat");
        assert_eq!(split("0", "25"), "0:10 10:10 10:flat 20:5");
        assert_eq!(split("10", "5"), "10:5 10:flat");
        assert_eq!(split("10.5", "5"), "10:5.0");
        assert_eq!(split("30", "1"), "20:1");
    }
}
