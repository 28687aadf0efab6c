//! Runs, which are entries in order, and all runs put in one order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;

use bytemuck::{Pod, Zeroable as _};

use crate::scratch::{Pile, Run, Scratch, ScratchError};

/// Runs, one behind the other in a pile.
#[derive(Debug)]
pub struct Runs {
    pile: Pile,
    runs: Vec<Run>,
    /// Where the run that is being written begins.
    start: u64,
}

impl Runs {
    /// None yet.
    #[must_use]
    pub fn new(scratch: Scratch) -> Runs {
        Runs { pile: Pile::new(scratch), runs: Vec::new(), start: 0 }
    }

    /// How many runs have been ended.
    #[must_use]
    pub fn count(&self) -> usize {
        self.runs.len()
    }

    /// Adds to a run what `write` appends to what it is given.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), ScratchError> {
        self.pile.append(write)
    }

    /// What was appended since the last call is a run.
    pub fn end_run(&mut self) {
        self.runs.push(Run::new(self.start, self.pile.end()));
        self.start = self.pile.end();
    }

    /// Whether all of a run has been read.
    #[must_use]
    pub fn is_at_end(&self, run: usize) -> bool {
        self.runs[run].is_at_end()
    }

    /// Appends the next `size` bytes of a run to `out`; they must be there.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub fn read(&mut self, run: usize, size: usize, out: &mut Vec<u8>) -> Result<(), ScratchError> {
        self.runs[run].read(size, out, &self.pile)
    }

    /// The next value of a run; its bytes must be there.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub fn read_value<T: Pod>(&mut self, run: usize) -> Result<T, ScratchError> {
        self.runs[run].read_value(&self.pile)
    }
}

/// What order the entries of runs are in: each begins with what says it.
pub trait Order {
    /// What an entry begins with.
    type Front: Pod + fmt::Debug;
    /// Entries stand by this.
    type Key: Copy + Ord + fmt::Debug;

    /// Where an entry belongs.
    fn key(&self, front: &Self::Front) -> Self::Key;

    /// How many bytes of an entry follow its front.
    fn rest(&self, front: &Self::Front) -> usize;
}

/// The entries of all runs in one order. Of those that are alike, the one in the earlier run comes
/// first.
#[derive(Debug)]
pub struct Merge<O: Order> {
    runs: Runs,
    order: O,
    /// The front of what comes next, run by run.
    fronts: Vec<O::Front>,
    /// The runs that have not ended, by what comes next in each: there may be dozens.
    coming: BinaryHeap<Reverse<(O::Key, usize)>>,
}

impl<O: Order> Merge<O> {
    /// Of runs that are each in this order.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn new(runs: Runs, order: O) -> Result<Merge<O>, ScratchError> {
        let count = runs.count();
        let fronts = vec![O::Front::zeroed(); count];
        let coming = BinaryHeap::with_capacity(count);
        let mut merge = Merge { runs, order, fronts, coming };
        for run in 0..count {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    /// Where the next entry belongs; `None` at the end.
    #[must_use]
    #[inline]
    pub fn next_key(&self) -> Option<O::Key> {
        self.coming.peek().map(|Reverse((key, _))| *key)
    }

    /// The front of the next entry, the rest of which is appended to `rest`; `None` at the end.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn take(&mut self, rest: &mut Vec<u8>) -> Result<Option<O::Front>, ScratchError> {
        let Some(Reverse((_, run))) = self.coming.pop() else { return Ok(None) };
        let front = self.fronts[run];
        let size = self.order.rest(&front);
        rest.reserve(size);
        self.runs.read(run, size, rest)?;
        self.advance(run)?;
        Ok(Some(front))
    }

    /// Reads the front of the next entry of a run.
    fn advance(&mut self, run: usize) -> Result<(), ScratchError> {
        if self.runs.is_at_end(run) {
            return Ok(());
        }
        self.fronts[run] = self.runs.read_value(run)?;
        self.coming.push(Reverse((self.order.key(&self.fronts[run]), run)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number, a run and a size.
    type Front = [u32; 3];

    #[derive(Debug)]
    struct ByNumber;

    impl Order for ByNumber {
        type Front = Front;
        type Key = u32;

        fn key(&self, front: &Front) -> u32 {
            front[0]
        }

        fn rest(&self, front: &Front) -> usize {
            front[2] as usize
        }
    }

    #[test]
    fn runs_are_put_in_one_order_and_those_alike_by_their_runs() {
        let mut runs = Runs::new(Scratch::default());
        let mut expected = Vec::new();
        for run in 0..5 {
            // The second one is empty.
            for number in 0..if run == 1 { 0 } else { 40 * run + 3 } {
                let front = [number / 2 * (run + 1), run, number * 900];
                let rest = vec![run as u8; front[2] as usize];
                let appended = runs.append(|bytes| {
                    bytes.extend_from_slice(bytemuck::bytes_of(&front));
                    bytes.extend_from_slice(&rest);
                });
                assert_eq!(appended, Ok(()));
                expected.push((front, rest));
            }
            runs.end_run();
        }
        assert_eq!(runs.count(), 5);
        expected.sort_by_key(|([number, run, _], _)| (*number, *run));
        let mut merge = Merge::new(runs, ByNumber).expect("it can be read");
        for (front, rest) in expected {
            assert_eq!(merge.next_key(), Some(front[0]));
            let mut read = Vec::new();
            assert_eq!(merge.take(&mut read), Ok(Some(front)));
            assert_eq!(read, rest);
        }
        assert_eq!(merge.next_key(), None);
        assert_eq!(merge.take(&mut Vec::new()), Ok(None));
    }
}
