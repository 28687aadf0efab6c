//! Many runs: the short way against the long one, sums against draws, and whether quantiles hold
//! what they promise.
#![expect(clippy::disallowed_types, reason = "statistics of exact amounts")]

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sharebill::account::{Account, Accounts};
use sharebill::bill::{Options, USUAL_PIECE, bill};
use sharebill::book::Book;
use sharebill::event::Event;
use sharebill::project::log::Log;
use sharebill::project::luck::Luck;
use sharebill::project::outcome::{Period, Projection, deterministic};
use sharebill::project::plan::{Planner, ThingTexts};
use sharebill::project::prices::changed;
use sharebill::project::runs::Simulation;
use sharebill::project::trend::{Trend, Watch};
use sharebill::read::book::{BookFiles, load};
use sharebill::read::scenario::{Context, Draft, Vary};
use sharebill::scenario::{Interval, Scenario};
use sharebill::value::{BillingDay, EventId, Instant, Names, OsId, ResourceId, Span};
use sharebill::world::{Enforcement, History, ServerSpan, StorageKind, StorageSpan, Transfer};

use crate::support::root;

/// A scenario with all that it needs.
struct Case {
    names: Names,
    book: Book,
    accounts: Accounts,
    draft: Draft,
    varies: Vec<Vary>,
    scenario: Scenario,
    run: Span,
    trend: Option<Trend>,
}

impl Case {
    fn new(folder: &str, text: &str) -> Case {
        let mut names = Names::default();
        let path = root().join(folder);
        let read = |file: &str| std::fs::read(path.join(file)).ok();
        let files = BookFiles {
            folder: folder.to_owned(),
            settings: read("book.toml"),
            rates: read("rates.csv"),
            flavors: read("flavors.csv"),
            discounts: read("discounts.csv"),
        };
        let book = load(&files, &mut names).book.expect("a good book");
        let mut told = Vec::new();
        let draft = Draft::parse("case.toml", text.as_bytes(), &[], &mut told).expect("TOML");
        let varies = draft.varies(&mut told);
        let context = Context { book: &book, accounts: &[], has_history: false };
        let scenario = draft.read(&context, &mut names, &mut told);
        let told: Vec<String> = told.into_iter().map(|told| told.message).collect();
        let scenario = scenario.unwrap_or_else(|| panic!("{told:?}"));
        let start = scenario.start.expect("a start");
        let months = scenario.months.expect("months");
        let run = Span { start, end: Interval::Months(months).after(start, 1) };
        let accounts = Accounts::new(book.default_level);
        Case { names, book, accounts, draft, varies, scenario, run, trend: None }
    }

    fn bill_on(&mut self, account: &str, day: u32, level: &str) {
        let account = self.names.accounts.intern(account);
        let details = Account {
            name: String::new(),
            billing_day: BillingDay::new(day).expect("a day"),
            level: self.names.levels.intern(level),
            opened: None,
            cost_center: String::new(),
        };
        self.accounts.list(account, details);
    }

    fn simulation(&self, runs: u32, seed: u64) -> Simulation<'_> {
        Simulation {
            scenario: &self.scenario,
            draft: &self.draft,
            context: Context { book: &self.book, accounts: &[], has_history: false },
            varies: &self.varies,
            book: &self.book,
            accounts: &self.accounts,
            names: &self.names,
            run: self.run,
            enforcement: Enforcement::Enforce,
            runs,
            seed,
            threads: 2,
            allow_unpriced: false,
            one_by_one: true,
            before: None,
            trend: self.trend.as_ref(),
        }
    }

    fn short_way(&self, runs: u32, seed: u64) -> Projection {
        self.simulation(runs, seed).project(|_| {}).expect("a projection")
    }

    /// The same luck as a log, through the world, billed.
    fn long_way(&self, luck: Luck) -> Projection {
        let mut names = self.names.clone();
        let planner = Planner {
            scenario: &self.scenario,
            book: &self.book,
            run: self.run,
            enforcement: Enforcement::Enforce,
            names: &self.names,
        };
        let texts = ThingTexts { scenario: &self.scenario, names: &self.names };
        let mut log = Log::new(texts, self.run.end, 0);
        planner.tell(&luck, &mut log);
        if let Some(trend) = &self.trend {
            trend.tell(self.run, None, luck, &self.names, &mut log);
        }
        let batch = log.batch;
        let mut events: Vec<Event> = Vec::new();
        for event in &batch.events {
            let mut own = |id: ResourceId| names.resources.intern(batch.resource(id));
            let mut action = event.action;
            let (id, source) = (own(action.resource()), action.source().map(&mut own));
            action.set_resources(id, source);
            events.push(Event { action, id: None::<EventId>, ..*event });
        }
        let options = Options {
            enforcement: Enforcement::Enforce,
            start: Some(self.run.start),
            end: Some(self.run.end),
            allow_unpriced: false,
            threads: 1,
            piece: USUAL_PIECE,
        };
        let book = changed(&self.book, &self.scenario.changes, &names);
        let bill = bill(events, &book, &self.accounts, &names, &options).expect("a bill");
        let name = self.scenario.name.clone();
        let budgets = &self.scenario.budgets;
        deterministic(name, &bill.statements, budgets, book.currency, &names).expect("it fits")
    }

    /// What is paid, by account, month and category; nothing where it is nothing.
    fn paid(&self, projection: &Projection) -> BTreeMap<String, Decimal> {
        let rows = projection.months.iter().filter(|row| !row.figures.mean.is_zero());
        rows.map(|row| {
            let account = self.names.accounts.text(row.account);
            let month = Period::month_of(row.cycle).text();
            (format!("{account} {month} {:?}", row.category), row.figures.mean)
        })
        .collect()
    }
}

