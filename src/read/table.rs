//! Small tables with a header: price books and accounts. Every mistake is told, with its place.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place, Source, nearest};
use crate::read::csv::{Broken, Record, Records};
use crate::read::text::utf8;
use crate::value::{Instant, InstantError};

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
    header: Range<usize>,
    /// The lines that could not be split into fields.
    broken: Vec<Range<usize>>,
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
    /// Reads a table of `columns`. Rows that cannot be split are told and left out; `None` where
    /// nothing of it can be used: then whatever it would have said is unknown, not wrong.
    #[must_use]
    pub fn read(
        name: &str,
        bytes: &[u8],
        columns: &[Column],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Table> {
        let text = utf8(name, bytes).map_err(|diagnostic| diagnostics.push(diagnostic)).ok()?;
        let source = Source::whole(name, text);
        let mut records = Records::new(text.as_bytes());
        let mut record = Record::default();
        if !records.read(&mut record) {
            diagnostics.push(empty_table(&source, columns));
            return None;
        }
        let header = read_header(&source, &record, columns, true);
        diagnostics.extend(header.diagnostics);
        if header.places.iter().all(Option::is_none) {
            return None;
        }
        let is_whole = columns.iter().zip(&header.places).all(|(c, p)| !c.needed || p.is_some());
        let mut table = Table {
            source,
            names: columns.iter().map(|column| column.name).collect(),
            places: header.places,
            rows: Vec::new(),
            header: record.span.clone(),
            broken: Vec::new(),
        };
        let width = record.fields.len();
        while records.read(&mut record) {
            match check_shape(&table.source, &record, width) {
                Some(diagnostic) => {
                    diagnostics.push(diagnostic);
                    table.broken.push(record.span.clone());
                }
                None => table.keep(text.as_bytes(), &record),
            }
        }
        is_whole.then_some(table)
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

    /// The lines that could not be split into fields, as they are.
    pub fn broken_lines(&self) -> impl Iterator<Item = &str> {
        self.broken.iter().map(|span| &self.source.text[span.clone()])
    }

    /// Where the header ends, if it lacks a column that may be absent.
    #[must_use]
    pub fn place_without(&self, name: &str) -> Option<Place> {
        let column = self.names.iter().position(|known| *known == name)?;
        let end = self.header.end;
        self.places[column].is_none().then(|| self.source.place(end..end))
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

    /// Whether the table has a column.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.table.place_without(name).is_none()
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

impl Cell<'_> {
    /// The date or instant in it; `label` says what it is for.
    ///
    /// # Errors
    /// What is wrong with it, with `help`.
    pub fn date(&self, label: &str, help: &str) -> Result<Instant, Diagnostic> {
        Instant::parse_date_or_instant(self.text).map_err(|error| {
            let message = match error {
                InstantError::Empty => "a date is missing".to_owned(),
                InstantError::NotRfc3339 => {
                    format!("`{}` is not a date like 2016-03-03", self.text)
                }
                InstantError::NoOffset | InstantError::NoSuchTime | InstantError::OutOfRange => {
                    format!("`{}`: {error}", self.text)
                }
            };
            Diagnostic::error(Code::DateWrong, message).at(self.place.clone(), label).help(help)
        })
    }
}

/// How many unknown or repeated columns of one header are named before the rest is counted.
const COLUMNS_NAMED: usize = 20;

/// How many characters of a value a message repeats.
const CHARACTERS_REPEATED: usize = 80;

/// A value as a message repeats it: a line of 10 MB is no help to anybody.
#[must_use]
pub fn abridged(value: &str) -> Cow<'_, str> {
    match value.char_indices().nth(CHARACTERS_REPEATED) {
        Some((end, _)) => Cow::Owned(format!("{}…", &value[..end])),
        None => Cow::Borrowed(value),
    }
}

/// Finds the known columns in a header record. A misspelled column is told, and then read as the
/// one that was meant, so that one slip is one diagnostic.
#[must_use]
pub fn read_header(
    source: &Arc<Source>,
    record: &Record,
    columns: &[Column],
    unknown_is_error: bool,
) -> Header {
    let mut header = Header { places: vec![None; columns.len()], diagnostics: Vec::new() };
    if let Some(why) = bare_carriage_return(source, record) {
        header.diagnostics.push(why);
        return header;
    }
    let (mut unknown, mut again) = (Vec::new(), 0);
    for (index, field) in record.fields.iter().enumerate() {
        let name = &source.text[field.span.clone()];
        let place = source.place(field.span.clone());
        match columns.iter().position(|column| column.name == name.trim()) {
            Some(column) if header.places[column].is_none() => header.places[column] = Some(index),
            Some(_) => {
                again += 1;
                if again <= COLUMNS_NAMED {
                    header.diagnostics.push(
                        Diagnostic::error(
                            Code::ColumnTwice,
                            format!("column `{name}` appears twice"),
                        )
                        .at(place, "the second one")
                        .help("remove one of the two"),
                    );
                }
            }
            None => unknown.push((index, name, place)),
        }
    }
    let unnamed_count = unknown.len().saturating_sub(COLUMNS_NAMED);
    for (index, name, place) in unknown.into_iter().take(COLUMNS_NAMED) {
        let absent = columns.iter().zip(&header.places).filter(|(_, place)| place.is_none());
        let meant = nearest(name, absent.map(|(column, _)| column.name));
        header.diagnostics.push(unknown_column(name, place, columns, meant, unknown_is_error));
        if let Some(meant) = meant.filter(|_| unknown_is_error)
            && let Some(column) = columns.iter().position(|column| column.name == meant)
        {
            header.places[column] = Some(index);
        }
    }
    if header.places.iter().all(Option::is_none) {
        let broken = record.broken.and_then(|_| check_shape(source, record, 0));
        let why = broken.unwrap_or_else(|| no_header(source, record.span.clone(), columns));
        header.diagnostics = vec![why];
    } else {
        let missing = missing_columns(&header, source, record.span.end, columns);
        header.diagnostics.extend(missing);
    }
    header.diagnostics.sort_by_key(|d| d.place.as_ref().map(|(place, _)| place.span.start));
    if again > COLUMNS_NAMED {
        let count = again - COLUMNS_NAMED;
        let message = format!("and {count} more repeated columns in `{}`", source.name);
        header.diagnostics.push(Diagnostic::error(Code::ColumnTwice, message));
    }
    if unnamed_count > 0 {
        let message = format!("and {unnamed_count} more unknown columns in `{}`", source.name);
        header.diagnostics.push(about_unknown(message, unknown_is_error));
    }
    header
}

/// Lines that end as on old Macs make one line of the whole table.
fn bare_carriage_return(source: &Arc<Source>, record: &Record) -> Option<Diagnostic> {
    let line = source.text.get(record.span.clone())?;
    let at = record.span.start + line.find('\r')?;
    let ends = if line.ends_with('\r') { "CR CR LF" } else { "CR alone" };
    let message = format!("the lines of `{}` end with {ends}", source.name);
    Some(
        Diagnostic::error(Code::RowBroken, message)
            .at(source.place(at..at + 1), "the first line ends here")
            .help("save it with LF or CRLF at the ends of lines"),
    )
}

fn about_unknown(message: String, is_error: bool) -> Diagnostic {
    if is_error {
        Diagnostic::error(Code::ColumnUnknown, message)
    } else {
        Diagnostic::warning(Code::ColumnUnknown, message)
    }
}

/// Names the needed columns that a header has not, all in one sentence.
fn missing_columns(
    header: &Header,
    source: &Arc<Source>,
    end: usize,
    columns: &[Column],
) -> Option<Diagnostic> {
    let found = columns.iter().zip(&header.places);
    let missing = found.filter(|(column, place)| column.needed && place.is_none());
    let missing: Vec<String> = missing.map(|(column, _)| format!("`{}`", column.name)).collect();
    let what = match missing.as_slice() {
        [] => return None,
        [one] => format!("column {one} is missing"),
        several => format!("columns {} are missing", several.join(", ")),
    };
    Some(
        Diagnostic::error(Code::ColumnMissing, format!("{what} in `{}`", source.name))
            .at(source.place(end..end), "the header ends here")
            .help(format!("the columns are: {}", column_names(columns))),
    )
}

/// What to say about a first line that names none of the columns.
fn no_header(source: &Arc<Source>, line: Range<usize>, columns: &[Column]) -> Diagnostic {
    let text = source.text.get(line.clone()).unwrap_or_default();
    // What Excel writes where the decimal point is a comma, or as "Text (tab delimited)".
    let separators = [(';', "semicolons"), ('\t', "tabs")];
    let used = separators.into_iter().find(|(separator, _)| {
        let mut words = text.split(*separator).map(str::trim);
        text.contains(*separator)
            && words.any(|word| columns.iter().any(|column| column.name == word))
    });
    let place = source.place(line);
    let Some((_, separators)) = used else {
        let message = format!("the first line of `{}` names no known column", source.name);
        return Diagnostic::error(Code::ColumnMissing, message)
            .at(place, "a header is expected here")
            .help(format!("begin with: {}", column_names(columns)));
    };
    let message =
        format!("the columns of `{}` are separated by {separators}, not by commas", source.name);
    Diagnostic::error(Code::ColumnMissing, message)
        .at(place, "commas expected")
        .help("save it as CSV with commas between the columns, and points in decimals")
}

fn unknown_column(
    name: &str,
    place: Place,
    columns: &[Column],
    meant: Option<&str>,
    is_error: bool,
) -> Diagnostic {
    let diagnostic = about_unknown(format!("unknown column `{}`", abridged(name)), is_error);
    let present = || nearest(name, columns.iter().map(|column| column.name));
    let help = match (meant, present()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, Some(present)) => format!("did you mean `{present}`? it is there already"),
        (None, None) => format!("the columns are: {}", column_names(columns)),
    };
    diagnostic.at(place, "not a column of this table").help(help)
}

