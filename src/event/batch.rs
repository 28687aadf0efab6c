//! A piece of a log on its way: events, with the texts that only they hold.

use crate::event::Event;
use crate::value::{EventId, ResourceId, Texts};

/// Events as they were read, in the order in which they are applied.
///
/// Here a [`ResourceId`] and an [`EventId`] are places in the batch's own texts: the ids of a log
/// are too many to be kept for the whole run. All other names are the run's.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The events.
    pub events: Vec<Event>,
    /// The ids of images, servers and objects; one may stand here more than once.
    pub resources: Texts,
    /// The ids of events.
    pub ids: Texts,
}

impl Batch {
    /// The text of a resource.
    #[must_use]
    pub fn resource(&self, id: ResourceId) -> &str {
        self.resources.text(id.into())
    }

    /// The text of an event's id.
    #[must_use]
    pub fn id(&self, id: EventId) -> &str {
        self.ids.text(id.into())
    }
}
