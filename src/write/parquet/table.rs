//! A table that is written column by column, a row group at a time.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{
    Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use parquet::data_type::{
    ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};
use rust_decimal::Decimal;

use crate::value::{Exact, Instant};

/// A row group ends with so many rows, or with so many bytes of texts: they wait in memory.
const MOST_ROWS: usize = 1 << 20;
const MOST_TEXT: usize = 64 << 20;

/// How many values are handed to the encoder at a time.
const PIECE: usize = 4096;

/// The digits of every decimal column: what 16 bytes hold.
const PRECISION: u32 = 38;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A text; an empty one is absent where the column is optional.
    Text,
    /// An instant.
    Time,
    /// A whole number.
    Integer,
    /// A decimal with so many digits after the point.
    Decimal(u32),
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    pub(super) optional: bool,
}

/// A table on its way into a file. A row is one value for each column, in order.
pub(super) struct Table<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Waiting>,
    rows: usize,
    text: usize,
}

/// The values of one column that wait for their row group to be whole.
struct Waiting {
    column: Column,
    values: Values,
}

enum Values {
    Texts { bytes: Vec<u8>, lengths: Vec<u32> },
    Integers(Vec<Option<i64>>),
    Decimals(Vec<Option<i128>>),
}

impl<W: Write + Send> Table<W> {
    /// Begins a table.
    ///
    /// # Errors
    /// What `out` gives.
    pub(super) fn new(out: W, columns: &[Column]) -> io::Result<Table<W>> {
        let file = SerializedFileWriter::new(
            out,
            Arc::new(schema(columns).map_err(to_io)?),
            Arc::new(properties(columns).map_err(to_io)?),
        );
        let columns = columns.iter().map(|column| Waiting::new(*column)).collect();
        Ok(Table { file: file.map_err(to_io)?, columns, rows: 0, text: 0 })
    }

    /// Puts a text into the present row.
    pub(super) fn text(&mut self, column: usize, value: &str) {
        if let Values::Texts { bytes, lengths } = &mut self.columns[column].values {
            bytes.extend_from_slice(value.as_bytes());
            // Longer texts than 4 GiB are in no table; what is kept fits the row group's bound.
            lengths.push(value.len() as u32);
            self.text += value.len();
        }
    }

    /// Puts an integer into the present row.
    pub(super) fn integer(&mut self, column: usize, value: Option<i64>) {
        if let Values::Integers(values) = &mut self.columns[column].values {
            values.push(value);
        }
    }

    /// Puts an instant into the present row.
    pub(super) fn time(&mut self, column: usize, value: Option<Instant>) {
        self.integer(column, value.map(Instant::micros));
    }

    /// Puts a decimal into the present row.
    ///
    /// # Errors
    /// If it has more digits than the column. Nothing is rounded.
    pub(super) fn decimal(&mut self, column: usize, value: Decimal) -> io::Result<()> {
        self.exact(column, Some(Exact::of(value)))
    }

    /// Puts an exact number into the present row, or none where the column is optional.
    ///
    /// # Errors
    /// If it has more digits than the column. Nothing is rounded.
    pub(super) fn exact(&mut self, column: usize, value: Option<Exact>) -> io::Result<()> {
        let waiting = &mut self.columns[column];
        let (Values::Decimals(values), Holds::Decimal(scale)) =
            (&mut waiting.values, waiting.column.holds)
        else {
            return Ok(());
        };
        let Some(value) = value else {
            values.push(None);
            return Ok(());
        };
        let units = value.at(scale).ok();
        let units = units.filter(|units| units.unsigned_abs() < 10_u128.pow(PRECISION));
        let name = waiting.column.name;
        values.push(Some(units.ok_or_else(|| {
            let why = format!("{value} does not fit the {scale} decimals of column {name}");
            io::Error::new(io::ErrorKind::InvalidData, why)
        })?));
        Ok(())
    }

    /// Ends a row. Each column has got its value.
    ///
    /// # Errors
    /// What `out` gives.
    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.rows += 1;
        if self.rows >= MOST_ROWS || self.text >= MOST_TEXT {
            self.end_row_group()?;
        }
        Ok(())
    }

    fn end_row_group(&mut self) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(to_io)?;
        for waiting in &mut self.columns {
            let column = group.next_column().map_err(to_io)?;
            let mut column = column.ok_or_else(|| io::Error::other("a column too many"))?;
            waiting.write(&mut column).map_err(to_io)?;
            column.close().map_err(to_io)?;
        }
        group.close().map_err(to_io)?;
        (self.rows, self.text) = (0, 0);
        Ok(())
    }

    /// Ends the table; `out`, with all of it.
    ///
    /// # Errors
    /// What `out` gives.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.end_row_group()?;
        }
        self.file.into_inner().map_err(to_io)
    }
}

