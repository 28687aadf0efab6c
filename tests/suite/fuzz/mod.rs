//! Readers meet inputs that are nearly right: seeds of the golden cases, changed at random.
//!
//! It is what a fuzzer does, without its feedback: `fuzz/` has the same targets for one. By default
//! each target gets two hundred of them, always the same; `SHAREBILL_FUZZ_COUNT` gives each as many,
//! `SHAREBILL_FUZZ_SECONDS` gives each as many seconds, and
//! `SHAREBILL_SEED` begins elsewhere. `SHAREBILL_FUZZ_SEEDS=FOLDER` writes the seeds for the fuzzer.

mod regressions;
mod seeds;
pub(crate) mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use targets::{ALL, Target};

use crate::support::root;

#[test]
fn readers_take_whatever_comes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seconds: Option<u64> = number("SHAREBILL_FUZZ_SECONDS");
    let changed = number("SHAREBILL_FUZZ_COUNT").unwrap_or(USUAL_COUNT);
    let limit = seconds.map_or(Limit::Count(changed), Limit::Seconds);
    let seed = number("SHAREBILL_SEED").unwrap_or(1);
    let counts = ALL.map(|target| format!("{} {}", target.0, try_out(target, limit, seed)));
    tell(&counts.join(", "));
}

#[expect(clippy::print_stderr, reason = "the counts are what one wants to know")]
fn tell(counts: &str) {
    eprintln!("inputs tried: {counts}");
}

/// How many changed inputs a target gets where nobody says more.
const USUAL_COUNT: u64 = 200;

/// When it is enough.
#[derive(Clone, Copy)]
enum Limit {
    /// After so many changed inputs: the same ones on any machine.
    Count(u64),
    Seconds(u64),
}

/// Every seed as it is, and then changed ones until it is enough; how many there were.
fn try_out((name, target): Target, limit: Limit, seed: u64) -> u64 {
    let seeds = seeds::of(name);
    assert!(seeds.len() >= 3, "{name} has {} seeds", seeds.len());
    let begin = Instant::now();
    let is_over = |changed: u64| match limit {
        Limit::Count(count) => changed >= count,
        Limit::Seconds(seconds) => begin.elapsed() >= Duration::from_secs(seconds),
    };
    let mut dice = Dice(seed ^ name.len() as u64);
    for bytes in &seeds {
        run(name, target, bytes);
    }
    let mut changed_count = 0;
    while !is_over(changed_count) {
        run(name, target, &changed(&seeds, &mut dice));
        changed_count += 1;
    }
    seeds.len() as u64 + changed_count
}

fn run(name: &str, target: fn(&[u8]), bytes: &[u8]) {
    if let Err(panic) = catch_unwind(|| target(bytes)) {
        let path = failure_path(name);
        fs::write(&path, bytes).expect("a file");
        let why = panic.downcast_ref::<String>().map(String::as_str);
        let why = why.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
        panic!("{name} does not hold for {}: {why}", path.display());
    }
}

/// Where an input is kept that something is wrong with.
fn failure_path(name: &str) -> PathBuf {
    let folder = root().join("target/fuzz-failures");
    fs::create_dir_all(&folder).expect("a folder");
    folder.join(name)
}

/// Splitmix64: small, and good enough to choose places.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("it is below a usize")
    }
}

/// Words that readers look for, and numbers at the edge of what they take.
const WORDS: [&str; 40] = [
    "\"",
    "\"\"",
    ",",
    "\n",
    "\r\n",
    "\r",
    "\u{feff}",
    "\0",
    "{",
    "}",
    "[",
    "]",
    ":",
    "null",
    "-1",
    "0",
    "9223372036854775807",
    "9223372036854775808",
    "79228162514264337593543950335",
    "0.0000000000000000000000000001",
    "1e9",
    "NaN",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2016-02-30T00:00:00Z",
    "0001-01-01",
    "+14:00",
    "*",
    "é",
    "\u{1b}[31m",
    "\u{202e}",
    "image.create",
    "server.create",
    "image.member.update",
    "accepted",
    "GB-month",
    "volume",
    "package",
    "\\u0000",
    "\u{1c}",
];

/// A seed with a few changes.
fn changed(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let length = dice.below(24).min(bytes.len() - at);
        match dice.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 if at < bytes.len() => bytes[at] = dice.next() as u8,
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let copied = bytes[at..at + length].to_vec();
                let to = dice.below(bytes.len() + 1);
                bytes.splice(to..to, copied);
            }
            4 | 5 => {
                let word = WORDS[dice.below(WORDS.len())];
                let gone = if dice.below(2) == 0 { 0 } else { length.min(word.len()) };
                bytes.splice(at..at + gone, word.bytes());
            }
            6 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len() + 1);
                let part = other[from..other.len().min(from + dice.below(200))].to_vec();
                bytes.splice(at..at + length, part);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}
