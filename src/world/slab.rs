//! Things at places that are used again.

use std::ops::{Index, IndexMut};

use prefetch_index::prefetch_index;

/// A list whose places stay while their things do.
#[derive(Debug)]
pub(super) struct Slab<T> {
    things: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { things: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Adds a thing; its place.
    pub(super) fn add(&mut self, thing: T) -> u32 {
        match self.free.pop() {
            Some(place) => {
                self.things[place as usize] = Some(thing);
                place
            }
            None => {
                self.things.push(Some(thing));
                self.things.len() as u32 - 1
            }
        }
    }

    /// Takes a thing out. Nobody may hold its place any more.
    pub(super) fn remove(&mut self, place: u32) -> Option<T> {
        let thing = self.things[place as usize].take();
        if thing.is_some() {
            self.free.push(place);
        }
        thing
    }

    /// The thing at a place, if there is one.
    pub(super) fn get(&self, place: u32) -> Option<&T> {
        self.things.get(place as usize).and_then(Option::as_ref)
    }

    /// Has the line of the cache fetched in which a thing begins, if there is one; nobody waits for
    /// it.
    #[inline]
    pub(super) fn prefetch(&self, place: u32) {
        prefetch_index(&self.things, (place as usize).min(self.things.len()));
    }

    /// All things.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.things.iter().flatten()
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, place: u32) -> &T {
        self.things[place as usize].as_ref().expect("invariant: a place that is held is taken")
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, place: u32) -> &mut T {
        self.things[place as usize].as_mut().expect("invariant: a place that is held is taken")
    }
}
