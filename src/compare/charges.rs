//! The charges of a run, added up by what is compared: account, cycle, SKU and region.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::book::Category;
use crate::compare::group::{Class, Group};
use crate::compare::split::split;
use crate::compare::{Change, CompareNames, Comparison, Month, Period, Periods, Row, SkuId};
use crate::value::{AccountId, Exact, Overflow, RegionId};

/// One row of `charges.csv`.
#[derive(Debug, Clone, Copy)]
pub struct ChargeLine<'a> {
    /// Who pays.
    pub account: &'a str,
    /// The month in which the cycle begins.
    pub month: Month,
    /// For what.
    pub sku: &'a str,
    /// The column of a statement that the SKU belongs to.
    pub category: Category,
    /// Where.
    pub region: &'a str,
    /// What one unit is.
    pub unit: &'a str,
    /// The tier's lower bound.
    pub tier_from: Decimal,
    /// How many units.
    pub quantity: Decimal,
    /// The price of one.
    pub unit_price: Decimal,
    /// What it costs, in minor units.
    pub amount: i128,
    /// The version of the rate, as a text.
    pub effective_from: &'a str,
}

/// The charges of a run.
#[derive(Debug, Clone)]
pub struct Charges {
    periods: Periods,
    groups: Vec<(Key, Group)>,
    places: FxHashMap<Key, u32>,
}

/// What is compared with its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    account: AccountId,
    period: Period,
    sku: SkuId,
    region: RegionId,
    category: Category,
}

impl Charges {
    /// No charges yet; cycles will be told apart by `periods`.
    #[must_use]
    pub fn new(periods: Periods) -> Charges {
        Charges { periods, groups: Vec::new(), places: FxHashMap::default() }
    }

    /// Adds one charge.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn add(&mut self, line: &ChargeLine<'_>, names: &mut CompareNames) -> Result<(), Overflow> {
        let key = Key {
            account: names.accounts.intern(line.account),
            period: self.periods.period(line.month),
            sku: names.skus.intern(line.sku),
            region: names.regions.intern(line.region),
            category: line.category,
        };
        let class = Class {
            unit: names.others.intern(line.unit),
            tier_from: line.tier_from.normalize(),
            version: names.others.intern(line.effective_from),
            quantity: Exact::of(line.quantity),
            value: Exact::product(line.quantity, line.unit_price)?,
        };
        self.group(key).add(class, line.amount)
    }

    fn group(&mut self, key: Key) -> &mut Group {
        let next = self.groups.len();
        let place = *self.places.entry(key).or_insert(next as u32) as usize;
        if place == next {
            self.groups.push((key, Group::default()));
        }
        &mut self.groups[place].1
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The months that have charges; to be asked of charges told apart by month.
    #[must_use]
    pub fn months(&self) -> BTreeSet<Month> {
        self.groups.iter().filter_map(|(key, _)| self.periods.month(key.period)).collect()
    }

    /// What is charged in other months, in minor units; to be asked of charges told apart by month.
    #[must_use]
    pub fn amount_outside(&self, months: &BTreeSet<Month>) -> i128 {
        let is_inside = |period| self.periods.month(period).is_some_and(|m| months.contains(&m));
        let outside = self.groups.iter().filter(|(key, _)| !is_inside(key.period));
        outside.map(|(_, group)| group.amount).sum()
    }

    /// The charges of some months, told apart by month or added up; to be asked of charges told
    /// apart by month.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn of_months(
        &self,
        months: &BTreeSet<Month>,
        periods: Periods,
    ) -> Result<Charges, Overflow> {
        let mut chosen = Charges::new(periods);
        for (key, group) in &self.groups {
            let Some(month) = self.periods.month(key.period).filter(|m| months.contains(m)) else {
                continue;
            };
            let sum = chosen.group(Key { period: periods.period(month), ..*key });
            sum.amount = sum.amount.checked_add(group.amount).ok_or(Overflow)?;
            for class in &group.classes {
                sum.add(*class, 0)?;
            }
        }
        Ok(chosen)
    }

    /// What each account comes to in each month; to be asked of charges told apart by month.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn totals(
        &self,
        minor_digits: u32,
    ) -> Result<BTreeMap<(AccountId, Month), Decimal>, Overflow> {
        let mut sums: BTreeMap<(AccountId, Month), i128> = BTreeMap::new();
        for (key, group) in &self.groups {
            if let Some(month) = self.periods.month(key.period) {
                *sums.entry((key.account, month)).or_default() += group.amount;
            }
        }
        let decimal =
            |units| Decimal::try_from_i128_with_scale(units, minor_digits).map_err(|_| Overflow);
        sums.into_iter().map(|(key, units)| Ok((key, decimal(units)?))).collect()
    }

    /// Account, period and category of each group, with its amount.
    pub(super) fn amounts(&self) -> impl Iterator<Item = (AccountId, Period, Category, i128)> + '_ {
        let groups = self.groups.iter();
        groups.map(|(key, group)| (key.account, key.period, key.category, group.amount))
    }

    /// The groups by account, period, SKU and region; names by their bytes, so that the order of
    /// the input decides nothing.
    fn in_order(&self, names: &CompareNames) -> Vec<&(Key, Group)> {
        let mut groups: Vec<&(Key, Group)> = self.groups.iter().collect();
        groups.sort_unstable_by(|(a, _), (b, _)| order(a, names).cmp(&order(b, names)));
        groups
    }
}

/// What groups are sorted by.
fn order<'a>(key: &Key, names: &'a CompareNames) -> (&'a str, Period, &'a str, &'a str) {
    (
        names.accounts.text(key.account),
        key.period,
        names.skus.text(key.sku),
        names.regions.text(key.region),
    )
}

