//! A folder to run a case in, again and again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::faults::cases::{self, Case};

/// Everything below a folder, by its path there: bytes of files, `None` for what is no file.
pub(super) type Snapshot = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// A call that the program makes.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) number: u64,
    /// What is asked for.
    pub(super) name: String,
    /// Of which path.
    pub(super) path: String,
}

/// A folder with the inputs of all cases, and what one case leaves there undisturbed.
pub(super) struct Desk {
    folder: TempDir,
    /// The folder before any run.
    pub(super) before: Snapshot,
    /// What the run says and leaves when nothing fails.
    pub(super) undisturbed: Ended,
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) after: Snapshot,
    /// The calls that met a fault; without one, all calls.
    pub(super) calls: Vec<Call>,
}

impl Desk {
    pub(super) fn new(case: &Case) -> Desk {
        // Thousands of runs wait for the disk, where there is one.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let folder = folder.expect("a folder");
        fs::create_dir(folder.path().join("tmp")).expect("a folder");
        cases::furnish(folder.path());
        if case.replaces {
            run(folder.path(), case.arguments, case, None);
            spoil(folder.path(), case);
        }
        let before = snapshot(folder.path());
        let mut desk = Desk { folder, before, undisturbed: Ended::nothing() };
        desk.undisturbed = desk.run(case, None);
        let said = &desk.undisturbed;
        assert_eq!(said.status, Some(case.status), "{}: {}{}", case.name, said.stdout, said.stderr);
        desk.reset();
        desk
    }

    /// Runs the case; with a fault, as `SHAREBILL_FAULT` tells it.
    pub(super) fn run(&self, case: &Case, fault: Option<&str>) -> Ended {
        run(self.folder.path(), case.arguments, case, fault)
    }

    /// Runs it once more, as a user would who has been told of a fault.
    pub(super) fn run_again(&self, case: &Case) -> Ended {
        let mut arguments = case.arguments.to_vec();
        if case.takes_force && !arguments.contains(&"--force") {
            arguments.push("--force");
        }
        run(self.folder.path(), &arguments, case, None)
    }

    /// Removes the outputs, and nothing else.
    pub(super) fn clear(&self, case: &Case) {
        for output in case.outputs {
            let path = self.folder.path().join(output);
            // What is not there need not be removed.
            let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }

    /// Puts everything back to what it was.
    pub(super) fn reset(&self) {
        let now = snapshot(self.folder.path());
        for (path, bytes) in now.iter().rev() {
            if self.before.get(path) == Some(bytes) {
                continue;
            }
            let path = self.folder.path().join(path);
            let gone = if bytes.is_some() { fs::remove_file(&path) } else { fs::remove_dir(&path) };
            gone.expect("it can be removed");
        }
        for (path, bytes) in &self.before {
            if now.get(path) == Some(bytes) {
                continue;
            }
            let path = self.folder.path().join(path);
            match bytes {
                Some(bytes) => fs::write(&path, bytes).expect("a file"),
                None => fs::create_dir(&path).expect("a folder"),
            }
        }
    }
}

impl Ended {
    fn nothing() -> Ended {
        let (stdout, stderr) = (String::new(), String::new());
        Ended { status: None, stdout, stderr, after: Snapshot::new(), calls: Vec::new() }
    }
}

/// Makes an old output tell itself from a new one.
fn spoil(folder: &Path, case: &Case) {
    for output in case.outputs {
        let statements = folder.join(output).join("statements.csv");
        if statements.exists() {
            fs::write(statements, "this is the old one\n").expect("a file");
        }
    }
}

fn run(folder: &Path, arguments: &[&str], case: &Case, fault: Option<&str>) -> Ended {
    let calls = tempfile::NamedTempFile::new().expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sharebill"));
    command.current_dir(folder).args(arguments);
    command.env("SHAREBILL_CALLS", calls.path()).env("TMPDIR", folder.join("tmp"));
    command.envs(case.environment.iter().copied());
    command.envs(fault.map(|fault| ("SHAREBILL_FAULT", fault)));
    command.stdin(match case.stdin {
        Some(file) => Stdio::from(File::open(folder.join(file)).expect("a file")),
        None => Stdio::null(),
    });
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let calls = fs::read_to_string(calls.path()).expect("a list of calls");
    Ended {
        status: status.code(),
        stdout: text(stdout),
        stderr: text(stderr),
        after: snapshot(folder),
        calls: calls.lines().map(call).collect(),
    }
}

fn call(line: &str) -> Call {
    let mut words = line.splitn(3, ' ');
    let mut word = || words.next().expect("a word").to_owned();
    Call { number: word().parse().expect("a number"), name: word(), path: word() }
}

fn snapshot(folder: &Path) -> Snapshot {
    let mut found = Snapshot::new();
    collect(folder, folder, &mut found);
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Snapshot) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let below = path.strip_prefix(root).expect("below").to_owned();
        if path.is_dir() {
            collect(root, &path, found);
            found.insert(below, None);
        } else {
            found.insert(below, fs::read(&path).ok());
        }
    }
}
