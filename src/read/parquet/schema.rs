//! Which column of a Parquet file holds what, and whether its type can be read.

use parquet::basic::{Compression, ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::{ColumnDescriptor, Type};

use crate::diagnostic::{Code, Diagnostic, Source};
use crate::read::csv::{Record, Records};
use crate::read::events::COLUMNS;
use crate::read::table::{abridged, read_header};

/// How the values of a column are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As text.
    Text,
    /// As a count of this unit since 1970.
    Timestamp(TimeUnit),
    /// As a day and nanoseconds in it.
    Int96,
    /// As an integer of 32 or 64 bits.
    Integer {
        /// Whether the highest bit is a sign.
        signed: bool,
    },
    /// As an integer in bytes, the highest first.
    WideInteger,
    /// Not at all: every value is absent.
    Null,
}

/// A column of the file that holds one of ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Its number in the file.
    pub(super) leaf: usize,
    /// How its values are stored.
    pub(super) kind: Kind,
}

/// The places of our columns in the file.
pub(super) type Places = [Option<Found>; 14];

/// Finds our columns by name. What is wrong with them is told all at once.
pub(super) fn find_columns(
    name: &str,
    metadata: &ParquetMetaData,
    unknown_columns_are_errors: bool,
) -> (Places, Vec<Diagnostic>) {
    let mut places = [None; 14];
    let fields = metadata.file_metadata().schema_descr().root_schema().get_fields();
    // Shown as the header of a table, which is what a reader knows; a name in quotes may have a
    // comma. Control characters could do harm on a terminal.
    let names: Vec<String> = fields.iter().map(|field| shown(field.name())).collect();
    let text = names.join(",");
    let source = Source::whole(name, text.as_str());
    let mut record = Record::default();
    let is_known = |field: &&parquet::schema::types::TypePtr| {
        COLUMNS.iter().any(|column| column.name == field.name().trim())
    };
    if !Records::new(text.as_bytes()).read(&mut record) || !fields.iter().any(|f| is_known(&f)) {
        let names = COLUMNS.map(|column| column.name).join(", ");
        let message = format!("`{name}` has no column of an event log");
        let help = format!("the columns are: {names}");
        return (places, vec![Diagnostic::error(Code::ColumnMissing, message).help(help)]);
    }
    let header = read_header(&source, &record, &COLUMNS, unknown_columns_are_errors);
    let mut diagnostics = header.diagnostics;
    for (column, root) in header.places.iter().enumerate() {
        let Some(root) = *root else { continue };
        match find_column(COLUMNS[column].name, &fields[root], metadata, root) {
            Ok(found) => places[column] = Some(found),
            Err((what, help)) => {
                let name = abridged(&names[root]);
                let message = format!("column `{name}` is {what}");
                let place = record.fields.get(root).map(|field| source.place(field.span.clone()));
                let diagnostic = Diagnostic::error(Code::ColumnType, message).help(help);
                diagnostics.push(match place {
                    Some(place) => diagnostic.at(place, "of a type that cannot be read here"),
                    None => diagnostic,
                });
            }
        }
    }
    diagnostics.extend(unknown_compression(name, metadata, &places));
    (places, diagnostics)
}

/// Says so where a column is compressed in a way that is not read here.
fn unknown_compression(
    name: &str,
    metadata: &ParquetMetaData,
    places: &Places,
) -> Option<Diagnostic> {
    let groups = metadata.row_groups().iter();
    let mut codecs = groups.flat_map(|group| {
        let columns = places.iter().flatten();
        columns.filter_map(|found| Some(group.columns().get(found.leaf)?.compression()))
    });
    let unknown = codecs.find(|codec| {
        use Compression as C;
        !matches!(codec, C::UNCOMPRESSED | C::SNAPPY | C::GZIP(_) | C::ZSTD(_))
    })?;
    let codec = unknown.to_string();
    let codec = codec.split_once('(').map_or(codec.as_str(), |(codec, _)| codec);
    let message = format!("`{name}` is compressed with {codec}, which cannot be read here");
    let help = "write it with zstd, snappy or gzip, or uncompressed";
    Some(Diagnostic::error(Code::FileUnreadable, message).help(help))
}

