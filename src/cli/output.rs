//! A folder that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::cli::Stopped;
use crate::diagnostic::{Code, Diagnostic};

/// A folder in the making, beside the place where it will appear.
pub(super) struct OutputFolder {
    target: PathBuf,
    partial: PathBuf,
    files: Vec<String>,
    is_published: bool,
}

impl OutputFolder {
    /// Begins a folder. An existing target is refused without `force`, and with it where it is
    /// not a folder that this program wrote.
    pub(super) fn begin(target: &str, force: bool) -> Result<OutputFolder, Stopped> {
        let target = PathBuf::from(target);
        check_target(&target, force)?;
        let partial = partial_beside(&target);
        let make = || {
            if let Some(parent) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
                fs::create_dir_all(parent)?;
            }
            // What an interrupted run has left.
            if partial.exists() {
                fs::remove_dir_all(&partial)?;
            }
            fs::create_dir(&partial)
        };
        make().map_err(|error| vec![unwritable(&target, &error)])?;
        Ok(OutputFolder { target, partial, files: Vec::new(), is_published: false })
    }

    /// Writes one file of it.
    pub(super) fn write(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), Stopped> {
        let write = || {
            let mut out = BufWriter::new(File::create_new(self.partial.join(name))?);
            fill(&mut out)?;
            out.flush()?;
            out.get_ref().sync_all()
        };
        write().map_err(|error| vec![unwritable(&self.target.join(name), &error)])?;
        self.files.push(name.to_owned());
        Ok(())
    }

    /// The files written so far.
    pub(super) fn files(&self) -> Vec<&str> {
        self.files.iter().map(String::as_str).collect()
    }

    /// Makes it appear.
    pub(super) fn publish(mut self) -> Result<(), Stopped> {
        let publish = || {
            let replaced = self.target.exists().then(|| replaced_beside(&self.target));
            if let Some(replaced) = &replaced {
                fs::rename(&self.target, replaced)?;
            }
            if let Err(error) = fs::rename(&self.partial, &self.target) {
                // The old folder comes back before anything is said.
                replaced.map_or(Ok(()), |replaced| fs::rename(replaced, &self.target))?;
                return Err(error);
            }
            replaced.map_or(Ok(()), fs::remove_dir_all)
        };
        publish().map_err(|error| vec![unwritable(&self.target, &error)])?;
        self.is_published = true;
        Ok(())
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        if !self.is_published {
            // Nothing more can be done about a leftover; the next run removes it.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

fn check_target(target: &Path, force: bool) -> Result<(), Stopped> {
    let shown = target.display();
    if target.file_name().is_none() {
        let message = format!("`{shown}` cannot be an output folder");
        return Err(vec![Diagnostic::error(Code::FileUnwritable, message)]);
    }
    if !target.exists() {
        return Ok(());
    }
    let refuse = |message: String, help: &str| {
        Err(vec![Diagnostic::error(Code::OutputExists, message).help(help)])
    };
    if !force {
        let help = "choose another folder, or replace it with --force";
        return refuse(format!("`{shown}` exists already"), help);
    }
    let is_ours = target.join("run.json").is_file() || target.join("book.toml").is_file();
    let is_empty = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if !is_ours && !is_empty {
        let help = "--force replaces only folders that sharebill wrote; remove it yourself";
        return refuse(format!("`{shown}` was not written by sharebill"), help);
    }
    Ok(())
}

fn beside(target: &Path, ending: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{ending}"))
}

fn partial_beside(target: &Path) -> PathBuf {
    beside(target, "partial")
}

fn replaced_beside(target: &Path) -> PathBuf {
    beside(target, "replaced")
}

/// What to say about a file or folder that cannot be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    let message = match error.kind() {
        io::ErrorKind::StorageFull => format!("the disk is full: `{}`", path.display()),
        _ => format!("`{}` cannot be written: {error}", path.display()),
    };
    Diagnostic::error(Code::FileUnwritable, message)
        .help("nothing was left behind; make room or choose another place")
}

/// Writes one file whole or not at all; `-` is standard output.
pub(super) fn write_file(target: &str, bytes: &[u8]) -> Result<(), Stopped> {
    write_stream(target, |out| out.write_all(bytes))
}

/// Writes one file whole or not at all, as it comes; `-` is standard output.
pub(super) fn write_stream(
    target: &str,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Stopped> {
    const BUFFER: usize = 1 << 20;
    if target == "-" {
        let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
        let written = fill(&mut out).and_then(|()| out.flush());
        return written.map_err(|error| vec![unwritable(Path::new("standard output"), &error)]);
    }
    let path = Path::new(target);
    // A device or a pipe is written to, not replaced.
    let is_replaced = !path.exists() || path.is_file();
    let written_to = if is_replaced { partial_beside(path) } else { path.to_owned() };
    let write = || {
        let mut out = BufWriter::with_capacity(BUFFER, File::create(&written_to)?);
        fill(&mut out)?;
        out.flush()?;
        if is_replaced {
            out.get_ref().sync_all()?;
            fs::rename(&written_to, path)?;
        }
        Ok(())
    };
    write().map_err(|error| {
        if is_replaced {
            let _ = fs::remove_file(&written_to);
        }
        vec![unwritable(path, &error)]
    })
}
