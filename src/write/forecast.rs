//! Forecasts and backtests: CSV and JSON for machines, a table for people.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use crate::forecast::{
    Backtest, Errors, Forecast, ForecastRow, Laid, Maturity, Score, percent, plain,
};
use crate::read::series::Series;
use crate::write::field;
use crate::write::json::to_text;
use crate::write::text::{blank_table, push_table, visible};

/// How many series the table for people names; the rest is in the sums.
const SERIES_NAMED: usize = 20;

/// The header of `sharebill forecast`.
const HEADER: &str = "series,time,mean,p10,p50,p90,model\n";

/// The header of `sharebill forecast --backtest`.
const BACKTEST_HEADER: &str = "series,model,origins,values,wape,bias,smape,mase,coverage,\
                               naive_wape,naive_mase,maturity\n";

/// A finished forecast of one series.
#[derive(Debug)]
pub struct Forecasted<'a> {
    /// The series.
    pub series: &'a Series,
    /// The calendar it stands on.
    pub laid: &'a Laid,
    /// How many periods its season has.
    pub season: usize,
    /// What comes next.
    pub forecast: &'a Forecast,
    /// The same in decimals.
    pub rows: &'a [ForecastRow],
}

#[derive(Serialize)]
struct SeriesJson<'a> {
    series: &'a str,
    model: &'a str,
    frequency: &'a str,
    season: usize,
    origins: usize,
    gaps: Vec<String>,
    outliers: Vec<String>,
    periods: Vec<PeriodJson>,
}

#[derive(Serialize)]
struct PeriodJson {
    time: String,
    mean: String,
    p10: String,
    p50: String,
    p90: String,
}

#[derive(Serialize)]
struct BacktestJson<'a> {
    overall: MeasuresJson,
    series: Vec<SeriesMeasuresJson<'a>>,
}

#[derive(Serialize)]
struct SeriesMeasuresJson<'a> {
    series: &'a str,
    model: &'a str,
    origins: usize,
    #[serde(flatten)]
    measures: MeasuresJson,
}

#[derive(Serialize)]
struct MeasuresJson {
    values: usize,
    wape: Option<String>,
    bias: Option<String>,
    smape: Option<String>,
    mase: Option<String>,
    coverage: Option<String>,
    naive_wape: Option<String>,
    naive_mase: Option<String>,
    maturity: Option<&'static str>,
}

/// Begins a forecast's CSV.
///
/// # Errors
/// What `out` gives.
pub fn begin_csv(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())
}

/// One series' rows of a forecast's CSV.
///
/// # Errors
/// What `out` gives.
pub fn csv(out: &mut dyn Write, done: &Forecasted<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    for (at, row) in done.rows.iter().enumerate() {
        field::text(&mut bytes, done.series.name.as_bytes());
        let time = done.series.form.text(done.laid.calendar.time(done.laid.periods + at));
        let model = done.forecast.model.as_str();
        writeln!(bytes, ",{time},{},{},{},{},{model}", row.mean, row.p10, row.p50, row.p90)?;
    }
    out.write_all(&bytes)
}

/// One series of a forecast's JSON, which is an array of them.
///
/// # Errors
/// What `out` gives.
pub fn json(out: &mut dyn Write, done: &Forecasted<'_>, is_first: bool) -> io::Result<()> {
    let laid = done.laid;
    let time = |number: usize| done.series.form.text(laid.calendar.time(number));
    let gaps = laid.gaps();
    let text = to_text(&SeriesJson {
        series: &done.series.name,
        model: done.forecast.model.as_str(),
        frequency: laid.calendar.frequency.plural(),
        season: done.season,
        origins: done.forecast.origins,
        gaps: gaps.iter().flat_map(|(from, count)| (*from..from + count).map(time)).collect(),
        outliers: done.forecast.outliers.iter().map(|at| time(*at)).collect(),
        periods: done
            .rows
            .iter()
            .enumerate()
            .map(|(at, row)| PeriodJson {
                time: time(laid.periods + at),
                mean: row.mean.to_string(),
                p10: row.p10.to_string(),
                p50: row.p50.to_string(),
                p90: row.p90.to_string(),
            })
            .collect(),
    });
    let separator = if is_first { "[\n" } else { ",\n" };
    write!(out, "{separator}{}", text.trim_end())
}

/// Ends a forecast's JSON.
///
/// # Errors
/// What `out` gives.
pub fn end_json(out: &mut dyn Write, is_empty: bool) -> io::Result<()> {
    out.write_all(if is_empty { b"[]\n" } else { b"\n]\n" })
}

