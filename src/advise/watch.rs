//! Listens to a log: which images there are, who boots them, and what is stored in the last month.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Datelike;
use rustc_hash::FxHashMap;

use crate::advise::Looked;
use crate::event::{Action, Batch, Event, ImageCreate, MemberStatus, ServerCreate, Visibility};
use crate::replay::TakeTold;
use crate::scenario::Interval;
use crate::scratch::ScratchError;
use crate::value::{AccountId, Instant, Names, OsId, RegionId, ResourceId, ResourceTexts, Span};
use crate::world::{Fate, History, StorageSpan};

/// What an image was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MadeOf {
    /// It was uploaded.
    Upload,
    /// An image was taken of a server.
    Server {
        /// The server.
        id: Arc<str>,
        /// What that was made from.
        image: Option<Arc<str>>,
    },
    /// Another image was copied, or an object imported.
    Copy,
}

/// An image that is there.
#[derive(Debug, Clone)]
pub(super) struct Image {
    pub(super) owner: AccountId,
    pub(super) region: RegionId,
    pub(super) bytes: u64,
    pub(super) os: Option<OsId>,
    pub(super) made_of: MadeOf,
    pub(super) created: Instant,
    pub(super) visibility: Visibility,
    pub(super) members: BTreeMap<AccountId, Member>,
    /// When something was last made of it.
    pub(super) last_use: Option<Instant>,
}

/// Somebody that an image is shared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) since: Instant,
    /// Whether it has ever accepted the image, or booted it.
    pub(super) is_active: bool,
}

/// A server that is there.
#[derive(Debug, Clone)]
struct Server {
    image: Option<Arc<str>>,
    os: Option<OsId>,
}

/// Watches a log to its end.
#[derive(Debug, Default)]
pub struct Watch {
    /// The end of the run, where it is known.
    end: Option<Instant>,
    now: Option<Instant>,
    images: FxHashMap<Arc<str>, Image>,
    servers: FxHashMap<Arc<str>, Server>,
    /// What was stored in the month of now, and may be in the last.
    stored: Vec<(Arc<str>, StorageSpan)>,
    /// How many there were when the old ones were last forgotten.
    kept: usize,
}

/// What is there at the end.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) looked: Looked,
    /// The images, by id.
    pub(super) images: BTreeMap<Arc<str>, Image>,
    /// How many servers run that were made from an image.
    pub(super) running: BTreeMap<Arc<str>, u64>,
    /// What was stored in the last month, by account.
    pub(super) stored: BTreeMap<AccountId, Vec<(Arc<str>, StorageSpan)>>,
}

/// The month before the end of a run.
fn last_month(end: Instant) -> Instant {
    Interval::Months(1).before(end, 1)
}

/// The end of the calendar month of an instant: where a run ends by itself (B3).
fn end_of_month(at: Instant) -> Instant {
    let day = at.day();
    let first = Instant::start_of_day(day.with_day(1).unwrap_or(day));
    Interval::Months(1).after(first, 1)
}

impl Watch {
    /// Up to the end of a run, where it is known.
    #[must_use]
    pub fn until(end: Option<Instant>) -> Watch {
        Watch { end, ..Watch::default() }
    }

    /// What ended before it cannot be in the last month.
    fn earliest(&self) -> Option<Instant> {
        self.end.or(self.now.map(end_of_month)).map(last_month)
    }

    /// What is there.
    pub(super) fn close(self, run: Span) -> Seen {
        let month = Span { start: last_month(run.end).max(run.start), end: run.end };
        let mut running: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        let servers: BTreeMap<_, _> = self.servers.into_iter().collect();
        for image in servers.into_values().filter_map(|server| server.image) {
            *running.entry(image).or_default() += 1;
        }
        let mut stored: BTreeMap<AccountId, Vec<_>> = BTreeMap::new();
        for (id, span) in self.stored {
            if span.span.end > month.start {
                stored.entry(span.account).or_default().push((id, span));
            }
        }
        let looked = Looked { run, month };
        Seen { looked, images: self.images.into_iter().collect(), running, stored }
    }

