//! Whatever is handed to the program, it ends with the right exit status and a sentence that names
//! the file and what to do; it never panics, leaves no half output, and touches no input.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use crate::support::{EVENT_HEADER, beside, sharebill, small_book, stderr, stdout};

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

/// A log with one bad row behind the good ones: the bad row is set aside whole, with the reason,
/// and the rest is billed.
#[track_caller]
fn is_set_aside(row: impl AsRef<[u8]>, reason: &str) {
    let row = row.as_ref();
    let desk = Desk::with_log(log_with(row));
    let output = desk.bill(&["events.csv"], &[], SET_ASIDE);
    says(&stdout(&output), &["1 set aside (rejected.csv)"]);
    desk.check_good_statements();

    let rejected = desk.records("rejected.csv");
    assert_eq!(rejected.len(), 2, "one row below the header");
    let (kept, told) = rejected[1].split_at(14);
    let shown = String::from_utf8_lossy(row);
    let whole: Vec<&str> =
        if kept[1].is_empty() { vec![&shown] } else { shown.split(',').collect() };
    let kept: Vec<&str> = kept.iter().map(String::as_str).take(whole.len()).collect();
    assert!(kept == whole, "the row is not whole in rejected.csv");
    assert_eq!(told[0], "L00");
    says(&told[1], &[reason]);

    let findings = desk.records("findings.csv");
    assert_eq!(findings[1][..4], ["L00", "error", "events.csv", NEXT_LINE]);
    assert_eq!(findings[1][8], told[1]);
    assert!(told[1].len() < 1_000, "a reason of {} bytes", told[1].len());
}

/// A log that no row can be read of is refused, by every command that reads logs.
#[track_caller]
fn is_refused(log: impl AsRef<[u8]>, words: &[&str]) {
    let desk = Desk::with_log(log);
    let words = [&["events.csv"], words].concat();
    desk.refuse_bill(&["events.csv"], &[], &words);
    desk.refuse(&["check", "events.csv", "--prices", "book"], &words);
}

// Columns.

#[test]
fn a_missing_column_is_named() {
    let words = ["C03", "column `time` is missing in `events.csv`", "the columns are: time,event"];
    is_refused(good_log().replacen("time,", "", 1), &words);
}

#[test]
fn all_mistakes_of_a_header_are_told_at_once() {
    let log = good_log().replacen("time,event,account", "tme,event,acount", 1);
    is_refused(&log, &["`tme`", "did you mean `time`?", "`acount`", "did you mean `account`?"]);
    // A slip is one diagnostic: the column that was meant is not missing as well.
    let desk = Desk::with_log(&log);
    let said = stderr(&desk.bill(&["events.csv"], &[], WRONG));
    assert!(!said.contains("missing"), "{said}");

    let log = good_log().replacen("time,event,account", "a,event,b", 1);
    is_refused(&log, &["columns `time`, `account` are missing in `events.csv`"]);
}

#[test]
fn an_unknown_column_is_refused_and_the_known_one_nearby_is_named() {
    let log = good_log().replacen("bytes", "byte", 1);
    is_refused(log, &["C02", "unknown column `byte`", "did you mean `bytes`?", "events.csv:1:57"]);
}

#[test]
fn an_unknown_column_is_a_warning_where_the_user_says_so() {
    let lines = good_log();
    let lines = lines.lines().enumerate();
    let log: String = lines
        .map(|(number, line)| format!("{line},{}\n", if number == 0 { "regon" } else { "x" }))
        .collect();
    is_refused(&log, &["unknown column `regon`", "did you mean `region`?"]);
    let desk = Desk::with_log(&log);
    let output = desk.bill(&["events.csv"], &["--ignore-unknown-columns"], DONE);
    says(&stderr(&output), &["warning[C02]", "unknown column `regon`", "events.csv:1:94"]);
    desk.check_good_statements();
}

#[test]
fn a_thousand_unknown_columns_are_counted_rather_than_shown() {
    let more: String = (0..1_000).map(|number| format!(",extra{number}")).collect();
    let desk = Desk::with_log(good_log().replacen('\n', &format!("{more}\n"), 1));
    let output = desk.bill(&["events.csv"], &[], WRONG);
    says(&stderr(&output), &["unknown column `extra0`", "and 980 more unknown columns"]);
    assert!(stderr(&output).len() < 50_000);
}

