//! Charges as their readers need them: added up by account, split by resource, told as a story of
//! sharing. No number is made here that is not a sum or a split of charges.

mod allocation;
mod sharing;

pub use allocation::{Allocation, Role, SHARE_DECIMALS, Share, allocate};
pub use sharing::{SharingRow, sharing};

use crate::book::{Book, Category};
use crate::price::Charge;
use crate::value::{AccountId, Currency, Cycle, Money, Names, Overflow};

/// What one account pays for one cycle.
///
/// Invariant: `total` is the sum of `by_category`, which are sums of printed charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Who pays.
    pub account: AccountId,
    /// For which billing period.
    pub cycle: Cycle,
    /// What is charged in each category, in the order of [`Category::ALL`].
    pub by_category: [Money; Category::ALL.len()],
    /// All of it.
    pub total: Money,
    /// The currency.
    pub currency: Currency,
}

/// Puts charges into the order of `charges.csv`: account, cycle, SKU, region, date, tier as a
/// number, unit; texts by their bytes.
pub fn put_in_order(charges: &mut [Charge], names: &Names) {
    charges.sort_by_cached_key(|charge| {
        (
            names.accounts.text(charge.account).to_owned(),
            charge.cycle,
            charge.sku.text(names),
            charge.region.text(names).to_owned(),
            charge.effective_from,
            charge.tier_from,
            charge.unit.as_str(charge.currency),
        )
    });
}

/// Adds charges up, account by account and cycle by cycle, in the order they come in.
///
/// # Errors
/// [`Overflow`].
pub fn statements(charges: &[Charge], book: &Book) -> Result<Vec<Statement>, Overflow> {
    let zero = Money::zero(book.currency.minor_digits());
    let same = |a: &Charge, b: &Charge| (a.account, a.cycle) == (b.account, b.cycle);
    let mut statements = Vec::new();
    for charges in charges.chunk_by(same) {
        let mut statement = Statement {
            account: charges[0].account,
            cycle: charges[0].cycle,
            by_category: [zero; Category::ALL.len()],
            total: zero,
            currency: book.currency,
        };
        for charge in charges {
            statement.total = statement.total.plus(charge.amount)?;
            let column = &mut statement.by_category[charge.sku.category() as usize];
            *column = column.plus(charge.amount)?;
        }
        statements.push(statement);
    }
    Ok(statements)
}
