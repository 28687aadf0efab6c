//! Text that goes into a page: nothing from the data is ever markup, script or a direction.

use rust_decimal::Decimal;

use crate::report::table::{Cell, Kind};
use crate::value::{Money, Quantity, Rounding, UnitPrice};
use crate::write::text::{grouped, visible};

/// A text from the data: control and direction characters are shown, markup is text.
pub(super) fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A text as a JSON string that no HTML parser can see an end tag in.
pub(super) fn json_text(out: &mut String, text: &str) {
    let quoted = serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned());
    for character in quoted.chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
}

/// A number with so many digits after the point, ties to the even neighbour: for the eye.
pub(super) fn rounded(number: Decimal, digits: u32) -> Decimal {
    let one = UnitPrice::new(Decimal::ONE);
    let rounded = Money::of(Quantity::new(number), one, digits, Rounding::HalfEven);
    rounded.map_or(number, Money::decimal)
}

/// An amount as people read it: thousands apart, the currency's digits.
pub(super) fn money(number: Decimal, digits: u32) -> String {
    grouped(rounded(number, digits))
}

/// A part of one as a percentage with one decimal.
pub(super) fn percent(part: Decimal) -> String {
    format!("{} %", rounded(part * Decimal::ONE_HUNDRED, 1))
}

/// A cell as people read it.
pub(super) fn shown(cell: &Cell, kind: Kind, digits: u32) -> String {
    match (cell, kind) {
        (Cell::Empty, _) => String::new(),
        (Cell::Number(number), Kind::Money | Kind::Part) => money(*number, digits),
        (Cell::Number(number), Kind::Percent) => percent(*number),
        (Cell::Number(number), _) => grouped(number.normalize()),
        (Cell::Count(count), _) => grouped(count),
        (Cell::Instant(instant), _) => {
            let text = instant.to_string();
            text.strip_suffix("T00:00:00Z").map_or(text.clone(), str::to_owned)
        }
        (Cell::Text(text), _) => visible(text),
    }
}

/// Words about how many there are.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// Bytes in base 64: fingerprints in a content security policy.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_decimal;

    #[test]
    fn names_cannot_leave_their_place() {
        assert_eq!(
            escaped("</script><img onerror='x'>&\u{1b}[2J\u{202e}"),
            "&lt;/script&gt;&lt;img onerror=&#39;x&#39;&gt;&amp;\\u{1b}[2J\\u{202e}"
        );
        let mut json = String::new();
        json_text(&mut json, "</script><!--\u{2028}\"\\\u{0}");
        assert_eq!(json, r#""\u003c/script\u003e\u003c!--\u2028\"\\\u0000""#);
    }

    #[test]
    fn amounts_are_shown_with_the_digits_of_the_currency() {
        let number = |text| parse_decimal(text).unwrap();
        assert_eq!(money(number("12345.6750000000"), 2), "12,345.68");
        assert_eq!(money(number("0.125"), 2), "0.12");
        assert_eq!(money(number("-1234"), 2), "-1,234.00");
        assert_eq!(percent(number("0.805")), "80.5 %");
    }

    #[test]
    fn base_64_is_that_of_rfc_4648() {
        for (bytes, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
    }
}
