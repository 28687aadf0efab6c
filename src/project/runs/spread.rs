//! Mean, standard error and quantiles of amounts.
#![expect(clippy::disallowed_types, reason = "statistics of exact amounts")]

use crate::project::outcome::QUANTILES;

/// How amounts are spread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    pub(super) mean: f64,
    pub(super) standard_error: f64,
    pub(super) quantiles: [f64; QUANTILES.len()],
    /// Whether all of them are 0.
    pub(super) is_zero: bool,
}

impl Spread {
    /// Of amounts, whose order is lost.
    pub(super) fn of(amounts: &mut [i64]) -> Spread {
        let count = amounts.len().max(1) as f64;
        let first = amounts.first().copied().unwrap_or(0);
        if amounts.iter().all(|amount| *amount == first) {
            let value = first as f64;
            let quantiles = [value; QUANTILES.len()];
            return Spread { mean: value, standard_error: 0.0, quantiles, is_zero: first == 0 };
        }
        // Whole numbers add up exactly, in any order.
        let sum: i128 = amounts.iter().map(|amount| i128::from(*amount)).sum();
        let mean = sum as f64 / count;
        let squares: f64 = amounts.iter().map(|amount| (*amount as f64 - mean).powi(2)).sum();
        let standard_error = (squares / (count - 1.0).max(1.0) / count).sqrt();
        let mut quantiles = [0.0; QUANTILES.len()];
        // Each is looked for above the one before.
        let mut sorted_below = 0;
        for (quantile, (_, percent)) in quantiles.iter_mut().zip(QUANTILES) {
            let (value, place) = between(amounts, sorted_below, f64::from(percent) / 100.0);
            *quantile = value;
            sorted_below = place;
        }
        Spread { mean, standard_error, quantiles, is_zero: false }
    }
}

/// The quantile, straight between the two amounts that it lies between (type 7 of Hyndman and
/// Fan), and the place below which nothing is larger. Below `from`, nothing is larger either.
fn between(amounts: &mut [i64], from: usize, probability: f64) -> (f64, usize) {
    let at = probability * (amounts.len() - 1) as f64;
    let (place, part) = (at.floor() as usize, at.fract());
    let rest = &mut amounts[from..];
    let (_, low, above) = rest.select_nth_unstable(place - from);
    let low = *low as f64;
    let high = above.iter().min().map_or(low, |high| *high as f64);
    (low + (high - low) * part, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_that_spreadsheets_give() {
        let mut amounts: Vec<i64> = (1..=10).rev().map(|n| n * 10).collect();
        let spread = Spread::of(&mut amounts);
        // numpy.quantile(numpy.arange(10, 101, 10), [.05, .1, .5, .9, .95])
        let expected = [14.5, 19.0, 55.0, 91.0, 95.5];
        for (quantile, expected) in spread.quantiles.into_iter().zip(expected) {
            assert!((quantile - expected).abs() < 1e-9, "{:?}", spread.quantiles);
        }
        // numpy.arange(10, 101, 10).std(ddof=1) / 10 ** .5
        assert!((spread.standard_error - 9.574_271_077_563_38).abs() < 1e-9);
        assert!((spread.mean - 55.0).abs() < 1e-9);
    }

    #[test]
    fn one_value_is_all_there_is() {
        let spread = Spread::of(&mut [7, 7, 7]);
        assert!((spread.quantiles[4] - 7.0).abs() < f64::MIN_POSITIVE);
        assert!(spread.standard_error.abs() < f64::MIN_POSITIVE && !spread.is_zero);
    }
}
