//! An image: what it is, whence it comes, and with whom it is shared.

use prefetch_index::prefetch_index;

use crate::event::{Event, Visibility};
use crate::value::{AccountId, Instant, LabelsId, Names, OsId, RegionId, ResourceId, Span};
use crate::world::entry::NO_IMAGE;
use crate::world::members::Members;
use crate::world::node::{Ancestor, Stretch};
use crate::world::resources::Resources;
use crate::world::{ImageRecord, Stay, StorageKind, StorageSpan};

/// An image. There are many, and events ask for them at random: it is one line of the cache.
#[derive(Debug)]
#[repr(align(64))]
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
    state: State,
    /// When it was created; of one that is gone, when it was deleted.
    moment: Instant,
    /// Its [`Origin`]: numbers, and what they are.
    parent: u32,
    foreign: u32,
    stretch: u32,
    origin: u8,
    /// Whether something was made of it, or it was shared: then it is never forgotten.
    pub(super) is_used: bool,
    pub(super) sharing: Option<Box<Sharing>>,
}

const _: () = assert!(size_of::<Option<Image>>() == 64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Deactivated,
    Deleted,
}

/// Whence an image comes: that never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    /// The nearest image behind it when it was made.
    pub(super) parent: Option<Ancestor>,
    /// The nearest image of another account behind it when it was made.
    pub(super) foreign: Option<u32>,
    /// What stands behind it up to the first server, for L11.
    pub(super) stretch: Stretch,
    pub(super) from_server: bool,
}

/// The number of a parent or stretch that needs none.
const NOTHING: u32 = 0;

/// What an image's numbers are.
const PARENT_IS_IMAGE: u8 = 1;
const PARENT_IS_PUBLIC: u8 = 2;
const STRETCH_IS_FOREIGN: u8 = 4;
const STRETCH_IS_SERVER: u8 = 8;
const IS_FROM_SERVER: u8 = 16;

impl Origin {
    /// Its parent, foreign image and stretch as numbers, behind what those are.
    #[inline]
    pub(super) fn to_numbers(self) -> (u8, [u32; 3]) {
        let Origin { parent, foreign, stretch, from_server } = self;
        let (parent, of_parent) = match parent {
            None => (NOTHING, 0),
            Some(Ancestor::Image(place)) => (place, PARENT_IS_IMAGE),
            Some(Ancestor::Public(id)) => (id.into(), PARENT_IS_PUBLIC),
        };
        let (stretch, of_stretch) = match stretch {
            Stretch::Own => (NOTHING, 0),
            Stretch::Foreign => (NOTHING, STRETCH_IS_FOREIGN),
            Stretch::Server(id) => (id.into(), STRETCH_IS_SERVER),
        };
        let kinds = of_parent | of_stretch | if from_server { IS_FROM_SERVER } else { 0 };
        (kinds, [parent, foreign.unwrap_or(NO_IMAGE), stretch])
    }

    /// What such numbers are.
    #[inline]
    pub(super) fn from_numbers(kinds: u8, [parent, foreign, stretch]: [u32; 3]) -> Origin {
        let is = |flag: u8| kinds & flag != 0;
        Origin {
            parent: if is(PARENT_IS_IMAGE) {
                Some(Ancestor::Image(parent))
            } else {
                is(PARENT_IS_PUBLIC).then(|| Ancestor::Public(parent.into()))
            },
            foreign: Some(foreign).filter(|place| *place != NO_IMAGE),
            stretch: if is(STRETCH_IS_SERVER) {
                Stretch::Server(stretch.into())
            } else if is(STRETCH_IS_FOREIGN) {
                Stretch::Foreign
            } else {
                Stretch::Own
            },
            from_server: is(IS_FROM_SERVER),
        }
    }
}

/// With whom an image is and was shared; first what is asked for most.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Sharing {
    members: Members<Member>,
    past_stays: Vec<Stay>,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    since: Instant,
    /// The first of an unbroken row of rejections.
    pub(super) rejected: Option<Box<Event>>,
}

impl Image {
    /// A new image, of nothing.
    pub(super) fn new(id: ResourceId, owner: AccountId, region: RegionId, now: Instant) -> Image {
        Image {
            id,
            owner,
            region,
            bytes: 0,
            os: None,
            barred_os: None,
            visibility: Visibility::Private,
            labels: None,
            state: State::Active,
            moment: now,
            parent: NOTHING,
            foreign: NO_IMAGE,
            stretch: NOTHING,
            origin: 0,
            is_used: false,
            sharing: None,
        }
    }

