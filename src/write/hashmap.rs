//! A price book made of a hashmap configuration, as files; and what to say about it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};
use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::hashmap::{Draft, DraftOptions, DraftRate};
use crate::value::{Exact, Instant};
use crate::write::book::{FLAVOR_COLUMNS, RATE_COLUMNS};
use crate::write::json::to_text;
use crate::write::text::{plural, visible};

/// What a book says besides its rates.
#[derive(Debug, Clone)]
pub struct ImportedBook {
    /// Its short name.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The code of its currency.
    pub currency: String,
    /// Its regions.
    pub regions: Vec<String>,
    /// `GiB` or `GB`.
    pub gigabyte: &'static str,
    /// What stands before the rules in each `source`.
    pub source: Option<String>,
}

/// `book.toml`.
#[must_use]
pub fn settings(book: &ImportedBook, options: &DraftOptions) -> String {
    // A JSON string is a TOML string.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let regions: Vec<String> = book.regions.iter().map(|region| quoted(region)).collect();
    format!(
        r#"# Made by `sharebill prices import --cloudkitty`: see docs/cloudkitty.md.
id = {id}
title = {title}
currency = {currency}
gigabyte = "{gigabyte}"
regions = [{regions}]
cycle = "calendar-month"
rounding = "half-up"
quantity_decimals = 12
server_increment = {period}    # a started collect period counts whole
month_hours = {month}          # what a GB-month is here: prices per period are multiplied by it
default_service_level = "none"
public_images = []

[policy]
no_export_os = []
no_import_os = []
"#,
        id = quoted(&book.id),
        title = quoted(&book.title),
        currency = quoted(&book.currency),
        gigabyte = book.gigabyte,
        regions = regions.join(", "),
        period = options.period_seconds,
        month = options.month_hours,
    )
}

/// `rates.csv`.
///
/// # Errors
/// What `out` gives.
pub fn rates<W: Write>(out: W, book: &ImportedBook, rates: &[DraftRate]) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    table.write_record(RATE_COLUMNS)?;
    for rate in rates {
        let source = match &book.source {
            Some(source) => format!("{source}: {}", rate.source),
            None => format!("CloudKitty: {}", rate.source),
        };
        let from = rate.effective_from;
        let is_midnight = Instant::start_of_day(from.day()) == from;
        let date = if is_midnight { from.day().to_string() } else { from.to_string() };
        let price = at_least_cents(rate.price);
        let cells = [&rate.sku, "*", rate.unit, "", "0", &price, "", &date, &source];
        table.write_record(cells)?;
    }
    table.flush()
}

/// `flavors.csv`: the configuration tells no sizes.
///
/// # Errors
/// What `out` gives.
pub fn flavors<W: Write>(out: W, flavors: &[String]) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    table.write_record(FLAVOR_COLUMNS)?;
    for flavor in flavors {
        table.write_record([flavor.as_str(), "", "", "", "", "", "true"])?;
    }
    table.flush()
}

/// `0.1` as `0.10`: people read prices with cents.
fn at_least_cents(price: Exact) -> String {
    let text = price.to_string();
    match text.split_once('.') {
        Some((_, fraction)) if fraction.len() >= 2 => text,
        Some(_) => text + "0",
        None => text + ".00",
    }
}

/// What was made, for people.
#[must_use]
pub fn text(out: &str, draft: &Draft, options: &DraftOptions) -> String {
    let (rates, flavors) = (draft.rates.len(), draft.flavors.len());
    let mut text = format!(
        "{}: {rates} {}, {flavors} {}; a period is {} s, a month {} h\n",
        visible(out),
        plural(rates, "rate"),
        plural(flavors, "flavor"),
        options.period_seconds,
        options.month_hours,
    );
    for note in &draft.notes {
        let _ = writeln!(text, "note: {}", visible(note));
    }
    let missing = missing(draft);
    if !missing.is_empty() {
        let _ = writeln!(
            text,
            "no price comes of it for {}: use of them will be unpriced",
            missing.join(", ")
        );
    }
    let unsaid = draft.unsaid.len();
    if unsaid > 0 {
        let _ = writeln!(text, "left out: {unsaid}, named above with what to do");
    }
    text
}

/// What a bill may ask for and the book has no price for.
fn missing(draft: &Draft) -> Vec<&'static str> {
    let has = |begin: &str| draft.rates.iter().any(|rate| rate.sku.starts_with(begin));
    let skus = ["server:", "image.storage", "object.storage", "transfer.out"];
    let shown = |sku: &'static str| if sku == "server:" { "servers" } else { sku };
    skus.into_iter().filter(|sku| !has(sku)).map(shown).collect()
}

#[derive(Serialize)]
struct ImportJson<'a> {
    out: &'a str,
    period_seconds: u64,
    month_hours: u64,
    rates: usize,
    flavors: usize,
    notes: &'a [String],
    unpriced: Vec<&'static str>,
    left_out: Vec<BTreeMap<&'static str, String>>,
}

/// The same for machines.
#[must_use]
pub fn json(out: &str, draft: &Draft, options: &DraftOptions) -> String {
    to_text(&ImportJson {
        out,
        period_seconds: options.period_seconds,
        month_hours: options.month_hours,
        rates: draft.rates.len(),
        flavors: draft.flavors.len(),
        notes: &draft.notes,
        unpriced: missing(draft),
        left_out: draft.unsaid.iter().map(left_out).collect(),
    })
}

fn left_out(diagnostic: &Diagnostic) -> BTreeMap<&'static str, String> {
    let mut told = BTreeMap::from([("message", diagnostic.message.clone())]);
    told.extend(diagnostic.help.clone().map(|help| ("help", help)));
    if let Some((place, _)) = &diagnostic.place {
        told.insert("file", place.source.name.clone());
        told.insert("line", place.line().to_string());
    }
    told
}
