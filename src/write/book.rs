//! Price books as files: one to begin with, which has everything but the prices; and the rates of
//! one that is in memory.

use std::collections::BTreeSet;
use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use crate::book::{Book, Model};
use crate::value::{Instant, Names};

/// The columns of `rates.csv`.
pub(super) const RATE_COLUMNS: [&str; 9] =
    ["sku", "region", "unit", "model", "from", "price", "flat", "effective_from", "source"];

/// The columns of `flavors.csv`.
pub(super) const FLAVOR_COLUMNS: [&str; 7] =
    ["flavor", "class", "vcpus", "ram_gb", "support_gb", "disk_gb", "imageable"];

/// What a new book has to price.
#[derive(Debug, Clone)]
pub struct Skeleton {
    /// The book's short name.
    pub id: String,
    /// The code of its currency.
    pub currency: String,
    /// From when on prices will be in force.
    pub effective_from: Instant,
    /// Its regions.
    pub regions: BTreeSet<String>,
    /// Its flavors.
    pub flavors: BTreeSet<String>,
    /// Operating systems besides linux, which may need a licence.
    pub systems: BTreeSet<String>,
}

/// `book.toml`, with a word on each choice that is left to make.
#[must_use]
pub fn settings(skeleton: &Skeleton) -> String {
    // A JSON string is a TOML string.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let regions: Vec<String> = skeleton.regions.iter().map(|region| quoted(region)).collect();
    format!(
        r#"id = {id}
title = {title}
currency = {currency}
gigabyte = "GiB"                  # or "GB": 10^9 bytes
regions = [{regions}]
cycle = "calendar-month"          # or "anniversary": from each account's billing day
rounding = "half-up"              # or "half-even"
quantity_decimals = 8
server_increment = 1              # seconds; 3600 where started hours count whole
# month_hours = 730               # only where the provider bills a normalised month
default_service_level = "none"    # a level with support:, minimum: or fee: rates, or any word
minimum_after_days = 0
discount_model = "marginal"       # or "whole"; only matters with a discounts.csv
tier_pools = []                   # say [["image.storage", "object.storage"]]
public_images = []                # ids, or beginnings of ids with *, of the provider's own images

[policy]
no_export_os = []
no_import_os = []
stale_member_days = 30
"#,
        id = quoted(&skeleton.id),
        title = quoted(&format!("{}, prices to be filled in", skeleton.id)),
        currency = quoted(&skeleton.currency),
        regions = regions.join(", "),
    )
}

/// `flavors.csv`: a log does not tell sizes, so they are left empty.
///
/// # Errors
/// What `out` gives.
pub fn flavors<W: Write>(out: W, skeleton: &Skeleton) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    table.write_record(FLAVOR_COLUMNS)?;
    for flavor in &skeleton.flavors {
        table.write_record([flavor.as_str(), "", "", "", "", "", "true"])?;
    }
    table.flush()
}

/// `rates.csv`: a row for each thing that can be charged, without its price.
///
/// # Errors
/// What `out` gives.
pub fn rates<W: Write>(out: W, skeleton: &Skeleton) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    table.write_record(RATE_COLUMNS)?;
    let date = skeleton.effective_from.day().to_string();
    let mut row = |sku: &str, unit: &str, source: &str| {
        table.write_record([sku, "*", unit, "", "0", "", "", &date, source])
    };
    let source = "to be filled in";
    row("image.storage", "GB-month", source)?;
    row("object.storage", "GB-month", source)?;
    row("transfer.out", "GB", source)?;
    for flavor in &skeleton.flavors {
        row(&format!("server:{flavor}"), "hour", source)?;
    }
    for os in &skeleton.systems {
        for flavor in &skeleton.flavors {
            let source = format!("to be filled in; delete all rows of {os} if it needs no licence");
            row(&format!("license:{os}:{flavor}"), "hour", &source)?;
        }
    }
    table.flush()
}

/// `rates.csv` of a book as it is in memory: a row a tier.
///
/// # Errors
/// What `out` gives.
pub fn dated_rates<W: Write>(out: W, book: &Book, names: &Names) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    table.write_record(RATE_COLUMNS)?;
    let mut skus = book.rates.skus();
    skus.sort_by_key(|sku| sku.text(names));
    for sku in skus {
        for version in book.rates.versions(sku) {
            let model = match version.model {
                Model::Graduated => "",
                other => other.as_str(),
            };
            let from = version.effective_from;
            let is_midnight = Instant::start_of_day(from.day()) == from;
            let date = if is_midnight { from.day().to_string() } else { from.to_string() };
            for tier in &version.tiers {
                table.write_record([
                    &sku.text(names),
                    version.region.text(names),
                    version.unit.as_str(),
                    model,
                    &tier.from.to_string(),
                    &tier.price.to_string(),
                    &tier.flat.map_or_else(String::new, |flat| flat.to_string()),
                    &date,
                    &tier.source,
                ])?;
            }
        }
    }
    table.flush()
}