    /// The same image, of something.
    pub(super) fn made_of(self, origin: Origin) -> Image {
        let (origin, [parent, foreign, stretch]) = origin.to_numbers();
        Image { parent, foreign, stretch, origin, ..self }
    }

    /// Whence it comes.
    pub(super) fn origin(&self) -> Origin {
        Origin::from_numbers(self.origin, [self.parent, self.foreign, self.stretch])
    }

    /// Whether it can be booted, copied or exported now (L05).
    #[inline]
    pub(super) fn is_usable(&self) -> bool {
        self.state == State::Active
    }

    /// Whether it is gone.
    #[inline]
    pub(super) fn is_deleted(&self) -> bool {
        self.state == State::Deleted
    }

    /// One that is not gone can be used from now on, or cannot.
    pub(super) fn set_active(&mut self, is_active: bool) {
        self.state = if is_active { State::Active } else { State::Deactivated };
    }

    #[inline]
    pub(super) fn has_member(&self, account: AccountId) -> bool {
        self.sharing.as_ref().is_some_and(|sharing| sharing.members.contains(account))
    }

    /// Has fetched with whom it is shared.
    #[inline]
    pub(super) fn prefetch_sharing(&self) {
        if let Some(sharing) = &self.sharing {
            prefetch_index(std::slice::from_ref(&**sharing), 0);
        }
    }

    /// Has the first of its members fetched, once that is.
    #[inline]
    pub(super) fn prefetch_members(&self) {
        if let Some(sharing) = &self.sharing {
            sharing.members.prefetch();
        }
    }

    pub(super) fn member_mut(&mut self, account: AccountId) -> Option<&mut Member> {
        self.sharing.as_mut()?.members.get_mut(account)
    }

    pub(super) fn share_with(&mut self, account: AccountId, now: Instant) {
        let members = &mut self.sharing.get_or_insert_default().members;
        members.add(account, Member { since: now, rejected: None });
    }

    pub(super) fn unshare(&mut self, account: AccountId, now: Instant) {
        let Some(sharing) = &mut self.sharing else { return };
        if let Some(left) = sharing.members.remove(account) {
            let stay = Stay { member: account, since: left.since, until: Some(now) };
            sharing.past_stays.push(stay);
        }
    }

    /// It is gone. Who is a member of it stays one: it may still be booted (L01, L05).
    pub(super) fn delete(&mut self, now: Instant) {
        (self.state, self.moment) = (State::Deleted, now);
    }

    pub(super) fn was_shared(&self) -> bool {
        self.sharing.is_some()
    }

    /// The events by which present members rejected it, by the members' names.
    pub(super) fn rejections_in_order(&self, names: &Names) -> Vec<Event> {
        let Some(sharing) = &self.sharing else { return Vec::new() };
        let rejected = |(account, member): (AccountId, &Member)| {
            member.rejected.as_ref().map(|event| (account, **event))
        };
        let mut rejections: Vec<_> = sharing.members.iter().filter_map(rejected).collect();
        rejections.sort_by_key(|(account, _)| names.accounts.text(*account));
        rejections.into_iter().map(|(_, event)| event).collect()
    }

    /// Its storage from its creation on, before it is deleted.
    #[inline]
    pub(super) fn storage_span(&self, until: Instant, resources: &Resources) -> StorageSpan {
        let Origin { parent, foreign, from_server, .. } = self.origin();
        let foreign = foreign.filter(|_| from_server);
        let nearest = foreign.map(Ancestor::Image).or(parent);
        StorageSpan {
            resource: self.id,
            account: self.owner,
            region: self.region,
            bytes: self.bytes,
            span: Span { start: self.moment, end: until },
            kind: if foreign.is_some() { StorageKind::Reimage } else { StorageKind::Image },
            source_image: nearest.map(|ancestor| resources.ancestor_id(ancestor)),
            was_shared: self.was_shared(),
        }
    }

    /// Whom it was shared with, past and present; a deleted image has no members any more.
    pub(super) fn record(&self) -> ImageRecord {
        let mut stays = Vec::new();
        let deleted = self.is_deleted().then_some(self.moment);
        if let Some(sharing) = &self.sharing {
            stays.clone_from(&sharing.past_stays);
            stays.extend(sharing.members.iter().map(|(account, member)| Stay {
                member: account,
                since: member.since,
                until: deleted,
            }));
        }
        stays.sort_by_key(|stay| (stay.member, stay.since));
        ImageRecord { image: self.id, owner: self.owner, region: self.region, stays }
    }
}
