//! A run as a journal of a general ledger: by month, what each ledger account takes.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::run::{ChargeRow, StatementRow};
use crate::value::{Exact, Instant, Overflow};

/// Which side the charges stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// They are an expense: a debit, against what is owed.
    Expense,
    /// They are income: a credit, against what is to be received.
    Income,
}

/// A text, or the beginning of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// This text.
    Exactly(String),
    /// What begins with it; with nothing, everything.
    Begins(String),
}

/// Which ledger account some charges go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRule {
    /// Whose SKU is like this,
    pub sku: Pattern,
    /// whose account is like this,
    pub account: Pattern,
    /// and whose account's cost center is like this:
    pub cost_center: Pattern,
    /// they go there.
    pub ledger: String,
}

/// Where everything goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerMap {
    /// What the charges are.
    pub side: Side,
    /// The account on the other side: what is owed, or to be received.
    pub clearing: String,
    /// The account that takes what rounding leaves.
    pub rounding: String,
    /// How many decimals the ledger has; the currency's where nothing is said.
    pub decimals: Option<u32>,
    /// The first that fits a charge takes it.
    pub rules: Vec<LedgerRule>,
}

/// A line of the journal: one of `debit` and `credit` is 0, and none is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// The month, like `2016-03`: the one that the cycles begin in.
    pub month: String,
    /// The ledger account.
    pub ledger: String,
    /// What is debited.
    pub debit: Exact,
    /// What is credited.
    pub credit: Exact,
    /// The currency of both.
    pub currency: String,
    /// Whose charges they are; empty for rounding.
    pub account: String,
    /// The account's cost center.
    pub cost_center: String,
    /// What the line is.
    pub kind: LineKind,
}

/// What a line of the journal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// Charges of an account.
    Charges,
    /// Their other side.
    Clearing,
    /// What rounding leaves.
    Rounding,
}

/// Why a run cannot be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalError {
    /// SKUs and accounts that no rule takes.
    Unmapped(BTreeSet<(String, String)>),
    /// An account whose charges are not its statement's total.
    Torn(String),
    /// Numbers past what can be computed exactly.
    Overflow,
}

impl From<Overflow> for JournalError {
    fn from(_: Overflow) -> JournalError {
        JournalError::Overflow
    }
}

/// Adds up a run, charge by charge.
#[derive(Debug)]
pub struct Journal<'a> {
    map: &'a LedgerMap,
    charges: BTreeMap<Period, BTreeMap<Key, Exact>>,
    statements: BTreeMap<Period, BTreeMap<Key, Exact>>,
    unmapped: BTreeSet<(String, String)>,
    minor_digits: u32,
}

/// Currency and month.
type Period = (String, String);
/// Account, cost center and ledger account.
type Key = (String, String, String);

impl Pattern {
    /// From a text, with `*` at its end for whatever begins with it.
    #[must_use]
    pub fn new(text: &str) -> Pattern {
        match text.strip_suffix('*') {
            Some(begin) => Pattern::Begins(begin.to_owned()),
            None => Pattern::Exactly(text.to_owned()),
        }
    }

    /// Everything.
    #[must_use]
    pub fn anything() -> Pattern {
        Pattern::Begins(String::new())
    }

    /// Whether a text is like it.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Pattern::Exactly(own) => own == text,
            Pattern::Begins(own) => text.starts_with(own.as_str()),
        }
    }
}

impl LedgerMap {
    /// The ledger account of a charge: that of the first rule that fits.
    #[must_use]
    pub fn ledger_of(&self, sku: &str, account: &str, cost_center: &str) -> Option<&str> {
        let fits = |rule: &&LedgerRule| {
            rule.sku.fits(sku) && rule.account.fits(account) && rule.cost_center.fits(cost_center)
        };
        self.rules.iter().find(fits).map(|rule| rule.ledger.as_str())
    }

    /// Whether a cost center decides anything.
    #[must_use]
    pub fn asks_for_cost_centers(&self) -> bool {
        self.rules.iter().any(|rule| rule.cost_center != Pattern::anything())
    }
}

impl<'a> Journal<'a> {
    /// Before the first charge.
    #[must_use]
    pub fn new(map: &'a LedgerMap) -> Journal<'a> {
        Journal {
            map,
            charges: BTreeMap::new(),
            statements: BTreeMap::new(),
            unmapped: BTreeSet::new(),
            minor_digits: 0,
        }
    }

    /// Books a charge.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn charge(&mut self, charge: &ChargeRow, cost_center: &str) -> Result<(), Overflow> {
        let ChargeRow { sku, account, .. } = charge;
        let Some(ledger) = self.map.ledger_of(sku, account, cost_center) else {
            self.unmapped.insert((sku.clone(), account.clone()));
            return Ok(());
        };
        self.minor_digits = charge.currency.minor_digits();
        let key = (account.clone(), cost_center.to_owned(), ledger.to_owned());
        let period = (charge.currency.code().to_owned(), month_of(charge.cycle_start));
        add(&mut self.charges, period, key, charge.amount)
    }

