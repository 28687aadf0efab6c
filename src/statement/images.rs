//! The images that matter to sharing, by their ids.

use rustc_hash::FxHashMap;

use crate::value::{AccountId, Cycle, ResourceId};
use crate::world::ImageRecord;

/// The images that were shared, or that something was made from.
#[derive(Debug, Default)]
pub struct Images {
    records: Vec<ImageRecord>,
    places: FxHashMap<ResourceId, u32>,
}

impl Images {
    /// What the world tells of them.
    #[must_use]
    pub fn new(records: Vec<ImageRecord>) -> Images {
        let places = records.iter().map(|record| record.image).zip(0..).collect();
        Images { records, places }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[ImageRecord] {
        &self.records
    }

    /// One of them; `None` is no image that an event created.
    #[must_use]
    #[inline]
    pub fn get(&self, image: ResourceId) -> Option<&ImageRecord> {
        self.places.get(&image).map(|place| &self.records[*place as usize])
    }

    /// Its producer.
    #[must_use]
    pub fn owner(&self, image: ResourceId) -> Option<AccountId> {
        self.get(image).map(|record| record.owner)
    }

    /// Whether an image had a member at some time in a cycle.
    #[must_use]
    #[inline]
    pub fn had_member(&self, image: ResourceId, cycle: Cycle) -> bool {
        self.get(image).is_some_and(|record| has_member(record, cycle))
    }
}

/// Whether an image had a member at some time in a cycle.
#[inline]
pub(super) fn has_member(record: &ImageRecord, cycle: Cycle) -> bool {
    record.stays.iter().any(|stay| stay.touches(cycle.span()))
}
