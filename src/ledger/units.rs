//! Runs put together again: one account's cycle after the other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Read, Seek, SeekFrom};

use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::book::Book;
use crate::disk::File;
use crate::ledger::record::{Head, Record, heads, record_of, server_of};
use crate::ledger::run::{Header, ranks};
use crate::scratch::{Scratch, ScratchError};
use crate::value::{AccountId, Cycle, Instant, Interner, ResourceId};
use crate::world::ServerSpan;

/// How many bytes of each run are read at a time.
const BUFFER: usize = 128 << 10;

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

/// Where the runs are.
pub(super) enum Source {
    /// In a scratch file, between each two bounds.
    File { file: File, scratch: Scratch, bounds: Vec<u64> },
    /// There is only one.
    Memory(Vec<u8>),
}

/// All units, by the text of the account and the cycle.
#[derive(Debug)]
pub struct Units<'a> {
    book: &'a Book,
    accounts: &'a Accounts,
    ranks: FxHashMap<AccountId, u32>,
    file: Option<(File, Scratch)>,
    runs: Vec<RunReader>,
    /// The runs that have not ended, by what comes next in each: the rank of its account, and the
    /// start of its cycle. With ten million accounts there are dozens of runs.
    heads: BinaryHeap<Reverse<(u32, Instant, usize)>>,
}

impl<'a> Units<'a> {
    pub(super) fn new(
        source: Source,
        book: &'a Book,
        accounts: &'a Accounts,
        seen: &[AccountId],
        texts: &Interner<AccountId>,
    ) -> Result<Units<'a>, ScratchError> {
        let (file, runs) = match source {
            Source::Memory(bytes) => (None, vec![RunReader::in_memory(bytes)]),
            Source::File { file, scratch, bounds } => {
                let runs = bounds.windows(2).map(|pair| RunReader::in_file(pair[0], pair[1]));
                (Some((file, scratch)), runs.collect())
            }
        };
        let ranks = ranks(seen.iter().copied(), texts);
        let heads = BinaryHeap::with_capacity(runs.len());
        let mut units = Units { book, accounts, ranks, file, runs, heads };
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
        let Some(least) = self.runs[first].head else { return Ok(None) };
        let mut bytes = Vec::with_capacity(least.size as usize);
        while let Some(Reverse((same, begins, place))) = self.heads.peek().copied()
            && (same, begins) == (rank, start)
        {
            self.heads.pop();
            let (run, file) = (&mut self.runs[place], &self.file);
            let size = run.head.map_or(0, |head| head.size as usize);
            run.read(size, &mut bytes, file.as_ref())?;
            self.advance(place)?;
        }
        let calendar = self.book.calendar(self.accounts.get(least.account).billing_day);
        Ok(Some(Unit { account: least.account, cycle: calendar.cycle_at(start), bytes }))
    }

    /// Reads the next header of a run.
    fn advance(&mut self, place: usize) -> Result<(), ScratchError> {
        let (run, file) = (&mut self.runs[place], self.file.as_ref());
        run.head = None;
        if run.is_at_end() {
            return Ok(());
        }
        let mut header = Vec::with_capacity(Header::SIZE);
        run.read(Header::SIZE, &mut header, file)?;
        run.head = header.try_into().ok().map(Header::from_bytes);
        let next = run.head.map(|head| Reverse((self.ranks[&head.account], head.start, place)));
        self.heads.extend(next);
        Ok(())
    }
}

/// One run, as far as it has been read.
#[derive(Debug)]
struct RunReader {
    /// The header of the unit that comes next.
    head: Option<Header>,
    /// What has been read from the file.
    buffer: Vec<u8>,
    /// Where in the buffer the rest begins.
    at: usize,
    /// Where in the file the rest begins, and where it ends.
    file_at: u64,
    file_end: u64,
}

impl RunReader {
    fn in_memory(buffer: Vec<u8>) -> RunReader {
        RunReader { head: None, buffer, at: 0, file_at: 0, file_end: 0 }
    }

    fn in_file(file_at: u64, file_end: u64) -> RunReader {
        RunReader { head: None, buffer: Vec::new(), at: 0, file_at, file_end }
    }

    fn is_at_end(&self) -> bool {
        self.at == self.buffer.len() && self.file_at == self.file_end
    }

    /// Appends the next `size` bytes to `out`.
    fn read(
        &mut self,
        size: usize,
        out: &mut Vec<u8>,
        file: Option<&(File, Scratch)>,
    ) -> Result<(), ScratchError> {
        let mut left = size;
        while left > 0 {
            if self.at == self.buffer.len() {
                let Some((file, scratch)) = file else { return Ok(()) };
                self.fill(file).map_err(|error| scratch.error(&error))?;
            }
            let part = left.min(self.buffer.len() - self.at);
            out.extend_from_slice(&self.buffer[self.at..self.at + part]);
            self.at += part;
            left -= part;
        }
        Ok(())
    }

    fn fill(&mut self, mut file: &File) -> io::Result<()> {
        let rest = usize::try_from(self.file_end - self.file_at).unwrap_or(BUFFER);
        if rest == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        self.buffer.resize(rest.min(BUFFER), 0);
        file.seek(SeekFrom::Start(self.file_at))?;
        file.read_exact(&mut self.buffer)?;
        self.file_at += self.buffer.len() as u64;
        self.at = 0;
        Ok(())
    }
}
