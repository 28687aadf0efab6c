//! From charge to charge, and what a statement is more than its rows.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::diagnostic::{Code, Diagnostic};
use crate::run::focus::line::{description, rounding, span_of, too_large, whole};
use crate::run::focus::text::{put_id, told_apart};
use crate::run::focus::{FocusRow, FocusRun, sku};
use crate::run::{AllocationRow, ChargeRow, StatementRow};
use crate::value::{Currency, Exact, Instant, Span};

/// Goes through the charges of a run, in their order; the rows of a statement stand together.
#[derive(Debug)]
pub struct Walk<'a> {
    run: &'a FocusRun,
    /// The totals of the statements that are still to come.
    totals: BTreeMap<(String, Instant), (Span, Decimal, Currency)>,
    /// The statement whose charges come, with the sum of its rows so far.
    present: Option<((String, Instant), Exact)>,
    /// The charge whose parts come.
    row: Option<FocusRow>,
}

impl<'a> Walk<'a> {
    /// Before the first charge.
    pub fn new(run: &'a FocusRun, statements: impl IntoIterator<Item = StatementRow>) -> Walk<'a> {
        let totals = statements.into_iter().map(|statement| {
            let StatementRow { account, cycle_start: start, cycle_end: end, .. } = statement;
            ((account, start), (Span { start, end }, statement.total, statement.currency))
        });
        Walk { run, totals: totals.collect(), present: None, row: None }
    }

    /// The row of a charge; before it the rounding of the statement before.
    ///
    /// # Errors
    /// What `each` gives, and where charges and statements do not belong together.
    pub fn charge(
        &mut self,
        charge: &ChargeRow,
        mut each: impl FnMut(&FocusRow) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        self.begin(charge, &mut each)?;
        let row = self.row.take();
        let Some(row) = row else { return Ok(()) };
        self.add(row.cost)?;
        each(&row)
    }

    /// Begins a charge that comes in parts.
    ///
    /// # Errors
    /// As [`Walk::charge`].
    pub fn begin(
        &mut self,
        charge: &ChargeRow,
        each: impl FnMut(&FocusRow) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let key = (charge.account.as_str(), charge.cycle_start);
        let is_same =
            |((account, start), _): &((String, Instant), Exact)| (account.as_str(), *start) == key;
        if !self.present.as_ref().is_some_and(is_same) {
            self.end_statement(each)?;
            let key = (charge.account.clone(), charge.cycle_start);
            let known = self.totals.get(&key).map(|(span, _, _)| *span);
            if known != Some(span_of(charge)) {
                return Err(torn(&format!("no statement of `{}`", charge.account)));
            }
            self.present = Some((key, Exact::ZERO));
        }
        self.row = Some(whole(charge, self.run)?);
        Ok(())
    }

    /// The row of a part of the charge that was begun.
    ///
    /// # Errors
    /// What `each` gives.
    pub fn part(
        &mut self,
        charge: &ChargeRow,
        part: &AllocationRow,
        each: impl FnOnce(&FocusRow) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let Some(mut row) = self.row.take() else { return Ok(()) };
        let category = crate::book::Category::of_sku(&charge.sku);
        row.cost = Exact::product(part.quantity, charge.unit_price).map_err(too_large)?;
        if let Some(priced) = &mut row.priced {
            priced.quantity = part.quantity;
        }
        put_id(&mut row.resource, "resource", &part.resource);
        row.resource_type = match category {
            Some(category) if !part.resource.is_empty() => {
                sku::resource_type(category, &charge.sku)
            }
            _ => "",
        };
        if !part.resource_region.is_empty() {
            row.region = told_apart("region ", &part.resource_region);
        }
        put_id(&mut row.custom.source_image, "resource", &part.source_image);
        put_id(&mut row.custom.producer, "account", &part.producer);
        row.custom.role.clone_from(&part.role);
        row.description = description(charge, &row, part.quantity);
        self.add(row.cost)?;
        each(&row)?;
        self.row = Some(row);
        Ok(())
    }

    /// After the last charge: the rounding of the last statement.
    ///
    /// # Errors
    /// As [`Walk::charge`].
    pub fn finish(
        mut self,
        each: impl FnMut(&FocusRow) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        self.end_statement(each)?;
        let left = self.totals.iter().find(|(_, (_, total, _))| !total.is_zero());
        match left {
            Some(((account, _), _)) => Err(torn(&format!("no charge of `{account}`"))),
            None => Ok(()),
        }
    }

    fn add(&mut self, cost: Exact) -> Result<(), Diagnostic> {
        if let Some((_, sum)) = &mut self.present {
            *sum = sum.plus(cost).map_err(too_large)?;
        }
        Ok(())
    }

    fn end_statement(
        &mut self,
        mut each: impl FnMut(&FocusRow) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let Some((key, sum)) = self.present.take() else { return Ok(()) };
        let Some((span, total, currency)) = self.totals.remove(&key) else { return Ok(()) };
        let difference = Exact::of(total).minus(sum).map_err(too_large)?;
        if difference.is_zero() {
            return Ok(());
        }
        each(&rounding(&key.0, span, currency, difference, self.run))
    }
}

fn torn(why: &str) -> Diagnostic {
    let message = format!("charges.csv and statements.csv do not belong together: {why}");
    Diagnostic::error(Code::NotARun, message).help("bill once more: the two are written as one")
}
