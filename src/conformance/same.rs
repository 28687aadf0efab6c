//! When two cells say the same: numbers by value, instants by time, everything else letter by
//! letter.

use crate::value::Instant;

/// The columns that hold instants.
const INSTANTS: [&str; 3] = ["cycle_start", "cycle_end", "effective_from"];

/// The columns that hold words. An account may be called `007`: that is no number.
const WORDS: [&str; 14] = [
    "account",
    "sku",
    "region",
    "unit",
    "currency",
    "rule",
    "resource",
    "resource_region",
    "source_image",
    "producer",
    "role",
    "image",
    "consumer",
    "code",
];

/// A cell in the one form that all cells of its meaning share.
pub(super) fn meaning(column: &str, text: &str) -> String {
    if INSTANTS.contains(&column) {
        return Instant::parse_date_or_instant(text)
            .map_or_else(|_| text.to_owned(), |instant| instant.to_string());
    }
    if WORDS.contains(&column) { text.to_owned() } else { number(text) }
}

/// A plain decimal without what changes nothing: zeros at either end, a sign of zero. It stays a
/// text, so that no digit of whatever length is lost. What is no number stays as it is.
fn number(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return text.to_owned();
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    match (whole, fraction) {
        ("", "") => "0".to_owned(),
        ("", fraction) => format!("{sign}0.{fraction}"),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_by_value() {
        for (text, same) in [
            ("0.10", "0.1"),
            ("-0.00", "0"),
            ("007", "7"),
            ("-1.50", "-1.5"),
            ("100", "100"),
            ("0.00000001", "0.00000001"),
            ("1e3", "1e3"),
            ("1,5", "1,5"),
            (".5", ".5"),
            ("", ""),
        ] {
            assert_eq!(meaning("amount", text), same, "{text}");
        }
        let long = "0.1234567890123456789012345678901234567890";
        assert_ne!(meaning("quantity", long), meaning("quantity", &long[..40]));
    }

    #[test]
    fn an_instant_is_the_same_at_any_offset_and_a_name_only_as_it_is_written() {
        let instant = meaning("cycle_start", "2018-04-01T02:00:00+02:00");
        assert_eq!(instant, meaning("cycle_start", "2018-04-01"));
        assert_eq!(meaning("effective_from", ""), "");
        assert_eq!(meaning("account", "007"), "007");
    }
}
