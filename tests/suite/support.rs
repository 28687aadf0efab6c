//! What the tests share: billing texts in memory, and running the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sharebill::account::Accounts;
use sharebill::bill::{BillError, Detail, Options, Settling, run_of, settle};
use sharebill::book::Book;
use sharebill::event::Batch;
use sharebill::ledger::{Ledger, Units};
use sharebill::read::book::{BookFiles, load};
use sharebill::read::events::{EventRows, Input, read_csv};
use sharebill::replay::{Replay, Replayed};
use sharebill::scratch::Scratch;
use sharebill::statement::Images;
use sharebill::timeline::{InMemory, Timeline};
use sharebill::value::{Instant, Names};
use sharebill::world::{Enforcement, Finding, LastingTexts};
use sharebill::write::tables::{self, Tables};

/// The texts of a run.
#[derive(Clone)]
pub(crate) struct Texts {
    pub(crate) book_toml: String,
    pub(crate) rates: String,
    pub(crate) flavors: String,
    pub(crate) discounts: Option<String>,
    pub(crate) accounts: Option<String>,
    /// The event logs: name and CSV.
    pub(crate) events: Vec<(String, String)>,
    pub(crate) enforcement: Enforcement,
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
    pub(crate) threads: usize,
    /// How many events the world takes before it forgets what is gone.
    pub(crate) piece: usize,
}

/// What a run writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outputs {
    pub(crate) charges: String,
    pub(crate) statements: String,
    pub(crate) allocations: String,
    pub(crate) sharing: String,
    /// Code, line and resource, sorted.
    pub(crate) findings: Vec<(String, u64, String)>,
}

/// A small book with a bit of everything, for tests that bring only events.
pub(crate) fn small_book() -> Texts {
    Texts {
        book_toml: include_str!("../fixtures/small-book/book.toml").to_owned(),
        rates: include_str!("../fixtures/small-book/rates.csv").to_owned(),
        flavors: include_str!("../fixtures/small-book/flavors.csv").to_owned(),
        discounts: None,
        accounts: None,
        events: Vec::new(),
        enforcement: Enforcement::Report,
        start: None,
        end: None,
        threads: 1,
        piece: 1,
    }
}

/// The header of a native event log.
pub(crate) const EVENT_HEADER: &str = "time,event,account,region,resource,source,member,status,\
                                       bytes,flavor,os,visibility,labels,id\n";

impl Texts {
    /// The same with one log of these rows, below the usual header.
    pub(crate) fn with_rows(mut self, rows: &str) -> Texts {
        let rows = rows.lines().map(str::trim).filter(|row| !row.is_empty());
        let text: String = rows.fold(EVENT_HEADER.to_owned(), |text, row| text + row + "\n");
        self.events = vec![("events.csv".to_owned(), text)];
        self
    }

    /// The same with an account list.
    pub(crate) fn with_accounts(mut self, rows: &str) -> Texts {
        let header = "account,name,billing_day,service_level,opened,cost_center\n";
        self.accounts = Some(
            rows.lines()
                .map(str::trim)
                .filter(|row| !row.is_empty())
                .fold(header.to_owned(), |text, row| text + row + "\n"),
        );
        self
    }

