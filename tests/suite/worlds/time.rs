//! Instants, in microseconds since 1970: how they are written, and which a run begins and ends at.

use super::dice::Dice;

/// One second, in microseconds.
pub(super) const SECOND: i64 = 1_000_000;
/// One day, in microseconds.
pub(super) const DAY: i64 = 86_400 * SECOND;

/// A civil date (year, month, day) and the microseconds of its day, from microseconds since 1970.
fn civil(instant: i64) -> (i64, i64, i64, i64) {
    let days = instant.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day, instant.rem_euclid(DAY))
}

/// `2016-02-29`.
pub(super) fn date(instant: i64) -> String {
    let (year, month, day, _) = civil(instant);
    format!("{year:04}-{month:02}-{day:02}")
}

/// RFC 3339 at an offset of so many minutes, with as many decimals as needed (or more).
fn timestamp(instant: i64, offset_minutes: i64, zone: &str, finer_digits: &str) -> String {
    let local = instant + offset_minutes * 60 * SECOND;
    let micros = local.rem_euclid(DAY);
    let (seconds, fraction) = (micros / SECOND, micros % SECOND);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match (fraction, finer_digits) {
        (0, "") => String::new(),
        _ => format!(".{fraction:06}{finer_digits}"),
    };
    format!("{}T{clock}{fraction}{zone}", date(local))
}

/// An instant as an event says it: mostly with `Z`, sometimes at an offset, sometimes with finer
/// digits than microseconds, which do not count.
pub(super) fn event_time(dice: &mut Dice, instant: i64) -> String {
    let finer_digits = if dice.chance(5) { "999" } else { "" };
    let (offset, zone) = match dice.between(0, 9) {
        0 => (330, "+05:30"),
        1 => (-300, "-05:00"),
        2 => (60, "+01:00"),
        _ => (0, "Z"),
    };
    timestamp(instant, offset, zone, finer_digits)
}

/// An instant in UTC.
pub(super) fn utc(instant: i64) -> String {
    timestamp(instant, 0, "Z", "")
}

/// A day or an instant within a span, as books and arguments write it: a date, whole seconds, or
/// down to the microsecond.
pub(super) fn some_instant(dice: &mut Dice, span: (i64, i64)) -> String {
    let instant = dice.between(span.0, span.1);
    match dice.between(0, 2) {
        0 => date(instant),
        1 => utc(instant / SECOND * SECOND),
        _ => utc(instant),
    }
}

/// `--start` and `--end`: none, one or both, cutting cycles and cutting off events.
pub(super) fn run_bounds(dice: &mut Dice, span: (i64, i64)) -> (Option<String>, Option<String>) {
    let middle = (span.0 + span.1) / 2;
    let start = dice.chance(30).then(|| some_instant(dice, (span.0 - 40 * DAY, middle)));
    let end = dice.chance(30).then(|| some_instant(dice, (middle + DAY, span.1 + 50 * DAY)));
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_at_their_offset() {
        let leap_day = 16_860 * DAY;
        assert_eq!(utc(leap_day), "2016-02-29T00:00:00Z");
        assert_eq!(timestamp(leap_day + 5, -300, "-05:00", ""), "2016-02-28T19:00:00.000005-05:00");
        assert_eq!(
            timestamp(leap_day, 330, "+05:30", "999"),
            "2016-02-29T05:30:00.000000999+05:30"
        );
    }
}
