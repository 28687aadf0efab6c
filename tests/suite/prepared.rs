//! Prepared prices against those of every bill: the same cents, whatever is used.

use sharebill::account::{Account, Accounts};
use sharebill::book::{Book, DiscountModel, RateRegion, Sku};
use sharebill::generate::Dice;
use sharebill::meter::{UsageKey, UsageLine};
use sharebill::price::prepared::{Amounts, Prepared};
use sharebill::price::{Pricing, cycle_charges, quantity};
use sharebill::read::book::{BookFiles, load};
use sharebill::value::{
    AccountId, BillingDay, Cycle, CycleCalendar, Instant, Names, Rounding, Span,
};

use crate::support::root;

/// A book of `pricing/`, or one with everything that pricing knows.
fn book(folder: &str, rates: Option<&str>, discounts: Option<&str>, names: &mut Names) -> Book {
    let path = root().join("pricing").join(folder);
    let read = |file: &str| std::fs::read(path.join(file)).ok();
    let files = BookFiles {
        folder: folder.to_owned(),
        settings: read("book.toml"),
        rates: rates.map(|rates| rates.as_bytes().to_vec()).or_else(|| read("rates.csv")),
        flavors: read("flavors.csv"),
        discounts: discounts.map(|text| text.as_bytes().to_vec()).or_else(|| read("discounts.csv")),
    };
    let loaded = load(&files, names);
    let told: Vec<String> = loaded.diagnostics.iter().map(|d| d.message.clone()).collect();
    loaded.book.unwrap_or_else(|| panic!("{told:?}"))
}

/// Every line that an account can have in a cycle.
fn keys(book: &Book, account: AccountId, cycle: Cycle) -> Vec<UsageKey> {
    let mut keys = Vec::new();
    for sku in book.rates.skus() {
        if matches!(sku, Sku::Minimum(_) | Sku::Fee(_)) {
            continue;
        }
        for version in book.rates.versions(sku) {
            if version.region == RateRegion::Everywhere || book.regions.len() > 1 {
                keys.push(UsageKey {
                    account,
                    cycle,
                    sku,
                    region: version.region,
                    effective_from: Some(version.effective_from),
                });
            }
        }
    }
    keys
}

/// Draws usage for some lines, and holds both ways against each other.
fn check(book: &Book, accounts: &Accounts, dice: &mut Dice, rounds: usize) -> u64 {
    let account = AccountId::from(0);
    let start = Instant::parse("2027-03-01T00:00:00Z").expect("an instant");
    let day = accounts.get(account).billing_day;
    let cycle = CycleCalendar::new(day).cycle_at(start);
    let whole = Span { start: cycle.start(), end: cycle.end() };
    let all = keys(book, account, cycle);
    let mut charged = 0;
    for round in 0..rounds {
        let mut some: Vec<UsageKey> = all.iter().copied().filter(|_| dice.permille(150)).collect();
        some.sort_unstable();
        let late = Span { start: Instant::from_micros(whole.start.micros() + 1), ..whole };
        let run = if round % 5 == 0 { late } else { whole };
        let pricing = Pricing { book, accounts, run, allow_unpriced: false };
        let Some(mut prepared) = Prepared::new(&some, &pricing) else { continue };
        let mut before: Vec<u128> = Vec::new();
        for draw in 0..20 {
            let mut used: Vec<u128> = Vec::new();
            for key in &some {
                // Half of the draws change few lines: what stays as it was is remembered.
                if draw % 2 == 1 && dice.permille(700) {
                    used.push(before[used.len()]);
                    continue;
                }
                let most = match key.sku {
                    Sku::ImageStorage | Sku::ObjectStorage => 60_u64,
                    Sku::Support(_) => 62,
                    // Bytes: past the tiers that a volume begins at.
                    Sku::TransferOut => 39,
                    _ => 24,
                };
                let bits = dice.below(most);
                let more = if most > 40 { u128::from(dice.below(1 << 24)) } else { 1 };
                used.push(u128::from(dice.below(1 << bits)) * more);
            }
            before.clone_from(&used);
            charged += u64::from(both(&mut prepared, &some, &used, &pricing).is_some());
        }
    }
    charged
}

/// What these lines cost both ways; `None` where that is left to the usual way, or does not fit.
fn both(
    prepared: &mut Prepared,
    keys: &[UsageKey],
    used: &[u128],
    pricing: &Pricing<'_>,
) -> Option<()> {
    let book = pricing.book;
    let lines: Vec<UsageLine> = keys
        .iter()
        .zip(used)
        .map(|(key, units)| {
            let mut line = UsageLine::new(*key);
            line.base_units = *units;
            line
        })
        .collect();
    let with_usage: Vec<(UsageKey, &UsageLine)> =
        lines.iter().filter(|line| line.base_units > 0).map(|line| (line.key(), line)).collect();
    let charges = cycle_charges(&with_usage, pricing).ok()?;
    let mut expected = Amounts::default();
    let digits = book.currency.minor_digits();
    for charge in &charges {
        let amount = charge.amount.in_units(digits).expect("it fits");
        expected[charge.sku.category() as usize] += i64::try_from(amount).expect("so");
    }
    // What fits into machine integers, all added up, is not left to the usual way.
    let smallest = lines.iter().map(|line| {
        let quantity = quantity(&line.key(), line, book).expect("a quantity");
        quantity.in_units(book.quantity_decimals).expect("it fits")
    });
    let fits = smallest.sum::<i128>() < 1 << 62;
    let amounts = prepared.price(|place| used[place]);
    assert!(amounts.is_some() || !fits, "left to the usual way: {keys:?} {used:?}");
    assert_eq!(amounts?, expected, "{keys:?} {used:?}");
    Some(())
}

