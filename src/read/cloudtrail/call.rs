//! One record: who did it, where, when.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::action::{self, Action};
use super::document::STATE_CHANGE;
use super::kind::CallKind;
use crate::read::foreign::fields::Fields;
use crate::read::foreign::ledger::{About, Origin, Source};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::time::Moment;

/// A record out of its envelope.
#[derive(Debug)]
pub(super) struct Event {
    map: Map<String, Value>,
    /// What the envelope says: `id`, `account`, `region`, `time`.
    outer: BTreeMap<&'static str, String>,
    name: String,
    source: String,
    /// Whether it is EventBridge's notification of an instance's state, which is no call.
    pub(super) is_state_change: bool,
}

impl Event {
    pub(super) fn new(
        map: Map<String, Value>,
        outer: BTreeMap<&'static str, String>,
        is_state_change: bool,
    ) -> Event {
        let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        let (name, source) = (text("eventName"), text("eventSource"));
        Event { map, outer, name, source, is_state_change }
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        Fields::new(&self.map)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its name in the table: calls of other services stand there by their service.
    pub(super) fn type_name(&self) -> &str {
        match (self.is_state_change, self.is_of_ec2()) {
            (true, _) => STATE_CHANGE,
            (false, true) => &self.name,
            (false, false) => &self.source,
        }
    }

    pub(super) fn is_of_ec2(&self) -> bool {
        self.source.starts_with("ec2.amazonaws.com")
    }

    /// Its own id; of what EventBridge tells by itself, the envelope's.
    pub(super) fn id(&self) -> String {
        let own = self.fields().text("eventID");
        own.or_else(|| self.outer("id")).unwrap_or_default()
    }

    /// The account whose trail it comes from.
    pub(super) fn recipient(&self) -> Option<String> {
        let own = self.fields().text("recipientAccountId");
        own.or_else(|| self.outer("account")).or_else(|| self.caller())
    }

    fn caller(&self) -> Option<String> {
        self.fields().child("userIdentity").and_then(|who| who.text("accountId"))
    }

    fn outer(&self, key: &str) -> Option<String> {
        self.outer.get(key).filter(|text| !text.is_empty()).cloned()
    }

    fn time(&self) -> Result<Moment, Fault> {
        let own = self.fields().time("eventTime")?;
        let outer = || Moment::parse(&self.outer("time")?);
        own.or_else(outer).ok_or_else(|| Fault::missing("eventTime"))
    }

    /// For a record that could not be understood: whatever it says.
    pub(super) fn about(&self) -> About {
        let request = self.fields().child("requestParameters");
        let first = |keys: &[&str]| request.and_then(|request| request.first_text(keys));
        About {
            time: self.time().map(|time| time.to_string()).unwrap_or_default(),
            account: self.caller().or(self.recipient()).unwrap_or_default(),
            resource: first(&["imageId", "instanceId", "snapshotId"]).unwrap_or_default(),
        }
    }
}

/// A call that matters, and what it did.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) time: Moment,
    /// Empty where neither the record nor the user says it.
    pub(super) region: String,
    /// Who owns what came of it.
    pub(super) account: String,
    /// Names the call where it is delivered to several accounts, each with an id of its own.
    pub(super) shared_id: String,
    /// Whether it was delivered to whoever made it.
    pub(super) is_callers: bool,
    /// What it did; or why that cannot be told.
    pub(super) action: Result<Action, Fault>,
    pub(super) about: About,
    pub(super) origin: Origin,
}

impl Call {
    /// Reads a record. What a call did may be missing from one delivery and not from another: that
    /// is no fault of the record yet.
    pub(super) fn read(
        kind: CallKind,
        event: &Event,
        region: Option<&str>,
        source: &Source<'_>,
    ) -> Result<Call, Fault> {
        let fields = event.fields();
        let told = fields.text("awsRegion").or_else(|| event.outer("region"));
        let response = fields.child("responseElements");
        let owner = response.and_then(|response| response.text("ownerId"));
        let (caller, recipient) = (event.caller(), event.recipient());
        let is_callers = caller.is_none() || recipient.is_none() || caller == recipient;
        Ok(Call {
            time: event.time()?,
            region: told.or(region.map(str::to_string)).unwrap_or_default(),
            account: owner
                .or(caller)
                .or(recipient)
                .ok_or_else(|| Fault::missing("userIdentity.accountId or recipientAccountId"))?,
            shared_id: fields.text("sharedEventID").unwrap_or_default(),
            is_callers,
            action: action::read(kind, fields),
            about: event.about(),
            origin: source.keep(),
        })
    }

    /// Whether another record says the same.
    pub(super) fn says_the_same(&self, other: &Call) -> bool {
        self.time == other.time
            && self.region == other.region
            && self.account == other.account
            && self.action == other.action
    }

    /// The order in which calls are told: by time, and within a second what begins things before
    /// what changes them, and what ends them last. Texts break ties, never places.
    pub(super) fn order(&self) -> impl Ord + '_ {
        let rank = self.action.as_ref().map_or(0, Action::rank);
        (self.time, rank, &self.origin.id, &self.origin.record)
    }
}
