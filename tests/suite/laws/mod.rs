//! Laws: what holds for every input. Random worlds where a rich input helps, small random logs
//! where a counterexample should be readable.
//!
//! `SHAREBILL_LAWS=20` tries twenty times as many cases.

mod input;
mod more;
mod policies;
mod seams;
mod servers;
mod sums;

use chrono::{NaiveDate, NaiveTime, SecondsFormat, TimeDelta};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use proptest::prelude::*;

use sharebill::account::Accounts;
use sharebill::bill::{Bill, Options, bill, live, run_of};
use sharebill::book::Book;
use sharebill::meter::Context;
use sharebill::price::Pricing;
use sharebill::read::book::{BookFiles, load};
use sharebill::read::events::{EventRows, Input, read_csv};
use sharebill::value::{Instant, Names};
use sharebill::world::{Enforcement, History};

use crate::consequences::columns;
use crate::support::Texts;
use crate::worlds::world;

/// Texts that have been read, for laws about what lies between texts and outputs.
pub(crate) struct Loaded {
    pub(crate) names: Names,
    pub(crate) book: Book,
    pub(crate) accounts: Accounts,
    pub(crate) rows: EventRows,
    pub(crate) options: Options,
}

impl Loaded {
    pub(crate) fn of(texts: &Texts) -> Loaded {
        let mut names = Names::default();
        let files = BookFiles {
            folder: "book".to_owned(),
            settings: Some(texts.book_toml.clone().into_bytes()),
            rates: Some(texts.rates.clone().into_bytes()),
            flavors: Some(texts.flavors.clone().into_bytes()),
            discounts: texts.discounts.clone().map(String::into_bytes),
        };
        let book = load(&files, &mut names).book.expect("a book");
        let accounts = texts.accounts.as_ref().map_or_else(
            || Accounts::new(book.default_level),
            |text| {
                let bytes = text.as_bytes();
                let read = sharebill::read::accounts::read;
                read("accounts.csv", bytes, &book, &mut names, &mut Vec::new())
            },
        );
        let mut rows = EventRows::default();
        for (index, (name, text)) in (0..).zip(&texts.events) {
            read_csv(Input { index, name, bytes: text.as_bytes() }, true, &mut names, &mut rows);
        }
        let instant = |text: &Option<String>| {
            text.as_deref().map(|text| Instant::parse_date_or_instant(text).expect("an instant"))
        };
        let options = Options {
            enforcement: texts.enforcement,
            start: instant(&texts.start),
            end: instant(&texts.end),
            allow_unpriced: false,
            threads: texts.threads,
            piece: texts.piece,
        };
        Loaded { names, book, accounts, rows, options }
    }

    pub(crate) fn bill(&self) -> Bill {
        let events = self.rows.events.clone();
        bill(events, &self.book, &self.accounts, &self.names, &self.options).expect("a bill")
    }

    /// What the simulator tells, and what it is to be measured and priced with.
    pub(crate) fn lived(&self) -> (History, Context<'_>, Pricing<'_>) {
        let (book, accounts) = (&self.book, &self.accounts);
        let run = run_of(&self.rows.events, &self.options).expect("a run");
        let (history, _) =
            live(&self.rows.events, book, &self.names, run, &self.options).expect("a life");
        let pricing = Pricing { book, accounts, run, allow_unpriced: false };
        (history, Context { book, accounts, run }, pricing)
    }
}

/// The world of a seed, under a policy.
pub(crate) fn texts_of(seed: u64, enforcement: Enforcement) -> Texts {
    let world = world(seed);
    Texts {
        book_toml: world.book_toml,
        rates: world.rates,
        flavors: world.flavors,
        discounts: world.discounts,
        accounts: world.accounts,
        events: vec![("events.csv".to_owned(), world.events)],
        enforcement,
        start: world.start,
        end: world.end,
        threads: 1,
        piece: 1,
    }
}

fn policy() -> impl Strategy<Value = Enforcement> {
    prop_oneof![Just(Enforcement::Report), Just(Enforcement::Enforce)]
}

/// A world, as its seed and policy: a failure prints them, and they are the whole input.
fn a_world() -> impl Strategy<Value = (u64, Enforcement)> {
    (0..1_000_000_u64, policy())
}

/// So many cases, or a multiple of it; no files are left behind.
fn cases(few: u32) -> ProptestConfig {
    let factor = std::env::var("SHAREBILL_LAWS").ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        cases: few * factor.unwrap_or(1),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    }
}

/// The number that a decimal text stands for.
fn number(text: &str) -> BigRational {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().expect("a decimal");
    BigRational::new(digits, BigInt::from(10).pow(fraction.len() as u32))
}

fn sum(texts: impl IntoIterator<Item = String>) -> BigRational {
    texts.into_iter().fold(BigRational::zero(), |sum, text| sum + number(&text))
}

/// A number rounded to so many digits, in units of the last; ties as `tie_goes_away` says of the
/// magnitude's whole part.
fn rounded(
    exact: &BigRational,
    digits: usize,
    tie_goes_away: impl Fn(&BigInt) -> bool,
) -> BigRational {
    let scale = BigRational::from_integer(BigInt::from(10).pow(digits as u32));
    let magnitude = exact.abs() * &scale;
    let (floor, rest) = (magnitude.trunc().to_integer(), magnitude.fract());
    let half = BigRational::new(BigInt::one(), BigInt::from(2));
    let away = rest > half || (rest == half && tie_goes_away(&floor));
    let units = BigRational::from_integer(if away { floor + 1 } else { floor });
    exact.signum() * units / scale
}

fn is_odd(number: &BigInt) -> bool {
    (number % 2_u32) == BigInt::one()
}

/// A number that is not negative and has so many digits at most, with exactly so many.
fn fixed(number: &BigRational, digits: usize) -> String {
    let scale = BigInt::from(10).pow(digits as u32);
    let units = (number * &scale).to_integer();
    format!("{}.{:0>digits$}", &units / &scale, (&units % &scale).to_string())
}

/// A well mixed number of two.
fn mix(seed: u64, index: u64) -> u64 {
    let mut bits = seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Header and rows of the one log that texts have.
fn log_of(texts: &Texts) -> (String, Vec<String>) {
    let mut lines = texts.events[0].1.lines().map(str::to_owned);
    (lines.next().expect("a header"), lines.collect())
}

/// The same texts with these logs instead.
fn with_logs(texts: &Texts, header: &str, logs: &[Vec<String>]) -> Texts {
    let events = logs.iter().enumerate().map(|(number, rows)| {
        let text = rows.iter().fold(format!("{header}\n"), |text, row| text + row + "\n");
        (format!("events-{number}.csv"), text)
    });
    Texts { events: events.collect(), ..texts.clone() }
}

/// The rows of a CSV text, as these columns.
fn records(csv: &str, names: &[&str]) -> Vec<Vec<String>> {
    let by_column: Vec<Vec<String>> = names.iter().map(|name| columns(csv, &[name])).collect();
    let count = by_column[0].len();
    (0..count).map(|row| by_column.iter().map(|column| column[row].clone()).collect()).collect()
}

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;
/// March and April 2016.
const TWO_MONTHS: i64 = 61 * DAY;

/// So many microseconds after the beginning of March 2016, or before it.
fn at(micros: i64) -> String {
    let instant = first_of(3).and_time(NaiveTime::MIN).and_utc() + TimeDelta::microseconds(micros);
    let with_micros = instant.to_rfc3339_opts(SecondsFormat::Micros, true);
    with_micros.replace(".000000Z", "Z")
}

/// The first day of a month of 2016.
fn first_of(month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2016, month, 1).expect("a month")
}
