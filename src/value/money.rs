//! Money, prices and quantities, and the one place where they are rounded.

use std::fmt;
use std::ops::Neg;

use rust_decimal::Decimal;
use thiserror::Error;

/// A result has more digits than can be held exactly. Nothing is ever rounded to make it fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a number grew past what can be computed exactly (28 digits)")]
pub struct Overflow;

/// What happens to a tie when an amount is rounded to the currency's minor unit (P5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Ties away from zero.
    HalfUp,
    /// Ties to the even neighbour.
    HalfEven,
}

/// An amount of money, in the currency of its book, with the digits of the minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(Decimal);

/// A price or a flat, per unit, exactly as the book has it (trailing zeros included).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitPrice(Decimal);

/// A priced quantity: rounded half-even to the book's `quantity_decimals` (M6), or a tier's bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(Decimal);

/// An exact, not negative fraction: how a usage in base units becomes a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// Multiplies the base units.
    pub numerator: u128,
    /// Divides them; never 0.
    pub denominator: u128,
}

impl Money {
    /// No money, with the digits of a currency.
    #[must_use]
    pub fn zero(minor_digits: u32) -> Money {
        Money(Decimal::new(0, minor_digits))
    }

    /// A charge's amount: quantity × unit price, rounded once to `minor_digits` (P5).
    ///
    /// # Errors
    /// [`Overflow`] when the exact product does not fit 38 digits.
    ///
    /// ```
    /// use sharebill::value::{Money, Quantity, Rounding, UnitPrice, parse_decimal};
    /// let quantity = Quantity::new(parse_decimal("58.06451613").unwrap());
    /// let price = UnitPrice::new(parse_decimal("0.10").unwrap());
    /// let amount = Money::of(quantity, price, 2, Rounding::HalfUp).unwrap();
    /// assert_eq!(amount.to_string(), "5.81");
    /// ```
    pub fn of(
        quantity: Quantity,
        price: UnitPrice,
        minor_digits: u32,
        rounding: Rounding,
    ) -> Result<Money, Overflow> {
        let product = |quantity: Decimal, price: Decimal| {
            let mantissa = quantity.mantissa().checked_mul(price.mantissa())?;
            Some((mantissa, quantity.scale() + price.scale()))
        };
        // Without its trailing zeros a product may fit where it did not.
        let (mantissa, scale) = product(quantity.0, price.0)
            .or_else(|| product(quantity.0.normalize(), price.0.normalize()))
            .ok_or(Overflow)?;
        rescale(mantissa, scale, minor_digits, rounding).map(Money)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Overflow`] past 28 digits.
    pub fn plus(self, other: Money) -> Result<Money, Overflow> {
        exact_sum(self.0, other.0).map(Money)
    }

    /// The amount in units of 10^-`digits`; exact, as money never has more digits than asked for.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit 128 bits.
    pub fn in_units(self, digits: u32) -> Result<i128, Overflow> {
        in_units(self.0, digits)
    }

    /// The number.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// A quantity of currency units (P7 prices the sum of other charges).
    #[must_use]
    pub fn as_quantity(self) -> Quantity {
        Quantity(self.0)
    }
}

impl Neg for Money {
    type Output = Money;

    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl UnitPrice {
    /// A price as the book has it.
    #[must_use]
    pub fn new(price: Decimal) -> UnitPrice {
        UnitPrice(price)
    }

    /// What unpriced usage costs under `--allow-unpriced`.
    #[must_use]
    pub fn free() -> UnitPrice {
        UnitPrice(Decimal::ZERO)
    }

    /// The unit price of a discount: minus `percent` of every unit of currency (P7).
    #[must_use]
    pub fn discount(percent: Decimal) -> UnitPrice {
        let percent = percent.normalize();
        let hundredth = Decimal::from_i128_with_scale(percent.mantissa(), percent.scale() + 2);
        UnitPrice(-hundredth.normalize())
    }

    /// What is missing to a minimum (P6): `minimum` − what was charged, with the digits of
    /// whichever has more.
    ///
    /// # Errors
    /// [`Overflow`] past 28 digits.
    pub fn shortfall(minimum: UnitPrice, charged: Money) -> Result<UnitPrice, Overflow> {
        exact_sum(minimum.0, -charged.0).map(UnitPrice)
    }

    /// The number.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is above 0.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity(Decimal::ZERO);
    /// One: a flat, a fee, a minimum.
    pub const ONE: Quantity = Quantity(Decimal::ONE);

    /// A quantity or bound as the book has it.
    #[must_use]
    pub fn new(quantity: Decimal) -> Quantity {
        Quantity(quantity)
    }

    /// `base_units` × `ratio`, rounded half-even to `decimals` (M6): the only rounding of usage.
    ///
    /// # Errors
    /// [`Overflow`] past 28 digits.
    pub fn of_usage(base_units: u128, ratio: Ratio, decimals: u32) -> Result<Quantity, Overflow> {
        let (quotient, rest, divisor) = match whole_units(base_units, ratio, decimals) {
            Some(division) => division,
            None => digit_by_digit(base_units, ratio, decimals)?,
        };
        let twice = rest.checked_mul(2).ok_or(Overflow)?;
        let is_up = twice > divisor || (twice == divisor && quotient % 2 == 1);
        let quotient = quotient + u128::from(is_up);
        let mantissa = i128::try_from(quotient).map_err(|_| Overflow)?;
        Decimal::try_from_i128_with_scale(mantissa, decimals).map(Quantity).map_err(|_| Overflow)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Overflow`] past 28 digits.
    pub fn plus(self, other: Quantity) -> Result<Quantity, Overflow> {
        exact_sum(self.0, other.0).map(Quantity)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`Overflow`] past 28 digits.
    pub fn minus(self, other: Quantity) -> Result<Quantity, Overflow> {
        exact_sum(self.0, -other.0).map(Quantity)
    }

