//! Native charts on the first sheet.

use rust_xlsxwriter::{Chart, ChartType, Color};

use crate::book::Category;
use crate::report::tables::category_label;
use crate::write::xlsx::{Workbook, XlsxProblem};

/// How many accounts a chart shows.
const ACCOUNTS: u64 = 12;
/// Where charts stand, and how far apart.
const COLUMN: u16 = 4;
const ROWS: u32 = 20;

/// Puts the charts beside the totals. They show one run; a workbook of several has tables alone.
pub(super) fn insert(workbook: &mut Workbook<'_>) -> Result<(), XlsxProblem> {
    let [run] = workbook.report.runs.as_slice() else { return Ok(()) };
    let mut charts = Vec::new();
    if let Some(bill) = &run.bill {
        let used: Vec<Category> = crate::report::tables::used_categories(&bill.sums);
        charts.extend(stacked(
            workbook,
            "months",
            "month",
            u64::MAX,
            ChartType::ColumnStacked,
            &used,
        ));
        charts.extend(stacked(
            workbook,
            "accounts",
            "account",
            ACCOUNTS,
            ChartType::BarStacked,
            &used,
        ));
    }
    charts.extend(fan(workbook));
    let sheet = workbook.book.worksheet_from_index(0)?;
    for (place, chart) in charts.iter().enumerate() {
        sheet.insert_chart(ROWS * place as u32 + 1, COLUMN, chart)?;
    }
    Ok(())
}

fn color(category: Category) -> Color {
    Color::RGB(match category {
        Category::Storage => 0x00E6_9F00,
        Category::Servers => 0x0000_72B2,
        Category::Licenses => 0x0000_9E73,
        Category::Support => 0x0056_B4E9,
        Category::Transfer => 0x00CC_79A7,
        Category::Minimum => 0x00D5_5E00,
        Category::Fee => 0x008F_8A2B,
        Category::Discount => 0x007F_8790,
    })
}

/// The rows of a sheet, stacked by category.
fn stacked(
    workbook: &Workbook<'_>,
    name: &str,
    label: &str,
    most: u64,
    kind: ChartType,
    used: &[Category],
) -> Option<Chart> {
    let sheet = workbook.sheet(name)?;
    let last = u32::try_from(sheet.row_count().min(most)).ok().filter(|rows| *rows > 0)?;
    let labels = sheet.column(label)?;
    let mut chart = Chart::new(kind);
    for category in used {
        let column = sheet.column(category.as_str())?;
        let color = color(*category);
        chart
            .add_series()
            .set_name(category_label(*category))
            .set_categories((name, 1, labels, last, labels))
            .set_values((name, 1, column, last, column))
            .set_overlap(100)
            .set_gap(60)
            .set_format(
                rust_xlsxwriter::ChartFormat::new()
                    .set_solid_fill(rust_xlsxwriter::ChartSolidFill::new().set_color(color)),
            );
    }
    if kind == ChartType::BarStacked {
        chart.y_axis().set_reverse();
    }
    let title = if name == "months" { "By month" } else { "Accounts that pay most" };
    Some(dressed(chart, title))
}

/// The mean and the quantiles, month by month.
fn fan(workbook: &Workbook<'_>) -> Option<Chart> {
    let name = "forecast months";
    let sheet = workbook.sheet(name)?;
    // The rows of the first scenario.
    let forecast = workbook.report.runs.first()?.forecasts.first()?;
    let last = u32::try_from(forecast.months.len()).ok().filter(|rows| *rows > 0)?;
    let labels = sheet.column("period")?;
    let mut chart = Chart::new(ChartType::Line);
    let lines: &[&str] =
        if forecast.is_drawn() { &["p95", "p90", "mean", "p10", "p5"] } else { &["mean"] };
    for line in lines {
        let column = sheet.column(line)?;
        chart
            .add_series()
            .set_name(*line)
            .set_categories((name, 1, labels, last, labels))
            .set_values((name, 1, column, last, column));
    }
    Some(dressed(chart, "All accounts, month by month"))
}

fn dressed(mut chart: Chart, title: &str) -> Chart {
    chart.title().set_name(title);
    chart.set_alt_text(title);
    chart.set_width(760).set_height(370);
    chart
}
