//! How good a forecast was, in the words of the FinOps Framework.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use crate::compare::{CompareNames, Estimate, Month};
use crate::value::{AccountId, Overflow, exact_sum};

/// What forecasts and actuals of some account-months come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// How many account-months there are.
    pub count: usize,
    /// The sum of what was expected.
    pub forecast: Decimal,
    /// The sum of what it came to.
    pub actual: Decimal,
    /// The sum of |forecast − actual|.
    pub absolute_error: Decimal,
    /// The sum of |actual|.
    pub absolute_actual: Decimal,
    /// How many actuals lie between p10 and p90, of how many that have them.
    pub within_p10_p90: (usize, usize),
    /// How many actuals lie between p5 and p95, of how many that have them.
    pub within_p5_p95: (usize, usize),
}

/// How mature forecasting is, by the variance that it keeps within.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maturity {
    /// Within 12 %.
    Run,
    /// Within 15 %.
    Walk,
    /// Within 20 %.
    Crawl,
    /// Past 20 %.
    None,
}

/// How good a forecast was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accuracy {
    /// Over all accounts and months.
    pub overall: Measured,
    /// By account; names by their bytes.
    pub accounts: Vec<(AccountId, Measured)>,
}

impl Maturity {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Maturity::Run => "run",
            Maturity::Walk => "walk",
            Maturity::Crawl => "crawl",
            Maturity::None => "none",
        }
    }
}

impl Measured {
    fn add(&mut self, forecast: &Estimate, actual: Decimal) -> Result<(), Overflow> {
        let error = exact_sum(forecast.mean, -actual)?;
        self.count += 1;
        self.forecast = exact_sum(self.forecast, forecast.mean)?;
        self.actual = exact_sum(self.actual, actual)?;
        self.absolute_error = exact_sum(self.absolute_error, error.abs())?;
        self.absolute_actual = exact_sum(self.absolute_actual, actual.abs())?;
        let count = |(within, of): &mut (usize, usize), band: Option<(Decimal, Decimal)>| {
            if let Some((low, high)) = band {
                *of += 1;
                *within += usize::from((low..=high).contains(&actual));
            }
        };
        count(&mut self.within_p10_p90, forecast.p10_p90);
        count(&mut self.within_p5_p95, forecast.p5_p95);
        Ok(())
    }

    /// The weighted absolute percentage error: Σ|forecast − actual| ÷ Σ|actual|, in percent.
    #[must_use]
    pub fn wape(&self) -> Option<Decimal> {
        percent(self.absolute_error, self.absolute_actual)
    }

    /// Σ(forecast − actual) ÷ Σ actual, in percent: above 0 where too much was expected.
    #[must_use]
    pub fn bias(&self) -> Option<Decimal> {
        percent(exact_sum(self.forecast, -self.actual).ok()?, self.actual)
    }

    /// The variance of the sums: how far actual spend is from the forecast, as a part of actual
    /// spend, in percent: above 0 where more was spent than expected.
    #[must_use]
    pub fn variance(&self) -> Option<Decimal> {
        percent(exact_sum(self.actual, -self.forecast).ok()?, self.actual)
    }

    /// What the FinOps Framework calls forecasting within such a variance.
    #[must_use]
    pub fn maturity(&self) -> Option<Maturity> {
        // The exact quotient decides, not the rounded one that is printed.
        let error = exact_sum(self.actual, -self.forecast).ok()?.abs();
        let percent = error.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(self.actual.abs())?;
        let steps = [(12, Maturity::Run), (15, Maturity::Walk), (20, Maturity::Crawl)];
        let word = steps.into_iter().find(|(most, _)| percent <= Decimal::from(*most));
        Some(word.map_or(Maturity::None, |(_, word)| word))
    }
}

/// `part` of `whole` in percent, with two decimals; nothing where the whole is 0.
#[must_use]
pub fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let quotient = part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)?;
    let mut rounded = quotient.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
    rounded.rescale(2);
    Some(rounded)
}