    /// How many packages of `size` have been started when this much is used: ceil(self ÷ size).
    ///
    /// # Errors
    /// [`Overflow`] when the count does not fit.
    pub fn started_packages(self, size: Quantity) -> Result<Quantity, Overflow> {
        let scale = self.0.scale().max(size.0.scale());
        let (used, size) = (in_units(self.0, scale)?, in_units(size.0, scale)?);
        let count = used.checked_add(size - 1).ok_or(Overflow)?.div_euclid(size);
        Decimal::try_from_i128_with_scale(count, 0).map(Quantity).map_err(|_| Overflow)
    }

    /// The quantity in units of 10^-`digits`.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit 128 bits.
    pub fn in_units(self, digits: u32) -> Result<i128, Overflow> {
        in_units(self.0, digits)
    }

    /// The number.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

/// `base_units` × `ratio` in units of 10^-`decimals`, with the remainder and what it is a remainder
/// of; nothing where the dividend passes 128 bits.
fn whole_units(base_units: u128, ratio: Ratio, decimals: u32) -> Option<(u128, u128, u128)> {
    let dividend = base_units.checked_mul(ratio.numerator)?;
    let dividend = dividend.checked_mul(10_u128.checked_pow(decimals)?)?;
    let quotient = dividend / ratio.denominator;
    Some((quotient, dividend - quotient * ratio.denominator, ratio.denominator))
}

/// The same where the dividend passes 128 bits: one decimal after the other.
fn digit_by_digit(
    base_units: u128,
    ratio: Ratio,
    decimals: u32,
) -> Result<(u128, u128, u128), Overflow> {
    let Ratio { numerator, denominator } = ratio.reduced();
    let dividend = base_units.checked_mul(numerator).ok_or(Overflow)?;
    let mut quotient = dividend / denominator;
    let mut remainder = dividend % denominator;
    for _ in 0..decimals {
        let shifted = remainder.checked_mul(10).ok_or(Overflow)?;
        let digit = shifted / denominator;
        quotient = quotient.checked_mul(10).and_then(|q| q.checked_add(digit)).ok_or(Overflow)?;
        remainder = shifted % denominator;
    }
    Ok((quotient, remainder, denominator))
}

/// Prints the number with the digits it has.
macro_rules! display_as_decimal {
    ($($name:ident),*) => { $(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )* };
}
display_as_decimal!(Money, UnitPrice, Quantity);

/// The sum, with the digits of whichever has more. `Decimal`'s own sum drops digits when its
/// mantissa is full.
///
/// # Errors
/// [`Overflow`] past 28 digits.
pub fn exact_sum(a: Decimal, b: Decimal) -> Result<Decimal, Overflow> {
    let scale = a.scale().max(b.scale());
    let sum = in_units(a, scale)?.checked_add(in_units(b, scale)?).ok_or(Overflow)?;
    Decimal::try_from_i128_with_scale(sum, scale).map_err(|_| Overflow)
}

/// `number` × 10^`digits` as an integer; the number has no more digits than that.
fn in_units(number: Decimal, digits: u32) -> Result<i128, Overflow> {
    let exactly = |number: Decimal| {
        let factor = 10_i128.checked_pow(digits.checked_sub(number.scale())?)?;
        number.mantissa().checked_mul(factor)
    };
    // Without its trailing zeros it may fit where it did not.
    exactly(number).or_else(|| exactly(number.normalize())).ok_or(Overflow)
}

/// `mantissa` × 10^-`scale`, rounded to `digits`.
fn rescale(
    mantissa: i128,
    scale: u32,
    digits: u32,
    rounding: Rounding,
) -> Result<Decimal, Overflow> {
    let rounded = if scale <= digits {
        let factor = 10_i128.checked_pow(digits - scale).ok_or(Overflow)?;
        mantissa.checked_mul(factor).ok_or(Overflow)?
    } else {
        // Past 10^38 every 128-bit mantissa is less than half a unit.
        10_i128.checked_pow(scale - digits).map_or(0, |divisor| divide(mantissa, divisor, rounding))
    };
    Decimal::try_from_i128_with_scale(rounded, digits).map_err(|_| Overflow)
}

/// `dividend` ÷ `divisor` (positive), rounded to an integer.
fn divide(dividend: i128, divisor: i128, rounding: Rounding) -> i128 {
    let (quotient, remainder) = (dividend / divisor, (dividend % divisor).abs());
    let rest_to_next = divisor - remainder;
    let away = match rounding {
        Rounding::HalfUp => remainder >= rest_to_next,
        Rounding::HalfEven => {
            remainder > rest_to_next || (remainder == rest_to_next && quotient % 2 != 0)
        }
    };
    if away { quotient + dividend.signum() } else { quotient }
}

impl Ratio {
    /// The same by the smallest numbers.
    #[must_use]
    pub fn reduced(self) -> Ratio {
        let common = greatest_common_divisor(self.numerator, self.denominator);
        Ratio { numerator: self.numerator / common, denominator: self.denominator / common }
    }
}

fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_decimal;

