//! Images: releases, retention, copies to other regions, and whom they are shared with.

use crate::project::plan::{Planner, Sent, Shared, Stored, Tell, Thing};
use crate::scenario::{Image, Period};
use crate::value::{Instant, MICROS_PER_SECOND, OsId, RegionId, Span};
use crate::world::{Enforcement, StorageKind};

/// Where and when the versions of an image are there.
#[derive(Debug, Clone)]
pub(in crate::project) struct Stock {
    home: RegionId,
    /// When each version is released.
    releases: Vec<Instant>,
    /// For each region that has the image: how long after its release a version is there.
    regions: Vec<(RegionId, Period)>,
    /// Regions that get no copy, and what the cloud refuses.
    refused: Vec<(RegionId, Refusal)>,
}

/// What the cloud refuses of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::project) enum Refusal {
    /// The export (L07).
    Export,
    /// The import (L08).
    Import,
}

impl Stock {
    /// Whether versions of it come to a region.
    pub(in crate::project) fn is_in(&self, region: RegionId) -> bool {
        self.regions.iter().any(|(own, _)| *own == region)
    }

    /// When versions appear in a region; those of home where it has none.
    pub(super) fn available(&self, region: RegionId) -> impl Iterator<Item = Instant> {
        let after = self.regions.iter().find(|(own, _)| *own == region).map(|(_, after)| *after);
        let after = after.unwrap_or(Period::from_micros(0));
        self.releases.iter().map(move |at| after.after(*at))
    }

    /// When the first version is in a region.
    pub(super) fn first_in(&self, region: RegionId) -> Option<Instant> {
        self.available(region).next()
    }

    /// The newest version in a region at an instant, and where that is: a region without the image
    /// has to take it from home.
    pub(super) fn newest(&self, region: RegionId, at: Instant) -> (u32, RegionId) {
        let count = self.available(region).take_while(|there| *there <= at).count();
        let region = if self.is_in(region) { region } else { self.home };
        (count.max(1) as u32, region)
    }
}

