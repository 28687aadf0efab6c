//! Files that appear whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::cli::Stopped;
use crate::cli::output::making::Making;
use crate::cli::output::{being_written, partial_beside, unwritable};
use crate::cli::stream::printed;
use crate::diagnostic::{Code, Diagnostic};
use crate::disk::{self, File, Kind};

/// A file that is being written, under its own name or another.
pub(in crate::cli) struct OutputFile {
    out: BufWriter<File>,
    target: PathBuf,
}

impl OutputFile {
    pub(super) fn new(file: File, target: PathBuf) -> OutputFile {
        OutputFile { out: BufWriter::new(file), target }
    }

    /// Writes on.
    pub(in crate::cli) fn write(
        &mut self,
        fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), Stopped> {
        fill(&mut self.out).map_err(|error| vec![unwritable(&self.target, &error)])
    }

    /// Makes sure that all of it is written.
    pub(in crate::cli) fn close(mut self) -> Result<(), Stopped> {
        let closed = self.out.flush().and_then(|()| self.out.get_ref().sync());
        closed.map_err(|error| vec![unwritable(&self.target, &error)])
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A single file in the making, beside the place where it will appear.
pub(in crate::cli) struct NewFile {
    making: Making,
    force: bool,
    is_published: bool,
}

impl NewFile {
    /// Begins a file. An existing one is refused without `force`.
    pub(in crate::cli) fn begin(
        target: &str,
        force: bool,
    ) -> Result<(NewFile, OutputFile), Stopped> {
        let target = PathBuf::from(target);
        let refuse = |error: io::Error| vec![unwritable(&target, &error)];
        if let Some(there) = disk::kind_of(&target).map_err(refuse)? {
            let is_replaced =
                force && (there == Kind::File || disk::is_file(&target).map_err(refuse)?);
            if !is_replaced {
                return Err(vec![exists(&target)]);
            }
        }
        let (making, out) = begin(&target)?;
        let file = OutputFile::new(out, target);
        Ok((NewFile { making, force, is_published: false }, file))
    }

    /// What to say when it cannot be written.
    pub(in crate::cli) fn refusal(&self) -> impl Fn(&io::Error) -> Diagnostic + 'static {
        let target = self.making.target.clone();
        move |error| unwritable(&target, error)
    }

    /// Makes it appear, once all of it is written.
    pub(in crate::cli) fn publish(mut self) -> Result<(), Stopped> {
        let Making { target, partial, .. } = &self.making;
        let renamed = self.making.appear(|| {
            if self.force {
                disk::rename(partial, target)
            } else {
                disk::rename_to_new(partial, target)
            }
        });
        match renamed {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(vec![exists(target)]);
            }
            Err(error) => return Err(vec![unwritable(target, &error)]),
        }
        self.is_published = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_published {
            self.making.give_up();
        }
    }
}

/// Begins a file under another name, which no other run writes at the same time.
fn begin(target: &Path) -> Result<(Making, File), Stopped> {
    let partial = partial_beside(target);
    let refuse = |error: io::Error| vec![unwritable(target, &error)];
    let making = Making { target: target.to_owned(), partial: partial.clone(), made: Vec::new() };
    let file = making.begin(|| match File::claim(&partial) {
        Ok(Some(file)) => Ok(file),
        Ok(None) => Err(vec![being_written(target)]),
        Err(error) => Err(refuse(error)),
    })?;
    Ok((making, file))
}

/// What to say about a file that stands in the way.
fn exists(target: &Path) -> Diagnostic {
    let message = format!("`{}` exists already", target.display());
    Diagnostic::error(Code::OutputExists, message)
        .help("choose another file, or replace it with --force")
}

/// Refuses a file that exists, without `force`; `-` is standard output.
pub(in crate::cli) fn check_new_file(target: &str, force: bool) -> Result<(), Stopped> {
    if target == "-" {
        return Ok(());
    }
    let path = Path::new(target);
    let refuse = |error: io::Error| vec![unwritable(path, &error)];
    if disk::is_folder(path).map_err(refuse)? {
        let message = format!("`{target}` is a folder, not a file");
        return Err(vec![Diagnostic::error(Code::OutputExists, message).help("name a file")]);
    }
    match disk::kind_of(path).map_err(refuse)? {
        Some(_) if !force => Err(vec![exists(path)]),
        _ => Ok(()),
    }
}

/// Writes one file whole or not at all; `-` is standard output.
pub(in crate::cli) fn write_file(target: &str, bytes: &[u8]) -> Result<(), Stopped> {
    write_whole(target, true, |out| out.write_all(bytes))
}

/// Writes one file whole or not at all, as it comes; `-` is standard output. It can be made again:
/// nobody waits until the disk has it.
pub(in crate::cli) fn write_stream(
    target: &str,
    fill: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), Stopped> {
    write_whole(target, false, fill)
}

/// How much is written at a time.
const BUFFER: usize = 1 << 20;

fn write_whole(
    target: &str,
    is_synced: bool,
    fill: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), Stopped> {
    if target == "-" {
        let mut out = BufWriter::with_capacity(BUFFER, disk::stdout());
        return printed(fill(&mut out).and_then(|()| out.flush()));
    }
    let path = Path::new(target);
    let refuse = |error: io::Error| vec![unwritable(path, &error)];
    // A device, a pipe or a link is written to, not replaced.
    let is_replaced = matches!(disk::kind_of(path).map_err(refuse)?, None | Some(Kind::File));
    if !is_replaced {
        let mut out = BufWriter::with_capacity(BUFFER, File::create(path).map_err(refuse)?);
        return fill(&mut out).and_then(|()| out.flush()).map_err(refuse);
    }
    let (making, file) = begin(path)?;
    let write = || {
        let mut out = BufWriter::with_capacity(BUFFER, file);
        fill(&mut out)?;
        out.flush()?;
        if is_synced {
            out.get_ref().sync()?;
        }
        making.appear(|| disk::rename(&making.partial, path))
    };
    write().map_err(|error| {
        making.give_up();
        refuse(error)
    })
}
