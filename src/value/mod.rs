//! The words everything else is built from: exact numbers, money, time, billing cycles and names.
//!
//! Nothing here knows what an image or a price book is.

mod allot;
mod currency;
mod cycle;
mod decimal;
mod exact;
mod instant;
mod money;
mod names;
mod texts;

pub use allot::{allot, allot_to};
pub use currency::Currency;
pub use cycle::{BillingDay, Cycle, CycleCalendar};
pub use decimal::{DecimalError, parse_decimal, parse_decimal_places};
pub use exact::Exact;
pub use instant::{Instant, InstantError, MICROS_PER_DAY, MICROS_PER_SECOND, Span};
pub use money::{Money, Overflow, Quantity, Ratio, Rounding, UnitPrice, exact_sum};
pub use names::{
    AccountId, EventId, FlavorId, Interner, LabelsId, LevelId, NameIds, Names, OsId, RegionId,
    ResourceId, ResourceTexts,
};
pub use texts::{Texts, hash, hash_bytes};
