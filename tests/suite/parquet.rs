//! Parquet in and out: the same events as in CSV, the same numbers as are printed, and files of
//! other writers, good and bad.

use std::fs;
use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::{
    ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type, Int96, Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::record::Field;
use parquet::schema::parser::parse_message_type;
use rust_decimal::Decimal;
use sharebill::book::{RateRegion, Sku, Unit};
use sharebill::diagnostic::{Code, Diagnostic};
use sharebill::event::{Event, Origin};
use sharebill::price::{Charge, ChargeUnit};
use sharebill::read::csv::{Record, Records};
use sharebill::read::events::{
    EventRows, Format, Input, RowText, read_csv, read_parquet, recognise,
};
use sharebill::read::parquet::{ParquetLog, SharedFile};
use sharebill::statement::{Allocation, Images, Role, Share};
use sharebill::value::{
    BillingDay, Currency, CycleCalendar, Instant, Money, Names, Quantity, UnitPrice, parse_decimal,
};
use sharebill::world::ImageRecord;
use sharebill::write::parquet::{
    AllocationRow, AllocationsWriter, ChargeRow, ChargesWriter, EventsWriter, Scales,
};
use tempfile::TempDir;

use crate::support::{EVENT_HEADER, root, sharebill, stderr};

/// A log with each kind of event and each column.
const EVERY_KIND: &str = "\
2016-03-01T00:00:00Z,image.create,acme,DFW,gold,,,,42949672960,,ubuntu,private,confidential;x,e-1
2016-03-01T00:00:00.000001Z,image.update,acme,,gold,,,,,,,public,,
2016-03-02T00:00:00Z,image.deactivate,,,gold,,,,,,,,,
2016-03-02T01:00:00Z,image.reactivate,acme,,gold,,,,,,,,,e-2
2016-03-05T09:00:00Z,image.member.create,acme,,gold,,birch,,,,,,,e-2
2016-03-05T09:00:01Z,image.member.update,birch,,gold,,birch,accepted,,,,,,
2016-03-06T00:00:00Z,image.member.delete,acme,,gold,,birch,,,,,,,
2016-03-11T09:30:00Z,server.create,birch,DFW,web,gold,,,,general1-2,,,,
2016-03-12T00:00:00Z,server.resize,birch,,web,,,,,general1-4,,,,
2016-03-13T00:00:00Z,server.rebuild,birch,,web,gold,,,,,windows,,,
2016-03-14T00:00:00Z,object.create,birch,DFW,copy,gold,,,9223372036854775807,,,,,
2016-03-15T00:00:00Z,transfer.out,birch,ORD,copy,,,,0,,,,,
2016-03-21T00:00:00Z,server.delete,birch,,web,,,,,,,,,
2016-03-21T00:00:00Z,object.delete,birch,,copy,,,,,,,,,
2016-03-22T00:00:00.123456Z,image.delete,acme,,gold,,,,,,,,,
";

/// The events of a reader, with the names they speak of.
type Read = (EventRows, Names);

fn from_csv(text: &str) -> Read {
    let (mut rows, mut names) = (EventRows::default(), Names::default());
    let input = Input { index: 0, name: "e.csv", bytes: text.as_bytes() };
    read_csv(input, true, &mut names, &mut rows);
    (rows, names)
}

fn from_parquet(bytes: &[u8]) -> Read {
    let (mut rows, mut names) = (EventRows::default(), Names::default());
    let input = Input { index: 0, name: "e.parquet", bytes };
    read_parquet(input, true, &mut names, &mut rows);
    (rows, names)
}

/// Events by what they say: places do not matter, and ids are those of the same texts.
fn told((rows, names): &Read) -> (Vec<Event>, [Vec<String>; 7]) {
    fn texts<K: From<u32> + Into<u32>>(interner: &sharebill::value::Interner<K>) -> Vec<String> {
        let ids = 0..interner.len() as u32;
        ids.map(|id| interner.text(K::from(id)).to_owned()).collect()
    }
    let origin = Origin { input: 0, line: 0, record: 0 };
    let events = rows.events.iter().map(|event| Event { origin, ..*event }).collect();
    let names = [
        texts(&names.accounts),
        texts(&names.resources),
        texts(&names.regions),
        texts(&names.flavors),
        texts(&names.systems),
        texts(&names.labels),
        texts(&names.events),
    ];
    (events, names)
}

/// A native CSV log as Parquet.
fn to_parquet(text: &str) -> Vec<u8> {
    let mut writer = EventsWriter::new(Vec::new()).expect("a table begins");
    let mut records = Records::new(text.as_bytes());
    let mut record = Record::default();
    assert!(records.read(&mut record), "a header");
    while records.read(&mut record) {
        let fields = record.fields.iter().map(|field| &text[field.span.clone()]);
        let fields: Vec<&str> = fields.collect();
        let row = RowText::from_columns(fields.try_into().expect("fourteen columns"));
        let bytes = (!row.bytes.is_empty()).then(|| row.bytes.parse().expect("a number"));
        writer.push(Instant::parse(row.time).expect("a time"), bytes, &row).expect("a row");
    }
    writer.finish().expect("a file")
}

/// The values of one column of a foreign file.
enum Values {
    Texts(Vec<Option<&'static str>>),
    Longs(Vec<Option<i64>>),
    Ints(Vec<Option<i32>>),
    #[expect(clippy::disallowed_types, reason = "what data frames make of numbers with gaps")]
    Doubles(Vec<Option<f64>>),
    Int96(Vec<Option<[u32; 3]>>),
    Fixed(Vec<Option<Vec<u8>>>),
}

/// Writes a file of a schema: row groups of columns. `-` before a field makes it required.
fn file(schema: &str, groups: &[Vec<Values>]) -> Vec<u8> {
    let schema = parse_message_type(&format!("message log {{ {schema} }}")).expect("a schema");
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer =
        SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).expect("a file begins");
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

fn write_values(values: &Values, column: &mut SerializedColumnWriter<'_>) {
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
fn objects(time: &str, times: Values, bytes: &str, sizes: Values, rows: usize) -> Vec<u8> {
    let texts = |text| Values::Texts(vec![Some(text); rows]);
    file(
        &format!(
            "optional binary event (UTF8); optional binary account; optional binary region (UTF8);
             optional binary resource (UTF8); optional {time}; optional {bytes};"
        ),
        &[vec![texts("object.create"), texts("acme"), texts("DFW"), texts("o"), times, sizes]],
    )
}

/// What an object log says: each row's time and bytes, or why it is none.
fn said(bytes: &[u8]) -> Vec<String> {
    let log = ParquetLog::open(Bytes::copy_from_slice(bytes), "e.parquet", true).expect("a log");
    let mut said = Vec::new();
    let mut names = Names::default();
    for group in 0..log.row_group_count() {
        log.read_group(0, group, &mut names, |_, row| {
            said.push(match row {
                Ok(event) => match event.action {
                    sharebill::event::Action::ObjectCreate(create) => {
                        format!("{} {}", event.time, create.bytes)
                    }
                    other => panic!("{other:?}"),
                },
                Err((text, why)) => format!("{} {}: {why}", text.time, text.bytes),
            });
        })
        .expect("a row group");
    }
    said
}

/// What opening a file complains about.
fn refused(bytes: &[u8]) -> Vec<Diagnostic> {
    match ParquetLog::open(Bytes::copy_from_slice(bytes), "e.parquet", true) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics,
    }
}

fn messages(diagnostics: &[Diagnostic]) -> Vec<String> {
    let help = |diagnostic: &Diagnostic| diagnostic.help.clone().unwrap_or_default();
    diagnostics.iter().map(|d| format!("{}: {} ({})", d.code, d.message, help(d))).collect()
}

#[test]
fn events_written_and_read_again_are_those_of_the_csv() {
    for text in [format!("{EVENT_HEADER}{EVERY_KIND}"), EVENT_HEADER.to_owned()] {
        let parquet = to_parquet(&text);
        assert_eq!(recognise(&parquet).map(|(format, _)| format), Some(Format::Parquet));
        let (read, expected) = (from_parquet(&parquet), from_csv(&text));
        assert!(read.0.diagnostics.is_empty(), "{:?}", read.0.diagnostics);
        assert!(read.0.unreadable.is_empty(), "{:?}", read.0.unreadable);
        assert_eq!(told(&read), told(&expected));
        let rows = text.lines().count() as u64 - 1;
        assert_eq!(read.0.row_counts.iter().sum::<u64>(), rows);
        assert_eq!(parquet, to_parquet(&text), "the same rows are the same bytes");
    }
}

#[test]
fn a_row_that_is_no_event_is_found_again_by_its_number() {
    let time = "2016-03-01T00:00:00Z";
    let rows = format!(
        "{time},image.delete,,,gold,,,,,,,,,\n{time},image.crate,acme,,gold,,,,7,,,,,e-9\n\
         {time},object.create,a,DFW,o,,,,,,,,,\n{time},image.delete,,,go\u{1}ld,,,,,,,,,\n"
    );
    let text = format!("{EVENT_HEADER}{rows}");
    let parquet = to_parquet(&text);
    let (read, expected) = (from_parquet(&parquet), from_csv(&text));
    let why = |read: &Read| -> Vec<(u64, String, Option<Instant>)> {
        let findings = read.0.unreadable.iter().map(|row| &row.finding);
        findings.map(|f| (f.origin.line, f.message.to_string(), f.time)).collect()
    };
    assert_eq!(why(&read), why(&expected));
    assert_eq!(why(&read).len(), 3);
    let records: Vec<u64> = read.0.unreadable.iter().map(|r| r.finding.origin.record).collect();
    assert_eq!(records, [1, 2, 3]);
    let log = ParquetLog::open(Bytes::from(parquet), "e.parquet", true).expect("a log");
    let texts = log.row_texts(1).expect("a row");
    assert_eq!(texts.join(","), format!("{time},image.crate,acme,,gold,,,,7,,,,,e-9"));
}

#[test]
fn row_groups_follow_one_another_and_long_ones_are_read_in_slices() {
    // Two row groups longer than a slice, with values in every third row; and a short one.
    let group = |start: i64, rows: i64| {
        let number = |row: i64| (row % 3 == 0).then_some(row);
        let time = |row: i64| Some((start + row) * 1_000_000);
        let texts = |text| Values::Texts(vec![Some(text); rows as usize]);
        vec![
            Values::Longs((0..rows).map(time).collect()),
            texts("transfer.out"),
            texts("acme"),
            Values::Texts((0..rows).map(|r| Some(["DFW", "ORD"][r as usize % 2])).collect()),
            texts("o"),
            Values::Longs((0..rows).map(|row| number(start + row)).collect()),
            Values::Texts((0..rows).map(|row| number(start + row).map(|_| "e")).collect()),
        ]
    };
    let bytes = file(
        "optional int64 time (TIMESTAMP_MICROS); optional binary event (UTF8);
         optional binary account (UTF8); optional binary region (UTF8);
         optional binary resource (UTF8); optional int64 bytes; optional binary id (UTF8);",
        &[group(0, 10_000), group(10_000, 9_000), group(19_000, 3)],
    );
    let shared = SharedFile::new(std::io::Cursor::new(bytes)).expect("it has an end");
    let log = ParquetLog::open(shared, "e.parquet", true).expect("a log");
    assert_eq!((log.row_group_count(), log.row_count()), (3, 19_003));
    assert_eq!([0, 1, 2].map(|group| log.rows_in(group)), [10_000, 9_000, 3]);
    // Two threads, each with a row group of its own.
    std::thread::scope(|scope| {
        for group in [0, 1] {
            let log = &log;
            scope.spawn(move || check_group(log, group, [0, 10_000][group]));
        }
    });
    check_group(&log, 2, 19_000);
    let mut shown = Vec::new();
    let rows = [0, 3, 4, 9_999, 10_000, 18_999, 19_002];
    log.texts_of_rows(&rows, |row, texts| {
        shown.push((row, texts[8].clone(), texts[13].clone()));
    })
    .expect("rows");
    let expected = rows.map(|row| match row % 3 {
        0 => (row, row.to_string(), "e".to_owned()),
        _ => (row, String::new(), String::new()),
    });
    assert_eq!(shown, expected);
}

fn check_group(log: &ParquetLog, group: usize, start: u64) {
    let mut names = Names::default();
    let mut row = start;
    log.read_group(7, group, &mut names, |origin, read| {
        assert_eq!(origin, Origin { input: 7, line: row + 2, record: row });
        match read {
            Ok(event) => {
                assert_eq!(event.time.micros(), row as i64 * 1_000_000);
                assert!(event.id.is_some(), "row {row}");
                assert_eq!(row % 3, 0);
            }
            Err((text, why)) => {
                assert_eq!(why, "transfer.out needs `bytes`");
                assert_eq!((text.id, text.bytes), ("", ""));
                assert_ne!(row % 3, 0);
            }
        }
        row += 1;
    })
    .expect("a row group");
    assert_eq!(row - start, log.rows_in(group));
}

#[test]
fn times_of_every_unit_are_instants() {
    let sizes = || Values::Longs(vec![Some(5); 3]);
    let read = |time, times| said(&objects(time, times, "int64 bytes", sizes(), 3));
    let longs = |values: [i64; 3]| Values::Longs(values.map(Some).to_vec());
    let micros = longs([1_456_790_400_123_456, 0, -1]);
    assert_eq!(
        read("int64 time (TIMESTAMP(MICROS,true))", micros),
        [
            "2016-03-01T00:00:00.123456Z 5",
            "1970-01-01T00:00:00Z 5",
            "1969-12-31T23:59:59.999999Z 5: `1969-12-31T23:59:59.999999Z`: the time is outside the \
             years 1970 to 9999",
        ]
    );
    let millis = longs([1_456_790_400_123, 253_402_300_799_999, i64::MAX]);
    let shown = read("int64 time (TIMESTAMP(MILLIS,true))", millis);
    assert_eq!(shown[..2], ["2016-03-01T00:00:00.123000Z 5", "9999-12-31T23:59:59.999000Z 5"]);
    assert!(shown[2].contains("outside the years"), "{}", shown[2]);
    let nanos = longs([1_456_790_400_123_456_999, 999, i64::MAX]);
    assert_eq!(
        read("int64 time (TIMESTAMP(NANOS,true))", nanos),
        [
            "2016-03-01T00:00:00.123456Z 5",
            "1970-01-01T00:00:00Z 5",
            "2262-04-11T23:47:16.854775Z 5"
        ]
    );
    let legacy = longs([1_456_790_400_123, 0, 1]);
    assert_eq!(read("int64 time (TIMESTAMP_MILLIS)", legacy)[0], "2016-03-01T00:00:00.123000Z 5");
    let int96 = Values::Int96(vec![Some([1_000, 0, 2_440_588]), Some([0, 0, u32::MAX]), None]);
    let shown = read("int96 time", int96);
    assert_eq!(shown[0], "1970-01-01T00:00:00.000001Z 5");
    assert!(shown[1].contains("outside the years"), "{}", shown[1]);
    assert_eq!(shown[2], " 5: ``: a time is missing");
    let texts =
        Values::Texts(vec![Some("2016-03-01T01:00:00+01:00"), Some("2016-03-01"), Some("")]);
    assert_eq!(
        read("binary time (UTF8)", texts),
        [
            "2016-03-01T00:00:00Z 5",
            "2016-03-01 5: `2016-03-01`: not a time like 2016-03-01T00:00:00Z",
            " 5: ``: a time is missing",
        ]
    );
}

#[test]
fn bytes_of_every_integer_type_are_read() {
    let read = |bytes, sizes| {
        let times = Values::Longs(vec![Some(0); 3]);
        let said = said(&objects("int64 time (TIMESTAMP_MICROS)", times, bytes, sizes, 3));
        said.iter()
            .map(|said| said.trim_start_matches("1970-01-01T00:00:00Z ").to_owned())
            .collect()
    };
    let check = |bytes, sizes, expected: [&str; 3]| {
        let shown: Vec<String> = read(bytes, sizes);
        assert_eq!(shown, expected, "{bytes}");
    };
    let negative = "-1: bytes `-1`: a whole number without sign or exponent expected";
    let needs = ": object.create needs `bytes`";
    let longs = || Values::Longs(vec![Some(i64::MAX), Some(-1), None]);
    check("int64 bytes", longs(), ["9223372036854775807", negative, needs]);
    let much = "18446744073709551615: bytes `18446744073709551615`: more than 2^63 - 1";
    check("int64 bytes (UINT_64)", longs(), ["9223372036854775807", much, needs]);
    let ints = || Values::Ints(vec![Some(i32::MAX), Some(-1), None]);
    check("int32 bytes", ints(), ["2147483647", negative, needs]);
    check("int32 bytes (UINT_32)", ints(), ["2147483647", "4294967295", needs]);
    check("int32 bytes (DECIMAL(9,0))", ints(), ["2147483647", negative, needs]);
    let wide = |number: i128| Some(number.to_be_bytes().to_vec());
    let fixed = Values::Fixed(vec![wide(1 << 40), wide(-1), wide(1 << 63)]);
    let much = "9223372036854775808: bytes `9223372036854775808`: more than 2^63 - 1";
    let decimal = "fixed_len_byte_array (16) bytes (DECIMAL(38,0))";
    check(decimal, fixed, ["1099511627776", negative, much]);
    let texts = Values::Texts(vec![Some("7"), Some("1e3"), Some("")]);
    let word = "1e3: bytes `1e3`: a whole number without sign or exponent expected";
    check("binary bytes (UTF8)", texts, ["7", word, needs]);
}

#[test]
fn columns_of_other_types_are_refused_with_what_to_do() {
    let times = || Values::Longs(vec![Some(0)]);
    let sizes = || Values::Longs(vec![Some(5)]);
    let local = "int64 time (TIMESTAMP(MICROS,false))";
    let local = messages(&refused(&objects(local, times(), "int64 bytes", sizes(), 1)));
    assert_eq!(local.len(), 1);
    assert!(local[0].starts_with("C07: column `time` is a local timestamp"), "{}", local[0]);
    assert!(local[0].contains("time AT TIME ZONE 'UTC'"), "{}", local[0]);

    // Two mistakes are two diagnostics.
    let double = Values::Doubles(vec![Some(5.0)]);
    let both = messages(&refused(&objects("int64 time", times(), "double bytes", double, 1)));
    assert_eq!(
        both,
        [
            "C07: column `time` is INT64, not a time (write it as a TIMESTAMP in UTC, or as a \
             string in RFC 3339)",
            "C07: column `bytes` is DOUBLE, not an integer (write it as whole numbers: CAST(bytes \
             AS BIGINT), in pandas astype(\"Int64\"))",
        ]
    );
    // The statistics say that no row has a flavor: then its type does not matter.
    let text = || Values::Texts(vec![Some("x")]);
    let (region, flavor) = (Values::Ints(vec![Some(1)]), Values::Doubles(vec![None]));
    let nested = file(
        "optional binary event (UTF8); optional binary account (UTF8); optional int32 region;
         optional double flavor; optional binary resource (UTF8);
         optional int64 time (TIMESTAMP_MICROS); optional int64 bytes;
         optional group labels { required binary word (UTF8); }",
        &[vec![text(), text(), region, flavor, text(), times(), sizes(), text()]],
    );
    assert_eq!(
        messages(&refused(&nested)),
        [
            "C07: column `region` is INT32, not a string (write it as a string: CAST(region AS \
             VARCHAR))",
            "C07: column `labels` is nested: a list, a map or a struct (write it as a string with \
             `;` between the words)",
        ]
    );
}

#[test]
fn columns_are_found_by_name_as_in_csv() {
    let bytes = file(
        "optional binary evnt (UTF8); optional binary account (UTF8);
         optional int64 time (TIMESTAMP_MICROS); optional binary colour (UTF8);",
        &[],
    );
    let said = messages(&refused(&bytes));
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(said[0], "C02: unknown column `evnt` (did you mean `event`?)");
    assert!(said[1].starts_with("C02: unknown column `colour`"), "{}", said[1]);
    assert!(
        said[2]
            .starts_with("C03: columns `region`, `resource`, `bytes` are missing in `e.parquet`"),
        "{}",
        said[2]
    );
    let strange = file("optional int64 a; optional int64 b;", &[]);
    assert!(messages(&refused(&strange))[0].starts_with("C03: `e.parquet` has no column"));

    // A column of our own, in quotes even, can be passed over.
    let sizes = Values::Longs(vec![Some(5)]);
    let times = Values::Longs(vec![Some(0)]);
    let own = objects("int64 time (TIMESTAMP_MICROS)", times, "int64 bytes", sizes, 1);
    assert_eq!(said_of_own(&own), 0);
    let own = file(
        "optional int64 bytes; optional group own { optional int64 x; optional int64 y; }
         optional int64 time (TIMESTAMP_MICROS); optional binary event (UTF8);
         optional binary account (UTF8); optional binary region (UTF8);
         optional binary resource (UTF8);",
        &[],
    );
    assert_eq!(messages(&refused(&own)).len(), 1);
    assert_eq!(said_of_own(&own), 1);
}

/// How many warnings there are where unknown columns are passed over.
fn said_of_own(bytes: &[u8]) -> usize {
    let log = ParquetLog::open(Bytes::copy_from_slice(bytes), "e.parquet", false).expect("a log");
    log.warnings().len()
}

#[test]
fn a_file_that_is_cut_off_or_damaged_is_told_and_no_panic() {
    let whole = to_parquet(&format!("{EVENT_HEADER}{EVERY_KIND}"));
    let check = |bytes: &[u8]| from_parquet(bytes).0.diagnostics;
    for length in (4..whole.len()).step_by(7) {
        let diagnostics = check(&whole[..length]);
        assert_eq!(diagnostics.len(), 1, "{length} bytes");
        assert_eq!(diagnostics[0].code, Code::BrokenCompression);
    }
    for bytes in [&b"PAR1"[..], b"PAR1 and then something else", b"PAR1\0\0\0\0PAR1"] {
        assert_eq!(check(bytes).len(), 1);
    }
    // Whatever a flipped byte makes of it, it is an answer.
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xa5;
        let _ = from_parquet(&bytes);
    }
}

#[test]
fn the_program_bills_parquet_as_it_bills_csv() {
    let folder = TempDir::new().expect("a folder");
    let example = root().join("examples/golden-image");
    let text = fs::read_to_string(example.join("events.csv")).expect("a log");
    let header = text.lines().next().expect("a header");
    // The example leaves out columns that it does not need.
    let known: Vec<&str> = header.split(',').collect();
    let rows = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let of =
            |column: &str| known.iter().position(|name| *name == column).map_or("", |i| cells[i]);
        EVENT_HEADER.trim_end().split(',').map(of).collect::<Vec<_>>().join(",") + "\n"
    });
    let text = EVENT_HEADER.to_owned() + &rows.collect::<String>();
    fs::write(folder.path().join("log.csv"), &text).expect("written");
    fs::write(folder.path().join("log.parquet"), to_parquet(&text)).expect("written");
    let book = root().join("pricing/rackspace-us");
    let bill = |log: &str, out: &str| {
        let book = book.to_str().expect("a path");
        let output =
            sharebill(folder.path(), &["bill", log, "--prices", book, "--detail", "--out", out]);
        assert!(output.status.success(), "{}", stderr(&output));
        let read = |file: &str| fs::read_to_string(folder.path().join(out).join(file));
        ["charges.csv", "allocations.csv", "sharing.csv"].map(|file| read(file).expect(file))
    };
    assert_eq!(bill("log.csv", "a"), bill("log.parquet", "b"));
}

