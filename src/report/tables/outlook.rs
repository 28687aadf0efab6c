//! The tables of a projection.

use crate::report::table::{Cell, Cells, Column, Kind, Table};
use crate::report::tables::{ESTIMATE_COLUMNS, estimate};
use crate::report::{Forecast, RunReport};

/// Each account of each scenario.
pub(super) fn forecasts(forecasts: &[Forecast]) -> Table {
    let rows = forecasts.iter().flat_map(|forecast| {
        let whole = forecast.whole.iter();
        forecast.accounts.iter().chain(whole).map(estimate)
    });
    Table {
        id: "forecast",
        title: "Expected by account",
        about:
            "All months together: the mean of the runs, and the quantiles between which it will \
                be; `*` is all accounts."
                .to_owned(),
        columns: ESTIMATE_COLUMNS.to_vec(),
        rows: rows.collect(),
    }
}

/// All accounts, month by month.
#[must_use]
pub fn forecast_months(forecasts: &[Forecast]) -> Option<Table> {
    let rows: Vec<Cells> =
        forecasts.iter().flat_map(|forecast| forecast.months.iter().map(estimate)).collect();
    (!rows.is_empty()).then(|| Table {
        id: "forecast-months",
        title: "Expected by month",
        about: "All accounts together, month by month.".to_owned(),
        columns: ESTIMATE_COLUMNS.to_vec(),
        rows,
    })
}

/// Every budget.
pub(super) fn budgets(forecasts: &[Forecast]) -> Option<Table> {
    let rows: Vec<Cells> =
        forecasts.iter().flat_map(|forecast| forecast.budgets.iter().map(estimate)).collect();
    (!rows.is_empty()).then(|| Table {
        id: "budgets",
        title: "Budgets",
        about: "What is meant to be spent, and how likely more is.".to_owned(),
        columns: ESTIMATE_COLUMNS.to_vec(),
        rows,
    })
}

/// What moves it.
#[must_use]
pub fn drivers(forecasts: &[Forecast]) -> Option<Table> {
    let columns = vec![
        Column::new("scenario", "Scenario", Kind::Text),
        Column::new("account", "Account", Kind::Text),
        Column::new("path", "Uncertain number", Kind::Text),
        Column::new("share_of_variance", "Of the variance", Kind::Percent),
        Column::new("rank_correlation", "Rank correlation", Kind::Number),
        Column::new("mean_at_p10", "Mean at its p10", Kind::Money),
        Column::new("mean_at_p90", "Mean at its p90", Kind::Money),
        Column::new("swing", "Swing", Kind::Money),
    ];
    let row = |driver: &crate::run::DriverRow| {
        vec![
            Cell::text(&driver.scenario),
            Cell::text(&driver.account),
            Cell::text(&driver.path),
            Cell::Number(driver.share_of_variance),
            Cell::Number(driver.rank_correlation),
            Cell::Number(driver.mean_at_p10),
            Cell::Number(driver.mean_at_p90),
            Cell::Number(driver.swing),
        ]
    };
    let rows: Vec<Cells> =
        forecasts.iter().flat_map(|forecast| forecast.drivers.iter().map(row)).collect();
    (!rows.is_empty()).then(|| Table {
        id: "drivers",
        title: "What moves it",
        about: "Each uncertain number, with its part of the variance and what is paid on average \
                where it is low or high; `*` is all accounts."
            .to_owned(),
        columns,
        rows,
    })
}

/// What a projection assumes.
#[must_use]
pub fn assumptions(run: &RunReport) -> Option<Table> {
    let columns = vec![
        Column::new("scenario", "Scenario", Kind::Text),
        Column::new("path", "Path", Kind::Text),
        Column::new("value", "Value", Kind::Text),
        Column::new("source", "From", Kind::Text),
    ];
    let row = |row: &crate::run::AssumptionRow| -> Cells {
        [&row.scenario, &row.path, &row.value, &row.source].map(Cell::text).to_vec()
    };
    (!run.assumptions.is_empty()).then(|| Table {
        id: "assumptions",
        title: "Assumptions",
        about: "Every value that went in, and where it comes from.".to_owned(),
        columns,
        rows: run.assumptions.iter().map(row).collect(),
    })
}
