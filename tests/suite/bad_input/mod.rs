//! Whatever is handed to the program, it ends with the right exit status and a sentence that names
//! the file and what to do; it never panics, leaves no half output, and touches no input.

mod columns;
#[cfg(target_os = "linux")]
mod disk;
mod files;
mod output;
mod rows;
mod status;
mod streams;
mod unpriced;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use crate::support::{EVENT_HEADER, sharebill, small_book, stderr, stdout};

const DONE: i32 = 0;
const WRONG: i32 = 1;
const USAGE: i32 = 2;
const SET_ASIDE: i32 = 3;

/// 10 GiB stored for a month is 1.00; 48 hours of `general1-1` are 1.54, and their support 0.24.
const GOOD_ROWS: &str = "\
2016-03-01T00:00:00Z,image.create,prod,DFW,img,,,,10737418240,,linux,,,
2016-03-02T00:00:00Z,image.member.create,prod,DFW,img,,cons,,,,,,,
2016-03-02T01:00:00Z,image.member.update,cons,DFW,img,,cons,accepted,,,,,,
2016-03-03T00:00:00Z,server.create,cons,DFW,srv,img,,,,general1-1,,,,
2016-03-05T00:00:00Z,server.delete,cons,DFW,srv,,,,,,,,,
";

/// What the good rows cost, whatever stands beside them.
const GOOD_STATEMENTS: &str = "\
account,cycle_start,cycle_end,storage,servers,licenses,support,transfer,minimum,fee,discount,total,currency
cons,2016-03-01T00:00:00Z,2016-04-01T00:00:00Z,0.00,1.54,0.00,0.24,0.00,0.00,0.00,0.00,1.78,USD
prod,2016-03-01T00:00:00Z,2016-04-01T00:00:00Z,1.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,1.00,USD
";

/// The line of a row that follows the good ones.
const NEXT_LINE: &str = "7";

/// A Glance notification that converts to one event, in the oslo envelope's bare form.
const NOTIFICATION: &str = r#"{"event_type": "image.activate", "message_id": "m-1", "priority": "INFO", "publisher_id": "image.host", "timestamp": "2016-03-01 00:00:00.000000", "payload": {"id": "img", "owner": "prod", "size": 5, "status": "active", "visibility": "private", "created_at": "2016-03-01T00:00:00Z"}}
"#;

/// A folder to work in, with a price book in `book`.
struct Desk {
    folder: TempDir,
}

/// Everything below a folder: bytes of files, `None` for what is no file.
type Snapshot = BTreeMap<PathBuf, Option<Vec<u8>>>;

impl Desk {
    fn new() -> Desk {
        let desk = Desk { folder: tempfile::tempdir().expect("a folder") };
        let book = small_book();
        desk.write("book/book.toml", book.book_toml);
        desk.write("book/rates.csv", book.rates);
        desk.write("book/flavors.csv", book.flavors);
        desk
    }

    /// One with a log called `events.csv`.
    fn with_log(log: impl AsRef<[u8]>) -> Desk {
        let desk = Desk::new();
        desk.write("events.csv", log);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn snapshot(&self) -> Snapshot {
        let mut found = Snapshot::new();
        collect(self.folder.path(), &mut found);
        found
    }

    /// Runs the program. It must end with this status, and not touch what was there.
    #[track_caller]
    fn run(&self, arguments: &[&str], status: i32) -> Output {
        let before = self.snapshot();
        let output = sharebill(self.folder.path(), arguments);
        self.check_run(&before, &output, status);
        output
    }

    #[track_caller]
    fn check_run(&self, before: &Snapshot, output: &Output, status: i32) {
        let said = stderr(output);
        assert_eq!(output.status.code(), Some(status), "{}{said}", stdout(output));
        assert!(!said.contains("panicked"), "{said}");
        let after = self.snapshot();
        for (path, bytes) in before {
            assert!(after.get(path) == Some(bytes), "{} was touched", path.display());
        }
        let is_leftover = |path: &&PathBuf| path.to_string_lossy().contains(".partial");
        assert_eq!(after.keys().find(is_leftover), None);
    }

    /// Runs the program, which must refuse with words on standard error, and leave nothing.
    #[track_caller]
    fn refuse(&self, arguments: &[&str], words: &[&str]) {
        let before = self.snapshot();
        let output = self.run(arguments, WRONG);
        says(&stderr(&output), words);
        assert!(self.snapshot() == before, "something was left behind");
    }

    /// Bills inputs to `out`.
    #[track_caller]
    fn bill(&self, inputs: &[&str], more: &[&str], status: i32) -> Output {
        self.run(&bill_arguments(inputs, more), status)
    }

    #[track_caller]
    fn refuse_bill(&self, inputs: &[&str], more: &[&str], words: &[&str]) {
        self.refuse(&bill_arguments(inputs, more), words);
    }

    /// The records of a table in `out`.
    fn records(&self, name: &str) -> Vec<Vec<String>> {
        let text = self.read(&format!("out/{name}"));
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.has_headers(false).flexible(true).from_reader(text.as_bytes());
        let texts = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
        reader.records().map(|record| texts(record.expect("a record"))).collect()
    }

    #[track_caller]
    fn check_good_statements(&self) {
        assert_eq!(self.read("out/statements.csv"), GOOD_STATEMENTS);
    }
}

fn collect(folder: &Path, found: &mut Snapshot) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.is_symlink() {
            collect(&path, found);
            found.insert(path, None);
        } else {
            let bytes = fs::read(&path).ok();
            found.insert(path, bytes);
        }
    }
}

fn bill_arguments<'a>(inputs: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [&["bill"], inputs, &["--prices", "book", "--out", "out"], more].concat()
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is not said:\n{text}");
    }
}

fn good_log() -> String {
    format!("{EVENT_HEADER}{GOOD_ROWS}")
}

/// The good rows with one more.
fn log_with(row: impl AsRef<[u8]>) -> Vec<u8> {
    [good_log().as_bytes(), row.as_ref(), b"\n"].concat()
}

/// An upload of an image of so many bytes.
fn upload(time: &str, bytes: &str) -> String {
    format!("{time},image.create,prod,DFW,big,,,,{bytes},,,,,")
}

/// A log that no row can be read of is refused, by every command that reads logs.
#[track_caller]
fn is_refused(log: impl AsRef<[u8]>, words: &[&str]) {
    let desk = Desk::with_log(log);
    let words = [&["events.csv"], words].concat();
    desk.refuse_bill(&["events.csv"], &[], &words);
    desk.refuse(&["check", "events.csv", "--prices", "book"], &words);
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}
