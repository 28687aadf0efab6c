//! A folder that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::cli::Stopped;
use crate::diagnostic::{Code, Diagnostic};

/// What a folder holds: `--force` replaces a folder of the same kind, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A run, told by its `run.json`.
    Run,
    /// A projection, told by its `run.json`.
    Projection,
    /// A price book to begin with.
    Book,
    /// The prices that a projection's scenario changed.
    Prices,
    /// A comparison of two runs, told by its `comparison.json`.
    Comparison,
    /// A reconciliation, told by its `reconciliation.json`.
    Reconciliation,
    /// Advice, told by its `advice.json`.
    Advice,
    /// Manual pages; never replaced.
    Pages,
    /// A run's tables for spreadsheet programs; never replaced.
    Office,
}

/// The folder within a projection that holds the prices that its scenario changed.
pub(super) const PRICES: &str = "prices";

impl Kind {
    /// The files that a folder of this kind may have. With any other in it, it is somebody's.
    fn files(self) -> &'static [&'static str] {
        match self {
            Kind::Run => &[
                "allocations.csv",
                "allocations.parquet",
                "charges.csv",
                "charges.parquet",
                "conversion.json",
                "findings.csv",
                "focus.csv",
                "focus.csv.schema.json",
                "rejected.csv",
                "run.json",
                "sharing.csv",
                "statements.csv",
            ],
            Kind::Projection => &[
                "assumptions.csv",
                "charges.csv",
                "drivers.csv",
                "events.csv",
                "findings.csv",
                "projection.csv",
                "projection_summary.csv",
                "run.json",
                "sharing.csv",
                "statements.csv",
                "trend.csv",
            ],
            Kind::Book => &["book.toml", "flavors.csv", "rates.csv"],
            Kind::Prices => &["book.toml", "discounts.csv", "flavors.csv", "rates.csv"],
            Kind::Comparison => {
                &["accuracy.csv", "comparison.csv", "comparison.json", "comparison_summary.csv"]
            }
            Kind::Reconciliation => &["reconciliation.csv", "reconciliation.json"],
            Kind::Advice => &["advice.csv", "advice.json", "events.csv"],
            Kind::Pages | Kind::Office => &[],
        }
    }

    /// Whether a folder says of itself that this program wrote it.
    fn is_told_by(self, folder: &Path) -> bool {
        match self {
            Kind::Run => program(&folder.join("run.json")).is_some_and(|kind| kind.is_empty()),
            Kind::Projection => {
                program(&folder.join("run.json")).is_some_and(|kind| kind == "projection")
            }
            Kind::Comparison => program(&folder.join("comparison.json")).is_some(),
            Kind::Reconciliation => program(&folder.join("reconciliation.json")).is_some(),
            Kind::Advice => program(&folder.join("advice.json")).is_some(),
            Kind::Book | Kind::Prices => folder.join("book.toml").is_file(),
            Kind::Pages | Kind::Office => false,
        }
    }
}

/// Which kind of folder a JSON file says it is in, if it says that this program wrote it; a bill's
/// says no kind.
fn program(file: &Path) -> Option<String> {
    let bytes = fs::read(file).ok()?;
    let value = serde_json::from_slice::<serde_json::Value>(&bytes).ok()?;
    let kind = value["kind"].as_str().unwrap_or_default().to_owned();
    (value["program"] == env!("CARGO_PKG_NAME")).then_some(kind)
}

/// A folder in the making, beside the place where it will appear.
pub(super) struct OutputFolder {
    target: PathBuf,
    partial: PathBuf,
    /// The folders above it that were made for it, the innermost first.
    made: Vec<PathBuf>,
    files: Vec<String>,
    is_published: bool,
}

impl OutputFolder {
    /// Begins a folder. An existing target is refused without `force`, and with it where it is
    /// not a folder of this kind that this program wrote.
    pub(super) fn begin(target: &str, kind: Kind, force: bool) -> Result<OutputFolder, Stopped> {
        let target = PathBuf::from(target);
        check_target(&target, kind, force)?;
        let partial = partial_beside(&target);
        let missing = target.ancestors().skip(1);
        let missing = missing.take_while(|above| !above.as_os_str().is_empty() && !above.exists());
        let made = missing.map(Path::to_path_buf).collect();
        // From here on, whatever fails is cleaned up by `drop`.
        let folder = OutputFolder { target, partial, made, files: Vec::new(), is_published: false };
        folder.make().map_err(|error| vec![unwritable(&folder.target, &error)])?;
        Ok(folder)
    }

    fn make(&self) -> io::Result<()> {
        let parent = self.target.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(parent) = parent {
            if parent.exists() && !parent.is_dir() {
                return Err(io::Error::from(io::ErrorKind::NotADirectory));
            }
            fs::create_dir_all(parent)?;
        }
        // What an interrupted run has left.
        remove_leftover(&self.partial)?;
        fs::create_dir(&self.partial)
    }

