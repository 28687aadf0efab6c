//! Journals for a general ledger: debit is credit, in every currency and month.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{root, sharebill, stderr};

/// A line of a journal.
#[derive(Debug, Clone)]
struct Line {
    month: String,
    ledger: String,
    /// In millionths, so that any currency's are whole.
    debit: i64,
    credit: i64,
    account: String,
    cost_center: String,
    kind: String,
}

#[test]
fn the_example_is_booked_as_its_map_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = example(folder.path());
    let lines = journal(&run, "examples/ledger/map.toml");
    assert_balanced(&lines);
    // Expenses are debits and what is owed a credit, of each account what its statements say.
    let owed = total(&lines, |line| line.kind == "clearing");
    assert_eq!(owed, -4_928_370_000, "the bill's total");
    assert_eq!(total(&lines, |line| line.kind == "charges"), 4_928_370_000);
    assert!(lines.iter().all(|line| line.kind != "rounding"), "cents are the ledger's");
    let statements = statements(&run);
    for line in lines.iter().filter(|line| line.kind == "clearing") {
        let key = (line.account.clone(), line.month.clone());
        assert_eq!(line.credit - line.debit, statements[&key], "{key:?}");
        assert_eq!(line.ledger, "2150");
    }
    // The first rule that fits decides.
    let ledgers = |account: &str| {
        let of = lines.iter().filter(|l| l.account == account && l.kind == "charges");
        let mut ledgers: Vec<&str> = of.map(|line| line.ledger.as_str()).collect();
        ledgers.sort_unstable();
        ledgers.dedup();
        ledgers
    };
    assert!(ledgers("platform").contains(&"6215"));
    assert_eq!(ledgers("partner-lab"), ["1380"]);
    let partner = lines.iter().find(|line| line.account == "partner-lab").expect("a line");
    assert_eq!(partner.cost_center, "CC-9100");
}

#[test]
fn income_is_the_same_with_the_sides_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = example(folder.path());
    let map = fs::read_to_string(root().join("examples/ledger/map.toml")).expect("a map");
    let other = folder.path().join("income.toml").display().to_string();
    fs::write(&other, map.replace("side = \"expense\"", "side = \"income\"")).expect("written");
    let (expense, income) = (journal(&run, "examples/ledger/map.toml"), journal(&run, &other));
    assert_balanced(&income);
    for (a, b) in expense.iter().zip(&income) {
        assert_eq!((a.debit, a.credit, &a.ledger), (b.credit, b.debit, &b.ledger));
    }
}

#[test]
fn a_ledger_in_whole_units_balances_by_its_rounding_account() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = example(folder.path());
    let map = fs::read_to_string(root().join("examples/ledger/map.toml")).expect("a map");
    let whole = folder.path().join("whole.toml").display().to_string();
    fs::write(&whole, format!("decimals = 0\n{map}")).expect("written");
    let lines = journal(&run, &whole);
    assert_balanced(&lines);
    assert!(lines.iter().all(|line| line.debit % 1_000_000 == 0 && line.credit % 1_000_000 == 0));
    let rounding: Vec<&Line> = lines.iter().filter(|line| line.kind == "rounding").collect();
    assert!(!rounding.is_empty());
    for line in rounding {
        assert_eq!(line.ledger, "6990");
        // Less than half a unit a line.
        let others = lines.iter().filter(|other| other.month == line.month).count() as i64;
        assert!((line.debit + line.credit) <= others * 500_000, "{line:?}");
    }
}

#[test]
fn every_golden_bill_balances() {
    let folder = tempfile::tempdir().expect("a folder");
    let map = folder.path().join("map.toml").display().to_string();
    let all = "side = \"expense\"\nclearing = \"2\"\nrounding = \"9\"\ndecimals = 1\n\
               [[charge]]\nsku = \"server:*\"\nledger = \"1\"\n\
               [[charge]]\nsku = \"*\"\nledger = \"3\"\n";
    fs::write(&map, all).expect("written");
    let mut balanced = 0;
    for entry in fs::read_dir(root().join("tests/golden")).expect("cases") {
        let run = entry.expect("an entry").path().join("expected");
        let is_bill = run.join("charges.csv").exists()
            && !fs::read_to_string(run.join("run.json")).expect("run.json").contains("projection");
        if is_bill {
            assert_balanced(&journal(&run, &map));
            balanced += 1;
        }
    }
    assert!(balanced > 15, "{balanced}");
}

