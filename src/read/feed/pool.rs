//! Reads the pieces of several inputs on several threads, and hands them out in order.
//!
//! A lane is an input on its way. Whoever is free takes a lane's cutter out of the common state,
//! cuts the next piece, puts the cutter back, and reads the piece without holding anything. The
//! caller works, too, while what it waits for is not ready: with one thread nobody else does.

use std::any::Any;
use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::read::feed::chunk::{Chunk, Cutter};
use crate::read::feed::known::SharedNames;
use crate::read::feed::parse::Parser;
use crate::read::feed::{Effort, Plan, ReadBatch};

/// How many pieces of one lane may wait or be worked on, for each thread.
const AHEAD: usize = 2;

/// Native logs that are being read.
pub struct Feeds {
    shared: Arc<Shared>,
    parser: Parser,
    workers: Vec<JoinHandle<()>>,
}

struct Shared {
    plans: Vec<Plan>,
    effort: Effort,
    state: Mutex<State>,
    /// Told when there may be something to do.
    work: Condvar,
    /// Told when something is done that the caller may wait for.
    done: Condvar,
}

#[derive(Default)]
struct State {
    lanes: Vec<Lane>,
    /// The lanes that the caller has asked for and that have not ended.
    active: Vec<usize>,
    /// Room that can be used again.
    chunks: Vec<Chunk>,
    batches: Vec<ReadBatch>,
    /// What a thread panicked with.
    panic: Option<Box<dyn Any + Send>>,
    is_over: bool,
}

/// One input on its way.
#[derive(Default)]
struct Lane {
    cutter: Place,
    /// The pieces that are being read or wait, from the one that is handed out next.
    pieces: VecDeque<Piece>,
    /// The number of the first of `pieces`.
    first: u64,
    rows: u64,
}

/// Where the cutter of a lane is.
#[derive(Default)]
enum Place {
    #[default]
    Unopened,
    Here(Box<Cutter>),
    /// A thread has it.
    Away,
    Ended,
}

/// What became of a piece.
type Piece = Option<io::Result<VecDeque<ReadBatch>>>;

impl Feeds {
    /// Feeds of these inputs. Nothing is read before it is asked for.
    #[must_use]
    pub fn new(plans: Vec<Plan>, effort: Effort, names: &SharedNames) -> Feeds {
        let lanes = plans.iter().map(|_| Lane::default()).collect();
        let shared = Arc::new(Shared {
            plans,
            effort,
            state: Mutex::new(State { lanes, ..State::default() }),
            work: Condvar::new(),
            done: Condvar::new(),
        });
        let start = |_| {
            let shared = Arc::clone(&shared);
            let parser = Parser::new(Arc::clone(names));
            std::thread::spawn(move || shared.work_until_over(parser))
        };
        // Without inputs there is nothing to do.
        let others = if shared.plans.is_empty() { 0 } else { effort.threads.saturating_sub(1) };
        let workers = (0..others).map(start).collect();
        Feeds { shared, parser: Parser::new(Arc::clone(names)), workers }
    }

    /// The next batch of an input, in the order of its rows; `None` at its end. The names of the
    /// run must not be locked meanwhile.
    ///
    /// # Errors
    /// What the input's own stream says.
    pub fn next(&mut self, index: usize) -> io::Result<Option<ReadBatch>> {
        let mut state = self.shared.lock();
        if matches!(state.lanes[index].cutter, Place::Unopened) && !state.active.contains(&index) {
            state.active.push(index);
            self.shared.work.notify_all();
        }
        loop {
            if let Some(panic) = state.panic.take() {
                drop(state);
                resume_unwind(panic);
            }
            let is_ready = matches!(state.lanes[index].pieces.front(), Some(Some(_)));
            if is_ready {
                if let Some(batch) = state.take_front(index)? {
                    state.lanes[index].rows += batch.rows;
                    self.shared.work.notify_one();
                    return Ok(Some(batch));
                }
                continue;
            }
            let lane = &state.lanes[index];
            if lane.pieces.is_empty() && matches!(lane.cutter, Place::Ended) {
                return Ok(None);
            }
            let limit = AHEAD * self.shared.effort.threads;
            state = if lane.is_idle() && lane.pieces.len() < limit {
                self.shared.work_on(index, &mut self.parser, state)
            } else {
                self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner)
            };
        }
    }

    /// Takes a batch back whose room can be used again.
    pub fn give_back(&mut self, mut batch: ReadBatch) {
        batch.batch.clear();
        batch.unreadable.clear();
        batch.rows = 0;
        let mut state = self.shared.lock();
        if state.batches.len() < AHEAD * self.shared.effort.threads {
            state.batches.push(batch);
        }
    }

    /// How many rows of an input have been handed out.
    #[must_use]
    pub fn rows(&self, index: usize) -> u64 {
        self.shared.lock().lanes[index].rows
    }

    /// Begins all inputs from the front.
    pub fn rewind(&mut self) {
        let mut state = self.shared.lock();
        // Nobody begins anything that is not active; what was begun is waited for.
        state.active.clear();
        while state.panic.is_none() && state.lanes.iter().any(Lane::is_busy) {
            state = self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        for lane in &mut state.lanes {
            *lane = Lane::default();
        }
    }
}

