//! The runs that faults come into.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{EVENT_HEADER, root, small_book};

/// A run of the program.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [&'static str],
    /// What it writes, in the folder that it runs in.
    pub(super) outputs: &'static [&'static str],
    /// The file that is its standard input.
    pub(super) stdin: Option<&'static str>,
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// How it ends.
    pub(super) status: i32,
    /// Whether its outputs are there already, from a run before.
    pub(super) replaces: bool,
    pub(super) takes_force: bool,
}

const USUAL: Case = Case {
    name: "",
    arguments: &[],
    outputs: &[],
    stdin: None,
    environment: &[],
    status: 0,
    replaces: false,
    takes_force: true,
};

const fn bill(name: &'static str, arguments: &'static [&'static str]) -> Case {
    Case { name, arguments, outputs: &["out"], ..USUAL }
}

const fn prints(name: &'static str, arguments: &'static [&'static str]) -> Case {
    Case { name, arguments, takes_force: false, ..USUAL }
}

/// All of them.
pub(super) fn all() -> Vec<Case> {
    [bills(), others()].into_iter().flatten().collect()
}

#[expect(clippy::too_many_lines, reason = "it is a list")]
fn bills() -> Vec<Case> {
    vec![
        bill(
            "bill",
            &[
                "bill",
                "events.csv",
                "--prices",
                "book",
                "--accounts",
                "accounts.csv",
                "--threads",
                "1",
                "--out",
                "out",
            ],
        ),
        bill(
            "bill-gz",
            &["bill", "events.csv.gz", "--prices", "book", "--out", "out", "--threads", "1"],
        ),
        bill(
            "bill-zst",
            &["bill", "events.csv.zst", "--prices", "book", "--out", "out", "--threads", "1"],
        ),
        bill("bill-parquet", &["bill", "events.parquet", "--prices", "prices", "--out", "out"]),
        bill(
            "bill-foreign",
            &["bill", "log.json", "--region", "DFW", "--prices", "book", "--out", "out"],
        ),
        Case {
            stdin: Some("events.csv"),
            environment: &[("SHAREBILL_HELD", "64")],
            ..bill(
                "bill-stdin",
                &["bill", "-", "--prices", "book", "--out", "out", "--threads", "1"],
            )
        },
        bill(
            "bill-detail",
            &[
                "bill",
                "events.csv",
                "--prices",
                "book",
                "--out",
                "out",
                "--detail",
                "--parquet",
                "--focus",
                "--threads",
                "2",
            ],
        ),
        Case {
            status: 3,
            ..bill(
                "bill-several",
                &[
                    "bill",
                    "events.csv",
                    "more.csv.gz",
                    "rejected.csv",
                    "--prices",
                    "book",
                    "--out",
                    "deep/er/out",
                ],
            )
        }
        .with_outputs(&["deep/er/out"]),
        Case {
            environment: &[("SHAREBILL_HELD", "64")],
            ..bill(
                "bill-unsorted",
                &[
                    "bill",
                    "unsorted.csv",
                    "--prices",
                    "book",
                    "--out",
                    "out",
                    "--threads",
                    "1",
                    "--memory",
                    "64MB",
                ],
            )
        },
        Case {
            replaces: true,
            ..bill(
                "bill-force",
                &[
                    "bill",
                    "events.csv",
                    "--prices",
                    "book",
                    "--out",
                    "out",
                    "--force",
                    "--threads",
                    "1",
                ],
            )
        },
        Case {
            replaces: true,
            environment: &[("SHAREBILL_OLD_DISK", "1")],
            ..bill(
                "bill-force-in-two-steps",
                &[
                    "bill",
                    "events.csv",
                    "--prices",
                    "book",
                    "--out",
                    "out",
                    "--force",
                    "--threads",
                    "1",
                ],
            )
        },
    ]
}

impl Case {
    const fn with_outputs(self, outputs: &'static [&'static str]) -> Case {
        Case { outputs, ..self }
    }
}

#[expect(clippy::too_many_lines, reason = "it is a list")]
fn others() -> Vec<Case> {
    vec![
        bill(
            "project",
            &[
                "project",
                "--scenario",
                "plan.toml",
                "--prices",
                "book",
                "--write-events",
                "--out",
                "out",
            ],
        ),
        bill(
            "project-runs",
            &[
                "project",
                "--scenario",
                "plan.toml",
                "--events",
                "events.csv",
                "--accounts",
                "accounts.csv",
                "--prices",
                "book",
                "--runs",
                "3",
                "--out",
                "out",
            ],
        ),
        Case {
            takes_force: false,
            ..bill("convert", &["convert", "log.json", "--region", "DFW", "--out", "new.csv"])
        }
        .with_outputs(&["new.csv"]),
        prints("convert-to-stdout", &["convert", "log.json", "--region", "DFW", "--out", "-"]),
        Case {
            outputs: &["new.csv.gz", "new-accounts.csv"],
            ..prints(
                "generate",
                &[
                    "generate",
                    "--rows",
                    "50",
                    "--accounts",
                    "5",
                    "--out",
                    "new.csv.gz",
                    "--accounts-out",
                    "new-accounts.csv",
                ],
            )
        },
        Case {
            outputs: &["new.parquet"],
            ..prints(
                "generate-parquet",
                &["generate", "--rows", "50", "--accounts", "5", "--out", "new.parquet"],
            )
        },
        Case {
            outputs: &["page.html", "book.xlsx"],
            ..bill(
                "report",
                &["report", "run-a", "run-b", "--html", "page.html", "--xlsx", "book.xlsx"],
            )
        },
        bill(
            "export-focus",
            &["export", "run-a", "--focus", "1.2", "--detail", "--out", "focus.csv"],
        )
        .with_outputs(&["focus.csv", "focus.csv.schema.json"]),
        bill(
            "export-focus-parquet",
            &["export", "run-a", "--focus", "1.4", "--as", "parquet", "--out", "focus.parquet"],
        )
        .with_outputs(&["focus.parquet", "focus.parquet.schema.json"]),
        bill("export-journal", &["export", "run-a", "--gl", "map.toml", "--out", "journal.csv"])
            .with_outputs(&["journal.csv"]),
        Case {
            takes_force: false,
            ..bill("export-excel", &["export", "run-a", "--excel", "--out", "out"])
        },
        prints("explain", &["explain", "run-a", "--account", "cons"]),
        bill("compare", &["compare", "run-a", "run-b", "--out", "out"]),
        bill("advise", &["advise", "run-a", "--out", "out"]),
        Case { status: 3, ..prints("check", &["check", "rejected.csv", "--prices", "book"]) },
        Case {
            outputs: &["forecast.csv"],
            ..prints(
                "forecast",
                &["forecast", "series.csv", "--horizon", "2", "--out", "forecast.csv"],
            )
        },
        bill("prices-init", &["prices", "init", "--from-events", "events.csv", "--out", "out"]),
        prints("prices-list", &["prices", "list", "."]),
        prints("prices-diff", &["prices", "diff", "book", "book"]),
    ]
}

/// The rows of the logs.
const ROWS: &str = "\
2016-03-01T00:00:00Z,image.create,prod,DFW,img,,,,10737418240,,linux,,,a1
2016-03-02T00:00:00Z,image.member.create,prod,DFW,img,,cons,,,,,,,a2
2016-03-02T01:00:00Z,image.member.update,cons,DFW,img,,cons,accepted,,,,,,a3
2016-03-03T00:00:00Z,server.create,cons,DFW,srv,img,,,,general1-1,,,,a4
2016-03-04T00:00:00Z,image.create,cons,DFW,snap,srv,,,5368709120,,,,,a5
2016-03-05T00:00:00Z,server.delete,cons,DFW,srv,,,,,,,,,a6
2016-04-05T00:00:00Z,transfer.out,cons,DFW,snap,,,,5368709120,,,,,a7
2016-04-06T00:00:00Z,image.delete,cons,DFW,snap,,,,,,,,,a8
";

const PLAN: &str = r#"
[scenario]
start = "2016-05-01"
months = 2

[[image]]
name = "web"
owner = "prod"
regions = ["DFW"]
size = "4 GiB"
share_with = ["cons"]

[[fleet]]
account = "cons"
image = "web"
region = "DFW"
flavor = "general1-1"
count = 2

[[change]]
from = "2016-06-01"
sku = "image.storage"
percent = 10
"#;

const MAP: &str = r#"
side = "expense"
clearing = "2000"
rounding = "6999"

[[charge]]
sku = "*"
ledger = "6000"
"#;

/// Writes the inputs of all cases.
pub(super) fn furnish(folder: &Path) {
    static INPUTS: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    for (name, bytes) in INPUTS.get_or_init(inputs) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

fn inputs() -> Vec<(String, Vec<u8>)> {
    let book = small_book();
    let events = format!("{EVENT_HEADER}{ROWS}");
    let mut lines: Vec<&str> = ROWS.lines().collect();
    lines.reverse();
    let unsorted = format!("{EVENT_HEADER}{}\n", lines.join("\n"));
    let more = format!(
        "{EVENT_HEADER}2016-03-07T00:00:00Z,object.create,prod,DFW,obj,,,,1000000000,,,,,b1\n"
    );
    let rejected = format!(
        "{EVENT_HEADER}2016-03-08T00:00:00Z,object.create,prod,DFW,obj2,,,,1000,,,,,c1\n\
         yesterday,object.create,prod,DFW,obj3,,,,1000,,,,,c2\n"
    );
    let mut series = "series,time,value\n".to_owned();
    for month in 1..=12 {
        writeln!(series, "cons,2015-{month:02},{month}.50").expect("memory takes everything");
    }
    let accounts = "account,name,billing_day,service_level,opened,cost_center\n\
                    prod,Producer,1,infra,,P1\ncons,Consumer,15,ops,,C1\n";
    let mut inputs: Vec<(String, Vec<u8>)> = vec![
        ("events.csv.gz".to_owned(), gzip(&events)),
        ("events.csv.zst".to_owned(), zstd::encode_all(events.as_bytes(), 0).expect("memory")),
        ("more.csv.gz".to_owned(), gzip(&more)),
    ];
    for (name, text) in [
        ("book/book.toml", book.book_toml.as_str()),
        ("book/rates.csv", &book.rates),
        ("book/flavors.csv", &book.flavors),
        ("events.csv", &events),
        ("unsorted.csv", &unsorted),
        ("rejected.csv", &rejected),
        ("accounts.csv", accounts),
        ("log.json", NOTIFICATION),
        ("plan.toml", PLAN),
        ("map.toml", MAP),
        ("series.csv", &series),
    ] {
        inputs.push((name.to_owned(), text.as_bytes().to_vec()));
    }
    for file in ["book.toml", "rates.csv", "flavors.csv"] {
        let path = root().join("pricing/rackspace-us").join(file);
        inputs.push((format!("prices/{file}"), fs::read(path).expect("a book")));
    }
    inputs.extend(made_by_the_program(&inputs));
    inputs
}

/// A Glance notification that converts to one event.
const NOTIFICATION: &str = r#"{"event_type": "image.activate", "message_id": "m-1", "priority": "INFO", "publisher_id": "image.host", "timestamp": "2016-03-01 00:00:00.000000", "payload": {"id": "img", "owner": "prod", "size": 5368709120, "status": "active", "visibility": "private", "created_at": "2016-03-01T00:00:00Z"}}
"#;

/// Two finished runs, and a log in Parquet.
fn made_by_the_program(inputs: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in inputs {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    let bill = ["bill", "events.csv", "--prices", "book", "--accounts", "accounts.csv", "--detail"];
    let mut made = Vec::new();
    for (run, more) in [("run-a", &["--end", "2016-04-01"][..]), ("run-b", &[])] {
        let status = Command::new(env!("CARGO_BIN_EXE_sharebill"))
            .current_dir(folder.path())
            .args(bill)
            .args(["-q", "--out", run])
            .args(more)
            .status();
        assert!(status.expect("it starts").success(), "{run} was not made");
        for entry in fs::read_dir(folder.path().join(run)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            made.push((format!("{run}/{name}"), fs::read(path).expect("a file")));
        }
    }
    let status = Command::new(env!("CARGO_BIN_EXE_sharebill"))
        .current_dir(folder.path())
        .args(["generate", "--rows", "20", "--accounts", "3", "--out", "events.parquet"])
        .status();
    assert!(status.expect("it starts").success(), "no Parquet was made");
    made.push((
        "events.parquet".to_owned(),
        fs::read(folder.path().join("events.parquet")).expect("a file"),
    ));
    made
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}
