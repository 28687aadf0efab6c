//! The rules L01 to L14: looks at an event before it is applied.

use crate::book::CopyBy;
use crate::event::{Action, Event, ImageCreate, ObjectCreate, ServerCreate, Visibility};
use crate::value::{AccountId, Names, OsId, RegionId, ResourceId};
use crate::world::image::Image;
use crate::world::node::Node;
use crate::world::{Finding, FindingCode, World};

/// Labels that say an image should not be shared as it is, each with what to do first (L13).
const SENSITIVE_LABELS: [(&str, &str); 5] = [
    ("confidential", "remove what is confidential"),
    ("credentials", "remove keys, passwords and tokens"),
    ("licensed", "make sure that the licence allows others to run it"),
    ("copyright", "make sure that you may pass it on"),
    ("untrusted", "check where it comes from"),
];

/// Collects the findings of one event.
struct Check<'w, 'a> {
    world: &'w World<'a>,
    names: &'w Names,
    event: &'w Event,
    findings: Vec<Finding>,
}

impl World<'_> {
    /// Everything that is wrong with an event. One that makes no sense (L14) is told that alone.
    pub(super) fn check(&self, event: &Event, names: &Names) -> Vec<Finding> {
        let mut check = Check { world: self, names, event, findings: Vec::new() };
        if let Some(message) = check.integrity() {
            check.add(FindingCode::L14, message);
        } else {
            check.policy();
        }
        check.findings
    }
}

impl Check<'_, '_> {
    fn add(&mut self, code: FindingCode, message: String) {
        let resource = self.world.resources.resource_text(self.event.action.resource());
        self.findings.push(Finding::new(code, self.event, resource, message));
    }

    fn resource_text(&self, id: ResourceId) -> &str {
        self.world.resources.resource_text(id)
    }

    fn account_text(&self, id: AccountId) -> &str {
        self.names.accounts.text(id)
    }

    /// What makes an event impossible, if anything does (L14).
    fn integrity(&self) -> Option<String> {
        let id = self.event.action.resource();
        match &self.event.action {
            Action::ImageCreate(_) | Action::ServerCreate(_) | Action::ObjectCreate(_) => {
                let known = self.world.resources.node(id)?;
                Some(format!("`{}` was created before, {}", self.resource_text(id), kind(known)))
            }
            Action::ImageUpdate { .. }
            | Action::ImageDelete { .. }
            | Action::ImageDeactivate { .. }
            | Action::ImageReactivate { .. }
            | Action::MemberCreate { .. } => self.missing_image(id),
            Action::MemberUpdate { image, member, .. } | Action::MemberDelete { image, member } => {
                self.missing_image(id).or_else(|| self.missing_member(*image, *member))
            }
            Action::ServerResize { .. }
            | Action::ServerRebuild { .. }
            | Action::ServerDelete { .. } => {
                let server = self.world.resources.server(id);
                let deleted = server.map(|server| server.is_deleted);
                self.missing("server", id, deleted)
            }
            Action::ObjectDelete { .. } => {
                let object = self.world.resources.object(id);
                self.missing("object", id, object.map(|object| object.is_deleted))
            }
            // Data can be sent of what nobody has told about.
            Action::TransferOut { .. } => None,
        }
    }

    fn missing_image(&self, id: ResourceId) -> Option<String> {
        self.missing("image", id, self.image(id).map(Image::is_deleted))
    }

    /// `is_deleted` is `None` for what never was.
    fn missing(&self, kind: &str, id: ResourceId, is_deleted: Option<bool>) -> Option<String> {
        // Texts only where there is something to tell: this is asked of every event.
        let text = || self.resource_text(id);
        match is_deleted {
            None => Some(format!("{kind} `{}` was never created in the input", text())),
            Some(true) => Some(format!("{kind} `{}` was deleted before", text())),
            Some(false) => None,
        }
    }

    fn missing_member(&self, image: ResourceId, member: AccountId) -> Option<String> {
        if self.image(image).is_some_and(|image| image.has_member(member)) {
            return None;
        }
        let (image, member) = (self.resource_text(image), self.account_text(member));
        Some(format!("`{member}` is not a member of image `{image}`"))
    }

    fn image(&self, id: ResourceId) -> Option<&Image> {
        let resources = &self.world.resources;
        resources.image_index(id).map(|index| &resources.images[index])
    }

