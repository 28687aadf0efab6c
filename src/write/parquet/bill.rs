//! Charges and allocations, with the columns of `charges.csv` and `allocations.csv`.

use std::io::{self, Write};

use rust_decimal::Decimal;

use crate::book::Book;
use crate::price::Charge;
use crate::statement::{Allocation, Images, SHARE_DECIMALS};
use crate::value::{Instant, Money, Names, Quantity, ResourceTexts, UnitPrice};
use crate::write::parquet::table::{Column, Holds, Table};

/// The most digits after the point that a price has: as many as a book may give it.
const PRICE_DECIMALS: u32 = 12;

/// How many digits after the point the numbers of a book have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scales {
    /// Quantities.
    pub quantity: u32,
    /// Amounts.
    pub amount: u32,
}

impl Scales {
    /// Those of a book.
    #[must_use]
    pub fn of(book: &Book) -> Scales {
        let amount = book.currency.minor_digits();
        // A discount's quantity is a sum of money.
        Scales { quantity: book.quantity_decimals.max(amount), amount }
    }
}

/// One row of the table of charges.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the columns")]
pub struct ChargeRow<'a> {
    pub account: &'a str,
    pub cycle_start: Instant,
    pub cycle_end: Instant,
    pub sku: String,
    pub region: &'a str,
    pub unit: &'a str,
    pub tier_from: Quantity,
    pub quantity: Quantity,
    pub unit_price: UnitPrice,
    pub amount: Money,
    pub currency: &'a str,
    pub effective_from: Option<Instant>,
    pub rule: &'a str,
}

impl<'a> ChargeRow<'a> {
    /// The row of a charge.
    #[must_use]
    pub fn of(charge: &'a Charge, names: &'a Names) -> ChargeRow<'a> {
        ChargeRow {
            account: names.accounts.text(charge.account),
            cycle_start: charge.cycle.start(),
            cycle_end: charge.cycle.end(),
            sku: charge.sku.text(names),
            region: charge.region.text(names),
            unit: charge.unit.as_str(charge.currency),
            tier_from: charge.tier_from,
            quantity: charge.quantity,
            unit_price: charge.unit_price,
            amount: charge.amount,
            currency: charge.currency.code(),
            effective_from: charge.effective_from,
            rule: charge.rule(),
        }
    }
}

/// One row of the table of allocations; an empty text is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the columns")]
pub struct AllocationRow<'a> {
    pub account: &'a str,
    pub cycle_start: Instant,
    pub sku: String,
    pub region: &'a str,
    pub effective_from: Option<Instant>,
    pub tier_from: Quantity,
    pub resource: &'a str,
    pub resource_region: &'a str,
    pub source_image: &'a str,
    pub producer: &'a str,
    pub role: &'a str,
    pub quantity: Decimal,
    pub amount: Decimal,
    pub currency: &'a str,
}

impl<'a> AllocationRow<'a> {
    /// The row of a charge's part.
    #[must_use]
    pub fn of(
        part: &Allocation<'a>,
        charge: &'a Charge,
        names: &'a Names,
        texts: &'a impl ResourceTexts,
        images: &Images,
    ) -> AllocationRow<'a> {
        let producer = part.source_image.and_then(|image| images.owner(image));
        AllocationRow {
            account: names.accounts.text(charge.account),
            cycle_start: charge.cycle.start(),
            sku: charge.sku.text(names),
            region: charge.region.text(names),
            effective_from: charge.effective_from,
            tier_from: charge.tier_from,
            resource: part.resource.map_or("", |text| std::str::from_utf8(text).unwrap_or("")),
            resource_region: part.region.map_or("", |region| names.regions.text(region)),
            source_image: part.source_image.map_or("", |image| texts.text(image)),
            producer: producer.map_or("", |producer| names.accounts.text(producer)),
            role: part.role.as_str(),
            quantity: part.quantity.decimal(),
            amount: part.amount.decimal(),
            currency: charge.currency.code(),
        }
    }
}

