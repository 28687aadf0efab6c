//! Reading piece by piece, on any number of threads, gives what reading a whole input gives.

use std::io::{self, Cursor};
use std::sync::{Arc, PoisonError};

use proptest::prelude::*;

use super::*;
use crate::event::{Event, EventKind};
use crate::read::events::{EventRows, Input, read_csv, read_json};
use crate::read::foreign::records::split;
use crate::value::{Instant, Names};

const HEADER: &str = "time,event,account,region,resource,source,member,status,bytes,flavor,os,visibility,labels,id\n";

impl<T: AsRef<[u8]> + Send> Stream for Cursor<T> {}

/// Everything that was read, as texts.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    events: Vec<String>,
    unreadable: Vec<String>,
    rows: u64,
}

fn tell_unreadable(row: &Unreadable, names: &Names) -> String {
    let finding = &row.finding;
    let actor = finding.actor.map(|id| names.accounts.text(id));
    format!(
        "{:?} {:?} {:?} {actor:?} {:?} {} {:?}",
        finding.origin, finding.time, finding.kind, finding.resource, finding.message, row.raw
    )
}

/// An event with the texts of its names.
fn tell(
    event: &Event,
    names: &Names,
    resource: &dyn Fn(u32) -> String,
    id: Option<String>,
) -> String {
    use crate::event::Action::*;
    let account = |id| names.accounts.text(id);
    let region = |id| names.regions.text(id);
    let os = |id: Option<_>| id.map(|id| names.systems.text(id));
    let source = |id: Option<_>| id.map(|id: crate::value::ResourceId| resource(id.into()));
    let more = match event.action {
        ImageCreate(c) => format!(
            "{} {} {:?} {} {:?} {:?} {:?}",
            account(c.owner),
            region(c.region),
            source(c.source),
            c.bytes,
            os(c.os),
            c.visibility,
            c.labels.map(|id| names.labels.text(id))
        ),
        ImageUpdate { visibility, .. } => format!("{visibility:?}"),
        MemberCreate { member, .. } | MemberDelete { member, .. } => account(member).to_owned(),
        MemberUpdate { member, status, .. } => format!("{} {status:?}", account(member)),
        ServerCreate(c) => format!(
            "{} {} {:?} {} {:?}",
            account(c.owner),
            region(c.region),
            source(c.source),
            names.flavors.text(c.flavor),
            os(c.os)
        ),
        ServerResize { flavor, .. } => names.flavors.text(flavor).to_owned(),
        ServerRebuild { source: from, os: system, .. } => {
            format!("{:?} {:?}", source(Some(from)), os(system))
        }
        ObjectCreate(c) => format!(
            "{} {} {:?} {} {:?}",
            account(c.owner),
            region(c.region),
            source(c.source),
            c.bytes,
            os(c.os)
        ),
        TransferOut { account: from, region: place, bytes, .. } => {
            format!("{} {} {bytes}", account(from), region(place))
        }
        ImageDelete { .. }
        | ImageDeactivate { .. }
        | ImageReactivate { .. }
        | ServerDelete { .. }
        | ObjectDelete { .. } => String::new(),
    };
    format!(
        "{:?} {} {:?} {:?} {} {id:?} {more}",
        event.origin,
        event.time,
        event.action.kind(),
        event.actor.map(account),
        resource(event.action.resource().into()),
    )
}

/// What the whole input gives.
fn whole(bytes: &[u8], is_json: bool) -> Told {
    let mut names = Names::default();
    let mut rows = EventRows::default();
    let input = Input { index: 3, name: "log", bytes };
    if is_json {
        read_json(input, true, &mut names, &mut rows);
    } else {
        read_csv(input, true, &mut names, &mut rows);
    }
    assert!(rows.diagnostics.is_empty(), "{:?}", rows.diagnostics);
    let resource = |id: u32| names.resources.text(id.into()).to_owned();
    let id = |event: &Event| event.id.map(|id| names.events.text(id).to_owned());
    Told {
        events: rows.events.iter().map(|e| tell(e, &names, &resource, id(e))).collect(),
        unreadable: rows.unreadable.iter().map(|row| tell_unreadable(row, &names)).collect(),
        rows: rows.row_counts.get(3).copied().unwrap_or(0),
    }
}

fn plan(bytes: &[u8], is_json: bool) -> Plan {
    let layout = if is_json {
        Layout::Json { unknown_keys_are_errors: true }
    } else {
        let head = Head::read(&mut Cursor::new(bytes)).expect("a head");
        Layout::Table(Box::new(head.table("log", true, &mut Vec::new()).expect("a header")))
    };
    let shared: Arc<[u8]> = bytes.into();
    let open =
        move || -> io::Result<Box<dyn Stream>> { Ok(Box::new(Cursor::new(Arc::clone(&shared)))) };
    Plan { open: Box::new(open), layout, input: 3 }
}

