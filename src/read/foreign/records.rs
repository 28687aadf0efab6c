//! Bytes to records, with line numbers, whatever the layout.
//!
//! Notifications come as JSON lines, as an array, as objects one after the other, pretty printed or
//! not, and as lines of a log with the object behind a prefix. Nobody says which, and files are cut
//! at both ends; so the layout is not decided once but met record by record: a `[` that opens an
//! array is stepped over, a value is read to its end wherever that is, and any other line is
//! searched for an object.
//!
//! What cannot be read costs one record: reading goes on at the next line that can be the start of
//! one. Only the extent of a record is found here, which takes no recursion; its inside is parsed
//! by whoever knows the format.

use serde_json::Deserializer;
use serde_json::value::RawValue;

use super::problem::Fault;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How many `{"` of a log line are tried: a prefix may hold an object of its own, but a hostile
/// line of 10 MB may hold a million.
const CANDIDATES_PER_LINE: usize = 8;

/// What was found at one place.
#[derive(Debug)]
pub(in crate::read) struct Record<'a> {
    /// From 1.
    pub(in crate::read) line: u64,
    /// In bytes from the start of the file; orders records of one line.
    pub(in crate::read) offset: usize,
    /// The record with its prefix, and with everything that could not be read.
    pub(in crate::read) bytes: &'a [u8],
    pub(in crate::read) piece: Piece<'a>,
}

#[derive(Debug)]
pub(in crate::read) enum Piece<'a> {
    /// A JSON object or array; `prefixed` when it was found inside a line of a log.
    Json {
        text: &'a str,
        prefixed: bool,
    },
    /// A line of a log without an object.
    LogLine,
    Unreadable(Fault),
}

/// The records of one file, in its order.
pub(in crate::read) fn split(bytes: &[u8]) -> Splitter<'_> {
    Splitter {
        bytes,
        position: 0,
        line: 1,
        counted_to: 0,
        line_end: 0,
        open_arrays: 0,
        complained: false,
        lookahead_left: bytes.len().saturating_mul(4).saturating_add(1 << 20),
    }
}

#[derive(Debug)]
pub(in crate::read) struct Splitter<'a> {
    bytes: &'a [u8],
    position: usize,
    /// The line that `counted_to` is on.
    line: u64,
    counted_to: usize,
    /// The end of the line that was asked for last; a cache, for files that are one long line.
    line_end: usize,
    open_arrays: usize,
    /// Whether the last record was unreadable: the end of the file is then no news.
    complained: bool,
    /// How many bytes may still be read in vain beyond a record's first line. Without it, a file of
    /// nothing but `{"a":[` would be read to its end from each of its lines.
    lookahead_left: usize,
}

impl<'a> Iterator for Splitter<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        loop {
            self.skip_separators();
            let start = self.position;
            let Some(byte) = self.bytes.get(start) else { return self.at_end() };
            let record = match byte {
                b']' if self.open_arrays > 0 => {
                    self.open_arrays -= 1;
                    self.position += 1;
                    continue;
                }
                b'[' if self.opens_array(start) => {
                    self.open_arrays += 1;
                    self.position += 1;
                    self.complained = false;
                    continue;
                }
                b'[' if self.next_byte_after(start + 1) == Some(b'"') => self.value(start),
                b'{' => self.value(start),
                _ if self.open_arrays > 0 => self.value(start),
                _ => self.log_line(start),
            };
            self.complained = matches!(record.piece, Piece::Unreadable(_));
            return Some(record);
        }
    }
}