    /// Bills the texts in memory. Panics where they cannot be billed: tests know their texts.
    pub(crate) fn bill(&self) -> Outputs {
        let mut names = Names::default();
        let book = self.load_book(&mut names);
        let accounts = self.load_accounts(&book, &mut names);
        let mut rows = EventRows::default();
        for (index, (name, text)) in self.events.iter().enumerate() {
            let input = Input { index: index as u32, name, bytes: text.as_bytes() };
            read_csv(input, true, &mut names, &mut rows);
        }
        assert!(rows.diagnostics.is_empty(), "{:?}", rows.diagnostics);
        let instant = |text: &Option<String>| {
            text.as_deref().map(|text| Instant::parse_date_or_instant(text).expect("an instant"))
        };
        let options = Options {
            enforcement: self.enforcement,
            start: instant(&self.start),
            end: instant(&self.end),
            allow_unpriced: false,
            threads: self.threads,
            piece: self.piece,
        };
        let events = std::mem::take(&mut rows.events);
        let run = run_of(&events, &options).expect("a run");
        // Many small lanes, and a tiny budget: every event meets a boundary, and nearly
        // everything goes through scratch files.
        let lanes = events.chunks(self.piece.min(50)).map(|events| Batch::of(events, &names));
        let mut timeline = Timeline::new(InMemory::new(lanes, &names), &names);
        let ledger = Ledger::new(&book, &accounts, options.start, Scratch::default(), 2000);
        let rules = options.rules(Some(run.end));
        let mut replay = Replay::new(&book, &names, rules, ledger, &Scratch::default());
        while timeline
            .pass(|batch, range| replay.apply(batch, range).map_err(BillError::from))
            .expect("a timeline")
        {}
        let replayed = replay.finish(run.end).expect("an end");
        let Replayed { told: ledger, mut history, texts, .. } = replayed;
        let mut units = ledger.close(&names.accounts).expect("units");
        let images = Images::new(std::mem::take(&mut history.images), &texts);
        let settling = Settling {
            book: &book,
            accounts: &accounts,
            names: &names,
            texts: &texts,
            images: &images,
            run,
            allow_unpriced: options.allow_unpriced,
            detail: Detail::Allocations,
            threads: options.threads,
            scratch: &Scratch::default(),
            budget: 200,
        };
        write_all(&mut units, &settling, &history.findings)
    }

    fn load_book(&self, names: &mut Names) -> Book {
        let bytes = |text: &String| Some(text.clone().into_bytes());
        let files = BookFiles {
            folder: "book".to_owned(),
            settings: bytes(&self.book_toml),
            rates: bytes(&self.rates),
            flavors: bytes(&self.flavors),
            discounts: self.discounts.clone().map(String::into_bytes),
        };
        let loaded = load(&files, names);
        loaded.book.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
    }

    fn load_accounts(&self, book: &Book, names: &mut Names) -> Accounts {
        let Some(text) = &self.accounts else { return Accounts::new(book.default_level) };
        let mut diagnostics = Vec::new();
        let accounts = sharebill::read::accounts::read(
            "accounts.csv",
            text.as_bytes(),
            book,
            names,
            &mut diagnostics,
        );
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        accounts
    }
}

fn write_all(
    units: &mut Units<'_>,
    settling: &Settling<'_, LastingTexts>,
    findings: &[Finding],
) -> Outputs {
    let mut charges = tables::CHARGES_HEADER.as_bytes().to_vec();
    let mut statements = tables::statements_header().into_bytes();
    let mut allocations = tables::ALLOCATIONS_HEADER.as_bytes().to_vec();
    let settled = settle(
        units,
        settling,
        || Tables::new(settling),
        |rows| {
            charges.extend(rows.charges);
            statements.extend(rows.statements);
            allocations.extend(rows.allocations);
            Ok::<(), BillError>(())
        },
    );
    let settled = settled.expect("a bill");
    let mut sharing = Vec::new();
    let written = tables::sharing(settled.sharing, settling, |bytes| {
        sharing.extend_from_slice(bytes);
        Ok::<(), BillError>(())
    });
    written.expect("memory takes everything");
    let mut findings: Vec<(String, u64, String)> = findings
        .iter()
        .map(|finding| {
            let resource = finding.resource.as_deref().unwrap_or_default();
            (finding.code.as_str().to_owned(), finding.origin.line, resource.to_owned())
        })
        .collect();
    findings.sort();
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Outputs {
        charges: text(charges),
        statements: text(statements),
        allocations: text(allocations),
        sharing: text(sharing),
        findings,
    }
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Material beside the repository that a machine may lack: then the test says so and passes.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn beside(path: &str) -> Option<PathBuf> {
    let found = root().join("../shared").join(path);
    if !found.exists() {
        eprintln!("skipped: {} is not there", found.display());
    }
    found.exists().then_some(found)
}

/// Runs the program in a folder; the environment's locale and time zone must not matter.
pub(crate) fn sharebill(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sharebill"))
        .current_dir(folder)
        .args(arguments)
        .env("TZ", "Pacific/Kiritimati")
        .env("LC_ALL", "tr_TR.UTF-8")
        .output()
        .expect("the program starts")
}

/// What the program printed to standard output.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What the program printed to standard error.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
