//! The table at the end: how many records of each foreign type were read, and what became of them.

use std::collections::BTreeMap;

/// What became of one foreign record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is the record of at least one native event.
    Used,
    /// A native event that other records gave says the same, or took something from it.
    Merged,
    /// Nothing came of it.
    LeftOut,
}

/// The counts of one foreign event type. Invariant: `read = used + merged + left_out`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeCount {
    /// The foreign event type, or one of `(unreadable)`, `(no event_type)`, `(log line)`.
    pub event_type: String,
    /// How many records were read.
    pub read: u64,
    /// How many became native events.
    pub used: u64,
    /// How many told nothing that the used ones do not tell.
    pub merged: u64,
    /// How many nothing came of.
    pub left_out: u64,
    /// Why they were merged or left out, or what is estimated of those used; with more than one
    /// reason, each with its count.
    pub why: String,
}

/// Names one foreign event type inside a [`Table`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::read) struct TypeId(usize);

/// Counts records by foreign type. Each record is [`read`](Table::read) once and
/// [`settled`](Table::settle) once.
#[derive(Debug, Default)]
pub(in crate::read) struct Table {
    ids: BTreeMap<String, TypeId>,
    tallies: Vec<Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    event_type: String,
    read: u64,
    used: u64,
    reasons: BTreeMap<(Fate, String), u64>,
}

impl Table {
    /// Counts a record as read.
    pub(in crate::read) fn read(&mut self, event_type: &str) -> TypeId {
        let id = match self.ids.get(event_type) {
            Some(id) => *id,
            None => {
                let id = TypeId(self.tallies.len());
                self.tallies.push(Tally { event_type: event_type.to_string(), ..Tally::default() });
                self.ids.insert(event_type.to_string(), id);
                id
            }
        };
        if let Some(tally) = self.tallies.get_mut(id.0) {
            tally.read += 1;
        }
        id
    }

    /// Says what became of a record that was read.
    pub(in crate::read) fn settle(&mut self, id: TypeId, fate: Fate, why: &str) {
        let Some(tally) = self.tallies.get_mut(id.0) else { return };
        match fate {
            Fate::Used if why.is_empty() => tally.used += 1,
            Fate::Used | Fate::Merged | Fate::LeftOut => {
                tally.used += u64::from(fate == Fate::Used);
                *tally.reasons.entry((fate, why.to_string())).or_default() += 1;
            }
        }
    }

    /// Says something of the input as a whole, in a row that counts nothing.
    pub(in crate::read) fn note(&mut self, event_type: &str, why: &str) {
        let id = self.read(event_type);
        if let Some(tally) = self.tallies.get_mut(id.0) {
            tally.read -= 1;
            tally.reasons.insert((Fate::Merged, why.to_string()), 0);
        }
    }

    /// The name of a type.
    pub(in crate::read) fn name(&self, id: TypeId) -> &str {
        self.tallies.get(id.0).map_or("", |tally| tally.event_type.as_str())
    }

    /// The finished table, by event type.
    pub(in crate::read) fn finish(&self) -> Vec<TypeCount> {
        self.ids.values().filter_map(|id| Some(self.tallies.get(id.0)?.count())).collect()
    }
}

impl Tally {
    fn count(&self) -> TypeCount {
        let sum_of = |fate: Fate| {
            self.reasons.iter().filter(|((known, _), _)| *known == fate).map(|(_, n)| n).sum()
        };
        TypeCount {
            event_type: self.event_type.clone(),
            read: self.read,
            used: self.used,
            merged: sum_of(Fate::Merged),
            left_out: sum_of(Fate::LeftOut),
            why: self.why(),
        }
    }

    fn why(&self) -> String {
        let alone = self.reasons.len() == 1;
        let told = self
            .reasons
            .iter()
            .map(|((_, why), count)| if alone { why.clone() } else { format!("{count} × {why}") });
        told.collect::<Vec<_>>().join("; ")
    }
}
