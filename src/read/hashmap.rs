//! CloudKitty's hashmap configuration: what its v1 API answers, and what its client prints.
//!
//! `GET /v1/rating/module_config/hashmap/{services,fields,mappings,thresholds,groups}` answers an
//! object with one list of that name; `openstack rating hashmap … list -f json` prints the list with
//! headings. Headings and names mean the same things, so keys are put in one form, and what an item
//! is about is told by the ids that it has. Files may hold one answer, several one after the other,
//! or one object with several lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Deserializer;
use serde_json::value::RawValue;

use crate::diagnostic::{Code, Diagnostic, Place, Source, has_errors};
use crate::hashmap::{Effect, Field, Hashmap, Named, Rule, Scope, Trigger};
use crate::read::table::abridged;
use crate::read::text::utf8;
use crate::value::{Exact, Instant, InstantError, parse_decimal};

/// The lists of a configuration.
const LISTS: [&str; 5] = ["services", "fields", "groups", "mappings", "thresholds"];

/// What a list has beside it, and what is none of it.
const BESIDE: [&str; 2] = ["links", "next"];

/// Reads the files of a configuration, by name and content.
///
/// # Errors
/// Everything that is wrong with them.
pub fn read(files: &[(String, Vec<u8>)]) -> Result<Hashmap, Vec<Diagnostic>> {
    let mut reading = Reading::default();
    for (name, bytes) in files {
        match utf8(name, bytes) {
            Ok(text) => reading.file(&Source::whole(name, text.trim_start_matches('\u{feff}'))),
            Err(diagnostic) => reading.diagnostics.push(diagnostic),
        }
    }
    reading.check_ids();
    if has_errors(&reading.diagnostics) { Err(reading.diagnostics) } else { Ok(reading.hashmap) }
}

#[derive(Default)]
struct Reading {
    hashmap: Hashmap,
    diagnostics: Vec<Diagnostic>,
}

/// An object's values as they stand in the file.
type Object<'a> = BTreeMap<String, &'a RawValue>;

impl Reading {
    fn file(&mut self, source: &Arc<Source>) {
        let mut values = Deserializer::from_str(&source.text).into_iter::<&RawValue>();
        let mut is_empty = true;
        loop {
            let at = values.byte_offset();
            match values.next() {
                None if is_empty => return self.stranger(source, source.place(0..0)),
                None => return,
                Some(Ok(value)) => self.value(value.get(), source),
                Some(Err(error)) => {
                    let message = format!("`{}` is not JSON: {error}", source.name);
                    let diagnostic = Diagnostic::error(Code::HashmapUnreadable, message);
                    return self.diagnostics.push(
                        diagnostic
                            .at(line_at(source, at), "here, or below")
                            .help("save what the API answers, or the client prints with -f json"),
                    );
                }
            }
            is_empty = false;
        }
    }

