//! A TOML file as a tree that can be changed: every value with the place where it stands.
//!
//! `--set` and the draws of `[[vary]]` put other values into the tree before anything is made of
//! it, so that both reach every number there is.

use std::sync::Arc;

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Place, Source};
use crate::read::text::{not_toml, utf8};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(in crate::read) struct Node {
    pub(in crate::read) value: Value,
    pub(in crate::read) place: Place,
}

/// A value.
#[derive(Debug, Clone)]
pub(in crate::read) enum Value {
    Text(String),
    /// A number, by its digits.
    Number(String),
    Flag(bool),
    Date(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(in crate::read) struct Entry {
    pub(in crate::read) key: String,
    pub(in crate::read) key_place: Place,
    pub(in crate::read) node: Node,
}

/// Reads a file; nothing where it is no TOML.
pub(in crate::read) fn parse(
    name: &str,
    bytes: &[u8],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Arc<Source>, Node)> {
    let text = utf8(name, bytes).map_err(|diagnostic| diagnostics.push(diagnostic)).ok()?;
    let source = Source::whole(name, text.trim_start_matches('\u{feff}'));
    match DeTable::parse(&source.text) {
        Ok(document) => {
            let value = Value::Table(entries(document.get_ref(), &source));
            let place = source.place(0..0);
            Some((Arc::clone(&source), Node { value, place }))
        }
        Err(error) => {
            diagnostics.push(not_toml(&source, &error));
            None
        }
    }
}

fn entries(table: &DeTable<'_>, source: &Arc<Source>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().clone().into_owned(),
            key_place: source.place(key.span()),
            node: node(value, source),
        })
        .collect();
    // As they stand in the file.
    entries.sort_by_key(|entry| entry.key_place.span.start);
    entries
}

fn node(value: &Spanned<DeValue<'_>>, source: &Arc<Source>) -> Node {
    let place = source.place(value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => {
            Value::Number(number.as_str().replace('_', ""))
        }
        DeValue::Integer(number) => {
            let digits = i128::from_str_radix(&number.as_str().replace('_', ""), number.radix());
            Value::Number(digits.map_or_else(|_| number.as_str().to_owned(), |n| n.to_string()))
        }
        DeValue::Float(number) => Value::Number(number.as_str().replace('_', "")),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|i| node(i, source)).collect()),
        DeValue::Table(table) => Value::Table(entries(table, source)),
    };
    Node { value, place }
}

/// The value that a command line gives for a path: TOML where it is, else a text.
pub(in crate::read) fn parse_value(text: &str, source: &Arc<Source>, place: Place) -> Node {
    let whole = format!("x = {text}");
    let parsed = DeTable::parse(&whole).ok().and_then(|document| {
        let mut entries = entries(document.get_ref(), source);
        let only = entries.len() == 1;
        entries.pop().filter(|_| only).map(|entry| entry.node.value)
    });
    let value = parsed.unwrap_or_else(|| Value::Text(text.to_owned()));
    let mut node = Node { value, place };
    node.put_all_at(&node.place.clone());
    node
}

/// Why a path does not lead anywhere: up to where it does, and what could follow there.
#[derive(Debug)]
pub(in crate::read) struct Lost {
    pub(in crate::read) reached: String,
    pub(in crate::read) step: String,
    pub(in crate::read) known: Vec<String>,
}

