//! Native logs to batches of events: piece by piece, on several threads, in the order of each log.
//!
//! An input is cut into pieces of whole records as it is read (`chunk`), and each piece becomes a
//! batch (`parse`) on whatever thread is free (`pool`). What a batch holds does not depend on the
//! number of threads. Memory is bounded: only so many pieces are on their way.
//!
//! Rows as nearly all are go a short way (`scan`, `clock`), which gives up on whatever is odd;
//! then the row, or the piece, goes the way of [`crate::read::events`].

mod chunk;
mod clock;
mod head;
mod known;
mod parquet;
mod parse;
mod pool;
mod scan;
#[cfg(test)]
mod tests;
mod window;

use std::borrow::Cow;
use std::io::{self, Read};

pub(in crate::read) use chunk::{LONGEST_LINE, LONGEST_QUOTED, end_of_records, no_end};
pub use head::Head;
pub use known::SharedNames;
pub use parquet::ParquetFeed;
pub use parse::batches_of_rows;
pub use pool::Feeds;
pub use window::{Fetched, Window};

use crate::event::Batch;
use crate::read::csv::Record;
use crate::read::events::Unreadable;
use crate::read::table::describe_shape;

/// What one piece of a log holds.
#[derive(Debug, Clone, Default)]
pub struct ReadBatch {
    /// Its events.
    pub batch: Batch,
    /// Its rows that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// How many rows it had.
    pub rows: u64,
}

/// An input's decompressed bytes.
pub trait Stream: Read + Send {
    /// Passes over so many bytes, or to the end.
    ///
    /// # Errors
    /// What the system says.
    fn skip(&mut self, count: u64) -> io::Result<()> {
        io::copy(&mut self.take(count), &mut io::sink()).map(|_| ())
    }
}

/// Opens an input from the front.
pub type Opener = Box<dyn Fn() -> io::Result<Box<dyn Stream>> + Send + Sync>;

/// How to read one input.
pub struct Plan {
    /// Its bytes.
    pub open: Opener,
    /// What they mean.
    pub layout: Layout,
    /// The number that its rows have as their origin.
    pub input: u32,
}

/// How rows stand in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// As a table.
    Table(Box<TableLayout>),
    /// As objects.
    Json {
        /// Whether a key that nobody knows makes a row unreadable.
        unknown_keys_are_errors: bool,
    },
}

/// Where the columns of a table are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLayout {
    /// For each column of [`crate::read::events::COLUMNS`] the field that holds it.
    pub places: [Option<usize>; 14],
    /// How many fields a row has.
    pub width: usize,
    /// The header and what stands before it, as they are.
    pub header: Vec<u8>,
    /// The line behind it.
    pub line: u64,
}

impl TableLayout {
    /// The texts of a row by column, or why it has none.
    fn texts<'a>(&self, record: &Record, bytes: &'a [u8]) -> Result<[Cow<'a, str>; 14], String> {
        if let Some(why) = describe_shape(record, self.width) {
            return Err(why);
        }
        let mut texts = std::array::from_fn(|_| Cow::Borrowed(""));
        for (text, place) in texts.iter_mut().zip(&self.places) {
            let Some(field) = place.and_then(|place| record.fields.get(place)) else { continue };
            *text = field.text(bytes).ok_or("the row is not UTF-8")?;
        }
        Ok(texts)
    }
}

/// How much is done at a time.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How many threads work, the caller's among them.
    pub threads: usize,
    /// How many bytes are read at a time.
    pub chunk_size: usize,
}

impl Effort {
    /// So many threads, for so many inputs: where many are read at once, each in small pieces.
    #[must_use]
    pub fn for_inputs(threads: usize, inputs: usize) -> Effort {
        let chunk_size = (MOST_READ / inputs.max(1)).clamp(LEAST_CHUNK, MOST_CHUNK);
        Effort { threads: threads.max(1), chunk_size }
    }
}

/// What the pieces of all inputs together should not exceed by much.
const MOST_READ: usize = 16 << 20;
/// The size of a piece where there are few inputs; it fits into a processor's cache.
const MOST_CHUNK: usize = 512 << 10;
/// The size of a piece where there are many inputs.
const LEAST_CHUNK: usize = 64 << 10;
