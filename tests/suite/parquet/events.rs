//! Events written and read again: they are those of the CSV, also where rows are no events, files
//! are damaged, or the program bills them.

use std::fs;

use bytes::Bytes;
use sharebill::diagnostic::Code;
use sharebill::event::{Event, Origin};
use sharebill::read::csv::{Record, Records};
use sharebill::read::events::{
    EventRows, Format, Input, RowText, read_csv, read_parquet, recognise,
};
use sharebill::read::parquet::ParquetLog;
use sharebill::value::{Instant, Names};
use sharebill::write::parquet::EventsWriter;
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
fn the_program_bills_parquet_as_it_bills_csv_on_one_thread_and_on_two() {
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
    let bill = |log: &str, out: &str, threads: &str| {
        let book = book.to_str().expect("a path");
        let arguments = ["bill", log, "--prices", book, "--detail", "--out", out];
        let output = sharebill(folder.path(), &[&arguments[..], &["--threads", threads]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        let read = |file: &str| fs::read_to_string(folder.path().join(out).join(file));
        ["charges.csv", "allocations.csv", "sharing.csv"].map(|file| read(file).expect(file))
    };
    let expected = bill("log.csv", "a", "2");
    // On a thread of its own, and on that of whoever asks.
    for threads in ["1", "2"] {
        assert_eq!(bill("log.parquet", &format!("b{threads}"), threads), expected);
    }
    let mut damaged = fs::read(folder.path().join("log.parquet")).expect("a log");
    damaged[4..200].fill(0xff);
    fs::write(folder.path().join("log.parquet"), damaged).expect("written");
    for threads in ["1", "2"] {
        let book = book.to_str().expect("a path");
        let arguments = ["bill", "log.parquet", "--prices", book, "--threads", threads];
        let output = sharebill(folder.path(), &[&arguments[..], &["--out", "none"]].concat());
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(!folder.path().join("none").exists());
        assert!(stderr(&output).contains("`log.parquet` is cut off, damaged or not Parquet"));
    }
}
