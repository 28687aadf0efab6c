//! What was there before a plan begins, and goes on.

use std::collections::BTreeMap;

use crate::meter::{Context, measure};
use crate::project::runs::Before;
use crate::replay::TakeTold;
use crate::scratch::ScratchError;
use crate::value::{Instant, Names, Overflow, ResourceTexts};
use crate::world::{History, ServerSpan, StorageSpan};

/// What resources are called whose names no longer matter.
const NAMELESS: u32 = 0;

/// Keeps what is still there at an instant or comes later: all that a plan's months pay for.
#[derive(Debug, Default)]
pub struct Alive {
    history: History,
    start: Option<Instant>,
}

impl Alive {
    /// At this instant.
    #[must_use]
    pub fn at(start: Instant) -> Alive {
        Alive { history: History::default(), start: Some(start) }
    }

    /// The usage of it, by account.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn usage(&self, context: &Context<'_>) -> Result<Before, Overflow> {
        let mut before: Before = BTreeMap::new();
        for (key, line) in measure(&self.history, context)?.in_order() {
            before.entry(key.account).or_default().push((key, line.base_units));
        }
        Ok(before)
    }
}

impl TakeTold for Alive {
    fn take(
        &mut self,
        told: &mut History,
        _: &impl ResourceTexts,
        _: &Names,
    ) -> Result<(), ScratchError> {
        let is_later = |end: Instant| self.start.is_none_or(|start| end > start);
        let storage = told.storage.drain(..).filter(|stored| is_later(stored.span.end));
        self.history.storage.extend(storage.map(|stored| StorageSpan {
            resource: NAMELESS.into(),
            source_image: None,
            ..stored
        }));
        let servers = told.servers.drain(..).filter(|server| is_later(server.span.end));
        self.history.servers.extend(servers.map(|server| ServerSpan {
            server: NAMELESS.into(),
            source_image: None,
            ..server
        }));
        // What was sent was paid when it was sent.
        told.transfers.clear();
        Ok(())
    }
}
