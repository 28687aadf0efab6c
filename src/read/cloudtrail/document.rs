//! A file's JSON to records, out of whatever they were delivered in.
//!
//! | delivered by | looks like |
//! |---|---|
//! | CloudTrail, to S3 | `{"Records": […]}` |
//! | `aws cloudtrail lookup-events` | `{"Events": [{"CloudTrailEvent": "…the record as a string…"}]}` |
//! | EventBridge | `{"detail-type", "account", "region", "time", "detail": {…the record…}}` |
//! | CloudTrail Lake | `{"QueryResultRows": [[{"eventName": "…"}, …]]}`, `{"eventData": {…}}` |
//! | CloudWatch Logs, SNS | `{"message": "…the record as a string…"}` |
//!
//! Or one bare record after the other. What the APIs print of images, snapshots and instances is
//! told apart by its first key.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::described::Thing;
use super::event::{Event, STATE_CHANGE};
use crate::read::foreign::problem::{Fault, ProblemCode};

/// How often one envelope may lie in another.
const DEPTH: usize = 4;

/// The objects in a record, which Lake and Athena write as texts that hold JSON.
const NESTED: [&str; 5] =
    ["userIdentity", "requestParameters", "responseElements", "serviceEventDetails", "eventData"];

/// What one value of a file is.
pub(super) enum Document<'a> {
    /// One record, in an envelope or without.
    One,
    /// A list of them.
    Many(Shape, Vec<&'a str>),
}

/// What the parts of a document are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Event,
    /// A list of maps with one key each.
    Row,
    Image,
    Snapshot,
    Reservation,
}

/// One part, opened.
pub(super) enum Opened {
    Event(Event),
    Described(Thing),
    /// Nothing comes of it: its name in the table, and why.
    LeftOut(String, &'static str),
}

/// The lists that a document may hold.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Lists<'a> {
    #[serde(borrow, rename = "Records")]
    records: Option<&'a RawValue>,
    #[serde(borrow, rename = "Events")]
    events: Option<&'a RawValue>,
    #[serde(borrow, rename = "QueryResultRows")]
    rows: Option<&'a RawValue>,
    #[serde(borrow, rename = "Images")]
    images: Option<&'a RawValue>,
    #[serde(borrow, rename = "Snapshots")]
    snapshots: Option<&'a RawValue>,
    #[serde(borrow, rename = "Reservations")]
    reservations: Option<&'a RawValue>,
}

/// What a JSON value is, without looking into its parts.
pub(super) fn open(text: &str) -> Result<Document<'_>, Fault> {
    if !text.starts_with('{') {
        return Ok(Document::One);
    }
    let unreadable = |error: serde_json::Error| Fault::unreadable(format!("no JSON: {error}"));
    let lists: Lists<'_> = serde_json::from_str(text).map_err(unreadable)?;
    let found = [
        (Shape::Event, lists.records),
        (Shape::Event, lists.events),
        (Shape::Row, lists.rows),
        (Shape::Image, lists.images),
        (Shape::Snapshot, lists.snapshots),
        (Shape::Reservation, lists.reservations),
    ];
    let Some((shape, list)) = found.into_iter().find_map(|(shape, list)| Some((shape, list?)))
    else {
        return Ok(Document::One);
    };
    let parts: Vec<&RawValue> = serde_json::from_str(list.get()).map_err(unreadable)?;
    Ok(Document::Many(shape, parts.into_iter().map(RawValue::get).collect()))
}

/// Where a part of a text begins in it.
pub(super) fn offset_in(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

/// Where the list begins in `{"Records": [`, of which the end is missing.
pub(super) fn list_in(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"Records\"")?.trim_ascii_start();
    let rest = rest.strip_prefix(b":")?.trim_ascii_start();
    rest.starts_with(b"[").then(|| bytes.len() - rest.len())
}

/// Opens one part.
pub(super) fn unwrap(shape: Shape, text: &str) -> Result<Opened, Fault> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Fault::unreadable(format!("no JSON: {error}")))?;
    let map = match (shape, value) {
        (Shape::Row, Value::Array(cells)) => of_row(cells),
        (_, Value::Object(map)) => map,
        _ => return Err(Fault::unreadable("a JSON object is expected here")),
    };
    match shape {
        Shape::Event | Shape::Row => event(map),
        Shape::Image => Ok(Opened::Described(Thing::Image(map))),
        Shape::Snapshot => Ok(Opened::Described(Thing::Snapshot(map))),
        Shape::Reservation => Ok(Opened::Described(Thing::Reservation(map))),
    }
}

/// A row of Lake: its columns, one map each.
fn of_row(cells: Vec<Value>) -> Map<String, Value> {
    let maps = cells.into_iter().filter_map(|cell| match cell {
        Value::Object(map) => Some(map),
        _ => None,
    });
    maps.flatten().collect()
}

/// The record in however many envelopes.
fn event(mut map: Map<String, Value>) -> Result<Opened, Fault> {
    let mut outer = BTreeMap::new();
    for _ in 0..DEPTH {
        let has_text = |key: &str| map.get(key).is_some_and(Value::is_string);
        if has_text("eventName") && has_text("eventSource") {
            return Ok(Opened::Event(Event::new(with_objects(map), outer, false)));
        }
        if map.contains_key("digestStartTime") {
            let why = "a digest: it proves that files are whole, and tells nothing of images";
            return Ok(Opened::LeftOut("(digest)".into(), why));
        }
        if let Some(name) = map.get("detail-type").and_then(Value::as_str) {
            let name = name.to_string();
            for key in ["id", "account", "region", "time"] {
                let told = map.get(key).and_then(Value::as_str).unwrap_or_default();
                outer.insert(key, told.to_string());
            }
            let Some(Value::Object(detail)) = map.remove("detail") else {
                let message = "an event of EventBridge without its detail";
                return Err(Fault::new(ProblemCode::NoPayload, message));
            };
            if name == STATE_CHANGE {
                return Ok(Opened::Event(Event::new(detail, outer, true)));
            }
            if !detail.contains_key("eventName") {
                let why = "an event of EventBridge that is no call";
                return Ok(Opened::LeftOut(name, why));
            }
            map = detail;
            continue;
        }
        let keys = ["CloudTrailEvent", "eventData", "eventJson", "message", "Message"];
        let inner = keys.iter().find_map(|key| map.get(*key).and_then(object_of));
        match inner {
            Some(inner) => map = inner,
            None => break,
        }
    }
    let message = "the record has no eventName and eventSource: it is none of CloudTrail";
    Err(Fault::new(ProblemCode::NoEventType, message))
}

/// An object, or the one that a text holds.
fn object_of(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map.clone()),
        Value::String(text) if text.trim_start().starts_with('{') => {
            serde_json::from_str(text).ok()
        }
        _ => None,
    }
}

/// With its objects as such.
fn with_objects(mut map: Map<String, Value>) -> Map<String, Value> {
    for key in NESTED {
        if let Some(value @ Value::String(_)) = map.get_mut(key)
            && let Some(object) = object_of(value)
        {
            *value = Value::Object(object);
        }
    }
    map
}
