//! Which format an input has, told by its content.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::read::csv::{Record, Records};
use crate::read::foreign::records::{Piece, split};
use crate::read::{cloudtrail, openstack};

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
    /// What clients and APIs print of what there is.
    Inventory,
    /// Rackspace's audits, Cloud Feeds and StackTach answers.
    Rackspace,
    /// What AWS CloudTrail delivers.
    CloudTrail,
}

/// A format that is converted, by who converts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// One of OpenStack's.
    OpenStack(openstack::Format),
    /// AWS CloudTrail's.
    CloudTrail,
}

impl Format {
    /// The foreign format, for those that are converted.
    #[must_use]
    pub fn foreign(self) -> Option<Foreign> {
        match self {
            Format::Csv | Format::Json | Format::Parquet => None,
            Format::Oslo => Some(Foreign::OpenStack(openstack::Format::Oslo)),
            Format::Flat => Some(Foreign::OpenStack(openstack::Format::Flat)),
            Format::Inventory => Some(Foreign::OpenStack(openstack::Format::Inventory)),
            Format::Rackspace => Some(Foreign::OpenStack(openstack::Format::Rackspace)),
            Format::CloudTrail => Some(Foreign::CloudTrail),
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
            Format::Inventory => "inventory",
            Format::Rackspace => "rackspace",
            Format::CloudTrail => "cloudtrail",
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
    if let Some(why) = cloudtrail::recognise(bytes) {
        return Some((Format::CloudTrail, why));
    }
    if let Some(why) = rackspace_in(bytes) {
        return Some((Format::Rackspace, why));
    }
    if let Some(why) = inventory_in(bytes, looks_like_json) {
        return Some((Format::Inventory, why));
    }
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

/// Rackspace's answers, told by their first element or key.
fn rackspace_in(bytes: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(64 << 10))?);
    let rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if rest.starts_with('<') {
        let is_feed = rest.contains("http://www.w3.org/2005/Atom");
        return is_feed.then_some("it is an Atom feed");
    }
    if text.contains("\"image.exists\"") && text.contains("\"payload\"") {
        return Some("records have image.exists");
    }
    let rest = rest.strip_prefix('{')?.trim_start().strip_prefix('"')?;
    match rest.split_once('"')?.0 {
        "feed" | "entry" if text.contains("\"content\"") => Some("it is a feed of Cloud Feeds"),
        "launches" | "launch" | "deletes" | "delete" | "exists" | "exist" => {
            Some("it is an answer of StackTach")
        }
        "images" | "image" if text.contains("\"last_raw\"") => Some("it is an answer of StackTach"),
        _ => None,
    }
}

/// Lists of what there is, told by the first key or heading: such a file may be one long value,
/// of which the first bytes are no whole record.
fn inventory_in(bytes: &[u8], looks_like_json: bool) -> Option<&'static str> {
    let head = bytes.get(..bytes.len().min(64 << 10))?;
    if !looks_like_json {
        let mut record = Record::default();
        let mut records = Records::new(head);
        records.read(&mut record);
        let headings: Vec<_> = record.fields.iter().filter_map(|field| field.text(head)).collect();
        let has = |heading: &str| headings.iter().any(|told| told == heading);
        let is_ours = has("ID") || has("Member ID") || has("Servers");
        return is_ours.then_some("it has the headings of the openstack client");
    }
    let text = String::from_utf8_lossy(head);
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let is_list = rest.starts_with('[');
    rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "[{".contains(c));
    let (first, rest) = rest.strip_prefix('"')?.split_once('"')?;
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    match first {
        "ID" | "Image ID" | "Member ID" | "Project" if is_list => {
            Some("records have the headings of the openstack client")
        }
        "images" | "members" | "servers" | "server" | "tenant_usages" | "tenant_usage"
            if !is_list && rest.trim_start_matches([':', ' ']).starts_with(['[', '{']) =>
        {
            (!has("last_raw")).then_some("it is an answer of the image or compute API")
        }
        "usage" if !is_list && has("image_size_total") => Some("it is an answer of the image API"),
        _ if has("event_type") || has("event") || has("oslo.message") => None,
        _ if has("disk_format") && has("visibility") => Some("it shows an image"),
        _ if has("flavor") && (has("addresses") || has("project_id")) => Some("it shows a server"),
        _ => None,
    }
}
