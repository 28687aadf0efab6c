//! How a number that is not certain is spread.
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become whole numbers")]

use statrs::distribution::{Beta, ContinuousCDF, Normal};
use statrs::function::erf::erfc;

/// A distribution of a number.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Fixed(f64),
    /// As likely anywhere between two bounds.
    Uniform {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// Rising straight to the mode, and falling straight.
    Triangular {
        /// The lower bound.
        low: f64,
        /// Where it is most likely.
        mode: f64,
        /// The upper bound.
        high: f64,
    },
    /// A smooth hill between bounds, four times as heavy at its mode (PERT).
    Pert {
        /// The lower bound.
        low: f64,
        /// Where it is most likely.
        mode: f64,
        /// The upper bound.
        high: f64,
    },
    /// A bell.
    Normal {
        /// Its middle.
        mean: f64,
        /// Its standard deviation.
        deviation: f64,
    },
    /// A number whose logarithm is a bell.
    Lognormal {
        /// The middle of its logarithm.
        mu: f64,
        /// The standard deviation of its logarithm.
        sigma: f64,
    },
    /// What ends as likely at any time.
    Exponential {
        /// Its mean.
        mean: f64,
    },
    /// One of some values.
    Discrete {
        /// The values, each with the probability of it and all before it.
        values: Vec<(f64, f64)>,
    },
}

/// How many points of a stratum are averaged where its mean has no closed form.
const POINTS: usize = 64;

impl Distribution {
    /// The lognormal distribution with two known quantiles.
    #[must_use]
    pub fn lognormal_of((p, at_p): (f64, f64), (q, at_q): (f64, f64)) -> Distribution {
        let sigma = (at_q / at_p).ln() / (normal_quantile(q) - normal_quantile(p));
        Distribution::Lognormal { mu: at_p.ln() - sigma * normal_quantile(p), sigma }
    }

    /// The normal distribution with two known quantiles.
    #[must_use]
    pub fn normal_of((p, at_p): (f64, f64), (q, at_q): (f64, f64)) -> Distribution {
        let deviation = (at_q - at_p) / (normal_quantile(q) - normal_quantile(p));
        Distribution::Normal { mean: at_p - deviation * normal_quantile(p), deviation }
    }

    /// The value that is not passed with this probability, which lies between 0 and 1.
    #[must_use]
    pub fn quantile(&self, probability: f64) -> f64 {
        match self {
            Distribution::Fixed(value) => *value,
            Distribution::Uniform { low, high } => low + (high - low) * probability,
            Distribution::Triangular { low, mode, high } => {
                let (width, left) = (high - low, mode - low);
                if width <= 0.0 {
                    *low
                } else if probability * width < left {
                    low + (probability * width * left).sqrt()
                } else {
                    high - ((1.0 - probability) * width * (high - mode)).sqrt()
                }
            }
            Distribution::Pert { low, mode, high } => {
                pert_quantile(*low, *mode, *high, probability)
            }
            Distribution::Normal { mean, deviation } => {
                mean + deviation * normal_quantile(probability)
            }
            Distribution::Lognormal { mu, sigma } => {
                (mu + sigma * normal_quantile(probability)).exp()
            }
            Distribution::Exponential { mean } => -mean * (-probability).ln_1p(),
            Distribution::Discrete { values } => {
                let place = values.partition_point(|(_, up_to)| *up_to < probability);
                values.get(place).or(values.last()).map_or(0.0, |(value, _)| *value)
            }
        }
    }

    /// Its mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Distribution::Fixed(value) => *value,
            Distribution::Uniform { low, high } => f64::midpoint(*low, *high),
            Distribution::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Distribution::Pert { low, mode, high } => (low + 4.0 * mode + high) / 6.0,
            Distribution::Normal { mean, .. } | Distribution::Exponential { mean } => *mean,
            Distribution::Lognormal { mu, sigma } => (mu + sigma * sigma / 2.0).exp(),
            Distribution::Discrete { values } => {
                let mut before = 0.0;
                let part = |(value, up_to): &(f64, f64)| {
                    let weight = up_to - before;
                    before = *up_to;
                    value * weight
                };
                values.iter().map(part).sum()
            }
        }
    }

    /// The means of `count` parts of it that are equally likely, ascending. Values below 0 count
    /// as 0.
    fn strata(&self, count: usize) -> Vec<f64> {
        let within = |place: usize| {
            let point =
                |at: usize| (place as f64 + (at as f64 + 0.5) / POINTS as f64) / count as f64;
            let values = (0..POINTS).map(|at| self.quantile(point(at)).max(0.0));
            values.sum::<f64>() / POINTS as f64
        };
        (0..count).map(within).collect()
    }
}

