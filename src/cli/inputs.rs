//! Opens event logs: files, standard input, compressed or not; in whatever format.

use clap::{Args, ValueEnum};
use serde_json::value::RawValue;

use crate::cli::files::read_file;
use crate::cli::scribe::Scribe;
use crate::cli::{Stopped, progress};
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::event::Origin;
use crate::read::csv::{Record, Records};
use crate::read::events::{
    EventRows, Format, Input, RowText, Unreadable, read_csv, read_json, recognise, take_converted,
};
use crate::read::openstack::{
    Conversion, Converter, ImageClock, Options, Problem, ProblemCode, TypeCount,
};
use crate::value::{Instant, Names};
use crate::world::{Finding, FindingCode};
use crate::write::{InputReport, RejectedRow, Rejections};

/// Which logs, and how to read them.
#[derive(Debug, Args)]
pub(super) struct LogArgs {
    /// Event logs: plain, .gz or .zst; `-` is standard input
    #[arg(required = true, value_name = "EVENTS")]
    pub(super) events: Vec<String>,
    #[command(flatten)]
    pub(super) how: ReadArgs,
}

/// How to read logs.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// The logs' format; by default it is recognised by content
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Input")]
    from: Option<FromArg>,
    /// The region of records that tell none (foreign formats)
    #[arg(long, value_name = "REGION", help_heading = "Input")]
    pub(super) region: Option<String>,
    /// The region of records by publisher, host or service (foreign formats)
    #[arg(long, value_name = "PUBLISHER=REGION", value_parser = parse_mapping,
          help_heading = "Input")]
    region_map: Vec<(String, String)>,
    /// From when on an image counts as stored (foreign formats)
    #[arg(long, value_enum, value_name = "CLOCK", default_value_t = ClockArg::Created,
          help_heading = "Input")]
    image_clock: ClockArg,
    /// Warn about unknown columns instead of stopping
    #[arg(long, help_heading = "Input")]
    pub(super) ignore_unknown_columns: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FromArg {
    /// Native events as CSV
    Csv,
    /// Native events as JSON lines or an array
    Jsonl,
    /// OpenStack notifications (Glance, Nova) in any oslo.messaging envelope
    Oslo,
    /// OpenStack notifications, flattened (Panko, XDMoD)
    Flat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockArg {
    /// When its record was made
    Created,
    /// When its data was there
    Active,
}

/// One input in memory.
pub(super) struct LoadedInput {
    pub(super) report: InputReport,
    bytes: Vec<u8>,
    format: Format,
}

/// All logs, read.
pub(super) struct Logs {
    pub(super) rows: EventRows,
    pub(super) inputs: Vec<LoadedInput>,
    /// What the foreign formats became, where there were any.
    pub(super) conversion: Option<Converted>,
    /// For each input the earlier one that it repeats byte for byte, if it does.
    pub(super) repeats: Vec<Option<usize>>,
}

/// What the foreign formats became.
pub(super) struct Converted {
    pub(super) rows: Vec<crate::read::openstack::NativeRow>,
    pub(super) table: Vec<TypeCount>,
}

fn parse_mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, region)) if !name.is_empty() && !region.is_empty() => {
            Ok((name.to_owned(), region.to_owned()))
        }
        _ => Err("write PUBLISHER=REGION".to_owned()),
    }
}

impl LogArgs {
    /// Reads everything; rows that cannot be read are set aside.
    pub(super) fn read(&self, names: &mut Names, scribe: &Scribe) -> Result<Logs, Stopped> {
        self.how.read(&self.events, names, scribe)
    }
}

