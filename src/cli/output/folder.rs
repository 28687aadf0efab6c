//! A folder that appears whole or not at all.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::cli::Stopped;
use crate::cli::output::file::OutputFile;
use crate::cli::output::making::{Making, missing_above};
use crate::cli::output::{
    Kind, being_written, check_target, exists, partial_beside, replaced_beside, unwritable,
};
use crate::cli::scribe::Scribe;
use crate::diagnostic::{Code, Diagnostic};
use crate::disk::{self, File, FolderLock};

/// A folder in the making, beside the place where it will appear.
pub(in crate::cli) struct OutputFolder {
    kind: Kind,
    force: bool,
    making: Making,
    files: Vec<String>,
    is_published: bool,
    /// Keeps other runs from the same folder.
    _lock: FolderLock,
}

impl OutputFolder {
    /// Begins a folder. An existing target is refused without `force`, and with it where it is
    /// not a folder of this kind that this program wrote.
    pub(in crate::cli) fn begin(
        target: &str,
        kind: Kind,
        force: bool,
    ) -> Result<OutputFolder, Stopped> {
        let target = PathBuf::from(target);
        let refuse = |error: io::Error| vec![unwritable(&target, &error)];
        if target.file_name().is_some() {
            bring_back(&target).map_err(refuse)?;
        }
        check_target(&target, kind, force)?;
        let made = missing_above(&target).map_err(refuse)?;
        let partial = partial_beside(&target);
        let making = Making { target: target.clone(), partial, made };
        let lock = make(&making)?;
        let (files, is_published) = (Vec::new(), false);
        Ok(OutputFolder { kind, force, making, files, is_published, _lock: lock })
    }

    /// Writes one file of it.
    pub(in crate::cli) fn write(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), Stopped> {
        let mut file = self.open(name)?;
        file.write(fill)?;
        file.close()
    }

    /// Makes a folder in it.
    pub(in crate::cli) fn make_folder(&mut self, name: &str) -> Result<(), Stopped> {
        disk::make_folder(self.making.partial.join(name))
            .map_err(|error| vec![unwritable(&self.making.target.join(name), &error)])
    }

    /// Begins one file of it, to be written bit by bit and closed in the end.
    pub(in crate::cli) fn open(&mut self, name: &str) -> Result<OutputFile, Stopped> {
        let target = self.making.target.join(name);
        match File::create_new(self.making.partial.join(name)) {
            Ok(file) => {
                self.files.push(name.to_owned());
                Ok(OutputFile::new(file, target))
            }
            Err(error) => Err(vec![unwritable(&target, &error)]),
        }
    }

    /// What to say when a file of it cannot be written.
    pub(in crate::cli) fn refusal(&self, name: &str) -> impl Fn(&io::Error) -> Stopped + 'static {
        let target = self.making.target.join(name);
        move |error| vec![unwritable(&target, error)]
    }

    /// The files begun so far.
    pub(in crate::cli) fn files(&self) -> Vec<&str> {
        self.files.iter().map(String::as_str).collect()
    }

    /// Where what is written so far can be read.
    pub(in crate::cli) fn so_far(&self) -> &Path {
        &self.making.partial
    }

    /// Makes it appear.
    pub(in crate::cli) fn publish(mut self, scribe: &Scribe) -> Result<(), Stopped> {
        let refuse = |error: io::Error| vec![unwritable(&self.making.target, &error)];
        disk::sync_folder(&self.making.partial).map_err(refuse)?;
        let left = self.making.appear(|| self.appear())?;
        self.is_published = true;
        scribe.diagnostics(&left.into_iter().collect::<Vec<_>>());
        Ok(())
    }

    /// Moves it to its place. What is to be said of the folder that was there, if that is left.
    fn appear(&self) -> Result<Option<Diagnostic>, Stopped> {
        let Making { target, partial, .. } = &self.making;
        let refuse = |error: io::Error| vec![unwritable(target, &error)];
        // Somebody may have put something there meanwhile.
        if !check_target(target, self.kind, self.force)? {
            return match disk::rename_to_new(partial, target) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    Err(vec![exists(target)])
                }
                outcome => outcome.map(|()| None).map_err(refuse),
            };
        }
        let old = match disk::exchange(partial, target) {
            Ok(()) => partial.clone(),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                replace(partial, target).map_err(refuse)?
            }
            Err(error) => return Err(refuse(error)),
        };
        Ok(disk::remove_all(&old).err().map(|error| left_over(&old, &error)))
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        if !self.is_published {
            // Nothing more can be done about a leftover; the next run removes it.
            self.making.give_up();
        }
    }
}

/// Makes the folder that will be renamed, once what an interrupted run has left is gone.
fn make(making: &Making) -> Result<FolderLock, Stopped> {
    let Making { target, partial, made } = making;
    let refuse = |error: io::Error| vec![unwritable(target, &error)];
    if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        match disk::kind_at(parent).map_err(refuse)? {
            None | Some(disk::Kind::Folder) => {}
            Some(_) => return Err(refuse(io::ErrorKind::NotADirectory.into())),
        }
    }
    // It stays kept until it is gone, so that two runs do not remove it.
    let is_left = disk::kind_of(partial).map_err(refuse)? == Some(disk::Kind::Folder);
    let kept = if is_left { Some(FolderLock::on(partial).map_err(refuse)?) } else { None };
    if matches!(kept, Some(None)) {
        return Err(vec![being_written(target)]);
    }
    disk::remove_all(partial).map_err(refuse)?;
    drop(kept);
    making.begin(|| {
        let mut folders = made.iter().rev().chain([partial]);
        let all = folders.try_for_each(disk::make_folder);
        all.map_err(|error| {
            making.remove();
            refuse(error)
        })
    })?;
    match FolderLock::on(partial) {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => {
            making.forget();
            Err(vec![being_written(target)])
        }
        Err(error) => {
            making.give_up();
            Err(refuse(error))
        }
    }
}

/// Brings a folder back whose replacement was stopped halfway.
fn bring_back(target: &Path) -> io::Result<()> {
    let replaced = replaced_beside(target);
    if disk::kind_of(&replaced)?.is_none() {
        return Ok(());
    }
    match disk::kind_of(target)? {
        None => disk::rename_to_new(&replaced, target),
        Some(_) => disk::remove_all(&replaced),
    }
}

/// Replaces a folder in two steps, where the system knows no single one; where the old one is then.
fn replace(partial: &Path, target: &Path) -> io::Result<PathBuf> {
    let replaced = replaced_beside(target);
    disk::rename(target, &replaced)?;
    if let Err(error) = disk::rename_to_new(partial, target) {
        // The old folder comes back before anything is said; if it cannot, the next run brings it.
        disk::rename_to_new(&replaced, target)?;
        return Err(error);
    }
    Ok(replaced)
}

fn left_over(old: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("the folder that was replaced is left as `{}`: {error}", old.display());
    Diagnostic::warning(Code::FileUnwritable, message)
        .help("the new one is whole; remove the old one, or the next run does")
}