/// The mean of a lifetime that ends after some time at the latest.
#[derive(Debug, Clone)]
pub struct LimitedMean {
    distribution: Distribution,
    /// Where there is no closed form: the distribution in equal parts, and the sums of those
    /// before each.
    strata: Vec<f64>,
    sums: Vec<f64>,
}

impl LimitedMean {
    /// Of a distribution; values below 0 count as 0.
    #[must_use]
    pub fn new(distribution: &Distribution) -> LimitedMean {
        const PARTS: usize = 1024;
        let strata = match distribution {
            Distribution::Fixed(_)
            | Distribution::Lognormal { .. }
            | Distribution::Exponential { .. } => Vec::new(),
            other => other.strata(PARTS),
        };
        let mut sum = 0.0;
        let add = |value: &f64| {
            sum += value;
            sum
        };
        let sums = strata.iter().map(add).collect();
        LimitedMean { distribution: distribution.clone(), strata, sums }
    }

    /// The mean where nothing is longer than `limit`, which is above 0.
    #[must_use]
    pub fn at(&self, limit: f64) -> f64 {
        match self.distribution {
            Distribution::Fixed(value) => value.min(limit),
            Distribution::Lognormal { mu, sigma } => {
                let far = (limit.ln() - mu) / sigma;
                let mean = (mu + sigma * sigma / 2.0).exp();
                mean * normal_share(far - sigma) + limit * (1.0 - normal_share(far))
            }
            Distribution::Exponential { mean } => mean * -(-limit / mean).exp_m1(),
            _ => {
                let below = self.strata.partition_point(|value| *value < limit);
                let sum = below.checked_sub(1).map_or(0.0, |last| self.sums[last]);
                (sum + limit * (self.strata.len() - below) as f64) / self.strata.len() as f64
            }
        }
    }
}

/// Lifetimes whose shares and means have a closed form, for sums over many of them. In hours.
#[derive(Debug, Clone)]
pub enum Lifetimes {
    /// See [`Distribution::Lognormal`].
    Lognormal {
        /// The middle of the logarithm.
        mu: f64,
        /// The standard deviation of the logarithm.
        sigma: f64,
        /// The mean.
        mean: f64,
    },
    /// See [`Distribution::Exponential`].
    Exponential {
        /// The mean.
        mean: f64,
    },
}

impl Lifetimes {
    /// Those of a distribution, where it has closed forms.
    #[must_use]
    pub fn new(distribution: &Distribution) -> Option<Lifetimes> {
        match *distribution {
            Distribution::Lognormal { mu, sigma } => {
                Some(Lifetimes::Lognormal { mu, sigma, mean: distribution.mean() })
            }
            Distribution::Exponential { mean } => Some(Lifetimes::Exponential { mean }),
            _ => None,
        }
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Lifetimes::Lognormal { mean, .. } | Lifetimes::Exponential { mean } => mean,
        }
    }

    /// How many are not longer, as a part of 1.
    #[must_use]
    pub fn share_below(&self, hours: f64) -> f64 {
        match *self {
            _ if hours <= 0.0 => 0.0,
            Lifetimes::Lognormal { mu, sigma, .. } => normal_share((hours.ln() - mu) / sigma),
            Lifetimes::Exponential { mean } => -(-hours / mean).exp_m1(),
        }
    }

    /// The mean where nothing is longer than a limit: the integral of the share that is longer.
    #[must_use]
    pub fn limited_mean(&self, hours: f64) -> f64 {
        match *self {
            _ if hours <= 0.0 => 0.0,
            Lifetimes::Lognormal { mu, sigma, mean } => {
                let far = (hours.ln() - mu) / sigma;
                mean * normal_share(far - sigma) + hours * normal_share(-far)
            }
            Lifetimes::Exponential { mean } => mean * -(-hours / mean).exp_m1(),
        }
    }

    /// The integral of [`Lifetimes::share_below`] up to a time.
    #[must_use]
    pub fn ended_by(&self, hours: f64) -> f64 {
        (hours - self.limited_mean(hours)).max(0.0)
    }
}

