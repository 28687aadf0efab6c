//! The shapes of a cloud: how long, how large, how often.

use crate::generate::dice::Dice;

/// The regions of a generated cloud.
pub const REGIONS: [&str; 3] = ["DFW", "IAD", "ORD"];

/// Operating systems by number; 0 is the default.
pub const OS_NAMES: [&str; 3] = ["linux", "windows", "redhat"];

/// The names of flavors, by number.
pub const FLAVORS: [&str; 6] =
    ["general1-1", "general1-2", "general1-4", "general1-8", "io1-15", "memory1-15"];

/// A flavor by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flavor(u8);

/// Flavors in the order of a draw of 16: small ones are common.
const DRAWN_FLAVORS: [u8; 16] = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5];

impl Flavor {
    /// A flavor for an os, by a number below 16: what needs a licence starts at 2 GB.
    pub(super) fn drawn(number: u64, os: u8) -> Flavor {
        let flavor = DRAWN_FLAVORS[number as usize % 16];
        Flavor(if os == 0 { flavor } else { flavor.max(1) })
    }

    /// Its place in [`FLAVORS`].
    #[must_use]
    pub fn place(self) -> usize {
        self.0.into()
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

/// How long servers live: lognormal, a quarter for less than 2 hours, a tenth for more than 6
/// days, and none for more than 8 months.
pub(super) fn server_lifetime(dice: &mut Dice) -> u64 {
    const MEDIAN: u64 = 8 * HOUR;
    const SPREAD: i64 = 3300;
    dice.lognormal(MEDIAN, SPREAD).clamp(2 * MINUTE, 240 * DAY)
}

/// How often images are taken of a server, and how long they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backup {
    Daily,
    Weekly,
}

impl Backup {
    /// Most servers have none. `number` is below 1,000.
    pub(super) fn drawn(number: u64) -> Option<Backup> {
        match number {
            0..100 => Some(Backup::Daily),
            100..160 => Some(Backup::Weekly),
            _ => None,
        }
    }

    pub(super) fn every(self) -> u64 {
        match self {
            Backup::Daily => DAY,
            Backup::Weekly => 7 * DAY,
        }
    }

    /// Five daily images are kept, or four weekly ones.
    pub(super) fn kept_for(self) -> u64 {
        match self {
            Backup::Daily => 5 * DAY,
            Backup::Weekly => 28 * DAY,
        }
    }
}

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
