//! Numbers with their units, as people write them: `18 GiB`, `2 weeks`, `40 per day`.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::scenario::{Growth, Interval, MICROS_PER_HOUR, Period, Sending};
use crate::value::{MICROS_PER_DAY, MICROS_PER_SECOND, parse_decimal};

/// What sizes look like.
pub const SIZE: &str = "a size like \"18 GiB\" or \"500 MB\"";
/// What lengths of time look like.
pub const PERIOD: &str = "a time like \"36 hours\" or \"20 days\"";
/// What intervals look like.
pub const INTERVAL: &str = "a time like \"1 day\", \"2 weeks\" or \"1 month\"";
/// What rates look like.
pub const RATE: &str = "a rate like \"40 per day\"";
/// What the hours of a month look like.
pub const MONTH_HOURS: &str = "hours like \"200/month\", at most 744; or \"always\"";
/// What growth looks like.
pub const GROWTH: &str = "growth like \"4% per month\"";
/// What sending looks like.
pub const SENDING: &str = "a rate like \"2 GiB per server-day\" or \"500 GiB per month\"";

/// A number, and what stands behind it.
pub fn number(text: &str) -> Option<(Decimal, &str)> {
    let text = text.trim();
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let is_number = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    let end = unsigned.find(|c| !is_number(c)).unwrap_or(unsigned.len());
    let number = parse_decimal(&unsigned[..end]).ok()?;
    Some((number, unsigned[end..].trim()))
}

/// A number from 0 on.
fn amount(text: &str) -> Option<(Decimal, &str)> {
    number(text).filter(|(number, _)| !number.is_sign_negative())
}

fn bytes_of(unit: &str) -> Option<u64> {
    Some(match unit {
        "B" | "byte" | "bytes" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    })
}

/// The microseconds of a unit of the clock.
fn micros_of(unit: &str) -> Option<i64> {
    Some(match unit {
        "s" | "second" | "seconds" => MICROS_PER_SECOND,
        "min" | "minute" | "minutes" => 60 * MICROS_PER_SECOND,
        "h" | "hour" | "hours" => MICROS_PER_HOUR,
        "d" | "day" | "days" => MICROS_PER_DAY,
        "w" | "week" | "weeks" => 7 * MICROS_PER_DAY,
        _ => return None,
    })
}

/// The months of a unit of the calendar.
fn months_of(unit: &str) -> Option<u32> {
    Some(match unit {
        "month" | "months" => 1,
        "quarter" | "quarters" => 3,
        "year" | "years" => 12,
        _ => return None,
    })
}

/// A number of whole units, rounded to the nearest.
fn times(number: Decimal, unit: u64) -> Option<u64> {
    let product = number.checked_mul(Decimal::from(unit))?;
    product.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero).to_u64()
}

/// A size in bytes.
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = amount(text)?;
    times(number, bytes_of(unit)?)
}

/// A length of time by the clock.
pub fn period(text: &str) -> Option<Period> {
    let (number, unit) = amount(text)?;
    times(number, micros_of(unit)?.unsigned_abs()).filter(|m| *m < 1 << 62).map(Period::from_micros)
}

/// A length of time by the clock or the calendar; not 0.
pub fn interval(text: &str) -> Option<Interval> {
    let (number, unit) = amount(text)?;
    if let Some(months) = months_of(unit) {
        let months = number.checked_mul(Decimal::from(months))?;
        let whole = months.is_integer().then(|| months.to_u32()).flatten();
        return whole.filter(|months| (1..=1200).contains(months)).map(Interval::Months);
    }
    period(text).filter(|period| period.micros() > 0).map(Interval::Clock)
}

/// What stands before and behind `per`, `a` or `/`.
fn per(text: &str) -> Option<(&str, &str)> {
    let split = text.split_once('/').or_else(|| text.split_once(" per "));
    let (what, time) = split.or_else(|| text.split_once(" a "))?;
    Some((what.trim(), time.trim()))
}

/// One of a unit of time: `day`, `month`.
fn one(unit: &str) -> Option<Interval> {
    let is_one = !unit.starts_with(|c: char| c.is_ascii_digit());
    if is_one { interval(&format!("1 {unit}")) } else { interval(unit) }
}

/// A count in a time by the clock. A month is a twelfth of 365.25 days.
pub fn rate(text: &str) -> Option<(Decimal, Period)> {
    const MONTH: u64 = 2_629_800 * MICROS_PER_SECOND.unsigned_abs();
    let (count, time) = per(text)?;
    let (count, rest) = amount(count)?;
    let period = match one(time)? {
        Interval::Clock(period) => period,
        Interval::Months(months) => Period::from_micros(MONTH * u64::from(months)),
    };
    rest.is_empty().then_some((count, period))
}