#[test]
fn a_file_that_is_no_event_log_gets_one_answer() {
    let header = "begin with: time,event,account";
    is_refused(
        "name,size\na,1\n",
        &["the first line of `events.csv` names no known column", header],
    );
    is_refused(good_log().replace(',', ";"), &["separated by semicolons", "with commas between"]);
    is_refused(good_log().replace(',', "\t"), &["separated by tabs", "with commas between"]);
    is_refused(format!("{}\n", "x".repeat(10_000_000)), &["names no known column", header]);
    is_refused([0; 1_000], &["names no known column"]);
    is_refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &["C01", "is not UTF-8", "CSV UTF-8"]);
    is_refused("\"time,event\nx", &["C05", "a quote is opened and never closed"]);
}

// Rows that are set aside.

#[test]
fn an_unknown_event_is_set_aside_and_the_known_one_nearby_is_named() {
    let reason = "unknown event `image.crate`: did you mean `image.create`?";
    is_set_aside("2016-03-06T00:00:00Z,image.crate,prod,DFW,i2,,,,5,,,,,", reason);
    let reason = "unknown event `volume.attach`";
    is_set_aside("2016-03-06T00:00:00Z,volume.attach,prod,DFW,i2,,,,5,,,,,", reason);
}

#[test]
fn a_time_that_cannot_be_read_is_set_aside() {
    is_set_aside(upload("yesterday", "5"), "`yesterday`: not a time like 2016-03-01T00:00:00Z");
    is_set_aside(upload("2016-03-06T00:00:00", "5"), "write Z for UTC, or an offset");
    is_set_aside(upload("2016-02-30T00:00:00Z", "5"), "there is no such day");
    is_set_aside(upload("", "5"), "a time is missing");
}

#[test]
fn a_number_with_an_exponent_is_set_aside() {
    let reason = "bytes `1e9`: a whole number without sign or exponent expected";
    is_set_aside(upload("2016-03-06T00:00:00Z", "1e9"), reason);
}

#[test]
fn a_negative_number_is_set_aside() {
    let reason = "bytes `-5`: a whole number without sign or exponent expected";
    is_set_aside(upload("2016-03-06T00:00:00Z", "-5"), reason);
}

#[test]
fn a_fractional_number_is_set_aside() {
    let reason = "bytes `1.5`: a whole number without sign or exponent expected";
    is_set_aside(upload("2016-03-06T00:00:00Z", "1.5"), reason);
}

#[test]
fn two_to_the_63_bytes_are_set_aside() {
    let reason = "bytes `9223372036854775808`: more than 2^63 - 1";
    is_set_aside(upload("2016-03-06T00:00:00Z", "9223372036854775808"), reason);
    is_set_aside(upload("2016-03-06T00:00:00Z", &"9".repeat(5_000)), "more than 2^63 - 1");
}

#[test]
fn one_byte_less_than_two_to_the_63_is_billed() {
    let row = upload("2016-03-31T23:59:59Z", "9223372036854775807");
    let desk = Desk::with_log(log_with(row));
    desk.bill(&["events.csv"], &[], DONE);
    // One second of March is 1 / 2,678,400 of it: (2^63 - 1) / 2^30 / 2,678,400 = 3,207.11416965
    // GB-months, and 10 more of the good image, pooled into one quantity: 1,024 of it at 0.10 and
    // 2,193.11416965 at 0.09.
    let charges = desk.read("out/charges.csv");
    says(&charges, &["GB-month,0,1024.00000000,0.10,102.40", "1024,2193.11416965,0.09,197.38"]);
}

#[test]
fn a_row_that_is_not_utf_8_is_set_aside() {
    is_set_aside(b"2016-03-06T00:00:00Z,image.create,pr\xffod,DFW,i2,,,,5,,,,,", "not UTF-8");
}

#[test]
fn a_row_with_a_nul_byte_is_set_aside() {
    let reason = "a control character in `resource`";
    is_set_aside("2016-03-06T00:00:00Z,image.create,prod,DFW,i\0x,,,,5,,,,,", reason);
}

#[test]
fn a_line_of_10_mb_is_set_aside_with_a_short_reason() {
    let long = "y".repeat(10_000_000);
    is_set_aside(&long, "1 fields where the header has 14");
    is_set_aside(upload(&long, "5"), "yyy…`: not a time");
    is_set_aside(upload("2016-03-06T00:00:00Z", &long), "yyy…`: a whole number");
    let row = format!("2016-03-06T00:00:00Z,{long},prod,DFW,i2,,,,5,,,,,");
    is_set_aside(row, "unknown event `yyy");
}

