//! Images, servers and objects, living and gone. A gone one stays: what descends from it may ask.

use rustc_hash::FxHashMap;

use crate::event::{Event, Visibility};
use crate::value::{
    AccountId, FlavorId, Instant, LabelsId, Names, OsId, RegionId, ResourceId, Span,
};
use crate::world::{ImageRecord, ServerSpan, Stay, StorageKind, StorageSpan};

/// All resources; one id is one resource, for ever.
#[derive(Debug, Default)]
pub(super) struct Resources {
    nodes: FxHashMap<ResourceId, Node>,
    pub(super) images: Vec<Image>,
    pub(super) servers: Vec<Server>,
    pub(super) objects: Vec<Object>,
}

/// A resource by its place in the list of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    Image(usize),
    Server(usize),
    Object(usize),
}

/// An image that something was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ancestor {
    /// One that an event created, by its place in [`Resources::images`].
    Image(usize),
    /// One of the provider's own.
    Public(ResourceId),
}

/// What an image descends from without a server in between: that never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Nothing but the account's own images.
    Own,
    /// An image of another account.
    Foreign,
    /// The account's own images, and then this server.
    Server(usize),
}

#[derive(Debug)]
pub(super) struct Image {
    pub(super) id: ResourceId,
    pub(super) owner: AccountId,
    pub(super) region: RegionId,
    pub(super) bytes: u64,
    /// What a server of it runs; `None` where nobody has said.
    pub(super) os: Option<OsId>,
    /// An os that must not be exported, its own or an ancestor's (L07).
    pub(super) barred_os: Option<OsId>,
    pub(super) visibility: Visibility,
    pub(super) labels: Option<LabelsId>,
    /// The nearest image behind it when it was made.
    pub(super) parent: Option<Ancestor>,
    /// The nearest image of another account behind it when it was made.
    pub(super) foreign: Option<usize>,
    /// What stands behind it up to the first server, for L11.
    pub(super) stretch: Stretch,
    pub(super) from_server: bool,
    pub(super) created: Instant,
    pub(super) deleted: Option<Instant>,
    pub(super) is_active: bool,
    pub(super) members: FxHashMap<AccountId, Member>,
    pub(super) past_stays: Vec<Stay>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    since: Instant,
    /// The first of an unbroken row of rejections.
    pub(super) rejected: Option<Rejection>,
}

/// An event by which a member rejected an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rejection {
    pub(super) event: Event,
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) id: ResourceId,
    pub(super) owner: AccountId,
    pub(super) region: RegionId,
    pub(super) created: Instant,
    pub(super) flavor: FlavorId,
    pub(super) os: OsId,
    pub(super) image: Option<Ancestor>,
    /// Whether the image belongs to another account and was not public when it was booted (A).
    pub(super) is_consumer: bool,
    /// Since when flavor, os and image are what they are.
    pub(super) span_start: Instant,
    pub(super) is_deleted: bool,
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) id: ResourceId,
    pub(super) owner: AccountId,
    pub(super) region: RegionId,
    pub(super) bytes: u64,
    pub(super) os: Option<OsId>,
    pub(super) barred_os: Option<OsId>,
    pub(super) parent: Option<Ancestor>,
    pub(super) created: Instant,
    pub(super) deleted: Option<Instant>,
}

impl Node {
    pub(super) fn is_server(self) -> bool {
        matches!(self, Node::Server(_))
    }
}

impl Resources {
    pub(super) fn node(&self, id: ResourceId) -> Option<Node> {
        self.nodes.get(&id).copied()
    }

    /// The resource of an id, if it is an image.
    pub(super) fn image_node(&self, id: ResourceId) -> Option<Node> {
        self.node(id).filter(|node| matches!(node, Node::Image(_)))
    }

    pub(super) fn image_index(&self, id: ResourceId) -> Option<usize> {
        match self.node(id) {
            Some(Node::Image(index)) => Some(index),
            Some(Node::Server(_) | Node::Object(_)) | None => None,
        }
    }

    pub(super) fn server_index(&self, id: ResourceId) -> Option<usize> {
        match self.node(id) {
            Some(Node::Server(index)) => Some(index),
            Some(Node::Image(_) | Node::Object(_)) | None => None,
        }
    }

