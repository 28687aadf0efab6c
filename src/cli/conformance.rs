//! `sharebill conformance`: whether an engine charges as the rules say, case by case.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use clap::Args;

use crate::cli::files::unreadable;
use crate::cli::scribe::Scribe;
use crate::cli::threads::threads;
use crate::cli::{Exit, Stopped};
use crate::conformance::{Difference, TABLES, Table, Verdict, differences, split_words, takes};
use crate::diagnostic::{Code, Diagnostic};
use crate::disk::{self, Kind};
use crate::read::conformance::{pinned, read_rows};
use crate::write;

/// Each policy, with the folder of what is expected under it.
const POLICIES: [(&str, &str); 2] =
    [("report", "expected-report"), ("enforce", "expected-enforce")];

/// Whether an engine charges as the rules say: runs every case of a conformance suite
///
/// A case is a folder with `events.csv`, `book/`, and the tables that must come of them. Without
/// --engine, the cases are billed by this program. Ends with status 1 when a case fails.
#[derive(Debug, Args)]
pub(super) struct Conformance {
    /// The suite: a folder of cases, or one case
    #[arg(value_name = "DIR")]
    suite: String,
    /// Only cases whose name this takes: `*` is any text, `?` one character
    #[arg(long, value_name = "GLOB")]
    only: Option<String>,
    /// Another engine's command, run for each case without a shell. `{case}` is the case's folder,
    /// `{policy}` is report or enforce, `{out}` is a folder to make and write the tables to, and
    /// `{args}` are the case's own arguments
    #[arg(long, value_name = "COMMAND")]
    engine: Option<String>,
}

/// What bills a case.
enum Engine {
    /// This program, by its path.
    Own(PathBuf),
    /// The words of another's command, with their placeholders.
    Other(Vec<String>),
}

/// A folder of the suite that can be run.
struct Case {
    name: String,
    folder: PathBuf,
}

impl Conformance {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        let engine = self.engine()?;
        let cases = self.cases()?;
        let verdicts = judge_all(&cases, &engine);
        let text = || write::conformance::text(&verdicts, !scribe.is_quiet());
        let told = if scribe.is_json() { write::conformance::json(&verdicts) } else { text() };
        scribe.result(&told)?;
        let all_pass = verdicts.iter().all(Verdict::is_passed);
        Ok(if all_pass { Exit::Done } else { Exit::Wrong })
    }

    fn engine(&self) -> Result<Engine, Stopped> {
        let refuse = |message: String, help: &str| {
            vec![Diagnostic::error(Code::EngineWrong, message).help(help)]
        };
        let Some(command) = &self.engine else {
            let own = std::env::current_exe().map_err(|error| {
                refuse(
                    format!("this program does not find itself: {error}"),
                    "name it: --engine 'sharebill bill {case}/events.csv --prices {case}/book …'",
                )
            })?;
            return Ok(Engine::Own(own));
        };
        let words = split_words(command).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| {
            let message = format!("`{command}` is no command");
            refuse(message, "name a program, and close every quote")
        })?;
        for needed in ["{case}", "{out}"] {
            if !words.iter().any(|word| word.contains(needed)) {
                let message = format!("the engine is not told its {needed}");
                let help = "write {case} where it takes the case's folder, and {out} where it \
                            takes the folder to write";
                return Err(refuse(message, help));
            }
        }
        Ok(Engine::Other(words))
    }

    /// The cases below the suite's folder that are asked for, by name.
    fn cases(&self) -> Result<Vec<Case>, Stopped> {
        let mut cases = Vec::new();
        let suite = Path::new(&self.suite);
        find_cases(suite, String::new(), &mut cases)
            .map_err(|(folder, error)| vec![unlistable(&folder, &error)])?;
        let has_cases = !cases.is_empty();
        if let Some(pattern) = &self.only {
            cases.retain(|case| takes(pattern, &case.name));
        }
        cases.sort_by(|one, other| one.name.cmp(&other.name));
        if !cases.is_empty() {
            return Ok(cases);
        }
        let (message, help) = match &self.only {
            Some(pattern) if has_cases => (
                format!("no case in `{}` is called `{pattern}`", self.suite),
                "`*` is any text: --only 'P3*'",
            ),
            _ => (
                format!("`{}` has no case", self.suite),
                "a case is a folder with events.csv, book/, args, and expected-report/ or \
                 expected-enforce/",
            ),
        };
        Err(vec![Diagnostic::error(Code::NoCases, message).help(help)])
    }
}