fn drain(feeds: &mut Feeds, names: &SharedNames) -> Told {
    let mut told = Told { events: Vec::new(), unreadable: Vec::new(), rows: 0 };
    while let Some(batch) = feeds.next(0).expect("it is read") {
        let names = names.read().unwrap_or_else(PoisonError::into_inner);
        let resource = |id: u32| batch.batch.resource(id.into()).to_owned();
        for event in &batch.batch.events {
            let id = event.id.map(|id| batch.batch.id(id).to_owned());
            told.events.push(tell(event, &names, &resource, id));
        }
        told.unreadable.extend(batch.unreadable.iter().map(|row| tell_unreadable(row, &names)));
        told.rows += batch.rows;
        drop(names);
        feeds.give_back(batch);
    }
    assert_eq!(feeds.rows(0), told.rows);
    told
}

fn pieces(bytes: &[u8], is_json: bool, effort: Effort) -> Told {
    let names = SharedNames::default();
    let mut feeds = Feeds::new(vec![plan(bytes, is_json)], effort, &names);
    let told = drain(&mut feeds, &names);
    feeds.rewind();
    assert_eq!(drain(&mut feeds, &names), told, "the second time");
    told
}

#[track_caller]
fn check(bytes: &[u8], is_json: bool) {
    let expected = whole(bytes, is_json);
    for chunk_size in (1..=64).chain([100, 1_000, 1 << 20]) {
        let threads = 1 + chunk_size % 4;
        let told = pieces(bytes, is_json, Effort { threads, chunk_size });
        let input = String::from_utf8_lossy(bytes);
        assert_eq!(told, expected, "{threads} threads, {chunk_size} bytes: {input}");
    }
}

#[track_caller]
fn check_table(rows: &str) {
    check(format!("{HEADER}{rows}").as_bytes(), false);
    check(format!("\u{feff}{HEADER}{rows}").replace('\n', "\r\n").as_bytes(), false);
}

const GOOD: &str = "2016-03-01T00:00:00Z,image.create,a,DFW,img-1,,,,5000000000,,windows,,l1;l2,e-1
2016-03-02T00:00:00.5Z,image.member.create,a,,img-1,,b,,,,,,,
2016-03-03T00:00:00.123456Z,server.create,b,DFW,srv-1,img-1,,,,general1-1,,,,e-2
2016-03-04T00:00:00+01:00,server.delete,b,,srv-1,,,,,,,,,
";

#[test]
fn plain_rows_are_read_from_any_piece() {
    check_table(GOOD);
    check_table(GOOD.trim_end());
    check_table(&format!("\n\n{GOOD}\n\n{GOOD}\n"));
    check_table("");
    check_table("\n");
    check_table(",,,,,,,,,,,,,");
    check_table(&GOOD.replace("DFW", "Düsseldorf"));
}

#[test]
fn quotes_are_read_from_any_piece() {
    check_table(&GOOD.replace("l1;l2", "\"l,1\""));
    check_table(&GOOD.replace("l1;l2", "\"say \"\"hi\"\"\"").replace("e-2", "\"e-2\""));
    check_table(&GOOD.replace("l1;l2", "\"a\nb\n\"\"c\n\"").replace("e-2", "\"\""));
    check_table(&GOOD.replace(",e-1", ",\"e-1"));
    check_table(&GOOD.replace("e-1", "\"e\n1\"x"));
    check_table(&format!("{GOOD}\"{GOOD}{GOOD}"));
    check_table(&format!("{GOOD}\"a\n\n\nb\"c,d\n{GOOD}"));
    check_table(&format!("\"\n\n{GOOD}{GOOD}\"\n\"\"\n\"\r\"x\n\""));
    check_table(&GOOD.replace("img-1", "im\"g-1"));
}

#[test]
fn odd_rows_are_read_from_any_piece() {
    check_table(&format!("{GOOD}2016-03-05T00:00:00Z,image.delete,,,img-1\n{GOOD}"));
    check_table(&format!("{GOOD}{},\n", GOOD.trim_end()));
    check_table(&GOOD.replace("img-1", "img\u{1}1"));
    check_table(&GOOD.replace("e-1", "e\r1").replace("e-2", "\u{7f}"));
    check_table(&GOOD.replace("server.create", "server.crate").replace("5000000000", "5e9"));
    check_table(&GOOD.replace("5000000000", "99999999999999999999999"));
    check_table(&GOOD.replace("2016-03-02T", "2016-02-30T").replace("Z,", ","));
    let mut bytes = format!("{HEADER}{GOOD}{GOOD}").into_bytes();
    let place = bytes.len() - 100;
    bytes[place] = 0xff;
    check(&bytes, false);
    bytes[place - 150] = b'"';
    check(&bytes, false);
}

