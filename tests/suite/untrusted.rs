//! Names come from others. A terminal never obeys them, a spreadsheet never computes them, they
//! decide no path, and nothing asks a network.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use tempfile::TempDir;

use crate::support::{EVENT_HEADER, sharebill, small_book, stderr, stdout};

/// What a log may hold as a name: a formula, a path, markup, and text that turns around. Controls
/// are refused there.
const ACCOUNT: &str = "=cmd|'/c calc'!A0 \u{202e}lve ../../etc </script><b>";

/// What other files may hold: a terminal's escapes, in both of their forms.
const TITLE: &str = r"\u001B]0;owned\u0007\u009B31m\u202Edlrow";

/// A file's name with the same.
const FILE: &str = "log\u{1b}[2J\u{9b}31m\u{202e}.csv";

struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A folder in which all names are of bad faith.
    fn new() -> Desk {
        let desk = Desk { folder: tempfile::tempdir().expect("a folder") };
        let book = small_book();
        let settings = book.book_toml.replace("A small book for tests", TITLE);
        assert!(settings.contains(TITLE), "the book's title was not replaced");
        for (name, text) in [
            ("book/book.toml", settings.as_str()),
            ("book/rates.csv", &book.rates),
            ("book/flavors.csv", &book.flavors),
            (FILE, &log()),
            ("accounts.csv", &accounts()),
            ("plan.toml", &plan()),
            ("series.csv", &series()),
            ("map.toml", MAP),
        ] {
            let path = desk.path(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program; what it prints is safe to look at.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Output {
        let output = sharebill(self.folder.path(), arguments);
        assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{arguments:?} {output:?}");
        for text in [stdout(&output), stderr(&output)] {
            is_safe(&text, &format!("{arguments:?}"));
        }
        output
    }

    fn bill(&self, out: &str, more: &[&str]) {
        let bill = ["bill", FILE, "--prices", "book", "--accounts", "accounts.csv", "--detail"];
        let output = self.run(&[&bill[..], &["--out", out], more].concat());
        assert_eq!(output.status.code(), Some(3), "one row is set aside: {}", stderr(&output));
    }

    fn names(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        collect(self.folder.path(), &mut found);
        found
    }
}

fn collect(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        }
        found.insert(path);
    }
}

