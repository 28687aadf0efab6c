//! Files for what does not fit into memory for now.
//!
//! They have no name: the system takes them back when the program ends, however it ends.

mod archive;
mod pile;
mod run;
mod runs;
mod shelf;

pub use archive::Archive;
pub use pile::{Pile, Rest};
pub use run::Run;
pub use runs::{Merge, Order, Runs};
pub use shelf::Shelf;

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::disk::File;

/// Where scratch files are made.
#[derive(Debug, Clone)]
pub struct Scratch {
    folder: PathBuf,
}

/// Why a scratch file cannot be made, written or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a scratch file in `{}`: {message}", folder.display())]
pub struct ScratchError {
    /// Where it is.
    pub folder: PathBuf,
    /// What the system says.
    pub message: String,
}

impl Default for Scratch {
    /// In the system's folder for temporary files.
    fn default() -> Scratch {
        Scratch::in_folder(std::env::temp_dir())
    }
}

impl Scratch {
    /// In this folder.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Scratch {
        Scratch { folder }
    }

    /// Makes a file, to be written and read.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn file(&self) -> Result<File, ScratchError> {
        File::nameless(&self.folder).map_err(|error| self.error(&error))
    }

    /// What the system says of one of its files.
    #[must_use]
    pub fn error(&self, error: &io::Error) -> ScratchError {
        ScratchError { folder: self.folder.clone(), message: error.to_string() }
    }
}
