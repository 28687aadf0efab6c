//! Allocation (A): the same money, per resource; and what each shared image cost whom.

use std::collections::BTreeMap;

use num_integer::Integer;
use num_traits::{Signed, Zero};

use super::number::{Exact, power_of_ten, sum};
use super::price::Charge;
use super::usage::{Cause, Meter, Span, Usage, members_in};
use super::world::Image;

/// Parts of charges have this many decimals.
pub const PART_DECIMALS: usize = 10;

/// One row of `allocations.csv`: a part of a charge.
pub struct Part<'c> {
    /// The charge.
    pub charge: &'c Charge,
    /// What caused this part of it.
    pub cause: Cause,
    /// Its share of the charge's quantity.
    pub quantity: Exact,
    /// Its share of the charge's amount.
    pub amount: Exact,
}

/// Splits every charge over what caused it, in the order of charges, then resource, then source
/// image.
pub fn allocate<'c>(charges: &'c [Charge], usages: &[Usage]) -> Vec<Part<'c>> {
    let mut parts = Vec::new();
    for charge in charges {
        let causes = weighed_causes(charge, usages);
        let weights: Vec<Exact> = causes.iter().map(|(_, weight)| weight.clone()).collect();
        let quantities = split(&charge.quantity, &weights);
        let amounts = split(&charge.amount, &weights);
        for ((cause, _), (quantity, amount)) in
            causes.into_iter().zip(quantities.into_iter().zip(amounts))
        {
            parts.push(Part { charge, cause, quantity, amount });
        }
    }
    parts
}

/// The distinct (resource, source image, region) of the usage that was priced together in a charge,
/// with the sum of their weights; a charge that no usage caused is the account's.
fn weighed_causes(charge: &Charge, usages: &[Usage]) -> Vec<(Cause, Exact)> {
    let mut weighed: BTreeMap<(String, String, String), (Cause, Exact)> = BTreeMap::new();
    for usage in usages.iter().filter(|usage| was_priced_in(usage, charge)) {
        let cause = &usage.cause;
        let key = (cause.resource.clone(), cause.source_image.clone(), cause.region.clone());
        let entry = weighed.entry(key).or_insert((usage.cause.clone(), Exact::zero()));
        entry.1 += &usage.weight;
    }
    let mut causes: Vec<(Cause, Exact)> = weighed.into_values().collect();
    causes.retain(|(_, weight)| weight.is_positive());
    if causes.is_empty() {
        let nothing = String::new;
        let account = Cause {
            resource: nothing(),
            source_image: nothing(),
            region: nothing(),
            producer: nothing(),
            role: "account",
        };
        causes.push((account, super::number::whole(1)));
    }
    causes
}

/// Was this usage priced in this charge: same account, cycle, SKU, rate's region and version (P2)?
fn was_priced_in(usage: &Usage, charge: &Charge) -> bool {
    usage.account == charge.account
        && usage.cycle == charge.cycle
        && usage.rate.sku == charge.sku
        && usage.rate.region == charge.region
        && usage.rate.effective_from == charge.effective_from
}

/// Splits a number by weights, to 10 decimals, by largest remainder: everybody gets the floor of
/// its share of the magnitude, then the largest remainders get one unit more each, until the parts
/// add up; among equal remainders the first ones do.
fn split(total: &Exact, weights: &[Exact]) -> Vec<Exact> {
    let unit = Exact::new(1.into(), power_of_ten(PART_DECIMALS));
    let units = (total.abs() / &unit).to_integer();
    let all_weights = sum(weights.iter());
    let shares: Vec<Exact> = weights
        .iter()
        .map(|weight| Exact::from_integer(units.clone()) * weight / &all_weights)
        .collect();
    let mut parts: Vec<Exact> = shares.iter().map(Exact::floor).collect();
    let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
    by_remainder.sort_by(|one, two| shares[*two].fract().cmp(&shares[*one].fract()));
    let mut left = &units - sum(parts.iter()).to_integer();
    for place in by_remainder {
        if left.is_zero() {
            break;
        }
        parts[place] += Exact::from_integer(1.into());
        left.dec();
    }
    let sign = if total.is_negative() { -unit } else { unit };
    parts.into_iter().map(|part| part * &sign).collect()
}