/// All series of a backtest as CSV. A measure that would divide by zero is empty.
///
/// # Errors
/// What `out` gives.
pub fn backtest_csv(out: &mut dyn Write, tried: &[(&str, Backtest)]) -> io::Result<()> {
    out.write_all(BACKTEST_HEADER.as_bytes())?;
    let mut bytes = Vec::new();
    for (name, tried) in tried {
        bytes.clear();
        field::text(&mut bytes, name.as_bytes());
        let m = measures(&tried.errors, &tried.naive);
        let of = |measure: Option<String>| measure.unwrap_or_default();
        writeln!(
            bytes,
            ",{},{},{},{},{},{},{},{},{},{},{}",
            tried.model.as_str(),
            tried.origins,
            m.values,
            of(m.wape),
            of(m.bias),
            of(m.smape),
            of(m.mase),
            of(m.coverage),
            of(m.naive_wape),
            of(m.naive_mase),
            m.maturity.unwrap_or_default(),
        )?;
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// A backtest for machines.
#[must_use]
pub fn backtest_json(tried: &[(&str, Backtest)]) -> String {
    let (errors, naive) = overall(tried);
    let series = tried.iter().map(|(name, tried)| SeriesMeasuresJson {
        series: name,
        model: tried.model.as_str(),
        origins: tried.origins,
        measures: measures(&tried.errors, &tried.naive),
    });
    to_text(&BacktestJson { overall: measures(&errors, &naive), series: series.collect() })
}

/// A backtest for people: the largest series, all together, and how many are how good.
#[must_use]
pub fn backtest_table(tried: &[(&str, Backtest)]) -> String {
    let mut text = String::new();
    let (errors, naive) = overall(tried);
    let _ = writeln!(
        text,
        "Backtest of {} series: {} values, each forecast from what was known before",
        tried.len(),
        errors.count
    );
    let mut table = blank_table();
    table.set_header([
        "series",
        "model",
        "WAPE",
        "bias",
        "sMAPE",
        "MASE",
        "in p10-p90",
        "WAPE of snaive",
        "FinOps",
    ]);
    let mut largest: Vec<&(&str, Backtest)> = tried.iter().collect();
    // Equal ones stay in the order of their names.
    largest.sort_by(|a, b| b.1.errors.volume().total_cmp(&a.1.errors.volume()));
    for (name, tried) in largest.into_iter().take(SERIES_NAMED) {
        table.add_row(cells(&visible(name), tried.model.as_str(), &tried.errors, &tried.naive));
    }
    if tried.len() > SERIES_NAMED {
        table.add_row(vec![format!("and {} more", tried.len() - SERIES_NAMED)]);
    }
    table.add_row(cells("ALL", "", &errors, &naive));
    push_table(&mut text, table, &[2, 3, 4, 5, 6, 7]);
    compared(&mut text, tried, &errors.score(), &naive.score());
    text
}

/// What the table comes to, in the words of the FinOps framework.
fn compared(text: &mut String, tried: &[(&str, Backtest)], score: &Score, naive: &Score) {
    if let (Some(wape), Some(naive)) = (score.wape, naive.wape) {
        let better = if naive > 0.0 {
            format!("{} of seasonal naive's", percent(wape / naive))
        } else {
            "seasonal naive has none".to_owned()
        };
        let maturity = Maturity::of(wape);
        let _ = writeln!(text, "\nVariance {} ({maturity}); {better}", percent(wape));
    }
    let known: Vec<Maturity> =
        tried.iter().filter_map(|(_, t)| t.errors.score().wape).map(Maturity::of).collect();
    let count = |maturity: Maturity| known.iter().filter(|known| **known == maturity).count();
    let _ = writeln!(
        text,
        "Series within 12 % (run): {}, within 15 % (walk): {}, within 20 % (crawl): {}, \
         further off: {}, without a percentage: {}",
        count(Maturity::Run),
        count(Maturity::Walk),
        count(Maturity::Crawl),
        count(Maturity::Below),
        tried.len() - known.len(),
    );
}

fn cells(name: &str, model: &str, errors: &Errors, naive: &Errors) -> Vec<String> {
    let score = errors.score();
    let shown = |measure: Option<String>| measure.unwrap_or_else(|| "-".to_owned());
    vec![
        name.to_owned(),
        model.to_owned(),
        shown(score.wape.map(percent)),
        shown(score.bias.map(percent)),
        shown(score.smape.map(percent)),
        shown(score.mase.map(|mase| format!("{mase:.2}"))),
        shown(score.coverage.map(percent)),
        shown(naive.score().wape.map(percent)),
        score.wape.map_or("-", |wape| Maturity::of(wape).as_str()).to_owned(),
    ]
}

fn measures(errors: &Errors, naive: &Errors) -> MeasuresJson {
    let (score, naive) = (errors.score(), naive.score());
    MeasuresJson {
        values: errors.count,
        wape: score.wape.map(plain),
        bias: score.bias.map(plain),
        smape: score.smape.map(plain),
        mase: score.mase.map(plain),
        coverage: score.coverage.map(plain),
        naive_wape: naive.wape.map(plain),
        naive_mase: naive.mase.map(plain),
        maturity: score.wape.map(|wape| Maturity::of(wape).as_str()),
    }
}

/// All series' errors together, and seasonal naive's.
fn overall(tried: &[(&str, Backtest)]) -> (Errors, Errors) {
    let mut sums = (Errors::default(), Errors::default());
    for (_, tried) in tried {
        sums.0.absorb(&tried.errors);
        sums.1.absorb(&tried.naive);
    }
    sums
}
