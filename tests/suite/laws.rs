//! Laws: what holds for every input. Random worlds where a rich input helps, small random logs
//! where a counterexample should be readable.
//!
//! `SHAREBILL_LAWS=20` tries twenty times as many cases.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SecondsFormat, TimeDelta};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use proptest::prelude::*;

use sharebill::account::Accounts;
use sharebill::bill::{Bill, Options, bill, live, run_of};
use sharebill::book::Book;
use sharebill::meter::{Context, Usage, measure};
use sharebill::price::{self, Pricing};
use sharebill::read::book::{BookFiles, load};
use sharebill::read::events::{EventRows, Input, read_csv};
use sharebill::value::{Instant, Names, ResourceId};
use sharebill::world::{Enforcement, History};

use crate::consequences::{columns, log};
use crate::support::{Outputs, Texts, small_book};
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

/// Everything that must not depend on where rows stand: outputs, and what was found on what.
fn outcome(texts: &Texts) -> Outputs {
    let mut outputs = texts.bill();
    for (_, line, _) in &mut outputs.findings {
        *line = 0;
    }
    outputs.findings.sort();
    outputs
}

// ------------------------------------------------------------------------------ the input's shape

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn order_and_splitting_of_the_input_and_threads_change_nothing(
        (seed, enforcement) in a_world(), shuffle in any::<u64>(), file_count in 1..6_usize,
        threads in 1..9_usize,
    ) {
        let texts = texts_of(seed, enforcement);
        let (header, rows) = log_of(&texts);
        let orders = (0..).map(|place| mix(shuffle, place));
        let mut rows: Vec<(u64, String)> = orders.zip(rows).collect();
        rows.sort();
        let mut logs = vec![Vec::new(); file_count];
        for (order, row) in rows {
            logs[(order % 1009) as usize % file_count].push(row);
        }
        let shuffled = Texts { threads, ..with_logs(&texts, &header, &logs) };
        prop_assert_eq!(outcome(&shuffled), outcome(&texts));
    }

    #[test]
    fn a_row_that_comes_again_with_its_id_changes_nothing(
        (seed, enforcement) in a_world(), choice in any::<u64>(),
    ) {
        let texts = texts_of(seed, enforcement);
        let (header, rows) = log_of(&texts);
        let ids = columns(&texts.events[0].1, &["id"]);
        // Of ids that stand for two different events, the second would be told once more.
        let distinct: BTreeSet<_> = ids.iter().zip(&rows).collect();
        let meanings = |id: &String| distinct.iter().filter(|(known, _)| *known == id).count();
        let repeats = rows.iter().zip(&ids).zip(0..).filter(|((_, id), place)| {
            !id.is_empty() && meanings(id) == 1 && mix(choice, *place).is_multiple_of(3)
        });
        let mut again: Vec<String> = repeats.map(|((row, _), _)| row.clone()).collect();
        again.extend(rows);
        prop_assert_eq!(outcome(&with_logs(&texts, &header, &[again])), outcome(&texts));
    }

    #[test]
    fn times_with_other_offsets_are_the_same_instants(
        (seed, enforcement) in a_world(), choice in any::<u64>(),
    ) {
        let texts = texts_of(seed, enforcement);
        let (header, mut rows) = log_of(&texts);
        for ((row, time), place) in
            rows.iter_mut().zip(columns(&texts.events[0].1, &["time"])).zip(0..)
        {
            // From -12:00 to +14:00, in quarters of an hour.
            let offset = i32::try_from(mix(choice, place) % 105).unwrap() * 900 - 12 * 3600;
            let zone = FixedOffset::east_opt(offset).unwrap();
            let instant = DateTime::parse_from_rfc3339(&time).unwrap().with_timezone(&zone);
            *row = row.replace(&time, &instant.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        }
        prop_assert_eq!(with_logs(&texts, &header, &[rows]).bill(), texts.bill());
    }
}

