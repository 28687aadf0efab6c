//! Billing cycles (rules B1, B2).

use chrono::{Datelike, Months, NaiveDate};

use crate::value::{Instant, MICROS_PER_DAY, Span};

/// The day of the month on which an account's cycle begins.
///
/// Invariant: 1 to 31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BillingDay(u32);

/// One billing period of one account: from midnight to midnight, as days since 1970. Millions of rows
/// may hold one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cycle {
    first_day: i32,
    /// The day after its last one.
    end_day: i32,
}

/// Which cycles an account has, for all time.
///
/// A calendar month (B1) is the cycle of billing day 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CycleCalendar(BillingDay);

impl BillingDay {
    /// The first of the month: also the day of every calendar-month cycle.
    pub const FIRST: BillingDay = BillingDay(1);

    /// A billing day; `None` outside 1 to 31.
    #[must_use]
    pub fn new(day: u32) -> Option<BillingDay> {
        (1..=31).contains(&day).then_some(BillingDay(day))
    }
}

impl Cycle {
    /// The cycle between two midnights.
    fn between(start: Instant, end: Instant) -> Cycle {
        // The days of all years that there may be fit.
        let day = |midnight: Instant| midnight.micros().div_euclid(MICROS_PER_DAY) as i32;
        Cycle { first_day: day(start), end_day: day(end) }
    }

    /// Its first day and the day after its last one, as days since 1970: to be put away.
    #[must_use]
    pub fn to_days(self) -> [i32; 2] {
        [self.first_day, self.end_day]
    }

    /// The cycle that such days are of.
    #[must_use]
    pub fn from_days([first_day, end_day]: [i32; 2]) -> Cycle {
        Cycle { first_day, end_day }
    }

    /// Its first instant.
    #[must_use]
    #[inline]
    pub fn start(self) -> Instant {
        Instant::from_micros(i64::from(self.first_day) * MICROS_PER_DAY)
    }

    /// The first instant after it.
    #[must_use]
    #[inline]
    pub fn end(self) -> Instant {
        Instant::from_micros(i64::from(self.end_day) * MICROS_PER_DAY)
    }

    /// The span from start to end.
    #[must_use]
    #[inline]
    pub fn span(self) -> Span {
        Span { start: self.start(), end: self.end() }
    }
}

impl CycleCalendar {
    /// The calendar of a billing day.
    #[must_use]
    pub fn new(day: BillingDay) -> CycleCalendar {
        CycleCalendar(day)
    }

    /// The cycle that an instant lies in (B1, B2).
    ///
    /// ```
    /// use sharebill::value::{BillingDay, CycleCalendar, Instant};
    /// let calendar = CycleCalendar::new(BillingDay::new(31).unwrap());
    /// let cycle = calendar.cycle_at(Instant::parse("2016-02-29T00:00:00Z").unwrap());
    /// assert_eq!(cycle.start().to_string(), "2016-02-29T00:00:00Z");
    /// assert_eq!(cycle.end().to_string(), "2016-03-31T00:00:00Z");
    /// ```
    #[must_use]
    pub fn cycle_at(self, instant: Instant) -> Cycle {
        let month = first_of_month(instant.day());
        let begin = self.begin_in(month);
        if instant < begin {
            Cycle::between(self.begin_in(before(month)), begin)
        } else {
            Cycle::between(begin, self.begin_in(after(month)))
        }
    }

    /// The cycles that share an instant with `span`, in order.
    pub fn cycles_in(self, span: Span) -> impl Iterator<Item = Cycle> {
        let first = (span.start < span.end).then(|| self.cycle_at(span.start));
        std::iter::successors(first, move |cycle| {
            (cycle.end() < span.end).then(|| self.cycle_at(cycle.end()))
        })
    }

    /// Where the cycle begins that begins in a month: on the billing day, or on the month's last
    /// day where it has none (B2).
    fn begin_in(self, first: NaiveDate) -> Instant {
        let last_day = after(first).pred_opt().map_or(28, |last| last.day());
        let day = first.with_day(self.0.0.min(last_day)).unwrap_or(first);
        Instant::start_of_day(day)
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn before(first: NaiveDate) -> NaiveDate {
    first.checked_sub_months(Months::new(1)).unwrap_or(NaiveDate::MIN)
}

fn after(first: NaiveDate) -> NaiveDate {
    first.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(billing_day: u32, instant: &str, expected: &str) {
        let calendar = CycleCalendar::new(BillingDay::new(billing_day).unwrap());
        let cycle = calendar.cycle_at(Instant::parse(instant).unwrap());
        let day = |instant: Instant| instant.day().to_string();
        assert_eq!(format!("{}/{}", day(cycle.start()), day(cycle.end())), expected, "{instant}");
    }

    #[test]
    fn a_month_that_lacks_the_day_begins_on_its_last() {
        check(1, "2016-03-31T23:59:59.999999Z", "2016-03-01/2016-04-01");
        check(1, "2016-04-01T00:00:00Z", "2016-04-01/2016-05-01");
        check(15, "2016-03-14T23:59:59Z", "2016-02-15/2016-03-15");
        check(15, "2016-03-15T00:00:00Z", "2016-03-15/2016-04-15");
        check(31, "2016-01-30T00:00:00Z", "2015-12-31/2016-01-31");
        check(31, "2016-02-28T00:00:00Z", "2016-01-31/2016-02-29");
        check(31, "2016-02-29T00:00:00Z", "2016-02-29/2016-03-31");
        check(31, "2015-02-28T00:00:00Z", "2015-02-28/2015-03-31");
        check(30, "2016-02-29T00:00:00Z", "2016-02-29/2016-03-30");
        check(29, "2015-02-28T12:00:00Z", "2015-02-28/2015-03-29");
        check(31, "9999-12-31T12:00:00Z", "9999-12-31/+10000-01-31");
    }

    #[test]
    fn cycles_cover_a_span_without_gap() {
        let calendar = CycleCalendar::new(BillingDay::new(31).unwrap());
        let span = Span {
            start: Instant::parse("2016-01-30T00:00:00Z").unwrap(),
            end: Instant::parse("2016-03-31T00:00:00Z").unwrap(),
        };
        let cycles: Vec<Cycle> = calendar.cycles_in(span).collect();
        assert_eq!(cycles.len(), 3);
        assert!(cycles.windows(2).all(|pair| pair[0].end() == pair[1].start()));
        assert_eq!(calendar.cycles_in(Span { start: span.end, end: span.end }).count(), 0);
    }
}