/// Declares a writer of one kind of row: each column with what it holds, optional or not, and how
/// its value gets into the table.
macro_rules! writer {
    ($(#[$doc:meta])* $writer:ident $row:ident ($scales:ident)
     $($column:ident $holds:expr, $optional:literal, $put:ident;)*) => {
        $(#[$doc])*
        pub struct $writer<W: Write + Send> {
            table: Table<W>,
        }

        impl<W: Write + Send> std::fmt::Debug for $writer<W> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($writer)).finish_non_exhaustive()
            }
        }

        impl<W: Write + Send> $writer<W> {
            /// Begins a file.
            ///
            /// # Errors
            /// What `out` gives.
            pub fn new(out: W, $scales: Scales) -> io::Result<$writer<W>> {
                let columns = [$(Column {
                    name: stringify!($column),
                    holds: $holds,
                    optional: $optional,
                }),*];
                Ok($writer { table: Table::new(out, &columns)? })
            }

            /// Writes one row.
            ///
            /// # Errors
            /// What `out` gives; and a number with more digits than its column.
            pub fn push(&mut self, row: &$row<'_>) -> io::Result<()> {
                let mut columns = 0..;
                $(
                    let column = columns.next().unwrap_or_default();
                    $put(&mut self.table, column, &row.$column)?;
                )*
                self.table.end_row()
            }

            /// Ends the file; `out`, with all of it.
            ///
            /// # Errors
            /// What `out` gives.
            pub fn finish(self) -> io::Result<W> {
                self.table.finish()
            }
        }
    };
}

writer! {
    /// Writes the charges of a bill.
    ChargesWriter ChargeRow (scales)
    account Holds::Text, false, text;
    cycle_start Holds::Time, false, time;
    cycle_end Holds::Time, false, time;
    sku Holds::Text, false, text;
    region Holds::Text, false, text;
    unit Holds::Text, false, text;
    tier_from Holds::Decimal(scales.quantity), false, decimal;
    quantity Holds::Decimal(scales.quantity), false, decimal;
    unit_price Holds::Decimal(PRICE_DECIMALS), false, decimal;
    amount Holds::Decimal(scales.amount), false, decimal;
    currency Holds::Text, false, text;
    effective_from Holds::Time, true, time;
    rule Holds::Text, false, text;
}

writer! {
    /// Writes the allocations of a bill.
    AllocationsWriter AllocationRow (scales)
    account Holds::Text, false, text;
    cycle_start Holds::Time, false, time;
    sku Holds::Text, false, text;
    region Holds::Text, false, text;
    effective_from Holds::Time, true, time;
    tier_from Holds::Decimal(scales.quantity), false, decimal;
    resource Holds::Text, true, text;
    resource_region Holds::Text, true, text;
    source_image Holds::Text, true, text;
    producer Holds::Text, true, text;
    role Holds::Text, false, text;
    quantity Holds::Decimal(scales.quantity.max(SHARE_DECIMALS)), false, decimal;
    amount Holds::Decimal(SHARE_DECIMALS), false, decimal;
    currency Holds::Text, false, text;
}

/// What is written as a decimal.
trait Number {
    fn number(&self) -> Decimal;
}

macro_rules! numbers {
    ($($kind:ident),*) => { $(
        impl Number for $kind {
            fn number(&self) -> Decimal {
                self.decimal()
            }
        }
    )* };
}
numbers!(Money, Quantity, UnitPrice);

impl Number for Decimal {
    fn number(&self) -> Decimal {
        *self
    }
}

fn text<W: Write + Send>(
    table: &mut Table<W>,
    column: usize,
    value: &impl AsRef<str>,
) -> io::Result<()> {
    table.text(column, value.as_ref());
    Ok(())
}

fn time<W: Write + Send>(
    table: &mut Table<W>,
    column: usize,
    value: &(impl Copy + Into<Option<Instant>>),
) -> io::Result<()> {
    table.time(column, (*value).into());
    Ok(())
}

fn decimal<W: Write + Send>(
    table: &mut Table<W>,
    column: usize,
    value: &impl Number,
) -> io::Result<()> {
    table.decimal(column, value.number())
}
