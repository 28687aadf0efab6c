//! Synthetic event logs that look like a cloud's: for benchmarks, trials and demonstrations.
//!
//! Everything follows from a [`Plan`] and its seed, by whole numbers alone, so that the same plan
//! gives the same log on every machine. The log makes sense: what it uses exists, and who boots an
//! image may. It comes hour by hour, in order of time.

mod cloud;
mod dice;
mod shape;

pub use cloud::Cloud;
pub use dice::Dice;
pub use shape::{Flavor, OS_NAMES, REGIONS, flavor_name};

use crate::value::Instant;

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many rows, exactly.
    pub rows: u64,
    /// Over how many months of 730 hours.
    pub months: u32,
    /// How many accounts.
    pub accounts: u32,
    /// Which of all such logs.
    pub seed: u64,
    /// When it begins.
    pub start: Instant,
}

/// One thing that happened in a generated cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub time: Instant,
    /// What.
    pub kind: Kind,
    /// Who did it, by number.
    pub account: u32,
    /// What it happened to.
    pub resource: Resource,
}

/// What happened, with its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An image was uploaded, or taken of a server.
    ImageCreate {
        /// The place in [`REGIONS`].
        region: u8,
        /// The server it was taken of.
        source: Option<Resource>,
        /// Its size.
        bytes: u64,
        /// The place in [`OS_NAMES`]; 0 is linux, which a log leaves out.
        os: u8,
    },
    /// An image was deleted.
    ImageDelete,
    /// An image was shared.
    MemberCreate {
        /// With whom.
        member: u32,
    },
    /// A consumer accepted an image.
    MemberAccept {
        /// Which one.
        member: u32,
    },
    /// A server was created.
    ServerCreate {
        /// The place in [`REGIONS`].
        region: u8,
        /// Its image.
        source: Resource,
        /// Its flavor.
        flavor: Flavor,
    },
    /// A server got another flavor.
    ServerResize {
        /// The new one.
        flavor: Flavor,
    },
    /// A server got another image.
    ServerRebuild {
        /// The new one.
        source: Resource,
    },
    /// A server was deleted.
    ServerDelete,
    /// Data was sent out of a region.
    TransferOut {
        /// The place in [`REGIONS`].
        region: u8,
        /// How much.
        bytes: u64,
    },
}

/// A resource by kind and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// An image.
    Image(u32),
    /// A server.
    Server(u32),
    /// One of the provider's own images.
    Base(u8),
}
