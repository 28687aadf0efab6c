//! Usage: exact base units by account, cycle, SKU, rate region and version.

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
#[derive(Debug, Clone)]
pub struct UsageLine {
    key: UsageKey,
    /// All of it, in base units: byte-microseconds, steps, steps × 10^-12 GB, or bytes.
    pub base_units: u128,
    causes: Vec<Cause>,
    /// What each of them used; apart, so that they stand close together.
    weights: Vec<u128>,
}

/// The usage of a set of resources.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// The lines; those past `used` are left from before and wait to be used again. One may have
    /// no usage.
    lines: Vec<UsageLine>,
    used: usize,
    places: FxHashMap<UsageKey, usize>,
}

impl Usage {
    /// Adds base units.
    ///
    /// # Errors
    /// [`Overflow`] past 128 bits.
    pub fn add(&mut self, key: UsageKey, cause: Cause, base_units: u128) -> Result<(), Overflow> {
        let line = self.line(key);
        self.add_to(line, cause, base_units)
    }

    /// The place of a key's line, for [`Usage::add_to`].
    pub(super) fn line(&mut self, key: UsageKey) -> usize {
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        let place = self.used;
        match self.lines.get_mut(place) {
            Some(line) => line.begin(key),
            None => self.lines.push(UsageLine::new(key)),
        }
        self.used += 1;
        self.places.insert(key, place);
        place
    }

    /// Adds base units to the line at a place.
    #[inline]
    pub(super) fn add_to(
        &mut self,
        line: usize,
        cause: Cause,
        base_units: u128,
    ) -> Result<(), Overflow> {
        if base_units > 0 { self.lines[line].add(cause, base_units) } else { Ok(()) }
    }

    /// Forgets all usage, and keeps the room.
    pub(super) fn clear(&mut self) {
        self.used = 0;
        self.places.clear();
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

    /// All lines with usage, in the order of their keys.
    #[must_use]
    pub fn in_order(&self) -> Vec<(UsageKey, &UsageLine)> {
        let used = self.lines[..self.used].iter().filter(|line| !line.causes.is_empty());
        let mut lines: Vec<_> = used.map(|line| (line.key, line)).collect();
        lines.sort_unstable_by_key(|(key, _)| *key);
        lines
    }

    /// One line.
    #[must_use]
    pub fn get(&self, key: &UsageKey) -> Option<&UsageLine> {
        let line = &self.lines[*self.places.get(key)?];
        (!line.causes.is_empty()).then_some(line)
    }
}

/// The same lines with the same causes, however they were put together.
impl PartialEq for Usage {
    fn eq(&self, other: &Usage) -> bool {
        self.in_order() == other.in_order()
    }
}

impl Eq for Usage {}

impl UsageLine {
    /// No usage yet.
    #[must_use]
    pub fn new(key: UsageKey) -> UsageLine {
        UsageLine { key, base_units: 0, causes: Vec::new(), weights: Vec::new() }
    }

    /// What it is priced by.
    #[must_use]
    pub fn key(&self) -> UsageKey {
        self.key
    }

    fn begin(&mut self, key: UsageKey) {
        (self.key, self.base_units) = (key, 0);
        self.causes.clear();
        self.weights.clear();
    }

    #[inline]
    fn add(&mut self, cause: Cause, base_units: u128) -> Result<(), Overflow> {
        self.base_units = self.base_units.checked_add(base_units).ok_or(Overflow)?;
        match (self.causes.last(), self.weights.last_mut()) {
            // The line's sum fits, and so does a part of it.
            (Some(last), Some(weight)) if *last == cause => *weight += base_units,
            _ => {
                self.causes.push(cause);
                self.weights.push(base_units);
            }
        }
        Ok(())
    }

    /// Its causes, as they came. Each stands once if the same ones came one after the other.
    #[must_use]
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// What each of [`UsageLine::causes`] used, in base units.
    #[must_use]
    pub fn weights(&self) -> &[u128] {
        &self.weights
    }