const EVERYTHING: &str = r#"
[scenario]
start = "2027-01-05"
months = 4
[[group]]
name = "teams"
accounts = ["team-a", "team-b"]
[[image]]
name = "web"
owner = "platform"
regions = ["IAD", "DFW"]
size = "18 GiB"
os = "redhat"
release = "3 weeks"
keep = 2
share_with = ["team-a"]
[[image]]
name = "tool"
owner = "team-a"
regions = ["ORD", "DFW"]
size = "7 GiB"
share_with = ["teams"]
[[fleet]]
account = "teams"
region = "IAD"
image = "web"
flavor = "general1-4"
count = 2
growth = "30% per month"
refresh = "on release"
reimage = { every = "5 days", keep = 2, size = "20 GiB" }
transfer_out = "2 GiB per server-day"
[[fleet]]
account = "teams"
region = "DFW"
image = "tool"
flavor = "general1-2"
arrivals = "2 per day"
lifetime = { lognormal = { median = "6 hours", p95 = "20 days" } }
growth = "-10% per month"
[[fleet]]
account = "team-a"
region = "ORD"
image = "tool"
flavor = "general1-1"
arrivals = "1 per day"
lifetime = { exponential = { mean = "4 days" } }
reimage = { every = "1 day", keep = 1, size = "5 GiB" }
transfer_out = "1 GiB per server-day"
[[fleet]]
account = "team-b"
region = "ORD"
image = "tool"
flavor = "general1-1"
count = 1
hours = "Mon-Fri 08:00-18:00"
timezone = "America/Chicago"
[[change]]
sku = "server:*"
from = "2027-02-10"
percent = "+4"
"#;

#[test]
fn the_short_way_and_the_long_way_agree_to_the_cent() {
    let mut case = Case::new("pricing/rackspace-us", EVERYTHING);
    case.bill_on("team-a", 17, "managed-infrastructure");
    case.bill_on("team-b", 31, "sysops");
    for seed in 0..6 {
        let short = case.paid(&case.short_way(1, seed));
        let long = case.paid(&case.long_way(Luck::Run { seed, run: 0 }));
        assert_eq!(short, long, "seed {seed}");
        assert!(short.len() > 30, "{}", short.len());
    }
}

/// A history of three accounts before the run, of which nothing is there any more: fleets that
/// grow, images, objects and transfers, each a little different from month to month.
fn history(case: &mut Case) -> History {
    let mut history = History::default();
    let flavors = ["general1-4", "general1-2"].map(|flavor| case.names.flavors.intern(flavor));
    let regions = ["IAD", "ORD"].map(|region| case.names.regions.intern(region));
    let redhat = case.names.systems.intern("redhat");
    let accounts = ["team-a", "team-b", "elsewhere"].map(|name| case.names.accounts.intern(name));
    let end = case.run.start.micros();
    let hour = 3_600_000_000_i64;
    for month in 1..=20_i64 {
        let begin = end - month * 30 * 24 * hour;
        for (number, account) in (1..).zip(accounts) {
            let hours = 24 * 30 - 100 - 7 * month + 13 * (month * number % 5);
            let span = Span {
                start: Instant::from_micros(begin + number * hour),
                end: Instant::from_micros(begin + (number + hours) * hour),
            };
            let region = regions[(number % 2) as usize];
            for many in 0..=(20 - month) / 4 {
                history.servers.push(ServerSpan {
                    server: ResourceId::from(0),
                    account,
                    region,
                    created: span.start,
                    flavor: flavors[(many % 2) as usize],
                    os: if number == 1 { redhat } else { OsId::LINUX },
                    source_image: None,
                    is_consumer: false,
                    is_whole: true,
                    span,
                });
            }
            for kind in [StorageKind::Image, StorageKind::Object] {
                history.storage.push(StorageSpan {
                    resource: ResourceId::from(0),
                    account,
                    region,
                    bytes: ((30 - month) * number) as u64 * 987_654_321,
                    span,
                    kind,
                    source_image: None,
                    was_shared: false,
                });
            }
            let bytes = ((40 - month) * number) as u64 * 1_234_567_890;
            let (resource, at) = (ResourceId::from(0), span.start);
            history.transfers.push(Transfer { account, region, resource, bytes, at });
        }
    }
    history
}

