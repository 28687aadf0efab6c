//! Comparing runs: laws over random bills, and the command as people use it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use sharebill::compare::{
    Change, Charges, CompareNames, Comparison, Parts, Periods, compare_charges,
};
use sharebill::read::run::read_charges;
use sharebill::world::Enforcement;
use tempfile::TempDir;

use crate::consequences;
use crate::laws::texts_of;
use crate::support::{beside, root, sharebill, stderr, stdout};

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

/// A column of a table.
fn column(csv: &str, name: &str) -> Vec<String> {
    consequences::columns(csv, &[name])
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

fn decimals(text: &str) -> u32 {
    text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32)
}

fn number(text: &str) -> BigRational {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let units: BigInt = format!("{whole}{fraction}").parse().expect("digits");
    BigRational::new(units, BigInt::from(10).pow(decimals(text)))
}

/// Bills of the example for some months, and a place for more. One of its accounts has cycles that
/// begin in the middle of a month.
fn example(spans: &[(&str, &str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let root = root();
    let path = |name: &str| root.join(name).display().to_string();
    let events = path("examples/golden-image/events.csv");
    let accounts = path("examples/golden-image/accounts.csv");
    let prices = path("pricing/rackspace-us");
    for (name, start, end) in spans {
        let output = sharebill(
            folder.path(),
            &[
                "bill",
                &events,
                "--accounts",
                &accounts,
                "--prices",
                &prices,
                "--start",
                start,
                "--end",
                end,
                "--out",
                name,
                "--quiet",
            ],
        );
        assert!(output.status.success(), "{}", stderr(&output));
    }
    folder
}

const APRIL: (&str, &str, &str) = ("april", "2016-04-01", "2016-05-01");
const MAY: (&str, &str, &str) = ("may", "2016-05-01", "2016-06-01");

/// What a command prints; it has to succeed.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = sharebill(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    assert_eq!(stderr(&output), "", "{arguments:?}");
    stdout(&output)
}

fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    serde_json::from_str(&said(folder, &arguments)).expect("JSON")
}

#[test]
fn two_months_are_compared_in_text_tables_and_json() {
    let folder = example(&[APRIL, MAY]);
    let folder = folder.path();
    let text = said(folder, &["compare", "april", "may", "--top", "2", "--out", "why"]);
    for expected in [
        "All cycles of A, added up, beside all cycles of B",
        "Why B differs from A, in USD",
        "TOTAL     1,753.81  1,637.38     -116.43   -6.6",
        "and 4 more",
        "Written to why: comparison.csv, comparison_summary.csv, comparison.json",
    ] {
        assert!(text.contains(expected), "{expected}:\n{text}");
    }
    let rows = fs::read_to_string(folder.join("why/comparison.csv")).expect("a table");
    let sum = |text: &str, name: &str| -> BigRational {
        column(text, name).iter().map(|text| number(text)).sum()
    };
    let parts: BigRational = Parts::NAMES.iter().map(|part| sum(&rows, part)).sum();
    assert_eq!(parts, number("-116.43"));
    let accounts = fs::read_to_string(folder.join("why/comparison_summary.csv")).expect("a table");
    for name in ["amount_a", "amount_b", "difference", "price", "volume", "mix", "new"] {
        assert_eq!(sum(&rows, name), sum(&accounts, name), "{name}");
    }
    assert_eq!(column(&accounts, "account").len(), 6);

    let json = json(folder, &["compare", "april", "may", "--top", "1"]);
    assert_eq!(json["total"]["difference"], "-116.43");
    assert_eq!(json["top_accounts"][0]["account"], "data");
    assert_eq!(json["top_accounts"][0]["rows"].as_array().map(Vec::len), Some(7));
    let written = fs::read_to_string(folder.join("why/comparison.json")).expect("JSON");
    assert!(written.contains("\"program\": \"sharebill\""));
}

