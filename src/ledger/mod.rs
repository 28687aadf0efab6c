//! What each account had, cycle by cycle, in a bounded part of memory.
//!
//! [`Ledger::take`] cuts what the world tells at the account's billing cycles and keeps one small
//! record a piece. Where the records pass a budget they go to a scratch file, sorted by the
//! account's text and the cycle; [`Ledger::close`] merges those runs, so that [`Units`] gives one
//! (account, cycle) after the other, in the order in which a bill tells them, and nothing has to
//! be held but the unit that is looked at.

mod aside;
mod cycles;
mod record;
mod run;
mod units;

pub use aside::Aside;
pub use record::{Head, Record, Stored};
pub use units::{Unit, Units};

use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::book::Book;
use crate::disk;
use crate::scratch::{Runs, Scratch, ScratchError};
use crate::value::{AccountId, CycleCalendar, Instant, Interner, ResourceTexts, Span};
use crate::world::{History, ServerSpan, StorageSpan, Transfer};

use cycles::Cycles;
use record::Body;
use run::{Records, write_run};

/// How many bytes of records a ledger holds in memory by default.
pub const BUDGET: usize = 8 << 20;

/// What accounts had, as it becomes known.
#[derive(Debug)]
pub struct Ledger<'a> {
    book: &'a Book,
    accounts: &'a Accounts,
    /// What lies before is not kept.
    from: Option<Instant>,
    budget: usize,
    /// The cycles of each calendar that some account has.
    calendars: Vec<Cycles>,
    /// By account: the place of its calendar.
    calendar_of: Vec<Option<u8>>,
    /// By account and number of the cycle: the unit among those that are held.
    units: FxHashMap<(AccountId, i32), u32>,
    /// By account: its unit that was entered last, by the number of its cycle.
    last_units: Vec<Option<(i32, u32)>>,
    held: Records,
    /// Where a record is written before it is entered.
    record: Vec<u8>,
    /// What is not held any more.
    spilled: Runs,
}

impl<'a> Ledger<'a> {
    /// An empty ledger. What was before `from` is not kept; at most about `budget` bytes are held
    /// in memory.
    #[must_use]
    pub fn new(
        book: &'a Book,
        accounts: &'a Accounts,
        from: Option<Instant>,
        scratch: Scratch,
        budget: usize,
    ) -> Ledger<'a> {
        Ledger {
            book,
            accounts,
            from,
            budget: disk::held(budget),
            calendars: Vec::new(),
            calendar_of: Vec::new(),
            units: FxHashMap::default(),
            last_units: Vec::new(),
            held: Records::default(),
            record: Vec::new(),
            spilled: Runs::new(scratch),
        }
    }

    /// Takes the spans and transfers out of a history. The texts of their resources are copied:
    /// their ids may mean something else afterwards. The ids of accounts, regions, flavors,
    /// systems, source images and of images that were shared are kept, and have to stay.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn take(
        &mut self,
        history: &mut History,
        accounts: &Interner<AccountId>,
        resources: &impl ResourceTexts,
    ) -> Result<(), ScratchError> {
        for stored in history.storage.drain(..) {
            self.storage(&stored, resources.bytes(stored.resource), accounts)?;
        }
        for server in history.servers.drain(..) {
            self.server(&server, resources.bytes(server.server), accounts)?;
        }
        for sent in history.transfers.drain(..) {
            self.transfer(&sent, resources.bytes(sent.resource), accounts)?;
        }
        Ok(())
    }

    fn storage(
        &mut self,
        stored: &StorageSpan,
        text: &[u8],
        accounts: &Interner<AccountId>,
    ) -> Result<(), ScratchError> {
        self.enter(stored.account, stored.span, &Body::of_storage(stored), text, accounts)
    }

    #[inline]
    fn server(
        &mut self,
        server: &ServerSpan,
        text: &[u8],
        accounts: &Interner<AccountId>,
    ) -> Result<(), ScratchError> {
        self.enter(server.account, server.span, &Body::of_server(server), text, accounts)
    }

    fn transfer(
        &mut self,
        sent: &Transfer,
        text: &[u8],
        accounts: &Interner<AccountId>,
    ) -> Result<(), ScratchError> {
        // The shortest span there is lies in one cycle.
        let end = Instant::from_micros(sent.at.micros() + 1);
        let moment = Span { start: sent.at, end };
        self.enter(sent.account, moment, &Body::of_transfer(sent), text, accounts)
    }

    /// Enters a span into each cycle that it touches.
    fn enter(
        &mut self,
        account: AccountId,
        span: Span,
        body: &Body,
        text: &[u8],
        accounts: &Interner<AccountId>,
    ) -> Result<(), ScratchError> {
        let calendar = self.calendar(account);
        let mut at = self.from.map_or(span.start, |from| from.max(span.start));
        while at < span.end {
            let (number, cycle) = self.calendars[calendar].at(at);
            let end = span.end.min(cycle.end);
            let unit = self.unit(account, number, cycle.start);
            let piece = Span { start: at, end };
            let size = body.write(&mut self.record, cycle.start, piece, text);
            self.held.push(unit, &self.record[..size]);
            at = end;
            if self.held.size() >= self.budget {
                self.spill(accounts)?;
            }
        }
        Ok(())
    }

    /// The unit of an account's cycle among those that are held.
    #[inline]
    fn unit(&mut self, account: AccountId, number: i32, start: Instant) -> u32 {
        if let Some(Some((last, unit))) = self.last_units.get(account.index())
            && *last == number
        {
            return *unit;
        }
        let unit = *self
            .units
            .entry((account, number))
            .or_insert_with(|| self.held.begin_unit(account, start));
        if self.last_units.len() <= account.index() {
            self.last_units.resize(account.index() + 1, None);
        }
        self.last_units[account.index()] = Some((number, unit));
        unit
    }

    /// The place of an account's calendar.
    #[inline]
    fn calendar(&mut self, account: AccountId) -> usize {
        if let Some(Some(place)) = self.calendar_of.get(account.index()) {
            return usize::from(*place);
        }
        let calendar = self.book.calendar(self.accounts.get(account).billing_day);
        let place = self.calendar_place(calendar);
        if self.calendar_of.len() <= account.index() {
            self.calendar_of.resize(account.index() + 1, None);
        }
        // There are 31 at most, one a billing day.
        self.calendar_of[account.index()] = Some(place as u8);
        place
    }

    fn calendar_place(&mut self, calendar: CycleCalendar) -> usize {
        let known = self.calendars.iter().position(|cycles| cycles.calendar() == calendar);
        known.unwrap_or_else(|| {
            self.calendars.push(Cycles::new(calendar));
            self.calendars.len() - 1
        })
    }

    /// Puts what is held away, as a run.
    fn spill(&mut self, accounts: &Interner<AccountId>) -> Result<(), ScratchError> {
        write_run(&self.held, accounts, &mut self.spilled)?;
        self.held.clear();
        self.units.clear();
        self.last_units.clear();
        Ok(())
    }

    /// All of it, unit by unit.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn close(mut self, accounts: &Interner<AccountId>) -> Result<Units<'a>, ScratchError> {
        let seen = (0_u32..).zip(&self.calendar_of).filter(|(_, calendar)| calendar.is_some());
        let seen: Vec<AccountId> = seen.map(|(id, _)| AccountId::from(id)).collect();
        // Then the memory is free for what comes next.
        self.spill(accounts)?;
        drop((self.held, self.units));
        Units::new(self.spilled, self.book, self.accounts, &seen, accounts)
    }
}
