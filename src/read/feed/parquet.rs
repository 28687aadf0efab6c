//! Parquet logs to batches, decoded beside whoever takes them where there is a thread for it.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use crate::diagnostic::Diagnostic;
use crate::read::events::{RowText, Unreadable, finding_on};
use crate::read::feed::known::{BatchNames, Cache};
use crate::read::feed::{ReadBatch, SharedNames};
use crate::read::parquet::{GroupRows, ParquetLog};
use crate::value::{AccountId, EventId, FlavorId, LabelsId, NameIds, OsId, RegionId, ResourceId};

/// How many rows a batch has, but for the last one.
const ROWS: u64 = 1 << 14;
/// How many batches may wait.
const WAITING: usize = 2;

/// A log that is being read, on this thread or on one of its own.
#[derive(Debug)]
pub enum ParquetFeed {
    /// It is read as it is asked for.
    Here(Box<Reader>),
    /// It is read beside whoever asks.
    Aside(Receiver<Result<ReadBatch, Diagnostic>>),
}

impl ParquetFeed {
    /// Begins at the front of a log; with more than one thread it has one of its own, which ends
    /// with the log, or when nobody listens.
    #[must_use]
    pub fn start(
        log: Arc<ParquetLog>,
        input: u32,
        names: &SharedNames,
        threads: usize,
    ) -> ParquetFeed {
        let mut reader = Reader::new(log, input, SharedNames::clone(names));
        if threads < 2 {
            return ParquetFeed::Here(Box::new(reader));
        }
        let (sender, batches) = sync_channel(WAITING);
        thread::spawn(move || {
            while let Some(read) = reader.next_batch().transpose() {
                let is_broken = read.is_err();
                if sender.send(read).is_err() || is_broken {
                    return;
                }
            }
        });
        ParquetFeed::Aside(batches)
    }

    /// The next batch, in the order of the rows; `None` at the end.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn next_batch(&mut self) -> Result<Option<ReadBatch>, Diagnostic> {
        match self {
            ParquetFeed::Here(reader) => reader.next_batch(),
            ParquetFeed::Aside(batches) => batches.recv().ok().transpose(),
        }
    }
}

/// A log, as far as it has been read.
#[derive(Debug)]
pub struct Reader {
    log: Arc<ParquetLog>,
    input: u32,
    cache: RefCell<Cache>,
    batch: RefCell<ReadBatch>,
    /// The row group that is being read, and the number of the one behind it.
    rows: Option<GroupRows>,
    next_group: usize,
}

impl Reader {
    fn new(log: Arc<ParquetLog>, input: u32, names: SharedNames) -> Reader {
        let (cache, batch) = (RefCell::new(Cache::new(names)), RefCell::default());
        Reader { log, input, cache, batch, rows: None, next_group: 0 }
    }

    fn next_batch(&mut self) -> Result<Option<ReadBatch>, Diagnostic> {
        while self.batch.get_mut().rows < ROWS && self.read_slice()? {}
        let batch = std::mem::take(self.batch.get_mut());
        Ok((batch.rows > 0).then_some(batch))
    }

    /// Reads some rows; `false` at the end of the log.
    fn read_slice(&mut self) -> Result<bool, Diagnostic> {
        let Some(rows) = &mut self.rows else {
            let has_more = self.next_group < self.log.row_group_count();
            if has_more {
                self.rows = Some(self.log.group(self.input, self.next_group)?);
                self.next_group += 1;
            }
            return Ok(has_more);
        };
        let (cache, batch) = (&self.cache, &self.batch);
        let mut names = Names { cache, batch };
        let has_read = self.log.read_slice(rows, &mut names, |origin, row| {
            let mut batch = batch.borrow_mut();
            batch.rows += 1;
            match row {
                Ok(event) => batch.batch.events.push(event),
                Err((text, why)) => {
                    let account = |name: &str| cache.borrow_mut().account(name);
                    let finding = finding_on(&text, origin, why, account);
                    batch.unreadable.push(Unreadable { finding, raw: shown(&text) });
                }
            }
        })?;
        if !has_read {
            self.rows = None;
        }
        Ok(true)
    }
}

/// The names of rows whose events are put beside them.
struct Names<'a> {
    cache: &'a RefCell<Cache>,
    batch: &'a RefCell<ReadBatch>,
}

impl Names<'_> {
    fn with<T>(&self, ask: impl FnOnce(&mut BatchNames<'_>) -> T) -> T {
        let (cache, batch) = (&mut *self.cache.borrow_mut(), &mut self.batch.borrow_mut().batch);
        ask(&mut BatchNames::of(batch, cache).0)
    }
}

impl NameIds for Names<'_> {
    fn account(&mut self, text: &str) -> AccountId {
        self.with(|names| names.account(text))
    }

    fn resource(&mut self, text: &str) -> ResourceId {
        self.with(|names| names.resource(text))
    }

    fn known_resource(&mut self, text: &str) -> ResourceId {
        self.with(|names| names.known_resource(text))
    }

    fn region(&mut self, text: &str) -> RegionId {
        self.with(|names| names.region(text))
    }

    fn flavor(&mut self, text: &str) -> FlavorId {
        self.with(|names| names.flavor(text))
    }

    fn system(&mut self, text: &str) -> OsId {
        self.with(|names| names.system(text))
    }

    fn labels(&mut self, text: &str) -> LabelsId {
        self.with(|names| names.labels(text))
    }

    fn event(&mut self, text: &str) -> EventId {
        self.with(|names| names.event(text))
    }
}

/// A row as it would stand in a table.
fn shown(text: &RowText<'_>) -> String {
    text.to_columns().join(",")
}