    fn policy(&mut self) {
        match &self.event.action {
            Action::ServerCreate(create) => self.boot(create),
            Action::ServerRebuild { server, source, .. } => self.rebuild(*server, *source),
            Action::ImageCreate(create) => self.image_create(create),
            Action::ObjectCreate(create) => self.export(create),
            Action::MemberCreate { image, .. } => {
                self.owner_only(*image, "shared");
                self.share(*image);
            }
            Action::MemberDelete { image, .. } => self.owner_only(*image, "unshared"),
            Action::ImageUpdate { image, .. } => self.owner_only(*image, "changed"),
            Action::ImageDelete { image } => self.owner_only(*image, "deleted"),
            Action::ImageDeactivate { image } => self.owner_only(*image, "deactivated"),
            Action::ImageReactivate { image } => self.owner_only(*image, "reactivated"),
            Action::MemberUpdate { member, .. } => self.member_only(*member),
            Action::ServerResize { .. }
            | Action::ServerDelete { .. }
            | Action::ObjectDelete { .. }
            | Action::TransferOut { .. } => {}
        }
    }

    /// `server.create`: L01, L02, L05, L10.
    fn boot(&mut self, create: &ServerCreate) {
        let Some(source) = create.source else { return };
        match self.world.resources.image_index(source) {
            Some(index) => {
                self.allowed_to_boot(index, create.owner, create.region);
                self.usable(index, "booted");
            }
            None => self.known_source(source),
        }
    }

    /// `server.rebuild`: L01, L02, L05.
    fn rebuild(&mut self, server: ResourceId, source: ResourceId) {
        let resources = &self.world.resources;
        let (Some(server), Some(index)) = (resources.server(server), resources.image_index(source))
        else {
            return;
        };
        let runs_it = resources.image_of(&server) == self.world.boot_image(source);
        self.allowed_to_boot(index, self.event.actor.unwrap_or(server.owner), server.region);
        if !runs_it {
            self.usable(index, "booted");
        }
    }

    /// L01 and L02.
    #[inline]
    fn allowed_to_boot(&mut self, index: u32, account: AccountId, region: RegionId) {
        let image = &self.world.resources.images[index];
        let anybody = match image.visibility {
            Visibility::Private => false,
            Visibility::Community | Visibility::Public => true,
        };
        if image.owner != account && !anybody && !image.has_member(account) {
            let id = self.resource_text(image.id);
            let (account, owner) = (self.account_text(account), self.account_text(image.owner));
            let message = format!(
                "`{account}` is not a member of image `{id}`, which belongs to `{owner}`: \
                 its owner has to share it first"
            );
            self.add(FindingCode::L01, message);
        }
        let image = &self.world.resources.images[index];
        if image.region != region {
            let regions = &self.names.regions;
            let message = format!(
                "image `{}` is in {}, the server in {}: copy the image there first",
                self.resource_text(image.id),
                regions.text(image.region),
                regions.text(region)
            );
            self.add(FindingCode::L02, message);
        }
    }

    /// L05.
    fn usable(&mut self, index: u32, done: &str) {
        let image = &self.world.resources.images[index];
        if image.is_usable() {
            return;
        }
        let why = if image.is_deleted() { "deleted" } else { "deactivated" };
        let message =
            format!("image `{}` is {why}: not to be {done}", self.resource_text(image.id));
        self.add(FindingCode::L05, message);
    }

    /// L10, for a source that is not in the world.
    fn known_source(&mut self, source: ResourceId) {
        if !self.world.is_public(source) {
            let id = self.resource_text(source);
            let message = format!(
                "the source `{id}` is not in the input by then, nor one of the provider's images: \
                 nothing is known of where this comes from"
            );
            self.add(FindingCode::L10, message);
        }
    }

    /// `image.create`: L05, L06 for a copy, L08 for an import, L09 for a re-image, L10.
    fn image_create(&mut self, create: &ImageCreate) {
        let Some(source) = create.source else { return };
        match self.world.resources.node(source) {
            Some(Node::Image(index)) => {
                self.usable(index, "copied");
                if !self.may_copy(index, create.owner) {
                    self.own_image(index, create.owner, "copied");
                }
            }
            Some(Node::Object(index)) => {
                let inherited = self.world.resources.objects[index].os;
                self.import(create, create.os.or(inherited));
            }
            Some(Node::Server(server)) => self.imageable(server),
            None => {
                self.known_source(source);
                if self.world.book.policy.copy_by == CopyBy::Owner {
                    self.public_source(source, "copied");
                }
            }
        }
    }

    /// Whether the book lets an account copy an image that is another's.
    fn may_copy(&self, index: u32, account: AccountId) -> bool {
        let image = &self.world.resources.images[index];
        match self.world.book.policy.copy_by {
            CopyBy::Owner => false,
            CopyBy::Members => image.visibility != Visibility::Private || image.has_member(account),
        }
    }

