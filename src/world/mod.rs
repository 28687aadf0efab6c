//! The simulator: applies events in order, says what is not allowed, and tells what existed.
//!
//! Events go in one by one, in the order of [`crate::event::put_in_order`]; out come the
//! [`History`] that [`crate::meter`] measures and the [`Finding`]s. The world knows nothing of
//! money.

mod check;
mod finding;
mod history;
mod lineage;
mod resources;

pub use finding::{Finding, FindingCode, Level};
pub use history::{History, ImageRecord, ServerSpan, Stay, StorageKind, StorageSpan, Transfer};

use crate::book::Book;
use crate::event::{
    Action, Event, ImageCreate, MemberStatus, ObjectCreate, ServerCreate, Visibility,
};
use crate::value::{AccountId, FlavorId, Instant, MICROS_PER_DAY, Names, OsId, ResourceId, Span};

use resources::{Ancestor, Image, Object, Rejection, Resources, Server};

/// What happens to events that break a rule of sharing (rules, L).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforcement {
    /// They are applied: a bill is about what did happen.
    Report,
    /// Those of level error are set aside: a plan that the cloud would refuse is no plan.
    Enforce,
}

/// Everything that exists, has existed, and was said about it.
#[derive(Debug)]
pub struct World<'a> {
    book: &'a Book,
    names: &'a Names,
    enforcement: Enforcement,
    resources: Resources,
    history: History,
}

