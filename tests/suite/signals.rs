//! Whenever the program is told to stop: the folder that it writes is whole or absent, an old one is
//! intact, and the next run cleans what is left.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{EVENT_HEADER, root, stderr};

const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

const ROWS: &str = "2016-03-01T00:00:00Z,image.create,prod,DFW,img,,,,10737418240,,linux,,,\n";

/// Files and their bytes.
type Files = BTreeMap<String, Vec<u8>>;

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        let desk = Desk { folder: tempfile::tempdir().expect("a folder") };
        fs::write(desk.path("events.csv"), format!("{EVENT_HEADER}{ROWS}")).expect("a file");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sharebill"));
        command.current_dir(self.folder.path()).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn bill(&self, log: &str, more: &[&str]) -> Command {
        let prices = root().join("pricing/rackspace-us").display().to_string();
        let arguments = ["bill", log, "--prices", &prices, "--out", "out"];
        self.command(&[&arguments, more].concat())
    }

    /// Bills standard input, and waits until it does: it goes on once the input ends.
    fn waiting(&self, more: &[&str]) -> Child {
        let mut command = self.bill("-", more);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it starts");
        let began = Instant::now();
        while !self.path(".out.partial").exists() {
            assert!(began.elapsed() < Duration::from_secs(60), "it does not begin");
            assert!(child.try_wait().expect("a state").is_none(), "it ended");
            sleep(Duration::from_millis(2));
        }
        child
    }

    /// What is in the folder, hidden or not.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("a folder");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort();
        names
    }

    fn files(&self) -> Files {
        files_in(&self.path("out"))
    }
}

