//! What clients and APIs print, to items: whatever the layout, each with its line.
//!
//! The command-line client prints arrays and CSV with headings (`"Image ID"`), the APIs objects
//! with a list inside (`{"images": […]}`), and `show` one object. Headings and API names mean the
//! same things, so keys are put in one form (`image_id`), and what an item is about is told by the
//! keys that it has, never by the file's name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;
use serde_json::{Deserializer, Map, Value};

use crate::read::csv::{Record, Records};

use crate::read::foreign::problem::{Fault, ProblemCode};

/// What an item is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Image,
    Member,
    Server,
    /// A server as `os-simple-tenant-usage` has it.
    Usage,
}

impl Shape {
    /// Its name in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Shape::Image => "image",
            Shape::Member => "image member",
            Shape::Server => "server",
            Shape::Usage => "server usage",
        }
    }
}

/// One thing in a listing.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) line: u64,
    pub(super) offset: usize,
    pub(super) bytes: &'a [u8],
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Thing(Shape, Map<String, Value>),
    /// Its name in the table, and why nothing comes of it.
    LeftOut(&'static str, &'static str),
    Wrong(Fault),
}

/// Everything that one file holds.
#[derive(Debug, Default)]
pub(super) struct Listing<'a> {
    pub(super) items: Vec<Item<'a>>,
    /// What the file lists to the end, so that what it lacks was not there.
    pub(super) covers: BTreeSet<Shape>,
}

const TOTALS: (&str, &str) = ("quota usage", "totals of a project, not its images");
const EMPTY: (&str, &str) = ("(empty list)", "an empty list does not say of what");

/// Takes one file apart.
pub(super) fn open(bytes: &[u8]) -> Listing<'_> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = Reader { bytes, line: 1, counted_to: 0, listing: Listing::default() };
    match start.trim_ascii_start().first() {
        Some(b'{' | b'[') => reader.values(start),
        Some(_) => reader.table(),
        None => {}
    }
    reader.listing
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// The line that `counted_to` is on.
    line: u64,
    counted_to: usize,
    listing: Listing<'a>,
}

/// A key's value as it stands in the file; of a key that appears twice, the last.
type Object<'a> = BTreeMap<String, &'a RawValue>;

impl<'a> Reader<'a> {
    /// JSON values, one after the other, as a loop over `show` gathers them in a file.
    fn values(&mut self, start: &'a [u8]) {
        let mut values = Deserializer::from_slice(start).into_iter::<&'a RawValue>();
        loop {
            let at = self.bytes.len() - start.len() + values.byte_offset();
            match values.next() {
                None => return,
                Some(Ok(value)) => self.value(value.get()),
                Some(Err(error)) => {
                    let fault = Fault::unreadable(format!("cannot be read as JSON: {error}"));
                    return self.wrong(at, fault);
                }
            }
        }
    }

