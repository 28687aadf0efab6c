//! The conformance suite: what every case expects is what the plain reference works out, what is
//! written in its README by hand, and what the product bills; and every rule has a case.
//!
//! `SHAREBILL_BLESS=1 cargo test --test suite -- conformance` lets the reference (never the
//! product) write what is expected, of cases that do not say they are worked out by hand alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sharebill::conformance::{Rows, TABLES, differences};
use sharebill::read::conformance::{pinned, read_rows};

use crate::reference::{self, Inputs, Outputs};
use crate::support::{root, sharebill, stderr, stdout};

/// What a README says where the reference has no part.
const BY_HAND: &str = "worked out by hand alone";

/// The least that the suite is.
const LEAST: usize = 150;

fn suite() -> PathBuf {
    root().join("tests/conformance")
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(suite()).expect("the suite");
    let mut cases: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(cases.len() >= LEAST, "only {} cases", cases.len());
    cases
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_product_passes_every_case() {
    let output = sharebill(&root(), &["conformance", "tests/conformance"]);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    let told = stdout(&output);
    let count = cases().len();
    assert_eq!(told.lines().filter(|line| line.starts_with("ok ")).count(), count);
    let last = told.lines().last().expect("a total");
    assert!(last.starts_with(&format!("{count} cases, ")), "{last}");
    assert!(last.ends_with(&format!("{count} passed, 0 failed")), "{last}");
}

#[test]
fn the_reference_works_out_what_is_expected() {
    let is_blessing = std::env::var_os("SHAREBILL_BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for case in cases() {
        let readme = text(&case.join("README.md"));
        if readme.contains(BY_HAND) {
            continue;
        }
        for policy in policies(&readme) {
            let outputs = billed_by_reference(&case, *policy == "enforce");
            let outputs = outputs.unwrap_or_else(|error| panic!("{}: {error}", case.display()));
            let tables = tables(&outputs, readme.contains("allocations.csv"));
            let folder = case.join(format!("expected-{policy}"));
            if is_blessing {
                fs::create_dir_all(&folder).expect("a folder for what is expected");
            }
            for (file, written) in &tables {
                let path = folder.join(file);
                if is_blessing {
                    fs::write(&path, written).expect("a table");
                }
                if fs::read_to_string(&path).ok().as_ref() != Some(written) {
                    wrong.push(format!("{}\n{written}", path.display()));
                }
                compared += 1;
            }
            let found = fs::read_dir(&folder).map_or(0, Iterator::count);
            assert_eq!(found, tables.len(), "{}: files too many", folder.display());
        }
    }
    assert!(wrong.is_empty(), "not what the reference says:\n{}", wrong.join("\n"));
    assert!(compared > 3 * LEAST, "{compared} tables are few");
}

fn policies(readme: &str) -> &'static [&'static str] {
    if readme.contains("under both policies") { &["report", "enforce"] } else { &["report"] }
}

fn billed_by_reference(case: &Path, enforce: bool) -> Result<Outputs, String> {
    let optional = |name: &str| fs::read_to_string(case.join(name)).ok();
    let (discounts, accounts) = (optional("book/discounts.csv"), optional("accounts.csv"));
    let args = text(&case.join("args"));
    let words: Vec<&str> = args.split_whitespace().collect();
    let after = |flag: &str| words.iter().skip_while(|word| **word != flag).nth(1).copied();
    reference::bill(&Inputs {
        book_toml: &text(&case.join("book/book.toml")),
        rates: &text(&case.join("book/rates.csv")),
        flavors: &text(&case.join("book/flavors.csv")),
        discounts: discounts.as_deref(),
        accounts: accounts.as_deref(),
        events: &[("events.csv", &text(&case.join("events.csv")))],
        enforce,
        start: after("--start"),
        end: after("--end"),
    })
}

fn tables(outputs: &Outputs, in_detail: bool) -> Vec<(&'static str, String)> {
    let mut findings = outputs.findings.clone();
    findings.sort_by(|one, two| (one.1, &one.0, &one.2).cmp(&(two.1, &two.0, &two.2)));
    let rows = findings.iter().map(|(code, line, resource)| format!("{code},{line},{resource}\n"));
    let findings = rows.fold("code,line,resource\n".to_owned(), |text, row| text + &row);
    let mut tables = vec![
        ("charges.csv", outputs.charges.clone()),
        ("statements.csv", outputs.statements.clone()),
        ("findings.csv", findings),
    ];
    if in_detail {
        tables.push(("allocations.csv", outputs.allocations.clone()));
        tables.push(("sharing.csv", outputs.sharing.clone()));
    }
    tables
}

/// The rows of the table below a line of a README, if it has one.
fn table_below(readme: &str, line: &str) -> Option<Vec<Vec<String>>> {
    let (_, rest) = readme.split_once(&format!("\n{line}\n\n"))?;
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect();
    Some(rows.map(cells).collect())
}

