//! Where a log's bytes come from: a file or standard input, compressed or not, with its
//! fingerprint.
//!
//! A log may be read more than once. A file is opened again; standard input, or a pipe, is kept as
//! it is read: its front in memory, the rest in a scratch file.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flate2::bufread::MultiGzDecoder;
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::cli::allowance::Allowance;
use crate::cli::files::{broken_compression, unreadable};
use crate::diagnostic::Diagnostic;
use crate::disk::{self, File, Kind};
use crate::read::feed::Stream;
use crate::read::parquet::SharedFile;
use crate::scratch::Scratch;

/// How much of what cannot be opened again is kept in memory.
const KEPT_IN_MEMORY: usize = 64 << 20;

/// How many compressed bytes are read at a time.
const STEP: usize = 256 << 10;

/// One log.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    /// Its size on disk, where it is a file.
    pub(super) file_size: Option<u64>,
    /// What was read of it, where it cannot be opened again.
    kept: Option<Mutex<Kept>>,
    /// Known once it has been read to its end.
    fingerprint: Mutex<Option<Fingerprint>>,
    allowance: Allowance,
}

/// What tells a log from any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Its size in bytes, as it is on disk.
    pub(super) size: u64,
    /// Its SHA-256, in hexadecimal.
    pub(super) sha256: String,
}

/// What is wrong with compressed bytes.
#[derive(Debug, Error)]
#[error("{0}")]
struct Damaged(io::Error);

impl Source {
    /// A log by its name; `-` is standard input.
    pub(super) fn new(
        name: &str,
        scratch: &Scratch,
        allowance: Allowance,
    ) -> Result<Source, Diagnostic> {
        Source::find(name, scratch, allowance).map_err(|error| unreadable(name, &error))
    }

    fn find(name: &str, scratch: &Scratch, allowance: Allowance) -> io::Result<Source> {
        let source = |file_size, stream: Option<Box<dyn Read + Send>>| Source {
            name: name.to_owned(),
            file_size,
            kept: stream.map(|stream| Mutex::new(Kept::new(stream, scratch))),
            fingerprint: Mutex::default(),
            allowance,
        };
        if name == "-" {
            return Ok(source(None, Some(Box::new(disk::stdin()))));
        }
        let file = File::open(name)?;
        if file.kind()? == Kind::File {
            let size = file.size()?;
            allowance.check(size, None)?;
            Ok(source(Some(size), None))
        } else {
            Ok(source(None, Some(Box::new(file))))
        }
    }

    /// Its decompressed bytes from the front; `bar` is told how many bytes were read of it.
    pub(super) fn open(self: &Arc<Source>, bar: ProgressBar) -> io::Result<Box<dyn Stream>> {
        let raw = match self.kept {
            Some(_) => RawBytes::Kept(0),
            None => RawBytes::File(File::open(&self.name)?),
        };
        let is_known = self.known().is_some();
        let mut raw = Raw {
            source: Arc::clone(self),
            raw,
            ahead: Vec::new(),
            hash: (!is_known).then(Sha256::new),
            count: 0,
            has_failed: false,
            bar,
        };
        let mut start = Vec::new();
        raw.by_ref().take(4).read_to_end(&mut start)?;
        // Turned around, so that they are taken off the end.
        raw.ahead = start.iter().rev().copied().collect();
        let buffered = |raw| BufReader::with_capacity(STEP, raw);
        let packed = match start.as_slice() {
            [0x1f, 0x8b, ..] => Packed::Gzip(Box::new(MultiGzDecoder::new(buffered(raw)))),
            [0x28, 0xb5, 0x2f, 0xfd] => {
                Packed::Zstd(Box::new(zstd::Decoder::with_buffer(buffered(raw))?))
            }
            _ => Packed::Plain(raw),
        };
        Ok(Box::new(Bytes { packed, count: 0, allowance: self.allowance }))
    }

    /// The file, where it is one.
    pub(super) fn plain_file(&self) -> Option<SharedFile<File>> {
        self.file_size?;
        File::open(&self.name).and_then(SharedFile::new).ok()
    }

