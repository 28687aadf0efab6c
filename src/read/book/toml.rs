//! `book.toml` key by key: each asked for once, the rest unknown.

use std::ops::Range;
use std::sync::Arc;

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use crate::diagnostic::{Code, Diagnostic, Place, Source};

/// One table of a TOML file, and the keys that have been asked for.
pub(super) struct Keys<'a, 'd> {
    table: &'a DeTable<'a>,
    source: Arc<Source>,
    /// The table's own place, for what is missing in it.
    span: Range<usize>,
    asked: Vec<&'static str>,
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
        span: Range<usize>,
        diagnostics: &'d mut Vec<Diagnostic>,
    ) -> Keys<'a, 'd> {
        let source = Arc::clone(source);
        Keys { table, source, span, asked: Vec::new(), diagnostics }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The value of a key, whatever it is.
    fn find(&mut self, key: &'static str) -> Option<(&'a DeValue<'a>, Place)> {
        self.asked.push(key);
        let (_, value) = self.table.iter().find(|(name, _)| name.get_ref() == key)?;
        Some((value.get_ref(), self.source.place(value.span())))
    }

    fn wrong(&mut self, key: &str, value: &DeValue<'_>, place: Place, expected: &str) {
        let message = format!("`{key}` is {expected}, not a value of type {}", value.type_str());
        self.report(
            Diagnostic::error(Code::ValueWrong, message).at(place, format!("{expected} expected")),
        );
    }

    /// Tells that a key is missing.
    pub(super) fn missing(&mut self, key: &str, example: &str) {
        let place = self.source.place(self.span.start..self.span.start);
        self.report(
            Diagnostic::error(Code::KeyMissing, format!("`{key}` is missing"))
                .at(place, "in this file")
                .help(format!("add a line like: {key} = {example}")),
        );
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Found<&'a str>> {
        let (value, place) = self.find(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.wrong(key, value, place.clone(), "a text in quotes");
        }
        text.map(|value| Found { value, place })
    }

    /// A text that has to be there.
    pub(super) fn needed_text(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Option<Found<&'a str>> {
        if !self.table.iter().any(|(name, _)| name.get_ref() == key) {
            self.asked.push(key);
            self.missing(key, example);
            return None;
        }
        self.text(key)
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
            let expected = format!("a whole number from {} to {}", bounds.start, bounds.end - 1);
            let message = format!("`{key}` is {expected}");
            self.report(Diagnostic::error(Code::ValueWrong, message).at(place, expected));
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
        if !self.table.iter().any(|(name, _)| name.get_ref() == key) {
            self.asked.push(key);
            self.missing(key, example);
            return None;
        }
        self.integer(key, bounds)
    }

    /// A list of texts; empty where the key is absent.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<Found<&'a str>> {
        let Some((value, place)) = self.find(key) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.wrong(key, value, place, "a list of texts");
            return Vec::new();
        };
        items.iter().filter_map(|item| self.text_item(key, item)).collect()
    }

    fn text_item(&mut self, key: &str, item: &'a Spanned<DeValue<'a>>) -> Option<Found<&'a str>> {
        let place = self.source.place(item.span());
        let text = item.get_ref().as_str();
        if text.is_none() {
            self.wrong(key, item.get_ref(), place.clone(), "a list of texts");
        }
        text.map(|value| Found { value, place })
    }

    /// A list of lists of texts; empty where the key is absent.
    pub(super) fn text_lists(&mut self, key: &'static str) -> Vec<Found<Vec<Found<&'a str>>>> {
        let Some((value, place)) = self.find(key) else { return Vec::new() };
        let Some(lists) = value.as_array() else {
            self.wrong(key, value, place, "a list of lists of SKUs");
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
                None => self.wrong(key, list.get_ref(), place, "a list of lists of SKUs"),
            }
        }
        found
    }

    /// A table in the table.
    pub(super) fn table(&mut self, key: &'static str) -> Option<(&'a DeTable<'a>, Range<usize>)> {
        let (value, place) = self.find(key)?;
        let table = value.as_table();
        if table.is_none() {
            self.wrong(key, value, place.clone(), "a table");
        }
        table.map(|table| (table, place.span))
    }

    /// Tells every key that nobody has asked for.
    pub(super) fn finish(mut self) {
        let unknown: Vec<_> = self
            .table
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !self.asked.iter().any(|asked| asked == key.get_ref()))
            .collect();
        for key in unknown {
            let place = self.source.place(key.span());
            let message = format!("unknown key `{}`", key.get_ref());
            let known = self.asked.clone();
            self.report(
                Diagnostic::error(Code::KeyUnknown, message)
                    .at(place, "not a key of a price book")
                    .did_you_mean(key.get_ref(), known),
            );
        }
    }
}
