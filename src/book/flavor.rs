//! Flavors: the sizes that servers come in.

use rust_decimal::Decimal;

/// How finely RAM is counted for support: 10^12 units are one GB, so that every figure a book may
/// hold is a whole number of them.
pub const SUPPORT_UNITS_PER_GB: u64 = 1_000_000_000_000;

/// One flavor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flavor {
    /// The family it belongs to.
    pub class: String,
    /// Virtual processors.
    pub vcpus: u32,
    /// RAM in GB.
    pub ram_gb: Decimal,
    /// The GB of RAM that support is charged for (M3), in units of 10^-12.
    pub support_units: u64,
    /// The system disk in GB.
    pub disk_gb: Decimal,
    /// Whether images may be taken of its servers (L09).
    pub imageable: bool,
}
