//! Native events as JSON: an object a line, or an array of objects, with the columns' names as
//! keys. Values are texts; numbers are read by their digits, never through a binary float.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::diagnostic::nearest;
use crate::event::Origin;
use crate::read::events::{COLUMNS, EventRows, Input, Reader, RowText};
use crate::read::foreign::records::{Piece, Record, split};
use crate::read::table::abridged;
use crate::value::Names;

/// Reads a native JSON log.
pub fn read_json(
    input: Input<'_>,
    unknown_keys_are_errors: bool,
    names: &mut Names,
    rows: &mut EventRows,
) {
    let mut reader = Reader { input, names, rows };
    for record in split(input.bytes) {
        let origin = Origin { input: input.index, line: record.line, record: record.offset as u64 };
        let raw = || String::from_utf8_lossy(record.bytes).into_owned();
        match object(&record, unknown_keys_are_errors) {
            Ok(object) => reader.take(&object.row(), origin, raw),
            Err(why) => reader.refuse(origin, why, raw()),
        }
    }
}

/// The object that a record is, or in a sentence why it is none.
pub(in crate::read) fn object(
    record: &Record<'_>,
    unknown_keys_are_errors: bool,
) -> Result<Object, String> {
    let object = match &record.piece {
        Piece::Json { text, prefixed: false } => {
            serde_json::from_str::<Object>(text).map_err(|error| error.to_string())
        }
        Piece::Json { .. } | Piece::LogLine => Err("the line is not a JSON object".to_owned()),
        Piece::Unreadable(fault) => Err(fault.message.clone()),
    };
    object.and_then(|object| object.check(unknown_keys_are_errors))
}

/// One object: its known keys as texts, and the first unknown one.
#[derive(Default)]
pub(in crate::read) struct Object {
    texts: [String; 14],
    unknown: Option<String>,
}

impl Object {
    fn check(self, unknown_keys_are_errors: bool) -> Result<Object, String> {
        let Some(key) = self.unknown.as_deref().filter(|_| unknown_keys_are_errors) else {
            return Ok(self);
        };
        let shown = abridged(key);
        Err(match nearest(key, COLUMNS.map(|column| column.name)) {
            Some(near) => format!("unknown key `{shown}`: did you mean `{near}`?"),
            None => format!("unknown key `{shown}`"),
        })
    }

    /// Its texts by column.
    pub(in crate::read) fn row(&self) -> RowText<'_> {
        RowText::from_columns(std::array::from_fn(|column| self.texts[column].as_str()))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut object = Object::default();
        let mut seen = [false; 14];
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value::<&RawValue>()?;
            let Some(column) = COLUMNS.iter().position(|column| column.name == key) else {
                object.unknown.get_or_insert(key);
                continue;
            };
            if std::mem::replace(&mut seen[column], true) {
                return Err(A::Error::custom(format!("key `{key}` appears twice")));
            }
            object.texts[column] = text_of(value.get())
                .ok_or_else(|| A::Error::custom(format!("`{key}` is neither text nor number")))?;
        }
        Ok(object)
    }
}

/// The text of a JSON value: a string's, a number's own digits, a list of strings joined by `;`.
fn text_of(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'n' => Some(String::new()),
        b'-' | b'0'..=b'9' => Some(json.to_owned()),
        b'[' => serde_json::from_str::<Vec<String>>(json).ok().map(|words| words.join(";")),
        _ => None,
    }
}
