//! Exit statuses: wrong usage, rows set aside, and what a cloud would have refused.

use crate::bad_input::{
    DONE, Desk, NEXT_LINE, SET_ASIDE, USAGE, WRONG, bill_arguments, good_log, log_with, says,
    upload,
};
use crate::support::{stderr, stdout};

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
