//! Where the output goes: folders that exist, what `--force` replaces and what it never does.

use std::fs;

use crate::bad_input::{DONE, Desk, NOTIFICATION, WRONG, bill_arguments, good_log, says};
use crate::support::{sharebill, stderr};

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
