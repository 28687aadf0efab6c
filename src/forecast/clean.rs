//! Single absurd values: drawn in for fitting, and named.

use super::median::median;
use super::season::Seasons;

/// How many robust standard deviations off a value has to be to count as absurd.
const ABSURD: f64 = 6.0;
/// And how far off as a part of what is usual there: a month that has half as much again happens.
const ABSURD_PART: f64 = 0.5;
/// How far off it may stay.
const KEPT: f64 = 3.0;
/// How many values on each side make a value's neighbourhood.
const REACH: usize = 3;
/// The fewest values that tell what is usual.
const FEWEST: usize = 8;
/// From the median of absolute differences to a standard deviation.
const DEVIATION_OF_MEDIAN: f64 = 1.4826;

/// The history with absurd values drawn in, and their places. A value is absurd if it is far from
/// its neighbours while the values beside it are not: two in a row are a new level.
pub(super) fn cleaned(history: &[f64], season: usize) -> (Vec<f64>, Vec<usize>) {
    let mut cleaned = history.to_vec();
    if history.len() < FEWEST {
        return (cleaned, Vec::new());
    }
    let rest = Seasons::of_medians(history, season).taken_out(history);
    let usual: Vec<f64> = (0..rest.len()).map(|at| local_median(&rest, at)).collect();
    let off: Vec<f64> = rest.iter().zip(&usual).map(|(value, usual)| value - usual).collect();
    let deviation = deviation(&off, history);
    let is_far = |at: usize| {
        let level = (history[at] - off[at]).abs();
        off[at].abs() > (ABSURD * deviation).max(ABSURD_PART * level)
    };
    let beside = |at: usize| {
        let before = at.checked_sub(1).filter(|before| is_far(*before));
        let after = Some(at + 1).filter(|after| *after < off.len() && is_far(*after));
        before.is_some() || after.is_some()
    };
    let absurd: Vec<usize> = (0..off.len()).filter(|at| is_far(*at) && !beside(*at)).collect();
    // Many of them are no accident.
    if deviation <= 0.0 || absurd.len() * 10 > history.len().max(20) {
        return (cleaned, Vec::new());
    }
    for at in &absurd {
        cleaned[*at] = history[*at] - off[*at] + KEPT * deviation * off[*at].signum();
    }
    (cleaned, absurd)
}

/// A robust standard deviation. Where most values are alike, it is that of the ones that differ,
/// so that zeros with a few values between them stay what they are; where hardly any differs, next
/// to nothing is usual.
fn deviation(off: &[f64], history: &[f64]) -> f64 {
    /// What is usual in a constant, as a part of its mean.
    const NEXT_TO_NOTHING: f64 = 1e-4;
    let mut sizes: Vec<f64> = off.iter().map(|value| value.abs()).collect();
    let usual = DEVIATION_OF_MEDIAN * median(&mut sizes);
    if usual > 0.0 {
        return usual;
    }
    let mut differing: Vec<f64> = sizes.into_iter().filter(|size| *size > 0.0).collect();
    if differing.len() * 20 <= history.len() {
        let mean = history.iter().map(|value| value.abs()).sum::<f64>() / history.len() as f64;
        return NEXT_TO_NOTHING * mean;
    }
    DEVIATION_OF_MEDIAN * median(&mut differing)
}

/// The median of the values beside one, without itself.
fn local_median(values: &[f64], at: usize) -> f64 {
    let start = at.saturating_sub(REACH);
    let end = (at + REACH + 1).min(values.len());
    median(&mut [&values[start..at], &values[at + 1..end]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_absurd_value_is_drawn_in_and_named() {
        let mut history: Vec<f64> = (0..36).map(|month| 100.0 + f64::from(month % 3)).collect();
        history[20] = 1e6;
        let (cleaned, outliers) = cleaned(&history, 12);
        assert_eq!(outliers, [20]);
        assert!((90.0..120.0).contains(&cleaned[20]), "{}", cleaned[20]);
        assert_eq!(cleaned[..20], history[..20]);
    }

    #[test]
    fn a_new_level_a_season_and_a_rhythm_are_no_outliers() {
        let wave = |at: i32| 100.0 + f64::from(at % 5);
        let level: Vec<f64> =
            (0..40).map(|at| wave(at) + if at < 38 { 0.0 } else { 900.0 }).collect();
        assert_eq!(cleaned(&level, 12).1, Vec::<usize>::new());
        let season: Vec<f64> =
            (0..60).map(|at| wave(at) + if at % 12 == 11 { 5000.0 } else { 0.0 }).collect();
        assert_eq!(cleaned(&season, 12).1, Vec::<usize>::new());
        let rare: Vec<f64> = (0..40).map(|at| if at % 9 == 0 { 3.0 } else { 0.0 }).collect();
        assert_eq!(cleaned(&rare, 1).1, Vec::<usize>::new());
    }
}
