//! When a snapshot was taken, and when a change between two of them is said to have happened.

use super::super::{Snapshots, Vanished};
use crate::read::foreign::time::Moment;

/// The moment of a file: what the user says of it, else of all, else what its name or a folder's
/// on the way to it says.
pub(super) fn taken_at(options: &Snapshots, name: &str) -> Option<Moment> {
    let of_it = |key: &str| {
        name == key
            || name.strip_prefix(key).is_some_and(|rest| rest.starts_with('/'))
            || name.strip_suffix(key).is_some_and(|rest| rest.ends_with('/'))
    };
    let told = options.as_of_each.iter().find(|(key, _)| of_it(key.trim_end_matches('/')));
    let told = told.map(|(_, time)| time).or(options.as_of.as_ref());
    match told {
        Some(time) => Moment::parse(time),
        None => name.rsplit('/').find_map(time_in),
    }
}

/// A date in a name, with the time of day where one follows: `2026-03-01`,
/// `servers-2026-03-01T0900.json`, `2026-03-01T09:00:00Z`.
fn time_in(name: &str) -> Option<Moment> {
    (0..name.len()).find_map(|at| {
        let before = name.get(..at)?.bytes().next_back();
        let (date, rest) = name.get(at..)?.split_at_checked(10)?;
        if before.is_some_and(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let midnight = Moment::parse(&format!("{date}T00:00:00Z"))?;
        let clock = rest.strip_prefix(['T', 't', '_', ' ']).unwrap_or_default();
        let clock = clock.chars().take_while(|c| c.is_ascii_digit() || ":-.".contains(*c));
        let digits: String = clock.filter(char::is_ascii_digit).take(6).collect();
        let (hour, minute) = (digits.get(..2), digits.get(2..4).unwrap_or("00"));
        let second = digits.get(4..6).unwrap_or("00");
        let whole =
            hour.and_then(|hour| Moment::parse(&format!("{date}T{hour}:{minute}:{second}Z")));
        Some(whole.unwrap_or(midnight))
    })
}

/// When a change is said to have happened that two snapshots saw the one side of each.
pub(super) fn between(vanished: Vanished, before: Moment, after: Moment) -> Moment {
    match vanished {
        Vanished::At => after,
        Vanished::Before => before,
        Vanished::Midpoint => before.midpoint(after),
    }
}

/// What the table says of such changes.
pub(super) fn in_words(vanished: Vanished) -> &'static str {
    match vanished {
        Vanished::At => "estimated: dated at the first snapshot that shows the change",
        Vanished::Before => "estimated: dated at the last snapshot before the change",
        Vanished::Midpoint => "estimated: dated midway between two snapshots",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_when_a_snapshot_was_taken() {
        let cases = [
            ("2026-03-01", "2026-03-01T00:00:00Z"),
            ("servers-2026-03-01T0930.json", "2026-03-01T09:30:00Z"),
            ("2026-03-01T09:30:15Z", "2026-03-01T09:30:15Z"),
            ("2026-03-01_09-30-15.csv", "2026-03-01T09:30:15Z"),
            ("2026-03-01.json", "2026-03-01T00:00:00Z"),
            ("2026-03-01Tonight", "2026-03-01T00:00:00Z"),
            ("12026-03-01", ""),
            ("2026-13-01", ""),
            ("images.json", ""),
            ("\u{e9}\u{e9}2026-03-01", "2026-03-01T00:00:00Z"),
        ];
        for (name, expected) in cases {
            let told = time_in(name).map_or_else(String::new, |moment| moment.to_string());
            assert_eq!(told, expected, "{name}");
        }
    }

    #[test]
    fn what_is_said_goes_before_what_names_tell() {
        let mut options = Snapshots::default();
        let at = |options: &Snapshots, name: &str| taken_at(options, name).map(|m| m.to_string());
        assert_eq!(at(&options, "inv/2026-03-01/x.json").as_deref(), Some("2026-03-01T00:00:00Z"));
        options.as_of = Some("2026-04-01T00:00:00Z".into());
        assert_eq!(at(&options, "inv/2026-03-01/x.json").as_deref(), Some("2026-04-01T00:00:00Z"));
        options.as_of_each = vec![("inv/a".into(), "2026-05-01T00:00:00Z".into())];
        assert_eq!(at(&options, "inv/a/x.json").as_deref(), Some("2026-05-01T00:00:00Z"));
        assert_eq!(at(&options, "inv/ab/x.json").as_deref(), Some("2026-04-01T00:00:00Z"));
    }
}
