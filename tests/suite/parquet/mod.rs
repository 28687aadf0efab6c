//! Parquet in and out: the same events as in CSV, the same numbers as are printed, and files of
//! other writers, good and bad.

mod columns;
mod events;
mod pages;
mod tables;
mod values;

use std::sync::Arc;

use parquet::data_type::{
    ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type, Int96, Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

/// The values of one column of a foreign file.
enum Values<'a> {
    Texts(Vec<Option<&'a str>>),
    Raw(Vec<Option<&'a [u8]>>),
    Longs(Vec<Option<i64>>),
    Ints(Vec<Option<i32>>),
    #[expect(clippy::disallowed_types, reason = "what data frames make of numbers with gaps")]
    Doubles(Vec<Option<f64>>),
    Int96(Vec<Option<[u32; 3]>>),
    Fixed(Vec<Option<Vec<u8>>>),
}

/// Writes a file of a schema: row groups of columns. `-` before a field makes it required.
fn file(schema: &str, groups: &[Vec<Values<'_>>]) -> Vec<u8> {
    file_with(WriterProperties::builder().build(), schema, groups)
}

/// As [`file()`], with pages as told.
fn file_with(properties: WriterProperties, schema: &str, groups: &[Vec<Values<'_>>]) -> Vec<u8> {
    let schema = parse_message_type(&format!("message log {{ {schema} }}")).expect("a schema");
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))
        .expect("a file begins");
    for group in groups {
        let mut row_group = writer.next_row_group().expect("a row group");
        for values in group {
            let mut column = row_group.next_column().expect("a column").expect("one more");
            write_values(values, &mut column);
            column.close().expect("a column ends");
        }
        row_group.close().expect("a row group ends");
    }
    writer.into_inner().expect("a file ends")
}

fn write_values(values: &Values<'_>, column: &mut SerializedColumnWriter<'_>) {
    fn levels<T>(values: &[Option<T>]) -> Vec<i16> {
        values.iter().map(|value| i16::from(value.is_some())).collect()
    }
    macro_rules! put {
        ($values:ident, $type:ty, $convert:expr) => {{
            let there: Vec<_> = $values.iter().flatten().map($convert).collect();
            column.typed::<$type>().write_batch(&there, Some(&levels($values)), None)
        }};
    }
    let written = match values {
        Values::Texts(values) => put!(values, ByteArrayType, |text| ByteArray::from(*text)),
        Values::Raw(values) => put!(values, ByteArrayType, |bytes| ByteArray::from(bytes.to_vec())),
        Values::Longs(values) => put!(values, Int64Type, |value| *value),
        Values::Ints(values) => put!(values, Int32Type, |value| *value),
        Values::Doubles(values) => put!(values, DoubleType, |value| *value),
        Values::Int96(values) => {
            put!(values, Int96Type, |parts: &[u32; 3]| Int96::from(parts.to_vec()))
        }
        Values::Fixed(values) => {
            put!(values, FixedLenByteArrayType, |bytes| FixedLenByteArray::from(bytes.clone()))
        }
    };
    written.expect("values");
}

/// A schema whose time and bytes are declared as told, and a group of one `object.create` a row.
fn objects(time: &str, times: Values<'_>, bytes: &str, sizes: Values<'_>, rows: usize) -> Vec<u8> {
    let texts = |text| Values::Texts(vec![Some(text); rows]);
    file(
        &format!(
            "optional binary event (UTF8); optional binary account; optional binary region (UTF8);
             optional binary resource (UTF8); optional {time}; optional {bytes};"
        ),
        &[vec![texts("object.create"), texts("acme"), texts("DFW"), texts("o"), times, sizes]],
    )
}
