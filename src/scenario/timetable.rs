//! When servers run that do not always run.

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Weekday};
use chrono_tz::Tz;

use crate::value::{Instant, MICROS_PER_DAY, MICROS_PER_SECOND, Span};

/// The hours of a week in which servers run, by the clock of some place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    /// The windows, each on some days of the week.
    pub windows: Vec<Window>,
    /// Whose clock and daylight saving time it is.
    pub zone: Tz,
}

/// From when to when on some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins, in minutes from midnight.
    pub start: u32,
    /// When it ends, in minutes from midnight; at or before the start it is the next day's.
    pub end: u32,
}

impl Timetable {
    /// When servers run within a span. Windows that touch are one.
    #[must_use]
    pub fn spans(&self, within: Span) -> Vec<Span> {
        let (first, last) = (within.start.day(), within.end.day());
        // A window of the day before may reach in, and clocks differ by up to a day.
        let days = first.iter_days().take_while(|day| *day <= last + Duration::days(1));
        let before = [first - Duration::days(2), first - Duration::days(1)];
        let mut spans: Vec<Span> = before
            .into_iter()
            .chain(days)
            .flat_map(|day| self.windows.iter().filter_map(move |window| self.span(window, day)))
            .filter_map(|span| span.intersection(within))
            .collect();
        spans.sort_unstable();
        spans.dedup_by(|next, last| {
            let touches = next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        spans
    }

    fn span(&self, window: &Window, day: NaiveDate) -> Option<Span> {
        if !window.days.contains(&day.weekday()) {
            return None;
        }
        let end_day = if window.end <= window.start { day + Duration::days(1) } else { day };
        let start = self.instant(day, window.start);
        let end = self.instant(end_day, window.end);
        (start < end).then_some(Span { start, end })
    }

    /// The instant of a time by the clock. One that the clock skips is when it has skipped it; of
    /// two, the earlier.
    fn instant(&self, day: NaiveDate, minutes: u32) -> Instant {
        let midnight = day.and_time(NaiveTime::MIN);
        let local = midnight + Duration::minutes(i64::from(minutes));
        let found = |local: NaiveDateTime| self.zone.from_local_datetime(&local).earliest();
        let later = (0..=4).map(|quarters| local + Duration::minutes(30 * quarters));
        match later.into_iter().find_map(found) {
            Some(found) => Instant::from_micros(found.timestamp() * MICROS_PER_SECOND),
            // No clock skips more than two hours.
            None => Instant::from_micros(
                Instant::start_of_day(day).micros() + i64::from(minutes) * MICROS_PER_DAY / 1440,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Instant {
        Instant::parse(text).expect("an instant")
    }

    fn spans(windows: Vec<Window>, zone: Tz, start: &str, end: &str) -> Vec<String> {
        let within = Span { start: instant(start), end: instant(end) };
        let spans = Timetable { windows, zone }.spans(within);
        spans.iter().map(|span| format!("{}/{}", span.start, span.end)).collect()
    }

    #[test]
    fn working_hours_follow_daylight_saving_time() {
        let office = Window { days: vec![Weekday::Fri, Weekday::Mon], start: 480, end: 1080 };
        // Chicago changes its clock on Sunday, 14 March 2027.
        assert_eq!(
            spans(
                vec![office],
                Tz::America__Chicago,
                "2027-03-12T00:00:00Z",
                "2027-03-16T00:00:00Z"
            ),
            [
                "2027-03-12T14:00:00Z/2027-03-13T00:00:00Z",
                "2027-03-15T13:00:00Z/2027-03-15T23:00:00Z"
            ]
        );
    }

    #[test]
    fn nights_end_on_the_next_day_and_windows_that_touch_are_one() {
        let all = vec![Weekday::Mon, Weekday::Tue, Weekday::Wed];
        let night = Window { days: all.clone(), start: 1320, end: 360 };
        assert_eq!(
            spans(vec![night], Tz::UTC, "2027-03-02T00:00:00Z", "2027-03-03T00:00:00Z"),
            [
                "2027-03-02T00:00:00Z/2027-03-02T06:00:00Z",
                "2027-03-02T22:00:00Z/2027-03-03T00:00:00Z"
            ]
        );
        let day = Window { days: all, start: 0, end: 1440 };
        assert_eq!(
            spans(vec![day], Tz::UTC, "2027-03-01T00:00:00Z", "2027-03-04T00:00:00Z"),
            ["2027-03-01T00:00:00Z/2027-03-04T00:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_the_clock_skips_is_after_the_gap() {
        let early = Window { days: vec![Weekday::Sun], start: 150, end: 300 };
        assert_eq!(
            spans(vec![early], Tz::Europe__Berlin, "2027-03-28T00:00:00Z", "2027-03-29T00:00:00Z"),
            ["2027-03-28T01:00:00Z/2027-03-28T03:00:00Z"]
        );
    }
}
