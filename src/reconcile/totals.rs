//! The sums of a reconciliation.

use std::collections::BTreeMap;

use crate::reconcile::{Class, InvoiceLine, Ours, Reason, Row};
use crate::value::{Exact, Overflow};

/// Sums of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// How many rows.
    pub rows: usize,
    /// What we charge.
    pub ours: Exact,
    /// What is invoiced.
    pub invoice: Exact,
}

/// The sums of one currency.
///
/// Invariant: `invoice` − `ours` of all classes together is that of `all`, to the last digit.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// What was read: all charges, all lines. Not added up from rows.
    pub all: Sums,
    /// By class.
    pub by_class: BTreeMap<Class, Sums>,
    /// By class and reason, of what is not simply matched.
    pub by_reason: BTreeMap<(Class, Reason), Sums>,
}

impl Sums {
    fn add(&mut self, row: &Row) -> Result<(), Overflow> {
        self.rows += 1;
        self.ours = self.ours.plus(row.ours.amount)?;
        self.invoice = self.invoice.plus(row.invoice.amount)?;
        Ok(())
    }

    /// The invoice less ours.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn difference(&self) -> Result<Exact, Overflow> {
        self.invoice.minus(self.ours)
    }
}

/// Adds up rows, and what was read, each on its own.
pub(super) fn totals(
    rows: &[Row],
    ours: Ours<'_>,
    lines: &[InvoiceLine],
) -> Result<BTreeMap<&'static str, Totals>, Overflow> {
    let mut totals: BTreeMap<&'static str, Totals> = BTreeMap::new();
    let all = &mut totals.entry(ours.currency.code()).or_default().all;
    for charge in ours.charges {
        all.ours = all.ours.plus(Exact::of(charge.amount))?;
    }
    for line in lines {
        let all = &mut totals.entry(line.currency.code()).or_default().all;
        all.invoice = all.invoice.plus(line.amount)?;
    }
    for row in rows {
        let of_currency = totals.entry(row.currency).or_default();
        of_currency.all.rows += 1;
        of_currency.by_class.entry(row.class).or_default().add(row)?;
        if let Some(reason) = row.reason {
            of_currency.by_reason.entry((row.class, reason)).or_default().add(row)?;
        }
    }
    Ok(totals)
}
