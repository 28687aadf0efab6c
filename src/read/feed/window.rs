//! Rows once more, by their places: as texts, for what is written about them.

use std::io::{self, Read as _};

use serde_json::value::RawValue;

use crate::read::csv::{Record, Records};
use crate::read::feed::Stream;
use crate::read::feed::chunk::{LONGEST_QUOTED, end_of_first_record};

/// How much is read at a time.
const STEP: usize = 64 << 10;

/// A row as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its fields, where it is a row of a table that can be split.
    pub fields: Option<Vec<String>>,
    /// The row as it is.
    pub raw: String,
}

/// Finds rows of one input again, from its front to its end.
pub struct Window {
    stream: Box<dyn Stream>,
    is_json: bool,
    /// What has been read; up to `at` it has been passed over.
    bytes: Vec<u8>,
    at: usize,
    /// Where `at` is in the input.
    start: u64,
    has_ended: bool,
}

impl Window {
    /// A window at the front of an input.
    #[must_use]
    pub fn new(stream: Box<dyn Stream>, is_json: bool) -> Window {
        Window { stream, is_json, bytes: Vec::new(), at: 0, start: 0, has_ended: false }
    }

    /// The row at an offset, which is not before the last one; `None` where the input has become
    /// shorter.
    ///
    /// # Errors
    /// What the stream says.
    pub fn fetch(&mut self, offset: u64) -> io::Result<Option<Fetched>> {
        self.pass_to(offset)?;
        loop {
            if !self.has_ended && !self.holds_record() {
                let wanted = STEP.max(self.rest().len());
                let read = self.stream.by_ref().take(wanted as u64).read_to_end(&mut self.bytes)?;
                self.has_ended = read < wanted;
                continue;
            }
            if self.rest().is_empty() {
                return Ok(None);
            }
            return Ok(Some(if self.is_json { self.object() } else { self.row() }));
        }
    }

    fn pass_to(&mut self, offset: u64) -> io::Result<()> {
        let distance = offset.saturating_sub(self.start);
        let held = self.rest().len();
        let here = usize::try_from(distance).map_or(held, |distance| distance.min(held));
        self.at += here;
        self.start += here as u64;
        // A long record may have filled many megabytes: what is behind is moved over now and then,
        // and not for each of the rows in them.
        if self.at >= self.bytes.len() / 2 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        if self.start < offset && !self.has_ended {
            self.stream.skip(offset - self.start)?;
            self.start = offset;
        }
        Ok(())
    }

    /// What has been read and not passed over.
    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    fn holds_record(&self) -> bool {
        if !self.is_json {
            return end_of_first_record(self.rest()).is_some();
        }
        let mut values = serde_json::Deserializer::from_slice(self.rest()).into_iter::<&RawValue>();
        match values.next() {
            None => false,
            Some(Ok(_)) => true,
            Some(Err(error)) => !error.is_eof(),
        }
    }

    fn row(&self) -> Fetched {
        let mut record = Record::default();
        Records::resumed(self.rest(), 1, LONGEST_QUOTED).read(&mut record);
        let raw = String::from_utf8_lossy(&self.rest()[record.span.clone()]).into_owned();
        Fetched { fields: fields_of(&record, self.rest()), raw }
    }

    /// This one value and nothing behind it: an array may be one line of gigabytes.
    fn object(&self) -> Fetched {
        let mut values = serde_json::Deserializer::from_slice(self.rest()).into_iter::<&RawValue>();
        let value = values.next().and_then(Result::ok);
        Fetched { fields: None, raw: value.map_or_else(String::new, |v| v.get().to_owned()) }
    }
}

/// The texts of a record's fields, if it could be split.
pub(super) fn fields_of(record: &Record, bytes: &[u8]) -> Option<Vec<String>> {
    let is_whole = record.broken.is_none() && !record.fields.is_empty();
    let text =
        |field: &crate::read::csv::Field| String::from_utf8_lossy(&field.bytes(bytes)).into_owned();
    is_whole.then(|| record.fields.iter().map(text).collect())
}
