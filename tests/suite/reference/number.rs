//! Exact numbers: fractions of big integers, rounded only where a rule says so.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// An exact fraction.
pub type Exact = BigRational;

/// A decimal as a file wrote it, and its exact value.
#[derive(Clone, Debug)]
pub struct Decimal {
    /// The text of the file: it is printed again as it stood there.
    pub text: String,
    /// Its exact value.
    pub value: Exact,
}

/// A whole number as an exact fraction.
pub fn whole(number: i64) -> Exact {
    Exact::from_integer(BigInt::from(number))
}

/// Ten to a power.
pub fn power_of_ten(exponent: usize) -> BigInt {
    let mut power = BigInt::one();
    for _ in 0..exponent {
        power *= 10;
    }
    power
}

/// Reads `-?digits[.digits]`.
pub fn parse_decimal(text: &str) -> Result<Decimal, String> {
    let wrong = || format!("not a decimal: {text}");
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (before, after) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    if before.is_empty() || !magnitude.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Err(wrong());
    }
    let digits: BigInt = format!("{before}{after}").parse().map_err(|_| wrong())?;
    let value = Exact::new(digits, power_of_ten(after.len()));
    Ok(Decimal { text: text.to_string(), value: if negative { -value } else { value } })
}

/// How many digits stand after the point.
pub fn decimals_of(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, after)| after.len())
}

/// Rounds half-even (M6, and P5 when the book says so).
pub fn round_half_even(value: &Exact, decimals: usize) -> Exact {
    round(value, decimals, |floor| floor.is_odd())
}

/// Rounds half-up: ties go away from zero (P5).
pub fn round_half_up(value: &Exact, decimals: usize) -> Exact {
    round(value, decimals, |_| true)
}

/// Rounds the magnitude; `tie_goes_up` decides about exact halves, from the magnitude's floor.
fn round(value: &Exact, decimals: usize, tie_goes_up: impl Fn(&BigInt) -> bool) -> Exact {
    let scale = power_of_ten(decimals);
    let magnitude = value.abs() * Exact::from_integer(scale.clone());
    let floor = magnitude.floor().to_integer();
    let fraction = &magnitude - Exact::from_integer(floor.clone());
    let half = Exact::new(BigInt::one(), BigInt::from(2));
    let goes_up = fraction > half || (fraction == half && tie_goes_up(&floor));
    let rounded = if goes_up { floor + 1 } else { floor };
    let result = Exact::new(rounded, scale);
    if value.is_negative() { -result } else { result }
}

/// Prints a number that has at most so many decimals, with exactly so many.
pub fn format_exact(value: &Exact, decimals: usize) -> String {
    let scaled = value * Exact::from_integer(power_of_ten(decimals));
    assert!(scaled.is_integer(), "{value} has more than {decimals} decimals");
    let digits = format!("{:0>width$}", scaled.to_integer().abs(), width = decimals + 1);
    let (before, after) = digits.split_at(digits.len() - decimals);
    let sign = if value.is_negative() { "-" } else { "" };
    let point = if decimals > 0 { "." } else { "" };
    format!("{sign}{before}{point}{after}")
}

/// The sum of exact numbers.
pub fn sum<'a>(numbers: impl Iterator<Item = &'a Exact>) -> Exact {
    numbers.fold(Exact::zero(), |total, number| total + number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        parse_decimal(text).expect("a good decimal").value
    }

    #[test]
    fn ties_are_rounded_as_the_mode_says() {
        for (value, half_up, half_even) in
            [("0.125", "0.13", "0.12"), ("0.135", "0.14", "0.14"), ("-0.125", "-0.13", "-0.12")]
        {
            assert_eq!(round_half_up(&exact(value), 2), exact(half_up));
            assert_eq!(round_half_even(&exact(value), 2), exact(half_even));
        }
    }

    #[test]
    fn numbers_are_printed_with_all_their_decimals() {
        assert_eq!(format_exact(&exact("-0.05"), 2), "-0.05");
        assert_eq!(format_exact(&exact("12"), 0), "12");
        assert_eq!(format_exact(&exact("1.5"), 8), "1.50000000");
    }
}
