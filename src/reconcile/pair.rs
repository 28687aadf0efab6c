//! What stands beside what within one account's cycle.

use std::collections::{BTreeMap, BTreeSet};

use crate::reconcile::bucket::{Bucket, BucketLine, any};
use crate::reconcile::judge::{Judged, Pool, judge};
use crate::reconcile::{Class, InvoiceLine, Item, LineKind, Reason, Row, Side, fits};
use crate::run::ChargeRow;
use crate::value::Overflow;

/// Our SKU of a volume discount: where an invoice's discounts go, too.
const DISCOUNT: &str = "discount:volume";

/// Charges and lines for the same.
struct Component<'a> {
    label: String,
    charges: Vec<&'a ChargeRow>,
    lines: Vec<BucketLine<'a>>,
}

/// Adds the rows of one account's cycle.
pub(super) fn rows(bucket: &Bucket<'_>, rows: &mut Vec<Row>) -> Result<(), Overflow> {
    let mut pool = Pool::default();
    let mut usual = Vec::new();
    let mut apart: BTreeMap<(Reason, &str, String, &str), Vec<BucketLine<'_>>> = BTreeMap::new();
    for line in &bucket.lines {
        let (what, region) = (line.0, line.0.region.as_str());
        let code = what.currency.code();
        if what.kind == LineKind::Rounding && code == bucket.currency.code() {
            pool.add(code, what.amount)?;
        } else if let Some(reason) = apart_for(what, bucket) {
            apart.entry((reason, code, label(what), region)).or_default().push(*line);
        } else {
            usual.push(*line);
        }
    }
    for ((reason, _, sku, region), lines) in apart {
        rows.push(only_invoice(bucket, &sku, region, reason, &lines, &mut pool)?);
    }
    for component in components(&bucket.charges, usual) {
        for (region, charges, lines) in by_region(component.charges, component.lines) {
            let row = Judged { bucket, sku: &component.label, region: &region };
            rows.push(judge(&row, &charges, &lines, &mut pool)?);
        }
    }
    for (currency, amount) in pool.left() {
        rows.push(Row {
            account: bucket.account.to_owned(),
            cycle_start: bucket.start,
            cycle_end: bucket.end,
            sku: String::new(),
            region: String::new(),
            class: Class::Rounding,
            reason: Some(Reason::Rounding),
            ours: Side::default(),
            invoice: Side { amount, quantity: None, count: 0 },
            currency,
            detail: "what the invoice's lines have below the minor unit".to_owned(),
        });
    }
    Ok(())
}

/// Why a line has nothing of ours beside it, whatever we charge.
fn apart_for(line: &InvoiceLine, bucket: &Bucket<'_>) -> Option<Reason> {
    let has_discount = || bucket.charges.iter().any(|charge| charge.sku == DISCOUNT);
    if line.currency != bucket.currency {
        return Some(Reason::OtherCurrency);
    }
    match line.kind {
        LineKind::Tax => return Some(Reason::Tax),
        LineKind::Credit => return Some(Reason::Credit),
        LineKind::Discount if !has_discount() => return Some(Reason::Discount),
        LineKind::Discount | LineKind::Charge | LineKind::Rounding => {}
    }
    if !bucket.is_our_account {
        return Some(Reason::UnknownAccount);
    }
    if bucket.charges.is_empty() {
        return Some(Reason::OutsideRun);
    }
    match line.item {
        Item::Words(_) if line.kind == LineKind::Charge => Some(Reason::UnknownWords),
        Item::Words(_) | Item::Skus(_) => None,
    }
}

/// What a line is for, for people.
fn label(line: &InvoiceLine) -> String {
    match &line.item {
        Item::Skus(patterns) => patterns.join(" + "),
        Item::Words(words) => words.clone(),
    }
}

