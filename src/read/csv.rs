//! Splits bytes into the records and fields of RFC 4180, in place, with positions.
//!
//! Nothing is copied: a field is a range of the input. Blank lines are passed over; a byte order
//! mark at the front too; lines end with LF or CRLF.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2};

/// Why a record cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A quote that is opened, at this byte, and never closed.
    OpenQuote(usize),
    /// Something between a closing quote and the next comma, from this byte on.
    AfterQuote(usize),
}

/// One field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its bytes in the input, without the quotes around it.
    pub span: Range<usize>,
    /// Whether quotes in it are doubled.
    doubled_quotes: bool,
}

/// One record: reused from record to record.
#[derive(Debug, Default)]
pub struct Record {
    /// Its fields.
    pub fields: Vec<Field>,
    /// Its bytes in the input, without the line's end.
    pub span: Range<usize>,
    /// The line it begins on, from 1.
    pub line: u64,
    /// Why it could not be split, if it could not: then it is its first line, without fields.
    pub broken: Option<Broken>,
}

/// Walks the records of an input.
#[derive(Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
    /// How far behind a record's start a quote may be closed.
    longest: usize,
}

impl Field {
    /// The field's text, quotes undone. `bytes` is the input it was read from.
    #[must_use]
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let raw = &bytes[self.span.clone()];
        if !self.doubled_quotes {
            return Cow::Borrowed(raw);
        }
        let mut text = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(quote) = memchr(b'"', rest) {
            text.extend_from_slice(&rest[..=quote]);
            // The second of the two quotes.
            rest = rest.get(quote + 2..).unwrap_or_default();
        }
        text.extend_from_slice(rest);
        Cow::Owned(text)
    }

    /// As [`Field::bytes`], if it is UTF-8.
    #[must_use]
    pub fn text<'a>(&self, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
        match self.bytes(bytes) {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        }
    }
}

