//! A reconciliation: for people, as a table, and for machines.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};
use serde::Serialize;

use crate::reconcile::{Class, Reconciliation, Row, Sums, Totals};
use crate::value::{Currency, Exact};
use crate::write::InputReport;
use crate::write::json::to_text;
use crate::write::text::{blank_table, grouped, plural, push_table, visible};

/// A reconciliation, and everything that is written about it.
#[derive(Debug, Clone, Copy)]
pub struct Reconciled<'a> {
    /// The run's folder.
    pub run: &'a str,
    /// The invoices, as they were read.
    pub invoices: &'a [InputReport],
    /// How each of them was understood.
    pub layouts: &'a [String],
    /// The rows and their sums.
    pub outcome: &'a Reconciliation,
    /// How many rows are told one by one.
    pub top: usize,
}

/// The columns of `reconciliation.csv`.
const COLUMNS: [&str; 17] = [
    "account",
    "cycle_start",
    "cycle_end",
    "sku",
    "region",
    "class",
    "reason",
    "amount_ours",
    "amount_invoice",
    "difference",
    "currency",
    "quantity_ours",
    "quantity_invoice",
    "charges",
    "lines",
    "why",
    "detail",
];

/// An amount with at least the digits of its currency.
fn money(amount: Exact, currency: &str) -> String {
    let digits = Currency::from_code(currency).map_or(0, Currency::minor_digits) as usize;
    let text = amount.to_string();
    let has = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    match (has, digits) {
        (0, 1..) => format!("{text}.{:0<digits$}", ""),
        _ if has < digits => format!("{text}{:0<1$}", "", digits - has),
        _ => text,
    }
}

/// What does not fit has been told as an error before: the sums that it is part of were made.
fn difference(row: &Row) -> Exact {
    row.difference().unwrap_or_default()
}

fn gap(sums: &Sums) -> Exact {
    sums.difference().unwrap_or_default()
}

/// `reconciliation.csv`.
///
/// # Errors
/// What `out` gives.
pub fn rows<W: Write>(out: W, outcome: &Reconciliation) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    table.write_record(COLUMNS)?;
    let number = |quantity: Option<Exact>| quantity.map_or_else(String::new, |q| q.to_string());
    for row in &outcome.rows {
        table.write_record([
            row.account.as_str(),
            &row.cycle_start.to_seconds_text(),
            &row.cycle_end.map_or_else(String::new, |end| end.to_seconds_text()),
            &row.sku,
            &row.region,
            row.class.as_str(),
            row.reason.map_or("", |reason| reason.as_str()),
            &money(row.ours.amount, row.currency),
            &money(row.invoice.amount, row.currency),
            &money(difference(row), row.currency),
            row.currency,
            &number(row.ours.quantity),
            &number(row.invoice.quantity),
            &row.ours.count.to_string(),
            &row.invoice.count.to_string(),
            row.reason.map_or("", |reason| reason.words()),
            &row.detail,
        ])?;
    }
    table.flush()
}

#[derive(Serialize)]
struct ReconciliationJson<'a> {
    program: &'static str,
    version: &'static str,
    kind: &'static str,
    run: &'a str,
    inputs: Vec<InputJson<'a>>,
    is_matched: bool,
    currencies: BTreeMap<&'static str, CurrencyJson>,
    rows: usize,
    top_rows: Vec<RowJson<'a>>,
}

#[derive(Serialize)]
struct InputJson<'a> {
    name: &'a str,
    layout: &'a str,
    size: u64,
    sha256: &'a str,
    rows_read: u64,
}

#[derive(Serialize)]
struct CurrencyJson {
    total: SumsJson,
    by_class: BTreeMap<&'static str, SumsJson>,
    by_reason: Vec<ReasonJson>,
}

#[derive(Serialize)]
struct SumsJson {
    rows: usize,
    ours: String,
    invoice: String,
    difference: String,
}

#[derive(Serialize)]
struct ReasonJson {
    class: &'static str,
    reason: &'static str,
    why: &'static str,
    #[serde(flatten)]
    sums: SumsJson,
}

#[derive(Serialize)]
struct RowJson<'a> {
    account: &'a str,
    cycle_start: String,
    cycle_end: Option<String>,
    sku: &'a str,
    region: &'a str,
    class: &'static str,
    reason: Option<&'static str>,
    why: Option<&'static str>,
    amount_ours: String,
    amount_invoice: String,
    difference: String,
    currency: &'static str,
    quantity_ours: Option<String>,
    quantity_invoice: Option<String>,
    detail: &'a str,
}

/// `reconciliation.json`: what `--format json` prints.
#[must_use]
pub fn json(reconciled: &Reconciled<'_>) -> String {
    let outcome = reconciled.outcome;
    let inputs = reconciled.invoices.iter().zip(reconciled.layouts);
    to_text(&ReconciliationJson {
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        kind: "reconciliation",
        run: reconciled.run,
        inputs: inputs
            .map(|(input, layout)| InputJson {
                name: &input.name,
                layout,
                size: input.size,
                sha256: &input.sha256,
                rows_read: input.rows_read,
            })
            .collect(),
        is_matched: is_matched(outcome),
        currencies: outcome.totals.iter().map(|(code, of)| (*code, currency(code, of))).collect(),
        rows: outcome.rows.len(),
        top_rows: top(outcome, reconciled.top).into_iter().map(row_json).collect(),
    })
}

/// Whether nothing but matched rows are left.
#[must_use]
pub fn is_matched(outcome: &Reconciliation) -> bool {
    outcome.rows.iter().all(|row| row.class == Class::Matched)
}