impl Waiting {
    fn new(column: Column) -> Waiting {
        let values = match column.holds {
            Holds::Text => Values::Texts { bytes: Vec::new(), lengths: Vec::new() },
            Holds::Time | Holds::Integer => Values::Integers(Vec::new()),
            Holds::Decimal(_) => Values::Decimals(Vec::new()),
        };
        Waiting { column, values }
    }

    /// Writes all that waits, and forgets it.
    fn write(&mut self, out: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let optional = self.column.optional;
        match &mut self.values {
            Values::Texts { bytes, lengths } => {
                let capacity = bytes.len();
                let all = Bytes::from(std::mem::replace(bytes, Vec::with_capacity(capacity)));
                write_texts(&all, lengths, optional, out)?;
                lengths.clear();
            }
            Values::Integers(values) => {
                write_integers(values, optional, out)?;
                values.clear();
            }
            Values::Decimals(values) => {
                write_decimals(values, optional, out)?;
                values.clear();
            }
        }
        Ok(())
    }
}

fn write_texts(
    all: &Bytes,
    lengths: &[u32],
    optional: bool,
    out: &mut SerializedColumnWriter<'_>,
) -> Result<(), ParquetError> {
    let out = out.typed::<ByteArrayType>();
    let (mut texts, mut levels) = (Vec::with_capacity(PIECE), Vec::with_capacity(PIECE));
    let mut start = 0;
    for piece in lengths.chunks(PIECE) {
        texts.clear();
        levels.clear();
        for length in piece {
            let end = start + *length as usize;
            levels.push(i16::from(end > start));
            if end > start || !optional {
                texts.push(ByteArray::from(all.slice(start..end)));
            }
            start = end;
        }
        out.write_batch(&texts, optional.then_some(&levels), None)?;
    }
    Ok(())
}

fn write_integers(
    all: &[Option<i64>],
    optional: bool,
    out: &mut SerializedColumnWriter<'_>,
) -> Result<(), ParquetError> {
    let out = out.typed::<Int64Type>();
    let (mut values, mut levels) = (Vec::with_capacity(PIECE), Vec::with_capacity(PIECE));
    for piece in all.chunks(PIECE) {
        values.clear();
        values.extend(piece.iter().flatten());
        levels.clear();
        levels.extend(piece.iter().map(|value| i16::from(value.is_some())));
        out.write_batch(&values, optional.then_some(&levels), None)?;
    }
    Ok(())
}

fn write_decimals(
    all: &[Option<i128>],
    optional: bool,
    out: &mut SerializedColumnWriter<'_>,
) -> Result<(), ParquetError> {
    let out = out.typed::<FixedLenByteArrayType>();
    for piece in all.chunks(PIECE) {
        let bytes: Vec<u8> = piece.iter().flatten().flat_map(|units| units.to_be_bytes()).collect();
        let bytes = Bytes::from(bytes);
        let value = |index: usize| bytes.slice(index * 16..index * 16 + 16);
        let values: Vec<FixedLenByteArray> =
            (0..bytes.len() / 16).map(|index| ByteArray::from(value(index)).into()).collect();
        let levels: Vec<i16> = piece.iter().map(|value| i16::from(value.is_some())).collect();
        out.write_batch(&values, optional.then_some(&levels), None)?;
    }
    Ok(())
}

fn schema(columns: &[Column]) -> Result<Type, ParquetError> {
    let fields = columns.iter().map(|column| {
        let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let field = match column.holds {
            Holds::Text => Type::primitive_type_builder(column.name, Physical::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String)),
            Holds::Time => Type::primitive_type_builder(column.name, Physical::INT64)
                .with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
            Holds::Integer => Type::primitive_type_builder(column.name, Physical::INT64),
            Holds::Decimal(scale) => {
                let (scale, precision) = (scale as i32, PRECISION as i32);
                Type::primitive_type_builder(column.name, Physical::FIXED_LEN_BYTE_ARRAY)
                    .with_length(16)
                    .with_logical_type(Some(LogicalType::decimal(scale, precision)))
                    .with_precision(precision)
                    .with_scale(scale)
            }
        };
        field.with_repetition(repetition).build().map(Arc::new)
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder("schema").with_fields(fields).build()
}

fn properties(columns: &[Column]) -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("sharebill ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(None);
    for column in columns.iter().filter(|column| column.name == "time") {
        // Times of a log ascend and hardly repeat: their differences are short, a dictionary long.
        let path = ColumnPath::from(column.name);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    Ok(properties.build())
}

fn to_io(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(inner) => io::Error::other(inner),
        },
        other => io::Error::other(other),
    }
}
