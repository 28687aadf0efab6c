//! Instants in UTC, and half-open spans of time.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use thiserror::Error;

/// Microseconds in a second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// The first year an event may happen in.
const FIRST_YEAR: i32 = 1970;
/// The last year an event may happen in.
const LAST_YEAR: i32 = 9999;

/// An instant in UTC, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A half-open span of time: `start` belongs to it, `end` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first instant of the span.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
}

/// Why a text is not an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InstantError {
    /// Nothing there.
    #[error("a time is missing")]
    Empty,
    /// Not RFC 3339.
    #[error("not a time like 2016-03-01T00:00:00Z")]
    NotRfc3339,
    /// A time of day without `Z` or an offset could be anywhere on earth.
    #[error("the time has no offset: write Z for UTC, or an offset like +01:00")]
    NoOffset,
    /// A 30th of February.
    #[error("there is no such day or time of day")]
    NoSuchTime,
    /// Outside 1970 … 9999.
    #[error("the time is outside the years 1970 to 9999")]
    OutOfRange,
}

impl Instant {
    /// An instant from microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Instant {
        Instant(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The midnight (UTC) that a day begins with.
    #[must_use]
    pub fn start_of_day(day: NaiveDate) -> Instant {
        Instant((i64::from(day.num_days_from_ce()) - DAYS_FROM_CE_TO_1970) * MICROS_PER_DAY)
    }

    /// The day (UTC) that an instant lies in.
    #[must_use]
    pub fn day(self) -> NaiveDate {
        let days = self.0.div_euclid(MICROS_PER_DAY) + DAYS_FROM_CE_TO_1970;
        i32::try_from(days).ok().and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or_default()
    }

    /// Reads RFC 3339 with `Z` or an offset; digits past the microsecond are cut off (M).
    ///
    /// # Errors
    /// [`InstantError`] says which part is wrong.
    ///
    /// ```
    /// use sharebill::value::Instant;
    /// let instant = Instant::parse("2016-03-01T05:30:00.1234567+05:30").unwrap();
    /// assert_eq!(instant.to_string(), "2016-03-01T00:00:00.123456Z");
    /// ```
    pub fn parse(text: &str) -> Result<Instant, InstantError> {
        Instant::parse_bytes(text.as_bytes())
    }

    /// As [`Instant::parse`], from bytes.
    ///
    /// # Errors
    /// [`InstantError`] says which part is wrong.
    pub fn parse_bytes(text: &[u8]) -> Result<Instant, InstantError> {
        if text.is_empty() {
            return Err(InstantError::Empty);
        }
        let (day, rest) = parse_day(text)?;
        let [b'T' | b't' | b' ', time @ ..] = rest else { return Err(InstantError::NotRfc3339) };
        let (micros_of_day, rest) = parse_time_of_day(time)?;
        let offset = parse_offset(rest)?;
        Instant(Instant::start_of_day(day).0 + micros_of_day - offset).in_range()
    }

    /// Reads a date (its 00:00 UTC) or an instant: the `effective_from` of a rate.
    ///
    /// # Errors
    /// [`InstantError`] says which part is wrong.
    pub fn parse_date_or_instant(text: &str) -> Result<Instant, InstantError> {
        if text.len() == 10 {
            let (day, _) = parse_day(text.as_bytes())?;
            return Instant::start_of_day(day).in_range();
        }
        Instant::parse(text)
    }

    fn in_range(self) -> Result<Instant, InstantError> {
        let year = self.day().year();
        let in_range = (FIRST_YEAR..=LAST_YEAR).contains(&year);
        in_range.then_some(self).ok_or(InstantError::OutOfRange)
    }

    /// The instant in whole seconds, as cycles and rates print theirs: `2016-03-01T00:00:00Z`.
    #[must_use]
    pub fn to_seconds_text(self) -> String {
        Instant(self.0.div_euclid(MICROS_PER_SECOND) * MICROS_PER_SECOND).to_string()
    }
}

/// RFC 3339 in UTC; microseconds only where there are any.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = DateTime::from_timestamp_micros(self.0).unwrap_or_default().naive_utc();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second()
        )?;
        let micros = self.0.rem_euclid(MICROS_PER_SECOND);
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        f.write_str("Z")
    }
}

impl Span {
    /// The part that two spans share; `None` where they share no instant.
    #[must_use]
    #[inline]
    pub fn intersection(self, other: Span) -> Option<Span> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Span { start, end })
    }

    /// Whether an instant lies in the span.
    #[must_use]
    pub fn contains(self, instant: Instant) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Whether all of `other` lies in the span.
    #[must_use]
    pub fn covers(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Its length in microseconds; 0 where the end is not after the start.
    #[must_use]
    #[inline]
    pub fn micros(self) -> u64 {
        u64::try_from(self.end.0 - self.start.0).unwrap_or(0)
    }
}

/// Days from 0001-01-01 (day 1) to 1970-01-01.
const DAYS_FROM_CE_TO_1970: i64 = 719_163;

/// Reads exactly `count` digits at the front.
fn parse_digits(text: &[u8], count: usize) -> Result<(u32, &[u8]), InstantError> {
    let (digits, rest) = text.split_at_checked(count).ok_or(InstantError::NotRfc3339)?;
    let mut number = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return Err(InstantError::NotRfc3339);
        }
        number = number * 10 + u32::from(digit - b'0');
    }
    Ok((number, rest))
}

