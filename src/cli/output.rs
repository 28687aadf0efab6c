//! What the program writes: folders and files that appear whole or not at all, and standard output.

mod file;
mod folder;
mod making;

pub(super) use file::{NewFile, OutputFile, check_new_file, write_file, write_stream};
pub(super) use folder::OutputFolder;
#[cfg(unix)]
pub(super) use making::clear;
pub(super) use making::hold;

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::Stopped;
use crate::cli::files::unreadable;
use crate::diagnostic::{Code, Diagnostic};
use crate::disk;

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
    fn is_told_by(self, folder: &Path) -> Result<bool, Stopped> {
        let told = |file: &str| program(&folder.join(file));
        Ok(match self {
            Kind::Run => told("run.json")?.is_some_and(|kind| kind.is_empty()),
            Kind::Projection => told("run.json")?.is_some_and(|kind| kind == "projection"),
            Kind::Comparison => told("comparison.json")?.is_some(),
            Kind::Reconciliation => told("reconciliation.json")?.is_some(),
            Kind::Advice => told("advice.json")?.is_some(),
            Kind::Book | Kind::Prices => {
                let file = folder.join("book.toml");
                disk::is_file(&file).map_err(|error| unknown(&file, &error))?
            }
            Kind::Pages | Kind::Office => false,
        })
    }
}

/// Which kind of folder a JSON file says it is in, if it says that this program wrote it; a bill's
/// says no kind.
fn program(file: &Path) -> Result<Option<String>, Stopped> {
    let bytes = match disk::read(file) {
        Ok(bytes) => bytes,
        Err(error) if is_nothing(&error) => return Ok(None),
        Err(error) => return Err(unknown(file, &error)),
    };
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(&bytes) else { return Ok(None) };
    let kind = value["kind"].as_str().unwrap_or_default().to_owned();
    Ok((value["program"] == env!("CARGO_PKG_NAME")).then_some(kind))
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory
    )
}

/// Where it cannot be told what stands in the way, nothing is written.
fn unknown(path: &Path, error: &io::Error) -> Stopped {
    vec![unreadable(&path.display().to_string(), error)]
}

/// Whether a folder that is to be written stands there already. Without `force` that is refused, and
/// with it where it is none of this kind that this program wrote.
fn check_target(target: &Path, kind: Kind, force: bool) -> Result<bool, Stopped> {
    let shown = target.display();
    if target.file_name().is_none() {
        let message = format!("`{shown}` cannot be an output folder");
        let help = "name a folder that does not exist yet";
        return Err(vec![Diagnostic::error(Code::FileUnwritable, message).help(help)]);
    }
    // A link to nowhere stands in the way as much as what exists.
    let there = disk::kind_of(target).map_err(|error| vec![unwritable(target, &error)])?;
    if there.is_none() {
        return Ok(false);
    }
    let refuse = |message: String, help: &str| {
        Err(vec![Diagnostic::error(Code::OutputExists, message).help(help)])
    };
    if !force {
        return Err(vec![exists(target)]);
    }
    match foreign_entry(target, kind)? {
        Contents::Ours => Ok(true),
        Contents::Foreign(entry) => refuse(
            format!("`{shown}` has `{entry}` in it, which sharebill did not write"),
            "--force replaces only what sharebill wrote; move it away, or choose another folder",
        ),
        Contents::OfAnother => refuse(
            format!("`{shown}` was not written by sharebill"),
            "--force replaces only folders that sharebill wrote; remove it yourself",
        ),
    }
}

/// What to say about a folder that stands in the way.
fn exists(target: &Path) -> Diagnostic {
    let message = format!("`{}` exists already", target.display());
    Diagnostic::error(Code::OutputExists, message)
        .help("choose another folder, or replace it with --force")
}

/// Whose the contents of a folder are.
#[derive(Debug, PartialEq, Eq)]
enum Contents {
    /// This program wrote all of it; an empty folder has nothing to lose.
    Ours,
    /// All but this entry, which would be lost if the folder were replaced.
    Foreign(String),
    /// It is no folder of this kind.
    OfAnother,
}

fn foreign_entry(folder: &Path, kind: Kind) -> Result<Contents, Stopped> {
    let mut entries = match disk::list(folder) {
        Ok(entries) => entries,
        Err(error) if is_nothing(&error) => return Ok(Contents::OfAnother),
        Err(error) => return Err(unknown(folder, &error)),
    };
    if !entries.is_empty() && !kind.is_told_by(folder)? {
        return Ok(Contents::OfAnother);
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    for entry in entries {
        let name = entry.name.to_string_lossy().into_owned();
        let is_folder = entry.kind == disk::Kind::Folder;
        let is_ours = if kind == Kind::Projection && name == PRICES && is_folder {
            foreign_entry(&entry.path, Kind::Prices)? == Contents::Ours
        } else {
            kind.files().contains(&name.as_str()) && entry.kind == disk::Kind::File
        };
        if !is_ours {
            return Ok(Contents::Foreign(name));
        }
    }
    Ok(Contents::Ours)
}

fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".");
    name.push(ending);
    target.with_file_name(name)
}

fn partial_beside(target: &Path) -> PathBuf {
    beside(target, "partial")
}

fn replaced_beside(target: &Path) -> PathBuf {
    beside(target, "replaced")
}

/// What to say where another run writes the same.
fn being_written(target: &Path) -> Diagnostic {
    let message = format!("`{}` is being written by another run", target.display());
    Diagnostic::error(Code::OutputExists, message).help("wait for its end, or choose another place")
}

/// What to say about a file or folder that cannot be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    let shown = path.display();
    let message = match error.kind() {
        io::ErrorKind::StorageFull => format!("the disk is full: `{shown}`"),
        io::ErrorKind::NotADirectory => {
            format!("`{shown}` cannot be written: what is above it is not a folder")
        }
        _ => format!("`{shown}` cannot be written: {error}"),
    };
    Diagnostic::error(Code::FileUnwritable, message)
        .help("nothing was left behind; make room or choose another place")
}
