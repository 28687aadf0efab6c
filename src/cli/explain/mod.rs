//! `sharebill explain`: from any amount of a run to its causes.

mod select;
mod telling;

use clap::Args;
use rust_decimal::Decimal;

use crate::cli::again::{Again, PlaceArgs};
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use crate::diagnostic::{Code, Diagnostic};
use crate::disk;
use crate::explain::rules;
use crate::run::RunKind;
use crate::value::parse_decimal;
use crate::write;

use select::{CycleArg, Selection};
use telling::Telling;

/// Why an amount is what it is: from a charge to its rate, its spans, the rows of the log, the rule
///
/// `sharebill explain RUN` lists accounts, `--account A` and `--cycle 2016-03` go nearer.
/// `sharebill explain rule P3` prints a rule with an example; `rule` alone lists all of them.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The folder of a bill; or `rule`, and the code of one
    #[arg(value_name = "RUN", required = true, num_args = 1..=2)]
    what: Vec<String>,
    #[command(flatten)]
    select: SelectArgs,
    /// How many charges, and resources of each, are told one by one [default: what fits a screen]
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    #[command(flatten)]
    places: PlaceArgs,
    /// How many threads may work; the result is the same with any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// What is explained.
#[derive(Debug, Args)]
#[command(next_help_heading = "What")]
pub(super) struct SelectArgs {
    /// Whose charges
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Of which cycle: the month in which it begins, like 2016-03, or a day in it, like 2016-03-20
    #[arg(long, value_name = "MONTH", value_parser = select::parse_cycle)]
    cycle: Option<CycleArg>,
    /// Of which SKU, like server:general1-4
    #[arg(long, value_name = "SKU")]
    sku: Option<String>,
    /// What one image, server or object caused, whoever pays
    #[arg(long, value_name = "ID")]
    resource: Option<String>,
    /// Of the tier that begins there
    #[arg(long, value_name = "FROM", value_parser = parse_tier)]
    tier: Option<Decimal>,
}

fn parse_tier(text: &str) -> Result<Decimal, String> {
    parse_decimal(text).map_err(|error| error.to_string())
}

impl Explain {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        match self.what.as_slice() {
            [word] if word == "rule" => {
                let all = if scribe.is_json() {
                    write::explain::rules_json()
                } else {
                    write::explain::rules()
                };
                scribe.result(&all)?;
            }
            [word, code] if word == "rule" => explain_rule(code, scribe)?,
            [word] if is_code(word) => explain_rule(word, scribe)?,
            [folder] => self.explain_run(folder, scribe)?,
            words => {
                let message = format!("`{}` is neither a run nor a rule", words.join(" "));
                let help = "give one folder of a run, or `rule` and a code like P3";
                return Err(vec![Diagnostic::error(Code::RuleUnknown, message).help(help)]);
            }
        }
        Ok(Exit::Done)
    }

    fn explain_run(&self, name: &str, scribe: &Scribe) -> Result<(), Stopped> {
        let folder = RunFolder::open(name)?;
        if folder.info.kind == RunKind::Projection {
            return Err(vec![a_projection(name)]);
        }
        let selection = Selection::of(&self.select, &folder)?;
        let Some(account) = selection.account() else {
            if self.select.resource.is_none() {
                return self.list_accounts(&selection, scribe);
            }
            let telling = Telling {
                folder: &folder,
                again: Again::open(&folder, &self.places, self.threads, scribe)?,
            };
            let payers = telling.payers(&selection)?;
            return self.tell(&selection, telling, payers, scribe);
        };
        let account = account.to_owned();
        let telling = Telling {
            folder: &folder,
            again: Again::open(&folder, &self.places, self.threads, scribe)?,
        };
        self.tell(&selection, telling, vec![account], scribe)
    }

    fn tell(
        &self,
        selection: &Selection<'_>,
        telling: Telling<'_>,
        accounts: Vec<String>,
        scribe: &Scribe,
    ) -> Result<(), Stopped> {
        let is_json = scribe.is_json();
        let top = self.top;
        let told = telling.explain(selection, &accounts, |explained| {
            let explained = write::explain::Explained { top, ..explained };
            if is_json {
                write::explain::json(&explained)
            } else {
                write::explain::text(&explained)
            }
        })?;
        scribe.result(&told)
    }

    fn list_accounts(&self, selection: &Selection<'_>, scribe: &Scribe) -> Result<(), Stopped> {
        let (all, currency) = selection.accounts()?;
        let text = if scribe.is_json() {
            write::explain::accounts_json(&all, &currency)
        } else {
            write::explain::accounts(
                &selection.folder.name,
                &all,
                &currency,
                self.top.unwrap_or(20),
            )
        };
        scribe.result(&text)
    }
}

/// Whether a word is the code of a rule, and no folder that is there.
fn is_code(word: &str) -> bool {
    let is_known = rules::find(word).is_some() || code_of(word).is_some();
    matches!(disk::kind_at(word), Ok(None)) && (is_known || rules::looks_like_a_code(word))
}

/// The diagnostic of a code.
fn code_of(word: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(word))
}

fn explain_rule(word: &str, scribe: &Scribe) -> Result<(), Stopped> {
    let text = match (rules::find(word), code_of(word)) {
        (Some(rule), _) if scribe.is_json() => write::explain::rule_json(rule),
        (Some(rule), _) => write::explain::rule(rule),
        (None, Some(code)) if scribe.is_json() => {
            write::explain::code_json(code.as_str(), code.meaning())
        }
        (None, Some(code)) => write::explain::code(code.as_str(), code.meaning()),
        (None, None) => {
            let message = format!("there is no rule `{word}`");
            let help = match rules::nearest_code(word) {
                Some(near) => format!("did you mean `{near}`? `sharebill explain rule` lists all"),
                None => "`sharebill explain rule` lists all of them".to_owned(),
            };
            return Err(vec![Diagnostic::error(Code::RuleUnknown, message).help(help)]);
        }
    };
    scribe.result(&text)
}

fn a_projection(name: &str) -> Diagnostic {
    let message = format!("`{name}` is a projection: its amounts come of no log that happened");
    Diagnostic::error(Code::NoEventsBehind, message).help(format!(
        "project with --runs 1 --write-events, bill that log (`sharebill bill {name}/events.csv \
         --start … --end …`), and explain the bill"
    ))
}
