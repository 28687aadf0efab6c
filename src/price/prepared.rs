//! The same prices for the same lines again and again: one account's cycle in thousands of runs.
//!
//! What [`super::cycle_charges`] looks up for each bill is looked up once here, and amounts are
//! computed in machine integers. They are the same amounts to the cent, by the same rules; what
//! does not fit, or is rare (packages), is left to [`super::cycle_charges`]. A test holds both
//! against each other.

use crate::book::{Book, Category, DiscountModel, Model, RateRegion, Sku, Version};
use crate::meter::{UsageKey, ratio};
use crate::price::{Pricing, Shared};
use crate::value::{Instant, Money, Quantity, Ratio, Rounding, UnitPrice};

/// Amounts in minor units, by category.
pub type Amounts = [i64; Category::ALL.len()];

/// One account's cycle, prepared.
#[derive(Debug, Clone)]
pub struct Prepared {
    lines: Vec<Line>,
    /// In the order in which they are priced: pools as they list their SKUs, versions in time.
    order: Vec<usize>,
    /// How much of each shared position is used, while pricing.
    positions: Vec<u64>,
    /// The whole cycle's quantity of each SKU and rate region, while pricing.
    totals: Vec<u64>,
    rounding: Rounding,
    minimum: Option<Scaled>,
    fee: i64,
    bands: Vec<Band>,
    discount: DiscountModel,
    /// The digits of the minor unit.
    digits: u32,
    covers_minimum: bool,
}

#[derive(Debug, Clone)]
struct Line {
    category: Category,
    is_own_support: bool,
    /// What one base unit is, in the smallest units of a quantity; reduced.
    ratio: Ratio,
    position: usize,
    total: usize,
    is_volume: bool,
    tiers: Vec<Tier>,
    quantity: u64,
    memo: Option<Memo>,
}

/// What a line came to the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Memo {
    quantity: u64,
    position: u64,
    total: u64,
    amount: i64,
}

#[derive(Debug, Clone)]
struct Tier {
    /// In the smallest units of a quantity.
    from: u64,
    price: u64,
    /// What quantity × price is divided by.
    divisor: u128,
    /// In minor units.
    flat: i64,
}

/// A number without its point.
#[derive(Debug, Clone, Copy)]
struct Scaled {
    units: i128,
    scale: u32,
}

#[derive(Debug, Clone, Copy)]
struct Band {
    from: Scaled,
    percent: Scaled,
}

impl Prepared {
    /// Prepares one account's cycle, whose usage has these keys; `None` where it has to be priced
    /// the usual way.
    #[must_use]
    pub fn new(keys: &[UsageKey], pricing: &Pricing<'_>) -> Option<Prepared> {
        let (first, book) = (keys.first()?, pricing.book);
        let level = pricing.accounts.get(first.account).level;
        let mut shared: Vec<Shared> = Vec::new();
        let mut skus: Vec<(Sku, RateRegion)> = Vec::new();
        let mut lines = Vec::with_capacity(keys.len());
        for key in keys {
            let version = book.rates.version(key.sku, key.region, key.effective_from?)?;
            let pool = match book.pool_of(key.sku) {
                Some((pool, _)) => Shared::Pool(pool, key.region),
                None => Shared::Sku(key.sku, key.region),
            };
            lines.push(Line {
                category: key.sku.category(),
                is_own_support: key.sku == Sku::Support(level),
                ratio: smallest_units(key, book)?,
                position: place(&mut shared, pool),
                total: place(&mut skus, (key.sku, key.region)),
                is_volume: version.model == Model::Volume,
                tiers: tiers(version, book)?,
                quantity: 0,
                memo: None,
            });
        }
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by_key(|place| (book.pool_of(keys[*place].sku), keys[*place]));
        let covers_minimum = pricing.run.covers(first.cycle.span());
        let (minimum, fee) = if covers_minimum { per_cycle(first, pricing)? } else { (None, 0) };
        Some(Prepared {
            lines,
            order,
            positions: vec![0; shared.len()],
            totals: vec![0; skus.len()],
            rounding: book.rounding,
            minimum,
            fee,
            bands: bands(first.cycle.start(), book)?,
            discount: book.discount_model,
            digits: book.currency.minor_digits(),
            covers_minimum,
        })
    }

