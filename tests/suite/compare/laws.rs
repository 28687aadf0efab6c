//! Laws over random bills: parts add up exactly, turned around they change their sign, and they are
//! those of the formulas.

use std::collections::BTreeMap;
use std::fs;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use sharebill::compare::{
    Change, Charges, CompareNames, Comparison, Parts, Periods, compare_charges,
};
use sharebill::read::run::read_charges;
use sharebill::world::Enforcement;

use crate::compare::{column, decimals, number};
use crate::laws::texts_of;
use crate::support::beside;

/// How many pairs of random bills are compared; `SHAREBILL_LAWS=20` tries twenty times as many.
fn seeds() -> u64 {
    let times = std::env::var("SHAREBILL_LAWS").ok().and_then(|text| text.parse::<u64>().ok());
    60 * times.unwrap_or(1)
}

/// The charges of a random world, in a currency that takes the amounts of any.
fn bill(seed: u64) -> String {
    let charges = texts_of(seed, Enforcement::Report).bill().charges;
    let code = column(&charges, "currency").into_iter().next().unwrap_or_default();
    charges.replace(&format!(",{code},"), ",KWD,")
}

/// Digits of KWD.
const DIGITS: u32 = 3;

fn read(text: &str, names: &mut CompareNames) -> Charges {
    let mut charges = Charges::new(Periods::Whole);
    read_charges("charges.csv", text.as_bytes(), &mut charges, names).expect("charges");
    charges
}

fn compare(a: &str, b: &str) -> (Comparison, CompareNames) {
    let mut names = CompareNames::default();
    let (a, b) = (read(a, &mut names), read(b, &mut names));
    (compare_charges(&a, &b, &names, DIGITS).expect("a comparison"), names)
}

/// Account, SKU and region of a row.
type Key = (String, String, String);

/// The rows by what they are about.
fn rows(comparison: &Comparison, names: &CompareNames) -> BTreeMap<Key, Change> {
    let rows = comparison.rows.iter().map(|row| {
        let (sku, region) = row.what.expect("charges tell SKUs");
        let [sku, region] = [names.skus.text(sku), names.regions.text(region)];
        let account = names.accounts.text(row.account);
        ((account.to_owned(), sku.to_owned(), region.to_owned()), row.change)
    });
    rows.collect()
}

/// Compares two bills: every row's parts are its difference, and all sums are those of the rows and
/// of the bills.
fn add_up(a: &str, b: &str, what: &str) -> Comparison {
    let (compared, names) = compare(a, b);
    let mut sum = Change::default();
    for row in &compared.rows {
        assert_eq!(row.change.parts.sum(), row.change.difference(), "{what}");
        sum += row.change;
    }
    assert_eq!(sum, compared.total, "{what}");
    for sums in [
        compared.accounts.iter().map(|(_, sum)| *sum).collect::<Vec<_>>(),
        compared.categories.iter().map(|(_, sum)| *sum).collect(),
    ] {
        let mut total = Change::default();
        for sum in sums {
            assert_eq!(sum.parts.sum(), sum.difference(), "{what}");
            total += sum;
        }
        assert_eq!(total, compared.total, "{what}");
    }
    // The amounts are those of the bills.
    for (text, total) in [(a, compared.total.a), (b, compared.total.b)] {
        let sum: BigRational = column(text, "amount").iter().map(|text| number(text)).sum();
        assert_eq!(sum * BigInt::from(1000), BigRational::from(BigInt::from(total)), "{what}");
    }
    let names: Vec<&str> =
        compared.accounts.iter().map(|(id, _)| names.accounts.text(*id)).collect();
    assert!(names.is_sorted(), "{names:?}");
    compared
}

