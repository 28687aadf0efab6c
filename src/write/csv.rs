//! The tables of a bill's folder, as RFC 4180 with LF line ends.

use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};
use rust_decimal::Decimal;

use crate::book::Category;
use crate::price::Charge;
use crate::read::events::RowText;
use crate::statement::{SHARE_DECIMALS, Share};
use crate::value::{Names, Quantity};
use crate::world::Finding;
use crate::write::{InputReport, Rejections, Report};

fn writer<W: Write>(out: W) -> Writer<W> {
    WriterBuilder::new().terminator(Terminator::Any(b'\n')).flexible(true).from_writer(out)
}

/// `charges.csv`.
///
/// # Errors
/// What `out` gives.
pub fn charges<W: Write>(out: W, report: &Report<'_>) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record([
        "account",
        "cycle_start",
        "cycle_end",
        "sku",
        "region",
        "unit",
        "tier_from",
        "quantity",
        "unit_price",
        "amount",
        "currency",
        "effective_from",
        "rule",
    ])?;
    for charge in &report.bill.charges {
        table.write_record(charge_row(charge, report))?;
    }
    table.flush()
}

fn charge_row(charge: &Charge, report: &Report<'_>) -> [String; 13] {
    let names = report.names;
    [
        names.accounts.text(charge.account).to_owned(),
        charge.cycle.start().to_seconds_text(),
        charge.cycle.end().to_seconds_text(),
        charge.sku.text(names),
        charge.region.text(names).to_owned(),
        charge.unit.as_str(charge.currency).to_owned(),
        charge.tier_from.to_string(),
        fixed(charge.quantity, report.book.quantity_decimals),
        charge.unit_price.to_string(),
        charge.amount.to_string(),
        charge.currency.to_string(),
        charge.effective_from.map_or_else(String::new, |from| from.to_seconds_text()),
        charge.rule().to_owned(),
    ]
}

/// A quantity with so many decimals; more where it has more, as a sum of money may in a book with
/// fewer decimals than its currency has digits. Nothing is rounded here.
fn fixed(quantity: Quantity, decimals: u32) -> String {
    let mut number = quantity.decimal();
    number.rescale(decimals.max(number.scale()));
    number.to_string()
}

/// `statements.csv`.
///
/// # Errors
/// What `out` gives.
pub fn statements<W: Write>(out: W, report: &Report<'_>) -> io::Result<()> {
    let mut table = writer(out);
    let mut header = vec!["account", "cycle_start", "cycle_end"];
    header.extend(Category::ALL.map(Category::as_str));
    header.extend(["total", "currency"]);
    table.write_record(header)?;
    for statement in &report.bill.statements {
        let mut row = vec![
            report.names.accounts.text(statement.account).to_owned(),
            statement.cycle.start().to_seconds_text(),
            statement.cycle.end().to_seconds_text(),
        ];
        row.extend(statement.by_category.map(|amount| amount.to_string()));
        row.push(statement.total.to_string());
        row.push(statement.currency.to_string());
        table.write_record(row)?;
    }
    table.flush()
}

/// `allocations.csv`.
///
/// # Errors
/// What `out` gives.
pub fn allocations<W: Write>(out: W, report: &Report<'_>) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record([
        "account",
        "cycle_start",
        "sku",
        "region",
        "effective_from",
        "tier_from",
        "resource",
        "resource_region",
        "source_image",
        "producer",
        "role",
        "quantity",
        "amount",
        "currency",
    ])?;
    let names = report.names;
    let decimals = SHARE_DECIMALS.max(report.book.quantity_decimals);
    for part in &report.bill.allocations {
        let charge = &report.bill.charges[part.charge];
        table.write_record([
            names.accounts.text(charge.account),
            &charge.cycle.start().to_seconds_text(),
            &charge.sku.text(names),
            charge.region.text(names),
            &charge.effective_from.map_or_else(String::new, |from| from.to_seconds_text()),
            &charge.tier_from.to_string(),
            part.resource.map_or("", |resource| names.resources.text(resource)),
            part.region.map_or("", |region| names.regions.text(region)),
            part.source_image.map_or("", |image| names.resources.text(image)),
            part.producer.map_or("", |producer| names.accounts.text(producer)),
            part.role.as_str(),
            &share(part.quantity, decimals),
            &share(part.amount, SHARE_DECIMALS),
            charge.currency.code(),
        ])?;
    }
    table.flush()
}