fn files_in(folder: &Path) -> Files {
    let Ok(entries) = fs::read_dir(folder) else { return Files::new() };
    let entries = entries.map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| {
            let bytes = fs::read(entry.path()).expect("a file");
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

fn send(signal: i32, child: &Child) {
    let mut kill = Command::new("kill");
    let sent = kill.arg(format!("-{signal}")).arg(child.id().to_string()).stderr(Stdio::null());
    // It may have ended meanwhile.
    let _ = sent.status();
}

fn feed(child: &mut Child, log: &str) {
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(log.as_bytes()).expect("it reads");
}

fn said(mut child: Child) -> (ExitStatus, String) {
    // Its input does not end before it does.
    let _input = child.stdin.take();
    let began = Instant::now();
    while child.try_wait().expect("a state").is_none() {
        if began.elapsed() > Duration::from_secs(60) {
            child.kill().expect("it can be stopped");
            panic!("it goes on: are signals ignored here, as behind `nohup` and `&`?");
        }
        sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("it ends");
    (output.status, stderr(&output))
}

#[test]
fn a_signal_leaves_nothing_and_says_so() {
    for (signal, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (1, "SIGHUP")] {
        let desk = Desk::new();
        let child = desk.waiting(&[]);
        send(signal, &child);
        let (status, said) = said(child);
        // A shell shows 128 and the signal's number: 130 for SIGINT, 143 for SIGTERM.
        assert_eq!(status.signal(), Some(signal), "{status:?} {said}");
        assert_eq!(said, format!("error: stopped by {name}: `out` was not written\n"));
        assert_eq!(desk.names(), ["events.csv"]);
    }
}

#[test]
fn folders_made_for_the_output_go_with_it_and_single_files_too() {
    let desk = Desk::new();
    let prices = root().join("pricing/rackspace-us").display().to_string();
    let mut command = desk.command(&["bill", "-", "--prices", &prices, "--out", "a/b/out"]);
    let child = command.stdin(Stdio::piped()).spawn().expect("it starts");
    while !desk.path("a/b/.out.partial").exists() {
        sleep(Duration::from_millis(2));
    }
    send(SIGTERM, &child);
    assert_eq!(said(child).0.signal(), Some(SIGTERM));
    assert_eq!(desk.names(), ["events.csv"]);

    let many = ["generate", "--rows", "100000000", "--out", "log.csv"];
    let child = desk.command(&many).spawn().expect("it starts");
    while !desk.path(".log.csv.partial").exists() {
        sleep(Duration::from_millis(2));
    }
    send(SIGINT, &child);
    let (status, said) = said(child);
    assert_eq!(status.signal(), Some(SIGINT), "{said}");
    assert_eq!(said, "error: stopped by SIGINT: `log.csv` was not written\n");
    assert_eq!(desk.names(), ["events.csv"]);
}

#[test]
fn a_signal_that_was_to_be_ignored_is_ignored() {
    let desk = Desk::new();
    let prices = root().join("pricing/rackspace-us");
    let script = format!(
        "trap '' INT HUP; exec {} bill - --prices {} --out out",
        env!("CARGO_BIN_EXE_sharebill"),
        prices.display()
    );
    let mut shell = Command::new("sh");
    shell.current_dir(desk.folder.path()).args(["-c", &script]);
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("a shell");
    while !desk.path(".out.partial").exists() {
        sleep(Duration::from_millis(2));
    }
    send(SIGINT, &child);
    send(1, &child);
    feed(&mut child, &format!("{EVENT_HEADER}{ROWS}"));
    assert!(child.wait().expect("it ends").success());
    assert_eq!(desk.names(), ["events.csv", "out"]);
}

#[test]
fn two_runs_never_write_the_same() {
    let desk = Desk::new();
    let mut first = desk.waiting(&[]);
    let second = desk.bill("events.csv", &[]).output().expect("it starts");
    assert_eq!(second.status.code(), Some(1));
    let words = "error[F03]: `out` is being written by another run";
    assert!(stderr(&second).contains(words), "{}", stderr(&second));
    feed(&mut first, &format!("{EVENT_HEADER}{ROWS}"));
    assert!(first.wait().expect("it ends").success());
    assert_eq!(desk.names(), ["events.csv", "out"]);

    let many = ["generate", "--rows", "100000000", "--out", "log.csv"];
    let first = desk.command(&many).spawn().expect("it starts");
    while !desk.path(".log.csv.partial").exists() {
        sleep(Duration::from_millis(2));
    }
    let second = desk.command(&many).output().expect("it starts");
    assert!(stderr(&second).contains("`log.csv` is being written"), "{}", stderr(&second));
    send(SIGTERM, &first);
    assert_eq!(said(first).0.signal(), Some(SIGTERM));
    assert_eq!(desk.names(), ["events.csv", "out"]);
}

#[test]
fn what_appears_meanwhile_is_never_replaced() {
    for force in [&[][..], &["--force"]] {
        let desk = Desk::new();
        let mut child = desk.waiting(force);
        fs::create_dir(desk.path("out")).expect("a folder");
        fs::write(desk.path("out/thesis.txt"), "years of work").expect("a file");
        feed(&mut child, &format!("{EVENT_HEADER}{ROWS}"));
        let (status, said) = said(child);
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(said.contains("error[F03]: `out` "), "{said}");
        assert_eq!(desk.names(), ["events.csv", "out"]);
        assert_eq!(desk.files().keys().collect::<Vec<_>>(), ["thesis.txt"]);
    }
}

#[test]
fn a_limit_of_file_sizes_is_an_error_like_any_other() {
    let desk = Desk::new();
    let prices = root().join("pricing/rackspace-us");
    let limited = |command: &str| {
        // Blocks of 512 bytes, or of 1024: in any case less than is written.
        let script = format!("ulimit -f 1; exec {} {command}", env!("CARGO_BIN_EXE_sharebill"));
        let mut shell = Command::new("sh");
        shell.current_dir(desk.folder.path()).args(["-c", &script]).stdin(Stdio::null());
        shell.output().expect("a shell")
    };
    let bill = format!("bill events.csv --prices {} --out out", prices.display());
    for (command, file) in [(bill.as_str(), "out/"), ("generate --out log.csv", "log.csv")] {
        let Output { status, stderr, .. } = limited(command);
        let said = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(1), "{status:?} {said}");
        assert!(said.contains(&format!("error[F02]: `{file}")), "{said}");
        assert!(said.contains("File too large"), "{said}");
        assert_eq!(desk.names(), ["events.csv"]);
    }
}

#[test]
fn stopped_at_any_moment_the_folder_is_old_or_new() {
    let number = |name: &str, usual: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (rounds, mut seed) = (number("SHAREBILL_SIGNAL_ROUNDS", 24), number("SHAREBILL_SEED", 1));
    let desk = Desk::new();
    let log = ["generate", "--rows", "10000", "--accounts", "200", "--out", "log.csv"];
    assert!(desk.command(&log).status().expect("it starts").success());
    let began = Instant::now();
    assert!(desk.bill("log.csv", &["--detail"]).status().expect("it starts").success());
    let usual = began.elapsed();
    let new = desk.files();
    let mut stopped = 0;
    for round in 0..rounds {
        // Knuth's multiplier; the upper bits are the good ones.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = u32::try_from((seed >> 33) % 1_100).expect("it is small");
        let signal = [SIGINT, SIGTERM, SIGKILL][usize::try_from(round % 3).expect("0, 1 or 2")];
        let replaces = round % 2 == 0;
        let told = format!("round {round}, signal {signal} after {share}/1000 of {usual:?}");
        let old = prepare(&desk, replaces);
        let mut child = desk.bill("log.csv", &["--detail", "--force"]).spawn().expect("it starts");
        sleep(usual * share / 1_000);
        send(signal, &child);
        let status = child.wait().expect("it ends");
        let mut said = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        let now = desk.files();
        assert!(now == new || now == old, "{told}: `out` has {:?}", now.keys());
        if !status.success() {
            stopped += 1;
            assert_eq!(status.signal(), Some(signal), "{told}: {said}");
        }
        let names = desk.names();
        let odd = |name: &&String| !["events.csv", "log.csv", "out"].contains(&name.as_str());
        let left: Vec<&String> = names.iter().filter(odd).collect();
        if signal == SIGKILL {
            assert!(left.iter().all(|name| *name == ".out.partial"), "{told}: {left:?}");
            let again = desk.bill("log.csv", &["--detail", "--force"]).output();
            assert!(again.expect("it starts").status.success(), "{told}: the next run");
            assert!(desk.files() == new, "{told}: the next run writes something else");
            assert!(!desk.names().contains(&".out.partial".to_owned()), "{told}: it is left");
        } else {
            assert!(left.is_empty(), "{told}: {left:?}");
            let is_told = said.contains("error: stopped by SIG");
            // Before it watches, nothing is in the making either.
            assert!(is_told || status.success() || said.is_empty(), "{told}: {said}");
        }
    }
    assert!(stopped * 4 >= rounds, "only {stopped} of {rounds} runs were stopped");
}

/// An old run that tells itself from a new one, or nothing.
fn prepare(desk: &Desk, is_there: bool) -> Files {
    let _ = fs::remove_dir_all(desk.path("out"));
    if is_there {
        assert!(desk.bill("events.csv", &[]).status().expect("it starts").success());
    }
    desk.files()
}
