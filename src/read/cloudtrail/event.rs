//! One record, out of whatever it was delivered in.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::read::foreign::fields::Fields;
use crate::read::foreign::ledger::About;
use crate::read::foreign::problem::Fault;
use crate::read::foreign::time::Moment;

/// The notification that says what became of an instance.
pub(super) const STATE_CHANGE: &str = "EC2 Instance State-change Notification";

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

    pub(super) fn caller(&self) -> Option<String> {
        self.fields().child("userIdentity").and_then(|who| who.text("accountId"))
    }

    pub(super) fn outer(&self, key: &str) -> Option<String> {
        self.outer.get(key).filter(|text| !text.is_empty()).cloned()
    }

    pub(super) fn time(&self) -> Result<Moment, Fault> {
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
