//! Runs put together again: one account's cycle after the other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::book::Book;
use crate::ledger::record::{Head, Record, heads, record_of, server_of};
use crate::ledger::run::{Header, ranks};
use crate::scratch::{Pile, Run, ScratchError};
use crate::value::{AccountId, Cycle, Instant, Interner, ResourceId};
use crate::world::ServerSpan;

/// What one account had in one cycle.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Whose it is.
    pub account: AccountId,
    /// In which billing period.
    pub cycle: Cycle,
    bytes: Vec<u8>,
}

impl Unit {
    /// The heads of its records, in no particular order.
    pub fn heads(&self) -> impl Iterator<Item = Head<'_>> {
        heads(&self.bytes)
    }

    /// The record that has one of its heads.
    #[must_use]
    #[inline]
    pub fn record_of<'a>(&'a self, head: &Head<'a>) -> Record<'a> {
        record_of(head, &self.bytes, self.account, self.cycle.start())
    }

    /// The span of the server that a head [is of](Head::is_server), by the id that it is given.
    #[must_use]
    #[inline]
    pub fn server_of(&self, head: &Head<'_>, id: ResourceId) -> ServerSpan {
        server_of(head, id, &self.bytes, self.account, self.cycle.start())
    }

    /// The text that a record has at a [`Head::text_at`].
    #[must_use]
    pub fn text(&self, start: usize, length: usize) -> &[u8] {
        &self.bytes[start..start + length]
    }

    /// How many bytes its records have.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

/// All units, by the text of the account and the cycle.
#[derive(Debug)]
pub struct Units<'a> {
    book: &'a Book,
    accounts: &'a Accounts,
    ranks: FxHashMap<AccountId, u32>,
    pile: Pile,
    runs: Vec<UnitRun>,
    /// The runs that have not ended, by what comes next in each: the rank of its account, and the
    /// start of its cycle. With ten million accounts there are dozens of runs.
    heads: BinaryHeap<Reverse<(u32, Instant, usize)>>,
}

impl<'a> Units<'a> {
    /// Of runs that lie in a pile, between each two bounds.
    pub(super) fn new(
        pile: Pile,
        bounds: &[u64],
        book: &'a Book,
        accounts: &'a Accounts,
        seen: &[AccountId],
        texts: &Interner<AccountId>,
    ) -> Result<Units<'a>, ScratchError> {
        let run = |pair: &[u64]| UnitRun { next: None, rest: Run::new(pair[0], pair[1]) };
        let runs: Vec<UnitRun> = bounds.windows(2).map(run).collect();
        let ranks = ranks(seen.iter().copied(), texts);
        let heads = BinaryHeap::with_capacity(runs.len());
        let mut units = Units { book, accounts, ranks, pile, runs, heads };
        for place in 0..units.runs.len() {
            units.advance(place)?;
        }
        Ok(units)
    }

    /// The next unit; `None` after the last one.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn next_unit(&mut self) -> Result<Option<Unit>, ScratchError> {
        let Some(Reverse((rank, start, first))) = self.heads.peek().copied() else {
            return Ok(None);
        };
        let Some(least) = self.runs[first].next else { return Ok(None) };
        let mut bytes = Vec::with_capacity(least.size as usize);
        while let Some(Reverse((same, begins, place))) = self.heads.peek().copied()
            && (same, begins) == (rank, start)
        {
            self.heads.pop();
            let run = &mut self.runs[place];
            let size = run.next.map_or(0, |header| header.size as usize);
            run.rest.read(size, &mut bytes, &self.pile)?;
            self.advance(place)?;
        }
        let calendar = self.book.calendar(self.accounts.get(least.account).billing_day);
        Ok(Some(Unit { account: least.account, cycle: calendar.cycle_at(start), bytes }))
    }

    /// Reads the next header of a run.
    fn advance(&mut self, place: usize) -> Result<(), ScratchError> {
        let run = &mut self.runs[place];
        run.next = None;
        if run.rest.is_at_end() {
            return Ok(());
        }
        let mut header = Vec::with_capacity(Header::SIZE);
        run.rest.read(Header::SIZE, &mut header, &self.pile)?;
        run.next = header.try_into().ok().map(Header::from_bytes);
        let next = run.next.map(|next| Reverse((self.ranks[&next.account], next.start, place)));
        self.heads.extend(next);
        Ok(())
    }
}

/// One run, as far as it has been read.
#[derive(Debug)]
struct UnitRun {
    /// The header of the unit that comes next.
    next: Option<Header>,
    rest: Run,
}
