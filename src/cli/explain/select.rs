//! Which charges of a run are explained; and what to say where there are none.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use rust_decimal::Decimal;

use crate::cli::Stopped;
use crate::cli::explain::SelectArgs;
use crate::cli::run_folder::RunFolder;
use crate::diagnostic::{Code, Diagnostic};
use crate::run::ChargeRow;
use crate::value::{Instant, Span};
use crate::write::explain::AccountSum;

/// A cycle, as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CycleArg {
    /// The one that begins in a month.
    Month(i32, u32),
    /// The one that holds an instant.
    At(Instant),
}

/// A month like `2016-03`, or a day or instant.
pub(super) fn parse_cycle(text: &str) -> Result<CycleArg, String> {
    if let Some((year, month)) = text.split_once('-')
        && text.len() == 7
        && let (Ok(year), Ok(month @ 1..=12)) = (year.parse(), month.parse())
    {
        return Ok(CycleArg::Month(year, month));
    }
    let at = Instant::parse_date_or_instant(text);
    at.map(CycleArg::At)
        .map_err(|_| "write a month like 2016-03, or a day like 2016-03-20".to_owned())
}

impl CycleArg {
    /// Whether a cycle is the one that is meant.
    pub(super) fn is(self, cycle: Span) -> bool {
        match self {
            CycleArg::Month(year, month) => {
                let day = cycle.start.day();
                (day.year(), day.month()) == (year, month)
            }
            CycleArg::At(at) => cycle.contains(at),
        }
    }

    fn text(self) -> String {
        match self {
            CycleArg::Month(year, month) => format!("that begins in {year:04}-{month:02}"),
            CycleArg::At(at) => format!("that holds {at}"),
        }
    }
}

/// What is asked for.
pub(super) struct Selection<'a> {
    pub(super) folder: &'a RunFolder,
    args: &'a SelectArgs,
    /// The rows of `charges.csv` of the account that is asked for, with their lines.
    rows: Vec<(ChargeRow, u64)>,
}

