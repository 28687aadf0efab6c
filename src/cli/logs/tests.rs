//! Logs that are read in batches are told, counted and rejected as logs that are read whole.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Parser;
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::*;
use crate::cli::inputs::Logs;
use crate::cli::{Color, Global, MessageFormat, OutputFormat};
use crate::value::Names;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    how: ReadArgs,
}

fn how(flags: &[&str]) -> ReadArgs {
    Flags::parse_from([&["test"], flags].concat()).how
}

fn scribe() -> Scribe {
    Scribe::new(&Global {
        format: OutputFormat::Text,
        message_format: MessageFormat::Short,
        quiet: true,
        verbose: false,
        color: Color::Never,
    })
}

const HEADER: &str = "time,event,account,region,resource,source,bytes,flavor\n";
const ROWS: &str = "2016-03-01T00:00:00Z,image.create,a,DFW,i,,5,
2016-03-02T00:00:00Z,server.create,b,DFW,s,i,,g
yesterday,server.delete,b,,s,,,
2016-03-03T00:00:00Z,server.delete,b,,\"s\",,,
";

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), bytes).expect("a file");
        text(&self.path(name))
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("it is written");
    encoder.finish().expect("it ends")
}

fn open(events: &[String], flags: &[&str]) -> Result<(Inputs, SharedNames), Stopped> {
    let names = SharedNames::default();
    let inputs = how(flags).open(events, 2, &names, &Scratch::default(), &scribe())?;
    Ok((inputs, names))
}

fn messages(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect()
}

/// Reads all of it: how many events, and the rows that could not be read.
fn drain(inputs: &mut Inputs) -> (usize, Vec<Unreadable>) {
    let (mut events, mut unreadable) = (0, Vec::new());
    for input in 0..inputs.count() {
        while let Some(batch) = inputs.next(input).expect("it is read") {
            events += batch.batch.events.len();
            unreadable.extend_from_slice(&batch.unreadable);
            inputs.give_back(batch);
        }
    }
    (events, unreadable)
}

#[track_caller]
fn check(events: &[String], flags: &[&str]) -> Inputs {
    let (mut inputs, _) = open(events, flags).expect("they are opened");
    let mut names = Names::default();
    let whole: Logs = how(flags).read(events, &mut names, &scribe()).expect("they are read");
    for _ in 0..2 {
        let (event_count, unreadable) = drain(&mut inputs);
        assert_eq!(event_count, whole.rows.events.len());
        let told = |rows: &[Unreadable]| {
            let told = |row: &Unreadable| {
                (row.finding.origin, row.finding.message.clone(), row.raw.clone())
            };
            let mut told: Vec<_> = rows.iter().map(told).collect();
            told.sort();
            told
        };
        assert_eq!(told(&unreadable), told(&whole.rows.unreadable));
        let reports = inputs.reports().expect("they are known");
        for (index, (report, loaded)) in reports.iter().zip(&whole.inputs).enumerate() {
            let rows_read = whole.rows.row_counts[index];
            assert_eq!(report, &InputReport { rows_read, ..loaded.report.clone() });
        }
        assert_eq!(inputs.repeats().collect::<Vec<_>>(), whole.repeats);
        // As if every event had been set aside.
        let set_aside: Vec<_> = whole
            .rows
            .events
            .iter()
            .map(|event| {
                let code = crate::world::FindingCode::L14;
                (*event, Finding::new(code, event, "x", "set aside".to_owned()))
            })
            .collect();
        let findings: Vec<Finding> = set_aside.iter().map(|(_, finding)| finding.clone()).collect();
        let rejections = inputs.rejections(&unreadable, &findings).expect("they are found");
        assert_eq!(rejections, whole.rejections(&set_aside));
        inputs.rewind();
    }
    inputs
}

#[test]
fn tables_are_read_as_ever() {
    let desk = Desk::new();
    let plain = format!("{HEADER}{}", ROWS.repeat(9_000));
    let a = desk.write("a.csv", &plain);
    let b = desk.write("b.csv.gz", gzip(&[plain.as_bytes(), ROWS.as_bytes()].concat()));
    let two = [gzip(HEADER.as_bytes()), gzip(ROWS.as_bytes())].concat();
    let c = desk.write("c.csv.gz", two);
    let d = desk.write(
        "d.csv.zst",
        zstd::encode_all(ROWS.replace("2016", "2017").as_bytes(), 1).expect("zstd"),
    );
    let e = desk.write(
        "e.csv.zst",
        zstd::encode_all(format!("{HEADER}{ROWS}x").as_bytes(), 1).expect("zstd"),
    );
    let f = desk.write("f.csv", "time,event,account,region,bytes,resource\n1,2,3,4,5,6\n");
    let inputs = check(&[a.clone(), b.clone(), c.clone(), e.clone()], &[]);
    assert_eq!(inputs.first_time(0), Instant::parse("2016-03-01T00:00:00Z").ok());
    check(&[a, c, f, e], &[]);
    let error = open(std::slice::from_ref(&d), &[]).err().expect("no header");
    let whole = how(&[]).read(&[d], &mut Names::default(), &scribe()).err().expect("nor whole");
    assert_eq!(messages(&error), messages(&whole));
}

