//! What a plan makes, and what it is called.

use std::fmt;

use crate::scenario::Scenario;
use crate::value::{AccountId, FlavorId, Instant, LabelsId, Names, OsId, RegionId, Span};
use crate::world::StorageKind;

/// Something of a plan. Its text is its id in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing<'a> {
    /// A version of an image in a region.
    Version {
        /// The image's place in the scenario.
        image: usize,
        /// Which version, from 1.
        version: u32,
        /// Where it is.
        region: RegionId,
    },
    /// The object that a version is exported to, on its way to another region.
    Export {
        /// The image's place in the scenario.
        image: usize,
        /// Which version.
        version: u32,
        /// Where it goes.
        region: RegionId,
    },
    /// The object that is uploaded there.
    Upload {
        /// The image's place in the scenario.
        image: usize,
        /// Which version.
        version: u32,
        /// Where it is.
        region: RegionId,
    },
    /// A server that stands there.
    Standing {
        /// The fleet's place in the scenario.
        fleet: usize,
        /// Whose it is.
        account: AccountId,
        /// Its place among the servers, from 1.
        slot: u32,
        /// How often it has been replaced, from 1.
        piece: u32,
    },
    /// A server that came.
    Arrived {
        /// The fleet's place in the scenario.
        fleet: usize,
        /// Whose it is.
        account: AccountId,
        /// The how-manieth it is, from 1.
        number: u32,
    },
    /// An image taken of a server that stands there.
    ImageOfStanding {
        /// The fleet's place in the scenario.
        fleet: usize,
        /// Whose it is.
        account: AccountId,
        /// The place of the server.
        slot: u32,
        /// The how-manieth it is, from 1.
        number: u32,
    },
    /// An image taken of a server that came.
    ImageOfArrived {
        /// The fleet's place in the scenario.
        fleet: usize,
        /// Whose it is.
        account: AccountId,
        /// The server.
        server: u32,
        /// The how-manieth it is, from 1.
        number: u32,
    },
    /// What a fleet sends.
    Data {
        /// The fleet's place in the scenario.
        fleet: usize,
        /// Who sends it.
        account: AccountId,
    },
    /// Something that has an id of its own: it is there already, or comes of a trend.
    Named(&'a str),
}

/// What texts of things are made of.
#[derive(Debug, Clone, Copy)]
pub struct ThingTexts<'a> {
    /// The plan.
    pub scenario: &'a Scenario,
    /// The names in it.
    pub names: &'a Names,
}

impl ThingTexts<'_> {
    /// A thing's text: its id in the log.
    #[must_use]
    pub fn text(&self, thing: Thing<'_>) -> String {
        let mut text = String::new();
        // A string takes everything.
        let _ = self.write(&mut text, thing);
        text
    }

    /// Writes a thing's text.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write(&self, out: &mut impl fmt::Write, thing: Thing<'_>) -> fmt::Result {
        let image = |image: usize| &self.scenario.images[image].name;
        let region = |region: RegionId| self.names.regions.text(region);
        let whose = |fleet: usize, account: AccountId| {
            (&self.scenario.fleets[fleet].name, self.names.accounts.text(account))
        };
        match thing {
            Thing::Version { image: i, version, region: r } => {
                write!(out, "{}-v{version}@{}", image(i), region(r))
            }
            Thing::Export { image: i, version, region: r } => {
                write!(out, "{}-v{version}-export-to-{}", image(i), region(r))
            }
            Thing::Upload { image: i, version, region: r } => {
                write!(out, "{}-v{version}-upload@{}", image(i), region(r))
            }
            Thing::Standing { fleet, account, slot, piece } => {
                let (fleet, account) = whose(fleet, account);
                write!(out, "{fleet}/{account}/{slot}-{piece}")
            }
            Thing::Arrived { fleet, account, number } => {
                let (fleet, account) = whose(fleet, account);
                write!(out, "{fleet}/{account}/a{number}")
            }
            Thing::ImageOfStanding { fleet, account, slot, number } => {
                let (fleet, account) = whose(fleet, account);
                write!(out, "{fleet}/{account}/{slot}-image-{number}")
            }
            Thing::ImageOfArrived { fleet, account, server, number } => {
                let (fleet, account) = whose(fleet, account);
                write!(out, "{fleet}/{account}/a{server}-image-{number}")
            }
            Thing::Data { fleet, account } => {
                let (fleet, account) = whose(fleet, account);
                write!(out, "{fleet}/{account}/data")
            }
            Thing::Named(id) => out.write_str(id),
        }
    }
}

/// An image or object, stored.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// Which one.
    pub thing: Thing<'a>,
    /// What it is.
    pub kind: StorageKind,
    /// Who makes and pays it.
    pub account: AccountId,
    /// Where.
    pub region: RegionId,
    /// What it was made of.
    pub source: Option<Thing<'a>>,
    /// Its size.
    pub bytes: u64,
    /// Its operating system, where that is said.
    pub os: Option<OsId>,
    /// What its owner says of it.
    pub labels: Option<LabelsId>,
    /// From when to when; an end at or after the run's is none.
    pub span: Span,
    /// Whether the cloud refuses it: then it is only tried.
    pub is_refused: bool,
}

/// A server, running.
#[derive(Debug, Clone, Copy)]
pub struct Running<'a> {
    /// Which one.
    pub thing: Thing<'a>,
    /// Who makes and pays it.
    pub account: AccountId,
    /// Where.
    pub region: RegionId,
    /// Its image.
    pub source: Option<Thing<'a>>,
    /// Its size.
    pub flavor: FlavorId,
    /// Its operating system, where the plan says it.
    pub os: Option<OsId>,
    /// What runs on it: its own operating system, or its image's.
    pub system: OsId,
    /// Whether its image is another account's.
    pub is_consumer: bool,
    /// From when to when; an end at or after the run's is none.
    pub span: Span,
    /// Whether the cloud refuses it: then it is only tried.
    pub is_refused: bool,
}

/// An image, shared with and accepted by a consumer.
#[derive(Debug, Clone, Copy)]
pub struct Shared<'a> {
    /// Which one.
    pub image: Thing<'a>,
    /// Its producer.
    pub owner: AccountId,
    /// The consumer.
    pub member: AccountId,
    /// When.
    pub at: Instant,
}

/// Data, sent out of a region.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// What.
    pub thing: Thing<'a>,
    /// Who sends and pays it.
    pub account: AccountId,
    /// From where.
    pub region: RegionId,
    /// How much.
    pub bytes: u64,
    /// When.
    pub at: Instant,
}