impl ReadArgs {
    /// What of these flags decides the result, as `(name, value)`.
    pub(super) fn arguments(&self) -> Vec<(String, String)> {
        let mut arguments = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            arguments.extend(value.map(|value| (name.to_owned(), value)));
        };
        let word = |value: Option<clap::builder::PossibleValue>| {
            value.map(|value| value.get_name().to_owned())
        };
        add("from", self.from.and_then(|from| word(from.to_possible_value())));
        add("region", self.region.clone());
        let mapped = self.region_map.iter().map(|(name, region)| format!("{name}={region}"));
        let mapped: Vec<String> = mapped.collect();
        add("region_map", (!mapped.is_empty()).then(|| mapped.join(" ")));
        let is_active = self.image_clock == ClockArg::Active;
        add("image_clock", is_active.then(|| "active".to_owned()));
        let is_lenient = self.ignore_unknown_columns;
        add("ignore_unknown_columns", is_lenient.then(|| "true".to_owned()));
        arguments
    }

    /// Reads these logs; rows that cannot be read are set aside.
    pub(super) fn read(
        &self,
        events: &[String],
        names: &mut Names,
        scribe: &Scribe,
    ) -> Result<Logs, Stopped> {
        let inputs = self.load(events, scribe)?;
        let repeats = tell_repeats(&inputs, scribe);
        let mut rows = EventRows::default();
        let mut foreign: Vec<(usize, &LoadedInput)> = Vec::new();
        for (index, input) in inputs.iter().enumerate() {
            if repeats[index].is_some() {
                continue;
            }
            let bar = progress::stage(scribe, "reading", input.bytes.len() as u64 / 100);
            match input.format {
                Format::Csv => {
                    read_csv(input.as_input(index), !self.ignore_unknown_columns, names, &mut rows)
                }
                Format::Json => {
                    read_json(input.as_input(index), !self.ignore_unknown_columns, names, &mut rows)
                }
                Format::Oslo | Format::Flat => foreign.push((index, input)),
            }
            bar.finish_and_clear();
        }
        rows.row_counts.resize(inputs.len(), 0);
        let conversion = self.convert(&foreign, names, &mut rows)?;
        for (index, repeat) in repeats.iter().enumerate() {
            rows.row_counts[index] = rows.row_counts[repeat.unwrap_or(index)];
        }
        if has_errors(&rows.diagnostics) {
            return Err(rows.diagnostics);
        }
        scribe.diagnostics(&rows.diagnostics);
        Ok(Logs { rows, inputs, conversion, repeats })
    }

    /// Opens all inputs and tells their formats.
    fn load(&self, events: &[String], scribe: &Scribe) -> Result<Vec<LoadedInput>, Stopped> {
        let mut inputs = Vec::new();
        let mut diagnostics = Vec::new();
        for name in events {
            match self.load_one(name, scribe) {
                Ok(input) => inputs.push(input),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        if diagnostics.is_empty() { Ok(inputs) } else { Err(diagnostics) }
    }

    fn load_one(&self, name: &str, scribe: &Scribe) -> Result<LoadedInput, Diagnostic> {
        let file = read_file(name, scribe)?;
        let format = self.format_of(name, &file.bytes, scribe)?;
        let report = InputReport { format: format.as_str().to_owned(), ..file.report };
        Ok(LoadedInput { report, bytes: file.bytes, format })
    }

    /// The format of an input, told by the flags or by its first bytes.
    pub(super) fn format_of(
        &self,
        name: &str,
        bytes: &[u8],
        scribe: &Scribe,
    ) -> Result<Format, Diagnostic> {
        Ok(match self.from {
            Some(FromArg::Csv) => Format::Csv,
            Some(FromArg::Jsonl) => Format::Json,
            Some(FromArg::Oslo) => Format::Oslo,
            Some(FromArg::Flat) => Format::Flat,
            None => {
                let (format, why) = recognise(bytes).ok_or_else(|| unknown_format(name))?;
                scribe.detail(&format!("{name}: read as {}, as {why}", format.as_str()));
                format
            }
        })
    }

    /// A converter of a foreign format, as the flags have it.
    pub(super) fn converter(&self, format: Format) -> Option<Converter> {
        Some(Converter::new(Options {
            format: format.foreign()?,
            image_clock: match self.image_clock {
                ClockArg::Created => ImageClock::Created,
                ClockArg::Active => ImageClock::Active,
            },
            region: self.region.clone(),
            region_map: self.region_map.clone(),
        }))
    }

    /// Converts the foreign inputs, together: records of one file explain those of another.
    fn convert(
        &self,
        foreign: &[(usize, &LoadedInput)],
        names: &mut Names,
        rows: &mut EventRows,
    ) -> Result<Option<Converted>, Stopped> {
        let Some((_, first)) = foreign.first() else { return Ok(None) };
        let Some(mut converter) = self.converter(first.format) else { return Ok(None) };
        if foreign.iter().any(|(_, input)| input.format != first.format) {
            let message = "oslo and flat notifications cannot be read in one run";
            let diagnostic = Diagnostic::error(Code::FormatUnknown, message);
            return Err(vec![diagnostic.help("convert each with `sharebill convert` first")]);
        }
        for (index, input) in foreign {
            rows.row_counts[*index] = converter.feed(*index, &input.bytes);
        }
        let conversion = converter.finish();
        check_regions(&conversion, |file| {
            let found = foreign.iter().find(|(index, _)| *index == file);
            found.map_or("", |(_, input)| input.report.name.as_str())
        })?;
        for (number, row) in conversion.rows.iter().enumerate() {
            take_converted(
                &row_text(row),
                origin(row.file, row.line, number),
                &row.record,
                names,
                rows,
            );
        }
        for problem in &conversion.problems {
            let finding = problem_finding(problem, names);
            rows.unreadable.push(Unreadable { finding, raw: problem.record.clone() });
        }
        Ok(Some(Converted { rows: conversion.rows, table: conversion.table }))
    }
}

/// For each input the earlier one that it repeats byte for byte. Rows without an id would count
/// twice: a repeated input is a log delivered twice, and read once.
fn tell_repeats(inputs: &[LoadedInput], scribe: &Scribe) -> Vec<Option<usize>> {
    let mut repeats = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.iter().enumerate() {
        let same = |earlier: &LoadedInput| earlier.bytes == input.bytes && !input.bytes.is_empty();
        let repeated = inputs[..index].iter().position(same);
        if let Some(earlier) = repeated {
            let (name, first) = (&input.report.name, &inputs[earlier].report.name);
            let message = format!("`{name}` repeats `{first}` byte for byte: it is read once");
            scribe.diagnostics(&[Diagnostic::warning(Code::InputTwice, message)]);
        }
        repeats.push(repeated);
    }
    repeats
}

/// Records without a region are refused, all together: none is guessed, and a bill without them
/// would be wrong.
pub(super) fn check_regions<'n>(
    conversion: &Conversion,
    name: impl FnOnce(usize) -> &'n str,
) -> Result<(), Stopped> {
    let mut missing =
        conversion.problems.iter().filter(|problem| problem.code == ProblemCode::NoRegion);
    let Some(first) = missing.next() else { return Ok(()) };
    let count = missing.count() + 1;
    let message = format!(
        "no region is known for {count} of the records, the first on line {} of `{}` ({})",
        first.line,
        name(first.file),
        first.event
    );
    Err(vec![
        Diagnostic::error(Code::RegionMissing, message).help(
            "say it with --region REGION, or by publisher with --region-map PUBLISHER=REGION",
        ),
    ])
}