#[test]
fn cycles_stand_beside_cycles() {
    let folder =
        example(&[("two", "2016-03-01", "2016-05-01"), ("later", "2016-04-01", "2016-06-01")]);
    let folder = folder.path();
    let text = said(folder, &["compare", "two", "later", "--by-cycle", "--out", "why"]);
    assert!(text.contains("Each cycle of A beside the cycle of B at the same place"), "{text}");
    assert!(text.contains("\nCycle by cycle\n"), "{text}");
    let rows = fs::read_to_string(folder.join("why/comparison.csv")).expect("a table");
    let mut cycles = column(&rows, "cycle");
    cycles.sort();
    cycles.dedup();
    assert_eq!(cycles, ["0", "1", "2"], "one account's cycle begins before the run");
    let by_cycle = json(folder, &["compare", "two", "later", "--by-cycle"]);
    let sums = by_cycle["by_cycle"].as_array().expect("cycles");
    let sum: BigRational =
        sums.iter().map(|sum| number(sum["difference"].as_str().expect("money"))).sum();
    assert_eq!(sums.len(), 3);
    assert_eq!(sum, number(by_cycle["total"]["difference"].as_str().expect("money")));
    // Added up, cycles give what the whole runs give.
    said(folder, &["compare", "two", "later", "--out", "whole"]);
    let whole = fs::read_to_string(folder.join("whole/comparison.csv")).expect("a table");
    for name in ["amount_a", "amount_b", "difference"] {
        let sum = |text: &str| -> BigRational {
            column(text, name).iter().map(|text| number(text)).sum()
        };
        assert_eq!(sum(&rows), sum(&whole), "{name}");
    }
}