/// What to say about a table without a header.
pub(super) fn empty_table(source: &Arc<Source>, columns: &[Column]) -> Diagnostic {
    Diagnostic::error(Code::TableEmpty, format!("`{}` is empty", source.name))
        .at(source.place(0..0), "a header is expected here")
        .help(format!("begin it with: {}", column_names(columns)))
}

/// What is wrong with a record's shape, if anything is.
pub(in crate::read) fn check_shape(
    source: &Arc<Source>,
    record: &Record,
    width: usize,
) -> Option<Diagnostic> {
    let what = describe_shape(record, width)?;
    let end = record.span.end;
    let (span, label, help) = match record.broken {
        Some(Broken::OpenQuote(at)) => {
            (at..at + 1, "opened here", "close the quote; a quote inside a value is doubled")
        }
        Some(Broken::AfterQuote(at)) => {
            let rest = source.text.get(at..).unwrap_or_default();
            let length = rest.find([',', '\r', '\n']).unwrap_or(rest.len());
            let help = "put the whole value in quotes; a quote inside a value is doubled";
            (at..at + length, "after the closing quote", help)
        }
        None => match record.fields.get(width) {
            Some(extra) => {
                let help = "put quotes around a value that has a comma";
                (extra.span.start..end, "more than the header has", help)
            }
            None => {
                let help = "add what is missing; an empty cell is a comma, too";
                (end..end, "the row ends here", help)
            }
        },
    };
    Some(Diagnostic::error(Code::RowBroken, what).at(source.place(span), label).help(help))
}

/// What is wrong with a record's shape in words, if anything is.
#[must_use]
pub fn describe_shape(record: &Record, width: usize) -> Option<String> {
    match record.broken {
        Some(Broken::OpenQuote(_)) => Some("a quote is opened and never closed".to_owned()),
        Some(Broken::AfterQuote(_)) => Some("there is text after a closing quote".to_owned()),
        None if record.fields.len() != width => {
            Some(format!("{} fields where the header has {width}", record.fields.len()))
        }
        None => None,
    }
}

pub(in crate::read) fn column_names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",")
}