impl<'a> World<'a> {
    /// An empty world under a provider's rules.
    #[must_use]
    pub fn new(book: &'a Book, names: &'a Names, enforcement: Enforcement) -> World<'a> {
        World {
            book,
            names,
            enforcement,
            resources: Resources::default(),
            history: History::default(),
        }
    }

    /// Applies one event, or sets it aside; either way its findings are kept.
    pub fn apply(&mut self, event: &Event) {
        let findings = self.check(event);
        let refused = findings.iter().any(|finding| {
            finding.code.is_integrity()
                || (self.enforcement == Enforcement::Enforce && finding.level() == Level::Error)
        });
        if refused {
            let first = findings.iter().find(|finding| finding.level() == Level::Error);
            self.history.set_aside.extend(first.map(|finding| (*event, finding.clone())));
        } else {
            self.change(event);
        }
        self.history.findings.extend(findings);
    }

    /// Ends the run: what still exists is measured until `end` (M5), and members that should long
    /// be gone are told (L12).
    #[must_use]
    pub fn finish(mut self, end: Instant) -> History {
        self.tell_stale_members(end);
        for index in 0..self.resources.servers.len() {
            self.close_server_span(index, end);
        }
        for image in &self.resources.images {
            let until = image.deleted.unwrap_or(end);
            self.history.storage.push(image.storage_span(until, &self.resources));
            if image.was_shared() {
                self.history.images.push(image.record());
            }
        }
        for object in &self.resources.objects {
            let until = object.deleted.unwrap_or(end);
            self.history.storage.push(object.storage_span(until, &self.resources));
        }
        self.history.owners = self.resources.images.iter().map(|i| (i.id, i.owner)).collect();
        self.history
    }

    /// Changes the world as an event says. It has been checked: what it acts on exists.
    fn change(&mut self, event: &Event) {
        let now = event.time;
        match event.action {
            Action::ImageCreate(create) => self.create_image(&create, now),
            Action::ObjectCreate(create) => self.create_object(&create, now),
            Action::ServerCreate(create) => self.create_server(&create, now),
            Action::ServerResize { server, flavor } => self.resize(server, flavor, now),
            Action::ServerRebuild { server, source, os } => self.rebuild(server, source, os, now),
            Action::ServerDelete { server } => self.delete_server(server, now),
            Action::TransferOut { account, region, resource, bytes } => {
                let transfer = Transfer { account, region, resource, bytes, at: now };
                self.history.transfers.push(transfer);
            }
            Action::ObjectDelete { object } => {
                if let Some(object) = self.resources.object_mut(object) {
                    object.deleted = Some(now);
                }
            }
            Action::ImageUpdate { image, .. }
            | Action::ImageDelete { image }
            | Action::ImageDeactivate { image }
            | Action::ImageReactivate { image }
            | Action::MemberCreate { image, .. }
            | Action::MemberUpdate { image, .. }
            | Action::MemberDelete { image, .. } => {
                if let Some(image) = self.resources.image_mut(image) {
                    change_image(image, event);
                }
            }
        }
    }

    fn create_image(&mut self, create: &ImageCreate, now: Instant) {
        let source = create.source.and_then(|source| self.resources.node(source));
        let from_server = source.is_some_and(resources::Node::is_server);
        let parent = match (source, create.source) {
            (Some(source), _) => self.resources.image_behind(source),
            (None, Some(id)) if self.is_public(id) => Some(Ancestor::Public(id)),
            (None, _) => None,
        };
        let foreign = self.resources.foreign_ancestor(parent, create.owner);
        let os = create.os.or_else(|| source.and_then(|source| self.resources.os_of(source)));
        let barred_os = self.barred(os).or_else(|| {
            source.and_then(|source| self.resources.barred_os_of(source, &self.book.policy))
        });
        self.resources.add_image(Image {
            id: create.image,
            owner: create.owner,
            region: create.region,
            bytes: create.bytes,
            os,
            barred_os,
            visibility: create.visibility,
            labels: create.labels,
            stretch: self.resources.stretch_behind(source, create.owner),
            parent,
            foreign,
            from_server,
            created: now,
            deleted: None,
            is_active: true,
            members: Default::default(),
            past_stays: Vec::new(),
        });
    }

    fn create_object(&mut self, create: &ObjectCreate, now: Instant) {
        let source = create.source.and_then(|source| self.resources.image_node(source));
        let parent = match (source, create.source) {
            (Some(source), _) => self.resources.image_behind(source),
            (None, Some(id)) if self.is_public(id) => Some(Ancestor::Public(id)),
            (None, _) => None,
        };
        let os = create.os.or_else(|| source.and_then(|source| self.resources.os_of(source)));
        let barred_os = self.barred(os).or_else(|| {
            source.and_then(|source| self.resources.barred_os_of(source, &self.book.policy))
        });
        self.resources.add_object(Object {
            id: create.object,
            owner: create.owner,
            region: create.region,
            bytes: create.bytes,
            os,
            barred_os,
            parent,
            created: now,
            deleted: None,
        });
    }

    fn create_server(&mut self, create: &ServerCreate, now: Instant) {
        let image = create.source.and_then(|source| self.boot_image(source));
        let os = create.os.or_else(|| self.os_of_ancestor(image)).unwrap_or(OsId::LINUX);
        self.resources.add_server(Server {
            id: create.server,
            owner: create.owner,
            region: create.region,
            created: now,
            flavor: create.flavor,
            os,
            image,
            is_consumer: self.is_consumer(create.owner, image),
            span_start: now,
            is_deleted: false,
        });
    }

    fn resize(&mut self, server: ResourceId, flavor: FlavorId, now: Instant) {
        let Some(index) = self.resources.server_index(server) else { return };
        self.close_server_span(index, now);
        self.resources.servers[index].flavor = flavor;
    }

    /// A rebuilt server runs what its new image runs; the os it was created with is forgotten.
    fn rebuild(&mut self, server: ResourceId, source: ResourceId, os: Option<OsId>, now: Instant) {
        let Some(index) = self.resources.server_index(server) else { return };
        self.close_server_span(index, now);
        let image = self.boot_image(source);
        let os = os.or_else(|| self.os_of_ancestor(image)).unwrap_or(OsId::LINUX);
        let is_consumer = self.is_consumer(self.resources.servers[index].owner, image);
        let server = &mut self.resources.servers[index];
        (server.image, server.os, server.is_consumer) = (image, os, is_consumer);
    }

    fn delete_server(&mut self, server: ResourceId, now: Instant) {
        let Some(index) = self.resources.server_index(server) else { return };
        self.close_server_span(index, now);
        self.resources.servers[index].is_deleted = true;
    }

    /// Ends a server's span of one flavor, os and image, and begins the next.
    fn close_server_span(&mut self, index: usize, now: Instant) {
        let server = &self.resources.servers[index];
        if server.is_deleted {
            return;
        }
        let span = Span { start: server.span_start, end: now };
        if span.start < span.end {
            self.history.servers.push(server.server_span(span, &self.resources));
        }
        self.resources.servers[index].span_start = now;
    }

    /// The image that a server boots; `None` where the source is no image we know.
    fn boot_image(&self, source: ResourceId) -> Option<Ancestor> {
        match self.resources.image_index(source) {
            Some(index) => Some(Ancestor::Image(index)),
            None => self.is_public(source).then_some(Ancestor::Public(source)),
        }
    }

    /// Whether a server of this account is a consumer's: its image belongs to another account, and
    /// is not public (A).
    fn is_consumer(&self, account: AccountId, image: Option<Ancestor>) -> bool {
        match image {
            Some(Ancestor::Image(index)) => {
                let image = &self.resources.images[index];
                image.owner != account && image.visibility != Visibility::Public
            }
            Some(Ancestor::Public(_)) | None => false,
        }
    }

    fn os_of_ancestor(&self, image: Option<Ancestor>) -> Option<OsId> {
        match image? {
            Ancestor::Image(index) => self.resources.images[index].os,
            Ancestor::Public(_) => None,
        }
    }

    /// Whether an id is one of the provider's own images, which no event creates.
    fn is_public(&self, id: ResourceId) -> bool {
        self.book.public_images.contains(self.names.resources.text(id))
    }

    fn barred(&self, os: Option<OsId>) -> Option<OsId> {
        os.filter(|os| self.book.policy.no_export_os.contains(os))
    }

    fn tell_stale_members(&mut self, end: Instant) {
        let Some(days) = self.book.policy.stale_member_days else { return };
        let longest = i64::from(days) * MICROS_PER_DAY;
        let mut stale = Vec::new();
        for image in self.resources.images.iter().filter(|image| image.deleted.is_none()) {
            let members = image.members_in_order(self.names);
            stale.extend(members.into_iter().filter_map(|(_, member)| member.rejected));
        }
        for rejection in stale {
            if end.micros() - rejection.event.time.micros() >= longest {
                self.history.findings.push(self.stale_member(&rejection, days));
            }
        }
    }

    fn stale_member(&self, rejection: &Rejection, days: u32) -> Finding {
        let message = format!(
            "the member rejected this image {days} days ago or more and is still a member: \
             remove it, or ask again"
        );
        let resource = self.names.resources.text(rejection.event.action.resource());
        Finding::new(FindingCode::L12, &rejection.event, resource, message)
    }
}

/// Changes an image as an event on it says.
fn change_image(image: &mut Image, event: &Event) {
    let now = event.time;
    match event.action {
        Action::ImageUpdate { visibility, .. } => image.visibility = visibility,
        Action::ImageDelete { .. } => image.delete(now),
        Action::ImageDeactivate { .. } => image.is_active = false,
        Action::ImageReactivate { .. } => image.is_active = true,
        Action::MemberCreate { member, .. } => image.share_with(member, now),
        Action::MemberDelete { member, .. } => image.unshare(member, now),
        Action::MemberUpdate { member, status, .. } => {
            let is_rejection = status == MemberStatus::Rejected;
            if let Some(member) = image.members.get_mut(&member) {
                let first = member.rejected.unwrap_or(Rejection { event: *event });
                member.rejected = is_rejection.then_some(first);
            }
        }
        Action::ImageCreate(_)
        | Action::ServerCreate(_)
        | Action::ServerResize { .. }
        | Action::ServerRebuild { .. }
        | Action::ServerDelete { .. }
        | Action::ObjectCreate(_)
        | Action::ObjectDelete { .. }
        | Action::TransferOut { .. } => {}
    }
}
