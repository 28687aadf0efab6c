//! A piece of a log on its way: events, with the texts that only they hold.

use std::ops::Range;

use crate::event::Event;
use crate::value::{EventId, Names, ResourceId, Texts};

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
    /// Events whose ids are those of `names`, as a batch of their own.
    #[must_use]
    pub fn of(events: &[Event], names: &Names) -> Batch {
        let mut batch = Batch::default();
        for event in events {
            let Batch { resources, ids, .. } = &mut batch;
            let mut resource = |id| ResourceId::from(resources.push(names.resources.text(id)));
            let mut action = event.action;
            let (id, source) = (resource(action.resource()), action.source().map(resource));
            action.set_resources(id, source);
            let id = event.id.map(|id| EventId::from(ids.push(names.events.text(id))));
            batch.events.push(Event { id, action, ..*event });
        }
        batch
    }

    /// Says of each event which line it stands on, where they are written as they stand, below a
    /// header.
    pub fn number_lines(&mut self) {
        for (line, event) in (2..).zip(&mut self.events) {
            event.origin.line = line;
            event.origin.record = line;
        }
    }

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

    /// Forgets everything, and keeps the room.
    pub fn clear(&mut self) {
        self.events.clear();
        self.resources.clear();
        self.ids.clear();
    }

    /// Adds events of another batch.
    pub fn append(&mut self, other: &Batch, range: Range<usize>) {
        self.events.reserve(range.len());
        for event in &other.events[range] {
            self.append_one(other, event);
        }
    }

    /// Adds one event of another batch.
    pub fn append_one(&mut self, other: &Batch, event: &Event) {
        let mut copied = |id: ResourceId| {
            let (text, hash) = (other.resource(id), other.resources.hash(id.into()));
            ResourceId::from(self.resources.push_hashed(text, hash))
        };
        let resource = copied(event.action.resource());
        let source = event.action.source().map(&mut copied);
        let id = event.id.map(|id| EventId::from(self.ids.push(other.id(id))));
        let mut action = event.action;
        action.set_resources(resource, source);
        self.events.push(Event { id, action, ..*event });
    }
}
