//! A table too long to be held: read piece by piece, and told row by row.

use std::borrow::Cow;
use std::io::{self, Read};

use memchr::memchr;
use thiserror::Error;

use crate::diagnostic::{Code, Diagnostic, Place, Source, has_errors};
use crate::read::csv::{Record, Records};
use crate::read::feed::{LONGEST_LINE, LONGEST_QUOTED, end_of_records, no_end};
use crate::read::table::{Column, abridged, check_shape, column_names, read_header};
use crate::read::text::utf8;
use crate::value::{DecimalError, parse_decimal};

/// How much is read at a time.
const STEP: usize = 1 << 20;

/// Why a table could not be read to its end.
#[derive(Debug, Error)]
pub enum LongError {
    /// The bytes did not come.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// What is wrong with the table.
    #[error("the table is wrong")]
    Wrong(Vec<Diagnostic>),
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct LongRow<'a> {
    name: &'a str,
    bytes: &'a [u8],
    record: &'a Record,
    places: &'a [Option<usize>],
}

impl<'a> LongRow<'a> {
    /// A cell by its column's number, quotes undone; empty where the column is absent.
    ///
    /// # Errors
    /// Where it is not UTF-8.
    pub fn text(&self, column: usize) -> Result<Cow<'a, str>, Diagnostic> {
        let field = self.places[column].and_then(|place| self.record.fields.get(place));
        let Some(field) = field else { return Ok(Cow::Borrowed("")) };
        field.text(self.bytes).ok_or_else(|| {
            let message = format!("`{}` is not UTF-8", self.name);
            self.wrong(column, Code::TableNotUtf8, message, "not UTF-8").help("save it as UTF-8")
        })
    }

    /// The decimal in a cell.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decimal(&self, column: usize) -> Result<rust_decimal::Decimal, Diagnostic> {
        let text = self.text(column)?;
        parse_decimal(&text).map_err(|error| self.not_a_number(column, &error))
    }

    /// What to say about a cell that should be a number.
    #[must_use]
    pub fn not_a_number(&self, column: usize, error: &DecimalError) -> Diagnostic {
        let text = self.text(column).unwrap_or_default();
        let message = match error {
            DecimalError::Empty => error.to_string(),
            _ => format!("`{}`: {error}", abridged(&text)),
        };
        self.wrong(column, Code::NumberWrong, message, "a plain decimal number is expected")
            .help("write it like 12.50: digits, and a point if there are decimals")
    }

    /// What to say about a cell.
    #[must_use]
    pub fn wrong(
        &self,
        column: usize,
        code: Code,
        message: impl Into<String>,
        label: &str,
    ) -> Diagnostic {
        let field = self.places[column].and_then(|place| self.record.fields.get(place));
        let (start, end) = (self.record.span.start, self.record.span.end);
        let span = field.map_or(end..end, |field| field.span.clone());
        let place = self.line().place(span.start - start..span.end - start);
        Diagnostic::error(code, message).at(place, label)
    }

    /// The line that it begins in.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.record.line
    }

    /// The place of the whole row.
    #[must_use]
    pub fn place(&self) -> Place {
        let source = self.line();
        let length = source.text.len();
        source.place(0..length)
    }

    /// The row's own text: the table as a whole is nowhere.
    fn line(&self) -> std::sync::Arc<Source> {
        line_of(self.name, self.bytes, self.record)
    }
}

fn line_of(name: &str, bytes: &[u8], record: &Record) -> std::sync::Arc<Source> {
    let text = String::from_utf8_lossy(&bytes[record.span.clone()]).into_owned();
    Source::part(name, text, record.line)
}

