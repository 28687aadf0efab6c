//! Whether an engine's tables say what a case of the conformance suite expects.
//!
//! A case pins a rule: a log, a book, and the tables that must come of them. Another engine may
//! sort its rows otherwise, write `0.1` for `0.10`, name an instant by another offset, and have
//! columns of its own; so tables are compared by what they say ([`differences`]), not by bytes.
//! Amounts are never worked out again here: two texts are the same number or they are not.

mod pattern;
mod same;

use std::collections::{BTreeMap, BTreeSet};

pub use pattern::{split_words, takes};
use same::meaning;

/// A table that a case may expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The file that holds it.
    pub file: &'static str,
    /// The columns that tell its rows apart.
    keys: &'static [&'static str],
    /// The columns that are compared besides.
    values: &'static [&'static str],
}

/// Every table of the suite. The columns that stand here are the contract; others (messages,
/// times of findings) are an engine's own.
pub const TABLES: [Table; 5] = [
    Table {
        file: "charges.csv",
        keys: &["account", "cycle_start", "sku", "region", "effective_from", "tier_from", "unit"],
        values: &["cycle_end", "quantity", "unit_price", "amount", "currency", "rule"],
    },
    Table {
        file: "statements.csv",
        keys: &["account", "cycle_start"],
        values: &[
            "cycle_end",
            "storage",
            "servers",
            "licenses",
            "support",
            "transfer",
            "minimum",
            "fee",
            "discount",
            "total",
            "currency",
        ],
    },
    Table {
        file: "allocations.csv",
        keys: &[
            "account",
            "cycle_start",
            "sku",
            "region",
            "effective_from",
            "tier_from",
            "resource",
            "source_image",
        ],
        values: &["resource_region", "producer", "role", "quantity", "amount", "currency"],
    },
    Table {
        file: "sharing.csv",
        keys: &["image", "cycle_start", "consumer"],
        values: &[
            "producer",
            "region",
            "members",
            "producer_storage",
            "consumer_servers",
            "consumer_licenses_support",
            "consumer_reimages",
            "currency",
        ],
    },
    Table { file: "findings.csv", keys: &["line", "code", "resource"], values: &[] },
];

/// A table as it was read: its header, and each row's cells, as many as there are columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// The header.
    pub columns: Vec<String>,
    /// The rows below it.
    pub rows: Vec<Vec<String>>,
}

/// One thing in which an engine's run is not what the case expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The engine ended with a mistake of its own, or did not start.
    Failed {
        /// What it said.
        message: String,
    },
    /// The case itself cannot be used.
    Case {
        /// The file of the case.
        file: String,
        /// Why.
        message: String,
    },
    /// The engine's file is not there, or is no table.
    Unreadable {
        /// The file.
        file: &'static str,
        /// Why.
        message: String,
    },
    /// A column is not in the engine's table.
    NoColumn {
        /// The file.
        file: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A row is expected and not there.
    NoRow {
        /// The file.
        file: &'static str,
        /// The row's cells, by column.
        row: String,
    },
    /// A row is there and not expected.
    ExtraRow {
        /// The file.
        file: &'static str,
        /// The row's cells, by column.
        row: String,
    },
    /// A row says something else.
    Cell {
        /// The file.
        file: &'static str,
        /// What tells the row apart.
        row: String,
        /// The column.
        column: &'static str,
        /// What the case expects.
        expected: String,
        /// What the engine says.
        got: String,
    },
}

/// One case, as it was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The case's folder, below the suite's.
    pub case: String,
    /// What it pins: the sentence that its README begins with.
    pub pins: String,
    /// The policies that it was run under, with what differed.
    pub runs: Vec<(&'static str, Vec<Difference>)>,
}

impl Verdict {
    /// Whether nothing differed.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.runs.iter().all(|(_, differences)| differences.is_empty())
    }
}

/// In what an engine's table is not what is expected, by the columns of the suite, whatever the
/// order of rows and columns.
#[must_use]
pub fn differences(table: &Table, expected: &Rows, got: &Rows) -> Vec<Difference> {
    let file = table.file;
    let compared = || table.keys.iter().chain(table.values).copied();
    if let Some(column) = compared().find(|column| place(expected, column).is_none()) {
        let message = format!("it has no column `{column}`");
        return vec![Difference::Case { file: file.to_owned(), message }];
    }
    let missing = compared().filter(|column| place(got, column).is_none());
    let missing: Vec<Difference> =
        missing.map(|column| Difference::NoColumn { file, column }).collect();
    if !missing.is_empty() {
        return missing;
    }
    let (expected, got) = (grouped(table, expected), grouped(table, got));
    let keys: BTreeSet<&Vec<String>> = expected.keys().chain(got.keys()).collect();
    let mut found = Vec::new();
    for key in keys {
        let rows = |rows: &Grouped| rows.get(key).cloned().unwrap_or_default();
        compare_rows(table, key, rows(&expected), rows(&got), &mut found);
    }
    found
}

/// The compared cells of rows, by what tells the rows apart. Several rows may share that: a tier's
/// price and its flat do in `allocations.csv`.
type Grouped = BTreeMap<Vec<String>, Vec<Vec<String>>>;

fn grouped(table: &Table, rows: &Rows) -> Grouped {
    let cells = |row: &[String], columns: &[&str]| -> Vec<String> {
        let cell = |column: &&str| {
            let text = place(rows, column).and_then(|place| row.get(place));
            meaning(column, text.map_or("", String::as_str))
        };
        columns.iter().map(cell).collect()
    };
    let mut groups = Grouped::new();
    for row in &rows.rows {
        groups.entry(cells(row, table.keys)).or_default().push(cells(row, table.values));
    }
    groups.values_mut().for_each(|rows| rows.sort());
    groups
}

