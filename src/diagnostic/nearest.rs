//! "Did you mean".

/// The known word nearest to a wrong one, if it is near enough to have been meant.
///
/// ```
/// use sharebill::diagnostic::nearest;
/// assert_eq!(nearest("acount", ["account", "region"]), Some("account"));
/// assert_eq!(nearest("bananas", ["account", "region"]), None);
/// assert_eq!(nearest("", ["*"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A name of 64 KB is no misspelling, and the distance is quadratic.
    if word.len() > 100 {
        return None;
    }
    let lowered = word.to_lowercase();
    let letters = Letters::of(&lowered);
    known
        .into_iter()
        // Ten thousand wrong words may each be held against ten thousand known ones.
        .filter(|candidate| {
            let other = match candidate.is_ascii() {
                true => Letters::of(candidate),
                false => Letters::of(&candidate.to_lowercase()),
            };
            letters.least_distance(&other) <= allowed_distance(&lowered, candidate)
        })
        .map(|candidate| {
            (strsim::damerau_levenshtein(&lowered, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, candidate)| *distance <= allowed_distance(&lowered, candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How often each letter occurs in a word; ASCII's whatever their case, all others as one letter.
struct Letters([u8; 128]);

impl Letters {
    fn of(word: &str) -> Letters {
        let mut counts = [0_u8; 128];
        for character in word.chars() {
            let place = if character.is_ascii() { character.to_ascii_lowercase() } else { '\0' };
            let count = &mut counts[place as usize];
            *count = count.saturating_add(1);
        }
        Letters(counts)
    }

    /// Each edit adds, takes away or changes one letter at most: so many are needed at least.
    fn least_distance(&self, other: &Letters) -> usize {
        let surplus = |one: &Letters, two: &Letters| -> usize {
            one.0.iter().zip(&two.0).map(|(a, b)| usize::from(a.saturating_sub(*b))).sum()
        };
        surplus(self, other).max(surplus(other, self))
    }
}

/// A third of the longer word may be wrong, one character in any case, but never all of it.
fn allowed_distance(word: &str, candidate: &str) -> usize {
    let longer = word.chars().count().max(candidate.chars().count());
    (longer / 3).max(1).min(longer.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_too_many_other_letters_are_never_near() {
        let words = ["account", "acount", "ACCOUNT", "region", "größe", "grosse", "f17", "g71", ""];
        for word in words {
            for other in words {
                let (one, two) = (word.to_lowercase(), other.to_lowercase());
                let distance = strsim::damerau_levenshtein(&one, &two);
                let least = Letters::of(&one).least_distance(&Letters::of(&two));
                assert!(least <= distance, "{word} {other}: {least} {distance}");
            }
        }
        assert_eq!(Letters::of("f17").least_distance(&Letters::of("g71")), 1);
    }
}
