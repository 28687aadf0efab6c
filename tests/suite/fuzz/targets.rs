//! What readers must do with any bytes. Each function takes some, and panics where a reader does
//! what it must not; `fuzz/` calls them from a fuzzer, and the suite with seeds that it changes.
//!
//! Inputs of several files have U+001C between them.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use sharebill::account::Accounts;
use sharebill::bill::{BillError, Detail, Options, Settling, run_of, settle};
use sharebill::book::Book;
use sharebill::diagnostic::Diagnostic;
use sharebill::event::{Batch, Event};
use sharebill::hashmap::{DraftOptions, draft};
use sharebill::ledger::Ledger;
use sharebill::read::book::{BookFiles, load};
use sharebill::read::cloudtrail;
use sharebill::read::events::{EventRows, Input, Unreadable, read_csv, read_json, recognise};
use sharebill::read::feed::{Effort, Feeds, Head, Layout, Plan, SharedNames, Stream};
use sharebill::read::foreign::{Conversion, Convert};
use sharebill::read::invoice;
use sharebill::read::long::LongError;
use sharebill::read::openstack::{self, Converter, ImageClock};
use sharebill::read::run::{RunRow, read_info, read_table};
use sharebill::read::scenario::{Context, Draft};
use sharebill::replay::{Replay, Replayed};
use sharebill::report::BillSums;
use sharebill::run::{AllocationRow, ChargeRow, SharedRow, StatementRow};
use sharebill::scratch::Scratch;
use sharebill::statement::Images;
use sharebill::timeline::{InMemory, Timeline};
use sharebill::value::{Currency, Instant, Names};
use sharebill::world::Enforcement;
use sharebill::write::tables::{self, Tables};

/// What stands between files.
const SEPARATOR: u8 = 0x1c;

/// A target by its name.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const ALL: [Target; 9] = [
    ("event_csv", event_csv),
    ("event_json", event_json),
    ("foreign", foreign),
    ("price_book", price_book),
    ("hashmap", hashmap),
    ("invoice", invoice),
    ("scenario", scenario),
    ("run_folder", run_folder),
    ("series", series),
];

/// A native log as a table: read whole and in pieces alike, every row accounted for, and written and
/// read again the same.
pub(crate) fn event_csv(bytes: &[u8]) {
    let mut diagnostics = Vec::new();
    let head = Head::read(&mut Bytes(Cursor::new(bytes.to_vec()))).expect("memory is read");
    let layout = head.table("log", true, &mut diagnostics);
    let (mut names, mut rows) = (Names::default(), EventRows::default());
    read_csv(Input { index: 0, name: "log", bytes }, true, &mut names, &mut rows);
    let is_refused = rows.diagnostics.iter().any(is_error);
    let Some(layout) = layout else {
        assert!(is_refused, "pieces refuse what is taken whole");
        return;
    };
    if diagnostics.iter().any(is_error) || is_refused {
        assert_eq!(diagnostics.iter().any(is_error), is_refused, "{diagnostics:?}");
        return;
    }
    log(bytes, &Layout::Table(Box::new(layout)), &names, rows);
}

/// The same for a native log of objects.
pub(crate) fn event_json(bytes: &[u8]) {
    let (mut names, mut rows) = (Names::default(), EventRows::default());
    read_json(Input { index: 0, name: "log", bytes }, true, &mut names, &mut rows);
    log(bytes, &Layout::Json { unknown_keys_are_errors: true }, &names, rows);
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == sharebill::diagnostic::Severity::Error
}

fn log(bytes: &[u8], layout: &Layout, names: &Names, rows: EventRows) {
    let count: u64 = rows.row_counts.iter().sum();
    let told = rows.events.len() + rows.unreadable.len();
    assert_eq!(count, told as u64, "a row is neither an event nor set aside");
    let whole = Told::of(&rows.events, &rows.unreadable);
    for (threads, chunk_size) in [(1, 1), (1, 37), (2, 200)] {
        let pieces = Told::in_pieces(bytes, layout, Effort { threads, chunk_size });
        assert_eq!(pieces, whole, "in pieces of {chunk_size}");
    }
    let first = written(&rows.events, names);
    let (mut names_again, mut again) = (Names::default(), EventRows::default());
    let input = Input { index: 0, name: "log", bytes: &first };
    read_csv(input, true, &mut names_again, &mut again);
    assert!(again.diagnostics.is_empty(), "{:?}", again.diagnostics);
    let wrong = again.unreadable.first().map(|row| &row.finding.message);
    assert_eq!(wrong, None, "what was read and written is not read again");
    let second = written(&again.events, &names_again);
    assert!(first == second, "what was read and written is read as something else");
    every_event_is_accounted_for(&first);
}

