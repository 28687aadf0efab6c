//! How base units become the quantities that are priced (M1 to M4).

use crate::book::{Book, SUPPORT_UNITS_PER_GB, Sku, Unit};
use crate::value::{Cycle, MICROS_PER_SECOND, Ratio};

const SECONDS_PER_HOUR: u128 = 3600;

/// What one base unit of a SKU is in units of its price, in a cycle.
#[must_use]
pub fn ratio(sku: Sku, cycle: Cycle, book: &Book) -> Ratio {
    Unit::of(sku)
        .map_or(Ratio { numerator: 1, denominator: 1 }, |unit| unit_ratio(unit, cycle, book))
}

/// What one base unit is in a unit, in a cycle.
fn unit_ratio(unit: Unit, cycle: Cycle, book: &Book) -> Ratio {
    let bytes_per_gigabyte = u128::from(book.bytes_per_gigabyte);
    let increment = u128::from(book.server_increment);
    match unit {
        Unit::GbMonth => {
            Ratio { numerator: 1, denominator: bytes_per_gigabyte * month_micros(cycle, book) }
        }
        Unit::Gb => Ratio { numerator: 1, denominator: bytes_per_gigabyte },
        Unit::Hour => Ratio { numerator: increment, denominator: SECONDS_PER_HOUR },
        Unit::GbHour => Ratio {
            numerator: increment,
            denominator: SECONDS_PER_HOUR * u128::from(SUPPORT_UNITS_PER_GB),
        },
        Unit::Cycle => Ratio { numerator: 1, denominator: 1 },
    }
}

/// The length of a month of storage: the cycle's own, or a normalised one (M1).
fn month_micros(cycle: Cycle, book: &Book) -> u128 {
    book.month_hours.map_or(u128::from(cycle.span().micros()), |hours| {
        u128::from(hours) * SECONDS_PER_HOUR * u128::from(MICROS_PER_SECOND.unsigned_abs())
    })
}
