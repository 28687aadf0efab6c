//! Cuts an input into pieces of whole records, as it is read.
//!
//! Where a table has no quote, any line's end is a record's. Where it has one, records are walked
//! as [`Records`] walks them. A quoted record longer than [`LONGEST_QUOTED`] counts as an open
//! quote, like one that is never closed: otherwise one stray quote would have all of a long log kept
//! in memory. JSON is cut between two objects that stand on lines of their own; where there are
//! none, as in an array, the rest of the input is one piece.

use std::io::{self, Read as _};

use memchr::{memchr, memchr_iter, memrchr, memrchr_iter};
use serde_json::value::RawValue;

use crate::read::csv::{Broken, Record, Records};
use crate::read::feed::{Layout, Plan, Stream};

/// How long a record with a quoted field may be.
pub(in crate::read) const LONGEST_QUOTED: usize = 16 << 20;

/// How long a line of a table may be. What is longer is no table: it is not read to its end first.
pub(in crate::read) const LONGEST_LINE: usize = 64 << 20;

/// How many lines are tried for the end of a piece of JSON.
const LINES_TRIED: usize = 64;

/// A piece of an input: whole records, blank lines among them.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// The piece, followed by what lies ahead.
    pub(super) bytes: Vec<u8>,
    /// How much of `bytes` is the piece. What follows, at most one byte, is to be looked at but
    /// not read: the error in a record that is cut off names what it met.
    pub(super) length: usize,
    /// Where it begins in the decompressed input.
    pub(super) offset: u64,
    /// The line that it begins on.
    pub(super) line: u64,
    /// How many lines end in it.
    pub(super) lines: usize,
    /// Whether there is a quote in it.
    pub(super) has_quotes: bool,
}

/// An input that is being read.
pub(super) struct Cutter {
    stream: Box<dyn Stream>,
    is_json: bool,
    /// How many bytes are read at a time.
    size: usize,
    /// What was read behind the last piece.
    carry: Vec<u8>,
    offset: u64,
    line: u64,
    has_ended: bool,
}

impl Cutter {
    /// Opens an input and passes over its header.
    pub(super) fn open(plan: &Plan, size: usize) -> io::Result<Cutter> {
        let mut stream = (plan.open)()?;
        let mut line = 1;
        let mut offset = 0;
        let is_json = matches!(plan.layout, Layout::Json { .. });
        if let Layout::Table(table) = &plan.layout {
            let mut header = Vec::with_capacity(table.header.len());
            stream.by_ref().take(table.header.len() as u64).read_to_end(&mut header)?;
            if header != table.header {
                return Err(io::Error::other("it changed while it was read"));
            }
            offset = header.len() as u64;
            line = table.line;
        }
        let carry = Vec::new();
        Ok(Cutter { stream, is_json, size: size.max(1), carry, offset, line, has_ended: false })
    }

    /// Reads the next piece into `chunk`, whose room is used again; `false` at the end.
    pub(super) fn next(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        let bytes = &mut chunk.bytes;
        let mut filled = self.carry.len();
        // What stands there from the last time is written over: clearing it first takes its time.
        bytes.resize(bytes.len().max(filled), 0);
        bytes[..filled].copy_from_slice(&self.carry);
        self.carry.clear();
        let mut wanted = self.size;
        let mut quote = None;
        let cut = loop {
            if self.has_ended {
                bytes.truncate(filled);
            } else {
                bytes.resize(filled + wanted, 0);
                let read = read_fully(&mut *self.stream, &mut bytes[filled..])?;
                self.has_ended = read < wanted;
                filled += read;
                bytes.truncate(filled);
            }
            if !self.is_json {
                quote = memchr(b'"', bytes);
            }
            if self.has_ended {
                break filled;
            }
            let cut = if self.is_json {
                end_of_objects(bytes, self.offset == 0)
            } else {
                end_of_records(bytes, quote)
            };
            if let Some(cut) = cut {
                break cut;
            }
            if !self.is_json && bytes.len() > LONGEST_LINE {
                return Err(no_end(self.line));
            }
            // Twice as much each time, so that a long record is not looked at over and over.
            wanted = self.size.max(bytes.len());
            if !self.is_json {
                wanted = wanted.min(LONGEST_LINE + 1 - bytes.len());
            }
        };
        self.carry.extend_from_slice(&bytes[cut..]);
        let ahead = usize::from(self.is_json && cut < bytes.len());
        bytes.truncate(cut + ahead);
        chunk.length = cut;
        chunk.offset = self.offset;
        chunk.line = self.line;
        chunk.has_quotes = self.is_json || quote.is_some_and(|quote| quote < cut);
        self.offset += cut as u64;
        chunk.lines = memchr_iter(b'\n', &bytes[..cut]).count();
        self.line += chunk.lines as u64;
        Ok(cut > 0)
    }
}

