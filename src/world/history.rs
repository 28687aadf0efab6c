//! What the world tells: who had what, where, from when to when.

use crate::value::{AccountId, FlavorId, Instant, OsId, RegionId, ResourceId, Span};
use crate::world::Finding;

/// Everything that existed, and everything that was found.
#[derive(Debug, Default)]
pub struct History {
    /// Stored images and objects.
    pub storage: Vec<StorageSpan>,
    /// Servers, cut where flavor, os or image change.
    pub servers: Vec<ServerSpan>,
    /// Data sent out of regions.
    pub transfers: Vec<Transfer>,
    /// Images that had a member at some time, or that something was made of.
    pub images: Vec<ImageRecord>,
    /// What is not allowed, or unwise, in the order in which it was found.
    pub findings: Vec<Finding>,
    /// For each event that was not applied the finding that decided it.
    pub set_aside: Vec<Finding>,
}

/// An image or object, stored (R1, R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageSpan {
    /// Which one.
    pub resource: ResourceId,
    /// Who pays.
    pub account: AccountId,
    /// Where.
    pub region: RegionId,
    /// Its size.
    pub bytes: u64,
    /// From when to when.
    pub span: Span,
    /// What it is.
    pub kind: StorageKind,
    /// The image it descends from: for a re-image the nearest one of another account, otherwise
    /// the nearest of all.
    pub source_image: Option<ResourceId>,
    /// Whether it had a member at some time.
    pub was_shared: bool,
}

/// What is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StorageKind {
    /// An image of the account's own making.
    Image,
    /// An image taken of a server that descends from another account's image (R4).
    Reimage,
    /// An object.
    Object,
}

/// A server, with one flavor, os and image (R3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerSpan {
    /// Which one.
    pub server: ResourceId,
    /// Who pays.
    pub account: AccountId,
    /// Where.
    pub region: RegionId,
    /// When it was created: where its grid is anchored (M2).
    pub created: Instant,
    /// Its flavor.
    pub flavor: FlavorId,
    /// What runs on it.
    pub os: OsId,
    /// Its image.
    pub source_image: Option<ResourceId>,
    /// Whether the image belongs to another account, and is not public.
    pub is_consumer: bool,
    /// Whether this is the only span that the server has.
    pub is_whole: bool,
    /// From when to when.
    pub span: Span,
}

/// Data that left a region (R6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Who pays.
    pub account: AccountId,
    /// From where.
    pub region: RegionId,
    /// What was sent.
    pub resource: ResourceId,
    /// How much.
    pub bytes: u64,
    /// When.
    pub at: Instant,
}

/// An image that was shared or used, and with whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRecord {
    /// Which one.
    pub image: ResourceId,
    /// Its producer.
    pub owner: AccountId,
    /// Where it is.
    pub region: RegionId,
    /// Who was a member, from when to when.
    pub stays: Vec<Stay>,
}

/// One member's time at one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// The member.
    pub member: AccountId,
    /// When it was shared.
    pub since: Instant,
    /// When it was unshared, or the image deleted.
    pub until: Option<Instant>,
}

impl ImageRecord {
    /// Whether it had a member at some time in a span.
    #[must_use]
    #[inline]
    pub fn had_member(&self, span: Span) -> bool {
        self.stays.iter().any(|stay| stay.touches(span))
    }
}

impl Stay {
    /// Whether the member was one at some time in a span, be it for no time at all.
    #[must_use]
    pub fn touches(&self, span: Span) -> bool {
        let began_in_span = self.since >= span.start;
        let goes_on_into_span = self.until.is_none_or(|until| until > span.start);
        self.since < span.end && (began_in_span || goes_on_into_span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_touches_a_span_that_has_any_of_it() {
        let at = Instant::from_micros;
        let span = Span { start: at(10), end: at(20) };
        let stay = |since, until: Option<i64>| {
            let member = AccountId::from(0);
            Stay { member, since: at(since), until: until.map(at) }.touches(span)
        };
        assert!(stay(5, None) && stay(5, Some(11)) && stay(19, None) && stay(15, Some(15)));
        assert!(stay(10, Some(10)), "for no time at all");
        assert!(!stay(5, Some(10)), "it ended as the span began");
        assert!(!stay(20, None) && !stay(20, Some(20)), "it began as the span ended");
    }
}
