//! More is more: more usage never costs less, and storage is its bytes by the time that it lasts.

use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

use crate::consequences::{columns, log};
use crate::laws::{DAY, TWO_MONTHS, at, cases, first_of, fixed, is_odd, rounded, sum};
use crate::support::{Texts, small_book};

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
