//! What a projection expects: fans, budgets and what moves it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::run::{DriverRow, EstimateRow, RunInfo};

/// What stands for all accounts, and for all months.
const ALL_ACCOUNTS: &str = "*";
const ALL_MONTHS: &str = "all";
const TOTAL: &str = "total";

/// One scenario of a projection.
#[derive(Debug, Clone, Default)]
pub struct Forecast {
    /// Its name.
    pub scenario: String,
    /// How often it was run; 1 is deterministic.
    pub runs: u64,
    /// All accounts over all months.
    pub whole: Option<EstimateRow>,
    /// All accounts, month by month.
    pub months: Vec<EstimateRow>,
    /// Each account over all months, who pays most first.
    pub accounts: Vec<EstimateRow>,
    /// The months of accounts, in the order of [`Forecast::accounts`].
    pub account_months: Vec<Vec<EstimateRow>>,
    /// All accounts over all months, by category.
    pub categories: Vec<EstimateRow>,
    /// Every budget, with how likely it is passed: accounts, months and years.
    pub budgets: Vec<EstimateRow>,
    /// What moves it, the most first.
    pub drivers: Vec<DriverRow>,
}

impl Forecast {
    /// Whether it was drawn more than once, so that it has quantiles.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        self.whole.as_ref().is_some_and(|whole| whole.quantiles.is_some())
    }
}

/// Scenarios that are being gathered, row by row.
#[derive(Debug, Clone, Default)]
pub struct ForecastSums {
    scenarios: Vec<Forecast>,
    months: BTreeMap<(usize, String), Vec<EstimateRow>>,
    counts: (u64, u64),
}

impl ForecastSums {
    /// The scenarios that `run.json` tells.
    #[must_use]
    pub fn new(info: &RunInfo) -> ForecastSums {
        let scenario = |known: &crate::run::ScenarioInfo| Forecast {
            scenario: known.name.clone(),
            runs: known.runs,
            ..Forecast::default()
        };
        let scenarios = info.scenarios.iter().map(scenario).collect();
        ForecastSums { scenarios, ..ForecastSums::default() }
    }

    fn scenario(&mut self, name: &str) -> usize {
        let known = self.scenarios.iter().position(|known| known.scenario == name);
        known.unwrap_or_else(|| {
            let scenario = Forecast { scenario: name.to_owned(), ..Forecast::default() };
            self.scenarios.push(scenario);
            self.scenarios.len() - 1
        })
    }

    /// Adds an account's month.
    pub fn month(&mut self, row: EstimateRow) {
        self.counts.0 += 1;
        if row.category != TOTAL {
            return;
        }
        let scenario = self.scenario(&row.scenario);
        if row.budget.is_some() {
            self.scenarios[scenario].budgets.push(row.clone());
        }
        self.months.entry((scenario, row.account.clone())).or_default().push(row);
    }

    /// Adds what several months or accounts come to.
    pub fn period(&mut self, row: EstimateRow) {
        self.counts.1 += 1;
        let place = self.scenario(&row.scenario);
        let forecast = &mut self.scenarios[place];
        let is_total = row.category == TOTAL;
        if is_total && row.budget.is_some() {
            forecast.budgets.push(row.clone());
        }
        match (row.account == ALL_ACCOUNTS, row.period.as_str(), is_total) {
            (true, ALL_MONTHS, true) => forecast.whole = Some(row),
            (true, ALL_MONTHS, false) => forecast.categories.push(row),
            (true, period, true) if period.len() == "2027-01".len() => forecast.months.push(row),
            (false, ALL_MONTHS, true) => forecast.accounts.push(row),
            _ => {}
        }
    }

    /// Adds what moves it.
    pub fn driver(&mut self, row: DriverRow) {
        let scenario = self.scenario(&row.scenario);
        self.scenarios[scenario].drivers.push(row);
    }

    /// How many months and longer periods were added.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        self.counts
    }

    /// All rows are in.
    #[must_use]
    pub fn finish(mut self) -> Vec<Forecast> {
        for (place, forecast) in self.scenarios.iter_mut().enumerate() {
            forecast.accounts.sort_by_key(|account| Reverse(account.mean));
            let months = forecast.accounts.iter().map(|account| {
                let key = (place, account.account.clone());
                self.months.remove(&key).unwrap_or_default()
            });
            forecast.account_months = months.collect();
        }
        self.scenarios
    }
}
