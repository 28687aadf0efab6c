//! What returns every season, and logarithms.

use anofox_forecast::seasonality::STL;

use super::median::{cautious_median, median};

/// A value that every season repeats, by its place in the season.
#[derive(Debug, Clone)]
pub(super) struct Seasons {
    /// By place: a factor, or what is added.
    indices: Vec<f64>,
    is_factor: bool,
}

/// Logarithms where they make sense, and nothing elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transform {
    None,
    Logarithm,
}

/// How small a part of the mean the smallest value may be for a logarithm: zeros and near zeros
/// would weigh more than everything else.
const SMALLEST_PART: f64 = 0.001;
/// What a value is drawn up to before its logarithm is taken, of a mean of 100.
const FLOOR: f64 = 0.1;

impl Transform {
    /// What suits a series.
    pub(super) fn of(history: &[f64]) -> Transform {
        if is_positive(history) { Transform::Logarithm } else { Transform::None }
    }

    pub(super) fn there(self, values: &[f64]) -> Vec<f64> {
        match self {
            Transform::None => values.to_vec(),
            Transform::Logarithm => values.iter().map(|value| value.max(FLOOR).ln()).collect(),
        }
    }

    pub(super) fn back(self, values: &[f64]) -> Vec<f64> {
        match self {
            Transform::None => values.to_vec(),
            Transform::Logarithm => values.iter().map(|value| value.exp()).collect(),
        }
    }
}

/// Whether everything is well above zero.
fn is_positive(history: &[f64]) -> bool {
    let mean = history.iter().sum::<f64>() / history.len().max(1) as f64;
    history.iter().all(|value| *value > SMALLEST_PART * mean && *value > 0.0)
}

impl Seasons {
    /// No seasons at all.
    fn none(season: usize) -> Seasons {
        Seasons { indices: vec![0.0; season.max(1)], is_factor: false }
    }

    /// Whether there is enough for seasons: two, and one value more.
    fn has_room(history: &[f64], season: usize) -> bool {
        season > 1 && history.len() > 2 * season
    }

    /// A classical decomposition, its indices shrunk towards none by the James-Stein estimator:
    /// what differs between the places of a season no more than within one is noise. No test that
    /// decides yes or no does as well on the M3 competition.
    pub(super) fn shrunken(history: &[f64], season: usize) -> Seasons {
        if !Seasons::has_room(history, season) {
            return Seasons::none(season);
        }
        let is_factor = is_positive(history);
        let transform = if is_factor { Transform::Logarithm } else { Transform::None };
        let values = transform.there(history);
        let mut at_place: Vec<Vec<f64>> = vec![Vec::new(); season];
        let half = season / 2;
        for middle in half..values.len() - half {
            let trend = moving_average(&values, middle, season);
            at_place[middle % season].push(values[middle] - trend);
        }
        let mean_of = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len().max(1) as f64;
        let mut indices: Vec<f64> = at_place.iter().map(|numbers| mean_of(numbers)).collect();
        let middle = mean_of(&indices);
        indices.iter_mut().for_each(|index| *index -= middle);
        let kept = 1.0 - noise_share(&at_place, &indices, middle);
        indices.iter_mut().for_each(|index| *index *= kept);
        Seasons::of_transformed(indices, is_factor)
    }

    /// Seasons by loess (STL): the last one stands for those to come, so they may change.
    pub(super) fn by_loess(history: &[f64], season: usize) -> Seasons {
        if !Seasons::has_room(history, season) {
            return Seasons::none(season);
        }
        let is_factor = is_positive(history);
        let transform = if is_factor { Transform::Logarithm } else { Transform::None };
        let Some(parts) = STL::new(season).decompose(&transform.there(history)) else {
            return Seasons::none(season);
        };
        let mut indices = vec![0.0; season];
        let count = history.len().min(parts.seasonal.len());
        for at in count.saturating_sub(season)..count {
            indices[at % season] = parts.seasonal[at];
        }
        if indices.iter().any(|index| !index.is_finite()) {
            return Seasons::none(season);
        }
        Seasons::of_transformed(indices, is_factor)
    }

    /// The median of each place, against the median of all: rough, but no single value moves it.
    pub(super) fn of_medians(history: &[f64], season: usize) -> Seasons {
        if !Seasons::has_room(history, season) {
            return Seasons::none(season);
        }
        let half = season / 2;
        let middles = half..history.len() - half;
        let mut at_place: Vec<Vec<f64>> = vec![Vec::new(); season];
        for middle in middles {
            let mut around = history[middle - half..=middle + half].to_vec();
            at_place[middle % season].push(history[middle] - median(&mut around));
        }
        let indices = at_place.iter_mut().map(|numbers| cautious_median(numbers)).collect();
        Seasons { indices, is_factor: false }
    }

    /// From what is added to logarithms, or to values.
    fn of_transformed(mut indices: Vec<f64>, is_factor: bool) -> Seasons {
        if is_factor {
            indices.iter_mut().for_each(|index| *index = index.exp());
        }
        Seasons { indices, is_factor }
    }

    /// A history without them.
    pub(super) fn taken_out(&self, history: &[f64]) -> Vec<f64> {
        let season = self.indices.len();
        let places = history.iter().enumerate();
        places
            .map(|(at, value)| {
                let index = self.indices[at % season];
                if self.is_factor { value / index } else { value - index }
            })
            .collect()
    }

    /// What lies ahead of a history of so many values, with them.
    pub(super) fn put_on(&self, ahead: &[f64], history_length: usize) -> Vec<f64> {
        let season = self.indices.len();
        let places = ahead.iter().enumerate();
        places
            .map(|(at, value)| {
                let index = self.indices[(history_length + at) % season];
                if self.is_factor { value * index } else { value + index }
            })
            .collect()
    }
}

/// The centred moving average over one season; the two ends count half where it is even.
fn moving_average(values: &[f64], middle: usize, season: usize) -> f64 {
    let half = season / 2;
    let sum = if season.is_multiple_of(2) {
        let ends = values[middle - half] + values[middle + half];
        0.5 * ends + values[middle - half + 1..middle + half].iter().sum::<f64>()
    } else {
        values[middle - half..=middle + half].iter().sum::<f64>()
    };
    sum / season as f64
}

/// Which part of the differences between places is noise, from 0 to 1 (James-Stein).
fn noise_share(at_place: &[Vec<f64>], indices: &[f64], middle: f64) -> f64 {
    let season = indices.len() as f64;
    let mut within = 0.0;
    let mut freedom = 0.0;
    let mut inverse_counts = 0.0;
    for (numbers, index) in at_place.iter().zip(indices) {
        within += numbers.iter().map(|n| (n - middle - index).powi(2)).sum::<f64>();
        freedom += numbers.len() as f64 - 1.0;
        inverse_counts += 1.0 / (numbers.len().max(1) as f64 * season);
    }
    let of_a_mean = within / freedom.max(1.0) * inverse_counts;
    let between = indices.iter().map(|index| index * index).sum::<f64>() / (season - 1.0);
    if between <= 0.0 {
        return 1.0;
    }
    // With three places or fewer the estimator has nothing to shrink by.
    (of_a_mean / between * (season - 3.0).max(0.0) / (season - 1.0)).min(1.0)
}
