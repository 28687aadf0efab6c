//! Many series on several threads, their results in order.

use std::sync::mpsc::sync_channel;
use std::thread;

/// How many series a thread takes at once: one takes a few milliseconds.
const PIECE: usize = 32;
/// How many finished pieces of a thread may wait for their turn.
const WAITING: usize = 4;

/// Computes something of every item, on so many threads, and hands the results over in the items'
/// order. Thread `t` of `n` does every n-th piece, so that nothing depends on who is faster; only
/// a few pieces are finished before their turn, so memory does not grow with the items.
///
/// # Errors
/// What `take` gives; then the rest is left.
pub fn for_each_in_order<I: Sync, O: Send, E>(
    items: &[I],
    threads: usize,
    compute: impl Fn(&I) -> O + Sync,
    mut take: impl FnMut(usize, O) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.clamp(1, items.len().div_ceil(PIECE).max(1));
    let compute = &compute;
    thread::scope(|scope| {
        let mut results = Vec::new();
        for number in 0..threads {
            let (finished, wait) = sync_channel(WAITING);
            results.push(wait);
            scope.spawn(move || {
                for piece in items.chunks(PIECE).skip(number).step_by(threads) {
                    let done: Vec<O> = piece.iter().map(compute).collect();
                    // Nobody listens any more: `take` has failed.
                    if finished.send(done).is_err() {
                        return;
                    }
                }
            });
        }
        let mut index = 0;
        for piece in 0..items.len().div_ceil(PIECE) {
            let Ok(done) = results[piece % threads].recv() else { break };
            for result in done {
                take(index, result)?;
                index += 1;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_number_of_threads() {
        let items: Vec<usize> = (0..1000).collect();
        for threads in [1, 2, 3, 64] {
            let mut seen = Vec::new();
            let done: Result<(), ()> = for_each_in_order(
                &items,
                threads,
                |item| item * 2,
                |at, twice| {
                    seen.push((at, twice));
                    Ok(())
                },
            );
            assert_eq!(done, Ok(()));
            assert_eq!(seen, items.iter().map(|item| (*item, item * 2)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_failure_ends_it() {
        let items: Vec<usize> = (0..10_000).collect();
        let done = for_each_in_order(
            &items,
            2,
            |item| *item,
            |at, _| if at == 5 { Err(at) } else { Ok(()) },
        );
        assert_eq!(done, Err(5));
    }
}
