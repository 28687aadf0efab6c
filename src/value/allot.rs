//! Splitting a whole number of units over weights so that nothing is left (rule A).

use num_bigint::BigUint;

/// Splits `total` over `weights` in proportion, by largest remainder: each part is rounded down,
/// and what is left goes, one unit each, to the largest remainders; ties go to the earlier part.
///
/// A negative total is split by its magnitude. The parts add up to `total` exactly. Where all
/// weights are 0 the first part gets everything.
///
/// ```
/// use sharebill::value::allot;
/// assert_eq!(allot(100, &[1, 1, 1]), [34, 33, 33]);
/// assert_eq!(allot(-100, &[1, 2]), [-33, -67]);
/// ```
#[must_use]
pub fn allot(total: i128, weights: &[u128]) -> Vec<i128> {
    let Some(whole) = sum(weights) else { return allot_wide(total, weights) };
    let magnitude = total.unsigned_abs();
    let split: Option<Vec<(u128, u128)>> = weights
        .iter()
        .map(|weight| {
            let product = magnitude.checked_mul(*weight)?;
            Some((product.checked_div(whole)?, product.checked_rem(whole)?))
        })
        .collect();
    match split {
        Some(split) => finish(total, split),
        None if whole == 0 => all_to_the_first(total, weights.len()),
        None => allot_wide(total, weights),
    }
}

fn sum(weights: &[u128]) -> Option<u128> {
    weights.iter().try_fold(0_u128, |sum, weight| sum.checked_add(*weight))
}

/// The same where a product passes 128 bits.
fn allot_wide(total: i128, weights: &[u128]) -> Vec<i128> {
    let whole: BigUint = weights.iter().map(|weight| BigUint::from(*weight)).sum();
    let magnitude = BigUint::from(total.unsigned_abs());
    let split = weights
        .iter()
        .map(|weight| {
            let product = &magnitude * *weight;
            let share = u128::try_from(&product / &whole).unwrap_or(u128::MAX);
            (share, product % &whole)
        })
        .collect();
    finish(total, split)
}

/// Hands out the units that rounding down has left.
fn finish<R: Ord>(total: i128, split: Vec<(u128, R)>) -> Vec<i128> {
    let handed_out: u128 = split.iter().map(|(share, _)| *share).sum();
    let left = total.unsigned_abs() - handed_out;
    let mut order: Vec<usize> = (0..split.len()).collect();
    order.sort_by(|a, b| split[*b].1.cmp(&split[*a].1).then(a.cmp(b)));
    let mut parts: Vec<i128> =
        split.iter().map(|(share, _)| total.signum() * share.cast_signed()).collect();
    for index in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        parts[index] += total.signum();
    }
    parts
}

fn all_to_the_first(total: i128, count: usize) -> Vec<i128> {
    (0..count).map(|index| if index == 0 { total } else { 0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_ties_go_to_the_earlier() {
        assert_eq!(allot(1, &[1, 1]), [1, 0]);
        assert_eq!(allot(5, &[3, 3, 1]), [2, 2, 1]);
        assert_eq!(allot(7, &[0, 5]), [0, 7]);
        assert_eq!(allot(7, &[0, 0]), [7, 0]);
        assert_eq!(allot(0, &[1, 2]), [0, 0]);
        assert_eq!(allot(5, &[]), []);
    }

    #[test]
    fn wide_products_agree_with_narrow_ones() {
        let weights = [1_u128 << 100, 3 << 100, 7 << 100];
        assert_eq!(allot(1 << 60, &weights), allot(1 << 60, &[1, 3, 7]));
        assert_eq!(allot_wide(-1_000_003, &[2, 3, 5]), allot(-1_000_003, &[2, 3, 5]));
        assert_eq!(allot(10, &[u128::MAX, u128::MAX]), [5, 5]);
    }
}