impl<'a> Splitter<'a> {
    fn skip_separators(&mut self) {
        while let Some(rest) = self.bytes.get(self.position..) {
            match rest.first() {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',') => self.position += 1,
                Some(0xef) if rest.starts_with(BYTE_ORDER_MARK) => self.position += 3,
                Some(_) | None => return,
            }
        }
    }

    fn next_byte_after(&self, position: usize) -> Option<u8> {
        self.bytes.get(position..)?.iter().copied().find(|byte| !byte.is_ascii_whitespace())
    }

    /// An array of records, and neither StackTach's `["routing.key", {…}]` nor the `[` of a log.
    fn opens_array(&self, start: usize) -> bool {
        matches!(self.next_byte_after(start + 1), Some(b'{' | b'[' | b']') | None)
    }

    fn at_end(&mut self) -> Option<Record<'a>> {
        if self.open_arrays == 0 || self.complained {
            return None;
        }
        self.open_arrays = 0;
        let fault = Fault::unreadable(
            "the array is cut off: its ] is missing; those before were used, more may be lost",
        );
        Some(self.record(self.bytes.len(), self.bytes.len(), Piece::Unreadable(fault)))
    }

    /// A JSON value that starts here: on this line, else over several.
    fn value(&mut self, start: usize) -> Record<'a> {
        let line_end = self.end_of_line(start);
        let found = match first_value(self.slice(start, line_end)) {
            Err(error) if error.is_eof() => self.value_over_lines(start, line_end),
            found => found,
        };
        match found {
            Ok(text) => {
                self.position = start + text.len();
                let piece = match text.as_bytes().first() {
                    Some(b'{' | b'[') => Piece::Json { text, prefixed: false },
                    Some(_) | None => Piece::Unreadable(Fault::unreadable(
                        "not a notification: a JSON object is expected here",
                    )),
                };
                self.record(start, self.position, piece)
            }
            Err(error) => {
                let fault = Fault::unreadable(format!("cannot be read as JSON: {error}"));
                let end = self.start_of_next_record(start, line_end);
                self.position = end;
                self.record(start, end, Piece::Unreadable(fault))
            }
        }
    }

    fn value_over_lines(
        &mut self,
        start: usize,
        line_end: usize,
    ) -> Result<&'a str, serde_json::Error> {
        let end = self.bytes.len().min(line_end.saturating_add(self.lookahead_left));
        let text = self.slice(start, end);
        let found = first_value(text);
        if let Err(error) = &found {
            let lines = text.split_inclusive(|byte| *byte == b'\n');
            let read: usize = lines.take(error.line()).map(<[u8]>::len).sum();
            self.lookahead_left = self.lookahead_left.saturating_sub(read);
        }
        found
    }

    /// Where to go on after something unreadable: on the next line; or, when the unreadable record
    /// was pretty printed, on the next line that starts a value and is indented no deeper.
    fn start_of_next_record(&mut self, start: usize, line_end: usize) -> usize {
        let first_line = self.slice(start, line_end).trim_ascii_end();
        let pretty = matches!(first_line.last(), Some(b'{' | b'[' | b',' | b':'));
        let indent = self.indent_of(start);
        let mut next = (line_end + 1).min(self.bytes.len());
        while pretty && next < self.bytes.len() {
            let end = self.end_of_line(next);
            let line = self.slice(next, end);
            let first = line.trim_ascii_start();
            let starts_record = match first.first() {
                Some(b'{' | b'[') => true,
                Some(b']') => self.open_arrays > 0,
                Some(_) | None => false,
            };
            if starts_record && line.len() - first.len() <= indent {
                break;
            }
            next = (end + 1).min(self.bytes.len());
        }
        next
    }

    /// How many blanks precede a value on its line; 0 when something else does.
    fn indent_of(&self, start: usize) -> usize {
        let before = self.slice(0, start);
        let blank = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match before.len().checked_sub(blank + 1).and_then(|at| before.get(at)) {
            Some(b'\n') | None => blank,
            Some(_) => 0,
        }
    }

    /// A line that starts with no value: one of a log, with an object in it, or without.
    fn log_line(&mut self, start: usize) -> Record<'a> {
        let end = self.end_of_line(start);
        let line = self.slice(start, end).trim_ascii_end();
        self.position = end;
        let piece = match std::str::from_utf8(line) {
            Err(_) => Piece::Unreadable(Fault::unreadable("the line is not UTF-8")),
            Ok(text) => piece_of_log_line(text),
        };
        self.record(start, start + line.len(), piece)
    }

    fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Where the line ends that holds `position`; the newline is not part of it.
    fn end_of_line(&mut self, position: usize) -> usize {
        if self.line_end < position || self.bytes.get(self.line_end).is_some_and(|b| *b != b'\n') {
            let length = self.slice(position, self.bytes.len()).iter().position(|b| *b == b'\n');
            self.line_end = length.map_or(self.bytes.len(), |length| position + length);
        }
        self.line_end
    }

    /// Positions are asked for in ascending order, so that each byte is counted once.
    fn record(&mut self, start: usize, end: usize, piece: Piece<'a>) -> Record<'a> {
        let passed = self.slice(self.counted_to, start);
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.counted_to = start;
        let bytes = self.slice(start, end).trim_ascii_end();
        Record { line: self.line, offset: start, bytes, piece }
    }
}