fn currency(code: &'static str, totals: &Totals) -> CurrencyJson {
    let classes = totals.by_class.iter();
    let reasons = totals.by_reason.iter();
    CurrencyJson {
        total: sums(&totals.all, code),
        by_class: classes.map(|(class, of)| (class.as_str(), sums(of, code))).collect(),
        by_reason: reasons
            .map(|((class, reason), of)| ReasonJson {
                class: class.as_str(),
                reason: reason.as_str(),
                why: reason.words(),
                sums: sums(of, code),
            })
            .collect(),
    }
}

fn sums(sums: &Sums, code: &str) -> SumsJson {
    SumsJson {
        rows: sums.rows,
        ours: money(sums.ours, code),
        invoice: money(sums.invoice, code),
        difference: money(gap(sums), code),
    }
}

fn row_json(row: &Row) -> RowJson<'_> {
    RowJson {
        account: &row.account,
        cycle_start: row.cycle_start.to_seconds_text(),
        cycle_end: row.cycle_end.map(|end| end.to_seconds_text()),
        sku: &row.sku,
        region: &row.region,
        class: row.class.as_str(),
        reason: row.reason.map(|reason| reason.as_str()),
        why: row.reason.map(|reason| reason.words()),
        amount_ours: money(row.ours.amount, row.currency),
        amount_invoice: money(row.invoice.amount, row.currency),
        difference: money(difference(row), row.currency),
        currency: row.currency,
        quantity_ours: row.ours.quantity.map(|quantity| quantity.to_string()),
        quantity_invoice: row.invoice.quantity.map(|quantity| quantity.to_string()),
        detail: &row.detail,
    }
}

/// The rows that do not match, the largest difference first.
fn top(outcome: &Reconciliation, most: usize) -> Vec<&Row> {
    let mut rows: Vec<&Row> =
        outcome.rows.iter().filter(|row| row.class != Class::Matched).collect();
    // Stable: rows that differ by the same stand in their order.
    rows.sort_by(|a, b| {
        let size = |row: &Row| difference(row).magnitude();
        size(b).compare(size(a)).unwrap_or(std::cmp::Ordering::Equal)
    });
    rows.truncate(most);
    rows
}

/// The reconciliation as text: by class, by reason, and what differs most.
#[must_use]
pub fn text(reconciled: &Reconciled<'_>) -> String {
    let outcome = reconciled.outcome;
    let mut text = format!("ours:    {}\n", visible(reconciled.run));
    for (input, layout) in reconciled.invoices.iter().zip(reconciled.layouts) {
        let count = input.rows_read;
        let _ = writeln!(
            text,
            "invoice: {}, {count} {}, read as {}",
            visible(&input.name),
            plural(usize::try_from(count).unwrap_or(usize::MAX), "line"),
            visible(layout)
        );
    }
    for (code, totals) in &outcome.totals {
        by_class(&mut text, code, totals);
    }
    for (code, totals) in &outcome.totals {
        by_reason(&mut text, code, totals);
    }
    let top = top(outcome, reconciled.top);
    if !top.is_empty() {
        differences(&mut text, &top);
        let unmatched = outcome.rows.iter().filter(|row| row.class != Class::Matched).count();
        if unmatched > top.len() {
            let _ = writeln!(text, " and {} more: --top N, or --out DIR", unmatched - top.len());
        }
    }
    text
}

fn by_class(text: &mut String, code: &str, totals: &Totals) {
    let mut table = blank_table();
    table.set_header([code, "rows", "ours", "invoice", "invoice − ours"]);
    for class in Class::ALL {
        if let Some(sums) = totals.by_class.get(&class) {
            table.add_row(cells(class_words(class), sums, code));
        }
    }
    table.add_row(cells("TOTAL", &totals.all, code));
    text.push('\n');
    push_table(text, table, &[1, 2, 3, 4]);
}

fn cells(name: &str, sums: &Sums, code: &str) -> Vec<String> {
    let money = |amount| grouped(money(amount, code));
    vec![
        name.to_owned(),
        sums.rows.to_string(),
        money(sums.ours),
        money(sums.invoice),
        money(gap(sums)),
    ]
}

fn class_words(class: Class) -> &'static str {
    match class {
        Class::Matched => "matched",
        Class::Differing => "differing",
        Class::OnlyInvoice => "only on the invoice",
        Class::OnlyOurs => "only with us",
        Class::Rounding => "below the minor unit",
    }
}

fn by_reason(text: &mut String, code: &str, totals: &Totals) {
    let reasons = totals.by_reason.iter().filter(|((class, _), _)| *class != Class::Matched);
    let mut table = blank_table();
    table.set_header(["", "rows", code, "probably because"]);
    let mut is_empty = true;
    for ((class, reason), sums) in reasons {
        is_empty = false;
        let amount = grouped(money(gap(sums), code));
        table.add_row([
            class_words(*class).to_owned(),
            sums.rows.to_string(),
            amount,
            reason.words().to_owned(),
        ]);
    }
    if !is_empty {
        let _ = writeln!(text, "\nWhy, in {code}");
        push_table(text, table, &[1, 2]);
    }
}

fn differences(text: &mut String, rows: &[&Row]) {
    let _ = writeln!(text, "\nWhat differs most");
    let mut table = blank_table();
    table.set_header(["account", "cycle", "for", "region", "ours", "invoice", "why"]);
    for row in rows {
        let amount = |amount| grouped(money(amount, row.currency));
        let why = row.reason.map_or("", |reason| reason.as_str());
        let day = row.cycle_start.day().to_string();
        table.add_row([
            visible(&row.account),
            day,
            visible(if row.sku.is_empty() { "–" } else { &row.sku }),
            visible(&row.region),
            amount(row.ours.amount),
            amount(row.invoice.amount),
            why.to_owned(),
        ]);
    }
    push_table(text, table, &[4, 5]);
}
