//! The CSV texts that `sharebill bill` writes (formats.md).

use std::collections::BTreeMap;

use num_traits::Zero;

use super::allocate::{PART_DECIMALS, Part, Sharing};
use super::book::Book;
use super::dates::format_instant;
use super::number::{Exact, format_exact};
use super::price::Charge;
use super::usage::Span;

/// Writes rows of fields as CSV, with LF at the line ends.
fn write_csv(header: &str, rows: Vec<Vec<String>>) -> Result<String, String> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(header.split(',')).map_err(|error| error.to_string())?;
    for row in rows {
        writer.write_record(row).map_err(|error| error.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// `charges.csv`.
pub fn charges_csv(book: &Book, charges: &[Charge]) -> Result<String, String> {
    let header = "account,cycle_start,cycle_end,sku,region,unit,tier_from,quantity,unit_price,\
                  amount,currency,effective_from,rule";
    let row = |charge: &Charge| {
        vec![
            charge.account.clone(),
            format_instant(charge.cycle.0),
            format_instant(charge.cycle.1),
            charge.sku.clone(),
            charge.region.clone(),
            charge.unit.clone(),
            charge.tier_from.text.clone(),
            format_exact(&charge.quantity, book.quantity_decimals),
            charge.unit_price.text.clone(),
            format_exact(&charge.amount, book.money_decimals),
            book.currency.clone(),
            format_instant(charge.effective_from),
            charge.rule.to_string(),
        ]
    };
    write_csv(header, charges.iter().map(row).collect())
}

/// The columns of `statements.csv` that hold money, in order; the total follows them.
const CATEGORIES: [&str; 8] =
    ["storage", "servers", "licenses", "support", "transfer", "minimum", "fee", "discount"];

/// The column of a charge.
fn category_of(sku: &str) -> &'static str {
    match sku.split(':').next() {
        Some("image.storage" | "object.storage") => "storage",
        Some("server") => "servers",
        Some("license") => "licenses",
        Some("support") => "support",
        Some("transfer.out") => "transfer",
        Some("minimum") => "minimum",
        Some("fee") => "fee",
        _ => "discount",
    }
}

/// `statements.csv`: one row per account and cycle with any charge.
pub fn statements_csv(book: &Book, charges: &[Charge]) -> Result<String, String> {
    let mut statements: BTreeMap<(&str, Span), BTreeMap<&str, Exact>> = BTreeMap::new();
    for charge in charges {
        let sums = statements.entry((&charge.account, charge.cycle)).or_default();
        for column in [category_of(&charge.sku), "total"] {
            *sums.entry(column).or_insert_with(Exact::zero) += &charge.amount;
        }
    }
    let mut rows = Vec::new();
    for ((account, cycle), sums) in statements {
        let mut row = vec![account.to_string(), format_instant(cycle.0), format_instant(cycle.1)];
        for column in CATEGORIES.iter().chain(&["total"]) {
            let amount = sums.get(column).cloned().unwrap_or_else(Exact::zero);
            row.push(format_exact(&amount, book.money_decimals));
        }
        row.push(book.currency.clone());
        rows.push(row);
    }
    let header = format!("account,cycle_start,cycle_end,{},total,currency", CATEGORIES.join(","));
    write_csv(&header, rows)
}

/// `allocations.csv`.
pub fn allocations_csv(book: &Book, parts: &[Part]) -> Result<String, String> {
    let header = "account,cycle_start,sku,region,effective_from,tier_from,resource,\
                  resource_region,source_image,producer,role,quantity,amount,currency";
    let row = |part: &Part| {
        vec![
            part.charge.account.clone(),
            format_instant(part.charge.cycle.0),
            part.charge.sku.clone(),
            part.charge.region.clone(),
            format_instant(part.charge.effective_from),
            part.charge.tier_from.text.clone(),
            part.cause.resource.clone(),
            part.cause.region.clone(),
            part.cause.source_image.clone(),
            part.cause.producer.clone(),
            part.cause.role.to_string(),
            format_exact(&part.quantity, PART_DECIMALS),
            format_exact(&part.amount, PART_DECIMALS),
            book.currency.clone(),
        ]
    };
    write_csv(header, parts.iter().map(row).collect())
}

/// `sharing.csv`.
pub fn sharing_csv(book: &Book, sharing: &[Sharing]) -> Result<String, String> {
    let header = "image,producer,region,cycle_start,members,producer_storage,consumer,\
                  consumer_servers,consumer_licenses_support,consumer_reimages,currency";
    let row = |row: &Sharing| {
        vec![
            row.image.clone(),
            row.producer.clone(),
            row.region.clone(),
            format_instant(row.cycle.0),
            row.member_count.to_string(),
            format_exact(&row.producer_storage, PART_DECIMALS),
            row.consumer.clone(),
            format_exact(&row.consumer_servers, PART_DECIMALS),
            format_exact(&row.consumer_licenses_support, PART_DECIMALS),
            format_exact(&row.consumer_reimages, PART_DECIMALS),
            book.currency.clone(),
        ]
    };
    write_csv(header, sharing.iter().map(row).collect())
}
