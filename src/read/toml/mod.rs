//! TOML files as trees of values with their places, and their tables key by key: scenarios, and maps
//! of invoices and ledgers.

pub(in crate::read) mod keys;
pub(in crate::read) mod tree;

use crate::diagnostic::{Diagnostic, has_errors};
use tree::Node;

/// Reads a file by its root table, or tells everything that is wrong with it, from top to bottom.
pub(in crate::read) fn read_file<T>(
    name: &str,
    bytes: &[u8],
    read: impl FnOnce(&Node, &mut Vec<Diagnostic>) -> Option<T>,
) -> Result<T, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let root = tree::parse(name, bytes, &mut diagnostics);
    let found = root.and_then(|(_, root)| read(&root, &mut diagnostics));
    diagnostics.sort_by_key(|d| d.place.as_ref().map(|(place, _)| place.span.start));
    match found {
        Some(found) if !has_errors(&diagnostics) => Ok(found),
        _ => Err(diagnostics),
    }
}
