//! The columns of a row group, decoded slice by slice.

use parquet::basic::{TimeUnit, Type as Physical};
use parquet::column::page::PageReader;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{
    ByteArrayType, DataType, FixedLenByteArrayType, Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;

use crate::read::parquet::presence::{Presence, too_few};
use crate::read::parquet::schema::Kind;
use crate::read::parquet::texts::TextColumn;
use crate::value::{Instant, InstantError};

/// The last microsecond of the year 9999.
const LAST_MICROSECOND: i64 = 253_402_300_799_999_999;
const NANOS_PER_DAY: i128 = 86_400_000_000_000;
/// The Julian day that 1970-01-01 is.
const JULIAN_DAY_OF_1970: i128 = 2_440_588;

/// One column: the values of the present slice of rows.
pub(super) struct Column<T: DataType> {
    reader: ColumnReaderImpl<T>,
    optional: bool,
    /// The values that are there.
    values: Vec<T::T>,
    /// For each row 1 if it has a value; where the column is optional.
    levels: Vec<i16>,
    rows: usize,
}

impl<T: DataType> Column<T> {
    fn new(reader: ColumnReaderImpl<T>, optional: bool) -> Column<T> {
        Column { reader, optional, values: Vec::new(), levels: Vec::new(), rows: 0 }
    }

    /// Decodes the next rows.
    fn fill(&mut self, rows: usize) -> Result<()> {
        self.values.clear();
        self.levels.clear();
        self.rows = rows;
        let levels = self.optional.then_some(&mut self.levels);
        let (read, _, _) = self.reader.read_records(rows, levels, None, &mut self.values)?;
        if read == rows { Ok(()) } else { Err(too_few(rows, read)) }
    }

    fn skip(&mut self, rows: usize) -> Result<()> {
        let skipped = self.reader.skip_records(rows)?;
        if skipped == rows { Ok(()) } else { Err(too_few(rows, skipped)) }
    }

    fn presence(&self) -> Presence<'_> {
        Presence { values: self.values.len(), rows: self.rows, levels: &self.levels }
    }
}

/// One column of whichever type.
pub(super) enum AnyColumn {
    /// Not in the file, or without any value.
    Absent,
    /// Texts.
    Text(Box<TextColumn>),
    /// Counts of a unit since 1970.
    Timestamp(Column<Int64Type>, TimeUnit),
    /// Days and nanoseconds.
    Int96(Column<Int96Type>),
    /// Integers of 64 bits.
    Int64(Column<Int64Type>, bool),
    /// Integers of 32 bits.
    Int32(Column<Int32Type>, bool),
    /// Integers in bytes.
    Wide(Column<ByteArrayType>),
    /// Integers in so many bytes each.
    WideFixed(Column<FixedLenByteArrayType>),
}

/// A time as it stands in a file.
pub(super) enum Time {
    /// As text.
    Text,
    /// Microseconds since 1970, of whatever year.
    Micros(i128),
}

/// A number of bytes as it stands in a file.
#[derive(Clone, Copy)]
pub(super) enum Size {
    /// As text.
    Text,
    /// As a number.
    Number(i128),
    /// More than 128 bits.
    Huge,
}

impl AnyColumn {
    /// The column that is described so, and has these pages.
    pub(super) fn new(
        described: ColumnDescPtr,
        pages: Box<dyn PageReader>,
        kind: Kind,
    ) -> Result<AnyColumn> {
        use ColumnReader as R;
        let optional = described.max_def_level() > 0;
        if kind == Kind::Text && described.physical_type() == Physical::BYTE_ARRAY {
            return Ok(AnyColumn::Text(Box::new(TextColumn::new(described, pages)?)));
        }
        Ok(match (kind, get_column_reader(described, pages)) {
            (Kind::Null, _) => AnyColumn::Absent,
            (Kind::Timestamp(unit), R::Int64ColumnReader(reader)) => {
                AnyColumn::Timestamp(Column::new(reader, optional), unit)
            }
            (Kind::Int96, R::Int96ColumnReader(reader)) => {
                AnyColumn::Int96(Column::new(reader, optional))
            }
            (Kind::Integer { signed }, R::Int64ColumnReader(reader)) => {
                AnyColumn::Int64(Column::new(reader, optional), signed)
            }
            (Kind::Integer { signed }, R::Int32ColumnReader(reader)) => {
                AnyColumn::Int32(Column::new(reader, optional), signed)
            }
            (Kind::WideInteger, R::ByteArrayColumnReader(reader)) => {
                AnyColumn::Wide(Column::new(reader, optional))
            }
            (Kind::WideInteger, R::FixedLenByteArrayColumnReader(reader)) => {
                AnyColumn::WideFixed(Column::new(reader, optional))
            }
            _ => return Err(ParquetError::General("a row group of another schema".to_owned())),
        })
    }

