//! A scenario, lived through: what it makes happen, thing by thing.
//!
//! [`Planner::tell`] goes through images and fleets and hands everything that exists to a
//! [`Tell`]: as events ([`crate::project::log`]) or straight to the meter
//! ([`crate::project::usage`]). Both hear the same, so that a projection and the bill of its log
//! agree to the cent.

mod arrivals;
mod images;
mod reimages;
mod sending;
mod standing;
mod thing;

pub use thing::{Running, Sent, Shared, Stored, Thing, ThingTexts};

pub(in crate::project) use arrivals::{Coming, Inflow, life};
pub(in crate::project) use images::{Stock, delay};

use crate::book::Book;
use crate::project::luck::{Luck, Purpose};
use crate::scenario::{Fleet, Growth, Made, Scenario};
use crate::value::{AccountId, Instant, Names, OsId, Span};
use crate::world::Enforcement;

/// Hears what a plan makes happen.
pub trait Tell {
    /// An image or object is stored.
    fn stored(&mut self, stored: &Stored<'_>);
    /// A server runs.
    fn running(&mut self, running: &Running<'_>);
    /// An image is shared.
    fn shared(&mut self, shared: &Shared<'_>);
    /// Data leaves a region.
    fn sent(&mut self, sent: &Sent<'_>);
}

/// What a plan is made with.
#[derive(Debug, Clone, Copy)]
pub struct Planner<'a> {
    /// What is planned.
    pub scenario: &'a Scenario,
    /// What the provider allows.
    pub book: &'a Book,
    /// The time it covers.
    pub run: Span,
    /// Whether steps that the cloud would refuse are taken all the same.
    pub enforcement: Enforcement,
    /// The names in it.
    pub names: &'a Names,
}

/// One account's servers of one fleet.
#[derive(Debug, Clone, Copy)]
pub(in crate::project) struct Part<'a> {
    /// The fleet's place in the scenario.
    pub(in crate::project) place: usize,
    /// The fleet.
    pub(in crate::project) fleet: &'a Fleet,
    /// Whose servers they are.
    pub(in crate::project) account: AccountId,
}

impl<'a> Planner<'a> {
    /// Tells everything.
    pub fn tell(&self, luck: &Luck, tell: &mut impl Tell) {
        let stocks = self.stocks();
        for (place, stock) in stocks.iter().enumerate() {
            self.tell_image(place, stock, tell);
        }
        for part in self.parts() {
            self.tell_standing(part, &stocks, tell);
            self.tell_arrivals(part, &stocks, luck, tell);
        }
    }

    /// Tells the images that one account owns.
    pub(in crate::project) fn tell_images(
        &self,
        account: AccountId,
        stocks: &[Stock],
        tell: &mut impl Tell,
    ) {
        for (place, stock) in stocks.iter().enumerate() {
            if self.scenario.images[place].owner == account {
                self.tell_image(place, stock, tell);
            }
        }
    }

    /// Every account of every fleet.
    pub(in crate::project) fn parts(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let fleets = self.scenario.fleets.iter().enumerate();
        fleets.flat_map(|(place, fleet)| {
            fleet.accounts.iter().map(move |account| Part { place, fleet, account: *account })
        })
    }

    /// What the chance of an account's servers of a fleet is for: the same in every scenario that
    /// has a fleet of this name for this account.
    pub(in crate::project) fn purpose(&self, part: Part<'_>) -> Purpose {
        Purpose::of(&["fleet", &part.fleet.name, self.names.accounts.text(part.account)])
    }

    /// Where and when each image can be booted.
    pub(in crate::project) fn stocks(&self) -> Vec<Stock> {
        self.scenario.images.iter().map(|image| self.stock(image)).collect()
    }

    /// What runs on a fleet's servers (R3a).
    pub(in crate::project) fn system(&self, fleet: &Fleet) -> OsId {
        let of_image = match fleet.image {
            Some(Made::Planned(image)) => self.scenario.images[image].os,
            Some(Made::Existing(_)) | None => None,
        };
        fleet.os.or(of_image).unwrap_or(OsId::LINUX)
    }

    /// Whether the cloud lets an account boot a fleet's image where the fleet stands (L01, L02).
    pub(in crate::project) fn may_boot(&self, part: Part<'_>, stocks: &[Stock]) -> bool {
        let Some(Made::Planned(place)) = part.fleet.image else { return true };
        let image = &self.scenario.images[place];
        let is_member = image.owner == part.account || image.members.contains(&part.account);
        self.enforcement == Enforcement::Report
            || (is_member && stocks[place].is_in(part.fleet.region))
    }

    /// Whether a fleet's servers have another account's image.
    pub(in crate::project) fn is_consumer(&self, part: Part<'_>) -> bool {
        match part.fleet.image {
            Some(Made::Planned(place)) => self.scenario.images[place].owner != part.account,
            Some(Made::Existing(_)) | None => false,
        }
    }

    /// From when on servers of a fleet can be booted; `None` is never.
    pub(in crate::project) fn first_boot(
        &self,
        fleet: &Fleet,
        stocks: &[Stock],
    ) -> Option<Instant> {
        match fleet.image {
            Some(Made::Planned(place)) => stocks[place].first_in(fleet.region),
            Some(Made::Existing(_)) | None => Some(self.run.start),
        }
    }

    /// What a server of a fleet that boots at an instant is made of.
    fn source<'s>(&self, fleet: &'s Fleet, stocks: &[Stock], at: Instant) -> Option<Thing<'s>> {
        match &fleet.image {
            Some(Made::Planned(place)) => {
                let (version, region) = stocks[*place].newest(fleet.region, at);
                Some(Thing::Version { image: *place, version, region })
            }
            Some(Made::Existing(id)) => Some(Thing::Named(id)),
            None => None,
        }
    }
}

/// Instants at which something that grows changes, each with what it has grown to as a multiple;
/// the first is the start.
#[expect(clippy::disallowed_types, reason = "counts are rounded to whole servers, not to money")]
pub(in crate::project) fn grown(growth: Option<&Growth>, run: Span) -> Vec<(Instant, f64)> {
    use rust_decimal::prelude::ToPrimitive;
    let Some(growth) = growth else { return vec![(run.start, 1.0)] };
    let each = 1.0 + growth.percent.to_f64().unwrap_or(0.0) / 100.0;
    let instants = growth.per.instants(run.start, run.end);
    let mut factor = 1.0;
    instants
        .map(|at| {
            let now = factor;
            factor *= each;
            (at, now)
        })
        .collect()
}
