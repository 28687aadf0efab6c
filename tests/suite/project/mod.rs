//! Projections, through the program: that they are the bill of what they plan, to the cent; that
//! chance is drawn fairly and the same on any number of threads; and figures worked out by hand.
#![expect(clippy::disallowed_types, reason = "statistics of amounts that the program printed")]

mod bills;
mod chance;
mod edges;
mod fleets;
mod scenarios;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

use tempfile::TempDir;

use crate::support::{root, sharebill, stderr};

/// A month from 2027-01-01 on.
const JANUARY: &str = "[scenario]\nstart = \"2027-01-01\"\nmonths = 1\n";

/// One server of team-a that stands in IAD: 744 hours at $0.032, and 744 GB-hours at $0.005.
const ONE_SERVER: &str = "[[fleet]]\naccount = \"team-a\"\nregion = \"IAD\"\n\
                          flavor = \"general1-1\"\ncount = 1\n";

/// An image of `platform`, for team-a.
fn image(more: &str) -> String {
    format!(
        "[[image]]\nname = \"web\"\nowner = \"platform\"\nregions = [\"IAD\"]\nsize = \"10 GiB\"\n\
         share_with = [\"team-a\"]\n{more}"
    )
}

/// A folder to work in, with scenarios, and books beside them.
struct Desk(TempDir);

/// What a run of `project` left.
struct Projected {
    out: PathBuf,
    output: Output,
}

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().expect("a temporary folder"))
    }

    /// With one scenario, `scenario.toml`.
    fn with(scenario: &str) -> Desk {
        Desk::new().and("scenario.toml", scenario)
    }

    fn and(self, name: &str, text: &str) -> Desk {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file can be written");
        self
    }

    /// The small book, with other rates below its header.
    fn and_rates(self, rates: &str) -> Desk {
        let header = "sku,region,unit,model,from,price,flat,effective_from,source\n";
        let fixture = root().join("tests/fixtures/small-book");
        let read = |file: &str| fs::read_to_string(fixture.join(file)).expect("a fixture");
        let desk = self.and("book/rates.csv", &format!("{header}{rates}"));
        let desk = desk.and("book/book.toml", &read("book.toml"));
        desk.and("book/flavors.csv", &read("flavors.csv"))
    }

    /// Projects `scenario.toml` by the small book, unless the arguments say otherwise.
    fn project(&self, arguments: &str) -> Projected {
        let number = fs::read_dir(self.0.path()).expect("a folder").count();
        let out = format!("out-{number}");
        let small = root().join("tests/fixtures/small-book").display().to_string();
        let mut words = vec!["project", "--out", &out];
        if !arguments.contains("--scenario") {
            words.extend(["--scenario", "scenario.toml"]);
        }
        if !arguments.contains("--prices") {
            words.extend(["--prices", &small]);
        }
        words.extend(arguments.split_whitespace());
        let output = sharebill(self.0.path(), &words);
        Projected { out: self.0.path().join(out), output }
    }

    /// The same, which has to succeed.
    fn projected(&self, arguments: &str) -> Projected {
        let projected = self.project(arguments);
        assert_eq!(projected.status(), 0, "{arguments}: {}", stderr(&projected.output));
        projected
    }
}

impl Projected {
    fn status(&self) -> i32 {
        self.output.status.code().expect("the program ends by itself")
    }

    fn read(&self, file: &str) -> String {
        let path = self.out.join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn rows(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        rows(&self.read(file))
    }

    /// A column of `projection_summary.csv`, of the total or of one category.
    fn summary(&self, account: &str, period: &str, category: &str, column: &str) -> String {
        let rows = self.rows("projection_summary.csv");
        let is_it = |row: &&BTreeMap<String, String>| {
            row["account"] == account && row["period"] == period && row["category"] == category
        };
        rows.iter().find(is_it).map_or_else(String::new, |row| row[column].clone())
    }

    /// What all pay in all months.
    fn total(&self) -> String {
        self.summary("*", "all", "total", "mean")
    }

    /// One account's month in one category.
    fn month(&self, account: &str, month: &str, category: &str) -> String {
        let rows = self.rows("projection.csv");
        let is_it = |row: &&BTreeMap<String, String>| {
            row["account"] == account && row["month"] == month && row["category"] == category
        };
        rows.iter().find(is_it).map_or_else(String::new, |row| row["mean"].clone())
    }

    /// Times and resources of one kind of events.
    fn events(&self, kind: &str) -> Vec<(String, String)> {
        let rows = self.rows("events.csv");
        let of_kind = rows.into_iter().filter(|row| row["event"] == kind);
        of_kind.map(|row| (row["time"].clone(), row["resource"].clone())).collect()
    }

    /// The codes of `findings.csv`.
    fn codes(&self) -> Vec<String> {
        self.rows("findings.csv").into_iter().map(|row| row["code"].clone()).collect()
    }
}

/// The rows of a CSV table, by its headers.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}
