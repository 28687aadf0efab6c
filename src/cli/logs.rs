//! All logs of one run, opened: batches of events from each, in the order of its rows.

use std::io::Read as _;
use std::ops::Range;
use std::sync::{Arc, PoisonError};

use indicatif::ProgressBar;

use crate::cli::inputs::{Converted, ReadArgs, check_places, origin, problem_finding, row_text};
use crate::cli::opening::{Opened, common_header, table_layout, tell_repeats};
use crate::cli::scribe::Scribe;
use crate::cli::source::Source;
use crate::cli::{Stopped, progress};
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::event::Origin;
use crate::read::events::{Format, Unreadable};
use crate::read::feed::{
    Effort, Feeds, Fetched, Layout, ParquetFeed, Plan, ReadBatch, SharedNames, Window,
    batches_of_rows,
};
use crate::read::foreign::Problem;
use crate::read::parquet::ParquetLog;
use crate::scratch::Scratch;
use crate::value::Instant;
use crate::world::Finding;
use crate::write::{InputReport, RejectedRow};

/// All logs of one run.
pub(super) struct Inputs {
    logs: Vec<Log>,
    feeds: Feeds,
    /// How many threads may read.
    threads: usize,
    names: SharedNames,
    /// What the foreign formats became, where there were any.
    pub(super) conversion: Option<Converted>,
    /// The problems of the foreign records, by file and line.
    problems: Vec<Problem>,
    /// The header that all inputs share; `None` where they do not, or are no tables.
    header: Option<Vec<String>>,
    bar: ProgressBar,
}

/// One log.
struct Log {
    source: Arc<Source>,
    format: Format,
    part: Part,
    first_time: Option<Instant>,
}

/// What becomes of a log.
enum Part {
    /// It is read piece by piece; its number among the feeds.
    Native(usize),
    /// Its row groups are decoded.
    Parquet {
        log: Arc<ParquetLog>,
        /// What reads it, once it has begun.
        feed: Option<ParquetFeed>,
        rows: u64,
    },
    /// It was converted with others.
    Foreign {
        /// Its rows among the converted ones.
        rows: Range<usize>,
        /// How many of them were handed out.
        done: usize,
        /// Whether all of it was, problems among it.
        has_ended: bool,
        /// How many records it had.
        records: u64,
    },
    /// It repeats an earlier one byte for byte, and is not read.
    Repeat(usize),
}

impl ReadArgs {
    /// Opens these logs: tells their formats, and everything that is wrong with their headers.
    /// Rows are read by [`Inputs::next`], on so many threads.
    pub(super) fn open(
        &self,
        events: &[String],
        threads: usize,
        names: &SharedNames,
        scratch: &Scratch,
        scribe: &Scribe,
    ) -> Result<Inputs, Stopped> {
        let events = self.files_of(events)?;
        let (opened, failed): (Vec<_>, Vec<_>) =
            events.iter().map(|name| self.look_at(name, scratch, scribe)).partition(Result::is_ok);
        if !failed.is_empty() {
            return Err(failed.into_iter().filter_map(Result::err).collect());
        }
        let opened: Vec<Opened> = opened.into_iter().flatten().collect();
        let repeats = tell_repeats(&opened, scribe)?;
        let size = opened.iter().filter_map(|log| log.source.file_size).sum();
        let bar = progress::bytes(scribe, "reading", size);
        let mut inputs = Inputs {
            header: common_header(&opened),
            logs: Vec::new(),
            feeds: Feeds::new(Vec::new(), Effort::for_inputs(1, 0), names),
            threads,
            names: SharedNames::clone(names),
            conversion: None,
            problems: Vec::new(),
            bar,
        };
        let mut plans = Vec::new();
        let mut diagnostics = Vec::new();
        for (index, (log, repeat)) in opened.into_iter().zip(repeats).enumerate() {
            let input = u32::try_from(index).unwrap_or(u32::MAX);
            let part = match (repeat, log.format.foreign()) {
                (Some(earlier), _) => Part::Repeat(earlier),
                (None, Some(_)) => {
                    Part::Foreign { rows: 0..0, done: 0, has_ended: false, records: 0 }
                }
                (None, None) if log.format == Format::Parquet => {
                    diagnostics.extend(log.diagnostics);
                    let Some(log) = log.parquet else { continue };
                    Part::Parquet { log, feed: None, rows: 0 }
                }
                (None, None) => {
                    diagnostics.extend(log.diagnostics);
                    let layout = log.table.map_or(self.json_layout(), table_layout);
                    let (source, bar) = (Arc::clone(&log.source), inputs.bar.clone());
                    plans.push(Plan {
                        open: Box::new(move || source.open(bar.clone())),
                        layout,
                        input,
                    });
                    Part::Native(plans.len() - 1)
                }
            };
            let Opened { source, format, first_time, .. } = log;
            inputs.logs.push(Log { source, format, part, first_time });
        }
        inputs.convert(self)?;
        if has_errors(&diagnostics) {
            return Err(diagnostics);
        }
        scribe.diagnostics(&diagnostics);
        let effort = Effort::for_inputs(threads, plans.len());
        inputs.feeds = Feeds::new(plans, effort, names);
        Ok(inputs)
    }

