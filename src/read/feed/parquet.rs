//! Parquet logs to batches, decoded beside whoever takes them.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::diagnostic::Diagnostic;
use crate::read::events::{RowText, Unreadable, finding_on};
use crate::read::feed::known::{BatchNames, Cache};
use crate::read::feed::{ReadBatch, SharedNames};
use crate::read::parquet::ParquetLog;
use crate::value::{AccountId, EventId, FlavorId, LabelsId, NameIds, OsId, RegionId, ResourceId};

/// How many rows a batch has.
const ROWS: u64 = 1 << 14;
/// How many batches may wait.
const WAITING: usize = 2;

/// A log that is being read.
#[derive(Debug)]
pub struct ParquetFeed {
    batches: Receiver<Result<ReadBatch, Diagnostic>>,
}

impl ParquetFeed {
    /// Begins at the front of a log. Its thread ends with the log, or when nobody listens.
    #[must_use]
    pub fn start(log: Arc<ParquetLog>, input: u32, names: &SharedNames) -> ParquetFeed {
        let (sender, batches) = sync_channel(WAITING);
        let names = SharedNames::clone(names);
        thread::spawn(move || read(&log, input, names, &sender));
        ParquetFeed { batches }
    }

    /// The next batch, in the order of the rows; `None` at the end.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn next(&self) -> Result<Option<ReadBatch>, Diagnostic> {
        self.batches.recv().ok().transpose()
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

fn read(
    log: &ParquetLog,
    input: u32,
    names: SharedNames,
    out: &SyncSender<Result<ReadBatch, Diagnostic>>,
) {
    let cache = RefCell::new(Cache::new(names));
    let batch = RefCell::new(ReadBatch::default());
    // Whoever listened may have stopped: the rest is then read in vain, but not for long.
    let hand_over = || out.send(Ok(std::mem::take(&mut *batch.borrow_mut()))).is_ok();
    for group in 0..log.row_group_count() {
        let mut goes_on = true;
        let mut own = Names { cache: &cache, batch: &batch };
        let outcome = log.read_group(input, group, &mut own, |origin, row| {
            {
                let mut batch = batch.borrow_mut();
                batch.rows += 1;
                match row {
                    Ok(event) => batch.batch.events.push(event),
                    Err((text, why)) => {
                        let account = |name: &str| cache.borrow_mut().account(name);
                        let finding = finding_on(&text, origin, why, account);
                        let raw = shown(&text);
                        batch.unreadable.push(Unreadable { finding, raw });
                    }
                }
            }
            if batch.borrow().rows >= ROWS && goes_on {
                goes_on = hand_over();
            }
        });
        if let Err(diagnostic) = outcome {
            let _ = out.send(Err(diagnostic));
            return;
        }
        if !goes_on || !hand_over() {
            return;
        }
    }
}

/// A row as it would stand in a table.
fn shown(text: &RowText<'_>) -> String {
    text.to_columns().join(",")
}
