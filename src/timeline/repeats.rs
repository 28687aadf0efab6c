//! L15: which events have been seen before, by their ids.

use crate::event::{Batch, Event};
use crate::scratch::{Archive, Scratch, ScratchError};
use crate::timeline::bytes;
use crate::value::EventId;

/// The ids of all events so far, with what they say. It grows with the log, by about ten bytes of
/// memory for each event that has an id: a repeat may come at any time.
#[derive(Debug)]
pub struct Repeats {
    seen: Archive,
    said: Vec<u8>,
    says: Vec<u8>,
}

/// What an event is among those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The first with its id, or one without.
    New,
    /// It says what the first with its id said.
    Repeat,
    /// It says something else than the first with its id.
    Conflict,
}

impl Repeats {
    /// Nothing has been seen.
    #[must_use]
    pub fn new(scratch: Scratch) -> Repeats {
        Repeats { seen: Archive::new(scratch), said: Vec::new(), says: Vec::new() }
    }

    /// Looks at the next event in order.
    ///
    /// # Errors
    /// [`ScratchError`].
    #[inline]
    pub fn see(&mut self, event: &Event, batch: &Batch) -> Result<Sight, ScratchError> {
        match event.id {
            None => Ok(Sight::New),
            Some(id) => self.see_id(id, event, batch),
        }
    }

    fn see_id(&mut self, id: EventId, event: &Event, batch: &Batch) -> Result<Sight, ScratchError> {
        let (id, hash) = (batch.id(id), batch.ids.hash(id.into()));
        self.says.clear();
        bytes::write_content(event, batch, &mut self.says);
        if !self.seen.find(hash, id.as_bytes(), &mut self.said)? {
            self.seen.insert(hash, id.as_bytes(), &self.says)?;
            return Ok(Sight::New);
        }
        Ok(if self.said == self.says { Sight::Repeat } else { Sight::Conflict })
    }
}
