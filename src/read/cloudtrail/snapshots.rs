//! Snapshots, as far as images are made of them.
//!
//! An image that is deregistered leaves its snapshots, which are paid for until they are deleted.
//! They are told as objects: stored, and no image's. Other snapshots, backups mostly, are not in
//! the bill: they store what changed since the one before, which nobody tells.

use std::collections::BTreeMap;

use super::action::Action;
use super::call::Call;
use super::sizes::{Size, Sizes};
use super::verdict::{Key, Verdicts};
use crate::read::foreign::NativeRow;

const OF_IMAGE: &str = "an image is made of it, and has its size";
const NO_IMAGE: &str = "no image is made of it: only the snapshots of images are in this bill";
const NOT_KEPT: &str = "of no snapshot that a deregistered image left";

/// The deletions of snapshots, each with its number; those that end an object are taken out.
pub(super) type Deletions<'a> = BTreeMap<&'a str, (usize, &'a Call)>;

pub(super) fn deletions(calls: &[Call]) -> Deletions<'_> {
    let mut deletions = Deletions::new();
    for (number, call) in calls.iter().enumerate() {
        if let Ok(Action::SnapshotGone { snapshot }) = &call.action {
            deletions.entry(snapshot).or_insert((number, call));
        }
    }
    deletions
}

/// The snapshots of an image that is deregistered.
pub(super) struct Kept<'a> {
    pub(super) image: &'a str,
    pub(super) owner: &'a str,
    pub(super) region: &'a str,
    pub(super) size: &'a Size,
    pub(super) gone: (Key, &'a Call),
}

impl Kept<'_> {
    /// Tells those that are still there; returns 1 where it is not known which they are.
    pub(super) fn tell(
        &self,
        sizes: &Sizes<'_>,
        deletions: &mut Deletions<'_>,
        verdicts: &mut Verdicts<'_>,
    ) -> usize {
        let (key, call) = self.gone;
        for part in &self.size.parts {
            let Some(snapshot) = part.snapshot.as_deref() else { continue };
            if !sizes.holds(self.image, snapshot) {
                continue;
            }
            let deletion = deletions.remove(snapshot);
            if let Some((number, deletion)) = deletion {
                let end = verdicts.call(number);
                if deletion.time <= call.time {
                    verdicts.merged(end, "went with its image");
                    continue;
                }
                let row = NativeRow {
                    account: deletion.account.clone(),
                    resource: snapshot.to_string(),
                    ..verdicts.blank(end, "object.delete", deletion.time)
                };
                verdicts.row(end, row);
            }
            let row = NativeRow {
                account: self.owner.to_string(),
                region: self.region.to_string(),
                resource: snapshot.to_string(),
                bytes: part.bytes.to_string(),
                ..verdicts.blank(key, "object.create", call.time)
            };
            verdicts.row(key, row);
        }
        usize::from(self.size.parts.iter().any(|part| part.snapshot.is_none()))
    }
}

/// What became of the records of snapshots that no image told of.
pub(super) fn finish(
    calls: &[Call],
    sizes: &Sizes<'_>,
    deletions: Deletions<'_>,
    verdicts: &mut Verdicts<'_>,
) {
    for (number, call) in calls.iter().enumerate() {
        let key = verdicts.call(number);
        match &call.action {
            Ok(Action::SnapshotsMade(all)) => {
                let is_used = all.iter().any(|made| sizes.is_of_image(&made.snapshot));
                if is_used {
                    verdicts.merged(key, OF_IMAGE);
                } else {
                    verdicts.left_out(key, NO_IMAGE);
                }
            }
            Ok(Action::SnapshotGone { snapshot }) => {
                let is_left = deletions.get(snapshot.as_str()).is_some_and(|(n, _)| *n == number);
                let is_repeat = !is_left && !sizes.is_of_image(snapshot);
                if is_left || is_repeat {
                    verdicts.left_out(key, NOT_KEPT);
                }
            }
            _ => {}
        }
    }
}
