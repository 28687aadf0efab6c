//! Decimal text, read without detours.

use rust_decimal::Decimal;
use thiserror::Error;

/// Why a text is not one of our decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecimalError {
    /// Nothing there.
    #[error("a number is missing")]
    Empty,
    /// Signs, exponents, separators, spaces: anything but `-?digits[.digits]`.
    #[error("not a plain decimal number like 12.50")]
    NotPlain,
    /// More digits than can be computed with exactly.
    #[error("more than 25 digits")]
    TooLong,
    /// More digits after the point than the place allows.
    #[error("more than {0} digits after the point")]
    TooManyPlaces(u32),
}

/// Reads `-?digits[.digits]`, keeping every digit and the number of digits after the point.
///
/// `Decimal::from_str` would take exponents and underscores and round past 28 digits; serde would
/// go through a binary float. This takes nothing else and loses nothing.
///
/// # Errors
/// [`DecimalError`], when the text is anything else or has more than 25 digits.
///
/// ```
/// use sharebill::value::parse_decimal;
/// assert_eq!(parse_decimal("0.10").unwrap().to_string(), "0.10");
/// assert!(parse_decimal("1e3").is_err());
/// ```
pub fn parse_decimal(text: &str) -> Result<Decimal, DecimalError> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    if text.is_empty() {
        return Err(DecimalError::Empty);
    }
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return Err(DecimalError::NotPlain);
    }
    let fraction = if unsigned.contains('.') { fraction } else { "" };
    let whole = whole.trim_start_matches('0');
    if whole.len() + fraction.len() > 25 {
        return Err(DecimalError::TooLong);
    }
    let magnitude = whole
        .bytes()
        .chain(fraction.bytes())
        .fold(0_i128, |number, digit| number * 10 + i128::from(digit - b'0'));
    let signed = if text.starts_with('-') { -magnitude } else { magnitude };
    Decimal::try_from_i128_with_scale(signed, fraction.len() as u32)
        .map_err(|_| DecimalError::TooLong)
}

/// As [`parse_decimal`], with at most `places` digits after the point.
///
/// # Errors
/// [`DecimalError`], also for more digits after the point than `places`.
pub fn parse_decimal_places(text: &str, places: u32) -> Result<Decimal, DecimalError> {
    let number = parse_decimal(text)?;
    if number.scale() > places {
        return Err(DecimalError::TooManyPlaces(places));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, DecimalError>) {
        assert_eq!(
            parse_decimal(text).map(|d| d.to_string()),
            expected.map(str::to_owned),
            "{text}"
        );
    }

    #[test]
    fn plain_numbers_keep_every_digit() {
        check("0", Ok("0"));
        check("1.10", Ok("1.10"));
        check("-0.04", Ok("-0.04"));
        check("0.1234567890123456789012", Ok("0.1234567890123456789012"));
        check("0007.5", Ok("7.5"));
    }

    #[test]
    fn anything_else_is_refused() {
        check("", Err(DecimalError::Empty));
        for text in ["-", ".5", "5.", "1e3", "1_000", "1,000", "+1", " 1", "1 ", "--1", "NaN", "٣"]
        {
            check(text, Err(DecimalError::NotPlain));
        }
        check("12345678901234567890123456", Err(DecimalError::TooLong));
    }

    #[test]
    fn places_are_bounded() {
        assert!(parse_decimal_places("0.123456789012", 12).is_ok());
        assert_eq!(
            parse_decimal_places("0.1234567890123", 12),
            Err(DecimalError::TooManyPlaces(12))
        );
    }
}
