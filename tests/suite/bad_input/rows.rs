//! Rows that are set aside whole, with the reason, while the rest is billed; and rows at the edge,
//! which are billed.

use crate::bad_input::{DONE, Desk, NEXT_LINE, SET_ASIDE, WRONG, log_with, says, upload};
use crate::support::{stderr, stdout};

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
