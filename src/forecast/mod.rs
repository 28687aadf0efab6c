//! What comes next in a series: months, weeks, days or hours of usage or cost.
//!
//! [`forecast`] is the whole of it for one series. `auto` is a weighted median of four models, each
//! weighted by its errors on the series' own past; every interval comes from such errors, too,
//! and never from a model's formula, as those hold less than they promise. The models are those
//! of the crate `anofox-forecast`; what stands here is what lies around them: shrunken seasons,
//! outliers, origins, weights, intervals and metrics. `docs/forecast.md` tells the method.
//!
//! Binary floats are allowed in this module only: forecasts are statistics, no amounts. What
//! leaves it for a file is a decimal again ([`Forecast::rows`]).
//!
//! The same series and options give the same numbers, whatever runs beside them.
#![expect(clippy::disallowed_types, reason = "statistics, never money")]

mod backtest;
mod clean;
mod combine;
mod frequency;
mod interval;
mod many;
mod median;
mod metrics;
mod model;
mod season;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use thiserror::Error;

pub use backtest::{Backtest, backtest};
pub use frequency::{Calendar, Frequency, Gaps, Irregular, Laid};
pub use many::for_each_in_order;
pub use metrics::{Errors, Maturity, Score, percent, plain};
pub use model::Model;

/// A number of a history: other modules name it without the lint that keeps floats from money.
pub type Float = f64;

/// The fewest values that anything is said about.
pub const FEWEST: usize = 3;
/// The longest horizon: three years of days, and six weeks of hours.
pub const LONGEST_HORIZON: usize = 1100;
/// The longest season: an hour of the week has 168, a day of the year 366.
pub const LONGEST_SEASON: usize = 400;
/// The most decimals that a forecast is printed with.
const MOST_DECIMALS: u32 = 12;

/// What is asked of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many periods ahead.
    pub horizon: usize,
    /// How many periods make a season, such as 12 months; 1 for none.
    pub season: usize,
    /// How many of the last values make the run rate.
    pub run: usize,
    /// Which model, or a combination.
    pub model: Model,
    /// Whether nothing below zero can be, as with usage.
    pub non_negative: bool,
}

/// Why there is no forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ForecastError {
    /// Fewer values than it takes: [`FEWEST`], and one more for a backtest.
    #[error("it has {0}, and at least {1} values are needed")]
    TooShort(usize, usize),
    /// A value that is no number, or no horizon.
    #[error("the series or the horizon is none that can be computed with")]
    NotFinite,
    /// The crate's model has no answer for this series.
    #[error("the model `{0}` cannot be fitted to this series: try `auto`")]
    Unfitted(&'static str),
}

/// What comes next, and how sure that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The point forecast, period by period.
    pub mean: Vec<f64>,
    /// One in ten lies below it.
    pub p10: Vec<f64>,
    /// The middle of the interval.
    pub p50: Vec<f64>,
    /// One in ten lies above it.
    pub p90: Vec<f64>,
    /// What it was made with: `auto` falls back where a series is short or never changes.
    pub model: Model,
    /// The places in the history that were drawn in for fitting, as nothing else is like them.
    pub outliers: Vec<usize>,
    /// How many origins of the past the weights and intervals rest on.
    pub origins: usize,
}

/// One period of a forecast, in decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForecastRow {
    /// The point forecast.
    pub mean: Decimal,
    /// The lower end of the 80 % interval.
    pub p10: Decimal,
    /// Its middle.
    pub p50: Decimal,
    /// Its upper end.
    pub p90: Decimal,
}

/// Forecasts one series, oldest value first, without gaps.
///
/// # Errors
/// [`ForecastError`]: fewer than three values, something that is no number, or a single model
/// that does not fit the series. `auto` answers for every series of three values or more.
///
/// ```
/// use sharebill::forecast::{Frequency, Model, forecast};
/// let options = Frequency::Month.options(2, Model::Auto);
/// let forecast = forecast(&[10.0, 12.0, 14.0], &options).unwrap();
/// assert_eq!(forecast.model, Model::RunRate);
/// assert_eq!(forecast.mean, [12.0, 12.0]);
/// ```
pub fn forecast(history: &[f64], options: &Options) -> Result<Forecast, ForecastError> {
    if history.len() < FEWEST {
        return Err(ForecastError::TooShort(history.len(), FEWEST));
    }
    let scale = history.iter().map(|value| value.abs()).sum::<f64>() / history.len() as f64;
    let is_possible = (1..=LONGEST_HORIZON).contains(&options.horizon);
    if !scale.is_finite() || !is_possible || options.season == 0 {
        return Err(ForecastError::NotFinite);
    }
    // The crate's thresholds mean numbers around 100: a series in bytes is not another one in GiB.
    let unit = if scale > 0.0 { scale / 100.0 } else { 1.0 };
    let scaled: Vec<f64> = history.iter().map(|value| value / unit).collect();
    let mut forecast = combine::forecast(&scaled, options)?;
    let lowest = if options.non_negative { 0.0 } else { f64::NEG_INFINITY };
    for numbers in [&mut forecast.mean, &mut forecast.p10, &mut forecast.p50, &mut forecast.p90] {
        for number in numbers.iter_mut() {
            *number = (*number * unit).max(lowest);
            if !number.is_finite() {
                return Err(ForecastError::NotFinite);
            }
        }
    }
    Ok(forecast)
}

/// Decimals as the nearest binary floats, which is what a history is made of.
#[must_use]
pub fn floats(decimals: &[Decimal]) -> Vec<f64> {
    decimals.iter().map(|value| value.to_f64().unwrap_or(f64::NAN)).collect()
}

impl Forecast {
    /// The periods as decimals, with two digits more than `decimals`, which the series has: a
    /// forecast between two values of a series falls between its digits.
    ///
    /// # Errors
    /// [`ForecastError::NotFinite`] where a number is too large for a decimal.
    pub fn rows(&self, decimals: u32) -> Result<Vec<ForecastRow>, ForecastError> {
        let places = (decimals + 2).min(MOST_DECIMALS);
        let decimal = |number: f64| {
            let exact = Decimal::from_f64_retain(number).ok_or(ForecastError::NotFinite)?;
            let mut rounded = exact.round_dp(places);
            rounded.rescale(places);
            // Zero has no sign.
            Ok(if rounded.is_zero() { rounded.abs() } else { rounded })
        };
        let row = |index: usize| {
            Ok(ForecastRow {
                mean: decimal(self.mean[index])?,
                p10: decimal(self.p10[index])?,
                p50: decimal(self.p50[index])?,
                p90: decimal(self.p90[index])?,
            })
        };
        (0..self.mean.len()).map(row).collect()
    }
}

#[cfg(test)]
mod tests;
