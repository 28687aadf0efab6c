//! What a projection comes to: money per account, month and category, and how sure it is.

use rust_decimal::Decimal;

use crate::book::Category;
use crate::scenario::Budget;
use crate::statement::Statement;
use crate::value::{AccountId, Currency, Cycle, Money, Names, Overflow};

/// The probabilities of the quantiles that are given.
pub const QUANTILES: [(&str, u32); 5] =
    [("p5", 5), ("p10", 10), ("p50", 50), ("p90", 90), ("p95", 95)];

/// What one scenario comes to.
#[derive(Debug, Clone)]
pub struct Projection {
    /// The scenario's name.
    pub scenario: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// How many runs it was drawn from; 1 is none.
    pub runs: u32,
    /// By account (as texts), month and category, the total last.
    pub months: Vec<MonthRow>,
    /// Over months: by account (all of them last), period and category.
    pub summary: Vec<SummaryRow>,
    /// What moves it.
    pub drivers: Vec<Driver>,
}

impl Projection {
    /// The totals over all months: by account, all of them last.
    pub fn totals(&self) -> impl Iterator<Item = &SummaryRow> {
        let is_total = |row: &&SummaryRow| row.period == Period::Horizon && row.category.is_none();
        self.summary.iter().filter(is_total)
    }

    /// The total of all accounts over all months.
    #[must_use]
    pub fn whole(&self) -> Option<&SummaryRow> {
        self.totals().find(|row| row.account.is_none())
    }
}

/// One account's month in one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthRow {
    /// Who pays.
    pub account: AccountId,
    /// For which billing period.
    pub cycle: Cycle,
    /// For what; `None` is all together.
    pub category: Option<Category>,
    /// How much.
    pub figures: Figures,
    /// What the account means to spend, beside the total.
    pub budget: Option<Against>,
}

/// Several months together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryRow {
    /// Who pays; `None` is all accounts together.
    pub account: Option<AccountId>,
    /// Which months.
    pub period: Period,
    /// For what; `None` is all together.
    pub category: Option<Category>,
    /// How much.
    pub figures: Figures,
    /// What is meant to be spent, beside the total.
    pub budget: Option<Against>,
}

/// Which months are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// The cycles that start in one month, by year and month.
    Month(i32, u32),
    /// Those that start in one year.
    Year(i32),
    /// All of them.
    Horizon,
}

/// An amount that is not certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Its mean; in a deterministic run, the amount.
    pub mean: Decimal,
    /// How far the mean may be off, in standard errors; `None` in a deterministic run.
    pub standard_error: Option<Decimal>,
    /// The [`QUANTILES`]; `None` in a deterministic run.
    pub quantiles: Option<[Decimal; 5]>,
}

/// A budget, and how likely it is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Against {
    /// How much may be spent.
    pub budget: Decimal,
    /// How likely more is spent, from 0 to 1.
    pub over: Decimal,
}

/// How one uncertain number moves what is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Driver {
    /// Who pays; `None` is all accounts together.
    pub account: Option<AccountId>,
    /// Which number.
    pub path: String,
    /// Its part of the variance, from 0 to 1 (squared rank correlation, as a share of all).
    pub share_of_variance: Decimal,
    /// Whether more of it means more to pay: the rank correlation, from -1 to 1.
    pub rank_correlation: Decimal,
    /// What is paid on average where the number is at its p10.
    pub at_p10: Decimal,
    /// What is paid on average where the number is at its p90.
    pub at_p90: Decimal,
}

impl Period {
    /// Its text: `2027-03`, `2027`, `all`.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Period::Month(year, month) => format!("{year:04}-{month:02}"),
            Period::Year(year) => format!("{year:04}"),
            Period::Horizon => "all".to_owned(),
        }
    }

    /// The month that a cycle starts in.
    #[must_use]
    pub fn month_of(cycle: Cycle) -> Period {
        use chrono::Datelike;
        let day = cycle.start().day();
        Period::Month(day.year(), day.month())
    }

    /// The periods that a cycle belongs to, besides its month.
    #[must_use]
    pub fn longer(cycle: Cycle) -> [Period; 2] {
        use chrono::Datelike;
        [Period::Year(cycle.start().day().year()), Period::Horizon]
    }
}

