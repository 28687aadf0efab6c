//! The images that matter to sharing, by their ids.

use crate::value::{AccountId, Cycle, ResourceId, ResourceTexts};
use crate::world::ImageRecord;

/// The images that were shared, or that something was made from, in the order of their texts.
#[derive(Debug, Default)]
pub struct Images {
    records: Vec<ImageRecord>,
    /// By id: the place of its record; [`NOWHERE`] where it has none.
    places: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl Images {
    /// What the world tells of them, in any order.
    #[must_use]
    pub fn new(mut records: Vec<ImageRecord>, texts: &impl ResourceTexts) -> Images {
        let text = |record: &ImageRecord| texts.text(record.image);
        records.sort_unstable_by(|one, other| text(one).cmp(text(other)));
        let most = records.iter().map(|record| record.image.index()).max();
        let mut places = vec![NOWHERE; most.map_or(0, |most| most + 1)];
        for (record, place) in records.iter().zip(0..) {
            places[record.image.index()] = place;
        }
        Images { records, places }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[ImageRecord] {
        &self.records
    }

    /// The place of one among all; `None` is no image that an event created.
    #[must_use]
    #[inline]
    pub fn place(&self, image: ResourceId) -> Option<u32> {
        self.places.get(image.index()).copied().filter(|place| *place != NOWHERE)
    }

    /// One of them; `None` is no image that an event created.
    #[must_use]
    #[inline]
    pub fn get(&self, image: ResourceId) -> Option<&ImageRecord> {
        self.place(image).map(|place| &self.records[place as usize])
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
        self.get(image).is_some_and(|record| record.had_member(cycle.span()))
    }
}
