//! From a price per collect period to one per unit of a price book, exactly.

use crate::hashmap::Point;
use crate::value::{Exact, Overflow};

/// What a hashmap service becomes in a price book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// `server:<flavor>`.
    Server,
    /// `image.storage`.
    ImageStorage,
    /// `object.storage`.
    ObjectStorage,
    /// `transfer.out`.
    TransferOut,
}

/// What one unit of a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Bytes in a unit; of servers, which are counted, 1.
    pub bytes_per_unit: u64,
    /// Whether the quantity is a rate that is held for an hour, whatever the period: MB/h.
    pub is_per_hour: bool,
}

const SECONDS_PER_HOUR: u64 = 3600;

impl Target {
    /// What a service of this name is in CloudKitty's own `metrics.yml`, and in what it is measured
    /// there, where that is known.
    #[must_use]
    pub fn of_service(name: &str) -> Option<(Target, Option<Measure>)> {
        let bytes = |bytes_per_unit| Measure { bytes_per_unit, is_per_hour: false };
        Some(match name {
            "instance" | "compute" => (Target::Server, Some(bytes(1))),
            "image.size" => (Target::ImageStorage, Some(bytes(1 << 20))),
            // The Ceilometer collector's name; releases do not agree on its unit.
            "image" => (Target::ImageStorage, None),
            "radosgw.objects.size" => (Target::ObjectStorage, Some(bytes(1 << 30))),
            "network.outgoing.bytes" | "network.bw.out" => {
                (Target::TransferOut, Some(bytes(1_000_000)))
            }
            "network.outgoing.bytes.rate" => (
                Target::TransferOut,
                Some(Measure { bytes_per_unit: 1_000_000, is_per_hour: true }),
            ),
            _ => return None,
        })
    }

    /// The words of `--service NAME=…`.
    pub const WORDS: [(&'static str, Target); 4] = [
        ("server", Target::Server),
        ("image.storage", Target::ImageStorage),
        ("object.storage", Target::ObjectStorage),
        ("transfer.out", Target::TransferOut),
    ];

    /// Its word; of all but servers, the SKU.
    #[must_use]
    pub fn word(self) -> &'static str {
        let known = Target::WORDS.iter().find(|(_, target)| *target == self);
        known.map_or("", |(word, _)| word)
    }

    /// The SKU's unit.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Target::Server => "hour",
            Target::ImageStorage | Target::ObjectStorage => "GB-month",
            Target::TransferOut => "GB",
        }
    }

    /// What is known of the quantity of one thing in one period.
    #[must_use]
    pub fn point(self) -> Point {
        match self {
            Target::Server => Point::One,
            Target::ImageStorage | Target::ObjectStorage | Target::TransferOut => Point::Any,
        }
    }
}

impl Measure {
    /// What a unit of this name is.
    #[must_use]
    pub fn named(name: &str) -> Option<u64> {
        Some(match name {
            "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "TiB" => 1 << 40,
            "KB" | "kB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "TB" => 1_000_000_000_000,
            _ => return None,
        })
    }
}

/// How long a period and a month are, and how large a GB is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) period_seconds: u64,
    pub(super) month_hours: u64,
    pub(super) bytes_per_gigabyte: u64,
}

/// The price of one unit of the book for a price of one unit and period; `None` where its digits
/// have no end.
pub(super) fn converted(
    price: Exact,
    target: Target,
    measure: Measure,
    scale: Scale,
) -> Result<Option<Exact>, Overflow> {
    let whole = |number: u64| Exact::from_units(i128::from(number), 0);
    let bytes = whole(scale.bytes_per_gigabyte);
    let (factor, divisor) = match target {
        Target::Server => (whole(SECONDS_PER_HOUR), scale.period_seconds),
        Target::ImageStorage | Target::ObjectStorage => {
            let seconds = whole(scale.month_hours).times(whole(SECONDS_PER_HOUR))?;
            let bytes_over = measure.bytes_per_unit.checked_mul(scale.period_seconds);
            (bytes.times(seconds)?, bytes_over.ok_or(Overflow)?)
        }
        Target::TransferOut if measure.is_per_hour => {
            let over = measure.bytes_per_unit.checked_mul(scale.period_seconds).ok_or(Overflow)?;
            (bytes.times(whole(SECONDS_PER_HOUR))?, over)
        }
        Target::TransferOut => (bytes, measure.bytes_per_unit),
    };
    price.times(factor)?.over(divisor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_decimal;

    #[test]
    fn prices_of_a_period_become_prices_of_hours_months_and_gigabytes() {
        let scale = |period_seconds, bytes_per_gigabyte| Scale {
            period_seconds,
            month_hours: 730,
            bytes_per_gigabyte,
        };
        let of = |bytes_per_unit| Measure { bytes_per_unit, is_per_hour: false };
        let rate = Measure { bytes_per_unit: 1_000_000, is_per_hour: true };
        let (server, image, out) = (Target::Server, Target::ImageStorage, Target::TransferOut);
        for (price, target, measure, scale, expected) in [
            ("0.01", server, of(1), scale(3600, 1 << 30), Some("0.01")),
            // Four quarters make an hour.
            ("0.01", server, of(1), scale(900, 1 << 30), Some("0.04")),
            // 3600 ÷ 7 has no end.
            ("0.01", server, of(1), scale(7, 1 << 30), None),
            // 1024 MiB for 730 hours.
            ("0.000001", image, of(1 << 20), scale(3600, 1 << 30), Some("0.74752")),
            // A GB of 10^9 bytes is 953.67431640625 MiB.
            ("1", image, of(1 << 20), scale(3600 * 730, 1_000_000_000), Some("953.67431640625")),
            // A GiB is 1073.741824 MB.
            ("0.0001", out, of(1_000_000), scale(3600, 1 << 30), Some("0.1073741824")),
            // MB/h, in a period of half an hour: twice as many are told as were sent.
            ("0.0001", out, rate, scale(1800, 1_000_000_000), Some("0.2")),
            ("0.0001", out, rate, scale(7200, 1_000_000_000), Some("0.05")),
        ] {
            let price = Exact::of(parse_decimal(price).unwrap());
            let converted = converted(price, target, measure, scale).unwrap();
            assert_eq!(converted.map(|price| price.to_string()).as_deref(), expected);
        }
    }
}