/// The quantile of the standard bell; infinite at 0 and 1.
fn normal_quantile(probability: f64) -> f64 {
    if probability <= 0.0 {
        f64::NEG_INFINITY
    } else if probability >= 1.0 {
        f64::INFINITY
    } else {
        Normal::standard().inverse_cdf(probability)
    }
}

/// How much of the standard bell lies below a value.
fn normal_share(value: f64) -> f64 {
    0.5 * erfc(-value / std::f64::consts::SQRT_2)
}

fn pert_quantile(low: f64, mode: f64, high: f64, probability: f64) -> f64 {
    let width = high - low;
    if width <= 0.0 {
        return low;
    }
    let (a, b) = (1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width);
    match Beta::new(a, b) {
        Ok(beta) => low + width * beta.inverse_cdf(probability),
        Err(_) => mode,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(distribution: &Distribution, probability: f64, expected: f64) {
        let value = distribution.quantile(probability);
        assert!((value - expected).abs() < 1e-6 * expected.abs().max(1.0), "{value} {expected}");
    }

    #[test]
    fn quantiles_and_means_are_those_of_the_books() {
        let triangular = Distribution::Triangular { low: 25.0, mode: 40.0, high: 80.0 };
        check(&triangular, 15.0 / 55.0, 40.0);
        check(&triangular, 1.0, 80.0);
        // By hand: 25 + sqrt(0.1 * 55 * 15).
        check(&triangular, 0.1, 34.082_951_062_292_47);
        assert!((triangular.mean() - 145.0 / 3.0).abs() < 1e-12);
        // The density of the beta distribution, added up in two million steps.
        let pert = Distribution::Pert { low: 25.0, mode: 40.0, high: 80.0 };
        assert!((pert.quantile(0.5) - 43.189_01).abs() < 1e-3, "{}", pert.quantile(0.5));
        let normal = Distribution::normal_of((0.05, 10.0), (0.95, 20.0));
        check(&normal, 0.5, 15.0);
        check(&normal, 0.95, 20.0);
        let life = Distribution::lognormal_of((0.5, 36.0), (0.95, 480.0));
        check(&life, 0.5, 36.0);
        check(&life, 0.95, 480.0);
        let discrete = Distribution::Discrete { values: vec![(1.0, 0.25), (5.0, 1.0)] };
        assert_eq!((discrete.quantile(0.25), discrete.quantile(0.26)), (1.0, 5.0));
        assert!((discrete.mean() - 4.0).abs() < 1e-12);
    }

    #[test]
    fn lifetimes_agree_with_the_quantiles_of_their_distribution() {
        for distribution in [
            Distribution::Lognormal { mu: 1.8, sigma: 1.5 },
            Distribution::Exponential { mean: 12.0 },
        ] {
            let lives = Lifetimes::new(&distribution).expect("closed forms");
            let limited = LimitedMean::new(&distribution);
            for p in [0.01, 0.3, 0.5, 0.9, 0.999] {
                let hours = distribution.quantile(p);
                assert!((lives.share_below(hours) - p).abs() < 1e-7);
                assert!((lives.limited_mean(hours) - limited.at(hours)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_limited_mean_is_the_mean_of_limited_draws() {
        for distribution in [
            Distribution::Fixed(7.0),
            Distribution::Uniform { low: 2.0, high: 40.0 },
            Distribution::Triangular { low: 5.0, mode: 40.0, high: 80.0 },
            Distribution::Pert { low: 5.0, mode: 40.0, high: 80.0 },
            Distribution::Lognormal { mu: 3.58, sigma: 1.575 },
            Distribution::Exponential { mean: 12.0 },
            Distribution::Discrete { values: vec![(1.0, 0.5), (30.0, 1.0)] },
        ] {
            let limited = LimitedMean::new(&distribution);
            for limit in [0.5, 6.0, 20.0, 1000.0] {
                let count = 200_000;
                let points = (0..count).map(|n| (f64::from(n) + 0.5) / f64::from(count));
                let mean: f64 = points.map(|p| distribution.quantile(p).min(limit)).sum::<f64>();
                let (mean, found) = (mean / f64::from(count), limited.at(limit));
                let error = (found / mean - 1.0).abs();
                assert!(error < 2e-3, "{distribution:?} to {limit}: {found}, not {mean}");
            }
        }
    }
}
