//! A forecast of many runs as rows: a month of a category, at its mean.

use rust_decimal::Decimal;

use crate::run::MonthEstimateRow;
use crate::run::focus::line::blank;
use crate::run::focus::text::told_apart;
use crate::run::focus::{ChargeCategory, FocusRow, FocusRun, Priced, sku, text};
use crate::value::{BillingDay, CycleCalendar, Exact};

/// The row of an estimate; nothing for a total, which would count its parts twice, and for what is
/// never anything.
///
/// Many runs have no one quantity at one price. So a month of a category is one unit, whose price
/// is the mean of all runs.
#[must_use]
pub fn estimate_row(row: &MonthEstimateRow, run: &FocusRun) -> Option<FocusRow> {
    let MonthEstimateRow { estimate, month: first, category } = row;
    let (first, category) = (*first, (*category)?);
    // p10, p50 and p90.
    let percentiles = estimate.quantiles.map(|[_, p10, p50, p90, _]| [p10, p50, p90]);
    let figures = [estimate.mean].into_iter().chain(percentiles.into_iter().flatten());
    if figures.into_iter().all(|figure| figure.is_zero()) {
        return None;
    }
    let month = CycleCalendar::new(BillingDay::FIRST).cycle_at(first).span();
    let (nature, frequency) = sku::nature(category);
    let name = category.as_str();
    // The scenario is the file's only one; its name tells it from other files.
    let mut row = blank(&estimate.account, month, estimate.currency, run);
    row.category = nature;
    row.frequency = frequency;
    row.service = sku::service(category, "");
    row.service.meter = "Forecast";
    if category == crate::book::Category::Storage {
        // Images and objects are one category of a forecast.
        row.service.name = "Storage";
    }
    row.cost = Exact::of(estimate.mean);
    let sku = format!("forecast:{name}");
    row.priced = (nature == ChargeCategory::Usage).then(|| Priced {
        sku: sku.clone(),
        sku_price: text::composed(&[&sku, "month"]),
        details: String::new(),
        quantity: Decimal::ONE,
        unit: "Months".to_owned(),
        unit_price: estimate.mean,
    });
    let month = first.to_seconds_text();
    let month = month.get(..7).unwrap_or_default();
    row.description =
        format!("Forecast of {name} in {month}: the mean of all runs, not an invoice");
    row.custom.sku = sku;
    row.custom.percentiles = percentiles.map_or([None; 3], |all| all.map(Some));
    row.custom.scenario = told_apart("scenario ", &estimate.scenario);
    Some(row)
}