#[test]
fn what_no_line_takes_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = example(folder.path());
    let map = folder.path().join("map.toml").display().to_string();
    let text = "side = \"expense\"\nclearing = \"2\"\nrounding = \"9\"\n\
                [[charge]]\nsku = \"server:*\"\nledger = \"1\"\n";
    fs::write(&map, text).expect("written");
    let out = folder.path().join("j.csv").display().to_string();
    let name = run.display().to_string();
    let output = sharebill(&root(), &["export", &name, "--gl", &map, "--out", &out]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("error[D07]"), "{}", stderr(&output));
    assert!(stderr(&output).contains("image.storage"), "{}", stderr(&output));
    assert!(!Path::new(&out).exists());
}

fn example(folder: &Path) -> PathBuf {
    let out = folder.join("run");
    let shown = out.display().to_string();
    let arguments = [
        "bill",
        "examples/golden-image/events.csv",
        "--accounts",
        "examples/golden-image/accounts.csv",
        "--prices",
        "pricing/rackspace-us",
        "--out",
        &shown,
        "-q",
    ];
    let output = sharebill(&root(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    out
}

fn journal(run: &Path, map: &str) -> Vec<Line> {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("journal.csv").display().to_string();
    let name = run.display().to_string();
    let output = sharebill(&root(), &["export", &name, "--gl", map, "--out", &out, "-q"]);
    assert!(output.status.success(), "{name}: {}", stderr(&output));
    let mut reader = csv::ReaderBuilder::new().from_path(&out).expect("a journal");
    let header: Vec<String> =
        reader.headers().expect("a header").iter().map(str::to_owned).collect();
    assert_eq!(
        header.join(","),
        "entry,line,month,ledger_account,debit,credit,currency,account,cost_center,kind,description"
    );
    let line = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.expect("a row");
        assert_eq!(record[0], format!("sharebill-{}-{}", &record[6], &record[2]));
        Line {
            month: record[2].to_owned(),
            ledger: record[3].to_owned(),
            debit: millionths(&record[4]),
            credit: millionths(&record[5]),
            account: record[7].to_owned(),
            cost_center: record[8].to_owned(),
            kind: record[9].to_owned(),
        }
    };
    reader.records().map(line).collect()
}

/// Debits and credits are the same in every month, and each line is one of them.
fn assert_balanced(lines: &[Line]) {
    assert!(!lines.is_empty());
    let mut months: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for line in lines {
        assert!(line.debit >= 0 && line.credit >= 0, "{line:?}");
        assert!((line.debit == 0) != (line.credit == 0), "{line:?}");
        let month = months.entry(&line.month).or_default();
        month.0 += line.debit;
        month.1 += line.credit;
    }
    for (month, (debit, credit)) in months {
        assert_eq!(debit, credit, "{month}");
    }
}

fn total(lines: &[Line], is_meant: impl Fn(&&Line) -> bool) -> i64 {
    lines.iter().filter(is_meant).map(|line| line.debit - line.credit).sum()
}

/// The totals of statements, by account and month.
fn statements(run: &Path) -> BTreeMap<(String, String), i64> {
    let mut reader =
        csv::ReaderBuilder::new().from_path(run.join("statements.csv")).expect("statements");
    let mut totals = BTreeMap::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let key = (record[0].to_owned(), record[1][..7].to_owned());
        *totals.entry(key).or_default() += millionths(&record[11]);
    }
    totals
}

fn millionths(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<6}").parse().unwrap_or_else(|_| panic!("{text:?}"))
}
