//! What is in the middle.

/// The median; of two in the middle the one nearer to zero, so that one absurd value of two is
/// not taken for what is usual.
pub(super) fn cautious_median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    let Some(upper) = values.get(count / 2).copied() else { return 0.0 };
    let lower = values[(count - 1) / 2];
    if lower.abs() < upper.abs() { lower } else { upper }
}

/// The median; 0 of nothing.
pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    match count {
        0 => 0.0,
        _ if count.is_multiple_of(2) => (values[count / 2 - 1] + values[count / 2]) / 2.0,
        _ => values[count / 2],
    }
}
