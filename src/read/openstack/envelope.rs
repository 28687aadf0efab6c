//! Five envelopes, one notification.
//!
//! | envelope | looks like |
//! |---|---|
//! | v1 | `{"message_id", "publisher_id", "event_type", "priority", "payload", "timestamp"}` |
//! | v2 | `{"oslo.version": "2.0", "oslo.message": "…v1 as a string…"}` |
//! | log line | v1 or v2 behind a prefix, which [`crate::read::foreign::records`] takes off |
//! | Ceilometer | `{"ctxt", "event_type", "metadata": {"message_id", "timestamp"}, "payload"}` |
//! | StackTach | `["routing.key", {…v1…}]` |
//!
//! `flat` events have none: what was the payload lies beside `event_type` and `generated`. Panko's
//! own answers keep it in a list of `traits` instead, which is laid flat here.

use serde_json::{Map, Value};

use super::Format;
use crate::read::foreign::fields::{Fields, unwrapped};
use crate::read::foreign::problem::{Fault, ProblemCode};

/// How often one envelope may lie in another, say v2 in StackTach's.
const DEPTH: usize = 4;

/// One notification, out of its envelope.
#[derive(Debug)]
pub(super) struct Notification {
    pub(super) event_type: String,
    /// Empty where the wire has not added one.
    pub(super) message_id: String,
    pub(super) payload: Payload,
    /// The object that held the payload; of flat events, empty.
    envelope: Map<String, Value>,
    format: Format,
}

#[derive(Debug)]
pub(super) enum Payload {
    Fields(Map<String, Value>),
    /// What went wrong, in words.
    Text(String),
    Missing,
}

/// Takes one record out of its envelope.
pub(super) fn open(text: &str, format: Format) -> Result<Notification, Fault> {
    let mut object = unwrap_envelopes(parse(text)?)?;
    let event_type = Fields::new(&object).text("event_type").ok_or_else(no_event_type)?;
    match format {
        Format::Oslo | Format::Rackspace | Format::Inventory => {
            let payload = match object.remove("payload") {
                Some(Value::Object(payload)) => Payload::Fields(without_nova_object(payload)),
                Some(Value::String(text)) => Payload::Text(text),
                Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => {
                    Payload::Missing
                }
            };
            let message_id = from_envelope(&object, "message_id").unwrap_or_default();
            Ok(Notification { event_type, message_id, payload, envelope: object, format })
        }
        Format::Flat => {
            let wrapped = object.get("payload").is_some_and(Value::is_object);
            lay_traits_flat(&mut object);
            let message_id = Fields::new(&object).text("message_id").unwrap_or_default();
            let payload = if wrapped { Payload::Missing } else { Payload::Fields(object) };
            Ok(Notification { event_type, message_id, payload, envelope: Map::new(), format })
        }
    }
}

impl Notification {
    /// The payload's fields; none when it is a text or missing.
    pub(super) fn fields(&self) -> Option<Fields<'_>> {
        match &self.payload {
            Payload::Fields(map) => Some(Fields::new(map)),
            Payload::Text(_) | Payload::Missing => None,
        }
    }

    /// When it was sent: `timestamp`, or `generated` of a flat event.
    pub(super) fn sent_at(&self) -> Result<Option<crate::read::foreign::time::Moment>, Fault> {
        match (self.format, &self.payload) {
            (Format::Flat, Payload::Fields(map)) => {
                let fields = Fields::new(map);
                Ok(fields.time("generated")?.or(fields.time("timestamp")?))
            }
            (Format::Flat, Payload::Text(_) | Payload::Missing) => Ok(None),
            (Format::Oslo | Format::Rackspace | Format::Inventory, _) => {
                let envelope = Fields::new(&self.envelope);
                let metadata = envelope.child("metadata");
                let fallback = metadata.map_or(Ok(None), |metadata| metadata.time("timestamp"));
                Ok(envelope.time("timestamp")?.or(fallback?))
            }
        }
    }

    /// A field of the payload, else of the envelope.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let inside = self.fields().and_then(|fields| fields.text(key));
        inside.or_else(|| from_envelope(&self.envelope, key))
    }
}

fn parse(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text)
        .map_err(|error| Fault::unreadable(format!("cannot be read as JSON: {error}")))
}