#[test]
fn a_row_that_is_too_short_or_has_a_stray_quote_is_set_aside() {
    is_set_aside("2016-03-06T00:00:00Z,image.create,prod", "3 fields where the header has 14");
    let row = "2016-03-06T00:00:00Z,image.create,\"prod,DFW,i2,,,,5,,,,,";
    is_set_aside(row, "a quote is opened and never closed");
}

#[test]
fn years_outside_1970_to_9999_are_set_aside() {
    is_set_aside(upload("0001-01-01T00:00:00Z", "5"), "outside the years 1970 to 9999");
    is_set_aside(upload("1969-12-31T23:59:59Z", "5"), "outside the years 1970 to 9999");
    is_set_aside(upload("10000-01-01T00:00:00Z", "5"), "`10000-01-01T00:00:00Z`: not a time");
}

#[test]
fn the_year_9999_is_read_and_billed_up_to_the_end_that_is_asked_for() {
    let desk = Desk::with_log(log_with(upload("9999-12-31T23:59:59Z", "5")));
    let output = desk.bill(&["events.csv"], &["--end", "2016-04-01"], DONE);
    says(&stdout(&output), &["1 after the end of the run"]);
    desk.check_good_statements();

    let desk = Desk::with_log(log_with(upload("9999-11-30T23:59:59.999999Z", "5")));
    // Nobody bills eight thousand years by a slip of the pen.
    let output = desk.bill(&["events.csv"], &[], WRONG);
    says(&stderr(&output), &["E05", "`events.csv`, line 7: 9999-11-30", "say --start and --end"]);
    desk.bill(&["events.csv"], &["--end", "9999-12-01"], DONE);
    says(
        &desk.read("out/statements.csv"),
        &["prod,9999-11-01T00:00:00Z,9999-12-01T00:00:00Z,1.00"],
    );
}

// Whole files.

#[test]
fn a_gzip_that_is_cut_off_is_refused_wherever_it_is_cut() {
    is_refused_when_cut(&gzip(&good_log()), "gzip -t");
}

#[test]
fn a_zstd_that_is_cut_off_is_refused_wherever_it_is_cut() {
    let whole = zstd::encode_all(good_log().as_bytes(), 0).expect("memory takes everything");
    is_refused_when_cut(&whole, "zstd -t");
}

#[track_caller]
fn is_refused_when_cut(whole: &[u8], check: &str) {
    let desk = Desk::with_log(whole);
    desk.bill(&["events.csv"], &[], DONE);
    desk.check_good_statements();
    for end in (8..whole.len()).step_by(24).chain([whole.len() - 1]) {
        let words = ["F04", "cut off or damaged", "get the file again", check];
        is_refused(&whole[..end], &words);
    }
}

#[test]
fn a_gzip_with_garbage_behind_it_is_refused() {
    let garbage = [gzip(&good_log()).as_slice(), b"garbage"].concat();
    is_refused(garbage, &["F04", "cut off or damaged", "gzip -t"]);
}

