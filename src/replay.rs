//! Events in order, through the world, piece by piece: what is told is taken at once, and what is
//! gone is forgotten.

use std::ops::Range;

use crate::book::Book;
use crate::event::{Batch, Event};
use crate::ledger::{Aside, Ledger};
use crate::scratch::{Scratch, ScratchError};
use crate::timeline::{ReadNames, Repeats, Sight};
use crate::value::{Instant, Names, ResourceTexts};
use crate::world::{
    Enforcement, Fate, Finding, FindingCode, History, LastingTexts, Passage, Room, World,
};

/// How many events the world takes before it forgets what is gone: few, so that what it fetched
/// for them is still near.
pub const USUAL_PIECE: usize = 64;

/// How many events of one input became what. They add up to all that were handed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Applied.
    pub applied: u64,
    /// Dropped as a repeat of the same id with the same content (L15).
    pub repeated: u64,
    /// Set aside with a finding.
    pub set_aside: u64,
    /// At or after the end of the run.
    pub after_end: u64,
}

/// Who takes what the world tells.
pub trait TakeTold {
    /// Takes the spans and transfers out of the history, with the texts of their resources.
    ///
    /// # Errors
    /// [`ScratchError`].
    fn take(
        &mut self,
        told: &mut History,
        texts: &impl ResourceTexts,
        names: &Names,
    ) -> Result<(), ScratchError>;

    /// Passes on what was taken, where that may have to wait for another thread: called after each
    /// [`TakeTold::take`], when nobody holds the names, which that thread may need.
    ///
    /// # Errors
    /// [`ScratchError`].
    fn pass_on(&mut self) -> Result<(), ScratchError> {
        Ok(())
    }

    /// Hears of an event that the world has looked at, before what comes of it is told. Its ids are
    /// those of the batch. Repeats (L15) are not heard of.
    #[inline]
    fn hear(&mut self, _event: &Event, _batch: &Batch, _fate: Fate) {}
}

impl TakeTold for Ledger<'_> {
    fn take(
        &mut self,
        told: &mut History,
        texts: &impl ResourceTexts,
        names: &Names,
    ) -> Result<(), ScratchError> {
        Ledger::take(self, told, &names.accounts, texts)
    }
}

impl TakeTold for Aside<'_, '_> {
    fn take(
        &mut self,
        told: &mut History,
        texts: &impl ResourceTexts,
        names: &Names,
    ) -> Result<(), ScratchError> {
        Aside::take(self, told, &names.accounts, texts)
    }

    fn pass_on(&mut self) -> Result<(), ScratchError> {
        Aside::pass_on(self)
    }
}

/// Forgets what it is told: for whoever asks for findings alone.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl TakeTold for Nobody {
    fn take(
        &mut self,
        told: &mut History,
        _: &impl ResourceTexts,
        _: &Names,
    ) -> Result<(), ScratchError> {
        told.storage.clear();
        told.servers.clear();
        told.transfers.clear();
        Ok(())
    }
}

/// How to replay.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What happens to events that break a rule of sharing.
    pub enforcement: Enforcement,
    /// The first instant after the run, where it is known: events from then on are not applied.
    pub end: Option<Instant>,
    /// How many events the world takes before it forgets what is gone.
    pub piece: usize,
}

/// A world in the making.
#[derive(Debug)]
pub struct Replay<'a, N, T> {
    names: &'a N,
    rules: Rules,
    world: World<'a>,
    room: Room,
    repeats: Repeats,
    told: T,
    counts: Vec<Counts>,
    /// The earliest event, and the latest so far.
    ends: Option<(Event, Event)>,
    conflicts: Vec<Finding>,
}

/// What is left to say when all events have been replayed: all but what was taken.
#[derive(Debug)]
pub struct Replayed<T> {
    /// Who took it.
    pub told: T,
    /// Images and findings; findings by time and place, rows that were set aside by place.
    pub history: History,
    /// The texts of the images in it.
    pub texts: LastingTexts,
    /// How many events of each input became what.
    pub counts: Vec<Counts>,
}

