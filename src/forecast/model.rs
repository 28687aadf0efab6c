//! The models: the crate's, and the three that need none.

use anofox_forecast::core::TimeSeries;
use anofox_forecast::models::Forecaster;
use anofox_forecast::models::exponential::AutoETS;
use anofox_forecast::models::mstl_forecaster::MSTLForecaster;
use anofox_forecast::models::theta::{OptimizedTheta, Theta};
use chrono::{DateTime, Utc};

use super::season::{Seasons, Transform};

/// A way to forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// A weighted median of models, or a fallback where a series is too short for it.
    Auto,
    /// The last value again and again.
    Naive,
    /// The value one season before.
    SeasonalNaive,
    /// The mean of the last few values.
    RunRate,
    /// Theta on the logarithm, seasons taken out by a shrunken classical decomposition.
    Theta,
    /// Exponential smoothing, its form chosen by AICc, seasons taken out as for theta.
    Ets,
    /// Seasons and trend by loess, the trend continued by exponential smoothing.
    Mstl,
}

/// One of those that `auto` combines, or a single model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    /// The last value again.
    Naive,
    /// The value one season before.
    SeasonalNaive,
    /// The mean of so many last values.
    RunRate(usize),
    /// Theta on logarithms, shrunken seasons.
    ThetaStable,
    /// Theta on logarithms, seasons by loess, which change over the years.
    ThetaEvolving,
    /// Optimised theta, shrunken seasons.
    OptimizedTheta,
    /// Optimised theta on logarithms, shrunken seasons.
    OptimizedThetaLog,
    /// Exponential smoothing, shrunken seasons.
    Ets,
    /// The crate's MSTL.
    Mstl,
}

/// What `auto` combines. Chosen on the M1, M3 and tourism competitions: theta in three forms that
/// err differently, and the seasonal naive, which is right where seasons are strong.
pub(super) const COMBINED: [Member; 4] = [
    Member::SeasonalNaive,
    Member::OptimizedTheta,
    Member::OptimizedThetaLog,
    Member::ThetaEvolving,
];

impl Model {
    /// All of them, as the command line names them.
    pub const ALL: [Model; 7] = [
        Model::Auto,
        Model::Naive,
        Model::SeasonalNaive,
        Model::RunRate,
        Model::Theta,
        Model::Ets,
        Model::Mstl,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Model::Auto => "auto",
            Model::Naive => "naive",
            Model::SeasonalNaive => "snaive",
            Model::RunRate => "run-rate",
            Model::Theta => "theta",
            Model::Ets => "ets",
            Model::Mstl => "mstl",
        }
    }

    /// What it is made of; `run` values make the run rate.
    pub(super) fn members(self, run: usize) -> Vec<Member> {
        match self {
            Model::Auto => COMBINED.to_vec(),
            Model::Naive => vec![Member::Naive],
            Model::SeasonalNaive => vec![Member::SeasonalNaive],
            Model::RunRate => vec![Member::RunRate(run)],
            Model::Theta => vec![Member::ThetaStable],
            Model::Ets => vec![Member::Ets],
            Model::Mstl => vec![Member::Mstl],
        }
    }
}

/// A history with its seasons known both ways, so that members share the work.
pub(super) struct Prepared<'a> {
    history: &'a [f64],
    season: usize,
    stable: Seasons,
    evolving: Seasons,
    transform: Transform,
}

impl Prepared<'_> {
    pub(super) fn new(history: &[f64], season: usize) -> Prepared<'_> {
        let transform = Transform::of(history);
        Prepared {
            history,
            season,
            stable: Seasons::shrunken(history, season),
            evolving: Seasons::by_loess(history, season),
            transform,
        }
    }

    /// The forecast of one member; `None` where the crate has none.
    pub(super) fn forecast(&self, member: Member, horizon: usize) -> Option<Vec<f64>> {
        let history = self.history;
        let last = *history.last()?;
        let numbers = match member {
            Member::Naive => vec![last; horizon],
            Member::SeasonalNaive => seasonal_naive(history, self.season, horizon),
            Member::RunRate(run) => {
                let run = run.clamp(1, history.len());
                let recent = &history[history.len() - run..];
                vec![recent.iter().sum::<f64>() / run as f64; horizon]
            }
            Member::ThetaStable => {
                self.without(&self.stable, true, |rest| fit(Theta::new(), rest, horizon))?
            }
            Member::ThetaEvolving => {
                self.without(&self.evolving, true, |rest| fit(Theta::new(), rest, horizon))?
            }
            Member::OptimizedTheta => {
                self.without(&self.stable, false, |rest| fit(OptimizedTheta::new(), rest, horizon))?
            }
            Member::OptimizedThetaLog => {
                self.without(&self.stable, true, |rest| fit(OptimizedTheta::new(), rest, horizon))?
            }
            Member::Ets => self
                .without(&self.stable, false, |rest| fit(AutoETS::non_seasonal(), rest, horizon))?,
            Member::Mstl => {
                let is_seasonal = self.season > 1 && history.len() > 2 * self.season;
                if is_seasonal {
                    fit(MSTLForecaster::new(vec![self.season]), history, horizon)?
                } else {
                    fit(AutoETS::non_seasonal(), history, horizon)?
                }
            }
        };
        let is_whole = numbers.len() == horizon && numbers.iter().all(|n| n.is_finite());
        is_whole.then(|| self.within_reason(numbers))
    }

    /// Fits what is left without the seasons, and puts them on again.
    fn without(
        &self,
        seasons: &Seasons,
        as_logarithm: bool,
        fit: impl FnOnce(&[f64]) -> Option<Vec<f64>>,
    ) -> Option<Vec<f64>> {
        let transform = if as_logarithm { self.transform } else { Transform::None };
        let rest = seasons.taken_out(self.history);
        let ahead = fit(&transform.there(&rest))?;
        Some(seasons.put_on(&transform.back(&ahead), self.history.len()))
    }

    /// A growth that a trend of logarithms promises for ever is cut off at ten times the largest
    /// value.
    fn within_reason(&self, mut numbers: Vec<f64>) -> Vec<f64> {
        let most = self.history.iter().fold(0.0_f64, |most, value| most.max(value.abs())) * 10.0;
        for number in &mut numbers {
            *number = number.clamp(-most, most);
        }
        numbers
    }
}

/// The value one season before, as often as it takes; the last one where there is no season yet.
pub(super) fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let season = if history.len() >= season { season } else { 1 };
    let last = &history[history.len() - season..];
    (0..horizon).map(|ahead| last[ahead % season]).collect()
}

/// Fits a model of the crate. Its series have times, which none of our models look at.
fn fit(mut model: impl Forecaster, values: &[f64], horizon: usize) -> Option<Vec<f64>> {
    const DAY: i64 = 86_400;
    let times: Option<Vec<DateTime<Utc>>> =
        (0..values.len() as i64).map(|day| DateTime::from_timestamp(day * DAY, 0)).collect();
    let series = TimeSeries::univariate(times?, values.to_vec()).ok()?;
    model.fit(&series).ok()?;
    Some(model.predict(horizon).ok()?.primary().to_vec())
}
