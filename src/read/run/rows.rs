//! The tables of a bill's folder, row by row as values.

use std::io::Read;

use rust_decimal::Decimal;

use crate::book::Category;
use crate::diagnostic::Diagnostic;
use crate::read::long::{LongError, LongRow, read_rows};
use crate::read::run::cells::Cells;
use crate::read::table::Column;
use crate::run::{AllocationRow, ChargeRow, FindingRow, SharedRow, StatementRow};

/// A row of a table that a run's folder holds.
pub trait RunRow: Sized {
    /// The file's name in the folder.
    const FILE: &'static str;
    /// Its columns, in the order in which [`RunRow::of`] asks for them.
    const COLUMNS: &'static [Column];

    /// Reads a row.
    ///
    /// # Errors
    /// What is wrong with it.
    fn of(row: &LongRow<'_>) -> Result<Self, Diagnostic>;
}

/// Reads a table of a run's folder, telling `each` its rows in order, with their line.
///
/// # Errors
/// [`LongError`], for the first row that is wrong.
pub fn read_table<R: RunRow>(
    name: &str,
    input: impl Read,
    mut each: impl FnMut(R, u64) -> Result<(), Diagnostic>,
) -> Result<(), LongError> {
    read_rows(name, input, R::COLUMNS, |row| each(R::of(row)?, row.number()))
}

pub(super) const fn needed(name: &'static str) -> Column {
    Column { name, needed: true }
}

impl RunRow for ChargeRow {
    const FILE: &'static str = "charges.csv";
    const COLUMNS: &'static [Column] = &[
        needed("account"),
        needed("cycle_start"),
        needed("cycle_end"),
        needed("sku"),
        needed("region"),
        needed("unit"),
        needed("tier_from"),
        needed("quantity"),
        needed("unit_price"),
        needed("amount"),
        needed("currency"),
        needed("effective_from"),
        needed("rule"),
    ];

    fn of(row: &LongRow<'_>) -> Result<ChargeRow, Diagnostic> {
        let mut cells = Cells::of(row);
        Ok(ChargeRow {
            account: cells.text()?,
            cycle_start: cells.instant()?,
            cycle_end: cells.instant()?,
            sku: cells.text()?,
            region: cells.text()?,
            unit: cells.text()?,
            tier_from: cells.decimal()?,
            quantity: cells.decimal()?,
            unit_price: cells.decimal()?,
            amount: cells.decimal()?,
            currency: cells.currency()?,
            effective_from: cells.optional_instant()?,
            rule: cells.text()?,
        })
    }
}

impl RunRow for StatementRow {
    const FILE: &'static str = "statements.csv";
    const COLUMNS: &'static [Column] = &[
        needed("account"),
        needed("cycle_start"),
        needed("cycle_end"),
        needed("storage"),
        needed("servers"),
        needed("licenses"),
        needed("support"),
        needed("transfer"),
        needed("minimum"),
        needed("fee"),
        needed("discount"),
        needed("total"),
        needed("currency"),
    ];

    fn of(row: &LongRow<'_>) -> Result<StatementRow, Diagnostic> {
        let mut cells = Cells::of(row);
        let (account, cycle_start, cycle_end) = (cells.text()?, cells.instant()?, cells.instant()?);
        let mut by_category = [Decimal::ZERO; Category::ALL.len()];
        for amount in &mut by_category {
            *amount = cells.decimal()?;
        }
        let (total, currency) = (cells.decimal()?, cells.currency()?);
        Ok(StatementRow { account, cycle_start, cycle_end, by_category, total, currency })
    }
}

impl RunRow for AllocationRow {
    const FILE: &'static str = "allocations.csv";
    const COLUMNS: &'static [Column] = &[
        needed("account"),
        needed("cycle_start"),
        needed("sku"),
        needed("region"),
        needed("effective_from"),
        needed("tier_from"),
        needed("resource"),
        needed("resource_region"),
        needed("source_image"),
        needed("producer"),
        needed("role"),
        needed("quantity"),
        needed("amount"),
        needed("currency"),
    ];

    fn of(row: &LongRow<'_>) -> Result<AllocationRow, Diagnostic> {
        let mut cells = Cells::of(row);
        Ok(AllocationRow {
            account: cells.text()?,
            cycle_start: cells.instant()?,
            sku: cells.text()?,
            region: cells.text()?,
            effective_from: cells.optional_instant()?,
            tier_from: cells.decimal()?,
            resource: cells.text()?,
            resource_region: cells.text()?,
            source_image: cells.text()?,
            producer: cells.text()?,
            role: cells.text()?,
            quantity: cells.decimal()?,
            amount: cells.decimal()?,
            currency: cells.currency()?,
        })
    }
}

