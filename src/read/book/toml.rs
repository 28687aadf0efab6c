//! `book.toml` key by key: each asked for once, the rest unknown.

use std::ops::Range;
use std::sync::Arc;

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use crate::diagnostic::{Code, Diagnostic, Place, Source, nearest};

/// One table of a TOML file, and the keys that have been asked for.
pub(super) struct Keys<'a, 'd> {
    table: &'a DeTable<'a>,
    source: Arc<Source>,
    /// What it is called, and the keys that belong to the file's top instead.
    within: Option<(&'static str, Vec<&'static str>)>,
    asked: Vec<&'static str>,
    /// The keys that should be there, with an example.
    missing: Vec<(&'static str, String)>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

/// A value and its place.
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl<'a, 'd> Keys<'a, 'd> {
    pub(super) fn new(
        table: &'a DeTable<'a>,
        source: &Arc<Source>,
        diagnostics: &'d mut Vec<Diagnostic>,
    ) -> Keys<'a, 'd> {
        let source = Arc::clone(source);
        Keys { table, source, within: None, asked: Vec::new(), missing: Vec::new(), diagnostics }
    }

    /// The keys of a table in a file whose top has the keys `above`.
    pub(super) fn within(
        table: &'a DeTable<'a>,
        source: &Arc<Source>,
        name: &'static str,
        above: Vec<&'static str>,
        diagnostics: &'d mut Vec<Diagnostic>,
    ) -> Keys<'a, 'd> {
        Keys { within: Some((name, above)), ..Keys::new(table, source, diagnostics) }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The value of a key, whatever it is.
    fn find(&mut self, key: &'static str) -> Option<(&'a DeValue<'a>, Place)> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let (_, value) = self.table.iter().find(|(name, _)| name.get_ref() == key)?;
        Some((value.get_ref(), self.source.place(value.span())))
    }

    /// Tells that `what` has a value of the wrong type.
    fn wrong(&mut self, what: &str, value: &DeValue<'_>, place: Place, expected: &str) {
        let kind = match value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let message = format!("{what} is {kind}, not {expected}");
        let label = format!("{expected} expected");
        self.report(Diagnostic::error(Code::ValueWrong, message).at(place, label));
    }

    /// Whether a key is there; if not, that it is missing will be told.
    fn has(&mut self, key: &'static str, example: &str) -> bool {
        let has = self.table.iter().any(|(name, _)| name.get_ref() == key);
        if !has {
            self.asked.push(key);
            self.missing.push((key, example.to_owned()));
        }
        has
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Found<&'a str>> {
        let (value, place) = self.find(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.wrong(&format!("`{key}`"), value, place.clone(), "a text in quotes");
        }
        text.map(|value| Found { value, place })
    }

    /// A text that has to be there.
    pub(super) fn needed_text(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Option<Found<&'a str>> {
        if self.has(key, example) { self.text(key) } else { None }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        needed: bool,
    ) -> Option<T> {
        let found = if needed {
            self.needed_text(key, &format!("\"{}\"", choices[0].0))
        } else {
            self.text(key)
        }?;
        let chosen = choices.iter().find(|(word, _)| *word == found.value);
        if chosen.is_none() {
            let message = format!("`{key}` cannot be `{}`", found.value);
            let words = choices.iter().map(|(word, _)| *word);
            self.report(
                Diagnostic::error(Code::ValueWrong, message)
                    .at(found.place, "not one of the choices")
                    .did_you_mean(found.value, words),
            );
        }
        chosen.map(|(_, choice)| *choice)
    }

    /// A whole number within bounds.
    pub(super) fn integer(&mut self, key: &'static str, bounds: Range<u32>) -> Option<u32> {
        let (value, place) = self.find(key)?;
        let number = value
            .as_integer()
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| bounds.contains(number));
        if number.is_none() {
            let text = &self.source.text[place.span.clone()];
            let shown = if text.len() > 40 || text.contains('\n') { "this" } else { text };
            let message = format!("`{key}` cannot be {shown}");
            let expected = format!("a whole number from {} to {}", bounds.start, bounds.end - 1);
            let label = format!("{expected} expected");
            let diagnostic = Diagnostic::error(Code::ValueWrong, message).at(place, label);
            self.report(match value {
                DeValue::String(_) => diagnostic.help("numbers stand without quotes"),
                _ => diagnostic,
            });
        }
        number
    }

    /// A whole number that has to be there.
    pub(super) fn needed_integer(
        &mut self,
        key: &'static str,
        bounds: Range<u32>,
        example: &str,
    ) -> Option<u32> {
        if self.has(key, example) { self.integer(key, bounds) } else { None }
    }

    /// A list of texts; empty where the key is absent.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<Found<&'a str>> {
        let Some((value, place)) = self.find(key) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.wrong(&format!("`{key}`"), value, place, "a list of texts");
            return Vec::new();
        };
        items.iter().filter_map(|item| self.text_item(key, item)).collect()
    }

