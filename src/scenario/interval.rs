//! How often, and how long: spans of the calendar, and spans of the clock.

use chrono::Months;

use crate::value::{Instant, MICROS_PER_DAY, MICROS_PER_SECOND};

/// The microseconds of an hour.
pub const MICROS_PER_HOUR: i64 = 3600 * MICROS_PER_SECOND;

/// A length of time by the clock, in microseconds; never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(i64);

/// A length of time from one date to another: whole months of the calendar, or a [`Period`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// So many months, at least one.
    Months(u32),
    /// So long, at least a microsecond.
    Clock(Period),
}

impl Period {
    /// So many microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Period {
        Period(micros.cast_signed())
    }

    /// So many hours.
    #[must_use]
    pub const fn from_hours(hours: u32) -> Period {
        Period(hours as i64 * MICROS_PER_HOUR)
    }

    /// In microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant so long after another one.
    #[must_use]
    pub fn after(self, instant: Instant) -> Instant {
        Instant::from_micros(instant.micros().saturating_add(self.0))
    }
}

impl Interval {
    /// A day.
    pub const DAY: Interval = Interval::Clock(Period(MICROS_PER_DAY));

    /// The instant that is `count` intervals after `start`. A day that a month lacks is its last.
    #[must_use]
    pub fn after(self, start: Instant, count: u32) -> Instant {
        match self {
            Interval::Clock(period) => {
                let micros = period.0.saturating_mul(i64::from(count));
                Period(micros).after(start)
            }
            Interval::Months(months) => {
                let day = start.day();
                let later = day.checked_add_months(Months::new(months.saturating_mul(count)));
                let of_day = start.micros() - Instant::start_of_day(day).micros();
                later.map_or(Instant::from_micros(i64::MAX), |later| {
                    Instant::from_micros(Instant::start_of_day(later).micros() + of_day)
                })
            }
        }
    }

    /// The instant that is `count` intervals before `end`. A day that a month lacks is its last.
    #[must_use]
    pub fn before(self, end: Instant, count: u32) -> Instant {
        match self {
            Interval::Clock(period) => {
                let micros = period.0.saturating_mul(i64::from(count));
                Instant::from_micros(end.micros().saturating_sub(micros))
            }
            Interval::Months(months) => {
                let day = end.day();
                let earlier = day.checked_sub_months(Months::new(months.saturating_mul(count)));
                let of_day = end.micros() - Instant::start_of_day(day).micros();
                earlier.map_or(Instant::from_micros(i64::MIN), |earlier| {
                    Instant::from_micros(Instant::start_of_day(earlier).micros() + of_day)
                })
            }
        }
    }

    /// All instants from `start` on, one interval after the other, before `end`.
    pub fn instants(self, start: Instant, end: Instant) -> impl Iterator<Item = Instant> {
        (0..).map(move |count| self.after(start, count)).take_while(move |at| *at < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Instant {
        Instant::parse(text).expect("an instant")
    }

    #[test]
    fn a_month_before_is_the_same_day_or_the_last() {
        let before = |end: &str| Interval::Months(1).before(instant(end), 1).to_string();
        assert_eq!(before("2027-03-01T00:00:00Z"), "2027-02-01T00:00:00Z");
        assert_eq!(before("2027-03-31T06:00:00Z"), "2027-02-28T06:00:00Z");
        assert_eq!(before("2027-01-15T00:00:00Z"), "2026-12-15T00:00:00Z");
        let day = Interval::DAY.before(instant("2027-03-01T00:00:00Z"), 2);
        assert_eq!(day, instant("2027-02-27T00:00:00Z"));
    }

    #[test]
    fn months_are_those_of_the_calendar_counted_from_the_start() {
        let start = instant("2027-01-31T06:00:00Z");
        let days: Vec<String> = Interval::Months(1)
            .instants(start, instant("2027-05-01T00:00:00Z"))
            .map(|at| at.to_string())
            .collect();
        assert_eq!(
            days,
            [
                "2027-01-31T06:00:00Z",
                "2027-02-28T06:00:00Z",
                "2027-03-31T06:00:00Z",
                "2027-04-30T06:00:00Z"
            ]
        );
    }

    #[test]
    fn clocks_do_not_care_for_the_calendar() {
        let start = instant("2027-02-27T00:00:00Z");
        assert_eq!(Interval::DAY.after(start, 2), instant("2027-03-01T00:00:00Z"));
        assert_eq!(Interval::DAY.instants(start, start).count(), 0);
    }
}