#[track_caller]
fn is_safe(text: &str, whose: &str) {
    let is_harmful = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found = text.lines().find(|line| line.chars().any(|c| is_harmful(&c)));
    assert_eq!(found, None, "{whose} prints what a terminal obeys");
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn log() -> String {
    let account = quoted(ACCOUNT);
    format!(
        "{EVENT_HEADER}\
         2016-03-01T00:00:00Z,image.create,{account},DFW,{account},,,,10737418240,,linux,,,\n\
         2016-03-02T00:00:00Z,image.member.create,{account},DFW,{account},,{account}2,,,,,,,\n\
         2016-03-03T00:00:00Z,server.create,{account},DFW,../../../srv,{account},,,,general1-1,,,,\n\
         2016-03-04T00:00:00Z,image.create,{account},DFW,x\u{1b}[2J\u{9b},,,,1,,,,,\n"
    )
    .replace(&format!("{account}2"), &quoted(&format!("{ACCOUNT}2")))
}

fn accounts() -> String {
    let account = quoted(ACCOUNT);
    format!(
        "account,name,billing_day,service_level,opened,cost_center\n\
         {account},=1+1,1,infra,,@SUM(1)\n"
    )
}

fn plan() -> String {
    format!(
        "[scenario]\nname = \"{TITLE}\"\nstart = \"2016-05-01\"\nmonths = 1\n\n\
         [[image]]\nname = \"../../web\"\nowner = \"{TITLE}\"\nregions = [\"DFW\"]\nsize = \"4 GiB\"\n"
    )
}

fn series() -> String {
    let values = (1..=12).map(|month| format!("\"=1+\u{202e}a\",2015-{month:02},{month}.50\n"));
    format!("series,time,value\n{}", values.collect::<String>())
}

const MAP: &str = "side = \"expense\"\nclearing = \"2000\"\nrounding = \"6999\"\n\n\
                   [[charge]]\nsku = \"*\"\nledger = \"=6000\"\n";

#[test]
fn nothing_that_is_printed_is_obeyed_by_a_terminal() {
    let desk = Desk::new();
    desk.bill("a", &["--focus"]);
    desk.bill("b", &["--format", "json", "--end", "2016-05-01"]);
    let commands: [&[&str]; 16] = [
        &["check", FILE, "--prices", "book"],
        &["explain", "a"],
        &["explain", "a", "--account", ACCOUNT],
        &["explain", "a", "--account", "\u{1b}[2J\u{9b}"],
        &["compare", "a", "b"],
        &["advise", "a", "--unused", "31"],
        &["prices", "show", "book"],
        &["prices", "list", "."],
        &["prices", "check", "book"],
        &["prices", "init", "--from-events", FILE, "--out", "new"],
        &["project", "--scenario", "plan.toml", "--prices", "book", "--out", "plan"],
        &["forecast", "series.csv", "--horizon", "2", "--backtest"],
        &["report", "a", "b", "--html", "page\u{1b}[2J.html"],
        &["export", "a", "--gl", "map.toml", "--out", "journal.csv"],
        &["convert", FILE, "--out", "none.csv"],
        &["bill", "no\u{9b}such", "--prices", "book\u{1b}", "--out", "o"],
    ];
    for command in commands {
        desk.run(command);
        let json = [command, &["--format", "json", "--force"]].concat();
        let takes_force =
            ["project", "report", "export"].contains(&command[0]) || command[1] == "init";
        desk.run(&json[..json.len() - usize::from(!takes_force)]);
        desk.run(&[&json[..command.len()], &["--message-format", "short", "-v"]].concat());
    }
}

#[test]
fn no_name_decides_where_something_is_written() {
    let desk = Desk::new();
    let before = desk.names();
    desk.bill("deep/out", &["--focus", "--parquet"]);
    desk.run(&["project", "--scenario", "plan.toml", "--prices", "book", "--out", "deep/plan"]);
    desk.run(&["export", "deep/out", "--excel", "--out", "deep/office"]);
    desk.run(&["report", "deep/out", "--html", "deep/page.html"]);
    let deep = desk.path("deep");
    let after = desk.names();
    let elsewhere: Vec<_> =
        after.difference(&before).filter(|path| !path.starts_with(&deep)).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
    assert!(before.is_subset(&after), "something is gone");
    assert!(after.len() > before.len() + 15, "little was written: {after:?}");
}

#[test]
fn a_workbook_computes_no_name_and_a_page_runs_none() {
    let desk = Desk::new();
    desk.bill("a", &[]);
    let output = desk.run(&["report", "a", "--xlsx", "book.xlsx", "--html", "page.html"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let mut book: Xlsx<_> = open_workbook(desk.path("book.xlsx")).expect("a workbook");
    let mut shown = 0;
    for name in book.sheet_names() {
        for (_, _, formula) in book.worksheet_formula(&name).expect("formulas").used_cells() {
            assert!(!formula.contains("cmd") && !formula.contains("calc"), "{name}: {formula}");
        }
        let sheet = book.worksheet_range(&name).expect("a sheet");
        let is_name = |cell: &Data| matches!(cell, Data::String(text) if text.starts_with("=cmd|"));
        shown += sheet.used_cells().filter(|(_, _, cell)| is_name(cell)).count();
    }
    assert!(shown > 0, "the account is on no sheet as a text");
    let page = fs::read_to_string(desk.path("page.html")).expect("a page");
    assert!(!page.contains("</script><b>"), "markup of a name is markup of the page");
}

#[test]
fn tables_for_spreadsheets_have_no_formulas_and_tables_for_programs_are_data() {
    let desk = Desk::new();
    desk.bill("a", &[]);
    desk.run(&["export", "a", "--excel", "--out", "office"]);
    for file in ["statements.csv", "charges.csv", "allocations.csv"] {
        let office = fs::read_to_string(desk.path("office").join(file)).expect("a table");
        let mut reader = csv::Reader::from_reader(office.trim_start_matches('\u{feff}').as_bytes());
        for record in reader.records() {
            for field in &record.expect("a row") {
                let is_formula = field.starts_with(['=', '+', '@', '\t', '\r']);
                assert!(!is_formula, "{file}: {field}");
            }
        }
        let data = fs::read_to_string(desk.path("a").join(file)).expect("a table");
        let mut reader = csv::Reader::from_reader(data.as_bytes());
        let mut accounts = reader.records().map(|record| record.expect("a row")[0].to_owned());
        assert!(accounts.all(|account| account == ACCOUNT), "{file}: a name was changed");
    }
}

#[test]
fn files_for_programs_have_the_names_as_they_are() {
    let desk = Desk::new();
    desk.bill("a", &["--focus"]);
    desk.run(&["export", "a", "--gl", "map.toml", "--out", "journal.csv"]);
    // FOCUS ids escape what is invisible.
    let escaped = ACCOUNT.replace('\u{202e}', "%E2%80%AE");
    for (file, name) in [("a/focus.csv", escaped.as_str()), ("journal.csv", ACCOUNT)] {
        let mut reader = csv::Reader::from_path(desk.path(file)).expect("a table");
        let width = reader.headers().expect("a header").len();
        let rows: Vec<_> = reader.records().map(|record| record.expect("a row")).collect();
        assert!(rows.iter().all(|row| row.len() == width), "{file}: a name breaks a row");
        let is_named = |row: &csv::StringRecord| row.iter().any(|field| field.contains(name));
        assert!(rows.iter().any(is_named), "{file}: the name was changed, or is not there");
    }
}

#[test]
fn a_scenario_reads_no_more_than_a_book_and_writes_nothing_beside_it() {
    let desk = Desk::new();
    let outside = desk.path("outside");
    fs::create_dir_all(&outside).expect("a folder");
    fs::write(outside.join("book.toml"), "password = \"hunter2\"\n").expect("a file");
    fs::create_dir_all(desk.path("in/deep")).expect("a folder");
    for (named, code) in [
        ("../../outside", "B02"),
        ("../../../../../../../../etc", "B05"),
        ("/dev/fd", "B05"),
        (r"../../log\u001B[2J", "B05"),
        ("../../book", ""),
    ] {
        let change = format!("[[change]]\nfrom = \"2016-05-01\"\nbook = \"{named}\"\n");
        fs::write(desk.path("in/deep/plan.toml"), plan() + "\n" + &change).expect("a file");
        let before = desk.names();
        let plan = ["project", "--scenario", "in/deep/plan.toml", "--prices", "book"];
        let output = desk.run(&[&plan[..], &["--out", "planned", "--force"]].concat());
        let said = stderr(&output);
        let written: Vec<_> = desk.names().difference(&before).cloned().collect();
        if code.is_empty() {
            assert_eq!(output.status.code(), Some(0), "{named}: {said}");
            assert!(written.iter().all(|path| path.starts_with(desk.path("planned"))), "{named}");
        } else {
            assert_eq!(output.status.code(), Some(1), "{named}: {said}");
            assert!(said.contains(code), "{named}: {said}");
            assert!(written.is_empty(), "{named}: {written:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
#[test]
fn the_main_job_needs_no_network() {
    let alone = || {
        let mut command = Command::new("unshare");
        command.arg("-rn");
        command
    };
    if !alone().arg("true").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: a process cannot be put away from the network here");
        return;
    }
    let desk = Desk::new();
    let jobs: [&[&str]; 2] = [
        &["bill", FILE, "--prices", "book", "--out", "a", "--allow-findings"],
        &["report", "a", "--html", "page.html", "--xlsx", "book.xlsx"],
    ];
    for job in jobs {
        let output = alone()
            .arg(env!("CARGO_BIN_EXE_sharebill"))
            .args(job)
            .current_dir(desk.folder.path())
            .output()
            .expect("it starts");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let page = fs::read_to_string(desk.path("page.html")).expect("a page");
    let loads = ["src=\"http", "href=\"http", "@import", "url(http", "fetch(", "XMLHttpRequest"];
    let found: Vec<_> = loads.iter().filter(|word| page.contains(**word)).collect();
    assert!(found.is_empty(), "the page loads something: {found:?}");
}