#[test]
fn repeats_are_read_once() {
    let desk = Desk::new();
    let plain = format!("{HEADER}{}", ROWS.repeat(5_000));
    let a = desk.write("a.csv", &plain);
    let b = desk.write("b.csv.gz", gzip(plain.as_bytes()));
    let c = desk.write("c.csv", format!("{plain}\n"));
    let d = desk.write("d.csv", &plain);
    let inputs = check(&[a, b, c, d], &[]);
    assert_eq!(inputs.repeats().collect::<Vec<_>>(), [None, Some(0), None, Some(0)]);
}

#[test]
fn objects_and_notifications_are_read_as_ever() {
    let desk = Desk::new();
    let object = r#"{"time":"2016-03-01T00:00:00Z","event":"image.delete","resource":"i"}"#;
    let a = desk.write("a.jsonl", format!("{object}\n").repeat(20_000) + "{\"nobody\":1}\n{\"cut");
    let b = desk.write("b.json", format!("[{object},\n{object}, {{\"event\": 7}}]"));
    let c = desk.write("c.csv", format!("{HEADER}{ROWS}"));
    let inputs = check(&[a, b.clone(), c.clone()], &[]);
    assert!(inputs.first_time(1).is_some());
    let notification = r#"{"message_id":"m1","event_type":"image.activate","timestamp":"2026-03-01 09:04:12","payload":{"id":"i1","owner":"p1","size":5,"created_at":"2026-03-01T09:00:00Z"}}"#;
    let d = desk.write("d.json", format!("{notification}\n{{\"cut\n"));
    let e = desk.write("e.json", "{\"event_type\":\"x\",\"payload\":{}}\n");
    let inputs = check(&[c, d.clone(), e, b], &["--region", "DFW"]);
    assert!(inputs.conversion.is_some());
    let error = open(&[d], &[]).err().expect("no region");
    assert!(messages(&error)[0].contains("no region is known"), "{error:?}");
}

#[test]
fn what_cannot_be_opened_is_told_all_together() {
    let desk = Desk::new();
    let mut cut = gzip(format!("{HEADER}{ROWS}").as_bytes());
    cut.truncate(cut.len() - 9);
    let cut = desk.write("cut.csv.gz", cut);
    let wrong = desk.write("wrong.csv", "time,evnt\n");
    let events = [text(&desk.path("none.csv")), text(desk.folder.path()), cut, wrong.clone()];
    let error = open(&events, &[]).err().expect("nothing is right");
    let whole = how(&[]).read(&events, &mut Names::default(), &scribe()).err().expect("nor whole");
    assert_eq!(messages(&error), messages(&whole));
    assert_eq!(error.len(), 3);
    let empty = desk.write("empty.csv", "");
    let error = open(&[wrong.clone(), empty.clone()], &[]).err().expect("headers are wrong");
    let whole = how(&[]).read(&[wrong, empty], &mut Names::default(), &scribe());
    assert_eq!(messages(&error), messages(&whole.err().expect("nor whole")));
}

#[test]
fn what_breaks_while_it_is_read_is_told() {
    let desk = Desk::new();
    let plain = format!("{HEADER}{}", ROWS.repeat(60_000));
    let mut cut = gzip(plain.as_bytes());
    cut.truncate(cut.len() - 9);
    let cut = desk.write("cut.csv.gz", cut);
    let (mut inputs, _) = open(&[cut], &[]).expect("its front is whole");
    let error = inputs.for_each(|_| ()).expect_err("it is cut off");
    assert!(messages(&error)[0].contains("is cut off or damaged"), "{error:?}");

    let a = desk.write("a.csv", &plain);
    let (mut inputs, _) = open(std::slice::from_ref(&a), &[]).expect("it is there");
    let (_, unreadable) = drain(&mut inputs);
    fs::remove_file(&a).expect("it is there");
    let error = inputs.rejections(&unreadable, &[]).expect_err("it is gone");
    assert!(messages(&error)[0].contains("is not there"), "{error:?}");
    desk.write("a.csv", HEADER);
    let error = inputs.rejections(&unreadable, &[]).expect_err("it is shorter");
    assert!(messages(&error)[0].contains("it changed while it was read"), "{error:?}");
    inputs.rewind();
    let error = inputs.for_each(|_| ()).expect_err("it is shorter");
    assert!(messages(&error)[0].contains("it changed while it was read"), "{error:?}");
}

#[test]
fn why_there_is_nothing_to_bill_is_told() {
    let desk = Desk::new();
    for (name, rows) in [("none.csv", ""), ("bad.csv", "yesterday,image.delete,,,i,,,\n")] {
        let log = desk.write(name, format!("{HEADER}{rows}"));
        let inputs = check(std::slice::from_ref(&log), &[]);
        let whole = how(&[]).read(&[log], &mut Names::default(), &scribe()).expect("it is read");
        // Counted anew: a rewound log has no rows yet.
        let mut inputs = inputs;
        let (_, unreadable) = drain(&mut inputs);
        let told = inputs.nothing_to_bill(unreadable.first().map(|row| &row.finding));
        assert_eq!(told.message, whole.nothing_to_bill().message);
    }
}
