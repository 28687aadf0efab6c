//! Where the steps of servers of one make belong, for one account.

use crate::book::Sku;
use crate::project::plan::Coming;
use crate::project::runs::Simulation;
use crate::project::runs::gauge::{Gauge, Stretch};
use crate::value::{AccountId, FlavorId, MICROS_PER_SECOND, OsId, RegionId, Span};

/// What decides the SKUs of a server.
pub(super) type Make = (FlavorId, RegionId, OsId);

/// Where the steps of servers of one make belong.
pub(super) struct Lane {
    /// Where segments begin, and the end of the last one.
    pub(super) bounds: Vec<i64>,
    /// The length of a step.
    pub(super) step: u64,
    /// For each SKU: the base units of a step, and each segment's line.
    skus: Vec<(u128, Vec<usize>)>,
}

impl Lane {
    /// The lane of an account's servers of a make: server, licence and support (R3, R3a, R3b).
    pub(super) fn of(
        simulation: &Simulation<'_>,
        account: AccountId,
        (flavor, region, system): Make,
        gauge: &mut Gauge<'_>,
    ) -> Lane {
        let book = simulation.book;
        let level = simulation.accounts.get(account).level;
        let mut skus = vec![(1, gauge.stretches(Sku::Server(flavor), region))];
        if book.licensed_systems.contains(&system) {
            skus.push((1, gauge.stretches(Sku::License(system, flavor), region)));
        }
        if book.supported_levels.contains(&level) {
            let units = book.flavors.get(&flavor).map_or(0, |flavor| flavor.support_units);
            skus.push((u128::from(units), gauge.stretches(Sku::Support(level), region)));
        }
        let starts = skus.iter().flat_map(|(_, stretches)| stretches);
        let mut bounds: Vec<i64> = starts.map(|stretch| stretch.span.start.micros()).collect();
        bounds.push(simulation.run.end.micros());
        bounds.sort_unstable();
        bounds.dedup();
        let lines = |stretches: &[Stretch]| {
            let line_at = |start: &i64| {
                let after = stretches.partition_point(|s| s.span.start.micros() <= *start);
                stretches[after.saturating_sub(1)].line
            };
            bounds[..bounds.len() - 1].iter().map(line_at).collect()
        };
        let skus = skus.iter().map(|(units, stretches)| (*units, lines(stretches))).collect();
        let step = u64::from(book.server_increment) * MICROS_PER_SECOND.unsigned_abs();
        Lane { bounds, step, skus }
    }

    /// No steps in any segment.
    pub(super) fn nothing(&self) -> Vec<u64> {
        vec![0; self.bounds.len() - 1]
    }

    /// Adds a server's started steps to the segments in which they start (M2).
    pub(super) fn run(&self, coming: Coming, steps: &mut [u64]) {
        self.count(coming.at.micros(), coming.span(), steps);
    }

    /// Adds the steps of a server's grid that start within a span (M2).
    pub(super) fn count(&self, created: i64, span: Span, steps: &mut [u64]) {
        let (start, end) = (span.start.micros(), span.end.micros().min(self.bounds[steps.len()]));
        let started_before = |until: i64| (until - created).unsigned_abs().div_ceil(self.step);
        let mut segment = self.bounds.partition_point(|bound| *bound <= start).saturating_sub(1);
        let mut before = started_before(start);
        while segment < steps.len() && start < end {
            let until = end.min(self.bounds[segment + 1]);
            let started = started_before(until);
            steps[segment] += started - before;
            before = started;
            if until == end {
                break;
            }
            segment += 1;
        }
    }

    /// Adds the steps of each segment to the lines that they belong to.
    pub(super) fn add(&self, steps: &[u64], units: &mut [u128]) {
        for (per_step, lines) in &self.skus {
            for (line, steps) in lines.iter().zip(steps) {
                units[*line] += per_step * u128::from(*steps);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Instant;

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    #[test]
    fn a_started_step_belongs_to_the_segment_in_which_it_starts() {
        let lane = Lane { bounds: vec![0, 100, 200], step: 30, skus: Vec::new() };
        let mut steps = vec![0; 2];
        // Steps start at 50, 80, 110, 140 and 170: two before 100, three behind.
        lane.run(Coming { at: at(50), life: 121 }, &mut steps);
        assert_eq!(steps, [2, 3]);
        // What goes on after the end is cut there.
        lane.run(Coming { at: at(190), life: 1_000 }, &mut steps);
        assert_eq!(steps, [2, 4]);
        lane.run(Coming { at: at(100), life: 1 }, &mut steps);
        assert_eq!(steps, [2, 5]);
        // One that was created before: its steps start at -10, 20, 50, 80, 110.
        let mut steps = vec![0; 2];
        lane.count(-10, Span { start: at(0), end: at(111) }, &mut steps);
        assert_eq!(steps, [3, 1]);
    }
}
