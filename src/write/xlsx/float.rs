//! Decimals as the binary floats that workbooks hold.
#![expect(clippy::disallowed_types, reason = "the file format has no other numbers")]

use rust_decimal::Decimal;

use crate::value::{Instant, MICROS_PER_DAY};

/// How many decimal digits a float keeps.
const DIGITS: usize = 15;

/// The float nearest to a decimal: up to 15 digits, the same number again when it is shown.
pub(super) fn nearest(number: Decimal) -> f64 {
    number.to_string().parse().unwrap_or_default()
}

/// Whether a float keeps every digit.
pub(super) fn is_kept(number: Decimal) -> bool {
    let digits = number.normalize().mantissa().unsigned_abs().to_string();
    digits.trim_end_matches('0').len() <= DIGITS
}

/// The days since 1899-12-30 that workbooks count times in; nothing before 1900-03-01, where they
/// count a day that never was.
pub(super) fn serial(instant: Instant) -> Option<f64> {
    const DAYS_TO_1970: i64 = 25_569;
    let micros = instant.micros().checked_add(DAYS_TO_1970 * MICROS_PER_DAY)?;
    (micros >= 61 * MICROS_PER_DAY).then(|| micros as f64 / MICROS_PER_DAY as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_decimal;

    #[test]
    fn fifteen_digits_are_kept() {
        for (text, expected) in [
            ("4928.37", true),
            ("714.0000000000", true),
            ("1234567890123.45", true),
            ("12345678901234.56", false),
            ("12345678901234500000", true),
            ("-0.6967570112", true),
        ] {
            let number = parse_decimal(text).unwrap();
            assert_eq!(is_kept(number), expected, "{text}");
            let shown = format!("{}", nearest(number));
            assert!(!expected || shown == number.normalize().to_string(), "{text} {shown}");
        }
    }

    #[test]
    fn days_are_counted_as_spreadsheets_do() {
        let day = |text| serial(Instant::parse_date_or_instant(text).unwrap()).unwrap();
        assert!((day("2016-03-01") - 42_430.0).abs() < 1e-9);
        assert!((day("2016-03-01T12:00:00Z") - 42_430.5).abs() < 1e-9);
    }
}