    fn value(&mut self, text: &str, source: &Arc<Source>) {
        if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) {
            return items.iter().for_each(|item| self.item(item.get(), source));
        }
        let place = place_of(source, text);
        let Ok(object) = serde_json::from_str::<Object<'_>>(text) else {
            return self.stranger(source, place);
        };
        let mut has_list = false;
        for (key, value) in &object {
            if BESIDE.contains(&key.as_str()) || !LISTS.contains(&key.as_str()) {
                continue;
            }
            has_list = true;
            match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
                Ok(items) => items.iter().for_each(|item| self.item(item.get(), source)),
                Err(_) => self.stranger(source, place_of(source, value.get())),
            }
        }
        if !has_list {
            self.item(text, source);
        }
    }

    /// One service, field, group, mapping or threshold, by the ids that it has.
    fn item(&mut self, text: &str, source: &Arc<Source>) {
        let place = place_of(source, text);
        let Ok(object) = serde_json::from_str::<Object<'_>>(text) else {
            return self.stranger(source, place);
        };
        let object = object.into_iter().map(|(key, value)| (key_of(&key), value)).collect();
        let mut item = Item { object, source, place, diagnostics: &mut self.diagnostics };
        if let Some(id) = item.text("mapping_id") {
            self.hashmap.rules.extend(item.rule(id, true));
        } else if let Some(id) = item.text("threshold_id") {
            self.hashmap.rules.extend(item.rule(id, false));
        } else if let Some(id) = item.text("field_id") {
            let (name, service) = (item.needed("name"), item.needed("service_id"));
            let place = item.place.clone();
            let field = name.zip(service);
            self.hashmap.fields.extend(field.map(|(name, service)| Field {
                id,
                name,
                service,
                place,
            }));
        } else if let Some(id) = item.text("service_id") {
            let (name, place) = (item.needed("name"), item.place.clone());
            self.hashmap.services.extend(name.map(|name| Named { id, name, place }));
        } else if let Some(id) = item.text("group_id") {
            let (name, place) = (item.needed("name"), item.place.clone());
            self.hashmap.groups.extend(name.map(|name| Named { id, name, place }));
        } else {
            let place = item.place.clone();
            self.stranger(source, place);
        }
    }

    fn stranger(&mut self, source: &Source, place: Place) {
        let message = format!("`{}` has no hashmap service, field or rule here", source.name);
        let help = "save what /v1/rating/module_config/hashmap/{services,fields,mappings,\
                    thresholds,groups} answers, or `openstack rating hashmap … list -f json` prints";
        self.diagnostics.push(
            Diagnostic::error(Code::HashmapUnreadable, message)
                .at(place, "something else")
                .help(help),
        );
    }

    /// Every id that something refers to has to be listed; that of a group only where any is.
    fn check_ids(&mut self) {
        let hashmap = &mut self.hashmap;
        for list in [&mut hashmap.services, &mut hashmap.groups] {
            let mut seen = std::collections::BTreeSet::new();
            list.retain(|named| seen.insert(named.id.clone()));
        }
        let mut seen = std::collections::BTreeSet::new();
        hashmap.fields.retain(|field| seen.insert(field.id.clone()));
        let mut seen = std::collections::BTreeSet::new();
        hashmap.rules.retain(|rule| seen.insert((rule.kind(), rule.id.clone())));
        let hashmap = &self.hashmap;
        let has_service = |id: &str| hashmap.services.iter().any(|service| service.id == id);
        let has_group = |id: &str| {
            hashmap.groups.is_empty() || hashmap.groups.iter().any(|group| group.id == id)
        };
        let mut lost = Vec::new();
        for field in hashmap.fields.iter().filter(|field| !has_service(&field.service)) {
            lost.push(("the field", "service", &field.service, &field.place));
        }
        for rule in &hashmap.rules {
            match &rule.scope {
                Scope::Service(id) if !has_service(id) => {
                    lost.push((rule.kind(), "service", id, &rule.place));
                }
                Scope::Field(id) if !hashmap.fields.iter().any(|field| field.id == *id) => {
                    lost.push((rule.kind(), "field", id, &rule.place));
                }
                Scope::Service(_) | Scope::Field(_) => {}
            }
            if let Some(group) = rule.group.as_ref().filter(|group| !has_group(group)) {
                lost.push((rule.kind(), "group", group, &rule.place));
            }
        }
        for (what, of, id, place) in lost {
            let what = what.trim_start_matches("the ");
            let message = format!("a {what} of the {of} `{}`, which is not listed", abridged(id));
            self.diagnostics.push(
                Diagnostic::error(Code::HashmapDangling, message)
                    .at(place.clone(), format!("{of}_id leads nowhere"))
                    .help(format!("add what the API answers to …/hashmap/{of}s")),
            );
        }
    }
}

