//! The shapes of a cloud: how long, how large, how often.

/// The regions of a generated cloud.
pub const REGIONS: [&str; 3] = ["DFW", "IAD", "ORD"];

/// Operating systems by number; 0 is the default.
pub const OS_NAMES: [&str; 3] = ["linux", "windows", "redhat"];

const FLAVORS: [&str; 6] =
    ["general1-1", "general1-2", "general1-4", "general1-8", "io1-15", "memory1-15"];

/// A flavor by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flavor(pub(super) u8);

/// The name of a flavor.
#[must_use]
pub fn flavor_name(flavor: Flavor) -> &'static str {
    FLAVORS[flavor.0 as usize]
}

/// Flavors in the order of a draw of 16: small ones are common.
const DRAWN_FLAVORS: [u8; 16] = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5];

impl Flavor {
    /// A flavor for an os, by a number below 16: what needs a licence starts at 2 GB.
    pub(super) fn drawn(number: u64, os: u8) -> Flavor {
        let flavor = DRAWN_FLAVORS[number as usize % 16];
        Flavor(if os == 0 { flavor } else { flavor.max(1) })
    }

    /// Whether images can be taken of its servers.
    pub(super) fn is_imageable(self) -> bool {
        self.0 != 5
    }
}

const MINUTE: u64 = 60_000_000;
/// An hour in microseconds.
pub(super) const HOUR: u64 = 60 * MINUTE;
/// A day in microseconds.
pub(super) const DAY: u64 = 24 * HOUR;

/// How long servers live: the deciles of a lognormal with a median of 6 hours and a 90th
/// percentile of 10 days (σ = ln 40 ÷ 1.2816), in minutes; the ends at 2 minutes and 8 months.
pub(super) const SERVER_LIFETIMES: [u64; 11] = [
    2 * MINUTE,
    9 * MINUTE,
    32 * MINUTE,
    80 * MINUTE,
    173 * MINUTE,
    360 * MINUTE,
    747 * MINUTE,
    1_628 * MINUTE,
    4_062 * MINUTE,
    14_400 * MINUTE,
    350_000 * MINUTE,
];

/// How large images are, in bytes: 1 to 160 GiB, mostly small.
pub(super) const IMAGE_SIZES: [u64; 6] = [1 << 30, 2 << 30, 4 << 30, 8 << 30, 24 << 30, 120 << 30];

/// How much is sent at once, in bytes.
pub(super) const TRANSFER_SIZES: [u64; 6] =
    [1 << 20, 64 << 20, 512 << 20, 2 << 30, 16 << 30, 400 << 30];

/// With how many consumers a family of images is shared.
pub(super) const CONSUMER_COUNTS: [u64; 6] = [0, 1, 2, 5, 14, 50];

/// How much happens in each hour of a day, in percent of the average.
const DAILY: [u64; 24] = [
    45, 40, 38, 36, 38, 45, 60, 90, 130, 160, 170, 165, 150, 160, 170, 165, 155, 135, 110, 95, 85,
    75, 65, 55,
];

/// How much happens on each day of a week, in percent; the first is the day the log starts on.
const WEEKLY: [u64; 7] = [120, 122, 121, 118, 110, 55, 54];

/// How much more happens in each month than in the one before, in tenths of a percent.
const GROWTH_PERMILLE: u64 = 20;

/// How much happens in each hour, as weights.
pub(super) fn hourly_weights(months: u32) -> Vec<u64> {
    let mut growth = 1_000_000_u64;
    let mut weights = Vec::new();
    for hour in 0..u64::from(months) * 730 {
        if hour > 0 && hour.is_multiple_of(730) {
            growth += growth * GROWTH_PERMILLE / 1000;
        }
        let daily = DAILY[(hour % 24) as usize];
        let weekly = WEEKLY[(hour / 24 % 7) as usize];
        weights.push(growth / 1000 * daily * weekly / 10_000);
    }
    weights
}
