//! Looks at logs before they are read: what they are, and whether one repeats another.

use std::io::Read as _;
use std::sync::Arc;

use indicatif::ProgressBar;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::cli::Stopped;
use crate::cli::inputs::ReadArgs;
use crate::cli::scribe::Scribe;
use crate::cli::source::Source;
use crate::diagnostic::{Code, Diagnostic};
use crate::read::events::Format;
use crate::read::feed::{Head, Layout, Stream, TableLayout};
use crate::read::parquet::ParquetLog;
use crate::scratch::Scratch;
use crate::value::Instant;

/// How much of two logs is compared before all of them is.
const COMPARED: usize = 64 << 10;

/// A log that was looked at.
pub(super) struct Opened {
    pub(super) source: Arc<Source>,
    pub(super) format: Format,
    /// The first bytes, as a fingerprint, how many they are, and whether they are all.
    pub(super) start: ([u8; 32], usize, bool),
    pub(super) fields: Option<Vec<String>>,
    pub(super) table: Option<TableLayout>,
    pub(super) parquet: Option<Arc<ParquetLog>>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) first_time: Option<Instant>,
}

impl ReadArgs {
    /// A Parquet log: a file is read where it is needed, everything else is read whole.
    fn open_parquet(
        &self,
        source: &Arc<Source>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Arc<ParquetLog>> {
        let strict = !self.ignore_unknown_columns;
        let opened = match source.plain_file() {
            Some(file) => ParquetLog::open(file, &source.name, strict),
            None => {
                let mut bytes = Vec::new();
                let stream = source.open(ProgressBar::hidden());
                let read = stream.and_then(|mut stream| stream.read_to_end(&mut bytes));
                match read {
                    Ok(_) => ParquetLog::open(bytes::Bytes::from(bytes), &source.name, strict),
                    Err(error) => Err(vec![source.explain(&error)]),
                }
            }
        };
        match opened {
            Ok(log) => {
                diagnostics.extend(log.warnings().iter().cloned());
                Some(Arc::new(log))
            }
            Err(wrong) => {
                diagnostics.extend(wrong);
                None
            }
        }
    }

    pub(super) fn look_at(
        &self,
        name: &str,
        scratch: &Scratch,
        scribe: &Scribe,
    ) -> Result<Opened, Diagnostic> {
        let source = Arc::new(Source::new(name, scratch, scribe.allowance())?);
        let head = source
            .open(ProgressBar::hidden())
            .and_then(|mut stream| Head::read(&mut *stream))
            .map_err(|error| source.explain(&error))?;
        let format = self.format_of(name, &head.bytes, scribe)?;
        let mut diagnostics = Vec::new();
        let table = (format == Format::Csv)
            .then(|| head.table(name, !self.ignore_unknown_columns, &mut diagnostics))
            .flatten();
        let parquet = (format == Format::Parquet)
            .then(|| self.open_parquet(&source, &mut diagnostics))
            .flatten();
        let layout = match (format, &table) {
            (Format::Json, _) => Some(self.json_layout()),
            (_, table) => table.clone().map(table_layout),
        };
        let start = &head.bytes[..head.bytes.len().min(COMPARED)];
        Ok(Opened {
            source,
            format,
            start: (Sha256::digest(start).into(), start.len(), start.len() == head.bytes.len()),
            fields: (format == Format::Csv).then(|| head.fields()).flatten(),
            table,
            parquet,
            diagnostics,
            first_time: layout.and_then(|layout| head.first_time(&layout)),
        })
    }
}

pub(super) fn table_layout(table: TableLayout) -> Layout {
    Layout::Table(Box::new(table))
}

/// For each input the earlier one that it repeats byte for byte. Rows without an id would count
/// twice: a repeated input is a log delivered twice, and read once.
pub(super) fn tell_repeats(
    opened: &[Opened],
    scribe: &Scribe,
) -> Result<Vec<Option<usize>>, Stopped> {
    let mut repeats = Vec::with_capacity(opened.len());
    // A trail is thousands of small files: only those that begin alike are compared.
    let mut alike: FxHashMap<_, Vec<usize>> = FxHashMap::default();
    for (index, log) in opened.iter().enumerate() {
        let mut repeated = None;
        // Two snapshots that are alike say that nothing changed, which one does not.
        let is_snapshot = log.format == Format::Inventory;
        if !is_snapshot && log.start.1 > 0 {
            let earlier = alike.entry(log.start).or_default();
            for number in earlier.iter().copied() {
                if are_equal(&opened[number].source, &log.source)? {
                    repeated = Some(number);
                    break;
                }
            }
            earlier.push(index);
        }
        if let Some(earlier) = repeated {
            let (name, first) = (&log.source.name, &opened[earlier].source.name);
            let message = format!("`{name}` repeats `{first}` byte for byte: it is read once");
            scribe.diagnostics(&[Diagnostic::warning(Code::InputTwice, message)]);
        }
        repeats.push(repeated);
    }
    Ok(repeats)
}

/// Whether two logs are the same, decompressed.
fn are_equal(one: &Arc<Source>, other: &Arc<Source>) -> Result<bool, Stopped> {
    let open = |source: &Arc<Source>| {
        source.open(ProgressBar::hidden()).map_err(|error| vec![source.explain(&error)])
    };
    let read = |stream: &mut Box<dyn Stream>, bytes: &mut Vec<u8>, source: &Arc<Source>| {
        bytes.clear();
        let read = stream.take(COMPARED as u64).read_to_end(bytes);
        read.map_err(|error| vec![source.explain(&error)])
    };
    let (mut first, mut second) = (open(one)?, open(other)?);
    let (mut here, mut there) = (Vec::new(), Vec::new());
    loop {
        read(&mut first, &mut here, one)?;
        read(&mut second, &mut there, other)?;
        if here != there {
            return Ok(false);
        }
        if here.is_empty() {
            return Ok(true);
        }
    }
}

/// The header that all inputs share, if they do.
pub(super) fn common_header(opened: &[Opened]) -> Option<Vec<String>> {
    let first = opened.first()?.fields.clone()?;
    opened.iter().all(|log| log.fields.as_ref() == Some(&first)).then_some(first)
}
