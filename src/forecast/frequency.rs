//! Months, weeks, days or hours: recognised from the times of a series, and continued.

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;

use super::model::Model;
use super::{Options, floats};
use crate::value::Instant;

/// Microseconds in an hour and in a day.
const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// How often a series has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// Once a calendar month, on the same day of it or on its last.
    Month,
    /// Every seven days.
    Week,
    /// Every day.
    Day,
    /// Every hour.
    Hour,
}

/// The regular times that a series stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// How often.
    pub frequency: Frequency,
    first: Instant,
    /// For months: the day of the month, 31 for the last one.
    day_of_month: u32,
}

/// A series laid on its calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laid {
    /// The times it stands on.
    pub calendar: Calendar,
    /// For each value its number of periods after the first.
    pub places: Vec<usize>,
    /// How many periods there are, with those that lack a value.
    pub periods: usize,
}

/// What a period without a value had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gaps {
    /// Nobody knows: something between the values beside it.
    Interpolate,
    /// Nothing was used.
    Zero,
}

/// Why times are no regular series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Irregular {
    /// The value with this index repeats the time before it.
    Twice(usize),
    /// Fewer than half of the periods have a value, or none of the frequencies fits.
    NoFrequency,
}

impl Frequency {
    /// How it is called, many of it.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Frequency::Month => "months",
            Frequency::Week => "weeks",
            Frequency::Day => "days",
            Frequency::Hour => "hours",
        }
    }

    /// The season of a series with so many values: a year of months or weeks, a week of days; a
    /// day of hours, or the hours of a week where there are three of them.
    #[must_use]
    pub fn season(self, values: usize) -> usize {
        match self {
            Frequency::Month => 12,
            Frequency::Week => 52,
            Frequency::Day => 7,
            Frequency::Hour if values > 3 * 168 => 168,
            Frequency::Hour => 24,
        }
    }

    /// How many values make the run rate: a quarter's months, a month's weeks, a week's days, a
    /// day's hours.
    #[must_use]
    pub fn run(self) -> usize {
        match self {
            Frequency::Month => 3,
            Frequency::Week => 4,
            Frequency::Day => 7,
            Frequency::Hour => 24,
        }
    }

    /// The usual options for usage: the frequency's shortest season, nothing below zero.
    #[must_use]
    pub fn options(self, horizon: usize, model: Model) -> Options {
        Options { horizon, season: self.season(0), run: self.run(), model, non_negative: true }
    }
}

impl Calendar {
    /// The time of the period with this number, from 0.
    #[must_use]
    pub fn time(&self, number: usize) -> Instant {
        let step = match self.frequency {
            Frequency::Month => return self.month(number),
            Frequency::Week => 7 * DAY,
            Frequency::Day => DAY,
            Frequency::Hour => HOUR,
        };
        Instant::from_micros(self.first.micros().saturating_add(step.saturating_mul(number as i64)))
    }

    fn month(&self, number: usize) -> Instant {
        let day = self.first.day();
        let begins = day.with_day(1).unwrap_or(day);
        let months = Months::new(u32::try_from(number).unwrap_or(u32::MAX));
        let month = begins.checked_add_months(months).unwrap_or(begins);
        let day = month.with_day(self.day_of_month).unwrap_or_else(|| last_day(month));
        Instant::from_micros(Instant::start_of_day(day).micros() + of_day(self.first))
    }
}

impl Laid {
    /// Recognises the frequency of times in order.
    ///
    /// # Errors
    /// [`Irregular`].
    pub fn of(times: &[Instant]) -> Result<Laid, Irregular> {
        if let Some(at) = times.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(Irregular::Twice(at + 1));
        }
        let first = *times.first().ok_or(Irregular::NoFrequency)?;
        let laid = months(times, first).or_else(|| steps(times, first));
        let laid = laid.ok_or(Irregular::NoFrequency)?;
        // A quarter's months, or a fortnight's days, are no months and no days.
        let is_dense = times.len() * 2 >= laid.periods;
        is_dense.then_some(laid).ok_or(Irregular::NoFrequency)
    }

    /// The values with a number for every period.
    #[must_use]
    pub fn filled(&self, values: &[Decimal], gaps: Gaps) -> Vec<f64> {
        let values = floats(values);
        let mut filled = vec![0.0; self.periods];
        for (place, value) in self.places.iter().zip(&values) {
            filled[*place] = *value;
        }
        if gaps == Gaps::Interpolate {
            for (from, count) in self.gaps() {
                let (before, after) = (filled[from - 1], filled[from + count]);
                for step in 0..count {
                    let part = (step + 1) as f64 / (count + 1) as f64;
                    filled[from + step] = before + (after - before) * part;
                }
            }
        }
        filled
    }

    /// The runs of periods without a value: the first one's number, and how many.
    #[must_use]
    pub fn gaps(&self) -> Vec<(usize, usize)> {
        let pairs = self.places.windows(2);
        pairs.filter(|p| p[1] > p[0] + 1).map(|p| (p[0] + 1, p[1] - p[0] - 1)).collect()
    }
}