/// Measures a forecast against what it came to, over all account-months of some months that either
/// of them has. Where one has none it expected, or came to, nothing.
///
/// # Errors
/// [`Overflow`].
pub fn accuracy(
    forecast: &BTreeMap<(AccountId, Month), Estimate>,
    actual: &BTreeMap<(AccountId, Month), Decimal>,
    months: &BTreeSet<Month>,
    names: &CompareNames,
) -> Result<Accuracy, Overflow> {
    let nothing = Estimate { mean: Decimal::ZERO, p10_p90: None, p5_p95: None };
    let keys: BTreeSet<_> = forecast.keys().chain(actual.keys()).collect();
    let mut overall = Measured::default();
    let mut by_account: BTreeMap<&str, (AccountId, Measured)> = BTreeMap::new();
    for key in keys.into_iter().filter(|(_, month)| months.contains(month)) {
        let expected = forecast.get(key).unwrap_or(&nothing);
        let came_to = actual.get(key).copied().unwrap_or_default();
        overall.add(expected, came_to)?;
        let name = names.accounts.text(key.0);
        let (_, measured) = by_account.entry(name).or_insert((key.0, Measured::default()));
        measured.add(expected, came_to)?;
    }
    Ok(Accuracy { overall, accounts: by_account.into_values().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(pairs: &[(i64, i64)]) -> Measured {
        let mut measured = Measured::default();
        for (mean, actual) in pairs {
            let mean = Decimal::from(*mean);
            let band = |distance: i64| {
                Some((mean - Decimal::from(distance), mean + Decimal::from(distance)))
            };
            let estimate = Estimate { mean, p10_p90: band(10), p5_p95: band(20) };
            measured.add(&estimate, Decimal::from(*actual)).unwrap();
        }
        measured
    }

    #[test]
    fn the_figures_by_hand() {
        // Errors 10, −20, 15 on actuals of 90, 120, 190: 45 of 400, and 5 of 400.
        let measured = measured(&[(100, 90), (100, 120), (205, 190)]);
        let texts = |number: Option<Decimal>| number.map(|n| n.to_string());
        assert_eq!(texts(measured.wape()).as_deref(), Some("11.25"));
        assert_eq!(texts(measured.bias()).as_deref(), Some("1.25"));
        assert_eq!(texts(measured.variance()).as_deref(), Some("-1.25"));
        assert_eq!((measured.within_p10_p90, measured.within_p5_p95), ((1, 3), (3, 3)));
        assert_eq!(measured.maturity(), Some(Maturity::Run));
    }

    #[test]
    fn the_words_are_those_of_the_finops_framework() {
        for (forecast, word) in [
            (100, "run"),
            (112, "run"),
            (113, "walk"),
            (85, "walk"),
            (84, "crawl"),
            (120, "crawl"),
            (121, "none"),
        ] {
            let word_of = measured(&[(forecast, 100)]).maturity().map(Maturity::as_str);
            assert_eq!(word_of, Some(word), "{forecast}");
        }
        let nothing = measured(&[(10, 0)]);
        assert_eq!((nothing.wape(), nothing.bias(), nothing.maturity()), (None, None, None));
    }

    #[test]
    fn an_account_that_only_one_knows_counts_with_nothing() {
        let mut names = CompareNames::default();
        let (known, late) = (names.accounts.intern("known"), names.accounts.intern("late"));
        let month = |text| Month::parse(text).unwrap();
        let (july, august) = (month("2016-07"), month("2016-08"));
        let mean = Estimate { mean: Decimal::from(50), p10_p90: None, p5_p95: None };
        let forecast = [((known, july), mean), ((known, august), mean)].into();
        let actual = [((known, july), Decimal::from(40)), ((late, july), Decimal::from(60))].into();
        let measured = accuracy(&forecast, &actual, &[july].into(), &names).unwrap();
        // |50 − 40| + |0 − 60| of 100; August is not compared.
        assert_eq!(measured.overall.count, 2);
        assert_eq!(measured.overall.wape().unwrap().to_string(), "70.00");
        assert_eq!(measured.accounts[1].1.wape().unwrap().to_string(), "100.00");
        assert_eq!(measured.overall.within_p10_p90, (0, 0));
    }
}
