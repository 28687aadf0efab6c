//! A provider's invoice beside our charges: what agrees, what differs and probably why, what only one
//! side has. Nothing is left over: the differences of all rows are the difference of the totals.
//!
//! [`reconcile`] sorts both sides by account and cycle (`bucket`), finds what stands beside what there
//! (`pair`: SKUs that one side adds up, regions that one side does not tell), and judges each pair
//! (`judge`).

mod bucket;
mod judge;
mod pair;
mod pattern;
mod totals;

pub use pattern::fits;
pub use totals::{Sums, Totals};

use std::collections::BTreeMap;

use crate::run::ChargeRow;
use crate::value::{Currency, Exact, Instant, Overflow, Span};

/// One line of an invoice, in our words.
#[derive(Debug, Clone)]
pub struct InvoiceLine {
    /// Who is billed, by our name for it.
    pub account: String,
    /// The first instant of the billed period.
    pub start: Instant,
    /// Its end, as the invoice has it: its last day, or the first instant behind it.
    pub end: Option<Instant>,
    /// For what.
    pub item: Item,
    /// What kind of line it is.
    pub kind: LineKind,
    /// Where; empty where the invoice does not tell.
    pub region: String,
    /// How much of it.
    pub quantity: Option<Exact>,
    /// What one unit costs.
    pub unit_price: Option<Exact>,
    /// What it comes to.
    pub amount: Exact,
    /// In which currency.
    pub currency: Currency,
    /// Whether an earlier row of the file says the very same.
    pub is_repeated: bool,
}

/// What a line is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// Our SKUs that it covers, as patterns: `server:*`.
    Skus(Vec<String>),
    /// Words that no rule takes for a SKU.
    Words(String),
}

/// What kind of line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// Something used, or a fee.
    Charge,
    /// A tax.
    Tax,
    /// Money given back.
    Credit,
    /// A discount.
    Discount,
    /// What rounding came to.
    Rounding,
}

/// How a row of the two sides stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The same amount, to the minor unit.
    Matched,
    /// Both have it, with different amounts.
    Differing,
    /// Missing with us.
    OnlyInvoice,
    /// Missing on the invoice.
    OnlyOurs,
    /// What is below the minor unit, of an account's cycle.
    Rounding,
}

/// Why a row probably is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`Reason::words` says what each is")]
pub enum Reason {
    Finer,
    Rounding,
    Repeated,
    Unpriced,
    CycleCut,
    Discount,
    Price,
    Quantity,
    PriceAndQuantity,
    Amount,
    Tax,
    Credit,
    OtherCurrency,
    UnknownWords,
    UnknownAccount,
    OutsideRun,
    NotCharged,
    AccountNotInvoiced,
    CycleNotInvoiced,
    NotInvoiced,
}

/// What one side has of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Side {
    /// What it comes to.
    pub amount: Exact,
    /// How much, where that is one number.
    pub quantity: Option<Exact>,
    /// Of how many charges or lines.
    pub count: usize,
}

/// Both sides of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Who pays.
    pub account: String,
    /// The cycle's first instant; of what is outside the run, the billed period's.
    pub cycle_start: Instant,
    /// The first instant after it, where it is known.
    pub cycle_end: Option<Instant>,
    /// For what: our SKU, several, a pattern of them, or the invoice's words.
    pub sku: String,
    /// Where: `*` for all regions together.
    pub region: String,
    /// How the two sides stand.
    pub class: Class,
    /// Why, probably.
    pub reason: Option<Reason>,
    /// Our charges.
    pub ours: Side,
    /// The invoice's lines.
    pub invoice: Side,
    /// The code of the currency.
    pub currency: &'static str,
    /// What else there is to say.
    pub detail: String,
}

/// The run whose charges are compared.
#[derive(Debug, Clone, Copy)]
pub struct Ours<'a> {
    /// Its charges.
    pub charges: &'a [ChargeRow],
    /// What it covers.
    pub covered: Option<Span>,
    /// The currency of its book.
    pub currency: Currency,
}

/// All rows, and their sums.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    /// By account, cycle, SKU and region.
    pub rows: Vec<Row>,
    /// The sums of each currency, by its code.
    pub totals: BTreeMap<&'static str, Totals>,
}

/// Puts an invoice beside our charges.
///
/// # Errors
/// [`Overflow`].
pub fn reconcile(ours: Ours<'_>, lines: &[InvoiceLine]) -> Result<Reconciliation, Overflow> {
    let mut rows = Vec::new();
    for bucket in bucket::buckets(ours, lines) {
        pair::rows(&bucket, &mut rows)?;
    }
    rows.sort_by(|a: &Row, b: &Row| order(a).cmp(&order(b)));
    let totals = totals::totals(&rows, ours, lines)?;
    Ok(Reconciliation { rows, totals })
}

/// What rows are sorted by.
fn order(row: &Row) -> (&str, Instant, bool, &str, &str, Class, Option<Reason>, &str) {
    let is_last = row.class == Class::Rounding;
    let Row { account, cycle_start, sku, region, class, reason, currency, .. } = row;
    (account, *cycle_start, is_last, sku, region, *class, *reason, currency)
}

impl Row {
    /// The invoice less our charges.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn difference(&self) -> Result<Exact, Overflow> {
        self.invoice.amount.minus(self.ours.amount)
    }
}

impl Class {
    /// All of them, in the order in which they are told.
    pub const ALL: [Class; 5] =
        [Class::Matched, Class::Differing, Class::OnlyInvoice, Class::OnlyOurs, Class::Rounding];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Matched => "matched",
            Class::Differing => "differing",
            Class::OnlyInvoice => "only_invoice",
            Class::OnlyOurs => "only_ours",
            Class::Rounding => "rounding",
        }
    }
}

impl Reason {
    /// Its word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.told().0
    }

    /// It in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        self.told().1
    }

    fn told(self) -> (&'static str, &'static str) {
        match self {
            Reason::Finer => ("finer", "one side is finer than the other; added up they agree"),
            Reason::Rounding => ("rounding", "each side rounds its own lines"),
            Reason::Repeated => ("repeated", "the invoice has a line twice"),
            Reason::Unpriced => ("unpriced", "our price book has no price for it"),
            Reason::CycleCut => ("cycle_cut", "the two sides cut the cycle differently"),
            Reason::Discount => ("discount", "one side has a discount that the other has not"),
            Reason::Price => ("price", "the same quantity at another price"),
            Reason::Quantity => ("quantity", "another quantity at the same price"),
            Reason::PriceAndQuantity => ("price_and_quantity", "another quantity at another price"),
            Reason::Amount => ("amount", "the amounts differ; quantities do not tell why"),
            Reason::Tax => ("tax", "a tax, which we do not charge"),
            Reason::Credit => ("credit", "money given back, which we do not know of"),
            Reason::OtherCurrency => ("other_currency", "in another currency than our charges"),
            Reason::UnknownWords => ("unknown_words", "no rule takes its words for a SKU"),
            Reason::UnknownAccount => ("unknown_account", "we have no charge for this account"),
            Reason::OutsideRun => ("outside_run", "a period that the run does not cover"),
            Reason::NotCharged => ("not_charged", "we have no such charge in this cycle"),
            Reason::AccountNotInvoiced => {
                ("account_not_invoiced", "the invoice has nothing of this account")
            }
            Reason::CycleNotInvoiced => {
                ("cycle_not_invoiced", "the invoice has nothing of this account's cycle")
            }
            Reason::NotInvoiced => ("not_invoiced", "the invoice has no such line"),
        }
    }
}
