//! What one account uses, line by line: the same lines in every run, with other numbers.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::book::{Book, Category, Sku};
use crate::meter::{Context, Usage, UsageKey, UsageLine, stretches};
use crate::price::prepared::Prepared;
use crate::price::{Pricing, PricingError, cycle_charges, unpriced};
use crate::project::runs::columns::Block;
use crate::project::runs::summed::Lines;
use crate::project::usage::Spans;
use crate::value::{AccountId, Cycle, Overflow, RegionId, Span};

/// How many lists of keys are remembered.
const MOST_KNOWN: usize = 64;

/// The lines of one account's usage, and where each part of the run belongs.
#[derive(Debug, Clone)]
pub(super) struct Gauge<'a> {
    book: &'a Book,
    accounts: &'a Accounts,
    account: AccountId,
    run: Span,
    pub(super) cycles: Vec<Cycle>,
    lines: Vec<UsageLine>,
    places: FxHashMap<UsageKey, usize>,
    /// The lines of keys that others have as well, the latest last.
    known: Vec<(Arc<[UsageKey]>, Vec<usize>)>,
    /// For each cycle: its lines.
    of_cycles: Vec<Vec<usize>>,
    /// Each cycle's lines with their prices, where they can be prepared; for which book, and how
    /// many lines there were.
    prepared: Vec<Option<Prepared>>,
    prepared_at: Option<&'a Book>,
    prepared_lines: usize,
}

/// A part of the run in which a SKU's usage belongs to one line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) span: Span,
    pub(super) line: usize,
}