fn accounts(book: &Book, names: &mut Names, level: &str, opened: Option<&str>) -> Accounts {
    let mut accounts = Accounts::new(book.default_level);
    let account = Account {
        name: String::new(),
        billing_day: BillingDay::FIRST,
        level: names.levels.intern(level),
        opened: opened.map(|day| Instant::parse_date_or_instant(day).expect("a day")),
        cost_center: String::new(),
    };
    accounts.list(AccountId::from(0), account);
    accounts
}

#[test]
fn the_shipped_books_cost_the_same_both_ways() {
    let mut dice = Dice::new(11);
    for folder in ["rackspace-us", "rackspace-uk", "rackspace-apac", "openstack-example"] {
        let mut names = Names::default();
        let book = book(folder, None, None, &mut names);
        for level in ["managed-infrastructure", "sysops", "none"] {
            let accounts = accounts(&book, &mut names, level, None);
            let charged = check(&book, &accounts, &mut dice, 60);
            assert!(charged > 500, "{folder} {level}: {charged} cases were compared");
        }
    }
}

const RATES: &str = "sku,region,unit,model,from,price,flat,effective_from,source\n\
    image.storage,*,GB-month,,0,0.105,1.25,2015-01-01,x\n\
    image.storage,*,GB-month,,10,0.0955,,2015-01-01,x\n\
    image.storage,*,GB-month,,12.5,0.08,3,2015-01-01,x\n\
    image.storage,*,GB-month,,0,0.2,,2027-03-10,x\n\
    image.storage,*,GB-month,,11,0.15,0.5,2027-03-10,x\n\
    object.storage,*,GB-month,,0,0.07,,2015-01-01,x\n\
    transfer.out,*,GB,volume,0,0.12,2,2015-01-01,x\n\
    transfer.out,*,GB,volume,100,0.085,7.5,2015-01-01,x\n\
    transfer.out,*,GB,volume,0,0.10,1,2027-03-15,x\n\
    server:c1.m1,*,hour,,0,0.0375,,2015-01-01,x\n\
    server:c1.m1,*,hour,,100,0.0335,,2015-01-01,x\n\
    server:c1.m4,*,hour,,0,0.075,,2015-01-01,x\n\
    server:c2.m4,*,hour,,0,0.15,,2015-01-01,x\n\
    server:c2.m8,*,hour,,0,0.3,,2015-01-01,x\n\
    server:c4.m16,*,hour,,0,0.01,,2015-01-01,x\n\
    support:gold,*,GB-hour,,0,0.0051,,2015-01-01,x\n\
    minimum:gold,*,cycle,,0,50.125,,2015-01-01,x\n\
    fee:gold,*,cycle,,0,9.999,,2015-01-01,x\n";
const DISCOUNTS: &str = "from,percent,effective_from,source\n\
    0,0,2015-01-01,x\n100,2.5,2015-01-01,x\n1000.5055,4,2015-01-01,x\n20000,12.25,2015-01-01,x\n";

#[test]
fn pools_flats_volumes_versions_and_discounts_cost_the_same_both_ways() {
    let mut dice = Dice::new(12);
    let mut names = Names::default();
    let mut book = book("openstack-example", Some(RATES), Some(DISCOUNTS), &mut names);
    book.tier_pools = vec![vec![Sku::ImageStorage, Sku::ObjectStorage]];
    for opened in [None, Some("2027-02-20")] {
        for model in [DiscountModel::Marginal, DiscountModel::Whole] {
            for rounding in [Rounding::HalfUp, Rounding::HalfEven] {
                book.discount_model = model;
                book.rounding = rounding;
                book.minimum_after_days = 30;
                let accounts = accounts(&book, &mut names, "gold", opened);
                let charged = check(&book, &accounts, &mut dice, 80);
                assert!(charged > 500, "{charged} cases were compared");
            }
        }
    }
}

#[test]
fn the_tier_of_a_volume_follows_all_its_versions_whatever_is_remembered_of_one() {
    const GB: u128 = 1_000_000_000;
    let mut names = Names::default();
    let book = book("openstack-example", Some(RATES), None, &mut names);
    let accounts = accounts(&book, &mut names, "gold", None);
    let start = Instant::parse("2027-03-01T00:00:00Z").expect("an instant");
    let cycle = CycleCalendar::new(BillingDay::FIRST).cycle_at(start);
    let run = Span { start: cycle.start(), end: cycle.end() };
    let pricing = Pricing { book: &book, accounts: &accounts, run, allow_unpriced: false };
    let mut sent = keys(&book, AccountId::from(0), cycle);
    sent.retain(|key| key.sku == Sku::TransferOut);
    sent.sort_unstable();
    assert_eq!(sent.len(), 2, "one line for each version");
    let mut prepared = Prepared::new(&sent, &pricing).expect("it can be prepared");
    for (before, behind) in [(10, 1), (10, 500), (10, 1), (500, 1), (500, 2), (10, 500)] {
        both(&mut prepared, &sent, &[before * GB, behind * GB], &pricing).expect("it fits");
    }
}