    fn value(&mut self, text: &'a str) {
        if text.starts_with('[') {
            return self.list(text, None, true);
        }
        let Ok(object) = serde_json::from_str::<Object<'a>>(text) else {
            return self.wrong(self.offset_of(text), not_an_inventory());
        };
        // A page that names the next one is not the end of its list.
        let is_whole = !object.contains_key("next") && !object.contains_key("servers_links");
        let lists = [("images", Shape::Image), ("members", Shape::Member)];
        for (key, shape) in lists.into_iter().chain([("servers", Shape::Server)]) {
            if let Some(list) = object.get(key) {
                return self.list(list.get(), Some(shape), is_whole);
            }
        }
        if let Some(usages) = object.get("tenant_usages") {
            return self.list(usages.get(), Some(Shape::Usage), false);
        }
        match (object.get("tenant_usage"), object.get("server")) {
            (Some(inner), _) | (None, Some(inner)) => self.item(inner.get()),
            (None, None) => self.item(text),
        }
    }

    fn list(&mut self, text: &'a str, named: Option<Shape>, is_whole: bool) {
        let Ok(items) = serde_json::from_str::<Vec<&'a RawValue>>(text) else {
            return self.wrong(self.offset_of(text), not_an_inventory());
        };
        if items.is_empty() && named.is_none() {
            return self.push(self.offset_of(text), text.as_bytes(), left_out(EMPTY));
        }
        let before = self.listing.items.len();
        for item in items {
            self.item(item.get());
        }
        let first = self.listing.items.get(before).map(|item| &item.content);
        let told = match first {
            Some(Content::Thing(shape, _)) => Some(*shape),
            Some(Content::LeftOut(..) | Content::Wrong(_)) | None => named,
        };
        self.listing.covers.extend(told.filter(|shape| is_whole && *shape != Shape::Usage));
    }

    /// One object; of a project's usage, each server in it.
    fn item(&mut self, text: &'a str) {
        let at = self.offset_of(text);
        let servers = serde_json::from_str::<Object<'a>>(text).ok().and_then(|object| {
            let list = object.get("server_usages").or(object.get("Servers"))?;
            let servers = serde_json::from_str::<Vec<&'a RawValue>>(list.get()).ok()?;
            let project = object.get("tenant_id").or(object.get("Project"))?;
            Some((servers, serde_json::from_str::<Value>(project.get()).ok()?))
        });
        let Some((servers, project)) = servers else {
            return self.push(at, text.as_bytes(), content_of(text));
        };
        for server in servers {
            let mut content = content_of(server.get());
            if let Content::Thing(_, fields) = &mut content {
                fields.entry("tenant_id").or_insert_with(|| project.clone());
            }
            self.push(self.offset_of(server.get()), server.get().as_bytes(), content);
        }
    }

    /// A table: CSV with the client's headings.
    fn table(&mut self) {
        let bytes = self.bytes;
        let mut records = Records::new(bytes);
        let mut record = Record::default();
        let mut keys: Vec<String> = Vec::new();
        while records.read(&mut record) {
            let line = &bytes[record.span.clone()];
            let texts =
                record.fields.iter().map(|field| field.text(bytes)).collect::<Option<Vec<_>>>();
            let content = match texts {
                _ if record.broken.is_some() => Content::Wrong(Fault::unreadable("a broken quote")),
                None => Content::Wrong(Fault::unreadable("the line is not UTF-8")),
                Some(texts) if keys.is_empty() => {
                    keys = texts.iter().map(|text| key_of(text)).collect();
                    continue;
                }
                Some(texts) if texts.len() != keys.len() => Content::Wrong(Fault::unreadable(
                    format!("{} cells under {} headings", texts.len(), keys.len()),
                )),
                Some(texts) => {
                    let cells = texts.into_iter().map(|text| Value::String(text.into_owned()));
                    classify(keys.iter().cloned().zip(cells).collect())
                }
            };
            if let Content::Thing(shape, _) = &content {
                self.listing.covers.insert(*shape);
            }
            let (line_number, offset) = (record.line, record.span.start);
            self.listing.items.push(Item { line: line_number, offset, bytes: line, content });
        }
    }

    fn wrong(&mut self, at: usize, fault: Fault) {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let first_line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        self.push(at, first_line, Content::Wrong(fault));
    }

    fn push(&mut self, offset: usize, bytes: &'a [u8], content: Content) {
        if offset < self.counted_to {
            (self.line, self.counted_to) = (1, 0);
        }
        let passed = self.bytes.get(self.counted_to..offset).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.counted_to = offset;
        self.listing.items.push(Item { line: self.line, offset, bytes, content });
    }

    /// Where a part of the file begins.
    fn offset_of(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.bytes.as_ptr() as usize)
    }
}

fn left_out((name, why): (&'static str, &'static str)) -> Content {
    Content::LeftOut(name, why)
}

fn not_an_inventory() -> Fault {
    Fault::unreadable("no image, image member, server or usage, as clients and APIs print them")
}

/// `Image ID` is `image_id`.
fn key_of(text: &str) -> String {
    text.trim().to_lowercase().replace(' ', "_")
}

fn content_of(text: &str) -> Content {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => {
            classify(object.into_iter().map(|(key, value)| (key_of(&key), value)).collect())
        }
        Ok(_) => Content::Wrong(not_an_inventory()),
        Err(error) => Content::Wrong(Fault::unreadable(format!("cannot be read as JSON: {error}"))),
    }
}

/// What an object is about, by the keys that it has.
fn classify(fields: Map<String, Value>) -> Content {
    let has = |keys: &[&str]| keys.iter().any(|key| fields.contains_key(*key));
    let shape = if has(&["event_type"]) {
        let message = "a notification, which is no inventory; say --from oslo or --from flat";
        return Content::Wrong(Fault::unreadable(message));
    } else if has(&["image_size_total"]) || has(&["usage"]) && fields.len() == 1 {
        return left_out(TOTALS);
    } else if has(&["member_id"]) {
        Shape::Member
    } else if has(&["started_at"]) && has(&["instance_id"]) {
        Shape::Usage
    } else if has(&["flavor", "flavor_name", "flavor_id", "power_state", "addresses", "networks"]) {
        Shape::Server
    } else if has(&["disk_format", "container_format", "visibility", "checksum"]) {
        Shape::Image
    } else if has(&["id"]) && has(&["status", "name"]) {
        let message =
            "a short list, without sizes, projects and flavors; ask the client with --long";
        return Content::Wrong(Fault::new(ProblemCode::MissingField, message));
    } else {
        return Content::Wrong(not_an_inventory());
    };
    Content::Thing(shape, fields)
}
