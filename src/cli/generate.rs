//! `sharebill generate`: synthetic event logs.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use flate2::write::GzEncoder;

use crate::cli::output::{write_file, write_stream};
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use crate::generate::{Dice, Happening, MOST_ROWS, Plan, for_each_batch};
use crate::value::Instant;
use crate::write::generated::{Sink, TextLog, accounts};
use crate::write::parquet::Lines;

/// Synthetic event logs, seeded: the same flags give the same bytes
///
/// The log fits pricing/rackspace-us. Accounts follow Zipf's law; images are shared with up to 50
/// consumers and released again and again; servers live from minutes to months.
#[derive(Debug, Args)]
pub(super) struct Generate {
    /// How many rows
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=MOST_ROWS))]
    rows: u64,
    /// Over how many months of 730 hours
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1200))]
    months: u32,
    /// How many accounts
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    accounts: u32,
    /// Which of all such logs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When the log begins
    #[arg(long, value_name = "DATE", default_value = "2016-03-01",
          value_parser = super::bill::parse_instant)]
    start: Instant,
    /// Rows in no order; holds all of them in memory, at 32 bytes each
    #[arg(long)]
    shuffle: bool,
    /// Give rows an id, and repeat so many of 1,000 rows soon after
    #[arg(long, value_name = "PERMILLE", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(0..=1000))]
    duplicates: u64,
    /// How to write rows; without it, the name of the log decides
    #[arg(long, value_enum)]
    log_format: Option<LogFormat>,
    /// The log to write; `-` is standard output
    ///
    /// A name that ends in .jsonl gets JSON lines, in .parquet Parquet, and any other CSV. With .zst or .gz behind that,
    /// it is compressed.
    #[arg(long, value_name = "FILE")]
    out: String,
    /// The account list to write, too
    #[arg(long, value_name = "FILE")]
    accounts_out: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Csv,
    Jsonl,
    Parquet,
}

impl LogFormat {
    /// What a name asks for; CSV, if it does not say.
    fn of(name: &str) -> LogFormat {
        let name = Compression::of(name).map_or(name, |(plain, _)| plain);
        match name.rsplit_once('.') {
            Some((_, "jsonl")) => LogFormat::Jsonl,
            Some((_, "parquet")) => LogFormat::Parquet,
            _ => LogFormat::Csv,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    Zstd,
    Gzip,
}

impl Compression {
    /// What a name asks for, with the name of what is compressed.
    fn of(name: &str) -> Option<(&str, Compression)> {
        let zstd = name.strip_suffix(".zst").map(|plain| (plain, Compression::Zstd));
        zstd.or_else(|| name.strip_suffix(".gz").map(|plain| (plain, Compression::Gzip)))
    }
}

impl Generate {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        write_stream(&self.out, |out| self.write_log(out))?;
        if let Some(file) = &self.accounts_out {
            let mut list = Vec::new();
            // Memory takes everything.
            let _ = accounts(&mut list, self.accounts, self.seed);
            write_file(file, &list)?;
        }
        scribe.detail(&format!("{} rows written to {}", self.rows, self.out));
        Ok(Exit::Done)
    }

    fn write_log(&self, out: &mut (dyn Write + Send)) -> io::Result<()> {
        const ZSTD_LEVEL: i32 = 3;
        match Compression::of(&self.out).map(|(_, compression)| compression) {
            None => self.write_text(out),
            Some(Compression::Zstd) => {
                let mut out = zstd::Encoder::new(out, ZSTD_LEVEL)?;
                self.write_text(&mut out)?;
                out.finish().map(drop)
            }
            Some(Compression::Gzip) => {
                let mut out = GzEncoder::new(out, flate2::Compression::default());
                self.write_text(&mut out)?;
                out.finish().map(drop)
            }
        }
    }

    fn write_text(&self, out: &mut (dyn Write + Send)) -> io::Result<()> {
        match self.log_format.unwrap_or_else(|| LogFormat::of(&self.out)) {
            LogFormat::Csv => self.write_rows(TextLog::csv(out)),
            LogFormat::Jsonl => self.write_rows(TextLog::jsonl(out)),
            LogFormat::Parquet => {
                let mut lines = Lines::new(out)?;
                self.write_rows(TextLog::csv(&mut lines))?;
                lines.finish().map(drop)
            }
        }
    }

    fn write_rows(&self, sink: impl Sink) -> io::Result<()> {
        let plan = Plan {
            rows: self.rows,
            months: self.months,
            accounts: self.accounts,
            seed: self.seed,
            start: self.start,
        };
        let mut rows = Rows {
            sink,
            dice: Dice::new(self.seed ^ 0xd0b1e),
            permille: self.duplicates,
            next_id: 0,
            repeated: None,
        };
        if self.shuffle {
            let mut all = Vec::new();
            // Growing step by step would hold them twice, and stop the process where it fails.
            let rows_in_all = usize::try_from(self.rows).unwrap_or(usize::MAX);
            all.try_reserve_exact(rows_in_all).map_err(|_| io::ErrorKind::OutOfMemory)?;
            for_each_batch(plan, |batch| {
                all.extend_from_slice(batch);
                Ok(())
            })?;
            shuffle(&mut all, self.seed);
            rows.write(&all)?;
        } else {
            for_each_batch(plan, |batch| rows.write(batch))?;
        }
        rows.finish()
    }
}

/// Writes rows, and repeats some.
struct Rows<S> {
    sink: S,
    dice: Dice,
    permille: u64,
    next_id: u64,
    /// What is to be repeated after the next row.
    repeated: Option<(Happening, u64)>,
}

impl<S: Sink> Rows<S> {
    fn write(&mut self, happenings: &[Happening]) -> io::Result<()> {
        if self.permille == 0 {
            return happenings.iter().try_for_each(|happening| self.sink.push(happening, None));
        }
        for happening in happenings {
            let id = self.next_id;
            self.next_id += 1;
            self.sink.push(happening, Some(id))?;
            self.repeat()?;
            if self.dice.permille(self.permille) {
                self.repeated = Some((*happening, id));
            }
        }
        Ok(())
    }

    fn repeat(&mut self) -> io::Result<()> {
        match self.repeated.take() {
            Some((happening, id)) => self.sink.push(&happening, Some(id)),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> io::Result<()> {
        self.repeat()?;
        self.sink.finish()
    }
}

/// Puts rows into no order (Fisher and Yates).
fn shuffle(rows: &mut [Happening], seed: u64) {
    let mut dice = Dice::new(seed ^ 0x5aff1e);
    for place in (1..rows.len()).rev() {
        rows.swap(place, dice.below(place as u64 + 1) as usize);
    }
}
