//! Servers that come and go, summed by class instead of drawn one by one.
//!
//! Of the servers that come in a window of one rate, those that are gone before the next boundary
//! (of a cycle or a price) come as a Poisson stream of their own, apart from those that pass it:
//! to sort the events of a Poisson process by an independent coin each gives two Poisson processes
//! that know nothing of each other. The steps that the first class uses are whole numbers, so the
//! distribution of their sum can be computed (Panjer 1981) and drawn at once. Of the second class
//! each is drawn, from the distribution that passing the boundary leaves it. Nothing of the
//! distribution is changed, and most servers need not be drawn.
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become whole numbers")]

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::meter::UsageKey;
use crate::project::luck::{Counts, Poisson, Purpose, Stream};
use crate::project::plan::{Coming, Inflow};
use crate::scenario::{Lifetimes, MICROS_PER_HOUR};
use crate::value::{BillingDay, Instant, LevelId};

/// Usage, line by line. What many runs and accounts have the same lines of shares its keys.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) keys: Arc<[UsageKey]>,
    pub(super) units: Vec<u128>,
}

/// What was summed already: accounts of one fleet with the same cycles share it.
#[derive(Debug, Default)]
pub(super) struct Sums {
    coming: Mutex<Vec<Known>>,
    standing: Mutex<FxHashMap<Same, Arc<Lines>>>,
    /// The keys of lines that are known.
    keys: Mutex<Vec<Arc<[UsageKey]>>>,
}

/// How many lists of keys are kept to be shared.
const MOST_KEYS: usize = 64;

/// What servers that stand there cost the same for: whoever has the same of all this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Same {
    pub(super) fleet: usize,
    /// The run, where it is another than what is planned.
    pub(super) run: Option<u32>,
    pub(super) billing_day: BillingDay,
    pub(super) level: LevelId,
    pub(super) may_boot: bool,
}

#[derive(Debug)]
struct Known {
    fleet: usize,
    bounds: Vec<i64>,
    summed: Option<Arc<Summed>>,
}

impl Sums {
    /// The servers of a fleet, summed between bounds.
    pub(super) fn of(
        &self,
        fleet: usize,
        inflow: &Inflow,
        bounds: &[i64],
        step: u64,
    ) -> Option<Arc<Summed>> {
        // Whoever comes second waits, and finds it.
        let mut known = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |known: &&Known| known.fleet == fleet && known.bounds == bounds;
        if let Some(known) = known.iter().find(is_it) {
            return known.summed.clone();
        }
        let summed = Summed::new(inflow, bounds, step).map(Arc::new);
        known.push(Known { fleet, bounds: bounds.to_vec(), summed: summed.clone() });
        summed
    }
}

impl Sums {
    /// The usage of servers that stand there, where somebody has worked it out.
    pub(super) fn standing(&self, same: &Same) -> Option<Arc<Lines>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).get(same).cloned()
    }

    /// Keeps it for others.
    pub(super) fn keep_standing(&self, same: Same, usage: &[(UsageKey, u128)]) -> Arc<Lines> {
        let keys = self.shared_keys(usage);
        let units = usage.iter().map(|(_, units)| *units).collect();
        let lines = Arc::new(Lines { keys, units });
        let mut all = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(same, Arc::clone(&lines));
        lines
    }

    /// The keys of usage: those of before, where they are the same.
    fn shared_keys(&self, usage: &[(UsageKey, u128)]) -> Arc<[UsageKey]> {
        let mut known = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |keys: &&Arc<[UsageKey]>| keys.iter().eq(usage.iter().map(|(key, _)| key));
        if let Some(keys) = known.iter().find(is_it) {
            return Arc::clone(keys);
        }
        let keys: Arc<[UsageKey]> = usage.iter().map(|(key, _)| *key).collect();
        if known.len() < MOST_KEYS {
            known.push(Arc::clone(&keys));
        }
        keys
    }
}

