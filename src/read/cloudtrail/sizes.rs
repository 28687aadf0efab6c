//! How large an image is: the sum of its snapshots.
//!
//! A snapshot stores the blocks of a volume that were written. How many those are, only
//! `DescribeSnapshots` (`FullSnapshotSizeInBytes`) and the user's own table say; everything else
//! tells the volume's size, which is as much as there can be.
//!
//! Several images may be registered of one snapshot, which is paid for once: by the first of them,
//! its *holder*.

use std::collections::BTreeMap;

use super::action::{Action, Making, SnapshotMade};
use super::call::Call;
use super::described::{Described, Note};

/// How long a chain of copies may be.
const DEPTH: usize = 64;

/// An image's size.
#[derive(Debug, Clone, Default)]
pub(super) struct Size {
    pub(super) parts: Vec<Part>,
    /// The descriptions that told it.
    pub(super) notes: Vec<Note>,
}

/// A part of an image.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The snapshot, where it is known which.
    pub(super) snapshot: Option<String>,
    pub(super) bytes: u64,
}

impl Size {
    /// All of it; of sizes that pass the limit, the limit, which native events refuse.
    pub(super) fn full(&self) -> u64 {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.bytes))
    }
}

/// What is known of sizes.
#[derive(Debug)]
pub(super) struct Sizes<'a> {
    pub(super) described: &'a Described,
    made: BTreeMap<&'a str, &'a Making>,
    snapshots: BTreeMap<&'a str, &'a SnapshotMade>,
    /// Snapshots that are described as made for an image.
    made_for: BTreeMap<&'a str, Vec<(&'a str, Option<u64>)>>,
    holders: BTreeMap<&'a str, &'a str>,
}

impl<'a> Sizes<'a> {
    pub(super) fn new(calls: &'a [Call], described: &'a Described) -> Sizes<'a> {
        let mut sizes = Sizes {
            described,
            made: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            made_for: BTreeMap::new(),
            holders: BTreeMap::new(),
        };
        for (id, snapshot) in &described.snapshots {
            if let Some(image) = &snapshot.image {
                sizes.made_for.entry(image).or_default().push((id, None));
            }
        }
        let mut images = Vec::new();
        for call in calls {
            match &call.action {
                Ok(Action::ImageMade { image, how }) => {
                    sizes.made.entry(image).or_insert(how);
                    images.push((Some(call.time), image.as_str()));
                }
                Ok(Action::SnapshotsMade(all)) => {
                    for made in all {
                        sizes.snapshots.entry(&made.snapshot).or_insert(made);
                    }
                }
                _ => {}
            }
        }
        let is_new = |image: &&str| !sizes.made.contains_key(*image);
        let older = described.images.iter().map(|(id, facts)| (facts.created, id.as_str()));
        images.extend(older.filter(|(_, image)| is_new(image)));
        images.sort_unstable();
        for (_, image) in images {
            for (snapshot, _) in sizes.snapshots_of(image) {
                sizes.holders.entry(snapshot).or_insert(image);
            }
        }
        sizes
    }

    /// Whether a snapshot is paid for as a part of this image.
    pub(super) fn holds(&self, image: &str, snapshot: &str) -> bool {
        self.holders.get(snapshot).is_some_and(|holder| *holder == image)
    }

    /// Whether an image was made of a snapshot.
    pub(super) fn is_of_image(&self, snapshot: &str) -> bool {
        self.holders.contains_key(snapshot)
    }

    /// What an image stores that no other image does.
    pub(super) fn stored(&self, image: &str, size: &Size) -> u64 {
        let own = size.parts.iter().filter(|part| match &part.snapshot {
            Some(snapshot) => self.holds(image, snapshot),
            None => true,
        });
        own.fold(0, |sum, part| sum.saturating_add(part.bytes))
    }

    /// How large an image is; or the things whose sizes nobody tells.
    pub(super) fn image(&self, image: &str) -> Result<Size, Vec<String>> {
        self.image_within(image, DEPTH)
    }

    fn image_within(&self, image: &str, depth: usize) -> Result<Size, Vec<String>> {
        let snapshots = self.snapshots_of(image);
        if let Some((bytes, note)) = self.described.sizes.get(image) {
            let only = match snapshots.as_slice() {
                [(snapshot, _)] => Some((*snapshot).to_string()),
                _ => None,
            };
            let parts = vec![Part { snapshot: only, bytes: *bytes }];
            return Ok(Size { parts, notes: vec![*note] });
        }
        let mut missing = Vec::new();
        let mut size = Size::default();
        for (snapshot, volume) in &snapshots {
            match self.snapshot(snapshot, *volume, &mut size.notes, DEPTH) {
                Some(bytes) => {
                    let snapshot = Some((*snapshot).to_string());
                    size.parts.push(Part { snapshot, bytes });
                }
                None => missing.push((*snapshot).to_string()),
            }
        }
        if !snapshots.is_empty() && missing.is_empty() {
            size.notes.extend(self.described.images.get(image).map(|facts| facts.note));
            return Ok(size);
        }
        match self.made.get(image) {
            Some(Making::Copied { source, .. }) if snapshots.is_empty() && depth > 0 => {
                let of_source = self.image_within(source, depth - 1)?;
                // The copy's snapshots are its own, whatever they are called.
                let part = Part { snapshot: None, bytes: of_source.full() };
                Ok(Size { parts: vec![part], notes: of_source.notes })
            }
            _ if missing.is_empty() => Err(vec![image.to_string()]),
            _ => Err(missing),
        }
    }

    /// An image's snapshots, with the sizes of their volumes: those that it was registered of, else
    /// those that are described.
    fn snapshots_of(&self, image: &str) -> Vec<(&'a str, Option<u64>)> {
        fn listed(all: &[(String, Option<u64>)]) -> Vec<(&str, Option<u64>)> {
            all.iter().map(|(id, volume)| (id.as_str(), *volume)).collect()
        }
        if let Some(Making::Registered(all)) = self.made.get(image)
            && !all.is_empty()
        {
            return listed(all);
        }
        match self.described.images.get(image) {
            Some(facts) if !facts.snapshots.is_empty() => listed(&facts.snapshots),
            _ => self.made_for.get(image).cloned().unwrap_or_default(),
        }
    }

    fn snapshot(
        &self,
        id: &str,
        volume: Option<u64>,
        notes: &mut Vec<Note>,
        depth: usize,
    ) -> Option<u64> {
        if let Some((bytes, note)) = self.described.sizes.get(id) {
            notes.push(*note);
            return Some(*bytes);
        }
        let described = self.described.snapshots.get(id);
        let made = self.snapshots.get(id);
        if let Some(bytes) = described.and_then(|facts| facts.stored) {
            notes.extend(described.map(|facts| facts.note));
            return Some(bytes);
        }
        if let Some(bytes) = volume.or_else(|| made?.bytes) {
            return Some(bytes);
        }
        if let Some(bytes) = described.and_then(|facts| facts.volume) {
            notes.extend(described.map(|facts| facts.note));
            return Some(bytes);
        }
        let source = made.map(|made| made.copy_of.as_str()).filter(|source| !source.is_empty())?;
        self.snapshot(source, None, notes, depth.checked_sub(1)?)
    }
}
