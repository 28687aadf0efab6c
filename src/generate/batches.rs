//! A log in batches, made on a thread of its own.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use crate::generate::{Cloud, Happening, Plan};

/// How many rows a batch has at least: enough to make the handing over cheap where an hour has few.
const BATCH: usize = 8192;
/// How many batches may wait, so that neither side stops for every one of them.
const WAITING: usize = 4;

/// Gives all rows of a log in order, in batches. The cloud lives on a second thread; what it does
/// depends on its plan alone, so that the rows do not depend on how the threads take turns.
///
/// # Errors
/// What `take` gives, at once; or that there can be no second thread.
pub fn for_each_batch(
    plan: Plan,
    mut take: impl FnMut(&[Happening]) -> io::Result<()>,
) -> io::Result<()> {
    thread::scope(|scope| {
        let (full, filled) = sync_channel(WAITING);
        let (used, empty) = channel();
        thread::Builder::new().spawn_scoped(scope, move || live(plan, &full, &empty))?;
        // When taking fails, `filled` is dropped here, which ends the other thread.
        for batch in filled {
            take(&batch)?;
            // Over there nobody may be left to use it again.
            let _ = used.send(batch);
        }
        Ok(())
    })
}

/// Fills batches until the log is over, or nobody wants more.
fn live(plan: Plan, full: &SyncSender<Vec<Happening>>, empty: &Receiver<Vec<Happening>>) {
    let mut cloud = Cloud::new(plan);
    let mut is_over = false;
    while !is_over {
        let mut batch = empty.try_recv().unwrap_or_default();
        batch.clear();
        while batch.len() < BATCH && !is_over {
            is_over = !cloud.next_hour(&mut batch);
        }
        if full.send(batch).is_err() {
            return;
        }
    }
}
