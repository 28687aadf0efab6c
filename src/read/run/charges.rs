//! `charges.csv`, read back.

use std::io::Read;

use crate::book::Category;
use crate::compare::{ChargeLine, Charges, CompareNames, Month};
use crate::diagnostic::{Code, Diagnostic};
use crate::read::long::{LongError, LongRow, read_rows};
use crate::read::run::currency_of;
use crate::read::table::{Column, abridged};
use crate::value::{Currency, Instant};

const COLUMNS: [Column; 13] = [
    Column { name: "account", needed: true },
    Column { name: "cycle_start", needed: true },
    Column { name: "cycle_end", needed: false },
    Column { name: "sku", needed: true },
    Column { name: "region", needed: true },
    Column { name: "unit", needed: true },
    Column { name: "tier_from", needed: true },
    Column { name: "quantity", needed: true },
    Column { name: "unit_price", needed: true },
    Column { name: "amount", needed: true },
    Column { name: "currency", needed: true },
    Column { name: "effective_from", needed: true },
    Column { name: "rule", needed: false },
];

const ACCOUNT: usize = 0;
const CYCLE_START: usize = 1;
const SKU: usize = 3;
const REGION: usize = 4;
const UNIT: usize = 5;
const TIER_FROM: usize = 6;
const QUANTITY: usize = 7;
const UNIT_PRICE: usize = 8;
const AMOUNT: usize = 9;
const CURRENCY: usize = 10;
const EFFECTIVE_FROM: usize = 11;

/// Reads the charges of a run into `charges`; their currency, if there are any.
///
/// # Errors
/// [`LongError`], for the first row that is wrong.
pub fn read_charges(
    name: &str,
    input: impl Read,
    charges: &mut Charges,
    names: &mut CompareNames,
) -> Result<Option<Currency>, LongError> {
    let mut currency = None;
    // Rows of one cycle stand together: its text is read once.
    let mut cycle: Option<(String, Month)> = None;
    read_rows(name, input, &COLUMNS, |row| {
        let currency = currency_of(row, CURRENCY, &mut currency)?;
        let start = row.text(CYCLE_START)?;
        let month = match &cycle {
            Some((text, month)) if *text == start => *month,
            _ => {
                let month = month_of(row, &start)?;
                cycle = Some((start.into_owned(), month));
                month
            }
        };
        let sku = row.text(SKU)?;
        let category = Category::of_sku(&sku).ok_or_else(|| unknown_sku(row, &sku))?;
        let line = ChargeLine {
            account: &row.text(ACCOUNT)?,
            month,
            sku: &sku,
            category,
            region: &row.text(REGION)?,
            unit: &row.text(UNIT)?,
            tier_from: row.decimal(TIER_FROM)?,
            quantity: row.decimal(QUANTITY)?,
            unit_price: row.decimal(UNIT_PRICE)?,
            amount: amount(row, currency)?,
            effective_from: &row.text(EFFECTIVE_FROM)?,
        };
        charges.add(&line, names).map_err(|error| {
            Diagnostic::error(Code::TooLarge, error.to_string()).at(row.place(), "in this charge")
        })
    })?;
    Ok(currency)
}

/// The amount in minor units.
fn amount(row: &LongRow<'_>, currency: Currency) -> Result<i128, Diagnostic> {
    let digits = currency.minor_digits();
    let amount = row.decimal(AMOUNT)?;
    let too_fine = |_| {
        let message = format!("`{amount}` has more decimals than {currency} has");
        row.wrong(AMOUNT, Code::DecimalsTooMany, message, &format!("at most {digits} decimals"))
            .help("amounts of charges are rounded to the currency's minor unit")
    };
    crate::value::Quantity::new(amount).in_units(digits).map_err(too_fine)
}

fn month_of(row: &LongRow<'_>, text: &str) -> Result<Month, Diagnostic> {
    Instant::parse_date_or_instant(text).map(Month::of).map_err(|error| {
        let message = format!("`{}`: {error}", abridged(text));
        row.wrong(CYCLE_START, Code::DateWrong, message, "the start of a cycle is expected")
            .help("write it like 2016-03-01T00:00:00Z")
    })
}

fn unknown_sku(row: &LongRow<'_>, sku: &str) -> Diagnostic {
    let message = format!("`{}` is not a SKU", abridged(sku));
    row.wrong(SKU, Code::SkuUnknown, message, "what is charged here?")
        .help("charges.csv is to be as `sharebill bill` wrote it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Periods;

    const HEADER: &str = "account,cycle_start,cycle_end,sku,region,unit,tier_from,quantity,\
                          unit_price,amount,currency,effective_from,rule\n";

    fn read(rows: &str) -> Result<(Charges, Option<Currency>), String> {
        let (mut names, mut charges) = (CompareNames::default(), Charges::new(Periods::ByMonth));
        let text = format!("{HEADER}{rows}");
        let read = read_charges("charges.csv", text.as_bytes(), &mut charges, &mut names);
        match read {
            Ok(currency) => Ok((charges, currency)),
            Err(LongError::Wrong(wrong)) => {
                let place = &wrong[0].place.as_ref().unwrap().0;
                Err(format!("{} {}:{}", wrong[0].code, place.line(), place.column()))
            }
            Err(LongError::Io(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn what_bill_writes_is_read() {
        let (charges, currency) = read(
            "a,2016-04-01T00:00:00Z,2016-05-01T00:00:00Z,server:x,*,hour,0,24.00000000,0.032,\
             0.77,USD,2015-01-01T00:00:00Z,R3\n",
        )
        .unwrap();
        assert_eq!(currency.unwrap().code(), "USD");
        assert_eq!(charges.months().first().unwrap().to_string(), "2016-04");
        let (charges, currency) = read("").unwrap();
        assert!(charges.is_empty() && currency.is_none());
    }

    #[test]
    fn what_it_never_writes_is_told() {
        let good = "a,2016-04-01T00:00:00Z,,server:x,*,hour,0,24,0.032,0.77,USD,,R3\n";
        for (from, to, expected) in [
            ("0.77", "0.777", "B10 3:52"),
            ("0.77", "", "B09 3:52"),
            ("24", "1e3", "B09 3:43"),
            ("server:x", "servers", "B06 3:25"),
            ("2016-04-01T00:00:00Z", "April", "B13 3:3"),
            ("USD", "EUR", "D02 3:57"),
        ] {
            let rows = format!("{good}{}", good.replace(from, to));
            assert_eq!(read(&rows).map(|_| ()), Err(expected.to_owned()), "{to}");
        }
        let unknown = read(&good.replace("USD", "dollars"));
        assert_eq!(unknown.map(|_| ()), Err("B04 2:57".to_owned()));
    }
}