    /// Its causes, in the order of their ids, each once.
    #[must_use]
    pub fn causes_in_order(&self) -> Vec<(Cause, u128)> {
        let causes = self.causes.iter().copied();
        let mut causes: Vec<_> = causes.zip(self.weights.iter().copied()).collect();
        causes.sort_unstable_by_key(|(cause, _)| *cause);
        causes.dedup_by(|(next, more), (cause, units)| {
            let is_same = next == cause;
            *units += if is_same { *more } else { 0 };
            is_same
        });
        causes
    }
}

/// The same causes, however they came.
impl PartialEq for UsageLine {
    fn eq(&self, other: &UsageLine) -> bool {
        (self.key, self.base_units) == (other.key, other.base_units)
            && self.causes_in_order() == other.causes_in_order()
    }
}

impl Eq for UsageLine {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{BillingDay, CycleCalendar};

    fn key(account: u32) -> UsageKey {
        let cycle = CycleCalendar::new(BillingDay::FIRST).cycle_at(Instant::from_micros(0));
        UsageKey {
            account: AccountId::from(account),
            cycle,
            sku: Sku::ImageStorage,
            region: RateRegion::Everywhere,
            effective_from: None,
        }
    }

    fn cause(resource: u32) -> Cause {
        Cause {
            resource: ResourceId::from(resource),
            region: RegionId::from(0),
            source_image: None,
            kind: CauseKind::Image,
        }
    }

    /// Usage of (account, resource, base units).
    fn usage(parts: &[(u32, u32, u128)]) -> Usage {
        let mut usage = Usage::default();
        for (account, resource, base_units) in parts {
            usage.add(key(*account), cause(*resource), *base_units).unwrap();
        }
        usage
    }

    #[test]
    fn usage_adds_up_by_key_and_by_cause() {
        let usage = usage(&[(1, 7, 10), (1, 8, 5), (1, 7, 1), (2, 7, 3), (3, 9, 0)]);
        let lines = usage.in_order();
        let sums: Vec<_> = lines.iter().map(|(key, line)| (*key, line.base_units)).collect();
        assert_eq!(sums, [(key(1), 16), (key(2), 3)], "usage of nothing leaves no line");
        assert_eq!(lines[0].1.causes_in_order(), [(cause(7), 11), (cause(8), 5)]);
    }

    #[test]
    fn absorbed_usage_is_the_same_in_any_order() {
        let parts = [(1, 7, 10), (1, 8, 5), (2, 7, 3), (1, 7, 1)];
        let apart = parts.map(|part| usage(&[part]));
        let together = |order: [usize; 4]| {
            let mut sum = Usage::default();
            for place in order {
                sum.absorb(apart[place].clone()).unwrap();
            }
            sum
        };
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            assert_eq!(together(order), usage(&parts), "{order:?}");
        }
    }

    #[test]
    fn usage_differs_where_a_key_a_sum_or_a_cause_does() {
        let one = usage(&[(1, 7, 10), (1, 8, 5)]);
        assert_eq!(one, usage(&[(1, 8, 5), (1, 7, 4), (1, 7, 6)]), "however it came");
        for other in [
            usage(&[(1, 7, 10)]),
            usage(&[(1, 7, 10), (1, 8, 6)]),
            // The same sum of the same key, of other causes.
            usage(&[(1, 7, 9), (1, 8, 6)]),
            usage(&[(1, 7, 10), (1, 9, 5)]),
            usage(&[(2, 7, 10), (2, 8, 5)]),
            usage(&[(1, 7, 10), (1, 8, 5), (2, 7, 1)]),
        ] {
            assert_ne!(one, other);
        }
        // The same causes under another key.
        let line = |usage: &Usage, account| usage.get(&key(account)).expect("a line").clone();
        assert_ne!(line(&one, 1), line(&usage(&[(2, 7, 10), (2, 8, 5)]), 2));
    }

    #[test]
    fn a_sum_past_128_bits_is_an_overflow_and_no_wrap() {
        let mut most = usage(&[(1, 7, u128::MAX)]);
        assert_eq!(most.absorb(usage(&[(1, 8, 1)])), Err(Overflow));
        assert_eq!(most.absorb(usage(&[(1, 7, 1)])), Err(Overflow));
        assert_eq!(most.absorb(usage(&[(2, 7, u128::MAX)])), Ok(()), "another account's");
    }
}