/// What reading gave, as far as it can be compared between sets of names.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    events: Vec<String>,
    unreadable: Vec<String>,
}

impl Told {
    fn of(events: &[Event], unreadable: &[Unreadable]) -> Told {
        let event =
            |event: &Event| format!("{} {:?} {:?}", event.time, event.action.kind(), event.origin);
        let row = |row: &Unreadable| {
            format!("{:?} {} {:?}", row.finding.origin, row.finding.message, row.raw)
        };
        Told {
            events: events.iter().map(event).collect(),
            unreadable: unreadable.iter().map(row).collect(),
        }
    }

    fn in_pieces(bytes: &[u8], layout: &Layout, effort: Effort) -> Told {
        let shared: Arc<[u8]> = bytes.into();
        let open = move || -> io::Result<Box<dyn Stream>> {
            Ok(Box::new(Bytes(Cursor::new(shared.to_vec()))))
        };
        let plan = Plan { open: Box::new(open), layout: layout.clone(), input: 0 };
        let mut feeds = Feeds::new(vec![plan], effort, &SharedNames::default());
        let mut told = Told { events: Vec::new(), unreadable: Vec::new() };
        let mut count = 0;
        while let Some(batch) = feeds.next(0).expect("memory is read") {
            let Told { events, unreadable } = Told::of(&batch.batch.events, &batch.unreadable);
            count += batch.rows;
            told.events.extend(events);
            told.unreadable.extend(unreadable);
        }
        assert_eq!(count as usize, told.events.len() + told.unreadable.len());
        told
    }
}

/// Bytes in memory, as an input.
struct Bytes(Cursor<Vec<u8>>);

