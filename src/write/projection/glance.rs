//! `run.json` of a projection, and what it comes to at a glance.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Serialize;

use crate::project::outcome::{Against, Period, Projection, SummaryRow};
use crate::run::focus::Gigabyte;
use crate::value::Names;
use crate::write::InputReport;
use crate::write::json::to_text;
use crate::write::projection::{account, against, shown};
use crate::write::text::{blank_table, grouped, push_table, visible};

#[derive(Serialize)]
struct Run<'a> {
    program: &'a str,
    version: &'a str,
    kind: &'a str,
    book: Book<'a>,
    arguments: BTreeMap<&'a str, &'a str>,
    inputs: Vec<Input<'a>>,
    scenarios: Vec<Scenario<'a>>,
}

#[derive(Serialize)]
struct Book<'a> {
    id: &'a str,
    title: &'a str,
    gigabyte: &'a str,
}

#[derive(Serialize)]
struct Input<'a> {
    name: &'a str,
    size: u64,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    runs: u32,
    totals: BTreeMap<&'a str, String>,
}

#[derive(Serialize)]
struct Told<'a> {
    out: &'a str,
    files: &'a [String],
    scenarios: Vec<Scenario<'a>>,
    accounts: Vec<Account<'a>>,
}

#[derive(Serialize)]
struct Account<'a> {
    scenario: &'a str,
    account: &'a str,
    mean: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    p10: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    p90: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    budget: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    over_budget_probability: String,
    currency: &'a str,
}

/// `run.json`: what the folder was made of, and the mean of all money.
#[must_use]
pub fn run(
    projections: &[Projection],
    book: &crate::book::Book,
    inputs: &[InputReport],
    arguments: &[(String, String)],
) -> String {
    let arguments = arguments.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let inputs = inputs.iter().map(|input| Input {
        name: &input.name,
        size: input.size,
        sha256: &input.sha256,
    });
    to_text(&Run {
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        kind: "projection",
        book: Book { id: &book.id, title: &book.title, gigabyte: Gigabyte::of(book).as_str() },
        arguments: arguments.collect(),
        inputs: inputs.collect(),
        scenarios: projections.iter().map(scenario).collect(),
    })
}

fn scenario(projection: &Projection) -> Scenario<'_> {
    let total = projection.whole().map_or(Decimal::ZERO, |row| row.figures.mean);
    Scenario {
        name: &projection.scenario,
        runs: projection.runs,
        totals: BTreeMap::from([(projection.currency.code(), total.to_string())]),
    }
}

/// What was projected, for machines.
#[must_use]
pub fn json(projections: &[Projection], names: &Names, out: &str, files: &[String]) -> String {
    let rows = projections.iter().flat_map(|of| of.totals().map(move |row| (of, row)));
    to_text(&Told {
        out,
        files,
        scenarios: projections.iter().map(scenario).collect(),
        accounts: rows.map(|(of, row)| of_account(of, row, names)).collect(),
    })
}

fn of_account<'a>(
    projection: &'a Projection,
    row: &'a SummaryRow,
    names: &'a Names,
) -> Account<'a> {
    let quantile = |place: usize| shown(row.figures.quantiles.map(|all| all[place]));
    let [budget, over_budget_probability] = against(row.budget);
    Account {
        scenario: &projection.scenario,
        account: account(row.account, names),
        mean: row.figures.mean.to_string(),
        p10: quantile(1),
        p90: quantile(3),
        budget,
        over_budget_probability,
        currency: projection.currency.code(),
    }
}

/// How many accounts are told of before the rest is counted.
const TOP: usize = 10;

/// What was projected, for people: each scenario by account, the one that pays most first.
#[must_use]
pub fn text(projections: &[Projection], names: &Names) -> String {
    let mut text = String::new();
    for projection in projections {
        let mut rows: Vec<&SummaryRow> = projection.totals().collect();
        let months: BTreeSet<_> =
            projection.months.iter().map(|row| Period::month_of(row.cycle)).collect();
        text += &format!(
            "{}: {} {}, {}\n",
            visible(&projection.scenario),
            months.len(),
            if months.len() == 1 { "month" } else { "months" },
            match projection.runs {
                1 => "every distribution at its mean".to_owned(),
                runs => format!("{runs} runs"),
            }
        );
        rows.sort_by(|a, b| {
            (a.account.is_none(), b.figures.mean).cmp(&(b.account.is_none(), a.figures.mean))
        });
        push_rows(&mut text, projection, &rows, names);
        text += &driver_lines(projection);
    }
    text
}

/// What moves the total most.
fn driver_lines(projection: &Projection) -> String {
    let mut text = String::new();
    for driver in projection.drivers.iter().filter(|driver| driver.account.is_none()).take(5) {
        let percent = (driver.share_of_variance * Decimal::ONE_HUNDRED).normalize();
        text += &format!(
            "  moved by {}: {percent} % of the variance, {} to {} between its p10 and p90\n",
            visible(&driver.path),
            grouped(driver.at_p10),
            grouped(driver.at_p90)
        );
    }
    text
}

fn push_rows(text: &mut String, projection: &Projection, rows: &[&SummaryRow], names: &Names) {
    let mut table = blank_table();
    let mut head = vec!["account".to_owned(), format!("mean {}", projection.currency.code())];
    if projection.runs > 1 {
        head.extend(["p10", "p50", "p90"].map(str::to_owned));
    }
    let width = head.len();
    table.add_row(head);
    let count = rows.len().saturating_sub(1);
    for (place, row) in rows.iter().enumerate() {
        if place >= TOP && place < count {
            continue;
        }
        if place == count && count > TOP {
            table.add_row(vec![format!("… and {} more", count - TOP)]);
        }
        let whose = if row.account.is_none() { "TOTAL" } else { account(row.account, names) };
        let mut cells = vec![visible(whose), grouped(row.figures.mean)];
        if let Some(quantiles) = row.figures.quantiles {
            cells.extend([quantiles[1], quantiles[2], quantiles[3]].map(grouped));
        }
        if let Some(Against { budget, over }) = row.budget {
            let percent = (over * Decimal::ONE_HUNDRED).normalize();
            cells.push(format!("budget {}: passed in {percent} %", grouped(budget)));
        }
        table.add_row(cells);
    }
    let numbers: Vec<usize> = (1..width).collect();
    push_table(text, table, &numbers);
}
