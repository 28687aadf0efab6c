//! Rows of a run's files as cells, column by column as the files have them.

use crate::book::Category;
use crate::report::table::{Cell, Cells, Column, Kind};
use crate::report::tables::category_label;
use crate::run::{AllocationRow, ChargeRow, EstimateRow, FindingRow, SharedRow, StatementRow};

const ACCOUNT: Column = Column::new("account", "Account", Kind::Text);
const CYCLE_START: Column = Column::new("cycle_start", "From", Kind::Instant);
const CYCLE_END: Column = Column::new("cycle_end", "To", Kind::Instant);
const SKU: Column = Column::new("sku", "SKU", Kind::Text);
const REGION: Column = Column::new("region", "Region", Kind::Text);
const TIER_FROM: Column = Column::new("tier_from", "Tier above", Kind::Number);
const QUANTITY: Column = Column::new("quantity", "Quantity", Kind::Number);
const CURRENCY: Column = Column::new("currency", "Currency", Kind::Text);
const EFFECTIVE_FROM: Column = Column::new("effective_from", "In force since", Kind::Instant);

/// The columns of `statements.csv`.
#[must_use]
pub fn statement_columns() -> Vec<Column> {
    let mut columns = vec![ACCOUNT, CYCLE_START, CYCLE_END];
    let category = |category: Category| {
        Column::summed(category.as_str(), category_label(category), Kind::Money)
    };
    columns.extend(Category::ALL.map(category));
    columns.extend([Column::summed("total", "Total", Kind::Money), CURRENCY]);
    columns
}

/// A row of `statements.csv`.
#[must_use]
pub fn statement(row: &StatementRow) -> Cells {
    let mut cells = vec![
        Cell::text(&row.account),
        Cell::Instant(row.cycle_start),
        Cell::Instant(row.cycle_end),
    ];
    cells.extend(row.by_category.map(Cell::Number));
    cells.extend([Cell::Number(row.total), Cell::text(row.currency.code())]);
    cells
}

/// The columns of `charges.csv`.
pub const CHARGE_COLUMNS: [Column; 13] = [
    ACCOUNT,
    CYCLE_START,
    CYCLE_END,
    SKU,
    REGION,
    Column::new("unit", "Unit", Kind::Text),
    TIER_FROM,
    QUANTITY,
    Column::new("unit_price", "Unit price", Kind::Number),
    Column::summed("amount", "Amount", Kind::Money),
    CURRENCY,
    EFFECTIVE_FROM,
    Column::new("rule", "Rule", Kind::Text),
];

/// A row of `charges.csv`.
#[must_use]
pub fn charge(row: &ChargeRow) -> Cells {
    vec![
        Cell::text(&row.account),
        Cell::Instant(row.cycle_start),
        Cell::Instant(row.cycle_end),
        Cell::text(&row.sku),
        Cell::text(&row.region),
        Cell::text(&row.unit),
        Cell::Number(row.tier_from),
        Cell::Number(row.quantity),
        Cell::Number(row.unit_price),
        Cell::Number(row.amount),
        Cell::text(row.currency.code()),
        row.effective_from.map_or(Cell::Empty, Cell::Instant),
        Cell::text(&row.rule),
    ]
}

/// The columns of `allocations.csv`.
pub const ALLOCATION_COLUMNS: [Column; 14] = [
    ACCOUNT,
    CYCLE_START,
    SKU,
    REGION,
    EFFECTIVE_FROM,
    TIER_FROM,
    Column::new("resource", "Resource", Kind::Text),
    Column::new("resource_region", "Its region", Kind::Text),
    Column::new("source_image", "Source image", Kind::Text),
    Column::new("producer", "Producer", Kind::Text),
    Column::new("role", "Role", Kind::Text),
    QUANTITY,
    Column::summed("amount", "Amount", Kind::Part),
    CURRENCY,
];

