//! Opens event logs: files, standard input, compressed or not; in whatever format.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};

use crate::cli::Stopped;
use crate::cli::scribe::Scribe;
use crate::diagnostic::{Code, Diagnostic};
use crate::event::Origin;
use crate::read::events::{Format, RowText, recognise};
use crate::read::openstack::{
    Conversion, Converter, ImageClock, Options, Problem, ProblemCode, TypeCount,
};
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

    /// The flags that [`ReadArgs::arguments`] told of; what nobody knows is as if it was not said.
    pub(super) fn of_arguments(arguments: &BTreeMap<String, String>) -> ReadArgs {
        let get = |name: &str| arguments.get(name).cloned();
        let mapped = get("region_map").unwrap_or_default();
        let from = get("from").and_then(|from| FromArg::from_str(&from, false).ok());
        let is_active = get("image_clock").is_some_and(|clock| clock == "active");
        ReadArgs {
            from,
            region: get("region"),
            region_map: mapped.split(' ').filter_map(|pair| parse_mapping(pair).ok()).collect(),
            image_clock: if is_active { ClockArg::Active } else { ClockArg::Created },
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
        .help("say it with --from: csv, jsonl, parquet, oslo or flat")
}
