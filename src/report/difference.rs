//! Why two runs differ, as `compare` tells it.

use rust_decimal::Decimal;

use crate::compare::{Change, CompareNames, Comparison, Parts};
use crate::value::{Currency, Overflow};

/// The difference of two runs, whose parts add up to it exactly.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What is compared with.
    pub a: String,
    /// Whose difference is told.
    pub b: String,
    /// What there is to tell; where the two cannot be compared, why.
    pub told: Result<Told, String>,
}

/// A difference that can be told.
#[derive(Debug, Clone)]
pub struct Told {
    /// The currency of both.
    pub currency: Currency,
    /// What A charges.
    pub total_a: Decimal,
    /// What B charges.
    pub total_b: Decimal,
    /// The parts, by the names of [`Parts::NAMES`]; those that are 0 are among them.
    pub parts: Vec<(&'static str, Decimal)>,
    /// By account, the largest difference first.
    pub accounts: Vec<AccountDifference>,
}

/// The difference of an account.
#[derive(Debug, Clone)]
pub struct AccountDifference {
    /// Who pays.
    pub account: String,
    /// What A charges.
    pub a: Decimal,
    /// What B charges.
    pub b: Decimal,
    /// The difference.
    pub difference: Decimal,
    /// Its parts, in the order of [`Parts::NAMES`].
    pub parts: [Decimal; Parts::NAMES.len()],
}

impl Told {
    /// A comparison, with amounts as decimals.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn of(
        comparison: &Comparison,
        names: &CompareNames,
        currency: Currency,
    ) -> Result<Told, Overflow> {
        let amount = |units: i128| {
            Decimal::try_from_i128_with_scale(units, currency.minor_digits()).map_err(|_| Overflow)
        };
        let parts = |change: &Change| {
            let mut parts = [Decimal::ZERO; Parts::NAMES.len()];
            for (part, units) in parts.iter_mut().zip(change.parts.all()) {
                *part = amount(units)?;
            }
            Ok(parts)
        };
        let total = comparison.total;
        let accounts = comparison.top(usize::MAX, names).into_iter();
        let account = |(account, change): (_, Change)| {
            Ok(AccountDifference {
                account: names.accounts.text(account).to_owned(),
                a: amount(change.a)?,
                b: amount(change.b)?,
                difference: amount(change.difference())?,
                parts: parts(&change)?,
            })
        };
        Ok(Told {
            currency,
            total_a: amount(total.a)?,
            total_b: amount(total.b)?,
            parts: Parts::NAMES.into_iter().zip(parts(&total)?).collect(),
            accounts: accounts.map(account).collect::<Result<_, Overflow>>()?,
        })
    }
}