/// One fleet's servers, by windows between boundaries.
#[derive(Debug)]
pub(super) struct Summed {
    cells: Vec<Cell>,
    lives: Lifetimes,
}

/// The servers that come in a window.
#[derive(Debug)]
struct Cell {
    /// The segment of the lane that the window lies in.
    segment: usize,
    /// The steps of all that are gone before the boundary: the probability of so many or fewer.
    steps: Counts,
    /// How many pass the boundary.
    passing: Poisson,
    /// The boundary, in microseconds.
    bound: i64,
    /// From when to when they come, in hours before the boundary.
    from: f64,
    until: f64,
}

/// How many servers of a window may be summed: their probabilities begin at e to the power of
/// minus that many.
const MOST_EXPECTED: f64 = 500.0;

/// How many steps the lattice of a window may have, and how many products its sums may cost.
const MOST_STEPS: f64 = 5_000.0;
const MOST_PRODUCTS: f64 = 2e9;

impl Summed {
    /// Sums the servers of an inflow; `None` where they have to be drawn one by one: lifetimes
    /// without a closed form, steps too fine, too many servers.
    pub(super) fn new(inflow: &Inflow, bounds: &[i64], step: u64) -> Option<Summed> {
        let lives = Lifetimes::new(inflow.lifetime())?;
        let mut cells = Vec::new();
        for (start, end, expected) in inflow.windows() {
            for (segment, pair) in bounds.windows(2).enumerate() {
                let (from, until) = (start.max(pair[0]), end.min(pair[1]));
                if from < until {
                    let part = (until - from) as f64 / (end - start) as f64;
                    let window = Window { from, until, bound: pair[1], step };
                    cells.push(window.cell(segment, expected * part, &lives)?);
                }
            }
        }
        Some(Summed { cells, lives })
    }

    /// One run: adds the steps of those that are gone before their boundary, and hands over each
    /// of the others.
    pub(super) fn run(
        &self,
        seed: u64,
        run: u64,
        purpose: Purpose,
        steps: &mut [u64],
        mut passes: impl FnMut(Coming, &mut [u64]),
    ) {
        // One stream for all windows: each draws as often as it has to.
        let mut sums = Stream::new(seed, run, purpose.part(u64::MAX));
        for (number, cell) in (0..).zip(&self.cells) {
            steps[cell.segment] += cell.steps.at(sums.uniform());
            let count = cell.passing.draw(&mut sums);
            if count == 0 {
                continue;
            }
            let mut each = Stream::new(seed, run, purpose.part(u64::MAX / 2 - number));
            for _ in 0..count {
                passes(cell.passing(&self.lives, &mut each), steps);
            }
        }
    }
}

/// From when to when servers come, up to which boundary, in which steps; in microseconds.
struct Window {
    from: i64,
    until: i64,
    bound: i64,
    step: u64,
}

impl Window {
    fn cell(&self, segment: usize, expected: f64, lives: &Lifetimes) -> Option<Cell> {
        // A server has this many hours to the boundary.
        let hours = |micros: i64| (self.bound - micros) as f64 / MICROS_PER_HOUR as f64;
        let (most, least) = (hours(self.from), hours(self.until));
        let step = self.step as f64 / MICROS_PER_HOUR as f64;
        let lattice = (most / step).ceil();
        let (width, before) = (most - least, lives.ended_by(least));
        let gone = (lives.ended_by(most) - before) / width;
        let expected_gone = expected * gone;
        let most_steps = expected_gone * lives.mean() / step * 3.0 + 20.0 * lattice;
        if expected_gone > MOST_EXPECTED
            || lattice > MOST_STEPS
            || most_steps * lattice > MOST_PRODUCTS
        {
            return None;
        }
        // The probability that a server is gone before the boundary after so many steps or fewer:
        // over the hours that it has, evenly spread.
        let within = |steps: f64| {
            let limit = (steps * step).clamp(least, most);
            let short = lives.ended_by(limit) - before;
            let long = lives.share_below(steps * step) * (most - limit);
            (short + long) / width
        };
        let mut below = 0.0;
        let of_steps: Vec<f64> = (1..=lattice as usize)
            .map(|steps| {
                let up_to = within(steps as f64);
                let here = (up_to - below).max(0.0);
                below = up_to;
                expected * here
            })
            .collect();
        Some(Cell {
            segment,
            steps: compound(&of_steps),
            passing: Poisson::new((expected - expected_gone).max(0.0)),
            bound: self.bound,
            from: most,
            until: least,
        })
    }
}

