//! Cloud Feeds as Atom XML: `<event …><x:product …/></event>` inside `<content>`.
//!
//! Only elements and attributes are looked at, by their local names. No DTD is read and no entity
//! but XML's own five is known, so that a file cannot make more of itself than it is.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use super::entries::{Entry, of_event};
use crate::read::foreign::problem::{Fault, ProblemCode};

/// An event that has begun: its line and offset, its attributes and those of its product.
type OpenEvent = (u64, usize, Map<String, Value>, Map<String, Value>);

/// Reads a feed, and hands out each event with its line and offset.
pub(super) fn read(bytes: &[u8], mut take: impl FnMut(u64, usize, Result<Entry, Fault>)) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => return take(1, 0, Err(Fault::unreadable("the feed is not UTF-8"))),
    };
    let mut reader = Reader::from_str(text);
    let (mut line, mut counted_to) = (1, 0);
    let mut open: Option<OpenEvent> = None;
    let mut entry_has_event = true;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(bytes.len());
        let passed = bytes.get(counted_to..at).unwrap_or_default();
        line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        counted_to = at.max(counted_to);
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let fault = Fault::unreadable(format!("cannot be read as XML: {error}"));
                return take(line, at, Err(fault));
            }
        };
        match event {
            Event::Start(element) if local(&element) == "event" => {
                entry_has_event = true;
                open = Some((line, at, attributes(&element), Map::new()));
            }
            Event::Start(element) if local(&element) == "entry" => entry_has_event = false,
            Event::Start(element) | Event::Empty(element) if local(&element) == "product" => {
                if let Some((_, _, _, product)) = &mut open {
                    product.extend(attributes(&element));
                }
            }
            Event::End(element) if element.local_name().into_inner() == "event" => {
                if let Some((line, at, event, product)) = open.take() {
                    take(line, at, Ok(of_event(event, product)));
                }
            }
            Event::End(element)
                if element.local_name().into_inner() == "entry" && !entry_has_event =>
            {
                entry_has_event = true;
                let message = "an entry without an event in its content";
                take(line, at, Err(Fault::new(ProblemCode::NoPayload, message)));
            }
            Event::Eof => {
                if let Some((line, at, ..)) = open {
                    let fault = Fault::unreadable("the feed is cut off inside an event");
                    take(line, at, Err(fault));
                }
                return;
            }
            _ => {}
        }
    }
}

fn local(element: &BytesStart<'_>) -> String {
    element.local_name().into_inner().to_string()
}

/// The attributes that can be read; a broken one is as if it was not there, and is then missed.
fn attributes(element: &BytesStart<'_>) -> Map<String, Value> {
    let readable = element.attributes().flatten().filter_map(|attribute| {
        let key = attribute.key.local_name().into_inner().to_string();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        Some((key, Value::String(value.into_owned())))
    });
    readable.collect()
}
