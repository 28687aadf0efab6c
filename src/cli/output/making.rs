//! What is in the making, so that nothing of it is left, however the program is stopped.
//!
//! All that appears or goes does so under one lock. Whoever stops the program takes it and keeps it:
//! then nothing appears any more, and what was in the making can be removed.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::disk;

/// A file or folder in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Making {
    /// What it is to be.
    pub(super) target: PathBuf,
    /// What it is called until then.
    pub(super) partial: PathBuf,
    /// The folders above it that were made for it, the innermost first.
    pub(super) made: Vec<PathBuf>,
}

static ALL: Mutex<Vec<Making>> = Mutex::new(Vec::new());

/// Holds everything that appears or goes as it is.
pub(in crate::cli) fn hold() -> MutexGuard<'static, impl Sized> {
    all()
}

fn all() -> MutexGuard<'static, Vec<Making>> {
    // A list of paths is whole whoever panicked.
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Making {
    /// Begins it, by making what it is called until it appears. Where that fails, whoever makes it
    /// leaves nothing.
    pub(super) fn begin<T, E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut all = all();
        let made = make()?;
        all.push(self.clone());
        Ok(made)
    }

    /// Lets it appear. Where that fails it is still in the making.
    pub(super) fn appear<T, E>(&self, publish: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut all = all();
        let appeared = publish()?;
        all.retain(|making| making != self);
        Ok(appeared)
    }

    /// Gives it up.
    pub(super) fn give_up(&self) {
        let mut all = all();
        all.retain(|making| making != self);
        self.remove();
    }

    /// Forgets it: what is there by its name is another run's.
    pub(super) fn forget(&self) {
        all().retain(|making| making != self);
    }

    /// Removes what there is of it; whether nothing is left.
    pub(super) fn remove(&self) -> bool {
        // Another thread may still write into a folder that is being removed.
        let is_gone = (0..3).any(|_| disk::remove_all(&self.partial).is_ok());
        // Only what is empty goes: somebody else may have put a file there meanwhile.
        for above in &self.made {
            let _ = disk::remove_empty_folder(above);
        }
        is_gone
    }
}

/// Removes all that is in the making, for good: whoever calls this ends the program, and nothing
/// appears any more. What each was to be, and what is left of it, if anything.
#[cfg(unix)]
pub(in crate::cli) fn clear() -> Vec<(PathBuf, Option<PathBuf>)> {
    let mut all = all();
    let cleared = all.drain(..).map(|making| {
        let left = (!making.remove()).then(|| making.partial.clone());
        (making.target, left)
    });
    let cleared = cleared.collect();
    std::mem::forget(all);
    cleared
}

/// The folders above a path that are not there yet, the innermost first.
pub(super) fn missing_above(target: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut missing = Vec::new();
    for above in target.ancestors().skip(1) {
        if above.as_os_str().is_empty() || disk::kind_at(above)?.is_some() {
            break;
        }
        missing.push(above.to_owned());
    }
    Ok(missing)
}