    pub(super) fn json_layout(&self) -> Layout {
        Layout::Json { unknown_keys_are_errors: !self.ignore_unknown_columns }
    }
}

impl Inputs {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.logs.len()
    }

    /// The time of the first row that can be read, if it stands among an input's first bytes.
    pub(super) fn first_time(&self, input: usize) -> Option<Instant> {
        self.logs[input].first_time
    }

    /// Begins all inputs from the front.
    pub(super) fn rewind(&mut self) {
        self.feeds.rewind();
        for log in &mut self.logs {
            match &mut log.part {
                Part::Foreign { done, has_ended, .. } => (*done, *has_ended) = (0, false),
                Part::Parquet { feed, rows, .. } => (*feed, *rows) = (None, 0),
                Part::Native(_) | Part::Repeat(_) => {}
            }
        }
    }

    /// Takes a batch back whose room can be used again.
    pub(super) fn give_back(&mut self, batch: ReadBatch) {
        self.feeds.give_back(batch);
    }

    /// For each input the earlier one that it repeats byte for byte, if it does.
    pub(super) fn repeats(&self) -> impl Iterator<Item = Option<usize>> {
        self.logs.iter().map(|log| match log.part {
            Part::Repeat(earlier) => Some(earlier),
            Part::Native(_) | Part::Parquet { .. } | Part::Foreign { .. } => None,
        })
    }

    /// How many rows or records of an input have been read.
    pub(super) fn rows_read(&self, input: usize) -> u64 {
        match self.logs[input].part {
            Part::Native(feed) => self.feeds.rows(feed),
            Part::Foreign { records, .. } => records,
            Part::Parquet { rows, .. } => rows,
            Part::Repeat(earlier) => self.rows_read(earlier),
        }
    }

    /// How many rows or records of all inputs have been read.
    pub(super) fn rows(&self) -> u64 {
        (0..self.count()).map(|input| self.rows_read(input)).sum()
    }

    /// Each input, for `run.json`: what of it was not read yet is read now, for its fingerprint.
    pub(super) fn reports(&self) -> Result<Vec<InputReport>, Stopped> {
        self.bar.finish_and_clear();
        let report = |(index, log): (usize, &Log)| {
            let fingerprint = log.source.fingerprint().map_err(|error| vec![error])?;
            Ok(InputReport {
                name: log.source.name.clone(),
                format: log.format.as_str().to_owned(),
                size: fingerprint.size,
                sha256: fingerprint.sha256,
                rows_read: self.rows_read(index),
                ..InputReport::default()
            })
        };
        self.logs.iter().enumerate().map(report).collect()
    }

    /// Why there is nothing to bill, and in which files; for logs without an event. `first` is the
    /// first row that could not be read.
    pub(super) fn nothing_to_bill(&self, first: Option<&Finding>) -> Diagnostic {
        let names = self.logs.iter().map(|log| format!("`{}`", log.source.name));
        let names = names.collect::<Vec<_>>().join(", ");
        let row_count: u64 = (0..self.count()).map(|input| self.rows_read(input)).sum();
        let (message, help) = match first {
            _ if row_count == 0 => (
                format!("there is nothing to bill: {names} has no rows"),
                "check the export".into(),
            ),
            None => (
                format!("there is nothing to bill: none of {row_count} records of {names} costs"),
                "`sharebill convert` shows what became of each event type".into(),
            ),
            Some(finding) => (
                format!("there is nothing to bill: no row of {names} could be read"),
                format!(
                    "the first, on line {}: {}; `sharebill check` names every row",
                    finding.origin.line, finding.message
                ),
            ),
        };
        Diagnostic::error(Code::NoEvents, message).help(help)
    }

    /// The header that all inputs share; `None` where they do not, or are no tables.
    pub(super) fn header(&self) -> Option<&[String]> {
        self.header.as_deref()
    }

    /// The rows that were set aside, by input and line, with their texts as they were read: read once
    /// more, one after the other. `set_aside` are those that could be read.
    pub(super) fn rejected<'a>(
        &'a self,
        unreadable: &'a [Unreadable],
        set_aside: &'a [Finding],
    ) -> impl Iterator<Item = Result<RejectedRow, Stopped>> + 'a {
        let width = self.header.as_ref().map(Vec::len);
        let mut all: Vec<(&Finding, Option<&str>)> = Vec::new();
        all.extend(unreadable.iter().map(|row| (&row.finding, Some(row.raw.as_str()))));
        all.extend(set_aside.iter().map(|finding| (finding, None)));
        all.sort_by_key(|(finding, _)| finding.origin);
        let mut window = None;
        all.into_iter().map(move |(finding, raw)| {
            let fetched = self.fetch(finding.origin, raw, &mut window)?;
            Ok(RejectedRow {
                fields: fetched.fields.filter(|fields| Some(fields.len()) == width),
                raw: fetched.raw,
                code: finding.code,
                message: Arc::clone(&finding.message),
            })
        })
    }

    /// The row at a place, read again where that is needed. Within an input, places ascend from
    /// call to call; `window` is the same for all.
    pub(super) fn fetch(
        &self,
        place: Origin,
        raw: Option<&str>,
        window: &mut Option<(u32, Window)>,
    ) -> Result<Fetched, Stopped> {
        let log = &self.logs[place.input as usize];
        let known = raw.map(|raw| Fetched { fields: None, raw: raw.to_owned() });
        let is_table = log.format == Format::Csv;
        if let Some(known) = known.filter(|_| !is_table) {
            return Ok(known);
        }
        if log.format.foreign().is_some() {
            let number = usize::try_from(place.record).unwrap_or(usize::MAX);
            let rows = self.conversion.as_ref().map(|converted| converted.rows.as_slice());
            let row = rows.and_then(|rows| rows.get(number));
            let raw = row.map_or_else(String::new, |row| row.record.clone());
            return Ok(Fetched { fields: None, raw });
        }
        if let Part::Parquet { log, .. } = &log.part {
            let texts = log.row_texts(place.record).map_err(|diagnostic| vec![diagnostic])?;
            return Ok(Fetched { fields: None, raw: texts.join(",") });
        }
        let explain = |error: std::io::Error| vec![log.source.explain(&error)];
        let (_, window) = match window.take().filter(|(input, _)| *input == place.input) {
            Some(same) => window.insert(same),
            None => {
                let stream = log.source.open(ProgressBar::hidden()).map_err(explain)?;
                window.insert((place.input, Window::new(stream, !is_table)))
            }
        };
        let fetched = window.fetch(place.record).map_err(explain)?;
        let gone = || explain(std::io::Error::other("it changed while it was read"));
        fetched.ok_or_else(gone)
    }
}

