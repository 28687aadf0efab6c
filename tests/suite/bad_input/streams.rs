//! Standard input and output, and the environment: time zone and locale.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::bad_input::{
    DONE, Desk, NOTIFICATION, SET_ASIDE, Snapshot, WRONG, bill_arguments, collect, good_log, gzip,
    log_with, says, upload,
};
use crate::support::stderr;

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
