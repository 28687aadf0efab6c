//! Streams of chance: one for each purpose of each run, so that nothing depends on the order in
//! which things are drawn, nor on the thread that draws them.
//!
//! Two scenarios with the same seed meet the same luck wherever they ask for the same purpose
//! (common random numbers): what differs between them is not noise.
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become whole numbers")]

use rand_distr::{Distribution as _, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::scenario::{Distribution, Lifetimes};
use crate::value::hash;

/// The luck of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Luck {
    /// Everything at its mean.
    Mean,
    /// Drawn.
    Run {
        /// Where chance begins.
        seed: u64,
        /// Which run.
        run: u64,
    },
}

/// What is drawn: a text's hash, and numbers within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose(u64);

/// A stream of chance.
#[derive(Debug, Clone)]
pub struct Stream(Xoshiro256PlusPlus);

impl Purpose {
    /// What texts name.
    #[must_use]
    pub fn of(texts: &[&str]) -> Purpose {
        Purpose(texts.iter().fold(0, |purpose, text| mixed(purpose ^ hash(text))))
    }

    /// A part of it.
    #[must_use]
    pub fn part(self, number: u64) -> Purpose {
        Purpose(mixed(self.0 ^ mixed(number)))
    }
}

impl Stream {
    /// The stream of a purpose in a run.
    #[must_use]
    pub fn new(seed: u64, run: u64, purpose: Purpose) -> Stream {
        let state = mixed(seed) ^ mixed(run.wrapping_add(0x51_7cc1)).rotate_left(17) ^ purpose.0;
        Stream(Xoshiro256PlusPlus::seed_from_u64(mixed(state)))
    }

