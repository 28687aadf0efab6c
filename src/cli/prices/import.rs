//! `sharebill prices import`: a book from what another rating engine charges by.

use std::io::Write as _;

use clap::{Args, ValueEnum};

use crate::cli::files::{read_file, unreadable};
use crate::cli::output::{Kind, OutputFolder};
use crate::cli::prices::{check_currency, folder_name};
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::disk;
use crate::hashmap::{Draft, DraftOptions, Hashmap, Measure, Target, draft};
use crate::read::book::{BookFiles, load};
use crate::value::{Instant, Names};
use crate::write::hashmap::{ImportedBook, flavors, json, rates, settings, text};

/// Make a book of what another rating engine charges by
///
/// What a book cannot say exactly is left out and named, with the reason: then the command ends
/// with 3.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// CloudKitty's hashmap configuration: JSON files as its API or client prints them, or folders
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    cloudkitty: Vec<String>,
    /// The folder to write
    #[arg(long, value_name = "DIR")]
    out: String,
    /// Replace the folder if sharebill wrote it
    #[arg(long)]
    force: bool,
    /// The regions that the book is for
    #[arg(long = "region", value_name = "REGION", default_value = "RegionOne")]
    regions: Vec<String>,
    /// The currency of the prices
    #[arg(long, value_name = "CODE", default_value = "USD")]
    currency: String,
    /// The seconds of a collect period: `[collect] period` of cloudkitty.conf
    #[arg(long, value_name = "SECONDS", default_value_t = 3600,
          value_parser = clap::value_parser!(u64).range(1..=2_678_400))]
    period: u64,
    /// The hours of a month of storage in the book
    #[arg(long, value_name = "HOURS", default_value_t = 730,
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    month_hours: u64,
    /// What a GB of the book is
    #[arg(long, value_enum, default_value_t = Gigabyte::GiB)]
    gigabyte: Gigabyte,
    /// From when on rules without a start hold
    #[arg(long, value_name = "DATE", value_parser = crate::cli::bill::parse_instant)]
    effective_from: Option<Instant>,
    /// Make the book for one project, with the rules that are for it alone
    #[arg(long, value_name = "PROJECT")]
    tenant: Option<String>,
    /// A flavor that no mapping names; may be repeated
    #[arg(long = "flavor", value_name = "NAME")]
    flavors: Vec<String>,
    /// What a service is: server, image.storage, object.storage or transfer.out; may be repeated
    #[arg(long = "service", value_name = "NAME=SKU", value_parser = parse_service)]
    services: Vec<(String, Target)>,
    /// The unit of a service, as in metrics.yml: B, KiB, MiB, GiB, KB, MB, GB …; may be repeated
    #[arg(long = "unit", value_name = "NAME=UNIT", value_parser = parse_unit)]
    units: Vec<(String, u64)>,
    /// Begin the source of each rate with this
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// The book's name for people
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// End with 0 although rules are left out
    #[arg(long)]
    allow_findings: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Gigabyte {
    /// 2^30 bytes
    #[value(name = "GiB")]
    GiB,
    /// 10^9 bytes
    #[value(name = "GB")]
    GB,
}

