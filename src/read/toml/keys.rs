//! A table key by key: each asked for once, the rest unknown.

use rust_decimal::Decimal;

use crate::diagnostic::{Code, Diagnostic, Place, nearest};
use crate::read::toml::tree::{Entry, Node, Value};
use crate::value::parse_decimal;

/// A table, and the keys that have been asked for.
pub(in crate::read) struct Keys<'a, 'd> {
    entries: &'a [Entry],
    /// Where the table stands.
    place: Place,
    /// What it is called, like `[[fleet]]`.
    what: &'a str,
    pub(in crate::read) asked: Vec<&'static str>,
    pub(in crate::read) diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a, 'd> Keys<'a, 'd> {
    /// The keys of a node that has to be a table.
    pub(in crate::read) fn of(
        node: &'a Node,
        what: &'a str,
        diagnostics: &'d mut Vec<Diagnostic>,
    ) -> Option<Keys<'a, 'd>> {
        match &node.value {
            Value::Table(entries) => {
                let place = entries.first().map_or(&node.place, |entry| &entry.key_place).clone();
                Some(Keys { entries, place, what, asked: Vec::new(), diagnostics })
            }
            _ => {
                diagnostics.push(wrong_kind(what, node, "a table"));
                None
            }
        }
    }

    /// Where the table stands.
    pub(in crate::read) fn place(&self) -> &Place {
        &self.place
    }

    /// The value of a key, whatever it is.
    pub(in crate::read) fn find(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The value of a key that has to be there.
    pub(in crate::read) fn need(&mut self, key: &'static str, example: &str) -> Option<&'a Node> {
        let found = self.find(key);
        // A misspelled key is told once, where it stands.
        let is_misspelled = || {
            let known = |entry: &Entry| self.asked.contains(&entry.key.as_str());
            let mut unknown = self.entries.iter().filter(|entry| !known(entry));
            unknown.any(|entry| nearest(&entry.key, [key]).is_some())
        };
        if found.is_none() && !is_misspelled() {
            self.diagnostics.push(
                Diagnostic::error(Code::KeyMissing, format!("`{key}` is missing"))
                    .at(self.place.clone(), format!("this {} needs it", self.what))
                    .help(format!("add a line like: {key} = {example}")),
            );
        }
        found
    }

    /// A text.
    pub(in crate::read) fn text(&mut self, key: &'static str) -> Option<(&'a str, &'a Place)> {
        let node = self.find(key)?;
        self.as_text(key, node)
    }

    /// A text that has to be there.
    pub(in crate::read) fn needed_text(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Option<(&'a str, &'a Place)> {
        let node = self.need(key, example)?;
        self.as_text(key, node)
    }

    fn as_text(&mut self, key: &str, node: &'a Node) -> Option<(&'a str, &'a Place)> {
        match &node.value {
            Value::Text(text) if !text.is_empty() => Some((text, &node.place)),
            Value::Text(_) => {
                let diagnostic = Diagnostic::error(Code::ValueWrong, format!("`{key}` is empty"));
                self.diagnostics.push(diagnostic.at(node.place.clone(), "a text expected"));
                None
            }
            _ => {
                let what = format!("`{key}`");
                self.diagnostics.push(wrong_kind(&what, node, "a text in quotes"));
                None
            }
        }
    }

    /// One of a few words.
    pub(in crate::read) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let (word, place) = self.text(key)?;
        self.chosen(key, word, place, choices)
    }

    /// One of a few words, which has to be there.
    pub(in crate::read) fn needed_choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let example = choices.first().map_or_else(String::new, |(word, _)| format!("\"{word}\""));
        let (word, place) = self.needed_text(key, &example)?;
        self.chosen(key, word, place, choices)
    }

    fn chosen<T: Copy>(
        &mut self,
        key: &str,
        word: &str,
        place: &Place,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let chosen = choices.iter().find(|(known, _)| *known == word);
        if chosen.is_none() {
            let message = format!("`{key}` cannot be `{}`", short(word));
            self.diagnostics.push(
                Diagnostic::error(Code::ValueWrong, message)
                    .at(place.clone(), "not one of the choices")
                    .did_you_mean(word, choices.iter().map(|(known, _)| *known)),
            );
        }
        chosen.map(|(_, value)| *value)
    }

    /// A list of texts; empty where the key is absent.
    pub(in crate::read) fn texts(&mut self, key: &'static str) -> Vec<(&'a str, &'a Place)> {
        let Some(node) = self.find(key) else { return Vec::new() };
        let Value::List(items) = &node.value else {
            self.diagnostics.push(wrong_kind(&format!("`{key}`"), node, "a list of texts"));
            return Vec::new();
        };
        let what = format!("an item of `{key}`");
        let item = |item: &'a Node| match &item.value {
            Value::Text(text) if !text.is_empty() => Some((text.as_str(), &item.place)),
            _ => {
                self.diagnostics.push(wrong_kind(&what, item, "a text in quotes"));
                None
            }
        };
        items.iter().filter_map(item).collect()
    }

