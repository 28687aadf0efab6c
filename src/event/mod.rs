//! What happened: one checked event a row, whoever wrote the log.
//!
//! An [`Event`] has everything its kind needs, so that nobody asks again; whether it makes sense
//! in the world (does the image exist?) is for [`crate::world`] to say.

mod batch;
mod order;

pub use batch::Batch;
pub use order::compare;

use crate::value::{AccountId, EventId, FlavorId, Instant, LabelsId, OsId, RegionId, ResourceId};

/// One thing that happened to one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub time: Instant,
    /// Who did it; `None` is the operator.
    pub actor: Option<AccountId>,
    /// The sender's own id of the event, where it has one (L15).
    pub id: Option<EventId>,
    /// What happened.
    pub action: Action,
    /// Where it was read.
    pub origin: Origin,
}

/// Where an event was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The index of the input.
    pub input: u32,
    /// The line that the record starts on, from 1.
    pub line: u64,
    /// What finds the record again: its byte offset in the input, or its number among converted
    /// records.
    pub record: u64,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// An image came to be: uploaded, imported, copied, or taken of a server.
    ImageCreate(ImageCreate),
    /// From now on an image may be booted by others, or no longer.
    ImageUpdate {
        /// The image.
        image: ResourceId,
        /// What it is from now on.
        visibility: Visibility,
    },
    /// An image is gone.
    ImageDelete {
        /// The image.
        image: ResourceId,
    },
    /// An image may not be used for now.
    ImageDeactivate {
        /// The image.
        image: ResourceId,
    },
    /// An image may be used again.
    ImageReactivate {
        /// The image.
        image: ResourceId,
    },
    /// An image is shared with a consumer.
    MemberCreate {
        /// The image.
        image: ResourceId,
        /// The consumer.
        member: AccountId,
    },
    /// A consumer accepts or rejects an image.
    MemberUpdate {
        /// The image.
        image: ResourceId,
        /// The consumer.
        member: AccountId,
        /// What it says.
        status: MemberStatus,
    },
    /// An image is no longer shared with a consumer.
    MemberDelete {
        /// The image.
        image: ResourceId,
        /// The consumer.
        member: AccountId,
    },
    /// A server starts to exist.
    ServerCreate(ServerCreate),
    /// A server gets another flavor.
    ServerResize {
        /// The server.
        server: ResourceId,
        /// Its new flavor.
        flavor: FlavorId,
    },
    /// A server gets another image; its clock goes on (C5).
    ServerRebuild {
        /// The server.
        server: ResourceId,
        /// The image.
        source: ResourceId,
        /// The operating system, where the event says it.
        os: Option<OsId>,
    },
    /// A server is gone.
    ServerDelete {
        /// The server.
        server: ResourceId,
    },
    /// An object is kept: an exported image, or an upload.
    ObjectCreate(ObjectCreate),
    /// An object is gone.
    ObjectDelete {
        /// The object.
        object: ResourceId,
    },
    /// Data left a region over the public network.
    TransferOut {
        /// Who sent it.
        account: AccountId,
        /// From where.
        region: RegionId,
        /// What was sent.
        resource: ResourceId,
        /// How much.
        bytes: u64,
    },
}

/// The details of `image.create`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageCreate {
    /// The image.
    pub image: ResourceId,
    /// Its producer, who pays for storing it (R1).
    pub owner: AccountId,
    /// Where it is stored.
    pub region: RegionId,
    /// What it was made from: a server, an image or an object.
    pub source: Option<ResourceId>,
    /// Its stored size.
    pub bytes: u64,
    /// The operating system, where the event says it.
    pub os: Option<OsId>,
    /// Who may boot it.
    pub visibility: Visibility,
    /// What its owner says of it.
    pub labels: Option<LabelsId>,
}

/// The details of `server.create`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerCreate {
    /// The server.
    pub server: ResourceId,
    /// Who pays for it (R3).
    pub owner: AccountId,
    /// Where it runs, for life (M5).
    pub region: RegionId,
    /// Its image.
    pub source: Option<ResourceId>,
    /// Its flavor.
    pub flavor: FlavorId,
    /// The operating system, where the event says it.
    pub os: Option<OsId>,
}

/// The details of `object.create`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectCreate {
    /// The object.
    pub object: ResourceId,
    /// Who pays for it (R5).
    pub owner: AccountId,
    /// Where it is kept.
    pub region: RegionId,
    /// The image it was exported from.
    pub source: Option<ResourceId>,
    /// Its size.
    pub bytes: u64,
    /// The operating system in it, where the event says it.
    pub os: Option<OsId>,
}

/// Who may boot an image besides its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Visibility {
    /// Its members.
    #[default]
    Private,
    /// Anybody who knows it.
    Community,
    /// Anybody.
    Public,
}

/// What a consumer says of an image that is shared with it. It changes no bill (C1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberStatus {
    /// Nothing yet.
    Pending,
    /// It wants to see it.
    Accepted,
    /// It does not.
    Rejected,
}

