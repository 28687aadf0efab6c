//! What a provider allows (rules, L).

use rustc_hash::FxHashSet;

use crate::value::OsId;

/// Who may copy an image, beside its owner (L06).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CopyBy {
    /// Nobody.
    #[default]
    Owner,
    /// Whoever may boot it.
    Members,
}

/// The provider's rules on sharing, exporting and importing images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Images with these in their lineage cannot be exported (L07).
    pub no_export_os: Vec<OsId>,
    /// Images of these cannot be imported (L08).
    pub no_import_os: Vec<OsId>,
    /// The largest image that can be imported, in bytes (L08).
    pub import_limit_bytes: Option<u64>,
    /// After how many days a rejected member should be removed (L12).
    pub stale_member_days: Option<u32>,
    /// Who may copy an image (L06).
    pub copy_by: CopyBy,
    /// Whom to write to about images shared in error or with ill intent.
    pub contact: Option<String>,
}

/// The ids of the provider's own images: exact, or by prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicImages {
    exact: FxHashSet<String>,
    prefixes: Vec<String>,
}

impl PublicImages {
    /// From patterns: an id, or the beginning of ids with a `*` at the end.
    #[must_use]
    pub fn new(patterns: &[String]) -> PublicImages {
        let mut images = PublicImages::default();
        for pattern in patterns {
            match pattern.strip_suffix('*') {
                Some(prefix) => images.prefixes.push(prefix.to_owned()),
                None => {
                    images.exact.insert(pattern.clone());
                }
            }
        }
        images
    }

    /// Whether an id is one of the provider's own images.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.exact.contains(id)
            || self.prefixes.iter().any(|prefix| id.starts_with(prefix.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_exact_or_prefixes() {
        let images = PublicImages::new(&["base-*".to_owned(), "one".to_owned()]);
        for (id, expected) in [("base-x", true), ("base-", true), ("base", false), ("one", true)] {
            assert_eq!(images.contains(id), expected, "{id}");
        }
        assert!(!images.contains("one-more"));
    }
}