/// The hours of a month: `200 hours per month`, `200/month`. The longest month has 744.
pub fn month_hours(text: &str) -> Option<Period> {
    const LONGEST_MONTH: Period = Period::from_hours(744);
    let (hours, time) = per(text)?;
    let (_, unit) = amount(hours)?;
    let hours = if unit.is_empty() { period(&format!("{hours} hours")) } else { period(hours) };
    (one(time)? == Interval::Months(1)).then_some(())?;
    hours.filter(|hours| hours.micros() > 0 && *hours <= LONGEST_MONTH)
}

/// Growth in a time.
pub fn growth(text: &str) -> Option<Growth> {
    let (percent, time) = per(text)?;
    let (percent, sign) = number(percent)?;
    (sign == "%" && percent > Decimal::from(-100)).then_some(())?;
    Some(Growth { percent, per: one(time)? })
}

/// Data sent in a time, by each server or by all.
pub fn sending(text: &str) -> Option<Sending> {
    let (bytes, time) = per(text)?;
    let (time, by_server) = match time.strip_prefix("server-") {
        Some(time) => (time, true),
        None => (time, false),
    };
    let per = one(time)?;
    // How long a server has run is told by the clock.
    (!by_server || matches!(per, Interval::Clock(_))).then_some(())?;
    Some(Sending { bytes: size(bytes)?, per, by_server })
}

/// A percentage: `+4`, `-2.5%`.
pub fn percent(text: &str) -> Option<Decimal> {
    let (number, rest) = number(text)?;
    (rest.is_empty() || rest == "%").then_some(number)
}

/// Money in a month: `1200 per month`, `14400 USD per year`.
pub fn monthly(text: &str, currency: &str) -> Option<Decimal> {
    let (money, time) = per(text)?;
    let (money, code) = amount(money)?;
    (code.is_empty() || code == currency).then_some(())?;
    match one(time)? {
        Interval::Months(months) => money.checked_div(Decimal::from(months)),
        Interval::Clock(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_read_with_their_units() {
        assert_eq!(size("18 GiB"), Some(18 << 30));
        assert_eq!(size("18GiB"), Some(18 << 30));
        assert_eq!(size("0.5 GB"), Some(500_000_000));
        for wrong in ["18", "GiB", "-1 GiB", "18 gib", "1e3 GB", ""] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
        assert_eq!(period("36 hours"), Some(Period::from_hours(36)));
        assert_eq!(period("1.5h"), Some(Period::from_micros(5_400_000_000)));
        assert_eq!(interval("1 month"), Some(Interval::Months(1)));
        assert_eq!(interval("2 weeks"), Some(Interval::Clock(Period::from_hours(336))));
        for wrong in ["0 days", "1.5 months", "month", "2 fortnights"] {
            assert_eq!(interval(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rates_say_what_they_are_per() {
        let day = Period::from_hours(24);
        for text in ["40 per day", "40/day", "40 a day", "40 / day"] {
            assert_eq!(rate(text), Some((Decimal::from(40), day)), "{text}");
        }
        assert_eq!(rate("40"), None);
        assert_eq!(rate("40 GiB per day"), None);
        let grown = growth("-2.5% per month").expect("growth");
        assert_eq!((grown.percent.to_string(), grown.per), ("-2.5".into(), Interval::Months(1)));
        assert_eq!(growth("4 per month"), None);
        assert_eq!(growth("-100% per month"), None);
        assert_eq!(month_hours("200/month"), Some(Period::from_hours(200)));
        assert_eq!(month_hours("8 days per month"), Some(Period::from_hours(192)));
        for wrong in ["200", "745 hours per month", "200 per day", "0/month", "Mon 08:00-18:00"] {
            assert_eq!(month_hours(wrong), None, "{wrong}");
        }
        let sent = sending("2 GiB per server-day").expect("sending");
        assert_eq!((sent.bytes, sent.per, sent.by_server), (2 << 30, Interval::DAY, true));
        assert_eq!(sending("2 GiB per server-month"), None);
        assert_eq!(percent("+4"), Some(Decimal::from(4)));
        assert_eq!(percent("-4 %"), Some(Decimal::from(-4)));
        assert_eq!(monthly("1200 per month", "USD"), Some(Decimal::from(1200)));
        assert_eq!(monthly("14400 USD per year", "USD"), Some(Decimal::from(1200)));
        assert_eq!(monthly("1200 EUR per month", "USD"), None);
    }
}