/// Takes one expected byte off the front.
fn parse_byte(text: &[u8], expected: u8) -> Result<&[u8], InstantError> {
    match text {
        [first, rest @ ..] if *first == expected => Ok(rest),
        _ => Err(InstantError::NotRfc3339),
    }
}

fn parse_day(text: &[u8]) -> Result<(NaiveDate, &[u8]), InstantError> {
    let (year, text) = parse_digits(text, 4)?;
    let (month, text) = parse_digits(parse_byte(text, b'-')?, 2)?;
    let (day, text) = parse_digits(parse_byte(text, b'-')?, 2)?;
    let day = i32::try_from(year).ok().and_then(|y| NaiveDate::from_ymd_opt(y, month, day));
    day.map(|day| (day, text)).ok_or(InstantError::NoSuchTime)
}

/// Microseconds since midnight, and what follows.
fn parse_time_of_day(text: &[u8]) -> Result<(i64, &[u8]), InstantError> {
    let (hour, text) = parse_digits(text, 2)?;
    let (minute, text) = parse_digits(parse_byte(text, b':')?, 2)?;
    let (second, text) = parse_digits(parse_byte(text, b':')?, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return Err(InstantError::NoSuchTime);
    }
    let (micros, text) = parse_fraction(text)?;
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    Ok((seconds * MICROS_PER_SECOND + micros, text))
}

fn parse_fraction(text: &[u8]) -> Result<(i64, &[u8]), InstantError> {
    let [b'.', digits @ ..] = text else { return Ok((0, text)) };
    let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    if count == 0 {
        return Err(InstantError::NotRfc3339);
    }
    let micros = (0..6).fold(0, |micros, place| {
        let digit = if place < count { digits[place] - b'0' } else { 0 };
        micros * 10 + i64::from(digit)
    });
    Ok((micros, &digits[count..]))
}

/// The offset from UTC in microseconds.
fn parse_offset(text: &[u8]) -> Result<i64, InstantError> {
    let (sign, text) = match text {
        [] => return Err(InstantError::NoOffset),
        [b'Z' | b'z'] => return Ok(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return Err(InstantError::NotRfc3339),
    };
    let (hours, text) = parse_digits(text, 2)?;
    let (minutes, text) = parse_digits(parse_byte(text, b':')?, 2)?;
    if !text.is_empty() {
        return Err(InstantError::NotRfc3339);
    }
    if hours > 23 || minutes > 59 {
        return Err(InstantError::NoSuchTime);
    }
    Ok(sign * i64::from(hours * 60 + minutes) * 60 * MICROS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, InstantError>) {
        let read = Instant::parse(text).map(|instant| instant.to_string());
        assert_eq!(read, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn rfc_3339_in_all_its_forms_is_read() {
        check("2016-03-01T00:00:00Z", Ok("2016-03-01T00:00:00Z"));
        check("2016-02-29t23:59:59.9z", Ok("2016-02-29T23:59:59.900000Z"));
        check("2016-03-01 00:00:00+05:30", Ok("2016-02-29T18:30:00Z"));
        check("2016-12-31T19:00:00-05:00", Ok("2017-01-01T00:00:00Z"));
        check("2016-03-01T00:00:00.0000019Z", Ok("2016-03-01T00:00:00.000001Z"));
        check("1970-01-01T00:00:00Z", Ok("1970-01-01T00:00:00Z"));
        check("9999-12-31T23:59:59.999999Z", Ok("9999-12-31T23:59:59.999999Z"));
    }

    #[test]
    fn everything_else_is_told_apart() {
        check("", Err(InstantError::Empty));
        check("yesterday", Err(InstantError::NotRfc3339));
        check("2016-03-01", Err(InstantError::NotRfc3339));
        check("2016-03-01T00:00Z", Err(InstantError::NotRfc3339));
        check("2016-03-01T00:00:00.Z", Err(InstantError::NotRfc3339));
        check("2016-03-01T00:00:00Z ", Err(InstantError::NotRfc3339));
        check("2016-03-01T00:00:00", Err(InstantError::NoOffset));
        check("2015-02-29T00:00:00Z", Err(InstantError::NoSuchTime));
        check("2016-03-01T24:00:00Z", Err(InstantError::NoSuchTime));
        check("2016-03-01T00:00:60Z", Err(InstantError::NoSuchTime));
        check("1969-12-31T23:59:59Z", Err(InstantError::OutOfRange));
        check("0001-01-01T00:00:00Z", Err(InstantError::OutOfRange));
        check("9999-12-31T23:59:59-01:00", Err(InstantError::OutOfRange));
    }

    #[test]
    fn spans_are_half_open() {
        let span = |start, end| Span { start: Instant(start), end: Instant(end) };
        assert_eq!(span(0, 10).intersection(span(10, 20)), None);
        assert_eq!(span(0, 10).intersection(span(9, 20)), Some(span(9, 10)));
        assert!(span(0, 10).contains(Instant(0)));
        assert!(!span(0, 10).contains(Instant(10)));
        assert!(span(0, 10).covers(span(0, 10)));
        assert!(!span(0, 10).covers(span(0, 11)));
    }
}
