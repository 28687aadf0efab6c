//! One row's difference, split into price, volume, mix and rounding.
//!
//! What is compared is the exact value, quantity × unit price before rounding. Each unit (hours,
//! packages, flats, currency) is compared with its like, by the averages that each run paid:
//!
//! - volume: (quantity of B − quantity of A) × A's average price;
//! - price: for each tier of B, quantity × (B's price − A's price), where A used that tier;
//! - mix: the rest of the value's difference;
//! - rounding: the difference of the amounts − the difference of the values.

use crate::book::Category;
use crate::compare::Parts;
use crate::compare::exact::share;
use crate::compare::group::{Class, Group};
use crate::value::{Exact, Overflow};

/// The fewest decimals that averages are worked out to.
const DECIMALS: u32 = 12;

/// Quantity and value of some charges, on common grids.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    quantity: i128,
    value: i128,
}

/// The decimals of the common grids.
#[derive(Debug, Clone, Copy)]
struct Grid {
    quantity: u32,
    value: u32,
}

/// Splits the difference of two groups of charges for the same thing; `digits` are those of the
/// currency's minor unit.
///
/// # Errors
/// [`Overflow`].
pub(super) fn split(
    a: &Group,
    b: &Group,
    category: Category,
    digits: u32,
) -> Result<Parts, Overflow> {
    let grid = Grid::of(a, b, digits);
    let (mut volume, mut price) = (0_i128, 0_i128);
    let add = |sum: &mut i128, part: i128| {
        *sum = sum.checked_add(part).ok_or(Overflow)?;
        Ok::<(), Overflow>(())
    };
    for unit in units(b) {
        let of_unit = |class: &&Class| class.unit == unit;
        let (before, after) = (grid.sum(a, of_unit)?, grid.sum(b, of_unit)?);
        // A unit that only one of them has is another way of charging: mix.
        if before.quantity == 0 || after.quantity == 0 {
            continue;
        }
        let more = after.quantity.checked_sub(before.quantity).ok_or(Overflow)?;
        add(&mut volume, share(before.value, more, before.quantity)?)?;
        // A minimum's price is what support leaves missing, not the book's: mix (P6).
        if category != Category::Minimum {
            for class in b.classes.iter().filter(of_unit) {
                add(&mut price, price_effect(class, a, grid)?)?;
            }
        }
    }
    let (before, after) = (grid.sum(a, |_| true)?.value, grid.sum(b, |_| true)?.value);
    let value = after.checked_sub(before).ok_or(Overflow)?;
    let mix = value.checked_sub(price).and_then(|rest| rest.checked_sub(volume)).ok_or(Overflow)?;
    let unit = 10_i128.checked_pow(grid.value - digits).ok_or(Overflow)?;
    let amount = (b.amount - a.amount).checked_mul(unit).ok_or(Overflow)?;
    let rounding = amount.checked_sub(value).ok_or(Overflow)?;
    let [price, volume, mix, rounding] = whole_units([price, volume, mix, rounding], unit);
    Ok(Parts { price, volume, mix, rounding, ..Parts::default() })
}

/// What one tier and version of B costs more than it would have at A's price: that of the same
/// tier and version or, where A did not pay that version, A's average in the tier. Nothing where
/// A used nothing in the tier.
fn price_effect(class: &Class, a: &Group, grid: Grid) -> Result<i128, Overflow> {
    let in_tier = |known: &&Class| (known.unit, known.tier_from) == (class.unit, class.tier_from);
    let same = grid.sum(a, |known| in_tier(known) && known.version == class.version)?;
    let paid = if same.quantity == 0 { grid.sum(a, in_tier)? } else { same };
    if paid.quantity == 0 {
        return Ok(0);
    }
    let at_old_price = share(paid.value, class.quantity.at(grid.quantity)?, paid.quantity)?;
    class.value.at(grid.value)?.checked_sub(at_old_price).ok_or(Overflow)
}

/// The units of a group, each once.
fn units(group: &Group) -> Vec<u32> {
    let mut units: Vec<u32> = group.classes.iter().map(|class| class.unit).collect();
    units.sort_unstable();
    units.dedup();
    units
}

