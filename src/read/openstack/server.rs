//! One server: everything that was told of it, to native events.

use super::kind::{Change, Family};
use super::presence::Presence;
use super::region::Region;
use crate::read::foreign::NativeRow;
use crate::read::foreign::ledger::{About, Ledger, Origin};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::table::Fate;
use crate::read::foreign::time::Moment;

/// How far apart the two families may tell one change: both are sent in one go, but create and
/// delete carry times that a database has cut to seconds.
const TWIN_SECONDS: i64 = 60;

/// Everything that was told of one server, in any order.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) events: Vec<Event>,
    pub(super) presence: Presence,
}

/// A record that is a native event of its own.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) change: Change,
    pub(super) family: Family,
    pub(super) time: Moment,
    pub(super) facts: Facts,
    pub(super) origin: Origin,
}

/// What a record says of the server; an empty text is absent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) account: String,
    pub(super) flavor: String,
    pub(super) source: String,
    pub(super) os: String,
    pub(super) region: Region,
}

impl Server {
    /// Tells the server.
    pub(super) fn finish(mut self, id: &str, ledger: &mut Ledger) {
        let deleted = self.events.iter().filter(|event| event.change == Change::Delete);
        let deleted = deleted.map(|event| event.time).min();
        let known = self.events.iter().any(|event| event.change == Change::Create);
        for event in self.without_twins(ledger) {
            tell_event(id, event, ledger);
        }
        self.presence.finish(id, known, deleted, ledger);
    }

    /// Takes the events, without those of the versioned family that the other one tells as well.
    fn without_twins(&mut self, ledger: &mut Ledger) -> Vec<Event> {
        let (versioned, mut events): (Vec<_>, Vec<_>) = std::mem::take(&mut self.events)
            .into_iter()
            .partition(|event| event.family == Family::Versioned);
        let unversioned_count = events.len();
        for event in versioned {
            let mut others = events.iter().take(unversioned_count);
            if others.any(|other| event.is_twin_of(other)) {
                let why = "the unversioned notification tells the same";
                ledger.table.settle(event.origin.type_id, Fate::Merged, why);
            } else {
                events.push(event);
            }
        }
        events
    }
}

fn tell_event(id: &str, event: Event, ledger: &mut Ledger) {
    match event.facts.row(event.change, id, event.time, &event.origin) {
        Ok(row) => ledger.accept(&event.origin, row),
        Err(fault) => ledger.refuse(&event.origin, fault, event.facts.about(id, event.time)),
    }
}

impl Event {
    /// Whether `other` is the unversioned notification of this versioned one's change.
    fn is_twin_of(&self, other: &Event) -> bool {
        let same_content = match self.change {
            Change::Create | Change::Delete => true,
            Change::Resize => self.facts.flavor == other.facts.flavor,
            Change::Rebuild => self.facts.source == other.facts.source,
        };
        self.change == other.change
            && same_content
            && self.time.seconds_apart(other.time) <= TWIN_SECONDS
    }
}

impl Facts {
    /// Whether everything is there that the native event needs, but for the region.
    pub(super) fn check(&self, change: Change) -> Result<(), Fault> {
        let needs = match change {
            Change::Create => {
                [(&self.account, "tenant_id"), (&self.flavor, "instance_type or flavor.name")]
            }
            Change::Resize => [(&self.flavor, "instance_type or flavor.name"); 2],
            Change::Rebuild => [(&self.source, "image_ref_url or image_uuid"); 2],
            Change::Delete => return Ok(()),
        };
        match needs.iter().find(|(value, _)| value.is_empty()) {
            Some((_, names)) => Err(Fault::missing(names)),
            None => Ok(()),
        }
    }

    /// The row of a native event.
    pub(super) fn row(
        &self,
        change: Change,
        id: &str,
        time: Moment,
        origin: &Origin,
    ) -> Result<NativeRow, Fault> {
        self.check(change)?;
        let mut row = origin.row(change.event(), time);
        row.account = self.account.clone();
        row.resource = id.to_string();
        match change {
            Change::Create => {
                row.region = self.region.clone().map_err(|nowhere| nowhere.fault())?;
                row.flavor = self.flavor.clone();
                row.source = self.source.clone();
                row.os = self.os.clone();
            }
            Change::Resize => row.flavor = self.flavor.clone(),
            Change::Rebuild => {
                row.source = self.source.clone();
                row.os = self.os.clone();
            }
            Change::Delete => {}
        }
        Ok(row)
    }

    pub(super) fn about(&self, id: &str, time: impl ToString) -> About {
        let account = self.account.clone();
        About { time: time.to_string(), account, resource: id.to_string() }
    }
}