impl Inputs {
    /// The name of an input, as the user gave it.
    pub(super) fn name(&self, input: usize) -> &str {
        &self.logs[input].source.name
    }

    /// All that is left, input by input.
    pub(super) fn for_each(&mut self, mut take: impl FnMut(&ReadBatch)) -> Result<(), Stopped> {
        for input in 0..self.logs.len() {
            while let Some(batch) = self.next(input)? {
                take(&batch);
                self.feeds.give_back(batch);
            }
        }
        self.bar.finish_and_clear();
        Ok(())
    }

    /// The next batch of an input, in the order of its rows; `None` at its end. The names of the
    /// run must not be locked meanwhile.
    pub(super) fn next(&mut self, input: usize) -> Result<Option<ReadBatch>, Stopped> {
        let log = &mut self.logs[input];
        match &mut log.part {
            Part::Repeat(_) => Ok(None),
            Part::Native(feed) => {
                let batch = self.feeds.next(*feed);
                let mut batch = batch.map_err(|error| vec![log.source.explain(&error)])?;
                if log.format == Format::Csv {
                    // Read once more when it is written: see `fetch`.
                    let rows = batch.iter_mut().flat_map(|batch| &mut batch.unreadable);
                    rows.for_each(|row| row.raw = String::new());
                }
                Ok(batch)
            }
            Part::Parquet { log, feed, rows } => {
                let number = u32::try_from(input).unwrap_or(u32::MAX);
                let feed = feed.get_or_insert_with(|| {
                    ParquetFeed::start(Arc::clone(log), number, &self.names, self.threads)
                });
                let batch = feed.next_batch().map_err(|diagnostic| vec![diagnostic])?;
                *rows += batch.as_ref().map_or(0, |batch| batch.rows);
                Ok(batch)
            }
            Part::Foreign { has_ended: true, .. } => Ok(None),
            Part::Foreign { rows, done, has_ended, records } => {
                let converted = self.conversion.as_ref().map(|converted| &converted.rows[..]);
                let all = converted.and_then(|all| all.get(rows.clone())).unwrap_or_default();
                let first = *done;
                *done = all.len().min(first + ROWS_OF_FOREIGN);
                let taken = all[first..*done].iter().enumerate().map(|(number, row)| {
                    let place = origin(row.file, row.line, rows.start + first + number);
                    (row_text(row), place, row.record.as_str())
                });
                let mut batch = batches_of_rows(taken, &self.names).swap_remove(0);
                batch.rows = if first == 0 { *records } else { 0 };
                if *done == all.len() {
                    *has_ended = true;
                    let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
                    let own = self.problems.iter().filter(|problem| problem.file == input);
                    batch.unreadable.extend(own.map(|problem| Unreadable {
                        finding: problem_finding(problem, &mut names),
                        raw: problem.record.clone(),
                    }));
                }
                Ok(Some(batch))
            }
        }
    }

