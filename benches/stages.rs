//! Times the stages of a bill one by one, on one thread, from a log in memory.
//!
//! `cargo bench --bench stages -- LOG.csv BOOK`

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark talks to a terminal")]

use sharebill::event::Batch;
use sharebill::read::book::{BookFiles, load};
use sharebill::read::events::{EventRows, Input, read_csv};
use sharebill::replay::{Nobody, Replay, Rules, USUAL_PIECE};
use sharebill::scratch::Scratch;
use sharebill::value::{Instant, Names};
use sharebill::world::Enforcement;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let [log, book] = arguments.as_slice() else {
        eprintln!("usage: cargo bench --bench stages -- LOG.csv BOOK");
        return;
    };
    let bytes = std::fs::read(log).expect("a log");
    let file = |name: &str| std::fs::read(format!("{book}/{name}")).ok();
    let mut names = Names::default();
    let files = BookFiles {
        folder: book.clone(),
        settings: file("book.toml"),
        rates: file("rates.csv"),
        flavors: file("flavors.csv"),
        discounts: file("discounts.csv"),
    };
    let book = load(&files, &mut names).book.expect("a book");

    let mut rows = EventRows::default();
    let start = cpu_nanos();
    read_csv(Input { index: 0, name: log, bytes: &bytes }, true, &mut names, &mut rows);
    let count = rows.events.len();
    tell("read_csv, with names", cpu_nanos() - start, count);
    let batches: Vec<Batch> =
        rows.events.chunks(USUAL_PIECE).map(|events| Batch::of(events, &names)).collect();
    drop(rows);

    let rules = Rules { enforcement: Enforcement::Report, end: None, piece: USUAL_PIECE };
    let mut replay = Replay::new(&book, &names, rules.clone(), Nobody, &Scratch::default());
    for _ in 0..3 {
        replay = Replay::new(&book, &names, rules.clone(), Nobody, &Scratch::default());
        let start = cpu_nanos();
        for batch in &batches {
            replay.apply(batch, 0..batch.events.len()).expect("a replay");
        }
        tell("world", cpu_nanos() - start, count);
    }
    let replayed = replay.finish(Instant::from_micros(i64::MAX)).expect("an end");
    println!("{} findings", replayed.history.findings.len());
}

fn tell(stage: &str, nanos: u64, rows: usize) {
    println!("{stage:30} {:6} ns a row", nanos / (rows as u64).max(1));
}

/// How long this thread has computed: what others do on the machine does not count.
fn cpu_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}
