//! The region, which almost no notification tells: from the record, else from the user's map, else
//! the user's one region, else nothing. Never guessed.

use super::Options;
use super::envelope::Notification;
use crate::read::foreign::problem::{Fault, ProblemCode};

/// The region, or the names under which the map has none.
pub(super) type Region = Result<String, Nowhere>;

/// What a record names that a map could have had a region for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Nowhere {
    names: Vec<(&'static str, String)>,
}

impl Nowhere {
    pub(super) fn fault(&self) -> Fault {
        let hint = match self.names.first() {
            Some((key, name)) => format!(" or --region-map {name}=REGION (its {key})"),
            None => String::new(),
        };
        let message = format!("no region: the record tells none; say --region R{hint}");
        Fault::new(ProblemCode::NoRegion, message)
    }
}

/// Where a notification comes from: its payload's or envelope's `region`; else what the map says
/// of its `publisher_id`, `host` or `service`, in this order; else `--region`.
pub(super) fn of(options: &Options, notification: &Notification) -> Region {
    let keys = ["publisher_id", "host", "service"];
    let names = keys.iter().filter_map(|key| Some((*key, notification.text(key)?))).collect();
    among(options, notification.text("region"), names)
}

/// The region that a record tells; else what the map says of the names that it has, the first
/// going first; else `--region`.
pub(super) fn among(
    options: &Options,
    told: Option<String>,
    names: Vec<(&'static str, String)>,
) -> Region {
    if let Some(told) = told {
        return Ok(told);
    }
    let mapped = names.iter().find_map(|(_, name)| mapped(&options.region_map, name));
    match mapped.or(options.region.as_deref()) {
        Some(region) => Ok(region.to_string()),
        None => Err(Nowhere { names }),
    }
}

/// The longest entry that is the name, or its end after a dot or a colon.
fn mapped<'a>(map: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let fits = |key: &str| match name.strip_suffix(key) {
        Some(head) => !key.is_empty() && (head.is_empty() || head.ends_with(['.', ':'])),
        None => false,
    };
    let fitting = map.iter().filter(|(key, _)| fits(key));
    // Of equally long ones, `max_by_key` takes the last: reversed, the first entry wins.
    fitting.rev().max_by_key(|(key, _)| key.len()).map(|(_, region)| region.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_matches_whole_or_after_a_dot_or_colon_and_the_longest_wins() {
        let map: Vec<(String, String)> = [
            ("image.api01.dfw.example.com", "A"),
            ("dfw.example.com", "B"),
            ("api02.dfw.example.com", "C"),
            ("compute-7", "D"),
            ("dfw.example.com", "E"),
            ("", "F"),
        ]
        .map(|(name, region)| (name.to_string(), region.to_string()))
        .into();
        let cases = [
            ("image.api01.dfw.example.com", Some("A")),
            ("image.api02.dfw.example.com", Some("C")),
            ("image.api03.dfw.example.com", Some("B")),
            ("dfw.example.com", Some("B")),
            ("nova-compute:compute-7", Some("D")),
            ("compute-7", Some("D")),
            ("xcompute-7", None),
            ("other", None),
        ];
        for (name, expected) in cases {
            assert_eq!(mapped(&map, name), expected, "{name}");
        }
    }
}
