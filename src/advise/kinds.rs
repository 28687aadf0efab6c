//! What counts as waste.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::advise::watch::{Image, MadeOf, Seen};
use crate::advise::{Advice, Change, Kind, Limits};
use crate::event::Visibility;
use crate::value::{AccountId, Instant, MICROS_PER_DAY, Money, Names, OsId, RegionId};

/// Images of one size to the byte are taken for the same; but many are of a whole number of these,
/// whatever is in them.
const GIB: u64 = 1 << 30;

/// Looks for every kind in turn.
pub(super) fn find(seen: &Seen, limits: Limits, names: &Names, nothing: Money) -> Vec<Advice> {
    let days = i64::from(limits.unused_days) * MICROS_PER_DAY;
    let long_ago = Instant::from_micros(seen.looked.run.end.micros() - days);
    let mut finder = Finder {
        seen,
        limits,
        long_ago,
        names,
        nothing,
        taken: BTreeSet::new(),
        found: Vec::new(),
    };
    for kind in Kind::ALL {
        match kind {
            Kind::RepeatedReimage => finder.repeated_reimages(),
            Kind::Retention => finder.retention(),
            Kind::UnbootedCopy => finder.unbooted_copies(),
            Kind::ShareInstead => finder.shared_instead(),
            Kind::UnusedImage => finder.unused_images(),
            Kind::UnacceptedMember => finder.unaccepted_members(),
        }
    }
    finder.found
}

struct Finder<'a> {
    seen: &'a Seen,
    limits: Limits,
    /// Nobody has booted an unused image since.
    long_ago: Instant,
    names: &'a Names,
    nothing: Money,
    /// What is advised against already.
    taken: BTreeSet<&'a Arc<str>>,
    found: Vec<Advice>,
}

type One<'a> = (&'a Arc<str>, &'a Image);

