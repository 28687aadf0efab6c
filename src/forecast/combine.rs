//! From a cleaned history to a forecast: origins, weights, the weighted median.

use super::clean::cleaned;
use super::interval::{Band, Residual};
use super::model::{Member, Model, Prepared};
use super::{Forecast, ForecastError, Options};

/// The fewest values that `auto` combines models for; below, it is the run rate.
const FEWEST_COMBINED: usize = 8;
/// The fewest values that a model is tried on at an origin.
const FEWEST_AT_ORIGIN: usize = 6;
/// How many origins there are at most, and how many of them within a horizon.
const MOST_ORIGINS: usize = 6;
const ORIGINS_A_HORIZON: usize = 3;
/// How much of a history is looked at: what lies further back costs time and helps no more.
const SEASONS_LOOKED_AT: usize = 10;
const LEAST_LOOKED_AT: usize = 150;
/// What is added to each model's error before it is squared, as a part of the mean error: no
/// model gets everything for having been lucky.
const ERROR_FLOOR: f64 = 0.05;

/// What the members said at one origin, and what happened then.
struct Origin {
    /// By member; empty where it has no answer.
    said: Vec<Option<Vec<f64>>>,
    happened: Vec<f64>,
    /// Whether the members knew as much of the seasons there as they do now.
    counts_for_weights: bool,
}

/// Forecasts a history of the scale 100.
pub(super) fn forecast(history: &[f64], options: &Options) -> Result<Forecast, ForecastError> {
    let (cleaned, outliers) = cleaned(history, options.season);
    let looked_at = (SEASONS_LOOKED_AT * options.season).max(LEAST_LOOKED_AT);
    let recent = &cleaned[cleaned.len().saturating_sub(looked_at)..];
    let model = fallback(recent, options.model);
    let members = model.members(options.run);
    let made = combined(recent, options, &members);
    let (model, made) = match made {
        Some(made) => (model, made),
        None if options.model == Model::Auto => {
            let members = Model::RunRate.members(options.run);
            let made = combined(recent, options, &members);
            (Model::RunRate, made.ok_or(ForecastError::NotFinite)?)
        }
        None => return Err(ForecastError::Unfitted(model.as_str())),
    };
    let (point, band, origins) = made;
    let (p10, p90) = band.around(&point);
    Ok(Forecast { p50: point.clone(), mean: point, p10, p90, model, outliers, origins })
}

/// What `auto` is for a series: a constant needs no model, and a few values bear none.
fn fallback(history: &[f64], model: Model) -> Model {
    if model != Model::Auto {
        return model;
    }
    let first = history.first().copied().unwrap_or_default();
    if history.iter().all(|value| *value == first) {
        Model::Naive
    } else if history.len() < FEWEST_COMBINED {
        Model::RunRate
    } else {
        Model::Auto
    }
}

/// The combined forecast, its band and the number of origins; `None` where no member answers.
fn combined(
    history: &[f64],
    options: &Options,
    members: &[Member],
) -> Option<(Vec<f64>, Band, usize)> {
    let origins = origins(history, options, members);
    let mut weights = weights(&origins, members.len());
    let now = Prepared::new(history, options.season);
    let said: Vec<Option<Vec<f64>>> =
        members.iter().map(|member| now.forecast(*member, options.horizon)).collect();
    for (weight, said) in weights.iter_mut().zip(&said) {
        if said.is_none() {
            *weight = 0.0;
        }
    }
    let point = weighted_median(&said, &weights, options.horizon)?;
    let mut residuals = Vec::new();
    for origin in &origins {
        let horizon = origin.happened.len();
        let Some(then) = weighted_median(&origin.said, &weights, horizon) else { continue };
        let errors = origin.happened.iter().zip(&then).enumerate();
        residuals.extend(
            errors.map(|(at, (was, said))| Residual { ahead: at + 1, error: (was - said).abs() }),
        );
    }
    let band = Band::of(&residuals, origins.len(), options.horizon);
    Some((point, band, origins.len()))
}

