//! Texts in pages of every kind: of dictionaries, of dictionaries that became too large, and of none.

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use sharebill::read::parquet::ParquetLog;
use sharebill::value::Names;

use crate::parquet::{Values, file, file_with};

const SCHEMA: &str = "
    optional int64 time (TIMESTAMP_MICROS); optional binary event (UTF8);
    optional binary account (UTF8); optional binary resource (UTF8);
    optional binary region (UTF8); optional int64 bytes; optional binary id (UTF8);";

const TEXTS: [&str; 5] = ["event", "account", "resource", "region", "id"];

/// More than a slice, and more than some pages.
const ROWS: usize = 11_000;

/// What a row says.
struct Row {
    account: String,
    resource: String,
    /// Four rows of five have one, each its own.
    id: Option<String>,
}

fn rows() -> Vec<Row> {
    let row = |number: usize| Row {
        account: format!("acct-{}", number % 7),
        resource: format!("object-{}", number / 3),
        id: (!number.is_multiple_of(5)).then(|| format!("event-{number}")),
    };
    (0..ROWS).map(row).collect()
}

fn written(rows: &[Row], properties: WriterProperties) -> Vec<u8> {
    let times = (0..rows.len()).map(|row| Some(row as i64)).collect();
    let columns = vec![
        Values::Longs(times),
        Values::Texts(vec![Some("object.create"); rows.len()]),
        Values::Texts(rows.iter().map(|row| Some(row.account.as_str())).collect()),
        Values::Texts(rows.iter().map(|row| Some(row.resource.as_str())).collect()),
        Values::Texts(vec![Some("DFW"); rows.len()]),
        Values::Longs(vec![Some(1); rows.len()]),
        Values::Texts(rows.iter().map(|row| row.id.as_deref()).collect()),
    ];
    file_with(properties, SCHEMA, &[columns])
}

/// Checks that a file says what the rows say, in order and when some are looked up.
fn check(rows: &[Row], bytes: &[u8], pages: &str) {
    let log = ParquetLog::open(Bytes::copy_from_slice(bytes), "e.parquet", true).expect("a log");
    let mut names = Names::default();
    let mut events = Vec::new();
    log.read_group(0, 0, &mut names, |_, row| match row {
        Ok(event) => events.push(event),
        Err((_, why)) => panic!("{pages}: {why}"),
    })
    .expect("a row group");
    assert_eq!(events.len(), rows.len(), "{pages}");
    for (event, row) in events.iter().zip(rows) {
        let id = event.id.map(|id| names.events.text(id));
        assert_eq!(id, row.id.as_deref(), "{pages}");
        assert_eq!(names.resources.text(event.action.resource()), row.resource, "{pages}");
        assert_eq!(event.actor.map(|actor| names.accounts.text(actor)), Some(&*row.account));
    }
    let wanted = [0, 1, 699, 700, 4_096, 9_999, ROWS as u64 - 1];
    let mut shown = Vec::new();
    log.texts_of_rows(&wanted, |row, texts| {
        shown.push((row, texts[4].clone(), texts[13].clone()));
    })
    .expect("rows");
    let expected = wanted.map(|row| {
        let Row { resource, id, .. } = &rows[row as usize];
        (row, resource.clone(), id.clone().unwrap_or_default())
    });
    assert_eq!(shown, expected, "{pages}");
}

#[test]
fn texts_are_read_from_pages_of_every_kind() {
    let rows = rows();
    let short_pages = |builder: WriterPropertiesBuilder| {
        builder.set_data_page_row_count_limit(700).set_write_batch_size(100)
    };
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let builder = || WriterProperties::builder().set_writer_version(version);
        let without_dictionary = |encoding| {
            TEXTS.iter().fold(short_pages(builder()), |builder, column| {
                let builder = builder.set_column_dictionary_enabled((*column).into(), false);
                builder.set_column_encoding((*column).into(), encoding)
            })
        };
        for (pages, builder) in [
            ("one dictionary", builder()),
            ("short pages", short_pages(builder())),
            // A chunk goes on without, once its dictionary has so many bytes.
            ("a full dictionary", short_pages(builder()).set_dictionary_page_size_limit(2_000)),
            ("plain", without_dictionary(Encoding::PLAIN)),
            ("lengths", without_dictionary(Encoding::DELTA_LENGTH_BYTE_ARRAY)),
            ("prefixes", without_dictionary(Encoding::DELTA_BYTE_ARRAY)),
        ] {
            check(&rows, &written(&rows, builder.build()), &format!("{pages}, {version:?}"));
        }
    }
}

#[test]
fn one_bad_text_in_a_dictionary_sets_its_own_rows_aside() {
    let count = 30;
    let bad: [&[u8]; 3] = [b"acme", b"a\x01b", b"\xff\xfe"];
    let texts = |text| Values::Texts(vec![Some(text); count]);
    let bytes = file(
        "optional int64 time (TIMESTAMP_MICROS); optional binary event (UTF8);
         optional binary account; optional binary resource (UTF8);
         optional binary region (UTF8); optional int64 bytes;",
        &[vec![
            Values::Longs(vec![Some(0); count]),
            texts("object.delete"),
            Values::Raw((0..count).map(|row| Some(bad[row % 3])).collect()),
            texts("o"),
            texts("DFW"),
            Values::Longs(vec![None; count]),
        ]],
    );
    let log = ParquetLog::open(Bytes::from(bytes), "e.parquet", true).expect("a log");
    let mut names = Names::default();
    let mut said = Vec::new();
    log.read_group(0, 0, &mut names, |_, row| {
        said.push(row.map(|_| ()).map_err(|(text, why)| format!("{}: {why}", text.account)));
    })
    .expect("a row group");
    let expected: [Result<(), String>; 3] = [
        Ok(()),
        Err("a\u{1}b: a control character in `account`".to_owned()),
        Err("\u{fffd}\u{fffd}: the row is not UTF-8".to_owned()),
    ];
    assert_eq!(said.len(), count);
    assert!(said.chunks(3).all(|rows| *rows == expected), "{said:?}");
}