/// What to say about a folder that cannot be listed.
fn unlistable(folder: &Path, error: &io::Error) -> Diagnostic {
    let shown = folder.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            Diagnostic::error(Code::NoCases, format!("`{shown}` is not there"))
                .help("name the folder of a suite, such as tests/conformance")
        }
        io::ErrorKind::NotADirectory => {
            Diagnostic::error(Code::NoCases, format!("`{shown}` is not a folder"))
                .help("name the folder of a suite, such as tests/conformance")
        }
        _ => unreadable(&shown.to_string(), error),
    }
}

/// Gathers the cases in and below a folder. A link is not followed: it may lead back.
fn find_cases(
    folder: &Path,
    name: String,
    cases: &mut Vec<Case>,
) -> Result<(), (PathBuf, io::Error)> {
    let at = |error| (folder.to_owned(), error);
    let entries = disk::list(folder).map_err(at)?;
    let has_log = disk::is_file(folder.join("events.csv")).map_err(at)?;
    if has_log && disk::is_folder(folder.join("book")).map_err(at)? {
        let own = || folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = if name.is_empty() { own() } else { name };
        cases.push(Case { name, folder: folder.to_owned() });
        return Ok(());
    }
    for entry in entries {
        if entry.kind == Kind::Folder {
            let own = entry.name.to_string_lossy().into_owned();
            let below = if name.is_empty() { own } else { format!("{name}/{own}") };
            find_cases(&entry.path, below, cases)?;
        }
    }
    Ok(())
}

/// Runs all cases, several at a time; the verdicts come in the order of the cases.
fn judge_all(cases: &[Case], engine: &Engine) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(Vec::with_capacity(cases.len()));
    let threads = threads(None);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(cases.len()) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = judge(case, engine);
                    verdicts.lock().unwrap_or_else(PoisonError::into_inner).push(verdict);
                }
            });
        }
    });
    let mut verdicts = verdicts.into_inner().unwrap_or_else(PoisonError::into_inner);
    verdicts.sort_by(|one: &Verdict, other| one.case.cmp(&other.case));
    verdicts
}

fn judge(case: &Case, engine: &Engine) -> Verdict {
    let readme = disk::read(case.folder.join("README.md")).unwrap_or_default();
    let readme = String::from_utf8_lossy(&readme);
    let mut runs = Vec::new();
    for (policy, folder) in POLICIES {
        let expected = case.folder.join(folder);
        match disk::is_folder(&expected) {
            Ok(false) => {}
            Ok(true) => runs.push((policy, judge_run(case, engine, policy, &expected))),
            Err(error) => {
                let (file, message) = (folder.to_owned(), error.to_string());
                runs.push((policy, vec![Difference::Case { file, message }]));
            }
        }
    }
    if runs.is_empty() {
        let file = "expected-report".to_owned();
        let message = "there is no such folder".to_owned();
        runs.push(("report", vec![Difference::Case { file, message }]));
    }
    Verdict { case: case.name.clone(), pins: pinned(&readme).to_owned(), runs }
}

/// Bills a case under one policy, and compares each table that it expects.
fn judge_run(case: &Case, engine: &Engine, policy: &str, expected: &Path) -> Vec<Difference> {
    let tables = match tables_of(expected) {
        Ok(tables) => tables,
        Err(wrong) => return vec![wrong],
    };
    let failed = |message: String| vec![Difference::Failed { message }];
    let scratch = match tempfile::tempdir() {
        Ok(scratch) => scratch,
        Err(error) => return failed(format!("there is no room for its tables: {error}")),
    };
    let out = scratch.path().join("out");
    let mut command = match engine.command(case, policy, &out) {
        Ok(command) => command,
        Err(wrong) => return vec![wrong],
    };
    command.stdin(Stdio::null()).stdout(Stdio::null());
    match command.output() {
        Err(error) => return failed(format!("it does not start: {error}")),
        Ok(ended) if !ended.status.success() => {
            let said = String::from_utf8_lossy(&ended.stderr);
            // Where the tables were to go is this run's own affair.
            let said = said.replace(&out.display().to_string(), "{out}");
            let said: Vec<&str> =
                said.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect();
            return failed(format!("{}: {}", ended.status, said.join(" ")));
        }
        Ok(_) => {}
    }
    tables.into_iter().flat_map(|table| compare(table, expected, &out)).collect()
}

