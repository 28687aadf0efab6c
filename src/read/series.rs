//! `series,time,value`: many series of months, weeks, days or hours, in any order.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::diagnostic::{Code, Diagnostic, Place, Source};
use crate::read::csv::{Record, Records};
use crate::read::table::{Column, abridged, check_shape, empty_table, read_header};
use crate::read::text::utf8;
use crate::value::{DecimalError, Instant, InstantError, parse_decimal};

const COLUMNS: [Column; 3] = [
    Column { name: "series", needed: true },
    Column { name: "time", needed: true },
    Column { name: "value", needed: true },
];

/// How many wrong rows are told before the rest is counted.
const WRONG_TOLD: usize = 20;

/// How a series writes its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeForm {
    /// `2024-01`.
    Month,
    /// `2024-01-31`.
    Date,
    /// `2024-01-31T05:00:00Z`.
    Instant,
}

/// One series, its values in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// When; ascending, but a time may repeat where the series was given twice.
    pub times: Vec<Instant>,
    /// How much, for each time.
    pub values: Vec<Decimal>,
    /// The most digits after the point that a value has.
    pub decimals: u32,
    /// How its first row writes the time.
    pub form: TimeForm,
}

/// The series of a file, by name, and the text to point into.
#[derive(Debug)]
pub struct SeriesTable<'a> {
    /// The series, sorted by name.
    pub series: Vec<Series>,
    file: File<'a>,
}

/// A file's text; a copy that diagnostics point into is made once something is wrong.
#[derive(Debug)]
struct File<'a> {
    name: &'a str,
    text: &'a str,
    source: OnceCell<Arc<Source>>,
}

/// A row's cells, by column.
struct Cells<'a> {
    name: std::borrow::Cow<'a, str>,
    time: (std::borrow::Cow<'a, str>, Range<usize>),
    value: (std::borrow::Cow<'a, str>, Range<usize>),
}

impl TimeForm {
    /// A time as the series writes it; whole instants where days do not tell hours apart.
    #[must_use]
    pub fn text(self, time: Instant) -> String {
        let day = time.day();
        let is_midnight = Instant::start_of_day(day) == time;
        match self {
            TimeForm::Month => format!("{:04}-{:02}", day.year(), day.month()),
            TimeForm::Date if is_midnight => day.to_string(),
            TimeForm::Date | TimeForm::Instant => time.to_seconds_text(),
        }
    }
}

/// Reads series; all mistakes at once, up to twenty. `None` where any row is wrong: a forecast of
/// half a series is one of something else.
pub fn read<'a>(
    name: &'a str,
    bytes: &'a [u8],
    allow_negative: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<SeriesTable<'a>> {
    let text = utf8(name, bytes).map_err(|diagnostic| diagnostics.push(diagnostic)).ok()?;
    let file = File { name, text, source: OnceCell::new() };
    let mut records = Records::new(text.as_bytes());
    let mut record = Record::default();
    if !records.read(&mut record) {
        diagnostics.push(empty_table(&file.source(), &COLUMNS));
        return None;
    }
    let end = record.span.end;
    let header_source = Source::whole(name, text.get(..end).unwrap_or_default());
    let header = read_header(&header_source, &record, &COLUMNS, true);
    let is_usable = header.diagnostics.is_empty();
    diagnostics.extend(header.diagnostics);
    let places: Vec<usize> = header.places.into_iter().flatten().collect();
    let &[series, time, value] = places.as_slice() else { return None };
    if !is_usable {
        return None;
    }
    let mut reader = Reader {
        file,
        width: record.fields.len(),
        places: [series, time, value],
        allow_negative,
        found: BTreeMap::new(),
        wrong: Vec::new(),
        wrong_count: 0,
    };
    while records.read(&mut record) {
        if let Err(wrong) = reader.row(&record) {
            reader.tell(wrong);
        }
    }
    reader.finish(diagnostics)
}

/// Reads the rows below the header.
struct Reader<'a> {
    file: File<'a>,
    width: usize,
    places: [usize; 3],
    allow_negative: bool,
    found: BTreeMap<String, Series>,
    wrong: Vec<Diagnostic>,
    wrong_count: usize,
}

