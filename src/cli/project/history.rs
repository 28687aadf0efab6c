//! What happened before a scenario begins: logs, if there are any.

use crate::bill::Options;
use crate::book::Book;
use crate::cli::Stopped;
use crate::cli::inputs::{Converted, ReadArgs};
use crate::cli::logs::Inputs;
use crate::cli::memory::Memory;
use crate::cli::project::Making;
use crate::cli::replay::Job;
use crate::replay::Nobody;
use crate::value::Instant;
use crate::write::InputReport;

/// What happened before.
pub(in crate::cli) struct History {
    pub(super) inputs: Option<Inputs>,
    /// Its end, where that has been asked for.
    end: Option<Instant>,
    is_fresh: bool,
}

impl History {
    /// Opens its logs, where there are any.
    pub(in crate::cli) fn open(
        events: &[String],
        how: &ReadArgs,
        making: &Making<'_>,
    ) -> Result<History, Stopped> {
        let Making { names, scratch, scribe, .. } = *making;
        let open = || how.open(events, making.options.threads, names, scratch, scribe);
        let inputs = if events.is_empty() { None } else { Some(open()?) };
        Ok(History { inputs, end: None, is_fresh: true })
    }

    /// The end of the month of its last event; `None` without a history.
    pub(super) fn end(&mut self, making: &Making<'_>) -> Result<Option<Instant>, Stopped> {
        if self.end.is_none() && self.inputs.is_some() {
            let inputs = self.rewound();
            let Some(inputs) = inputs else { return Ok(None) };
            let lived = job(making, &making.options, making.book).replay(inputs, || Nobody)?;
            let first = lived.unreadable.first().map(|row| &row.finding);
            let run = lived.run.ok_or_else(|| vec![inputs.nothing_to_bill(first)])?;
            self.end = Some(run.end);
        }
        Ok(self.end)
    }

    /// Its logs, from the beginning.
    pub(super) fn rewound(&mut self) -> Option<&mut Inputs> {
        let inputs = self.inputs.as_mut()?;
        if !self.is_fresh {
            inputs.rewind();
        }
        self.is_fresh = false;
        Some(inputs)
    }

    /// What its foreign formats became, where there are any.
    pub(in crate::cli) fn conversion(&self) -> Option<&Converted> {
        self.inputs.as_ref().and_then(|inputs| inputs.conversion.as_ref())
    }

    /// What is to be said about its logs.
    pub(in crate::cli) fn reports(&self) -> Result<Vec<InputReport>, Stopped> {
        self.inputs.as_ref().map_or(Ok(Vec::new()), Inputs::reports)
    }
}

/// A replay with what the command was given.
pub(super) fn job<'a>(making: &'a Making<'_>, options: &'a Options, book: &'a Book) -> Job<'a> {
    let Making { names, scratch, scribe, .. } = *making;
    Job { book, names, options, scratch, memory: Memory::usual(), scribe }
}
