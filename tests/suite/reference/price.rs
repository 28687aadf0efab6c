//! Pricing (P): from usage to charges.

use std::collections::BTreeMap;

use num_traits::{Signed, Zero};

use super::book::{Band, Book, Rate, Tier};
use super::dates::{DAY, Instant};
use super::number::{
    Decimal, Exact, decimals_of, format_exact, round_half_even, round_half_up, sum, whole,
};
use super::usage::{Meter, Span, Usage};

/// One row of `charges.csv` (P5).
#[derive(Clone)]
pub struct Charge {
    /// Who pays.
    pub account: String,
    /// The whole cycle's bounds.
    pub cycle: Span,
    /// What is paid for.
    pub sku: String,
    /// The rate's region, or `*`.
    pub region: String,
    /// The rate's unit, or `flat`, `package`, `cycle`, the currency.
    pub unit: String,
    /// The tier's lower bound.
    pub tier_from: Decimal,
    /// As it is priced, and printed.
    pub quantity: Exact,
    /// The price of one unit.
    pub unit_price: Decimal,
    /// Quantity times price, rounded to the currency's minor unit.
    pub amount: Exact,
    /// The rate's version.
    pub effective_from: Instant,
    /// R1 to R9, P7.
    pub rule: &'static str,
}

/// What is priced as one (P2), within one account and cycle: the usage of one version of a rate.
struct Version<'a> {
    rate: &'a Rate,
    /// Rounded to the book's decimals (M6).
    quantity: Exact,
}

/// All charges of all accounts and cycles, in the order of `charges.csv`.
pub fn price(meter: &Meter, usages: &[Usage]) -> Vec<Charge> {
    let mut bills: BTreeMap<(String, Span), Vec<&Usage>> = BTreeMap::new();
    for usage in usages {
        bills.entry((usage.account.clone(), usage.cycle)).or_default().push(usage);
    }
    let mut charges = Vec::new();
    for ((account, cycle), usages) in &bills {
        let bill = Bill { meter, book: meter.book, account: account.clone(), cycle: *cycle };
        charges.extend(bill.charges(usages));
    }
    charges.retain(|charge| !(charge.quantity.is_zero() && charge.amount.is_zero()));
    charges.sort_by(|one, two| order_of(one).cmp(&order_of(two)));
    charges
}

/// The order of `charges.csv`.
fn order_of(charge: &Charge) -> (&str, Span, &str, &str, Instant, &Exact, &str) {
    (
        &charge.account,
        charge.cycle,
        &charge.sku,
        &charge.region,
        charge.effective_from,
        &charge.tier_from.value,
        &charge.unit,
    )
}

/// One account's cycle.
struct Bill<'a> {
    meter: &'a Meter<'a>,
    book: &'a Book,
    account: String,
    cycle: Span,
}