/// What to say about a line that is longer than any table's.
pub(in crate::read) fn no_end(line: u64) -> io::Error {
    io::Error::other(format!("line {line} does not end within {} MiB", LONGEST_LINE >> 20))
}

/// Reads until `bytes` are full or the stream has ended; how many there are.
fn read_fully(stream: &mut dyn Stream, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match stream.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Where the last whole record of a table ends that more may follow, and whose first quote is
/// there.
pub(in crate::read) fn end_of_records(bytes: &[u8], quote: Option<usize>) -> Option<usize> {
    let Some(quote) = quote else {
        return memrchr(b'\n', bytes).map(|end| end + 1);
    };
    // Before the first quote, lines are records.
    let start = memrchr(b'\n', &bytes[..quote]).map_or(0, |end| end + 1);
    let mut cut = (start > 0).then_some(start);
    let rest = &bytes[start..];
    let mut records = Records::resumed(rest, 1, LONGEST_QUOTED);
    let mut record = Record::default();
    // What a broken record is broken by stands behind the line that it loses. Both have to be in
    // one piece, so that whoever reads the piece sees the same.
    let mut needed = 0;
    while records.read(&mut record) {
        let end = records.position();
        match record.broken {
            Some(Broken::OpenQuote(_)) if rest.len() - record.span.start <= LONGEST_QUOTED => break,
            Some(Broken::OpenQuote(_)) | None => {}
            Some(Broken::AfterQuote(at)) => needed = needed.max(at + 2),
        }
        if end >= needed && rest[..end].ends_with(b"\n") {
            cut = Some(start + end);
        }
    }
    cut
}

/// Where the first record of a table ends, if more may follow; a byte order mark may precede it.
pub(super) fn end_of_first_record(bytes: &[u8]) -> Option<usize> {
    let mut records = Records::new(bytes);
    let mut record = Record::default();
    records.read(&mut record);
    let end = records.position();
    let is_open = matches!(record.broken, Some(Broken::OpenQuote(_)))
        && bytes.len() - record.span.start <= LONGEST_QUOTED;
    let is_whole = end > 0 && bytes[end - 1] == b'\n' && end > record.span.end && !is_open;
    is_whole.then_some(end)
}

/// Where the last line ends that is an object, if another one begins behind it.
///
/// No value goes on there: between two values inside of one there is a comma. A value that was
/// begun and not ended fails at that `{` at the latest, which the piece before has to see, too.
fn end_of_objects(bytes: &[u8], is_start: bool) -> Option<usize> {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte >= 0x80;
    if is_start && bytes.iter().find(|byte| !blank(byte)) == Some(&b'[') {
        return None;
    }
    let ends = memrchr_iter(b'\n', bytes).filter(|end| bytes.get(end + 1) == Some(&b'{'));
    let is_end = |end: &usize| {
        let start = memrchr(b'\n', &bytes[..*end]).map_or(0, |end| end + 1);
        let line = bytes[start..*end].trim_ascii_end();
        line.first() == Some(&b'{') && serde_json::from_slice::<&RawValue>(line).is_ok()
    };
    ends.take(LINES_TRIED).find(is_end).map(|end| end + 1)
}
