//! The steps of servers that come and go, without working out each lifetime.
//!
//! Most servers are gone before the next boundary (of a cycle or a price). Of them nothing matters
//! but how many steps they have started, and with lognormal lifetimes that is where the draw of
//! the bell lies between thresholds that are the same for all: a look into a table instead of an
//! exponential and divisions. Whatever lies too near to a threshold, or may pass a boundary, is
//! worked out as ever: the same draws give the same steps, one by one (`tests/suite/chance.rs`).
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become whole steps")]

use crate::project::luck::Purpose;
use crate::project::plan::{Coming, Inflow, life};
use crate::project::runs::lane::Lane;
use crate::scenario::{Distribution, MICROS_PER_HOUR};
use crate::value::Instant;

/// Thresholds of the bell, and where boundaries lie.
#[derive(Debug)]
pub(super) struct Quick {
    mu: f64,
    sigma: f64,
    /// How near to a threshold a draw may lie without being worked out.
    room: f64,
    /// A server whose draw lies below the n-th has started n steps or fewer (from 0, where none
    /// has).
    thresholds: Vec<f64>,
    /// For each of many equal parts of the draws from [`LOWEST`] on: the steps of those at its
    /// beginning; those past the next threshold have one more. [`CLOSER`] where others lie near.
    parts: Vec<u32>,
    /// For each of many equal parts of the run, of so many bits: the segment that it begins in.
    segments: Vec<u32>,
    bits: u32,
}

/// Draws below are worked out.
const LOWEST: f64 = -6.0;
/// How many parts of the draws there are for 1.
const PARTS: f64 = 256.0;
/// The steps have to be found among the thresholds.
const CLOSER: u32 = u32::MAX;
/// How many steps are looked up; who has more is worked out.
const MOST_STEPS: i32 = 4096;
/// Draws from here on are worked out.
const HIGHEST: f64 = 6.0;
/// How many parts of the run there are at most.
const MOST_SEGMENT_PARTS: i64 = 1024;

impl Quick {
    /// For servers that come at any time within a lane; `None` where each is worked out: other
    /// lifetimes, or servers that wait for an image.
    pub(super) fn new(inflow: &Inflow, lane: &Lane) -> Option<Quick> {
        let Distribution::Lognormal { mu, sigma } = *inflow.lifetime() else { return None };
        if !inflow.never_waits() {
            return None;
        }
        Quick::of(mu, sigma, &lane.bounds, lane.step)
    }

    fn of(mu: f64, sigma: f64, bounds: &[i64], step_micros: u64) -> Option<Quick> {
        if sigma < 1e-3 {
            return None;
        }
        let step = step_micros as f64 / MICROS_PER_HOUR as f64;
        let threshold = |steps: i32| ((f64::from(steps) * step).ln() - mu) / sigma;
        let below_highest = |threshold: &f64| *threshold < HIGHEST;
        let mut thresholds: Vec<f64> =
            (1..=MOST_STEPS).map(threshold).take_while(below_highest).collect();
        thresholds.insert(0, f64::NEG_INFINITY);
        // A life is cut to whole microseconds: what is so near to a step may belong to it.
        let room = 4.0 / step_micros as f64 / sigma + 1e-9;
        let all = ((HIGHEST - LOWEST) * PARTS) as usize;
        let parts = (0..all).map(|part| {
            let (low, high) = (part as f64 / PARTS, (part + 1) as f64 / PARTS);
            let steps = |draw: f64| thresholds.partition_point(|threshold| *threshold <= draw);
            let (first, last) = (steps(LOWEST + low - room), steps(LOWEST + high + room));
            let is_known = first == last || first + 1 == last;
            let is_known = is_known && first > 0 && first < thresholds.len();
            if is_known { first as u32 } else { CLOSER }
        });
        let parts = parts.collect();
        let (start, end) = (bounds[0], bounds[bounds.len() - 1]);
        let bits = (0..63).find(|bits| (end - start) >> bits < MOST_SEGMENT_PARTS)?;
        let segments = (0..=(end - start) >> bits).map(|part| {
            let at = start + (part << bits);
            (bounds.partition_point(|bound| *bound <= at) - 1) as u32
        });
        let segments = segments.collect();
        Some(Quick { mu, sigma, room, thresholds, parts, segments, bits })
    }

