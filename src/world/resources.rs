//! Images, servers and objects that exist, and those that are gone and still asked for.
//!
//! What is gone and was never used by anything is put away on disk, and fetched back when an event
//! names it: any later event may.

use crate::book::Book;
use crate::event::Action;
use crate::scratch::{Scratch, ScratchError};
use crate::value::{Instant, ResourceId, Span};
use crate::world::attic::{Attic, Mark};
use crate::world::entry::{Entry, IS_ARCHIVED, IS_PERMANENT, NO_ID};
use crate::world::gone;
use crate::world::image::Image;
use crate::world::node::{Ancestor, Booted, Node, Object, Server};
use crate::world::register::Register;
use crate::world::slab::Slab;
use crate::world::slots::Tag;
use crate::world::{LastingTexts, Passage, ServerSpan, StorageKind, StorageSpan};

#[cfg(test)]
mod tests;

/// All resources; one id is one resource, for ever.
#[derive(Debug)]
pub(super) struct Resources {
    register: Register,
    attic: Attic,
    pub(super) images: Slab<Image>,
    pub(super) objects: Slab<Object>,
    /// The ids that the event brought up that is looked at.
    fresh: Vec<ResourceId>,
    /// The ids that may have to be forgotten at the end of the batch.
    passing: Vec<ResourceId>,
    /// What is remembered of something that is gone, as it is written or read.
    entry: Vec<u8>,
}

impl Resources {
    pub(super) fn new(scratch: Scratch) -> Resources {
        Resources {
            register: Register::default(),
            attic: Attic::new(scratch),
            images: Slab::default(),
            objects: Slab::default(),
            fresh: Vec::new(),
            passing: Vec::new(),
            entry: Vec::new(),
        }
    }

    /// The ids here of an event's resource and of its source.
    #[inline]
    pub(super) fn ids_of(
        &mut self,
        action: &Action,
        passage: &mut Passage<'_>,
    ) -> Result<(ResourceId, Option<ResourceId>), ScratchError> {
        let resource = self.id(action.resource(), passage)?;
        let source = action.source().map(|source| self.id(source, passage)).transpose()?;
        Ok((resource, source))
    }

    /// The id here of a text in a batch.
    #[inline]
    fn id(
        &mut self,
        place: ResourceId,
        passage: &mut Passage<'_>,
    ) -> Result<ResourceId, ScratchError> {
        if let Some(id) = passage.lasting(place) {
            return Ok(id);
        }
        let texts = &passage.batch().resources;
        let (hash, text) = (texts.hash(place.into()), texts.bytes(place.into()));
        let Some(id) = self.register.find(hash, text) else { return self.new_id(hash, text) };
        if self.register.is_permanent(id) {
            passage.set_lasting(place, id);
        }
        Ok(id)
    }

    /// An id for a text that has none: it is new, or was put away.
    fn new_id(&mut self, hash: u64, text: &[u8]) -> Result<ResourceId, ScratchError> {
        let is_gone = self.attic.find(Mark::of(hash), text, &mut self.entry)?;
        let id = self.register.add(hash, text);
        self.fresh.push(id);
        if is_gone {
            self.register.set_archived(id);
            match gone::read(&self.entry, id) {
                gone::Gone::Image(image) => self.add_image(image),
                gone::Gone::Server(server) => self.add_server(id, server),
                gone::Gone::Object(object) => self.add_object(object),
            }
        }
        Ok(id)
    }

    /// Has the slots fetched that a text is probably in.
    #[inline]
    pub(super) fn fetch_slots(&self, tag: Tag) {
        self.register.prefetch_slots(tag);
    }

    /// The id that a text probably has, or [`NO_ID`]; its entry is fetched. What has no id may be
    /// gone.
    #[inline]
    pub(super) fn fetch_entry(&self, tag: Tag) -> u32 {
        let id = self.register.prefetch_entry(tag);
        if id == NO_ID {
            self.attic.prefetch(tag);
        }
        id
    }

    /// The place of the image that an id probably stands for, which is fetched; else
    /// [`NO_IMAGE`](crate::world::entry::NO_IMAGE).
    #[inline]
    pub(super) fn fetch_image(&self, id: u32) -> u32 {
        let image = self.register.probable_image(id);
        self.images.prefetch(image);
        image
    }

