//! `sharebill explain`: from every charge to the rows of the log that it comes of. What the program
//! tells is worked out again here, from those rows and the book's, with fractions and dates of the
//! reference: nothing of the product's arithmetic is used.

mod hand;

use std::fs;
use std::path::{Path, PathBuf};

use num_traits::{Signed, Zero};
use serde_json::Value;
use tempfile::TempDir;

use crate::reference::number::{Exact, sum};
use crate::reference::text::{Row, read_rows};
use crate::support::{beside, root, sharebill, stderr, stdout};

use hand::{Hand, exact, list, number, text};

/// A bill to be explained: where it was made, and its folder.
struct Billed {
    place: PathBuf,
    out: TempDir,
}

impl Billed {
    /// Bills in a folder; nothing where that fails.
    fn new(place: &Path, arguments: &[&str]) -> Option<Billed> {
        let out = TempDir::new().expect("a folder");
        let folder = out.path().join("run").display().to_string();
        let words = [&["bill"], arguments, &["--out", &folder, "--allow-findings", "-q"]].concat();
        let output = sharebill(place, &words);
        let is_billed = output.status.success();
        is_billed.then(|| Billed { place: place.to_owned(), out })
    }

    fn folder(&self) -> String {
        self.out.path().join("run").display().to_string()
    }

    fn rows(&self, file: &str) -> Vec<Row> {
        let text = fs::read_to_string(self.out.path().join("run").join(file)).expect("a table");
        read_rows(&text).expect("rows")
    }

