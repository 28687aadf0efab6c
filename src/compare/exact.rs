//! Exact numbers with any number of decimals, for products of quantities and prices.

use num_bigint::BigInt;
use rust_decimal::Decimal;

use crate::value::Overflow;

/// `units` × 10^-`decimals`, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Exact {
    units: i128,
    decimals: u32,
}

impl Exact {
    pub(super) fn of(number: Decimal) -> Exact {
        let number = number.normalize();
        Exact { units: number.mantissa(), decimals: number.scale() }
    }

    pub(super) fn product(a: Decimal, b: Decimal) -> Result<Exact, Overflow> {
        let (a, b) = (Exact::of(a), Exact::of(b));
        let units = a.units.checked_mul(b.units).ok_or(Overflow)?;
        Ok(Exact { units, decimals: a.decimals + b.decimals })
    }

    pub(super) fn plus(self, other: Exact) -> Result<Exact, Overflow> {
        let decimals = self.decimals.max(other.decimals);
        let sum = self.at(decimals)?.checked_add(other.at(decimals)?).ok_or(Overflow)?;
        Ok(Exact { units: sum, decimals })
    }

    pub(super) fn decimals(self) -> u32 {
        self.decimals
    }

    /// The number in units of 10^-`decimals`, which are not fewer than it has.
    pub(super) fn at(self, decimals: u32) -> Result<i128, Overflow> {
        let more = decimals.checked_sub(self.decimals).ok_or(Overflow)?;
        let factor = 10_i128.checked_pow(more).ok_or(Overflow)?;
        self.units.checked_mul(factor).ok_or(Overflow)
    }
}

/// `value` × `part` ÷ `whole`, cut off after the last unit of `value`; `whole` is not 0.
pub(super) fn share(value: i128, part: i128, whole: i128) -> Result<i128, Overflow> {
    if let Some(product) = value.checked_mul(part) {
        return product.checked_div(whole).ok_or(Overflow);
    }
    let product = BigInt::from(value) * part;
    let quotient = product.checked_div(&BigInt::from(whole)).ok_or(Overflow)?;
    i128::try_from(quotient).map_err(|_| Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_decimal;

    #[test]
    fn sums_and_products_lose_nothing() {
        let number = |text| parse_decimal(text).unwrap();
        let product = Exact::product(number("58.06451613"), number("0.10")).unwrap();
        assert_eq!(product, Exact { units: 5_806_451_613, decimals: 9 });
        let sum = product.plus(Exact::of(number("-0.5"))).unwrap();
        assert_eq!(sum, Exact { units: 5_306_451_613, decimals: 9 });
        assert_eq!(sum.at(10), Ok(53_064_516_130));
        assert_eq!(sum.at(8), Err(Overflow));
        assert_eq!(sum.at(60), Err(Overflow));
    }

    #[test]
    fn a_share_is_the_same_where_products_pass_128_bits() {
        assert_eq!(share(10, 1, 3), Ok(3));
        assert_eq!(share(-10, 1, 3), Ok(-3));
        assert_eq!(share(1 << 100, 3 << 40, 3 << 42), Ok(1 << 98));
        assert_eq!(share(i128::MAX, 2, 1), Err(Overflow));
        assert_eq!(share(1, 1, 0), Err(Overflow));
    }
}
