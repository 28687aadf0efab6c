//! One thing on both sides: whether it agrees, and if not, probably why.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::reconcile::bucket::{Bucket, BucketLine, any, sum};
use crate::reconcile::{Class, Reason, Row, Side};
use crate::run::ChargeRow;
use crate::value::{Exact, Overflow};

/// What the invoice has below the minor unit, by currency.
#[derive(Default)]
pub(super) struct Pool(BTreeMap<&'static str, Exact>);

impl Pool {
    pub(super) fn add(&mut self, currency: &'static str, amount: Exact) -> Result<(), Overflow> {
        let sum = self.0.entry(currency).or_default();
        *sum = sum.plus(amount)?;
        Ok(())
    }

    /// What is left, where that is not 0.
    pub(super) fn left(self) -> impl Iterator<Item = (&'static str, Exact)> {
        self.0.into_iter().filter(|(_, amount)| !amount.is_zero())
    }
}

/// What is judged.
pub(super) struct Judged<'a> {
    pub(super) bucket: &'a Bucket<'a>,
    pub(super) sku: &'a str,
    pub(super) region: &'a str,
}

/// Judges charges and lines for the same. What the lines have below the minor unit goes to `pool`.
pub(super) fn judge(
    judged: &Judged<'_>,
    charges: &[&ChargeRow],
    lines: &[BucketLine<'_>],
    pool: &mut Pool,
) -> Result<Row, Overflow> {
    let bucket = judged.bucket;
    let currency = lines.first().map_or(bucket.currency, |(line, _)| line.currency);
    let digits = currency.minor_digits();
    let ours = our_side(charges)?;
    let mut invoice = their_side(lines)?;
    let exact = invoice.amount;
    invoice.amount = exact.rounded(digits)?;
    if invoice.amount != exact.normalized() {
        // Ours is the sum of amounts that were rounded each; the invoice's are not.
        if !charges.is_empty() && is_within(exact, ours.amount, charges.len(), digits)? {
            invoice.amount = ours.amount;
        }
        pool.add(currency.code(), exact.minus(invoice.amount)?)?;
    }
    let (class, reason) = match (charges, lines) {
        (_, []) => (Class::OnlyOurs, Some(missing_there(charges, bucket))),
        ([], _) => (Class::OnlyInvoice, Some(Reason::NotCharged)),
        _ if invoice.amount.compare(ours.amount)? == Ordering::Equal => {
            (Class::Matched, is_finer(charges, lines).then_some(Reason::Finer))
        }
        _ => (Class::Differing, Some(reason(charges, lines, (&ours, &invoice), digits)?)),
    };
    Ok(Row {
        account: bucket.account.to_owned(),
        cycle_start: bucket.start,
        cycle_end: bucket.end,
        sku: judged.sku.to_owned(),
        region: any(judged.region).to_owned(),
        class,
        reason,
        ours,
        invoice,
        currency: currency.code(),
        detail: detail(charges, lines),
    })
}

fn our_side(charges: &[&ChargeRow]) -> Result<Side, Overflow> {
    let amount = sum(charges.iter().map(|charge| Exact::of(charge.amount)))?;
    // Hours of a server and of its licence, or hours and flats, are no one quantity.
    let is_one = charges.windows(2).all(|pair| {
        let kind = |charge: &ChargeRow| {
            charge.sku.split_once(':').map_or(charge.sku.clone(), |(kind, _)| kind.to_owned())
        };
        pair[0].unit == pair[1].unit && kind(pair[0]) == kind(pair[1])
    });
    let quantity = sum(charges.iter().map(|charge| Exact::of(charge.quantity)))?;
    let quantity = (is_one && !charges.is_empty()).then_some(quantity);
    Ok(Side { amount, quantity, count: charges.len() })
}

fn their_side(lines: &[BucketLine<'_>]) -> Result<Side, Overflow> {
    let amount = sum(lines.iter().map(|(line, _)| line.amount))?;
    let quantities: Option<Vec<Exact>> = lines.iter().map(|(line, _)| line.quantity).collect();
    let quantity = match quantities {
        Some(quantities) if !quantities.is_empty() => Some(sum(quantities)?),
        _ => None,
    };
    Ok(Side { amount, quantity, count: lines.len() })
}

/// Whether two amounts are no further apart than so many roundings can bring them.
fn is_within(a: Exact, b: Exact, roundings: usize, digits: u32) -> Result<bool, Overflow> {
    let apart = a.minus(b)?.magnitude();
    let twice = apart.plus(apart)?;
    let allowed = Exact::from_units(i128::try_from(roundings).unwrap_or(i128::MAX), digits);
    Ok(twice.compare(allowed)? != Ordering::Greater)
}

/// Why the invoice has no such line.
fn missing_there(charges: &[&ChargeRow], bucket: &Bucket<'_>) -> Reason {
    let is_discount = charges.iter().all(|charge| charge.sku.starts_with("discount:"));
    match () {
        () if !bucket.is_invoiced_account => Reason::AccountNotInvoiced,
        () if bucket.lines.is_empty() => Reason::CycleNotInvoiced,
        () if is_discount => Reason::Discount,
        () => Reason::NotInvoiced,
    }
}

/// Why two amounts differ, probably: the surest reason first.
fn reason(
    charges: &[&ChargeRow],
    lines: &[BucketLine<'_>],
    (ours, invoice): (&Side, &Side),
    digits: u32,
) -> Result<Reason, Overflow> {
    let difference = invoice.amount.minus(ours.amount)?;
    let repeats = lines.iter().filter(|(line, _)| line.is_repeated);
    let repeated = sum(repeats.map(|(line, _)| line.amount))?;
    let is_unpriced =
        |charge: &&ChargeRow| charge.effective_from.is_none() && charge.unit_price.is_zero();
    if !repeated.is_zero() && repeated.compare(difference)? == Ordering::Equal {
        return Ok(Reason::Repeated);
    }
    if charges.iter().any(is_unpriced) {
        return Ok(Reason::Unpriced);
    }
    if lines.iter().any(|(_, is_cut)| *is_cut) {
        return Ok(Reason::CycleCut);
    }
    let roundings = charges.len() + lines.len();
    if is_within(invoice.amount, ours.amount, roundings, digits)? {
        return Ok(Reason::Rounding);
    }
    if is_discounted(lines, ours.amount, roundings, digits)? {
        return Ok(Reason::Discount);
    }
    let Some((q_ours, q_theirs)) = ours.quantity.zip(invoice.quantity) else {
        return Ok(Reason::Amount);
    };
    // Whichever has fewer decimals has rounded.
    let decimals = q_ours.normalized().decimals().min(q_theirs.normalized().decimals());
    let same = q_ours.rounded(decimals)?.compare(q_theirs.rounded(decimals)?)? == Ordering::Equal;
    if same {
        return Ok(Reason::Price);
    }
    Ok(if is_same_price(ours, invoice, digits) {
        Reason::Quantity
    } else {
        Reason::PriceAndQuantity
    })
}

/// Whether the lines' own quantities times unit prices are what we charge, and their amounts less.
fn is_discounted(
    lines: &[BucketLine<'_>],
    ours: Exact,
    roundings: usize,
    digits: u32,
) -> Result<bool, Overflow> {
    let list: Option<Vec<(Exact, Exact)>> =
        lines.iter().map(|(line, _)| line.quantity.zip(line.unit_price)).collect();
    let Some(list) = list else { return Ok(false) };
    let products: Result<Vec<Exact>, Overflow> =
        list.into_iter().map(|(quantity, price)| quantity.times(price)).collect();
    is_within(sum(products?)?, ours, roundings, digits)
}

/// Whether both pay the same for one unit, as far as cents tell: their amount × our quantity is our
/// amount × their quantity, give or take a minor unit on each side.
fn is_same_price(ours: &Side, invoice: &Side, digits: u32) -> bool {
    let check = || {
        let (q_ours, q_theirs) = (ours.quantity?, invoice.quantity?);
        let a = invoice.amount.times(q_ours).ok()?;
        let b = ours.amount.times(q_theirs).ok()?;
        let minor = Exact::from_units(1, digits);
        let allowed = q_ours.magnitude().plus(q_theirs.magnitude()).ok()?.times(minor).ok()?;
        Some(a.minus(b).ok()?.magnitude().compare(allowed).ok()? != Ordering::Greater)
    };
    check().unwrap_or(false)
}

/// Whether one side tells more SKUs or regions, or cuts the same into more lines.
fn is_finer(charges: &[&ChargeRow], lines: &[BucketLine<'_>]) -> bool {
    !detail(charges, lines).is_empty()
}

/// What one side has more of.
fn detail(charges: &[&ChargeRow], lines: &[BucketLine<'_>]) -> String {
    if charges.is_empty() || lines.is_empty() {
        return String::new();
    }
    let count = |values: BTreeSet<&str>| values.len();
    let our_skus = count(charges.iter().map(|charge| charge.sku.as_str()).collect());
    let our_regions = count(charges.iter().map(|charge| any(&charge.region)).collect());
    let regions = count(lines.iter().map(|(line, _)| any(&line.region)).collect());
    let mut told = Vec::new();
    if our_skus > 1 {
        told.push(format!("{our_skus} SKUs of ours"));
    }
    if our_regions > 1 {
        told.push(format!("{our_regions} regions of ours"));
    }
    if regions > 1 {
        told.push(format!("{regions} regions of the invoice"));
    }
    if charges.len() > 1 && lines.len() == 1 && our_skus == 1 && our_regions == 1 {
        told.push(format!("{} tiers or dates of ours", charges.len()));
    }
    if lines.len() > charges.len() && regions == 1 {
        told.push(format!("{} lines of the invoice", lines.len()));
    }
    told.join(", ")
}