    pub(super) fn image_mut(&mut self, id: ResourceId) -> Option<&mut Image> {
        self.image_index(id).map(|index| &mut self.images[index])
    }

    pub(super) fn object(&self, id: ResourceId) -> Option<&Object> {
        match self.node(id) {
            Some(Node::Object(index)) => Some(&self.objects[index]),
            Some(Node::Image(_) | Node::Server(_)) | None => None,
        }
    }

    pub(super) fn object_mut(&mut self, id: ResourceId) -> Option<&mut Object> {
        match self.node(id) {
            Some(Node::Object(index)) => Some(&mut self.objects[index]),
            Some(Node::Image(_) | Node::Server(_)) | None => None,
        }
    }

    pub(super) fn add_image(&mut self, image: Image) {
        self.nodes.insert(image.id, Node::Image(self.images.len()));
        self.images.push(image);
    }

    pub(super) fn add_server(&mut self, server: Server) {
        self.nodes.insert(server.id, Node::Server(self.servers.len()));
        self.servers.push(server);
    }

    pub(super) fn add_object(&mut self, object: Object) {
        self.nodes.insert(object.id, Node::Object(self.objects.len()));
        self.objects.push(object);
    }
}

impl Image {
    /// Whether it can be booted, copied or exported now (L05).
    pub(super) fn is_usable(&self) -> bool {
        self.is_active && self.deleted.is_none()
    }

    pub(super) fn share_with(&mut self, member: AccountId, now: Instant) {
        self.members.entry(member).or_insert(Member { since: now, rejected: None });
    }

    pub(super) fn unshare(&mut self, member: AccountId, now: Instant) {
        if let Some(left) = self.members.remove(&member) {
            self.past_stays.push(Stay { member, since: left.since, until: Some(now) });
        }
    }

    pub(super) fn delete(&mut self, now: Instant) {
        self.deleted = Some(now);
    }

    pub(super) fn was_shared(&self) -> bool {
        !self.members.is_empty() || !self.past_stays.is_empty()
    }

    /// The present members, by name.
    pub(super) fn members_in_order(&self, names: &Names) -> Vec<(AccountId, Member)> {
        let mut members: Vec<_> = self.members.iter().map(|(id, member)| (*id, *member)).collect();
        members.sort_by_key(|(id, _)| names.accounts.text(*id));
        members
    }

    pub(super) fn storage_span(&self, until: Instant, resources: &Resources) -> StorageSpan {
        let foreign = self.foreign.filter(|_| self.from_server);
        let nearest = foreign.map(Ancestor::Image).or(self.parent);
        StorageSpan {
            resource: self.id,
            account: self.owner,
            region: self.region,
            bytes: self.bytes,
            span: Span { start: self.created, end: until },
            kind: if foreign.is_some() { StorageKind::Reimage } else { StorageKind::Image },
            source_image: nearest.map(|ancestor| resources.ancestor_id(ancestor)),
        }
    }

    /// Whom it was shared with, past and present; a deleted image has no members any more.
    pub(super) fn record(&self) -> ImageRecord {
        let mut stays = self.past_stays.clone();
        let present = self.members.iter();
        stays.extend(present.map(|(member, stay)| Stay {
            member: *member,
            since: stay.since,
            until: self.deleted,
        }));
        stays.sort_by_key(|stay| (stay.member, stay.since));
        ImageRecord { image: self.id, owner: self.owner, region: self.region, stays }
    }
}

impl Object {
    pub(super) fn storage_span(&self, until: Instant, resources: &Resources) -> StorageSpan {
        StorageSpan {
            resource: self.id,
            account: self.owner,
            region: self.region,
            bytes: self.bytes,
            span: Span { start: self.created, end: until },
            kind: StorageKind::Object,
            source_image: self.parent.map(|ancestor| resources.ancestor_id(ancestor)),
        }
    }
}

impl Server {
    pub(super) fn server_span(&self, span: Span, resources: &Resources) -> ServerSpan {
        ServerSpan {
            server: self.id,
            account: self.owner,
            region: self.region,
            created: self.created,
            flavor: self.flavor,
            os: self.os,
            source_image: self.image.map(|ancestor| resources.ancestor_id(ancestor)),
            is_consumer: self.is_consumer,
            span,
        }
    }
}