/// One row of `sharing.csv`.
pub struct Sharing {
    /// The shared image.
    pub image: String,
    /// The cycle of its producer, or of the consumer.
    pub cycle: Span,
    /// Empty for the producer's own part.
    pub consumer: String,
    /// The account that owns the image.
    pub producer: String,
    /// Where the image is.
    pub region: String,
    /// How many members it had at some time in the cycle.
    pub member_count: usize,
    /// What the producer paid for storing it.
    pub producer_storage: Exact,
    /// What the consumer paid for servers of it.
    pub consumer_servers: Exact,
    /// What it paid for their licences and support.
    pub consumer_licenses_support: Exact,
    /// What it paid for storing images that descend from it.
    pub consumer_reimages: Exact,
}

/// What every shared image cost its producer and its consumers, sorted by image, cycle, consumer.
pub fn sharing(meter: &Meter, parts: &[Part]) -> Vec<Sharing> {
    let mut rows = Vec::new();
    for (id, image) in &meter.world.images {
        for cycle in meter.cycles_of_run(&image.owner) {
            if !members_in(image, cycle).is_empty() {
                rows.push(producer_row(id, image, cycle, parts));
            }
        }
        rows.extend(consumer_rows(id, image, parts));
    }
    rows.sort_by(|one, two| {
        let key = |row: &Sharing| (row.image.clone(), row.cycle.0, row.consumer.clone());
        key(one).cmp(&key(two))
    });
    rows
}

/// A row without money.
fn empty_row(id: &str, image: &Image, cycle: Span, consumer: &str) -> Sharing {
    Sharing {
        image: id.to_string(),
        cycle,
        consumer: consumer.to_string(),
        producer: image.owner.clone(),
        region: image.region.clone(),
        member_count: members_in(image, cycle).len(),
        producer_storage: Exact::zero(),
        consumer_servers: Exact::zero(),
        consumer_licenses_support: Exact::zero(),
        consumer_reimages: Exact::zero(),
    }
}

/// The producer's own part: what it paid in a cycle for storing the image.
fn producer_row(id: &str, image: &Image, cycle: Span, parts: &[Part]) -> Sharing {
    let of_image = parts.iter().filter(|part| {
        part.charge.sku == "image.storage"
            && part.charge.cycle == cycle
            && part.cause.resource == id
    });
    let mut row = empty_row(id, image, cycle, "");
    row.producer_storage = sum(of_image.map(|part| &part.amount));
    row
}

/// What every other account paid in each of its cycles for servers and re-images of the image.
fn consumer_rows(id: &str, image: &Image, parts: &[Part]) -> Vec<Sharing> {
    let mut rows: BTreeMap<(String, Span), Sharing> = BTreeMap::new();
    for part in parts {
        let account = &part.charge.account;
        let is_consumers = matches!(part.cause.role, "consumer-server" | "reimage-storage");
        if !is_consumers || part.cause.source_image != id || *account == image.owner {
            continue;
        }
        let cycle = part.charge.cycle;
        let row = rows.entry((account.clone(), cycle));
        let row = row.or_insert_with(|| empty_row(id, image, cycle, account));
        if part.cause.role == "reimage-storage" {
            row.consumer_reimages += &part.amount;
        } else if part.charge.sku.starts_with("server:") {
            row.consumer_servers += &part.amount;
        } else {
            row.consumer_licenses_support += &part.amount;
        }
    }
    rows.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::super::number::{format_exact, parse_decimal, whole};
    use super::*;

    #[test]
    fn parts_add_up_and_the_first_of_equal_remainders_gets_the_rest() {
        let total = parse_decimal("-0.10").expect("a good decimal").value;
        let parts = split(&total, &[whole(1), whole(1), whole(1)]);
        let texts: Vec<String> = parts.iter().map(|part| format_exact(part, 10)).collect();
        assert_eq!(texts, ["-0.0333333334", "-0.0333333333", "-0.0333333333"]);
    }
}
