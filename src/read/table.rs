//! Small tables with a header: price books and accounts. Every mistake is told, with its place.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place, Source};
use crate::read::csv::{Broken, Record, Records};

/// A column that a table may have.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Whether it has to be there.
    pub needed: bool,
}

/// A table's rows, with the columns found by name.
#[derive(Debug)]
pub struct Table {
    source: Arc<Source>,
    names: Vec<&'static str>,
    /// For each known column the index of the field that holds it.
    places: Vec<Option<usize>>,
    rows: Vec<StoredRow>,
}

/// One row as it was read: its line, its place, and each field with its own.
#[derive(Debug)]
struct StoredRow {
    line: u64,
    span: Range<usize>,
    fields: Vec<(String, Range<usize>)>,
}

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    index: usize,
}

/// One cell: its text and its place.
#[derive(Debug, Clone)]
pub struct Cell<'a> {
    /// The text, quotes undone.
    pub text: &'a str,
    /// Where it stands.
    pub place: Place,
}

/// What a table's header says: for each known column the index of the field that holds it, and
/// what is wrong with it.
#[derive(Debug, Default)]
pub struct Header {
    /// For each known column the index of the field that holds it.
    pub places: Vec<Option<usize>>,
    /// Unknown, missing and repeated columns.
    pub diagnostics: Vec<Diagnostic>,
}

impl Table {
    /// Reads a table of `columns`. Rows that cannot be split are told and left out.
    #[must_use]
    pub fn read(
        name: &str,
        bytes: &[u8],
        columns: &[Column],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Table {
        let source = Source::whole(name, String::from_utf8_lossy(bytes));
        let names = columns.iter().map(|column| column.name).collect();
        let mut table = Table { source, names, places: Vec::new(), rows: Vec::new() };
        if let Err(error) = std::str::from_utf8(bytes) {
            let place = table.source.place(error.valid_up_to()..error.valid_up_to() + 3);
            diagnostics.push(
                Diagnostic::error(Code::TableNotUtf8, format!("`{name}` is not UTF-8"))
                    .at(place, "these bytes are no character")
                    .help("save it as \"CSV UTF-8\""),
            );
            return table;
        }
        let source = Arc::clone(&table.source);
        let text = source.text.as_bytes();
        let mut records = Records::new(text);
        let mut record = Record::default();
        if !records.read(&mut record) {
            diagnostics.push(
                Diagnostic::error(Code::TableEmpty, format!("`{name}` is empty"))
                    .at(source.place(0..0), "a header is expected here")
                    .help(format!("begin it with: {}", column_names(columns))),
            );
            return table;
        }
        let header = read_header(&source, 0, &record, columns, true);
        diagnostics.extend(header.diagnostics);
        table.places = header.places;
        let width = record.fields.len();
        while records.read(&mut record) {
            match check_shape(&source, &record, width) {
                Some(diagnostic) => diagnostics.push(diagnostic),
                None => table.keep(text, &record),
            }
        }
        table
    }

    fn keep(&mut self, text: &[u8], record: &Record) {
        let fields = record
            .fields
            .iter()
            .map(|field| {
                let text = String::from_utf8_lossy(&field.bytes(text)).into_owned();
                (text, field.span.clone())
            })
            .collect();
        self.rows.push(StoredRow { line: record.line, span: record.span.clone(), fields });
    }

    /// Its rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows.len()).map(|index| Row { table: self, index })
    }
}

impl<'a> Row<'a> {
    /// The line it begins on.
    #[must_use]
    pub fn line(self) -> u64 {
        self.table.rows[self.index].line
    }

    /// The place of the whole row.
    #[must_use]
    pub fn place(self) -> Place {
        self.table.source.place(self.table.rows[self.index].span.clone())
    }

    /// A cell by its column's name; where the column is absent, an empty one at the row's end.
    #[must_use]
    pub fn cell(self, name: &str) -> Cell<'a> {
        let row = &self.table.rows[self.index];
        let column = self.table.names.iter().position(|known| *known == name);
        let field = column.and_then(|column| self.table.places.get(column).copied().flatten());
        match field.and_then(|field| row.fields.get(field)) {
            Some((text, span)) => Cell { text, place: self.table.source.place(span.clone()) },
            None => Cell { text: "", place: self.table.source.place(row.span.end..row.span.end) },
        }
    }
}

/// Finds the known columns in a header record. `offset` is where `source` begins in the input
/// that the record was read from.
#[must_use]
pub fn read_header(
    source: &Arc<Source>,
    offset: usize,
    record: &Record,
    columns: &[Column],
    unknown_is_error: bool,
) -> Header {
    let mut header = Header { places: vec![None; columns.len()], diagnostics: Vec::new() };
    for (index, field) in record.fields.iter().enumerate() {
        let span = field.span.start - offset..field.span.end - offset;
        let name = source.text.get(span.clone()).map_or(Cow::Borrowed(""), Cow::Borrowed);
        let place = source.place(span);
        match columns.iter().position(|column| column.name == name.trim()) {
            Some(column) if header.places[column].is_none() => header.places[column] = Some(index),
            Some(_) => header.diagnostics.push(
                Diagnostic::error(Code::ColumnTwice, format!("column `{name}` appears twice"))
                    .at(place, "the second one"),
            ),
            None => {
                header.diagnostics.push(unknown_column(&name, place, columns, unknown_is_error));
            }
        }
    }
    for (column, place) in columns.iter().zip(&header.places) {
        if column.needed && place.is_none() {
            let end = record.span.end.saturating_sub(offset);
            let message = format!("column `{}` is missing in `{}`", column.name, source.name);
            header.diagnostics.push(
                Diagnostic::error(Code::ColumnMissing, message)
                    .at(source.place(end..end), "the header ends here")
                    .help(format!("the columns are: {}", column_names(columns))),
            );
        }
    }
    header
}

fn unknown_column(name: &str, place: Place, columns: &[Column], is_error: bool) -> Diagnostic {
    let message = format!("unknown column `{name}`");
    let diagnostic = if is_error {
        Diagnostic::error(Code::ColumnUnknown, message)
    } else {
        Diagnostic::warning(Code::ColumnUnknown, message)
    };
    diagnostic
        .at(place, "not a column of this table")
        .did_you_mean(name, columns.iter().map(|column| column.name))
}

/// What is wrong with a record's shape, if anything is.
fn check_shape(source: &Arc<Source>, record: &Record, width: usize) -> Option<Diagnostic> {
    let what = describe_shape(record, width)?;
    let diagnostic = Diagnostic::error(Code::RowBroken, format!("line {}: {what}", record.line));
    Some(
        diagnostic
            .at(source.place(record.span.clone()), "this row")
            .help("put quotes around a value that has a comma, and double a quote inside it"),
    )
}

/// What is wrong with a record's shape in words, if anything is.
#[must_use]
pub fn describe_shape(record: &Record, width: usize) -> Option<String> {
    match record.broken {
        Some(Broken::OpenQuote) => Some("a quote is opened and never closed".to_owned()),
        Some(Broken::AfterQuote) => Some("there is text after a closing quote".to_owned()),
        None if record.fields.len() != width => {
            Some(format!("{} fields where the header has {width}", record.fields.len()))
        }
        None => None,
    }
}

fn column_names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",")
}