/// The extent of the JSON value that the bytes begin with.
fn first_value(bytes: &[u8]) -> Result<&str, serde_json::Error> {
    let mut values = Deserializer::from_slice(bytes).into_iter::<&RawValue>();
    match values.next() {
        Some(found) => found.map(RawValue::get),
        None => serde_json::from_slice::<&RawValue>(b"").map(RawValue::get),
    }
}

fn piece_of_log_line(line: &str) -> Piece<'_> {
    let mut objects = 0;
    for (at, _) in line.match_indices("{\"").take(CANDIDATES_PER_LINE) {
        let Some(Ok(text)) = line.get(at..).map(|rest| first_value(rest.as_bytes())) else {
            continue;
        };
        objects += 1;
        if text.contains("event_type") || text.contains("oslo.message") {
            return Piece::Json { text, prefixed: true };
        }
    }
    // A notification that was cut off begins an object and does not end it.
    let may_be_notification = objects == 0 && line.contains("{\"");
    if starts_with_date(line) && !may_be_notification {
        return Piece::LogLine;
    }
    Piece::Unreadable(Fault::unreadable(
        "neither a JSON object nor a line of a log that holds a whole one",
    ))
}

/// `2018-04-17 …`, or `[2018-04-17 …`: how the lines of a log begin that hold no notification.
fn starts_with_date(line: &str) -> bool {
    let line = line.strip_prefix('[').unwrap_or(line).as_bytes();
    let pattern = b"dddd-dd-dd";
    let fits = |(wanted, byte): (&u8, &u8)| match wanted {
        b'd' => byte.is_ascii_digit(),
        other => other == byte,
    };
    line.len() >= pattern.len() && pattern.iter().zip(line).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each record as `line kind text`, joined by ` / `.
    fn told(bytes: &[u8]) -> String {
        let records = split(bytes).map(|record| {
            let bytes = String::from_utf8_lossy(record.bytes).replace(['\n', ' '], "");
            match record.piece {
                Piece::Json { text, prefixed: false } => {
                    assert_eq!(text.as_bytes(), record.bytes);
                    format!("{} json {bytes}", record.line)
                }
                Piece::Json { text, prefixed: true } => {
                    format!("{} log {}", record.line, text.replace(' ', ""))
                }
                Piece::LogLine => format!("{} line", record.line),
                Piece::Unreadable(_) => format!("{} bad {bytes}", record.line),
            }
        });
        records.collect::<Vec<_>>().join(" / ")
    }

    #[track_caller]
    fn check(input: &str, expected: &str) {
        assert_eq!(told(input.as_bytes()), expected, "{input}");
        assert_eq!(told(input.replace('\n', "\r\n").as_bytes()).replace('\r', ""), expected);
    }

    #[test]
    fn every_layout_gives_the_same_records() {
        check("{\"a\":1}\n{\"b\":2}", "1 json {\"a\":1} / 2 json {\"b\":2}");
        check("\n\n{\"a\":1}\n\n{\"b\":2}\n\n", "3 json {\"a\":1} / 5 json {\"b\":2}");
        check("[{\"a\":1},{\"b\":2}]", "1 json {\"a\":1} / 1 json {\"b\":2}");
        check("[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": 2\n  }\n]\n", {
            "2 json {\"a\":1} / 5 json {\"b\":2}"
        });
        check("{\n  \"a\": {\n \"b\": 2}\n}\n", "1 json {\"a\":{\"b\":2}}");
        check("{\"a\":1}{\"b\":2} {\n\"c\":3}", {
            "1 json {\"a\":1} / 1 json {\"b\":2} / 1 json {\"c\":3}"
        });
        check("\u{feff}{\"a\":1}", "1 json {\"a\":1}");
        check("[[\"k\",{\"a\":1}],[\"k\",{\"b\":2}]]", {
            "1 json [\"k\",{\"a\":1}] / 1 json [\"k\",{\"b\":2}]"
        });
        check("[\"k\", {\"a\":1}]\n[\"k\",\n{}]", "1 json [\"k\",{\"a\":1}] / 2 json [\"k\",{}]");
        for empty in ["", "\n", "[]", "[ ]\n", "\u{feff}"] {
            check(empty, "");
        }
    }

    #[test]
    fn log_lines_are_searched_for_an_object() {
        let date = "2018-04-17 21:02:01.778 1 INFO x [req-1 - -]";
        let log = |rest: &str| format!("{date} {rest}");
        check(&log("{\"event_type\":\"a\"}"), "1 log {\"event_type\":\"a\"}");
        check(&log("{\"x\":1} {\"event_type\":1} ok"), "1 log {\"event_type\":1}");
        check(&format!("[{date}] {{\"event_type\":1}}"), "1 log {\"event_type\":1}");
        check("Apr 17 host nova: {\"oslo.message\":1}", "1 log {\"oslo.message\":1}");
        check(&log("Took 3 seconds"), "1 line");
        check(&log("{\"other\": 1}"), "1 line");
        check(&log("{'python': 1}"), "1 line");
        assert!(told(log("{\"event_type\": \"a\", \"pay").as_bytes()).starts_with("1 bad"));
        check("Took 3 seconds", "1 bad Took3seconds");
    }

    #[test]
    fn what_cannot_be_read_costs_one_record() {
        check("{\"a\":\n{\"b\":2}\n{\"c\"", "1 bad {\"a\": / 2 json {\"b\":2} / 3 bad {\"c\"");
        check("{\"a\": \"cut\n{\"b\":2}", "1 bad {\"a\":\"cut / 2 json {\"b\":2}");
        check("{\"a\": 1,\n{\"b\":2}", "1 bad {\"a\":1, / 2 json {\"b\":2}");
        check("{\"a\": nan}\n{\"b\":2}", "1 bad {\"a\":nan} / 2 json {\"b\":2}");
        check("{\"a\":1}]\n{\"b\":2}", "1 json {\"a\":1} / 1 bad ] / 2 json {\"b\":2}");
        check("[{\"a\":1},\n{\"b\":", "1 json {\"a\":1} / 2 bad {\"b\":");
        check("[{\"a\":1},", "1 json {\"a\":1} / 1 bad ");
        check("[\n  {\n    \"a\": [\n      {\n  },\n  {\n    \"b\": 2\n  }\n]", {
            "2 bad {\"a\":[{}, / 6 json {\"b\":2}"
        });
        check("[\n  {\n    \"a\"\n  }\n]\n{\"b\":2}", "2 bad {\"a\"} / 6 json {\"b\":2}");
        check("[{\"a\":1}, null, 7, {\"b\":2}]", {
            "1 json {\"a\":1} / 1 bad null / 1 bad 7 / 1 json {\"b\":2}"
        });
        check("\"text\"\n{\"b\":2}", "1 bad \"text\" / 2 json {\"b\":2}");
    }

    #[test]
    fn hostile_bytes_end_in_records() {
        assert_eq!(
            told(b"{\"a\":\"\xff\"}\n{\"b\":2}"),
            "1 bad {\"a\":\"\u{fffd}\"} / 2 json {\"b\":2}"
        );
        assert_eq!(told(b"\xff\xfe\n{\"b\":2}"), "1 bad \u{fffd}\u{fffd} / 2 json {\"b\":2}");
        assert_eq!(told(b"{\"b\":2}\n\0\0\0"), "1 json {\"b\":2} / 2 bad \0\0\0");
        let deep = "{\"a\":".repeat(100_000);
        assert_eq!(split(deep.as_bytes()).count(), 1);
        let deep = "[".repeat(100_000);
        assert_eq!(split(deep.as_bytes()).count(), 1);
        assert_eq!(split(&[b'x'; 10_000_000]).count(), 1);
    }

    #[test]
    fn a_file_of_unclosed_objects_takes_no_quadratic_time() {
        let input = "{\"a\":[\n".repeat(40_000);
        assert_eq!(split(input.as_bytes()).count(), 40_000);
    }
}
