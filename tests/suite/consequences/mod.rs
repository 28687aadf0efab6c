//! C1 to C7 of the charging rules: what must follow from them, on logs small enough to bill by
//! hand.
//!
//! The small book: a GiB-month costs 0.10, an hour of general1-1 0.032, of general1-2 0.064,
//! support 0.005 per GB and hour, Windows on either flavor 0.02 an hour, a GiB sent 0.12. March
//! has 744 hours, April 720.

mod clock;
mod endings;
mod order;
mod sharing;

use crate::support::{Outputs, Texts, small_book};

/// Writes a log out as CSV rows: `TIME EVENT ACCOUNT RESOURCE column=value …` on each line. A time
/// may be a date, for its 00:00 UTC; `-` as account is the operator; what needs a region and names
/// none is in DFW; bytes may be told in GiB.
pub(crate) fn log(lines: &str) -> String {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| row(line) + "\n").collect()
}

fn row(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [time, event, account, resource, told @ ..] = words.as_slice() else {
        panic!("time, event, account and resource expected: {line}")
    };
    let needs_region = event.ends_with(".create") && !event.contains("member");
    let told = |column: &str| {
        let found = told.iter().find_map(|word| word.strip_prefix(column)?.strip_prefix('='));
        let default = if column == "region" && (needs_region || *event == "transfer.out") {
            "DFW"
        } else {
            ""
        };
        found.unwrap_or(default).to_owned()
    };
    let time = if time.len() == 10 { format!("{time}T00:00:00Z") } else { (*time).to_owned() };
    let account = if *account == "-" { "" } else { account };
    let mut fields = vec![time, (*event).to_owned(), account.to_owned()];
    fields.extend([told("region"), (*resource).to_owned()]);
    fields.extend(["source", "member", "status"].map(told));
    fields.push(in_bytes(&told("bytes")));
    fields.extend(["flavor", "os", "visibility", "labels", "id"].map(told));
    fields.join(",")
}

fn in_bytes(size: &str) -> String {
    match size.strip_suffix("GiB") {
        Some(count) => (count.parse::<u64>().expect("a whole number of GiB") << 30).to_string(),
        None => size.to_owned(),
    }
}

/// These columns of a CSV text, one line a row.
pub(crate) fn columns(csv: &str, names: &[&str]) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let place = |name: &&str| header.iter().position(|known| known == *name).expect("a column");
    let places: Vec<usize> = names.iter().map(place).collect();
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| places.iter().map(|place| &row[*place]).collect::<Vec<_>>().join(" ")).collect()
}

/// Each statement as `account month category=amount … total=amount`, without what is nothing.
pub(crate) fn paid(outputs: &Outputs) -> Vec<String> {
    let categories =
        ["storage", "servers", "licenses", "support", "transfer", "minimum", "fee", "discount"];
    let mut lines = columns(&outputs.statements, &["account", "cycle_start"]);
    for line in &mut lines {
        line.truncate(line.len() - "-01T00:00:00Z".len());
    }
    for category in categories.into_iter().chain(["total"]) {
        let amounts = columns(&outputs.statements, &[category]);
        for (line, amount) in lines.iter_mut().zip(amounts) {
            if amount != "0.00" {
                *line += &format!(" {category}={amount}");
            }
        }
    }
    lines
}

/// A log under the small book.
fn billed(lines: &str) -> Outputs {
    small_book().with_rows(&log(lines)).bill()
}

/// The same for March and April.
fn billed_for_two_months(lines: &str) -> Outputs {
    Texts { end: Some("2016-05-01".to_owned()), ..small_book().with_rows(&log(lines)) }.bill()
}