impl Bill<'_> {
    /// Everything that the account pays in the cycle.
    fn charges(&self, usages: &[&Usage]) -> Vec<Charge> {
        let mut charges = self.usage_charges(usages);
        let used_servers = usages.iter().any(|usage| usage.rate.sku.starts_with("server:"));
        let run = self.meter.run;
        let is_wholly_covered = run.0 <= self.cycle.0 && self.cycle.1 <= run.1;
        if used_servers && is_wholly_covered {
            charges.extend(self.minimum(&charges));
            charges.extend(self.fee());
        }
        charges.extend(self.discounts(&charges));
        charges
    }

    /// P2, P4: prices every pool of SKUs, and every SKU that is in none, for each rate's region.
    fn usage_charges(&self, usages: &[&Usage]) -> Vec<Charge> {
        let mut skus: Vec<String> = usages.iter().map(|usage| usage.rate.sku.clone()).collect();
        let mut regions: Vec<String> =
            usages.iter().map(|usage| usage.rate.region.clone()).collect();
        for list in [&mut skus, &mut regions] {
            list.sort();
            list.dedup();
        }
        let pooled = |sku: &String| self.book.tier_pools.iter().any(|pool| pool.contains(sku));
        let alone = skus.iter().filter(|sku| !pooled(sku)).map(|sku| vec![sku.clone()]);
        let mut pools = self.book.tier_pools.clone();
        pools.extend(alone);
        let mut charges = Vec::new();
        for pool in &pools {
            for region in &regions {
                let mut position = Exact::zero();
                for sku in pool {
                    let versions = self.versions(usages, sku, region);
                    charges.extend(self.price_versions(&versions, &mut position));
                }
            }
        }
        charges
    }

    /// P2, M6: the versions of a SKU's rate that were used, in order of time; the exact quantities
    /// of each are added up and rounded once.
    fn versions<'u>(&self, usages: &[&Usage<'u>], sku: &str, region: &str) -> Vec<Version<'u>> {
        let mut exact: BTreeMap<Instant, (&Rate, Exact)> = BTreeMap::new();
        for usage in usages.iter().filter(|u| u.rate.sku == sku && u.rate.region == region) {
            let version = usage.rate.effective_from;
            let entry = exact.entry(version).or_insert((usage.rate, Exact::zero()));
            entry.1 += &usage.quantity;
        }
        let decimals = self.book.quantity_decimals;
        let rounded = exact.into_values().map(|(rate, quantity)| Version {
            rate,
            quantity: round_half_even(&quantity, decimals),
        });
        rounded.collect()
    }

    /// P3: prices the versions of one SKU one after the other, from a position that they (and
    /// their pool) share.
    fn price_versions(&self, versions: &[Version], position: &mut Exact) -> Vec<Charge> {
        let quantity_of_cycle = sum(versions.iter().map(|version| &version.quantity));
        let mut flat_is_due = true;
        let mut charges = Vec::new();
        for Version { rate, quantity } in versions {
            if quantity.is_zero() {
                continue;
            }
            match rate.model.as_str() {
                "volume" => {
                    let tier = volume_tier(rate, &quantity_of_cycle);
                    charges.extend(self.volume(rate, tier, quantity, flat_is_due));
                }
                "package" => charges.push(self.package(rate, position, quantity)),
                _ => charges.extend(self.graduated(rate, position, quantity)),
            }
            flat_is_due = false;
            *position += quantity;
        }
        charges
    }

    /// P3, graduated: each part of the quantity pays its own tier's price; a flat is due where the
    /// quantity passes a tier's lower bound.
    fn graduated(&self, rate: &Rate, position: &Exact, quantity: &Exact) -> Vec<Charge> {
        let end = position + quantity;
        let mut charges = Vec::new();
        for (place, tier) in rate.tiers.iter().enumerate() {
            let lower = tier.from.value.clone().max(position.clone());
            let upper = match rate.tiers.get(place + 1) {
                Some(next) => next.from.value.clone().min(end.clone()),
                None => end.clone(),
            };
            if lower < upper {
                charges.push(self.charge(rate, tier, (&rate.unit, upper - lower), &tier.price));
            }
            let passes = *position <= tier.from.value && tier.from.value < end;
            if let (Some(flat), true) = (&tier.flat, passes) {
                charges.push(self.charge(rate, tier, ("flat", whole(1)), flat));
            }
        }
        charges
    }

    /// P3, volume: all of the quantity pays one tier's price; its flat is due once a cycle.
    fn volume(&self, rate: &Rate, tier: &Tier, quantity: &Exact, flat_is_due: bool) -> Vec<Charge> {
        let mut charges =
            vec![self.charge(rate, tier, (&rate.unit, quantity.clone()), &tier.price)];
        if let (Some(flat), true) = (&tier.flat, flat_is_due) {
            charges.push(self.charge(rate, tier, ("flat", whole(1)), flat));
        }
        charges
    }

    /// P3, package: packages once started are charged whole.
    fn package(&self, rate: &Rate, position: &Exact, quantity: &Exact) -> Charge {
        let tier = &rate.tiers[0];
        let size = &tier.from.value;
        let packages_until = |quantity: Exact| (quantity / size).ceil();
        let packages = packages_until(position + quantity) - packages_until(position.clone());
        self.charge(rate, tier, ("package", packages), &tier.price)
    }

    /// P5: one charge for usage.
    fn charge(
        &self,
        rate: &Rate,
        tier: &Tier,
        (unit, quantity): (&str, Exact),
        unit_price: &Decimal,
    ) -> Charge {
        Charge {
            account: self.account.clone(),
            cycle: self.cycle,
            sku: rate.sku.clone(),
            region: rate.region.clone(),
            unit: unit.to_string(),
            tier_from: tier.from.clone(),
            amount: self.money(&quantity * &unit_price.value),
            quantity,
            unit_price: unit_price.clone(),
            effective_from: rate.effective_from,
            rule: rule_of(&rate.sku),
        }
    }

    /// P5: rounds to the currency's minor unit as the book says.
    fn money(&self, amount: Exact) -> Exact {
        if self.book.rounds_half_even {
            round_half_even(&amount, self.book.money_decimals)
        } else {
            round_half_up(&amount, self.book.money_decimals)
        }
    }

    /// P6, R8: what the support charges lack to the level's minimum. New accounts have none.
    fn minimum(&self, charges: &[Charge]) -> Option<Charge> {
        let level = self.meter.service_level(&self.account);
        let rate = self.book.rate_in_force(&format!("minimum:{level}"), "*", self.cycle.0)?;
        if let Some(opened) = self.meter.account(&self.account).opened
            && self.cycle.0 < opened + self.book.minimum_after_days * DAY
        {
            return None;
        }
        let sku = format!("support:{level}");
        let support = charges.iter().filter(|charge| charge.sku == sku);
        let paid = sum(support.map(|charge| &charge.amount));
        let tier = &rate.tiers[0];
        let missing = &tier.price.value - paid;
        let decimals = decimals_of(&tier.price.text).max(self.book.money_decimals);
        let unit_price = Decimal { text: format_exact(&missing, decimals), value: missing };
        let is_due = unit_price.value.is_positive();
        is_due.then(|| self.charge(rate, tier, (&rate.unit, whole(1)), &unit_price))
    }

    /// R9: the level's flat fee.
    fn fee(&self) -> Option<Charge> {
        let level = self.meter.service_level(&self.account);
        let rate = self.book.rate_in_force(&format!("fee:{level}"), "*", self.cycle.0)?;
        let tier = &rate.tiers[0];
        Some(self.charge(rate, tier, (&rate.unit, whole(1)), &tier.price))
    }

    /// P7: the discount on servers, licences and support, by the grid in force at the cycle's
    /// start.
    fn discounts(&self, charges: &[Charge]) -> Vec<Charge> {
        let in_force = self.book.bands.iter().filter(|band| band.effective_from <= self.cycle.0);
        let Some(version) = in_force.map(|band| band.effective_from).max() else {
            return Vec::new();
        };
        let bands: Vec<&Band> =
            self.book.bands.iter().filter(|band| band.effective_from == version).collect();
        let is_discounted = |charge: &&Charge| {
            let prefixes = ["server:", "license:", "support:"];
            prefixes.iter().any(|prefix| charge.sku.starts_with(prefix))
        };
        let total = sum(charges.iter().filter(is_discounted).map(|charge| &charge.amount));
        let mut discounts = Vec::new();
        for (place, band) in bands.iter().enumerate() {
            let reaches_beyond = bands.get(place + 1).filter(|next| next.from.value < total);
            let upper = reaches_beyond.map_or(total.clone(), |next| next.from.value.clone());
            let part = if !self.book.discounts_the_whole_sum {
                upper - &band.from.value
            } else if reaches_beyond.is_none() && band.from.value < total {
                total.clone()
            } else {
                Exact::zero()
            };
            if part.is_positive() && band.percent.value.is_positive() {
                discounts.push(self.discount(band, part));
            }
        }
        discounts
    }

    /// P7: one discount, a negative charge.
    fn discount(&self, band: &Band, part: Exact) -> Charge {
        let value = -&band.percent.value / whole(100);
        let text = format_exact(&value, decimals_of(&band.percent.text) + 2);
        let text = text.trim_end_matches('0').trim_end_matches('.').to_string();
        Charge {
            account: self.account.clone(),
            cycle: self.cycle,
            sku: "discount:volume".to_string(),
            region: "*".to_string(),
            unit: self.book.currency.clone(),
            tier_from: band.from.clone(),
            amount: self.money(&part * &value),
            quantity: part,
            unit_price: Decimal { text, value },
            effective_from: band.effective_from,
            rule: "P7",
        }
    }
}

/// P3, volume: the tier of a quantity; a tier's upper bound belongs to it.
fn volume_tier<'r>(rate: &'r Rate, quantity: &Exact) -> &'r Tier {
    let reached = rate.tiers.iter().rev().find(|tier| tier.from.value < *quantity);
    reached.unwrap_or(&rate.tiers[0])
}

/// The rule that a SKU is charged by (R).
fn rule_of(sku: &str) -> &'static str {
    match sku.split(':').next() {
        Some("image.storage") => "R1",
        Some("server") => "R3",
        Some("license") => "R3a",
        Some("support") => "R3b",
        Some("object.storage") => "R5",
        Some("transfer.out") => "R6",
        Some("minimum") => "R8",
        _ => "R9",
    }
}