    /// Decodes the next rows.
    pub(super) fn fill(&mut self, rows: usize) -> Result<()> {
        match self {
            AnyColumn::Absent => Ok(()),
            AnyColumn::Text(column) => column.fill(rows),
            AnyColumn::Wide(column) => column.fill(rows),
            AnyColumn::Timestamp(column, _) | AnyColumn::Int64(column, _) => column.fill(rows),
            AnyColumn::Int96(column) => column.fill(rows),
            AnyColumn::Int32(column, _) => column.fill(rows),
            AnyColumn::WideFixed(column) => column.fill(rows),
        }
    }

    /// Passes over the next rows.
    pub(super) fn skip(&mut self, rows: usize) -> Result<()> {
        match self {
            AnyColumn::Absent => Ok(()),
            AnyColumn::Text(column) => column.skip(rows),
            AnyColumn::Wide(column) => column.skip(rows),
            AnyColumn::Timestamp(column, _) | AnyColumn::Int64(column, _) => column.skip(rows),
            AnyColumn::Int96(column) => column.skip(rows),
            AnyColumn::Int32(column, _) => column.skip(rows),
            AnyColumn::WideFixed(column) => column.skip(rows),
        }
    }

    /// Which rows of the slice have a value.
    pub(super) fn presence(&self) -> Presence<'_> {
        match self {
            AnyColumn::Absent => Presence { values: 0, rows: 0, levels: &[] },
            AnyColumn::Text(column) => column.presence(),
            AnyColumn::Wide(column) => column.presence(),
            AnyColumn::Timestamp(column, _) | AnyColumn::Int64(column, _) => column.presence(),
            AnyColumn::Int96(column) => column.presence(),
            AnyColumn::Int32(column, _) => column.presence(),
            AnyColumn::WideFixed(column) => column.presence(),
        }
    }

    /// The column, if it is one of texts and some row of the slice has one.
    pub(super) fn texts(&self) -> Option<&TextColumn> {
        match self {
            AnyColumn::Text(column) if column.has_any() => Some(column.as_ref()),
            _ => None,
        }
    }

    /// The text at a place; empty where there is none.
    #[inline]
    pub(super) fn text(&self, place: Option<usize>) -> &[u8] {
        match (self, place) {
            (AnyColumn::Text(column), Some(place)) => column.bytes(place),
            _ => b"",
        }
    }

    /// The time at a place.
    #[inline]
    pub(super) fn time(&self, place: Option<usize>) -> Time {
        match (self, place) {
            (AnyColumn::Timestamp(column, unit), Some(place)) => {
                let count = i128::from(column.values[place]);
                Time::Micros(match unit {
                    TimeUnit::MILLIS => count * 1000,
                    TimeUnit::MICROS => count,
                    TimeUnit::NANOS => count.div_euclid(1000),
                })
            }
            (AnyColumn::Int96(column), Some(place)) => Time::Micros(micros(&column.values[place])),
            _ => Time::Text,
        }
    }

    /// The number of bytes at a place; `None` where there is none.
    #[inline]
    pub(super) fn size(&self, place: Option<usize>) -> Option<Size> {
        let place = place?;
        Some(match self {
            AnyColumn::Absent => return None,
            AnyColumn::Int64(column, true) => Size::Number(i128::from(column.values[place])),
            AnyColumn::Int64(column, false) => {
                Size::Number(i128::from(column.values[place].cast_unsigned()))
            }
            AnyColumn::Int32(column, true) => Size::Number(i128::from(column.values[place])),
            AnyColumn::Int32(column, false) => {
                Size::Number(i128::from(column.values[place].cast_unsigned()))
            }
            AnyColumn::Wide(column) => integer(column.values[place].data()),
            AnyColumn::WideFixed(column) => integer(column.values[place].data()),
            AnyColumn::Text(_) | AnyColumn::Timestamp(..) | AnyColumn::Int96(_) => Size::Text,
        })
    }
}