fn decimal(text: &str) -> Decimal {
    parse_decimal(text).expect("a decimal")
}

/// A charge with a number of each kind.
fn charge(names: &mut Names, quantity: &str, price: &str) -> Charge {
    let at = Instant::parse("2016-03-05T00:00:00Z").expect("an instant");
    let calendar = CycleCalendar::new(BillingDay::new(1).expect("a day"));
    let (quantity, unit_price) = (Quantity::new(decimal(quantity)), UnitPrice::new(decimal(price)));
    let rounding = sharebill::value::Rounding::HalfUp;
    Charge {
        account: names.accounts.intern("acme"),
        cycle: calendar.cycle_at(at),
        sku: Sku::ImageStorage,
        region: RateRegion::Everywhere,
        unit: ChargeUnit::Rate(Unit::GbMonth),
        tier_from: Quantity::new(decimal("1000")),
        quantity,
        unit_price,
        amount: Money::of(quantity, unit_price, 2, rounding).expect("it fits"),
        currency: Currency::from_code("USD").expect("a currency"),
        effective_from: (price != "0").then_some(at),
        usage: None,
    }
}

/// All rows of a file as texts, as `read_row` shows them.
fn rows_of(bytes: Vec<u8>) -> Vec<String> {
    let file = SerializedFileReader::new(Bytes::from(bytes)).expect("a file");
    let rows = file.get_row_iter(None).expect("rows");
    let show = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::TimestampMicros(micros) => Instant::from_micros(*micros).to_string(),
        Field::Decimal(number) => {
            let units = number
                .data()
                .iter()
                .fold(if number.data()[0] & 0x80 == 0 { 0_i128 } else { -1 }, |units, byte| {
                    units << 8 | i128::from(*byte)
                });
            Decimal::from_i128_with_scale(units, number.scale() as u32).to_string()
        }
        other => panic!("{other:?}"),
    };
    rows.map(|row| {
        let row = row.expect("a row");
        let fields = row.get_column_iter().map(|(_, field)| show(field));
        fields.collect::<Vec<_>>().join(",")
    })
    .collect()
}