    /// A number from 0 to below 1.
    pub fn uniform(&mut self) -> f64 {
        // 53 bits are all that fit.
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A whole number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A value of a distribution.
    pub fn draw(&mut self, distribution: &Distribution) -> f64 {
        match distribution {
            Distribution::Fixed(value) => *value,
            Distribution::Lognormal { mu, sigma } => (mu + sigma * self.bell()).exp(),
            Distribution::Normal { mean, deviation } => mean + deviation * self.bell(),
            other => other.quantile(self.uniform()),
        }
    }

    /// A lifetime in hours.
    pub fn draw_lifetime(&mut self, lives: &Lifetimes) -> f64 {
        match *lives {
            Lifetimes::Lognormal { mu, sigma, .. } => (mu + sigma * self.bell()).exp(),
            Lifetimes::Exponential { mean } => -mean * (1.0 - self.uniform()).ln(),
        }
    }

    /// The whole lifetime, in hours, of one that is met at an instant: the longer lives are, the
    /// more of them are met, in proportion.
    pub fn draw_by_length(&mut self, lives: &Lifetimes) -> f64 {
        match *lives {
            // A bell around mu, weighted by the exponential, is one around mu + sigma^2.
            Lifetimes::Lognormal { mu, sigma, .. } => {
                (mu + sigma * sigma + sigma * self.bell()).exp()
            }
            // What has gone of it and what is left are such lifetimes each.
            Lifetimes::Exponential { mean } => {
                -mean * ((1.0 - self.uniform()) * (1.0 - self.uniform())).ln()
            }
        }
    }

    /// A value of the standard bell.
    pub fn bell(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }
}

/// Spreads bits (SplitMix64, Steele, Lea and Flood 2014).
fn mixed(bits: u64) -> u64 {
    let mut mixed = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Poisson counts of one mean, by one uniform number each: a larger number never gives a smaller
/// count, so that scenarios of different rates meet the same luck.
#[derive(Debug, Clone)]
pub struct Poisson {
    counts: Counts,
    /// How many of these are added up.
    parts: u32,
}

/// Whole numbers from 0 on, drawn by their probabilities with one uniform number each.
#[derive(Debug, Clone)]
pub struct Counts {
    /// The probability of so many or fewer, up to where it is 1 for all that can be drawn.
    up_to: Vec<f64>,
    /// For each of many equal parts of the uniform numbers: the smallest count in it.
    guide: Vec<u32>,
}

impl Counts {
    /// By the probability of each number.
    #[must_use]
    pub fn new(probabilities: &[f64]) -> Counts {
        let mut sum = 0.0;
        let add = |probability: &f64| {
            sum += probability;
            sum
        };
        let up_to: Vec<f64> = probabilities.iter().map(add).collect();
        let guides = up_to.len().next_power_of_two();
        let mut count = 0;
        let smallest = |part: usize| {
            let uniform = part as f64 / guides as f64;
            while up_to.get(count).is_some_and(|p| *p <= uniform) {
                count += 1;
            }
            count as u32
        };
        let guide = (0..guides).map(smallest).collect();
        Counts { up_to, guide }
    }

    /// The probability of each number or less.
    #[must_use]
    pub fn up_to(&self) -> &[f64] {
        &self.up_to
    }

    /// The number that a uniform one from 0 to below 1 stands for.
    #[must_use]
    pub fn at(&self, uniform: f64) -> u64 {
        let mut count = self.guide[(uniform * self.guide.len() as f64) as usize] as usize;
        while self.up_to.get(count).is_some_and(|up_to| *up_to <= uniform) {
            count += 1;
        }
        count as u64
    }
}

impl Poisson {
    /// The largest mean whose counts are drawn at once.
    const MOST: f64 = 500.0;

    /// Counts of a mean, which is not negative.
    #[must_use]
    pub fn new(mean: f64) -> Poisson {
        let parts = (mean / Poisson::MOST).ceil().max(1.0);
        let mean = mean / parts;
        // From the middle, where probabilities are not too small to be told from 0.
        let mode = mean.floor();
        let at_mode = (mode * mean.max(f64::MIN_POSITIVE).ln()
            - mean
            - statrs::function::gamma::ln_gamma(mode + 1.0))
        .exp();
        let mut probabilities = vec![at_mode];
        let mut count = mode;
        while count > 0.0 {
            let last = probabilities[probabilities.len() - 1];
            probabilities.push(last * count / mean);
            count -= 1.0;
        }
        probabilities.reverse();
        count = mode;
        let mut probability = at_mode;
        while probability > 1e-18 {
            count += 1.0;
            probability *= mean / count;
            probabilities.push(probability);
        }
        Poisson { counts: Counts::new(&probabilities), parts: parts as u32 }
    }

    /// A count.
    pub fn draw(&self, stream: &mut Stream) -> u64 {
        (0..self.parts).map(|_| self.counts.at(stream.uniform())).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_told_apart_by_seed_run_and_purpose() {
        let purpose = Purpose::of(&["fleet-0", "team-a"]);
        let first = |seed, run, purpose| Stream::new(seed, run, purpose).uniform();
        let drawn = [
            first(1, 0, purpose),
            first(2, 0, purpose),
            first(1, 1, purpose),
            first(1, 0, purpose.part(1)),
            first(1, 0, Purpose::of(&["team-a", "fleet-0"])),
        ];
        for (place, one) in drawn.iter().enumerate() {
            assert!(drawn[..place].iter().all(|other| (one - other).abs() > 1e-9), "{drawn:?}");
        }
        assert!((first(1, 0, purpose) - first(1, 0, purpose)).abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn poisson_counts_have_mean_and_variance_of_their_mean() {
        for mean in [0.0, 0.3, 7.5, 120.0, 1800.0] {
            let poisson = Poisson::new(mean);
            let mut stream = Stream::new(7, 0, Purpose::of(&["poisson"]));
            let draws: Vec<f64> = (0..40_000).map(|_| poisson.draw(&mut stream) as f64).collect();
            let average = draws.iter().sum::<f64>() / draws.len() as f64;
            let spread = draws.iter().map(|draw| (draw - average).powi(2)).sum::<f64>()
                / (draws.len() - 1) as f64;
            // Four standard errors.
            assert!((average - mean).abs() <= 4.0 * (mean / 40_000.0).sqrt(), "{mean}: {average}");
            assert!((spread - mean).abs() <= 0.05 * mean.max(0.2), "{mean}: {spread}");
        }
    }

    #[test]
    fn whoever_is_met_at_an_instant_is_met_in_proportion_to_its_life() {
        for distribution in [
            Distribution::Lognormal { mu: 1.0, sigma: 0.7 },
            Distribution::Exponential { mean: 12.0 },
        ] {
            let lives = Lifetimes::new(&distribution).expect("closed forms");
            let mut stream = Stream::new(3, 0, Purpose::of(&["met"]));
            let count = 60_000;
            // The mean of 1 / life, each weighted by its life, is 1 / the mean of life; and half
            // of the weight lies where the integral of life over all lives is half.
            let met: Vec<f64> = (0..count).map(|_| stream.draw_by_length(&lives)).collect();
            let inverse = met.iter().map(|life| 1.0 / life).sum::<f64>() / f64::from(count);
            assert!((inverse * lives.mean() - 1.0).abs() < 0.05, "{inverse}");
            let plain: Vec<f64> = (0..count).map(|_| stream.draw_lifetime(&lives)).collect();
            let average = plain.iter().sum::<f64>() / f64::from(count);
            assert!((average / lives.mean() - 1.0).abs() < 0.02, "{average}");
            let limit = 1.3 * lives.mean();
            let share = met.iter().filter(|life| **life < limit).count() as f64 / f64::from(count);
            let weight = plain.iter().filter(|life| **life < limit).sum::<f64>();
            let weight = weight / plain.iter().sum::<f64>();
            assert!((share - weight).abs() < 0.015, "{share} {weight}");
        }
    }

    #[test]
    fn draws_have_the_quantiles_of_their_distribution() {
        let life = Distribution::lognormal_of((0.5, 36.0), (0.95, 480.0));
        let mut stream = Stream::new(7, 0, Purpose::of(&["life"]));
        let mut draws: Vec<f64> = (0..40_000).map(|_| stream.draw(&life)).collect();
        draws.sort_unstable_by(f64::total_cmp);
        assert!((draws[20_000] / 36.0 - 1.0).abs() < 0.04, "{}", draws[20_000]);
        assert!((draws[38_000] / 480.0 - 1.0).abs() < 0.06, "{}", draws[38_000]);
    }
}