pub(super) fn origin(file: usize, line: u64, record: usize) -> Origin {
    Origin { input: u32::try_from(file).unwrap_or(u32::MAX), line, record: record as u64 }
}

/// The native texts of a converted row.
pub(super) fn row_text(row: &crate::read::openstack::NativeRow) -> RowText<'_> {
    RowText {
        time: &row.time,
        event: &row.event,
        account: &row.account,
        region: &row.region,
        resource: &row.resource,
        source: &row.source,
        member: &row.member,
        status: &row.status,
        bytes: &row.bytes,
        flavor: &row.flavor,
        os: &row.os,
        visibility: &row.visibility,
        labels: &row.labels,
        id: &row.id,
    }
}

pub(super) fn problem_finding(problem: &Problem, names: &mut Names) -> Finding {
    let is_contradiction = problem.code == ProblemCode::Contradiction;
    Finding {
        code: if is_contradiction { FindingCode::L14 } else { FindingCode::L00 },
        origin: origin(problem.file, problem.line, usize::MAX),
        time: Instant::parse(&problem.time).ok(),
        kind: None,
        actor: (!problem.account.is_empty()).then(|| names.accounts.intern(&problem.account)),
        resource: (!problem.resource.is_empty()).then(|| problem.resource.clone()),
        message: format!("{}: {}", problem.event, problem.message),
    }
}

fn unknown_format(name: &str) -> Diagnostic {
    Diagnostic::error(Code::FormatUnknown, format!("the format of `{name}` cannot be told"))
        .help("say it with --from: csv, jsonl, oslo or flat")
}