    fn amount(quantity: &str, price: &str, digits: u32, rounding: Rounding) -> String {
        let quantity = Quantity::new(parse_decimal(quantity).unwrap());
        let price = UnitPrice::new(parse_decimal(price).unwrap());
        Money::of(quantity, price, digits, rounding).unwrap().to_string()
    }

    #[test]
    fn an_amount_is_rounded_once_with_ties_as_the_book_says() {
        // quantity, price, digits, half-up, half-even
        for (quantity, price, digits, up, even) in [
            ("1", "0.004", 2, "0.00", "0.00"),
            ("1", "0.005", 2, "0.01", "0.00"),
            ("1", "0.0050000001", 2, "0.01", "0.01"),
            ("1", "0.015", 2, "0.02", "0.02"),
            ("-1", "0.005", 2, "-0.01", "0.00"),
            ("1", "0.5", 0, "1", "0"),
            ("3", "0.5", 0, "2", "2"),
            ("1", "0.0005", 3, "0.001", "0.000"),
            ("744", "0.04", 2, "29.76", "29.76"),
        ] {
            assert_eq!(
                amount(quantity, price, digits, Rounding::HalfUp),
                up,
                "{quantity} x {price}"
            );
            assert_eq!(amount(quantity, price, digits, Rounding::HalfEven), even);
        }
    }

    #[test]
    fn a_product_of_more_than_28_digits_is_still_exact() {
        // By hand: 1524157875.305898609748857231, 28 significant digits and more.
        assert_eq!(
            amount("12345678901.12345675", "0.123456789012", 2, Rounding::HalfUp),
            "1524157875.31"
        );
    }

    #[test]
    fn a_sum_keeps_every_digit_or_is_none() {
        let sum = |a: &str, b: &str| {
            exact_sum(parse_decimal(a).unwrap(), parse_decimal(b).unwrap()).map(|s| s.to_string())
        };
        assert_eq!(sum("0.10", "0.005"), Ok("0.105".to_owned()));
        assert_eq!(sum("500", "-0.00"), Ok("500.00".to_owned()));
        assert_eq!(sum("79228162514264337593543.9", "0.0000003"), Err(Overflow));
    }

    #[test]
    fn usage_becomes_a_quantity_half_even() {
        let third = Ratio { numerator: 1, denominator: 3 };
        let check = |units, ratio, decimals, expected: &str| {
            assert_eq!(Quantity::of_usage(units, ratio, decimals).unwrap().to_string(), expected);
        };
        check(1, third, 8, "0.33333333");
        check(2, third, 8, "0.66666667");
        check(1, Ratio { numerator: 1, denominator: 8 }, 2, "0.12");
        check(3, Ratio { numerator: 1, denominator: 8 }, 2, "0.38");
        check(0, third, 8, "0.00000000");
        // 2^63 bytes for 30 days in byte-microseconds, in GiB-months: 2^33.
        check(
            (1 << 63) * 2_592_000_000_000,
            Ratio { numerator: 1, denominator: (1 << 30) * 2_592_000_000_000 },
            8,
            "8589934592.00000000",
        );
    }

    #[test]
    fn packages_count_once_started() {
        let packages = |used: &str, size: &str| {
            let quantity = |text| Quantity::new(parse_decimal(text).unwrap());
            quantity(used).started_packages(quantity(size)).unwrap().to_string()
        };
        assert_eq!(packages("0", "10"), "0");
        assert_eq!(packages("0.00000001", "10"), "1");
        assert_eq!(packages("10.00000000", "10"), "1");
        assert_eq!(packages("10.00000001", "10"), "2");
        assert_eq!(packages("1", "0.3"), "4");
    }

    #[test]
    fn a_discount_is_a_negative_unit_price() {
        for (percent, price) in [("4", "-0.04"), ("12.5", "-0.125"), ("20", "-0.2"), ("100", "-1")]
        {
            assert_eq!(UnitPrice::discount(parse_decimal(percent).unwrap()).to_string(), price);
        }
    }
}