/// An `INT96` as microseconds: nanoseconds of the day, then the Julian day.
fn micros(value: &Int96) -> i128 {
    let [low, high, day] = [0, 1, 2].map(|part| value.data().get(part).copied().unwrap_or(0));
    let nanos = (i128::from(high) << 32) | i128::from(low);
    let days = i128::from(day.cast_signed()) - JULIAN_DAY_OF_1970;
    (days * NANOS_PER_DAY + nanos).div_euclid(1000)
}

/// A whole number in two's complement, the highest byte first.
fn integer(bytes: &[u8]) -> Size {
    let is_negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let fill = if is_negative { 0xff } else { 0 };
    let rest = bytes.len().saturating_sub(16);
    if bytes[..rest].iter().any(|byte| *byte != fill) {
        return Size::Huge;
    }
    let start = if is_negative { -1_i128 } else { 0 };
    let number = bytes[rest..].iter().fold(start, |number, byte| number << 8 | i128::from(*byte));
    // With bytes left out, the sign has to be that of the rest.
    if rest > 0 && (number < 0) != is_negative { Size::Huge } else { Size::Number(number) }
}

/// The instant of so many microseconds since 1970, if an event may happen then.
#[inline]
pub(super) fn instant(micros: i128) -> std::result::Result<Instant, String> {
    match i64::try_from(micros) {
        Ok(micros @ 0..=LAST_MICROSECOND) => Ok(Instant::from_micros(micros)),
        _ => Err(format!("`{}`: {}", time_text(micros), InstantError::OutOfRange)),
    }
}

/// How a time is shown, also one that no calendar here reaches.
pub(super) fn time_text(micros: i128) -> String {
    // Year 0 to a bit past 9999: what prints as four digits, or nearly.
    const SHOWN: std::ops::RangeInclusive<i128> = -62_167_219_200_000_000..=259_000_000_000_000_000;
    match i64::try_from(micros) {
        Ok(shown) if SHOWN.contains(&micros) => Instant::from_micros(shown).to_string(),
        _ => format!("{micros} microseconds since 1970"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8]) -> Option<i128> {
        match integer(bytes) {
            Size::Number(number) => Some(number),
            Size::Text | Size::Huge => None,
        }
    }

    #[test]
    fn integers_in_bytes_keep_their_sign() {
        assert_eq!(number(&[]), Some(0));
        assert_eq!(number(&[0x7f]), Some(127));
        assert_eq!(number(&[0x80]), Some(-128));
        assert_eq!(number(&[0xff, 0x00]), Some(-256));
        assert_eq!(number(&[0x00, 0xff]), Some(255));
        assert_eq!(number(&[0xff; 20]), Some(-1));
        let mut wide = [0; 17];
        wide[1] = 0x80;
        assert_eq!(number(&wide), None);
        wide[0] = 1;
        assert_eq!(number(&wide), None);
    }

    #[test]
    fn int96_is_a_julian_day_and_nanoseconds() {
        let mut value = Int96::new();
        value.set_data(1_999, 0, 2_440_588);
        assert_eq!(micros(&value), 1);
        value.set_data(0, 0, 2_440_587);
        assert_eq!(micros(&value), -86_400_000_000);
    }

    #[test]
    fn times_outside_the_years_are_shown_as_they_are() {
        let day = |text| Instant::parse(text).unwrap();
        assert_eq!(instant(0), Ok(day("1970-01-01T00:00:00Z")));
        let last = day("9999-12-31T23:59:59.999999Z");
        assert_eq!(instant(i128::from(last.micros())), Ok(last));
        for micros in [-1, i128::from(last.micros()) + 1, i128::MAX] {
            assert!(instant(micros).unwrap_err().contains("outside the years"), "{micros}");
        }
        assert!(instant(-1).unwrap_err().starts_with("`1969-12-31T23:59:59.999999Z`"));
    }
}
