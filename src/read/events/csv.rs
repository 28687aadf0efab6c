//! Native events as CSV: columns by name, in any order.

use std::borrow::Cow;

use crate::diagnostic::{Code, Diagnostic, Source, has_errors};
use crate::event::Origin;
use crate::read::csv::{Record, Records};
use crate::read::events::{COLUMNS, EventRows, Input, Reader, RowText};
use crate::read::table::{describe_shape, read_header};
use crate::read::text::utf8;
use crate::value::Names;

/// Reads a native CSV log.
pub fn read_csv(
    input: Input<'_>,
    unknown_columns_are_errors: bool,
    names: &mut Names,
    rows: &mut EventRows,
) {
    let mut records = Records::new(input.bytes);
    let mut record = Record::default();
    if !records.read(&mut record) {
        rows.diagnostics.push(empty(input.name));
        return;
    }
    let header_text = match utf8(input.name, &input.bytes[..record.span.end]) {
        Ok(text) => text,
        Err(diagnostic) => return rows.diagnostics.push(diagnostic),
    };
    let source = Source::whole(input.name, header_text);
    let header = read_header(&source, &record, &COLUMNS, unknown_columns_are_errors);
    let is_wrong = has_errors(&header.diagnostics);
    rows.diagnostics.extend(header.diagnostics);
    if is_wrong {
        return;
    }
    let width = record.fields.len();
    let mut reader = Reader { input, names, rows };
    while records.read(&mut record) {
        read_record(&record, &header.places, width, &mut reader);
    }
}

fn read_record(record: &Record, places: &[Option<usize>], width: usize, reader: &mut Reader<'_>) {
    let bytes = reader.input.bytes;
    let origin =
        Origin { input: reader.input.index, line: record.line, record: record.span.start as u64 };
    let raw = || String::from_utf8_lossy(&bytes[record.span.clone()]).into_owned();
    if let Some(why) = describe_shape(record, width) {
        return reader.refuse(origin, why, raw());
    }
    let mut texts: [Cow<'_, str>; 14] = std::array::from_fn(|_| Cow::Borrowed(""));
    for (text, place) in texts.iter_mut().zip(places) {
        let Some(field) = place.map(|place| &record.fields[place]) else { continue };
        match field.text(bytes) {
            Some(read) => *text = read,
            None => return reader.refuse(origin, "the row is not UTF-8".to_owned(), raw()),
        }
    }
    let text = RowText::from_columns(std::array::from_fn(|column| texts[column].as_ref()));
    reader.take(&text, origin, raw);
}

/// What to say about a log without a header.
pub(in crate::read) fn empty(name: &str) -> Diagnostic {
    let columns: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    Diagnostic::error(Code::TableEmpty, format!("`{name}` is empty"))
        .help(format!("an event log begins with: {}", columns.join(",")))
}
