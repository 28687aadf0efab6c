//! Reads files: whole, decompressed, with their fingerprint.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};

use crate::cli::allowance::{Allowance, too_large};
use crate::cli::progress;
use crate::cli::scribe::Scribe;
use crate::diagnostic::{Code, Diagnostic};
use crate::disk::{self, File, Kind};
use crate::write::InputReport;

/// A file's bytes, decompressed, and what is to be said about it in `run.json`.
pub(super) struct ReadFile {
    pub(super) bytes: Vec<u8>,
    pub(super) report: InputReport,
}

/// Reads a file, or standard input for `-`. Compression is told by content, not by name.
pub(super) fn read_file(name: &str, scribe: &Scribe) -> Result<ReadFile, Diagnostic> {
    let allowance = scribe.allowance();
    let raw = read_raw(name, scribe).map_err(|error| unreadable(name, &error))?;
    let report = InputReport {
        name: name.to_owned(),
        size: raw.len() as u64,
        sha256: fingerprint(&raw),
        ..InputReport::default()
    };
    let bytes = decompress(raw, allowance).map_err(|error| broken_compression(name, &error))?;
    Ok(ReadFile { bytes, report })
}

/// What to say about a file that cannot be decompressed.
pub(super) fn broken_compression(name: &str, error: &io::Error) -> Diagnostic {
    if let Some(refusal) = too_large(error) {
        return refusal.explain(name);
    }
    let message = format!("`{name}` is cut off or damaged: {error}");
    Diagnostic::error(Code::BrokenCompression, message)
        .help("get the file again, and check it with `gzip -t` or `zstd -t`")
}

fn read_raw(name: &str, scribe: &Scribe) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let allowance = scribe.allowance();
    if name == "-" {
        allowance.read_to_end(disk::stdin(), None, &mut bytes)?;
        return Ok(bytes);
    }
    let mut file = File::open(name)?;
    let size = file.size()?;
    allowance.check(size, None)?;
    let bar = progress::bytes(scribe, name, size);
    bytes.reserve(usize::try_from(size).unwrap_or(0));
    // A pipe has no size beforehand.
    read_with_progress(&mut file, &mut bytes, &bar, allowance)?;
    bar.finish_and_clear();
    Ok(bytes)
}

fn read_with_progress(
    file: &mut File,
    bytes: &mut Vec<u8>,
    bar: &ProgressBar,
    allowance: Allowance,
) -> io::Result<()> {
    const PIECE: u64 = 16 << 20;
    loop {
        let read = file.by_ref().take(PIECE).read_to_end(bytes)?;
        if read == 0 {
            return Ok(());
        }
        allowance.check(bytes.len() as u64, None)?;
        bar.inc(read as u64);
    }
}

fn decompress(raw: Vec<u8>, allowance: Allowance) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let size = Some(raw.len() as u64);
    match raw.as_slice() {
        [0x1f, 0x8b, ..] => {
            allowance.read_to_end(MultiGzDecoder::new(raw.as_slice()), size, &mut bytes)?;
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            allowance.read_to_end(zstd::Decoder::new(raw.as_slice())?, size, &mut bytes)?;
        }
        _ => return Ok(raw),
    }
    Ok(bytes)
}

fn fingerprint(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fingerprint of a file as it is on disk, without holding it.
///
/// # Errors
/// What the system says; also where the name is no file's: what a run says that it was made of may
/// be `/dev/zero`, which has no end.
pub(super) fn fingerprint_of(name: &str) -> io::Result<String> {
    // Asked before it is opened: opening a pipe waits for whoever writes to it.
    if disk::kind_at(name)? == Some(Kind::Other) {
        return Err(io::Error::other("it is no file"));
    }
    let mut file = File::open(name)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        let length = match file.read(&mut piece) {
            Ok(0) => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        hash.update(&piece[..length]);
    }
}

/// What to say about a file that cannot be read.
pub(super) fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    if let Some(refusal) = too_large(error) {
        return refusal.explain(name);
    }
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("`{name}` is not there"),
        io::ErrorKind::IsADirectory => format!("`{name}` is a folder, not a file"),
        io::ErrorKind::PermissionDenied => format!("`{name}` may not be read"),
        _ => format!("`{name}` cannot be read: {error}"),
    };
    let diagnostic = Diagnostic::error(Code::FileUnreadable, message);
    match error.kind() {
        io::ErrorKind::IsADirectory => diagnostic.help("name the files in it"),
        io::ErrorKind::NotFound => diagnostic.help("check the path; `-` is standard input"),
        _ => diagnostic,
    }
}
