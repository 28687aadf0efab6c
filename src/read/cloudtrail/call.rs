//! One call: who did it, where, when.

use super::action::{self, Action};
use super::event::Event;
use super::kind::CallKind;
use crate::read::foreign::ledger::{About, Origin, Source};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::time::Moment;

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
