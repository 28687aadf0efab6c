//! Forecasts as a whole: on the series that break programs, and beside numbers of others.

use super::*;

fn months(count: usize) -> Vec<f64> {
    // Twelve different months, a trend, and a little noise that is the same everywhere.
    let noise = |at: usize| ((at * 7919 + 13) % 101) as f64 / 25.0 - 2.0;
    let season = [0.9, 0.85, 0.95, 1.0, 1.02, 1.05, 1.1, 1.2, 1.05, 1.0, 0.95, 0.93];
    (0..count).map(|at| (200.0 + at as f64) * season[at % 12] + noise(at)).collect()
}

fn all_models(history: &[f64], horizon: usize, non_negative: bool) -> Vec<Forecast> {
    Model::ALL
        .into_iter()
        .filter_map(|model| {
            let options = Options { non_negative, ..Frequency::Month.options(horizon, model) };
            let forecast = forecast(history, &options);
            assert!(model != Model::Auto || forecast.is_ok(), "{history:?}: {forecast:?}");
            forecast.ok()
        })
        .collect()
}

#[test]
fn every_number_is_one_whatever_the_series() {
    let mut spike = months(60);
    spike[30] = 1e15;
    let cases: Vec<Vec<f64>> = vec![
        vec![0.0; 3],
        vec![0.0; 50],
        vec![7.0; 30],
        vec![1.0, 2.0, 3.0],
        vec![5.0, 0.0, 0.0, 0.0],
        (0..40).map(|at| if at % 7 == 0 { 1e-9 } else { 0.0 }).collect(),
        (0..40).map(|at| 2.0_f64.powi(at)).collect(),
        (0..40).map(|at| 1e22 / f64::from(at + 1)).collect(),
        (0..30).map(|at| f64::from(at % 2) * 1e12).collect(),
        (0..100).map(|at| f64::from(100 - at)).collect(),
        (0..25).map(f64::from).collect(),
        (0..24).map(f64::from).collect(),
        spike,
        months(13),
    ];
    for history in cases {
        for horizon in [1, 12, 40] {
            for forecast in all_models(&history, horizon, true) {
                assert_eq!(forecast.mean.len(), horizon);
                for at in 0..horizon {
                    let (low, middle, high) =
                        (forecast.p10[at], forecast.p50[at], forecast.p90[at]);
                    assert!(low <= middle && middle <= high, "{history:?} {forecast:?}");
                    assert!(low >= 0.0 && high.is_finite() && forecast.mean[at].is_finite());
                }
            }
        }
    }
}

#[test]
fn differences_may_fall_below_zero_where_that_is_allowed() {
    let falling: Vec<f64> = (0..40).map(|at| 20.0 - f64::from(at)).collect();
    let options = Frequency::Month.options(6, Model::Auto);
    let below = forecast(&falling, &Options { non_negative: false, ..options }).unwrap();
    assert!(below.mean[5] < -19.0, "{below:?}");
    let usage = forecast(&falling, &options).unwrap();
    assert_eq!((usage.mean[5], usage.p10[5]), (0.0, 0.0));
}

#[test]
fn the_size_of_the_numbers_changes_nothing() {
    let history = months(60);
    let options = Frequency::Month.options(12, Model::Auto);
    let small = forecast(&history, &options).unwrap();
    for unit in [1e-9, 1e12] {
        let large: Vec<f64> = history.iter().map(|value| value * unit).collect();
        let large = forecast(&large, &options).unwrap();
        for (a, b) in small.mean.iter().zip(&large.mean) {
            assert!((a * unit / b - 1.0).abs() < 1e-6, "{a} {b}");
        }
    }
}

#[test]
fn a_season_and_a_trend_are_found() {
    let history = months(84);
    let (known, future) = history.split_at(72);
    let made = forecast(known, &Frequency::Month.options(12, Model::Auto)).unwrap();
    assert_eq!(made.model, Model::Auto);
    for (said, was) in made.mean.iter().zip(future) {
        assert!((said / was - 1.0).abs() < 0.05, "{said} {was}");
    }
}

#[test]
fn what_cannot_be_forecast_is_refused() {
    let options = Frequency::Month.options(12, Model::Auto);
    assert_eq!(forecast(&[1.0, 2.0], &options), Err(ForecastError::TooShort(2, 3)));
    assert_eq!(forecast(&[1.0, f64::NAN, 2.0], &options), Err(ForecastError::NotFinite));
    let none = Options { horizon: 0, ..options };
    assert_eq!(forecast(&[1.0, 2.0, 3.0], &none), Err(ForecastError::NotFinite));
}

#[test]
fn rows_have_two_digits_more_than_the_series_and_no_exponent() {
    let options = Frequency::Month.options(1, Model::RunRate);
    let made = forecast(&[1.0, 1.0, 2.0], &options).unwrap();
    assert_eq!(made.rows(2).unwrap()[0].mean.to_string(), "1.3333");
    assert_eq!(made.rows(0).unwrap()[0].mean.to_string(), "1.33");
    let tiny = forecast(&[1e-20, 1e-20, 1e-20], &options).unwrap();
    assert_eq!(tiny.rows(0).unwrap()[0].mean.to_string(), "0.00");
    let huge = forecast(&[1e300, 1e300, 1e300], &options).unwrap();
    assert_eq!(huge.rows(0), Err(ForecastError::NotFinite));
}