/// One object, and where it stands.
struct Item<'a, 'd> {
    object: Object<'a>,
    source: &'a Arc<Source>,
    place: Place,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Item<'_, '_> {
    /// A text or a number by its digits; nothing where it is absent, null or empty.
    fn text(&self, key: &str) -> Option<String> {
        let raw = self.object.get(key)?.get();
        let text = match serde_json::from_str::<serde_json::Value>(raw).ok()? {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => return None,
            _ => raw.to_owned(),
        };
        (!text.is_empty()).then_some(text)
    }

    fn needed(&mut self, key: &str) -> Option<String> {
        let text = self.text(key);
        if text.is_none() {
            let message = format!("`{key}` is missing");
            self.diagnostics.push(
                Diagnostic::error(Code::KeyMissing, message)
                    .at(self.place.clone(), "this needs it")
                    .help("save the whole answer; the client prints all columns without -c"),
            );
        }
        text
    }

    fn at(&self, key: &str) -> Place {
        let value = self.object.get(key);
        value.map_or_else(|| self.place.clone(), |value| place_of(self.source, value.get()))
    }

    fn rule(&mut self, id: String, is_mapping: bool) -> Option<Rule> {
        let cost = self.needed("cost").and_then(|cost| self.number("cost", &cost));
        let level = if is_mapping { None } else { self.needed("level") };
        let level = level.and_then(|level| self.number("level", &level));
        let effect = self.effect();
        let scope = match (self.text("field_id"), self.text("service_id")) {
            (Some(field), _) => Some(Scope::Field(field)),
            (None, Some(service)) => Some(Scope::Service(service)),
            (None, None) => {
                self.needed("service_id");
                None
            }
        };
        let trigger = match (is_mapping, &scope, level) {
            (true, Some(Scope::Field(_)), _) => self.needed("value").map(Trigger::Value),
            // That of a service has none.
            (true, ..) => Some(Trigger::Value(String::new())),
            (false, _, level) => level.map(Trigger::Level),
        };
        let (start, end) = (self.instant("start")?, self.instant("end")?);
        Some(Rule {
            id,
            trigger: trigger?,
            effect: effect?,
            cost: cost?,
            scope: scope?,
            group: self.text("group_id"),
            tenant: self.text("tenant_id").or_else(|| self.text("project_id")),
            start,
            end,
            is_deleted: self.text("deleted").is_some(),
            place: self.place.clone(),
        })
    }

    fn effect(&mut self) -> Option<Effect> {
        // The word is `type`; CloudKitty's own default is flat.
        match self.text("type").as_deref() {
            None | Some("flat") => Some(Effect::Flat),
            Some("rate") => Some(Effect::Rate),
            Some(word) => {
                let message = format!("`type` cannot be `{}`", abridged(word));
                self.diagnostics.push(
                    Diagnostic::error(Code::ValueWrong, message)
                        .at(self.at("type"), "not one of the choices")
                        .did_you_mean(word, ["flat", "rate"]),
                );
                None
            }
        }
    }

    fn number(&mut self, key: &str, text: &str) -> Option<Exact> {
        let number = scientific(text);
        if number.is_none() {
            let message = format!("`{}` is not a number of at most 25 digits", abridged(text));
            self.diagnostics.push(
                Diagnostic::error(Code::NumberWrong, message)
                    .at(self.at(key), "a decimal number is expected")
                    .help(
                        "write it like 0.01 or 1E-8; more digits cannot be computed with exactly",
                    ),
            );
        }
        number
    }

    /// `None` after a mistake; `Some(None)` where there is no date. Times without an offset are UTC.
    fn instant(&mut self, key: &str) -> Option<Option<Instant>> {
        let Some(text) = self.text(key) else { return Some(None) };
        let parsed = match Instant::parse_date_or_instant(&text) {
            Err(InstantError::NoOffset) => Instant::parse(&format!("{text}Z")),
            parsed => parsed,
        };
        match parsed {
            Ok(instant) => Some(Some(instant)),
            Err(error) => {
                let message = format!("`{}`: {error}", abridged(&text));
                let diagnostic = Diagnostic::error(Code::DateWrong, message);
                self.diagnostics.push(diagnostic.at(self.at(key), "a time is expected"));
                None
            }
        }
    }
}

/// A decimal as Python prints it: `0.01000000`, `1E-8`.
#[must_use]
pub fn scientific(text: &str) -> Option<Exact> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let trimmed = match digits.split_once('.') {
        Some((whole, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
        }
        None => digits.to_owned(),
    };
    let number = Exact::of(parse_decimal(&trimmed).ok()?);
    let power = |exponent: i32| 10_i128.checked_pow(exponent.unsigned_abs());
    if exponent >= 0 {
        return number.times(Exact::from_units(power(exponent)?, 0)).ok();
    }
    (exponent >= -40).then_some(())?;
    number.times(Exact::from_units(1, exponent.unsigned_abs())).ok()
}

/// `Mapping ID` is `mapping_id`.
fn key_of(text: &str) -> String {
    text.trim().to_lowercase().replace(' ', "_")
}

/// The place of a part of a source's text.
fn place_of(source: &Arc<Source>, part: &str) -> Place {
    let start = (part.as_ptr() as usize).saturating_sub(source.text.as_ptr() as usize);
    source.place(start..start + part.len())
}

/// The first line from a byte on.
fn line_at(source: &Arc<Source>, at: usize) -> Place {
    let rest = source.text.get(at..).unwrap_or_default();
    let skipped = rest.len() - rest.trim_start().len();
    let length = rest.trim_start().lines().next().map_or(0, str::len);
    source.place(at + skipped..at + skipped + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_read_as_python_prints_them() {
        for (text, expected) in [
            ("0.01000000", Some("0.01")),
            ("0.0100000000000000000000000000", Some("0.01")),
            ("1E-8", Some("0.00000001")),
            ("1.37e-8", Some("0.0000000137")),
            ("2E+3", Some("2000")),
            ("-0.5", Some("-0.5")),
            ("0", Some("0")),
            ("0,01", None),
            ("1E-99", None),
            ("1E99", None),
            ("NaN", None),
            ("", None),
        ] {
            assert_eq!(scientific(text).map(|n| n.to_string()).as_deref(), expected, "{text}");
        }
    }
}
