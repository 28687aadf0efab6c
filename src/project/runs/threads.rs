//! Work on several threads, whose outcomes stand in the order of the work.

use std::ops::Range;

/// Does as many pieces of work as there are threads, each with its part of the places below
/// `count`. A panic in one of them is one here.
pub(super) fn in_parts<T: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let each = count.div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let begin = |start: usize| {
            let work = &work;
            scope.spawn(move || work(start..(start + each).min(count)))
        };
        let begun: Vec<_> = (0..count).step_by(each).map(begin).collect();
        let finish = |part: std::thread::ScopedJoinHandle<'_, T>| {
            part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        begun.into_iter().map(finish).collect()
    })
}
