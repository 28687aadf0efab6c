//! The tables of a projection's folder, row by row as values.

use crate::diagnostic::Diagnostic;
use crate::read::long::LongRow;
use crate::read::run::RunRow;
use crate::read::run::cells::Cells;
use crate::read::run::rows::needed;
use crate::read::table::Column;
use crate::run::{AssumptionRow, DriverRow, EstimateRow, MonthEstimateRow, PeriodEstimateRow};

const fn estimate_columns(period: &'static str) -> [Column; 14] {
    [
        needed("scenario"),
        needed("account"),
        needed(period),
        needed("category"),
        needed("mean"),
        needed("p5"),
        needed("p10"),
        needed("p50"),
        needed("p90"),
        needed("p95"),
        needed("budget"),
        needed("over_budget_probability"),
        needed("currency"),
        needed("standard_error"),
    ]
}

const MONTHS: [Column; 14] = estimate_columns("month");
const PERIODS: [Column; 14] = estimate_columns("period");

fn estimate(row: &LongRow<'_>) -> Result<EstimateRow, Diagnostic> {
    let mut cells = Cells::of(row);
    let [scenario, account, period, category] =
        [cells.text()?, cells.text()?, cells.text()?, cells.text()?];
    let mean = cells.decimal()?;
    let mut quantiles = [None; 5];
    for quantile in &mut quantiles {
        *quantile = cells.optional_decimal()?;
    }
    let quantiles = match quantiles {
        [Some(p5), Some(p10), Some(p50), Some(p90), Some(p95)] => Some([p5, p10, p50, p90, p95]),
        _ => None,
    };
    Ok(EstimateRow {
        scenario,
        account,
        period,
        category,
        mean,
        quantiles,
        budget: cells.optional_decimal()?,
        over_budget: cells.optional_decimal()?,
        currency: cells.currency()?,
        standard_error: cells.optional_decimal()?,
    })
}

impl RunRow for MonthEstimateRow {
    const FILE: &'static str = "projection.csv";
    const COLUMNS: &'static [Column] = &MONTHS;

    fn of(row: &LongRow<'_>) -> Result<MonthEstimateRow, Diagnostic> {
        let mut cells = Cells::from(row, 2);
        let (month, category) = (cells.month()?, cells.category()?);
        Ok(MonthEstimateRow { estimate: estimate(row)?, month, category })
    }
}

impl RunRow for PeriodEstimateRow {
    const FILE: &'static str = "projection_summary.csv";
    const COLUMNS: &'static [Column] = &PERIODS;

    fn of(row: &LongRow<'_>) -> Result<PeriodEstimateRow, Diagnostic> {
        estimate(row).map(PeriodEstimateRow)
    }
}

impl RunRow for DriverRow {
    const FILE: &'static str = "drivers.csv";
    const COLUMNS: &'static [Column] = &[
        needed("scenario"),
        needed("account"),
        needed("path"),
        needed("share_of_variance"),
        needed("rank_correlation"),
        needed("mean_at_p10"),
        needed("mean_at_p90"),
        needed("swing"),
        needed("currency"),
    ];

    fn of(row: &LongRow<'_>) -> Result<DriverRow, Diagnostic> {
        let mut cells = Cells::of(row);
        Ok(DriverRow {
            scenario: cells.text()?,
            account: cells.text()?,
            path: cells.text()?,
            share_of_variance: cells.decimal()?,
            rank_correlation: cells.decimal()?,
            mean_at_p10: cells.decimal()?,
            mean_at_p90: cells.decimal()?,
            swing: cells.decimal()?,
            currency: cells.currency()?,
        })
    }
}

impl RunRow for AssumptionRow {
    const FILE: &'static str = "assumptions.csv";
    const COLUMNS: &'static [Column] =
        &[needed("scenario"), needed("path"), needed("value"), needed("source")];

    fn of(row: &LongRow<'_>) -> Result<AssumptionRow, Diagnostic> {
        let mut cells = Cells::of(row);
        Ok(AssumptionRow {
            scenario: cells.text()?,
            path: cells.text()?,
            value: cells.text()?,
            source: cells.text()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::run::read_table;

    #[test]
    fn an_estimate_may_have_neither_quantiles_nor_a_budget() {
        let header = "scenario,account,month,category,mean,p5,p10,p50,p90,p95,budget,\
                      over_budget_probability,currency,standard_error\n";
        let text = format!(
            "{header}base,acme,2016-07,total,100.5,80,85,100,115,120,110,0.25,USD,0.1\n\
             base,acme,2016-07,fee,100.5,,,,,,,,USD,\n"
        );
        let mut rows = Vec::new();
        let read = read_table("projection.csv", text.as_bytes(), |row: MonthEstimateRow, _| {
            rows.push(row.estimate);
            Ok(())
        });
        assert!(read.is_ok());
        let texts = rows[0].quantiles.unwrap().map(|quantile| quantile.to_string());
        assert_eq!(texts, ["80", "85", "100", "115", "120"]);
        assert_eq!(rows[0].over_budget.unwrap().to_string(), "0.25");
        assert_eq!((rows[1].quantiles, rows[1].budget, rows[1].standard_error), (None, None, None));
    }
}
