//! Whole files: cut off, of another encoding, empty, or not there.

use std::fs;

use crate::bad_input::{
    DONE, Desk, GOOD_ROWS, SET_ASIDE, good_log, gzip, is_refused, says, upload,
};
use crate::support::{EVENT_HEADER, beside, sharebill, stderr, stdout};

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
