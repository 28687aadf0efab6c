//! Some thousand rows of decoded columns, as events.

use crate::event::{Event, Origin};
use crate::read::events::{RowText, parse_time, read_checked, read_known};
use crate::read::parquet::columns::{AnyColumn, Size, Time, instant, time_text};
use crate::read::parquet::presence::Presence;
use crate::value::NameIds;

/// The places of the columns whose values are not plain texts.
const TIME: usize = 0;
const BYTES: usize = 8;

/// The rows of a slice, given out in order.
pub(super) struct Slice<'a> {
    columns: &'a [AnyColumn],
    time: Values<'a>,
    bytes: Values<'a>,
    /// The columns of texts that have one in any row: of many logs less than half.
    filled: Vec<Texts<'a>>,
    /// Whether all texts are UTF-8 without control characters.
    is_clean: bool,
}

/// The values of a column, one after the other.
struct Values<'a> {
    presence: Presence<'a>,
    /// The place of the next one.
    next: usize,
}

/// A column that has texts.
struct Texts<'a> {
    column: usize,
    values: Values<'a>,
    /// The texts, if the slice is clean.
    texts: Vec<&'a str>,
}

impl<'a> Values<'a> {
    fn of(column: &'a AnyColumn) -> Values<'a> {
        Values { presence: column.presence(), next: 0 }
    }

    /// The place of a row's value. Rows are asked for in order.
    #[inline]
    fn take(&mut self, row: usize) -> Option<usize> {
        self.presence.has(row).then(|| {
            self.next += 1;
            self.next - 1
        })
    }

    /// The place that was given out for a row, if it was the last to be asked for.
    fn taken(&self, row: usize) -> Option<usize> {
        self.presence.has(row).then(|| self.next - 1)
    }
}

impl<'a> Slice<'a> {
    /// The rows that `columns` have decoded.
    pub(super) fn new(columns: &'a [AnyColumn]) -> Slice<'a> {
        let mut is_clean = true;
        let mut filled = Vec::with_capacity(columns.len());
        for (column, any) in columns.iter().enumerate() {
            if let Some(texts) = any.texts() {
                let texts = texts.clean_texts();
                is_clean &= texts.is_some();
                let texts = texts.unwrap_or_default();
                filled.push(Texts { column, values: Values::of(any), texts });
            }
        }
        let (time, bytes) = (Values::of(&columns[TIME]), Values::of(&columns[BYTES]));
        Slice { columns, time, bytes, filled, is_clean }
    }

    /// Reads a row: as an event, or as texts that are none and why. Rows are read in order.
    #[inline]
    pub(super) fn read_row<N: NameIds>(
        &mut self,
        row: usize,
        origin: Origin,
        names: &mut N,
        take: &mut impl FnMut(Origin, Result<Event, (RowText<'_>, String)>),
    ) {
        let mut texts = [""; 14];
        let mut is_text = true;
        for filled in &mut self.filled {
            let Some(place) = filled.values.take(row) else { continue };
            if self.is_clean {
                texts[filled.column] = filled.texts[place];
            } else {
                match std::str::from_utf8(self.columns[filled.column].text(Some(place))) {
                    Ok(text) => texts[filled.column] = text,
                    Err(_) => is_text = false,
                }
            }
        }
        let (time, bytes) = (self.time.take(row), self.bytes.take(row));
        let read = if is_text {
            self.event(&RowText::from_columns(texts), time, bytes, origin, names)
        } else {
            Err("the row is not UTF-8".to_owned())
        };
        match read {
            Ok(event) => take(origin, Ok(event)),
            Err(why) => {
                let shown = self.shown(row);
                let shown = RowText::from_columns(std::array::from_fn(|i| shown[i].as_str()));
                take(origin, Err((shown, why)));
            }
        }
    }

    #[inline]
    fn event<N: NameIds>(
        &self,
        text: &RowText<'_>,
        time: Option<usize>,
        bytes: Option<usize>,
        origin: Origin,
        names: &mut N,
    ) -> Result<Event, String> {
        let time = match self.columns[TIME].time(time) {
            Time::Micros(micros) => instant(micros)?,
            Time::Text => parse_time(text.time)?,
        };
        let size = self.columns[BYTES].size(bytes);
        let bytes = match size {
            Some(Size::Number(number)) => u64::try_from(number).ok(),
            _ => None,
        };
        match size {
            // What is no number of bytes is told as it is in other formats, and only where the
            // event needs one.
            Some(Size::Number(_) | Size::Huge) if bytes.is_none() => {
                let shown = size_text(size).unwrap_or_default();
                let text = RowText { bytes: &shown, ..*text };
                read_known(&text, time, None, origin, names)
            }
            _ if self.is_clean => read_checked(text, time, bytes, origin, names),
            _ => read_known(text, time, bytes, origin, names),
        }
    }

    /// The texts of a row; rows are asked for in order.
    pub(super) fn texts_of_row(&mut self, row: usize) -> [String; 14] {
        self.time.take(row);
        self.bytes.take(row);
        for filled in &mut self.filled {
            filled.values.take(row);
        }
        self.shown(row)
    }

    /// All texts of the row that was asked for last, those of times and numbers too.
    fn shown(&self, row: usize) -> [String; 14] {
        let mut shown = <[String; 14]>::default();
        for filled in &self.filled {
            let text = self.columns[filled.column].text(filled.values.taken(row));
            shown[filled.column] = String::from_utf8_lossy(text).into_owned();
        }
        if let Time::Micros(micros) = self.columns[TIME].time(self.time.taken(row)) {
            shown[TIME] = time_text(micros);
        }
        if let Some(text) = size_text(self.columns[BYTES].size(self.bytes.taken(row))) {
            shown[BYTES] = text;
        }
        shown
    }
}

/// A size that did not come as a text, as text.
fn size_text(size: Option<Size>) -> Option<String> {
    match size? {
        Size::Text => None,
        Size::Number(number) => Some(number.to_string()),
        // More digits than any number of bytes has.
        Size::Huge => Some("9".repeat(40)),
    }
}
