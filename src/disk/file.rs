//! A file that is read or written.

use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::disk::Kind;
use crate::disk::fault::{Call, strike, transfer};

/// An open file.
#[derive(Debug)]
pub struct File {
    file: fs::File,
    /// Where it was opened; for a nameless one, the folder that it is in.
    path: PathBuf,
    /// How large it was when it was opened to be read.
    opened_with: u64,
}

impl File {
    fn new(file: fs::File, path: &Path) -> File {
        File { file, path: path.to_owned(), opened_with: 0 }
    }

    /// Opens a file that is there, to be read.
    ///
    /// # Errors
    /// What the system says; that a folder is none.
    pub fn open(path: impl AsRef<Path>) -> io::Result<File> {
        let path = path.as_ref();
        strike(Call::Open, path)?;
        let file = fs::File::open(path)?;
        // Opening a folder works on some systems; reading it does not, and says it less clearly.
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let opened_with = if about.is_file() { about.len() } else { 0 };
        Ok(File { opened_with, ..File::new(file, path) })
    }

    /// Opens what can be written to and is no file of its own: a device, a pipe, what a link
    /// leads to.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(path: impl AsRef<Path>) -> io::Result<File> {
        let path = path.as_ref();
        strike(Call::Create, path)?;
        Ok(File::new(fs::File::create(path)?, path))
    }

    /// Makes a file where nothing is yet.
    ///
    /// # Errors
    /// What the system says; that something is there.
    pub fn create_new(path: impl AsRef<Path>) -> io::Result<File> {
        let path = path.as_ref();
        strike(Call::Create, path)?;
        Ok(File::new(fs::File::create_new(path)?, path))
    }

    /// Makes a file, or empties the one that is there, and keeps it from others who do the same
    /// until it is closed; `None` where somebody else keeps it.
    ///
    /// # Errors
    /// What the system says.
    pub fn claim(path: impl AsRef<Path>) -> io::Result<Option<File>> {
        let path = path.as_ref();
        strike(Call::Create, path)?;
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Not every folder of a network knows locks; then there are none.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        file.set_len(0)?;
        Ok(Some(File::new(file, path)))
    }

    /// Makes a file without a name, which the system takes back however the program ends.
    ///
    /// # Errors
    /// What the system says.
    pub fn nameless(folder: &Path) -> io::Result<File> {
        strike(Call::Create, folder)?;
        Ok(File::new(tempfile::tempfile_in(folder)?, folder))
    }

    /// What it is.
    ///
    /// # Errors
    /// What the system says.
    pub fn kind(&self) -> io::Result<Kind> {
        strike(Call::Look, &self.path)?;
        Ok(Kind::of(self.file.metadata()?.file_type()))
    }

    /// Its size, where it has one.
    ///
    /// # Errors
    /// What the system says.
    pub fn size(&self) -> io::Result<u64> {
        strike(Call::Look, &self.path)?;
        Ok(self.file.metadata()?.len())
    }

    /// Waits until the disk has all of it.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        strike(Call::Sync, &self.path)?;
        self.file.sync_all()
    }
}

impl Read for &File {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = transfer(Call::Read, &self.path, out.len())?;
        let read = (&self.file).read(&mut out[..length])?;
        // One that grows is read as far as it goes. One that shrinks has lost what was in it.
        if read == 0 && !out.is_empty() && (&self.file).stream_position()? < self.opened_with {
            let why = "it became shorter while it was read";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
        }
        Ok(read)
    }
}

impl Read for File {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        (&*self).read(out)
    }
}

impl Write for &File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = transfer(Call::Write, &self.path, bytes.len())?;
        (&self.file).write(&bytes[..length])
    }

    fn flush(&mut self) -> io::Result<()> {
        (&self.file).flush()
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self).flush()
    }
}

impl Seek for &File {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        strike(Call::Seek, &self.path)?;
        (&self.file).seek(to)
    }
}

impl Seek for File {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        (&*self).seek(to)
    }
}