impl Grid {
    /// Fine enough for all numbers of both.
    fn of(a: &Group, b: &Group, digits: u32) -> Grid {
        let classes = || a.classes.iter().chain(&b.classes);
        let most = |of: fn(&Class) -> Exact| classes().map(|class| of(class).decimals()).max();
        Grid {
            quantity: most(|class| class.quantity).unwrap_or_default(),
            value: most(|class| class.value).unwrap_or_default().max(DECIMALS).max(digits),
        }
    }

    fn sum(self, group: &Group, is_meant: impl Fn(&&Class) -> bool) -> Result<Sum, Overflow> {
        group.classes.iter().filter(is_meant).try_fold(Sum::default(), |sum, class| {
            let quantity = sum.quantity.checked_add(class.quantity.at(self.quantity)?);
            let value = sum.value.checked_add(class.value.at(self.value)?);
            let (quantity, value) = quantity.zip(value).ok_or(Overflow)?;
            Ok(Sum { quantity, value })
        })
    }
}

/// Parts whose sum is whole units, as whole units with the same sum: by largest remainder, ties to
/// the earlier part. What is whole stays as it is.
fn whole_units<const N: usize>(parts: [i128; N], unit: i128) -> [i128; N] {
    let mut whole = parts.map(|part| part.div_euclid(unit));
    let rests = parts.map(|part| part.rem_euclid(unit));
    let left = rests.iter().sum::<i128>() / unit;
    let mut places: [usize; N] = std::array::from_fn(|place| place);
    places.sort_by_key(|place| -rests[*place]);
    for place in places.into_iter().take(left as usize) {
        whole[place] += 1;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Money, Quantity, Rounding, UnitPrice, parse_decimal};

    /// A group of charges, each `unit tier version quantity price`; amounts as P5 rounds them.
    fn group(charges: &[&str]) -> Group {
        let mut group = Group::default();
        for charge in charges {
            let words: Vec<&str> = charge.split_whitespace().collect();
            let [unit, tier, version, quantity, price] = words[..] else { panic!("{charge}") };
            let number = |text| parse_decimal(text).unwrap();
            let amount = Money::of(
                Quantity::new(number(quantity)),
                UnitPrice::new(number(price)),
                2,
                Rounding::HalfUp,
            );
            let unit = ["hour", "flat", "package", "USD", "cycle"].iter().position(|u| *u == unit);
            let class = Class {
                unit: unit.unwrap() as u32,
                tier_from: number(tier).normalize(),
                version: version.parse().unwrap(),
                quantity: Exact::of(number(quantity)),
                value: Exact::product(number(quantity), number(price)).unwrap(),
            };
            group.add(class, amount.unwrap().in_units(2).unwrap()).unwrap();
        }
        group
    }

    /// Price, volume, mix and rounding in cents, and that they add up.
    fn parts_of(category: Category, a: &[&str], b: &[&str]) -> [i128; 4] {
        let (a, b) = (group(a), group(b));
        let parts = split(&a, &b, category, 2).unwrap();
        assert_eq!(parts.sum(), b.amount - a.amount);
        [parts.price, parts.volume, parts.mix, parts.rounding]
    }

    fn check(a: &[&str], b: &[&str], expected: [i128; 4]) {
        assert_eq!(parts_of(Category::Servers, a, b), expected, "{a:?} and {b:?}");
    }

    #[test]
    fn price_and_volume_by_hand() {
        // 100 hours at 0.10, 10.00; 150 hours are 5.00 more at the old price.
        let a = ["hour 0 1 100 0.10"];
        check(&a, &a, [0, 0, 0, 0]);
        check(&a, &["hour 0 1 150 0.10"], [0, 500, 0, 0]);
        check(&a, &["hour 0 1 100 0.12"], [200, 0, 0, 0]);
        // 150 × 0.02 and 50 × 0.10.
        check(&a, &["hour 0 1 150 0.12"], [300, 500, 0, 0]);
        check(&["hour 0 1 150 0.12"], &a, [-200, -600, 0, 0]);
        // Unpriced before: all of it is price.
        check(&["hour 0 0 100 0"], &["hour 0 1 150 0.10"], [1500, 0, 0, 0]);
    }

    #[test]
    fn tiers_by_hand() {
        // 1,000 at 0.10 and 500 more at 0.08: 500 at the old average are 50.00, and 10.00 less
        // than that, as they fall into the cheaper tier.
        let (small, large) =
            (["hour 0 1 1000 0.10"], ["hour 0 1 1000 0.10", "hour 1000 1 500 0.08"]);
        check(&small, &large, [0, 5000, -1000, 0]);
        // The same in a book whose first tier costs 0.01 more, and whose second one is unknown to A.
        check(&small, &["hour 0 2 1000 0.11", "hour 1000 2 500 0.08"], [1000, 5000, -1000, 0]);
        // Back: 140.00 for 1,500 is 0.0933… on average; 500 less are 46.67 less, 6.67 mix.
        check(&large, &small, [0, -4667, 667, 0]);
        // A volume rate: all of it pays the tier that the cycle reaches. 100 × 0.10 and 300 × 0.08:
        // 200 × 0.10 more, 300 × −0.02 for the tier.
        check(&["hour 0 1 100 0.10"], &["hour 100 1 300 0.08"], [0, 2000, -600, 0]);
    }

    #[test]
    fn dates_by_hand() {
        // The price rose in the middle of B's cycle: 60 × 0.05 by price.
        check(&["hour 0 1 100 0.10"], &["hour 0 1 40 0.10", "hour 0 2 60 0.15"], [300, 0, 0, 0]);
        // Both paid both versions; B more of the later one: no price differs, 0.125 and 0.13.
        check(
            &["hour 0 1 50 0.10", "hour 0 2 50 0.15"],
            &["hour 0 1 40 0.10", "hour 0 2 60 0.15"],
            [0, 0, 50, 0],
        );
    }

    #[test]
    fn flats_packages_minimums_and_discounts_by_hand() {
        // A flat of 5.00 that comes with the second tier: 50.00 volume, −10.00 + 5.00 mix.
        check(
            &["hour 0 1 1000 0.10"],
            &["hour 0 1 1000 0.10", "hour 1000 1 500 0.08", "flat 1000 1 1 5"],
            [0, 5000, -500, 0],
        );
        // A dearer flat, and one more of it.
        check(&["flat 0 1 1 5"], &["flat 0 2 2 6"], [200, 500, 0, 0]);
        // Packages instead of hours: another way of charging.
        check(&["hour 0 1 30 0.10"], &["package 24 1 2 2"], [0, 0, 100, 0]);
        check(&["package 24 1 1 2"], &["package 24 2 3 2.50"], [150, 400, 0, 0]);
        // A minimum of 100.00: support leaves 14.20 missing, then 20.00, and in two cycles.
        let minimum = |a: &[&str], b: &[&str]| parts_of(Category::Minimum, a, b);
        assert_eq!(minimum(&["cycle 0 1 1 14.20"], &["cycle 0 1 1 20.00"]), [0, 0, 580, 0]);
        assert_eq!(
            minimum(&["cycle 0 1 1 14.20"], &["cycle 0 1 1 20.00", "cycle 0 1 1 10.00"]),
            [0, 1420, 160, 0]
        );
        // A fee is one a cycle.
        check(&["cycle 0 1 1 50"], &["cycle 0 1 2 50"], [0, 5000, 0, 0]);
        // 5 % of what is above 100.00, then 6 %, of twice as much.
        let discount = |a: &[&str], b: &[&str]| parts_of(Category::Discount, a, b);
        assert_eq!(
            discount(&["USD 100 1 100 -0.05"], &["USD 100 2 200 -0.06"]),
            [-200, -500, 0, 0]
        );
    }

    #[test]
    fn rounding_is_told_apart() {
        // 0.004 is charged at 0.00, 0.012 at 0.01: 0.008 volume, 0.002 rounding; the cent goes to
        // the larger.
        check(&["hour 0 1 1 0.004"], &["hour 0 1 3 0.004"], [0, 1, 0, 0]);
        // Ten charges of 0.005, each rounded up to 0.01: 0.05 are value, 0.05 rounding.
        let many = ["hour 0 1 1 0.005"; 11];
        check(&many[..1], &many, [0, 5, 0, 5]);
    }

    #[test]
    fn whole_units_keep_the_sum_and_what_is_whole() {
        assert_eq!(whole_units([50, 50, 0, -100], 100), [1, 0, 0, -1]);
        assert_eq!(whole_units([-50, -50, 200, 0], 100), [0, -1, 2, 0]);
        assert_eq!(whole_units([99, 99, 99, 3], 100), [1, 1, 1, 0]);
        assert_eq!(whole_units([0, 0, 0, 0], 100), [0, 0, 0, 0]);
    }
}
