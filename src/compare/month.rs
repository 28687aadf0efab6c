//! Months, and which cycles of two runs stand side by side.

use std::fmt;

use chrono::Datelike;

use crate::value::Instant;

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// A cycle as a comparison sees it; [`Periods`] says what the number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(i32);

/// How the cycles of two runs are put side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Periods {
    /// All cycles of a run are added up.
    Whole,
    /// The k-th cycle of one stands beside the k-th of the other: cycle 1 begins in this month,
    /// the first one of the run. What the run cuts at its start may be cycle 0.
    ByPosition(Month),
    /// A month of one stands beside the same month of the other.
    ByMonth,
}

impl Month {
    /// Reads `2016-03`.
    ///
    /// ```
    /// use sharebill::compare::Month;
    /// assert_eq!(Month::parse("2016-03").unwrap().to_string(), "2016-03");
    /// assert_eq!(Month::parse("2016-13"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Month> {
        let (year, month) = text.split_once('-')?;
        let number = |text: &str, digits: usize| {
            let is_plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
            is_plain.then(|| text.parse::<i32>().ok())?
        };
        let (year, month) = (number(year, 4)?, number(month, 2)?);
        (1..=12).contains(&month).then(|| Month(year * 12 + month - 1))
    }

    /// The month that an instant lies in.
    #[must_use]
    pub fn of(instant: Instant) -> Month {
        let day = instant.day();
        Month(day.year() * 12 + day.month0().cast_signed())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl Periods {
    /// The period that a cycle of a month belongs to.
    #[must_use]
    pub fn period(self, month: Month) -> Period {
        match self {
            Periods::Whole => Period(0),
            Periods::ByPosition(first) => Period(month.0 - first.0 + 1),
            Periods::ByMonth => Period(month.0),
        }
    }

    /// The month that a period is, where it is one.
    #[must_use]
    pub fn month(self, period: Period) -> Option<Month> {
        match self {
            Periods::Whole | Periods::ByPosition(_) => None,
            Periods::ByMonth => Some(Month(period.0)),
        }
    }

    /// What a period is called in tables; nothing where all cycles are added up.
    #[must_use]
    pub fn text(self, period: Period) -> String {
        match self {
            Periods::Whole => String::new(),
            Periods::ByPosition(_) => period.0.to_string(),
            Periods::ByMonth => Month(period.0).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kth_cycle_counts_from_the_first_month() {
        let month = |text| Month::parse(text).unwrap();
        let periods = Periods::ByPosition(month("2015-12"));
        let text = |text| periods.text(periods.period(month(text)));
        assert_eq!(["2015-11", "2015-12", "2016-02"].map(text), ["0", "1", "3"]);
        assert_eq!(Periods::Whole.text(Periods::Whole.period(month("2016-02"))), "");
        assert_eq!(Periods::ByMonth.text(Periods::ByMonth.period(month("2016-02"))), "2016-02");
    }

    #[test]
    fn a_month_is_four_digits_a_hyphen_and_two() {
        for text in ["", "2016", "2016-3", "2016-00", "16-03", "2016-03-01", "+016-03", "2016/03"] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
        let instant = Instant::parse("2016-12-31T23:59:59Z").unwrap();
        assert_eq!(Month::of(instant).to_string(), "2016-12");
    }
}
