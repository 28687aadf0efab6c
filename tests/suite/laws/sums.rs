//! The sums: statements, allocations and sharing add up, and every charge recomputes from its row.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::Zero;
use proptest::prelude::*;

use crate::laws::{Loaded, a_world, cases, fixed, is_odd, number, records, rounded, sum, texts_of};
use crate::support::Outputs;

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
