//! Listens to a replay: the spans and events of a few accounts are kept, all others forgotten.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::event::{Action, Batch, Event, EventKind, Origin};
use crate::ledger::Stored;
use crate::replay::TakeTold;
use crate::scratch::ScratchError;
use crate::value::{
    AccountId, FlavorId, Instant, Interner, Names, OsId, RegionId, ResourceId, ResourceTexts, Span,
};
use crate::world::{Fate, History, ServerSpan, StorageSpan, Transfer};

/// Whose spans and events are kept, and which.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The accounts.
    pub accounts: Vec<AccountId>,
    /// What lies outside is not kept.
    pub window: Span,
}

/// What was kept.
#[derive(Debug, Default)]
pub struct Heard {
    /// The texts of the resources in the spans.
    pub names: Interner<ResourceId>,
    /// The spans, as they were told.
    pub spans: Vec<HeardSpan>,
    /// By resource: what happened to it, in order of application.
    pub events: FxHashMap<Box<str>, Vec<HeardEvent>>,
    /// By image: how other accounts shared it with those that are kept.
    pub shares: FxHashMap<Box<str>, Vec<HeardEvent>>,
}

/// A span, with ids that last.
#[derive(Debug, Clone, Copy)]
pub struct HeardSpan {
    /// What it was; its resource is one of [`Heard::names`].
    pub stored: Stored,
    /// The lasting id of an image that had a member at some time.
    pub shared: Option<ResourceId>,
}

/// An event, as far as it explains a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardEvent {
    /// When.
    pub time: Instant,
    /// What happened.
    pub kind: EventKind,
    /// Who did it; `None` is the operator.
    pub actor: Option<AccountId>,
    /// Where it was read.
    pub origin: Origin,
    /// The sender's own id of it.
    pub id: Option<Box<str>>,
    /// What it says besides.
    pub details: Details,
    /// Whether the world has changed by it; else it was set aside, with a finding.
    pub is_applied: bool,
}

/// What an event says besides when and to what it happened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// Where.
    pub region: Option<RegionId>,
    /// What it was made from.
    pub source: Option<Box<str>>,
    /// Its size.
    pub bytes: Option<u64>,
    /// A server's size.
    pub flavor: Option<FlavorId>,
    /// Its operating system, where the event says it.
    pub os: Option<OsId>,
    /// With whom an image was shared.
    pub member: Option<AccountId>,
}

/// Keeps what is wanted of what it is told.
#[derive(Debug)]
pub struct Listener {
    wanted: Wanted,
    heard: Heard,
}

impl Listener {
    /// Nothing has been heard yet.
    #[must_use]
    pub fn new(wanted: Wanted) -> Listener {
        Listener { wanted, heard: Heard::default() }
    }

    /// What was kept.
    #[must_use]
    pub fn into_heard(self) -> Heard {
        self.heard
    }

    fn wants(&self, account: AccountId) -> bool {
        self.wanted.accounts.contains(&account)
    }

    /// Keeps a span of a wanted account that touches the window, under an id of its own.
    fn keep(
        &mut self,
        account: AccountId,
        span: Span,
        shared: Option<ResourceId>,
        stored: impl FnOnce(&mut Interner<ResourceId>) -> Stored,
    ) {
        if self.wants(account) && span.intersection(self.wanted.window).is_some() {
            let stored = stored(&mut self.heard.names);
            self.heard.spans.push(HeardSpan { stored, shared });
        }
    }

    /// Keeps an event on a resource that is kept, and forgets both where it ended before the
    /// window.
    fn hear_of_known(&mut self, event: &Event, batch: &Batch, fate: Fate) {
        let text = batch.resource(event.action.resource());
        let Some(events) = self.heard.events.get_mut(text) else { return };
        let is_end = matches!(
            event.action,
            Action::ImageDelete { .. } | Action::ServerDelete { .. } | Action::ObjectDelete { .. }
        );
        if is_end && fate == Fate::Applied && event.time <= self.wanted.window.start {
            self.heard.events.remove(text);
            return;
        }
        events.push(heard(event, batch, fate));
    }

    /// Keeps an event by which something begins that a wanted account pays for.
    fn hear_of_new(&mut self, owner: AccountId, event: &Event, batch: &Batch, fate: Fate) {
        let text = batch.resource(event.action.resource());
        let is_in_time = event.time < self.wanted.window.end;
        if let Some(events) = self.heard.events.get_mut(text) {
            events.push(heard(event, batch, fate));
        } else if self.wants(owner) && is_in_time && fate == Fate::Applied {
            self.heard.events.insert(text.into(), vec![heard(event, batch, fate)]);
        }
    }
}

