//! Both sides by account and cycle.

use std::collections::BTreeMap;

use crate::reconcile::{InvoiceLine, Ours};
use crate::run::ChargeRow;
use crate::value::{Currency, Exact, Instant, MICROS_PER_DAY, Overflow, Span};

/// A line, and whether its period is not that of our cycle.
pub(super) type BucketLine<'a> = (&'a InvoiceLine, bool);

/// What both sides have of one account's cycle, or of a period that we have no cycle for.
pub(super) struct Bucket<'a> {
    pub(super) account: &'a str,
    pub(super) start: Instant,
    pub(super) end: Option<Instant>,
    pub(super) charges: Vec<&'a ChargeRow>,
    pub(super) lines: Vec<BucketLine<'a>>,
    /// Whether we have charges of this account at all.
    pub(super) is_our_account: bool,
    /// Whether the invoice has lines of it.
    pub(super) is_invoiced_account: bool,
    /// The currency of our charges.
    pub(super) currency: Currency,
}

/// Sorts both sides. A line goes to the cycle that begins with its period, or else to the one that
/// most of the period lies in.
pub(super) fn buckets<'a>(ours: Ours<'a>, lines: &'a [InvoiceLine]) -> Vec<Bucket<'a>> {
    let mut buckets: BTreeMap<(&str, Instant), Bucket<'a>> = BTreeMap::new();
    let mut cycles: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    let empty = |account: &'a str, start, end| Bucket {
        account,
        start,
        end,
        charges: Vec::new(),
        lines: Vec::new(),
        is_our_account: false,
        is_invoiced_account: false,
        currency: ours.currency,
    };
    for charge in ours.charges {
        let cycle = Span { start: charge.cycle_start, end: charge.cycle_end };
        let account = charge.account.as_str();
        let bucket = buckets
            .entry((account, cycle.start))
            .or_insert_with(|| empty(account, cycle.start, Some(cycle.end)));
        bucket.charges.push(charge);
        let known = cycles.entry(account).or_default();
        if !known.contains(&cycle) {
            known.push(cycle);
        }
    }
    let mut invoiced: Vec<&str> = lines.iter().map(|line| line.account.as_str()).collect();
    invoiced.sort_unstable();
    for line in lines {
        let account = line.account.as_str();
        let known = cycles.get(account).map_or(&[][..], Vec::as_slice);
        let cycle = cycle_of(line, known);
        let start = cycle.map_or(line.start, |cycle| cycle.start);
        let bucket =
            buckets.entry((account, start)).or_insert_with(|| empty(account, start, line.end));
        let is_cut = cycle.is_some_and(|cycle| is_cut(line, cycle, ours.covered));
        bucket.lines.push((line, is_cut));
    }
    for bucket in buckets.values_mut() {
        bucket.is_our_account = cycles.contains_key(bucket.account);
        bucket.is_invoiced_account = invoiced.binary_search(&bucket.account).is_ok();
    }
    buckets.into_values().collect()
}

/// The cycle that a line belongs to.
fn cycle_of(line: &InvoiceLine, cycles: &[Span]) -> Option<Span> {
    let begins = cycles.iter().find(|cycle| is_same_day(cycle.start, line.start));
    if begins.is_some() {
        return begins.copied();
    }
    let day = Instant::from_micros(line.start.micros().saturating_add(MICROS_PER_DAY));
    let period = Span { start: line.start, end: line.end.map_or(day, |end| end.max(day)) };
    let shared = |cycle: &Span| cycle.intersection(period).map_or(0, Span::micros);
    let most = cycles.iter().copied().max_by_key(|cycle| {
        // Of two with as much of it, the earlier.
        (shared(cycle), std::cmp::Reverse(cycle.start))
    });
    most.filter(|cycle| shared(cycle) > 0)
}

/// Whether a line's period and what we charge of the cycle are not the same.
fn is_cut(line: &InvoiceLine, cycle: Span, covered: Option<Span>) -> bool {
    let is_partly_ours = covered.is_some_and(|covered| !covered.covers(cycle));
    // Its end may be the cycle's last day, or its last second, or the instant behind it.
    let is_end = |end: Instant| (0..=MICROS_PER_DAY).contains(&(cycle.end.micros() - end.micros()));
    is_partly_ours || !is_same_day(line.start, cycle.start) || !line.end.is_none_or(is_end)
}

fn is_same_day(a: Instant, b: Instant) -> bool {
    a.day() == b.day()
}

/// A region's name; `*` where it is none.
pub(super) fn any(region: &str) -> &str {
    if region.is_empty() { "*" } else { region }
}

/// The sum of amounts.
pub(super) fn sum(amounts: impl IntoIterator<Item = Exact>) -> Result<Exact, Overflow> {
    amounts.into_iter().try_fold(Exact::ZERO, Exact::plus)
}
