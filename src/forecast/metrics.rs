//! How far off forecasts were, in the measures of the trade.

use std::fmt;

/// Sums over forecasts and what happened, of one series or of many.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Errors {
    /// How many values.
    pub count: usize,
    /// The sum of |forecast - actual|.
    absolute: f64,
    /// The sum of forecast - actual.
    signed: f64,
    /// The sum of |actual|.
    actual: f64,
    /// The sum of 2 |forecast - actual| / (|forecast| + |actual|).
    symmetric: f64,
    /// The sum of |forecast - actual| / the seasonal naive's mean error on the history before.
    scaled: f64,
    /// How many values that last sum is over: a constant history scales nothing.
    scaled_count: usize,
    /// How many values lay within p10 to p90.
    within: usize,
}

/// The errors of a forecast in the usual measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Weighted absolute percentage error: all absolute errors of all actual values.
    pub wape: Option<f64>,
    /// All errors of all actual values: above zero, the forecast is too high.
    pub bias: Option<f64>,
    /// The mean of 2 |error| / (|forecast| + |actual|).
    pub smape: Option<f64>,
    /// The mean error in units of the seasonal naive's on the history before: below 1 is better.
    pub mase: Option<f64>,
    /// Which part of the values lay within p10 to p90; it should be 0.8.
    pub coverage: Option<f64>,
}

/// What the FinOps framework calls a forecast that is off by so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maturity {
    /// Within 12 %.
    Run,
    /// Within 15 %.
    Walk,
    /// Within 20 %.
    Crawl,
    /// Further off.
    Below,
}

impl Errors {
    /// Adds one value. `unit` is the seasonal naive's mean error on the history before.
    pub fn add(&mut self, actual: f64, forecast: f64, is_within: bool, unit: f64) {
        let error = forecast - actual;
        self.count += 1;
        self.absolute += error.abs();
        self.signed += error;
        self.actual += actual.abs();
        let size = actual.abs() + forecast.abs();
        self.symmetric += if size > 0.0 { 2.0 * error.abs() / size } else { 0.0 };
        if unit > 0.0 {
            self.scaled += error.abs() / unit;
            self.scaled_count += 1;
        }
        self.within += usize::from(is_within);
    }

    /// Adds those of another series.
    pub fn absorb(&mut self, other: &Errors) {
        self.count += other.count;
        self.absolute += other.absolute;
        self.signed += other.signed;
        self.actual += other.actual;
        self.symmetric += other.symmetric;
        self.scaled += other.scaled;
        self.scaled_count += other.scaled_count;
        self.within += other.within;
    }

    /// How much happened in all: what makes a series a large one.
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.actual
    }

    /// The measures. A measure is absent where it would divide by zero.
    #[must_use]
    pub fn score(&self) -> Score {
        let of = |sum: f64, whole: f64| (whole > 0.0).then(|| sum / whole);
        let count = self.count as f64;
        Score {
            wape: of(self.absolute, self.actual).or(of(0.0, count).filter(|_| self.is_perfect())),
            bias: of(self.signed, self.actual).or(of(0.0, count).filter(|_| self.is_perfect())),
            smape: of(self.symmetric, count),
            mase: of(self.scaled, self.scaled_count as f64),
            coverage: of(self.within as f64, count),
        }
    }

    /// Whether nothing was off: then even zeros have a percentage.
    fn is_perfect(&self) -> bool {
        self.absolute == 0.0
    }
}

/// A part as a percentage, for people.
#[must_use]
pub fn percent(part: f64) -> String {
    plain_text(part * 100.0, 1) + " %"
}

/// A measure with four digits after the point, for files.
#[must_use]
pub fn plain(measure: f64) -> String {
    plain_text(measure, 4)
}

/// Without an exponent, and without a sign on zero.
fn plain_text(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    let is_zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text }
}

impl Maturity {
    /// Of a forecast whose errors are this part of the actual values.
    #[must_use]
    pub fn of(wape: f64) -> Maturity {
        match wape {
            _ if wape <= 0.12 => Maturity::Run,
            _ if wape <= 0.15 => Maturity::Walk,
            _ if wape <= 0.20 => Maturity::Crawl,
            _ => Maturity::Below,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Maturity::Run => "run",
            Maturity::Walk => "walk",
            Maturity::Crawl => "crawl",
            Maturity::Below => "below crawl",
        }
    }
}

impl fmt::Display for Maturity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_those_computed_by_hand() {
        let mut errors = Errors::default();
        errors.add(100.0, 110.0, true, 20.0);
        errors.add(50.0, 40.0, false, 20.0);
        errors.add(0.0, 0.0, true, 20.0);
        let score = errors.score();
        // 20 of 150; 0 of 150; (20/210 + 20/90 + 0) / 3; (0.5 + 0.5 + 0) / 3; two of three.
        assert!((score.wape.unwrap() - 20.0 / 150.0).abs() < 1e-12);
        assert_eq!(score.bias, Some(0.0));
        assert!((score.smape.unwrap() - 0.105_820_106).abs() < 1e-8);
        assert!((score.mase.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert!((score.coverage.unwrap() - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn zeros_have_a_percentage_only_where_they_were_met() {
        let mut met = Errors::default();
        met.add(0.0, 0.0, true, 0.0);
        assert_eq!((met.score().wape, met.score().mase), (Some(0.0), None));
        let mut missed = Errors::default();
        missed.add(0.0, 1.0, false, 0.0);
        assert_eq!(missed.score().wape, None);
        assert_eq!(missed.score().smape, Some(2.0));
        assert_eq!(Errors::default().score().coverage, None);
    }

    #[test]
    fn maturity_is_that_of_the_finops_framework() {
        let of = |percent: f64| Maturity::of(percent / 100.0).as_str();
        assert_eq!([of(12.0), of(12.1), of(15.0), of(20.0)], ["run", "walk", "walk", "crawl"]);
        assert_eq!(of(20.1), "below crawl");
    }
}