fn share(share: Share, decimals: u32) -> String {
    let mut number: Decimal = share.decimal();
    number.rescale(decimals);
    number.to_string()
}

/// `sharing.csv`.
///
/// # Errors
/// What `out` gives.
pub fn sharing<W: Write>(out: W, report: &Report<'_>) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record([
        "image",
        "producer",
        "region",
        "cycle_start",
        "members",
        "producer_storage",
        "consumer",
        "consumer_servers",
        "consumer_licenses_support",
        "consumer_reimages",
        "currency",
    ])?;
    let names = report.names;
    for row in &report.bill.sharing {
        table.write_record([
            names.resources.text(row.image),
            names.accounts.text(row.producer),
            names.regions.text(row.region),
            &row.cycle.start().to_seconds_text(),
            &row.member_count.to_string(),
            &share(row.producer_storage, SHARE_DECIMALS),
            row.consumer.map_or("", |consumer| names.accounts.text(consumer)),
            &share(row.consumer_servers, SHARE_DECIMALS),
            &share(row.consumer_licenses_support, SHARE_DECIMALS),
            &share(row.consumer_reimages, SHARE_DECIMALS),
            report.book.currency.code(),
        ])?;
    }
    table.flush()
}

/// `findings.csv`.
///
/// # Errors
/// What `out` gives.
pub fn findings<W: Write>(
    out: W,
    findings: &[Finding],
    inputs: &[InputReport],
    names: &Names,
) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record([
        "code", "level", "file", "line", "time", "event", "account", "resource", "message",
    ])?;
    for finding in findings {
        table.write_record([
            finding.code.as_str(),
            finding.level().as_str(),
            inputs.get(finding.origin.input as usize).map_or("", |input| input.name.as_str()),
            &finding.origin.line.to_string(),
            &finding.time.map_or_else(String::new, |time| time.to_string()),
            finding.kind.map_or("", |kind| kind.as_str()),
            finding.actor.map_or("", |actor| names.accounts.text(actor)),
            finding.resource.as_deref().unwrap_or_default(),
            &finding.message,
        ])?;
    }
    table.flush()
}

/// `rejected.csv`: the rows as they were, with the finding and its message behind. A row that
/// could not be split stands whole in the first column.
///
/// # Errors
/// What `out` gives.
pub fn rejected<W: Write>(out: W, rejections: &Rejections) -> io::Result<()> {
    let mut table = writer(out);
    let header = rejections.header.clone().unwrap_or_else(|| vec!["record".to_owned()]);
    let width = header.len();
    table.write_record(header.iter().map(String::as_str).chain(["finding", "message"]))?;
    for row in &rejections.rows {
        let mut fields = match &row.fields {
            Some(fields) if rejections.header.is_some() => fields.clone(),
            _ => vec![row.raw.clone()],
        };
        fields.resize(width, String::new());
        fields.push(row.code.as_str().to_owned());
        fields.push(row.message.clone());
        table.write_record(fields)?;
    }
    table.flush()
}

/// Native events, with the header.
///
/// # Errors
/// What `out` gives.
pub fn events<'a, W: Write>(out: W, rows: impl Iterator<Item = RowText<'a>>) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record(crate::read::events::COLUMNS.map(|column| column.name))?;
    for row in rows {
        table.write_record(row.to_columns())?;
    }
    table.flush()
}
