//! A batch on its way through the world: what its events will ask for is fetched before they are
//! applied, and what never changes is looked up once.
//!
//! Most of what the world holds is in none of the processor's caches, and each thing says only
//! where the next one is: the slot of an id its entry, the entry of an image the image, the image
//! its members. So the steps of one text are taken some texts apart. Nobody waits for what was
//! fetched: memory works on it while events are applied.
//!
//! Whatever is fetched may have changed by the time it is needed; nothing depends on it.

use std::ops::Range;

use crate::event::{Action, Batch, Event};
use crate::value::ResourceId;
use crate::world::World;
use crate::world::entry::{NO_ID, NO_IMAGE};
use crate::world::resources::Resources;
use crate::world::slots::{Tag, tag_of};

/// How many texts lie between two steps: memory has answered by then.
const GAP: usize = 8;
/// How many steps there are.
const STEPS: usize = 5;
/// How many texts are fetched for at a time.
const RING: usize = 64;

const _: () = assert!(RING.is_power_of_two() && RING > GAP * STEPS);

/// Some events of a batch, and what is known of its texts.
#[derive(Debug)]
pub struct Passage<'b> {
    batch: &'b Batch,
    events: &'b [Event],
    /// The text whose first step is next.
    next: usize,
    room: Room,
}

/// The room of a passage, which the next one uses again.
#[derive(Debug)]
pub struct Room {
    /// By the place of the text, over and over.
    wanted: [Wanted; RING],
    /// By the place of the text: its id, once it is known that it keeps it; else [`NO_ID`].
    lasting: Vec<u32>,
}

/// How far what one text leads to has been followed.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    tag: Tag,
    id: u32,
    image: u32,
}

impl Default for Room {
    fn default() -> Room {
        let nothing = Wanted { tag: 0, id: NO_ID, image: NO_IMAGE };
        Room { wanted: [nothing; RING], lasting: Vec::new() }
    }
}

impl<'b> Passage<'b> {
    /// Begins with some events of a batch.
    #[must_use]
    pub fn new(batch: &'b Batch, range: Range<usize>, mut room: Room) -> Passage<'b> {
        room.lasting.clear();
        room.lasting.resize(batch.resources.len(), NO_ID);
        let events = &batch.events[range];
        let next = events.first().map_or(0, |event| event.action.resource().index());
        Passage { batch, events, next, room }
    }

    /// The events, in the order in which they are applied.
    #[must_use]
    #[inline]
    pub fn events(&self) -> &'b [Event] {
        self.events
    }

    /// The batch that the events' ids are of.
    #[must_use]
    #[inline]
    pub fn batch(&self) -> &'b Batch {
        self.batch
    }

    /// What is left when all events were applied.
    #[must_use]
    pub fn into_room(self) -> Room {
        self.room
    }

    /// The id that a text of the batch keeps for ever, if that is known.
    #[inline]
    pub(super) fn lasting(&self, text: ResourceId) -> Option<ResourceId> {
        let id = self.room.lasting[text.index()];
        (id != NO_ID).then(|| ResourceId::from(id))
    }

    /// A text keeps its id for ever.
    #[inline]
    pub(super) fn set_lasting(&mut self, text: ResourceId, id: ResourceId) {
        self.room.lasting[text.index()] = id.into();
    }

    /// Goes on until all steps have been taken for the event at a place.
    #[inline]
    pub fn reach(&mut self, place: usize, world: &World<'_>) {
        let Event { action, .. } = &self.events[place];
        let source = action.source().map_or(0, ResourceId::index);
        let until = action.resource().index().max(source) + GAP * STEPS;
        while self.next <= until {
            self.step(&world.resources);
            self.next += 1;
        }
        self.look_behind(place, &world.resources);
    }

    /// An image that is made of a server asks for the image that the server runs, which no text names:
    /// that one's entry first, then the image.
    #[inline]
    fn look_behind(&self, place: usize, resources: &Resources) {
        if let Some(server) = self.source_of_image(place + 2 * GAP) {
            resources.fetch_entry_behind(server);
        }
        if let Some(server) = self.source_of_image(place + GAP) {
            resources.fetch_image_behind(server);
        }
    }

    /// The id that the source of an image probably has, where the event at a place creates one; if it
    /// is still remembered.
    #[inline]
    fn source_of_image(&self, place: usize) -> Option<u32> {
        let Action::ImageCreate(create) = &self.events.get(place)?.action else { return None };
        let text = create.source?.index();
        let is_known = text + GAP < self.next && text + RING > self.next;
        is_known.then(|| self.room.wanted[text % RING].id)
    }

    /// One step for each of the texts that are on their way.
    #[inline]
    fn step(&mut self, resources: &Resources) {
        let (next, texts) = (self.next, &self.batch.resources);
        if next < texts.len() {
            let tag = tag_of(texts.hash(next as u32));
            self.room.wanted[next % RING].tag = tag;
            resources.fetch_slots(tag);
        }
        let at = |step: usize| next.wrapping_sub(GAP * step);
        if at(1) < texts.len() {
            let wanted = &mut self.room.wanted[at(1) % RING];
            wanted.id = resources.fetch_entry(wanted.tag);
        }
        if at(2) < texts.len() {
            let wanted = &mut self.room.wanted[at(2) % RING];
            wanted.image = resources.fetch_image(wanted.id);
        }
        if at(3) < texts.len() {
            resources.fetch_sharing(self.room.wanted[at(3) % RING].image);
        }
        if at(4) < texts.len() {
            resources.fetch_members(self.room.wanted[at(4) % RING].image);
        }
    }
}