// -------------------------------------------------------------------------------------- the sums

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn statements_are_the_sums_of_charges(world in a_world()) {
        let outputs = texts_of(world.0, world.1).bill();
        let mut sums: BTreeMap<[String; 3], BigRational> = BTreeMap::new();
        for row in records(&outputs.charges, &["account", "cycle_start", "sku", "amount"]) {
            let [account, cycle, sku, amount] = row.as_slice() else { unreachable!() };
            for category in [category(sku), "total"] {
                let key = [account, cycle, category].map(str::to_owned);
                *sums.entry(key).or_insert_with(BigRational::zero) += number(amount);
            }
        }
        let mut told = BTreeMap::new();
        for category in CATEGORIES.into_iter().chain(["total"]) {
            for row in records(&outputs.statements, &["account", "cycle_start", category]) {
                let [account, cycle, amount] = row.as_slice() else { unreachable!() };
                let key = [account, cycle, category].map(str::to_owned);
                sums.entry(key.clone()).or_insert_with(BigRational::zero);
                told.insert(key, number(amount));
            }
        }
        prop_assert_eq!(told, sums);
    }

    #[test]
    fn allocations_split_each_charge_exactly(world in a_world()) {
        let bill = Loaded::of(&texts_of(world.0, world.1)).bill();
        for (index, charge) in bill.charges.iter().enumerate() {
            let parts: Vec<_> =
                bill.allocations.iter().filter(|part| part.charge == index).collect();
            prop_assert!(!parts.is_empty());
            let amounts = parts.iter().map(|part| part.amount.decimal().to_string());
            let quantities = parts.iter().map(|part| part.quantity.decimal().to_string());
            prop_assert_eq!(sum(amounts), number(&charge.amount.to_string()));
            prop_assert_eq!(sum(quantities), number(&charge.quantity.to_string()));
        }
    }

    #[test]
    fn sharing_is_the_sum_of_the_allocations_of_its_roles(world in a_world()) {
        let outputs = texts_of(world.0, world.1).bill();
        let mut told = BTreeMap::new();
        let names = ["image", "cycle_start", "consumer", "producer_storage", "consumer_servers",
                     "consumer_licenses_support", "consumer_reimages"];
        for row in records(&outputs.sharing, &names) {
            let [image, cycle, consumer, amounts @ ..] = row.as_slice() else { unreachable!() };
            told.insert([image, cycle, consumer].map(String::clone), amounts.to_vec());
        }
        prop_assert_eq!(gathered(&outputs, &told), told);
    }

    #[test]
    fn every_charge_recomputes_from_its_printed_row(world in a_world()) {
        let texts = texts_of(world.0, world.1);
        let is_half_even = texts.book_toml.contains("rounding = \"half-even\"");
        let decimals = texts.book_toml.split("quantity_decimals = ").nth(1).unwrap();
        let decimals: usize = decimals.lines().next().unwrap().parse().unwrap();
        let outputs = texts.bill();
        let names = ["quantity", "unit_price", "amount", "currency"];
        for row in records(&outputs.charges, &names) {
            let [quantity, price, amount, currency] = row.as_slice() else { unreachable!() };
            let digits = minor_digits(currency);
            let exact = number(quantity) * number(price);
            let expected = rounded(&exact, digits, |floor| !is_half_even || is_odd(floor));
            prop_assert_eq!(number(amount), expected, "{} x {}", quantity, price);
            prop_assert_eq!(fraction_digits(amount), digits, "{}", amount);
            prop_assert_eq!(fraction_digits(quantity), decimals, "{}", quantity);
            prop_assert!(!(number(amount).is_zero() && number(quantity).is_zero()));
            prop_assert!(!(amount.starts_with('-') && number(amount).is_zero()), "{}", amount);
        }
        for row in records(&outputs.statements, &["storage", "discount", "total", "currency"]) {
            let (currency, amounts) = row.split_last().unwrap();
            for amount in amounts {
                prop_assert_eq!(fraction_digits(amount), minor_digits(currency), "{}", amount);
            }
        }
    }
}

const CATEGORIES: [&str; 8] =
    ["storage", "servers", "licenses", "support", "transfer", "minimum", "fee", "discount"];

