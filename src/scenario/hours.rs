//! When servers that stand there run, where they do not always run.

use crate::scenario::{Interval, Period, Timetable};
use crate::value::{Instant, Span};

/// When servers run that stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hours {
    /// By the hours of a week.
    Week(Timetable),
    /// So long in each month, counted from when the server first stands there: from the month's
    /// beginning, without a break. A month that is shorter is full.
    Month(Period),
}

impl Hours {
    /// When servers run that stand there for a time.
    #[must_use]
    pub fn spans(&self, life: Span) -> Vec<Span> {
        match self {
            Hours::Week(timetable) => timetable.spans(life),
            Hours::Month(hours) => months_of(*hours, life),
        }
    }
}

/// The first so many hours of each month. Months that are full are one span.
fn months_of(hours: Period, life: Span) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (place, start) in (1..).zip(Interval::Months(1).instants(life.start, life.end)) {
        let next: Instant = Interval::Months(1).after(life.start, place);
        let end = hours.after(start).min(next).min(life.end);
        match spans.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ if start < end => spans.push(Span { start, end }),
            _ => {}
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(hours: u32, start: &str, end: &str) -> Vec<String> {
        let instant = |text| Instant::parse(text).expect("an instant");
        let life = Span { start: instant(start), end: instant(end) };
        let spans = Hours::Month(Period::from_hours(hours)).spans(life);
        spans.iter().map(|span| format!("{}/{}", span.start, span.end)).collect()
    }

    #[test]
    fn months_begin_with_the_server_and_are_cut_at_its_end() {
        assert_eq!(
            spans(200, "2015-01-01T02:00:01Z", "2015-03-05T00:00:00Z"),
            [
                "2015-01-01T02:00:01Z/2015-01-09T10:00:01Z",
                "2015-02-01T02:00:01Z/2015-02-09T10:00:01Z",
                "2015-03-01T02:00:01Z/2015-03-05T00:00:00Z"
            ]
        );
    }

    #[test]
    fn a_month_that_is_shorter_is_full_and_goes_on() {
        // 700 hours are 29 days and 4 hours: February has 28 days.
        assert_eq!(
            spans(700, "2015-01-01T00:00:00Z", "2015-04-01T00:00:00Z"),
            [
                "2015-01-01T00:00:00Z/2015-01-30T04:00:00Z",
                "2015-02-01T00:00:00Z/2015-03-30T04:00:00Z"
            ]
        );
        assert_eq!(spans(0, "2015-01-01T00:00:00Z", "2015-04-01T00:00:00Z"), [""; 0]);
    }
}