    /// Writes one file of it.
    pub(super) fn write(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), Stopped> {
        let mut file = self.open(name)?;
        file.write(fill)?;
        file.close()
    }

    /// Makes a folder in it.
    pub(super) fn make_folder(&mut self, name: &str) -> Result<(), Stopped> {
        fs::create_dir(self.partial.join(name))
            .map_err(|error| vec![unwritable(&self.target.join(name), &error)])
    }

    /// Begins one file of it, to be written bit by bit and closed in the end.
    pub(super) fn open(&mut self, name: &str) -> Result<OutputFile, Stopped> {
        let target = self.target.join(name);
        match File::create_new(self.partial.join(name)) {
            Ok(file) => {
                self.files.push(name.to_owned());
                Ok(OutputFile { out: BufWriter::new(file), target })
            }
            Err(error) => Err(vec![unwritable(&target, &error)]),
        }
    }

    /// What to say when a file of it cannot be written.
    pub(super) fn refusal(&self, name: &str) -> impl Fn(&io::Error) -> Stopped + 'static {
        let target = self.target.join(name);
        move |error| vec![unwritable(&target, error)]
    }

    /// The files begun so far.
    pub(super) fn files(&self) -> Vec<&str> {
        self.files.iter().map(String::as_str).collect()
    }

    /// Where what is written so far can be read.
    pub(super) fn so_far(&self) -> &Path {
        &self.partial
    }

    /// Makes it appear.
    pub(super) fn publish(mut self) -> Result<(), Stopped> {
        let replaced = replaced_beside(&self.target);
        let publish = || {
            if self.target.exists() {
                remove_leftover(&replaced)?;
                fs::rename(&self.target, &replaced)?;
            }
            if let Err(error) = fs::rename(&self.partial, &self.target) {
                // The old folder comes back before anything is said.
                if replaced.exists() {
                    fs::rename(&replaced, &self.target)?;
                }
                return Err(error);
            }
            remove_leftover(&replaced)
        };
        publish().map_err(|error| vec![unwritable(&self.target, &error)])?;
        self.is_published = true;
        Ok(())
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
pub(super) struct NewFile {
    target: PathBuf,
    partial: PathBuf,
    is_published: bool,
}

impl NewFile {
    /// Begins a file. An existing one is refused without `force`.
    pub(super) fn begin(target: &str, force: bool) -> Result<(NewFile, OutputFile), Stopped> {
        let target = PathBuf::from(target);
        let exists = target.exists() || target.is_symlink();
        if exists && (!force || !target.is_file()) {
            let message = format!("`{}` exists already", target.display());
            let help = "choose another file, or replace it with --force";
            return Err(vec![Diagnostic::error(Code::OutputExists, message).help(help)]);
        }
        let partial = partial_beside(&target);
        let created = File::create(&partial);
        let out = created.map_err(|error| vec![unwritable(&target, &error)])?;
        let file = OutputFile { out: BufWriter::new(out), target: target.clone() };
        Ok((NewFile { target, partial, is_published: false }, file))
    }

    /// What to say when it cannot be written.
    pub(super) fn refusal(&self) -> impl Fn(&io::Error) -> Diagnostic + 'static {
        let target = self.target.clone();
        move |error| unwritable(&target, error)
    }

    /// Makes it appear, once all of it is written.
    pub(super) fn publish(mut self) -> Result<(), Stopped> {
        fs::rename(&self.partial, &self.target)
            .map_err(|error| vec![unwritable(&self.target, &error)])?;
        self.is_published = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_published {
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// A file of a folder in the making.
pub(super) struct OutputFile {
    out: BufWriter<File>,
    target: PathBuf,
}

impl OutputFile {
    /// Writes on.
    pub(super) fn write(
        &mut self,
        fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), Stopped> {
        fill(&mut self.out).map_err(|error| vec![unwritable(&self.target, &error)])
    }

    /// Makes sure that all of it is written.
    pub(super) fn close(mut self) -> Result<(), Stopped> {
        let closed = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        closed.map_err(|error| vec![unwritable(&self.target, &error)])
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        if !self.is_published {
            // Nothing more can be done about a leftover; the next run removes it.
            let _ = fs::remove_dir_all(&self.partial);
            // Only what is empty goes: somebody else may have put a file there meanwhile.
            let _ = self.made.iter().try_for_each(fs::remove_dir);
        }
    }
}

/// Removes what an interrupted run has left, if it has.
fn remove_leftover(path: &Path) -> io::Result<()> {
    if path.exists() { fs::remove_dir_all(path) } else { Ok(()) }
}

fn check_target(target: &Path, kind: Kind, force: bool) -> Result<(), Stopped> {
    let shown = target.display();
    if target.file_name().is_none() {
        let message = format!("`{shown}` cannot be an output folder");
        let help = "name a folder that does not exist yet";
        return Err(vec![Diagnostic::error(Code::FileUnwritable, message).help(help)]);
    }
    // A link to nowhere stands in the way as much as what exists.
    if !target.exists() && !target.is_symlink() {
        return Ok(());
    }
    let refuse = |message: String, help: &str| {
        Err(vec![Diagnostic::error(Code::OutputExists, message).help(help)])
    };
    if !force {
        let help = "choose another folder, or replace it with --force";
        return refuse(format!("`{shown}` exists already"), help);
    }
    match foreign_entry(target, kind) {
        Ok(None) => Ok(()),
        Ok(Some(entry)) => refuse(
            format!("`{shown}` has `{entry}` in it, which sharebill did not write"),
            "--force replaces only what sharebill wrote; move it away, or choose another folder",
        ),
        Err(()) => refuse(
            format!("`{shown}` was not written by sharebill"),
            "--force replaces only folders that sharebill wrote; remove it yourself",
        ),
    }
}

/// An entry of a folder that would be lost if the folder were replaced; an error where the folder
/// is none of this kind. An empty folder has nothing to lose.
fn foreign_entry(folder: &Path, kind: Kind) -> Result<Option<String>, ()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(drop)? {
        names.push(entry.map_err(drop)?.file_name().to_string_lossy().into_owned());
    }
    if !names.is_empty() && !kind.is_told_by(folder) {
        return Err(());
    }
    names.sort();
    let is_foreign = |name: &String| {
        let entry = folder.join(name);
        let is_book = kind == Kind::Projection && name == PRICES && entry.is_dir();
        if is_book {
            return foreign_entry(&entry, Kind::Prices) != Ok(None);
        }
        !kind.files().contains(&name.as_str()) || !entry.is_file()
    };
    Ok(names.into_iter().find(is_foreign))
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
        io::ErrorKind::NotADirectory => {
            format!("`{}` cannot be written: what is above it is not a folder", path.display())
        }
        _ => format!("`{}` cannot be written: {error}", path.display()),
    };
    Diagnostic::error(Code::FileUnwritable, message)
        .help("nothing was left behind; make room or choose another place")
}

/// Writes to standard output.
pub(super) fn to_stdout(out: &mut impl Write, bytes: &[u8]) -> Result<(), Stopped> {
    printed(out.write_all(bytes).and_then(|()| out.flush()))
}

/// What printing came to.
fn printed(outcome: io::Result<()>) -> Result<(), Stopped> {
    match outcome {
        Ok(()) => Ok(()),
        // Whoever reads has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            let message = format!("cannot write to standard output: {error}");
            Err(vec![Diagnostic::error(Code::FileUnwritable, message)])
        }
    }
}

