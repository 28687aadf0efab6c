//! Runs put together again: one account's cycle after the other.

use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::book::Book;
use crate::ledger::record::{Head, Record, heads, record_of, server_of};
use crate::ledger::run::{Header, ranks};
use crate::scratch::{Merge, Order, Runs, ScratchError};
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
    runs: Merge<ByAccount>,
}

impl<'a> Units<'a> {
    /// Of runs of what these accounts had.
    pub(super) fn new(
        runs: Runs,
        book: &'a Book,
        accounts: &'a Accounts,
        seen: &[AccountId],
        texts: &Interner<AccountId>,
    ) -> Result<Units<'a>, ScratchError> {
        let order = ByAccount { ranks: ranks(seen.iter().copied(), texts) };
        Ok(Units { book, accounts, runs: Merge::new(runs, order)? })
    }

    /// The next unit; `None` after the last one.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn next_unit(&mut self) -> Result<Option<Unit>, ScratchError> {
        let key = self.runs.next_key();
        let mut bytes = Vec::new();
        let Some(front) = self.runs.take(&mut bytes)? else { return Ok(None) };
        while self.runs.next_key() == key {
            self.runs.take(&mut bytes)?;
        }
        let Header { account, start, .. } = Header::from_bytes(front);
        let calendar = self.book.calendar(self.accounts.get(account).billing_day);
        Ok(Some(Unit { account, cycle: calendar.cycle_at(start), bytes }))
    }
}

/// By the text of the account and the cycle.
#[derive(Debug)]
struct ByAccount {
    ranks: FxHashMap<AccountId, u32>,
}

impl Order for ByAccount {
    type Front = [u8; Header::SIZE];
    /// The rank of the account, and the start of the cycle.
    type Key = (u32, Instant);

    fn key(&self, front: &Self::Front) -> (u32, Instant) {
        let header = Header::from_bytes(*front);
        (self.ranks[&header.account], header.start)
    }

    fn rest(&self, front: &Self::Front) -> usize {
        Header::from_bytes(*front).size as usize
    }
}
