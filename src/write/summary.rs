//! What a finance analyst wants to know at a glance, gathered once for text and JSON.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::book::Category;
use crate::run::focus::Gigabyte;
use crate::statement::{SHARE_DECIMALS, Share};
use crate::value::{Currency, Money, Overflow, Span};
use crate::world::{FindingCode, Level};
use crate::write::Report;

/// The glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The book's id and title.
    pub book: (String, String),
    /// What its GB are.
    pub gigabyte: Gigabyte,
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
        let totals = report.totals;
        let mut findings: BTreeMap<FindingCode, usize> = BTreeMap::new();
        for finding in report.findings {
            *findings.entry(finding.code).or_default() += 1;
        }
        let count = |of: fn(&super::InputReport) -> u64| report.inputs.iter().map(of).sum();
        Ok(Summary {
            book: (report.book.id.clone(), report.book.title.clone()),
            gigabyte: Gigabyte::of(report.book),
            run: totals.run,
            currency: report.book.currency,
            total: totals.total,
            by_category: Category::ALL
                .into_iter()
                .zip(totals.by_category)
                .filter(|(_, amount)| !amount.is_zero())
                .collect(),
            account_count: totals.account_count,
            statement_count: totals.statement_count,
            cut_statement_count: totals.cut_statement_count,
            top_accounts: top_accounts(report),
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
    let by_sku = report.totals.unpriced.iter();
    let mut by_text: Vec<_> = by_sku.map(|(sku, n)| (sku.text(report.names), *n)).collect();
    by_text.sort();
    by_text
}

fn top_accounts(report: &Report<'_>) -> Vec<(String, Money, Decimal)> {
    let total = report.totals.total.decimal();
    let share = |amount: Money| {
        let part = (amount.decimal() * Decimal::ONE_HUNDRED).checked_div(total);
        part.unwrap_or_default().round_dp(1)
    };
    let top = report.totals.top_accounts.iter();
    let id = |account| report.names.accounts.text(account).to_owned();
    top.map(|(account, pays)| (id(*account), *pays, share(*pays))).collect()
}

/// What the roles of allocations add up to: each cent has one, so that nothing is told twice.
fn sharing(report: &Report<'_>) -> Result<Sharing, Overflow> {
    let digits = report.book.currency.minor_digits();
    let rounded = |units: i128| {
        let exact = Share::from_units(units, SHARE_DECIMALS)?.decimal();
        let mut shown =
            exact.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
        shown.rescale(digits);
        Ok(shown)
    };
    let moved = &report.totals.moved;
    Ok(Sharing {
        image_count: report.sharing.images,
        consumer_count: report.sharing.consumers,
        producer_storage: rounded(moved.producer_storage.units())?,
        consumer_servers: rounded(moved.consumer_servers.units())?,
        consumer_licenses_support: rounded(moved.consumer_licenses_support.units())?,
        consumer_reimages: rounded(moved.consumer_reimages.units())?,
    })
}
