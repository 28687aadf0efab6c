//! What things cost: one provider's prices and rules, checked.
//!
//! A [`Book`] cannot hold nonsense: [`crate::read::book`] refuses it before. Loading from files,
//! with a diagnostic for every mistake, lives there; here is what the rest computes with.

mod discount;
mod flavor;
mod policy;
mod rate;
mod sku;

pub use discount::{Band, DiscountModel, Grid};
pub use flavor::{Flavor, SUPPORT_UNITS_PER_GB};
pub use policy::{CopyBy, Policy, PublicImages};
pub use rate::{InForce, Model, RateRegion, Rates, Tier, Unit, Version};
pub use sku::{Category, Sku};

use rust_decimal::Decimal;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::value::{
    BillingDay, Currency, CycleCalendar, FlavorId, Instant, LevelId, OsId, RegionId, Rounding,
};

/// One price book: everything a bill needs besides events and accounts.
#[derive(Debug, Clone)]
pub struct Book {
    /// Its short name.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The one currency of all its prices (P8).
    pub currency: Currency,
    /// How many bytes a GB has (M1).
    pub bytes_per_gigabyte: u64,
    /// The regions it has prices for.
    pub regions: Vec<RegionId>,
    /// When accounts are billed (B1, B2).
    pub cycle: CycleKind,
    /// How amounts are rounded (P5).
    pub rounding: Rounding,
    /// How many digits a priced quantity has after the point (M6).
    pub quantity_decimals: u32,
    /// The step of the server grid, in seconds (M2).
    pub server_increment: u32,
    /// The hours of a normalised month, where the provider bills one (M1).
    pub month_hours: Option<u32>,
    /// The service level of accounts that say none.
    pub default_level: LevelId,
    /// Cycles that start earlier than this many days after an account was opened have no minimum
    /// (P6).
    pub minimum_after_days: u32,
    /// How the volume discount applies (P7).
    pub discount_model: DiscountModel,
    /// SKUs that share one position in their tiers (P4).
    pub tier_pools: Vec<Vec<Sku>>,
    /// The provider's own images, never charged.
    pub public_images: PublicImages,
    /// What the provider allows.
    pub policy: Policy,
    /// All rates.
    pub rates: Rates,
    /// All flavors.
    pub flavors: FxHashMap<FlavorId, Flavor>,
    /// The volume discount's grids, by date (P7).
    pub discounts: Vec<Grid>,
    /// The operating systems that need a licence (R3a).
    pub licensed_systems: FxHashSet<OsId>,
    /// The service levels that charge for support (R3b).
    pub supported_levels: FxHashSet<LevelId>,
}

/// When accounts are billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CycleKind {
    /// From the first of each month, for everybody (B1).
    CalendarMonth,
    /// From each account's billing day (B2).
    Anniversary,
}

impl Book {
    /// The cycles of an account with this billing day.
    #[must_use]
    pub fn calendar(&self, billing_day: BillingDay) -> CycleCalendar {
        CycleCalendar::new(match self.cycle {
            CycleKind::CalendarMonth => BillingDay::FIRST,
            CycleKind::Anniversary => billing_day,
        })
    }

    /// The rate that prices a SKU in a region at an instant (P1); `None` is unpriced. A region
    /// that the book does not have has no rates, not even those of `*`.
    #[must_use]
    pub fn in_force(&self, sku: Sku, region: RegionId, at: Instant) -> InForce<'_> {
        if !self.regions.contains(&region) {
            return InForce { version: None, until: None };
        }
        self.rates.in_force(sku, region, at)
    }

    /// The grid in force at an instant (P7).
    #[must_use]
    pub fn discount_at(&self, at: Instant) -> Option<&Grid> {
        self.discounts.iter().rev().find(|grid| grid.effective_from <= at)
    }

    /// The order of a SKU in its pool, and the pool's index (P4).
    #[must_use]
    pub fn pool_of(&self, sku: Sku) -> Option<(usize, usize)> {
        self.tier_pools.iter().enumerate().find_map(|(pool, skus)| {
            skus.iter().position(|member| *member == sku).map(|place| (pool, place))
        })
    }

    /// A price for one unit of a whole cycle: a minimum or a fee, in force at the cycle's start.
    #[must_use]
    pub fn per_cycle(&self, sku: Sku, cycle_start: Instant) -> Option<&Version> {
        self.rates.everywhere_at(sku, cycle_start)
    }

    /// A percentage as the book has it, for people.
    #[must_use]
    pub fn percent_text(percent: Decimal) -> String {
        format!("{} %", percent.normalize())
    }
}