/// Refuses a file that exists, without `force`; `-` is standard output.
pub(super) fn check_new_file(target: &str, force: bool) -> Result<(), Stopped> {
    let path = Path::new(target);
    if target == "-" || (force && !path.is_dir()) || (!path.exists() && !path.is_symlink()) {
        return Ok(());
    }
    let (message, help) = if path.is_dir() {
        (format!("`{target}` is a folder, not a file"), "name a file")
    } else {
        (format!("`{target}` exists already"), "choose another file, or replace it with --force")
    };
    Err(vec![Diagnostic::error(Code::OutputExists, message).help(help)])
}

/// Writes one file whole or not at all; `-` is standard output.
pub(super) fn write_file(target: &str, bytes: &[u8]) -> Result<(), Stopped> {
    write_whole(target, true, |out| out.write_all(bytes))
}

/// Writes one file whole or not at all, as it comes; `-` is standard output. It can be made again:
/// nobody waits until the disk has it.
pub(super) fn write_stream(
    target: &str,
    fill: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), Stopped> {
    write_whole(target, false, fill)
}

fn write_whole(
    target: &str,
    is_synced: bool,
    fill: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), Stopped> {
    const BUFFER: usize = 1 << 20;
    if target == "-" {
        let mut out = BufWriter::with_capacity(BUFFER, io::stdout());
        return printed(fill(&mut out).and_then(|()| out.flush()));
    }
    let path = Path::new(target);
    // A device, a pipe or a link is written to, not replaced.
    let is_replaced = fs::symlink_metadata(path).map_or(true, |found| found.is_file());
    let written_to = if is_replaced { partial_beside(path) } else { path.to_owned() };
    let write = || {
        let mut out = BufWriter::with_capacity(BUFFER, File::create(&written_to)?);
        fill(&mut out)?;
        out.flush()?;
        if is_replaced {
            if is_synced {
                out.get_ref().sync_all()?;
            }
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
