//! What things of the world are, and what they come from.

use crate::value::{AccountId, FlavorId, Instant, OsId, RegionId, ResourceId};

/// What a resource is: a server stands in the register itself, as most are servers; others by
/// their place among those of their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    Image(u32),
    Server(ResourceId),
    Object(u32),
}

/// An image that something was made from. It is never forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ancestor {
    /// One that an event created, by its place among the images.
    Image(u32),
    /// One of the provider's own.
    Public(ResourceId),
}

/// What kind of image a server has. [`Resources::image_of`](crate::world::resources::Resources::image_of) tells which, so that a server is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Booted {
    /// None that is known.
    Nothing,
    /// One that an event created.
    Image,
    /// One of the provider's own.
    Public,
}

/// What an image descends from without a server in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Nothing but the account's own images.
    Own,
    /// An image of another account.
    Foreign,
    /// The account's own images, and then this server.
    Server(ResourceId),
}

/// A server; its id is that of its entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server {
    pub(super) owner: AccountId,
    pub(super) region: RegionId,
    pub(super) created: Instant,
    pub(super) flavor: FlavorId,
    pub(super) os: OsId,
    pub(super) booted: Booted,
    /// The id of its image; anything where it has none.
    pub(super) image_id: ResourceId,
    /// Whether the image belongs to another account and was not public when it was booted (A).
    pub(super) is_consumer: bool,
    /// Since when flavor, os and image are what they are.
    pub(super) span_start: Instant,
    pub(super) is_deleted: bool,
    /// Whether an image was taken of it: then it is never forgotten.
    pub(super) is_used: bool,
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) id: ResourceId,
    pub(super) owner: AccountId,
    pub(super) region: RegionId,
    pub(super) bytes: u64,
    pub(super) os: Option<OsId>,
    pub(super) barred_os: Option<OsId>,
    pub(super) parent: Option<Ancestor>,
    pub(super) created: Instant,
    pub(super) is_deleted: bool,
}

impl Node {
    pub(super) fn is_server(self) -> bool {
        matches!(self, Node::Server(_))
    }
}
