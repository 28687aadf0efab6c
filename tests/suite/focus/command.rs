//! The command as people use it: files that a bill writes itself, what a run lacks, what is
//! replaced, and tables for spreadsheets.

use std::fs;
use std::path::Path;

use crate::focus::{example, export, rows_of};
use crate::support::{root, sharebill, stderr};

#[test]
fn a_bill_writes_the_same_file_itself() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("run").display().to_string();
    let arguments = [
        "bill",
        "examples/golden-image/events.csv",
        "--accounts",
        "examples/golden-image/accounts.csv",
        "--prices",
        "pricing/rackspace-us",
        "--detail",
        "--focus=1.4",
        "--out",
        &out,
    ];
    let output = sharebill(&root(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let own = fs::read(Path::new(&out).join("focus.csv")).expect("focus.csv");
    let exported = export(Path::new(&out), &["--focus", "1.4", "--detail"]);
    assert_eq!(own, fs::read(exported).expect("a file"));
    assert!(Path::new(&out).join("focus.csv.schema.json").is_file());
    // Written again over itself: what it left is its own.
    let again = sharebill(&root(), &[&arguments[..], &["--force"]].concat());
    assert!(again.status.success(), "{}", stderr(&again));
}

#[test]
fn what_a_run_lacks_is_told() {
    let run = example();
    let out = run.join("../lacks.csv").display().to_string();
    let name = run.display().to_string();
    let export = |more: &[&str]| {
        let arguments = ["export", &name, "--focus", "1.2", "--out", &out, "--force"];
        sharebill(&root(), &[&arguments[..], more].concat())
    };
    // Accounts that are gone: ids stand for names, and it is said.
    let info = fs::read_to_string(run.join("run.json")).expect("run.json");
    let changed = info.replace("\"sha256\": \"", "\"sha256\": \"0");
    fs::write(run.join("run.json"), changed).expect("written");
    let output = export(&[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("warning[D06]"), "{}", stderr(&output));
    let rows = rows_of(Path::new(&out));
    assert!(rows.iter().any(|row| row["BillingAccountName"] == "platform"));
    assert!(rows.iter().all(|row| row["Tags"].is_empty()));
    // Named now, they are as they are now.
    let output = export(&["--accounts", "examples/golden-image/accounts.csv"]);
    assert!(output.status.success() && stderr(&output).is_empty(), "{}", stderr(&output));
    let rows = rows_of(Path::new(&out));
    assert!(rows.iter().any(|row| row["BillingAccountName"] == "Platform Engineering"));
    // Without allocations there is no detail; without the gigabyte, no unit.
    fs::remove_file(run.join("allocations.csv")).expect("removed");
    let output = export(&["--detail"]);
    assert!(stderr(&output).contains("error[D06]"), "{}", stderr(&output));
    fs::write(run.join("run.json"), info.replace("\"gigabyte\": \"GiB\"", "\"x\": \"\""))
        .expect("written");
    let output = export(&[]);
    assert!(stderr(&output).contains("what its GB are"), "{}", stderr(&output));
}

#[test]
fn a_file_is_replaced_only_when_asked() {
    let run = example();
    let name = run.display().to_string();
    let out = run.join("../once.csv").display().to_string();
    let arguments = ["export", &name, "--focus", "1.2", "--out", &out];
    assert!(sharebill(&root(), &arguments).status.success());
    let before = fs::read(&out).expect("a file");
    let output = sharebill(&root(), &arguments);
    assert!(stderr(&output).contains("F03"), "{}", stderr(&output));
    let output = sharebill(&root(), &[&arguments[..], &["--force"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(before, fs::read(&out).expect("a file"), "the same run, the same bytes");
    // Tables of two bills: nothing is left behind.
    fs::remove_file(&out).expect("removed");
    fs::remove_file(format!("{out}.schema.json")).expect("removed");
    let charges = fs::read_to_string(run.join("charges.csv")).expect("charges");
    let less: Vec<&str> = charges.lines().filter(|line| !line.starts_with("search,")).collect();
    fs::write(run.join("charges.csv"), less.join("\n") + "\n").expect("written");
    for detail in [&[][..], &["--detail"]] {
        let output = sharebill(&root(), &[&arguments[..], detail].concat());
        assert!(stderr(&output).contains("do not belong together"), "{}", stderr(&output));
        let left = fs::read_dir(run.join("..")).expect("a folder").count();
        assert_eq!(left, 1, "only the run is there");
    }
}

#[test]
fn tables_for_spreadsheets_show_what_the_others_do() {
    let run = example();
    let name = run.display().to_string();
    let out = run.join("../office").display().to_string();
    let output = sharebill(&root(), &["export", &name, "--excel", "--out", &out]);
    assert!(output.status.success(), "{}", stderr(&output));
    for file in ["charges.csv", "statements.csv", "allocations.csv", "sharing.csv", "findings.csv"]
    {
        let bytes = fs::read(Path::new(&out).join(file)).expect("a table");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
        assert!(text.ends_with("\r\n"), "{file}");
        let plain = fs::read_to_string(run.join(file)).expect("a table");
        assert_eq!(text.replace("\r\n", "\n"), plain, "{file}");
    }
    assert!(!Path::new(&out).join("run.json").exists());
}
