//! Times as OpenStack writes them.
//!
//! Naive times are UTC: Nova and Glance call `utcnow()`, and whether a `Z` follows depends on who
//! serialised it. The fraction may be missing, the `T` may be a space. Parsed here and not with a
//! library, because no library takes all of these, and the product's own parser must not.

use std::fmt;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// An instant: microseconds since 1970-01-01T00:00:00Z. Invariant: its year has four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::read) struct Moment(i64);

impl Moment {
    /// Reads `YYYY-MM-DD[T ]HH:MM[:SS[.fraction]]`, then nothing (UTC), `Z`, `UTC` or an offset.
    /// Digits after the microseconds are cut off, as everywhere in the product (M).
    pub(in crate::read) fn parse(text: &str) -> Option<Moment> {
        let mut rest = Cursor(text.trim().as_bytes());
        let day = rest.date()?;
        rest.one_of(b"Tt ")?;
        let (hour, minute) = (rest.digits(2)?, rest.one_of(b":").and_then(|_| rest.digits(2))?);
        let second = if rest.one_of(b":").is_some() { rest.digits(2)? } else { 0 };
        let micros = if rest.one_of(b".,").is_some() { rest.fraction()? } else { 0 };
        let offset = rest.offset()?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = day * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset;
        let year_ends = days_from_civil(10_000, 1, 1) * SECONDS_PER_DAY;
        let in_range = seconds >= days_from_civil(0, 1, 1) * SECONDS_PER_DAY && seconds < year_ends;
        in_range.then_some(Moment(seconds * MICROS_PER_SECOND + micros))
    }

    /// Whether it is the last second of a day, or the first: where daily audits end.
    pub(in crate::read) fn ends_a_day(self) -> bool {
        let second = self.0.div_euclid(MICROS_PER_SECOND).rem_euclid(SECONDS_PER_DAY);
        second == SECONDS_PER_DAY - 1 || second == 0
    }

    /// Halfway to another moment, rounded down to microseconds.
    pub(in crate::read) fn midpoint(self, other: Moment) -> Moment {
        Moment(self.0 + (other.0 - self.0).div_euclid(2))
    }

    /// How far apart two moments are, in whole seconds, rounded down.
    pub(in crate::read) fn seconds_apart(self, other: Moment) -> i64 {
        (self.0 - other.0).abs() / MICROS_PER_SECOND
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 with `Z`; six digits of fraction, or none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) =
            (self.0.div_euclid(MICROS_PER_SECOND), self.0.rem_euclid(MICROS_PER_SECOND));
        let (day, second) =
            (seconds.div_euclid(SECONDS_PER_DAY), seconds.rem_euclid(SECONDS_PER_DAY));
        let (year, month, date) = civil_from_days(day);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}")?;
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        write!(f, "Z")
    }
}

/// What is left of the text.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        wanted.contains(first).then(|| self.0 = rest)?;
        Some(*first)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (head, rest) = self.0.split_at_checked(count)?;
        let mut number = 0;
        for digit in head {
            number = number * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        }
        self.0 = rest;
        Some(number)
    }

    /// Days since 1970-01-01.
    fn date(&mut self) -> Option<i64> {
        let year = self.digits(4)?;
        self.one_of(b"-")?;
        let month = self.digits(2)?;
        self.one_of(b"-")?;
        let day = self.digits(2)?;
        let fits = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        fits.then(|| days_from_civil(year, month, day))
    }

    /// Microseconds; at least one digit.
    fn fraction(&mut self) -> Option<i64> {
        let (mut micros, mut scale) = (self.digits(1)? * 100_000, 10_000);
        while let Some(digit) = self.digits(1) {
            micros += digit * scale;
            scale /= 10;
        }
        Some(micros)
    }

    /// Seconds east of UTC, up to the end of the text.
    fn offset(&mut self) -> Option<i64> {
        let space_length = self.0.iter().take_while(|byte| **byte == b' ').count();
        self.0 = self.0.get(space_length..)?;
        if matches!(self.0, b"" | b"Z" | b"z" | b"UTC" | b"GMT") {
            return Some(0);
        }
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.digits(2)?;
        let colon = self.one_of(b":").is_some();
        let minutes = if self.0.is_empty() && !colon { 0 } else { self.digits(2)? };
        let fits = self.0.is_empty() && hours < 24 && minutes < 60;
        fits.then_some(sign * (hours * 3600 + minutes * 60))
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Howard Hinnant's `days_from_civil`: eras of 400 years, years that begin in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_every_dress_become_rfc_3339() {
        let cases = "
            2026-03-01T09:00:00Z              | 2026-03-01T09:00:00Z
            2026-03-01 09:00:00               | 2026-03-01T09:00:00Z
            2026-03-01 09:00:00.000000        | 2026-03-01T09:00:00Z
            2018-04-18T14:58:45.685846        | 2018-04-18T14:58:45.685846Z
            2018-04-18T14:58:45.6858469Z      | 2018-04-18T14:58:45.685846Z
            2018-04-18T14:58:45.5             | 2018-04-18T14:58:45.500000Z
            2018-04-18T15:00:59+00:00         | 2018-04-18T15:00:59Z
            2018-04-18T15:00:59-05:30         | 2018-04-18T20:30:59Z
            2018-04-18 15:00:59 +0530         | 2018-04-18T09:30:59Z
            2018-04-18T15:00:59+02            | 2018-04-18T13:00:59Z
            2018-04-18 15:00:59 UTC           | 2018-04-18T15:00:59Z
            2018-04-18T15:00                  | 2018-04-18T15:00:00Z
            1969-12-31T23:59:59.999999Z       | 1969-12-31T23:59:59.999999Z
            2024-02-29T00:00:00Z              | 2024-02-29T00:00:00Z
            2023-02-29T00:00:00Z              | none
            2024-13-01T00:00:00Z              | none
            2024-04-31T00:00:00Z              | none
            2024-04-30T24:00:00Z              | none
            2024-04-30T23:59:60Z              | none
            2024-04-30T23:59:59.Z             | none
            2024-04-30                        | none
            2024-04-30T23:59:59+02:           | none
            2024-04-30T23:59:59 CEST          | none
            9999-12-31T23:59:59-01:00         | none
            0000-01-01T00:00:00+01:00         | none
            1a2b3c4d-0000-4000-8000-123456789abc| none
            1523977321                        | none";
        for case in cases.lines().filter(|line| !line.trim().is_empty()) {
            let (text, expected) = case.split_once('|').unwrap();
            let told = Moment::parse(text).map_or("none".to_string(), |moment| moment.to_string());
            assert_eq!(told, expected.trim(), "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for day in -10_000..150_000 {
            let (year, month, date) = civil_from_days(day);
            assert_eq!(days_from_civil(year, month, date), day);
        }
    }
}