/// The column of a statement that a SKU is added up in.
fn category(sku: &str) -> &'static str {
    match sku.split_once(':').map_or(sku, |(kind, _)| kind) {
        "image.storage" | "object.storage" => "storage",
        "server" => "servers",
        "license" => "licenses",
        "support" => "support",
        "transfer.out" => "transfer",
        "minimum" => "minimum",
        "fee" => "fee",
        "discount" => "discount",
        other => panic!("no rule charges {other}"),
    }
}

/// The rows of a CSV text, as these columns.
fn records(csv: &str, names: &[&str]) -> Vec<Vec<String>> {
    let by_column: Vec<Vec<String>> = names.iter().map(|name| columns(csv, &[name])).collect();
    let count = by_column[0].len();
    (0..count).map(|row| by_column.iter().map(|column| column[row].clone()).collect()).collect()
}

/// ISO 4217, for the currencies that worlds have.
fn minor_digits(currency: &str) -> usize {
    match currency {
        "USD" | "GBP" => 2,
        "JPY" => 0,
        "KWD" => 3,
        other => panic!("no world has {other}"),
    }
}

fn fraction_digits(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

type Sharing = BTreeMap<[String; 3], Vec<String>>;

/// What `sharing.csv` should say, from `allocations.csv`. Which producers have a row, and whether
/// a re-image is one that is itself shared, is taken from `told`: amounts are not.
fn gathered(outputs: &Outputs, told: &Sharing) -> Sharing {
    let mut sums: BTreeMap<[String; 3], [BigRational; 4]> =
        told.keys().filter(|key| key[2].is_empty()).map(|key| (key.clone(), nothing())).collect();
    let names = ["role", "sku", "account", "cycle_start", "resource", "source_image", "amount"];
    for row in records(&outputs.allocations, &names) {
        let [role, sku, account, cycle, resource, source, amount] = row.as_slice() else {
            unreachable!()
        };
        let own = [resource.clone(), cycle.clone(), String::new()];
        let of_source = [source.clone(), cycle.clone(), account.clone()];
        let place = if sku.starts_with("server:") { 1 } else { 2 };
        let mut add = |key: [String; 3], place: usize| {
            sums.entry(key).or_insert_with(nothing)[place] += number(amount);
        };
        match role.as_str() {
            "producer-storage" => add(own, 0),
            "consumer-server" => add(of_source, place),
            "reimage-storage" => {
                add(of_source, 3);
                if told.contains_key(&own) {
                    add(own, 0);
                }
            }
            _ => {}
        }
    }
    sums.into_iter().map(|(key, amounts)| (key, amounts.map(|a| fixed(&a, 10)).to_vec())).collect()
}

fn nothing() -> [BigRational; 4] {
    std::array::from_fn(|_| BigRational::zero())
}

/// A number that is not negative and has so many digits at most, with exactly so many.
fn fixed(number: &BigRational, digits: usize) -> String {
    let scale = BigInt::from(10).pow(digits as u32);
    let units = (number * &scale).to_integer();
    format!("{}.{:0>digits$}", &units / &scale, (&units % &scale).to_string())
}

// -------------------------------------------------------------------------------------- the seams

/// The part of a history that is about these resources.
fn part_of(history: &History, is_in: impl Fn(ResourceId) -> bool) -> History {
    History {
        storage: history.storage.iter().filter(|s| is_in(s.resource)).copied().collect(),
        servers: history.servers.iter().filter(|s| is_in(s.server)).copied().collect(),
        transfers: history.transfers.iter().filter(|t| is_in(t.resource)).copied().collect(),
        ..History::default()
    }
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn usage_measured_apart_by_resource_adds_up_in_any_order(
        (seed, enforcement) in a_world(), choice in any::<u64>(), part_count in 1..5_u64,
        backwards in any::<bool>(),
    ) {
        let loaded = Loaded::of(&texts_of(seed, enforcement));
        let (history, context, _) = loaded.lived();
        let part_of_resource = |id: ResourceId| mix(choice, u64::from(u32::from(id))) % part_count;
        let mut parts: Vec<History> = (0..part_count)
            .map(|part| part_of(&history, |resource| part_of_resource(resource) == part))
            .collect();
        if backwards {
            parts.reverse();
        }
        let mut usage = Usage::default();
        for part in &parts {
            usage.absorb(measure(part, &context).unwrap()).unwrap();
        }
        prop_assert_eq!(usage, measure(&history, &context).unwrap());
    }

    #[test]
    fn charges_of_some_accounts_are_those_of_all_restricted_to_them(
        (seed, enforcement) in a_world(), choice in any::<u64>(),
    ) {
        let loaded = Loaded::of(&texts_of(seed, enforcement));
        let (history, context, pricing) = loaded.lived();
        let usage = measure(&history, &context).unwrap();
        let is_in = |account| mix(choice, u64::from(u32::from(account))).is_multiple_of(2);
        let mut restricted = Usage::default();
        for (key, line) in usage.in_order() {
            for (cause, units) in line.causes_in_order() {
                if is_in(key.account) {
                    restricted.add(key, cause, units).unwrap();
                }
            }
        }
        let mut expected = price::charges(&usage, &pricing).unwrap();
        expected.retain(|charge| is_in(charge.account));
        prop_assert_eq!(price::charges(&restricted, &pricing).unwrap(), expected);
    }
}

// ---------------------------------------------------------------------------------- more is more

/// Rates of a SKU as graduated tiers: widths in units, prices in hundredths of a cent, flats in
/// cents.
fn tiers(sku: &str, unit: &str, tiers: &[(u32, u32, Option<u32>)]) -> String {
    let mut from = 0;
    let mut rows = String::new();
    for (width, price, flat) in tiers {
        let flat = flat.map_or_else(String::new, |f| format!("{}.{:02}", f / 100, f % 100));
        let price = format!("{}.{:04}", price / 10_000, price % 10_000);
        rows += &format!("{sku},*,{unit},,{from},{price},{flat},2015-01-01,test\n");
        from += width;
    }
    rows
}

fn some_tiers() -> impl Strategy<Value = Vec<(u32, u32, Option<u32>)>> {
    prop::collection::vec((1..300_u32, 0..20_000_u32, prop::option::of(0..500_u32)), 1..5)
}

/// The small book with other tiers for images and for general1-1, in some currency.
fn with_tiers(tier_list: &[(u32, u32, Option<u32>)], currency: &str) -> Texts {
    let mut texts = small_book();
    let kept = texts
        .rates
        .lines()
        .filter(|row| !row.starts_with("image.storage") && !row.starts_with("server:general1-1"));
    texts.rates = kept.map(|row| format!("{row}\n")).collect::<String>()
        + &tiers("image.storage", "GB-month", tier_list)
        + &tiers("server:general1-1", "hour", tier_list);
    texts.book_toml = texts
        .book_toml
        .replace("[[\"image.storage\", \"object.storage\"]]", "[]")
        .replace("\"USD\"", &format!("\"{currency}\""));
    texts
}

fn total(texts: &Texts) -> BigRational {
    sum(columns(&texts.bill().statements, &["total"]))
}

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

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;
/// March and April 2016.
const TWO_MONTHS: i64 = 61 * DAY;

/// The cycles of a billing day that begin in January to August 2016, in microseconds from the
/// beginning of March.
fn cycles(billing_day: u32) -> Vec<(i64, i64)> {
    let begin = |month: u32| {
        let days = (first_of(month + 1) - first_of(month)).num_days();
        let day = i64::from(billing_day).min(days);
        ((first_of(month) - first_of(3)).num_days() + day - 1) * DAY
    };
    (1..9).map(|month| (begin(month), begin(month + 1))).collect()
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn more_usage_never_costs_less_under_graduated_rates(
        tier_list in some_tiers(), currency in prop::sample::select(vec!["USD", "JPY", "KWD"]),
        bytes in 0..600_u64 << 30, more_bytes in 0..600_u64 << 30,
        life in 0..TWO_MONTHS / 2, more_life in 0..TWO_MONTHS / 2,
    ) {
        let texts = with_tiers(&tier_list, currency);
        let cost = |bytes: u64, life: i64| {
            let lines = format!(
                "2016-03-01 image.create a i bytes={bytes}
                 2016-03-01 server.create a s source=base-x flavor=general1-1
                 {} image.delete a i
                 {} server.delete a s",
                at(life), at(life)
            );
            let end = Some("2016-05-01".to_owned());
            total(&Texts { end, ..texts.clone().with_rows(&log(&lines)) })
        };
        let once = cost(bytes, life);
        prop_assert!(once <= cost(bytes + more_bytes, life));
        prop_assert!(once <= cost(bytes, life + more_life));
    }

    #[test]
    fn storage_recomputes_from_its_bytes_and_the_bounds_of_its_cycles(
        bytes in prop_oneof![0..400_u64 << 30, 0..1_u64 << 62], billing_day in 1..32_u32,
        start in 0..TWO_MONTHS, life in 0..TWO_MONTHS,
        month_hours in prop::option::of(prop_oneof![Just(730), Just(744), 1..2000_i64]),
    ) {
        let end = start + life;
        let mut texts = with_tiers(&[(1, 1, None)], "USD");
        texts.book_toml = texts.book_toml.replace("calendar-month", "anniversary");
        if let Some(hours) = month_hours {
            texts.book_toml = format!("month_hours = {hours}\n{}", texts.book_toml);
        }
        let lines =
            format!("{} image.create a i bytes={bytes}\n{} image.delete a i", at(start), at(end));
        let texts = texts.with_rows(&log(&lines)).with_accounts(&format!("a,,{billing_day},,,"));
        let run = (Some("2016-02-01".to_owned()), Some("2016-08-01".to_owned()));
        let outputs = Texts { start: run.0, end: run.1, ..texts }.bill();
        let mut expected = Vec::new();
        for (cycle_start, cycle_end) in cycles(billing_day) {
            let micros = (end.min(cycle_end) - start.max(cycle_start)).max(0);
            let month = month_hours.map_or(cycle_end - cycle_start, |hours| hours * DAY / 24);
            let exact =
                BigRational::new(BigInt::from(bytes) * micros, BigInt::from(1_u64 << 30) * month);
            let quantity = fixed(&rounded(&exact, 8, is_odd), 8);
            if quantity != "0.00000000" {
                expected.push(format!("{} {} {quantity}", at(cycle_start), at(cycle_end)));
            }
        }
        let told = columns(&outputs.charges, &["cycle_start", "cycle_end", "quantity"]);
        prop_assert_eq!(told, expected);
    }
}

// ----------------------------------------------------------------------------- servers, cut in two

/// A server's life: its step, when it begins, how long it lasts, and its real resizes, each a
/// place in its life (in thousandths) and a flavor.
#[derive(Debug, Clone)]
struct Life {
    increment: i64,
    start: i64,
    micros: i64,
    resizes: Vec<(i64, &'static str)>,
}

/// Lives whose steps are whole hundredths of an hour, so that hours are printed exactly.
fn some_life() -> impl Strategy<Value = Life> {
    let increments = prop::sample::select(vec![36, 360, 3600, 7200, 86_400]);
    let flavors = prop::sample::select(vec!["general1-1", "general1-2", "memory1-15"]);
    // Odd places are for resizes, even ones for cuts: no two at one instant.
    let resizes = prop::collection::vec((0..500_i64, flavors), 0..4);
    (increments, 0..TWO_MONTHS / 2, 10_000..TWO_MONTHS / 2, resizes).prop_map(
        |(increment, start, micros, resizes)| {
            let mut resizes: Vec<_> =
                resizes.into_iter().map(|(place, flavor)| (2 * place + 1, flavor)).collect();
            resizes.sort();
            resizes.dedup_by_key(|(place, _)| *place);
            Life { increment, start, micros, resizes }
        },
    )
}

impl Life {
    fn instant(&self, place: i64) -> String {
        at(self.start + self.micros / 1000 * place)
    }

    fn flavor(&self, place: i64) -> &'static str {
        let past = self.resizes.iter().rev().find(|(resized, _)| *resized < place);
        past.map_or("general1-1", |(_, flavor)| flavor)
    }

    /// The log: a producer's Windows image, booted by a consumer.
    fn lines(&self) -> String {
        let mut lines = format!(
            "2016-03-01 image.create producer golden bytes=1GiB os=windows
             2016-03-01 image.member.create producer golden member=consumer
             {} server.create consumer web source=golden flavor=general1-1
             {} server.delete consumer web\n",
            at(self.start),
            at(self.start + self.micros)
        );
        for (place, flavor) in &self.resizes {
            let instant = self.instant(*place);
            lines += &format!("{instant} server.resize consumer web flavor={flavor}\n");
        }
        lines
    }

    /// The texts, under a book whose prices change in the middle of March, at no step's start.
    fn texts(&self, lines: &str) -> Texts {
        let mut texts = small_book().with_rows(&log(lines));
        let increment = format!("server_increment = {}", self.increment);
        texts.book_toml = texts.book_toml.replace("server_increment = 1", &increment);
        for sku in ["server:general1-1", "license:windows:general1-2", "support:infra"] {
            let unit = if sku.starts_with("support") { "GB-hour" } else { "hour" };
            texts.rates += &format!("{sku},*,{unit},,0,0.05,,2016-03-17T11:22:33Z,test\n");
        }
        Texts { end: Some("2016-05-01".to_owned()), ..texts }
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn a_life_adds_up_to_its_started_steps_however_it_is_resized(life in some_life()) {
        let step = life.increment * 1_000_000;
        let steps = (life.micros + step - 1) / step;
        let expected = BigRational::new(BigInt::from(steps * life.increment), BigInt::from(3600));
        let outputs = life.texts(&life.lines()).bill();
        for prefix in ["server:", "license:windows:"] {
            let rows = records(&outputs.charges, &["sku", "quantity"]).into_iter();
            let hours = rows.filter(|row| row[0].starts_with(prefix)).map(|row| row[1].clone());
            prop_assert_eq!(sum(hours), expected.clone(), "{}", prefix);
        }
    }

    #[test]
    fn cutting_a_server_in_two_changes_nothing(
        life in some_life(), cuts in prop::collection::vec((0..500_i64, any::<bool>()), 1..5),
    ) {
        let mut lines = life.lines();
        for (place, is_resize) in cuts {
            let instant = life.instant(2 * place);
            lines += &if is_resize {
                let flavor = life.flavor(2 * place);
                format!("{instant} server.resize consumer web flavor={flavor}\n")
            } else {
                format!("{instant} server.rebuild consumer web source=golden\n")
            };
        }
        prop_assert_eq!(life.texts(&lines).bill(), life.texts(&life.lines()).bill());
    }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn cutting_a_server_of_any_world_in_two_changes_nothing(
        seed in 0..1_000_000_u64, choice in any::<u64>(),
    ) {
        let texts = texts_of(seed, Enforcement::Report);
        let (header, mut rows) = log_of(&texts);
        let cuts: Vec<String> = some_cuts(&header, &texts.events[0].1, choice);
        rows.extend(cuts);
        let (ours, expected) = (with_logs(&texts, &header, &[rows]).bill(), texts.bill());
        prop_assert_eq!(ours.charges, expected.charges);
        prop_assert_eq!(ours.allocations, expected.allocations);
        prop_assert_eq!(ours.sharing, expected.sharing);
    }
}

/// For each server that is surely created, and as its row says: a resize to the flavor that it
/// has, between its creation and the next event on it.
fn some_cuts(header: &str, events: &str, choice: u64) -> Vec<String> {
    let rows = records(events, &["time", "event", "resource", "flavor", "id"]);
    let micros = |row: &Vec<String>| {
        DateTime::parse_from_rfc3339(&row[0]).expect("RFC 3339").timestamp_micros()
    };
    let last = rows.iter().map(micros).max().unwrap_or(0);
    let mut cuts = Vec::new();
    for (place, row) in (0..).zip(&rows).filter(|(_, row)| is_surely_created(row, &rows)) {
        let created = micros(row);
        let later = rows.iter().filter(|other| other[2] == row[2] && other[1] != "server.create");
        let next = later.map(micros).filter(|next| *next >= created).min().unwrap_or(last);
        if next > created {
            let room = (next - created).unsigned_abs();
            let cut = created + (mix(choice, place) % room).cast_signed();
            cuts.push(resize(header, cut, &row[2], &row[3]));
        }
    }
    cuts
}

/// Whether a row (time, event, resource, flavor, id) creates a server, and nothing else creates
/// something of that name or has that event id.
fn is_surely_created(row: &[String], rows: &[Vec<String>]) -> bool {
    let creations =
        rows.iter().filter(|other| other[2] == row[2] && other[1].ends_with(".create")).count();
    let ids = rows.iter().filter(|other| other[4] == row[4]).count();
    row[1] == "server.create" && creations == 1 && (row[4].is_empty() || ids == 1)
}

/// A row that resizes a server, under a header whose columns stand in any order.
fn resize(header: &str, micros: i64, server: &str, flavor: &str) -> String {
    let instant = DateTime::from_timestamp_micros(micros).expect("an instant");
    let fields = header.split(',').map(|column| match column {
        "time" => instant.to_rfc3339_opts(SecondsFormat::Micros, true),
        "event" => "server.resize".to_owned(),
        "resource" => server.to_owned(),
        "flavor" => flavor.to_owned(),
        _ => String::new(),
    });
    fields.collect::<Vec<_>>().join(",")
}

// --------------------------------------------------------------------------------------- policies

/// One thing that somebody does: what, who, with which earlier resource, to whom.
type Deed = (u8, u8, usize, u8);

/// A log of deeds, of which many are not allowed. Nothing ends but servers, and nothing is
/// rebuilt: where enforcing refuses to end something, it lives on and costs more.
fn deeds(deeds: &[Deed]) -> String {
    let (mut images, mut servers, mut lines) = (vec!["i".to_owned()], Vec::new(), String::new());
    lines += "2016-03-01 image.create a0 i bytes=9GiB\n";
    for (number, (what, who, which, whom)) in (1..).zip(deeds) {
        let region = if whom % 3 == 0 { "IAD" } else { "DFW" };
        let image = images[which % images.len()].clone();
        let server = servers.get(which % servers.len().max(1)).cloned();
        let deed = match (what % 8, server) {
            (0, _) => format!("image.create a{who} i{number} bytes={number}GiB region={region}"),
            (1, _) => format!("image.member.create a{who} {image} member=a{whom}"),
            (2, _) => format!("image.deactivate a{who} {image}"),
            (3, _) => format!("image.create a{who} i{number} bytes={number}GiB source={image}"),
            (4, _) => format!("object.create a{who} o{number} bytes={number}GiB source={image}"),
            (5, Some(server)) => {
                format!("image.create a{who} i{number} bytes={number}GiB source={server}")
            }
            (6, Some(server)) => format!("server.delete a{who} {server}"),
            _ => {
                let flavor = if whom % 2 == 0 { "general1-1" } else { "memory1-15" };
                format!(
                    "server.create a{who} s{number} source={image} flavor={flavor} region={region}"
                )
            }
        };
        if deed.starts_with("image.create") {
            images.push(format!("i{number}"));
        } else if deed.starts_with("server.create") {
            servers.push(format!("s{number}"));
        }
        lines += &format!("{} {deed}\n", at(number * DAY));
    }
    lines
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn enforcing_never_charges_more_than_reporting_where_nothing_is_kept_from_ending(
        done in prop::collection::vec((any::<u8>(), 0..3_u8, 0..30_usize, 0..3_u8), 1..28),
    ) {
        let texts = small_book().with_rows(&log(&deeds(&done)));
        let enforced = Texts { enforcement: Enforcement::Enforce, ..texts.clone() }.bill();
        let quantities = |outputs: &Outputs| -> BTreeMap<String, BigRational> {
            let keys = columns(&outputs.charges, &["account", "sku", "cycle_start", "tier_from"]);
            let numbers = columns(&outputs.charges, &["quantity"]);
            keys.into_iter().zip(numbers.iter().map(|text| number(text))).collect()
        };
        let reported = texts.bill();
        let at_most = quantities(&reported);
        for (key, quantity) in quantities(&enforced) {
            prop_assert!(at_most.get(&key).is_some_and(|most| quantity <= *most), "{}", key);
        }
        let total = |outputs: &Outputs| sum(columns(&outputs.statements, &["total"]));
        prop_assert!(total(&enforced) <= total(&reported));
    }
}