impl<'a> Selection<'a> {
    /// Reads what the run says of an account, if one is asked for, and whether there is any of it.
    pub(super) fn of(
        args: &'a SelectArgs,
        folder: &'a RunFolder,
    ) -> Result<Selection<'a>, Stopped> {
        let mut selection = Selection { folder, args, rows: Vec::new() };
        if let Some(account) = &args.account {
            selection.rows = selection.rows_of(account)?;
            selection.check(account)?;
        }
        Ok(selection)
    }

    /// The account that is asked for.
    pub(super) fn account(&self) -> Option<&str> {
        self.args.account.as_deref()
    }

    /// The resource that is asked for.
    pub(super) fn resource(&self) -> Option<&'a str> {
        self.args.resource.as_deref()
    }

    /// Whether a cycle is asked for.
    pub(super) fn wants_cycle(&self, cycle: Span) -> bool {
        self.args.cycle.is_none_or(|wanted| wanted.is(cycle))
    }

    /// Whether a SKU's tier is asked for.
    pub(super) fn wants(&self, sku: &str, tier: Decimal) -> bool {
        let is_sku = self.args.sku.as_ref().is_none_or(|wanted| wanted == sku);
        is_sku && self.args.tier.is_none_or(|wanted| wanted == tier)
    }

    /// The rows of an account's cycles that are asked for, whatever the SKU.
    pub(super) fn rows_of(&self, account: &str) -> Result<Vec<(ChargeRow, u64)>, Stopped> {
        let mut rows = Vec::new();
        self.folder.rows::<ChargeRow>(|row, line| {
            if row.account == account {
                rows.push((row, line));
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// All accounts with a charge that is asked for, biggest first, and their currency.
    pub(super) fn accounts(&self) -> Result<(Vec<AccountSum>, String), Stopped> {
        let mut sums: BTreeMap<String, (Decimal, usize)> = BTreeMap::new();
        let mut currency = String::new();
        let (mut skus, mut cycles) = (BTreeSet::new(), BTreeSet::new());
        self.folder.rows::<ChargeRow>(|row, _| {
            cycles.insert(row.cycle_start);
            let is_wanted = self.wants_cycle(cycle_of(&row)) && self.wants(&row.sku, row.tier_from);
            if is_wanted {
                row.currency.code().clone_into(&mut currency);
                let (amount, count) = sums.entry(row.account).or_default();
                *amount += row.amount;
                *count += 1;
            }
            skus.insert(row.sku);
            Ok(())
        })?;
        if sums.is_empty() {
            return Err(vec![self.nothing("the run", &skus, &cycles)]);
        }
        let sum = |(account, (amount, charge_count))| AccountSum { account, amount, charge_count };
        let mut all: Vec<AccountSum> = sums.into_iter().map(sum).collect();
        all.sort_by_key(|sum| std::cmp::Reverse(sum.amount.abs()));
        Ok((all, currency))
    }

    /// Says why nothing of an account is what is asked for, if that is so.
    fn check(&self, account: &str) -> Result<(), Stopped> {
        if self.rows.is_empty() {
            return Err(vec![self.unknown_account(account)?]);
        }
        let of_cycle = self.rows.iter().filter(|(row, _)| self.wants_cycle(cycle_of(row)));
        let of_cycle: Vec<&ChargeRow> = of_cycle.map(|(row, _)| row).collect();
        let is_there = of_cycle.iter().any(|row| self.wants(&row.sku, row.tier_from));
        if is_there {
            return Ok(());
        }
        let skus = of_cycle.iter().map(|row| row.sku.clone()).collect();
        let cycles = self.rows.iter().map(|(row, _)| row.cycle_start).collect();
        Err(vec![self.nothing(&format!("`{account}`"), &skus, &cycles)])
    }

    fn unknown_account(&self, account: &str) -> Result<Diagnostic, Stopped> {
        let mut known = BTreeSet::new();
        self.folder.rows::<ChargeRow>(|row, _| {
            known.insert(row.account);
            Ok(())
        })?;
        let message = format!("`{account}` pays nothing in this run");
        let error = Diagnostic::error(Code::NothingSelected, message);
        Ok(error.did_you_mean(account, known.iter().map(String::as_str)))
    }

    /// What to say where there is no charge: of no cycle, no SKU or no tier as it is asked for.
    fn nothing(
        &self,
        whose: &str,
        skus: &BTreeSet<String>,
        cycles: &BTreeSet<Instant>,
    ) -> Diagnostic {
        let error = |message: String| Diagnostic::error(Code::NothingSelected, message);
        let has_cycle = !skus.is_empty();
        match (self.args.cycle, &self.args.sku, self.args.tier) {
            (Some(cycle), ..) if !has_cycle => {
                let known: Vec<String> =
                    cycles.iter().map(|start| start.day().to_string()).collect();
                error(format!("{whose} has no charge in a cycle {}", cycle.text()))
                    .help(format!("its cycles begin on {}", known.join(", ")))
            }
            (_, Some(sku), _) if !skus.contains(sku) => {
                error(format!("{whose} has no charge for `{sku}` there"))
                    .did_you_mean(sku, skus.iter().map(String::as_str))
            }
            (_, _, Some(tier)) => {
                error(format!("{whose} has no charge in a tier from {tier} there"))
                    .help("see the column tier_from of charges.csv")
            }
            _ => error(format!("{whose} has no charge")).help("see charges.csv"),
        }
    }
}

/// The cycle of a row.
pub(super) fn cycle_of(row: &ChargeRow) -> Span {
    Span { start: row.cycle_start, end: row.cycle_end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_named_by_its_month_or_a_day_in_it() {
        let instant = |text| Instant::parse_date_or_instant(text).unwrap();
        let cycle = Span { start: instant("2016-03-15"), end: instant("2016-04-15") };
        for (text, expected) in [
            ("2016-03", true),
            ("2016-04", false),
            ("2016-03-14", false),
            ("2016-03-15", true),
            ("2016-04-14T23:59:59Z", true),
            ("2016-04-15", false),
        ] {
            assert_eq!(parse_cycle(text).unwrap().is(cycle), expected, "{text}");
        }
        for wrong in ["", "2016", "2016-13", "march", "2016-3"] {
            assert!(parse_cycle(wrong).is_err(), "{wrong}");
        }
    }
}
