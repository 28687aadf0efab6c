//! Why two runs differ: the difference of what they charge, split into parts that add up exactly.
//!
//! [`Charges`] adds up the charges of a run, [`Projection`] holds what a projection expects;
//! [`compare_charges`] and [`compare_categories`] put two of them side by side, row by row, and
//! [`accuracy`] tells how good a forecast was. The formulas stand in
//! `docs/compare.md`, and are carried out in `split.rs`.

pub mod accuracy;
mod categories;
mod charges;
mod exact;
mod group;
mod month;
mod projection;
mod split;

use std::collections::BTreeMap;
use std::ops::{AddAssign, SubAssign};

pub use categories::{Categories, compare_categories};
pub use charges::{ChargeLine, Charges, compare_charges};
pub use month::{Month, Period, Periods};
pub use projection::{Estimate, Projection};

use crate::book::Category;
use crate::value::{AccountId, Interner, RegionId};

/// A SKU's name, as a number.
pub type SkuId = u32;

/// The names of both runs, so that an account of one is the account of the other.
#[derive(Debug, Clone, Default)]
pub struct CompareNames {
    /// Who pays.
    pub accounts: Interner<AccountId>,
    /// For what.
    pub skus: Interner<SkuId>,
    /// Where.
    pub regions: Interner<RegionId>,
    /// Units, and versions of rates.
    pub(crate) others: Interner<u32>,
}

/// What a difference is made of, in minor units of the currency. The parts add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    /// Other prices for what B used.
    pub price: i128,
    /// More or less used, at the average price that A paid.
    pub volume: i128,
    /// Other tiers or dates: the average price moved although no price did.
    pub mix: i128,
    /// What only B has.
    pub new: i128,
    /// What only A has.
    pub ended: i128,
    /// What rounding each charge to the minor unit comes to.
    pub rounding: i128,
    /// What cannot be split, as a projection's categories have neither quantities nor prices.
    pub unsplit: i128,
}

impl Parts {
    /// The names of the parts, in the order of [`Parts::all`].
    pub const NAMES: [&'static str; 7] =
        ["price", "volume", "mix", "new", "ended", "rounding", "unsplit"];

    /// The parts, in the order in which they are printed.
    #[must_use]
    pub fn all(&self) -> [i128; 7] {
        [self.price, self.volume, self.mix, self.new, self.ended, self.rounding, self.unsplit]
    }

    /// The difference that they are parts of.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.all().iter().sum()
    }
}

/// Two amounts and why they differ, in minor units of the currency.
///
/// Invariant: `b` − `a` is the sum of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Change {
    /// What A charges.
    pub a: i128,
    /// What B charges.
    pub b: i128,
    /// What B − A is made of.
    pub parts: Parts,
}

impl Change {
    /// What only B has.
    fn new(b: i128) -> Change {
        Change { a: 0, b, parts: Parts { new: b, ..Parts::default() } }
    }

    /// What only A has.
    fn ended(a: i128) -> Change {
        Change { a, b: 0, parts: Parts { ended: -a, ..Parts::default() } }
    }

    /// B − A.
    #[must_use]
    pub fn difference(&self) -> i128 {
        self.b - self.a
    }
}

impl AddAssign for Change {
    fn add_assign(&mut self, other: Change) {
        self.a += other.a;
        self.b += other.b;
        let parts = &mut self.parts;
        parts.price += other.parts.price;
        parts.volume += other.parts.volume;
        parts.mix += other.parts.mix;
        parts.new += other.parts.new;
        parts.ended += other.parts.ended;
        parts.rounding += other.parts.rounding;
        parts.unsplit += other.parts.unsplit;
    }
}

impl SubAssign for Change {
    fn sub_assign(&mut self, other: Change) {
        let Parts { price, volume, mix, new, ended, rounding, unsplit } = other.parts;
        *self += Change {
            a: -other.a,
            b: -other.b,
            parts: Parts {
                price: -price,
                volume: -volume,
                mix: -mix,
                new: -new,
                ended: -ended,
                rounding: -rounding,
                unsplit: -unsplit,
            },
        };
    }
}

/// An account, and why it differs.
pub type AccountChange = (AccountId, Change);

/// One row of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Who pays.
    pub account: AccountId,
    /// In which cycle.
    pub period: Period,
    /// The column of a statement that it belongs to.
    pub category: Category,
    /// For what and where; `None` where only categories are known.
    pub what: Option<(SkuId, RegionId)>,
    /// How much, and why it differs.
    pub change: Change,
}

/// All rows of a comparison, and their sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// By account, cycle, SKU or category, and region; names by their bytes.
    pub rows: Vec<Row>,
    /// The sums of the rows of each account, by account.
    pub accounts: Vec<(AccountId, Change)>,
    /// The sums of the rows of each category that has any.
    pub categories: Vec<(Category, Change)>,
    /// The sums of the rows of each cycle.
    pub periods: BTreeMap<Period, Change>,
    /// The sum of all rows.
    pub total: Change,
}

impl Comparison {
    /// Adds up rows that stand account by account.
    fn of(rows: Vec<Row>) -> Comparison {
        let mut accounts: Vec<(AccountId, Change)> = Vec::new();
        let mut by_category = [None; Category::ALL.len()];
        let mut periods: BTreeMap<Period, Change> = BTreeMap::new();
        let mut total = Change::default();
        for row in &rows {
            match accounts.last_mut() {
                Some((account, sum)) if *account == row.account => *sum += row.change,
                _ => accounts.push((row.account, row.change)),
            }
            *by_category[row.category as usize].get_or_insert_with(Change::default) += row.change;
            *periods.entry(row.period).or_default() += row.change;
            total += row.change;
        }
        let categories = Category::ALL.into_iter().zip(by_category);
        let categories = categories.filter_map(|(category, sum)| Some((category, sum?))).collect();
        Comparison { rows, accounts, categories, periods, total }
    }

    /// The accounts that differ most: at most so many, the largest difference first.
    #[must_use]
    pub fn top(&self, most: usize, names: &CompareNames) -> Vec<(AccountId, Change)> {
        let mut top = self.accounts.clone();
        // Ties by name: the order of ids depends on the order of the input.
        top.sort_by(|(a, of_a), (b, of_b)| {
            let size = |change: &Change| change.difference().unsigned_abs();
            let by_name = || names.accounts.text(*a).cmp(names.accounts.text(*b));
            size(of_b).cmp(&size(of_a)).then_with(by_name)
        });
        top.truncate(most);
        top
    }
}