    /// Adds the steps of all that come in a run.
    pub(super) fn run(
        &self,
        inflow: &Inflow,
        lane: &Lane,
        (seed, run): (u64, u64),
        purpose: Purpose,
        steps: &mut [u64],
    ) {
        let (start, last) = (lane.bounds[0], steps.len() - 1);
        inflow.comers(seed, run, purpose, |at, stream| {
            let draw = stream.bell();
            let micros = at.micros();
            if let Some(started) = self.started(draw) {
                let mut segment = self.segments[((micros - start) >> self.bits) as usize] as usize;
                while segment < last && lane.bounds[segment + 1] <= micros {
                    segment += 1;
                }
                let left = (lane.bounds[segment + 1] - micros).unsigned_abs();
                if u64::from(started) * lane.step <= left {
                    steps[segment] += u64::from(started);
                    return;
                }
            }
            let life = life((self.mu + self.sigma * draw).exp());
            lane.run(Coming { at: Instant::from_micros(micros), life }, steps);
        });
    }

    /// How many steps a server with this draw has started in all; `None` where that has to be
    /// worked out.
    fn started(&self, draw: f64) -> Option<u32> {
        let part = (draw - LOWEST) * PARTS;
        // Not below 0, and a number.
        if part.is_nan() || part < 0.0 {
            return None;
        }
        match *self.parts.get(part as usize)? {
            CLOSER => self.look_closer(draw),
            steps => {
                let threshold = self.thresholds[steps as usize];
                let is_clear = (threshold - draw).abs() > self.room;
                is_clear.then_some(steps + u32::from(threshold <= draw))
            }
        }
    }

    #[cold]
    fn look_closer(&self, draw: f64) -> Option<u32> {
        let steps = self.thresholds.partition_point(|threshold| *threshold <= draw);
        let is_clear = self.thresholds.get(steps)? - draw > self.room
            && draw - self.thresholds[steps - 1] > self.room;
        is_clear.then_some(steps as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps of an hour; half of all live for six hours.
    fn quick() -> Quick {
        let lane_step = MICROS_PER_HOUR.unsigned_abs();
        let (mu, sigma) = (6.0_f64.ln(), 1.5);
        let bounds = vec![0, 100 * MICROS_PER_HOUR, 1000 * MICROS_PER_HOUR];
        Quick::of(mu, sigma, &bounds, lane_step).expect("lognormal")
    }

    #[test]
    fn what_is_looked_up_is_what_is_worked_out() {
        let quick = quick();
        let mut looked_up = 0;
        for number in 0..200_000 {
            let draw = -7.0 + f64::from(number) * 14.0 / 200_000.0;
            let life = life((quick.mu + quick.sigma * draw).exp());
            let worked_out = life.unsigned_abs().div_ceil(MICROS_PER_HOUR.unsigned_abs());
            if let Some(started) = quick.started(draw) {
                assert_eq!(u64::from(started), worked_out, "{draw}");
                looked_up += 1;
            }
        }
        assert!(looked_up > 140_000, "{looked_up}");
    }

    #[test]
    fn what_lies_on_a_threshold_is_worked_out() {
        let quick = quick();
        for threshold in &quick.thresholds[1..50] {
            assert_eq!(quick.started(*threshold), None);
            assert_eq!(quick.started(threshold + quick.room / 2.0), None);
            assert!(quick.started(threshold + 2.0 * quick.room).is_some());
        }
        for draw in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -6.1, 6.1] {
            assert_eq!(quick.started(draw), None, "{draw}");
        }
    }
}
