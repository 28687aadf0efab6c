//! How good forecasts would have been: made in the past, held against what came.

use super::metrics::Errors;
use super::model::{Model, seasonal_naive};
use super::{FEWEST, ForecastError, Options, forecast};

/// How many origins a series is tried at.
const ORIGINS: usize = 3;

/// What forecasts of a series would have been worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// The forecasts' errors.
    pub errors: Errors,
    /// The seasonal naive's at the same origins.
    pub naive: Errors,
    /// How many origins there were.
    pub origins: usize,
    /// What made the forecast at the latest origin.
    pub model: Model,
}

/// Forecasts a series from up to three origins of its past, each with nothing but what was known
/// then: the weights and the intervals, too. The origins lie a horizon back and a third of one
/// more each; the horizon is shortened where half of the series would not be left.
///
/// # Errors
/// As [`forecast`], also for fewer than four values: one has to be left to compare with.
pub fn backtest(history: &[f64], options: &Options) -> Result<Backtest, ForecastError> {
    let length = history.len();
    if length <= FEWEST {
        return Err(ForecastError::TooShort(length, FEWEST + 1));
    }
    let least = FEWEST.max(length / 2);
    let horizon = options.horizon.min(length - least).max(1);
    let step = (horizon / ORIGINS).max(1);
    let options = Options { horizon, ..*options };
    let mut tried = Backtest {
        errors: Errors::default(),
        naive: Errors::default(),
        origins: 0,
        model: options.model,
    };
    for number in 0..ORIGINS {
        let Some(end) = length.checked_sub(horizon + number * step) else { break };
        if end < least {
            break;
        }
        let known = &history[..end];
        let made = forecast(known, &options)?;
        if number == 0 {
            tried.model = made.model;
        }
        let unit = naive_error(known, options.season);
        let naive = seasonal_naive(known, options.season, horizon);
        for (at, actual) in history[end..][..horizon].iter().enumerate() {
            // What lies on the end of an interval lies within, also after rounding.
            let slack = 1e-9 * actual.abs();
            let is_within = made.p10[at] - slack <= *actual && *actual <= made.p90[at] + slack;
            tried.errors.add(*actual, made.mean[at], is_within, unit);
            tried.naive.add(*actual, naive[at], false, unit);
        }
        tried.origins += 1;
    }
    Ok(tried)
}

/// The seasonal naive's mean error within a history: the unit of MASE.
fn naive_error(history: &[f64], season: usize) -> f64 {
    let season = if history.len() > season { season } else { 1 };
    let steps = history.iter().zip(&history[season..]);
    let count = history.len() - season;
    steps.map(|(before, after)| (after - before).abs()).sum::<f64>() / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::Frequency;

    #[test]
    fn nothing_after_an_origin_is_known_there() {
        let options = Frequency::Month.options(3, Model::Naive);
        // Half is left: six of twelve. Origins at 9, 8 and 7 values; naive errors by hand.
        let history: Vec<f64> = (1..=12).map(f64::from).collect();
        let tried = backtest(&history, &options).unwrap();
        assert_eq!(tried.origins, 3);
        // Each origin misses by 1, 2, 3: 18 in all, of 10+11+12 + 9+10+11 + 8+9+10 = 90.
        let score = tried.errors.score();
        assert!((score.wape.unwrap() - 0.2).abs() < 1e-12, "{score:?}");
        assert!((score.bias.unwrap() + 0.2).abs() < 1e-12, "{score:?}");
    }

    #[test]
    fn four_values_are_enough_and_three_are_not() {
        let options = Frequency::Month.options(12, Model::Auto);
        assert_eq!(backtest(&[1.0, 2.0, 3.0], &options), Err(ForecastError::TooShort(3, 4)));
        let tried = backtest(&[2.0, 2.0, 2.0, 2.0], &options).unwrap();
        assert_eq!(tried.origins, 1);
        assert_eq!(tried.errors.score().coverage, Some(1.0));
    }
}
