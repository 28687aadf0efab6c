//! Splitting a whole number of units over weights so that nothing is left (rule A).

use std::cmp::Ordering;

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
    let mut parts = Vec::new();
    allot_to(&mut parts, total, weights, |_, _| {});
    parts
}

/// The same, where ties are decided otherwise: `choose(places, count)` puts those of `places`
/// to the front that are the first `count`. It is asked only where some of them get a unit and some
/// do not. `parts` is cleared first.
pub fn allot_to(
    parts: &mut Vec<i128>,
    total: i128,
    weights: &[u128],
    choose: impl FnOnce(&mut [u32], usize),
) {
    parts.clear();
    if total == 0 {
        parts.resize(weights.len(), 0);
        return;
    }
    let mut bits = 0;
    let whole = weights.iter().try_fold(0_u128, |sum, weight| {
        bits |= weight;
        sum.checked_add(*weight)
    });
    match whole {
        Some(0) => parts.extend((0..weights.len()).map(|place| if place == 0 { total } else { 0 })),
        Some(whole) => {
            // What all weights are a multiple of changes no share: the zeros at their ends.
            let zeros = bits.trailing_zeros();
            let whole_narrow = u64::try_from(whole >> zeros).ok();
            let narrow = whole_narrow.zip(u64::try_from(total.unsigned_abs()).ok());
            if let Some((whole, magnitude)) = narrow {
                let scaled = weights.iter().map(|weight| (weight >> zeros) as u64);
                let rest = divide_narrow(parts, total.signum(), magnitude, scaled, whole);
                hand_out(parts, total, &rest, choose);
            } else if let Some(rest) = divide(parts, total, weights, whole) {
                hand_out(parts, total, &rest, choose);
            } else if let Some(rest) = divide_in_steps(parts, total, weights, whole) {
                hand_out(parts, total, &rest, choose);
            } else {
                allot_wide(parts, total, weights, choose);
            }
        }
        None => allot_wide(parts, total, weights, choose),
    }
}

/// Rounds each part down; the remainders. Where 64 bits hold the total and the sum of the weights,
/// they hold each weight as well, and nothing is lost; most products fit too.
fn divide_narrow(
    parts: &mut Vec<i128>,
    sign: i128,
    magnitude: u64,
    weights: impl ExactSizeIterator<Item = u64>,
    whole: u64,
) -> Vec<u64> {
    let mut rest = Vec::with_capacity(weights.len());
    parts.reserve(weights.len());
    for weight in weights {
        if let Some(product) = magnitude.checked_mul(weight) {
            parts.push(sign * i128::from(product / whole));
            rest.push(product % whole);
        } else {
            let product = u128::from(magnitude) * u128::from(weight);
            let share = product / u128::from(whole);
            parts.push(sign * share.cast_signed());
            rest.push((product - share * u128::from(whole)) as u64);
        }
    }
    rest
}

/// Rounds each part down; the remainders, or nothing where a product passes 128 bits.
fn divide(parts: &mut Vec<i128>, total: i128, weights: &[u128], whole: u128) -> Option<Vec<u128>> {
    let magnitude = total.unsigned_abs();
    let mut rest = Vec::with_capacity(weights.len());
    parts.reserve(weights.len());
    for weight in weights {
        let product = magnitude.checked_mul(*weight)?;
        let share = product / whole;
        parts.push(total.signum() * share.cast_signed());
        rest.push(product - share * whole);
    }
    Some(rest)
}

/// The same where products pass 128 bits, as one divides on paper: some bits of the total at a
/// time, as many as leave room beside the sum of the weights; nothing where that leaves too little.
fn divide_in_steps(
    parts: &mut Vec<i128>,
    total: i128,
    weights: &[u128],
    whole: u128,
) -> Option<Vec<u128>> {
    const FEWEST_BITS: u32 = 16;
    let bits = whole.leading_zeros().checked_sub(1).filter(|bits| *bits >= FEWEST_BITS)?;
    let magnitude = total.unsigned_abs();
    let steps = (u128::BITS - magnitude.leading_zeros()).div_ceil(bits);
    parts.clear();
    let mut rests = Vec::with_capacity(weights.len());
    for weight in weights {
        let (mut share, mut rest) = (0_u128, 0_u128);
        for step in (0..steps).rev() {
            let digit = (magnitude >> (step * bits)) & ((1 << bits) - 1);
            // Each is below 2^127: the remainder and the weight are not above the sum of the weights.
            let dividend = (rest << bits) + digit * weight;
            let quotient = dividend / whole;
            share = (share << bits) + quotient;
            rest = dividend - quotient * whole;
        }
        parts.push(total.signum() * share.cast_signed());
        rests.push(rest);
    }
    Some(rests)
}

