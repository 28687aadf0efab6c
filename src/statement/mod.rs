//! Charges as their readers need them: added up by account, split by resource, told as a story of
//! sharing. No number is made here that is not a sum or a split of charges.

mod allocation;
mod images;
mod sharing;

pub use allocation::{
    Allocation, Role, SHARE_DECIMALS, Share, Splitter, check, quantity_decimals, whole,
};
pub use images::Images;
pub use sharing::{CycleSharing, Moved, Player, SHARING_WORDS, ShareSum, SharingRow, member_count};

use rustc_hash::FxHashMap;

use crate::book::{Book, Category, Sku};
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

/// Puts the charges of one account's cycle into the order of `charges.csv`: SKU, region, date, tier
/// as a number, unit; texts by their bytes.
pub fn put_in_order(charges: &mut [Charge], skus: &mut SkuTexts, names: &Names) {
    for charge in &*charges {
        skus.know(charge.sku, names);
    }
    charges.sort_by_cached_key(|charge| {
        (
            skus.text(charge.sku),
            charge.region.text(names),
            charge.effective_from,
            charge.tier_from,
            charge.unit.as_str(charge.currency),
        )
    });
}

/// The texts of SKUs, each made once.
#[derive(Debug, Default)]
pub struct SkuTexts(FxHashMap<Sku, String>);

impl SkuTexts {
    /// Makes the text of a SKU.
    pub fn know(&mut self, sku: Sku, names: &Names) {
        self.0.entry(sku).or_insert_with(|| sku.text(names));
    }

    /// The text of a SKU that is known.
    #[must_use]
    pub fn text(&self, sku: Sku) -> &str {
        self.0.get(&sku).map_or("", String::as_str)
    }
}

/// Adds up the charges of one account's cycle; `None` where there are none.
///
/// # Errors
/// [`Overflow`].
pub fn statement(charges: &[Charge], book: &Book) -> Result<Option<Statement>, Overflow> {
    let Some(first) = charges.first() else { return Ok(None) };
    let zero = Money::zero(book.currency.minor_digits());
    let mut statement = Statement {
        account: first.account,
        cycle: first.cycle,
        by_category: [zero; Category::ALL.len()],
        total: zero,
        currency: book.currency,
    };
    for charge in charges {
        statement.total = statement.total.plus(charge.amount)?;
        let column = &mut statement.by_category[charge.sku.category() as usize];
        *column = column.plus(charge.amount)?;
    }
    Ok(Some(statement))
}
