//! Intervals from the errors of the past (conformal), not from a model's formula.

/// One error of an origin in the past.
#[derive(Debug, Clone, Copy)]
pub(super) struct Residual {
    /// How many periods ahead it was, from 1.
    pub(super) ahead: usize,
    /// How far off.
    pub(super) error: f64,
}

/// How far off a forecast may be, by how many periods ahead.
#[derive(Debug)]
pub(super) struct Band {
    widths: Vec<f64>,
}

/// The part of the errors that lies within p10 to p90.
const LEVEL: f64 = 0.8;
/// How an error's square may grow with each period ahead, as a part of the first one's.
const GROWTHS: [f64; 8] = [0.0, 0.03, 0.07, 0.12, 0.2, 0.35, 0.6, 1.2];
/// The growth of most series: what few origins tell is drawn towards it.
const USUAL_GROWTH: f64 = 0.2;
const PULL: f64 = 1.0;

impl Band {
    /// From the errors of so many origins, for so many periods ahead.
    pub(super) fn of(residuals: &[Residual], origins: usize, horizon: usize) -> Band {
        if residuals.is_empty() {
            return Band { widths: vec![0.0; horizon] };
        }
        let growth = growth_of(residuals, origins);
        let mut errors: Vec<f64> =
            residuals.iter().map(|r| r.error / shape(growth, r.ahead)).collect();
        errors.sort_by(f64::total_cmp);
        let width = quantile(&errors, LEVEL) * widening(origins);
        Band { widths: (1..=horizon).map(|ahead| width * shape(growth, ahead)).collect() }
    }

    /// The lower and upper ends around a point forecast.
    pub(super) fn around(&self, point: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let ends = point.iter().zip(&self.widths);
        ends.map(|(point, width)| (point - width, point + width)).unzip()
    }
}

/// How much wider an interval has to be than the errors it was taken from: they are few, hang
/// together, and the weights were chosen on them.
fn widening(origins: usize) -> f64 {
    match origins {
        0 | 1 => 1.7,
        2 => 1.45,
        3 => 1.2,
        4 => 1.05,
        5 => 1.03,
        _ => 1.03,
    }
}

/// How much larger errors are so many periods ahead than one period ahead.
fn shape(growth: f64, ahead: usize) -> f64 {
    (1.0 + growth * (ahead as f64 - 1.0)).sqrt()
}

/// The growth under which the errors are most likely (Laplace), drawn towards the usual one.
fn growth_of(residuals: &[Residual], origins: usize) -> f64 {
    let count = residuals.len() as f64;
    let unlikely = |growth: f64| {
        let scaled: f64 = residuals.iter().map(|r| r.error / shape(growth, r.ahead)).sum();
        let shapes: f64 = residuals.iter().map(|r| shape(growth, r.ahead).ln()).sum();
        let far = ((growth + 0.05) / (USUAL_GROWTH + 0.05)).ln();
        let spread = (scaled / count).max(f64::MIN_POSITIVE).ln();
        origins as f64 * (spread + shapes / count) + PULL * far * far
    };
    let mut best = (f64::INFINITY, USUAL_GROWTH);
    for growth in GROWTHS {
        let how = unlikely(growth);
        if how < best.0 {
            best = (how, growth);
        }
    }
    best.1
}

/// The quantile of sorted numbers that new ones lie below with this probability, between the two
/// nearest in proportion: the k-th of n stands at k / (n + 1).
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let count = sorted.len();
    let place = level * (count as f64 + 1.0) - 1.0;
    let lower = place.floor().clamp(0.0, count as f64 - 1.0);
    let upper = (lower + 1.0).min(count as f64 - 1.0);
    let part = (place - lower).clamp(0.0, 1.0);
    sorted[lower as usize] * (1.0 - part) + sorted[upper as usize] * part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_leave_room_for_the_next_one() {
        // Of four errors the 80 % quantile is the fourth: 0.8 × 5 = 4.
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 10.0], 0.8), 10.0);
        assert_eq!(quantile(&[7.0], 0.8), 7.0);
        // Of nine: the eighth.
        let nine: Vec<f64> = (1..=9).map(f64::from).collect();
        assert_eq!(quantile(&nine, 0.8), 8.0);
    }

    #[test]
    fn a_band_never_narrows_with_the_horizon() {
        let residuals: Vec<Residual> =
            (1..=6).map(|ahead| Residual { ahead, error: 10.0 / ahead as f64 }).collect();
        let band = Band::of(&residuals, 6, 12);
        assert!(band.widths.windows(2).all(|pair| pair[0] <= pair[1]), "{band:?}");
        assert_eq!(band.widths.len(), 12);
    }

    #[test]
    fn perfect_forecasts_have_no_width() {
        let residuals = [Residual { ahead: 1, error: 0.0 }, Residual { ahead: 2, error: 0.0 }];
        let (low, high) = Band::of(&residuals, 2, 2).around(&[5.0, 5.0]);
        assert_eq!((low, high), (vec![5.0, 5.0], vec![5.0, 5.0]));
    }
}
