//! Reads times in the layout that nearly all of them have; the rest is for [`Instant::parse`].

use crate::value::{Instant, MICROS_PER_DAY, MICROS_PER_SECOND};

/// Reads times, and remembers the minute of the last one.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// `YYYY-MM-DDTHH:MM:`, or nothing yet.
    minute: [u8; 17],
    /// Microseconds from 1970 to its start.
    start: i64,
}

impl Clock {
    /// The instant that `2016-03-01T00:00:00Z` or `2016-03-01T00:00:00.123456Z` names; `None` for
    /// everything else.
    #[inline]
    pub(super) fn read(&mut self, text: &[u8]) -> Option<Instant> {
        let (minute, rest) = text.split_first_chunk::<17>()?;
        if *minute != self.minute {
            self.start = start_of(minute)?;
            self.minute = *minute;
        }
        let ([s, seconds], micros) = rest.split_first_chunk::<2>()?;
        let seconds = number(*s, *seconds)?;
        if seconds > 59 {
            return None;
        }
        let micros = match micros {
            [b'Z'] => 0,
            [b'.', a, b, c, d, e, f, b'Z'] => {
                let (ab, cd, ef) = (number(*a, *b)?, number(*c, *d)?, number(*e, *f)?);
                i64::from((ab * 100 + cd) * 100 + ef)
            }
            _ => return None,
        };
        Some(Instant::from_micros(self.start + i64::from(seconds) * MICROS_PER_SECOND + micros))
    }
}

/// Microseconds from 1970 to the start of a minute, if there is such a minute.
fn start_of(minute: &[u8; 17]) -> Option<i64> {
    let (day, time) = minute.split_first_chunk::<10>()?;
    let [b'T', h, hours, b':', m, minutes, b':'] = *time else { return None };
    let (hours, minutes) = (number(h, hours)?, number(m, minutes)?);
    let seconds = i64::from((hours * 60 + minutes) * 60);
    (hours <= 23 && minutes <= 59).then_some(midnight(day)? + seconds * MICROS_PER_SECOND)
}

/// The number that two digits are.
fn number(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Microseconds from 1970 to the midnight of a day, if there is such a day and it lies in the years
/// that events may happen in.
fn midnight(day: &[u8; 10]) -> Option<i64> {
    let [c, century, y, years, b'-', m, months, b'-', d, days] = *day else { return None };
    let year = number(c, century)? * 100 + number(y, years)?;
    let (month, day) = (number(m, months)?, number(d, days)?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap),
        _ => return None,
    };
    if year < 1970 || day < 1 || day > last {
        return None;
    }
    // Years that begin with March, so that a leap day is the last of its year.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let day_of_year = (month * 153 + 2) / 5 + day - 1;
    let since_zero = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    Some((i64::from(since_zero) - DAYS_TO_1970) * MICROS_PER_DAY)
}

/// Days from the first of March of the year 0 to 1970.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_day_is_where_the_calendar_has_it() {
        let first = Instant::parse("1970-01-01T00:00:00Z").expect("a time");
        let mut clock = Clock::default();
        for number in 0..2_932_897 {
            let midnight = Instant::from_micros(first.micros() + number * MICROS_PER_DAY);
            let text = midnight.to_string();
            assert_eq!(clock.read(text.as_bytes()), Some(midnight), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_the_long_way_reads(
            text in "(19[67]|20[01]|999|000)[0-9]-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:\
                     [0-6][0-9](|\\.[0-9]{1,8}|\\.00000a|,5)(Z|z||\\+01:00)",
        ) {
            if let Some(read) = Clock::default().read(text.as_bytes()) {
                prop_assert_eq!(Ok(read), Instant::parse(&text));
            }
        }

        #[test]
        fn times_as_they_are_printed_are_read(micros in 0_i64..253_402_300_800_000_000) {
            let time = Instant::from_micros(micros);
            let mut clock = Clock::default();
            prop_assert_eq!(clock.read(time.to_string().as_bytes()), Some(time));
            prop_assert_eq!(clock.read(time.to_string().as_bytes()), Some(time));
        }
    }
}
