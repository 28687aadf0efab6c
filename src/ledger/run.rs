//! Records that are held, and how they are written as a run: unit after unit, by account and cycle.

use rustc_hash::FxHashMap;

use crate::scratch::{Runs, ScratchError};
use crate::value::{AccountId, Instant, Interner};

/// What stands before the records of a unit in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) account: AccountId,
    /// The first instant of the cycle.
    pub(super) start: Instant,
    /// How many bytes of records follow.
    pub(super) size: u32,
}

impl Header {
    pub(super) const SIZE: usize = 16;

    fn to_bytes(self) -> [u8; Header::SIZE] {
        let mut bytes = [0; Header::SIZE];
        bytes[..4].copy_from_slice(&u32::from(self.account).to_le_bytes());
        bytes[4..12].copy_from_slice(&self.start.micros().to_le_bytes());
        bytes[12..].copy_from_slice(&self.size.to_le_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: [u8; Header::SIZE]) -> Header {
        let [a, b, c, d, start @ .., e, f, g, h] = bytes;
        Header {
            account: AccountId::from(u32::from_le_bytes([a, b, c, d])),
            start: Instant::from_micros(i64::from_le_bytes(start)),
            size: u32::from_le_bytes([e, f, g, h]),
        }
    }
}

/// Records that are held, each behind the last one of its unit.
///
/// A unit's bytes lie in chunks: the first is small, as most units may be, and each later one twice
/// as large, up to a limit. A chunk begins with where the next one begins and how long it is
/// itself.
#[derive(Debug, Default)]
pub(super) struct Records {
    bytes: Vec<u8>,
    units: Vec<HeldUnit>,
}

#[derive(Debug, Clone, Copy)]
struct HeldUnit {
    header: Header,
    /// Where its first chunk and its last one begin.
    first: u32,
    last: u32,
    /// Where in the last chunk the next byte goes, and where that chunk ends.
    at: u32,
    end: u32,
}

/// The room of the first chunk of a unit, and the most that a later one has.
const FIRST_CHUNK: usize = 48;
const LARGEST_CHUNK: usize = 4096;

impl Records {
    /// Begins a unit; its number.
    pub(super) fn begin_unit(&mut self, account: AccountId, start: Instant) -> u32 {
        let first = self.begin_chunk(FIRST_CHUNK);
        let at = first + Link::SIZE as u32;
        let header = Header { account, start, size: 0 };
        let end = at + FIRST_CHUNK as u32;
        self.units.push(HeldUnit { header, first, last: first, at, end });
        self.units.len() as u32 - 1
    }

    /// Where a chunk begins that has so much room. What is held stays far below 4 GiB.
    fn begin_chunk(&mut self, room: usize) -> u32 {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&Link { next: 0, room: room as u32 }.to_bytes());
        self.bytes.resize(start + Link::SIZE + room, 0);
        start as u32
    }

    /// Adds bytes to a unit.
    #[inline]
    pub(super) fn push(&mut self, unit: u32, bytes: &[u8]) {
        let held = &mut self.units[unit as usize];
        held.header.size += bytes.len() as u32;
        let start = held.at as usize;
        let room = (held.end - held.at) as usize;
        if bytes.len() <= room {
            self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
            held.at += bytes.len() as u32;
            return;
        }
        let (fitting, rest) = bytes.split_at(room);
        self.bytes[start..start + room].copy_from_slice(fitting);
        self.go_on(unit, rest);
    }

    /// Goes on in a new chunk, with at least these bytes.
    fn go_on(&mut self, unit: u32, bytes: &[u8]) {
        let held = self.units[unit as usize];
        let last_room = held.end - held.last - Link::SIZE as u32;
        let room = (last_room as usize * 2).min(LARGEST_CHUNK).max(bytes.len());
        let chunk = self.begin_chunk(room);
        let last = held.last as usize;
        self.bytes[last..last + 4].copy_from_slice(&chunk.to_le_bytes());
        let at = chunk as usize + Link::SIZE;
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        let held = &mut self.units[unit as usize];
        held.last = chunk;
        held.at = (at + bytes.len()) as u32;
        held.end = (at + room) as u32;
    }

    /// How many bytes of memory are in use.
    pub(super) fn size(&self) -> usize {
        let of_unit = size_of::<HeldUnit>() + 2 * size_of::<((AccountId, i32), u32)>();
        self.bytes.len() + self.units.len() * of_unit
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.units.clear();
    }

    /// The units, by the text of the account and the cycle.
    fn units_in_order(&self, accounts: &Interner<AccountId>) -> Vec<HeldUnit> {
        let ranks = ranks(self.units.iter().map(|unit| unit.header.account), accounts);
        let mut units = self.units.clone();
        units.sort_by_cached_key(|unit| (ranks[&unit.header.account], unit.header.start));
        units
    }

    /// Appends all bytes of a unit to `out`.
    fn copy(&self, unit: &HeldUnit, out: &mut Vec<u8>) {
        let (mut chunk, mut left) = (unit.first as usize, unit.header.size as usize);
        while left > 0 {
            let link = Link::from_bytes(&self.bytes[chunk..chunk + Link::SIZE]);
            let part = left.min(link.room as usize);
            let start = chunk + Link::SIZE;
            out.extend_from_slice(&self.bytes[start..start + part]);
            left -= part;
            chunk = link.next as usize;
        }
    }
}

/// What a chunk begins with.
struct Link {
    /// Where the next chunk of the unit begins.
    next: u32,
    /// How many bytes this one has room for.
    room: u32,
}

impl Link {
    const SIZE: usize = 8;

    fn to_bytes(&self) -> [u8; Link::SIZE] {
        (u64::from(self.next) | u64::from(self.room) << 32).to_le_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Link {
        let mut both = [0; Link::SIZE];
        both.copy_from_slice(bytes);
        let both = u64::from_le_bytes(both);
        Link { next: both as u32, room: (both >> 32) as u32 }
    }
}

/// The places of accounts among each other, by their texts.
pub(super) fn ranks(
    accounts: impl Iterator<Item = AccountId>,
    texts: &Interner<AccountId>,
) -> FxHashMap<AccountId, u32> {
    let mut accounts: Vec<AccountId> = accounts.collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.sort_unstable_by_key(|account| texts.text(*account));
    accounts.into_iter().zip(0..).collect()
}

/// Writes what is held as a run.
pub(super) fn write_run(
    held: &Records,
    accounts: &Interner<AccountId>,
    runs: &mut Runs,
) -> Result<(), ScratchError> {
    for unit in held.units_in_order(accounts) {
        runs.append(|bytes| {
            bytes.extend_from_slice(&unit.header.to_bytes());
            held.copy(&unit, bytes);
        })?;
    }
    runs.end_run();
    Ok(())
}
