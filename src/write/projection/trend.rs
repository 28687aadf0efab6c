//! `trend.csv`: what each account used, and what history says it will use.

use std::io::{self, Write};

use rust_decimal::Decimal;

use crate::forecast::ForecastRow;
use crate::project::trend::TrendRow;
use crate::value::Names;
use crate::write::projection::{shown, writer};

/// Without trailing zeros; nothing where there is none.
fn number(number: Option<Decimal>) -> String {
    shown(number.map(|number| number.normalize()))
}

/// By scenario, account and series: the months before the start, and those from it on.
///
/// # Errors
/// What `out` gives.
pub fn trend<W: Write>(out: W, all: &[(String, Vec<TrendRow>)], names: &Names) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record([
        "scenario", "account", "sku", "region", "os", "month", "unit", "history", "mean", "p10",
        "p50", "p90", "goes_on", "rest", "model",
    ])?;
    for (scenario, rows) in all {
        for row in rows {
            let of_forecast =
                |of: fn(&ForecastRow) -> Decimal| number(row.forecast.as_ref().map(of));
            let month = row.month.day().to_string();
            let record: [&str; 15] = [
                scenario,
                names.accounts.text(row.account),
                &row.of.sku().text(names),
                names.regions.text(row.of.region()),
                row.of.os().map_or("", |os| names.systems.text(os)),
                &month,
                row.of.unit(),
                &number(row.history),
                &of_forecast(|row| row.mean),
                &of_forecast(|row| row.p10),
                &of_forecast(|row| row.p50),
                &of_forecast(|row| row.p90),
                &number(row.goes_on),
                &number(row.rest),
                row.model.map_or("", |model| model.as_str()),
            ];
            table.write_record(record)?;
        }
    }
    table.flush()
}