#[test]
fn columns_may_stand_anywhere() {
    check(b"bytes,resource,region,account,event,time\n5,i,DFW,a,image.create,2016-03-01T00:00:00Z\n,i,,a,image.delete,2016-03-01T00:00:00Z\n", false);
}

#[test]
fn objects_are_read_from_any_piece() {
    let create = r#"{"time":"2016-03-01T00:00:00Z","event":"image.create","account":"a","region":"DFW","resource":"i","bytes":5,"labels":["x","y"]}"#;
    let delete = r#"{"time":"2016-03-01T00:00:00Z","event":"image.delete","resource":"i"}"#;
    let both = format!("{create}\n{delete}\n");
    let check_json = |text: &str| {
        check(text.as_bytes(), true);
        check(text.replace('\n', "\r\n").as_bytes(), true);
    };
    check_json(&both);
    check_json(&format!("\u{feff}\n\n{both}\n\n{create}{delete} {create}\n{delete}"));
    check_json(&format!("[{create},\n{delete},\n{create}]"));
    check_json(&format!("\n [\n{create}\n,\n{delete}\n]\n{both}"));
    check_json(&both.replace(",\"", ",\n  \"").replace('{', "{\n"));
    check_json(&format!("{both}{}\n{both}{both}", &create[..60]));
    check_json(&format!("{both}{{\"a\":\n{both}{{\"b\": {{\"c\": [\n{both}"));
    check_json(&format!("{both}{}x\n{both}7\n{both}", create));
    check_json(&format!("{both}{{\"nobody\":1}}\n{both}2018-04-17 a line\n{both}"));
    check(&[both.as_bytes(), b"{\"a\":\"\xff\"}\n", both.as_bytes()].concat(), true);
    check_json("");
}

#[test]
fn several_inputs_are_read_side_by_side() {
    let table = format!("{HEADER}{}", GOOD.repeat(50));
    let expected = whole(table.as_bytes(), false);
    for threads in 1..=4 {
        let names = SharedNames::default();
        let plans = (0..9).map(|_| plan(table.as_bytes(), false)).collect();
        let mut feeds = Feeds::new(plans, Effort { threads, chunk_size: 300 }, &names);
        let mut rows = [0; 9];
        let mut left = true;
        while left {
            left = false;
            for (index, rows) in rows.iter_mut().enumerate() {
                if let Some(batch) = feeds.next(index).expect("it is read") {
                    *rows += batch.rows;
                    left = true;
                }
            }
        }
        assert_eq!(rows, [expected.rows; 9]);
    }
}

/// A stream that breaks off.
struct Broken(usize);

impl Read for Broken {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let row = b"2016-03-05T00:00:00Z,image.delete,,,i,,,,,,,,,\n";
        self.0 += 1;
        if self.0 > 100 {
            return Err(io::Error::other("the cable is cut"));
        }
        let length = row.len().min(out.len());
        out[..length].copy_from_slice(&row[..length]);
        Ok(length)
    }
}

impl Stream for Broken {}

