//! What a projection expects, by account, month and category.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::book::Category;
use crate::compare::Month;
use crate::value::AccountId;

/// What one row of `projection.csv` expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The expected amount.
    pub mean: Decimal,
    /// The 10th and 90th percentile, where they are given.
    pub p10_p90: Option<(Decimal, Decimal)>,
    /// The 5th and 95th percentile, where they are given.
    pub p5_p95: Option<(Decimal, Decimal)>,
}

/// One scenario of a projection.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    by_category: BTreeMap<(AccountId, Month, Category), Decimal>,
    totals: BTreeMap<(AccountId, Month), Estimate>,
}

impl Projection {
    /// Adds the estimate of a category, or of the total; `false` where there is one already.
    pub fn add(
        &mut self,
        account: AccountId,
        month: Month,
        category: Option<Category>,
        estimate: Estimate,
    ) -> bool {
        match category {
            Some(category) => {
                self.by_category.insert((account, month, category), estimate.mean).is_none()
            }
            None => self.totals.insert((account, month), estimate).is_none(),
        }
    }

    /// The months that it covers.
    #[must_use]
    pub fn months(&self) -> BTreeSet<Month> {
        let of_categories = self.by_category.keys().map(|(_, month, _)| *month);
        of_categories.chain(self.totals.keys().map(|(_, month)| *month)).collect()
    }

    /// The expected amount of each account, month and category.
    pub(super) fn amounts(
        &self,
    ) -> impl Iterator<Item = (AccountId, Month, Category, Decimal)> + '_ {
        let amounts = self.by_category.iter();
        amounts.map(|((account, month, category), mean)| (*account, *month, *category, *mean))
    }

    /// What it expects of each account and month.
    #[must_use]
    pub fn totals(&self) -> &BTreeMap<(AccountId, Month), Estimate> {
        &self.totals
    }
}
