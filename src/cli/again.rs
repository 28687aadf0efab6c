//! A run's inputs, checked and opened once more: for whoever asks more of a log than its bill.

use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use clap::Args;

use crate::account::Accounts;
use crate::bill::{Options, USUAL_PIECE};
use crate::book::Book;
use crate::cli::files::{fingerprint_of, unreadable};
use crate::cli::inputs::ReadArgs;
use crate::cli::logs::Inputs;
use crate::cli::memory::Memory;
use crate::cli::replay::{Job, Lived};
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::cli::threads::threads;
use crate::cli::{Stopped, book};
use crate::diagnostic::{Code, Diagnostic};
use crate::disk;
use crate::read::feed::SharedNames;
use crate::replay::TakeTold;
use crate::run::InputInfo;
use crate::scratch::Scratch;
use crate::value::{Instant, Names};
use crate::world::Enforcement;
use crate::write::explain::CheckedInput;

/// Where the inputs of the run are now.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(in crate::cli) struct PlaceArgs {
    /// An input, or a folder of inputs, is somewhere else now; `-=FILE` for standard input
    #[arg(long = "input", value_name = "OLD=NEW", value_parser = parse_move,
          allow_hyphen_values = true)]
    moved: Vec<(String, String)>,
    /// The folder that the run was made in, which its inputs' names begin at
    #[arg(long, value_name = "DIR")]
    base: Option<String>,
}

fn parse_move(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => {
            Ok((old.trim_end_matches('/').to_owned(), new.trim_end_matches('/').to_owned()))
        }
        _ => Err("write OLD=NEW, with the name that run.json has".to_owned()),
    }
}

/// A run's inputs, which are what they were, and how they were read.
pub(in crate::cli) struct Again<'a> {
    scribe: &'a Scribe,
    pub(in crate::cli) checked: Vec<CheckedInput>,
    pub(in crate::cli) prices: String,
    /// Where the logs are.
    pub(in crate::cli) logs: Vec<String>,
    pub(in crate::cli) book: Book,
    pub(in crate::cli) accounts: Accounts,
    pub(in crate::cli) names: SharedNames,
    pub(in crate::cli) options: Options,
    how: ReadArgs,
    scratch: Scratch,
}

impl<'a> Again<'a> {
    /// Finds the inputs of a run, and checks that they are what they were.
    pub(in crate::cli) fn open(
        folder: &RunFolder,
        places: &PlaceArgs,
        asked: Option<u16>,
        scribe: &'a Scribe,
    ) -> Result<Again<'a>, Stopped> {
        let arguments = &folder.info.arguments;
        let checked = check_inputs(folder, places)?;
        let prices = arguments.get("prices").map(|prices| places.now(prices));
        let prices = prices.ok_or_else(|| {
            let why = "its run.json names no price book";
            vec![crate::read::run::not_a_run(&folder.name, why)]
        })?;
        check_book(&prices, &checked)?;
        let mut names = Names::default();
        let (book, _) = book::load_book(&prices, &mut names, scribe)?;
        let accounts_file = arguments.get("accounts").map(|file| places.now(file));
        let (accounts, _) =
            book::load_accounts(accounts_file.as_deref(), &book, &mut names, scribe)?;
        let is_log = |input: &&InputInfo| !input.format.is_empty();
        let logs = folder.info.inputs.iter().filter(is_log);
        let instant = |name: &str| {
            let text = arguments.get(name)?;
            Instant::parse_date_or_instant(text).ok()
        };
        let is_enforced = arguments.get("policy").is_some_and(|policy| policy == "enforce");
        Ok(Again {
            logs: logs.map(|input| places.now(&input.name)).collect(),
            options: Options {
                enforcement: if is_enforced { Enforcement::Enforce } else { Enforcement::Report },
                start: instant("start"),
                end: instant("end"),
                allow_unpriced: arguments.contains_key("allow_unpriced"),
                threads: threads(asked),
                piece: USUAL_PIECE,
            },
            how: ReadArgs::of_arguments(arguments),
            names: SharedNames::new(RwLock::new(names)),
            scratch: Scratch::default(),
            scribe,
            checked,
            prices,
            book,
            accounts,
        })
    }

    /// Logs that no run is of yet.
    pub(in crate::cli) fn of_logs(
        logs: &[String],
        how: ReadArgs,
        prices: &str,
        accounts: Option<&str>,
        options: Options,
        scribe: &'a Scribe,
    ) -> Result<Again<'a>, Stopped> {
        let mut names = Names::default();
        let (book, _) = book::load_book(prices, &mut names, scribe)?;
        let (accounts, _) = book::load_accounts(accounts, &book, &mut names, scribe)?;
        Ok(Again {
            scribe,
            checked: Vec::new(),
            prices: prices.to_owned(),
            logs: logs.to_vec(),
            book,
            accounts,
            names: SharedNames::new(RwLock::new(names)),
            options,
            how,
            scratch: Scratch::default(),
        })
    }

    /// Opens the logs, from the beginning.
    pub(in crate::cli) fn inputs(&self) -> Result<Inputs, Stopped> {
        let Again { logs, options, names, scratch, scribe, .. } = self;
        self.how.open(logs, options.threads, names, scratch, scribe)
    }

    /// Replays the logs.
    pub(in crate::cli) fn replay<T: TakeTold>(
        &self,
        inputs: &mut Inputs,
        told: impl Fn() -> T,
    ) -> Result<Lived<T>, Stopped> {
        let Again { book, names, options, scratch, scribe, .. } = self;
        let memory = Memory::usual();
        Job { book, names, options, scratch, memory, scribe }.replay(inputs, told)
    }

    /// All names.
    pub(in crate::cli) fn names(&self) -> RwLockReadGuard<'_, Names> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PlaceArgs {
    /// Where an input is now.
    fn now(&self, name: &str) -> String {
        let moved = self.moved.iter().find_map(|(old, new)| {
            let rest = name.strip_prefix(old.as_str())?;
            let is_it = rest.is_empty() || rest.starts_with('/');
            is_it.then(|| format!("{new}{rest}"))
        });
        match (moved, &self.base) {
            (Some(moved), _) => moved,
            (None, Some(base)) if name != "-" => Path::new(base).join(name).display().to_string(),
            (None, _) => name.to_owned(),
        }
    }
}