#[test]
fn trends_come_to_the_same_cents_either_way() {
    let mut case = Case::new("pricing/rackspace-us", EVERYTHING);
    case.bill_on("team-a", 17, "managed-infrastructure");
    case.bill_on("team-b", 31, "sysops");
    let history = history(&mut case);
    let planned = case.paid(&case.short_way(1, 1)).len();
    let mut watch = Watch::until(case.run, case.book.server_increment);
    watch.see(&history);
    let trend = watch.close(&case.names, 2);
    // Two flavors, images, objects and transfers of three accounts.
    assert_eq!(trend.accounts.values().map(Vec::len).sum::<usize>(), 15);
    case.trend = Some(trend);
    let mut totals = Vec::new();
    for seed in 0..5 {
        let short = case.paid(&case.short_way(1, seed));
        let long = case.paid(&case.long_way(Luck::Run { seed, run: 0 }));
        assert_eq!(short, long, "seed {seed}");
        assert!(short.len() > planned + 20, "{} {planned}", short.len());
        totals.push(short["elsewhere 2027-02 None"]);
    }
    totals.dedup();
    assert!(totals.len() > 2, "each run lies elsewhere in the forecast's interval: {totals:?}");
}

const COMPOUND: &str = r#"
[scenario]
start = "2027-01-01"
months = 3
[[group]]
name = "all"
count = 12
prefix = "acct-"
[[fleet]]
account = "all"
region = "A"
flavor = "small"
arrivals = "1 per day"
lifetime = { lognormal = { median = "6 hours", p95 = "6 days" } }
growth = "20% per month"
"#;

/// The standard error of one account's mean, and its p10 and p90.
fn spread_of(projection: &Projection, account: usize) -> Vec<[f64; 4]> {
    let rows: Vec<_> = projection.months.iter().filter(|row| row.category.is_none()).collect();
    let months = rows.len() / 12;
    let number = |decimal: Decimal| decimal.to_f64().expect("a number");
    rows[account * months..(account + 1) * months]
        .iter()
        .map(|row| {
            let quantiles = row.figures.quantiles.expect("many runs");
            let error = row.figures.standard_error.expect("many runs");
            [row.figures.mean, error, quantiles[1], quantiles[3]].map(number)
        })
        .collect()
}

#[test]
fn a_class_that_is_summed_has_the_distribution_of_one_that_is_drawn() {
    let case = Case::new("benches/projection/book", COMPOUND);
    let runs = 6000;
    let drawn = case.short_way(runs, 1);
    let summed = Simulation { one_by_one: false, ..case.simulation(runs, 2) };
    let summed = summed.project(|_| {}).expect("a projection");
    for account in 0..12 {
        let (drawn, summed) = (spread_of(&drawn, account), spread_of(&summed, account));
        assert_eq!(drawn.len(), 3);
        for (drawn, summed) in drawn.iter().zip(&summed) {
            let error = drawn[1].hypot(summed[1]);
            assert!((drawn[0] - summed[0]).abs() < 4.5 * error, "mean {drawn:?} {summed:?}");
            // The variance of these sums is itself known to a few percent only.
            assert!((drawn[1] / summed[1] - 1.0).abs() < 0.12, "error {drawn:?} {summed:?}");
            // A quantile's own error is about 1.7 times the mean's at these places.
            for place in [2, 3] {
                let apart = (drawn[place] - summed[place]).abs();
                assert!(apart < 8.0 * error + 0.2, "quantile {drawn:?} {summed:?}");
            }
        }
    }
}

#[test]
fn what_lies_between_p10_and_p90_is_four_in_five() {
    let case = Case::new("benches/projection/book", COMPOUND);
    let simulation = Simulation { one_by_one: false, ..case.simulation(4000, 3) };
    let promised = simulation.project(|_| {}).expect("a projection");
    let bounds: BTreeMap<String, [Decimal; 2]> = promised
        .months
        .iter()
        .filter(|row| row.category.is_none())
        .map(|row| {
            let quantiles = row.figures.quantiles.expect("many runs");
            let month = Period::month_of(row.cycle).text();
            (format!("{} {month}", u32::from(row.account)), [quantiles[1], quantiles[3]])
        })
        .collect();
    // What happens in 80 worlds of other luck, each server on its own.
    let (mut within, mut all) = (0, 0);
    for seed in 1000..1080 {
        for row in case.short_way(1, seed).months.iter().filter(|row| row.category.is_none()) {
            let month = Period::month_of(row.cycle).text();
            let [low, high] = bounds[&format!("{} {month}", u32::from(row.account))];
            within += u32::from(low <= row.figures.mean && row.figures.mean <= high);
            all += 1;
        }
    }
    let share = f64::from(within) / f64::from(all);
    assert!(all >= 2800 && (0.77..=0.83).contains(&share), "{share} of {all}");
}

#[test]
fn threads_decide_nothing() {
    let case = Case::new("pricing/rackspace-us", EVERYTHING);
    let with = |threads| {
        let simulation = Simulation { threads, one_by_one: false, ..case.simulation(37, 9) };
        simulation.project(|_| {}).expect("a projection")
    };
    let (one, three) = (with(1), with(3));
    assert_eq!(
        (one.months, one.summary, one.drivers),
        (three.months, three.summary, three.drivers)
    );
}
