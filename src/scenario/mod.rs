//! What is planned: images and their releases, fleets of servers, prices that change, budgets.
//!
//! A [`Scenario`] is checked: every account, image, region and flavor it names is known.
//! [`crate::read::scenario`] makes it from a file, [`crate::project`] lives it through.

mod distribution;
mod hours;
mod interval;
mod timetable;

pub use distribution::{Distribution, Lifetimes, LimitedMean};
pub use hours::Hours;
pub use interval::{Interval, MICROS_PER_HOUR, Period};
pub use timetable::{Timetable, Window};

use rust_decimal::Decimal;

use crate::book::Book;
use crate::value::{AccountId, FlavorId, Instant, LabelsId, OsId, RegionId};

/// A plan: what will happen besides what is there.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// Its first instant; by default the end of the history.
    pub start: Option<Instant>,
    /// How many months it covers.
    pub months: Option<u32>,
    /// Where its chance begins.
    pub seed: u64,
    /// How many runs: 1 takes every distribution at its mean.
    pub runs: u32,
    /// Images that are made and shared.
    pub images: Vec<Image>,
    /// Servers.
    pub fleets: Vec<Fleet>,
    /// What-ifs on prices, in the order in which they apply.
    pub changes: Vec<Change>,
    /// What each account means to spend in a month.
    pub budgets: Vec<Budget>,
}

/// An image that its owner makes, copies to other regions, and shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Its name: versions of it are told apart by number and region.
    pub name: String,
    /// Its producer, who pays for storing it.
    pub owner: AccountId,
    /// Where it is; the first is home, the others get copies.
    pub regions: Vec<RegionId>,
    /// Its stored size.
    pub bytes: u64,
    /// Its operating system.
    pub os: Option<OsId>,
    /// What its owner says of it.
    pub labels: Option<LabelsId>,
    /// How long after the plan's start its first version appears.
    pub after: Period,
    /// How often a new version appears; once by default.
    pub release: Option<Interval>,
    /// How many versions stay; all by default.
    pub keep: Option<u32>,
    /// Whom it is shared with.
    pub members: Vec<AccountId>,
    /// How long each step of a copy takes: export, transfer, import, clean-up.
    pub copy_step: Period,
}

/// One kind of servers, of one account or of several with as many each.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    /// What names it: its `name`, or its place in the file.
    pub name: String,
    /// Whose servers they are; each account has as many.
    pub accounts: Vec<AccountId>,
    /// Where they run.
    pub region: RegionId,
    /// What they are made of.
    pub image: Option<Made>,
    /// Their size.
    pub flavor: FlavorId,
    /// Their operating system, where it is not their image's.
    pub os: Option<OsId>,
    /// How many stand there.
    pub count: Option<Decimal>,
    /// How many come and go.
    pub arrivals: Option<Arrivals>,
    /// When those that stand there run; always by default.
    pub hours: Option<Hours>,
    /// How count and arrivals grow.
    pub growth: Option<Growth>,
    /// When those that stand there are replaced.
    pub refresh: Option<Refresh>,
    /// How images are taken of them.
    pub reimage: Option<Reimage>,
    /// What they send out of their region.
    pub transfer_out: Option<Sending>,
}

/// What a server is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// The newest version of an image of the scenario, by its place.
    Planned(usize),
    /// An image that is there already: the provider's own.
    Existing(String),
}

/// Servers that come and go.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrivals {
    /// How many come …
    pub count: Decimal,
    /// … in this time.
    pub per: Period,
    /// How long each lives, in hours.
    pub lifetime: Distribution,
}

/// Growth from period to period.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// By how much, in percent.
    pub percent: Decimal,
    /// In what time.
    pub per: Interval,
}

/// When servers are replaced by new ones.
#[derive(Debug, Clone, PartialEq)]
pub enum Refresh {
    /// When a new version of their image appears in their region.
    OnRelease,
    /// So often.
    Every(Interval),
}

/// Images taken of servers, again and again (R4).
#[derive(Debug, Clone, PartialEq)]
pub struct Reimage {
    /// How often.
    pub every: Interval,
    /// How many of each server stay.
    pub keep: u32,
    /// The size of each.
    pub bytes: u64,
    /// How long the oldest stays when a new one is there: retention and one more exist so long.
    pub overlap: Period,
}

/// Data sent out of a region (R6).
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// How much …
    pub bytes: u64,
    /// … in this time.
    pub per: Interval,
    /// Whether each server sends so much, and only while it runs.
    pub by_server: bool,
}

/// A what-if on prices.
#[derive(Debug, Clone)]
pub struct Change {
    /// From when on.
    pub from: Instant,
    /// Which SKUs: a name, or the beginning of names with `*`.
    pub sku: String,
    /// In which region; everywhere by default.
    pub region: Option<RegionId>,
    /// What changes.
    pub kind: ChangeKind,
}

/// What a change of prices is.
#[derive(Debug, Clone)]
pub enum ChangeKind {
    /// All prices by so many percent.
    Percent(Decimal),
    /// The prices of another book, by its folder.
    Book(String, Option<Box<Book>>),
}

/// What an account means to spend.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Who; `None` is all accounts together.
    pub account: Option<AccountId>,
    /// How much in a month.
    pub per_month: Decimal,
}
