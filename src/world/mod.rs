//! The simulator: applies events in order, says what is not allowed, and tells what existed.
//!
//! Events go in batch by batch, in the order of [`crate::timeline`]; out come the [`History`] that
//! [`crate::meter`] measures and the [`Finding`]s. The world knows nothing of money. What is gone
//! is told at once and forgotten, but for what events may still ask of it.

mod attic;
mod check;
mod entry;
mod finding;
mod gone;
mod history;
mod image;
mod lasting;
mod lineage;
mod members;
mod node;
mod pages;
mod parts;
mod passage;
mod register;
mod resources;
mod slab;
mod slots;

pub use finding::{Finding, FindingCode, Level};
pub use history::{History, ImageRecord, ServerSpan, Stay, StorageKind, StorageSpan, Transfer};
pub use lasting::LastingTexts;
pub use passage::{Passage, Room};

use crate::book::Book;
use crate::event::{
    Action, Event, ImageCreate, MemberStatus, ObjectCreate, ServerCreate, Visibility,
};
use crate::scratch::{Scratch, ScratchError};
use crate::value::{
    AccountId, FlavorId, Instant, MICROS_PER_DAY, Names, OsId, ResourceId, ResourceTexts, Span,
};

use image::{Image, Origin};
use node::{Ancestor, Node, Object, Server};
use resources::Resources;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The world has changed by it.
    Applied,
    /// It was not applied, and there is a finding that says why.
    SetAside,
}

impl ResourceTexts for Resources {
    fn text(&self, id: ResourceId) -> &str {
        self.resource_text(id)
    }

    #[inline]
    fn bytes(&self, id: ResourceId) -> &[u8] {
        self.resource_bytes(id)
    }
}

/// What happens to events that break a rule of sharing (rules, L).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforcement {
    /// They are applied: a bill is about what did happen.
    Report,
    /// Those of level error are set aside: a plan that the cloud would refuse is no plan.
    Enforce,
}

/// How many resources are told at once at the end of a run, of the millions that there may be.
const TOLD_AT_ONCE: usize = 4096;

/// Everything that exists, and what is still asked of what is gone.
#[derive(Debug)]
pub struct World<'a> {
    book: &'a Book,
    enforcement: Enforcement,
    resources: Resources,
    history: History,
}

impl<'a> World<'a> {
    /// An empty world under a provider's rules.
    #[must_use]
    pub fn new(book: &'a Book, enforcement: Enforcement, scratch: Scratch) -> World<'a> {
        World { book, enforcement, resources: Resources::new(scratch), history: History::default() }
    }

    /// Applies an event, or sets it aside; either way its findings are kept.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn apply(
        &mut self,
        place: usize,
        passage: &mut Passage<'_>,
        names: &Names,
    ) -> Result<Fate, ScratchError> {
        // From here on with the ids that its resources have in the world.
        let mut event = passage.events()[place];
        let (resource, source) = self.resources.ids_of(&event.action, passage)?;
        event.action.set_resources(resource, source);
        let findings = self.check(&event, names);
        let is_refused = findings.iter().any(|finding| {
            finding.code.is_integrity()
                || (self.enforcement == Enforcement::Enforce && finding.level() == Level::Error)
        });
        if is_refused {
            let first = findings.iter().find(|finding| finding.level() == Level::Error);
            self.history.set_aside.extend(first.cloned());
        } else {
            self.change(&event);
        }
        if !findings.is_empty() {
            self.history.findings.extend(findings);
        }
        self.resources.settle();
        Ok(if is_refused { Fate::SetAside } else { Fate::Applied })
    }

    /// What has been told since it was last taken, with the texts of its resources: those of
    /// spans until [`World::forget`], those of source images for ever.
    pub fn told(&mut self) -> (&mut History, &impl ResourceTexts) {
        (&mut self.history, &self.resources)
    }

