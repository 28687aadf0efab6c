//! Synthetic event logs that look like a cloud's: for benchmarks, trials and demonstrations.
//!
//! Everything follows from a [`Plan`] and its seed, by whole numbers alone, so that the same plan
//! gives the same log on every machine. The log makes sense: what it uses exists, and who boots an
//! image may. It comes hour by hour, in order of time; [`for_each_batch`] makes it beside the work
//! of whoever takes it.

mod batches;
mod cloud;
mod dice;
mod shape;

pub use batches::for_each_batch;
pub use cloud::Cloud;
pub use dice::Dice;
pub use shape::{FLAVORS, Flavor, OS_NAMES, REGIONS};

use crate::value::Instant;

/// The most rows of a log: each row makes one resource at most, and those are numbered by 32 bits.
pub const MOST_ROWS: u64 = 4_000_000_000;

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many rows, exactly; at most [`MOST_ROWS`].
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

/// One thing that happened in a generated cloud. Shuffling holds all of them: 32 bytes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub time: Instant,
    /// What.
    pub kind: Kind,
    /// Who did it, by number.
    pub account: u32,
    /// The number of the image, server or base image that it happened to; see
    /// [`Happening::resource`].
    pub number: u32,
}

impl Happening {
    /// What it happened to.
    #[must_use]
    pub fn resource(&self) -> Resource {
        match self.kind {
            Kind::ImageUpload { .. }
            | Kind::ImageTake { .. }
            | Kind::ImageDelete
            | Kind::MemberCreate { .. }
            | Kind::MemberAccept { .. } => Resource::Image(self.number),
            Kind::ServerCreate { .. }
            | Kind::ServerResize { .. }
            | Kind::ServerRebuild { .. }
            | Kind::ServerDelete => Resource::Server(self.number),
            Kind::TransferOut { .. } => Resource::Base(self.number),
        }
    }
}

/// What happened, with its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An image was created from outside.
    ImageUpload {
        /// The place in [`REGIONS`].
        region: u8,
        /// Its size.
        bytes: u64,
        /// The place in [`OS_NAMES`]; 0 is linux, which a log leaves out.
        os: u8,
    },
    /// An image was created of a server.
    ImageTake {
        /// The place in [`REGIONS`].
        region: u8,
        /// The number of the server.
        server: u32,
        /// Its size.
        bytes: u64,
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

/// A resource by kind and number. No number is given twice to one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// An image.
    Image(u32),
    /// A server.
    Server(u32),
    /// One of the provider's own images.
    Base(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_happening_stays_small() {
        assert_eq!(size_of::<Happening>(), 32, "a shuffled log holds all of its rows");
    }
}