    fn explain(&self, arguments: &[&str]) -> String {
        let folder = self.folder();
        let output = sharebill(&self.place, &[&["explain", &folder], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.explain(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&text).expect("JSON")
    }

    /// Works every charge out by hand; how many there were.
    fn check(&self) -> usize {
        let charges = self.rows("charges.csv");
        let mut accounts: Vec<&str> = charges.iter().map(|row| row.get("account")).collect();
        accounts.dedup();
        let mut count = 0;
        for account in accounts {
            let told = self.json(&["--account", account]);
            let of_account = charges.iter().filter(|row| row.get("account") == account);
            let of_account: Vec<&Row> = of_account.collect();
            count += self.check_account(&told, &of_account);
        }
        assert_eq!(count, charges.len());
        count
    }

    fn check_account(&self, told: &Value, rows: &[&Row]) -> usize {
        let hand = Hand::new(&self.place, told);
        let mut rows = rows.iter();
        let mut count = 0;
        for cycle in list(&told["cycles"]) {
            let lines = hand.lines(cycle);
            for charge in list(&cycle["charges"]) {
                count += 1;
                let row = rows.next().expect("as many charges as rows");
                is_row(charge, cycle, row);
                let what = format!("{} {}", cycle["account"], charge);
                hand.check_charge(charge, cycle, &lines, &what);
            }
        }
        assert!(rows.next().is_none(), "a charge that is not explained");
        count
    }
}

/// A charge is the row of `charges.csv`.
fn is_row(charge: &Value, cycle: &Value, row: &Row) {
    for column in ["sku", "region", "unit", "currency", "rule"] {
        assert_eq!(text(&charge[column]), row.get(column), "{charge}");
    }
    for column in ["tier_from", "quantity", "unit_price", "amount"] {
        assert_eq!(exact(&charge[column]), number(row.get(column)), "{charge}");
    }
    assert_eq!(text(&cycle["start"]), row.get("cycle_start"));
    assert_eq!(text(&cycle["end"]), row.get("cycle_end"));
}

/// A tree's words: where its lines are broken depends on how long names are.
fn words_of(tree: &str) -> Vec<String> {
    tree.replace('│', " ").split_whitespace().map(str::to_owned).collect()
}

const EXAMPLE: [&str; 5] = [
    "examples/golden-image/events.csv",
    "--accounts",
    "examples/golden-image/accounts.csv",
    "--prices",
    "pricing/rackspace-us",
];

fn example() -> Billed {
    Billed::new(&root(), &EXAMPLE).expect("a bill")
}

#[test]
fn every_charge_of_the_example_comes_of_the_rows_that_are_named() {
    assert!(example().check() > 60);
}

#[test]
fn every_charge_of_the_golden_bills_comes_of_the_rows_that_are_named() {
    let mut count = 0;
    let mut seen = Vec::new();
    let cases = fs::read_dir(root().join("tests/golden")).expect("golden cases");
    for case in cases {
        let case = case.expect("a case").path();
        let Ok(command) = fs::read_to_string(case.join("command")) else { continue };
        let words = command.replace("{root}", "../../..");
        let words: Vec<&str> = words.split_whitespace().collect();
        let is_csv = words.get(1).is_some_and(|log| log.ends_with(".csv"));
        let is_one = words.get(2).is_some_and(|word| word.starts_with("--"));
        if words[0] != "bill" || !is_csv || !is_one {
            continue;
        }
        let out = words.iter().position(|word| *word == "--out").expect("--out");
        let mut arguments = [&words[1..out], &words[out + 2..]].concat();
        arguments.retain(|word| !["--strict", "--allow-findings"].contains(word));
        if let Some(billed) = Billed::new(&case, &arguments) {
            count += billed.check();
            seen.push(case.file_name().expect("a name").to_string_lossy().into_owned());
        }
    }
    for needed in
        ["flats", "packages", "volume-two-versions", "pool-across-a-tier", "fee", "minimum"]
    {
        assert!(seen.iter().any(|name| name == needed), "{needed} was not explained");
    }
    assert!(count > 150, "{count}");
}

#[test]
fn every_charge_of_the_worked_cases_comes_of_the_rows_that_are_named() {
    let Some(cases) = beside("cases") else { return };
    let mut count = 0;
    for case in fs::read_dir(cases).expect("cases") {
        let case = case.expect("a case").path();
        if !case.join("events.csv").is_file() {
            continue;
        }
        let more = fs::read_to_string(case.join("args")).unwrap_or_default();
        let mut arguments = vec!["events.csv", "--prices", "book"];
        if case.join("accounts.csv").is_file() {
            arguments.extend(["--accounts", "accounts.csv"]);
        }
        arguments.extend(more.split_whitespace());
        count += Billed::new(&case, &arguments).expect("a bill").check();
    }
    assert!(count > 300, "{count}");
}

#[test]
fn what_one_resource_caused_is_told_with_the_rest_of_each_charge() {
    let billed = example();
    let told = billed.json(&["--resource", "srv-storefront-web-1", "--cycle", "2016-05"]);
    let charges = list(&told["cycles"][0]["charges"]);
    let skus: Vec<&str> = charges.iter().map(|charge| text(&charge["sku"])).collect();
    assert_eq!(skus, ["server:general1-4", "server:general1-8", "support:managed-infrastructure"]);
    for charge in charges {
        for column in ["quantity", "amount"] {
            let parts = list(&charge["resources"]).iter().map(|part| exact(&part[column]));
            let own: Vec<Exact> = parts.collect();
            let others = &charge["others"][column];
            let others = others.as_str().map_or_else(Exact::zero, number);
            assert!(own.iter().all(Signed::is_positive));
            assert_eq!(sum(own.iter()) + others, exact(&charge[column]));
        }
    }
    assert_eq!(text(&told["cycles"][0]["account"]), "storefront");
}

#[test]
fn the_same_is_told_on_any_number_of_threads_and_from_a_log_in_no_order() {
    let place = TempDir::new().expect("a folder");
    let log = fs::read_to_string(root().join(EXAMPLE[0])).expect("a log");
    let (header, rows) = log.split_once('\n').expect("a header");
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    let text = format!("{header}\n{}\n", rows.join("\n"));
    fs::write(place.path().join("backwards.csv"), text).expect("a log");
    let prices = root().join("pricing/rackspace-us").display().to_string();
    let accounts = root().join(EXAMPLE[2]).display().to_string();
    let arguments = ["backwards.csv", "--accounts", &accounts, "--prices", &prices];
    let billed = Billed::new(place.path(), &arguments).expect("a bill");
    assert!(billed.check() > 60);
    let ask = ["--account", "storefront", "--threads"];
    let on = |threads| billed.explain(&[&ask[..], &[threads]].concat());
    assert_eq!(on("1"), on("4"));
}

#[test]
fn inputs_are_found_where_they_are_now() {
    let place = TempDir::new().expect("a folder");
    let copied = |file: &str| {
        let to = place.path().join(file);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(root().join(file), to).expect("a copy");
    };
    for file in [EXAMPLE[0], EXAMPLE[2]] {
        copied(file);
    }
    for file in ["book.toml", "rates.csv", "flavors.csv", "discounts.csv"] {
        if root().join(EXAMPLE[4]).join(file).is_file() {
            copied(&format!("{}/{file}", EXAMPLE[4]));
        }
    }
    let billed = Billed::new(place.path(), &EXAMPLE).expect("a bill");
    let one = ["--account", "data", "--cycle", "2016-04", "--sku", "image.storage"];
    let expected = billed.explain(&one);
    // From elsewhere, with the folder that names begin at.
    let away = Billed { place: std::env::temp_dir(), ..billed };
    let base = place.path().display().to_string();
    let told = away.explain(&[&one[..], &["--base", &base]].concat());
    assert_eq!(told.lines().count(), expected.lines().count());
    assert!(told.contains(&format!("price: {base}/{}/rates.csv:", EXAMPLE[4])), "{told}");
    // Moved: the book as a folder, the log as a file.
    fs::rename(place.path().join("pricing"), place.path().join("books")).expect("moved");
    fs::rename(place.path().join(EXAMPLE[0]), place.path().join("log.csv")).expect("moved");
    let billed = Billed { place: place.path().to_owned(), ..away };
    let moved = format!("{}=log.csv", EXAMPLE[0]);
    let ask = [&one[..], &["--input", "pricing=books", "--input", &moved]].concat();
    let expected =
        expected.replace(EXAMPLE[0], "log.csv").replace("price: pricing/", "price: books/");
    assert_eq!(words_of(&billed.explain(&ask)), words_of(&expected));
    // Standard input was kept in a file.
    let run = billed.out.path().join("run/run.json");
    let json = fs::read_to_string(&run).expect("run.json").replace(EXAMPLE[0], "-");
    fs::write(&run, json).expect("run.json");
    let ask = [&one[..], &["--input", "pricing=books", "--input", "-=log.csv"]].concat();
    assert_eq!(words_of(&billed.explain(&ask)), words_of(&expected));
}

#[test]
fn the_rules_of_the_manual_can_all_be_explained() {
    let manual = fs::read_to_string(root().join("docs/charging-rules.md")).expect("the manual");
    let mut codes: Vec<&str> = manual
        .lines()
        .filter_map(|line| line.strip_prefix("| ").or_else(|| line.strip_prefix("**")))
        .filter_map(|line| line.split([' ', '.', '|']).next())
        .filter(|word| {
            let mut letters = word.chars();
            letters.next().is_some_and(|c| "RCMBPL".contains(c))
                && letters.next().is_some_and(|c| c.is_ascii_digit())
        })
        .collect();
    codes.sort_unstable();
    codes.dedup();
    assert!(codes.len() > 45, "{codes:?}");
    let listed = stdout(&sharebill(&root(), &["explain", "rule"]));
    for code in codes {
        assert!(listed.lines().any(|line| line.starts_with(&format!("{code} "))), "{code}");
    }
    let words = |words: &[&str]| stdout(&sharebill(&root(), words));
    assert_eq!(words(&["explain", "rule", "L07"]), words(&["explain", "l07"]));
    assert!(words(&["explain", "R4"]).contains("Example: "));
    assert!(words(&["explain", "B17"]).starts_with("B17: one rate with several units or models"));
}

/// What a part of a charge is of, and how much, as `allocations.csv` has it.
fn part(fields: [&str; 11]) -> String {
    let [.., quantity, amount] = fields;
    let names = fields[..9].join(" ");
    format!("{names} {} {}", number(quantity), number(amount))
}

#[test]
fn the_parts_of_a_charge_are_those_of_allocations_csv() {
    let billed = Billed::new(&root(), &[&EXAMPLE[..], &["--detail"]].concat()).expect("a bill");
    let rows = billed.rows("allocations.csv");
    let mut written: Vec<String> = rows
        .iter()
        .filter(|row| row.get("role") != "account")
        .map(|row| {
            part([
                row.get("account"),
                row.get("cycle_start"),
                row.get("sku"),
                row.get("tier_from"),
                row.get("resource"),
                row.get("resource_region"),
                row.get("source_image"),
                row.get("producer"),
                row.get("role"),
                row.get("quantity"),
                row.get("amount"),
            ])
        })
        .collect();
    let mut told = Vec::new();
    for account in ["data", "mobile", "partner-lab", "platform", "search", "storefront"] {
        let explained = billed.json(&["--account", account]);
        for cycle in list(&explained["cycles"]) {
            for charge in list(&cycle["charges"]) {
                for own in list(&charge["resources"]) {
                    let empty = |value: &'_ serde_json::Value| {
                        value.as_str().unwrap_or_default().to_owned()
                    };
                    told.push(part([
                        account,
                        text(&cycle["start"]),
                        text(&charge["sku"]),
                        text(&charge["tier_from"]),
                        text(&own["resource"]),
                        text(&own["region"]),
                        &empty(&own["source_image"]),
                        &empty(&own["producer"]),
                        text(&own["role"]),
                        text(&own["quantity"]),
                        text(&own["amount"]),
                    ]));
                }
            }
        }
    }
    written.sort();
    told.sort();
    assert!(written.len() > 80, "{}", written.len());
    assert_eq!(told, written);
}

#[test]
fn the_manual_shows_what_is_printed() {
    let manual = fs::read_to_string(root().join("docs/explain.md")).expect("the manual");
    let shown = manual.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    let shown = shown.expect("a block of output");
    let printed = root().join("tests/golden/explain-one-charge/expected/stdout.txt");
    let printed = fs::read_to_string(printed).expect("what is printed");
    assert!(shown.lines().count() > 10 && printed.starts_with(shown), "{shown}");
}

#[test]
fn every_charge_of_a_generated_log_comes_of_the_rows_that_are_named() {
    let place = TempDir::new().expect("a folder");
    let ask = ["--rows", "1500", "--accounts", "12", "--seed", "7", "--out", "log.csv"];
    let output = sharebill(place.path(), &[&["generate"], &ask[..]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let prices = root().join("pricing/rackspace-us").display().to_string();
    let billed = Billed::new(place.path(), &["log.csv", "--prices", &prices]).expect("a bill");
    assert!(billed.check() > 100);
}

#[test]
fn what_others_sent_of_the_same_resource_is_not_told() {
    let place = TempDir::new().expect("a folder");
    let sent = |day: u32, account: &str| {
        format!("2016-04-{day:02}T00:00:00Z,transfer.out,{account},IAD,base-x,1073741824\n")
    };
    let header = "time,event,account,region,resource,bytes\n";
    let log = [header.to_owned(), sent(2, "a"), sent(3, "b"), sent(4, "a")].concat();
    fs::write(place.path().join("log.csv"), log).expect("a log");
    let prices = root().join("tests/fixtures/small-book").display().to_string();
    let billed = Billed::new(place.path(), &["log.csv", "--prices", &prices]).expect("a bill");
    let told = billed.json(&["--account", "a"]);
    let lines = list(&told["resources"]["base-x"]["events"]).iter().map(|event| &event["line"]);
    assert_eq!(lines.collect::<Vec<_>>(), [2, 4]);
    // Asked for by its id alone, it is told of both.
    let tree = billed.explain(&["--resource", "base-x"]);
    assert!(tree.starts_with("2 accounts pay "), "{tree}");
}
