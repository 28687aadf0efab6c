//! Lines of a native CSV log, without quotes, on their way into Parquet.

use std::io::{self, Write};

use crate::read::events::{COLUMNS, RowText};
use crate::value::Instant;
use crate::write::parquet::EventsWriter;

/// Takes the text of a log, and writes its events.
pub struct Lines<W: Write + Send> {
    events: EventsWriter<W>,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    is_behind_header: bool,
}

impl<W: Write + Send> Lines<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn new(out: W) -> io::Result<Lines<W>> {
        let events = EventsWriter::new(out)?;
        Ok(Lines { events, begun: Vec::new(), is_behind_header: false })
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn finish(self) -> io::Result<W> {
        self.events.finish()
    }

    fn take_line(&mut self, line: &[u8]) -> io::Result<()> {
        if !std::mem::replace(&mut self.is_behind_header, true) {
            return Ok(());
        }
        let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
        let line = std::str::from_utf8(line).map_err(|error| invalid(error.to_string()))?;
        let mut texts = [""; COLUMNS.len()];
        for (text, field) in texts.iter_mut().zip(line.split(',')) {
            *text = field;
        }
        let row = RowText::from_columns(texts);
        let time = Instant::parse(row.time).map_err(|error| invalid(error.to_string()))?;
        let bytes = (!row.bytes.is_empty()).then(|| row.bytes.parse()).transpose();
        let bytes = bytes.map_err(|_| invalid(format!("`{}` is no number of bytes", row.bytes)))?;
        self.events.push(time, bytes, &row)
    }
}

impl<W: Write + Send> Write for Lines<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut rest = text;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            if self.begun.is_empty() {
                self.take_line(&rest[..end])?;
            } else {
                let mut line = std::mem::take(&mut self.begun);
                line.extend_from_slice(&rest[..end]);
                self.take_line(&line)?;
            }
            rest = &rest[end + 1..];
        }
        self.begun.extend_from_slice(rest);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