impl LoadedInput {
    fn as_input(&self, index: usize) -> Input<'_> {
        Input {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            name: &self.report.name,
            bytes: &self.bytes,
        }
    }

    /// The fields of its header, if it is a table.
    fn header(&self) -> Option<Vec<String>> {
        (self.format == Format::Csv).then(|| self.fields_at(0)).flatten()
    }

    /// The fields of the record at an offset, if it can be split.
    fn fields_at(&self, offset: usize) -> Option<Vec<String>> {
        let bytes = self.bytes.get(offset..)?;
        let mut record = Record::default();
        Records::new(bytes).read(&mut record);
        let text = |field: &crate::read::csv::Field| {
            String::from_utf8_lossy(&field.bytes(bytes)).into_owned()
        };
        let is_whole = record.broken.is_none() && !record.fields.is_empty();
        is_whole.then(|| record.fields.iter().map(text).collect())
    }

    fn raw_at(&self, offset: usize) -> String {
        let bytes = self.bytes.get(offset..).unwrap_or_default();
        let mut record = Record::default();
        Records::new(bytes).read(&mut record);
        String::from_utf8_lossy(&bytes[record.span]).into_owned()
    }

    /// The native JSON record at an offset.
    fn json_at(&self, offset: usize) -> String {
        let bytes = self.bytes.get(offset..).unwrap_or_default();
        // Reads this one value and nothing behind it: an array may be one line of gigabytes.
        let first = serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>().next();
        first.and_then(Result::ok).map_or_else(String::new, |value| value.get().to_owned())
    }
}

impl Logs {
    /// Why there is nothing to bill, and in which files; for logs without an event.
    pub(super) fn nothing_to_bill(&self) -> Diagnostic {
        let names: Vec<String> =
            self.inputs.iter().map(|input| format!("`{}`", input.report.name)).collect();
        let names = names.join(", ");
        let row_count: u64 = self.rows.row_counts.iter().sum();
        let (message, help) = match self.rows.unreadable.first() {
            _ if row_count == 0 => (
                format!("there is nothing to bill: {names} has no rows"),
                "check the export".into(),
            ),
            None => (
                format!("there is nothing to bill: none of {row_count} records of {names} costs"),
                "`sharebill convert` shows what became of each event type".into(),
            ),
            Some(row) => (
                format!("there is nothing to bill: no row of {names} could be read"),
                format!(
                    "the first, on line {}: {}; `sharebill check` names every row",
                    row.finding.origin.line, row.finding.message
                ),
            ),
        };
        Diagnostic::error(Code::NoEvents, message).help(help)
    }

    /// The rows that were set aside, with their texts as they were read.
    pub(super) fn rejections(&self, set_aside: &[Finding]) -> Rejections {
        let mut headers = self.inputs.iter().map(LoadedInput::header);
        let first = headers.next().flatten();
        let header = first.filter(|first| headers.all(|header| header.as_ref() == Some(first)));
        let width = header.as_ref().map(Vec::len);
        let mut rows: Vec<(Origin, RejectedRow)> = Vec::new();
        for unreadable in &self.rows.unreadable {
            let finding = &unreadable.finding;
            rows.push((finding.origin, self.rejected(finding, Some(&unreadable.raw), width)));
        }
        for finding in set_aside {
            rows.push((finding.origin, self.rejected(finding, None, width)));
        }
        rows.sort_by_key(|(origin, _)| *origin);
        Rejections { header, rows: rows.into_iter().map(|(_, row)| row).collect() }
    }

    fn rejected(
        &self,
        finding: &Finding,
        raw: Option<&String>,
        width: Option<usize>,
    ) -> RejectedRow {
        let input = &self.inputs[finding.origin.input as usize];
        let offset = usize::try_from(finding.origin.record).unwrap_or(usize::MAX);
        let is_table = input.format == Format::Csv;
        let fields = is_table.then(|| input.fields_at(offset)).flatten();
        let raw = raw.cloned().unwrap_or_else(|| match input.format {
            Format::Csv => input.raw_at(offset),
            Format::Json => input.json_at(offset),
            Format::Oslo | Format::Flat => self
                .conversion
                .as_ref()
                .and_then(|converted| converted.rows.get(offset))
                .map_or_else(String::new, |row| row.record.clone()),
        });
        RejectedRow {
            fields: fields.filter(|fields| Some(fields.len()) == width),
            raw,
            code: finding.code,
            message: finding.message.clone(),
        }
    }
}