    fn create_image(&mut self, create: &ImageCreate, event: &Event, batch: &Batch) {
        let ImageCreate { owner, region, bytes, visibility, .. } = *create;
        let source = create.source.map(|source| batch.resource(source));
        let server = source.and_then(|source| self.servers.get_key_value(source));
        let (made_of, os) = match (source, server) {
            (None, _) => (MadeOf::Upload, None),
            (Some(_), Some((id, server))) => {
                let (id, image) = (Arc::clone(id), server.image.clone());
                (MadeOf::Server { id, image }, server.os)
            }
            (Some(source), None) => {
                let os = self.use_image(source, owner, event.time).and_then(|image| image.os);
                (MadeOf::Copy, os)
            }
        };
        let image = Image {
            owner,
            region,
            bytes,
            os: create.os.or(os),
            made_of,
            created: event.time,
            visibility,
            members: BTreeMap::new(),
            last_use: None,
        };
        self.images.insert(Arc::from(batch.resource(create.image)), image);
    }

    /// Something is made of an image.
    fn use_image(&mut self, id: &str, by: AccountId, at: Instant) -> Option<&Image> {
        let image = self.images.get_mut(id)?;
        image.last_use = Some(at);
        if let Some(member) = image.members.get_mut(&by) {
            member.is_active = true;
        }
        Some(image)
    }

    /// A server boots from an image.
    fn boot(
        &mut self,
        source: Option<&str>,
        by: AccountId,
        at: Instant,
        os: Option<OsId>,
    ) -> Server {
        let Some(source) = source else { return Server { image: None, os } };
        let of_image = self.use_image(source, by, at).and_then(|image| image.os);
        let known = self.images.get_key_value(source).map(|(id, _)| Arc::clone(id));
        Server { image: Some(known.unwrap_or_else(|| Arc::from(source))), os: os.or(of_image) }
    }
}

impl TakeTold for Watch {
    fn take(
        &mut self,
        told: &mut History,
        texts: &impl ResourceTexts,
        _: &Names,
    ) -> Result<(), ScratchError> {
        told.servers.clear();
        told.transfers.clear();
        let earliest = self.earliest();
        let may_count =
            |span: &StorageSpan| earliest.is_none_or(|earliest| span.span.end > earliest);
        let stored = told.storage.drain(..).filter(may_count);
        // What they are called within a run is of no use after it.
        let lasting = |span: StorageSpan| {
            let id = Arc::from(texts.text(span.resource));
            (id, StorageSpan { resource: ResourceId::from(0), source_image: None, ..span })
        };
        self.stored.extend(stored.map(lasting));
        if self.stored.len() > 2 * self.kept + 1024 {
            self.stored.retain(|(_, span)| may_count(span));
            self.kept = self.stored.len();
        }
        Ok(())
    }

    fn hear(&mut self, event: &Event, batch: &Batch, fate: Fate) {
        self.now = Some(event.time);
        if fate != Fate::Applied {
            return;
        }
        let id = batch.resource(event.action.resource());
        match event.action {
            Action::ImageCreate(create) => self.create_image(&create, event, batch),
            Action::ImageUpdate { visibility, .. } => {
                if let Some(image) = self.images.get_mut(id) {
                    image.visibility = visibility;
                }
            }
            Action::ImageDelete { .. } => {
                self.images.remove(id);
            }
            Action::MemberCreate { member, .. } => {
                if let Some(image) = self.images.get_mut(id) {
                    let new = Member { since: event.time, is_active: false };
                    image.members.entry(member).or_insert(new);
                }
            }
            Action::MemberUpdate { member, status, .. } => {
                let image = self.images.get_mut(id);
                let member = image.and_then(|image| image.members.get_mut(&member));
                if let Some(member) = member.filter(|_| status == MemberStatus::Accepted) {
                    member.is_active = true;
                }
            }
            Action::MemberDelete { member, .. } => {
                if let Some(image) = self.images.get_mut(id) {
                    image.members.remove(&member);
                }
            }
            Action::ServerCreate(ServerCreate { owner, source, os, .. }) => {
                let source = source.map(|source| batch.resource(source));
                let server = self.boot(source, owner, event.time, os);
                self.servers.insert(Arc::from(id), server);
            }
            Action::ServerRebuild { source, os, .. } => {
                // Who owns the server does it, or the operator for it.
                let by = event.actor.unwrap_or_else(|| AccountId::from(u32::MAX));
                let server = self.boot(Some(batch.resource(source)), by, event.time, os);
                if let Some(known) = self.servers.get_mut(id) {
                    *known = server;
                }
            }
            Action::ServerDelete { .. } => {
                self.servers.remove(id);
            }
            Action::ObjectCreate(create) => {
                if let Some(source) = create.source {
                    self.use_image(batch.resource(source), create.owner, event.time);
                }
            }
            Action::ImageDeactivate { .. }
            | Action::ImageReactivate { .. }
            | Action::ServerResize { .. }
            | Action::ObjectDelete { .. }
            | Action::TransferOut { .. } => {}
        }
    }
}
