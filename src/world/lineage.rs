//! Lineage: what an image descends from, across accounts and deletions (rules, A and L).
//!
//! Each resource remembers its nearest ancestors when it is made, so that no question about the
//! past has to walk a chain: a chain may be very long.

use rustc_hash::FxHashSet;

use crate::book::Policy;
use crate::value::{AccountId, OsId, ResourceId};
use crate::world::node::{Ancestor, Node, Stretch};
use crate::world::resources::Resources;

impl Resources {
    /// The image that is at, or nearest behind, a resource: itself, the image that a server runs
    /// now, or what an object was exported from.
    pub(super) fn image_behind(&self, node: Node) -> Option<Ancestor> {
        match node {
            Node::Image(index) => Some(Ancestor::Image(index)),
            Node::Server(id) => self.image_of(&self.server(id)?),
            Node::Object(index) => self.objects[index].parent,
        }
    }

    /// The nearest image of another account than `owner`, from `parent` on backwards.
    pub(super) fn foreign_ancestor(
        &self,
        parent: Option<Ancestor>,
        owner: AccountId,
    ) -> Option<u32> {
        let Some(Ancestor::Image(index)) = parent else { return None };
        let parent = &self.images[index];
        // What is foreign to the parent is foreign to a child of the same account.
        if parent.owner == owner { parent.origin().foreign } else { Some(index) }
    }

    /// The id of an ancestor.
    #[inline]
    pub(super) fn ancestor_id(&self, ancestor: Ancestor) -> ResourceId {
        match ancestor {
            Ancestor::Image(index) => self.images[index].id,
            Ancestor::Public(id) => id,
        }
    }

    /// What runs on a resource, or would; `None` where nobody has said.
    pub(super) fn os_of(&self, node: Node) -> Option<OsId> {
        match node {
            Node::Image(index) => self.images[index].os,
            Node::Server(id) => Some(self.server(id)?.os),
            Node::Object(index) => self.objects[index].os,
        }
    }

    /// An os that must not be exported, of the resource or of any ancestor (L07).
    pub(super) fn barred_os_of(&self, node: Node, policy: &Policy) -> Option<OsId> {
        match node {
            Node::Image(index) => self.images[index].barred_os,
            Node::Object(index) => self.objects[index].barred_os,
            Node::Server(id) => {
                let server = self.server(id)?;
                let own = Some(server.os).filter(|os| policy.no_export_os.contains(os));
                own.or_else(|| match self.image_of(&server)? {
                    Ancestor::Image(image) => self.images[image].barred_os,
                    Ancestor::Public(_) => None,
                })
            }
        }
    }

    /// What stands behind an image of `owner` that is made of a resource.
    pub(super) fn stretch_behind(&self, source: Option<Node>, owner: AccountId) -> Stretch {
        let image = match source {
            None => return Stretch::Own,
            Some(Node::Server(server)) => return Stretch::Server(server),
            Some(Node::Image(image)) => Some(Ancestor::Image(image)),
            Some(Node::Object(object)) => self.objects[object].parent,
        };
        match image {
            Some(Ancestor::Image(image)) if self.images[image].owner != owner => Stretch::Foreign,
            // What is foreign to the source is foreign to what the same account makes of it.
            Some(Ancestor::Image(image)) => self.images[image].origin().stretch,
            Some(Ancestor::Public(_)) | None => Stretch::Own,
        }
    }

    /// Whether an image descends from another account's, by what its ancestors' servers run *now*
    /// (L11): a server that was rebuilt since leads to its present image. Walks from server to
    /// server; what lies between them is remembered.
    pub(super) fn descends_from_another(&self, index: u32) -> bool {
        let owner = self.images[index].owner;
        let mut servers_met = FxHashSet::default();
        let mut stretch = self.images[index].origin().stretch;
        while let Stretch::Server(server) = stretch {
            // A server can be rebuilt to an image of itself.
            if !servers_met.insert(server) {
                return false;
            }
            let image =
                self.server(server).and_then(|server| self.image_of(&server)).map(|image| {
                    match image {
                        Ancestor::Image(image) => Some(Node::Image(image)),
                        Ancestor::Public(_) => None,
                    }
                });
            stretch = self.stretch_behind(image.flatten(), owner);
        }
        stretch == Stretch::Foreign
    }
}
