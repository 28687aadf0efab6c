//! What only some systems can do with folders.

use std::io;
use std::path::Path;

/// Keeps a folder from others who ask for the same, until it is dropped or the program ends.
#[derive(Debug)]
pub struct FolderLock {
    #[cfg(unix)]
    #[expect(dead_code, reason = "it is open for as long as it is kept")]
    folder: std::fs::File,
}

impl FolderLock {
    /// Keeps a folder; `None` where somebody else does, or the folder has just been replaced.
    ///
    /// # Errors
    /// What the system says.
    #[cfg(unix)]
    pub fn on(path: impl AsRef<Path>) -> io::Result<Option<FolderLock>> {
        use std::fs;
        use std::os::unix::fs::MetadataExt as _;

        use crate::disk::fault::{Call, strike};

        let path = path.as_ref();
        strike(Call::Open, path)?;
        let folder = fs::File::open(path)?;
        match folder.try_lock() {
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            // Not every folder of a network knows locks; then there are none.
            Ok(()) | Err(fs::TryLockError::Error(_)) => {}
        }
        // Whoever kept it before may have put another one into its place.
        let (held, there) = (folder.metadata()?, fs::symlink_metadata(path)?);
        let is_same = (held.dev(), held.ino()) == (there.dev(), there.ino());
        Ok(is_same.then_some(FolderLock { folder }))
    }

    /// Systems without locks on folders keep none.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn on(_: impl AsRef<Path>) -> io::Result<Option<FolderLock>> {
        Ok(Some(FolderLock {}))
    }
}

/// `Unsupported` where the system has no such step.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_with(from: &Path, to: &Path, flags: rustix::fs::RenameFlags) -> io::Result<()> {
    use rustix::fs::{CWD, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, from, CWD, to, flags) {
        // An old system, or a folder of one that knows nothing of it.
        Err(Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP) => {
            Err(io::ErrorKind::Unsupported.into())
        }
        outcome => Ok(outcome?),
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    rename_with(from, to, rustix::fs::RenameFlags::NOREPLACE)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    rename_with(one, other, rustix::fs::RenameFlags::EXCHANGE)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) fn rename_to_new(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
pub(super) fn sync(path: &Path) -> io::Result<()> {
    match std::fs::File::open(path)?.sync_all() {
        // Some folders of a network cannot.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        outcome => outcome,
    }
}

#[cfg(not(unix))]
pub(super) fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}
