//! What is told about finished runs: one value, which every form of a report is walked from.
//!
//! Nothing is billed here. Rows of run folders come in one by one and are added up; a sum in a
//! report is the sum of printed amounts, exactly. [`tables`] puts it all into tables.

mod bill;
mod book;
mod difference;
mod forecast;
mod images;
mod prices;
mod sharing;
pub mod table;
pub mod tables;

pub use bill::{AccountSums, BillReport, BillSums, CategorySums};
pub use book::{BookReport, BookState, RateLine, Sources};
pub use difference::{AccountDifference, Difference, Told};
pub use forecast::{Forecast, ForecastSums};
pub use images::{ImageUse, ImageUses};
pub use prices::{PriceKey, PriceSums, PricedAt};
pub use sharing::{Flow, ImageFlows, Paid, SharingSums};

use rust_decimal::Decimal;

use crate::run::{AssumptionRow, FindingRow, RunInfo, RunKind};
use crate::value::{Currency, Overflow, exact_sum};

/// Everything there is to tell about some runs.
#[derive(Debug, Clone)]
pub struct Report {
    /// The runs, in the order in which they were given.
    pub runs: Vec<RunReport>,
    /// Why the second of two runs differs from the first; of one run or many, nothing.
    pub difference: Option<Difference>,
}

/// Everything there is to tell about one run.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// Its folder, as it was given.
    pub name: String,
    /// What its `run.json` says.
    pub info: RunInfo,
    /// The currency of all amounts, where there are any.
    pub currency: Option<Currency>,
    /// What was charged; a projection of many runs or scenarios has no charges.
    pub bill: Option<BillReport>,
    /// The scenarios of a projection.
    pub forecasts: Vec<Forecast>,
    /// How many rows `projection.csv` and `projection_summary.csv` have.
    pub estimate_counts: (u64, u64),
    /// Events that break a rule.
    pub findings: Vec<FindingRow>,
    /// What a projection assumes.
    pub assumptions: Vec<AssumptionRow>,
    /// The prices.
    pub book: BookReport,
}

impl RunReport {
    /// How many digits an amount has after the point.
    #[must_use]
    pub fn minor_digits(&self) -> u32 {
        self.currency.map_or(2, Currency::minor_digits)
    }

    /// The code of the currency, where there is one.
    #[must_use]
    pub fn currency_code(&self) -> &'static str {
        self.currency.map_or("", Currency::code)
    }

    /// What it comes to: the sum of all statements, or what the only scenario expects.
    #[must_use]
    pub fn total(&self) -> Option<Decimal> {
        if let Some(bill) = &self.bill {
            return Some(bill.sums.total);
        }
        match self.forecasts.as_slice() {
            [forecast] => forecast.whole.as_ref().map(|whole| whole.mean),
            _ => None,
        }
    }

    /// What kind of run it is, in a word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.info.kind {
            RunKind::Bill => "bill",
            RunKind::Projection => "projection",
        }
    }
}

/// Adds a number to a sum.
fn add(sum: &mut Decimal, number: Decimal) -> Result<(), Overflow> {
    *sum = exact_sum(*sum, number)?;
    Ok(())
}
