//! The operating system's files and streams: whatever is read or written goes through here.
//!
//! It is one place, so that a test can make any call fail as a disk, a network folder or a reader
//! may: see `fault.rs`. A released program has nothing of that. What the calls do is what
//! [`std::fs`] does, with two differences: that there is nothing at a path is an answer and not an
//! error, and any other trouble in finding out is never taken for that answer.

mod fault;
mod file;
mod folder;
mod stream;

pub use fault::held;
pub use file::File;
pub use folder::FolderLock;
pub use stream::{Stderr, Stdin, Stdout, stderr, stdin, stdout};

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use fault::{Call, is_old, strike};

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file, which has a size and can be read more than once.
    File,
    /// A folder.
    Folder,
    /// A link, where links are not followed.
    Link,
    /// A pipe, a device and the like.
    Other,
}

/// One thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its own name.
    pub name: OsString,
    /// Where it is.
    pub path: PathBuf,
    /// What it is; a link is a link.
    pub kind: Kind,
}

impl Kind {
    fn of(found: fs::FileType) -> Kind {
        match (found.is_file(), found.is_dir(), found.is_symlink()) {
            (true, ..) => Kind::File,
            (_, true, _) => Kind::Folder,
            (.., true) => Kind::Link,
            (false, false, false) => Kind::Other,
        }
    }
}

/// What stands at a path, links followed; `None` where there is nothing.
///
/// # Errors
/// Where that cannot be found out.
pub fn kind_at(path: impl AsRef<Path>) -> io::Result<Option<Kind>> {
    let path = path.as_ref();
    known(strike(Call::Look, path).and_then(|()| fs::metadata(path)))
}

/// The same, with a link being a link wherever it leads.
///
/// # Errors
/// Where that cannot be found out.
pub fn kind_of(path: impl AsRef<Path>) -> io::Result<Option<Kind>> {
    let path = path.as_ref();
    known(strike(Call::Look, path).and_then(|()| fs::symlink_metadata(path)))
}

fn known(found: io::Result<fs::Metadata>) -> io::Result<Option<Kind>> {
    match found {
        Ok(found) => Ok(Some(Kind::of(found.file_type()))),
        Err(error) if is_nothing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an error says that there is nothing at a path. Below a file there is nothing either.
fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether there is a file, links followed.
///
/// # Errors
/// Where that cannot be found out.
pub fn is_file(path: impl AsRef<Path>) -> io::Result<bool> {
    Ok(kind_at(path)? == Some(Kind::File))
}

/// Whether there is a folder, links followed.
///
/// # Errors
/// Where that cannot be found out.
pub fn is_folder(path: impl AsRef<Path>) -> io::Result<bool> {
    Ok(kind_at(path)? == Some(Kind::Folder))
}

/// The bytes of a file.
///
/// # Errors
/// What the system says; that a folder is none.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    // Files of the system itself say that they have none.
    let room = usize::try_from(file.size()?).unwrap_or(0).max(4 << 10);
    let mut bytes = Vec::with_capacity(room);
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What is in a folder, by name.
///
/// # Errors
/// What the system says, of the folder or of any entry.
pub fn list(folder: impl AsRef<Path>) -> io::Result<Vec<Entry>> {
    let folder = folder.as_ref();
    strike(Call::List, folder)?;
    let entry = |entry: io::Result<fs::DirEntry>| {
        let entry = entry?;
        let kind = Kind::of(entry.file_type()?);
        Ok(Entry { name: entry.file_name(), path: entry.path(), kind })
    };
    let mut entries = fs::read_dir(folder)?.map(entry).collect::<io::Result<Vec<Entry>>>()?;
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

/// A path without links and detours; what stands there has to exist.
///
/// # Errors
/// What the system says.
pub fn real_path(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    let path = path.as_ref();
    strike(Call::Look, path)?;
    fs::canonicalize(path)
}

/// Makes a folder.
///
/// # Errors
/// What the system says; that it is there already.
pub fn make_folder(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref();
    strike(Call::MakeFolder, path)?;
    fs::create_dir(path)
}

/// Removes a file.
///
/// # Errors
/// What the system says.
pub fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref();
    strike(Call::Remove, path)?;
    fs::remove_file(path)
}

/// Removes a folder that is empty.
///
/// # Errors
/// What the system says; that it is not.
pub fn remove_empty_folder(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref();
    strike(Call::Remove, path)?;
    fs::remove_dir(path)
}

/// Removes whatever is at a path, with all that is in it; a link is not followed.
///
/// # Errors
/// What the system says. That there is nothing is none.
pub fn remove_all(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref();
    match kind_of(path)? {
        None => Ok(()),
        Some(Kind::Folder) => {
            strike(Call::Remove, path)?;
            fs::remove_dir_all(path)
        }
        Some(Kind::File | Kind::Link | Kind::Other) => remove_file(path),
    }
}

/// Gives what is at one path another; what is there already is replaced if it is a file.
///
/// # Errors
/// What the system says.
pub fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    strike(Call::Rename, to.as_ref())?;
    fs::rename(from, to)
}

/// Gives what is at one path another, where nothing is yet.
///
/// # Errors
/// What the system says; `AlreadyExists` where something is there.
pub fn rename_to_new(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    let (from, to) = (from.as_ref(), to.as_ref());
    strike(Call::Rename, to)?;
    let renamed = if is_old() {
        Err(io::ErrorKind::Unsupported.into())
    } else {
        folder::rename_to_new(from, to)
    };
    match renamed {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
        outcome => return outcome,
    }
    match kind_of(to)? {
        None => rename(from, to),
        Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
    }
}

/// Lets two things that exist take each other's place, in one step.
///
/// # Errors
/// What the system says; `Unsupported` where it has no such step.
pub fn exchange(one: impl AsRef<Path>, other: impl AsRef<Path>) -> io::Result<()> {
    strike(Call::Rename, other.as_ref())?;
    if is_old() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    folder::exchange(one.as_ref(), other.as_ref())
}

/// Waits until the disk has a folder's list of what is in it, where the system can.
///
/// # Errors
/// What the system says.
pub fn sync_folder(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref();
    strike(Call::Sync, path)?;
    folder::sync(path)
}