impl Read for Bytes {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl Stream for Bytes {}

fn written(events: &[Event], names: &Names) -> Vec<u8> {
    let mut bytes = Vec::new();
    let batch = Batch::of(events, names);
    sharebill::write::events::log(&mut bytes, &batch, names).expect("memory takes everything");
    bytes
}

/// Bills events with a small book: each is applied, a repeat, after the end, or set aside.
fn every_event_is_accounted_for(log: &[u8]) {
    let (mut names, mut rows) = (Names::default(), EventRows::default());
    let book = small_book(&mut names);
    read_csv(Input { index: 0, name: "log", bytes: log }, true, &mut names, &mut rows);
    let events = rows.events;
    let instant = |text| Instant::parse_date_or_instant(text).expect("a date");
    let options = Options {
        enforcement: Enforcement::Enforce,
        start: Some(instant("2016-01-01")),
        end: Some(instant("2017-01-01")),
        allow_unpriced: true,
        threads: 1,
        piece: 2,
    };
    let accounts = Accounts::new(book.default_level);
    let count = events.len() as u64;
    let Ok(run) = run_of(&events, &options) else { return };
    let lanes = events.chunks(3).map(|events| Batch::of(events, &names));
    let mut timeline = Timeline::new(InMemory::new(lanes, &names), &names);
    let ledger = Ledger::new(&book, &accounts, options.start, Scratch::default(), 1 << 20);
    let rules = options.rules(Some(run.end));
    let mut replay = Replay::new(&book, &names, rules, ledger, &Scratch::default());
    while timeline
        .pass(|batch, range| replay.apply(batch, range).map_err(BillError::from))
        .expect("a timeline")
    {}
    let Replayed { told: ledger, mut history, texts, counts } =
        replay.finish(run.end).expect("an end");
    let told: u64 = counts
        .iter()
        .map(|counts| counts.applied + counts.repeated + counts.set_aside + counts.after_end)
        .sum();
    assert_eq!(told, count, "an event is not accounted for: {counts:?}");
    let mut units = ledger.close(&names.accounts).expect("units");
    let images = Images::new(std::mem::take(&mut history.images), &texts);
    let settling = Settling {
        book: &book,
        accounts: &accounts,
        names: &names,
        texts: &texts,
        images: &images,
        run,
        allow_unpriced: true,
        detail: Detail::Allocations,
        threads: 1,
        scratch: &Scratch::default(),
        budget: 200,
    };
    // Amounts may be too large, which is said; they are never wrong.
    let settled =
        settle(&mut units, &settling, || Tables::new(&settling), |_| Ok::<(), BillError>(()));
    if let Ok(settled) = settled {
        let _ = tables::sharing(settled.sharing, &settling, |_| Ok::<(), BillError>(()));
    }
}

fn small_book(names: &mut Names) -> Book {
    let files = BookFiles {
        folder: "book".to_owned(),
        settings: Some(include_bytes!("../../fixtures/small-book/book.toml").to_vec()),
        rates: Some(include_bytes!("../../fixtures/small-book/rates.csv").to_vec()),
        flavors: Some(include_bytes!("../../fixtures/small-book/flavors.csv").to_vec()),
        discounts: None,
    };
    load(&files, names).book.expect("a book")
}

/// What clouds tell, as whatever it may be: every record ends in one fate, and the same comes of it
/// each time.
pub(crate) fn foreign(bytes: &[u8]) {
    let _ = recognise(bytes);
    for format in [
        openstack::Format::Oslo,
        openstack::Format::Flat,
        openstack::Format::Inventory,
        openstack::Format::Rackspace,
    ] {
        let convert = || {
            let mut converter = Converter::new(openstack::Options {
                format,
                image_clock: ImageClock::Created,
                region: Some("DFW".to_owned()),
                region_map: Vec::new(),
                snapshots: openstack::Snapshots {
                    as_of: Some("2016-03-01T00:00:00Z".to_owned()),
                    ..openstack::Snapshots::default()
                },
            });
            let count = converter.feed_named(0, "log", bytes);
            (count, converter.finish())
        };
        let (count, read) = converted(&format!("{format:?}"), convert);
        // What only the comparison of two snapshots tells is counted besides, under its own type;
        // and an answer of Rackspace's may hold many entries, each with its fate.
        let may_be_more =
            matches!(format, openstack::Format::Inventory | openstack::Format::Rackspace);
        let has_more = may_be_more && read > count;
        assert!(read == count || has_more, "{format:?}: {count} records, {read} fates");
    }
    let convert = || {
        let mut trail = cloudtrail::Converter::new(Some("us-east-1".to_owned()));
        let count = trail.feed_named(0, "trail.json", bytes);
        (count, Box::new(trail).finish())
    };
    let (count, read) = converted("a trail", convert);
    // Of two accounts' records of one call, one is merged; each is read.
    assert_eq!(read, count, "a trail: records without a fate, or with two");
}

/// How many records there were, and of how many the table tells: each of those ends in one fate, and
/// the same comes of it each time.
fn converted(what: &str, convert: impl Fn() -> (u64, Conversion)) -> (u64, u64) {
    let (count, conversion) = convert();
    let table = &conversion.table;
    let read: u64 = table.iter().map(|row| row.read).sum();
    let told: u64 = table.iter().map(|row| row.used + row.merged + row.left_out).sum();
    assert_eq!(read, told, "{what}: a record has no fate, or two");
    assert_eq!(convert(), (count, conversion), "{what}: twice is not the same");
    (count, read)
}

/// The files of a CloudKitty configuration: what of it a book can say is the same each time, and has
/// a price that a book takes.
pub(crate) fn hashmap(bytes: &[u8]) {
    let files: Vec<(String, Vec<u8>)> = parts(bytes)
        .enumerate()
        .map(|(number, part)| (format!("{number}.json"), part.to_vec()))
        .collect();
    let Ok(read) = sharebill::read::hashmap::read(&files) else { return };
    let options = DraftOptions {
        period_seconds: 3600,
        month_hours: 730,
        bytes_per_gigabyte: 1 << 30,
        effective_from: Instant::parse("2016-01-01T00:00:00Z").ok(),
        tenant: None,
        flavors: Vec::new(),
        services: Vec::new(),
        units: Vec::new(),
    };
    let (one, two) = (draft(&read, &options), draft(&read, &options));
    assert_eq!(format!("{one:?}"), format!("{two:?}"), "twice is not the same");
    let mut keys: Vec<_> = one.rates.iter().map(|rate| (&rate.sku, rate.effective_from)).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), one.rates.len(), "two prices of one thing from one day on");
}

/// An invoice, and a map for it: every line is read, or the reader says why not.
pub(crate) fn invoice(bytes: &[u8]) {
    let mut parts = parts(bytes);
    let (text, map) = (parts.next().unwrap_or_default(), parts.next());
    let map = map.and_then(|map| invoice::map::read("map.toml", map).ok());
    let dollar = Currency::from_code("USD").expect("a currency");
    let read = || match invoice::read("invoice.csv", text, map.as_ref(), dollar) {
        Ok(invoice) => Ok(format!("{:?} {:?}", invoice.layout, invoice.lines)),
        Err(why) => Err(why.iter().map(|d| d.message.clone()).collect::<Vec<_>>()),
    };
    let (one, two) = (read(), read());
    assert!(!matches!(&one, Err(why) if why.is_empty()), "refused without a reason");
    assert_eq!(one, two, "twice is not the same");
}

