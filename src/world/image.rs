//! An image: what it is, whence it comes, and with whom it is shared.

use prefetch_index::prefetch_index;

use crate::event::{Event, Visibility};
use crate::value::{AccountId, Instant, LabelsId, Names, OsId, RegionId, ResourceId, Span};
use crate::world::members::Members;
use crate::world::resources::{Ancestor, Resources, Stretch};
use crate::world::{ImageRecord, Stay, StorageKind, StorageSpan};

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
    pub(super) foreign: Option<u32>,
    /// What stands behind it up to the first server, for L11.
    pub(super) stretch: Stretch,
    pub(super) from_server: bool,
    pub(super) created: Instant,
    pub(super) deleted: Option<Instant>,
    pub(super) is_active: bool,
    /// Whether something was made of it, or it was shared: then it is never forgotten.
    pub(super) is_used: bool,
    pub(super) sharing: Option<Box<Sharing>>,
}

/// With whom an image is and was shared.
#[derive(Debug, Default)]
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
            parent: None,
            foreign: None,
            stretch: Stretch::Own,
            from_server: false,
            created: now,
            deleted: None,
            is_active: true,
            is_used: false,
            sharing: None,
        }
    }

    /// Whether it can be booted, copied or exported now (L05).
    #[inline]
    pub(super) fn is_usable(&self) -> bool {
        self.is_active && self.deleted.is_none()
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
        self.deleted = Some(now);
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

    #[inline]
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
            was_shared: self.was_shared(),
        }
    }

    /// Whom it was shared with, past and present; a deleted image has no members any more.
    pub(super) fn record(&self) -> ImageRecord {
        let mut stays = Vec::new();
        if let Some(sharing) = &self.sharing {
            stays.clone_from(&sharing.past_stays);
            stays.extend(sharing.members.iter().map(|(account, member)| Stay {
                member: account,
                since: member.since,
                until: self.deleted,
            }));
        }
        stays.sort_by_key(|stay| (stay.member, stay.since));
        ImageRecord { image: self.id, owner: self.owner, region: self.region, stays }
    }
}