/// Reads a table of `columns`, and tells `each` its rows in order. The first mistake ends it:
/// tables of this kind are written by programs, and one mistake in them is often a million.
///
/// # Errors
/// [`LongError`].
pub fn read_rows(
    name: &str,
    mut input: impl Read,
    columns: &[Column],
    mut each: impl FnMut(&LongRow<'_>) -> Result<(), Diagnostic>,
) -> Result<(), LongError> {
    let wrong = |diagnostic| LongError::Wrong(vec![diagnostic]);
    let mut bytes = Vec::new();
    let mut header: Option<(Vec<Option<usize>>, usize)> = None;
    let (mut line, mut has_ended, mut wanted) = (1, false, STEP);
    let mut record = Record::default();
    while !has_ended {
        let read = input.by_ref().take(wanted as u64).read_to_end(&mut bytes)?;
        has_ended = read < wanted;
        let quote = memchr(b'"', &bytes);
        let cut = if has_ended { Some(bytes.len()) } else { end_of_records(&bytes, quote) };
        // Twice as much each time, so that a long record is not looked at over and over.
        let Some(cut) = cut else {
            if bytes.len() > LONGEST_LINE {
                return Err(no_end(line).into());
            }
            wanted = STEP.max(bytes.len()).min(LONGEST_LINE + 1 - bytes.len());
            continue;
        };
        wanted = STEP;
        let piece = &bytes[..cut];
        let mut records = match header {
            None => Records::new(piece),
            Some(_) => Records::resumed(piece, line, LONGEST_QUOTED),
        };
        while records.read(&mut record) {
            let Some((places, width)) = &header else {
                let places = read_places(name, piece, &record, columns)?;
                header = Some((places, record.fields.len()));
                continue;
            };
            if let Some(diagnostic) = shape_problem(name, piece, &record, *width) {
                return Err(wrong(diagnostic));
            }
            each(&LongRow { name, bytes: piece, record: &record, places }).map_err(wrong)?;
        }
        line = records.line();
        bytes.drain(..cut);
    }
    if header.is_none() {
        let place = Source::whole(name, "").place(0..0);
        let empty = Diagnostic::error(Code::TableEmpty, format!("`{name}` is empty"));
        let help = format!("begin it with: {}", column_names(columns));
        return Err(wrong(empty.at(place, "a header is expected here").help(help)));
    }
    Ok(())
}

fn read_places(
    name: &str,
    piece: &[u8],
    record: &Record,
    columns: &[Column],
) -> Result<Vec<Option<usize>>, LongError> {
    let text = utf8(name, &piece[..record.span.end]);
    let text = text.map_err(|diagnostic| LongError::Wrong(vec![diagnostic]))?;
    let header = read_header(&Source::whole(name, text), record, columns, true);
    if has_errors(&header.diagnostics) {
        return Err(LongError::Wrong(header.diagnostics));
    }
    Ok(header.places)
}

/// What is wrong with a row's shape, if anything is.
fn shape_problem(name: &str, piece: &[u8], record: &Record, width: usize) -> Option<Diagnostic> {
    if record.broken.is_none() && record.fields.len() == width {
        return None;
    }
    // Once more on its own, so that places are those in its own text.
    let source = line_of(name, piece, record);
    let mut alone = Record::default();
    Records::resumed(source.text.as_bytes(), 1, LONGEST_QUOTED).read(&mut alone);
    check_shape(&source, &alone, width)
        .or_else(|| Some(Diagnostic::error(Code::RowBroken, "a row that cannot be read")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { name: "account", needed: true },
        Column { name: "amount", needed: true },
        Column { name: "note", needed: false },
    ];

    /// Each row as `account=amount`, or what is wrong as `code line:column`.
    fn rows(text: &[u8]) -> Result<Vec<String>, Vec<String>> {
        let mut rows = Vec::new();
        let read = read_rows("t.csv", text, &COLUMNS, |row| {
            rows.push(format!("{}={}", row.text(0)?, row.decimal(1)?));
            Ok(())
        });
        match read {
            Ok(()) => Ok(rows),
            Err(LongError::Io(error)) => panic!("{error}"),
            Err(LongError::Wrong(diagnostics)) => Err(diagnostics
                .iter()
                .map(|diagnostic| {
                    let place = &diagnostic.place.as_ref().expect("a place").0;
                    format!("{} {}:{}", diagnostic.code, place.line(), place.column())
                })
                .collect()),
        }
    }

    #[test]
    fn rows_come_in_order_by_the_names_of_columns() {
        let text = b"\xef\xbb\xbfamount,account\r\n1.50,acme\r\n\r\n-2,\"a,\"\"b\"";
        assert_eq!(rows(text).unwrap(), ["acme=1.50", "a,\"b=-2"]);
        assert_eq!(rows(b"account,amount\n").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn rows_across_pieces_are_whole() {
        let mut text = b"account,amount\n".to_vec();
        let long = "x".repeat(700);
        for number in 0..10_000 {
            text.extend_from_slice(format!("\"{long}\n{number}\",{number}\n").as_bytes());
        }
        assert!(text.len() > 6 * STEP);
        let rows = rows(&text).unwrap();
        assert_eq!(rows.len(), 10_000);
        assert!(rows.iter().enumerate().all(|(n, row)| row.ends_with(&format!("\n{n}={n}"))));
        // One record that is longer than a piece, and a mistake behind it.
        let long = "y".repeat(3 * STEP);
        let text = format!("account,amount\n\"{long}\",1\nz,two\n");
        assert_eq!(super::tests::rows(text.as_bytes()).unwrap_err(), ["B09 3:3"]);
    }

    #[test]
    fn the_first_mistake_is_told_with_its_place() {
        for (text, expected) in [
            (&b""[..], "C06 1:1"),
            (b"account\n", "C03 1:8"),
            (b"account,amount,amount\n", "C04 1:16"),
            (b"account,amount,what\n", "C02 1:16"),
            (b"account,amount\na,1\n\nb,\n", "B09 4:3"),
            (b"account,amount\na,1\nb\n", "C05 3:2"),
            (b"account,amount\n\"a,1\nb,2\n", "C05 2:1"),
            (b"account,amount\n\"a\"x,1\n", "C05 2:4"),
            (b"account,amount\n\xff,1\n", "C01 2:1"),
        ] {
            assert_eq!(rows(text).unwrap_err(), [expected], "{}", text.escape_ascii());
        }
    }
}
