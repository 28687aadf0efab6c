//! The rules that decide a bill, each in plain words and with a small example, for people.
//!
//! The codes are those that charges and findings carry. The words follow `docs/charging-rules.md`,
//! which a test holds them against.

mod metering;
mod paying;
mod pricing;
mod sharing;

use crate::diagnostic::nearest;

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its code, like `P3` or `L07`.
    pub code: &'static str,
    /// It in a few words.
    pub title: &'static str,
    /// It in sentences.
    pub words: &'static str,
    /// A small example, worked out.
    pub example: &'static str,
}

/// All rules, in reading order: who pays, what follows, measuring, cycles, prices, allocation,
/// what is allowed.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let tables = [paying::RULES, metering::RULES, pricing::RULES, sharing::RULES];
    tables.into_iter().flatten()
}

/// The rule of a code; upper and lower case are the same.
///
/// ```
/// use sharebill::explain::rules::find;
/// assert_eq!(find("p3").unwrap().code, "P3");
/// assert!(find("P9").is_none());
/// ```
#[must_use]
pub fn find(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// Whether a word looks like the code of a rule: a letter or two, then digits.
#[must_use]
pub fn looks_like_a_code(word: &str) -> bool {
    let letters = word.chars().take_while(char::is_ascii_alphabetic).count();
    let rest = &word[letters..];
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    let is_short = word.len() <= 4 && (1..=2).contains(&letters);
    is_short && digits > 0 && rest[digits..].chars().all(|c| c.is_ascii_alphabetic())
}

/// The code that was probably meant: the same with another number of zeros, else the nearest one of
/// the same letter, else the nearest of all.
#[must_use]
pub fn nearest_code(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_uppercase();
    let split = |code: &str| {
        let at = code.find(|c: char| c.is_ascii_digit()).unwrap_or(code.len());
        (code[..at].to_owned(), code[at..].trim_start_matches('0').to_owned())
    };
    let codes = || all().map(|rule| rule.code);
    let same = codes().find(|code| split(&code.to_ascii_uppercase()) == split(&word));
    let letter = word.get(..1).unwrap_or_default();
    let of_letter = codes().filter(|code| code.starts_with(letter));
    let number = |code: &str| split(code).1.parse::<i64>().ok();
    let by_number = number(&word).and_then(|wanted| {
        let known = of_letter.filter_map(|code| Some((number(code)?.abs_diff(wanted), code)));
        known.min_by_key(|(distance, _)| *distance).map(|(_, code)| code)
    });
    same.or(by_number).or_else(|| nearest(&word, codes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::FindingCode;

    #[test]
    fn every_code_stands_once_and_has_words_and_an_example() {
        let mut codes: Vec<&str> = all().map(|rule| rule.code).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        for rule in all() {
            assert!(looks_like_a_code(rule.code) || rule.code == "A", "{}", rule.code);
            assert!(rule.words.ends_with('.') && rule.example.ends_with('.'), "{}", rule.code);
        }
        for code in FindingCode::ALL {
            assert!(find(code.as_str()).is_some(), "{}", code.as_str());
        }
    }

    #[test]
    fn a_wrong_code_leads_to_the_one_that_was_meant() {
        for (word, expected) in [
            ("L7", "L07"),
            ("l007", "L07"),
            ("R04", "R4"),
            ("R10", "R9"),
            ("L99", "L15"),
            ("r3A", "R3a"),
            ("P0", "P1"),
        ] {
            assert_eq!(nearest_code(word), Some(expected), "{word}");
        }
        assert_eq!(nearest_code("bananas"), None);
        for word in ["R4", "R3a", "l07", "B17"] {
            assert!(looks_like_a_code(word), "{word}");
        }
        for word in ["", "march", "rule", "R", "2016-03", "m-3"] {
            assert!(!looks_like_a_code(word), "{word}");
        }
    }
}
