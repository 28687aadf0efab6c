//! What files of other writers hold: row groups long and short, times of every unit, and bytes of
//! every integer type.

use bytes::Bytes;
use sharebill::event::Origin;
use sharebill::read::parquet::{ParquetLog, SharedFile};
use sharebill::value::Names;

use crate::parquet::{Values, file, objects};

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