/// The files of a price book: one that loads has rates that load again as the same.
pub(crate) fn price_book(bytes: &[u8]) {
    let mut parts = parts(bytes);
    let mut part = || parts.next().map(<[u8]>::to_vec);
    let mut files = BookFiles {
        folder: "book".to_owned(),
        settings: part(),
        rates: part(),
        flavors: part(),
        discounts: part(),
    };
    let mut names = Names::default();
    let Some(book) = load(&files, &mut names).book else { return };
    let mut rates = Vec::new();
    sharebill::write::book::dated_rates(&mut rates, &book, &names).expect("memory");
    files.rates = Some(rates.clone());
    let mut names_again = Names::default();
    let loaded = load(&files, &mut names_again);
    let Some(again) = loaded.book else {
        let why: Vec<&str> = loaded.diagnostics.iter().map(|d| d.message.as_str()).collect();
        panic!("a book that loads is written as one that does not: {why:?}");
    };
    let mut rates_again = Vec::new();
    sharebill::write::book::dated_rates(&mut rates_again, &again, &names_again).expect("memory");
    assert!(rates == rates_again, "a book is read again as another");
}

/// A scenario: read twice it is the same.
pub(crate) fn scenario(bytes: &[u8]) {
    let mut names = Names::default();
    let book = small_book(&mut names);
    let read = |names: &mut Names| {
        let mut diagnostics = Vec::new();
        let draft = Draft::parse("plan.toml", bytes, &[], &mut diagnostics);
        let context = Context { book: &book, accounts: &[], has_history: false };
        let scenario =
            draft.as_ref().and_then(|draft| draft.read(&context, names, &mut diagnostics));
        let assumptions = draft.map(|draft| draft.assumptions());
        let messages: Vec<String> = diagnostics.into_iter().map(|d| d.message).collect();
        (format!("{scenario:?}"), assumptions, messages)
    };
    assert_eq!(read(&mut names.clone()), read(&mut names), "twice is not the same");
}

/// The files of a run: read a byte at a time they say what they say as a whole.
pub(crate) fn run_folder(bytes: &[u8]) {
    let mut parts = parts(bytes);
    let mut part = || parts.next().unwrap_or_default();
    let _ = read_info("run", part());
    let mut sums = BillSums::default();
    for row in rows::<StatementRow>(part()) {
        let _ = sums.statement(row);
    }
    for row in rows::<ChargeRow>(part()) {
        let _ = sums.charge(&row);
    }
    for row in rows::<AllocationRow>(part()) {
        let _ = sums.allocation(&row);
    }
    for row in rows::<SharedRow>(part()) {
        let _ = sums.shared(row);
    }
    let _ = sums.finish(true);
}

fn rows<R: RunRow + std::fmt::Debug>(bytes: &[u8]) -> Vec<R> {
    let read = |stream: &mut dyn Read| {
        let mut rows = Vec::new();
        let read = read_table(R::FILE, stream, |row: R, line| {
            rows.push((row, line));
            Ok(())
        });
        let wrong = match read {
            Ok(()) => Vec::new(),
            Err(LongError::Wrong(diagnostics)) => diagnostics,
            Err(LongError::Io(error)) => panic!("memory is read: {error}"),
        };
        (rows, wrong.into_iter().map(|d| d.message).collect::<Vec<_>>())
    };
    let (whole, wrong) = read(&mut &bytes[..]);
    let (slow, slow_wrong) = read(&mut Slowly(bytes));
    assert_eq!(wrong, slow_wrong);
    assert_eq!(format!("{whole:?}"), format!("{slow:?}"));
    whole.into_iter().map(|(row, _)| row).collect()
}

/// Bytes that come one by one.
struct Slowly<'a>(&'a [u8]);

impl Read for Slowly<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = out.len().min(1);
        self.0.read(&mut out[..length])
    }
}

/// A table of values over time: read twice it says the same.
pub(crate) fn series(bytes: &[u8]) {
    let read = || {
        let mut diagnostics = Vec::new();
        let table = sharebill::read::series::read("series.csv", bytes, true, &mut diagnostics);
        let counts: Option<Vec<usize>> =
            table.map(|table| table.series.iter().map(|series| series.values.len()).collect());
        (counts, diagnostics.into_iter().map(|d| d.message).collect::<Vec<_>>())
    };
    assert_eq!(read(), read(), "twice is not the same");
}

fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == SEPARATOR)
}
