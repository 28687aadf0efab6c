//! Work on several threads whose results come out in order.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// More threads than this only wait for whoever writes.
const MOST_THREADS: usize = 64;

/// How many parts of one job may wait to be taken: as many as a job of usual size has, so that whoever
/// works ahead does not wait for the end of a large one.
const WAITING_PARTS: usize = 64;

/// What a worker hands over, while it works and at the end.
enum Message<P, R> {
    Part(P),
    Done(R),
}

/// Does jobs on up to `threads` threads. What they hand over, and their results, are taken on this
/// thread, job by job in the order of the jobs. A few jobs are worked on ahead, and each only until
/// some of its parts wait: so memory is bounded however large the whole is.
///
/// # Errors
/// The first error of `next_job`, `take_part` or `take_result`.
pub fn in_order<J, P, R, E, W>(
    threads: usize,
    mut next_job: impl FnMut() -> Result<Option<J>, E>,
    worker: impl Fn() -> W + Sync,
    mut take_part: impl FnMut(P) -> Result<(), E>,
    mut take_result: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    J: Send,
    P: Send,
    R: Send,
    W: FnMut(J, &mut dyn FnMut(P)) -> R,
{
    if threads <= 1 {
        let mut work = worker();
        while let Some(job) = next_job()? {
            let mut outcome = Ok(());
            let result = work(job, &mut |part| {
                if outcome.is_ok() {
                    outcome = take_part(part);
                }
            });
            outcome?;
            take_result(result)?;
        }
        return Ok(());
    }
    let threads = threads.min(MOST_THREADS);
    let (jobs, queue) = channel();
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        // Moved in, so that the workers end when this closure does, however it ends.
        let jobs: Sender<(J, SyncSender<Message<P, R>>)> = jobs;
        for _ in 0..threads {
            scope.spawn(|| work_off(&queue, worker()));
        }
        let mut under_way: VecDeque<Receiver<Message<P, R>>> = VecDeque::new();
        loop {
            while under_way.len() < 2 * threads
                && let Some(job) = next_job()?
            {
                let (results, taken) = sync_channel(WAITING_PARTS);
                if jobs.send((job, results)).is_ok() {
                    under_way.push_back(taken);
                }
            }
            let Some(oldest) = under_way.pop_front() else { return Ok(()) };
            for message in oldest {
                match message {
                    Message::Part(part) => take_part(part)?,
                    Message::Done(result) => take_result(result)?,
                }
            }
        }
    })
}

type Queue<J, P, R> = Mutex<Receiver<(J, SyncSender<Message<P, R>>)>>;

/// Works until there are no jobs any more.
fn work_off<J, P, R>(queue: &Queue<J, P, R>, mut work: impl FnMut(J, &mut dyn FnMut(P)) -> R) {
    loop {
        let job = queue.lock().ok().and_then(|queue| queue.recv().ok());
        let Some((job, results)) = job else { return };
        // Where nobody takes results any more, the work is in vain, and soon over.
        let result = work(job, &mut |part| drop(results.send(Message::Part(part))));
        drop(results.send(Message::Done(result)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Squares, with the number as a part before each.
    fn squares(threads: usize, fails_at: Option<u32>) -> (Vec<u32>, Result<(), u32>) {
        let mut jobs = 0..50_u32;
        let taken = std::cell::RefCell::new(Vec::new());
        let outcome = in_order(
            threads,
            || Ok(jobs.next()),
            || {
                |job: u32, hand_over: &mut dyn FnMut(u32)| {
                    (0..5).for_each(|_| hand_over(job));
                    job * job
                }
            },
            |part| {
                taken.borrow_mut().push(part);
                Ok(())
            },
            |result| {
                taken.borrow_mut().push(result);
                if fails_at.is_some_and(|at| at * at == result) { Err(result) } else { Ok(()) }
            },
        );
        (taken.into_inner(), outcome)
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs_on_any_number_of_threads() {
        let (expected, _) = squares(1, None);
        assert_eq!(expected.len(), 50 * 6);
        for threads in [2, 3, 8] {
            assert_eq!(squares(threads, None), (expected.clone(), Ok(())));
            assert_eq!(squares(threads, Some(7)), (expected[..48].to_vec(), Err(49)));
        }
    }
}