/// The tables that a case expects. A file that is none of them is a mistake in the case: what it
/// pins would never be looked at.
fn tables_of(expected: &Path) -> Result<Vec<&'static Table>, Difference> {
    let wrong =
        |file: String, message: &str| Difference::Case { file, message: message.to_owned() };
    let entries = disk::list(expected)
        .map_err(|error| wrong(expected.display().to_string(), &error.to_string()))?;
    let names: Vec<String> =
        entries.iter().map(|entry| entry.name.to_string_lossy().into_owned()).collect();
    if let Some(name) = names.iter().find(|name| TABLES.iter().all(|table| table.file != **name)) {
        return Err(wrong(name.clone(), "it is no table of the suite"));
    }
    if names.is_empty() {
        return Err(wrong("expectation".to_owned(), "it has no table"));
    }
    Ok(TABLES.iter().filter(|table| names.iter().any(|name| name == table.file)).collect())
}

fn compare(table: &Table, expected: &Path, out: &Path) -> Vec<Difference> {
    let read = |folder: &Path| {
        let bytes = disk::read(folder.join(table.file)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => "it was not written".to_owned(),
            _ => error.to_string(),
        })?;
        read_rows(&bytes)
    };
    let expected = match read(expected) {
        Ok(rows) => rows,
        Err(message) => return vec![Difference::Case { file: table.file.to_owned(), message }],
    };
    match read(out) {
        Ok(got) => differences(table, &expected, &got),
        Err(message) => vec![Difference::Unreadable { file: table.file, message }],
    }
}

impl Engine {
    /// The command that bills a case.
    fn command(&self, case: &Case, policy: &str, out: &Path) -> Result<Command, Difference> {
        let args = args_of(case)
            .map_err(|message| Difference::Case { file: "args".to_owned(), message })?;
        match self {
            Engine::Own(program) => {
                let mut command = Command::new(program);
                command.arg("bill").arg(case.folder.join("events.csv"));
                command.arg("--prices").arg(case.folder.join("book"));
                let accounts = case.folder.join("accounts.csv");
                if !matches!(disk::kind_at(&accounts), Ok(None)) {
                    command.arg("--accounts").arg(accounts);
                }
                command.args(["--policy", policy, "--allow-findings", "--detail", "--quiet"]);
                command.args(["--message-format", "short", "--threads", "1", "--out"]).arg(out);
                command.args(args);
                Ok(command)
            }
            Engine::Other(words) => {
                let fill = |word: &String| {
                    word.replace("{case}", &case.folder.display().to_string())
                        .replace("{policy}", policy)
                        .replace("{out}", &out.display().to_string())
                };
                let mut filled = Vec::new();
                for word in words {
                    if word == "{args}" {
                        filled.extend(args.iter().cloned());
                    } else {
                        filled.push(fill(word));
                    }
                }
                // A command has at least one word; `engine` sees to that.
                let mut filled = filled.into_iter();
                let mut command = Command::new(filled.next().unwrap_or_default());
                command.args(filled);
                Ok(command)
            }
        }
    }
}

/// A case's own arguments. A suite may come from anywhere: only these three are passed on.
fn args_of(case: &Case) -> Result<Vec<String>, String> {
    let line = match disk::read(case.folder.join("args")) {
        Ok(line) => String::from_utf8_lossy(&line).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.to_string()),
    };
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let mut left = words.iter();
    while let Some(word) = left.next() {
        let is_known = match word.as_str() {
            "--allow-unpriced" => true,
            "--start" | "--end" => left.next().is_some_and(|value| !value.starts_with('-')),
            _ => false,
        };
        if !is_known {
            return Err(format!("`{word}` is none of --start, --end and --allow-unpriced"));
        }
    }
    Ok(words)
}