impl<'a> Reader<'a> {
    fn row(&mut self, record: &Record) -> Result<(), Diagnostic> {
        if record.broken.is_some() || record.fields.len() != self.width {
            let wrong = check_shape(&self.file.source(), record, self.width);
            return wrong.map_or(Ok(()), Err);
        }
        let cells = self.file.cells(record, self.places);
        let (time, form) = self.time(&cells)?;
        let value = self.value(&cells)?;
        let series = match self.found.get_mut(cells.name.as_ref()) {
            Some(series) => series,
            None => self.found.entry(cells.name.clone().into_owned()).or_insert_with(|| Series {
                name: cells.name.into_owned(),
                times: Vec::new(),
                values: Vec::new(),
                decimals: 0,
                form,
            }),
        };
        series.times.push(time);
        series.decimals = series.decimals.max(value.scale());
        series.values.push(value);
        Ok(())
    }

    fn time(&self, cells: &Cells<'_>) -> Result<(Instant, TimeForm), Diagnostic> {
        let (text, span) = &cells.time;
        time_of(text).map_err(|error| {
            let message = match error {
                InstantError::Empty => "a time is missing".to_owned(),
                InstantError::NotRfc3339 => {
                    format!("`{}` is not a month, a date or a time", abridged(text))
                }
                InstantError::NoOffset | InstantError::NoSuchTime | InstantError::OutOfRange => {
                    format!("`{}`: {error}", abridged(text))
                }
            };
            Diagnostic::error(Code::DateWrong, message)
                .at(self.file.place(span.clone()), "when the value was")
                .help("write 2024-01 for a month, 2024-01-31, or 2024-01-31T05:00:00Z")
        })
    }

    fn value(&self, cells: &Cells<'_>) -> Result<Decimal, Diagnostic> {
        let (text, span) = &cells.value;
        let place = || self.file.place(span.clone());
        let number = parse_decimal(text).map_err(|error| {
            let message = match error {
                DecimalError::Empty => "a value is missing".to_owned(),
                _ => format!("`{}`: {error}", abridged(text)),
            };
            Diagnostic::error(Code::NumberWrong, message)
                .at(place(), "a plain decimal number like 12.50")
                .help("leave the whole row out where nothing is known")
        })?;
        if number.is_sign_negative() && !number.is_zero() && !self.allow_negative {
            return Err(Diagnostic::error(
                Code::ValueNegative,
                format!("`{}` is below zero, which usage never is", abridged(text)),
            )
            .at(place(), "a negative value")
            .help("--allow-negative takes it, and lets forecasts fall below zero"));
        }
        Ok(number)
    }

    fn tell(&mut self, wrong: Diagnostic) {
        self.wrong_count += 1;
        if self.wrong.len() < WRONG_TOLD {
            self.wrong.push(wrong);
        }
    }

    fn finish(mut self, diagnostics: &mut Vec<Diagnostic>) -> Option<SeriesTable<'a>> {
        let is_right = self.wrong.is_empty();
        let more = self.wrong_count - self.wrong.len();
        let last_code = self.wrong.last().map(|last| last.code);
        diagnostics.append(&mut self.wrong);
        if let (Some(code), 1..) = (last_code, more) {
            let message = format!("and {more} more wrong rows in `{}`", self.file.name);
            diagnostics.push(Diagnostic::error(code, message));
        }
        let series = self.found.into_values().map(in_order).collect();
        is_right.then_some(SeriesTable { series, file: self.file })
    }
}

/// A time, and how it was written. Unlike those of events, months and days may lie before 1970:
/// series are older than clouds.
fn time_of(text: &str) -> Result<(Instant, TimeForm), InstantError> {
    let (day, form) = match text.len() {
        7 => (format!("{text}-01"), TimeForm::Month),
        10 => (text.to_owned(), TimeForm::Date),
        _ => return Instant::parse(text).map(|time| (time, TimeForm::Instant)),
    };
    let time = match Instant::parse_date_or_instant(&day) {
        Err(InstantError::OutOfRange) => {
            let day: NaiveDate = day.parse().map_err(|_| InstantError::OutOfRange)?;
            Instant::start_of_day(day)
        }
        parsed => parsed?,
    };
    Ok((time, form))
}

/// A series by time, whatever order its rows came in.
fn in_order(mut series: Series) -> Series {
    if !series.times.is_sorted() {
        let pairs = series.times.iter().copied().zip(series.values.iter().copied());
        let mut pairs: Vec<(Instant, Decimal)> = pairs.collect();
        pairs.sort_unstable();
        (series.times, series.values) = pairs.into_iter().unzip();
    }
    series.times.shrink_to_fit();
    series.values.shrink_to_fit();
    series
}