    /// What usage costs, in base units line by line; `None` where that has to be priced the usual
    /// way.
    #[must_use]
    pub fn price(&mut self, units: impl Fn(usize) -> u128) -> Option<Amounts> {
        let mut amounts = Amounts::default();
        self.positions.fill(0);
        self.totals.fill(0);
        let mut uses_servers = false;
        for (place, line) in self.lines.iter_mut().enumerate() {
            let units = units(place);
            uses_servers |= units > 0 && line.category == Category::Servers;
            line.quantity = quantity(units, line.ratio)?;
            let total = &mut self.totals[line.total];
            *total = total.checked_add(line.quantity)?;
        }
        let mut own_support = 0_i64;
        for place in &self.order {
            let line = &mut self.lines[*place];
            if line.quantity == 0 {
                continue;
            }
            let position = &mut self.positions[line.position];
            let amount = line.price(*position, self.totals[line.total], self.rounding)?;
            *position = position.checked_add(line.quantity)?;
            let sum = &mut amounts[line.category as usize];
            *sum = sum.checked_add(amount)?;
            own_support += if line.is_own_support { amount } else { 0 };
        }
        if uses_servers && self.covers_minimum {
            amounts[Category::Minimum as usize] = self.missing(own_support)?;
            amounts[Category::Fee as usize] = self.fee;
        }
        let discounted = [Category::Servers, Category::Licenses, Category::Support];
        let sum = discounted.iter().map(|category| amounts[*category as usize]).sum();
        amounts[Category::Discount as usize] = self.discount(sum)?;
        Some(amounts)
    }

    /// What is missing to the minimum (P6).
    fn missing(&self, own_support: i64) -> Option<i64> {
        let Some(minimum) = self.minimum else { return Some(0) };
        let more = power(minimum.scale - self.digits)?;
        let missing = minimum.units - i128::from(own_support) * i128::try_from(more).ok()?;
        if missing <= 0 {
            return Some(0);
        }
        i64::try_from(rounded(missing.unsigned_abs(), more, self.rounding)).ok()
    }

    /// The volume discount on a sum (P7).
    fn discount(&self, sum: i64) -> Option<i64> {
        let mut discount = 0;
        for (place, band) in self.bands.iter().enumerate() {
            let scale = band.from.scale;
            let sum = i128::from(sum) * i128::try_from(power(scale - self.digits)?).ok()?;
            let upper = self.bands.get(place + 1).map_or(sum, |next| next.from.units.min(sum));
            let part = match self.discount {
                DiscountModel::Marginal => upper - band.from.units,
                DiscountModel::Whole if upper == sum => sum,
                DiscountModel::Whole => 0,
            };
            if band.from.units >= sum {
                break;
            }
            let off = part.unsigned_abs().checked_mul(band.percent.units.unsigned_abs())?;
            // Percent: two digits more.
            let divisor = power(scale + band.percent.scale + 2 - self.digits)?;
            discount -= i64::try_from(rounded(off, divisor, self.rounding)).ok()?;
        }
        Some(discount)
    }
}

impl Line {
    /// The amount of all its tiers (P3).
    fn price(&mut self, position: u64, total: u64, rounding: Rounding) -> Option<i64> {
        let quantity = self.quantity;
        if let Some(memo) = self.memo
            && (memo.quantity, memo.position) == (quantity, position)
            && (!self.is_volume || memo.total == total)
        {
            return Some(memo.amount);
        }
        let amount = if self.is_volume {
            let place = self.tiers.partition_point(|tier| tier.from < total).saturating_sub(1);
            let tier = self.tiers.get(place)?;
            let flat = if position == 0 { tier.flat } else { 0 };
            tier.amount(quantity, rounding)?.checked_add(flat)?
        } else {
            self.graduated(position, position.checked_add(quantity)?, rounding)?
        };
        self.memo = Some(Memo { quantity, position, total, amount });
        Some(amount)
    }

    fn graduated(&self, position: u64, end: u64, rounding: Rounding) -> Option<i64> {
        let mut amount = 0_i64;
        for (place, tier) in self.tiers.iter().enumerate() {
            if tier.from >= end {
                break;
            }
            let upper = self.tiers.get(place + 1).map_or(end, |next| next.from.min(end));
            let lower = tier.from.max(position);
            if lower < upper {
                amount = amount.checked_add(tier.amount(upper - lower, rounding)?)?;
            }
            if position <= tier.from {
                amount = amount.checked_add(tier.flat)?;
            }
        }
        Some(amount)
    }
}

impl Tier {
    fn amount(&self, quantity: u64, rounding: Rounding) -> Option<i64> {
        let product = u128::from(quantity) * u128::from(self.price);
        i64::try_from(rounded(product, self.divisor, rounding)).ok()
    }
}