fn only_invoice(
    bucket: &Bucket<'_>,
    sku: &str,
    region: &str,
    reason: Reason,
    lines: &[BucketLine<'_>],
    pool: &mut Pool,
) -> Result<Row, Overflow> {
    let mut row = judge(&Judged { bucket, sku, region }, &[], lines, pool)?;
    row.reason = Some(reason);
    Ok(row)
}

/// The patterns of our SKUs that a line covers.
fn patterns(line: &InvoiceLine) -> Vec<String> {
    match (&line.item, line.kind) {
        (_, LineKind::Discount) => vec![DISCOUNT.to_owned()],
        (Item::Skus(patterns), _) => patterns.clone(),
        (Item::Words(words), _) => vec![words.clone()],
    }
}

/// Puts together what belongs together: SKUs that one line covers, and lines that cover one SKU.
fn components<'a>(charges: &[&'a ChargeRow], lines: Vec<BucketLine<'a>>) -> Vec<Component<'a>> {
    let mut by_pattern: BTreeMap<Vec<String>, Vec<BucketLine<'a>>> = BTreeMap::new();
    for line in lines {
        by_pattern.entry(patterns(line.0)).or_default().push(line);
    }
    let mut by_sku: BTreeMap<&str, Vec<&'a ChargeRow>> = BTreeMap::new();
    for charge in charges {
        by_sku.entry(&charge.sku).or_default().push(charge);
    }
    let mut found: Vec<(BTreeSet<&str>, Vec<Vec<String>>)> = Vec::new();
    for patterns in by_pattern.keys() {
        let covers = |sku: &&&str| patterns.iter().any(|pattern| fits(pattern, sku));
        let mut skus: BTreeSet<&str> = by_sku.keys().filter(covers).copied().collect();
        let mut all = vec![patterns.clone()];
        // Whatever shares a SKU with it is one with it.
        found.retain(|(known, patterns)| {
            let is_apart = known.is_disjoint(&skus);
            if !is_apart {
                skus.extend(known);
                all.extend(patterns.iter().cloned());
            }
            is_apart
        });
        found.push((skus, all));
    }
    let taken: BTreeSet<&str> = found.iter().flat_map(|(skus, _)| skus).copied().collect();
    let free = by_sku.keys().filter(|sku| !taken.contains(*sku)).copied();
    let free: Vec<_> = free.map(|sku| (BTreeSet::from([sku]), Vec::new())).collect();
    let component = |(skus, all): (BTreeSet<&str>, Vec<Vec<String>>)| Component {
        label: name(&skus, &all),
        charges: skus.iter().filter_map(|sku| by_sku.get(sku)).flatten().copied().collect(),
        lines: all
            .iter()
            .filter_map(|patterns| by_pattern.get(patterns))
            .flatten()
            .copied()
            .collect(),
    };
    found.into_iter().chain(free).map(component).collect()
}

/// What a component is called: its one SKU, or what the invoice covers.
fn name(skus: &BTreeSet<&str>, all: &[Vec<String>]) -> String {
    let covered: BTreeSet<&str> = all.iter().flatten().map(String::as_str).collect();
    match (skus.len(), covered.len()) {
        (1, _) => skus.iter().copied().collect(),
        (_, 0) => skus.iter().copied().collect::<Vec<_>>().join(" + "),
        _ => covered.into_iter().collect::<Vec<_>>().join(" + "),
    }
}

type ByRegion<'a> = (String, Vec<&'a ChargeRow>, Vec<BucketLine<'a>>);

/// Cuts a component by region, as far as both sides tell regions: what one side has for all regions
/// stands beside all that the other has and the first does not name.
fn by_region<'a>(charges: Vec<&'a ChargeRow>, lines: Vec<BucketLine<'a>>) -> Vec<ByRegion<'a>> {
    let of_charge = |charge: &ChargeRow| any(&charge.region).to_owned();
    let of_line = |line: &BucketLine<'_>| any(&line.0.region).to_owned();
    let ours: BTreeSet<String> = charges.iter().map(|charge| of_charge(charge)).collect();
    let theirs: BTreeSet<String> = lines.iter().map(of_line).collect();
    let both = |region: &String| region != "*" && ours.contains(region) && theirs.contains(region);
    let place = |region: String, other: &BTreeSet<String>| {
        if !both(&region) && other.contains("*") { "*".to_owned() } else { region }
    };
    let mut parts: BTreeMap<String, (Vec<&'a ChargeRow>, Vec<BucketLine<'a>>)> = BTreeMap::new();
    for charge in charges {
        parts.entry(place(of_charge(charge), &theirs)).or_default().0.push(charge);
    }
    for line in lines {
        parts.entry(place(of_line(&line), &ours)).or_default().1.push(line);
    }
    parts.into_iter().map(|(region, (charges, lines))| (region, charges, lines)).collect()
}