/// The same for any numbers.
fn allot_wide(
    parts: &mut Vec<i128>,
    total: i128,
    weights: &[u128],
    choose: impl FnOnce(&mut [u32], usize),
) {
    parts.clear();
    let whole: BigUint = weights.iter().map(|weight| BigUint::from(*weight)).sum();
    let magnitude = BigUint::from(total.unsigned_abs());
    let mut rest = Vec::with_capacity(weights.len());
    for weight in weights {
        let product = &magnitude * *weight;
        let share = u128::try_from(&product / &whole).unwrap_or(u128::MAX);
        parts.push(total.signum() * share.cast_signed());
        rest.push(product % &whole);
    }
    hand_out(parts, total, &rest, choose);
}

/// Hands out the units that rounding down has left: one each to the largest remainders.
fn hand_out<R: Ord + Clone>(
    parts: &mut [i128],
    total: i128,
    rest: &[R],
    choose: impl FnOnce(&mut [u32], usize),
) {
    let handed_out: u128 = parts.iter().map(|part| part.unsigned_abs()).sum();
    // Fewer than there are parts, as each has less than one unit of it.
    let left = (total.unsigned_abs() - handed_out) as usize;
    if left == 0 {
        return;
    }
    let mut largest = rest.to_vec();
    let (_, least, _) = largest.select_nth_unstable_by(left - 1, |a, b| b.cmp(a));
    let mut ties = Vec::new();
    let mut given = 0;
    for (place, rest) in (0_u32..).zip(rest) {
        match rest.cmp(least) {
            Ordering::Greater => {
                parts[place as usize] += total.signum();
                given += 1;
            }
            Ordering::Equal => ties.push(place),
            Ordering::Less => {}
        }
    }
    let still = left - given;
    if still < ties.len() {
        choose(&mut ties, still);
    }
    for place in &ties[..still] {
        parts[*place as usize] += total.signum();
    }
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
        let mut wide = Vec::new();
        allot_wide(&mut wide, -1_000_003, &[2, 3, 5], |_, _| {});
        assert_eq!(wide, allot(-1_000_003, &[2, 3, 5]));
        let numbers = [3, 1 << 40, u128::from(u64::MAX), (1 << 70) + 1, 1 << 90, 1 << 120];
        for total in [-7, 1 << 50, -(1 << 62) + 3, (1 << 95) + 5, 1 << 125] {
            for weights in numbers.windows(3) {
                allot_wide(&mut wide, total, weights, |_, _| {});
                assert_eq!(wide, allot(total, weights), "{total}, {weights:?}");
                assert_eq!(wide.iter().sum::<i128>(), total);
            }
        }
        assert_eq!(allot(10, &[u128::MAX, u128::MAX]), [5, 5]);
    }

    #[test]
    fn only_the_ties_at_the_cut_are_chosen_from() {
        let weights = [1, 5, 1, 1, 5, 1];
        // 14 units: 8 of 14 parts over 14 is ... each weight gets its own, so take 11 of them:
        // remainders are 11 for 1 and 13 for 5; three are left after rounding down, two go to the
        // fives.
        let mut parts = Vec::new();
        for (first, expected) in [(0, [1, 4, 1, 1, 4, 0]), (5, [1, 4, 1, 0, 4, 1])] {
            let mut asked = Vec::new();
            allot_to(&mut parts, 11, &weights, |places, count| {
                asked = places.to_vec();
                places.sort_by_key(|place| (*place != first, *place));
                assert_eq!(count, 3);
            });
            assert_eq!((asked.as_slice(), parts.as_slice()), (&[0, 2, 3, 5][..], &expected[..]));
        }
        allot_to(&mut parts, 14, &weights, |_, _| panic!("nothing is left to choose"));
        assert_eq!(parts, [1, 5, 1, 1, 5, 1]);
        allot_to(&mut parts, 3, &[2, 2, 2], |_, _| panic!("all have the same and all fits"));
    }

    #[test]
    fn what_all_weights_are_a_multiple_of_changes_no_share() {
        let weights: Vec<u128> = (1..40).map(|number| number * number % 37).collect();
        let multiples =
            |factor: u128| weights.iter().map(|weight| weight * factor).collect::<Vec<_>>();
        for total in [1, 99, -1_000_003, 12_345_678_901_234, i128::from(u64::MAX)] {
            let expected = allot(total, &weights);
            for factor in [2, 1 << 12, 1_000_000_000_000, 1 << 60, (1 << 70) + 1, 3 << 100] {
                assert_eq!(allot(total, &multiples(factor)), expected, "{total} by {factor}");
            }
        }
    }
}