/// The times as months, if they are: on the same day of each month, or on its last.
fn months(times: &[Instant], first: Instant) -> Option<Laid> {
    let days: Vec<NaiveDate> = times.iter().map(|time| time.day()).collect();
    let day_of_month = days.iter().map(|day| day.day()).max()?;
    let fits = |day: &NaiveDate| {
        day.day() == day_of_month || (day.day() < day_of_month && *day == last_day(*day))
    };
    let is_monthly = days.iter().all(fits)
        && times.iter().all(|time| of_day(*time) == of_day(first))
        && days.windows(2).all(|pair| month_number(pair[0]) < month_number(pair[1]));
    // Month ends of 30 days and fewer are month ends all the same.
    let all_last = days.iter().all(|day| *day == last_day(*day));
    let day_of_month = if all_last { 31 } else { day_of_month };
    let begin = month_number(*days.first()?);
    let places: Vec<usize> =
        days.iter().map(|day| usize::try_from(month_number(*day) - begin).unwrap_or(0)).collect();
    let periods = places.last()? + 1;
    let calendar = Calendar { frequency: Frequency::Month, first, day_of_month };
    (is_monthly && times.len() > 1).then_some(Laid { calendar, places, periods })
}

/// The times as weeks, days or hours: the longest step that all of them are multiples of.
fn steps(times: &[Instant], first: Instant) -> Option<Laid> {
    let known = [(Frequency::Week, 7 * DAY), (Frequency::Day, DAY), (Frequency::Hour, HOUR)];
    let since = |time: &Instant| time.micros() - first.micros();
    let (frequency, step) =
        known.into_iter().find(|(_, step)| times.iter().all(|time| since(time) % step == 0))?;
    let places: Vec<usize> =
        times.iter().map(|time| usize::try_from(since(time) / step).unwrap_or(0)).collect();
    let periods = places.last()? + 1;
    Some(Laid { calendar: Calendar { frequency, first, day_of_month: 1 }, places, periods })
}

fn of_day(time: Instant) -> i64 {
    time.micros().rem_euclid(DAY)
}

fn month_number(day: NaiveDate) -> i32 {
    day.year() * 12 + day.month0() as i32
}

fn last_day(day: NaiveDate) -> NaiveDate {
    let begins = day.with_day(1).unwrap_or(day);
    let next = begins.checked_add_months(Months::new(1)).unwrap_or(begins);
    next.pred_opt().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(times: &[&str]) -> Result<Laid, Irregular> {
        let parse = |text: &&str| Instant::parse_date_or_instant(text).unwrap();
        Laid::of(&times.iter().map(parse).collect::<Vec<_>>())
    }

    /// The frequency, the gaps, and the time of the period after the last.
    fn check(times: &[&str], frequency: Frequency, gaps: &[(usize, usize)], next: &str) {
        let laid = laid(times).unwrap();
        assert_eq!(laid.calendar.frequency, frequency, "{times:?}");
        assert_eq!(laid.gaps(), gaps, "{times:?}");
        assert_eq!(laid.calendar.time(laid.periods).to_seconds_text(), next, "{times:?}");
    }

    #[test]
    fn frequencies_are_recognised_and_continued() {
        use Frequency::{Day, Hour, Month, Week};
        let next = "2024-04-01T00:00:00Z";
        check(&["2024-01-01", "2024-02-01", "2024-03-01"], Month, &[], next);
        check(&["2023-12-01", "2024-01-01", "2024-03-01"], Month, &[(2, 1)], next);
        let ends = ["2024-01-31", "2024-02-29", "2024-03-31"];
        check(&ends, Month, &[], "2024-04-30T00:00:00Z");
        check(&["2024-02-29", "2024-04-30"], Month, &[(1, 1)], "2024-05-31T00:00:00Z");
        let thirtieth = ["2024-01-30", "2024-02-29", "2024-03-30"];
        check(&thirtieth, Month, &[], "2024-04-30T00:00:00Z");
        check(&["2024-01-01", "2024-01-08", "2024-01-15"], Week, &[], "2024-01-22T00:00:00Z");
        check(&["2024-02-28", "2024-02-29", "2024-03-02"], Day, &[(2, 1)], "2024-03-03T00:00:00Z");
        let hours = ["2024-01-01T22:00:00Z", "2024-01-01T23:00:00Z", "2024-01-02T00:00:00Z"];
        check(&hours, Hour, &[], "2024-01-02T01:00:00Z");
    }

    #[test]
    fn gaps_are_filled_between_their_neighbours_or_with_nothing() {
        let laid = laid(&["2024-01-01", "2024-01-02", "2024-01-05"]).unwrap();
        let values = [Decimal::ZERO, Decimal::from(3), Decimal::from(9)];
        assert_eq!(laid.filled(&values, Gaps::Interpolate), [0.0, 3.0, 5.0, 7.0, 9.0]);
        assert_eq!(laid.filled(&values, Gaps::Zero), [0.0, 3.0, 0.0, 0.0, 9.0]);
    }

    #[test]
    fn what_has_no_frequency_is_refused() {
        assert_eq!(laid(&["2024-01-01", "2024-01-01"]), Err(Irregular::Twice(1)));
        let quarters = ["2024-01-01", "2024-04-01", "2024-07-01"];
        assert_eq!(laid(&quarters), Err(Irregular::NoFrequency));
        let minutes = ["2024-01-01T00:00:00Z", "2024-01-01T00:20:00Z"];
        assert_eq!(laid(&minutes), Err(Irregular::NoFrequency));
        assert_eq!(laid(&[]), Err(Irregular::NoFrequency));
    }
}
