//! What events will ask for, fetched before they are applied.
//!
//! Most of what the world holds is in none of the processor's caches, and each thing says only
//! where the next one is: the slot of an id its entry, the entry of an image the image, the image
//! its members. So the steps of one event are taken some events apart. Nobody waits for what was
//! fetched: memory works on it while other events are applied.
//!
//! Whatever is fetched may have changed by the time it is needed; nothing depends on it.

use crate::event::{Batch, Event};
use crate::world::World;
use crate::world::entry::NO_IMAGE;
use crate::world::register::NO_ID;
use crate::world::resources::Resources;
use crate::world::slots::{Tag, tag_of};

/// How many events lie between two steps: memory has answered by then.
const GAP: usize = 8;
/// How many steps there are.
const STEPS: usize = 5;
/// How many events are fetched for at a time.
const RING: usize = 64;

const _: () = assert!(RING.is_power_of_two() && RING > GAP * STEPS);

/// What is being fetched for events that are yet to come.
#[derive(Debug)]
pub struct Ahead {
    /// By the place of the event, over and over.
    wanted: [Wanted; RING],
    /// The event whose first step is next.
    next: usize,
}

/// What one event asks for: its resource, and what that is made of.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    tags: [Tag; 2],
    ids: [u32; 2],
    images: [u32; 2],
}

impl Default for Ahead {
    fn default() -> Ahead {
        let nothing = Wanted { tags: [0; 2], ids: [NO_ID; 2], images: [NO_IMAGE; 2] };
        Ahead { wanted: [nothing; RING], next: 0 }
    }
}

impl Ahead {
    /// Other events follow.
    pub fn begin(&mut self) {
        self.next = 0;
    }

    /// Goes on until all steps have been taken for the event at a place.
    #[inline]
    pub fn reach(&mut self, place: usize, events: &[Event], batch: &Batch, world: &World<'_>) {
        while self.next <= place + GAP * STEPS {
            self.step(self.next, events, batch, &world.resources);
            self.next += 1;
        }
    }

    /// One step for each of the events that are on their way.
    #[inline]
    fn step(&mut self, next: usize, events: &[Event], batch: &Batch, resources: &Resources) {
        if let Some(event) = events.get(next) {
            let wanted = &mut self.wanted[next % RING];
            let hashes = batch.resources.hashes();
            let resource = event.action.resource();
            let source = event.action.source().unwrap_or(resource);
            wanted.tags = [tag_of(hashes[resource.index()]), tag_of(hashes[source.index()])];
            resources.fetch_slots(wanted.tags[0]);
            resources.fetch_slots(wanted.tags[1]);
        }
        let at = |step: usize| next.wrapping_sub(GAP * step);
        if at(1) < events.len() {
            let wanted = &mut self.wanted[at(1) % RING];
            let [resource, source] = wanted.tags;
            wanted.ids = [resources.fetch_entry(resource), resources.fetch_entry(source)];
        }
        if at(2) < events.len() {
            let wanted = &mut self.wanted[at(2) % RING];
            let [resource, source] = wanted.ids;
            wanted.images = [resources.fetch_image(resource), resources.fetch_image(source)];
        }
        // Of what is shared, an event asks in one place at most: its source, or else its resource.
        if at(3) < events.len() {
            resources.fetch_sharing(self.wanted[at(3) % RING].images[1]);
        }
        if at(4) < events.len() {
            resources.fetch_members(self.wanted[at(4) % RING].images[1]);
        }
    }
}
