//! What adds up while one account's cycle after the other is settled.

use std::collections::BTreeMap;

use crate::bill::desk::CycleTotals;
use crate::book::{Book, Category, Sku};
use crate::statement::{Moved, Statement};
use crate::value::{AccountId, Currency, Money, Overflow, Span};

/// How many accounts are remembered by what they pay.
const TOP_ACCOUNT_COUNT: usize = 10;

/// The sums of a run.
#[derive(Debug, Clone)]
pub struct Totals {
    /// The run.
    pub run: Span,
    /// The currency of every amount.
    pub currency: Currency,
    /// All money.
    pub total: Money,
    /// The money of each category, in the order of [`Category::ALL`].
    pub by_category: [Money; Category::ALL.len()],
    /// How many accounts have a statement.
    pub account_count: usize,
    /// How many statements there are.
    pub statement_count: usize,
    /// How many of them are for a part of a cycle, as the run cuts it (B3).
    pub cut_statement_count: usize,
    /// The accounts that pay most, the one that pays most first; where they pay the same, by text.
    pub top_accounts: Vec<(AccountId, Money)>,
    /// How many accounts used each SKU that has no rate and was priced at 0 (P1).
    pub unpriced: BTreeMap<Sku, usize>,
    /// What sharing itself moved.
    pub moved: Moved,
    /// The account that is being told, and what it pays up to now.
    current: Option<(AccountId, Money)>,
    /// For each unpriced SKU the last account that used it.
    last_unpriced: BTreeMap<Sku, AccountId>,
}

impl Totals {
    pub(super) fn new(book: &Book, run: Span) -> Totals {
        let zero = Money::zero(book.currency.minor_digits());
        Totals {
            run,
            currency: book.currency,
            total: zero,
            by_category: [zero; Category::ALL.len()],
            account_count: 0,
            statement_count: 0,
            cut_statement_count: 0,
            top_accounts: Vec::new(),
            unpriced: BTreeMap::new(),
            moved: Moved::default(),
            current: None,
            last_unpriced: BTreeMap::new(),
        }
    }

    /// Adds one account's cycle. The cycles of an account come one after the other, and accounts by
    /// their texts.
    pub(super) fn add(&mut self, cycle: &CycleTotals) -> Result<(), Overflow> {
        let statement = &cycle.statement;
        self.total = self.total.plus(statement.total)?;
        for (sum, amount) in self.by_category.iter_mut().zip(statement.by_category) {
            *sum = sum.plus(amount)?;
        }
        self.statement_count += 1;
        self.cut_statement_count += usize::from(!self.run.covers(statement.cycle.span()));
        self.moved = self.moved.plus(&cycle.moved)?;
        for sku in &cycle.free {
            if self.last_unpriced.insert(*sku, statement.account) != Some(statement.account) {
                *self.unpriced.entry(*sku).or_default() += 1;
            }
        }
        self.add_to_account(statement)
    }

    fn add_to_account(&mut self, statement: &Statement) -> Result<(), Overflow> {
        match &mut self.current {
            Some((account, pays)) if *account == statement.account => {
                *pays = pays.plus(statement.total)?;
            }
            _ => {
                self.end_account();
                self.account_count += 1;
                self.current = Some((statement.account, statement.total));
            }
        }
        Ok(())
    }

    /// Ends the account that was being told.
    pub(super) fn end_account(&mut self) {
        let Some((account, pays)) = self.current.take() else { return };
        let place = self.top_accounts.partition_point(|(_, other)| *other >= pays);
        if place < TOP_ACCOUNT_COUNT {
            self.top_accounts.insert(place, (account, pays));
            self.top_accounts.truncate(TOP_ACCOUNT_COUNT);
        }
    }
}