impl RunRow for SharedRow {
    const FILE: &'static str = "sharing.csv";
    const COLUMNS: &'static [Column] = &[
        needed("image"),
        needed("producer"),
        needed("region"),
        needed("cycle_start"),
        needed("members"),
        needed("producer_storage"),
        needed("consumer"),
        needed("consumer_servers"),
        needed("consumer_licenses_support"),
        needed("consumer_reimages"),
        needed("currency"),
    ];

    fn of(row: &LongRow<'_>) -> Result<SharedRow, Diagnostic> {
        let mut cells = Cells::of(row);
        Ok(SharedRow {
            image: cells.text()?,
            producer: cells.text()?,
            region: cells.text()?,
            cycle_start: cells.instant()?,
            members: cells.count()?.unwrap_or(0),
            producer_storage: cells.decimal()?,
            consumer: cells.text()?,
            consumer_servers: cells.decimal()?,
            consumer_licenses_support: cells.decimal()?,
            consumer_reimages: cells.decimal()?,
            currency: cells.currency()?,
        })
    }
}

impl RunRow for FindingRow {
    const FILE: &'static str = "findings.csv";
    const COLUMNS: &'static [Column] = &[
        needed("code"),
        needed("level"),
        needed("file"),
        needed("line"),
        needed("time"),
        needed("event"),
        needed("account"),
        needed("resource"),
        needed("message"),
    ];

    fn of(row: &LongRow<'_>) -> Result<FindingRow, Diagnostic> {
        let mut cells = Cells::of(row);
        Ok(FindingRow {
            code: cells.text()?,
            level: cells.text()?,
            file: cells.text()?,
            line: cells.count()?,
            time: cells.text()?,
            event: cells.text()?,
            account: cells.text()?,
            resource: cells.text()?,
            message: cells.text()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<R: RunRow>(text: &str) -> Result<Vec<(R, u64)>, String> {
        let mut rows = Vec::new();
        let read = read_table("t.csv", text.as_bytes(), |row: R, line| {
            rows.push((row, line));
            Ok(())
        });
        match read {
            Ok(()) => Ok(rows),
            Err(LongError::Wrong(wrong)) => {
                let place = &wrong[0].place.as_ref().unwrap().0;
                Err(format!("{} {}:{}", wrong[0].code, place.line(), place.column()))
            }
            Err(LongError::Io(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn a_charge_is_read_as_it_is_printed() {
        let header = "account,cycle_start,cycle_end,sku,region,unit,tier_from,quantity,\
                      unit_price,amount,currency,effective_from,rule\n";
        let good = "\"a,b\",2016-04-01T00:00:00Z,2016-05-01T00:00:00Z,server:x,*,hour,0,\
                    24.00000000,0.032,0.77,USD,2015-01-01T00:00:00Z,R3\n";
        let rows: Vec<(ChargeRow, u64)> = read(&format!("{header}{good}")).unwrap();
        let (row, line) = &rows[0];
        assert_eq!((row.account.as_str(), *line), ("a,b", 2));
        assert_eq!(row.quantity.to_string(), "24.00000000");
        assert_eq!(row.cycle_end.to_seconds_text(), "2016-05-01T00:00:00Z");
        for (from, to, expected) in [
            ("0.77", "much", "B09 2:85"),
            ("USD", "XXY", "B04 2:90"),
            ("2016-05-01T00:00:00Z", "", "B13 2:28"),
        ] {
            let text = format!("{header}{}", good.replacen(from, to, 1));
            assert_eq!(read::<ChargeRow>(&text).unwrap_err(), expected, "{to}");
        }
    }

    #[test]
    fn a_finding_may_have_no_line() {
        let header = "code,level,file,line,time,event,account,resource,message\n";
        let text = format!("{header}L13,warning,,,2016-03-10T11:00:00Z,e,a,r,\"m, n\"\n");
        let rows: Vec<(FindingRow, u64)> = read(&text).unwrap();
        assert_eq!((rows[0].0.line, rows[0].0.message.as_str()), (None, "m, n"));
    }
}
