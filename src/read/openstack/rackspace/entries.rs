//! JSON answers of Cloud Feeds and StackTach, and `image.exists`, to entries.

use serde_json::{Map, Value};

/// One server or image over some time.
#[derive(Debug)]
pub(in super::super) struct Entry {
    pub(super) shape: Shape,
    /// Its name in the table.
    pub(super) name: String,
    pub(super) id: String,
    pub(super) fields: Map<String, Value>,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Shape {
    Server,
    Image,
    /// For this reason nothing comes of it.
    Other(&'static str),
}

const NOT_OURS: &str = "usage of something that is no server and no image";

const NO_ENTRIES: &str = "an answer without entries";
const NO_OBJECT: &str = "no object";

/// The entries of a JSON record, at least one; `None` where it is no answer but a notification, or
/// neither.
pub(in super::super) fn of_answer(text: &str) -> Option<Vec<Entry>> {
    let Ok(Value::Object(mut object)) = serde_json::from_str(text) else { return None };
    if object.get("event_type").and_then(Value::as_str) == Some("image.exists") {
        return Some(of_audit(object));
    }
    if let Some(Value::Object(mut feed)) = object.remove("feed") {
        return Some(of_feed(feed.remove("entry").unwrap_or_default()));
    }
    if let Some(entry) = object.remove("entry") {
        return Some(of_feed(entry));
    }
    let keys = ["launches", "launch", "deletes", "delete", "exists", "exist", "images", "image"];
    let (key, found) = keys.iter().find_map(|key| Some((*key, object.remove(*key)?)))?;
    let things = match found {
        Value::Array(things) => things,
        Value::Object(_) => vec![found],
        // A word that a notification may have, too.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    let things = things.into_iter().map(|thing| match thing {
        Value::Object(fields) => of_stacktach(key, fields),
        _ => Entry::left_out("stacktach", NO_OBJECT),
    });
    Some(or_left_out(things.collect(), "stacktach"))
}

impl Entry {
    /// Something of which nothing comes; it is counted all the same.
    fn left_out(name: &str, why: &'static str) -> Entry {
        let (name, id) = (name.to_owned(), String::new());
        Entry { shape: Shape::Other(why), name, id, fields: Map::new() }
    }
}

/// The entries of an answer, of which each has to be told: also of one that has none.
fn or_left_out(entries: Vec<Entry>, name: &str) -> Vec<Entry> {
    if entries.is_empty() { vec![Entry::left_out(name, NO_ENTRIES)] } else { entries }
}

/// A feed's entries; one alone is not in a list.
fn of_feed(entries: Value) -> Vec<Entry> {
    let entries = match entries {
        Value::Array(entries) => entries,
        Value::Null => Vec::new(),
        entry => vec![entry],
    };
    or_left_out(entries.into_iter().flat_map(of_entry).collect(), "feed")
}

fn of_entry(mut entry: Value) -> Vec<Entry> {
    let content = entry.get_mut("content").map(Value::take).unwrap_or_default();
    let mut events = Vec::new();
    for (key, inner) in content.as_object().into_iter().flatten() {
        let inner = if key == "events" { inner.get("event").unwrap_or(inner) } else { inner };
        match inner {
            Value::Array(several) => events.extend(several.iter().cloned()),
            Value::Object(_) => events.push(inner.clone()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let events = events.into_iter().map(|mut event| {
        let product = event.get_mut("product").map(Value::take).unwrap_or_default();
        let Value::Object(fields) = event else { return Entry::left_out("feed", NO_OBJECT) };
        of_event(fields, product.as_object().cloned().unwrap_or_default())
    });
    let events: Vec<Entry> = events.collect();
    if events.is_empty() {
        vec![Entry::left_out("feed", "an entry without an event")]
    } else {
        events
    }
}

/// An event and its product, in one map; the event's own keys go first.
pub(super) fn of_event(event: Map<String, Value>, product: Map<String, Value>) -> Entry {
    let text = |map: &Map<String, Value>, key: &str| {
        map.get(key).and_then(Value::as_str).unwrap_or_default().to_string()
    };
    let (service, resource) = (text(&product, "serviceCode"), text(&product, "resourceType"));
    let is_usage = text(&event, "type") == "USAGE";
    let shape = match service.as_str() {
        "CloudServersOpenStack" if resource == "SERVER" && is_usage => Shape::Server,
        "Glance" if is_usage => Shape::Image,
        _ => Shape::Other(NOT_OURS),
    };
    let id = text(&event, "id");
    let mut fields = event;
    for (key, value) in product {
        fields.entry(key).or_insert(value);
    }
    let words = [service, resource].into_iter().filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join(" ").to_lowercase();
    let name = if name.is_empty() { "(no product)".into() } else { format!("feed {name}") };
    Entry { shape, name, id, fields }
}

fn of_stacktach(key: &str, fields: Map<String, Value>) -> Entry {
    let singular = match key {
        "launches" | "launch" => "launch",
        "deletes" | "delete" => "delete",
        "exists" | "exist" => "exists",
        _ => "image",
    };
    let shape = match (fields.contains_key("instance"), fields.contains_key("uuid")) {
        (true, _) => Shape::Server,
        (false, true) => Shape::Image,
        (false, false) => Shape::Other("no instance and no uuid"),
    };
    let id = fields.get("message_id").and_then(Value::as_str).unwrap_or_default().to_string();
    Entry { shape, name: format!("stacktach {singular}"), id, fields }
}

/// The images of an audit; the owner stands beside them.
fn of_audit(mut record: Map<String, Value>) -> Vec<Entry> {
    let name = "image.exists".to_string();
    let id = record.get("message_id").and_then(Value::as_str).unwrap_or_default().to_string();
    let mut payload = record.get_mut("payload").map(Value::take).unwrap_or_default();
    let owner = payload.get("owner").cloned().unwrap_or_default();
    let images = payload.get_mut("images").map(Value::take).unwrap_or_default();
    let Value::Array(images) = images else {
        let shape = Shape::Other("an audit that names no images");
        return vec![Entry { shape, name, id, fields: record }];
    };
    let entry = |image: Value| {
        let Value::Object(mut fields) = image else { return Entry::left_out(&name, NO_OBJECT) };
        fields.entry("owner").or_insert_with(|| owner.clone());
        let status = fields.get("status").and_then(Value::as_str).unwrap_or_default();
        let shape = match status {
            "queued" | "saving" => Shape::Other("has no data yet"),
            _ => Shape::Image,
        };
        // One audit has many images: its id is that of none of them.
        Entry { shape, name: name.clone(), id: String::new(), fields }
    };
    or_left_out(images.into_iter().map(entry).collect(), "image.exists")
}
