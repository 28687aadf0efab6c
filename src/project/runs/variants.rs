//! What varies from run to run: by Latin hypercube, so that each number is drawn once from each of
//! as many equal parts of its distribution as there are runs.
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become decimals")]

use std::ops::Range;

use crate::book::Book;
use crate::project::luck::{Purpose, Stream};
use crate::project::prices::changed;
use crate::project::runs::threads::in_parts;
use crate::project::runs::{ProjectError, Simulation};
use crate::read::scenario::Vary;
use crate::scenario::Scenario;

/// The scenario of each run.
pub(super) struct Variants<'a> {
    base: &'a Scenario,
    base_book: Book,
    /// For each run; none where nothing varies.
    of_runs: Vec<Variant>,
    /// For each number that varies: its value in each run.
    pub(super) drawn: Vec<Vec<f64>>,
}

struct Variant {
    scenario: Scenario,
    book: Option<Book>,
    differs: Differs,
}

/// Where a run's scenario is another than the one that is planned: found out once for all accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Differs {
    /// Places of images that are.
    pub(super) images: Vec<usize>,
    /// Of fleets.
    pub(super) fleets: Vec<usize>,
    /// Whether one of the fleets is another account's as well.
    pub(super) owners: bool,
}

impl Differs {
    fn between(drawn: &Scenario, planned: &Scenario) -> Differs {
        let fleets = drawn.fleets.iter().zip(&planned.fleets);
        Differs {
            images: places(&drawn.images, &planned.images),
            fleets: places(&drawn.fleets, &planned.fleets),
            owners: fleets.into_iter().any(|(drawn, planned)| drawn.accounts != planned.accounts),
        }
    }
}

/// The places at which two lists differ.
fn places<T: PartialEq>(one: &[T], other: &[T]) -> Vec<usize> {
    let pairs = one.iter().zip(other).enumerate();
    pairs.filter(|(_, (one, other))| one != other).map(|(place, _)| place).collect()
}

impl<'a> Variants<'a> {
    /// Draws all numbers of all runs.
    ///
    /// # Errors
    /// [`ProjectError::Draw`].
    pub(super) fn draw(simulation: &Simulation<'a>) -> Result<Variants<'a>, ProjectError> {
        let Simulation { scenario, varies, book, names, runs, seed, .. } = *simulation;
        let base_book = changed(book, &scenario.changes, names);
        let drawn: Vec<Vec<f64>> = varies.iter().map(|vary| hypercube(vary, seed, runs)).collect();
        let mut of_runs = Vec::new();
        if !varies.is_empty() {
            for read in in_parts(runs as usize, simulation.threads, |part| {
                read_runs(simulation, &drawn, part)
            }) {
                of_runs.extend(read?);
            }
        }
        Ok(Variants { base: scenario, base_book, of_runs, drawn })
    }

    /// The scenario and the prices of a run.
    pub(super) fn of(&self, run: u32) -> (&Scenario, &Book) {
        match self.of_runs.get(run as usize) {
            Some(variant) => (&variant.scenario, variant.book.as_ref().unwrap_or(&self.base_book)),
            None => (self.base, &self.base_book),
        }
    }

    /// Where the scenario of a run is another; `None` where nothing varies.
    pub(super) fn differs(&self, run: u32) -> Option<&Differs> {
        self.of_runs.get(run as usize).map(|variant| &variant.differs)
    }

    /// The scenario and the prices as the file has them.
    pub(super) fn base(&self) -> (&Scenario, &Book) {
        (self.base, &self.base_book)
    }
}

/// The scenarios of some runs.
fn read_runs(
    simulation: &Simulation<'_>,
    drawn: &[Vec<f64>],
    part: Range<usize>,
) -> Result<Vec<Variant>, ProjectError> {
    // Every name is known: nothing is added.
    let mut names = simulation.names.clone();
    let varies_prices = simulation.varies.iter().any(|vary| vary.path.starts_with("change"));
    let variant = |run: usize| {
        let values = simulation.varies.iter().zip(drawn);
        let draft =
            simulation.draft.with(values.map(|(vary, drawn)| (vary.path.as_str(), drawn[run])));
        let mut scenario = simulation
            .read(&draft, &mut names)
            .map_err(|message| ProjectError::Draw { run: run + 1, message })?;
        for (change, original) in scenario.changes.iter_mut().zip(&simulation.scenario.changes) {
            if let crate::scenario::ChangeKind::Book(..) = change.kind {
                change.kind.clone_from(&original.kind);
            }
        }
        let book = varies_prices.then(|| changed(simulation.book, &scenario.changes, &names));
        let differs = Differs::between(&scenario, simulation.scenario);
        Ok(Variant { scenario, book, differs })
    };
    part.map(variant).collect()
}

/// One number's values: one from each part of its distribution, in an order of its own.
fn hypercube(vary: &Vary, seed: u64, runs: u32) -> Vec<f64> {
    let purpose = Purpose::of(&["vary", &vary.path]);
    let mut stream = Stream::new(seed, 0, purpose);
    let mut parts: Vec<u32> = (0..runs).collect();
    // Fisher and Yates.
    for place in (1..parts.len()).rev() {
        let other = stream.below(place as u64 + 1) as usize;
        parts.swap(place, other);
    }
    let value = |part: u32| {
        let within = stream.uniform();
        // Not 0: some distributions have no least value.
        let probability = (f64::from(part) + within.max(1e-9)) / f64::from(runs);
        vary.distribution.quantile(probability)
    };
    parts.into_iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Distribution;

    #[test]
    fn each_part_of_a_distribution_is_drawn_once() {
        let distribution = Distribution::Uniform { low: 0.0, high: 100.0 };
        let vary = Vary { path: "fleet.0.count".to_owned(), distribution };
        let drawn = hypercube(&vary, 5, 100);
        let mut parts: Vec<usize> = drawn.iter().map(|value| *value as usize).collect();
        assert!(!parts.is_sorted(), "they are in an order of their own");
        parts.sort_unstable();
        assert_eq!(parts, (0..100).collect::<Vec<_>>());
    }
}