    /// `object.create` with an image as source: L05, L06, L07, L10.
    fn export(&mut self, create: &ObjectCreate) {
        let Some(source) = create.source else { return };
        let Some(index) = self.world.resources.image_index(source) else {
            self.known_source(source);
            self.public_source(source, "exported");
            return;
        };
        self.usable(index, "exported");
        self.own_image(index, create.owner, "exported");
        let image = &self.world.resources.images[index];
        if let Some(os) = image.barred_os {
            let message = format!(
                "image `{}` has {} in it or in what it was made of: it must not be exported",
                self.resource_text(image.id),
                self.names.systems.text(os)
            );
            self.add(FindingCode::L07, message);
        }
    }

    /// L06 for an image of the input.
    fn own_image(&mut self, index: u32, account: AccountId, done: &str) {
        let image = &self.world.resources.images[index];
        if image.owner != account {
            let message = format!(
                "image `{}` belongs to `{}`: only its owner may have it {done}",
                self.resource_text(image.id),
                self.account_text(image.owner)
            );
            self.add(FindingCode::L06, message);
        }
    }

    /// L06 for an image of the provider.
    fn public_source(&mut self, source: ResourceId, done: &str) {
        if self.world.is_public(source) {
            let id = self.resource_text(source);
            let message = format!("image `{id}` is the provider's: it cannot be {done}");
            self.add(FindingCode::L06, message);
        }
    }

    /// L08.
    fn import(&mut self, create: &ImageCreate, os: Option<OsId>) {
        let policy = &self.world.book.policy;
        if let Some(limit) = policy.import_limit_bytes.filter(|limit| create.bytes > *limit) {
            let message =
                format!("{} bytes are more than the import limit of {limit} bytes", create.bytes);
            self.add(FindingCode::L08, message);
        } else if let Some(os) = os.filter(|os| policy.no_import_os.contains(os)) {
            let os = self.names.systems.text(os);
            self.add(FindingCode::L08, format!("images of {os} cannot be imported"));
        }
    }

    /// L09.
    fn imageable(&mut self, id: ResourceId) {
        let Some(server) = self.world.resources.server(id) else { return };
        let flavor = self.world.book.flavors.get(&server.flavor);
        if flavor.is_some_and(|flavor| !flavor.imageable) {
            let message = format!(
                "server `{}` has flavor {}, of which no image can be taken",
                self.resource_text(id),
                self.names.flavors.text(server.flavor)
            );
            self.add(FindingCode::L09, message);
        }
    }

    /// L03. An event without an account is the operator's, and allowed.
    fn owner_only(&mut self, image: ResourceId, done: &str) {
        let (Some(actor), Some(image)) = (self.event.actor, self.image(image)) else { return };
        if image.owner != actor {
            let message = format!(
                "image `{}` is {done} by `{}`, but belongs to `{}`",
                self.resource_text(image.id),
                self.account_text(actor),
                self.account_text(image.owner)
            );
            self.add(FindingCode::L03, message);
        }
    }

    /// L04.
    fn member_only(&mut self, member: AccountId) {
        let Some(actor) = self.event.actor.filter(|actor| *actor != member) else { return };
        let message = format!(
            "the status of `{}` is changed by `{}`: only the member itself may do that",
            self.account_text(member),
            self.account_text(actor)
        );
        self.add(FindingCode::L04, message);
    }

    /// `image.member.create`: L11, L13.
    fn share(&mut self, id: ResourceId) {
        let Some(index) = self.world.resources.image_index(id) else { return };
        if self.world.resources.descends_from_another(index) {
            let message = format!(
                "image `{}` descends from another producer's image, whose content may not be \
                 meant to go beyond producer and consumer: ask its producer{}",
                self.resource_text(id),
                self.contact()
            );
            self.add(FindingCode::L11, message);
        }
        let labels = self.world.resources.images[index].labels;
        let labels = labels.map_or("", |labels| self.names.labels.text(labels));
        let told: Vec<&(&str, &str)> = SENSITIVE_LABELS
            .iter()
            .filter(|(label, _)| labels.split(';').any(|word| word.trim() == *label))
            .collect();
        if !told.is_empty() {
            let words: Vec<&str> = told.iter().map(|(label, _)| *label).collect();
            let advice: Vec<&str> = told.iter().map(|(_, advice)| *advice).collect();
            let message = format!(
                "image `{}` is labelled {}: {} before it is shared{}",
                self.resource_text(id),
                words.join(" and "),
                advice.join(", "),
                self.contact()
            );
            self.add(FindingCode::L13, message);
        }
    }

    /// Whom to write to about a suspicious share, where the book knows.
    fn contact(&self) -> String {
        self.world.book.policy.contact.as_ref().map_or_else(String::new, |contact| {
            format!("; if it was shared in error or with ill intent, write to {contact}")
        })
    }
}

fn kind(node: Node) -> &'static str {
    match node {
        Node::Image(_) => "as an image",
        Node::Server(_) => "as a server",
        Node::Object(_) => "as an object",
    }
}
