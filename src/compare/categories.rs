//! Amounts by category, for runs of which no charges are known.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::book::Category;
use crate::compare::{
    Change, Charges, CompareNames, Comparison, Month, Parts, Period, Periods, Projection, Row,
};
use crate::value::{AccountId, Money, Overflow, Quantity, Rounding, UnitPrice, exact_sum};

/// What a run comes to, by account, period and category, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Categories(BTreeMap<(AccountId, Period, Category), i128>);

impl Categories {
    /// The charges of a bill, added up.
    #[must_use]
    pub fn of_charges(charges: &Charges) -> Categories {
        let mut sums = BTreeMap::new();
        for (account, period, category, amount) in charges.amounts() {
            *sums.entry((account, period, category)).or_default() += amount;
        }
        Categories(sums)
    }

    /// The means of a projection in some months, added up and then rounded to the minor unit once.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn of_projection(
        projection: &Projection,
        months: &BTreeSet<Month>,
        periods: Periods,
        minor_digits: u32,
    ) -> Result<Categories, Overflow> {
        let mut sums: BTreeMap<_, Decimal> = BTreeMap::new();
        for (account, month, category, mean) in projection.amounts() {
            if months.contains(&month) {
                let sum = sums.entry((account, periods.period(month), category)).or_default();
                *sum = exact_sum(*sum, mean)?;
            }
        }
        let rounded = sums.into_iter().map(|(key, sum)| {
            let one = UnitPrice::new(Decimal::ONE);
            let sum = Money::of(Quantity::new(sum), one, minor_digits, Rounding::HalfEven)?;
            Ok((key, sum.in_units(minor_digits)?))
        });
        rounded.collect::<Result<_, Overflow>>().map(Categories)
    }
}

/// Puts the amounts of two runs side by side. An account that only one of them has in a period is
/// new or ended; of what both have only the difference is known.
#[must_use]
pub fn compare_categories(a: &Categories, b: &Categories, names: &CompareNames) -> Comparison {
    let accounts = |side: &Categories| -> BTreeSet<(AccountId, Period)> {
        let keys = side.0.iter().filter(|(_, amount)| **amount != 0);
        keys.map(|((account, period, _), _)| (*account, *period)).collect()
    };
    let (of_a, of_b) = (accounts(a), accounts(b));
    let keys: BTreeSet<_> = a.0.keys().chain(b.0.keys()).copied().collect();
    let mut rows = Vec::new();
    for (account, period, category) in keys {
        let amount = |side: &Categories| side.0.get(&(account, period, category)).copied();
        let (before, after) = (amount(a).unwrap_or_default(), amount(b).unwrap_or_default());
        // A projection has a row for every category, most of them with nothing in it.
        if (before, after) == (0, 0) {
            continue;
        }
        let whose = (account, period);
        let change = match (of_a.contains(&whose), of_b.contains(&whose)) {
            (false, _) => Change::new(after),
            (_, false) => Change::ended(before),
            (true, true) => {
                let parts = Parts { unsplit: after - before, ..Parts::default() };
                Change { a: before, b: after, parts }
            }
        };
        rows.push(Row { account, period, category, what: None, change });
    }
    rows.sort_by_key(|row| (names.accounts.text(row.account), row.period, row.category));
    Comparison::of(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Estimate;
    use crate::value::parse_decimal;

    /// A projection of `account month category mean`.
    fn projection(rows: &[&str], names: &mut CompareNames) -> Projection {
        let mut projection = Projection::default();
        for row in rows {
            let words: Vec<&str> = row.split_whitespace().collect();
            let [account, month, category, mean] = words[..] else { panic!("{row}") };
            let category = Category::ALL.into_iter().find(|known| known.as_str() == category);
            let mean = parse_decimal(mean).unwrap();
            let estimate = Estimate { mean, p10_p90: None, p5_p95: None };
            let account = names.accounts.intern(account);
            assert!(projection.add(account, Month::parse(month).unwrap(), category, estimate));
        }
        projection
    }

    #[test]
    fn means_are_added_up_and_rounded_once() {
        let mut names = CompareNames::default();
        let a = projection(
            &[
                "acme 2016-07 servers 10.004",
                "acme 2016-08 servers 10.004",
                "acme 2016-07 fee 0",
                "acme 2016-09 servers 77",
                "gone 2016-07 servers 3.00",
            ],
            &mut names,
        );
        let b = projection(
            &["acme 2016-07 servers 12.50", "acme 2016-08 storage 1.00", "late 2016-08 fee 9"],
            &mut names,
        );
        let months: BTreeSet<Month> = a.months().intersection(&b.months()).copied().collect();
        let side = |projection: &Projection| {
            Categories::of_projection(projection, &months, Periods::Whole, 2).unwrap()
        };
        let compared = compare_categories(&side(&a), &side(&b), &names);
        let rows: Vec<_> = compared
            .rows
            .iter()
            .map(|row| {
                let Change { a, b, parts } = row.change;
                let account = names.accounts.text(row.account);
                (account, row.category.as_str(), a, b, [parts.new, parts.ended, parts.unsplit])
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("acme", "storage", 0, 100, [0, 0, 100]),
                ("acme", "servers", 2001, 1250, [0, 0, -751]),
                ("gone", "servers", 300, 0, [0, -300, 0]),
                ("late", "fee", 0, 900, [900, 0, 0]),
            ]
        );
        assert_eq!(compared.total.parts.sum(), compared.total.difference());
    }
}
