//! Native events.

use std::io::{self, Write};

use crate::read::events::{COLUMNS, RowText};
use crate::value::Instant;
use crate::write::parquet::table::{Column, Holds, Table};

/// Writes native events: the columns of `events.csv`, with times as timestamps and bytes as
/// integers.
pub struct EventsWriter<W: Write + Send> {
    table: Table<W>,
}

impl<W: Write + Send> std::fmt::Debug for EventsWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventsWriter").finish_non_exhaustive()
    }
}

impl<W: Write + Send> EventsWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn new(out: W) -> io::Result<EventsWriter<W>> {
        let columns = COLUMNS.map(|column| Column {
            name: column.name,
            holds: match column.name {
                "time" => Holds::Time,
                "bytes" => Holds::Integer,
                _ => Holds::Text,
            },
            optional: !matches!(column.name, "time" | "event"),
        });
        Ok(EventsWriter { table: Table::new(out, &columns)? })
    }

    /// Writes one event. `text.time` and `text.bytes` are not looked at.
    ///
    /// # Errors
    /// What `out` gives; and more bytes than 2^63 − 1.
    pub fn push(
        &mut self,
        time: Instant,
        bytes: Option<u64>,
        text: &RowText<'_>,
    ) -> io::Result<()> {
        let bytes = bytes.map(i64::try_from).transpose();
        let bytes = bytes.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        for (column, value) in text.to_columns().into_iter().enumerate() {
            match COLUMNS[column].name {
                "time" => self.table.time(column, Some(time)),
                "bytes" => self.table.integer(column, bytes),
                _ => self.table.text(column, value),
            }
        }
        self.table.end_row()
    }

    /// Ends the file; `out`, with all of it.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn finish(self) -> io::Result<W> {
        self.table.finish()
    }
}