    /// Converts the foreign inputs, together: records of one file explain those of another.
    fn convert(&mut self, how: &ReadArgs) -> Result<(), Stopped> {
        let mut foreign = self
            .logs
            .iter_mut()
            .enumerate()
            .filter(|(_, log)| matches!(log.part, Part::Foreign { .. }));
        let Some((_, first)) = foreign.next() else { return Ok(()) };
        let first_format = first.format;
        let Some(mut converter) = how.converter(first_format) else { return Ok(()) };
        if let Some((_, other)) = foreign.find(|(_, log)| log.format != first_format) {
            let (one, other) = (first_format.as_str(), other.format.as_str());
            let message = format!("{one} and {other} cannot be read in one run");
            let diagnostic = Diagnostic::error(Code::FormatUnknown, message);
            return Err(vec![diagnostic.help("convert each with `sharebill convert` first")]);
        }
        for (index, log) in self.logs.iter_mut().enumerate() {
            let Part::Foreign { records, .. } = &mut log.part else { continue };
            let mut bytes = Vec::new();
            let read = log.source.open(self.bar.clone());
            read.and_then(|mut stream| stream.read_to_end(&mut bytes))
                .map_err(|error| vec![log.source.explain(&error)])?;
            *records = converter.feed_named(index, &log.source.name, &bytes);
        }
        let conversion = converter.finish();
        check_places(&conversion, |file| self.logs[file].source.name.as_str())?;
        for (index, log) in self.logs.iter_mut().enumerate() {
            let Part::Foreign { rows, .. } = &mut log.part else { continue };
            let start = conversion.rows.partition_point(|row| row.file < index);
            *rows = start..conversion.rows.partition_point(|row| row.file <= index);
            let times = conversion.rows[rows.clone()].iter();
            log.first_time = times.filter_map(|row| Instant::parse(&row.time).ok()).next();
        }
        self.problems = conversion.problems;
        self.conversion = Some(Converted { rows: conversion.rows, table: conversion.table });
        Ok(())
    }
}

/// How many converted rows make a batch.
const ROWS_OF_FOREIGN: usize = 1 << 16;