/// Every input of a run is to be what it was: everything that is not is told at once.
fn check_inputs(folder: &RunFolder, places: &PlaceArgs) -> Result<Vec<CheckedInput>, Stopped> {
    let mut checked = Vec::new();
    let mut wrong = Vec::new();
    for input in &folder.info.inputs {
        let InputInfo { name, sha256, .. } = input;
        let found = places.now(name);
        if found == "-" {
            let message = "the run read from standard input, which is gone".to_owned();
            let help = "keep what was read in a file, and say --input -=FILE";
            wrong.push(Diagnostic::error(Code::InputGone, message).help(help));
            continue;
        }
        match fingerprint_of(&found) {
            Ok(now) if now == *sha256 => {
                checked.push(CheckedInput { name: name.clone(), found, sha256: now });
            }
            Ok(now) => wrong.push(changed(&found, sha256, &now)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let message = format!("`{found}` is not there any more; the run was made of it");
                let help = format!(
                    "say where it is now with --input {name}=NEW, or with --base the folder that \
                     the run was made in"
                );
                wrong.push(Diagnostic::error(Code::InputGone, message).help(help));
            }
            Err(error) => wrong.push(unreadable(&found, &error)),
        }
    }
    if wrong.is_empty() { Ok(checked) } else { Err(wrong) }
}

fn changed(name: &str, then: &str, now: &str) -> Diagnostic {
    let short = |sha256: &str| sha256.chars().take(12).collect::<String>();
    let message = format!(
        "`{name}` has changed since the run: its SHA-256 was {}…, and is {}…",
        short(then),
        short(now)
    );
    Diagnostic::error(Code::InputChanged, message).help(
        "bring the old file back (--input OLD=NEW names it elsewhere), or bill again and explain \
         that run",
    )
}

/// A file that the book has now, and did not have then, changes prices as well.
fn check_book(prices: &str, checked: &[CheckedInput]) -> Result<(), Stopped> {
    let path = Path::new(prices).join("discounts.csv");
    let name = path.display().to_string();
    let is_there = disk::kind_at(&path).map_err(|error| vec![unreadable(&name, &error)])?;
    if is_there.is_some() && !checked.iter().any(|input| input.found == name) {
        let message = format!("`{name}` was not there when the run was made");
        let help = "take it away, or bill again and explain that run";
        return Err(vec![Diagnostic::error(Code::InputChanged, message).help(help)]);
    }
    Ok(())
}
