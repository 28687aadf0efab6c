//! Golden cases: whole runs of the program, compared byte for byte.
//!
//! A case is a folder of `tests/golden`:
//! - `README.md`: what it pins, in a sentence, and the figures worked out by hand;
//! - the inputs;
//! - `command`: the arguments, on one line, for the program run inside the folder. `{out}` stands
//!   for a temporary folder, `{root}` for the repository's root as it is seen from the case, so
//!   that no output holds a path of this machine;
//! - `expected/`: every file that the run writes, and `stdout.txt`, `stderr.txt` and `status`.
//!
//! `SHAREBILL_BLESS=1 cargo test --test suite golden` rewrites `expected/`. Read what changed
//! before you commit it: figures that moved without a reason are a bug.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support;

/// The repository's root, seen from a case.
const ROOT_FROM_CASE: &str = "../../..";

/// What a run leaves: file names, with `/` between folders, and contents.
type Files = BTreeMap<String, Vec<u8>>;

#[test]
fn every_case_writes_what_it_wrote_before() {
    let is_blessing = std::env::var_os("SHAREBILL_BLESS").is_some_and(|value| value == "1");
    let mut differences = Vec::new();
    for case in cases() {
        let actual = run(&case);
        if is_blessing {
            bless(&case, &actual);
        }
        let expected = read_files(&case.join("expected"));
        differences.extend(first_difference(&expected, &actual).map(|difference| {
            let name = name_of(&case);
            format!("tests/golden/{name}/expected/{difference}")
        }));
    }
    assert!(
        differences.is_empty(),
        "{} of {} golden cases differ; if the new output is right, SHAREBILL_BLESS=1 takes it\n\n{}",
        differences.len(),
        cases().len(),
        differences.join("\n\n"),
    );
}

#[test]
fn the_readme_shows_what_its_commands_print() {
    let readme = fs::read_to_string(support::root().join("README.md")).expect("a README");
    let mut blocks = readme.split("```text\n").skip(1);
    for (case, least) in [("example-golden-image", 10), ("example-rollout", 6)] {
        let shown = blocks.next().and_then(|rest| rest.split("```").next());
        let shown = shown.expect("a block of output in the README");
        let printed = support::root().join(format!("tests/golden/{case}/expected/stdout.txt"));
        let printed = fs::read_to_string(printed).expect("the example's output");
        assert!(shown.lines().count() > least, "too little is shown:\n{shown}");
        assert!(printed.starts_with(shown), "shown:\n{shown}\nprinted:\n{printed}");
    }
}

#[test]
fn there_are_cases_and_each_is_whole() {
    assert!(!cases().is_empty(), "tests/golden has no case");
    for case in cases() {
        let name = name_of(&case);
        for file in ["README.md", "command"] {
            assert!(case.join(file).is_file(), "tests/golden/{name} has no {file}");
        }
    }
}

#[test]
fn the_first_difference_is_told_with_file_and_line() {
    let files = |list: &[(&str, &str)]| -> Files {
        list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    };
    let expected = files(&[("a.csv", "x\n1\n"), ("b.csv", "y\n")]);
    let cases = [
        (&[("a.csv", "x\n1\n"), ("b.csv", "y\n")][..], None),
        (
            &[("a.csv", "x\n2\n"), ("b.csv", "z\n")],
            Some("a.csv, line 2\n  expected: 1\n  written:  2"),
        ),
        (
            &[("a.csv", "x\n1\n"), ("b.csv", "y")],
            Some("b.csv, line 2\n  expected: \n  written:  (the file ends)"),
        ),
        (
            &[("a.csv", "x\r\n1\n"), ("b.csv", "y\n")],
            Some("a.csv, line 1\n  expected: x\n  written:  x\\r"),
        ),
        (&[("a.csv", "x\n1\n")], Some("b.csv was not written")),
        (
            &[("a.csv", "x\n1\n"), ("b.csv", "y\n"), ("c.csv", "")],
            Some("c.csv was written, and is not expected"),
        ),
    ];
    for (actual, difference) in cases {
        assert_eq!(first_difference(&expected, &files(actual)).as_deref(), difference);
    }
}

