//! Seeded random worlds, billed by the product and by the plain reference.
//!
//! 1,000 worlds by default; `SHAREBILL_WORLDS=20000` tries more, `SHAREBILL_WORLD=4711` one alone.

use sharebill::world::Enforcement;

use crate::reference::{self, Inputs};
use crate::support::{Outputs, Texts};
use crate::worlds::{World, world};

#[test]
fn random_worlds_agree_with_the_plain_reference() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds: Vec<u64> = match number("SHAREBILL_WORLD") {
        Some(seed) => vec![seed],
        None => (0..number("SHAREBILL_WORLDS").unwrap_or(1000)).collect(),
    };
    assert!(!seeds.is_empty(), "no world to look at");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = seeds.len().div_ceil(threads);
    let checked: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = seeds
            .chunks(share)
            .map(|seeds| scope.spawn(|| seeds.iter().map(|seed| check(*seed)).sum::<usize>()))
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("worlds agree")).sum()
    });
    assert_eq!(checked, 2 * seeds.len(), "each world is billed under both policies");
}

/// Compares one world under both policies; gives the number of comparisons.
fn check(seed: u64) -> usize {
    let world = world(seed);
    for enforcement in [Enforcement::Report, Enforcement::Enforce] {
        let texts = texts(&world, enforcement);
        let ours = texts.bill();
        let expected = expected(&world, enforcement == Enforcement::Enforce);
        compare(seed, enforcement, &ours, &expected);
    }
    2
}

fn texts(world: &World, enforcement: Enforcement) -> Texts {
    Texts {
        book_toml: world.book_toml.clone(),
        rates: world.rates.clone(),
        flavors: world.flavors.clone(),
        discounts: world.discounts.clone(),
        accounts: world.accounts.clone(),
        events: vec![("events.csv".to_owned(), world.events.clone())],
        enforcement,
        start: world.start.clone(),
        end: world.end.clone(),
        // The number of threads changes nothing: seeds take turns.
        threads: 1 + usize::try_from(world.seed % 3).unwrap_or(0),
        // Nor does how soon the world forgets: after every event, after a few, at the end.
        piece: [1, 7, usize::MAX][usize::try_from(world.seed % 3).unwrap_or(0)],
    }
}

fn expected(world: &World, enforce: bool) -> Outputs {
    let reference = reference::bill(&Inputs {
        book_toml: &world.book_toml,
        rates: &world.rates,
        flavors: &world.flavors,
        discounts: world.discounts.as_deref(),
        accounts: world.accounts.as_deref(),
        events: &[("events.csv", &world.events)],
        enforce,
        start: world.start.as_deref(),
        end: world.end.as_deref(),
    });
    let reference = reference.unwrap_or_else(|error| panic!("world {}: {error}", world.seed));
    let mut findings = reference.findings;
    findings.sort();
    Outputs {
        charges: reference.charges,
        statements: reference.statements,
        allocations: reference.allocations,
        sharing: reference.sharing,
        findings,
    }
}

fn compare(seed: u64, enforcement: Enforcement, ours: &Outputs, expected: &Outputs) {
    let replay = format!(
        "world {seed}, {enforcement:?}; replay: SHAREBILL_WORLD={seed} cargo test --test suite \
         random_worlds"
    );
    for (name, ours, expected) in [
        ("charges", &ours.charges, &expected.charges),
        ("statements", &ours.statements, &expected.statements),
        ("allocations", &ours.allocations, &expected.allocations),
        ("sharing", &ours.sharing, &expected.sharing),
    ] {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (ours, expected) = (lines(ours), lines(expected));
        let differs = ours.iter().zip(&expected).position(|(a, b)| a != b);
        let place = differs.unwrap_or_else(|| ours.len().min(expected.len()));
        assert!(
            ours == expected,
            "{name}.csv, line {}:\n  expected {:?}\n  got      {:?}\n{replay}",
            place + 1,
            expected.get(place),
            ours.get(place)
        );
    }
    assert_eq!(ours.findings, expected.findings, "{replay}");
}
