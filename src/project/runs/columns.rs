//! One account's amounts in every run: a column for each cycle and category.

use std::collections::BTreeMap;
use std::ops::Range;

use rust_decimal::Decimal;

use crate::book::Category;
use crate::project::outcome::{Figures, Period};
use crate::project::runs::threads::in_parts;
use crate::project::runs::{PeriodFigures, money, spread};
use crate::value::Cycle;

/// How many columns a cycle has: one for each category, and their sum.
pub(super) const WIDTH: usize = Category::ALL.len() + 1;

/// Amounts in minor units, by cycle, category and run.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    cycles: Vec<Cycle>,
    runs: usize,
    /// The digits of the currency's minor unit.
    digits: u32,
    amounts: Vec<i64>,
}

impl Columns {
    /// Nothing is paid.
    pub(super) fn new(cycles: Vec<Cycle>, runs: usize, digits: u32) -> Columns {
        let amounts = vec![0; cycles.len() * WIDTH * runs];
        Columns { cycles, runs, digits, amounts }
    }

    pub(super) fn digits(&self) -> u32 {
        self.digits
    }

    pub(super) fn cycle(&self, place: usize) -> Cycle {
        self.cycles[place]
    }

    /// The amounts of a cycle and category, run by run.
    pub(super) fn column(&self, cycle: usize, category: usize) -> &[i64] {
        let start = (cycle * WIDTH + category) * self.runs;
        &self.amounts[start..start + self.runs]
    }

    /// Puts the amounts of some runs in: those from `first` on, as [`Block`] has them.
    pub(super) fn put(&mut self, first: usize, block: &Block) {
        for column in 0..self.cycles.len() * WIDTH {
            let start = column * self.runs + first;
            let of_block = block.column(column);
            self.amounts[start..start + of_block.len()].copy_from_slice(of_block);
        }
    }

    /// Adds another account's amounts, month by month.
    pub(super) fn add(&mut self, other: &Columns) {
        for (place, cycle) in other.cycles.iter().enumerate() {
            let month = Period::month_of(*cycle);
            let own = self.cycles.iter().position(|own| Period::month_of(*own) == month);
            let own = own.unwrap_or_else(|| {
                self.cycles.push(*cycle);
                self.amounts.resize(self.cycles.len() * WIDTH * self.runs, 0);
                self.cycles.len() - 1
            });
            let start = own * WIDTH * self.runs;
            let from = place * WIDTH * self.runs;
            let own = &mut self.amounts[start..start + WIDTH * self.runs];
            for (sum, amount) in own.iter_mut().zip(&other.amounts[from..]) {
                *sum += amount;
            }
        }
    }

    /// Months, years and all, each with the places of its cycles; in the order of the rows.
    pub(super) fn periods(&self) -> Vec<(Period, Vec<usize>)> {
        let mut periods: BTreeMap<Period, Vec<usize>> = BTreeMap::new();
        for (place, cycle) in self.cycles.iter().enumerate() {
            periods.entry(Period::month_of(*cycle)).or_default().push(place);
            for period in Period::longer(*cycle) {
                periods.entry(period).or_default().push(place);
            }
        }
        periods.into_iter().collect()
    }

    /// The sums over cycles of a category, run by run.
    pub(super) fn sums(&self, cycles: &[usize], category: usize) -> Vec<i64> {
        let mut sums = self.column(cycles[0], category).to_vec();
        for cycle in &cycles[1..] {
            for (sum, amount) in sums.iter_mut().zip(self.column(*cycle, category)) {
                *sum += amount;
            }
        }
        sums
    }

    /// In what part of the runs more than a budget is paid in some cycles together.
    pub(super) fn share_over(&self, cycles: &[usize], budget: Decimal) -> Decimal {
        let sums = self.sums(cycles, WIDTH - 1);
        let paid = |sum: &&i64| {
            Decimal::try_from_i128_with_scale(i128::from(**sum), self.digits).unwrap_or_default()
                > budget
        };
        let over = sums.iter().filter(paid).count();
        let share = Decimal::from(over) / Decimal::from(self.runs.max(1));
        share.round_dp(6).normalize()
    }

    /// Means and quantiles of each period, by category.
    pub(super) fn figures(
        &self,
        periods: &[(Period, Vec<usize>)],
        threads: usize,
    ) -> Vec<PeriodFigures> {
        let some = |part: Range<usize>| -> Vec<PeriodFigures> {
            periods[part].iter().map(|(_, cycles)| self.of_period(cycles)).collect()
        };
        in_parts(periods.len(), threads, some).into_iter().flatten().collect()
    }

    fn of_period(&self, cycles: &[usize]) -> PeriodFigures {
        let mut is_nothing = true;
        let of_category = |category: usize| {
            let mut sums = self.sums(cycles, category);
            let spread = spread::Spread::of(&mut sums);
            is_nothing &= spread.is_zero;
            Figures {
                mean: money(spread.mean, self.digits, 0),
                standard_error: Some(money(spread.standard_error, self.digits, 4)),
                quantiles: Some(spread.quantiles.map(|q| money(q, self.digits, 0))),
            }
        };
        let by_category = (0..WIDTH).map(of_category).collect();
        PeriodFigures { by_category, is_nothing }
    }
}

/// The amounts of some runs of one account.
#[derive(Debug)]
pub(super) struct Block {
    runs: usize,
    amounts: Vec<i64>,
}

impl Block {
    pub(super) fn new(cycles: usize, runs: usize) -> Block {
        Block { runs, amounts: vec![0; cycles * WIDTH * runs] }
    }

    fn column(&self, column: usize) -> &[i64] {
        &self.amounts[column * self.runs..(column + 1) * self.runs]
    }

    /// Adds to what one run pays in a cycle.
    pub(super) fn pay(&mut self, run: usize, cycle: usize, category: Category, amount: i64) {
        if amount == 0 {
            return;
        }
        let place = (cycle * WIDTH + category as usize) * self.runs + run;
        self.amounts[place] += amount;
        let total = (cycle * WIDTH + WIDTH - 1) * self.runs + run;
        self.amounts[total] += amount;
    }
}