impl<'a> Records<'a> {
    /// The records of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Records<'a> {
        let at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Records { bytes, at, line: 1, longest: usize::MAX }
    }

    /// The records of `bytes`, which are the rest of an input from this line on: nothing at the
    /// front is a byte order mark. A quote that is not closed so many bytes behind its record's
    /// start is an open one.
    #[must_use]
    pub fn resumed(bytes: &'a [u8], line: u64, longest: usize) -> Records<'a> {
        Records { bytes, at: 0, line, longest }
    }

    /// Where the next record begins, or blank lines before it.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// The line that is there.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Reads the next record; `false` at the end.
    pub fn read(&mut self, record: &mut Record) -> bool {
        self.skip_blank_lines();
        record.fields.clear();
        record.broken = None;
        record.line = self.line;
        record.span = self.at..self.at;
        if self.at >= self.bytes.len() {
            return false;
        }
        loop {
            let outcome = if self.bytes.get(self.at) == Some(&b'"') {
                self.quoted_field(record)
            } else {
                Ok(self.plain_field(record))
            };
            match outcome {
                Ok(true) => {}
                Ok(false) => return true,
                Err(broken) => {
                    self.give_up(record, broken);
                    return true;
                }
            }
        }
    }

    fn skip_blank_lines(&mut self) {
        loop {
            match self.bytes.get(self.at..) {
                Some([b'\n', ..]) => self.at += 1,
                Some([b'\r', b'\n', ..]) => self.at += 2,
                _ => return,
            }
            self.line += 1;
        }
    }

    /// Reads a field without quotes; whether another one follows.
    fn plain_field(&mut self, record: &mut Record) -> bool {
        let start = self.at;
        let length = memchr2(b',', b'\n', &self.bytes[start..]);
        let end = length.map_or(self.bytes.len(), |length| start + length);
        let more = self.bytes.get(end) == Some(&b',');
        let text_end = if more { end } else { self.without_carriage_return(start, end) };
        record.fields.push(Field { span: start..text_end, doubled_quotes: false });
        if !more {
            record.span.end = text_end;
            self.line += u64::from(length.is_some());
        }
        self.at = (end + 1).min(self.bytes.len().max(end));
        more
    }

    fn without_carriage_return(&self, start: usize, end: usize) -> usize {
        if end > start && self.bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    /// Reads a field in quotes; whether another one follows.
    fn quoted_field(&mut self, record: &mut Record) -> Result<bool, Broken> {
        let start = self.at + 1;
        let mut at = start;
        let mut lines = 0;
        let mut doubled_quotes = false;
        let limit = self.bytes.len().min(record.span.start.saturating_add(self.longest));
        loop {
            let step = self.bytes.get(at..limit).and_then(|rest| memchr2(b'"', b'\n', rest));
            let step = step.ok_or(Broken::OpenQuote(self.at))?;
            at += step + 1;
            if self.bytes[at - 1] == b'\n' {
                lines += 1;
            } else if self.bytes.get(at) == Some(&b'"') {
                doubled_quotes = true;
                at += 1;
            } else {
                break;
            }
        }
        record.fields.push(Field { span: start..at - 1, doubled_quotes });
        let (more, ended, next) = match &self.bytes[at..] {
            [b',', ..] => (true, false, at + 1),
            [b'\n', ..] => (false, true, at + 1),
            [b'\r', b'\n', ..] => (false, true, at + 2),
            [] | [b'\r'] => (false, false, self.bytes.len()),
            _ => return Err(Broken::AfterQuote(at)),
        };
        record.span.end = at;
        self.line += lines + u64::from(ended);
        self.at = next;
        Ok(more)
    }

    /// Makes a record of the first line alone, so that one stray quote loses one line.
    fn give_up(&mut self, record: &mut Record, broken: Broken) {
        let start = record.span.start;
        let length = memchr(b'\n', &self.bytes[start..]);
        let end = length.map_or(self.bytes.len(), |length| start + length);
        record.fields.clear();
        record.broken = Some(broken);
        record.span = start..self.without_carriage_return(start, end);
        self.line = record.line + u64::from(length.is_some());
        self.at = length.map_or(end, |_| end + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each record as `line:field|field`, or `line!` where it is broken.
    fn split(text: &str) -> Vec<String> {
        let mut records = Records::new(text.as_bytes());
        let mut record = Record::default();
        let mut out = Vec::new();
        while records.read(&mut record) {
            let fields: Vec<String> = record
                .fields
                .iter()
                .map(|f| String::from_utf8_lossy(&f.bytes(text.as_bytes())).into_owned())
                .collect();
            let mark = if record.broken.is_some() { '!' } else { ':' };
            out.push(format!("{}{mark}{}", record.line, fields.join("|")));
        }
        out
    }

    #[test]
    fn records_are_split_as_rfc_4180_says() {
        assert_eq!(split("a,b\n1,2\n"), ["1:a|b", "2:1|2"]);
        assert_eq!(split("a,b\r\n1,2"), ["1:a|b", "2:1|2"]);
        assert_eq!(split("a,b\r\n1,2\r"), ["1:a|b", "2:1|2"]);
        assert_eq!(split("a,,\n,\n"), ["1:a||", "2:|"]);
        assert_eq!(split("\u{feff}a\n"), ["1:a"]);
        assert_eq!(split("\"a,1\",\"say \"\"hi\"\"\"\n"), ["1:a,1|say \"hi\""]);
        assert_eq!(split("\"a\nb\",c\nd,e\n"), ["1:a\nb|c", "3:d|e"]);
        assert_eq!(split("\"\",\"\"\"\"\n"), ["1:|\""]);
        assert_eq!(split("a b\"c,d\n"), ["1:a b\"c|d"]);
    }

    #[test]
    fn blank_lines_are_passed_over_and_counted() {
        assert_eq!(split("\n\na\n\r\n\nb\n\n"), ["3:a", "6:b"]);
        assert_eq!(split(""), Vec::<String>::new());
        assert_eq!(split("\n\r\n"), Vec::<String>::new());
    }

    #[test]
    fn a_stray_quote_loses_one_line() {
        assert_eq!(split("a\n\"b,c\nd,e\n"), ["1:a", "2!", "3:d|e"]);
        assert_eq!(split("\"a\"b,c\nd\n"), ["1!", "2:d"]);
        assert_eq!(split("\"a\nb\"c\nd\n"), ["1!", "2:b\"c", "3:d"]);
        assert_eq!(split("\"abc"), ["1!"]);
    }
}