    /// Forgets what is gone, once it has been told: after every batch.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn forget(&mut self) -> Result<(), ScratchError> {
        self.resources.forget()
    }

    /// The texts of source images, and of images that were shared, when the rest is over.
    #[must_use]
    pub fn into_texts(self) -> LastingTexts {
        self.resources.into_texts()
    }

    /// Ends the run: members that should long be gone are told (L12).
    pub fn end(&mut self, end: Instant, names: &Names) {
        self.tell_stale_members(end, names);
        self.resources.let_go();
    }

    /// Tells until `end` what still exists (M5), and the images that matter to the end: some of
    /// them, from a place on. The place to go on from, as long as there are more.
    pub fn tell_rest(&mut self, from: usize, end: Instant) -> Option<usize> {
        let to = self.resources.id_count().min(from + TOLD_AT_ONCE);
        for id in (from as u32..to as u32).map(ResourceId::from) {
            match self.resources.node(id) {
                None => {}
                Some(Node::Server(id)) => self.close_server_span(id, end, true, |_| {}),
                Some(Node::Image(place)) => {
                    let image = &self.resources.images[place];
                    if !image.is_deleted() {
                        self.history.storage.push(image.storage_span(end, &self.resources));
                    }
                    if image.is_used {
                        self.history.images.push(image.record());
                    }
                }
                Some(Node::Object(place)) => {
                    let object = &self.resources.objects[place];
                    if !object.is_deleted {
                        self.history.storage.push(object.storage_span(end, &self.resources));
                    }
                }
            }
        }
        (to < self.resources.id_count()).then_some(to)
    }

    /// Changes the world as an event says. It has been checked: what it acts on exists.
    fn change(&mut self, event: &Event) {
        let now = event.time;
        match &event.action {
            Action::ImageCreate(create) => self.create_image(create, now),
            Action::ObjectCreate(create) => self.create_object(create, now),
            Action::ServerCreate(create) => self.create_server(create, now),
            Action::ServerResize { server, flavor } => self.resize(*server, *flavor, now),
            Action::ServerRebuild { server, source, os } => {
                self.rebuild(*server, *source, *os, now)
            }
            Action::ServerDelete { server } => self.delete_server(*server, now),
            &Action::TransferOut { account, region, resource, bytes } => {
                let transfer = Transfer { account, region, resource, bytes, at: now };
                self.history.transfers.push(transfer);
            }
            Action::ObjectDelete { object } => self.delete_object(*object, now),
            Action::ImageDelete { image } => self.delete_image(*image, now),
            Action::MemberCreate { image, member } => {
                let Some(place) = self.resources.image_index(*image) else { return };
                self.resources.images[place].share_with(*member, now);
                // Who was a member matters to the bill, also when the image is gone.
                self.resources.use_ancestor(Some(Ancestor::Image(place)));
            }
            Action::ImageUpdate { image, .. }
            | Action::ImageDeactivate { image }
            | Action::ImageReactivate { image }
            | Action::MemberUpdate { image, .. }
            | Action::MemberDelete { image, .. } => {
                if let Some(image) = self.resources.image_mut(*image) {
                    change_image(image, event);
                }
            }
        }
    }

    fn create_image(&mut self, create: &ImageCreate, now: Instant) {
        let source = create.source.and_then(|source| self.resources.node(source));
        let from_server = source.is_some_and(Node::is_server);
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
        let stretch = self.resources.stretch_behind(source, create.owner);
        let origin = Origin { parent, foreign, stretch, from_server };
        let image = Image::new(create.image, create.owner, create.region, now);
        let mut image = image.made_of(origin);
        (image.bytes, image.os, image.barred_os) = (create.bytes, os, barred_os);
        (image.visibility, image.labels) = (create.visibility, create.labels);
        self.resources.use_node(source);
        self.resources.use_ancestor(parent);
        self.resources.add_image(image);
    }

    fn delete_image(&mut self, image: ResourceId, now: Instant) {
        let Some(place) = self.resources.image_index(image) else { return };
        let span = self.resources.images[place].storage_span(now, &self.resources);
        self.history.storage.push(span);
        self.resources.images[place].delete(now);
        self.resources.passes(image);
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
        self.resources.use_node(source);
        self.resources.use_ancestor(parent);
        self.resources.add_object(Object {
            id: create.object,
            owner: create.owner,
            region: create.region,
            bytes: create.bytes,
            os,
            barred_os,
            parent,
            created: now,
            is_deleted: false,
        });
    }

    fn delete_object(&mut self, object: ResourceId, now: Instant) {
        let Some(object) = self.resources.object_mut(object) else { return };
        object.is_deleted = true;
        let id = object.id;
        if let Some(object) = self.resources.object(id) {
            self.history.storage.push(object.storage_span(now, &self.resources));
        }
        self.resources.passes(id);
    }

    fn create_server(&mut self, create: &ServerCreate, now: Instant) {
        let image = create.source.and_then(|source| self.boot_image(source));
        let os = create.os.or_else(|| self.os_of_ancestor(image)).unwrap_or(OsId::LINUX);
        self.resources.use_ancestor(image);
        let (booted, image_id) = self.resources.booted(image);
        let server = Server {
            owner: create.owner,
            region: create.region,
            created: now,
            flavor: create.flavor,
            os,
            booted,
            image_id,
            is_consumer: self.is_consumer(create.owner, image),
            span_start: now,
            is_deleted: false,
            is_used: false,
        };
        self.resources.add_server(create.server, server);
    }

    fn resize(&mut self, server: ResourceId, flavor: FlavorId, now: Instant) {
        self.close_server_span(server, now, false, |server| server.flavor = flavor);
    }

    /// A rebuilt server runs what its new image runs; the os it was created with is forgotten.
    fn rebuild(&mut self, server: ResourceId, source: ResourceId, os: Option<OsId>, now: Instant) {
        let image = self.boot_image(source);
        self.resources.use_ancestor(image);
        let os = os.or_else(|| self.os_of_ancestor(image)).unwrap_or(OsId::LINUX);
        let Some(owner) = self.resources.server(server).map(|server| server.owner) else { return };
        let is_consumer = self.is_consumer(owner, image);
        let (booted, image_id) = self.resources.booted(image);
        self.close_server_span(server, now, false, |server| {
            (server.booted, server.image_id) = (booted, image_id);
            (server.os, server.is_consumer) = (os, is_consumer);
        });
    }

    fn delete_server(&mut self, server: ResourceId, now: Instant) {
        self.close_server_span(server, now, true, |server| server.is_deleted = true);
        self.resources.passes(server);
    }

    /// Ends a server's span of one flavor, os and image, and begins the next with a change, unless
    /// it was the last.
    fn close_server_span(
        &mut self,
        id: ResourceId,
        now: Instant,
        is_last: bool,
        change: impl FnOnce(&mut Server),
    ) {
        let servers = &mut self.history.servers;
        self.resources.change_server(id, |server| {
            let span = Span { start: server.span_start, end: now };
            if !server.is_deleted && span.start < span.end {
                servers.push(server.server_span(id, span, is_last));
            }
            server.span_start = now;
            change(server);
        });
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
        self.resources.is_public(id, self.book)
    }

    fn barred(&self, os: Option<OsId>) -> Option<OsId> {
        os.filter(|os| self.book.policy.no_export_os.contains(os))
    }

    fn tell_stale_members(&mut self, end: Instant, names: &Names) {
        let Some(days) = self.book.policy.stale_member_days else { return };
        let longest = i64::from(days) * MICROS_PER_DAY;
        for image in self.resources.images.iter().filter(|image| !image.is_deleted()) {
            for rejection in image.rejections_in_order(names) {
                if end.micros() - rejection.time.micros() >= longest {
                    let resource = self.resources.resource_text(image.id);
                    self.history.findings.push(stale_member(&rejection, resource, days));
                }
            }
        }
    }
}

