//! Exact numbers with any number of decimals, for products of quantities and prices.

use std::fmt;

use rust_decimal::Decimal;

use crate::value::Overflow;

/// `units` × 10^-`decimals`, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exact {
    units: i128,
    decimals: u32,
}

impl Exact {
    /// Nothing.
    pub const ZERO: Exact = Exact { units: 0, decimals: 0 };

    /// A decimal, without the zeros at its end.
    #[must_use]
    pub fn of(number: Decimal) -> Exact {
        let number = number.normalize();
        Exact { units: number.mantissa(), decimals: number.scale() }
    }

    /// `a` × `b`.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn product(a: Decimal, b: Decimal) -> Result<Exact, Overflow> {
        let (a, b) = (Exact::of(a), Exact::of(b));
        let units = a.units.checked_mul(b.units).ok_or(Overflow)?;
        Ok(Exact { units, decimals: a.decimals + b.decimals })
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn plus(self, other: Exact) -> Result<Exact, Overflow> {
        let decimals = self.decimals.max(other.decimals);
        let sum = self.at(decimals)?.checked_add(other.at(decimals)?).ok_or(Overflow)?;
        Ok(Exact { units: sum, decimals })
    }

    /// The difference.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn minus(self, other: Exact) -> Result<Exact, Overflow> {
        let units = other.units.checked_neg().ok_or(Overflow)?;
        self.plus(Exact { units, ..other })
    }

    /// How many decimals it is held with.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.decimals
    }

    /// Whether it is 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Whether it is below 0.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.units < 0
    }

    /// With at most so many decimals, ties away from zero.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn rounded(self, decimals: u32) -> Result<Exact, Overflow> {
        let number = self.normalized();
        let Some(fewer) = number.decimals.checked_sub(decimals).filter(|fewer| *fewer > 0) else {
            return Ok(number);
        };
        let divisor = 10_i128.checked_pow(fewer).ok_or(Overflow)?;
        let rest = number.units % divisor;
        let is_up = rest.abs() >= divisor - rest.abs();
        let units = number.units / divisor + if is_up { rest.signum() } else { 0 };
        Ok(Exact { units, decimals })
    }

    /// The number in units of 10^-`decimals`, which are not fewer than it has.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits, or where it has more decimals.
    pub fn at(self, decimals: u32) -> Result<i128, Overflow> {
        let number = if decimals < self.decimals { self.normalized() } else { self };
        let more = decimals.checked_sub(number.decimals).ok_or(Overflow)?;
        let factor = 10_i128.checked_pow(more).ok_or(Overflow)?;
        number.units.checked_mul(factor).ok_or(Overflow)
    }

    /// The same without the zeros at its end.
    #[must_use]
    pub fn normalized(self) -> Exact {
        let Exact { mut units, mut decimals } = self;
        while decimals > 0 && units % 10 == 0 {
            units /= 10;
            decimals -= 1;
        }
        Exact { units, decimals }
    }
}

/// Plain digits, without the zeros at its end.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exact { units, decimals } = self.normalized();
        let sign = if units < 0 { "-" } else { "" };
        let digits = format!("{:0>1$}", units.unsigned_abs(), decimals as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_decimal;

    fn number(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    #[test]
    fn sums_and_products_lose_nothing() {
        let product = Exact::product(number("58.06451613"), number("0.10")).unwrap();
        assert_eq!(product, Exact { units: 5_806_451_613, decimals: 9 });
        let sum = product.plus(Exact::of(number("-0.5"))).unwrap();
        assert_eq!(sum, Exact { units: 5_306_451_613, decimals: 9 });
        assert_eq!(sum.at(10), Ok(53_064_516_130));
        assert_eq!(sum.at(8), Err(Overflow));
        assert_eq!(sum.at(60), Err(Overflow));
        assert!(sum.minus(sum).unwrap().is_zero());
    }

    #[test]
    fn rounding_takes_ties_away_from_zero() {
        for (text, decimals, expected) in [
            ("0.5", 0, "1"),
            ("-0.5", 0, "-1"),
            ("0.49", 0, "0"),
            ("12.345", 2, "12.35"),
            ("12.3", 2, "12.3"),
        ] {
            assert_eq!(Exact::of(number(text)).rounded(decimals).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn it_is_written_in_plain_digits() {
        for (a, b, expected) in [
            ("24.00000000", "0.032", "0.768"),
            ("-5", "0.2", "-1"),
            ("0.00000001", "0.000000000001", "0.00000000000000000001"),
            ("0", "7", "0"),
            ("-0.5", "0.1", "-0.05"),
            ("100", "1", "100"),
        ] {
            assert_eq!(Exact::product(number(a), number(b)).unwrap().to_string(), expected);
        }
        assert_eq!(Exact { units: 100, decimals: 2 }.at(0), Ok(1));
    }
}
