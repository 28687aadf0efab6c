//! What a finance analyst wants to know at a glance, gathered once for text and JSON.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use crate::book::Category;
use crate::statement::{Role, Share};
use crate::value::{Currency, Money, Overflow, Span};
use crate::world::{FindingCode, Level};
use crate::write::Report;

/// How many accounts are named.
const TOP_ACCOUNT_COUNT: usize = 10;

/// The glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The book's id and title.
    pub book: (String, String),
    /// The run.
    pub run: Span,
    /// The currency of every amount.
    pub currency: Currency,
    /// All money.
    pub total: Money,
    /// The money of each category that has any.
    pub by_category: Vec<(Category, Money)>,
    /// How many accounts pay something.
    pub account_count: usize,
    /// How many statements there are.
    pub statement_count: usize,
    /// How many of them are for a part of a cycle, as the run cuts it (B3).
    pub cut_statement_count: usize,
    /// The accounts that pay most, with what they pay and its part of the total in tenths of a
    /// percent.
    pub top_accounts: Vec<(String, Money, Decimal)>,
    /// What sharing itself moved.
    pub sharing: Sharing,
    /// Usage that has no rate and was priced at 0 (P1): its SKUs, and how many accounts used it.
    pub unpriced: Vec<(String, usize)>,
    /// For each rule that was broken: how often.
    pub findings: Vec<(FindingCode, usize)>,
    /// Rows read.
    pub rows_read: u64,
    /// Rows that became an applied event.
    pub rows_used: u64,
    /// Rows set aside.
    pub rows_rejected: u64,
    /// Rows dropped as a repeat.
    pub rows_repeated: u64,
    /// Rows at or after the end of the run.
    pub rows_after_end: u64,
    /// Foreign records that say nothing about money, or were merged into another.
    pub rows_left_out: u64,
    /// Whom to write to about suspicious shares, where there are some.
    pub contact: Option<String>,
}

/// What sharing itself moved: the producers' storage against what consumers made of it. Amounts
/// are rounded to the currency's minor unit, for people; `sharing.csv` has them exactly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sharing {
    /// Images that had a member.
    pub image_count: usize,
    /// Accounts that pay for something they made of another account's image.
    pub consumer_count: usize,
    /// What producers pay for storing shared images.
    pub producer_storage: Decimal,
    /// What consumers pay for servers of them.
    pub consumer_servers: Decimal,
    /// What consumers pay for the licences and support of those.
    pub consumer_licenses_support: Decimal,
    /// What consumers pay for storing images taken of them.
    pub consumer_reimages: Decimal,
}

impl Summary {
    /// Gathers a run's summary.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn of(report: &Report<'_>) -> Result<Summary, Overflow> {
        let bill = report.bill;
        let zero = Money::zero(report.book.currency.minor_digits());
        let mut total = zero;
        let mut by_category = [zero; Category::ALL.len()];
        let mut by_account: BTreeMap<&str, Money> = BTreeMap::new();
        for statement in &bill.statements {
            total = total.plus(statement.total)?;
            for (sum, amount) in by_category.iter_mut().zip(statement.by_category) {
                *sum = sum.plus(amount)?;
            }
            let account = by_account.entry(report.names.accounts.text(statement.account));
            let account = account.or_insert(zero);
            *account = account.plus(statement.total)?;
        }
        let mut findings: BTreeMap<FindingCode, usize> = BTreeMap::new();
        for finding in report.findings {
            *findings.entry(finding.code).or_default() += 1;
        }
        let count = |of: fn(&super::InputReport) -> u64| report.inputs.iter().map(of).sum();
        Ok(Summary {
            book: (report.book.id.clone(), report.book.title.clone()),
            run: bill.run,
            currency: report.book.currency,
            total,
            by_category: Category::ALL
                .into_iter()
                .zip(by_category)
                .filter(|(_, amount)| !amount.is_zero())
                .collect(),
            account_count: by_account.len(),
            statement_count: bill.statements.len(),
            cut_statement_count: bill
                .statements
                .iter()
                .filter(|statement| !bill.run.covers(statement.cycle.span()))
                .count(),
            top_accounts: top_accounts(by_account, total),
            sharing: sharing(report)?,
            unpriced: unpriced(report),
            findings: findings.into_iter().collect(),
            rows_read: count(|input| input.rows_read),
            rows_used: count(|input| input.rows_used),
            rows_rejected: count(|input| input.rows_rejected),
            rows_repeated: count(|input| input.rows_repeated),
            rows_after_end: count(|input| input.rows_after_end),
            rows_left_out: count(|input| input.rows_left_out),
            contact: contact(report),
        })
    }

    /// How many findings of a level there are.
    #[must_use]
    pub fn finding_count(&self, level: Level) -> usize {
        self.findings.iter().filter(|(code, _)| code.level() == level).map(|(_, n)| n).sum()
    }
}

