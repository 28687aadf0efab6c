//! Columns: missing ones, unknown ones, and files that are no event log at all.

use crate::bad_input::{DONE, Desk, WRONG, good_log, is_refused, says};
use crate::support::stderr;

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