    /// A whole number within bounds.
    pub(in crate::read) fn whole(&mut self, key: &'static str, low: u64, high: u64) -> Option<u64> {
        let node = self.find(key)?;
        let number = match &node.value {
            Value::Number(digits) => digits.parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let shown = node.shown().unwrap_or_else(|| node.kind().to_owned());
            let message = format!("`{key}` cannot be {}", short(&shown));
            self.diagnostics.push(
                Diagnostic::error(Code::ValueWrong, message)
                    .at(node.place.clone(), "not a value of this key")
                    .help(format!("write a whole number from {low} to {high}, without quotes")),
            );
        }
        number
    }

    /// A number that is not negative.
    pub(in crate::read) fn amount(&mut self, key: &'static str) -> Option<Decimal> {
        let node = self.find(key)?;
        let number = decimal(node).filter(|number| !number.is_sign_negative());
        if number.is_none() {
            self.wrong(key, node, "a number from 0 on, without quotes");
        }
        number
    }

    /// Tells that a key's value is none; `expected` says what would be one.
    pub(in crate::read) fn wrong(&mut self, key: &str, node: &Node, expected: &str) {
        let shown = node.shown().unwrap_or_else(|| node.kind().to_owned());
        let message = format!("`{key}` cannot be `{}`", short(&shown));
        self.diagnostics.push(
            Diagnostic::error(Code::ValueWrong, message)
                .at(node.place.clone(), "not a value of this key")
                .help(format!("write {expected}")),
        );
    }

    /// Tells every key that nobody has asked for.
    pub(in crate::read) fn finish(self) {
        let is_there = |known: &&str| self.entries.iter().any(|e| e.key == **known);
        let absent: Vec<&str> = self.asked.iter().copied().filter(|k| !is_there(k)).collect();
        for entry in self.entries {
            if self.asked.contains(&entry.key.as_str()) {
                continue;
            }
            let help = match nearest(&entry.key, absent.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the keys are: {}", self.asked.join(", ")),
            };
            self.diagnostics.push(
                Diagnostic::error(Code::KeyUnknown, format!("unknown key `{}`", short(&entry.key)))
                    .at(entry.key_place.clone(), format!("not a key of {}", self.what))
                    .help(help),
            );
        }
    }
}

/// The tables of a list that is written as `[[key]]`, each as `read` has it.
pub(in crate::read) fn each_table<T>(
    key: &str,
    node: &Node,
    diagnostics: &mut Vec<Diagnostic>,
    read: impl Fn(&Node, &mut Vec<Diagnostic>) -> Option<T>,
) -> Vec<T> {
    let Value::List(items) = &node.value else {
        let wrong = wrong_kind(&format!("`{key}`"), node, "a list of tables");
        diagnostics.push(wrong.help(format!("begin each with the line [[{key}]]")));
        return Vec::new();
    };
    items.iter().filter_map(|item| read(item, diagnostics)).collect()
}

/// A node's number, exactly.
pub(in crate::read) fn decimal(node: &Node) -> Option<Decimal> {
    match &node.value {
        Value::Number(digits) => parse_decimal(digits.trim_start_matches('+')).ok(),
        _ => None,
    }
}

/// Tells that `what` has a value of the wrong kind.
pub(in crate::read) fn wrong_kind(what: &str, node: &Node, expected: &str) -> Diagnostic {
    let message = format!("{what} is {}, not {expected}", node.kind());
    Diagnostic::error(Code::ValueWrong, message)
        .at(node.place.clone(), format!("{expected} expected"))
}

/// The beginning of a text that may be long.
pub(in crate::read) fn short(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain("…".chars()).collect()
}