impl Cell {
    /// A server that passes the boundary: when it comes is spread as the chance to live that long,
    /// and how long it lives is what is left of the distribution beyond. Drawn by rejection, from
    /// whichever of two pools has fewer that do not pass: the servers that are there at an instant
    /// (who lives twice as long is met twice as often, and is as likely at the beginning of its
    /// life as at the end), or all that come in the window.
    fn passing(&self, lives: &Lifetimes, stream: &mut Stream) -> Coming {
        let (left, life) = loop {
            if lives.mean() < self.from - self.until {
                let life = stream.draw_by_length(lives);
                let left = life * stream.uniform();
                if self.until < left && left < self.from {
                    break (left, life);
                }
            } else {
                let left = self.until + (self.from - self.until) * stream.uniform();
                let life = stream.draw_lifetime(lives);
                if life > left {
                    break (left, life);
                }
            }
        };
        let micros = |hours: f64| (hours * MICROS_PER_HOUR as f64).min(1e17) as i64;
        let at = self.bound - micros(left).max(1);
        // It does pass the boundary.
        let life = micros(life).max(self.bound - at + 1);
        Coming { at: Instant::from_micros(at), life }
    }
}

/// The sum of a Poisson number of steps each: `expected[k - 1]` of `k` steps come on average.
fn compound(expected: &[f64]) -> Counts {
    let all: f64 = expected.iter().sum();
    let weights: Vec<f64> = (1..).zip(expected).map(|(k, e)| f64::from(k) * e).collect();
    let mut probabilities = vec![(-all).exp()];
    let mut sum = probabilities[0];
    // Where it is as near to 1 as adding up can tell, the rest is not drawn in a universe's
    // time.
    let mean: f64 = weights.iter().sum();
    let squares: f64 = (1..).zip(&weights).map(|(k, w)| f64::from(k) * w).sum();
    let enough = mean + 12.0 * squares.sqrt() + 4.0 * expected.len() as f64;
    while sum < 1.0 - 1e-15 && (probabilities.len() as f64) < enough {
        let number = probabilities.len();
        let most = number.min(weights.len());
        let before = probabilities[number - most..].iter().rev();
        let products: f64 = weights[..most].iter().zip(before).map(|(w, p)| w * p).sum();
        let probability = products / number as f64;
        sum += probability;
        probabilities.push(probability);
    }
    Counts::new(&probabilities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compound_sum_is_what_adding_up_all_ways_gives() {
        // One of 1 step and half of one of 3 steps come on average.
        let table = compound(&[1.0, 0.0, 0.5]);
        let poisson = |mean: f64, count: u32| {
            let factorial: f64 = (1..=count).map(f64::from).product();
            (-mean).exp() * mean.powi(count.cast_signed()) / factorial
        };
        let mut up_to = 0.0;
        for sum in 0..12_u32 {
            let ways =
                (0..=sum / 3).map(|threes| poisson(0.5, threes) * poisson(1.0, sum - 3 * threes));
            up_to += ways.sum::<f64>();
            assert!((table.up_to()[sum as usize] - up_to).abs() < 1e-13, "{sum}");
        }
        assert_eq!(table.at(0.0), 0);
        assert_eq!(table.at(table.up_to()[4]), 5);
    }
}
