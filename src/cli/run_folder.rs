//! The folder of a finished run, opened to be read.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::Stopped;
use crate::cli::files::unreadable;
use crate::diagnostic::Diagnostic;
use crate::disk::{self, File, Kind};
use crate::read::long::LongError;
use crate::read::run::{RunRow, not_a_run, read_info, read_table};
use crate::run::RunInfo;

/// A folder that `bill` or `project` wrote.
pub(super) struct RunFolder {
    /// As it was given.
    pub(super) name: String,
    /// What its `run.json` says.
    pub(super) info: RunInfo,
}

impl RunFolder {
    /// Opens a folder, or says why it is none of a run.
    pub(super) fn open(name: &str) -> Result<RunFolder, Stopped> {
        let path = Path::new(name);
        let unknown = |error: io::Error| vec![unreadable(name, &error)];
        let file = path.join("run.json").display().to_string();
        let unreadable = |error: io::Error| vec![unreadable(&file, &error)];
        let why = match disk::kind_at(path).map_err(unknown)? {
            None => "there is no such folder",
            Some(Kind::Folder) if disk::is_file(&file).map_err(unreadable)? => "",
            Some(Kind::Folder) => "it has no run.json",
            Some(_) => "it is a file",
        };
        if !why.is_empty() {
            return Err(vec![not_a_run(name, why)]);
        }
        let bytes = disk::read(&file).map_err(unreadable)?;
        let info = read_info(name, &bytes).map_err(|diagnostic| vec![diagnostic])?;
        Ok(RunFolder { name: name.to_owned(), info })
    }

    /// Whether it holds a file.
    pub(super) fn has(&self, file: &str) -> Result<bool, Stopped> {
        let path = self.path(file);
        disk::is_file(&path).map_err(|error| vec![unreadable(&path.display().to_string(), &error)])
    }

    fn path(&self, file: &str) -> PathBuf {
        Path::new(&self.name).join(file)
    }

    /// Reads one of its files.
    pub(super) fn read<T>(
        &self,
        file: &str,
        read: impl FnOnce(&str, File) -> Result<T, LongError>,
    ) -> Result<T, Stopped> {
        let name = self.path(file).display().to_string();
        let file = File::open(&name).map_err(|error| vec![unreadable(&name, &error)])?;
        read(&name, file).map_err(|error| match error {
            LongError::Io(error) => vec![unreadable(&name, &error)],
            LongError::Wrong(diagnostics) => diagnostics,
        })
    }

    /// Tells `each` the rows of a table in order, with their lines, without holding it.
    pub(super) fn rows<R: RunRow>(
        &self,
        each: impl FnMut(R, u64) -> Result<(), Diagnostic>,
    ) -> Result<(), Stopped> {
        self.read(R::FILE, |name, file| read_table(name, file, each))
    }

    /// A whole table: for those that are as long as a bill has statements or charges, not for
    /// allocations.
    pub(super) fn table<R: RunRow>(&self) -> Result<Vec<R>, Stopped> {
        let mut rows = Vec::new();
        self.rows(|row, _| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }
}
