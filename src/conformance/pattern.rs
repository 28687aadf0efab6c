//! Patterns for names of cases, and words of a command line.

/// Whether a pattern takes a whole name: `*` is any text, `?` any one character.
///
/// ```
/// use sharebill::conformance::takes;
/// assert!(takes("P3*flat*", "P3-graduated-flat-at-its-bound"));
/// assert!(!takes("P3", "P3-graduated"));
/// ```
#[must_use]
pub fn takes(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // Whether the pattern so far takes the first 0, 1, 2 … characters of the name.
    let mut taken = vec![false; name.len() + 1];
    taken[0] = true;
    for wanted in pattern.chars() {
        let mut next = vec![false; name.len() + 1];
        for end in 0..=name.len() {
            next[end] = match wanted {
                '*' => taken[end] || (end > 0 && next[end - 1]),
                '?' => end > 0 && taken[end - 1],
                letter => end > 0 && taken[end - 1] && name[end - 1] == letter,
            };
        }
        taken = next;
    }
    taken[name.len()]
}

/// The words of a command line, cut at spaces; `'…'` and `"…"` keep theirs. Nothing else is
/// special: no shell sees it. `None` where a quote is never closed.
///
/// ```
/// use sharebill::conformance::split_words;
/// let words = split_words("engine --to '{out} x' \"\"").unwrap();
/// assert_eq!(words, ["engine", "--to", "{out} x", ""]);
/// ```
#[must_use]
pub fn split_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_whole_names() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*b*", "abc", true),
            ("?", "é", true),
            ("?", "", false),
            ("**a", "a", true),
        ] {
            assert_eq!(takes(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_no_command() {
        assert_eq!(split_words("a 'b c"), None);
        assert_eq!(split_words("  "), Some(Vec::new()));
        assert_eq!(split_words("a'b c'd"), Some(vec!["ab cd".to_owned()]));
    }
}