impl<'a> Gauge<'a> {
    pub(super) fn new(
        book: &'a Book,
        accounts: &'a Accounts,
        account: AccountId,
        run: Span,
        cycles: Vec<Cycle>,
    ) -> Gauge<'a> {
        let of_cycles = vec![Vec::new(); cycles.len()];
        let (lines, places) = (Vec::new(), FxHashMap::default());
        Gauge {
            book,
            accounts,
            account,
            run,
            cycles,
            lines,
            places,
            known: Vec::new(),
            of_cycles,
            prepared: Vec::new(),
            prepared_at: None,
            prepared_lines: 0,
        }
    }

    /// The line of a key; lines are never taken away.
    fn line(&mut self, key: UsageKey) -> usize {
        let next = self.lines.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.lines.push(UsageLine::new(key));
            if let Some(cycle) = self.cycles.iter().position(|cycle| *cycle == key.cycle) {
                self.of_cycles[cycle].push(next);
            }
        }
        place
    }

    /// The stretches of a SKU in a region over the whole run: cut where cycles and rates begin (P2).
    pub(super) fn stretches(&mut self, sku: Sku, region: RegionId) -> Vec<Stretch> {
        let (book, account) = (self.book, self.account);
        let mut found = Vec::new();
        for cycle in self.cycles.clone() {
            let Some(billed) = cycle.span().intersection(self.run) else { continue };
            for (span, key) in stretches(book, account, cycle, billed, sku, region) {
                found.push(Stretch { span, line: self.line(key) });
            }
        }
        found
    }

    /// Adds usage that is there, line by line, whosever it was.
    pub(super) fn add<'u>(
        &mut self,
        units: &mut Vec<u128>,
        usage: impl IntoIterator<Item = &'u (UsageKey, u128)>,
    ) {
        for (key, base_units) in usage {
            let line = self.line(UsageKey { account: self.account, ..*key });
            units.resize(self.lines.len(), 0);
            units[line] += base_units;
        }
    }

    /// Adds usage that others have as well.
    pub(super) fn add_lines(&mut self, units: &mut Vec<u128>, usage: &Lines) {
        let known = self.known(&usage.keys);
        units.resize(self.lines.len(), 0);
        for (place, more) in self.known[known].1.iter().zip(&usage.units) {
            units[*place] += more;
        }
    }

    /// Takes away usage that was added.
    pub(super) fn take_lines(&mut self, units: &mut [u128], usage: &Lines) {
        let known = self.known(&usage.keys);
        for (place, less) in self.known[known].1.iter().zip(&usage.units) {
            units[*place] -= less;
        }
    }

    /// Where the lines of keys are remembered that others have as well.
    fn known(&mut self, keys: &Arc<[UsageKey]>) -> usize {
        let known = self.known.iter().position(|(known, _)| Arc::ptr_eq(known, keys));
        known.unwrap_or_else(|| {
            let account = self.account;
            let line = |key: &UsageKey| self.line(UsageKey { account, ..*key });
            let places = keys.iter().map(line).collect();
            if self.known.len() == MOST_KNOWN {
                self.known.clear();
            }
            self.known.push((Arc::clone(keys), places));
            self.known.len() - 1
        })
    }

    /// The usage of spans.
    pub(super) fn usage(&self, spans: &Spans) -> Result<Vec<(UsageKey, u128)>, Overflow> {
        let context = Context { book: self.book, accounts: self.accounts, run: self.run };
        let usage: Usage = spans.usage(&context)?;
        Ok(usage.in_order().into_iter().map(|(key, line)| (key, line.base_units)).collect())
    }

    /// Prices the usage of a run at a book's prices (P), and puts down what is to be paid.
    pub(super) fn price(
        &mut self,
        units: &[u128],
        pricing: &Pricing<'a>,
        run: usize,
        block: &mut Block,
    ) -> Result<(), PricingError> {
        self.prepare(pricing);
        for cycle in 0..self.cycles.len() {
            let places = &self.of_cycles[cycle];
            let used = |place: &usize| units.get(*place).copied().unwrap_or(0);
            if places.iter().all(|place| used(place) == 0) {
                continue;
            }
            let prepared = self.prepared[cycle].as_mut();
            let amounts = prepared.and_then(|prepared| prepared.price(|n| used(&places[n])));
            match amounts {
                Some(amounts) => {
                    for (category, amount) in Category::ALL.into_iter().zip(amounts) {
                        block.pay(run, cycle, category, amount);
                    }
                }
                None => self.price_as_usual(units, pricing, run, cycle, block)?,
            }
        }
        Ok(())
    }

    /// Prepares the cycles whose lines have not been prepared at these prices.
    fn prepare(&mut self, pricing: &Pricing<'a>) {
        let is_same_book = self.prepared_at.is_some_and(|book| std::ptr::eq(book, pricing.book));
        if is_same_book && self.prepared_lines == self.lines.len() {
            return;
        }
        self.prepared_at = Some(pricing.book);
        self.prepared_lines = self.lines.len();
        let prepare = |places: &Vec<usize>| {
            let keys: Vec<UsageKey> = places.iter().map(|place| self.lines[*place].key()).collect();
            Prepared::new(&keys, pricing)
        };
        self.prepared = self.of_cycles.iter().map(prepare).collect();
    }

    /// The same by the way that every bill goes.
    fn price_as_usual(
        &mut self,
        units: &[u128],
        pricing: &Pricing<'_>,
        run: usize,
        cycle: usize,
        block: &mut Block,
    ) -> Result<(), PricingError> {
        for (line, units) in self.lines.iter_mut().zip(units) {
            line.base_units = *units;
        }
        let lines = self.of_cycles[cycle].iter().map(|place| &self.lines[*place]);
        let lines = lines.filter(|line| line.base_units > 0).map(|line| (line.key(), line));
        let used: Vec<(UsageKey, &UsageLine)> = lines.collect();
        let without_rate = unpriced(&used, pricing)?;
        if !without_rate.is_empty() {
            return Err(PricingError::Unpriced(without_rate));
        }
        let digits = pricing.book.currency.minor_digits();
        for charge in cycle_charges(&used, pricing)? {
            let amount = charge.amount.in_units(digits)?;
            let amount = i64::try_from(amount).map_err(|_| Overflow)?;
            block.pay(run, cycle, charge.sku.category(), amount);
        }
        Ok(())
    }

    /// Room for the usage of all lines.
    pub(super) fn nothing(&self) -> Vec<u128> {
        vec![0; self.lines.len()]
    }
}