#[test]
fn parts_add_up_exactly_in_every_row_account_and_sum() {
    let (mut rows_seen, mut kinds) = (0, [false; 6]);
    for seed in 0..seeds() {
        let compared = add_up(&bill(seed), &bill(seed + 1), &format!("seed {seed}"));
        for row in &compared.rows {
            for (seen, part) in kinds.iter_mut().zip(row.change.parts.all()) {
                *seen |= part != 0;
            }
        }
        rows_seen += compared.rows.len();
    }
    assert!(rows_seen > 500, "{rows_seen} rows are too few");
    assert_eq!(kinds, [true; 6], "some part is never anything: {:?}", Parts::NAMES);
}

#[test]
fn parts_of_any_two_worked_cases_add_up() {
    let Some(cases) = beside("cases") else { return };
    let folders = fs::read_dir(cases).expect("the cases");
    let mut bills: Vec<(String, String)> = Vec::new();
    for folder in folders {
        let folder = folder.expect("a folder").path();
        for expected in ["expected", "expected-report", "expected-enforce"] {
            let file = folder.join(expected).join("charges.csv");
            let Ok(text) = fs::read_to_string(&file) else { continue };
            let code = column(&text, "currency").into_iter().next().unwrap_or_default();
            // As if of one currency, that takes the amounts of any.
            let text = text.replace(&format!(",{code},"), ",KWD,");
            bills.push((file.display().to_string(), text));
        }
    }
    assert!(bills.len() >= 10, "the worked cases were not understood: {}", bills.len());
    for (name, a) in &bills {
        for (other, b) in &bills {
            add_up(a, b, &format!("{name} and {other}"));
        }
    }
}

#[test]
fn a_bill_beside_itself_differs_in_nothing() {
    for seed in 0..seeds() {
        let text = bill(seed);
        let (compared, _) = compare(&text, &text);
        for row in &compared.rows {
            assert_eq!(row.change.parts, Parts::default(), "seed {seed}");
            assert_eq!(row.change.a, row.change.b);
        }
    }
}

#[test]
fn turned_around_differences_change_their_sign_and_new_is_ended() {
    for seed in 0..seeds() {
        let (a, b) = (bill(seed), bill(seed + 1));
        let (there, names) = compare(&a, &b);
        let (back, back_names) = compare(&b, &a);
        let (there, back) = (rows(&there, &names), rows(&back, &back_names));
        assert_eq!(there.len(), back.len());
        for (key, there) in there {
            let back = back[&key];
            assert_eq!((there.a, there.b), (back.b, back.a), "seed {seed}, {key:?}");
            assert_eq!(there.parts.new, -back.parts.ended, "seed {seed}, {key:?}");
            assert_eq!(there.parts.ended, -back.parts.new, "seed {seed}, {key:?}");
        }
    }
}

#[test]
fn the_order_of_charges_decides_nothing() {
    for seed in 0..seeds() / 4 {
        let (a, b) = (bill(seed), bill(seed + 1));
        let reversed = |text: &str| {
            let (header, rows) = text.split_once('\n').expect("a header");
            let rows: Vec<&str> = rows.lines().rev().collect();
            format!("{header}\n{}\n", rows.join("\n"))
        };
        let (straight, names) = compare(&a, &b);
        let (turned, turned_names) = compare(&reversed(&a), &reversed(&b));
        assert_eq!(rows(&straight, &names), rows(&turned, &turned_names), "seed {seed}");
    }
}