    /// Books a statement: the other side of its charges.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn statement(&mut self, row: &StatementRow, cost_center: &str) -> Result<(), Overflow> {
        let key = (row.account.clone(), cost_center.to_owned(), self.map.clearing.clone());
        let period = (row.currency.code().to_owned(), month_of(row.cycle_start));
        add(&mut self.statements, period, key, row.total)
    }

    /// The journal, by currency and month: of each, debits and credits are the same.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn finish(self) -> Result<Vec<JournalLine>, JournalError> {
        if !self.unmapped.is_empty() {
            return Err(JournalError::Unmapped(self.unmapped));
        }
        self.check()?;
        let digits = self.map.decimals.unwrap_or(self.minor_digits).min(self.minor_digits);
        let mut lines = Vec::new();
        for (period, statements) in &self.statements {
            let charges = self.charges.get(period).into_iter().flatten();
            let mut rest = Exact::ZERO;
            let charged = charges.map(|(key, amount)| (LineKind::Charges, key, *amount));
            let cleared = statements.iter().map(|(key, amount)| (LineKind::Clearing, key, *amount));
            for (kind, (account, cost_center, ledger), amount) in charged.chain(cleared) {
                let amount = amount.rounded(digits)?;
                let amount =
                    if self.is_debit(kind) { amount } else { Exact::ZERO.minus(amount)? };
                rest = rest.minus(amount)?;
                let whose = (account.clone(), cost_center.clone());
                lines.extend(line(period, ledger, whose, kind, amount)?);
            }
            let whose = (String::new(), String::new());
            lines.extend(line(period, &self.map.rounding, whose, LineKind::Rounding, rest)?);
        }
        Ok(lines)
    }

    /// Whether positive amounts are debits.
    fn is_debit(&self, kind: LineKind) -> bool {
        match kind {
            LineKind::Charges => self.map.side == Side::Expense,
            LineKind::Clearing | LineKind::Rounding => self.map.side == Side::Income,
        }
    }

    /// Rounding is not to hide that a table is not whole.
    fn check(&self) -> Result<(), JournalError> {
        let mut owed: BTreeMap<(&Period, &str), Exact> = BTreeMap::new();
        let mut put = |period, account, amount: Exact, is_added: bool| {
            let sum = owed.entry((period, account)).or_default();
            *sum = if is_added { sum.plus(amount)? } else { sum.minus(amount)? };
            Ok::<(), Overflow>(())
        };
        for (booked, is_added) in [(&self.charges, true), (&self.statements, false)] {
            for (period, keys) in booked {
                for ((account, ..), amount) in keys {
                    put(period, account.as_str(), *amount, is_added)?;
                }
            }
        }
        match owed.into_iter().find(|(_, rest)| !rest.is_zero()) {
            Some(((_, account), _)) => Err(JournalError::Torn(account.to_owned())),
            None => Ok(()),
        }
    }
}

fn add(
    booked: &mut BTreeMap<Period, BTreeMap<Key, Exact>>,
    period: Period,
    key: Key,
    amount: Decimal,
) -> Result<(), Overflow> {
    let sum = booked.entry(period).or_default().entry(key).or_default();
    *sum = sum.plus(Exact::of(amount))?;
    Ok(())
}

/// A line of a signed amount, which is a debit where it is positive; nothing where it is 0.
fn line(
    (currency, month): &Period,
    ledger: &str,
    (account, cost_center): (String, String),
    kind: LineKind,
    amount: Exact,
) -> Result<Option<JournalLine>, Overflow> {
    if amount.is_zero() {
        return Ok(None);
    }
    let (debit, credit) = if amount.is_negative() {
        (Exact::ZERO, Exact::ZERO.minus(amount)?)
    } else {
        (amount, Exact::ZERO)
    };
    Ok(Some(JournalLine {
        month: month.clone(),
        ledger: ledger.to_owned(),
        debit,
        credit,
        currency: currency.clone(),
        account,
        cost_center,
        kind,
    }))
}

/// The month that an instant lies in, like `2016-03`.
fn month_of(instant: Instant) -> String {
    instant.to_seconds_text().get(..7).unwrap_or_default().to_owned()
}