/// The columns of a table of the suite, sorted.
fn columns_of(path: &Path, columns: &[&str]) -> Vec<Vec<String>> {
    let rows = read_rows(text(path).as_bytes()).expect("a table");
    let place = |column: &&str| rows.columns.iter().position(|c| c == column).expect("a column");
    let places: Vec<usize> = columns.iter().map(place).collect();
    let cells = |row: &Vec<String>| places.iter().map(|place| row[*place].clone()).collect();
    let mut cells: Vec<Vec<String>> = rows.rows.iter().map(cells).collect();
    cells.sort();
    cells
}

#[test]
fn what_is_expected_is_what_is_worked_out_by_hand() {
    let mut by_hand = 0;
    for case in cases() {
        let readme = text(&case.join("README.md"));
        for (title, policy) in [
            ("Worked out by hand, all charges:", "report"),
            ("Worked out by hand, under `enforce`, all charges:", "enforce"),
        ] {
            let Some(mut hand) = table_below(&readme, title) else { continue };
            let path = case.join(format!("expected-{policy}/charges.csv"));
            let columns = ["account", "sku", "quantity", "unit_price", "amount"];
            let mut charges = columns_of(&path, &columns);
            for cells in hand.iter_mut().chain(&mut charges) {
                // Only the quantity is written without its zeros.
                let quantity = cells[2].clone();
                cells[2] = match quantity.split_once('.') {
                    Some(_) => quantity.trim_end_matches('0').trim_end_matches('.').to_owned(),
                    None => quantity,
                };
            }
            hand.sort();
            charges.sort();
            assert_eq!(hand, charges, "{}", path.display());
            by_hand += 1;
        }
        let mut told = table_below(&readme, "Findings:").unwrap_or_default();
        told.sort();
        let path = case.join("expected-report/findings.csv");
        assert_eq!(told, columns_of(&path, &["code", "line", "resource"]), "{}", path.display());
    }
    assert!(by_hand >= LEAST, "only {by_hand} are worked out by hand");
}

#[test]
fn every_rule_of_the_charging_rules_has_a_case() {
    let rules = rules_in(&text(&root().join("docs/charging-rules.md")));
    assert!(rules.len() >= 50, "the rules were not understood: {rules:?}");
    let mut sentences: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut pinned_rules = BTreeSet::new();
    for case in cases() {
        let readme = text(&case.join("README.md"));
        let sentence = pinned(&readme).to_owned();
        let (rule, rest) = sentence.split_once(": ").unwrap_or_default();
        assert!(rest.len() > 20 && rest.ends_with('.'), "{}: no sentence", case.display());
        assert!(
            matches!(rule, "A" | "L") || rules.contains(rule),
            "{}: `{rule}` is no rule",
            case.display()
        );
        pinned_rules.insert(rule.to_owned());
        if let Some(other) = sentences.insert(sentence, case.clone()) {
            panic!("{} and {} pin the same", case.display(), other.display());
        }
    }
    let without: Vec<&String> = rules.difference(&pinned_rules).collect();
    assert!(without.is_empty(), "rules that no case pins: {without:?}");
    let roles = [
        "producer-storage",
        "private-storage",
        "reimage-storage",
        "consumer-server",
        "own-server",
        "object-storage",
        "transfer",
        "account",
    ];
    let told: BTreeSet<String> = cases()
        .iter()
        .map(|case| case.join("expected-report/allocations.csv"))
        .filter(|path| path.exists())
        .flat_map(|path| columns_of(&path, &["role"]).into_iter().flatten())
        .collect();
    assert_eq!(told, roles.map(str::to_owned).into(), "each role has a case");
}

/// Codes such as `R3a`, `P7` and `L00` in a text.
fn rules_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let is_rule = |word: &&str| {
        let Some((first, rest)) = word.split_at_checked(1) else { return false };
        let digits = rest.trim_end_matches(['a', 'b']);
        let longest = if first == "L" { 2 } else { 1 };
        "RCMBPL".contains(first)
            && digits.len() == longest
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    words.filter(is_rule).map(str::to_owned).collect()
}

/// A case in a folder of its own, which a test may change.
fn copied(name: &str) -> tempfile::TempDir {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).expect("a file");
            }
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    copy(&suite().join(name), &folder.path().join(name));
    folder
}

const FLAT: &str = "P3-flat-when-the-bound-is-passed";

#[test]
fn one_changed_cell_of_any_table_fails_its_case() {
    for (table, old, new, told) in [
        ("charges.csv", ",10.00,USD", ",10.01,USD", "amount is expected to be 10.01, and is 10"),
        ("statements.csv", "16.40,USD", "16.41,USD", "total is expected to be 16.41, and is 16.4"),
        ("allocations.csv", "private-storage", "producer-storage", "role is expected to be"),
        ("findings.csv", "resource\n", "resource\nL13,2,gold\n", "lacks the row line=2 code=L13"),
        ("charges.csv", "image.storage", "object.storage", "charges.csv has a row too many"),
    ] {
        let folder = copied(FLAT);
        let path = folder.path().join(FLAT).join("expected-report").join(table);
        let changed = text(&path).replacen(old, new, 1);
        assert_ne!(changed, text(&path), "{table} has no `{old}`");
        fs::write(&path, changed).expect("a table");
        let output = sharebill(folder.path(), &["conformance", "."]);
        assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
        let said = stdout(&output);
        assert!(said.contains(told), "{table}: {said}");
        assert!(said.contains(&format!("FAIL  {FLAT}\n")), "{said}");
        assert!(said.ends_with("1 case, 1 run: 0 passed, 1 failed\n"), "{said}");
    }
}