/// The place of something in a list, at whose end it is put where it is new.
fn place<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}

/// What one base unit of a line is in the smallest units of a quantity.
fn smallest_units(key: &UsageKey, book: &Book) -> Option<Ratio> {
    let Ratio { numerator, denominator } = ratio(key.sku, key.cycle, book);
    let numerator = numerator.checked_mul(power(book.quantity_decimals)?)?;
    Some(Ratio { numerator, denominator }.reduced())
}

/// The priced quantity of base units, in its smallest units: rounded half-even (M6).
fn quantity(units: u128, ratio: Ratio) -> Option<u64> {
    let dividend = units.checked_mul(ratio.numerator)?;
    u64::try_from(rounded(dividend, ratio.denominator, Rounding::HalfEven)).ok()
}

/// A quotient, rounded to a whole number.
fn rounded(dividend: u128, divisor: u128, rounding: Rounding) -> u128 {
    let (quotient, rest) = match (u64::try_from(dividend), u64::try_from(divisor)) {
        // Most numbers are small, and their division is many times faster.
        (Ok(dividend), Ok(divisor)) => {
            let quotient = dividend / divisor;
            (u128::from(quotient), u128::from(dividend - quotient * divisor))
        }
        _ => (dividend / divisor, dividend % divisor),
    };
    let to_next = divisor - rest;
    let up = match rounding {
        Rounding::HalfUp => rest >= to_next,
        Rounding::HalfEven => rest > to_next || (rest == to_next && quotient % 2 == 1),
    };
    quotient + u128::from(up)
}

fn power(digits: u32) -> Option<u128> {
    10_u128.checked_pow(digits)
}

fn tiers(version: &Version, book: &Book) -> Option<Vec<Tier>> {
    if version.model == Model::Package {
        return None;
    }
    let digits = book.currency.minor_digits();
    let tier = |tier: &crate::book::Tier| {
        let price = tier.price.decimal();
        let scale = (book.quantity_decimals + price.scale()).checked_sub(digits)?;
        let flat = tier.flat.map_or(Some(0), |flat| whole_amount(flat, book));
        Some(Tier {
            from: tier.from.in_units(book.quantity_decimals).ok()?.try_into().ok()?,
            price: price.mantissa().try_into().ok()?,
            divisor: power(scale)?,
            flat: flat?,
        })
    };
    version.tiers.iter().map(tier).collect()
}

/// The amount of one unit at a price.
fn whole_amount(price: UnitPrice, book: &Book) -> Option<i64> {
    let digits = book.currency.minor_digits();
    let amount = Money::of(Quantity::ONE, price, digits, book.rounding).ok()?;
    amount.in_units(digits).ok()?.try_into().ok()
}

/// The minimum and the fee of an account's level (P6, R8, R9).
fn per_cycle(key: &UsageKey, pricing: &Pricing<'_>) -> Option<(Option<Scaled>, i64)> {
    let (book, start) = (pricing.book, key.cycle.start());
    let details = pricing.accounts.get(key.account);
    let exempt = super::minimum::is_exempt(details, start, book);
    let minimum = book.per_cycle(Sku::Minimum(details.level), start).filter(|_| !exempt);
    let minimum = minimum.map(|version| {
        let price = version.tiers[0].price.decimal();
        let scale = price.scale().max(book.currency.minor_digits());
        let units =
            price.mantissa().checked_mul(i128::try_from(power(scale - price.scale())?).ok()?);
        Some(Scaled { units: units?, scale })
    });
    let minimum = match minimum {
        Some(minimum) => Some(minimum?),
        None => None,
    };
    let fee = book.per_cycle(Sku::Fee(details.level), start);
    let fee = fee.map_or(Some(0), |version| whole_amount(version.tiers[0].price, book))?;
    Some((minimum, fee))
}

/// The bands in force, all with as many digits as the one that has most.
fn bands(start: Instant, book: &Book) -> Option<Vec<Band>> {
    let Some(grid) = book.discount_at(start) else { return Some(Vec::new()) };
    let digits = book.currency.minor_digits();
    let scales = grid.bands.iter().map(|band| band.from.decimal().scale());
    let scale = scales.max().unwrap_or(0).max(digits);
    let band = |band: &crate::book::Band| {
        let percent = band.percent.normalize();
        let from = Scaled { units: band.from.in_units(scale).ok()?, scale };
        let percent = Scaled { units: percent.mantissa(), scale: percent.scale() };
        Some(Band { from, percent })
    };
    grid.bands.iter().map(band).collect()
}
