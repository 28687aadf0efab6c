//! What history says of what comes, beyond what is there: the trend of each account's usage.
//!
//! Month by month, the usage of each account is added up by what it is ([`Of`]) in [`Watch`]. Each
//! such series is forecast ([`crate::forecast`]); what the forecast has more than what goes on
//! anyway ([`Trended::rest`]) comes on top: as servers, images and transfers like any others, so
//! that it is charged by the same engine.
#![expect(clippy::disallowed_types, reason = "forecasts are statistics: they become whole steps")]

mod ahead;
mod table;
mod watch;

use std::collections::BTreeMap;

pub use table::TrendRow;
pub use watch::Watch;

use crate::book::Sku;
use crate::forecast::Forecast;
use crate::project::luck::{Luck, Purpose, Stream};
use crate::value::{AccountId, FlavorId, Instant, Names, OsId, RegionId, Span};

/// What a series is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// Servers of one make: how many run, on average over the month.
    Servers {
        /// Their size.
        flavor: FlavorId,
        /// Where they are.
        region: RegionId,
        /// What runs on them.
        os: OsId,
    },
    /// Images: bytes, on average over the month.
    Images(RegionId),
    /// Objects: bytes, on average over the month.
    Objects(RegionId),
    /// Data sent: bytes in the month.
    Sent(RegionId),
}

impl Of {
    /// Where it is.
    #[must_use]
    pub fn region(self) -> RegionId {
        match self {
            Of::Servers { region, .. } => region,
            Of::Images(region) | Of::Objects(region) | Of::Sent(region) => region,
        }
    }

    /// What it is charged as. A server's licence and support follow from it.
    #[must_use]
    pub fn sku(self) -> Sku {
        match self {
            Of::Servers { flavor, .. } => Sku::Server(flavor),
            Of::Images(_) => Sku::ImageStorage,
            Of::Objects(_) => Sku::ObjectStorage,
            Of::Sent(_) => Sku::TransferOut,
        }
    }

    /// What runs on it, where it is a server.
    #[must_use]
    pub fn os(self) -> Option<OsId> {
        match self {
            Of::Servers { os, .. } => Some(os),
            Of::Images(_) | Of::Objects(_) | Of::Sent(_) => None,
        }
    }

    /// What its values are counted in.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Of::Servers { .. } => "servers",
            Of::Images(_) | Of::Objects(_) | Of::Sent(_) => "bytes",
        }
    }

    /// Its text: region, SKU and system.
    #[must_use]
    pub fn text(self, names: &Names) -> String {
        let region = names.regions.text(self.region());
        let os = self.os().map_or_else(String::new, |os| format!("/{}", names.systems.text(os)));
        format!("{region}/{}{os}", self.sku().text(names))
    }
}

/// The trends of each account.
#[derive(Debug, Clone, Default)]
pub struct Trend {
    /// The months that are projected: from the start, month by month.
    pub months: Vec<Span>,
    /// The months before the start, oldest first.
    before: Vec<Span>,
    /// The length of a step of servers, in microseconds (M2).
    step: u64,
    /// Each account's series.
    pub accounts: BTreeMap<AccountId, Vec<Trended>>,
}

/// One series, and what comes of it.
#[derive(Debug, Clone)]
pub struct Trended {
    /// What it is of.
    pub of: Of,
    /// Its values in the whole months before the start, oldest first.
    pub history: Vec<f64>,
    /// Its forecast; `None` where the history is too short for one.
    pub forecast: Option<Forecast>,
    /// In each projected month: the steps or bytes of what is there at the start, if it all goes on.
    pub going: Vec<u64>,
    purpose: Purpose,
}

impl Trend {
    /// How many steps start in a month, of a server that begins with it.
    #[must_use]
    pub fn steps(&self, month: usize) -> u64 {
        self.months[month].micros().div_ceil(self.step)
    }

    /// From a month's beginning on: so many steps.
    #[must_use]
    pub fn first_steps(&self, month: usize, steps: u64) -> Span {
        let Span { start, end } = self.months[month];
        let micros = i64::try_from(steps.saturating_mul(self.step)).unwrap_or(i64::MAX);
        Span { start, end: Instant::from_micros(start.micros().saturating_add(micros)).min(end) }
    }

    /// The steps in each month that a server no longer has which was created at an instant, and
    /// ends before the run does.
    pub fn lose(&self, created: Instant, end: Instant, lost: &mut [u64]) {
        let started =
            |at: Instant| (at.micros() - created.micros()).unsigned_abs().div_ceil(self.step);
        for (month, lost) in self.months.iter().zip(lost) {
            let from = end.max(month.start);
            if from < month.end {
                *lost += started(month.end) - started(from);
            }
        }
    }
}

impl Trended {
    /// Where a run lies within the forecast's distribution: the same in all months, as a series
    /// that is above its forecast in one month is mostly above it in the next. `None` is the mean.
    #[must_use]
    pub fn place(&self, luck: Luck) -> Option<f64> {
        match luck {
            Luck::Mean => None,
            Luck::Run { seed, run } => Some(Stream::new(seed, run, self.purpose).uniform()),
        }
    }

    /// What comes on top in a month: steps of servers, or bytes. `lost` are the steps that are gone
    /// of what was there at the start.
    #[must_use]
    pub fn rest(&self, trend: &Trend, month: usize, place: Option<f64>, lost: u64) -> u64 {
        let Some(forecast) = &self.forecast else { return 0 };
        let value = match place {
            None => forecast.mean[month],
            Some(probability) => ahead::at(forecast, month, probability),
        };
        let scale = match self.of {
            Of::Servers { .. } => trend.steps(month) as f64,
            Of::Images(_) | Of::Objects(_) | Of::Sent(_) => 1.0,
        };
        // Not negative; what is larger than all numbers is the largest.
        let wanted = (value * scale).round() as u64;
        wanted.saturating_sub(self.going[month].saturating_sub(lost))
    }
}
