//! FOCUS files: what no validator looks at. Prices times quantities, sums, allowed values and dates,
//! row by row, on the bills of the golden cases and on names that mean harm.

mod columns;
mod command;
mod projections;
mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::support::{root, sharebill, stderr};

/// A table, by the names of its columns.
type Row = BTreeMap<String, String>;

/// The folder of a run, which goes with it.
struct Run {
    path: PathBuf,
    _room: tempfile::TempDir,
}

impl Run {
    fn new() -> Run {
        let room = tempfile::tempdir().expect("a folder");
        Run { path: room.path().join("run"), _room: room }
    }
}

impl std::ops::Deref for Run {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

fn bill(folder: &Path, arguments: &[&str]) -> Run {
    let out = Run::new();
    let shown = out.display().to_string();
    let arguments =
        [&["bill"][..], arguments, &["--detail", "--allow-findings", "--out", &shown, "-q"]]
            .concat();
    let output = sharebill(folder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    out
}

fn example() -> Run {
    let (events, accounts) =
        ("examples/golden-image/events.csv", "examples/golden-image/accounts.csv");
    bill(&root(), &[events, "--accounts", accounts, "--prices", "pricing/rackspace-us"])
}

/// Exports a run beside itself; the file.
fn export(run: &Path, arguments: &[&str]) -> PathBuf {
    export_from(&root(), run, arguments)
}

fn export_from(folder: &Path, run: &Path, arguments: &[&str]) -> PathBuf {
    let out = run.join("../out.csv");
    let (run, shown) = (run.display().to_string(), out.display().to_string());
    let more = ["--out", &shown, "--force", "-q"];
    let output = sharebill(folder, &[&["export", &run][..], arguments, &more].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    out
}

fn exported(run: &Path, version: &str, is_detailed: bool) -> Vec<Row> {
    let detail: &[&str] = if is_detailed { &["--detail"] } else { &[] };
    rows_of(&export(run, &[&["--focus", version], detail].concat()))
}

fn rows_of(file: &Path) -> Vec<Row> {
    table(&fs::read_to_string(file).expect("a table"))
}

fn table(text: &str) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let names = reader.headers().expect("a header").clone();
    let rows = reader.records().map(|record| {
        let record = record.expect("a row");
        names.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    });
    rows.collect()
}

/// A plain decimal, exactly.
fn number(text: &str) -> BigRational {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt =
        format!("{whole}{fraction}").parse().unwrap_or_else(|_| panic!("{text:?}"));
    BigRational::new(digits, BigInt::from(10).pow(fraction.len() as u32))
}
