//! Exact numbers with any number of decimals, for products of quantities and prices.

use std::cmp::Ordering;
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

    /// The product.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn times(self, other: Exact) -> Result<Exact, Overflow> {
        let (a, b) = (self.normalized(), other.normalized());
        let units = a.units.checked_mul(b.units).ok_or(Overflow)?;
        Ok(Exact { units, decimals: a.decimals + b.decimals })
    }

    /// The quotient, where it has an end: `None` for a third of one. Nothing is divided by 0.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn over(self, divisor: u64) -> Result<Option<Exact>, Overflow> {
        let Exact { units, mut decimals } = self.normalized();
        let mut rest = i128::from(divisor);
        // What is common to both goes first; then every 2 and 5 left makes a decimal.
        let common = gcd(units.unsigned_abs(), u128::from(divisor)).cast_signed();
        if common == 0 {
            return Ok(None);
        }
        let mut units = units / common;
        rest /= common;
        while rest > 1 {
            let factor = match (rest % 10, rest % 5, rest % 2) {
                (0, ..) => 10,
                (_, 0, _) => 5,
                (.., 0) => 2,
                _ => return Ok(None),
            };
            rest /= factor;
            units = units.checked_mul(10 / factor).ok_or(Overflow)?;
            decimals += 1;
        }
        Ok((rest == 1).then_some(Exact { units, decimals }))
    }

    /// Which of the two is larger.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn compare(self, other: Exact) -> Result<Ordering, Overflow> {
        let decimals = self.decimals.max(other.decimals);
        Ok(self.at(decimals)?.cmp(&other.at(decimals)?))
    }

    /// The number without its sign.
    #[must_use]
    pub fn magnitude(self) -> Exact {
        if self.is_negative() { Exact { units: -self.units, ..self } } else { self }
    }

    /// `units` × 10^-`decimals`.
    #[must_use]
    pub fn from_units(units: i128, decimals: u32) -> Exact {
        Exact { units, decimals }
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

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
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
        let half = Exact::of(number("0.5"));
        assert_eq!(Exact::of(number("-0.5")).magnitude(), half.magnitude());
        let nothing = sum.minus(sum).unwrap();
        assert!(nothing.is_zero() && !nothing.is_negative());
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
    fn a_quotient_is_exact_or_none() {
        for (text, divisor, expected) in [
            ("73", 2, Some("36.5")),
            ("0.10", 1024, Some("0.00009765625")),
            ("1", 3, None),
            ("-0.3", 3, Some("-0.1")),
            ("0", 7, Some("0")),
            ("6", 12, Some("0.5")),
            ("1", 0, None),
        ] {
            let quotient = Exact::of(number(text)).over(divisor).unwrap();
            assert_eq!(quotient.map(|q| q.to_string()).as_deref(), expected, "{text} / {divisor}");
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
