//! A comparison for machines. Money and percentages are texts: JSON numbers are binary floats to
//! most who read them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compare::accuracy::{Maturity, Measured};
use crate::compare::{Change, Parts, Periods, Row};
use crate::value::AccountId;
use crate::write::compare::{Compared, Side, difference_percent, share};
use crate::write::json::to_text;

#[derive(Serialize)]
struct ComparisonJson<'a> {
    program: &'a str,
    a: SideJson<'a>,
    b: SideJson<'a>,
    cycles: &'a str,
    months: Option<Vec<String>>,
    currency: &'a str,
    split: bool,
    total: ChangeJson,
    by_category: BTreeMap<&'a str, ChangeJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by_cycle: Vec<CycleJson>,
    accounts: usize,
    top_accounts: Vec<AccountJson<'a>>,
    accuracy: Option<AccuracyJson<'a>>,
}

#[derive(Serialize)]
struct SideJson<'a> {
    run: &'a str,
    kind: &'a str,
    scenario: Option<&'a str>,
    book: Option<&'a str>,
    start: Option<String>,
    end: Option<String>,
    not_compared: String,
}

#[derive(Serialize)]
struct ChangeJson {
    amount_a: String,
    amount_b: String,
    difference: String,
    difference_percent: Option<String>,
    #[serde(flatten)]
    parts: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct CycleJson {
    cycle: String,
    #[serde(flatten)]
    change: ChangeJson,
}

#[derive(Serialize)]
struct AccountJson<'a> {
    account: &'a str,
    #[serde(flatten)]
    change: ChangeJson,
    rows: Vec<RowJson<'a>>,
}

#[derive(Serialize)]
struct RowJson<'a> {
    #[serde(skip_serializing_if = "String::is_empty")]
    cycle: String,
    category: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(flatten)]
    change: ChangeJson,
}

#[derive(Serialize)]
struct AccuracyJson<'a> {
    #[serde(flatten)]
    overall: MeasuredJson<'a>,
    top_accounts: BTreeMap<&'a str, MeasuredJson<'a>>,
}

#[derive(Serialize)]
struct MeasuredJson<'a> {
    months: usize,
    forecast: String,
    actual: String,
    wape_percent: Option<String>,
    bias_percent: Option<String>,
    variance_percent: Option<String>,
    maturity: Option<&'a str>,
    within_p10_p90_percent: Option<String>,
    within_p5_p95_percent: Option<String>,
}

/// The comparison as an object; rows of those accounts only that differ most.
#[must_use]
pub fn json(compared: &Compared<'_>) -> String {
    let Compared { comparison, names, .. } = compared;
    let top = comparison.top(compared.top, names);
    let accounts = top.iter().map(|(account, sum)| AccountJson {
        account: names.accounts.text(*account),
        change: change(sum, compared),
        rows: rows_of(*account, compared).iter().map(|row| row_json(row, compared)).collect(),
    });
    let by_category = comparison.categories.iter();
    let by_category = by_category.map(|(category, sum)| (category.as_str(), change(sum, compared)));
    let by_cycle = comparison.periods.iter().filter(|_| compared.periods != Periods::Whole);
    let by_cycle = by_cycle.map(|(period, sum)| CycleJson {
        cycle: compared.periods.text(*period),
        change: change(sum, compared),
    });
    to_text(&ComparisonJson {
        program: env!("CARGO_PKG_NAME"),
        a: side(compared.a, compared),
        b: side(compared.b, compared),
        cycles: match compared.periods {
            Periods::Whole => "all",
            Periods::ByPosition(_) => "by position",
            Periods::ByMonth => "by month",
        },
        months: compared.months.map(|months| months.iter().map(ToString::to_string).collect()),
        currency: compared.currency.code(),
        split: compared.is_split,
        total: change(&comparison.total, compared),
        by_category: by_category.collect(),
        by_cycle: by_cycle.collect(),
        accounts: comparison.accounts.len(),
        top_accounts: accounts.collect(),
        accuracy: accuracy(&top, compared),
    })
}

/// The rows of an account; they stand together.
fn rows_of<'a>(account: AccountId, compared: &Compared<'a>) -> &'a [Row] {
    let (rows, names) = (&compared.comparison.rows, compared.names);
    let name = |id| names.accounts.text(id);
    let start = rows.partition_point(|row| name(row.account) < name(account));
    let end = rows.partition_point(|row| name(row.account) <= name(account));
    &rows[start..end]
}

fn row_json<'a>(row: &Row, compared: &Compared<'a>) -> RowJson<'a> {
    let names = compared.names;
    RowJson {
        cycle: compared.periods.text(row.period),
        category: row.category.as_str(),
        sku: row.what.map(|(sku, _)| names.skus.text(sku)),
        region: row.what.map(|(_, region)| names.regions.text(region)),
        change: change(&row.change, compared),
    }
}

fn side<'a>(side: &'a Side, compared: &Compared<'_>) -> SideJson<'a> {
    SideJson {
        run: &side.folder,
        kind: side.kind(),
        scenario: side.scenario.as_deref(),
        book: side.book.as_deref(),
        start: side.start.map(|start| start.to_string()),
        end: side.end.map(|end| end.to_string()),
        not_compared: compared.money(side.left_out),
    }
}

fn change(change: &Change, compared: &Compared<'_>) -> ChangeJson {
    let parts = Parts::NAMES.into_iter().zip(change.parts.all());
    ChangeJson {
        amount_a: compared.money(change.a),
        amount_b: compared.money(change.b),
        difference: compared.money(change.difference()),
        difference_percent: difference_percent(change).map(|percent| percent.to_string()),
        parts: parts.map(|(name, units)| (name.to_owned(), compared.money(units).into())).collect(),
    }
}

fn accuracy<'a>(top: &[(AccountId, Change)], compared: &Compared<'a>) -> Option<AccuracyJson<'a>> {
    let accuracy = compared.accuracy?;
    let is_top = |account: AccountId| top.iter().any(|(known, _)| *known == account);
    let accounts = accuracy.accounts.iter().filter(|(account, _)| is_top(*account));
    let name = |account| compared.names.accounts.text(account);
    Some(AccuracyJson {
        overall: measured(&accuracy.overall, compared),
        top_accounts: accounts.map(|(id, of_it)| (name(*id), measured(of_it, compared))).collect(),
    })
}

fn measured<'a>(measured: &Measured, compared: &Compared<'_>) -> MeasuredJson<'a> {
    let text = |percent: Option<rust_decimal::Decimal>| percent.map(|percent| percent.to_string());
    MeasuredJson {
        months: measured.count,
        forecast: compared.at_least_minor(measured.forecast).to_string(),
        actual: compared.at_least_minor(measured.actual).to_string(),
        wape_percent: text(measured.wape()),
        bias_percent: text(measured.bias()),
        variance_percent: text(measured.variance()),
        maturity: measured.maturity().map(Maturity::as_str),
        within_p10_p90_percent: text(share(measured.within_p10_p90)),
        within_p5_p95_percent: text(share(measured.within_p5_p95)),
    }
}
