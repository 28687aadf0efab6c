//! The error gallery: every diagnostic, as people see it.
//!
//! A case is a folder `tests/errors/<CODE>-<slug>/` with the smallest input that has the mistake:
//!
//! - `command`: the program's arguments. `{root}` is the repository, `{out}` an empty folder.
//! - `base` (optional): a folder, from the root, that the case's own files are laid over.
//! - `expected-full.txt`, `expected-short.txt`: what standard error says in each message format.
//! - `status`: the exit status.
//! - everything else is input; the program runs in a copy of it.
//!
//! `SHAREBILL_BLESS=1 cargo test errors` writes what the program says now; read the difference.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sharebill::diagnostic::Code;
use tempfile::TempDir;

use crate::support::{root, sharebill, stderr};

/// The files of a case that the program does not see.
const NOT_INPUT: [&str; 5] =
    ["command", "base", "status", "expected-full.txt", "expected-short.txt"];

/// What the program said to a case, and how it ended.
struct Said {
    case: PathBuf,
    full: String,
    short: String,
    status: i32,
    /// The folders it worked in, which it must not tell.
    folders: Vec<PathBuf>,
}

#[test]
fn each_broken_input_is_told_as_expected() {
    let blesses = std::env::var_os("SHAREBILL_BLESS").is_some();
    let mut wrong = Vec::new();
    for said in all_said() {
        let status = format!("{}\n", said.status);
        let texts = [
            ("expected-full.txt", &said.full),
            ("expected-short.txt", &said.short),
            ("status", &status),
        ];
        for (file, actual) in texts {
            let path = said.case.join(file);
            let expected = fs::read_to_string(&path).unwrap_or_default();
            if *actual != expected && blesses {
                fs::write(&path, actual).expect("the gallery can be written");
            } else if *actual != expected {
                wrong.push(format!(
                    "{}\n--- expected\n{expected}--- actual\n{actual}",
                    path.display()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{} files differ; SHAREBILL_BLESS=1 writes them anew",
        wrong.join("\n"),
        wrong.len()
    );
}

#[test]
fn every_code_has_a_case_that_shows_it() {
    let cases = cases();
    let is_shown = |code: &&Code| {
        let mark = format!("[{code}]: ");
        let begins = format!("{code}-");
        cases.iter().any(|case| {
            name(case).starts_with(&begins) && read(case, "expected-short.txt").contains(&mark)
        })
    };
    let missing: Vec<&str> =
        Code::ALL.iter().filter(|code| !is_shown(code)).map(|code| code.as_str()).collect();
    assert!(missing.is_empty(), "codes without a case: {}", missing.join(", "));
}

#[test]
fn every_case_shows_the_code_in_its_name() {
    for case in cases() {
        let name = name(&case);
        let (code, slug) = name.split_once('-').expect("<CODE>-<slug>");
        assert!(Code::ALL.iter().any(|known| known.as_str() == code), "{name}: no such code");
        assert!(!slug.is_empty(), "{name}: a case says what it is about");
        for file in ["expected-full.txt", "expected-short.txt"] {
            assert!(read(&case, file).contains(&format!("[{code}]: ")), "{name}/{file}");
        }
    }
}

#[test]
fn short_messages_are_one_line_each_and_begin_with_their_place() {
    for case in cases() {
        for line in read(&case, "expected-short.txt").lines() {
            assert!(is_short_form(line), "{}: {line}", name(&case));
        }
    }
}

#[test]
fn the_short_form_is_told_from_others() {
    assert!(is_short_form("a/b.csv:3:14: error[B09]: `0,10` is not a number (help)"));
    assert!(is_short_form("warning[C02]: unknown column"));
    assert!(is_short_form("error[F01]: `x` is not there"));
    assert!(!is_short_form("a/b.csv:3: error[B09]: no column"));
    assert!(!is_short_form("a/b.csv:0:1: error[B09]: lines count from 1"));
    assert!(!is_short_form("error[X99]: no such code"));
    assert!(!is_short_form("error: no code"));
    assert!(!is_short_form("error[B09]: "));
}

#[test]
fn no_message_tells_where_the_case_was_run() {
    for said in all_said() {
        for folder in &said.folders {
            let folder = folder.display().to_string();
            for text in [&said.full, &said.short] {
                assert!(!text.contains(&folder), "{}:\n{text}", name(&said.case));
            }
        }
    }
}

/// `file:line:column: error[CODE]: message`, where the place may be absent.
fn is_short_form(line: &str) -> bool {
    let Some((head, message)) = line.split_once("]: ") else { return false };
    let Some((before, code)) = head.rsplit_once('[') else { return false };
    let before = before.strip_suffix("error").or(before.strip_suffix("warning"));
    let is_known = Code::ALL.iter().any(|known| known.as_str() == code);
    is_known && !message.is_empty() && before.is_some_and(is_place)
}

/// Nothing, or `file:line:column: `.
fn is_place(text: &str) -> bool {
    let counts = |number: &str| number.parse::<u32>().is_ok_and(|number| number > 0);
    let mut parts = text.rsplitn(4, ':');
    match [parts.next(), parts.next(), parts.next(), parts.next()] {
        [Some(""), None, None, None] => true,
        [Some(" "), Some(column), Some(line), Some(file)] => {
            counts(column) && counts(line) && !file.is_empty()
        }
        _ => false,
    }
}

/// The folders of all cases, sorted.
fn cases() -> Vec<PathBuf> {
    let gallery = root().join("tests/errors");
    let entries = fs::read_dir(gallery).expect("a gallery");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    cases.retain(|path| path.join("command").is_file());
    cases.sort();
    assert!(cases.len() >= Code::ALL.len(), "the gallery was not found");
    cases
}

fn name(case: &Path) -> String {
    case.file_name().expect("a name").to_string_lossy().into_owned()
}

fn read(case: &Path, file: &str) -> String {
    let path = case.join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the program says to all cases: each is run once for all tests.
fn all_said() -> &'static [Said] {
    static ALL: OnceLock<Vec<Said>> = OnceLock::new();
    ALL.get_or_init(|| cases().iter().map(|case| run(case)).collect())
}

/// Runs a case once in each message format, each time in a fresh copy of its files.
fn run(case: &Path) -> Said {
    let mut folders = Vec::new();
    let mut once = |format: &str| {
        let (work, out) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
        if case.join("base").is_file() {
            copy(&root().join(read(case, "base").trim()), work.path(), &[]);
        }
        copy(case, work.path(), &NOT_INPUT);
        let command = read(case, "command")
            .replace("{out}", &out.path().display().to_string())
            .replace("{root}", &root().display().to_string());
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.extend(["--color", "never", "--message-format", format]);
        let output = sharebill(work.path(), &arguments);
        folders.extend([work.path().to_owned(), out.path().to_owned()]);
        (stderr(&output), output.status.code().unwrap_or(-1))
    };
    let (full, status) = once("full");
    let (short, short_status) = once("short");
    assert_eq!(status, short_status, "{}: the format changes the outcome", name(case));
    Said { case: case.to_owned(), full, short, status, folders }
}

/// Copies the files of a folder, and its folders, but not those of some names.
fn copy(from: &Path, to: &Path, except: &[&str]) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target, &[]);
        } else if !except.iter().any(|name| path.ends_with(name)) {
            fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}