#[test]
fn a_folder_of_a_comparison_is_replaced_only_if_told() {
    let folder = example(&[APRIL, MAY]);
    let folder = folder.path();
    said(folder, &["compare", "april", "may", "--out", "why"]);
    let again = sharebill(folder, &["compare", "may", "april", "--out", "why"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("[F03]"), "{}", stderr(&again));
    said(folder, &["compare", "may", "april", "--out", "why", "--force"]);
    // A run is no comparison, and no comparison is a run.
    let over_run = sharebill(folder, &["compare", "april", "may", "--out", "may", "--force"]);
    assert!(stderr(&over_run).contains("[F03]"), "{}", stderr(&over_run));
    let of_comparison = sharebill(folder, &["compare", "april", "why"]);
    assert!(stderr(&of_comparison).contains("[D01]"), "{}", stderr(&of_comparison));
    assert!(folder.join("may/charges.csv").is_file(), "the run is still there");
}

/// Writes a projection's folder.
fn project(folder: &Path, name: &str, rows: &[&str]) {
    let folder = folder.join(name);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("run.json"), r#"{"program":"sharebill"}"#).expect("a file");
    let header = "scenario,account,month,category,mean,p5,p10,p50,p90,p95,budget,\
                  over_budget_probability,currency,standard_error";
    let text = format!("{header}\n{}\n", rows.join("\n"));
    fs::write(folder.join("projection.csv"), text).expect("a file");
}

#[test]
fn a_forecast_is_measured_against_what_it_came_to() {
    let folder = example(&[APRIL, MAY]);
    let folder = folder.path();
    project(
        folder,
        "plan",
        &[
            "base,storefront,2016-05,servers,460,,,,,,,,USD,",
            "base,storefront,2016-05,total,460.00,440,450,,470,480,,,USD,5",
            "base,storefront,2016-06,servers,999,,,,,,,,USD,",
            "base,storefront,2016-06,total,999,,,,,,,,USD,",
            "base,gone,2016-05,fee,10,,,,,,,,USD,",
            "base,gone,2016-05,total,10,,,,,,,,USD,",
            "double,storefront,2016-05,servers,1600,,,,,,,,USD,",
            "double,storefront,2016-05,total,1600,,,,,,,,USD,",
        ],
    );
    let compared = json(folder, &["compare", "plan", "may", "--scenario", "base"]);
    assert_eq!(compared["months"], serde_json::json!(["2016-05"]));
    assert_eq!(compared["split"], false);
    assert_eq!(compared["total"]["amount_a"], "470.00");
    assert_eq!(compared["total"]["amount_b"], "1123.47");
    assert_eq!(compared["total"]["ended"], "-10.00");
    // Accounts whose cycles begin in April.
    assert_eq!(compared["b"]["not_compared"], "513.91");
    // All cycles of May, but for `storefront`, whom the forecast knows: 1123.47 − 456.20.
    assert_eq!(compared["total"]["new"], "667.27");
    assert_eq!(compared["total"]["unsplit"], "-3.80");
    // 3.80 + 10 + 667.27 of 1123.47, and 470 − 1123.47 of it.
    assert_eq!(compared["accuracy"]["wape_percent"], "60.62");
    assert_eq!(compared["accuracy"]["bias_percent"], "-58.17");
    assert_eq!(compared["accuracy"]["maturity"], "none");
    let known = &compared["accuracy"]["top_accounts"]["storefront"];
    assert_eq!((&known["wape_percent"], &known["maturity"]), (&"0.83".into(), &"run".into()));
    assert_eq!(known["within_p10_p90_percent"], "100.00");

    let arguments = ["compare", "plan", "may", "--scenario", "base", "--out", "why"];
    let text = said(folder, &arguments);
    assert!(text.contains("The 1 month that both have: 2016-05"), "{text}");
    assert!(text.contains("Not compared: 513.91 USD of B"), "{text}");
    assert!(text.contains("Forecast accuracy: A as the forecast, B actual; 7 months"), "{text}");
    let accuracy = fs::read_to_string(folder.join("why/accuracy.csv")).expect("a table");
    assert_eq!(column(&accuracy, "account")[..3], ["", "data", "gone"]);
    assert_eq!(column(&accuracy, "wape_percent")[..3], ["60.62", "100.00", ""]);
}

#[test]
fn scenarios_are_chosen_by_name() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    project(
        folder,
        "plan",
        &[
            "base,acme,2016-07,servers,100.00,,,,,,,,USD,",
            "base,acme,2016-07,total,100.00,,,,,,,,USD,",
            "double,acme,2016-07,servers,200.50,,,,,,,,USD,",
            "double,acme,2016-07,total,200.50,,,,,,,,USD,",
        ],
    );
    let both = ["compare", "plan", "--scenario", "base", "--against", "double"];
    let compared = json(folder, &both);
    assert_eq!(compared["total"]["difference"], "100.50");
    assert_eq!(compared["total"]["unsplit"], "100.50");
    assert_eq!(
        (&compared["a"]["scenario"], &compared["b"]["scenario"]),
        (&"base".into(), &"double".into())
    );
    for (arguments, code) in [
        (&["compare", "plan", "--against", "double"][..], 1),
        (&["compare", "plan", "plan", "--scenario", "base", "--against", "treble"], 1),
        (&["compare", "plan"], 2),
    ] {
        let output = sharebill(folder, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(code == 2 || stderr(&output).contains("[D03]"), "{}", stderr(&output));
    }
}

#[test]
fn a_projection_with_charges_is_split_by_them() {
    let folder = example(&[MAY]);
    let folder = folder.path();
    // A deterministic projection of May and June: the charges of May, and a row for June.
    project(
        folder,
        "plan",
        &["base,data,2016-05,total,786.13,,,,,,,,USD,", "base,data,2016-06,total,1,,,,,,,,USD,"],
    );
    let charges = fs::read_to_string(folder.join("may/charges.csv")).expect("charges");
    let june = "data,2016-06-01T00:00:00Z,2016-07-01T00:00:00Z,image.storage,*,GB-month,0,\
                10.00000000,0.10,1.00,USD,2015-01-01T00:00:00Z,R1\n";
    fs::write(folder.join("plan/charges.csv"), charges + june).expect("a file");
    let compared = json(folder, &["compare", "plan", "may"]);
    assert_eq!(compared["split"], true);
    assert_eq!(compared["months"], serde_json::json!(["2016-05"]));
    for part in Parts::NAMES.iter().chain(&["difference"]) {
        assert_eq!(compared["total"][part], "0.00", "{part}");
    }
    assert_eq!(compared["total"]["amount_a"], "1123.47");
}
