//! One charge as a row.

use crate::book::Category;
use crate::diagnostic::{Code, Diagnostic};
use crate::run::focus::text::{ascii, composed, id, told_apart};
use crate::run::focus::{ChargeCategory, ChargeFrequency, Custom, FocusRow, FocusRun, Priced, sku};
use crate::run::{ChargeRow, RunKind};
use crate::value::{Exact, Instant, MICROS_PER_SECOND, Overflow, Span};

/// The row of a whole charge.
pub(super) fn whole(charge: &ChargeRow, run: &FocusRun) -> Result<FocusRow, Diagnostic> {
    let category = Category::of_sku(&charge.sku).ok_or_else(|| unknown_sku(charge))?;
    let (nature, frequency) = sku::nature(category);
    let price_id = sku::price_id(charge);
    let since = charge.effective_from.map_or(String::new(), Instant::to_seconds_text);
    let mut row = blank(&charge.account, span_of(charge), charge.currency, run);
    row.category = nature;
    row.frequency = frequency;
    row.service = sku::service(category, &charge.sku);
    row.region = match charge.region.as_str() {
        "*" => String::new(),
        region => told_apart("region ", region),
    };
    if !row.invoice.is_empty() {
        row.invoice_detail =
            composed(&[&charge.sku, &charge.region, &charge.unit, &tier(charge), &since]);
    }
    row.priced = (nature == ChargeCategory::Usage).then(|| Priced {
        sku: ascii(&charge.sku),
        sku_price: price_id,
        details: sku::price_details(charge),
        quantity: charge.quantity,
        unit: sku::unit(&charge.unit, run.gigabyte),
        unit_price: charge.unit_price,
    });
    row.cost = Exact::product(charge.quantity, charge.unit_price).map_err(too_large)?;
    row.description = description(charge, &row, charge.quantity);
    row.custom.rule.clone_from(&charge.rule);
    row.custom.sku = ascii(&charge.sku);
    row.custom.effective_from = charge.effective_from;
    row.custom.tier_from = Some(charge.tier_from);
    Ok(row)
}

/// The statement's total less its rows: nothing where they are the same.
pub(super) fn rounding(
    account: &str,
    cycle: Span,
    currency: crate::value::Currency,
    difference: Exact,
    run: &FocusRun,
) -> FocusRow {
    let mut row = blank(account, cycle, currency, run);
    row.cost = difference;
    row.description =
        "Invoice rounding: the statement is a sum of charges that are rounded each".to_owned();
    if !row.invoice.is_empty() {
        "rounding".clone_into(&mut row.invoice_detail);
    }
    "P5".clone_into(&mut row.custom.rule);
    row
}

/// A row of an account's cycle with nothing in it: an adjustment of nothing.
pub(super) fn blank(
    account: &str,
    cycle: Span,
    currency: crate::value::Currency,
    run: &FocusRun,
) -> FocusRow {
    let (account_name, tags) = run.account(account);
    let day = cycle.start.to_seconds_text();
    let day = day.split('T').next().unwrap_or_default();
    let invoice = match run.kind {
        RunKind::Bill => format!("{}:{day}", id("invoice", account)),
        // A forecast is not an invoice.
        RunKind::Projection => String::new(),
    };
    let scenario = match run.scenario.as_str() {
        "" => String::new(),
        scenario => told_apart("scenario ", scenario),
    };
    FocusRow {
        account: id("account", account),
        account_name,
        billing_period: cycle,
        charge_period: covered(cycle, run),
        category: ChargeCategory::Adjustment,
        frequency: ChargeFrequency::OneTime,
        description: String::new(),
        service: sku::ROUNDING,
        priced: None,
        cost: Exact::ZERO,
        currency,
        region: String::new(),
        resource: String::new(),
        resource_type: "",
        invoice,
        invoice_detail: String::new(),
        tags,
        custom: Custom { run_kind: run.kind_word(), scenario, ..Custom::default() },
    }
}

/// A charge in words, with the part of its quantity that the row has.
pub(super) fn description(
    charge: &ChargeRow,
    row: &FocusRow,
    quantity: rust_decimal::Decimal,
) -> String {
    let unit = row.priced.as_ref().map_or(charge.currency.code(), |priced| priced.unit.as_str());
    let unit = if row.category == ChargeCategory::Adjustment { "" } else { unit };
    let sku = ascii(&charge.sku);
    let place = if row.region.is_empty() { "all regions" } else { row.region.as_str() };
    let (quantity, price) = (quantity.normalize(), charge.unit_price);
    let space = if unit.is_empty() { "" } else { " " };
    let currency = charge.currency;
    format!("{sku}, {place}: {quantity}{space}{unit} x {price} {currency} from {}", tier(charge))
}

pub(super) fn span_of(charge: &ChargeRow) -> Span {
    Span { start: charge.cycle_start, end: charge.cycle_end }
}

fn tier(charge: &ChargeRow) -> String {
    charge.tier_from.normalize().to_string()
}

/// What of a cycle the run covers, in whole seconds: FOCUS has none smaller.
fn covered(cycle: Span, run: &FocusRun) -> Span {
    let Some(covered) = run.covered else { return cycle };
    let up = |instant: Instant| {
        let seconds = -(-instant.micros()).div_euclid(MICROS_PER_SECOND);
        Instant::from_micros(seconds * MICROS_PER_SECOND)
    };
    let (start, end) = (cycle.start.max(covered.start), cycle.end.min(up(covered.end)));
    if start < end { Span { start, end } } else { cycle }
}

fn unknown_sku(charge: &ChargeRow) -> Diagnostic {
    Diagnostic::error(Code::SkuUnknown, format!("`{}` is not a SKU", charge.sku))
        .help("charges.csv is to be as `sharebill bill` wrote it")
}

pub(super) fn too_large(overflow: Overflow) -> Diagnostic {
    Diagnostic::error(Code::TooLarge, overflow.to_string())
}