impl TakeTold for Listener {
    fn take(
        &mut self,
        told: &mut History,
        texts: &impl ResourceTexts,
        _: &Names,
    ) -> Result<(), ScratchError> {
        for stored in told.storage.drain(..) {
            let shared = stored.was_shared.then_some(stored.resource);
            let text = texts.text(stored.resource);
            self.keep(stored.account, stored.span, shared, |names| {
                Stored::Storage(StorageSpan { resource: names.intern(text), ..stored })
            });
        }
        for server in told.servers.drain(..) {
            let text = texts.text(server.server);
            self.keep(server.account, server.span, None, |names| {
                Stored::Server(ServerSpan { server: names.intern(text), ..server })
            });
        }
        for sent in told.transfers.drain(..) {
            let text = texts.text(sent.resource);
            self.keep(sent.account, moment(sent.at), None, |names| {
                Stored::Transfer(Transfer { resource: names.intern(text), ..sent })
            });
        }
        Ok(())
    }

    fn hear(&mut self, event: &Event, batch: &Batch, fate: Fate) {
        match event.action {
            Action::ImageCreate(create) => self.hear_of_new(create.owner, event, batch, fate),
            Action::ServerCreate(create) => self.hear_of_new(create.owner, event, batch, fate),
            Action::ObjectCreate(create) => self.hear_of_new(create.owner, event, batch, fate),
            Action::TransferOut { account, .. } => {
                // Anybody may send the same thing.
                if self.wants(account) && self.wanted.window.contains(event.time) {
                    self.hear_of_new(account, event, batch, fate);
                }
            }
            Action::MemberCreate { member, .. } | Action::MemberDelete { member, .. } => {
                if self.wants(member) {
                    let image = batch.resource(event.action.resource());
                    let shares = self.heard.shares.entry(image.into()).or_default();
                    shares.push(heard(event, batch, fate));
                }
                self.hear_of_known(event, batch, fate);
            }
            // A member's answer changes nothing that anybody pays (C1).
            Action::MemberUpdate { .. } => {}
            Action::ImageUpdate { .. }
            | Action::ImageDelete { .. }
            | Action::ImageDeactivate { .. }
            | Action::ImageReactivate { .. }
            | Action::ServerResize { .. }
            | Action::ServerRebuild { .. }
            | Action::ServerDelete { .. }
            | Action::ObjectDelete { .. } => self.hear_of_known(event, batch, fate),
        }
    }
}

/// An event with ids and texts that last.
#[must_use]
pub fn heard(event: &Event, batch: &Batch, fate: Fate) -> HeardEvent {
    let source = event.action.source().map(|source| batch.resource(source).into());
    let details = match event.action {
        Action::ImageCreate(create) => Details {
            region: Some(create.region),
            bytes: Some(create.bytes),
            os: create.os,
            ..Details::default()
        },
        Action::ServerCreate(create) => Details {
            region: Some(create.region),
            flavor: Some(create.flavor),
            os: create.os,
            ..Details::default()
        },
        Action::ObjectCreate(create) => Details {
            region: Some(create.region),
            bytes: Some(create.bytes),
            os: create.os,
            ..Details::default()
        },
        Action::TransferOut { region, bytes, .. } => {
            Details { region: Some(region), bytes: Some(bytes), ..Details::default() }
        }
        Action::ServerResize { flavor, .. } => {
            Details { flavor: Some(flavor), ..Details::default() }
        }
        Action::ServerRebuild { os, .. } => Details { os, ..Details::default() },
        Action::MemberCreate { member, .. }
        | Action::MemberUpdate { member, .. }
        | Action::MemberDelete { member, .. } => {
            Details { member: Some(member), ..Details::default() }
        }
        Action::ImageUpdate { .. }
        | Action::ImageDelete { .. }
        | Action::ImageDeactivate { .. }
        | Action::ImageReactivate { .. }
        | Action::ServerDelete { .. }
        | Action::ObjectDelete { .. } => Details::default(),
    };
    HeardEvent {
        time: event.time,
        kind: event.action.kind(),
        actor: event.actor,
        origin: event.origin,
        id: event.id.map(|id| batch.id(id).into()),
        details: Details { source, ..details },
        is_applied: fate == Fate::Applied,
    }
}

/// The shortest span there is.
fn moment(at: Instant) -> Span {
    Span { start: at, end: Instant::from_micros(at.micros() + 1) }
}

/// Who pays for one resource: for those who know its id alone.
#[derive(Debug)]
pub struct Payers {
    resource: String,
    /// The accounts that had it, or sent it.
    pub accounts: BTreeSet<AccountId>,
}

impl Payers {
    /// Nobody is known yet.
    #[must_use]
    pub fn of(resource: &str) -> Payers {
        Payers { resource: resource.to_owned(), accounts: BTreeSet::new() }
    }
}

impl TakeTold for Payers {
    fn take(
        &mut self,
        told: &mut History,
        texts: &impl ResourceTexts,
        _: &Names,
    ) -> Result<(), ScratchError> {
        let storage = told.storage.drain(..).map(|stored| (stored.resource, stored.account));
        let servers = told.servers.drain(..).map(|server| (server.server, server.account));
        let sent = told.transfers.drain(..).map(|sent| (sent.resource, sent.account));
        let all = storage.chain(servers).chain(sent);
        let of_it = all.filter(|(id, _)| texts.text(*id) == self.resource);
        self.accounts.extend(of_it.map(|(_, account)| account));
        Ok(())
    }
}
