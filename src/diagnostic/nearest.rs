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
    known
        .into_iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(&lowered, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, candidate)| *distance <= allowed_distance(&lowered, candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

/// A third of the longer word may be wrong, one character in any case, but never all of it.
fn allowed_distance(word: &str, candidate: &str) -> usize {
    let longer = word.chars().count().max(candidate.chars().count());
    (longer / 3).max(1).min(longer.saturating_sub(1))
}
