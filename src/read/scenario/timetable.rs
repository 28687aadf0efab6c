//! `hours` and `timezone`: `Mon-Fri 08:00-18:00; Sat 10:00-12:00`, or `200 hours per month`.

use chrono::Weekday;
use chrono_tz::Tz;

use crate::diagnostic::{Code, Diagnostic};
use crate::read::scenario::image::measure;
use crate::read::scenario::units;
use crate::read::toml::keys::Keys;
use crate::scenario::{Hours, Timetable, Window};

const HOURS: &str =
    "hours like \"Mon-Fri 08:00-18:00\", \"daily 22:00-06:00\" or \"200 hours per month\"";

const WEEK: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Mon),
    ("Tue", Weekday::Tue),
    ("Wed", Weekday::Wed),
    ("Thu", Weekday::Thu),
    ("Fri", Weekday::Fri),
    ("Sat", Weekday::Sat),
    ("Sun", Weekday::Sun),
];

/// What `hours` says: the windows of a week wait for their clock.
enum Said {
    Windows(Vec<Window>),
    Month(Hours),
}

pub(super) fn read(keys: &mut Keys<'_, '_>) -> Option<Hours> {
    let hours = keys.find("hours");
    let zone = keys.find("timezone");
    let parse = |text: &str| {
        let month = units::month_hours(text).map(|hours| Said::Month(Hours::Month(hours)));
        month.or_else(|| windows(text).map(Said::Windows))
    };
    let said = hours.and_then(|node| measure(keys, "hours", node, parse, HOURS));
    let zone = zone.and_then(|node| {
        let text = node.shown().unwrap_or_default();
        let zone = text.parse::<Tz>().ok();
        if zone.is_none() {
            let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            keys.diagnostics.push(
                Diagnostic::error(Code::NameUnknown, format!("`{text}` is no time zone"))
                    .at(node.place.clone(), "like \"America/Chicago\" or \"UTC\"")
                    .did_you_mean(&text, known),
            );
        }
        if hours.is_none() || matches!(said, Some(Said::Month(_))) {
            keys.diagnostics.push(
                Diagnostic::error(Code::ScenarioUnclear, "a time zone, but no hours of a week")
                    .at(node.place.clone(), "here")
                    .help("write a line like: hours = \"Mon-Fri 08:00-18:00\""),
            );
        }
        zone
    });
    match said? {
        Said::Month(hours) => Some(hours),
        Said::Windows(windows) => {
            Some(Hours::Week(Timetable { windows, zone: zone.unwrap_or(Tz::UTC) }))
        }
    }
}

/// Windows, between semicolons.
fn windows(text: &str) -> Option<Vec<Window>> {
    text.split(';').map(|window| self::window(window.trim())).collect()
}

fn window(text: &str) -> Option<Window> {
    let (days, hours) = text.rsplit_once(' ')?;
    let (start, end) = hours.split_once('-')?;
    let (start, end) = (minutes(start)?, minutes(end)?);
    (start < 1440).then_some(Window { days: self::days(days.trim())?, start, end })
}

/// Days: `daily`, `Mon-Fri`, `Mon,Wed`.
fn days(text: &str) -> Option<Vec<Weekday>> {
    let day = |name: &str| WEEK.iter().position(|(known, _)| known.eq_ignore_ascii_case(name));
    if text.eq_ignore_ascii_case("daily") {
        return Some(WEEK.map(|(_, day)| day).to_vec());
    }
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first.trim())?, day(last.trim())?);
        // Sat-Mon goes over the end of the week.
        let count = (last + 7 - first) % 7 + 1;
        days.extend((0..count).map(|n| WEEK[(first + n) % 7].1));
    }
    Some(days)
}

/// Minutes from midnight; 24:00 is the end of a day.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let two = |text: &str| (text.len() == 2).then(|| text.parse::<u32>().ok()).flatten();
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 1440).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_people_write_them() {
        let office = windows("Mon-Fri 08:00-18:00; Sat 10:00-12:30").expect("windows");
        assert_eq!(office.len(), 2);
        assert_eq!((office[0].days.len(), office[0].start, office[0].end), (5, 480, 1080));
        assert_eq!(office[1].days, [Weekday::Sat]);
        let weekend = windows("sat-mon 00:00-24:00").expect("windows");
        assert_eq!(weekend[0].days, [Weekday::Sat, Weekday::Sun, Weekday::Mon]);
        assert_eq!(windows("daily 22:00-06:00").expect("windows")[0].days.len(), 7);
        assert_eq!(windows("Mon, Wed 09:00-17:00").expect("windows")[0].days.len(), 2);
        for wrong in ["08:00-18:00", "Mon 8-18", "Mon 08:60-09:00", "Moon 08:00-09:00", ""] {
            assert_eq!(windows(wrong), None, "{wrong}");
        }
    }
}