const SCALES: Scales = Scales { quantity: 8, amount: 2 };

#[test]
fn charges_have_the_numbers_that_are_printed() {
    let mut names = Names::default();
    let charges = [
        charge(&mut names, "58.06451613", "0.10"),
        charge(&mut names, "1", "-0.123456789012"),
        charge(&mut names, "7.5", "0"),
    ];
    let write = || {
        let mut writer = ChargesWriter::new(Vec::new(), SCALES).expect("a table");
        for charge in &charges {
            writer.push(&ChargeRow::of(charge, &names)).expect("a row");
        }
        writer.finish().expect("a file")
    };
    let begin = "acme,2016-03-01T00:00:00Z,2016-04-01T00:00:00Z,image.storage,*,GB-month,\
                 1000.00000000";
    assert_eq!(
        rows_of(write()),
        [
            format!("{begin},58.06451613,0.100000000000,5.81,USD,2016-03-05T00:00:00Z,R1"),
            format!("{begin},1.00000000,-0.123456789012,-0.12,USD,2016-03-05T00:00:00Z,R1"),
            format!("{begin},7.50000000,0.000000000000,0.00,USD,,R1"),
        ]
    );
    assert_eq!(write(), write());
    let empty = ChargesWriter::new(Vec::new(), SCALES).expect("a table").finish();
    assert!(rows_of(empty.expect("a file")).is_empty());
    // More digits than a column has are no number of it: nothing is rounded.
    let long = charge(&mut names, "0.123456789", "1");
    let mut writer = ChargesWriter::new(Vec::new(), SCALES).expect("a table");
    let error = writer.push(&ChargeRow::of(&long, &names)).expect_err("nine decimals");
    assert!(error.to_string().contains("column quantity"), "{error}");
}

