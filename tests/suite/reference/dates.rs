//! Instants, calendars and billing cycles, worked out by hand: no date library is shared with the
//! product.

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Instant = i64;

/// One second, in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One day, in microseconds.
pub const DAY: i64 = 86_400 * SECOND;

/// Is this year a leap year of the Gregorian calendar?
fn is_leap_year(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// How many days has this month (1 to 12)?
pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Midnight (UTC) of a civil date, counted the slow way: all whole years, then all whole months.
pub fn midnight(year: i64, month: i64, day: i64) -> Instant {
    let mut days = 0;
    for whole_year in 1970..year {
        days += if is_leap_year(whole_year) { 366 } else { 365 };
    }
    for whole_month in 1..month {
        days += days_in_month(year, whole_month);
    }
    (days + day - 1) * DAY
}

/// The civil date (year, month, day) that holds an instant, not before 1970.
pub fn civil_date(instant: Instant) -> (i64, i64, i64) {
    let mut year = 1970;
    while midnight(year + 1, 1, 1) <= instant {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && midnight(year, month + 1, 1) <= instant {
        month += 1;
    }
    let day = (instant - midnight(year, month, 1)) / DAY + 1;
    (year, month, day)
}

/// Reads a date (00:00 UTC) or an RFC 3339 instant; finer fractions than microseconds are cut off
/// (M).
pub fn parse_instant(text: &str) -> Result<Instant, String> {
    parse_instant_parts(text).ok_or_else(|| format!("not a date or an instant: {text}"))
}

/// The work of `parse_instant`, without the message.
fn parse_instant_parts(text: &str) -> Option<Instant> {
    let year: i64 = text.get(0..4)?.parse().ok()?;
    let month: i64 = text.get(5..7)?.parse().ok()?;
    let day: i64 = text.get(8..10)?.parse().ok()?;
    if text.len() == 10 {
        return Some(midnight(year, month, day));
    }
    let hour: i64 = text.get(11..13)?.parse().ok()?;
    let minute: i64 = text.get(14..16)?.parse().ok()?;
    let second: i64 = text.get(17..19)?.parse().ok()?;
    let mut rest = text.get(19..)?;
    let mut micros = 0;
    if let Some(after_point) = rest.strip_prefix('.') {
        let digits: String = after_point.chars().take_while(|c| c.is_ascii_digit()).collect();
        rest = after_point.get(digits.len()..)?;
        let six_digits: String = format!("{digits}000000").chars().take(6).collect();
        micros = six_digits.parse().ok()?;
    }
    let offset_seconds = match rest {
        "Z" | "z" => 0,
        _ => {
            let sign = if rest.starts_with('-') { -1 } else { 1 };
            let hours: i64 = rest.get(1..3)?.parse().ok()?;
            let minutes: i64 = rest.get(4..6)?.parse().ok()?;
            sign * (hours * 3600 + minutes * 60)
        }
    };
    let seconds = hour * 3600 + minute * 60 + second - offset_seconds;
    Some(midnight(year, month, day) + seconds * SECOND + micros)
}

/// RFC 3339 in UTC, whole seconds (what lies below a second is not shown).
pub fn format_instant(instant: Instant) -> String {
    let (year, month, day) = civil_date(instant);
    let seconds = (instant - midnight(year, month, day)) / SECOND;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The month after this one.
fn next_month(year: i64, month: i64) -> (i64, i64) {
    if month == 12 { (year + 1, 1) } else { (year, month + 1) }
}

/// B1: the calendar month that holds an instant.
pub fn calendar_month(instant: Instant) -> (Instant, Instant) {
    let (year, month, _) = civil_date(instant);
    let (year_after, month_after) = next_month(year, month);
    (midnight(year, month, 1), midnight(year_after, month_after, 1))
}

/// B2: the billing day in a month; a day that the month lacks is its last day.
fn billing_midnight(year: i64, month: i64, billing_day: i64) -> Instant {
    midnight(year, month, billing_day.min(days_in_month(year, month)))
}

/// B2: the cycle from billing day to billing day that holds an instant.
pub fn anniversary_cycle(instant: Instant, billing_day: i64) -> (Instant, Instant) {
    let (year, month, _) = civil_date(instant);
    let in_this_month = billing_midnight(year, month, billing_day);
    if in_this_month <= instant {
        let (year_after, month_after) = next_month(year, month);
        return (in_this_month, billing_midnight(year_after, month_after, billing_day));
    }
    let (year_before, month_before) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
    (billing_midnight(year_before, month_before, billing_day), in_this_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        parse_instant(text).expect("a good instant")
    }

    #[test]
    fn offsets_and_fractions_are_understood() {
        assert_eq!(at("1970-01-02"), DAY);
        assert_eq!(at("1970-01-01T05:30:00+05:30"), 0);
        assert_eq!(at("1970-01-01T00:00:00.0000019Z"), 1);
        assert_eq!(at("1970-01-01T19:00:01-05:00"), DAY + SECOND);
        assert_eq!(format_instant(at("2016-02-29T23:59:59.999999Z")), "2016-02-29T23:59:59Z");
    }

    #[test]
    fn a_billing_day_that_the_month_lacks_is_its_last_day() {
        let cycle = |text, day| {
            let (start, end) = anniversary_cycle(at(text), day);
            (format_instant(start), format_instant(end))
        };
        let bounds =
            |start: &str, end: &str| (format!("{start}T00:00:00Z"), format!("{end}T00:00:00Z"));
        assert_eq!(cycle("2016-02-10", 31), bounds("2016-01-31", "2016-02-29"));
        assert_eq!(cycle("2016-02-29", 31), bounds("2016-02-29", "2016-03-31"));
        assert_eq!(cycle("2016-01-05", 15), bounds("2015-12-15", "2016-01-15"));
        assert_eq!(cycle("2017-02-28", 30), bounds("2017-02-28", "2017-03-30"));
    }
}