/// A column's name as a field of a header.
fn shown(name: &str) -> String {
    let plain = |c: char| match c {
        '"' => '\'',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let name: String = name.chars().map(plain).collect();
    if name.contains(',') { format!("\"{name}\"") } else { name }
}

/// Where a column is and how it is stored; otherwise what it is, and what to do.
fn find_column(
    column: &str,
    field: &Type,
    metadata: &ParquetMetaData,
    root: usize,
) -> Result<Found, (String, String)> {
    let schema = metadata.file_metadata().schema_descr();
    let leaf = (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == root);
    let (Some(leaf), true) = (leaf, field.is_primitive()) else {
        return Err(nested(column));
    };
    let described = schema.column(leaf);
    if described.max_rep_level() > 0 || described.max_def_level() > 1 {
        return Err(nested(column));
    }
    let kind = match column {
        "time" => time_kind(&described),
        "bytes" => bytes_kind(&described),
        _ => text_kind(&described).ok_or_else(|| {
            let help = format!("write it as a string: CAST({column} AS VARCHAR)");
            (format!("{}, not a string", type_name(&described)), help)
        }),
    };
    // Where no row has a value, data frames guess a type.
    let kind = kind.or_else(|why| if is_empty(metadata, leaf) { Ok(Kind::Null) } else { Err(why) });
    Ok(Found { leaf, kind: kind? })
}

/// Whether a column is known to have no value in any row.
fn is_empty(metadata: &ParquetMetaData, leaf: usize) -> bool {
    metadata.row_groups().iter().all(|group| {
        let rows = u64::try_from(group.num_rows()).ok();
        let statistics = group.columns().get(leaf).and_then(|column| column.statistics());
        rows == Some(0) || rows.is_some() && statistics.and_then(|s| s.null_count_opt()) == rows
    })
}

fn nested(column: &str) -> (String, String) {
    let help = match column {
        "labels" => "write it as a string with `;` between the words".to_owned(),
        _ => "write one plain value a row".to_owned(),
    };
    ("nested: a list, a map or a struct".to_owned(), help)
}

/// Text is text, also where old writers do not say so; a column without any value has no type.
fn text_kind(column: &ColumnDescriptor) -> Option<Kind> {
    match (column.logical_type_ref(), column.converted_type(), column.physical_type()) {
        (Some(LogicalType::Unknown), _, _) => Some(Kind::Null),
        (Some(LogicalType::String | LogicalType::Enum), _, Physical::BYTE_ARRAY)
        | (None, ConvertedType::UTF8 | ConvertedType::ENUM, Physical::BYTE_ARRAY)
        | (None, ConvertedType::NONE, Physical::BYTE_ARRAY) => Some(Kind::Text),
        _ => None,
    }
}

fn time_kind(column: &ColumnDescriptor) -> Result<Kind, (String, String)> {
    let found = match (column.logical_type_ref(), column.converted_type(), column.physical_type()) {
        (Some(LogicalType::Timestamp(stamp)), _, Physical::INT64) => {
            if !stamp.is_adjusted_to_u_t_c {
                let help = "if these are times in UTC, say so: time AT TIME ZONE 'UTC' in SQL, \
                            dt.tz_localize(\"UTC\") in pandas";
                let what = "a local timestamp: it does not say which instants are meant";
                return Err((what.to_owned(), help.to_owned()));
            }
            Some(Kind::Timestamp(stamp.unit))
        }
        (None, ConvertedType::TIMESTAMP_MILLIS, Physical::INT64) => {
            Some(Kind::Timestamp(TimeUnit::MILLIS))
        }
        (None, ConvertedType::TIMESTAMP_MICROS, Physical::INT64) => {
            Some(Kind::Timestamp(TimeUnit::MICROS))
        }
        // By convention instants in UTC: Spark, Impala and Hive write no other.
        (_, _, Physical::INT96) => Some(Kind::Int96),
        _ => text_kind(column),
    };
    found.ok_or_else(|| {
        let help = "write it as a TIMESTAMP in UTC, or as a string in RFC 3339";
        (format!("{}, not a time", type_name(column)), help.to_owned())
    })
}

fn bytes_kind(column: &ColumnDescriptor) -> Result<Kind, (String, String)> {
    use ConvertedType as C;
    let physical = column.physical_type();
    let is_integer = matches!(physical, Physical::INT32 | Physical::INT64);
    let is_wide = matches!(physical, Physical::FIXED_LEN_BYTE_ARRAY | Physical::BYTE_ARRAY);
    let found = match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Integer(integer)), _) if is_integer => {
            Some(Kind::Integer { signed: integer.is_signed })
        }
        (None, C::NONE | C::INT_8 | C::INT_16 | C::INT_32 | C::INT_64) if is_integer => {
            Some(Kind::Integer { signed: true })
        }
        (None, C::UINT_8 | C::UINT_16 | C::UINT_32 | C::UINT_64) if is_integer => {
            Some(Kind::Integer { signed: false })
        }
        (Some(LogicalType::Decimal(_)), _) | (None, C::DECIMAL) if column.type_scale() == 0 => {
            if is_integer {
                Some(Kind::Integer { signed: true })
            } else {
                is_wide.then_some(Kind::WideInteger)
            }
        }
        _ => text_kind(column),
    };
    found.ok_or_else(|| {
        let help = "write it as whole numbers: CAST(bytes AS BIGINT), in pandas astype(\"Int64\")";
        (format!("{}, not an integer", type_name(column)), help.to_owned())
    })
}

/// A column's type as a reader of schemas knows it.
fn type_name(column: &ColumnDescriptor) -> String {
    let physical = column.physical_type();
    let logical = match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Decimal(decimal)), _) => {
            return format!("{physical} (DECIMAL, {} digits after the point)", decimal.scale);
        }
        (Some(LogicalType::Integer(integer)), _) => {
            let sign = if integer.is_signed { "" } else { "U" };
            return format!("{physical} ({sign}INT{})", integer.bit_width);
        }
        (Some(LogicalType::Timestamp(_)), _) => "TIMESTAMP",
        (Some(LogicalType::Time(_)), _) => "TIME",
        (Some(LogicalType::Date), _) => "DATE",
        (Some(LogicalType::String), _) => "STRING",
        (Some(LogicalType::Uuid), _) => "UUID",
        (Some(LogicalType::Json), _) => "JSON",
        (Some(LogicalType::Bson), _) => "BSON",
        (Some(LogicalType::Float16), _) => "FLOAT16",
        (Some(_), _) => "of another logical type",
        (None, ConvertedType::NONE) => return physical.to_string(),
        (None, converted) => return format!("{physical} ({converted})"),
    };
    format!("{physical} ({logical})")
}
