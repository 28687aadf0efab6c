//! Opens event logs: files, standard input, compressed or not; in whatever format.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::Path;

use clap::{Args, ValueEnum};
use flate2::read::MultiGzDecoder;

use crate::cli::Stopped;
use crate::cli::files::unreadable;
use crate::cli::scribe::Scribe;
use crate::diagnostic::{Code, Diagnostic};
use crate::disk::{self, File, Kind};
use crate::event::Origin;
use crate::read::events::{Foreign, Format, RowText, recognise};
use crate::read::foreign::{Conversion, Convert, NativeRow, Problem, ProblemCode, TypeCount};
use crate::read::openstack::{ImageClock, Options, Snapshots, Vanished};
use crate::read::{cloudtrail, openstack};
use crate::value::{Instant, Names};
use crate::world::{Finding, FindingCode};

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
#[derive(Debug, Clone, Args)]
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
    /// When an inventory was taken, or one of its files or folders; else its folder's name tells
    #[arg(long, value_name = "[NAME=]TIME", value_parser = parse_as_of, help_heading = "Input")]
    as_of: Vec<(String, Instant)>,
    /// When a change happened that lies between two inventories
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = VanishedArg::At,
          help_heading = "Input")]
    vanished: VanishedArg,
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
    /// Native events as Parquet
    Parquet,
    /// OpenStack notifications (Glance, Nova) in any oslo.messaging envelope
    Oslo,
    /// OpenStack notifications, flattened (Panko, XDMoD)
    Flat,
    /// What OpenStack's clients and APIs print: lists of images, members, servers, usage
    Inventory,
    /// Rackspace's image audits, Cloud Feeds (JSON, XML) and StackTach's database API
    Rackspace,
    /// AWS CloudTrail: AMIs, launch permissions, instances
    #[value(name = "cloudtrail")]
    CloudTrail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum VanishedArg {
    /// When the later one was taken, which shows it
    At,
    /// When the earlier one was taken
    Before,
    /// Midway between them
    Midpoint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockArg {
    /// When its record was made
    Created,
    /// When its data was there
    Active,
}

/// What the foreign formats became.
pub(super) struct Converted {
    pub(super) rows: Vec<NativeRow>,
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

/// `TIME`, or `NAME=TIME`; a time alone has an empty name.
fn parse_as_of(text: &str) -> Result<(String, Instant), String> {
    let (name, time) = text.rsplit_once('=').unwrap_or(("", text));
    let time = Instant::parse_date_or_instant(time).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), time))
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
        let as_of = self.as_of.iter().map(|(name, time)| match name.as_str() {
            "" => time.to_string(),
            name => format!("{name}={time}"),
        });
        let as_of: Vec<String> = as_of.collect();
        // Names may have spaces, and no line ends.
        add("as_of", (!as_of.is_empty()).then(|| as_of.join("\n")));
        let is_usual = self.vanished == VanishedArg::At;
        let vanished = (!is_usual).then(|| word(self.vanished.to_possible_value())).flatten();
        add("vanished", vanished);
        let is_lenient = self.ignore_unknown_columns;
        add("ignore_unknown_columns", is_lenient.then(|| "true".to_owned()));
        arguments
    }

    /// The flags that [`ReadArgs::arguments`] told of; what nobody knows is as if it was not said.
    pub(super) fn of_arguments(arguments: &BTreeMap<String, String>) -> ReadArgs {
        let get = |name: &str| arguments.get(name).cloned();
        let mapped = get("region_map").unwrap_or_default();
        let from = get("from").and_then(|from| FromArg::from_str(&from, false).ok());
        let is_active = get("image_clock").is_some_and(|clock| clock == "active");
        let as_of = get("as_of").unwrap_or_default();
        let vanished = get("vanished").and_then(|told| VanishedArg::from_str(&told, false).ok());
        ReadArgs {
            from,
            region: get("region"),
            region_map: mapped.split(' ').filter_map(|pair| parse_mapping(pair).ok()).collect(),
            image_clock: if is_active { ClockArg::Active } else { ClockArg::Created },
            as_of: as_of.lines().filter_map(|told| parse_as_of(told).ok()).collect(),
            vanished: vanished.unwrap_or(VanishedArg::At),
            ignore_unknown_columns: get("ignore_unknown_columns").is_some(),
        }
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
            Some(FromArg::Parquet) => Format::Parquet,
            Some(FromArg::Oslo) => Format::Oslo,
            Some(FromArg::Flat) => Format::Flat,
            Some(FromArg::Inventory) => Format::Inventory,
            Some(FromArg::Rackspace) => Format::Rackspace,
            Some(FromArg::CloudTrail) => Format::CloudTrail,
            None => {
                let (format, why) = recognise(bytes).ok_or_else(|| unknown_format(name))?;
                scribe.detail(&format!("{name}: read as {}, as {why}", format.as_str()));
                format
            }
        })
    }

    /// A converter of a foreign format, as the flags have it.
    pub(super) fn converter(&self, format: Format) -> Option<Box<dyn Convert>> {
        let format = match format.foreign()? {
            Foreign::CloudTrail => {
                return Some(Box::new(cloudtrail::Converter::new(self.region.clone())));
            }
            Foreign::OpenStack(format) => format,
        };
        Some(Box::new(openstack::Converter::new(Options {
            format,
            image_clock: match self.image_clock {
                ClockArg::Created => ImageClock::Created,
                ClockArg::Active => ImageClock::Active,
            },
            region: self.region.clone(),
            region_map: self.region_map.clone(),
            snapshots: self.snapshots(),
        })))
    }

    fn snapshots(&self) -> Snapshots {
        let (of_all, of_each): (Vec<_>, Vec<_>) =
            self.as_of.iter().partition(|(name, _)| name.is_empty());
        Snapshots {
            as_of: of_all.last().map(|(_, time)| time.to_string()),
            as_of_each: of_each.iter().map(|(name, at)| (name.clone(), at.to_string())).collect(),
            vanished: match self.vanished {
                VanishedArg::At => Vanished::At,
                VanishedArg::Before => Vanished::Before,
                VanishedArg::Midpoint => Vanished::Midpoint,
            },
        }
    }

    /// The logs that are named; a folder of an inventory or a trail as its files. Another folder
    /// stays one, and is refused when it is opened.
    pub(super) fn files_of(&self, events: &[String]) -> Result<Vec<String>, Stopped> {
        let is_of_folders = |file: &String| {
            let format = first_bytes(file).and_then(|head| Some(recognise(&head)?.0));
            matches!(format, Some(Format::Inventory | Format::CloudTrail))
        };
        let mut all = Vec::with_capacity(events.len());
        for name in events {
            let unknown = |error: io::Error| vec![unreadable(name, &error)];
            let files = match disk::is_folder(name).map_err(unknown)? {
                true => files_below(Path::new(name)).map_err(unknown)?,
                false => Vec::new(),
            };
            let may_be = match self.from {
                Some(from) => matches!(from, FromArg::Inventory | FromArg::CloudTrail),
                None => files.iter().any(is_of_folders),
            };
            if may_be && !files.is_empty() {
                all.extend(files);
            } else {
                all.push(name.clone());
            }
        }
        Ok(all)
    }
}