#[test]
fn two_gzips_in_one_file_are_one_log() {
    let log = good_log();
    let (first, second) = log.split_at(200);
    let both = [gzip(first), gzip(second)].concat();
    let desk = Desk::with_log(both);
    desk.bill(&["events.csv"], &[], DONE);
    desk.check_good_statements();
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

#[test]
fn a_header_that_is_not_utf_8_is_refused() {
    let log = [b"t\xe9me,event\n", good_log().as_bytes()].concat();
    is_refused(log, &["C01", "`events.csv` is not UTF-8", "events.csv:1:2", "CSV UTF-8"]);
    let log: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(good_log().encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    is_refused(log, &["C01", "`events.csv` is UTF-16", "CSV UTF-8"]);
}

#[test]
fn lines_that_end_with_cr_alone_are_refused_at_once() {
    // Long enough that a message for each of its columns would take minutes.
    let log = good_log() + &GOOD_ROWS.repeat(10_000);
    is_refused(log.replace('\n', "\r"), &["end with CR alone", "LF or CRLF"]);
}

#[test]
fn a_bom_and_crlf_and_blank_lines_change_nothing() {
    let (plain, mut charges) = (good_log(), Vec::new());
    let logs = [
        plain.clone(),
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        format!("\u{feff}\r\n\r\n{}\r\n", plain.replace('\n', "\r\n\r\n")),
        plain.trim_end().to_owned(),
    ];
    for log in logs {
        let desk = Desk::with_log(log);
        desk.bill(&["events.csv"], &[], DONE);
        desk.check_good_statements();
        charges.push(desk.read("out/charges.csv"));
    }
    charges.dedup();
    assert_eq!(charges.len(), 1);
}

#[test]
fn an_empty_file_is_refused() {
    for log in ["", "\n\r\n\n", "\u{feff}"] {
        is_refused(log, &["C06", "`events.csv` is empty", "an event log begins with: time,event"]);
    }
}

#[test]
fn a_header_without_rows_is_nothing_to_bill() {
    let desk = Desk::with_log(EVENT_HEADER);
    desk.refuse_bill(&["events.csv"], &[], &["E01", "nothing to bill: `events.csv` has no rows"]);
    desk.run(&["check", "events.csv", "--prices", "book"], DONE);
}

#[test]
fn rows_of_which_none_can_be_read_are_nothing_to_bill() {
    let desk = Desk::with_log(format!("{EVENT_HEADER}{}\n", upload("yesterday", "5")));
    let words = ["E01", "no row of `events.csv` could be read", "on line 2: `yesterday`"];
    desk.refuse_bill(&["events.csv"], &[], &words);
    let output = desk.run(&["check", "events.csv", "--prices", "book"], SET_ASIDE);
    says(&stdout(&output), &["events.csv:2: error[L00]: `yesterday`: not a time"]);
}

#[test]
fn a_folder_instead_of_a_file_is_refused() {
    let desk = Desk::with_log(good_log());
    let words = ["F01", "`book` is a folder, not a file", "name the files in it"];
    desk.refuse_bill(&["book"], &[], &words);
    desk.refuse_bill(&["events.csv"], &["--accounts", "book"], &words);
    desk.refuse(&["convert", "book", "--out", "x.csv"], &words);
    let words = ["B05", "the price book `events.csv` is not a folder"];
    desk.refuse(&["bill", "events.csv", "--prices", "events.csv", "--out", "out"], &words);
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let desk = Desk::with_log(good_log());
    let words = ["F01", "`nowhere.csv` is not there", "check the path"];
    desk.refuse_bill(&["nowhere.csv"], &[], &words);
    desk.refuse_bill(&["events.csv"], &["--accounts", "nowhere.csv"], &words);
    desk.refuse(&["check", "nowhere.csv", "--prices", "book"], &words);
    desk.refuse(&["convert", "nowhere.csv", "--out", "x.csv"], &words);
    let words = ["B05", "the price book `nowhere` is not there"];
    desk.refuse(&["bill", "events.csv", "--prices", "nowhere", "--out", "out"], &words);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_that_has_vanished_is_refused() {
    let desk = Desk::with_log(good_log());
    std::os::unix::fs::symlink("nowhere.csv", desk.path("link.csv")).expect("a link");
    desk.refuse_bill(&["link.csv"], &[], &["F01", "`link.csv` is not there"]);
    fs::remove_file(desk.path("book/flavors.csv")).expect("it was there");
    std::os::unix::fs::symlink("nowhere.csv", desk.path("book/flavors.csv")).expect("a link");
    desk.refuse_bill(&["events.csv"], &[], &["`book/flavors.csv` is not there"]);
}

#[test]
fn one_bad_input_among_several_stops_the_run_and_is_named() {
    let desk = Desk::with_log(good_log());
    desk.write("more.csv", format!("{EVENT_HEADER}{}\n", upload("2016-03-06T00:00:00Z", "5")));
    desk.write("wrong.csv", good_log().replacen("time,", "", 1));
    desk.write("cut.csv.gz", &gzip(&good_log())[..100]);
    desk.bill(&["events.csv", "more.csv"], &[], DONE);
    fs::remove_dir_all(desk.path("out")).expect("it was written");
    desk.refuse_bill(&["events.csv", "wrong.csv", "more.csv"], &[], &["missing in `wrong.csv`"]);
    let words = ["`cut.csv.gz` is cut off", "`nowhere.csv` is not there"];
    desk.refuse_bill(&["events.csv", "cut.csv.gz", "nowhere.csv"], &[], &words);
}

// Usage that the book does not know.

#[test]
fn an_unknown_flavor_stops_the_run_and_the_known_one_nearby_is_named() {
    let row = "2016-03-06T00:00:00Z,server.create,cons,DFW,s2,img,,,,general1-9,,,,";
    let desk = Desk::with_log(log_with(row));
    let words =
        ["U01", "account `cons` used 624 hour of server:general1-9 in DFW", "no such flavor"];
    desk.refuse_bill(&["events.csv"], &[], &words);
    desk.refuse_bill(&["events.csv"], &[], &["did you mean `general1-1`?", "--allow-unpriced"]);
}

#[test]
fn an_event_in_a_region_that_the_book_has_not_stops_the_run() {
    let row = "2016-03-06T00:00:00Z,image.create,prod,DWF,i2,,,,1073741824,,,,,";
    let desk = Desk::with_log(log_with(row));
    // 26 of the 31 days of March.
    let words =
        ["account `prod` used 0.83870968 GB-month of image.storage in DWF", "no such region"];
    desk.refuse_bill(&["events.csv"], &[], &words);
    desk.refuse_bill(&["events.csv"], &[], &["did you mean `DFW`?", "--allow-unpriced"]);
}

#[test]
fn usage_without_a_price_is_listed_by_sku_and_account_and_costs_nothing_if_allowed() {
    let rows = "\
2016-03-06T00:00:00Z,server.create,cons,DFW,s2,img,,,,huge,,,,
2016-03-06T00:00:00Z,server.create,prod,DFW,s3,img,,,,huge,,,,
2016-03-06T00:00:00Z,server.create,prod,DFW,s4,img,,,,vast,,,,";
    let desk = Desk::with_log(log_with(rows));
    let words = [
        "account `cons` used 624 hour of server:huge",
        "account `prod` used 624 hour of server:huge",
        "account `prod` used 624 hour of server:vast",
        "3 without a rate: nothing was billed",
    ];
    desk.refuse_bill(&["events.csv"], &[], &words);
    let output = desk.bill(&["events.csv"], &["--allow-unpriced"], DONE);
    says(
        &stdout(&output),
        &["--allow-unpriced", "server:huge  2 accounts", "server:vast  1 account"],
    );
    desk.check_good_statements();
    says(&desk.read("out/charges.csv"), &["server:huge,DFW,hour,0,624.00000000,0,0.00,USD"]);
}

// Where the output goes.

#[test]
fn an_existing_folder_is_refused_and_force_replaces_what_sharebill_wrote() {
    let desk = Desk::with_log(good_log());
    desk.bill(&["events.csv"], &["--detail"], DONE);
    let words =
        ["F03", "`out` exists already", "choose another folder, or replace it with --force"];
    desk.refuse_bill(&["events.csv"], &[], &words);
    let output = sharebill(desk.folder.path(), &bill_arguments(&["events.csv"], &["--force"]));
    assert_eq!(output.status.code(), Some(DONE), "{}", stderr(&output));
    desk.check_good_statements();
    assert!(!desk.path("out/allocations.csv").exists(), "the new run has none");

    // An old folder stays as it was when the new run fails.
    desk.write("bad.csv", "");
    desk.refuse_bill(&["bad.csv"], &["--force"], &["`bad.csv` is empty"]);
}

#[test]
fn force_replaces_a_run_of_notifications_too() {
    let desk = Desk::new();
    desk.write("log.json", NOTIFICATION);
    let arguments = bill_arguments(&["log.json"], &["--region", "DFW", "--force"]);
    desk.run(&arguments, DONE);
    assert!(desk.path("out/conversion.json").exists());
    let output = sharebill(desk.folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(DONE), "{}", stderr(&output));
}

#[test]
fn force_replaces_a_price_book_only_as_it_was_begun() {
    let desk = Desk::with_log(good_log());
    let arguments = ["prices", "init", "--from-events", "events.csv", "--out", "new", "--force"];
    desk.run(&arguments, DONE);
    let output = sharebill(desk.folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(DONE), "{}", stderr(&output));
    desk.write("new/discounts.csv", "from,percent,effective_from,source\n");
    desk.refuse(&arguments, &["F03", "`new` has `discounts.csv` in it", "move it away"]);
    desk.bill(&["events.csv"], &[], DONE);
    let arguments = ["prices", "init", "--from-events", "events.csv", "--out", "out", "--force"];
    desk.refuse(&arguments, &["`out` was not written by sharebill"]);
}

#[test]
fn force_never_replaces_a_folder_that_sharebill_did_not_write() {
    let desk = Desk::with_log(good_log());
    let words = ["F03", "`out` was not written by sharebill", "remove it yourself"];
    desk.write("out/thesis.txt", "years of work");
    desk.refuse_bill(&["events.csv"], &["--force"], &words);
    // Other programs have a `run.json` too, and others yet a `book.toml`.
    desk.write("out/run.json", "{\"program\": \"jogging\"}");
    desk.refuse_bill(&["events.csv"], &["--force"], &words);
    desk.write("out/run.json", "not JSON");
    desk.refuse_bill(&["events.csv"], &["--force"], &words);
    let arguments = ["bill", "events.csv", "--prices", "book", "--out", "book", "--force"];
    desk.refuse(&arguments, &["`book` was not written by sharebill"]);
    let arguments = ["bill", "events.csv", "--prices", "book", "--out", "events.csv", "--force"];
    desk.refuse(&arguments, &["`events.csv` was not written by sharebill"]);
}

#[test]
fn force_never_takes_along_what_was_put_into_a_folder_of_sharebill() {
    let desk = Desk::with_log(good_log());
    desk.bill(&["events.csv"], &[], DONE);
    desk.write("out/events.csv", good_log());
    let words = ["`out` has `events.csv` in it, which sharebill did not write", "move it away"];
    desk.refuse_bill(&["out/events.csv"], &["--force"], &words);
}

#[test]
fn what_an_interrupted_run_has_left_is_cleaned_by_the_next() {
    let desk = Desk::with_log(good_log());
    desk.bill(&["events.csv"], &[], DONE);
    for _ in 0..2 {
        for leftover in [".out.partial/charges.csv", ".out.replaced/charges.csv"] {
            desk.write(leftover, "account,");
        }
        let output = sharebill(desk.folder.path(), &bill_arguments(&["events.csv"], &["--force"]));
        assert_eq!(output.status.code(), Some(DONE), "{}", stderr(&output));
        desk.check_good_statements();
        assert!(!desk.path(".out.partial").exists() && !desk.path(".out.replaced").exists());
    }
    // Stopped halfway between the old folder's going and the new one's coming.
    fs::rename(desk.path("out"), desk.path(".out.replaced")).expect("it is renamed");
    let output = sharebill(desk.folder.path(), &bill_arguments(&["events.csv"], &[]));
    assert_eq!(output.status.code(), Some(WRONG), "{}", stderr(&output));
    says(&stderr(&output), &["`out` exists already"]);
    desk.check_good_statements();
    assert!(!desk.path(".out.replaced").exists(), "the old folder is back");
}

#[test]
fn folders_made_for_the_output_go_when_the_run_fails() {
    let desk = Desk::with_log("");
    let arguments = ["bill", "events.csv", "--prices", "book", "--out", "a/b/out"];
    desk.refuse(&arguments, &["`events.csv` is empty"]);
    desk.write("events.csv", good_log());
    desk.run(&arguments, DONE);
    assert!(desk.path("a/b/out/statements.csv").exists());
}

#[test]
fn a_file_above_the_output_folder_is_refused() {
    let desk = Desk::with_log(good_log());
    for out in ["events.csv/out", "events.csv/a/out"] {
        let arguments = ["bill", "events.csv", "--prices", "book", "--out", out];
        desk.refuse(&arguments, &["F02", out, "what is above it is not a folder", "another place"]);
    }
    for out in ["", ".", "..", "/"] {
        let arguments = ["bill", "events.csv", "--prices", "book", "--out", out];
        desk.refuse(&arguments, &["F02", "cannot be an output folder", "does not exist yet"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing() {
    let desk = Desk::with_log(good_log());
    desk.write("log.json", NOTIFICATION.repeat(200).replace("m-1", "m-2"));
    let Some(disk) = Mount::new(&desk, "size=16k") else { return };
    let out = "disk/out";
    let arguments = ["bill", "events.csv", "--prices", "book", "--out", out];
    desk.refuse(&arguments, &["F02", "the disk is full: `disk/out/", "make room"]);
    fs::write(desk.path("disk/filler"), [0; 32 << 10]).expect_err("the disk is smaller");
    let arguments = ["convert", "log.json", "--region", "DFW", "--out", "disk/events.csv"];
    desk.refuse(&arguments, &["F02", "the disk is full: `disk/events.csv`", "make room"]);
    drop(disk);
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_folder_is_refused() {
    let desk = Desk::with_log(good_log());
    desk.write("log.json", NOTIFICATION);
    let Some(disk) = Mount::new(&desk, "ro") else { return };
    for out in ["disk/out", "disk/a/b/out"] {
        let arguments = ["bill", "events.csv", "--prices", "book", "--out", out];
        desk.refuse(&arguments, &["F02", out, "Read-only file system", "choose another place"]);
    }
    let arguments = ["convert", "log.json", "--region", "DFW", "--out", "disk/events.csv"];
    desk.refuse(&arguments, &["F02", "`disk/events.csv` cannot be written", "Read-only"]);
    drop(disk);
}

/// A small disk at `disk`, for as long as this lives. Only root can have one.
#[cfg(target_os = "linux")]
struct Mount {
    path: PathBuf,
}

#[cfg(target_os = "linux")]
impl Mount {
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn new(desk: &Desk, options: &str) -> Option<Mount> {
        let path = desk.path("disk");
        fs::create_dir(&path).expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&path);
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        if !is_mounted {
            eprintln!("skipped: only root can mount a small disk");
        }
        is_mounted.then_some(Mount { path })
    }
}

#[cfg(target_os = "linux")]
impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: it goes as soon as nobody uses it.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_is_full_is_told() {
    let desk = Desk::new();
    desk.write("log.json", NOTIFICATION);
    let arguments = ["convert", "log.json", "--region", "DFW", "--out", "/dev/full"];
    desk.refuse(&arguments, &["F02", "the disk is full: `/dev/full`", "make room"]);
    assert!(Path::new("/dev/full").exists() && !Path::new("/dev/.full.partial").exists());
}

#[test]
fn a_conversion_never_writes_over_its_input() {
    let desk = Desk::new();
    desk.write("log.json", NOTIFICATION);
    for out in ["log.json", "./log.json", "book/../log.json"] {
        let arguments = ["convert", "log.json", "--region", "DFW", "--out", out];
        desk.refuse(&arguments, &["F03", "is the input `log.json`", "choose another file"]);
    }
    let arguments = ["convert", "log.json", "--region", "DFW", "--out", "no/such/events.csv"];
    desk.refuse(&arguments, &["F02", "`no/such/events.csv` cannot be written"]);
    let arguments = ["convert", "log.json", "--out", "events.csv"];
    desk.refuse(&arguments, &["E04", "line 1 of `log.json`", "--region REGION"]);
}

// Standard input and output.

/// The program with the same odd environment as in [`sharebill`].
fn program(desk: &Desk, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sharebill"));
    command.current_dir(desk.folder.path()).args(arguments);
    command.env("TZ", "Pacific/Kiritimati").env("LC_ALL", "tr_TR.UTF-8");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[track_caller]
fn bill_stdin(log: &[u8], status: i32) -> (Desk, Output) {
    let desk = Desk::new();
    let before = desk.snapshot();
    let mut child = program(&desk, &bill_arguments(&["-"], &[])).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(log).expect("the program reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    desk.check_run(&before, &output, status);
    (desk, output)
}

#[test]
fn standard_input_is_read_like_a_file() {
    for log in [good_log().into_bytes(), gzip(&good_log())] {
        let (desk, _) = bill_stdin(&log, DONE);
        desk.check_good_statements();
        says(&desk.read("out/run.json"), &["\"name\": \"-\"", "\"rows_used\": 5"]);
    }
    let (desk, _) = bill_stdin(&log_with(upload("yesterday", "5")), SET_ASIDE);
    assert_eq!(desk.records("findings.csv")[1][2], "-");
    let (desk, output) = bill_stdin(b"", WRONG);
    says(&stderr(&output), &["C06", "`-` is empty"]);
    assert!(!desk.path("out").exists());
}

#[test]
fn a_reader_that_goes_away_is_nobodys_mistake() {
    let desk = Desk::with_log(good_log());
    desk.write("log.json", NOTIFICATION.repeat(500));
    let convert = ["convert", "log.json", "--region", "DFW", "--out", "-", "--allow-findings"];
    let check = ["check", "events.csv", "--prices", "book"];
    let completions = ["completions", "bash"];
    let bill = bill_arguments(&["events.csv"], &[]);
    for arguments in [&bill[..], &convert, &check, &completions, &["man"], &["--help"]] {
        let before = desk.snapshot();
        let mut child = program(&desk, arguments).spawn().expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        desk.check_run(&before, &output, DONE);
        assert!(!stderr(&output).contains("error"), "{}", stderr(&output));
    }
    desk.check_good_statements();
}

#[test]
fn time_zone_and_locale_change_no_byte() {
    let rows = log_with(upload("2016-03-31T23:30:00-05:00", "5000000000"));
    let desk = Desk::with_log(&rows);
    desk.bill(&["events.csv"], &["--detail"], DONE);
    let folder = |desk: &Desk| {
        let mut found = Snapshot::new();
        collect(&desk.path("out"), &mut found);
        found
            .into_iter()
            .map(|(path, bytes)| (path.file_name().map(ToOwned::to_owned), bytes))
            .collect::<Vec<_>>()
    };
    for (zone, locale) in [("UTC", "C"), ("America/New_York", "de_DE.UTF-8"), ("nonsense", "x")] {
        let other = Desk::with_log(&rows);
        let mut command = program(&other, &bill_arguments(&["events.csv"], &["--detail"]));
        let output = command.env("TZ", zone).env("LC_ALL", locale).output().expect("it starts");
        assert_eq!(output.status.code(), Some(DONE));
        assert!(folder(&desk) == folder(&other), "{zone} {locale}");
    }
}

// Exit statuses.

#[test]
fn wrong_usage_ends_with_2_and_writes_nothing() {
    let desk = Desk::with_log(good_log());
    let bill = |more: &[&'static str]| bill_arguments(&["events.csv"], more);
    let cases: [(Vec<&str>, &str); 12] = [
        (vec![], "Usage:"),
        (vec!["bil"], "a similar subcommand exists: 'bill'"),
        (vec!["bill", "events.csv", "--out", "out"], "--prices <BOOK>"),
        (vec!["bill", "events.csv", "--prices", "book"], "--out <DIR>"),
        (bill_arguments(&[], &[]), "<EVENTS>"),
        (bill(&["--strict", "--allow-findings"]), "cannot be used with"),
        (bill(&["--start", "2016-13-01"]), "there is no such day"),
        (bill(&["--end", "soon"]), "invalid value 'soon' for '--end"),
        (bill(&["--from", "xml"]), "possible values: csv, jsonl, parquet, oslo, flat"),
        (bill(&["--threads", "0"]), "invalid value '0' for '--threads"),
        (bill(&["--region-map", "host"]), "write PUBLISHER=REGION"),
        (bill(&["--quiet", "--verbose"]), "cannot be used with"),
    ];
    for (arguments, words) in cases {
        let before = desk.snapshot();
        let output = desk.run(&arguments, USAGE);
        says(&stderr(&output), &[words]);
        assert!(desk.snapshot() == before, "{arguments:?} wrote something");
    }
}

#[test]
fn rows_set_aside_end_with_3_or_0_or_1_as_asked_for() {
    let cases = [(&[][..], SET_ASIDE), (&["--allow-findings"], DONE), (&["--strict"], WRONG)];
    for (more, status) in cases {
        let desk = Desk::with_log(log_with(upload("yesterday", "5")));
        desk.bill(&["events.csv"], more, status);
        desk.check_good_statements();
        let arguments = [&["check", "events.csv", "--prices", "book"], more].concat();
        let output = desk.run(&arguments, status);
        says(&stdout(&output), &["events.csv:7: error[L00]"]);
    }
    for more in [&[][..], &["--strict"]] {
        let desk = Desk::with_log(good_log());
        desk.bill(&["events.csv"], more, DONE);
    }
}

#[test]
fn what_a_cloud_would_have_refused_ends_with_3_only_where_it_is_set_aside() {
    // `else` is not a member of the image.
    let row = "2016-03-06T00:00:00Z,server.create,else,DFW,s2,img,,,,general1-1,,,,";
    let cases = [
        (&["--policy", "report"][..], DONE),
        (&["--policy", "report", "--strict"], WRONG),
        (&["--policy", "enforce"], SET_ASIDE),
        (&["--policy", "enforce", "--allow-findings"], DONE),
    ];
    for (more, status) in cases {
        let desk = Desk::with_log(log_with(row));
        desk.bill(&["events.csv"], more, status);
        assert_eq!(desk.records("findings.csv")[1][..4], ["L01", "error", "events.csv", NEXT_LINE]);
        let rejected = desk.records("rejected.csv");
        let is_set_aside = more.contains(&"enforce");
        assert_eq!(rejected.len(), if is_set_aside { 2 } else { 1 });
        if is_set_aside {
            assert_eq!(rejected[1][..14].join(","), row);
            desk.check_good_statements();
        }
    }
}

#[test]
fn a_real_log_cut_anywhere_never_panics() {
    let Some(logs) = beside("samples/glance_notifications") else { return };
    let whole = fs::read(logs.join("lifecycle.v2_envelope.jsonl")).expect("a log");
    for end in (1..whole.len()).step_by(997) {
        let desk = Desk::new();
        desk.write("log.json", &whole[..end]);
        let output = sharebill(
            desk.folder.path(),
            &["convert", "log.json", "--region", "DFW", "--from", "oslo", "--out", "events.csv"],
        );
        let status = output.status.code().expect("a status");
        assert!([DONE, SET_ASIDE].contains(&status), "cut at {end}: {}", stderr(&output));
        assert_eq!(fs::read(desk.path("log.json")).expect("the log"), &whole[..end]);
    }
}