impl Planner<'_> {
    /// When and where versions of an image are there.
    pub(in crate::project) fn stock(&self, image: &Image) -> Stock {
        let home = image.regions[0];
        let first = image.after.after(self.run.start);
        let releases = match image.release {
            Some(release) => release.instants(first, self.run.end).collect(),
            None => vec![first],
        };
        let mut stock = Stock { home, releases, regions: Vec::new(), refused: Vec::new() };
        for region in &image.regions {
            match self.refusal(image, *region) {
                Some(refusal) if self.enforcement == Enforcement::Enforce => {
                    stock.refused.push((*region, refusal));
                }
                _ => stock.regions.push((*region, delay(image, *region))),
            }
        }
        stock
    }

    /// What the cloud refuses of a copy to a region (L07, L08).
    fn refusal(&self, image: &Image, region: RegionId) -> Option<Refusal> {
        let policy = &self.book.policy;
        let is_on = |list: &[OsId]| image.os.is_some_and(|os| list.contains(&os));
        if region == image.regions[0] {
            None
        } else if is_on(&policy.no_export_os) {
            Some(Refusal::Export)
        } else if is_on(&policy.no_import_os)
            || policy.import_limit_bytes.is_some_and(|limit| image.bytes > limit)
        {
            Some(Refusal::Import)
        } else {
            None
        }
    }

    /// Tells what becomes of an image.
    pub(super) fn tell_image(&self, place: usize, stock: &Stock, tell: &mut impl Tell) {
        let image = &self.scenario.images[place];
        for (version, released) in (1..).zip(&stock.releases) {
            // The version that pushes this one out appears in each region when it does.
            let successor = image
                .keep
                .and_then(|keep| stock.releases.get(version as usize - 1 + keep as usize).copied());
            let home = Version { place, image, version, region: stock.home };
            let end = successor.unwrap_or(self.run.end);
            let span = Span { start: *released, end };
            tell.stored(&home.stored(home.thing(), StorageKind::Image, None, span));
            self.tell_members(&home, *released, tell);
            for (region, after) in stock.regions.iter().filter(|(region, _)| *region != stock.home)
            {
                let copy = Version { region: *region, ..home };
                let end = successor.map_or(self.run.end, |at| after.after(at));
                self.tell_copy(&copy, stock.home, *released, end, None, tell);
                self.tell_members(&copy, after.after(*released), tell);
            }
        }
        // What is refused is tried once.
        for (region, refusal) in &stock.refused {
            let copy = Version { place, image, version: 1, region: *region };
            let released = stock.releases[0];
            self.tell_copy(&copy, stock.home, released, self.run.end, Some(*refusal), tell);
        }
    }

    /// Shares a version with all members.
    fn tell_members(&self, version: &Version<'_>, at: Instant, tell: &mut impl Tell) {
        if at >= self.run.end {
            return;
        }
        for member in &version.image.members {
            let owner = version.image.owner;
            tell.shared(&Shared { image: version.thing(), owner, member: *member, at });
        }
    }

    /// A copy goes the whole way: export, transfer, upload, import, clean-up.
    fn tell_copy(
        &self,
        copy: &Version<'_>,
        home: RegionId,
        released: Instant,
        end: Instant,
        refusal: Option<Refusal>,
        tell: &mut impl Tell,
    ) {
        let Version { place: image, version, region, .. } = *copy;
        let step = |count: i64| {
            Instant::from_micros(released.micros() + count * copy.image.copy_step.micros())
        };
        let export = Thing::Export { image, version, region };
        let original = Thing::Version { image, version, region: home };
        let exported = Span { start: released, end: step(3) };
        let stored = copy.stored(export, StorageKind::Object, Some(original), exported);
        let is_refused = refusal == Some(Refusal::Export);
        tell.stored(&Stored { region: home, is_refused, ..stored });
        if is_refused || step(1) >= self.run.end {
            return;
        }
        let (account, bytes) = (copy.image.owner, copy.image.bytes);
        tell.sent(&Sent { thing: export, account, region: home, bytes, at: step(1) });
        let upload = Thing::Upload { image, version, region };
        let uploaded = Span { start: step(1), end: step(3) };
        tell.stored(&copy.stored(upload, StorageKind::Object, None, uploaded));
        let imported = Span { start: step(2), end };
        if imported.start < imported.end.min(self.run.end) {
            let is_refused = refusal == Some(Refusal::Import);
            let stored = copy.stored(copy.thing(), StorageKind::Image, Some(upload), imported);
            tell.stored(&Stored { is_refused, ..stored });
        }
    }
}

/// How long after its release a version can be booted in a region. A copy has to be there before it
/// can be shared or booted: of what happens at one instant, that is applied first.
pub(in crate::project) fn delay(image: &Image, region: RegionId) -> Period {
    if region == image.regions[0] {
        return Period::from_micros(0);
    }
    let import = 2 * image.copy_step.micros() + MICROS_PER_SECOND;
    Period::from_micros(import.unsigned_abs())
}

/// A version of an image in a region.
#[derive(Debug, Clone, Copy)]
struct Version<'a> {
    place: usize,
    image: &'a Image,
    version: u32,
    region: RegionId,
}

impl Version<'_> {
    fn thing(&self) -> Thing<'static> {
        Thing::Version { image: self.place, version: self.version, region: self.region }
    }

    fn stored<'t>(
        &self,
        thing: Thing<'t>,
        kind: StorageKind,
        source: Option<Thing<'t>>,
        span: Span,
    ) -> Stored<'t> {
        Stored {
            thing,
            kind,
            account: self.image.owner,
            region: self.region,
            source,
            bytes: self.image.bytes,
            os: self.image.os,
            labels: self.image.labels.filter(|_| kind == StorageKind::Image),
            span,
            is_refused: false,
        }
    }
}