/// Asks the members at origins in the past, the latest first.
fn origins(history: &[f64], options: &Options, members: &[Member]) -> Vec<Origin> {
    let length = history.len();
    let is_simple = members
        .iter()
        .all(|member| matches!(member, Member::Naive | Member::SeasonalNaive | Member::RunRate(_)));
    let fewest = if is_simple { 1 } else { FEWEST_AT_ORIGIN };
    let least = (length / 2).max(fewest);
    let reach = options.horizon.min(length.saturating_sub(least));
    let step = (reach / ORIGINS_A_HORIZON).max(1);
    let has_room = |length: usize| length > 2 * options.season;
    let places = (1..=MOST_ORIGINS).map(|number| number * step);
    let places = places.filter(|back| length >= back + least);
    places
        .map(|back| {
            let known = &history[..length - back];
            let then = Prepared::new(known, options.season);
            let ahead = back.min(options.horizon);
            Origin {
                said: members.iter().map(|member| then.forecast(*member, ahead)).collect(),
                happened: history[length - back..][..ahead].to_vec(),
                counts_for_weights: has_room(known.len()) == has_room(length),
            }
        })
        .collect()
}

/// By member: 1 / (its mean error)², of all members' mean error. Equal where nothing is known.
fn weights(origins: &[Origin], members: usize) -> Vec<f64> {
    let counted: Vec<&Origin> = origins.iter().filter(|o| o.counts_for_weights).collect();
    let error_of = |member: usize| -> Option<f64> {
        let mut sum = 0.0;
        for origin in &counted {
            let said = origin.said[member].as_ref()?;
            let errors = said.iter().zip(&origin.happened).map(|(said, was)| (said - was).abs());
            sum += errors.sum::<f64>() / said.len() as f64;
        }
        Some(sum / counted.len() as f64)
    };
    let errors: Vec<Option<f64>> = (0..members).map(error_of).collect();
    let known: Vec<f64> = errors.iter().flatten().copied().collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    if counted.is_empty() || known.is_empty() || mean <= 0.0 {
        return vec![1.0; members];
    }
    errors
        .iter()
        .map(|error| error.map_or(0.0, |error| (error / mean + ERROR_FLOOR).powi(-2)))
        .collect()
}

/// Period by period the median of the forecasts, each counting by its weight, between the two
/// nearest ones in proportion. `None` where nobody answers.
fn weighted_median(said: &[Option<Vec<f64>>], weights: &[f64], horizon: usize) -> Option<Vec<f64>> {
    let heard: Vec<(&Vec<f64>, f64)> = said
        .iter()
        .zip(weights)
        .filter_map(|(said, weight)| said.as_ref().map(|said| (said, *weight)))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    if heard.is_empty() {
        return None;
    }
    let at = |ahead: usize| {
        let mut numbers: Vec<(f64, f64)> = heard.iter().map(|(s, w)| (s[ahead], *w)).collect();
        numbers.sort_by(|a, b| a.0.total_cmp(&b.0));
        median_of(&numbers)
    };
    Some((0..horizon).map(at).collect())
}

/// The weighted median of sorted numbers.
fn median_of(numbers: &[(f64, f64)]) -> f64 {
    let half = numbers.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut before = 0.0;
    let mut previous: Option<(f64, f64)> = None;
    for (number, weight) in numbers {
        // Where the middle of this one's weight lies.
        let middle = before + weight / 2.0;
        if middle >= half {
            return match previous {
                Some((lower, at)) => lower + (number - lower) * (half - at) / (middle - at),
                None => *number,
            };
        }
        previous = Some((*number, middle));
        before += weight;
    }
    previous.map_or(0.0, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_counts_by_weight() {
        // Equal weights: the plain median of three, and the middle of two.
        assert_eq!(median_of(&[(1.0, 1.0), (2.0, 1.0), (9.0, 1.0)]), 2.0);
        assert_eq!(median_of(&[(1.0, 1.0), (3.0, 1.0)]), 2.0);
        // Middles of weight at 0.5 and 2.5 of 4: half of it, 2.0, lies three quarters on.
        assert_eq!(median_of(&[(0.0, 1.0), (8.0, 3.0)]), 6.0);
        assert_eq!(median_of(&[(5.0, 2.0)]), 5.0);
    }

    #[test]
    fn weights_fall_with_the_square_of_the_error() {
        let origin = Origin {
            said: vec![Some(vec![11.0]), Some(vec![13.0]), None],
            happened: vec![10.0],
            counts_for_weights: true,
        };
        // Errors 1 and 3, their mean 2: 1 / 0.55² and 1 / 1.55²; who said nothing has none.
        let weights = weights(&[origin], 3);
        assert!((weights[0] - 3.305_785).abs() < 1e-6, "{weights:?}");
        assert!((weights[1] - 0.416_233).abs() < 1e-6, "{weights:?}");
        assert_eq!(weights[2], 0.0);
    }
}