    /// What to say about an error of one of its streams.
    pub(super) fn explain(&self, error: &io::Error) -> Diagnostic {
        match error.get_ref().and_then(|error| error.downcast_ref::<Damaged>()) {
            Some(Damaged(error)) => broken_compression(&self.name, error),
            None => unreadable(&self.name, error),
        }
    }

    /// Its fingerprint. What has not been read to its end yet is read now.
    pub(super) fn fingerprint(self: &Arc<Source>) -> Result<Fingerprint, Diagnostic> {
        if self.known().is_none() {
            let stream = self.open(ProgressBar::hidden());
            let end = stream.and_then(|mut stream| io::copy(&mut stream, &mut io::sink()));
            end.map_err(|error| self.explain(&error))?;
        }
        Ok(self.known().clone().unwrap_or(Fingerprint { size: 0, sha256: String::new() }))
    }

    fn known(&self) -> MutexGuard<'_, Option<Fingerprint>> {
        self.fingerprint.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a source as they are.
struct Raw {
    source: Arc<Source>,
    raw: RawBytes,
    /// What was read ahead, from the last byte to the first.
    ahead: Vec<u8>,
    /// The fingerprint so far, where nobody has it yet.
    hash: Option<Sha256>,
    count: u64,
    has_failed: bool,
    bar: ProgressBar,
}

enum RawBytes {
    File(File),
    /// What is kept, from here on.
    Kept(u64),
}

impl Read for Raw {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.ahead.is_empty() {
            let length = out.len().min(self.ahead.len());
            out[..length].fill_with(|| self.ahead.pop().unwrap_or_default());
            return Ok(length);
        }
        let outcome = match &mut self.raw {
            RawBytes::File(file) => file.read(out),
            RawBytes::Kept(at) => match &self.source.kept {
                Some(kept) => {
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.read_at(*at, out).inspect(|length| *at += *length as u64)
                }
                None => Ok(0),
            },
        };
        match &outcome {
            Ok(length) => {
                self.count += *length as u64;
                self.bar.inc(*length as u64);
                if let Some(hash) = &mut self.hash {
                    hash.update(&out[..*length]);
                }
            }
            Err(error) => self.has_failed |= error.kind() != io::ErrorKind::Interrupted,
        }
        outcome
    }
}

impl Raw {
    /// Reads what nobody wants, and tells the fingerprint of all.
    fn finish(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink())?;
        let mut known = self.source.known();
        match (self.hash.take(), &*known) {
            (Some(hash), None) => {
                let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
                *known = Some(Fingerprint { size: self.count, sha256 });
            }
            (_, Some(known)) if known.size != self.count => {
                return Err(io::Error::other("it changed while it was read"));
            }
            _ => {}
        }
        Ok(())
    }
}

/// A source's bytes, decompressed, as far as is allowed.
struct Bytes {
    packed: Packed,
    /// How many have been read.
    count: u64,
    allowance: Allowance,
}

#[expect(clippy::large_enum_variant, reason = "there is one for each log that is open")]
enum Packed {
    Plain(Raw),
    Gzip(Box<MultiGzDecoder<BufReader<Raw>>>),
    Zstd(Box<zstd::Decoder<'static, BufReader<Raw>>>),
}

impl Bytes {
    fn raw(&mut self) -> &mut Raw {
        match &mut self.packed {
            Packed::Plain(raw) => raw,
            Packed::Gzip(decoder) => decoder.get_mut().get_mut(),
            Packed::Zstd(decoder) => decoder.get_mut().get_mut(),
        }
    }

