//! What was charged, added up in the ways in which people ask.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::book::Category;
use crate::compare::Month;
use crate::report::{ImageUses, PriceSums, SharingSums, add};
use crate::run::{AllocationRow, ChargeRow, SharedRow, StatementRow};
use crate::value::{Currency, Overflow};

/// Amounts by category, and their total.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CategorySums {
    /// In the order of [`Category::ALL`].
    pub by_category: [Decimal; Category::ALL.len()],
    /// The sum of the statements' totals.
    pub total: Decimal,
    /// How many statements were added up.
    pub statement_count: u64,
}

impl CategorySums {
    fn add(&mut self, row: &StatementRow) -> Result<(), Overflow> {
        for (sum, amount) in self.by_category.iter_mut().zip(row.by_category) {
            add(sum, amount)?;
        }
        self.statement_count += 1;
        add(&mut self.total, row.total)
    }
}

/// What one account pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSums {
    /// Who pays.
    pub account: String,
    /// For what.
    pub sums: CategorySums,
    /// Storing images that it shares: its part as a producer.
    pub as_producer: Decimal,
    /// Servers, licences, support and images made of others' images: its part as a consumer.
    pub as_consumer: Decimal,
}

/// A finished bill.
#[derive(Debug, Clone)]
pub struct BillReport {
    /// All statements together.
    pub sums: CategorySums,
    /// By the month in which a cycle begins.
    pub months: Vec<(Month, CategorySums)>,
    /// By account; who pays most comes first.
    pub accounts: Vec<AccountSums>,
    /// Every statement, as printed.
    pub statements: Vec<StatementRow>,
    /// Every row of `sharing.csv`, as printed.
    pub shared: Vec<SharedRow>,
    /// What sharing moved.
    pub sharing: SharingSums,
    /// What was charged at which price.
    pub prices: PriceSums,
    /// Stored images and what ran from them; only `bill --detail` tells that.
    pub images: Option<ImageUses>,
    /// How many charges there are, and their sum.
    pub charges: (u64, Decimal),
    /// How many allocations there are, and their sum; nothing without `--detail`.
    pub allocations: Option<(u64, Decimal)>,
}

/// A bill that is being added up, row by row.
#[derive(Debug, Clone, Default)]
pub struct BillSums {
    sums: CategorySums,
    months: BTreeMap<Month, CategorySums>,
    accounts: BTreeMap<String, CategorySums>,
    statements: Vec<StatementRow>,
    shared: Vec<SharedRow>,
    sharing: SharingSums,
    prices: PriceSums,
    images: ImageUses,
    charges: (u64, Decimal),
    allocations: (u64, Decimal),
    currency: Option<Currency>,
}

impl BillSums {
    /// The currency of the rows so far.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Adds a statement.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn statement(&mut self, row: StatementRow) -> Result<(), Overflow> {
        self.currency = Some(row.currency);
        self.sums.add(&row)?;
        self.months.entry(Month::of(row.cycle_start)).or_default().add(&row)?;
        match self.accounts.get_mut(&row.account) {
            Some(sums) => sums.add(&row)?,
            None => self.accounts.entry(row.account.clone()).or_default().add(&row)?,
        }
        self.statements.push(row);
        Ok(())
    }

    /// Adds a charge.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn charge(&mut self, row: &ChargeRow) -> Result<(), Overflow> {
        self.charges.0 += 1;
        add(&mut self.charges.1, row.amount)?;
        self.prices.add(row)
    }

    /// Adds a resource's part of a charge.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn allocation(&mut self, row: &AllocationRow) -> Result<(), Overflow> {
        self.allocations.0 += 1;
        add(&mut self.allocations.1, row.amount)?;
        self.images.add(row)
    }

    /// Adds what a shared image cost somebody.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn shared(&mut self, row: SharedRow) -> Result<(), Overflow> {
        self.sharing.add(&row)?;
        self.shared.push(row);
        Ok(())
    }

    /// All rows are in. `has_detail` says whether there were allocations to add.
    #[must_use]
    pub fn finish(self, has_detail: bool) -> BillReport {
        let none = Decimal::ZERO;
        let account = |(account, sums): (String, CategorySums)| AccountSums {
            as_producer: self.sharing.of_producers.get(&account).copied().unwrap_or(none),
            as_consumer: self.sharing.of_consumers.get(&account).copied().unwrap_or(none),
            account,
            sums,
        };
        let mut accounts: Vec<AccountSums> = self.accounts.into_iter().map(account).collect();
        // Stable: ties stay in the order of their names.
        accounts.sort_by_key(|account| std::cmp::Reverse(account.sums.total));
        BillReport {
            sums: self.sums,
            months: self.months.into_iter().collect(),
            accounts,
            statements: self.statements,
            shared: self.shared,
            sharing: self.sharing,
            prices: self.prices,
            images: has_detail.then_some(self.images),
            charges: self.charges,
            allocations: has_detail.then_some(self.allocations),
        }
    }
}
