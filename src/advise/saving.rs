//! What a change saves: two bills of one month, by the engine of every bill.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::account::Accounts;
use crate::advise::Change;
use crate::advise::watch::Seen;
use crate::book::Book;
use crate::meter::{Context, measure};
use crate::price::{Pricing, PricingError, charges};
use crate::value::{AccountId, Instant, Money, Overflow, Span};
use crate::world::{History, StorageSpan};

/// What is billed with.
#[derive(Debug, Clone, Copy)]
pub struct Prices<'a> {
    /// The prices.
    pub book: &'a Book,
    /// The accounts.
    pub accounts: &'a Accounts,
    /// Whether usage without a rate costs 0 (P1).
    pub allow_unpriced: bool,
}

impl Prices<'_> {
    /// No money.
    #[must_use]
    pub fn nothing(&self) -> Money {
        Money::zero(self.book.currency.minor_digits())
    }
}

/// Bills of what was stored in the month: images and objects are all that the changes touch.
/// Storage has no part in minimums, fees and discounts (P6, P7), so nothing else of a bill moves.
pub struct Savings<'a> {
    seen: &'a Seen,
    prices: &'a Prices<'a>,
    /// What each account pays for storage as it is.
    known: BTreeMap<AccountId, Money>,
}

impl<'a> Savings<'a> {
    pub(super) fn new(seen: &'a Seen, prices: &'a Prices<'a>) -> Savings<'a> {
        Savings { seen, prices, known: BTreeMap::new() }
    }

    /// What changes save in the month.
    ///
    /// # Errors
    /// [`PricingError`].
    pub fn of(&mut self, changes: &[Change]) -> Result<Money, PricingError> {
        let mut ends: BTreeMap<AccountId, BTreeMap<&Arc<str>, Instant>> = BTreeMap::new();
        for change in changes {
            if let Change::Delete { image, owner, at } = change {
                ends.entry(*owner).or_default().insert(image, *at);
            }
        }
        let mut saved = self.prices.nothing();
        for (account, ends) in ends {
            let Some(stored) = self.seen.stored.get(&account) else { continue };
            let before = match self.known.get(&account) {
                Some(known) => *known,
                None => {
                    let bill = self.bill(stored.iter().map(|(_, span)| *span).collect())?;
                    self.known.insert(account, bill);
                    bill
                }
            };
            let left = stored.iter().filter_map(|(id, span)| {
                let end = ends.get(id).map_or(span.span.end, |end| span.span.end.min(*end));
                let left = Span { start: span.span.start, end };
                (left.start < left.end).then_some(StorageSpan { span: left, ..*span })
            });
            let after = self.bill(left.collect())?;
            saved = saved.plus(before)?.plus(-after)?;
        }
        Ok(saved)
    }

    /// What storing all this costs in the month.
    fn bill(&self, storage: Vec<StorageSpan>) -> Result<Money, PricingError> {
        let Prices { book, accounts, allow_unpriced } = *self.prices;
        let run = self.seen.looked.month;
        let history = History { storage, ..History::default() };
        let usage = measure(&history, &Context { book, accounts, run })?;
        let pricing = Pricing { book, accounts, run, allow_unpriced };
        let sum = |sum: Money, amount: Money| -> Result<Money, Overflow> { sum.plus(amount) };
        let amounts = charges(&usage, &pricing)?.into_iter().map(|charge| charge.amount);
        Ok(amounts.into_iter().try_fold(self.prices.nothing(), sum)?)
    }
}