    /// Has the entry fetched of the image that a server probably runs, where an id is a server's.
    #[inline]
    pub(super) fn fetch_entry_behind(&self, id: u32) {
        self.register.prefetch_entry_of(self.register.probable_image_behind(id));
    }

    /// Has that image fetched, once its entry was.
    #[inline]
    pub(super) fn fetch_image_behind(&self, id: u32) {
        let image = self.register.probable_image(self.register.probable_image_behind(id));
        self.images.prefetch(image);
    }

    /// Has fetched with whom an image is shared, if there is one at this place.
    #[inline]
    pub(super) fn fetch_sharing(&self, image: u32) {
        self.images.get(image).into_iter().for_each(Image::prefetch_sharing);
    }

    /// Has the members of an image fetched, if there is one at this place.
    #[inline]
    pub(super) fn fetch_members(&self, image: u32) {
        self.images.get(image).into_iter().for_each(Image::prefetch_members);
    }

    /// Forgets what is gone or never was, and that nothing leads to.
    pub(super) fn forget(&mut self) -> Result<(), ScratchError> {
        let mut passing = std::mem::take(&mut self.passing);
        for id in &passing {
            self.attic.prefetch_put(self.register.tag(*id));
        }
        for id in passing.drain(..) {
            let entry = *self.register.entry(id);
            // One that came and went in one batch stands here twice.
            let is_gone = !entry.is_taken();
            let node = entry.node(id);
            let is_needed = node.is_some_and(|node| self.is_needed(node));
            if is_gone || entry.has(IS_PERMANENT) || is_needed {
                continue;
            }
            if let Some(node) = node
                && !entry.has(IS_ARCHIVED)
            {
                let mut said = std::mem::take(&mut self.entry);
                gone::write(self, node, &mut said);
                self.attic.put(entry.mark(), self.register.bytes(id), &said)?;
                self.entry = said;
            }
            self.register.remove(id);
            self.remove(node);
        }
        self.passing = passing;
        if self.attic.is_filter_full() {
            self.attic.widen_filter(self.register.marks())?;
        }
        Ok(())
    }

    /// Nothing happens any more, so nobody asks for what is gone: it need not be held beside what is
    /// made of the rest.
    pub(super) fn let_go(&mut self) {
        self.attic.clear();
    }

    /// The event has been looked at: where nothing came of an id that it brought up, that is
    /// forgotten again.
    pub(super) fn settle(&mut self) {
        while let Some(id) = self.fresh.pop() {
            if !self.node(id).is_some_and(|node| self.is_needed(node)) {
                self.passing.push(id);
            }
        }
    }

    /// Whether a resource exists, or something was made of it.
    #[inline]
    fn is_needed(&self, node: Node) -> bool {
        match node {
            Node::Image(place) => {
                self.images.get(place).is_some_and(|image| !image.is_deleted() || image.is_used)
            }
            Node::Server(id) => {
                self.server(id).is_some_and(|server| !server.is_deleted || server.is_used)
            }
            Node::Object(place) => self.objects.get(place).is_some_and(|object| !object.is_deleted),
        }
    }

    fn remove(&mut self, node: Option<Node>) {
        match node {
            None | Some(Node::Server(_)) => {}
            Some(Node::Image(place)) => drop(self.images.remove(place)),
            Some(Node::Object(place)) => drop(self.objects.remove(place)),
        }
    }

    /// It is gone: at the end of the batch it may be forgotten.
    #[inline]
    pub(super) fn passes(&mut self, id: ResourceId) {
        self.passing.push(id);
    }

    /// Something is made of a resource: it is never forgotten.
    pub(super) fn use_node(&mut self, node: Option<Node>) {
        match node {
            Some(Node::Image(place)) => self.use_image(place),
            Some(Node::Server(id)) => {
                self.register.keep(id);
                self.change_server(id, |server| server.is_used = true);
            }
            Some(Node::Object(_)) | None => {}
        }
    }

    /// Something is made of an image.
    #[inline]
    pub(super) fn use_ancestor(&mut self, ancestor: Option<Ancestor>) {
        match ancestor {
            Some(Ancestor::Image(place)) => self.use_image(place),
            Some(Ancestor::Public(id)) => {
                self.register.keep(id);
                self.register.set_public(id, true);
            }
            None => {}
        }
    }

