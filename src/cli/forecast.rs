//! `sharebill forecast`: what comes next in series of usage or cost.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use crate::cli::files::read_file;
use crate::cli::output::{write_file, write_stream};
use crate::cli::scribe::Scribe;
use crate::cli::threads::threads;
use crate::cli::{Exit, Stopped, progress};
use crate::diagnostic::{Code, Diagnostic};
use crate::disk;
use crate::forecast::{
    Backtest, FEWEST, Float, Forecast as Made, ForecastError, ForecastRow, Gaps, Irregular, Laid,
    Model, Options, backtest, for_each_in_order, forecast,
};
use crate::read::series::{Series, SeriesTable, read};
use crate::write;
use crate::write::forecast::Forecasted;

/// How many warnings of one kind are told before the rest is counted.
const TOLD: usize = 20;

/// What comes next in series of usage or cost
#[derive(Debug, Args)]
pub(super) struct Forecast {
    /// Series as CSV with the columns series,time,value: plain, .gz or .zst; `-` is standard input
    #[arg(value_name = "SERIES")]
    series: String,
    /// How many periods ahead
    #[arg(long, value_name = "N", default_value_t = 12,
          value_parser = clap::value_parser!(u16).range(1..=1100))]
    horizon: u16,
    /// How many periods make a season; 1 for none [default: 12 months, 52 weeks, 7 days, 24 or
    /// 168 hours]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=400))]
    season: Option<u16>,
    /// Which model
    #[arg(long, value_enum, default_value_t = ModelArg::Auto)]
    model: ModelArg,
    /// Tell how good forecasts of the past would have been, instead of what comes next
    #[arg(long)]
    backtest: bool,
    /// What a period without a row had
    #[arg(long, value_enum, default_value_t = GapsArg::Interpolate)]
    gaps: GapsArg,
    /// Take values below zero, such as differences, and let forecasts fall below zero
    #[arg(long)]
    allow_negative: bool,
    /// The file to write; `-` is standard output. With --backtest: every series, as CSV
    #[arg(long, value_name = "FILE")]
    out: Option<String>,
    /// How many threads may work; the result is the same with any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModelArg {
    /// A weighted median of models, tried on the series itself
    Auto,
    /// The last value
    Naive,
    /// The value one season before
    Snaive,
    /// The mean of the last 3 months, 4 weeks, 7 days or 24 hours
    RunRate,
    /// Theta
    Theta,
    /// Exponential smoothing
    Ets,
    /// Seasons and trend by loess
    Mstl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GapsArg {
    /// Nobody knows: a value between those beside it
    Interpolate,
    /// Nothing was used
    Zero,
}

