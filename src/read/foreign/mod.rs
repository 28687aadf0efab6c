//! What all foreign formats have in common: records found in bytes, and what became of each.
//!
//! A converter gathers records from any number of files and then tells what they came to, as native
//! events. Its one rule: **nothing is dropped in silence and nothing is invented.** Every record that
//! was read ends in exactly one [`Fate`], counted per foreign event type in [`Conversion::table`];
//! what ought to have become an event and could not is a [`Problem`] too.
//!
//! [`crate::read::openstack`] and [`crate::read::cloudtrail`] are the converters there are.

pub(in crate::read) mod fields;
pub(in crate::read) mod ledger;
pub(in crate::read) mod problem;
pub(in crate::read) mod records;
pub(in crate::read) mod table;
pub(in crate::read) mod time;

pub use problem::{Problem, ProblemCode};
pub use table::{Fate, TypeCount};

/// Gathers foreign records, and then tells what they came to.
pub trait Convert {
    /// Reads one whole file, and returns how many records it held. `file` is any number that tells
    /// this file from the others; rows and problems carry it. Its name may tell what its bytes do
    /// not: when a snapshot was taken, or in which region.
    ///
    /// No input makes this fail: what cannot be read becomes a [`Problem`].
    fn feed_named(&mut self, file: usize, name: &str, bytes: &[u8]) -> u64;

    /// Tells what everything that was fed came to.
    fn finish(self: Box<Self>) -> Conversion;
}

/// One native event, as the text of its row in `events.csv`; an empty text is an absent value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NativeRow {
    /// The index that the file was fed under.
    pub file: usize,
    /// The line, from 1, on which the foreign record starts.
    pub line: u64,
    /// The foreign record as it was read, for `rejected.csv`.
    pub record: String,
    /// RFC 3339 with `Z`; microseconds only where there are some.
    pub time: String,
    /// The native event, say `image.create`.
    pub event: String,
    /// Who acts, and pays for what comes of it; empty is the operator.
    pub account: String,
    /// Only on creations and `transfer.out`.
    pub region: String,
    /// The image's, server's or object's id.
    pub resource: String,
    /// What it was made from.
    pub source: String,
    /// The consumer, in `image.member.*`.
    pub member: String,
    /// `pending`, `accepted` or `rejected`, in `image.member.update`.
    pub status: String,
    /// An integer: the image's size.
    pub bytes: String,
    /// The flavor's name.
    pub flavor: String,
    /// The operating system, as price books call it.
    pub os: String,
    /// `private`, `community` or `public`.
    pub visibility: String,
    /// The image's tags, sorted, joined by `;`.
    pub labels: String,
    /// The record's own id.
    pub id: String,
}

/// What the foreign records came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conversion {
    /// The native events, by file and line.
    pub rows: Vec<NativeRow>,
    /// What became of the records, by foreign event type.
    pub table: Vec<TypeCount>,
    /// What ought to have become an event and could not, by file and line.
    pub problems: Vec<Problem>,
}