    #[inline]
    fn use_image(&mut self, place: u32) {
        let image = &mut self.images[place];
        if !image.is_used {
            image.is_used = true;
            self.register.keep(image.id);
        }
    }

    /// Whether an id is one of the provider's own images, which no event creates.
    #[inline]
    pub(super) fn is_public(&self, id: ResourceId, book: &Book) -> bool {
        self.register.is_public(id, |text| book.public_images.contains(text))
    }

    /// The text of an id.
    pub(super) fn resource_text(&self, id: ResourceId) -> &str {
        self.register.text(id)
    }

    /// The bytes of the text of an id.
    #[inline]
    pub(super) fn resource_bytes(&self, id: ResourceId) -> &[u8] {
        self.register.bytes(id)
    }

    /// The texts of images that are never forgotten.
    pub(super) fn into_texts(self) -> LastingTexts {
        self.register.permanent_images().collect()
    }

    #[inline]
    pub(super) fn node(&self, id: ResourceId) -> Option<Node> {
        self.register.node(id)
    }

    /// The resource of an id, if it is an image.
    pub(super) fn image_node(&self, id: ResourceId) -> Option<Node> {
        self.node(id).filter(|node| matches!(node, Node::Image(_)))
    }

    #[inline]
    pub(super) fn image_index(&self, id: ResourceId) -> Option<u32> {
        match self.node(id) {
            Some(Node::Image(index)) => Some(index),
            Some(Node::Server(_) | Node::Object(_)) | None => None,
        }
    }

    #[inline]
    pub(super) fn server(&self, id: ResourceId) -> Option<Server> {
        self.register.server(id)
    }

    /// Changes a server that exists.
    #[inline]
    pub(super) fn change_server(&mut self, id: ResourceId, change: impl FnOnce(&mut Server)) {
        let entry = self.register.entry_mut(id);
        if let Some(mut server) = entry.server() {
            change(&mut server);
            entry.set_server(&server);
        }
    }

    /// How many ids there are; each is below that, and may stand for nothing.
    pub(super) fn id_count(&self) -> usize {
        self.register.id_count()
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
        let id = image.id;
        let place = self.images.add(image);
        self.set(id, |entry| entry.set_image(place));
    }

    #[inline]
    pub(super) fn add_server(&mut self, id: ResourceId, server: Server) {
        self.set(id, |entry| entry.set_server(&server));
    }

    /// An id stands for something from now on.
    #[inline]
    fn set(&mut self, id: ResourceId, put: impl FnOnce(&mut Entry)) {
        let entry = self.register.entry_mut(id);
        put(entry);
        if !entry.has(IS_ARCHIVED) {
            self.attic.mark(entry.mark());
        }
    }

    /// The image of a server.
    #[inline]
    pub(super) fn image_of(&self, server: &Server) -> Option<Ancestor> {
        match server.booted {
            Booted::Nothing => None,
            Booted::Image => self.image_index(server.image_id).map(Ancestor::Image),
            Booted::Public => Some(Ancestor::Public(server.image_id)),
        }
    }

    /// What a server of an image has as its `booted` and `image_id`.
    #[inline]
    pub(super) fn booted(&self, image: Option<Ancestor>) -> (Booted, ResourceId) {
        match image {
            None => (Booted::Nothing, ResourceId::from(0)),
            Some(Ancestor::Image(index)) => (Booted::Image, self.images[index].id),
            Some(Ancestor::Public(id)) => (Booted::Public, id),
        }
    }

    pub(super) fn add_object(&mut self, object: Object) {
        let id = object.id;
        let place = self.objects.add(object);
        self.set(id, |entry| entry.set_object(place));
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
            was_shared: false,
        }
    }
}

impl Server {
    pub(super) fn server_span(&self, id: ResourceId, span: Span, is_last: bool) -> ServerSpan {
        ServerSpan {
            server: id,
            account: self.owner,
            region: self.region,
            created: self.created,
            flavor: self.flavor,
            os: self.os,
            source_image: (self.booted != Booted::Nothing).then_some(self.image_id),
            is_consumer: self.is_consumer,
            is_whole: is_last && span.start == self.created,
            span,
        }
    }
}