impl Drop for Feeds {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.work.notify_all();
        for worker in self.workers.drain(..) {
            // A worker's panic was caught, and told if anybody asked.
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work_until_over(&self, mut parser: Parser) {
        let mut state = self.lock();
        while !state.is_over && state.panic.is_none() {
            state = match state.lane_to_work_on(self.effort.threads) {
                Some(index) => {
                    let work = || drop(self.work_on(index, &mut parser, state));
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                        self.lock().panic = Some(panic);
                        self.done.notify_all();
                    }
                    self.lock()
                }
                None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Cuts the next piece of a lane and reads it; if nobody else came first.
    fn work_on<'s>(
        &'s self,
        index: usize,
        parser: &mut Parser,
        mut state: MutexGuard<'s, State>,
    ) -> MutexGuard<'s, State> {
        if !state.lanes[index].is_idle() {
            return state;
        }
        let place = std::mem::replace(&mut state.lanes[index].cutter, Place::Away);
        let mut chunk = state.chunks.pop().unwrap_or_default();
        drop(state);

        let plan = &self.plans[index];
        let cut = || -> io::Result<Option<Box<Cutter>>> {
            let mut cutter = match place {
                Place::Here(cutter) => cutter,
                _ => Box::new(Cutter::open(plan, self.effort.chunk_size)?),
            };
            Ok(cutter.next(&mut chunk)?.then_some(cutter))
        };
        let cut = cut();

        let mut state = self.lock();
        let lane = &mut state.lanes[index];
        let number = lane.first + lane.pieces.len() as u64;
        match cut {
            Ok(Some(cutter)) => {
                lane.cutter = Place::Here(cutter);
                lane.pieces.push_back(None);
            }
            outcome => {
                lane.cutter = Place::Ended;
                lane.pieces.extend(outcome.err().map(|error| Some(Err(error))));
                state.active.retain(|active| *active != index);
                self.done.notify_all();
                return state;
            }
        }
        let batch = state.batches.pop().unwrap_or_default();
        // Another one may cut the next piece.
        self.work.notify_one();
        drop(state);

        let batches = parser.read(&plan.layout, plan.input, &chunk, batch);

        let mut state = self.lock();
        // One that a giant record made large is not kept.
        if chunk.bytes.capacity() <= 8 * self.effort.chunk_size {
            state.chunks.push(chunk);
        }
        let lane = &mut state.lanes[index];
        let place = number - lane.first;
        lane.pieces[place as usize] = Some(Ok(batches.into()));
        self.done.notify_all();
        state
    }
}

impl State {
    /// The lane with the fewest pieces ahead, if any may have more.
    fn lane_to_work_on(&self, threads: usize) -> Option<usize> {
        let pieces = |index: &usize| self.lanes[*index].pieces.len();
        let all: usize = self.active.iter().map(pieces).sum();
        // A merge of many lanes takes one piece of each before it goes on with the first.
        if all >= AHEAD * threads + self.active.len() {
            return None;
        }
        let open = self.active.iter().copied().filter(|index| self.lanes[*index].is_idle());
        open.filter(|index| pieces(index) < AHEAD * threads).min_by_key(pieces)
    }

    /// The next batch of a lane whose first piece is ready, if it has one left.
    fn take_front(&mut self, index: usize) -> io::Result<Option<ReadBatch>> {
        let lane = &mut self.lanes[index];
        let Some(Some(piece)) = lane.pieces.front_mut() else { return Ok(None) };
        let batch = match piece {
            Ok(batches) if batches.len() > 1 => return Ok(batches.pop_front()),
            Ok(batches) => Ok(batches.pop_front()),
            Err(error) => Err(std::mem::replace(error, io::ErrorKind::Other.into())),
        };
        lane.pieces.pop_front();
        lane.first += 1;
        batch
    }
}

impl Lane {
    /// Whether its next piece can be cut now.
    fn is_idle(&self) -> bool {
        matches!(self.cutter, Place::Unopened | Place::Here(_))
    }

    /// Whether a thread works on it.
    fn is_busy(&self) -> bool {
        matches!(self.cutter, Place::Away) || self.pieces.iter().any(Option::is_none)
    }
}
