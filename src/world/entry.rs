//! What the register keeps of one id: one line of the cache, as plain numbers, so that entries can
//! lie in large pages.

use bytemuck::{Pod, Zeroable};

use crate::value::{Instant, ResourceId};
use crate::world::attic::Mark;
use crate::world::node::{Booted, Node, Server};
use crate::world::slots::{Tag, tag_of};

/// How many bytes of a text stand in its entry.
pub(super) const SHORT: usize = 12;
/// The length that says that a text stands elsewhere.
pub(super) const IS_LONG: u8 = u8::MAX;
/// Stands for an id where there is none.
pub(super) const NO_ID: u32 = u32::MAX;
/// Stands for the place of an image where there is none.
pub(super) const NO_IMAGE: u32 = u32::MAX;

/// What an id stands for, as a number.
const NOTHING: u8 = 0;
const IMAGE: u8 = 1;
const SERVER: u8 = 2;
const OBJECT: u8 = 3;

/// It stands for a text.
const IS_TAKEN: u8 = 1;
/// It is never forgotten.
pub(super) const IS_PERMANENT: u8 = 2;
/// It was put away before.
pub(super) const IS_ARCHIVED: u8 = 4;
/// Whether it is one of the provider's own images has been asked; and it is.
const WAS_ASKED: u8 = 8;
const IS_PUBLIC: u8 = 16;

const IS_DELETED: u8 = 1;
const IS_USED: u8 = 2;
const IS_CONSUMER: u8 = 4;

/// An entry that is all 0 stands for nothing.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Entry {
    created: i64,
    span_start: i64,
    owner: u32,
    region: u32,
    flavor: u32,
    os: u32,
    image: u32,
    /// The first half of its text's hash.
    pub(super) tag: Tag,
    /// Of an image or object, its place.
    place: u32,
    booted: u8,
    /// What is to be known of a server besides.
    server: u8,
    kind: u8,
    flags: u8,
    pub(super) short: [u8; SHORT],
    pub(super) length: u8,
    /// What follows in the hash.
    more_hash: u8,
    unused: [u8; 2],
}

const _: () = assert!(size_of::<Entry>() == 64);

impl Entry {
    /// An entry of a text with this hash, that stands for nothing yet.
    #[inline]
    pub(super) fn begin(&mut self, hash: u64) {
        let (tag, more_hash) = (tag_of(hash), (hash >> 24) as u8);
        *self = Entry { tag, more_hash, flags: IS_TAKEN, ..Entry::zeroed() };
    }

    /// What is remembered of its text's hash where that is gone.
    #[inline]
    pub(super) fn mark(&self) -> Mark {
        Mark::of(u64::from(self.tag) << 32 | u64::from(self.more_hash) << 24)
    }

    /// Whether it stands for a text now.
    #[inline]
    pub(super) fn is_taken(&self) -> bool {
        self.has(IS_TAKEN)
    }

    #[inline]
    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    #[inline]
    pub(super) fn set(&mut self, flag: u8) {
        self.flags |= flag;
    }

    /// Whether it is one of the provider's own images, once that was asked.
    #[inline]
    pub(super) fn is_public(&self) -> Option<bool> {
        self.has(WAS_ASKED).then(|| self.has(IS_PUBLIC))
    }

    pub(super) fn set_public(&mut self, is_public: bool) {
        self.flags = self.flags & !IS_PUBLIC | WAS_ASKED | if is_public { IS_PUBLIC } else { 0 };
    }

    #[inline]
    pub(super) fn node(&self, id: ResourceId) -> Option<Node> {
        match self.kind {
            NOTHING => None,
            IMAGE => Some(Node::Image(self.place)),
            SERVER => Some(Node::Server(id)),
            _ => Some(Node::Object(self.place)),
        }
    }

    /// Its place among the images, or [`NO_IMAGE`].
    #[inline]
    pub(super) fn image(&self) -> u32 {
        if self.kind == IMAGE { self.place } else { NO_IMAGE }
    }

    /// The id of the image that it runs, or [`NO_ID`].
    #[inline]
    pub(super) fn image_behind(&self) -> u32 {
        if self.is_server() && self.booted == Booted::Image as u8 { self.image } else { NO_ID }
    }

    #[inline]
    pub(super) fn is_server(&self) -> bool {
        self.kind == SERVER
    }

    #[inline]
    pub(super) fn server(&self) -> Option<Server> {
        self.is_server().then(|| Server {
            owner: self.owner.into(),
            region: self.region.into(),
            created: Instant::from_micros(self.created),
            flavor: self.flavor.into(),
            os: self.os.into(),
            booted: match self.booted {
                0 => Booted::Nothing,
                1 => Booted::Image,
                _ => Booted::Public,
            },
            image_id: self.image.into(),
            is_consumer: self.server & IS_CONSUMER != 0,
            span_start: Instant::from_micros(self.span_start),
            is_deleted: self.server & IS_DELETED != 0,
            is_used: self.server & IS_USED != 0,
        })
    }

    /// It stands for the image at this place.
    pub(super) fn set_image(&mut self, place: u32) {
        (self.kind, self.place) = (IMAGE, place);
    }

    /// It stands for the object at this place.
    pub(super) fn set_object(&mut self, place: u32) {
        (self.kind, self.place) = (OBJECT, place);
    }

    /// It stands for this server.
    #[inline]
    pub(super) fn set_server(&mut self, server: &Server) {
        let flag = |flag: u8, is_set: bool| if is_set { flag } else { 0 };
        self.kind = SERVER;
        self.owner = server.owner.into();
        self.region = server.region.into();
        self.created = server.created.micros();
        self.flavor = server.flavor.into();
        self.os = server.os.into();
        self.booted = server.booted as u8;
        self.image = server.image_id.into();
        self.span_start = server.span_start.micros();
        self.server = flag(IS_CONSUMER, server.is_consumer)
            | flag(IS_DELETED, server.is_deleted)
            | flag(IS_USED, server.is_used);
    }
}