fn stale_member(rejection: &Event, resource: &str, days: u32) -> Finding {
    let message = format!(
        "the member rejected this image {days} days ago or more and is still a member: remove it, \
         or ask again"
    );
    Finding::new(FindingCode::L12, rejection, resource, message)
}

/// Changes an image as an event on it says.
fn change_image(image: &mut Image, event: &Event) {
    let now = event.time;
    match event.action {
        Action::ImageUpdate { visibility, .. } => image.visibility = visibility,
        Action::ImageDeactivate { .. } => image.set_active(false),
        Action::ImageReactivate { .. } => image.set_active(true),
        Action::MemberDelete { member, .. } => image.unshare(member, now),
        Action::MemberUpdate { member, status, .. } => {
            let is_rejection = status == MemberStatus::Rejected;
            if let Some(member) = image.member_mut(member) {
                let first = member.rejected.take().unwrap_or_else(|| Box::new(*event));
                member.rejected = is_rejection.then_some(first);
            }
        }
        Action::ImageCreate(_)
        | Action::ImageDelete { .. }
        | Action::MemberCreate { .. }
        | Action::ServerCreate(_)
        | Action::ServerResize { .. }
        | Action::ServerRebuild { .. }
        | Action::ServerDelete { .. }
        | Action::ObjectCreate(_)
        | Action::ObjectDelete { .. }
        | Action::TransferOut { .. } => {}
    }
}
