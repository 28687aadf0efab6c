//! `[[vary]]`: what is uncertain, and what is drawn for it.
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become decimals")]

use rustc_hash::FxHashSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::read::scenario::distribution::{KINDS, PLAIN, read_kind};
use crate::read::scenario::{Draft, lost_path, units};
use crate::read::toml::keys::{Keys, short};
use crate::read::toml::tree::{Node, Value};
use crate::scenario::Distribution;

/// One number of a scenario that is not certain.
#[derive(Debug, Clone)]
pub struct Vary {
    /// Which number, as the file says it.
    pub path: String,
    /// How it is spread.
    pub distribution: Distribution,
}

/// What can be uncertain: parts of these tables.
const UNCERTAIN: [&str; 3] = ["image", "fleet", "change"];

/// Keys whose texts are names or dates, even where they begin with a number.
const NAMES: [&str; 13] = [
    "name",
    "owner",
    "account",
    "region",
    "regions",
    "image",
    "flavor",
    "os",
    "labels",
    "share_with",
    "timezone",
    "sku",
    "book",
];

/// Keys that count whole things.
const WHOLE: [&str; 1] = ["keep"];

impl Draft {
    /// What is uncertain; each path leads to a number.
    pub fn varies(&self, diagnostics: &mut Vec<Diagnostic>) -> Vec<Vary> {
        let mut root = self.root.clone();
        let Ok(list) = root.at("vary").cloned() else { return Vec::new() };
        let Value::List(items) = &list.value else {
            let help = "begin each with the line [[vary]]";
            diagnostics.push(
                Diagnostic::error(Code::ValueWrong, "`vary` is no list of tables")
                    .at(list.place.clone(), "here")
                    .help(help),
            );
            return Vec::new();
        };
        let mut varies: Vec<Vary> = Vec::new();
        let mut numbers = FxHashSet::default();
        for item in items {
            let Some(vary) = read_vary(item, &mut root, diagnostics) else { continue };
            // One number may have two paths: by its table's place, and by its name.
            let number = root.by_places(&vary.path);
            if numbers.contains(&number) {
                let message = format!("`{}` varies twice", short(&vary.path));
                diagnostics.push(
                    Diagnostic::error(Code::ScenarioUnclear, message)
                        .at(item.place.clone(), "the second time")
                        .help("keep one of them"),
                );
            }
            // What the command line says is certain.
            let is_said = root.at(&vary.path).is_ok_and(|node| node.place.source.name == "--set");
            if !is_said {
                numbers.insert(number);
                varies.push(vary);
            }
        }
        varies
    }

    /// A path with the places of tables for their names.
    #[must_use]
    pub fn by_places(&self, path: &str) -> String {
        self.root.by_places(path)
    }

    /// The same with drawn numbers at paths that are known to lead to numbers.
    #[must_use]
    pub fn with<'v>(&self, drawn: impl IntoIterator<Item = (&'v str, f64)>) -> Draft {
        let mut draft = self.clone();
        for (path, value) in drawn {
            if let Ok(node) = draft.root.at(path) {
                replace(node, path, value);
            }
        }
        draft
    }
}

fn read_vary(node: &Node, root: &mut Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Vary> {
    let mut keys = Keys::of(node, "[[vary]]", diagnostics)?;
    let path = keys.needed_text("path", "\"fleet.0.arrivals\"");
    let kinds: Vec<&'static str> =
        KINDS.into_iter().filter(|kind| keys.find(kind).is_some()).collect();
    keys.finish();
    let Value::Table(entries) = &node.value else { return None };
    let [kind] = kinds.as_slice() else {
        let is_misspelled = entries.len() > 1 && kinds.is_empty();
        if !is_misspelled {
            let message = match kinds.len() {
                0 => "this varies by no distribution".to_owned(),
                count => format!("this varies by {count} distributions at once"),
            };
            diagnostics.push(
                Diagnostic::error(Code::DistributionWrong, message)
                    .at(
                        entries.first().map_or(&node.place, |e| &e.key_place).clone(),
                        "one is needed",
                    )
                    .help("like triangular = { low = 25, mode = 40, high = 80 }"),
            );
        }
        return None;
    };
    let entry = entries.iter().find(|entry| entry.key == *kind)?;
    let distribution = read_kind(entry, PLAIN, diagnostics);
    let (path, place) = path?;
    let lost = match root.at(path) {
        Err(lost) => Some(lost_path(&lost, path, place.clone())),
        Ok(found) if !is_number(found) || !can_vary(path) => {
            let message = format!("`{}` leads to no number that can vary", short(path));
            let help = "a path leads to a number of an image, a fleet or a change, like \
                        fleet.0.arrivals";
            let lost = Diagnostic::error(Code::PathLost, message);
            Some(lost.at(place.clone(), "no number there").help(help))
        }
        Ok(_) => None,
    };
    if let Some(lost) = lost {
        diagnostics.push(lost);
        return None;
    }
    Some(Vary { path: path.to_owned(), distribution: distribution? })
}

/// Whether a path leads to what may be uncertain.
fn can_vary(path: &str) -> bool {
    let mut steps = path.split('.');
    let table = steps.next().is_some_and(|table| UNCERTAIN.contains(&table));
    let key = steps.nth(1).unwrap_or_default();
    table && !NAMES.contains(&key) && key != "hours" && key != "from"
}

fn is_number(node: &Node) -> bool {
    match &node.value {
        Value::Number(_) => true,
        Value::Text(text) => units::number(text).is_some(),
        _ => false,
    }
}

/// Puts a drawn number where one stands, before its unit. What cannot be negative is 0 at least.
fn replace(node: &mut Node, path: &str, value: f64) {
    let may_be_negative = path.ends_with("percent") || path.ends_with("growth");
    let value = if may_be_negative { value } else { value.max(0.0) };
    let is_whole = path.rsplit('.').next().is_some_and(|key| WHOLE.contains(&key));
    let digits = if is_whole { format!("{:.0}", value.max(1.0)) } else { plain_decimal(value) };
    match &mut node.value {
        Value::Number(number) => *number = digits,
        Value::Text(text) => {
            // The unit stays as it is written.
            if let Some((_, unit)) = units::number(text) {
                let unit = unit.len();
                let number = text.trim_end().len() - unit;
                let space = if text[..number].ends_with(' ') && unit > 0 { " " } else { "" };
                *text = format!("{digits}{space}{}", &text.trim_end()[number..]);
            }
        }
        _ => {}
    }
}

/// At most nine digits after the point, none of them in vain.
fn plain_decimal(value: f64) -> String {
    let text = format!("{value:.9}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