impl<'a, N: ReadNames, T: TakeTold> Replay<'a, N, T> {
    /// Nothing has happened yet.
    pub fn new(book: &'a Book, names: &'a N, rules: Rules, told: T, scratch: &Scratch) -> Self {
        Replay {
            names,
            world: World::new(book, rules.enforcement, scratch.clone()),
            room: Room::default(),
            repeats: Repeats::new(scratch.clone()),
            rules,
            told,
            counts: Vec::new(),
            ends: None,
            conflicts: Vec::new(),
        }
    }

    /// The earliest event, and the latest so far, be they applied or not.
    pub fn ends(&self) -> Option<&(Event, Event)> {
        self.ends.as_ref()
    }

    /// Goes on to another end of the run: what happens from then on is not applied.
    pub fn go_on(&mut self, end: Instant) {
        self.rules.end = Some(end);
    }

    /// Applies the next events in order.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn apply(&mut self, batch: &Batch, range: Range<usize>) -> Result<(), ScratchError> {
        let mut passage = Passage::new(batch, range, std::mem::take(&mut self.room));
        let events = passage.events();
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            self.ends = Some((self.ends.map_or(*first, |(first, _)| first), *last));
        }
        let mut start = 0;
        while start < events.len() {
            let end = events.len().min(start + self.rules.piece.max(1));
            self.apply_piece(start..end, &mut passage)?;
            self.take_told()?;
            self.world.forget()?;
            start = end;
        }
        self.room = passage.into_room();
        Ok(())
    }

    fn take_told(&mut self) -> Result<(), ScratchError> {
        let (history, texts) = self.world.told();
        self.names.with(|names| self.told.take(history, texts, names))?;
        self.told.pass_on()
    }

    /// Applies some of these events; what the others will ask for is fetched beside that.
    fn apply_piece(
        &mut self,
        piece: Range<usize>,
        passage: &mut Passage<'_>,
    ) -> Result<(), ScratchError> {
        let (batch, events) = (passage.batch(), passage.events());
        self.names.with(|names| {
            for place in piece {
                passage.reach(place, &self.world);
                let event = &events[place];
                let counts = counts_of(&mut self.counts, event);
                if self.rules.end.is_some_and(|end| event.time >= end) {
                    counts.after_end += 1;
                    continue;
                }
                match self.repeats.see(event, batch)? {
                    Sight::New => {
                        let fate = self.world.apply(place, passage, names)?;
                        self.told.hear(event, batch, fate);
                        match fate {
                            Fate::Applied => counts.applied += 1,
                            Fate::SetAside => counts.set_aside += 1,
                        }
                    }
                    Sight::Repeat => counts.repeated += 1,
                    Sight::Conflict => {
                        counts.set_aside += 1;
                        self.conflicts.push(conflict(event, batch));
                    }
                }
            }
            Ok(())
        })
    }

    /// Ends the run.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn finish(mut self, end: Instant) -> Result<Replayed<T>, ScratchError> {
        self.names.with(|names| self.world.end(end, names));
        let mut rest = Some(0);
        while let Some(from) = rest {
            rest = self.world.tell_rest(from, end);
            self.take_told()?;
        }
        let mut history = std::mem::take(self.world.told().0);
        history.findings.extend(self.conflicts.iter().cloned());
        history.set_aside.append(&mut self.conflicts);
        history.findings.sort_by_key(|finding| (finding.time, finding.origin, finding.code));
        history.set_aside.sort_by_key(|finding| finding.origin);
        let texts = self.world.into_texts();
        Ok(Replayed { told: self.told, history, texts, counts: self.counts })
    }
}

#[inline]
fn counts_of<'c>(counts: &'c mut Vec<Counts>, event: &Event) -> &'c mut Counts {
    let input = event.origin.input as usize;
    if counts.len() <= input {
        counts.resize(input + 1, Counts::default());
    }
    &mut counts[input]
}

/// L15: the same id with other content.
fn conflict(event: &Event, batch: &Batch) -> Finding {
    let id = event.id.map_or("", |id| batch.id(id));
    let message = format!(
        "another event with the id `{id}` says something else: the earlier one stands, this one \
         is set aside"
    );
    Finding::new(FindingCode::L15, event, batch.resource(event.action.resource()), message)
}