/// All categories, and the total last.
pub fn categories() -> impl Iterator<Item = Option<Category>> {
    Category::ALL.into_iter().map(Some).chain([None])
}

/// The budget of an account for so many months.
#[must_use]
pub fn budget_of(budgets: &[Budget], account: Option<AccountId>, months: u32) -> Option<Decimal> {
    let budget = budgets.iter().find(|budget| budget.account == account)?;
    budget.per_month.checked_mul(Decimal::from(months))
}

/// A deterministic projection: what one run's statements say.
///
/// # Errors
/// [`Overflow`].
pub fn deterministic(
    scenario: String,
    statements: &[Statement],
    budgets: &[Budget],
    currency: Currency,
    names: &Names,
) -> Result<Projection, Overflow> {
    let mut months = Vec::new();
    for statement in statements {
        for category in categories() {
            let amount = match category {
                Some(category) => statement.by_category[category as usize],
                None => statement.total,
            };
            let budget = category.is_none().then(|| budget_of(budgets, Some(statement.account), 1));
            months.push(MonthRow {
                account: statement.account,
                cycle: statement.cycle,
                category,
                figures: Figures::certain(amount),
                budget: budget.flatten().map(|budget| Against::certain(amount, budget)),
            });
        }
    }
    let summary = summed(statements, budgets, names)?;
    Ok(Projection { scenario, currency, runs: 1, months, summary, drivers: Vec::new() })
}

/// Sums over months and accounts.
fn summed(
    statements: &[Statement],
    budgets: &[Budget],
    names: &Names,
) -> Result<Vec<SummaryRow>, Overflow> {
    use std::collections::BTreeMap;
    // Accounts by their texts; all of them last.
    type Key<'n> = (bool, &'n str, Period);
    type Sum = (Option<AccountId>, [Money; 9], Vec<Cycle>);
    let mut sums: BTreeMap<Key<'_>, Sum> = BTreeMap::new();
    for statement in statements {
        let account = statement.account;
        let month = Period::month_of(statement.cycle);
        let of_account = Period::longer(statement.cycle).map(|period| (Some(account), period));
        let of_all = Period::longer(statement.cycle).map(|period| (None, period));
        for (whose, period) in of_account.into_iter().chain([(None, month)]).chain(of_all) {
            let text = whose.map_or("", |account| names.accounts.text(account));
            let zero = Money::zero(statement.currency.minor_digits());
            let sum = sums.entry((whose.is_none(), text, period));
            let (_, sum, cycles) = sum.or_insert_with(|| (whose, [zero; 9], Vec::new()));
            let amounts = statement.by_category.iter().chain([&statement.total]);
            for (sum, amount) in sum.iter_mut().zip(amounts) {
                *sum = sum.plus(*amount)?;
            }
            if !cycles.contains(&statement.cycle) {
                cycles.push(statement.cycle);
            }
        }
    }
    let mut rows = Vec::new();
    for ((_, _, period), (account, amounts, cycles)) in sums {
        for (category, amount) in categories().zip(amounts) {
            let months = months_among(&cycles);
            let budget = category.is_none().then(|| budget_of(budgets, account, months)).flatten();
            rows.push(SummaryRow {
                account,
                period,
                category,
                figures: Figures::certain(amount),
                budget: budget.map(|budget| Against::certain(amount, budget)),
            });
        }
    }
    Ok(rows)
}

/// In how many months cycles start.
fn months_among(cycles: &[Cycle]) -> u32 {
    let months: std::collections::BTreeSet<Period> =
        cycles.iter().map(|cycle| Period::month_of(*cycle)).collect();
    months.len() as u32
}

impl Figures {
    fn certain(amount: Money) -> Figures {
        Figures { mean: amount.decimal(), standard_error: None, quantiles: None }
    }
}

impl Against {
    fn certain(amount: Money, budget: Decimal) -> Against {
        let over = if amount.decimal() > budget { Decimal::ONE } else { Decimal::ZERO };
        Against { budget, over }
    }
}