#[test]
fn allocations_have_the_numbers_that_are_printed() {
    let mut names = Names::default();
    let charge = charge(&mut names, "58.06451613", "0.10");
    let nothing = Share::from_units(0, 10).expect("a share");
    let of_account = Allocation::of_account(nothing, nothing);
    let gold = names.resources.intern("gold");
    let images = vec![ImageRecord {
        image: gold,
        owner: names.accounts.intern("birch"),
        region: names.regions.intern("DFW"),
        stays: Vec::new(),
    }];
    let whole = Allocation {
        resource: Some(b"web"),
        region: Some(names.regions.intern("DFW")),
        source_image: Some(gold),
        role: Role::ConsumerServer,
        ..of_account
    };
    let (names, texts) = (&names, &names.resources);
    let images = Images::new(images, texts);
    let mut writer = AllocationsWriter::new(Vec::new(), SCALES).expect("a table");
    let third = AllocationRow {
        quantity: decimal("19.3548387099"),
        amount: decimal("-1.9366666667"),
        ..AllocationRow::of(&whole, &charge, names, texts, &images)
    };
    writer.push(&AllocationRow::of(&of_account, &charge, names, texts, &images)).expect("a row");
    writer.push(&third).expect("a row");
    let begin = "acme,2016-03-01T00:00:00Z,image.storage,*,2016-03-05T00:00:00Z,1000.00000000";
    assert_eq!(
        rows_of(writer.finish().expect("a file")),
        [
            format!("{begin},,,,,account,0.0000000000,0.0000000000,USD"),
            format!("{begin},web,DFW,gold,birch,consumer-server,19.3548387099,-1.9366666667,USD"),
        ]
    );
}
