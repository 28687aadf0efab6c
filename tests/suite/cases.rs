//! The conformance suite once more, inside this process: with a world that forgets after every
//! event, and on two threads. It is also what mutants of the lower layers are run against.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sharebill::meter::measure;
use sharebill::price::{Pricing, PricingError, charges};
use sharebill::world::Enforcement;

use crate::consequences::log;
use crate::laws::{Loaded, texts_of};
use crate::support::{Outputs, Texts, root, small_book};

#[test]
fn every_case_is_billed_as_it_expects_by_a_world_that_forgets_at_once() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root().join("tests/conformance")).expect("the suite") {
        let case = entry.expect("an entry").path();
        for (enforcement, folder) in
            [(Enforcement::Report, "expected-report"), (Enforcement::Enforce, "expected-enforce")]
        {
            let expected = case.join(folder);
            let Some(texts) = texts(&case, enforcement).filter(|_| expected.is_dir()) else {
                continue;
            };
            let billed = tables(texts.bill());
            for (file, written) in billed {
                let Ok(text) = fs::read_to_string(expected.join(file)) else { continue };
                compared += 1;
                if rows(&text) != rows(&written) {
                    wrong.push(format!("{}/{file}\n{written}", expected.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
    assert!(compared > 700, "only {compared} tables were compared");
}

#[test]
fn the_seams_charge_what_a_bill_charges() {
    let mut count = 0;
    for seed in 0..12 {
        let loaded = Loaded::of(&texts_of(seed, Enforcement::Report));
        let (history, context, pricing) = loaded.lived();
        let usage = measure(&history, &context).expect("usage");
        let mut told = charges(&usage, &pricing).expect("charges");
        let mut billed = loaded.bill().charges;
        // A bill has its accounts by name, the seam by number.
        for list in [&mut told, &mut billed] {
            list.sort_by_key(|charge| format!("{charge:?}"));
        }
        assert_eq!(told, billed, "world {seed}");
        count += billed.len();
    }
    assert!(count > 200, "only {count} charges");
}

#[test]
fn the_seam_names_usage_without_a_rate_or_charges_it_at_nothing() {
    let rows = "2016-03-01 server.create acme s-1 flavor=unlisted\n\
                2016-03-01 image.create acme gold bytes=1GiB\n\
                2016-03-11 server.delete acme s-1\n";
    let texts = Texts { end: Some("2016-04-01".to_owned()), ..small_book() };
    let loaded = Loaded::of(&texts.with_rows(&log(rows)));
    let (history, context, pricing) = loaded.lived();
    let usage = measure(&history, &context).expect("usage");
    let Err(PricingError::Unpriced(unpriced)) = charges(&usage, &pricing) else {
        panic!("a server of a flavor without a rate has a price");
    };
    let quantities: Vec<String> = unpriced.iter().map(|(_, used)| used.to_string()).collect();
    assert_eq!(quantities, ["240.00000000"], "ten days, in hours");
    let priced = charges(&usage, &Pricing { allow_unpriced: true, ..pricing });
    let amounts: Vec<String> =
        priced.expect("charges").iter().map(|charge| charge.amount.to_string()).collect();
    assert_eq!(amounts, ["0.00", "0.10"], "what has no rate, and a GiB-month of a pool");
}

/// What a case reads; nothing where it asks for more than a run's start and end.
fn texts(case: &Path, enforcement: Enforcement) -> Option<Texts> {
    let read = |name: &str| fs::read_to_string(case.join(name)).ok();
    let args = read("args")?;
    let mut flags = BTreeMap::new();
    let mut words = args.split_whitespace();
    while let Some(flag) = words.next() {
        flags.insert(flag.to_owned(), words.next()?.to_owned());
    }
    let (start, end) = (flags.remove("--start"), flags.remove("--end"));
    flags.remove("--accounts");
    flags.is_empty().then_some(Texts {
        book_toml: read("book/book.toml")?,
        rates: read("book/rates.csv")?,
        flavors: read("book/flavors.csv")?,
        discounts: read("book/discounts.csv"),
        accounts: read("accounts.csv"),
        events: vec![("events.csv".to_owned(), read("events.csv")?)],
        enforcement,
        start,
        end,
        threads: 2,
        ..small_book()
    })
}

fn tables(outputs: Outputs) -> [(&'static str, String); 5] {
    let findings = outputs.findings.iter();
    let findings = findings.map(|(code, line, resource)| format!("{code},{line},{resource}\n"));
    [
        ("charges.csv", outputs.charges),
        ("statements.csv", outputs.statements),
        ("allocations.csv", outputs.allocations),
        ("sharing.csv", outputs.sharing),
        ("findings.csv", findings.fold("code,line,resource\n".to_owned(), |text, row| text + &row)),
    ]
}

/// A table's rows, sorted. A row that is no event (L00) is not told here: it never was one.
fn rows(table: &str) -> Vec<&str> {
    let mut rows: Vec<&str> = table.lines().filter(|row| !row.starts_with("L00,")).collect();
    rows.sort_unstable();
    rows
}
