//! The end of a bill: what the ledger holds, unit by unit, to rows, sums and the story of sharing.

use crate::account::Accounts;
use crate::bill::BillError;
use crate::bill::desk::{CycleTotals, Desk, Unsettled};
use crate::bill::sharing::{Gathering, SharingRows};
use crate::bill::totals::Totals;
use crate::bill::workers::in_order;
use crate::book::Book;
use crate::ledger::{Unit, Units};
use crate::meter::{Context, UsageKey};
use crate::price::{Charge, PricingError};
use crate::scratch::Scratch;
use crate::statement::{Allocation, Images, Statement};
use crate::value::{Names, Overflow, Quantity, ResourceTexts, Span};

/// What units are settled with.
#[derive(Debug)]
pub struct Settling<'a, T> {
    /// The prices.
    pub book: &'a Book,
    /// The accounts.
    pub accounts: &'a Accounts,
    /// All names but those of resources.
    pub names: &'a Names,
    /// The texts of the images below.
    pub texts: &'a T,
    /// The images that were shared, or that something was made from.
    pub images: &'a Images,
    /// The run: usage outside is not charged (B3).
    pub run: Span,
    /// Whether usage without a rate costs 0 (P1).
    pub allow_unpriced: bool,
    /// Whether charges are split for whoever wants to read it.
    pub detail: Detail,
    /// How many threads may work.
    pub threads: usize,
    /// Where rows of sharing go that are too many for memory.
    pub scratch: &'a Scratch,
    /// About how many bytes of them may be held.
    pub budget: usize,
}

/// How far charges are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// As far as sharing needs it.
    None,
    /// Every charge over everything that caused it.
    Allocations,
}

/// What becomes of the rows of a bill. Each worker has one of its own; what they hand over is put
/// together in the order of the rows: account by text, cycle, then as `charges.csv` has it.
pub trait Output {
    /// What is handed over at a time.
    type Part: Send;

    /// A charge.
    fn charge(&mut self, charge: &Charge);

    /// The statement of the charges before; it stands before their allocations.
    fn statement(&mut self, statement: &Statement);

    /// The allocations that follow are parts of this charge; each comes once, in the same order.
    fn begin_split(&mut self, charge: &Charge);

    /// A part of a charge.
    fn allocation(&mut self, allocation: &Allocation<'_>);

    /// About how many bytes wait.
    fn size(&self) -> usize;

    /// Hands over what waits.
    fn take(&mut self) -> Self::Part;
}

/// What is known at the end, apart from the rows that have been handed over.
#[derive(Debug)]
pub struct Settled<'a> {
    /// The sums.
    pub totals: Totals,
    /// What each shared image costs whom.
    pub sharing: SharingRows<'a>,
}

/// How many bytes of records a job has, where there are several units.
const JOB_SIZE: usize = 128 << 10;

/// Settles all units. Rows are handed to `take_part` as they are finished; where this ends with an
/// error, they are to be forgotten.
///
/// # Errors
/// [`BillError`], and what `take_part` gives.
pub fn settle<'a, T, O, E>(
    units: &mut Units<'_>,
    settling: &Settling<'a, T>,
    output: impl Fn() -> O + Sync,
    take_part: impl FnMut(O::Part) -> Result<(), E>,
) -> Result<Settled<'a>, E>
where
    T: ResourceTexts + Sync,
    O: Output,
    E: From<BillError>,
{
    let mut gathered = Gathered {
        totals: Totals::new(settling.book, settling.run),
        sharing: Gathering::new(settling.images, settling.scratch.clone(), settling.budget),
        unpriced: Vec::new(),
        overflow: None,
    };
    in_order(
        settling.threads,
        || next_job(units).map_err(E::from),
        || {
            let mut desk = Desk::new(settling, output());
            move |job: Vec<Unit>, hand_over: &mut dyn FnMut(O::Part)| {
                let mut outcomes = Vec::with_capacity(job.len());
                for unit in &job {
                    outcomes.push(desk.settle(unit, hand_over));
                }
                desk.hand_over(hand_over);
                outcomes
            }
        },
        take_part,
        |outcomes: Vec<_>| {
            outcomes.into_iter().try_for_each(|outcome| gathered.add(outcome)).map_err(E::from)
        },
    )?;
    gathered.finish(settling).map_err(E::from)
}

/// Units of some size together.
fn next_job(units: &mut Units<'_>) -> Result<Option<Vec<Unit>>, BillError> {
    let (mut job, mut size) = (Vec::new(), 0);
    while size < JOB_SIZE
        && let Some(unit) = units.next_unit()?
    {
        size += unit.size();
        job.push(unit);
    }
    Ok((!job.is_empty()).then_some(job))
}

struct Gathered<'a> {
    totals: Totals,
    sharing: Gathering<'a>,
    /// All usage without a rate, which is told completely.
    unpriced: Vec<(UsageKey, Quantity)>,
    /// Whether a number grew too large; what is unpriced is told before that.
    overflow: Option<Overflow>,
}

impl<'a> Gathered<'a> {
    fn add(&mut self, outcome: Result<Option<CycleTotals>, Unsettled>) -> Result<(), BillError> {
        match outcome {
            Ok(None) => {}
            Ok(Some(cycle)) => {
                if let Err(overflow) = self.totals.add(&cycle) {
                    self.overflow = Some(overflow);
                }
                self.sharing.add(cycle.sharing)?;
            }
            Err(Unsettled::Measure(overflow)) => return Err(overflow.into()),
            Err(Unsettled::Price(overflow)) => self.overflow = Some(overflow),
            Err(Unsettled::Unpriced(usage)) => self.unpriced.extend(usage),
        }
        Ok(())
    }

    fn finish<T>(mut self, settling: &Settling<'a, T>) -> Result<Settled<'a>, BillError> {
        if !self.unpriced.is_empty() {
            self.unpriced.sort_by_key(|(key, _)| *key);
            return Err(PricingError::Unpriced(self.unpriced).into());
        }
        if let Some(overflow) = self.overflow {
            return Err(overflow.into());
        }
        self.totals.end_account();
        let Settling { book, accounts, run, .. } = *settling;
        let sharing = self.sharing.finish(Context { book, accounts, run })?;
        Ok(Settled { totals: self.totals, sharing })
    }
}