impl Import {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        check_currency(&self.currency)?;
        let mut folder = OutputFolder::begin(&self.out, Kind::Book, self.force)?;
        let hashmap = crate::read::hashmap::read(&self.files(scribe)?)?;
        let options = self.options();
        self.check_dates(&hashmap)?;
        let draft = draft(&hashmap, &options);
        scribe.diagnostics(&draft.unsaid);
        if draft.rates.is_empty() {
            let message = "no price of a book comes of this configuration";
            let help = "see what is left out above; --service and --unit tell what services are";
            return Err(vec![Diagnostic::error(Code::HashmapEmpty, message).help(help)]);
        }
        self.write(&mut folder, &draft, &options)?;
        folder.publish(scribe)?;
        if scribe.is_json() {
            scribe.result(&json(&self.out, &draft, &options))?;
        } else {
            scribe.summary(&text(&self.out, &draft, &options))?;
        }
        let is_whole = draft.unsaid.is_empty() || self.allow_findings;
        Ok(if is_whole { Exit::Done } else { Exit::SetAside })
    }

    fn options(&self) -> DraftOptions {
        DraftOptions {
            period_seconds: self.period,
            month_hours: self.month_hours,
            bytes_per_gigabyte: match self.gigabyte {
                Gigabyte::GiB => 1 << 30,
                Gigabyte::GB => 1_000_000_000,
            },
            effective_from: self.effective_from,
            tenant: self.tenant.clone(),
            flavors: self.flavors.clone(),
            services: self.services.clone(),
            units: self.units.clone(),
        }
    }

    /// The files, and those with `.json` at the end in folders, by name.
    fn files(&self, scribe: &Scribe) -> Result<Vec<(String, Vec<u8>)>, Stopped> {
        let mut names = Vec::new();
        for given in &self.cloudkitty {
            let unreadable = |error| vec![unreadable(given, &error)];
            if !disk::is_folder(given).map_err(unreadable)? {
                names.push(given.clone());
                continue;
            }
            let mut inside = Vec::new();
            for entry in disk::list(given).map_err(unreadable)? {
                if entry.path.extension().is_some_and(|extension| extension == "json") {
                    inside.push(entry.path.display().to_string());
                }
            }
            if inside.is_empty() {
                let message = format!("`{given}` has no file that ends with .json");
                let diagnostic = Diagnostic::error(Code::HashmapUnreadable, message);
                return Err(vec![diagnostic.help("save the lists there, one file each")]);
            }
            names.append(&mut inside);
        }
        let read = |name: String| read_file(&name, scribe).map(|file| (name, file.bytes));
        names.into_iter().map(read).collect::<Result<_, _>>().map_err(|problem| vec![problem])
    }

    /// Rules without a start hold from a date that only the user knows.
    fn check_dates(&self, hashmap: &Hashmap) -> Result<(), Stopped> {
        let mut rules = hashmap.rules.iter().filter(|rule| !rule.is_deleted);
        let Some(rule) = rules.find(|rule| rule.start.is_none()) else { return Ok(()) };
        if self.effective_from.is_some() {
            return Ok(());
        }
        let message = format!("this {} does not tell from when on it holds", rule.kind());
        Err(vec![
            Diagnostic::error(Code::HashmapUndated, message)
                .at(rule.place.clone(), "the first without a start")
                .help("say it for all of them, like --effective-from 2016-03-01"),
        ])
    }

    /// Writes the book; its own loader has the last word on it.
    fn write(
        &self,
        folder: &mut OutputFolder,
        draft: &Draft,
        options: &DraftOptions,
    ) -> Result<(), Stopped> {
        let id = folder_name(&self.out);
        let book = ImportedBook {
            title: self.title.clone().unwrap_or_else(|| format!("{id}, from CloudKitty's hashmap")),
            id,
            currency: self.currency.clone(),
            regions: self.regions.clone(),
            gigabyte: match self.gigabyte {
                Gigabyte::GiB => "GiB",
                Gigabyte::GB => "GB",
            },
            source: self.source.clone(),
        };
        let settings = settings(&book, options).into_bytes();
        let (mut rate_bytes, mut flavor_bytes) = (Vec::new(), Vec::new());
        // Memory takes everything.
        let _ = rates(&mut rate_bytes, &book, &draft.rates);
        let _ = flavors(&mut flavor_bytes, &draft.flavors);
        let files = BookFiles {
            folder: self.out.clone(),
            settings: Some(settings),
            rates: Some(rate_bytes),
            flavors: Some(flavor_bytes),
            discounts: None,
        };
        let loaded = load(&files, &mut Names::default());
        if has_errors(&loaded.diagnostics) {
            return Err(loaded.diagnostics);
        }
        let named = [
            ("book.toml", files.settings),
            ("flavors.csv", files.flavors),
            ("rates.csv", files.rates),
        ];
        for (name, bytes) in named {
            folder.write(name, |out| out.write_all(&bytes.unwrap_or_default()))?;
        }
        Ok(())
    }
}

fn parse_service(text: &str) -> Result<(String, Target), String> {
    let words = Target::WORDS.map(|(word, _)| word).join(", ");
    let (name, word) = text.split_once('=').ok_or(format!("write NAME=SKU, of {words}"))?;
    let target = Target::WORDS.iter().find(|(known, _)| *known == word);
    let (_, target) = target.ok_or(format!("`{word}` is none of {words}"))?;
    Ok((name.to_owned(), *target))
}

fn parse_unit(text: &str) -> Result<(String, u64), String> {
    let (name, unit) = text.split_once('=').ok_or("write NAME=UNIT, like image.size=MiB")?;
    let bytes = Measure::named(unit)
        .ok_or(format!("`{unit}` is no unit of bytes: B, KiB, MiB, GiB, TiB, KB, MB, GB or TB"))?;
    Ok((name.to_owned(), bytes))
}
