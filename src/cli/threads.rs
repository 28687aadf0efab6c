//! How many threads a run may have.

use std::thread::available_parallelism;

/// As many as are asked for, else as many as the machine has. No output depends on it.
pub(super) fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(|| available_parallelism().map_or(1, usize::from), usize::from)
}
