//! Which charge a row of `allocations.csv` is a part of.

use crate::diagnostic::{Code, Diagnostic};
use crate::run::focus::line::too_large;
use crate::run::{AllocationRow, ChargeRow};
use crate::value::Exact;

/// Goes through the charges while their parts come by, which stand in the order of the charges.
///
/// A part does not tell its charge's unit, so that a tier's price and its flat look alike. But the
/// parts of one add up to it exactly: when they do, the next charge's begin.
#[derive(Debug)]
pub struct Parts<'a> {
    charges: &'a [ChargeRow],
    /// The present charge.
    at: usize,
    /// What is still to come of its quantity and amount.
    left: Option<[Exact; 2]>,
}

impl<'a> Parts<'a> {
    /// Before the first part.
    #[must_use]
    pub fn new(charges: &'a [ChargeRow]) -> Parts<'a> {
        Parts { charges, at: 0, left: None }
    }

    /// The charge that a part is of, and whether it is the charge's first.
    ///
    /// # Errors
    /// Where it is of none: the two tables are of different bills.
    pub fn charge_of(&mut self, part: &AllocationRow) -> Result<(&'a ChargeRow, bool), Diagnostic> {
        let is_whole = self.left.is_some_and(|left| left.iter().all(|left| left.is_zero()));
        let next = if is_whole { self.charges.get(self.at + 1) } else { None };
        if next.is_some_and(|next| is_of(part, next)) {
            self.at += 1;
            self.left = None;
        }
        let charge = self.charges.get(self.at).filter(|charge| is_of(part, charge));
        let charge = charge.ok_or_else(torn)?;
        let is_first = self.left.is_none();
        let [quantity, amount] =
            self.left.unwrap_or([Exact::of(charge.quantity), Exact::of(charge.amount)]);
        self.left = Some([
            quantity.minus(Exact::of(part.quantity)).map_err(too_large)?,
            amount.minus(Exact::of(part.amount)).map_err(too_large)?,
        ]);
        Ok((charge, is_first))
    }

    /// After the last part.
    ///
    /// # Errors
    /// Where parts are missing.
    pub fn finish(self) -> Result<(), Diagnostic> {
        let is_whole = self.left.is_none_or(|left| left.iter().all(|left| left.is_zero()));
        let is_last = self.at + usize::from(self.left.is_some()) == self.charges.len();
        if is_whole && is_last { Ok(()) } else { Err(torn()) }
    }
}

fn is_of(part: &AllocationRow, charge: &ChargeRow) -> bool {
    part.account == charge.account
        && part.cycle_start == charge.cycle_start
        && part.sku == charge.sku
        && part.region == charge.region
        && part.effective_from == charge.effective_from
        && part.tier_from == charge.tier_from
}

fn torn() -> Diagnostic {
    let message = "allocations.csv and charges.csv do not belong together";
    Diagnostic::error(Code::NotARun, message)
        .help("bill once more with --detail: the two are written as one")
}