/// A series that nothing can be said about, and why.
struct Refused(Code, String, Option<&'static str>);

/// A series on its calendar, with its gaps filled, and what was made of it.
struct Done<T> {
    laid: Laid,
    season: usize,
    made: T,
}

/// What is to be told beside the result.
#[derive(Default)]
struct Notes {
    gaps: Vec<String>,
    outliers: Vec<String>,
    refused: Vec<Diagnostic>,
    done: usize,
}

impl Forecast {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        self.check_out()?;
        let file = read_file(&self.series, scribe).map_err(|error| vec![error])?;
        let mut diagnostics = Vec::new();
        let table = read(&self.series, &file.bytes, self.allow_negative, &mut diagnostics);
        let Some(table) = table else { return Err(diagnostics) };
        self.check_times(&table)?;
        if table.series.is_empty() {
            let message = format!("`{}` has no values", self.series);
            let help = "a series has a row for each of its periods: series,time,value";
            return Err(vec![Diagnostic::error(Code::SeriesShort, message).help(help)]);
        }
        let values = table.series.iter().map(|series| series.values.len() as u64).sum();
        let bar = progress::stage(scribe, "forecasting", values);
        let notes = if self.backtest {
            self.try_all(&table.series, scribe)?
        } else {
            self.forecast_all(&table.series, scribe)?
        };
        bar.finish_and_clear();
        Ok(self.tell(&notes, scribe))
    }

    /// The series itself is never written over, whatever path leads to it.
    fn check_out(&self) -> Result<(), Stopped> {
        let same = |out: &String| {
            let (out, input) = (disk::real_path(out), disk::real_path(&self.series));
            matches!((out, input), (Ok(out), Ok(input)) if out == input)
        };
        match self.out.as_ref().filter(|out| same(out)) {
            Some(out) => {
                let message = format!("`{out}` is the input `{}`", self.series);
                let diagnostic = Diagnostic::error(Code::OutputExists, message);
                Err(vec![diagnostic.help("choose another file for --out")])
            }
            None => Ok(()),
        }
    }

    /// Two values of one time are a mistake of the whole file: which one is meant?
    fn check_times(&self, table: &SeriesTable<'_>) -> Result<(), Stopped> {
        let mut wrong = Vec::new();
        for series in &table.series {
            let repeat = series.times.windows(2).find(|pair| pair[0] == pair[1]);
            let Some(&[time, _]) = repeat else { continue };
            let shown = series.form.text(time);
            let message = format!("series `{}` has two values for {shown}", series.name);
            let mut diagnostic = Diagnostic::error(Code::SeriesTimeTwice, message)
                .help("keep one row for each time, or add the values up");
            if let Some(place) = table.place_of_repeat(&series.name, time) {
                diagnostic = diagnostic.at(place, "the second one");
            }
            wrong.push(diagnostic);
            if wrong.len() == TOLD {
                break;
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn forecast_all(&self, all: &[Series], scribe: &Scribe) -> Result<Notes, Stopped> {
        let mut notes = Notes::default();
        let is_json = scribe.is_json();
        write_stream(self.out.as_deref().unwrap_or("-"), |out| {
            if !is_json {
                write::forecast::begin_csv(out)?;
            }
            for_each_in_order(
                all,
                self.threads(),
                |series| self.forecast(series),
                |at, done| write_one(&all[at], done, out, is_json, &mut notes),
            )?;
            if is_json { write::forecast::end_json(out, notes.done == 0) } else { Ok(()) }
        })?;
        Ok(notes)
    }

    fn try_all(&self, all: &[Series], scribe: &Scribe) -> Result<Notes, Stopped> {
        let mut notes = Notes::default();
        let mut tried: Vec<(&str, Backtest)> = Vec::new();
        let each = |at: usize, done: Result<Done<Backtest>, Refused>| -> io::Result<()> {
            let series = &all[at];
            match done {
                Ok(done) => {
                    notes.gap(series, &done.laid);
                    tried.push((&series.name, done.made));
                    notes.done += 1;
                }
                Err(refused) => notes.refuse(series, refused),
            }
            Ok(())
        };
        let compute = |series: &Series| self.compute(series, backtest);
        // Nothing is written on the way, so nothing can fail.
        let _ = for_each_in_order(all, self.threads(), compute, each);
        if let Some(out) = &self.out {
            let mut bytes = Vec::new();
            // Memory takes everything.
            let _ = if scribe.is_json() {
                bytes.write_all(write::forecast::backtest_json(&tried).as_bytes())
            } else {
                write::forecast::backtest_csv(&mut bytes, &tried)
            };
            write_file(out, &bytes)?;
        }
        let is_printed = self.out.as_deref() == Some("-");
        if !tried.is_empty() && !is_printed {
            if !scribe.is_json() {
                scribe.result(&write::forecast::backtest_table(&tried))?;
            } else if self.out.is_none() {
                scribe.result(&write::forecast::backtest_json(&tried))?;
            }
        }
        Ok(notes)
    }

    fn forecast(&self, series: &Series) -> Result<Done<(Made, Vec<ForecastRow>)>, Refused> {
        self.compute(series, |history, options| {
            let made = forecast(history, options)?;
            let rows = made.rows(series.decimals)?;
            Ok((made, rows))
        })
    }

    /// Lays a series on its calendar, fills its gaps, and makes something of it.
    fn compute<T>(
        &self,
        series: &Series,
        make: impl Fn(&[Float], &Options) -> Result<T, ForecastError>,
    ) -> Result<Done<T>, Refused> {
        let (count, needed) = (series.values.len(), FEWEST + usize::from(self.backtest));
        if count < needed {
            return Err(refusal(ForecastError::TooShort(count, needed)));
        }
        let laid = Laid::of(&series.times).map_err(irregular)?;
        let frequency = laid.calendar.frequency;
        let season = self.season.map_or_else(|| frequency.season(laid.periods), usize::from);
        let options = Options {
            horizon: usize::from(self.horizon),
            season,
            run: frequency.run(),
            model: self.model(),
            non_negative: !self.allow_negative,
        };
        let gaps = match self.gaps {
            GapsArg::Interpolate => Gaps::Interpolate,
            GapsArg::Zero => Gaps::Zero,
        };
        let made = make(&laid.filled(&series.values, gaps), &options).map_err(refusal)?;
        Ok(Done { laid, season, made })
    }

    fn model(&self) -> Model {
        match self.model {
            ModelArg::Auto => Model::Auto,
            ModelArg::Naive => Model::Naive,
            ModelArg::Snaive => Model::SeasonalNaive,
            ModelArg::RunRate => Model::RunRate,
            ModelArg::Theta => Model::Theta,
            ModelArg::Ets => Model::Ets,
            ModelArg::Mstl => Model::Mstl,
        }
    }

    fn threads(&self) -> usize {
        threads(self.threads)
    }

    /// Tells what was noticed. What could not be forecast is set aside; if that is everything,
    /// the command has failed.
    fn tell(&self, notes: &Notes, scribe: &Scribe) -> Exit {
        let filled = match self.gaps {
            GapsArg::Interpolate => {
                "filled between the values beside them; --gaps zero: nothing was used"
            }
            GapsArg::Zero => "taken as zero",
        };
        let absurd = "drawn in for fitting only; a backtest still counts it";
        for (code, told, help) in
            [(Code::SeriesGap, &notes.gaps, filled), (Code::SeriesOutlier, &notes.outliers, absurd)]
        {
            let mut warnings: Vec<Diagnostic> = told
                .iter()
                .take(TOLD)
                .map(|message| Diagnostic::warning(code, message).help(help))
                .collect();
            if told.len() > TOLD {
                let message = format!("and {} more series like that", told.len() - TOLD);
                warnings.push(Diagnostic::warning(code, message));
            }
            scribe.diagnostics(&warnings);
        }
        let mut refused = notes.refused.iter().take(TOLD).cloned().collect::<Vec<_>>();
        if let (Some(last), more @ 1..) = (refused.last(), notes.refused.len() - refused.len()) {
            let message = format!("and {more} more series that cannot be forecast");
            refused.push(Diagnostic::error(last.code, message));
        }
        scribe.diagnostics(&refused);
        match (notes.refused.len(), notes.done) {
            (0, _) => Exit::Done,
            (_, 0) => Exit::Wrong,
            _ => Exit::SetAside,
        }
    }
}

/// Writes one series' forecast, and notes what is to be told about it.
fn write_one(
    series: &Series,
    done: Result<Done<(Made, Vec<ForecastRow>)>, Refused>,
    out: &mut dyn Write,
    is_json: bool,
    notes: &mut Notes,
) -> io::Result<()> {
    let done = match done {
        Ok(done) => done,
        Err(refused) => {
            notes.refuse(series, refused);
            return Ok(());
        }
    };
    notes.gap(series, &done.laid);
    let (made, rows) = &done.made;
    if let Some(first) = made.outliers.first() {
        let time = series.form.text(done.laid.calendar.time(*first));
        let more = match made.outliers.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let message =
            format!("series `{}` has a value unlike all others at {time}{more}", series.name);
        notes.outliers.push(message);
    }
    let finished =
        Forecasted { series, laid: &done.laid, season: done.season, forecast: made, rows };
    let is_first = notes.done == 0;
    notes.done += 1;
    if is_json {
        write::forecast::json(out, &finished, is_first)
    } else {
        write::forecast::csv(out, &finished)
    }
}

impl Notes {
    fn gap(&mut self, series: &Series, laid: &Laid) {
        /// How many gaps of one series are named.
        const NAMED: usize = 5;
        let gaps = laid.gaps();
        if gaps.is_empty() {
            return;
        }
        let missing: usize = gaps.iter().map(|(_, count)| count).sum();
        let time = |number: usize| series.form.text(laid.calendar.time(number));
        let mut named: Vec<String> = gaps
            .iter()
            .take(NAMED)
            .map(|(from, count)| match count {
                1 => time(*from),
                _ => format!("{} to {}", time(*from), time(from + count - 1)),
            })
            .collect();
        if gaps.len() > NAMED {
            named.push(format!("and {} more gaps", gaps.len() - NAMED));
        }
        self.gaps.push(format!(
            "series `{}` lacks {missing} of {} {}: {}",
            series.name,
            laid.periods,
            laid.calendar.frequency.plural(),
            named.join(", ")
        ));
    }

    fn refuse(&mut self, series: &Series, Refused(code, why, help): Refused) {
        let message = format!("series `{}`: {why}", series.name);
        let diagnostic = Diagnostic::error(code, message);
        self.refused.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }
}

fn refusal(error: ForecastError) -> Refused {
    let code = match error {
        ForecastError::TooShort(..) => Code::SeriesShort,
        ForecastError::NotFinite => Code::TooLarge,
        ForecastError::Unfitted(_) => Code::SeriesUnfitted,
    };
    Refused(code, error.to_string(), None)
}

fn irregular(_: Irregular) -> Refused {
    Refused(
        Code::SeriesIrregular,
        "its times are no months, weeks, days or hours, or half of them are missing".to_owned(),
        Some("add up to months, weeks, days or hours first; all on the same day, or hour"),
    )
}