#[test]
fn what_breaks_a_stream_is_told_behind_what_was_read() {
    for threads in 1..=4 {
        let layout = plan(HEADER.as_bytes(), false).layout;
        let Layout::Table(mut table) = layout else { panic!("a table") };
        table.header.clear();
        let open = || -> io::Result<Box<dyn Stream>> { Ok(Box::new(Broken(0))) };
        let plan = Plan { open: Box::new(open), layout: Layout::Table(table), input: 0 };
        let effort = Effort { threads, chunk_size: 500 };
        let mut feeds = Feeds::new(vec![plan], effort, &SharedNames::default());
        let mut rows = 0;
        let error = loop {
            match feeds.next(0) {
                Ok(Some(batch)) => rows += batch.rows,
                Ok(None) => panic!("the error is lost"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.to_string(), "the cable is cut");
        assert!((50..100).contains(&rows), "{rows}");
        assert!(matches!(feeds.next(0), Ok(None)));
    }
}

#[test]
fn a_quote_that_stays_open_for_long_loses_one_line() {
    let mut log = format!("{HEADER}{GOOD}\"open,{GOOD}");
    let row = "2016-03-05T00:00:00Z,image.delete,,,i,,,,,,,,,\n";
    log.push_str(&row.repeat((chunk::LONGEST_QUOTED + (2 << 20)) / row.len()));
    log.push_str("\"\n");
    let told = pieces(log.as_bytes(), false, Effort { threads: 2, chunk_size: 1 << 20 });
    assert_eq!(told.unreadable.len(), 2, "the line with the quote, and the last one");
    assert!(told.unreadable[0].contains("never closed"));
    assert_eq!(told.rows as usize, log.lines().count() - 1);
}

#[test]
fn an_input_that_changed_is_told() {
    let mut plan = plan(format!("{HEADER}{GOOD}").as_bytes(), false);
    let other = HEADER.to_uppercase();
    plan.open = Box::new(move || Ok(Box::new(Cursor::new(other.clone().into_bytes()))));
    let mut feeds = Feeds::new(vec![plan], Effort::for_inputs(1, 1), &SharedNames::default());
    let error = feeds.next(0).err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("it changed while it was read"));
}

#[test]
fn rows_are_found_again() {
    let log = format!("{HEADER}{GOOD}\"a\n\",b\n{}", GOOD.repeat(3_000));
    let mut window = Window::new(Box::new(Cursor::new(log.clone().into_bytes())), false);
    let expected = whole(log.as_bytes(), false);
    let record = "record: ";
    let offsets: Vec<u64> = expected
        .events
        .iter()
        .step_by(7)
        .map(|event| {
            let rest = event.split(record).nth(1).expect("an origin");
            rest.split(' ').next().expect("an offset").parse().expect("a number")
        })
        .collect();
    for offset in offsets {
        let fetched = window.fetch(offset).expect("it is read").expect("it is there");
        let line = log[offset as usize..].lines().next().expect("a line");
        assert_eq!(fetched.raw, line);
        assert_eq!(fetched.fields.expect("fields").join(","), line);
    }
    assert_eq!(window.fetch(log.len() as u64 + 5).expect("it is read"), None);

    let log = format!("[{{\"a\":1}},{{\"b\":[\"{}\"]}}, 7]", "x".repeat(200_000));
    let offsets: Vec<usize> = split(log.as_bytes()).map(|record| record.offset).collect();
    let mut window = Window::new(Box::new(Cursor::new(log.clone().into_bytes())), true);
    let raw = |offset: usize, window: &mut Window| {
        window.fetch(offset as u64).expect("it is read").expect("it is there").raw
    };
    assert_eq!(raw(offsets[0], &mut window), "{\"a\":1}");
    assert_eq!(raw(offsets[1], &mut window).len(), 200_000 + 10);
}

#[test]
fn a_head_tells_when_a_log_begins() {
    let first = |bytes: &[u8], is_json| {
        let head = Head::read(&mut Cursor::new(bytes)).expect("a head");
        assert!(head.is_whole);
        head.first_time(&plan(bytes, is_json).layout)
    };
    let day = Instant::parse("2016-03-01T00:00:00Z").ok();
    assert_eq!(first(format!("{HEADER}x\n{GOOD}").as_bytes(), false), day);
    assert_eq!(first(HEADER.as_bytes(), false), None);
    let object = r#"{"time":"2016-03-01T00:00:00Z","event":"image.delete","resource":"i"}"#;
    assert_eq!(first(format!("{{}}\n{object}").as_bytes(), true), day);
    let long = format!("\"{}\n{HEADER}", "x".repeat(3 << 20));
    let head = Head::read(&mut Cursor::new(long.as_bytes())).expect("a head");
    assert_eq!((head.is_whole, head.bytes.len()), (true, long.len()));
}

/// A field as it may stand in a log, often right for its column.
fn field(column: usize) -> BoxedStrategy<String> {
    let right = match column {
        0 => "2016-0[1-4]-[0-3][0-9]T[0-2]0:00:00(|\\.[0-9]{6}|\\.5)(Z|Z|Z|\\+01:00|)",
        1 => {
            let words: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
            return prop::sample::select(words).prop_map(str::to_owned).boxed();
        }
        7 => "(|pending|accepted|no)",
        8 => "(|[0-9]{1,12}|[0-9]{17,20}|5.0)",
        11 => "(|private|public|shared|none)",
        _ => "(|[ab][0-9]|é|\"a,b\"|\"x\"\"y\"|\"\n\"|[\"\r\u{1}a]{1,3})",
    };
    prop_oneof![9 => right, 1 => "[a\",\n]{0,3}"].boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_rows_are_read_alike(
        rows in prop::collection::vec(
            ((0..14).map(field).collect::<Vec<_>>(), prop::sample::select(&["\n", "\n", "\r\n", "", ",\n"][..])),
            1..8,
        ),
        bad_byte in prop::option::weighted(0.1, any::<prop::sample::Index>()),
        chunk_size in 1_usize..400,
        threads in 1_usize..4,
    ) {
        let rows: String = rows.into_iter().map(|(fields, end)| fields.join(",") + end).collect();
        let mut bytes = rows.into_bytes();
        if let (Some(place), false) = (bad_byte, bytes.is_empty()) {
            let place = place.index(bytes.len());
            bytes[place] = 0xff;
        }
        let bytes = [HEADER.as_bytes(), &bytes].concat();
        let told = pieces(&bytes, false, Effort { threads, chunk_size });
        prop_assert_eq!(told, whole(&bytes, false));
    }
}