fn place(rows: &Rows, column: &str) -> Option<usize> {
    rows.columns.iter().position(|known| known == column)
}

/// Compares the rows that share what tells rows apart. Those that are equal are each other's;
/// of the others, the first is held against the first.
fn compare_rows(
    table: &Table,
    key: &[String],
    mut expected: Vec<Vec<String>>,
    mut got: Vec<Vec<String>>,
    found: &mut Vec<Difference>,
) {
    let file = table.file;
    expected.retain(|row| match got.iter().position(|other| other == row) {
        Some(same) => {
            got.remove(same);
            false
        }
        None => true,
    });
    let pairs = expected.len().min(got.len());
    for (one, other) in expected.iter().zip(&got) {
        let cells = table.values.iter().zip(one.iter().zip(other));
        let differing = cells.filter(|(_, (one, other))| one != other);
        found.extend(differing.map(|(column, (one, other))| Difference::Cell {
            file,
            row: named(table.keys, key),
            column,
            expected: one.clone(),
            got: other.clone(),
        }));
    }
    let whole = |values: &Vec<String>| {
        let mut row = named(table.keys, key);
        if !values.is_empty() {
            row.push(' ');
            row.push_str(&named(table.values, values));
        }
        row
    };
    for row in expected.iter().skip(pairs) {
        found.push(Difference::NoRow { file, row: whole(row) });
    }
    for row in got.iter().skip(pairs) {
        found.push(Difference::ExtraRow { file, row: whole(row) });
    }
}

/// `column=cell` for every cell that has something in it.
fn named(columns: &[&str], cells: &[String]) -> String {
    let cells = columns.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
    let cells: Vec<String> = cells.map(|(column, cell)| format!("{column}={cell}")).collect();
    cells.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(columns: &str, rows: &[&str]) -> Rows {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        Rows { columns: cells(columns), rows: rows.iter().map(|row| cells(row)).collect() }
    }

    const STATEMENTS: Table = TABLES[1];
    const HEADER: &str = "account,cycle_start,cycle_end,storage,servers,licenses,support,transfer,\
                          minimum,fee,discount,total,currency";
    const ACME: &str = "acme,2018-04-01T00:00:00Z,2018-05-01T00:00:00Z,3.10,0.00,0.00,0.00,0.00,\
                        0.00,0.00,0.00,3.10,USD";
    const BIRCH: &str = "birch,2018-04-01T00:00:00Z,2018-05-01T00:00:00Z,0.00,7.20,0.00,0.00,0.00,\
                         0.00,0.00,0.00,7.20,USD";

    #[test]
    fn order_zeros_offsets_and_columns_of_its_own_are_an_engines_own_matter() {
        let expected = rows(HEADER, &[ACME, BIRCH]);
        let acme = ACME.replace("3.10", "3.1").replace("0.00", "0");
        let acme = acme.replace("2018-04-01T00:00:00Z", "2018-04-01T02:00:00+02:00") + ",hello";
        let birch = BIRCH.to_owned() + ",";
        let got = rows(&format!("{HEADER},remark"), &[&birch, &acme]);
        assert_eq!(differences(&STATEMENTS, &expected, &got), []);
    }

    #[test]
    fn a_cell_a_row_too_few_and_one_too_many_are_told() {
        let expected = rows(HEADER, &[ACME, BIRCH]);
        let changed = ACME.replace("3.10,USD", "3.11,USD");
        let got = rows(HEADER, &[&changed, &BIRCH.replace("birch", "cedar")]);
        let told = differences(&STATEMENTS, &expected, &got);
        let [cell, missing, extra] = told.as_slice() else { panic!("{told:?}") };
        let row = "account=acme cycle_start=2018-04-01T00:00:00Z".to_owned();
        let (expected, got) = ("3.1".to_owned(), "3.11".to_owned());
        let file = "statements.csv";
        assert_eq!(*cell, Difference::Cell { file, row, column: "total", expected, got });
        assert!(
            matches!(missing, Difference::NoRow { row, .. } if row.contains("account=birch ")),
            "{missing:?}"
        );
        assert!(
            matches!(extra, Difference::ExtraRow { row, .. } if row.contains("account=cedar ")),
            "{extra:?}"
        );
    }

    #[test]
    fn the_same_finding_twice_is_not_the_same_finding_once() {
        let once = rows("code,line,resource", &["L13,4,gold"]);
        let twice = rows("code,line,resource,message", &["L13,4,gold,ah", "L13,4,gold,oh"]);
        let [Difference::ExtraRow { row, .. }] = &differences(&TABLES[4], &once, &twice)[..] else {
            panic!("one row too many is not told")
        };
        assert_eq!(row, "line=4 code=L13 resource=gold");
    }

    #[test]
    fn a_column_that_is_not_there_is_told_once() {
        let expected = rows("code,line,resource", &["L13,4,gold"]);
        let got = rows("code,line", &["L13,4"]);
        let file = "findings.csv";
        assert_eq!(
            differences(&TABLES[4], &expected, &got),
            [Difference::NoColumn { file, column: "resource" }]
        );
        assert!(matches!(differences(&TABLES[4], &got, &expected)[..], [Difference::Case { .. }]));
    }
}
