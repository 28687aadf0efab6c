//! Texts as FOCUS takes them: ASCII, nothing lost, no two made one, none taken for a number.
//!
//! What is not printable ASCII is written as `%` and the hexadecimal bytes of its UTF-8, as in
//! addresses of the web; `%` itself is `%25`. So `Köln` is `K%C3%B6ln`, and whoever undoes that has
//! the text that the log had.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A text in printable ASCII.
///
/// ```
/// use sharebill::run::focus::text::ascii;
/// assert_eq!(ascii("Köln, 100 %\n"), "K%C3%B6ln, 100 %25%0A");
/// ```
#[must_use]
pub fn ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    push_ascii(&mut ascii, text);
    ascii
}

/// Appends a text in printable ASCII.
pub(super) fn push_ascii(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'%' | 0..=0x1f | 0x7f.. => {
                // Writing to a text cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
            _ => out.push(char::from(byte)),
        }
    }
}

/// An id with its kind before it, like `account:acme`: no program takes it for a number.
#[must_use]
pub fn id(kind: &str, text: &str) -> String {
    let mut id = String::with_capacity(kind.len() + 1 + text.len());
    put_id(&mut id, kind, text);
    id
}

/// The same in the room of another; nothing for an empty text.
pub(super) fn put_id(out: &mut String, kind: &str, text: &str) {
    out.clear();
    if !text.is_empty() {
        out.push_str(kind);
        out.push(':');
        push_ascii(out, text);
    }
}

/// Several texts as one id; a `|` within one of them is `%7C`.
#[must_use]
pub fn composed(parts: &[&str]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| ascii(part).replace('|', "%7C")).collect();
    parts.join("|")
}

/// A name in ASCII; with `prefix` before it where a program could take it for a number, a date or
/// nothing at all.
#[must_use]
pub fn told_apart(prefix: &str, name: &str) -> String {
    let name = ascii(name);
    if is_ambiguous(&name) || name.starts_with(prefix) { format!("{prefix}{name}") } else { name }
}

/// Words that programs take for no value, or for a truth.
const NO_TEXTS: [&str; 16] = [
    "", "#n/a", "#na", "-inf", "-nan", "false", "inf", "infinity", "n/a", "na", "nan", "none",
    "null", "true", "no", "yes",
];

fn is_ambiguous(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let looks_counted = |text: &str| {
        let of_numbers = |c: char| c.is_ascii_digit() || "+-.,_:/ etzx".contains(c);
        text.contains(|c: char| c.is_ascii_digit()) && text.chars().all(of_numbers)
    };
    NO_TEXTS.contains(&text.as_str()) || looks_counted(&text)
}

/// A JSON object of texts, by the order of its keys.
#[must_use]
pub fn json<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let object: BTreeMap<&str, String> =
        pairs.into_iter().map(|(key, value)| (key, ascii(value))).collect();
    serde_json::to_string(&object).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_a_number_is_told_apart() {
        for text in ["7", "007", "1e5", "-3.5", "2016-03-01", "2016-03-01T00:00:00Z", "NaN", "null"]
        {
            assert_eq!(told_apart("region ", text), format!("region {text}"));
        }
        for text in ["DFW", "acme", "e", "x-ray", "7th Avenue", "a1"] {
            assert_eq!(told_apart("region ", text), text);
        }
        // What looks like a text that was told apart is told apart from it.
        assert_ne!(told_apart("region ", "region 7"), told_apart("region ", "7"));
    }

    #[test]
    fn composed_ids_differ_where_their_parts_do() {
        assert_ne!(composed(&["a|b", "c"]), composed(&["a", "b|c"]));
        assert_ne!(composed(&["a%7C", "c"]), composed(&["a|", "c"]));
        assert_eq!(json([("b", "\"ü\""), ("a", "1")]), r#"{"a":"1","b":"\"%C3%BC\""}"#);
    }
}
