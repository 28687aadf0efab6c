//! `sharebill generate`: synthetic event logs.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use crate::cli::output::{write_file, write_stream};
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use crate::generate::{Cloud, Dice, Happening, Plan};
use crate::value::Instant;
use crate::write::generated::{RowWriter, accounts, csv_header};

/// Synthetic event logs, seeded: the same flags give the same bytes
///
/// The log fits pricing/rackspace-us. Accounts follow Zipf's law; images are shared with up to 50
/// consumers and released again and again; servers live from minutes to months.
#[derive(Debug, Args)]
pub(super) struct Generate {
    /// How many rows
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000_000))]
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
    /// Rows in no order; holds all of them in memory
    #[arg(long)]
    shuffle: bool,
    /// Give rows an id, and repeat so many of 1,000 rows soon after
    #[arg(long, value_name = "PERMILLE", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(0..=1000))]
    duplicates: u64,
    /// How to write rows
    #[arg(long, value_enum, default_value_t = LogFormat::Csv)]
    log_format: LogFormat,
    /// The log to write; `-` is standard output
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

    fn write_log(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows = Rows {
            writer: RowWriter::default(),
            dice: Dice::new(self.seed ^ 0xd0b1e),
            permille: self.duplicates,
            format: self.log_format,
            next_id: 0,
        };
        if self.log_format == LogFormat::Csv {
            csv_header(out)?;
        }
        let mut cloud = Cloud::new(Plan {
            rows: self.rows,
            months: self.months,
            accounts: self.accounts,
            seed: self.seed,
            start: self.start,
        });
        let mut hour = Vec::new();
        if !self.shuffle {
            while cloud.next_hour(&mut hour) {
                rows.write(&hour, out)?;
            }
            return Ok(());
        }
        let mut all = Vec::new();
        while cloud.next_hour(&mut hour) {
            all.append(&mut hour);
        }
        shuffle(&mut all, self.seed);
        rows.write(&all, out)
    }
}

/// Writes rows, and repeats some.
struct Rows {
    writer: RowWriter,
    dice: Dice,
    permille: u64,
    format: LogFormat,
    next_id: u64,
}

impl Rows {
    fn write(&mut self, happenings: &[Happening], out: &mut dyn Write) -> io::Result<()> {
        let mut repeated: Option<(Happening, u64)> = None;
        for happening in happenings {
            let id = (self.permille > 0).then_some(self.next_id);
            self.next_id += 1;
            self.write_one(happening, id, out)?;
            if let Some((again, id)) = repeated.take() {
                self.write_one(&again, Some(id), out)?;
            }
            if let Some(id) = id.filter(|_| self.dice.permille(self.permille)) {
                repeated = Some((*happening, id));
            }
        }
        Ok(())
    }

    fn write_one(
        &mut self,
        happening: &Happening,
        id: Option<u64>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match self.format {
            LogFormat::Csv => self.writer.csv(happening, id, out),
            LogFormat::Jsonl => self.writer.json(happening, id, out),
        }
    }
}

/// Puts rows into no order (Fisher and Yates).
fn shuffle(rows: &mut [Happening], seed: u64) {
    let mut dice = Dice::new(seed ^ 0x5aff1e);
    for place in (1..rows.len()).rev() {
        rows.swap(place, dice.below(place as u64 + 1) as usize);
    }
}