impl SeriesTable<'_> {
    /// Where a series tells a time for the second time. Rare, so the file is read once more.
    #[must_use]
    pub fn place_of_repeat(&self, series: &str, time: Instant) -> Option<Place> {
        let mut records = Records::new(self.file.text.as_bytes());
        let mut record = Record::default();
        records.read(&mut record);
        let header_text = self.file.text.get(..record.span.end).unwrap_or_default();
        let header_source = Source::whole(self.file.name, header_text);
        let header = read_header(&header_source, &record, &COLUMNS, true);
        let places: Vec<usize> = header.places.into_iter().flatten().collect();
        let &[name, at, value] = places.as_slice() else { return None };
        let mut seen = false;
        while records.read(&mut record) {
            let cells = self.file.cells(&record, [name, at, value]);
            let is_meant = time_of(&cells.time.0).is_ok_and(|(told, _)| told == time);
            if cells.name == series && is_meant {
                if seen {
                    return Some(self.file.place(cells.time.1));
                }
                seen = true;
            }
        }
        None
    }
}

impl File<'_> {
    fn source(&self) -> Arc<Source> {
        Arc::clone(self.source.get_or_init(|| Source::whole(self.name, self.text)))
    }

    fn place(&self, span: Range<usize>) -> Place {
        self.source().place(span)
    }
}

impl<'a> File<'a> {
    fn cells(&self, record: &Record, places: [usize; 3]) -> Cells<'a> {
        let text = self.text;
        let cell = |column: usize| match record.fields.get(column) {
            Some(field) => (field.text(text.as_bytes()).unwrap_or_default(), field.span.clone()),
            None => (std::borrow::Cow::Borrowed(""), record.span.end..record.span.end),
        };
        let [name, time, value] = places;
        Cells { name: cell(name).0, time: cell(time), value: cell(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_any_order_become_series_in_order() {
        let text = "value,time,series\n3,2024-03,b\n1.50,2024-01,b\n7,2024-01-31,a\n";
        let mut diagnostics = Vec::new();
        let table = read("s.csv", text.as_bytes(), false, &mut diagnostics).unwrap();
        assert!(diagnostics.is_empty());
        let [a, b] = table.series.as_slice() else { panic!("{:?}", table.series) };
        assert_eq!((a.name.as_str(), a.form, a.decimals), ("a", TimeForm::Date, 0));
        assert_eq!((b.name.as_str(), b.form, b.decimals), ("b", TimeForm::Month, 2));
        let values: Vec<String> = b.values.iter().map(Decimal::to_string).collect();
        assert_eq!(values, ["1.50", "3"]);
        assert_eq!(TimeForm::Month.text(b.times[1]), "2024-03");
        assert_eq!(TimeForm::Date.text(a.times[0]), "2024-01-31");
        assert_eq!(TimeForm::Instant.text(a.times[0]), "2024-01-31T00:00:00Z");
    }

    #[test]
    fn months_and_days_may_lie_before_1970() {
        let (time, form) = time_of("1949-01").unwrap();
        assert_eq!(form.text(time), "1949-01");
        let (time, form) = time_of("1949-12-31").unwrap();
        assert_eq!(form.text(time), "1949-12-31");
        assert_eq!(time_of("1949-02-30"), Err(InstantError::NoSuchTime));
        assert_eq!(time_of("01.02.2024"), Err(InstantError::NotRfc3339));
        assert_eq!(time_of("2024-1x"), Err(InstantError::NotRfc3339));
    }

    #[test]
    fn wrong_rows_are_counted_past_twenty() {
        let mut text = "series,time,value\n".to_owned();
        text.extend((0..30).map(|_| "a,2024-01,x\n"));
        let mut diagnostics = Vec::new();
        assert!(read("s.csv", text.as_bytes(), false, &mut diagnostics).is_none());
        assert_eq!(diagnostics.len(), 21);
        assert_eq!(diagnostics[20].message, "and 10 more wrong rows in `s.csv`");
    }

    #[test]
    fn a_repeated_time_is_found_again() {
        let text = "series,time,value\na,2024-01,1\nb,2024-01,1\na,2024-01,2\n";
        let table = read("s.csv", text.as_bytes(), false, &mut Vec::new()).unwrap();
        let time = table.series[0].times[0];
        let place = table.place_of_repeat("a", time).unwrap();
        assert_eq!((place.line(), place.column()), (4, 3));
        assert!(table.place_of_repeat("b", time).is_none());
    }
}
