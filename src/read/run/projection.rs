//! `projection.csv`, read back.

use std::io::Read;

use rust_decimal::Decimal;

use crate::book::Category;
use crate::compare::{CompareNames, Estimate, Month, Projection};
use crate::diagnostic::{Code, Diagnostic};
use crate::read::long::{LongError, LongRow, read_rows};
use crate::read::run::currency_of;
use crate::read::table::{Column, abridged};
use crate::value::Currency;

const COLUMNS: [Column; 14] = [
    Column { name: "scenario", needed: true },
    Column { name: "account", needed: true },
    Column { name: "month", needed: true },
    Column { name: "category", needed: true },
    Column { name: "mean", needed: true },
    Column { name: "p5", needed: false },
    Column { name: "p10", needed: false },
    Column { name: "p50", needed: false },
    Column { name: "p90", needed: false },
    Column { name: "p95", needed: false },
    Column { name: "budget", needed: false },
    Column { name: "over_budget_probability", needed: false },
    Column { name: "currency", needed: true },
    Column { name: "standard_error", needed: false },
];

const SCENARIO: usize = 0;
const ACCOUNT: usize = 1;
const MONTH: usize = 2;
const CATEGORY: usize = 3;
const MEAN: usize = 4;
const P5: usize = 5;
const P10: usize = 6;
const P90: usize = 8;
const P95: usize = 9;
const CURRENCY: usize = 12;

/// The scenarios of a projection, in the order in which they first appear.
#[derive(Debug, Clone, Default)]
pub struct Projections {
    /// Their names, and what each expects.
    pub scenarios: Vec<(String, Projection)>,
    /// The currency of all amounts, if there are any.
    pub currency: Option<Currency>,
}

impl Projections {
    fn scenario(&mut self, name: &str) -> &mut Projection {
        let known = self.scenarios.iter().position(|(known, _)| known == name);
        let place = known.unwrap_or_else(|| {
            self.scenarios.push((name.to_owned(), Projection::default()));
            self.scenarios.len() - 1
        });
        &mut self.scenarios[place].1
    }
}

/// Reads the scenarios of a projection.
///
/// # Errors
/// [`LongError`], for the first row that is wrong.
pub fn read_projections(
    name: &str,
    input: impl Read,
    names: &mut CompareNames,
) -> Result<Projections, LongError> {
    let mut projections = Projections::default();
    read_rows(name, input, &COLUMNS, |row| {
        currency_of(row, CURRENCY, &mut projections.currency)?;
        let text = row.text(MONTH)?;
        let month = Month::parse(&text).ok_or_else(|| wrong_month(row, &text))?;
        let category = category(row)?;
        let account = names.accounts.intern(&row.text(ACCOUNT)?);
        let estimate = Estimate {
            mean: row.decimal(MEAN)?,
            p10_p90: band(row, P10, P90)?,
            p5_p95: band(row, P5, P95)?,
        };
        let scenario = projections.scenario(&row.text(SCENARIO)?);
        if scenario.add(account, month, category, estimate) {
            return Ok(());
        }
        let message = "a second row for the same scenario, account, month and category";
        Err(Diagnostic::error(Code::EstimateTwice, message)
            .at(row.place(), "the second one")
            .help("keep one of the two"))
    })?;
    Ok(projections)
}

/// Two percentiles, where both are given.
fn band(
    row: &LongRow<'_>,
    low: usize,
    high: usize,
) -> Result<Option<(Decimal, Decimal)>, Diagnostic> {
    if row.text(low)?.is_empty() || row.text(high)?.is_empty() {
        return Ok(None);
    }
    Ok(Some((row.decimal(low)?, row.decimal(high)?)))
}

/// The category of a row; `None` is the total.
fn category(row: &LongRow<'_>) -> Result<Option<Category>, Diagnostic> {
    let text = row.text(CATEGORY)?;
    if text == "total" {
        return Ok(None);
    }
    let category = Category::ALL.into_iter().find(|known| known.as_str() == text);
    category.map(Some).ok_or_else(|| {
        let known = Category::ALL.map(Category::as_str).into_iter().chain(["total"]);
        let message = format!("`{}` is not a category", abridged(&text));
        row.wrong(CATEGORY, Code::ValueWrong, message, "a column of statements.csv is expected")
            .did_you_mean(&text, known)
    })
}

fn wrong_month(row: &LongRow<'_>, text: &str) -> Diagnostic {
    let message = format!("`{}` is not a month", abridged(text));
    row.wrong(MONTH, Code::DateWrong, message, "a month is expected").help("write it like 2016-03")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "scenario,account,month,category,mean,p5,p10,p50,p90,p95,budget,\
                          over_budget_probability,currency,standard_error\n";

    fn read(rows: &str) -> Result<(Projections, CompareNames), String> {
        let mut names = CompareNames::default();
        let text = format!("{HEADER}{rows}");
        match read_projections("projection.csv", text.as_bytes(), &mut names) {
            Ok(projections) => Ok((projections, names)),
            Err(LongError::Wrong(wrong)) => {
                let place = &wrong[0].place.as_ref().unwrap().0;
                Err(format!("{} {}:{}", wrong[0].code, place.line(), place.column()))
            }
            Err(LongError::Io(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn scenarios_are_kept_apart() {
        let (projections, names) = read(
            "base,acme,2016-07,total,100.5,80,85,100,115,120,,,USD,0.1\n\
             base,acme,2016-07,servers,100.5,,,,,,,,USD,\n\
             double,acme,2016-07,total,201,,,,,,500,0.01,USD,\n",
        )
        .unwrap();
        let scenarios: Vec<&str> =
            projections.scenarios.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(scenarios, ["base", "double"]);
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let key = (names.accounts.find("acme").unwrap(), Month::parse("2016-07").unwrap());
        let base = projections.scenarios[0].1.totals()[&key];
        assert_eq!(base.mean, number("100.5"));
        assert_eq!(base.p10_p90, Some((number("85"), number("115"))));
        assert_eq!(base.p5_p95, Some((number("80"), number("120"))));
        let double = projections.scenarios[1].1.totals()[&key];
        assert_eq!((double.mean, double.p10_p90), (number("201"), None));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let good = "base,acme,2016-07,total,100,,,,,,,,USD,\n";
        for (from, to, expected) in [
            ("2016-07", "2016-7", "B13 3:11"),
            ("total", "sum", "B04 3:19"),
            ("100", "", "B09 3:25"),
            ("USD", "EUR", "D02 3:36"),
            ("acme", "acme", "D04 3:1"),
        ] {
            let rows = format!("{good}{}", good.replace(from, to));
            assert_eq!(read(&rows).map(|_| ()), Err(expected.to_owned()), "{to}");
        }
    }
}