impl Node {
    fn put_all_at(&mut self, place: &Place) {
        self.place = place.clone();
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.put_all_at(place)),
            Value::Table(entries) => {
                for entry in entries {
                    entry.key_place = place.clone();
                    entry.node.put_all_at(place);
                }
            }
            Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Date(_) => {}
        }
    }

    /// What it is, for people.
    pub(in crate::read) fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a text",
            Value::Number(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// What it says, for people; of a list or table nothing.
    pub(in crate::read) fn shown(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) | Value::Number(text) | Value::Date(text) => Some(text.clone()),
            Value::Flag(flag) => Some(flag.to_string()),
            Value::List(_) | Value::Table(_) => None,
        }
    }

    /// The node that a step leads to: a key, the place of an item from 0, or its name.
    fn step(&self, step: &str) -> Option<&Node> {
        match &self.value {
            Value::Table(entries) => {
                entries.iter().find(|entry| entry.key == step).map(|entry| &entry.node)
            }
            Value::List(items) => item_of(items, step).and_then(|place| items.get(place)),
            Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Date(_) => None,
        }
    }

    /// The same, to be changed.
    fn step_mut(&mut self, step: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Table(entries) => {
                entries.iter_mut().find(|entry| entry.key == step).map(|entry| &mut entry.node)
            }
            Value::List(items) => item_of(items, step).and_then(|place| items.get_mut(place)),
            Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Date(_) => None,
        }
    }

    /// The `name` of a table that has one.
    pub(in crate::read) fn name(&self) -> Option<&str> {
        let Value::Table(entries) = &self.value else { return None };
        let name = entries.iter().find(|entry| entry.key == "name")?;
        match &name.node.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same path with every item by its place: so one number has one path.
    pub(in crate::read) fn by_places(&self, path: &str) -> String {
        let mut steps = Vec::new();
        let mut node = Some(self);
        for step in steps_of(path) {
            let place = match node.map(|node| &node.value) {
                Some(Value::List(items)) => item_of(items, &step),
                _ => None,
            };
            node = node.and_then(|node| node.step(&step));
            steps.push(place.map_or(step, |place| place.to_string()));
        }
        steps.join(".")
    }

    fn steps(&self) -> Vec<String> {
        match &self.value {
            Value::Table(entries) => entries.iter().map(|entry| entry.key.clone()).collect(),
            Value::List(items) => (0..items.len()).map(|place| place.to_string()).collect(),
            Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Date(_) => Vec::new(),
        }
    }

    /// The node at a path.
    pub(in crate::read) fn at(&mut self, path: &str) -> Result<&mut Node, Lost> {
        let steps = steps_of(path);
        if let Some(lost) = self.lost(&steps) {
            return Err(lost);
        }
        let mut node = self;
        for step in steps {
            let lost = Lost { reached: String::new(), step: step.clone(), known: Vec::new() };
            node = node.step_mut(&step).ok_or(lost)?;
        }
        Ok(node)
    }

    /// Where a path ends that leads nowhere.
    fn lost(&self, steps: &[String]) -> Option<Lost> {
        let mut node = self;
        for (place, step) in steps.iter().enumerate() {
            let Some(next) = node.step(step) else {
                let reached = steps[..place].join(".");
                return Some(Lost { reached, step: step.clone(), known: node.steps() });
            };
            node = next;
        }
        None
    }

    /// Puts a value at a path. A key that a table does not have yet is added; nothing else is.
    pub(in crate::read) fn set(&mut self, path: &str, new: Node) -> Result<(), Lost> {
        let steps = steps_of(path);
        let (last, above) = match steps.split_last() {
            Some((last, above)) => (last.clone(), above.join(".")),
            None => return Ok(()),
        };
        let parent = self.at(&above)?;
        if let Some(old) = parent.step_mut(&last) {
            *old = new;
            return Ok(());
        }
        let known = parent.steps();
        match &mut parent.value {
            Value::Table(entries) => {
                let key_place = new.place.clone();
                entries.push(Entry { key: last, key_place, node: new });
                Ok(())
            }
            _ => Err(Lost { reached: above, step: last, known }),
        }
    }

    /// Every value that is neither list nor table, with its path.
    pub(in crate::read) fn leaves(&self) -> Vec<(String, &Node)> {
        let mut leaves = Vec::new();
        self.add_leaves("", &mut leaves);
        leaves
    }

    fn add_leaves<'n>(&'n self, path: &str, leaves: &mut Vec<(String, &'n Node)>) {
        let below = |step: &str| {
            if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
        };
        match &self.value {
            Value::Table(entries) => {
                for entry in entries {
                    entry.node.add_leaves(&below(&quoted(&entry.key)), leaves);
                }
            }
            Value::List(items) => {
                for (place, item) in items.iter().enumerate() {
                    item.add_leaves(&below(&place.to_string()), leaves);
                }
            }
            Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Date(_) => {
                leaves.push((path.to_owned(), self));
            }
        }
    }
}

/// The place of an item that a step leads to: that place, or its name.
fn item_of(items: &[Node], step: &str) -> Option<usize> {
    let named = |item: &Node| item.name().is_some_and(|name| name == step);
    step.parse().ok().or_else(|| items.iter().position(named))
}

/// A key as a step of a path.
fn quoted(key: &str) -> String {
    if key.contains('.') { format!("\"{key}\"") } else { key.to_owned() }
}

/// The steps of a path: between points, where they do not stand in quotes.
fn steps_of(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut step = String::new();
    let mut is_quoted = false;
    for character in path.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => steps.push(std::mem::take(&mut step)),
            _ => step.push(character),
        }
    }
    if !path.is_empty() {
        steps.push(step);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Node {
        parse("s.toml", text.as_bytes(), &mut Vec::new()).expect("TOML").1
    }

    fn shown(root: &mut Node, path: &str) -> Option<String> {
        root.at(path).ok().and_then(|node| node.shown())
    }

    #[test]
    fn a_path_leads_by_keys_places_and_names() {
        let mut root = tree("[[image]]\nname = 'web'\nsize = '18 GiB'\n[budget]\n'a.b' = 5\n");
        assert_eq!(shown(&mut root, "image.0.size").as_deref(), Some("18 GiB"));
        assert_eq!(shown(&mut root, "image.web.size").as_deref(), Some("18 GiB"));
        assert_eq!(shown(&mut root, "budget.\"a.b\"").as_deref(), Some("5"));
        assert_eq!(root.by_places("image.web.size"), "image.0.size");
        assert_eq!(root.by_places("image.\"0\".size"), "image.0.size");
        let lost = root.at("image.0.sise").expect_err("no such key");
        assert_eq!((lost.reached.as_str(), lost.step.as_str()), ("image.0", "sise"));
        assert_eq!(lost.known, ["name", "size"]);
        assert!(root.at("image.1").is_err());
    }

    #[test]
    fn a_value_is_put_in_place_or_added_to_a_table() {
        let mut root = tree("[[fleet]]\ncount = 3\n");
        let source = Source::whole("--set", "fleet.0.count=20");
        let new = |text: &str| parse_value(text, &source, source.place(0..1));
        root.set("fleet.0.count", new("20")).expect("it is there");
        root.set("fleet.0.hours", new("Mon-Fri 08:00-18:00")).expect("a table takes it");
        root.set("fleet.0.reimage", new("{ every = '1 day', keep = 2 }")).expect("so does it");
        assert!(root.set("fleet.1.count", new("1")).is_err());
        assert!(root.set("fleet.0.count.x", new("1")).is_err());
        let leaves: Vec<(String, String)> = root
            .leaves()
            .into_iter()
            .map(|(path, node)| (path, node.shown().unwrap_or_default()))
            .collect();
        let expected = [
            ("fleet.0.count", "20"),
            ("fleet.0.hours", "Mon-Fri 08:00-18:00"),
            ("fleet.0.reimage.every", "1 day"),
            ("fleet.0.reimage.keep", "2"),
        ];
        assert_eq!(leaves, expected.map(|(path, value)| (path.to_owned(), value.to_owned())));
    }
}
