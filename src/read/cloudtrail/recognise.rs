//! Whether an input is of CloudTrail, told by its first bytes.

use super::described;

/// How much of an input is looked at.
const LOOKED_AT: usize = 64 << 10;

/// The reason for which an input is a trail, or describes what a trail does not tell.
pub(in crate::read) fn recognise(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..bytes.len().min(LOOKED_AT))?;
    if described::is_table(head) {
        return Some("it is a table of sizes of images or snapshots");
    }
    let text = String::from_utf8_lossy(head);
    // As a key, or as one in a record that is delivered as a text.
    let has = |key: &str| {
        text.contains(&format!("\"{key}\"")) || text.contains(&format!("\\\"{key}\\\""))
    };
    let rest = text.trim_start_matches(|c: char| c.is_whitespace() || "\u{feff}[".contains(c));
    let first = rest.strip_prefix('{').map(str::trim_start).and_then(|rest| rest.strip_prefix('"'));
    let (first, rest) = first.and_then(|rest| rest.split_once('"')).unwrap_or_default();
    let is_list = rest.trim_start_matches([':', ' ', '\n', '\r', '\t']).starts_with('[');
    match first {
        "Records" if is_list && (has("userIdentity") || rest.len() < 20) => {
            Some("it has CloudTrail's Records")
        }
        "Events" if has("CloudTrailEvent") => Some("it is an answer of lookup-events"),
        "QueryResultRows" | "QueryStatus" if has("QueryResultRows") => {
            Some("it is an answer of CloudTrail Lake")
        }
        "Images" if is_list && (has("ImageId") || rest.len() < 20) => {
            Some("it is an answer of DescribeImages")
        }
        "Snapshots" if is_list && (has("SnapshotId") || rest.len() < 20) => {
            Some("it is an answer of DescribeSnapshots")
        }
        "Reservations" if is_list && (has("InstanceId") || rest.len() < 20) => {
            Some("it is an answer of DescribeInstances")
        }
        _ if has("digestStartTime") && has("logFiles") => Some("it is a digest of CloudTrail"),
        _ if has("eventSource") && has("eventName") && has("eventVersion") => {
            Some("records have eventSource, eventName and eventVersion")
        }
        _ if has("detail-type") && has("detail") => Some("records are events of EventBridge"),
        _ => None,
    }
}