/// Puts the charges of two runs side by side. What only one of them has is new or ended; all else
/// is split into price, volume, mix and rounding.
///
/// # Errors
/// [`Overflow`].
pub fn compare_charges(
    a: &Charges,
    b: &Charges,
    names: &CompareNames,
    minor_digits: u32,
) -> Result<Comparison, Overflow> {
    let (of_a, of_b) = (a.in_order(names), b.in_order(names));
    let (mut of_a, mut of_b) = (of_a.as_slice(), of_b.as_slice());
    let mut rows = Vec::new();
    loop {
        let ((key, change), rest) = match (of_a, of_b) {
            ([], []) => break,
            ([(key, a), rest_a @ ..], [(other, b), rest_b @ ..]) if key == other => {
                let parts = split(a, b, key.category, minor_digits)?;
                ((key, Change { a: a.amount, b: b.amount, parts }), (rest_a, rest_b))
            }
            ([(key, a), rest_a @ ..], [(other, _), ..])
                if order(key, names) < order(other, names) =>
            {
                ((key, Change::ended(a.amount)), (rest_a, of_b))
            }
            ([(key, a), rest_a @ ..], []) => ((key, Change::ended(a.amount)), (rest_a, of_b)),
            (_, [(key, b), rest_b @ ..]) => ((key, Change::new(b.amount)), (of_a, rest_b)),
        };
        (of_a, of_b) = rest;
        let what = Some((key.sku, key.region));
        let Key { account, period, category, .. } = *key;
        rows.push(Row { account, period, category, what, change });
    }
    Ok(Comparison::of(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_decimal;

    /// Charges from `account month sku quantity price amount`, the amount in cents.
    fn charges(lines: &[&str], periods: Periods, names: &mut CompareNames) -> Charges {
        let mut charges = Charges::new(periods);
        for line in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [account, month, sku, quantity, price, amount] = words[..] else { panic!() };
            let line = ChargeLine {
                account,
                month: Month::parse(month).unwrap(),
                sku,
                category: Category::of_sku(sku).unwrap(),
                region: "*",
                unit: "hour",
                tier_from: Decimal::ZERO,
                quantity: parse_decimal(quantity).unwrap(),
                unit_price: parse_decimal(price).unwrap(),
                amount: amount.parse().unwrap(),
                effective_from: "2015-01-01T00:00:00Z",
            };
            charges.add(&line, names).unwrap();
        }
        charges
    }

    const MARCH: [&str; 4] = [
        "acme 2016-03 server:small 100 0.10 1000",
        "acme 2016-03 image.storage 10 0.10 100",
        "birch 2016-03 server:small 10 0.10 100",
        "gone 2016-03 server:small 5 0.10 50",
    ];
    const APRIL: [&str; 4] = [
        "acme 2016-04 server:small 120 0.10 1200",
        "acme 2016-04 server:large 10 1 1000",
        "birch 2016-04 server:small 10 0.12 120",
        "late 2016-04 server:small 5 0.10 50",
    ];

    #[test]
    fn rows_are_new_ended_or_split() {
        let mut names = CompareNames::default();
        let a = charges(&MARCH, Periods::Whole, &mut names);
        let b = charges(&APRIL, Periods::Whole, &mut names);
        let compared = compare_charges(&a, &b, &names, 2).unwrap();
        let rows: Vec<String> = compared
            .rows
            .iter()
            .map(|row| {
                let (sku, _) = row.what.unwrap();
                let parts = row.change.parts;
                format!(
                    "{} {} {:?}",
                    names.accounts.text(row.account),
                    names.skus.text(sku),
                    [parts.price, parts.volume, parts.mix, parts.new, parts.ended, parts.rounding]
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                "acme image.storage [0, 0, 0, 0, -100, 0]",
                "acme server:large [0, 0, 0, 1000, 0, 0]",
                "acme server:small [0, 200, 0, 0, 0, 0]",
                "birch server:small [20, 0, 0, 0, 0, 0]",
                "gone server:small [0, 0, 0, 0, -50, 0]",
                "late server:small [0, 0, 0, 50, 0, 0]",
            ]
        );
        assert_eq!((compared.total.a, compared.total.b), (1250, 2370));
        assert_eq!(compared.total.parts.sum(), 1120);
        let top = compared.top(2, &names);
        let top = top.iter().map(|(id, c)| (names.accounts.text(*id), c.difference()));
        assert_eq!(top.collect::<Vec<_>>(), [("acme", 1100), ("gone", -50)]);
        let sums: Vec<_> = compared.categories.iter().map(|(c, sum)| (c.as_str(), sum.a)).collect();
        assert_eq!(sums, [("storage", 100), ("servers", 1150)]);
    }

    #[test]
    fn months_are_chosen_and_added_up() {
        let mut names = CompareNames::default();
        let both: Vec<&str> = MARCH.into_iter().chain(APRIL).collect();
        let all = charges(&both, Periods::ByMonth, &mut names);
        let months = all.months();
        assert_eq!(months.iter().map(Month::to_string).collect::<Vec<_>>(), ["2016-03", "2016-04"]);
        let summed = all.of_months(&months, Periods::Whole).unwrap();
        let directly = charges(&both, Periods::Whole, &mut names);
        let compared = compare_charges(&summed, &directly, &names, 2).unwrap();
        assert!(compared.rows.iter().all(|row| row.change.parts.all() == [0; 7]));
        assert_eq!((compared.total.a, compared.rows.len()), (3620, 6));
        let one = [*months.first().unwrap()].into();
        let march = all.of_months(&one, Periods::ByMonth).unwrap();
        assert_eq!(march.amounts().map(|(_, _, _, amount)| amount).sum::<i128>(), 1250);
    }
}
