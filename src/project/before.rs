//! What was there before a plan begins, and goes on.

use std::collections::{BTreeMap, BTreeSet};

use crate::meter::{Context, UsageKey, measure};
use crate::project::attrition::{Attrition, Leaving};
use crate::project::usage::NAMELESS;
use crate::replay::TakeTold;
use crate::scratch::ScratchError;
use crate::value::{AccountId, Instant, Names, Overflow, ResourceTexts, Span};
use crate::world::{History, ServerSpan, StorageSpan};

/// What was there before and goes on.
#[derive(Debug, Clone, Default)]
pub struct Before {
    /// What goes on whatever comes: its usage, by account.
    pub usage: BTreeMap<AccountId, Vec<(UsageKey, u128)>>,
    /// The servers that may end within the run.
    pub leaving: Attrition,
}

/// Keeps what is still there at an instant or comes later: all that a plan's months pay for.
#[derive(Debug)]
pub struct Alive {
    history: History,
    start: Instant,
    /// The ids of servers that may end: they are no part of what is kept.
    mortal: BTreeSet<String>,
    leaving: Attrition,
}

impl Alive {
    /// At the start of a run; of the servers that are there, some may end within it.
    #[must_use]
    pub fn at(run: Span, attrition: Option<&Attrition>) -> Alive {
        let accounts = attrition.into_iter().flatten();
        let mortal = |(account, leaving): (&AccountId, &Leaving)| {
            let leaving = leaving.clone().mortal(run);
            (!leaving.servers.is_empty()).then_some((*account, leaving))
        };
        let leaving: Attrition = accounts.filter_map(mortal).collect();
        let servers = leaving.values().flat_map(|leaving| &leaving.servers);
        let mortal = servers.map(|server| server.id.clone()).collect();
        Alive { history: History::default(), start: run.start, mortal, leaving }
    }

    /// What goes on.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn close(self, context: &Context<'_>) -> Result<Before, Overflow> {
        let mut before = Before { leaving: self.leaving, ..Before::default() };
        for (key, line) in measure(&self.history, context)?.in_order() {
            before.usage.entry(key.account).or_default().push((key, line.base_units));
        }
        Ok(before)
    }
}

impl TakeTold for Alive {
    fn take(
        &mut self,
        told: &mut History,
        texts: &impl ResourceTexts,
        _: &Names,
    ) -> Result<(), ScratchError> {
        let is_later = |end: Instant| end > self.start;
        let storage = told.storage.drain(..).filter(|stored| is_later(stored.span.end));
        self.history.storage.extend(storage.map(|stored| StorageSpan {
            resource: NAMELESS.into(),
            source_image: None,
            ..stored
        }));
        let mortal = &self.mortal;
        let stays = |server: &ServerSpan| {
            is_later(server.span.end)
                && (mortal.is_empty() || !mortal.contains(texts.text(server.server)))
        };
        let servers = told.servers.drain(..).filter(stays);
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