/// The provider's contact, where a finding is about a suspicious share (L11, L13).
fn contact(report: &Report<'_>) -> Option<String> {
    let is_suspicious = |code| matches!(code, FindingCode::L11 | FindingCode::L13);
    let contact = report.book.policy.contact.clone();
    contact.filter(|_| report.findings.iter().any(|finding| is_suspicious(finding.code)))
}

/// The SKUs that were used without a rate, with how many accounts used each.
fn unpriced(report: &Report<'_>) -> Vec<(String, usize)> {
    let mut accounts: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    let charges = report.bill.charges.iter();
    for charge in charges.filter(|c| c.usage.is_some() && c.effective_from.is_none()) {
        let sku = charge.sku.text(report.names);
        accounts.entry(sku).or_default().insert(charge.account);
    }
    accounts.into_iter().map(|(sku, accounts)| (sku, accounts.len())).collect()
}

fn top_accounts(by_account: BTreeMap<&str, Money>, total: Money) -> Vec<(String, Money, Decimal)> {
    let mut accounts: Vec<(&str, Money)> = by_account.into_iter().collect();
    accounts.sort_by(|(a, a_pays), (b, b_pays)| b_pays.cmp(a_pays).then(a.cmp(b)));
    accounts.truncate(TOP_ACCOUNT_COUNT);
    let share = |amount: Money| {
        let part = (amount.decimal() * Decimal::ONE_HUNDRED).checked_div(total.decimal());
        part.unwrap_or_default().round_dp(1)
    };
    accounts.into_iter().map(|(id, amount)| (id.to_owned(), amount, share(amount))).collect()
}

/// Adds up the roles of allocations: each cent has one, so that nothing is told twice.
fn sharing(report: &Report<'_>) -> Result<Sharing, Overflow> {
    let bill = report.bill;
    let mut sums: BTreeMap<Moved, Share> = BTreeMap::new();
    for part in &bill.allocations {
        let category = bill.charges[part.charge].sku.category();
        let moved = match (part.role, category) {
            (Role::ProducerStorage, _) => Moved::ProducerStorage,
            (Role::ReimageStorage, _) => Moved::Reimages,
            (Role::ConsumerServer, Category::Servers) => Moved::Servers,
            (Role::ConsumerServer, _) => Moved::LicensesSupport,
            _ => continue,
        };
        let sum = sums.entry(moved).or_insert(Share::ZERO);
        *sum = sum.plus(part.amount)?;
    }
    let digits = report.book.currency.minor_digits();
    let sum = |moved: Moved| {
        let exact = sums.get(&moved).map_or(Decimal::ZERO, |share| share.decimal());
        let mut shown =
            exact.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
        shown.rescale(digits);
        shown
    };
    let images: BTreeSet<_> = bill.sharing.iter().map(|row| row.image).collect();
    let consumers: BTreeSet<_> = bill.sharing.iter().filter_map(|row| row.consumer).collect();
    Ok(Sharing {
        image_count: images.len(),
        consumer_count: consumers.len(),
        producer_storage: sum(Moved::ProducerStorage),
        consumer_servers: sum(Moved::Servers),
        consumer_licenses_support: sum(Moved::LicensesSupport),
        consumer_reimages: sum(Moved::Reimages),
    })
}

/// The lines of what sharing moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moved {
    ProducerStorage,
    Servers,
    LicensesSupport,
    Reimages,
}
