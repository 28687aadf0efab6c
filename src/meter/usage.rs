//! Usage: exact base units by account, cycle, SKU, rate region and version.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::book::{RateRegion, Sku};
use crate::value::{AccountId, Cycle, Instant, Overflow, RegionId, ResourceId};

/// What usage is priced by (P2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageKey {
    /// Who pays.
    pub account: AccountId,
    /// In which billing period.
    pub cycle: Cycle,
    /// For what.
    pub sku: Sku,
    /// The rate's region; where there is no rate, the usage's own.
    pub region: RateRegion,
    /// The version of the rate; `None` is unpriced.
    pub effective_from: Option<Instant>,
}

/// What caused a part of the usage (A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// The image, server or object.
    pub resource: ResourceId,
    /// Where it really was.
    pub region: RegionId,
    /// The image it came from.
    pub source_image: Option<ResourceId>,
    /// What it is in the story of sharing.
    pub kind: CauseKind,
}

/// What a cause is in the story of sharing. With the members of the cycle this gives its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseKind {
    /// An image of the account's own making.
    Image,
    /// An image taken of a server that descends from another account's image.
    Reimage,
    /// An object.
    Object,
    /// A server of another account's image.
    ConsumerServer,
    /// Any other server.
    OwnServer,
    /// Data sent.
    Transfer,
}

/// One key's usage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageLine {
    /// All of it, in base units: byte-microseconds, steps, steps × 10^-12 GB, or bytes.
    pub base_units: u128,
    /// The same by cause.
    pub causes: FxHashMap<Cause, u128>,
}

/// The usage of a set of resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    lines: FxHashMap<UsageKey, UsageLine>,
}

impl Usage {
    /// Adds base units.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn add(&mut self, key: UsageKey, cause: Cause, base_units: u128) -> Result<(), Overflow> {
        if base_units > 0 {
            self.lines.entry(key).or_default().add(cause, base_units)?;
        }
        Ok(())
    }

    /// Adds usage that was measured elsewhere, of other resources. Both use the same
    /// [`crate::value::Names`].
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn absorb(&mut self, other: Usage) -> Result<(), Overflow> {
        for (key, line) in other.in_order() {
            for (cause, base_units) in line.causes_in_order() {
                self.add(key, cause, base_units)?;
            }
        }
        Ok(())
    }

    /// All lines, in the order of their keys.
    #[must_use]
    pub fn in_order(&self) -> Vec<(UsageKey, &UsageLine)> {
        in_key_order(self.lines.iter().map(|(key, line)| (*key, line)))
    }

    /// One line.
    #[must_use]
    pub fn get(&self, key: &UsageKey) -> Option<&UsageLine> {
        self.lines.get(key)
    }
}

impl UsageLine {
    fn add(&mut self, cause: Cause, base_units: u128) -> Result<(), Overflow> {
        let part = self.causes.entry(cause).or_default();
        *part = part.checked_add(base_units).ok_or(Overflow)?;
        self.base_units = self.base_units.checked_add(base_units).ok_or(Overflow)?;
        Ok(())
    }

    /// Its causes, in the order of their ids.
    #[must_use]
    pub fn causes_in_order(&self) -> Vec<(Cause, u128)> {
        in_key_order(self.causes.iter().map(|(cause, units)| (*cause, *units)))
    }
}

fn in_key_order<K: Ord + Copy + Hash, V>(entries: impl Iterator<Item = (K, V)>) -> Vec<(K, V)> {
    let mut entries: Vec<(K, V)> = entries.collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}