impl<'a> Finder<'a> {
    /// The images that nothing is said about yet.
    fn left(&self) -> Vec<One<'a>> {
        let is_left = |(id, _): &One<'a>| !self.taken.contains(id);
        self.seen.images.iter().filter(is_left).collect()
    }

    fn month_start(&self) -> Instant {
        self.seen.looked.month.start
    }

    fn account(&self, account: AccountId) -> &'a str {
        self.names.accounts.text(account)
    }

    /// An image could be deleted: at the beginning of the month, or when it began to be waste.
    fn delete(
        &mut self,
        kind: Kind,
        (id, image): One<'a>,
        since: Instant,
        why: String,
        breaks: String,
    ) {
        let at = since.max(self.month_start());
        let delete = Change::Delete { image: Arc::clone(id), owner: image.owner, at };
        self.found.push(Advice {
            kind,
            account: image.owner,
            image: Arc::clone(id),
            region: image.region,
            bytes: image.bytes,
            since,
            why,
            breaks,
            changes: vec![delete],
            saving: self.nothing,
        });
        self.taken.insert(id);
    }

    /// What is made of an image is not touched by its end (C2, C3); but some things are.
    fn breaks(&self, (id, image): One<'_>) -> String {
        let running = self.seen.running.get(id).copied().unwrap_or(0);
        let mut breaks = Vec::new();
        if running > 0 {
            breaks.push(format!(
                "{} made from it cannot be rebuilt to it any more",
                counted(running as usize, "server", "servers")
            ));
        }
        if !image.members.is_empty() {
            let members = counted(image.members.len(), "member", "members");
            breaks.push(format!("its {members} can no longer boot it"));
        }
        if image.visibility != Visibility::Private {
            breaks.push("anybody may boot it until then".to_owned());
        }
        if breaks.is_empty() { "nothing that the log shows".to_owned() } else { breaks.join("; ") }
    }

    fn repeated_reimages(&mut self) {
        for (id, image) in self.left() {
            let MadeOf::Server { image: Some(source), .. } = &image.made_of else { continue };
            let Some(original) = self.seen.images.get(source) else { continue };
            let may_boot = original.visibility != Visibility::Private
                || original.members.contains_key(&image.owner);
            let is_the_same = original.owner != image.owner
                && may_boot
                && original.region == image.region
                && original.bytes == image.bytes
                && original.os == image.os;
            if !is_the_same {
                continue;
            }
            let why = format!(
                "it is as large to the byte as `{source}` of {}, from which its server was made \
                 and which {} may boot itself",
                self.account(original.owner),
                self.account(image.owner)
            );
            let breaks = format!(
                "what is booted from it has to be booted from `{source}`, as long as {} shares it; \
                 {}",
                self.account(original.owner),
                self.breaks((id, image))
            );
            self.delete(Kind::RepeatedReimage, (id, image), image.created, why, breaks);
        }
    }

    fn retention(&mut self) {
        let mut of_servers: BTreeMap<&Arc<str>, Vec<One<'a>>> = BTreeMap::new();
        for (id, image) in self.left() {
            if let MadeOf::Server { id: server, .. } = &image.made_of {
                of_servers.entry(server).or_default().push((id, image));
            }
        }
        let keep = self.limits.keep;
        for (server, mut images) in of_servers {
            // The newest first; of two at one instant, the one that is named later.
            images.sort_by(|(a, one), (b, other)| (other.created, b).cmp(&(one.created, a)));
            for place in keep..images.len() {
                let one = images[place];
                // It was one too many from when on the newer ones were enough.
                let since = images[place - keep].1.created;
                if one.1.last_use.is_some_and(|last| last >= since.max(self.month_start())) {
                    continue;
                }
                let all = images.len();
                let why =
                    format!("one of {all} images of server `{server}`; {keep} are to be kept");
                let breaks = format!(
                    "the server cannot be brought back to {}; {}",
                    one.1.created,
                    self.breaks(one)
                );
                self.delete(Kind::Retention, one, since, why, breaks);
            }
        }
    }

    fn unbooted_copies(&mut self) {
        for (id, image) in self.left() {
            let is_old = image.created <= self.long_ago;
            if image.made_of == MadeOf::Copy && image.last_use.is_none() && is_old {
                let region = self.names.regions.text(image.region);
                let why = format!("nobody has ever booted this copy in {region}");
                let breaks = format!(
                    "to boot it in {region} again, it has to be copied there anew; {}",
                    self.breaks((id, image))
                );
                self.delete(Kind::UnbootedCopy, (id, image), image.created, why, breaks);
            }
        }
    }

    fn shared_instead(&mut self) {
        type Same = (RegionId, u64, Option<OsId>);
        let mut same: BTreeMap<Same, Vec<One<'a>>> = BTreeMap::new();
        for (id, image) in self.left() {
            let is_telling = image.bytes > 0 && image.bytes % GIB != 0;
            let is_own = !matches!(image.made_of, MadeOf::Server { .. });
            if is_telling && is_own && image.visibility == Visibility::Private {
                same.entry((image.region, image.bytes, image.os)).or_default().push((id, image));
            }
        }
        for mut images in same.into_values() {
            images.sort_by_key(|(id, image)| (image.created, *id));
            let (original, producer) = images[0];
            for (id, image) in &images[1..] {
                // Copies that an account keeps for itself are another matter, and so are those that
                // others depend on.
                if image.owner == producer.owner || !image.members.is_empty() {
                    continue;
                }
                let (from, to) = (self.account(producer.owner), self.account(image.owner));
                let why = format!(
                    "it is as large to the byte as `{original}` of {from} in the same region: \
                     {from} could share that with {to} for nothing (R2); compare checksums first"
                );
                let breaks = format!(
                    "{to} depends on {from}, who may unshare, deactivate or delete it, and may boot \
                     what {from} has put into it; {}",
                    self.breaks((id, image))
                );
                let at = image.created.max(self.month_start());
                let (owner, member) = (producer.owner, image.owner);
                self.delete(Kind::ShareInstead, (id, image), image.created, why, breaks);
                let is_shared = producer.members.contains_key(&member);
                if let Some(advice) = self.found.last_mut().filter(|_| !is_shared) {
                    let image = Arc::clone(original);
                    advice.changes.insert(0, Change::Share { image, owner, member, at });
                }
                self.taken.insert(original);
            }
        }
    }

    fn unused_images(&mut self) {
        for (id, image) in self.left() {
            let since = image.last_use.unwrap_or(image.created);
            if since > self.long_ago {
                continue;
            }
            let why = match image.last_use {
                Some(last) => format!("nobody has booted it since {last}"),
                None => format!("nobody has booted it since it was made on {}", image.created),
            };
            let breaks = self.breaks((id, image));
            self.delete(Kind::UnusedImage, (id, image), since, why, breaks);
        }
    }

    fn unaccepted_members(&mut self) {
        for (id, image) in self.left() {
            for (account, member) in &image.members {
                if member.is_active || member.since > self.long_ago {
                    continue;
                }
                let who = self.account(*account);
                let at = member.since.max(self.month_start());
                let (image_id, owner) = (Arc::clone(id), image.owner);
                let unshare = Change::Unshare { image: image_id, owner, member: *account, at };
                self.found.push(Advice {
                    kind: Kind::UnacceptedMember,
                    account: image.owner,
                    image: Arc::clone(id),
                    region: image.region,
                    bytes: image.bytes,
                    since: member.since,
                    why: format!("{who} has neither accepted nor booted it since it was shared"),
                    breaks: format!(
                        "{who} can no longer boot it; it costs nothing (R2), but whoever may boot \
                         it may copy what is in it"
                    ),
                    changes: vec![unshare],
                    saving: self.nothing,
                });
            }
        }
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
