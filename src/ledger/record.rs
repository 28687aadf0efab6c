//! One piece of what an account had in a cycle, as a few bytes.
//!
//! ```text
//! tag, length of the text, length of the rest, text, region, [source image,] start, length,
//! …by kind…
//! ```
//!
//! Ids and sizes are as long as they need to be, seven bits a byte, but for those of images; times are
//! counted from the start of the cycle, which is why six bytes hold them, but for when a server was
//! created.

mod read;
mod write;

pub(super) use read::{heads, record_of, server_of};
pub(super) use write::Body;

use crate::value::ResourceId;
use crate::world::{ServerSpan, StorageSpan, Transfer};

const IMAGE: u8 = 0;
const REIMAGE: u8 = 1;
const OBJECT: u8 = 2;
const SERVER: u8 = 3;
const TRANSFER: u8 = 4;
/// The bits of a tag that hold one of the kinds above.
const KIND: u8 = 0b111;
/// A source image follows.
const HAS_SOURCE: u8 = 0b1000;
/// A server of another account's image.
const IS_CONSUMER: u8 = 0b1_0000;
/// A server that was not created where the piece starts; when follows.
const IS_ANCHORED: u8 = 0b10_0000;
/// An image that had a member; its id follows.
const WAS_SHARED: u8 = 0b100_0000;
/// The only span that a server ever had.
const IS_WHOLE: u8 = 0b1000_0000;

/// The bytes of a time within a cycle.
const TIME_SIZE: usize = 6;
/// The bytes behind the text of a server's record as most are.
const USUAL: usize = 2 * TIME_SIZE + 4 + 3;
/// No record is longer without its text, with a few bytes to spare.
const LONGEST: usize = 96;

/// A record, read. Its resource is what `text` says; the id in the span is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The id of the image, server or object.
    pub text: &'a [u8],
    /// The lasting id of an image that had a member at some time.
    pub shared: Option<ResourceId>,
    /// What it was.
    pub stored: Stored,
}

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// A stored image or object.
    Storage(StorageSpan),
    /// A server, with one flavor, os and image.
    Server(ServerSpan),
    /// Data sent.
    Transfer(Transfer),
}

/// What can be said of a record without reading all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// The id of the image, server or object.
    pub text: &'a [u8],
    /// Whether no other record of its account and cycle is of the same server, or of the same
    /// transfer's resource.
    pub is_alone: bool,
    tag: u8,
    /// Where what follows its text begins.
    rest: usize,
    /// How many bytes that has.
    size: u8,
}

impl Head<'_> {
    /// Where among the bytes of its unit its text begins.
    #[must_use]
    #[inline]
    pub fn text_at(&self) -> usize {
        self.rest - self.text.len()
    }

    /// Whether it is of a server.
    #[must_use]
    #[inline]
    pub fn is_server(&self) -> bool {
        self.tag & KIND == SERVER
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{AccountId, FlavorId, Instant, OsId, RegionId, Span};

    #[test]
    fn servers_of_any_kind_come_back_as_they_were_written() {
        let at = Instant::from_micros;
        let origin = at(1_456_790_400_000_000);
        let account = AccountId::from(7);
        let mut bytes = Vec::new();
        let mut written = Vec::new();
        // The largest numbers that are one byte, and the first that are not.
        for number in [0, 1, 0x7f, 0x80, 70_000] {
            for (source, begun) in [(None, 0), (Some(number), 0), (Some(70_000), 5), (None, 5)] {
                let start = at(origin.micros() + i64::from(number) * 31 + 5);
                let server = ServerSpan {
                    server: ResourceId::from(written.len() as u32),
                    account,
                    region: RegionId::from(number),
                    created: at(start.micros() - begun),
                    flavor: FlavorId::from(number ^ 1),
                    os: OsId::from(number / 2),
                    source_image: source.map(ResourceId::from),
                    is_consumer: number % 2 == 1,
                    is_whole: begun == 0,
                    span: Span { start, end: at(start.micros() + 2_678_399_999_995) },
                };
                let text = "s".repeat(number as usize % 300);
                let mut room = Vec::new();
                let size =
                    Body::of_server(&server).write(&mut room, origin, server.span, text.as_bytes());
                bytes.extend_from_slice(&room[..size]);
                written.push((text, server));
            }
        }
        let mut read = Vec::new();
        for (head, (text, server)) in heads(&bytes).zip(&written) {
            assert!(head.is_server());
            assert_eq!(head.text, text.as_bytes());
            assert_eq!(head.is_alone, server.is_whole);
            read.push(server_of(&head, server.server, &bytes, account, origin));
        }
        let written: Vec<ServerSpan> = written.into_iter().map(|(_, server)| server).collect();
        assert_eq!(read, written);
    }
}