/// The kinds of event, in the order in which events of one instant are applied (rules, L).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of `Action`")]
pub enum EventKind {
    ImageCreate,
    ImageUpdate,
    ImageReactivate,
    MemberCreate,
    MemberUpdate,
    ServerCreate,
    ServerResize,
    ServerRebuild,
    ObjectCreate,
    ImageCreateFromSource,
    TransferOut,
    ImageDeactivate,
    MemberDelete,
    ServerDelete,
    ImageDelete,
    ObjectDelete,
}

impl EventKind {
    /// The words an event log may have in its `event` column, each once.
    pub const ALL: [EventKind; 15] = [
        EventKind::ImageCreate,
        EventKind::ImageUpdate,
        EventKind::ImageDelete,
        EventKind::ImageDeactivate,
        EventKind::ImageReactivate,
        EventKind::MemberCreate,
        EventKind::MemberUpdate,
        EventKind::MemberDelete,
        EventKind::ServerCreate,
        EventKind::ServerResize,
        EventKind::ServerRebuild,
        EventKind::ServerDelete,
        EventKind::ObjectCreate,
        EventKind::ObjectDelete,
        EventKind::TransferOut,
    ];

    /// The word in the `event` column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::ImageCreate | EventKind::ImageCreateFromSource => "image.create",
            EventKind::ImageUpdate => "image.update",
            EventKind::ImageDelete => "image.delete",
            EventKind::ImageDeactivate => "image.deactivate",
            EventKind::ImageReactivate => "image.reactivate",
            EventKind::MemberCreate => "image.member.create",
            EventKind::MemberUpdate => "image.member.update",
            EventKind::MemberDelete => "image.member.delete",
            EventKind::ServerCreate => "server.create",
            EventKind::ServerResize => "server.resize",
            EventKind::ServerRebuild => "server.rebuild",
            EventKind::ServerDelete => "server.delete",
            EventKind::ObjectCreate => "object.create",
            EventKind::ObjectDelete => "object.delete",
            EventKind::TransferOut => "transfer.out",
        }
    }

    /// The kind that a word names.
    #[must_use]
    #[inline]
    pub fn parse(word: &str) -> Option<EventKind> {
        // The length and one letter leave one word that it can be, for millions of rows: compared as
        // a literal, it is two numbers and no call.
        let letter = |place: usize| word.as_bytes()[place];
        let is = |kind, literal: bool| literal.then_some(kind);
        match word.len() {
            12 => match letter(6) {
                b'c' => is(EventKind::ImageCreate, word == "image.create"),
                b'u' => is(EventKind::ImageUpdate, word == "image.update"),
                b'd' => is(EventKind::ImageDelete, word == "image.delete"),
                _ => is(EventKind::TransferOut, word == "transfer.out"),
            },
            13 => match (letter(0), letter(7)) {
                (b'o', b'c') => is(EventKind::ObjectCreate, word == "object.create"),
                (b'o', _) => is(EventKind::ObjectDelete, word == "object.delete"),
                (_, b'c') => is(EventKind::ServerCreate, word == "server.create"),
                (_, b'd') => is(EventKind::ServerDelete, word == "server.delete"),
                _ => is(EventKind::ServerResize, word == "server.resize"),
            },
            14 => is(EventKind::ServerRebuild, word == "server.rebuild"),
            16 if letter(6) == b'd' => is(EventKind::ImageDeactivate, word == "image.deactivate"),
            16 => is(EventKind::ImageReactivate, word == "image.reactivate"),
            19 => match letter(13) {
                b'c' => is(EventKind::MemberCreate, word == "image.member.create"),
                b'u' => is(EventKind::MemberUpdate, word == "image.member.update"),
                _ => is(EventKind::MemberDelete, word == "image.member.delete"),
            },
            _ => None,
        }
    }
}

