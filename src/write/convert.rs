//! The table of what every foreign event type became.

use std::fmt::Write as _;

use serde::Serialize;

use crate::read::foreign::TypeCount;
use crate::write::json::to_text;
use crate::write::text::{blank_table, push_table, visible};

#[derive(Serialize)]
struct TypeJson<'a> {
    event_type: &'a str,
    read: u64,
    used: u64,
    merged: u64,
    left_out: u64,
    why: &'a str,
}

/// The table for people.
#[must_use]
pub fn table(types: &[TypeCount]) -> String {
    let mut text = String::new();
    let sum = |of: fn(&TypeCount) -> u64| types.iter().map(of).sum::<u64>();
    let _ = writeln!(
        text,
        "Converted {} records: {} used, {} merged, {} left out",
        sum(|t| t.read),
        sum(|t| t.used),
        sum(|t| t.merged),
        sum(|t| t.left_out),
    );
    let mut table = blank_table();
    table.set_header(["event type", "read", "used", "merged", "left out", "why"]);
    for count in types {
        table.add_row(vec![
            visible(&count.event_type),
            count.read.to_string(),
            count.used.to_string(),
            count.merged.to_string(),
            count.left_out.to_string(),
            visible(&count.why),
        ]);
    }
    push_table(&mut text, table, &[1, 2, 3, 4]);
    text
}

/// The table for machines.
#[must_use]
pub fn json(types: &[TypeCount]) -> String {
    let types: Vec<TypeJson<'_>> = types
        .iter()
        .map(|count| TypeJson {
            event_type: &count.event_type,
            read: count.read,
            used: count.used,
            merged: count.merged,
            left_out: count.left_out,
            why: &count.why,
        })
        .collect();
    to_text(&types)
}
