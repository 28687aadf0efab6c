//! Trends as a table: what was, what is forecast, what goes on, and what comes on top.

use rust_decimal::Decimal;

use crate::forecast::{ForecastRow, Model};
use crate::project::attrition::Attrition;
use crate::project::luck::Luck;
use crate::project::trend::{Of, Trend, Trended};
use crate::value::{AccountId, Instant, Names, Span};

/// One month of one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrendRow {
    /// Whose it is.
    pub account: AccountId,
    /// What it is of.
    pub of: Of,
    /// The month's first instant.
    pub month: Instant,
    /// What was used, in a month before the start.
    pub history: Option<Decimal>,
    /// What is forecast, in a month from the start on.
    pub forecast: Option<ForecastRow>,
    /// What is there at the start and goes on, at the mean.
    pub goes_on: Option<Decimal>,
    /// What comes on top, at the mean.
    pub rest: Option<Decimal>,
    /// What it was forecast with.
    pub model: Option<Model>,
}

/// The most decimals of a value.
const PLACES: u32 = 4;

impl Trend {
    /// All months of all series: accounts by their texts, each series from its oldest month on.
    #[must_use]
    pub fn rows(&self, run: Span, attrition: Option<&Attrition>, names: &Names) -> Vec<TrendRow> {
        let mut accounts: Vec<_> = self.accounts.iter().collect();
        accounts.sort_by_key(|(account, _)| names.accounts.text(**account));
        let mut rows = Vec::new();
        for (account, series) in accounts {
            let mut series: Vec<&Trended> = series.iter().collect();
            series.sort_by_cached_key(|trended| trended.of.text(names));
            for trended in series {
                let lost = self.lost(*account, trended, run, attrition, Luck::Mean, names);
                rows.extend(self.rows_of(*account, trended, &lost));
            }
        }
        rows
    }

    fn rows_of<'t>(
        &'t self,
        account: AccountId,
        trended: &'t Trended,
        lost: &'t [u64],
    ) -> impl Iterator<Item = TrendRow> + 't {
        let Trended { of, history, forecast, .. } = trended;
        let nothing = TrendRow {
            account,
            of: *of,
            month: Instant::from_micros(0),
            history: None,
            forecast: None,
            goes_on: None,
            rest: None,
            model: None,
        };
        let known = &self.before[self.before.len() - history.len()..];
        let past = known.iter().zip(history).map(move |(month, value)| {
            let value = Decimal::from_f64_retain(*value).unwrap_or_default();
            TrendRow { month: month.start, history: Some(value.round_dp(PLACES)), ..nothing }
        });
        let digits = if of.os().is_some() { PLACES - 2 } else { 0 };
        let forecast = forecast.as_ref();
        let told = forecast.and_then(|forecast| forecast.rows(digits).ok());
        let model = forecast.map(|forecast| forecast.model);
        let next = self.months.iter().zip(lost).enumerate().map(move |(place, (month, lost))| {
            let average = |amount: u64| {
                let steps = if of.os().is_some() { self.steps(place) } else { 1 };
                (Decimal::from(amount) / Decimal::from(steps)).round_dp(PLACES)
            };
            TrendRow {
                month: month.start,
                forecast: told.as_ref().map(|rows| rows[place]),
                goes_on: Some(average(trended.going[place].saturating_sub(*lost))),
                rest: Some(average(trended.rest(self, place, None, *lost))),
                model,
                ..nothing
            }
        });
        past.chain(next)
    }
}
