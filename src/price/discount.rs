//! P7: the volume discount on a cycle's server, licence and support charges.

use rust_decimal::Decimal;

use crate::book::{Band, Book, Category, DiscountModel, RateRegion, Sku};
use crate::price::{Charge, ChargeUnit, sum};
use crate::value::{AccountId, Cycle, Money, Overflow, Quantity, UnitPrice};

/// The discount of one account and cycle, by the grid in force at the cycle's start.
///
/// # Errors
/// [`Overflow`].
pub fn charges(
    account: AccountId,
    cycle: Cycle,
    charges: &[Charge],
    book: &Book,
) -> Result<Vec<Charge>, Overflow> {
    let Some(grid) = book.discount_at(cycle.start()) else { return Ok(Vec::new()) };
    let discounted = charges.iter().filter(|charge| match charge.sku.category() {
        Category::Servers | Category::Licenses | Category::Support => true,
        Category::Storage
        | Category::Transfer
        | Category::Minimum
        | Category::Fee
        | Category::Discount => false,
    });
    let total = sum(discounted, book)?;
    let parts = match book.discount_model {
        DiscountModel::Marginal => marginal(&grid.bands, total)?,
        DiscountModel::Whole => whole(&grid.bands, total),
    };
    let mut discounts = Vec::new();
    for (band, part) in parts {
        if band.percent == Decimal::ZERO || part.is_zero() {
            continue;
        }
        let discount = Charge {
            unit: ChargeUnit::Currency,
            tier_from: band.from,
            effective_from: Some(grid.effective_from),
            ..Charge::blank(account, cycle, Sku::VolumeDiscount, RateRegion::Everywhere, book)
        };
        discounts.extend(discount.priced(part, UnitPrice::discount(band.percent), book)?);
    }
    Ok(discounts)
}

/// Each band's part of the sum.
fn marginal(bands: &[Band], total: Money) -> Result<Vec<(&Band, Quantity)>, Overflow> {
    let total = total.as_quantity();
    let mut parts = Vec::new();
    for (index, band) in bands.iter().enumerate().take_while(|(_, band)| band.from < total) {
        let upper = bands.get(index + 1).map_or(total, |next| next.from.min(total));
        parts.push((band, upper.minus(band.from)?));
    }
    Ok(parts)
}

/// The whole sum in the band it falls in; a band's upper bound is included.
fn whole(bands: &[Band], total: Money) -> Vec<(&Band, Quantity)> {
    let total = total.as_quantity();
    let place = bands.partition_point(|band| band.from < total).checked_sub(1);
    place.map(|place| (&bands[place], total)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Rounding, parse_decimal};

    const BANDS: [(&str, &str); 3] = [("0", "0"), ("5000", "4"), ("10000", "8")];

    fn bands() -> Vec<Band> {
        let number = |text| parse_decimal(text).unwrap();
        let band = |(from, percent)| Band {
            from: Quantity::new(number(from)),
            percent: number(percent),
            line: 2,
            source: String::new(),
        };
        BANDS.map(band).into()
    }

    fn money(text: &str) -> Money {
        let amount = Quantity::new(parse_decimal(text).unwrap());
        Money::of(amount, UnitPrice::new(Decimal::ONE), 2, Rounding::HalfUp).unwrap()
    }

    /// Each part as `from:part`.
    fn texts(parts: Vec<(&Band, Quantity)>) -> String {
        let texts = parts
            .iter()
            .map(|(band, part)| format!("{}:{}", band.from, part.decimal().normalize()));
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_band_ends_at_the_next_ones_bound_and_includes_it() {
        // total, marginal, whole
        for (total, expected, expected_whole) in [
            ("0.00", "", ""),
            ("0.01", "0:0.01", "0:0.01"),
            ("4999.99", "0:4999.99", "0:4999.99"),
            ("5000.00", "0:5000", "0:5000"),
            ("5000.01", "0:5000 5000:0.01", "5000:5000.01"),
            ("10000.00", "0:5000 5000:5000", "5000:10000"),
            ("10000.01", "0:5000 5000:5000 10000:0.01", "10000:10000.01"),
        ] {
            let bands = bands();
            let parts = marginal(&bands, money(total)).unwrap();
            assert_eq!(texts(parts), expected, "{total}");
            assert_eq!(texts(whole(&bands, money(total))), expected_whole, "{total}");
        }
    }
}
