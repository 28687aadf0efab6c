//! What moves what is paid: a tornado.
#![expect(clippy::disallowed_types, reason = "statistics of exact amounts")]

use rust_decimal::Decimal;

use crate::project::outcome::{Driver, Period};
use crate::project::runs::columns::{Columns, WIDTH};
use crate::project::runs::money;
use crate::project::runs::variants::Variants;
use crate::read::scenario::Vary;
use crate::value::AccountId;

/// How each number that varies moves what is paid in all months, the most first. Numbers that move
/// nothing are left out.
pub(super) fn of(
    account: Option<AccountId>,
    columns: &Columns,
    variants: &Variants<'_>,
    varies: &[Vary],
) -> Vec<Driver> {
    if varies.is_empty() {
        return Vec::new();
    }
    let periods = columns.periods();
    let Some((_, cycles)) = periods.iter().find(|(period, _)| *period == Period::Horizon) else {
        return Vec::new();
    };
    let paid = columns.sums(cycles, WIDTH - 1);
    let paid_ranks = ranks(&paid.iter().map(|amount| *amount as f64).collect::<Vec<_>>());
    let mut drivers: Vec<(f64, Driver)> = Vec::new();
    for (vary, drawn) in varies.iter().zip(&variants.drawn) {
        let ranks = ranks(drawn);
        let correlation = correlation(&ranks, &paid_ranks);
        let share = correlation * correlation;
        if share < 1e-4 {
            continue;
        }
        let digits = columns.digits();
        let at = |low: f64, high: f64| money(mean_where(&ranks, &paid, low, high), digits, 0);
        let driver = Driver {
            account,
            path: vary.path.clone(),
            share_of_variance: decimal(share),
            rank_correlation: decimal(correlation),
            at_p10: at(0.05, 0.15),
            at_p90: at(0.85, 0.95),
        };
        drivers.push((share, driver));
    }
    drivers.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    drivers.into_iter().map(|(_, driver)| driver).collect()
}

fn decimal(value: f64) -> Decimal {
    money(value, 0, 4).normalize()
}

/// The ranks of values, from 0 on; those that are the same share the middle of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let value = values[order[start]];
        let same = order[start..].iter().take_while(|at| values[**at].total_cmp(&value).is_eq());
        let end = start + same.count();
        for place in &order[start..end] {
            ranks[*place] = (start + end - 1) as f64 / 2.0;
        }
        start = end;
    }
    ranks
}

/// Pearson's correlation; of ranks it is Spearman's. 0 where one of them is always the same.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (a_mean, b_mean) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - a_mean, b - b_mean);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

/// What is paid on average where a number's rank lies between two parts of all.
fn mean_where(ranks: &[f64], paid: &[i64], low: f64, high: f64) -> f64 {
    let count = ranks.len() as f64;
    let is_there = |rank: f64| (low * count..=high * count).contains(&(rank + 0.5));
    let there = ranks.iter().zip(paid).filter(|(rank, _)| is_there(**rank));
    let (mut sum, mut runs) = (0_i128, 0_u32);
    for (_, amount) in there {
        sum += i128::from(*amount);
        runs += 1;
    }
    // Few runs may have none there: the nearest stands for them.
    if runs == 0 {
        let middle = f64::midpoint(low, high) * count;
        let near = |rank: &f64| (rank + 0.5 - middle).abs();
        let nearest = ranks.iter().zip(paid).min_by(|(a, _), (b, _)| near(a).total_cmp(&near(b)));
        return nearest.map_or(0.0, |(_, amount)| *amount as f64);
    }
    sum as f64 / f64::from(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_share_what_is_the_same() {
        let all = ranks(&[3.0, 1.0, 3.0, 2.0]);
        let expected = [2.5, 0.0, 2.5, 1.0];
        assert!(all.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{all:?}");
        assert!((correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]) - 1.0).abs() < 1e-12);
        assert!(correlation(&[1.0, 2.0, 3.0], &[5.0, 5.0, 5.0]).abs() < 1e-12);
    }
}
