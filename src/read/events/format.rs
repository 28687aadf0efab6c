//! Which format an input has, told by its content.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::read::openstack;
use crate::read::openstack::records::{Piece, split};

/// A format of event logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Native events as CSV.
    Csv,
    /// Native events as JSON.
    Json,
    /// Native events as Parquet.
    Parquet,
    /// OpenStack notifications in their envelopes.
    Oslo,
    /// OpenStack notifications, flattened.
    Flat,
}

impl Format {
    /// The foreign format, for those that are converted.
    #[must_use]
    pub fn foreign(self) -> Option<openstack::Format> {
        match self {
            Format::Csv | Format::Json | Format::Parquet => None,
            Format::Oslo => Some(openstack::Format::Oslo),
            Format::Flat => Some(openstack::Format::Flat),
        }
    }

    /// Its name, as `--from` takes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "jsonl",
            Format::Parquet => "parquet",
            Format::Oslo => "oslo",
            Format::Flat => "flat",
        }
    }
}

/// The keys that tell JSON formats apart.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    event: Option<IgnoredAny>,
    event_type: Option<IgnoredAny>,
    generated: Option<IgnoredAny>,
    payload: Option<IgnoredAny>,
    #[serde(rename = "oslo.message")]
    message: Option<IgnoredAny>,
}

/// What a Parquet file begins with.
const PARQUET_MAGIC: &[u8] = b"PAR1";

/// How many records are looked at.
const RECORDS_LOOKED_AT: usize = 20;

/// Recognises the format of an input by its first records, with the reason; `None` where nothing
/// tells. What begins with neither `{` nor `[`, nor has a line with an object in it, is CSV.
#[must_use]
pub fn recognise(bytes: &[u8]) -> Option<(Format, &'static str)> {
    if bytes.starts_with(PARQUET_MAGIC) {
        return Some((Format::Parquet, "it begins with PAR1"));
    }
    let start = bytes.iter().find(|byte| !byte.is_ascii_whitespace() && **byte < 0x80);
    let looks_like_json = matches!(start, Some(b'{' | b'['));
    // A log of lines with an object in each: `2018-04-17 … INFO … {"event_type": …}`.
    let first_lines = &bytes[..bytes.len().min(1 << 20)];
    for record in split(first_lines).take(RECORDS_LOOKED_AT) {
        let Piece::Json { text, prefixed } = record.piece else { continue };
        if text.starts_with('[') && !prefixed {
            return Some((Format::Oslo, "records are [routing_key, body]"));
        }
        let Ok(keys) = serde_json::from_str::<Keys>(text) else { continue };
        if keys.message.is_some() {
            return Some((Format::Oslo, "records have oslo.message"));
        }
        if keys.event_type.is_some() && keys.payload.is_some() {
            return Some((Format::Oslo, "records have event_type and payload"));
        }
        if keys.event_type.is_some() && keys.generated.is_some() {
            return Some((Format::Flat, "records have event_type and generated"));
        }
        if keys.event.is_some() && looks_like_json {
            return Some((Format::Json, "records have event"));
        }
    }
    (!looks_like_json).then_some((Format::Csv, "it does not look like JSON"))
}
