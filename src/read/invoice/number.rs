//! Numbers as invoices print them: `1,234.56`, `$ -5.00`, `(5.00)`, `5.00 CR`, `1.234,56 €`, `1E-7`.

use crate::read::hashmap::scientific;
use crate::value::{Currency, Exact};

/// Signs that are of one currency; `$` is of many.
const SIGNS: [(char, &str); 4] = [('£', "GBP"), ('€', "EUR"), ('¥', "JPY"), ('₹', "INR")];

/// A number, and the currency that it has beside it, where that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    /// The number.
    pub number: Exact,
    /// The currency of its sign or code.
    pub currency: Option<Currency>,
}

/// Reads a number; `None` where it is none, or where its separators make no sense.
///
/// The point separates decimals and the comma thousands, or with `has_decimal_comma` the other way
/// round. Thousands stand in groups of three: `1,23` is no number and not 123.
#[must_use]
pub fn printed(text: &str, has_decimal_comma: bool) -> Option<Printed> {
    let mut text = text.trim();
    let mut currency = None;
    let mut is_negative = false;
    if let Some(inside) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        (text, is_negative) = (inside.trim(), true);
    }
    // Credits as accountants mark them.
    let credit = text.strip_suffix("CR").or_else(|| text.strip_suffix("cr"));
    if let Some(amount) =
        credit.filter(|amount| amount.ends_with([' ', ')']) || ends_in_digit(amount))
    {
        (text, is_negative) = (amount.trim_end(), !is_negative);
    }
    // Sign and currency may stand in any order before the digits, and both behind them.
    for _ in 0..4 {
        if let Some(rest) = text.strip_prefix(['-', '−']).or_else(|| text.strip_suffix('-')) {
            (text, is_negative) = (rest.trim(), !is_negative);
        } else if let Some(rest) = text.strip_prefix('+') {
            text = rest.trim();
        } else if let Some((rest, found)) = without_currency(text) {
            if found.is_some() && currency.is_some() {
                return None;
            }
            (text, currency) = (rest.trim(), found.or(currency));
        }
    }
    let number = plain(text, has_decimal_comma)?;
    let number = if is_negative { Exact::ZERO.minus(number).ok()? } else { number };
    Some(Printed { number, currency })
}

fn ends_in_digit(text: &str) -> bool {
    text.ends_with(|character: char| character.is_ascii_digit())
}

/// The rest of a text that has a currency's sign or code at one end.
fn without_currency(text: &str) -> Option<(&str, Option<Currency>)> {
    if let Some(rest) = text.strip_prefix('$').or_else(|| text.strip_suffix('$')) {
        return Some((rest, None));
    }
    for (sign, code) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return Some((rest, Currency::from_code(code)));
        }
    }
    let (code, rest) = text.split_at_checked(3)?;
    if let Some(currency) = Currency::from_code(code) {
        return Some((rest, Some(currency)));
    }
    let (rest, code) = text.split_at_checked(text.len() - 3)?;
    Currency::from_code(code).map(|currency| (rest, Some(currency)))
}

/// Digits with separators.
fn plain(text: &str, has_decimal_comma: bool) -> Option<Exact> {
    if !text.starts_with(|character: char| {
        character.is_ascii_digit() || character == '.' || character == ','
    }) {
        return None;
    }
    let (point, comma) = if has_decimal_comma { (',', '.') } else { ('.', ',') };
    let is_separator = |c: char| c == comma || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'');
    let (whole, fraction) = match text.split_once(point) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut groups = whole.split(is_separator);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    let mut has_groups = false;
    for group in groups {
        if group.len() != 3 || !(1..=3).contains(&first.len()) {
            return None;
        }
        digits.push_str(group);
        has_groups = true;
    }
    if has_groups && !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match fraction {
        Some(fraction) if digits.is_empty() => scientific(&format!("0.{fraction}")),
        Some(fraction) => scientific(&format!("{digits}.{fraction}")),
        None => scientific(&digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_printed() {
        for (text, expected) in [
            ("1234.5", "1234.5"),
            ("1,234.56", "1234.56"),
            ("$1,234,567.00", "1234567"),
            (" $ -5.00 ", "-5"),
            ("-$5.00", "-5"),
            ("($5.00)", "-5"),
            ("$(5.00)", "none"),
            ("5.00-", "-5"),
            ("5.00 CR", "-5"),
            ("5.00CR", "-5"),
            ("(5.00) CR", "none"),
            ("1 234.50", "1234.5"),
            ("1'234.50", "1234.5"),
            (".5", "0.5"),
            ("1E-7", "0.0000001"),
            ("58.06451613", "58.06451613"),
            ("USD 12.00", "12"),
            ("12.00 USD", "12"),
            ("0", "0"),
            // Which of them would it be?
            ("1,23", "none"),
            ("1,2345", "none"),
            ("1.234,56", "none"),
            ("12,34,567", "none"),
            ("", "none"),
            ("-", "none"),
            ("$", "none"),
            ("n/a", "none"),
            ("5.00 points", "none"),
            ("--5", "5"),
        ] {
            let read = printed(text, false).map(|read| read.number.to_string());
            assert_eq!(read.as_deref().unwrap_or("none"), expected, "{text}");
        }
    }

    #[test]
    fn a_decimal_comma_has_to_be_asked_for() {
        for (text, expected) in
            [("1.234,56", "1234.56"), ("5,5", "5.5"), ("1.5", "none"), ("1 234,5 €", "1234.5")]
        {
            let read = printed(text, true).map(|read| read.number.to_string());
            assert_eq!(read.as_deref().unwrap_or("none"), expected, "{text}");
        }
    }

    #[test]
    fn a_sign_tells_the_currency_where_it_is_of_one() {
        for (text, expected) in
            [("£5", Some("GBP")), ("5 €", Some("EUR")), ("$5", None), ("USD 5", Some("USD"))]
        {
            let currency = printed(text, false).unwrap().currency;
            assert_eq!(currency.map(Currency::code), expected, "{text}");
        }
        assert_eq!(printed("USD 5 €", false), None);
    }
}
