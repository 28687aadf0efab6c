//! Generated logs: exact in size, in order, sensible, and the same for the same flags.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{root, sharebill, stderr};

/// Generates a log into `file` and gives its bytes.
fn generate(file: &Path, more: &[&str]) -> Vec<u8> {
    let out = file.display().to_string();
    let mut arguments = vec!["generate", "--out", &out];
    for [flag, value] in [["--rows", "20000"], ["--accounts", "60"]] {
        if !more.contains(&flag) {
            arguments.extend([flag, value]);
        }
    }
    arguments.extend(more);
    let output = sharebill(&root(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    fs::read(file).expect("a log")
}

/// The same, as text.
fn generate_text(file: &Path, more: &[&str]) -> String {
    String::from_utf8(generate(file, more)).expect("text")
}

/// Bills a log and gives its charges, its findings and what it tells of the run. A row that is
/// not allowed, or makes no sense, would be set aside, with status 3.
fn bill(log: &Path, folder: &Path) -> (String, String, String) {
    let (log, out) = (log.display().to_string(), folder.display().to_string());
    let book = "pricing/rackspace-us";
    let arguments = ["bill", &log, "--prices", book, "--policy", "enforce", "--out", &out];
    let output = sharebill(&root(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a table");
    (read("charges.csv"), read("findings.csv"), read("run.json"))
}

/// How often each event comes in a CSV log.
fn count_events(text: &str) -> BTreeMap<&str, i64> {
    let mut counts = BTreeMap::new();
    for event in text.lines().skip(1).filter_map(|row| row.split(',').nth(1)) {
        *counts.entry(event).or_default() += 1;
    }
    counts
}

#[test]
fn the_same_flags_give_the_same_bytes_and_another_seed_others() {
    let scratch = tempfile::tempdir().expect("a folder");
    let log = |name: &str, more: &[&str]| generate(&scratch.path().join(name), more);
    let first = log("a.csv", &["--seed", "7"]);
    assert_eq!(first, log("b.csv", &["--seed", "7"]));
    assert_ne!(first, log("c.csv", &["--seed", "8"]));
    for name in ["log.jsonl", "log.csv.zst", "log.jsonl.gz"] {
        let flags = ["--shuffle", "--duplicates", "30"];
        assert_eq!(log(name, &flags), log(&format!("again-{name}"), &flags), "{name}");
    }
}

#[test]
fn a_generated_log_has_its_rows_in_order_and_breaks_no_rule() {
    let scratch = tempfile::tempdir().expect("a folder");
    // One with hours of no row at all, and one with hours of many.
    for flags in [["--rows", "20000", "--months", "24"], ["--rows", "60000", "--months", "1"]] {
        let file = scratch.path().join(format!("{}.csv", flags[3]));
        let text = generate_text(&file, &flags);
        let rows: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(rows.len().to_string(), flags[1]);
        let time = |row: &&str| row.split(',').next().expect("a time").to_owned();
        assert!(rows.is_sorted_by_key(time), "rows come in order of time");
        let (charges, findings, run) = bill(&file, &scratch.path().join(flags[3]));
        assert_eq!(findings.lines().count(), 1, "only the header:\n{findings}");
        assert!(run.contains("\"rejected\": 0"), "no row is set aside:\n{run}");
        for sku in ["image.storage", "server:general1-4", "support:", "transfer.out"] {
            assert!(charges.contains(sku), "no charge for {sku}");
        }
    }
}

#[test]
fn no_id_is_given_twice() {
    let scratch = tempfile::tempdir().expect("a folder");
    let text = generate_text(&scratch.path().join("log.csv"), &["--rows", "200000"]);
    let mut ids = HashSet::new();
    for row in text.lines().skip(1) {
        let columns: Vec<&str> = row.split(',').collect();
        assert_eq!(columns.len(), 14, "{row}");
        if ["server.create", "image.create"].contains(&columns[1]) {
            assert!(ids.insert(columns[4]), "a second {}", columns[4]);
        }
    }
}

#[test]
fn events_are_as_common_as_in_a_cloud() {
    let scratch = tempfile::tempdir().expect("a folder");
    let flags = ["--rows", "300000", "--accounts", "1000"];
    let text = generate_text(&scratch.path().join("log.csv"), &flags);
    let counts = count_events(&text);
    // In permille of all rows.
    for (event, least, most) in [
        ("image.create", 80, 120),
        ("image.member.create", 20, 40),
        ("server.create", 350, 400),
        ("server.resize", 20, 30),
        ("server.rebuild", 10, 20),
        ("transfer.out", 20, 40),
    ] {
        let permille = counts[event] / 300;
        assert!((least..=most).contains(&permille), "{event}: {permille} of 1,000");
    }
}

#[test]
fn what_lives_follows_the_rate_of_events_and_not_their_number() {
    let scratch = tempfile::tempdir().expect("a folder");
    let living = |rows: &str, months: &str| {
        let file = scratch.path().join(format!("{months}.csv"));
        let text = generate_text(&file, &["--rows", rows, "--months", months]);
        let counts = count_events(&text);
        let count = |event: &str| counts[event];
        count("server.create") + count("image.create")
            - count("server.delete")
            - count("image.delete")
    };
    let (short, long) = (living("60000", "3"), living("480000", "24"));
    // Growth and the servers that live longest make it a little more.
    assert!((900..1500).contains(&short), "{short}");
    assert!((short..2 * short).contains(&long), "{short} and {long}");
}

#[test]
fn the_name_tells_the_format() {
    let scratch = tempfile::tempdir().expect("a folder");
    let log = |name: &str, more: &[&str]| generate(&scratch.path().join(name), more);
    let charges = |name: &str| {
        let out = scratch.path().join(format!("{name}-out"));
        bill(&scratch.path().join(name), &out).0
    };
    let csv = log("log.csv", &[]);
    let jsonl = log("log.jsonl", &[]);
    assert!(csv.starts_with(b"time,event,account,"));
    assert!(jsonl.starts_with(b"{\"time\":\"2016-03-01T00:"));
    for row in String::from_utf8(jsonl.clone()).expect("text").lines() {
        serde_json::from_str::<serde_json::Value>(row).expect("each line is JSON");
    }
    let billed = charges("log.csv");
    assert_eq!(billed, charges("log.jsonl"));

    for (name, format, text) in [
        ("anything", None, &csv),
        ("log.jsonl.txt", None, &csv),
        ("csv.jsonl", Some("csv"), &csv),
        ("jsonl.csv", Some("jsonl"), &jsonl),
    ] {
        let flags = format.map(|format| ["--log-format", format]);
        assert!(log(name, flags.as_ref().map_or(&[], |flags| flags)) == *text, "{name}");
    }
    for (name, format, text) in [
        ("log.csv.zst", None, &csv),
        ("log.zst", None, &csv),
        ("log.csv.gz", None, &csv),
        ("log.jsonl.zst", None, &jsonl),
        ("log.jsonl.gz", None, &jsonl),
        ("csv.jsonl.gz", Some("csv"), &csv),
        ("jsonl.csv.zst", Some("jsonl"), &jsonl),
    ] {
        let flags = format.map(|format| ["--log-format", format]);
        let packed = log(name, flags.as_ref().map_or(&[], |flags| flags));
        assert!(packed.len() < text.len() / 3, "{name} is compressed");
        assert!(unpacked(&packed) == *text, "{name}");
    }
    assert_eq!(billed, charges("log.csv.zst"));
    assert_eq!(billed, charges("log.jsonl.gz"));
    assert!(log("log.parquet", &[]).starts_with(b"PAR1"));
    assert_eq!(billed, charges("log.parquet"));
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut text).expect("whole");
        text
    } else {
        zstd::decode_all(bytes).expect("whole")
    }
}

#[test]
fn shuffled_and_repeated_logs_bill_the_same() {
    let scratch = tempfile::tempdir().expect("a folder");
    let charges = |name: &str, more: &[&str]| {
        let file = scratch.path().join(name);
        let text = generate_text(&file, more);
        let (charges, _, run) = bill(&file, &scratch.path().join(format!("{name}-out")));
        (charges, run, text)
    };
    let (plain, _, in_order) = charges("plain.csv", &[]);
    let (shuffled, _, text) = charges("shuffled.csv", &["--shuffle"]);
    assert_eq!(plain, shuffled);
    assert_ne!(in_order, text);
    let (repeated, run, text) = charges("repeated.csv", &["--duplicates", "50"]);
    assert_eq!(plain, repeated);
    assert!(!run.contains("\"repeated\": 0"), "some rows are repeats:\n{run}");
    let repeats = text.lines().count() - in_order.lines().count();
    assert!((800..1200).contains(&repeats), "50 of 1,000, not {repeats} of 20,000");
    // Each one, the last one, too.
    let (_, _, text) = charges("twice.csv", &["--duplicates", "1000"]);
    assert_eq!(text.lines().count(), 40_001);
    let whole: HashSet<&str> = text.lines().collect();
    assert_eq!(whole.len(), 20_001);
}

#[test]
fn the_account_list_goes_with_the_log() {
    let scratch = tempfile::tempdir().expect("a folder");
    let list = scratch.path().join("accounts.csv").display().to_string();
    let log = scratch.path().join("log.csv");
    generate(&log, &["--accounts-out", &list]);
    let text = fs::read_to_string(&list).expect("a list");
    assert_eq!(text.lines().count(), 61);
    let (log, out) = (log.display().to_string(), scratch.path().join("out").display().to_string());
    let book = "pricing/rackspace-us";
    let output =
        sharebill(&root(), &["bill", &log, "--prices", book, "--accounts", &list, "--out", &out]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let scratch = tempfile::tempdir().expect("a folder");
    // More rows than wait for each other anywhere.
    for name in ["log.csv", "log.jsonl.zst", "log.csv.gz"] {
        let link = scratch.path().join(name);
        std::os::unix::fs::symlink("/dev/full", &link).expect("a link");
        let out = link.display().to_string();
        let output = sharebill(&root(), &["generate", "--rows", "300000", "--out", &out]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).contains("the disk is full"), "{}", stderr(&output));
        fs::remove_file(link).expect("it is still a link");
    }
    assert_eq!(fs::read_dir(scratch.path()).expect("a folder").count(), 0);
}

#[test]
fn who_reads_a_log_may_stop_early() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sharebill"))
        .args(["generate", "--rows", "300000", "--out", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut first = [0; 100];
    program.stdout.take().expect("a pipe").read_exact(&mut first).expect("a row");
    let output = program.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stderr.is_empty(), "{}", stderr(&output));
}