/// The case folders, by name.
fn cases() -> Vec<PathBuf> {
    let folder = support::root().join("tests/golden");
    let entries = fs::read_dir(folder).expect("tests/golden is there");
    let paths = entries.map(|entry| entry.expect("an entry of tests/golden").path());
    let mut cases: Vec<PathBuf> = paths.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

fn name_of(case: &Path) -> String {
    case.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Runs a case, and gathers all that it leaves. Where the temporary folder and the program's
/// version are told, `{out}` and `{version}` stand instead.
fn run(case: &Path) -> Files {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    // A forward slash everywhere, for it is one character in JSON too.
    let out = scratch.path().join("out").to_string_lossy().replace('\\', "/");
    let command = fs::read_to_string(case.join("command")).expect("a case has a command");
    let fill = |word: &str| word.replace("{out}", &out).replace("{root}", ROOT_FROM_CASE);
    let words: Vec<String> = command.split_whitespace().map(fill).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = support::sharebill(case, &words);

    let mut files = Files::new();
    for (path, bytes) in read_files(scratch.path()) {
        // What is left beside the output folder keeps its path, and is never expected.
        let name = path.strip_prefix("out/").unwrap_or(&path).to_owned();
        files.insert(name, bytes);
    }
    if let Some(run) = files.get_mut("run.json") {
        let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
        let text = String::from_utf8_lossy(run).replace(version, "\"version\": \"{version}\"");
        *run = text.into_bytes();
    }
    let status = output.status.code().expect("the program ends by itself");
    files.insert("status".to_owned(), format!("{status}\n").into_bytes());
    let printed = |text: String| text.replace(&out, "{out}").into_bytes();
    files.insert("stdout.txt".to_owned(), printed(support::stdout(&output)));
    files.insert("stderr.txt".to_owned(), printed(support::stderr(&output)));
    files
}

/// All files below a folder; none where it does not exist.
fn read_files(folder: &Path) -> Files {
    let mut files = Files::new();
    let Ok(entries) = fs::read_dir(folder) else { return files };
    for entry in entries {
        let path = entry.expect("an entry of a folder").path();
        let name = name_of(&path);
        if path.is_dir() {
            let inner = read_files(&path).into_iter();
            files.extend(inner.map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            files.insert(name, fs::read(&path).expect("a file that can be read"));
        }
    }
    files
}

/// Makes what a run left the expected.
fn bless(case: &Path, actual: &Files) {
    let folder = case.join("expected");
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("the old expectation can be removed");
    }
    fs::create_dir(&folder).expect("a folder for the expectation");
    for (name, bytes) in actual {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&folder)).expect("a folder for a file");
        fs::write(path, bytes).expect("the expectation can be written");
    }
}

/// The first file that differs, with the first line that does.
fn first_difference(expected: &Files, actual: &Files) -> Option<String> {
    let names: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
    names.into_iter().find_map(|name| match (expected.get(name), actual.get(name)) {
        (Some(expected), Some(actual)) => {
            let (line, expected, actual) = first_differing_line(expected, actual)?;
            Some(format!("{name}, line {line}\n  expected: {expected}\n  written:  {actual}"))
        }
        (Some(_), None) => Some(format!("{name} was not written")),
        (None, _) => Some(format!("{name} was written, and is not expected")),
    })
}

/// The number and texts of the first line that differs.
fn first_differing_line(expected: &[u8], actual: &[u8]) -> Option<(usize, String, String)> {
    let mut expected = expected.split(|byte| *byte == b'\n');
    let mut actual = actual.split(|byte| *byte == b'\n');
    let shown = |line: Option<&[u8]>| {
        line.map_or_else(
            || "(the file ends)".to_owned(),
            |line| String::from_utf8_lossy(line).replace('\r', "\\r"),
        )
    };
    (1..).find_map(|number| match (expected.next(), actual.next()) {
        (None, None) => Some(None),
        (line, other) if line == other => None,
        (line, other) => Some(Some((number, shown(line), shown(other)))),
    })?
}