    /// How many bytes of it were read as they are on disk, where that is not what is read of it.
    fn compressed(&mut self) -> Option<u64> {
        match self.packed {
            Packed::Plain(_) => None,
            Packed::Gzip(_) | Packed::Zstd(_) => Some(self.raw().count),
        }
    }
}

impl Read for Bytes {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let outcome = match &mut self.packed {
            Packed::Plain(raw) => raw.read(out),
            Packed::Gzip(decoder) => decoder.read(out),
            Packed::Zstd(decoder) => decoder.read(out),
        };
        if let Ok(length) = outcome {
            self.count += length as u64;
            let compressed = self.compressed();
            self.allowance.check(self.count, compressed)?;
        }
        match outcome {
            Ok(0) if !out.is_empty() => self.raw().finish().map(|()| 0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) if !self.raw().has_failed => {
                Err(io::Error::new(error.kind(), Damaged(error)))
            }
            outcome => outcome,
        }
    }
}

impl Stream for Bytes {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        if let Packed::Plain(Raw {
            raw: RawBytes::File(file),
            ahead,
            hash: None,
            count: read,
            ..
        }) = &mut self.packed
        {
            let here = count.min(ahead.len() as u64);
            ahead.truncate(ahead.len() - here as usize);
            let rest = i64::try_from(count - here).unwrap_or(i64::MAX);
            file.seek(SeekFrom::Current(rest))?;
            *read += count - here;
            return Ok(());
        }
        io::copy(&mut self.take(count), &mut io::sink()).map(|_| ())
    }
}

/// What was read of something that cannot be opened again.
struct Kept {
    /// Where the rest comes from; `None` at its end.
    stream: Option<Box<dyn Read + Send>>,
    front: Vec<u8>,
    /// What stands behind the front.
    file: Option<File>,
    length: u64,
    scratch: Scratch,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Kept {
    fn new(stream: Box<dyn Read + Send>, scratch: &Scratch) -> Kept {
        let scratch = scratch.clone();
        Kept { stream: Some(stream), front: Vec::new(), file: None, length: 0, scratch }
    }

    /// Reads at a place that is not behind what has been read so far.
    fn read_at(&mut self, at: u64, out: &mut [u8]) -> io::Result<usize> {
        if at >= self.length {
            return self.read_on(out);
        }
        let behind_front = at.saturating_sub(self.front.len() as u64);
        match usize::try_from(at).ok().and_then(|at| self.front.get(at..)) {
            Some(mut rest) if !rest.is_empty() => rest.read(out),
            _ => {
                let Some(file) = &mut self.file else { return Ok(0) };
                let read = file.seek(SeekFrom::Start(behind_front)).and_then(|_| file.read(out));
                read.map_err(|error| match error.kind() {
                    io::ErrorKind::Interrupted => error,
                    _ => io::Error::other(self.scratch.error(&error)),
                })
            }
        }
    }

    /// Reads what nobody has read yet, and keeps it.
    fn read_on(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = &mut self.stream else { return Ok(0) };
        let length = stream.read(out)?;
        if length == 0 && !out.is_empty() {
            self.stream = None;
        }
        let read = &out[..length];
        if self.file.is_none() && self.front.len() + length <= disk::held(KEPT_IN_MEMORY) {
            self.front.extend_from_slice(read);
        } else {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(self.scratch.file().map_err(io::Error::other)?),
            };
            let told = |error: io::Error| io::Error::other(self.scratch.error(&error));
            file.seek(SeekFrom::End(0)).map_err(told)?;
            file.write_all(read).map_err(told)?;
        }
        self.length += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn what_is_read_once_can_be_read_again() {
        let bytes: Vec<u8> = (0..KEPT_IN_MEMORY + 3_000_000).map(|n| (n % 251) as u8).collect();
        let mut kept = Kept::new(Box::new(Cursor::new(bytes.clone())), &Scratch::default());
        for _ in 0..2 {
            let mut read = Vec::new();
            let mut piece = vec![0; 1_000_003];
            loop {
                let length = kept.read_at(read.len() as u64, &mut piece).expect("it is read");
                if length == 0 {
                    break;
                }
                read.extend_from_slice(&piece[..length]);
            }
            assert!(read == bytes);
        }
        assert!(kept.front.len() <= KEPT_IN_MEMORY && kept.file.is_some());
    }
}