impl Action {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Action::ImageCreate(create) if create.source.is_some() => {
                EventKind::ImageCreateFromSource
            }
            Action::ImageCreate(_) => EventKind::ImageCreate,
            Action::ImageUpdate { .. } => EventKind::ImageUpdate,
            Action::ImageDelete { .. } => EventKind::ImageDelete,
            Action::ImageDeactivate { .. } => EventKind::ImageDeactivate,
            Action::ImageReactivate { .. } => EventKind::ImageReactivate,
            Action::MemberCreate { .. } => EventKind::MemberCreate,
            Action::MemberUpdate { .. } => EventKind::MemberUpdate,
            Action::MemberDelete { .. } => EventKind::MemberDelete,
            Action::ServerCreate(_) => EventKind::ServerCreate,
            Action::ServerResize { .. } => EventKind::ServerResize,
            Action::ServerRebuild { .. } => EventKind::ServerRebuild,
            Action::ServerDelete { .. } => EventKind::ServerDelete,
            Action::ObjectCreate(_) => EventKind::ObjectCreate,
            Action::ObjectDelete { .. } => EventKind::ObjectDelete,
            Action::TransferOut { .. } => EventKind::TransferOut,
        }
    }

    /// The image, server or object that it happened to.
    #[must_use]
    #[inline]
    pub fn resource(&self) -> ResourceId {
        match *self {
            Action::ImageCreate(ImageCreate { image, .. })
            | Action::ImageUpdate { image, .. }
            | Action::ImageDelete { image }
            | Action::ImageDeactivate { image }
            | Action::ImageReactivate { image }
            | Action::MemberCreate { image, .. }
            | Action::MemberUpdate { image, .. }
            | Action::MemberDelete { image, .. } => image,
            Action::ServerCreate(ServerCreate { server, .. })
            | Action::ServerResize { server, .. }
            | Action::ServerRebuild { server, .. }
            | Action::ServerDelete { server } => server,
            Action::ObjectCreate(ObjectCreate { object, .. }) | Action::ObjectDelete { object } => {
                object
            }
            Action::TransferOut { resource, .. } => resource,
        }
    }

    /// The image that something was made of, or that a server is to run.
    #[must_use]
    #[inline]
    pub fn source(&self) -> Option<ResourceId> {
        match *self {
            Action::ImageCreate(ImageCreate { source, .. })
            | Action::ServerCreate(ServerCreate { source, .. })
            | Action::ObjectCreate(ObjectCreate { source, .. }) => source,
            Action::ServerRebuild { source, .. } => Some(source),
            Action::ImageUpdate { .. }
            | Action::ImageDelete { .. }
            | Action::ImageDeactivate { .. }
            | Action::ImageReactivate { .. }
            | Action::MemberCreate { .. }
            | Action::MemberUpdate { .. }
            | Action::MemberDelete { .. }
            | Action::ServerResize { .. }
            | Action::ServerDelete { .. }
            | Action::ObjectDelete { .. }
            | Action::TransferOut { .. } => None,
        }
    }

    /// Makes it about this resource, made of this source where it has one.
    #[inline]
    pub fn set_resources(&mut self, new_resource: ResourceId, new_source: Option<ResourceId>) {
        match self {
            Action::ImageCreate(ImageCreate { image: resource, source, .. })
            | Action::ServerCreate(ServerCreate { server: resource, source, .. })
            | Action::ObjectCreate(ObjectCreate { object: resource, source, .. }) => {
                *resource = new_resource;
                *source = new_source;
            }
            Action::ServerRebuild { server, source, .. } => {
                *server = new_resource;
                *source = new_source.unwrap_or(*source);
            }
            Action::ImageUpdate { image: resource, .. }
            | Action::ImageDelete { image: resource }
            | Action::ImageDeactivate { image: resource }
            | Action::ImageReactivate { image: resource }
            | Action::MemberCreate { image: resource, .. }
            | Action::MemberUpdate { image: resource, .. }
            | Action::MemberDelete { image: resource, .. }
            | Action::ServerResize { server: resource, .. }
            | Action::ServerDelete { server: resource }
            | Action::ObjectDelete { object: resource }
            | Action::TransferOut { resource, .. } => *resource = new_resource,
        }
    }

    /// The consumer that it is about, in `image.member.*`.
    #[must_use]
    pub fn member(&self) -> Option<AccountId> {
        match *self {
            Action::MemberCreate { member, .. }
            | Action::MemberUpdate { member, .. }
            | Action::MemberDelete { member, .. } => Some(member),
            Action::ImageCreate(_)
            | Action::ImageUpdate { .. }
            | Action::ImageDelete { .. }
            | Action::ImageDeactivate { .. }
            | Action::ImageReactivate { .. }
            | Action::ServerCreate(_)
            | Action::ServerResize { .. }
            | Action::ServerRebuild { .. }
            | Action::ServerDelete { .. }
            | Action::ObjectCreate(_)
            | Action::ObjectDelete { .. }
            | Action::TransferOut { .. } => None,
        }
    }
}

impl Visibility {
    /// The visibility that a word names. OpenStack's `shared` is an image with members: private.
    #[must_use]
    pub fn parse(word: &str) -> Option<Visibility> {
        match word {
            "private" | "shared" => Some(Visibility::Private),
            "community" => Some(Visibility::Community),
            "public" => Some(Visibility::Public),
            _ => None,
        }
    }
}

impl MemberStatus {
    /// The status that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<MemberStatus> {
        match word {
            "pending" => Some(MemberStatus::Pending),
            "accepted" => Some(MemberStatus::Accepted),
            "rejected" => Some(MemberStatus::Rejected),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_names_its_kind_and_nothing_else_does() {
        for kind in EventKind::ALL {
            let word = kind.as_str();
            assert_eq!(EventKind::parse(word), Some(kind));
            for place in 0..word.len() {
                let mut wrong = word.to_owned();
                wrong.replace_range(place..=place, "x");
                let known = EventKind::ALL.into_iter().find(|kind| kind.as_str() == wrong);
                assert_eq!(EventKind::parse(&wrong), known, "{wrong}");
            }
        }
        assert_eq!(EventKind::parse(""), None);
    }
}