/// What a file begins with, decompressed.
fn first_bytes(file: &str) -> Option<Vec<u8>> {
    let mut raw = File::open(file).ok()?;
    let mut magic = [0; 4];
    let length = raw.read(&mut magic).ok()?;
    let whole = magic[..length].chain(raw);
    let mut head = Vec::new();
    let limit = 64 << 10;
    // What of a damaged file could be read will do; opening it says what is wrong.
    let _ = match &magic[..length] {
        [0x1f, 0x8b, ..] => MultiGzDecoder::new(whole).take(limit).read_to_end(&mut head),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            zstd::Decoder::new(whole).ok()?.take(limit).read_to_end(&mut head)
        }
        _ => whole.take(limit).read_to_end(&mut head),
    };
    Some(head)
}

/// The files in a folder and in those below, by name; hidden ones and links to folders are not.
fn files_below(folder: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in disk::list(folder)? {
        if entry.name.to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.kind == Kind::Folder {
            files.extend(files_below(&entry.path)?);
        } else if disk::is_file(&entry.path)? {
            files.push(entry.path.display().to_string());
        }
    }
    Ok(files)
}

/// Records without a region, or without a time, are refused, all together: none is guessed, and a bill without them
/// would be wrong.
pub(super) fn check_places<'n>(
    conversion: &Conversion,
    name: impl FnOnce(usize) -> &'n str,
) -> Result<(), Stopped> {
    let without = |code| conversion.problems.iter().filter(move |problem| problem.code == code);
    if let Some(first) = without(ProblemCode::NoTime).next() {
        let message = format!(
            "no time is known for {} of the records, the first on line {} of `{}` ({})",
            without(ProblemCode::NoTime).count(),
            first.line,
            name(first.file),
            first.event
        );
        let help = "say when the inventory was taken with --as-of TIME, or --as-of FOLDER=TIME";
        return Err(vec![Diagnostic::error(Code::TimeMissing, message).help(help)]);
    }
    let mut missing = without(ProblemCode::NoRegion);
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
pub(super) fn row_text(row: &NativeRow) -> RowText<'_> {
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
    Finding {
        code: match problem.code {
            ProblemCode::Contradiction => FindingCode::L14,
            ProblemCode::SameId => FindingCode::L15,
            _ => FindingCode::L00,
        },
        origin: origin(problem.file, problem.line, usize::MAX),
        time: Instant::parse(&problem.time).ok(),
        kind: None,
        actor: (!problem.account.is_empty()).then(|| names.accounts.intern(&problem.account)),
        resource: (!problem.resource.is_empty()).then(|| problem.resource.as_str().into()),
        message: format!("{}: {}", problem.event, problem.message).into(),
    }
}

fn unknown_format(name: &str) -> Diagnostic {
    Diagnostic::error(Code::FormatUnknown, format!("the format of `{name}` cannot be told")).help(
        "say it with --from: csv, jsonl, parquet, oslo, flat, inventory, rackspace or cloudtrail",
    )
}