fn unwrap_envelopes(mut value: Value) -> Result<Map<String, Value>, Fault> {
    for _ in 0..DEPTH {
        value = match value {
            Value::Object(mut object) => match object.remove("oslo.message") {
                Some(Value::String(text)) => parse(&text)?,
                Some(inner) => inner,
                None => return Ok(object),
            },
            // StackTach: the routing key tells only the priority, which the body has too.
            Value::Array(mut pair)
                if pair.len() == 2 && pair.first().is_some_and(Value::is_string) =>
            {
                pair.pop().unwrap_or_default()
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => {
                break;
            }
        };
    }
    Err(Fault::unreadable("JSON, but no notification in any known envelope"))
}

fn no_event_type() -> Fault {
    let message = "the object has no event_type: is it a notification, or only the payload of one?";
    Fault::new(ProblemCode::NoEventType, message)
}

fn from_envelope(envelope: &Map<String, Value>, key: &str) -> Option<String> {
    let envelope = Fields::new(envelope);
    envelope.text(key).or_else(|| envelope.child("metadata")?.text(key))
}

fn without_nova_object(payload: Map<String, Value>) -> Map<String, Value> {
    if payload.contains_key("nova_object.data") { unwrapped(&payload).clone() } else { payload }
}

/// `"traits": [{"name": "owner", "type": "string", "value": "p1"}]` becomes `"owner": "p1"`; what
/// the event says itself stays.
fn lay_traits_flat(object: &mut Map<String, Value>) {
    let Some(Value::Array(traits)) = object.remove("traits") else { return };
    for mut each in traits {
        let Some(name) = each.get("name").and_then(Value::as_str).map(str::to_string) else {
            continue;
        };
        let value = each.get_mut("value").map(Value::take).unwrap_or_default();
        object.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = r#"{"message_id":"m1","publisher_id":"image.h1","event_type":"image.delete",
        "payload":{"id":"i1"},"timestamp":"2026-03-01 09:00:00"}"#;

    #[test]
    fn all_envelopes_hold_the_same_notification() {
        let v2 = serde_json::json!({"oslo.version": "2.0", "oslo.message": V1}).to_string();
        let ceilometer = r#"{"ctxt":{"user":"u"},"publisher_id":"image.h1","event_type":"image.delete",
            "priority":"info","payload":{"id":"i1"},
            "metadata":{"message_id":"m1","timestamp":"2026-03-01 09:00:00.000000"}}"#;
        let stacktach = format!("[\"monitor.info\", {V1}]");
        let both = format!("[\"monitor.info\", {v2}]");
        let nova = V1.replace(r#"{"id":"i1"}"#, r#"{"nova_object.data":{"id":"i1"}}"#);
        for text in [V1, &v2, ceilometer, &stacktach, &both, &nova] {
            let opened = open(text, Format::Oslo).unwrap();
            assert_eq!(opened.event_type, "image.delete", "{text}");
            assert_eq!(opened.message_id, "m1", "{text}");
            assert_eq!(opened.text("id").as_deref(), Some("i1"), "{text}");
            assert_eq!(opened.text("publisher_id").as_deref(), Some("image.h1"), "{text}");
            let sent = opened.sent_at().unwrap().map(|moment| moment.to_string());
            assert_eq!(sent.as_deref(), Some("2026-03-01T09:00:00Z"), "{text}");
        }
    }

    #[test]
    fn flat_events_are_their_own_payload() {
        let flat = r#"{"event_type":"image.delete","generated":"2026-03-01T09:00:00","message_id":"m1",
            "resource_id":"i1"}"#;
        let traits = r#"{"event_type":"image.delete","generated":"2026-03-01T09:00:00","message_id":"m1",
            "traits":[{"name":"resource_id","type":"string","value":"i1"},{"name":7},"x"],"raw":{}}"#;
        for text in [flat, traits] {
            let opened = open(text, Format::Flat).unwrap();
            assert_eq!(opened.text("resource_id").as_deref(), Some("i1"));
            assert_eq!(opened.message_id, "m1");
            let sent = opened.sent_at().unwrap().map(|moment| moment.to_string());
            assert_eq!(sent.as_deref(), Some("2026-03-01T09:00:00Z"));
        }
        assert!(matches!(open(V1, Format::Flat).unwrap().payload, Payload::Missing));
        assert!(matches!(open(flat, Format::Oslo).unwrap().payload, Payload::Missing));
    }

    #[test]
    fn what_is_no_notification_is_told() {
        let deep = format!("{{\"event_type\":{}1{}}}", "[".repeat(200), "]".repeat(200));
        let nested = "{\"oslo.message\":".repeat(20) + "1" + &"}".repeat(20);
        let cases = [
            ("{}", ProblemCode::NoEventType),
            (r#"{"event_type": null}"#, ProblemCode::NoEventType),
            (r#"{"id": "a payload alone"}"#, ProblemCode::NoEventType),
            (r#"["a", "b", "c"]"#, ProblemCode::Unreadable),
            (r#"["a", "b"]"#, ProblemCode::Unreadable),
            (r#"{"oslo.message": "not json"}"#, ProblemCode::Unreadable),
            (&deep, ProblemCode::Unreadable),
            (&nested, ProblemCode::Unreadable),
        ];
        for (text, code) in cases {
            assert_eq!(open(text, Format::Oslo).unwrap_err().code, code, "{text}");
        }
    }
}