/// A row of `allocations.csv`.
#[must_use]
pub fn allocation(row: &AllocationRow) -> Cells {
    vec![
        Cell::text(&row.account),
        Cell::Instant(row.cycle_start),
        Cell::text(&row.sku),
        Cell::text(&row.region),
        row.effective_from.map_or(Cell::Empty, Cell::Instant),
        Cell::Number(row.tier_from),
        Cell::text(&row.resource),
        Cell::text(&row.resource_region),
        Cell::text(&row.source_image),
        Cell::text(&row.producer),
        Cell::text(&row.role),
        Cell::Number(row.quantity),
        Cell::Number(row.amount),
        Cell::text(row.currency.code()),
    ]
}

/// The columns of `sharing.csv`.
pub const SHARED_COLUMNS: [Column; 11] = [
    Column::new("image", "Image", Kind::Text),
    Column::new("producer", "Producer", Kind::Text),
    REGION,
    CYCLE_START,
    Column::new("members", "Members", Kind::Count),
    Column::summed("producer_storage", "Producer’s storage", Kind::Part),
    Column::new("consumer", "Consumer", Kind::Text),
    Column::summed("consumer_servers", "Servers", Kind::Part),
    Column::summed("consumer_licenses_support", "Licences, support", Kind::Part),
    Column::summed("consumer_reimages", "Re-images", Kind::Part),
    CURRENCY,
];

/// A row of `sharing.csv`.
#[must_use]
pub fn shared(row: &SharedRow) -> Cells {
    vec![
        Cell::text(&row.image),
        Cell::text(&row.producer),
        Cell::text(&row.region),
        Cell::Instant(row.cycle_start),
        Cell::Count(row.members),
        Cell::Number(row.producer_storage),
        Cell::text(&row.consumer),
        Cell::Number(row.consumer_servers),
        Cell::Number(row.consumer_licenses_support),
        Cell::Number(row.consumer_reimages),
        Cell::text(row.currency.code()),
    ]
}

/// The columns of `findings.csv`.
pub const FINDING_COLUMNS: [Column; 9] = [
    Column::new("code", "Rule", Kind::Text),
    Column::new("level", "Level", Kind::Text),
    Column::new("file", "File", Kind::Text),
    Column::new("line", "Line", Kind::Count),
    Column::new("time", "Time", Kind::Text),
    Column::new("event", "Event", Kind::Text),
    ACCOUNT,
    Column::new("resource", "Resource", Kind::Text),
    Column::new("message", "Why", Kind::Text),
];

/// A row of `findings.csv`.
#[must_use]
pub fn finding(row: &FindingRow) -> Cells {
    vec![
        Cell::text(&row.code),
        Cell::text(&row.level),
        Cell::text(&row.file),
        row.line.map_or(Cell::Empty, Cell::Count),
        Cell::text(&row.time),
        Cell::text(&row.event),
        Cell::text(&row.account),
        Cell::text(&row.resource),
        Cell::text(&row.message),
    ]
}

/// The columns of `projection.csv` and `projection_summary.csv`.
pub const ESTIMATE_COLUMNS: [Column; 14] = [
    Column::new("scenario", "Scenario", Kind::Text),
    ACCOUNT,
    Column::new("period", "Months", Kind::Text),
    Column::new("category", "Category", Kind::Text),
    Column::new("mean", "Mean", Kind::Money),
    Column::new("p5", "p5", Kind::Money),
    Column::new("p10", "p10", Kind::Money),
    Column::new("p50", "p50", Kind::Money),
    Column::new("p90", "p90", Kind::Money),
    Column::new("p95", "p95", Kind::Money),
    Column::new("budget", "Budget", Kind::Money),
    Column::new("over_budget_probability", "Passed with", Kind::Percent),
    CURRENCY,
    Column::new("standard_error", "Standard error", Kind::Part),
];

/// A row of `projection.csv` or `projection_summary.csv`.
#[must_use]
pub fn estimate(row: &EstimateRow) -> Cells {
    let mut cells = vec![
        Cell::text(&row.scenario),
        Cell::text(&row.account),
        Cell::text(&row.period),
        Cell::text(&row.category),
        Cell::Number(row.mean),
    ];
    for place in 0..5 {
        cells.push(Cell::number(row.quantiles.map(|quantiles| quantiles[place])));
    }
    cells.extend([Cell::number(row.budget), Cell::number(row.over_budget)]);
    cells.push(Cell::text(row.currency.code()));
    cells.push(Cell::number(row.standard_error));
    cells
}