/// The formulas of `docs/compare.md` once more, in fractions, from the rows of `charges.csv`.
#[test]
fn parts_are_those_of_the_formulas_in_fractions() {
    let mut split = 0;
    for seed in 0..seeds() {
        let (a, b) = (bill(seed), bill(seed + 1));
        let (compared, names) = compare(&a, &b);
        let (lines_a, lines_b) = (lines(&a), lines(&b));
        for (key, change) in rows(&compared, &names) {
            let (Some(a), Some(b)) = (lines_a.get(&key), lines_b.get(&key)) else {
                let parts = change.parts;
                let rest = [parts.price, parts.volume, parts.mix, parts.rounding];
                assert_eq!(rest, [0; 4], "what one side lacks is new or ended");
                continue;
            };
            split += 1;
            let expected = formulas(a, b, key.1.starts_with("minimum:"));
            let parts = change.parts;
            let ours = [parts.price, parts.volume, parts.mix, parts.rounding];
            for (ours, expected) in ours.into_iter().zip(&expected) {
                let expected = expected * BigInt::from(1000);
                let distance = (BigRational::from(BigInt::from(ours)) - &expected).abs();
                assert!(distance < BigRational::from(BigInt::from(1)), "seed {seed}, {key:?}");
            }
            // At most half a minor unit a charge, of the currency that it was rounded in.
            let half = |lines: &[Line]| {
                let count = BigInt::from(lines.len());
                lines.first().map(|line| BigRational::new(count, BigInt::from(2) * &line.minor))
            };
            let most = half(a).unwrap_or_default() + half(b).unwrap_or_default();
            assert!(expected[3].abs() <= most, "seed {seed}, {key:?}");
        }
    }
    assert!(split > 100, "{split} rows that both have are too few");
}

/// A row of `charges.csv`.
struct Line {
    unit: String,
    tier: BigRational,
    version: String,
    quantity: BigRational,
    value: BigRational,
    amount: BigRational,
    /// How many minor units its currency has.
    minor: BigInt,
}

fn lines(text: &str) -> BTreeMap<Key, Vec<Line>> {
    let column = |name| column(text, name);
    let [accounts, skus, regions] = ["account", "sku", "region"].map(column);
    let [units, tiers, versions] = ["unit", "tier_from", "effective_from"].map(column);
    let [quantities, prices, amounts] = ["quantity", "unit_price", "amount"].map(column);
    let mut lines: BTreeMap<Key, Vec<Line>> = BTreeMap::new();
    for at in 0..accounts.len() {
        let quantity = number(&quantities[at]);
        let key = (accounts[at].clone(), skus[at].clone(), regions[at].clone());
        lines.entry(key).or_default().push(Line {
            unit: units[at].clone(),
            tier: number(&tiers[at]),
            version: versions[at].clone(),
            value: &quantity * number(&prices[at]),
            quantity,
            amount: number(&amounts[at]),
            minor: BigInt::from(10).pow(decimals(&amounts[at])),
        });
    }
    lines
}

/// Quantity, value and amount of some lines.
fn sums<'a>(lines: impl Iterator<Item = &'a Line>) -> [BigRational; 3] {
    lines.fold([BigRational::zero(), BigRational::zero(), BigRational::zero()], |sums, line| {
        let [quantity, value, amount] = sums;
        [quantity + &line.quantity, value + &line.value, amount + &line.amount]
    })
}

/// Price, volume, mix and rounding.
fn formulas(a: &[Line], b: &[Line], is_minimum: bool) -> [BigRational; 4] {
    let ([_, value_a, amount_a], [_, value_b, amount_b]) = (sums(a.iter()), sums(b.iter()));
    let mut units: Vec<&str> = b.iter().map(|line| line.unit.as_str()).collect();
    units.sort_unstable();
    units.dedup();
    let (mut price, mut volume) = (BigRational::zero(), BigRational::zero());
    for unit in units {
        let [of_a, value, _] = sums(a.iter().filter(|line| line.unit == unit));
        let [of_b, ..] = sums(b.iter().filter(|line| line.unit == unit));
        if of_a.is_zero() || of_b.is_zero() {
            continue;
        }
        volume += (&of_b - &of_a) * &value / &of_a;
        for line in b.iter().filter(|line| line.unit == unit && !is_minimum) {
            let in_tier = |known: &&Line| known.unit == unit && known.tier == line.tier;
            let same = sums(a.iter().filter(|k| in_tier(k) && k.version == line.version));
            let tier = sums(a.iter().filter(in_tier));
            let [quantity, value, _] = if same[0].is_zero() { tier } else { same };
            if !quantity.is_zero() {
                price += &line.value - &line.quantity * value / quantity;
            }
        }
    }
    let value = value_b - value_a;
    let mix = &value - &price - &volume;
    [price, volume, mix, amount_b - amount_a - value]
}
