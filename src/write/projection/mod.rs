//! What a projection is told in: its tables, its `run.json`, and a glance for people.

mod glance;
mod trend;

pub use glance::{json, run, text};
pub use trend::trend;

use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};
use rust_decimal::Decimal;

use crate::book::Category;
use crate::project::outcome::{Against, Figures, Period, Projection, QUANTILES};
use crate::read::scenario::Assumption;
use crate::value::{AccountId, Names};

fn writer<W: Write>(out: W) -> Writer<W> {
    WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out)
}

/// What stands for all accounts together.
const ALL: &str = "*";

fn account(account: Option<AccountId>, names: &Names) -> &str {
    account.map_or(ALL, |account| names.accounts.text(account))
}

fn category(category: Option<Category>) -> &'static str {
    category.map_or("total", Category::as_str)
}

fn shown(number: Option<Decimal>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

/// Mean and quantiles.
fn figures(figures: &Figures) -> [String; 6] {
    let quantile = |place: usize| shown(figures.quantiles.map(|quantiles| quantiles[place]));
    [figures.mean.to_string(), quantile(0), quantile(1), quantile(2), quantile(3), quantile(4)]
}

fn against(budget: Option<Against>) -> [String; 2] {
    [shown(budget.map(|b| b.budget)), shown(budget.map(|b| b.over))]
}

/// The headers of mean, quantiles, budget, and what follows.
fn figure_headers() -> impl Iterator<Item = &'static str> {
    let quantiles = QUANTILES.into_iter().map(|(name, _)| name);
    let rest = ["budget", "over_budget_probability", "currency", "standard_error"];
    ["mean"].into_iter().chain(quantiles).chain(rest)
}

/// `projection.csv`: by scenario, account, month and category.
///
/// # Errors
/// What `out` gives.
pub fn months<W: Write>(out: W, projections: &[Projection], names: &Names) -> io::Result<()> {
    let mut table = writer(out);
    let begin = ["scenario", "account", "month", "category"].into_iter();
    table.write_record(begin.chain(figure_headers()))?;
    for projection in projections {
        for row in &projection.months {
            let month = Period::month_of(row.cycle).text();
            let whose = names.accounts.text(row.account);
            let begin = [&projection.scenario, whose, &month, category(row.category)];
            end_row(&mut table, begin, &row.figures, row.budget, projection)?;
        }
    }
    table.flush()
}

/// `projection_summary.csv`: by scenario, account (`*` is all), period and category.
///
/// # Errors
/// What `out` gives.
pub fn summary<W: Write>(out: W, projections: &[Projection], names: &Names) -> io::Result<()> {
    let mut table = writer(out);
    let begin = ["scenario", "account", "period", "category"].into_iter();
    table.write_record(begin.chain(figure_headers()))?;
    for projection in projections {
        for row in &projection.summary {
            let period = row.period.text();
            let whose = account(row.account, names);
            let begin = [&projection.scenario, whose, &period, category(row.category)];
            end_row(&mut table, begin, &row.figures, row.budget, projection)?;
        }
    }
    table.flush()
}

fn end_row<W: Write>(
    table: &mut Writer<W>,
    begin: [&str; 4],
    amount: &Figures,
    budget: Option<Against>,
    projection: &Projection,
) -> io::Result<()> {
    let (amounts, budget) = (figures(amount), against(budget));
    let error = shown(amount.standard_error);
    let end = [projection.currency.code(), &error];
    let middle = amounts.iter().chain(&budget).map(String::as_str);
    table.write_record(begin.into_iter().chain(middle).chain(end))?;
    Ok(())
}

/// `drivers.csv`: what moves what each account pays, the most first.
///
/// # Errors
/// What `out` gives.
pub fn drivers<W: Write>(out: W, projections: &[Projection], names: &Names) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record([
        "scenario",
        "account",
        "path",
        "share_of_variance",
        "rank_correlation",
        "mean_at_p10",
        "mean_at_p90",
        "swing",
        "currency",
    ])?;
    for projection in projections {
        for driver in &projection.drivers {
            table.write_record([
                &projection.scenario,
                account(driver.account, names),
                &driver.path,
                &driver.share_of_variance.to_string(),
                &driver.rank_correlation.to_string(),
                &driver.at_p10.to_string(),
                &driver.at_p90.to_string(),
                &(driver.at_p90 - driver.at_p10).to_string(),
                projection.currency.code(),
            ])?;
        }
    }
    table.flush()
}

/// `assumptions.csv`: every number that went in, and where it came from.
///
/// # Errors
/// What `out` gives.
pub fn assumptions<W: Write>(out: W, all: &[(String, Vec<Assumption>)]) -> io::Result<()> {
    let mut table = writer(out);
    table.write_record(["scenario", "path", "value", "source"])?;
    for (scenario, assumptions) in all {
        for assumption in assumptions {
            let Assumption { path, value, source } = assumption;
            table.write_record([scenario, path, value, source])?;
        }
    }
    table.flush()
}