#[test]
fn a_cell_in_any_row_of_the_suite_counts() {
    // Each case's first amount, changed: no case may pass with another one.
    let mut changed = 0;
    for case in cases() {
        let path = case.join("expected-report/charges.csv");
        let expected = read_rows(text(&path).as_bytes()).expect("a table");
        let place = expected.columns.iter().position(|column| column == "amount").expect("amounts");
        for row in 0..expected.rows.len() {
            let mut other: Rows = expected.clone();
            other.rows[row][place].push('1');
            if !other.rows[row][place].contains('.') {
                continue;
            }
            let found = differences(&TABLES[0], &expected, &other);
            assert_eq!(found.len(), 1, "{}: {found:?}", path.display());
            changed += 1;
        }
    }
    assert!(changed > 2 * LEAST, "{changed} changes are few");
}

#[test]
fn results_for_machines_name_the_cell() {
    let folder = copied(FLAT);
    let path = folder.path().join(FLAT).join("expected-report/charges.csv");
    fs::write(&path, text(&path).replacen(",10.00,USD", ",10.01,USD", 1)).expect("a table");
    let output = sharebill(folder.path(), &["conformance", ".", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(told["failed"], 1);
    let result = &told["results"][0];
    assert_eq!(result["case"], FLAT);
    assert_eq!(result["passed"], false);
    let difference = &result["differences"][0];
    assert_eq!(difference["what"], "cell");
    assert_eq!(difference["column"], "amount");
    assert_eq!(difference["expected"], "10.01");
    assert_eq!(difference["got"], "10");
}

#[test]
fn cases_are_chosen_by_name() {
    let output = sharebill(&root(), &["conformance", "tests/conformance", "--only", "B2-*"]);
    let told = stdout(&output);
    let (names, total) = told.trim_end().rsplit_once('\n').expect("lines");
    assert!(names.lines().all(|line| line.starts_with("ok    B2-")), "{told}");
    assert!(names.lines().count() >= 5 && total.contains(" 0 failed"), "{told}");
    let quiet = ["conformance", "tests/conformance", "--only", "B2-*", "--quiet"];
    assert_eq!(stdout(&sharebill(&root(), &quiet)).trim_end(), total);
}

#[test]
fn another_engine_is_judged_by_what_it_writes() {
    let program = env!("CARGO_BIN_EXE_sharebill");
    let engine = format!(
        "'{program}' bill {{case}}/events.csv --prices {{case}}/book --policy {{policy}} \
         --allow-findings --detail --quiet --out {{out}} {{args}}"
    );
    let judged = |engine: &str, only: &str| {
        let arguments = ["conformance", "tests/conformance", "--only", only, "--engine", engine];
        let output = sharebill(&root(), &arguments);
        (output.status.code(), stdout(&output))
    };
    let (status, told) = judged(&engine, "L01-*");
    assert_eq!(status, Some(0), "{told}");
    // An engine that knows one policy only.
    let (status, told) = judged(&engine.replace("{policy}", "report"), "L01-a-member-no-longer");
    assert_eq!(status, Some(1), "{told}");
    assert!(told.contains("--policy enforce: charges.csv has a row too many"), "{told}");
    // One that does not know accounts.
    let (status, told) = judged(&engine, "R9-a-fee-where*");
    assert_eq!(status, Some(1), "{told}");
    assert!(told.contains("charges.csv lacks the row"), "{told}");
    let (status, told) = judged("no-such-engine {case} {out}", "L01-a-member-no-longer");
    assert_eq!(status, Some(1), "{told}");
    assert!(told.contains("the engine failed: it does not start"), "{told}");
}

#[test]
fn a_case_that_expects_no_table_of_the_suite_fails() {
    let folder = copied(FLAT);
    let expected = folder.path().join(FLAT).join("expected-report");
    fs::write(expected.join("charge.csv"), "a\n").expect("a file");
    let output = sharebill(folder.path(), &["conformance", "."]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("charge.csv is wrong: it is no table"), "{}", stdout(&output));
    fs::remove_dir_all(expected).expect("a folder");
    let output = sharebill(folder.path(), &["conformance", "."]);
    assert!(stdout(&output).contains("expected-report is wrong"), "{}", stdout(&output));
}

#[test]
fn a_case_passes_on_no_argument_but_its_own_three() {
    for args in ["--force", "--out elsewhere", "/etc/passwd", "--start", "--start --end"] {
        let folder = copied(FLAT);
        fs::write(folder.path().join(FLAT).join("args"), args).expect("a file");
        let output = sharebill(folder.path(), &["conformance", "."]);
        assert_eq!(output.status.code(), Some(1), "{args}");
        assert!(stdout(&output).contains("the case's args is wrong"), "{}", stdout(&output));
    }
}