    /// A list of texts that has to be there, with at least one; `None` after a mistake.
    pub(super) fn needed_texts(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Option<Vec<Found<&'a str>>> {
        if !self.has(key, example) {
            return None;
        }
        let (value, place) = self.find(key)?;
        let length = value.as_array().map(|items| items.len());
        if length == Some(0) {
            self.report(
                Diagnostic::error(Code::ValueWrong, format!("`{key}` is empty"))
                    .at(place, "at least one expected")
                    .help(format!("write a line like: {key} = {example}")),
            );
            return None;
        }
        let found = self.texts(key);
        (Some(found.len()) == length).then_some(found)
    }

    fn text_item(&mut self, key: &str, item: &'a Spanned<DeValue<'a>>) -> Option<Found<&'a str>> {
        let place = self.source.place(item.span());
        let text = item.get_ref().as_str();
        if text.is_none() {
            let what = format!("an item of `{key}`");
            self.wrong(&what, item.get_ref(), place.clone(), "a text in quotes");
        }
        text.map(|value| Found { value, place })
    }

    /// A list of lists of texts; empty where the key is absent.
    pub(super) fn text_lists(&mut self, key: &'static str) -> Vec<Found<Vec<Found<&'a str>>>> {
        let Some((value, place)) = self.find(key) else { return Vec::new() };
        let Some(lists) = value.as_array() else {
            self.wrong(&format!("`{key}`"), value, place, "a list of lists of SKUs");
            return Vec::new();
        };
        let mut found = Vec::new();
        for list in lists.iter() {
            let place = self.source.place(list.span());
            match list.get_ref().as_array() {
                Some(items) => {
                    let value = items.iter().filter_map(|item| self.text_item(key, item)).collect();
                    found.push(Found { value, place });
                }
                None => {
                    let what = format!("an item of `{key}`");
                    self.wrong(&what, list.get_ref(), place, "a list of SKUs");
                }
            }
        }
        found
    }

    /// A table in the table.
    pub(super) fn table(&mut self, key: &'static str) -> Option<&'a DeTable<'a>> {
        let (value, place) = self.find(key)?;
        let table = value.as_table();
        if table.is_none() {
            self.wrong(&format!("`{key}`"), value, place, "a table");
        }
        table
    }

    /// Tells every key that nobody has asked for, and every one that is missing; a misspelled key
    /// is told once. Gives the keys that belong here.
    pub(super) fn finish(mut self) -> Vec<&'static str> {
        let unknown: Vec<_> = self
            .table
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !self.asked.iter().any(|asked| asked == key.get_ref()))
            .collect();
        for key in unknown {
            let place = self.source.place(key.span());
            self.tell_unknown(key.get_ref(), place);
        }
        let end = self.end();
        let tables: Vec<_> =
            self.table.iter().filter_map(|(_, v)| v.get_ref().as_table()).collect();
        let is_misplaced =
            |key: &str| tables.iter().any(|table| table.iter().any(|(k, _)| k.get_ref() == key));
        for (key, example) in std::mem::take(&mut self.missing) {
            if is_misplaced(key) {
                continue; // told where it stands
            }
            self.report(
                Diagnostic::error(Code::KeyMissing, format!("`{key}` is missing"))
                    .at(self.source.place(end..end), "the settings end here")
                    .help(format!("add a line like: {key} = {example}")),
            );
        }
        self.asked
    }

    fn tell_unknown(&mut self, key: &str, place: Place) {
        let unknown = |label: String| {
            Diagnostic::error(Code::KeyUnknown, format!("unknown key `{key}`")).at(place, label)
        };
        let diagnostic = match &self.within {
            Some((table, above)) if above.contains(&key) => {
                unknown(format!("not a key of [{table}]"))
                    .help(format!("`{key}` belongs above the line [{table}]"))
            }
            Some((table, _)) => self.suggest(key, unknown(format!("not a key of [{table}]"))),
            None => self.suggest(key, unknown("not a key of a price book".to_owned())),
        };
        self.report(diagnostic);
    }

    /// Adds the key that was probably meant, which is then not missing any more.
    fn suggest(&mut self, key: &str, diagnostic: Diagnostic) -> Diagnostic {
        let is_there = |known: &str| self.table.iter().any(|(name, _)| name.get_ref() == known);
        let absent: Vec<&str> = self.asked.iter().copied().filter(|key| !is_there(key)).collect();
        match nearest(key, absent) {
            Some(meant) => {
                let help = format!("did you mean `{meant}`?");
                self.missing.retain(|(missing, _)| *missing != meant);
                diagnostic.help(help)
            }
            None => diagnostic.help(format!("the keys are: {}", self.asked.join(", "))),
        }
    }

    /// Where the last line ends that belongs to this table and to none in it.
    fn end(&self) -> usize {
        let values = self.table.iter().map(|(_, value)| value);
        let plain = values.filter(|value| !value.get_ref().is_table());
        plain.map(|value| value.span().end).max().unwrap_or(0)
    }
}
