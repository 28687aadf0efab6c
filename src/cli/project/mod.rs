//! `sharebill project`: what each account will pay, how sure that is, and what moves it.

mod chance;
mod history;
mod mean;
mod past;
mod scenarios;

use std::sync::{PoisonError, RwLock};

use clap::Args;
use rust_decimal::Decimal;

use crate::account::Accounts;
use crate::bill::{Options, USUAL_PIECE};
use crate::book::Book;
use crate::cli::bill::{PolicyArg, parse_instant};
use crate::cli::inputs::ReadArgs;
use crate::cli::output::{Kind, OutputFolder};
use crate::cli::scribe::Scribe;
use crate::cli::threads::threads;
use crate::cli::{Exit, Stopped, book};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::outcome::{Period, Projection};
use crate::project::trend::TrendRow;
use crate::read::feed::SharedNames;
use crate::read::scenario::Assumption;
use crate::scratch::Scratch;
use crate::value::{Instant, Names};
use crate::world::{Enforcement, Finding};
use crate::write::{self, InputReport};

use chance::Chance;
use mean::Lived;
use past::Asked;

pub(super) use history::History;
pub(super) use mean::Mean;
pub(super) use past::Past;
pub(super) use scenarios::{Opened, Scenarios};

/// What each account will pay, how sure that is, and what moves it
#[derive(Debug, Args)]
pub(super) struct Project {
    /// What is planned; several scenarios are put side by side. Without one, what --events tell
    /// goes on
    #[arg(long = "scenario", value_name = "FILE", required_unless_present = "events")]
    scenarios: Vec<String>,
    /// What happened before: everything that is alive at the start goes on
    #[arg(long, value_name = "EVENTS", num_args = 1..)]
    events: Vec<String>,
    /// Ends servers that are alive at the start as the account's own history of lifetimes says
    #[arg(long, requires = "events")]
    attrition: bool,
    /// Adds what each account's own usage, month by month, is forecast to have beyond what goes on
    #[arg(long, requires = "events")]
    trend: bool,
    #[command(flatten)]
    how: ReadArgs,
    /// The price book: a folder
    #[arg(long, value_name = "BOOK")]
    prices: String,
    /// Billing days, service levels and opening dates of accounts
    #[arg(long, value_name = "FILE")]
    accounts: Option<String>,
    /// The folder to write
    #[arg(long, value_name = "DIR")]
    out: String,
    /// Replace the folder if sharebill wrote it
    #[arg(long)]
    force: bool,
    /// Write events.csv too: the plan as a log, which `bill` charges to the same cent
    #[arg(long)]
    write_events: bool,
    /// How many months [default: the scenario's, else 12]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=600),
          help_heading = "Scenario")]
    months: Option<u32>,
    /// The first instant [default: the scenario's, else the end of the events]
    #[arg(long, value_name = "DATE", value_parser = parse_instant, help_heading = "Scenario")]
    start: Option<Instant>,
    /// Put another value into the scenario, by its path: fleet.0.count=20
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = parse_setting,
          help_heading = "Scenario")]
    settings: Vec<(String, String)>,
    /// How many runs to draw; 1 takes every distribution at its mean [default: the scenario's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000),
          help_heading = "Chance")]
    runs: Option<u32>,
    /// Where chance begins [default: the scenario's]
    #[arg(long, value_name = "N", help_heading = "Chance")]
    seed: Option<u64>,
    /// Draw more runs until the standard error of all money is below this part of it, like 0.5%
    #[arg(long, value_name = "P%", value_parser = parse_percent, help_heading = "Chance")]
    until_error: Option<Decimal>,
    /// Sum classes of servers that come and go where that changes no distribution: faster, but
    /// scenarios meet the same luck only where their prices change at the same times
    #[arg(long, help_heading = "Chance")]
    summed: bool,
    /// What happens to steps that the cloud would refuse
    #[arg(long, value_enum, default_value_t = PolicyArg::Enforce, help_heading = "Rules")]
    policy: PolicyArg,
    /// Price usage without a rate at 0 instead of stopping
    #[arg(long, help_heading = "Rules")]
    allow_unpriced: bool,
    /// End with status 0 even when the cloud would refuse something
    #[arg(long, help_heading = "Rules")]
    allow_findings: bool,
    /// End with status 4 when a budget is passed with more than this probability
    #[arg(long, value_name = "P%", num_args = 0..=1, default_missing_value = "50%",
          require_equals = true, value_parser = parse_percent, help_heading = "Rules")]
    fail_over_budget: Option<Decimal>,
    /// How many threads may work; the result is the same with any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// How many runs an error is estimated from at least.
const LEAST_RUNS: u32 = 200;

pub(super) fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() => {
            Ok((path.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write PATH=VALUE, like fleet.0.count=20".to_owned()),
    }
}

/// A percentage from 0 to 100, as a part of 1.
fn parse_percent(text: &str) -> Result<Decimal, String> {
    let number = text.trim().trim_end_matches('%').trim();
    let percent = crate::value::parse_decimal(number).map_err(|error| error.to_string())?;
    let fits = percent >= Decimal::ZERO && percent <= Decimal::ONE_HUNDRED;
    if fits { Ok(percent / Decimal::ONE_HUNDRED) } else { Err("write 0% to 100%".to_owned()) }
}

/// What a projection is made with.
pub(super) struct Making<'a> {
    pub(super) book: &'a Book,
    pub(super) accounts: &'a Accounts,
    pub(super) names: &'a SharedNames,
    pub(super) options: Options,
    pub(super) scratch: &'a Scratch,
    pub(super) scribe: &'a Scribe,
}

/// What came of one scenario.
struct Came {
    projection: Projection,
    findings: Vec<Finding>,
    /// How many steps the cloud refuses.
    refused: usize,
    assumptions: Vec<Assumption>,
    trend: Vec<TrendRow>,
}

impl Project {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        // Refused before any work is done.
        let mut folder = OutputFolder::begin(&self.out, Kind::Projection, self.force)?;
        let mut names = Names::default();
        let (book, book_inputs) = book::load_book(&self.prices, &mut names, scribe)?;
        let accounts_file = self.accounts.as_deref();
        let (accounts, accounts_input) =
            book::load_accounts(accounts_file, &book, &mut names, scribe)?;
        let opening = Scenarios {
            files: &self.scenarios,
            settings: &self.settings,
            book: &book,
            accounts: &accounts,
            has_history: !self.events.is_empty(),
        };
        let (opened, mut inputs) = opening.open(&mut names, scribe)?;
        self.check_events(&opened)?;
        inputs.extend(accounts_input);
        inputs.extend(book_inputs);

        let names = SharedNames::new(RwLock::new(names));
        let scratch = Scratch::default();
        let making = Making {
            book: &book,
            accounts: &accounts,
            names: &names,
            options: self.options(),
            scratch: &scratch,
            scribe,
        };
        let mut history = History::open(&self.events, &self.how, &making)?;
        let mut projections = Vec::new();
        let mut findings = Vec::new();
        let mut assumptions = Vec::new();
        let mut trends = Vec::new();
        let mut refused = 0;
        let is_alone = opened.len() == 1;
        for one in &opened {
            let tables = is_alone.then_some(&mut folder);
            let came = self.project_one(one, tables, &mut history, &making)?;
            refused += came.refused;
            projections.push(came.projection);
            findings.push((one.scenario.name.clone(), came.findings));
            assumptions.push((one.scenario.name.clone(), came.assumptions));
            trends.push((one.scenario.name.clone(), came.trend));
        }
        inputs.extend(history.reports()?);
        let names = &*names.read().unwrap_or_else(PoisonError::into_inner);
        self.write(&mut folder, &assumptions, &projections, (&book, &inputs), names)?;
        mean::write_findings(&mut folder, &findings, names)?;
        if self.trend {
            folder.write("trend.csv", |out| write::projection::trend(out, &trends, names))?;
        }
        let files: Vec<String> = folder.files().into_iter().map(str::to_owned).collect();
        folder.publish(scribe)?;
        if scribe.is_json() {
            let json = write::projection::json(&projections, names, &self.out, &files);
            scribe.result(&json)?;
        } else {
            scribe.summary(&write::projection::text(&projections, names))?;
            mean::tell_findings(&findings, scribe)?;
            scribe.summary(&format!("\nwritten to {}\n", self.out))?;
        }
        Ok(self.exit(&projections, refused, names, scribe))
    }

    /// One folder has room for one log.
    fn check_events(&self, opened: &[Opened]) -> Result<(), Stopped> {
        if self.write_events && opened.len() > 1 {
            let help = "give one --scenario";
            let message = "--write-events is for one scenario";
            return Err(vec![Diagnostic::error(Code::ScenarioUnclear, message).help(help)]);
        }
        Ok(())
    }

    /// Projects one scenario; if it is the only one, the bill's tables and its log are written.
    fn project_one(
        &self,
        one: &Opened,
        folder: Option<&mut OutputFolder>,
        history: &mut History,
        making: &Making<'_>,
    ) -> Result<Came, Stopped> {
        let run = one.run(self.start, self.months, history, making)?;
        let past = Past::read(
            Asked { attrition: self.attrition, trend: self.trend },
            run,
            history,
            making,
        )?;
        let mean = Mean { opened: one, run, past: &past, making };
        let runs = self.runs_of(one);
        let mut folder = folder;
        let tables = folder.as_deref_mut().filter(|_| runs == 1);
        let lived = mean.live(history, tables)?;
        if let Some(folder) = folder.filter(|_| self.write_events) {
            self.write_log(folder, one, &lived, making)?;
        }
        let Lived { projection, findings, refused, .. } = lived;
        let projection = if runs == 1 {
            projection
        } else {
            chance::project(one, run, &self.chance(one), &past, history, making)?
        };
        let names = making.names.read().unwrap_or_else(PoisonError::into_inner);
        let own = self.assumptions(one, run, projection.runs).into_iter();
        let assumptions = own.chain(past.assumptions(&names)).collect();
        let trend = past.trend_rows(run, &names);
        Ok(Came { projection, findings, refused, assumptions, trend })
    }

    fn options(&self) -> Options {
        Options {
            enforcement: self.policy.into(),
            start: None,
            end: None,
            allow_unpriced: self.allow_unpriced,
            threads: threads(self.threads),
            piece: USUAL_PIECE,
        }
    }

    /// How the runs of a scenario are drawn.
    fn chance(&self, one: &Opened) -> Chance {
        Chance {
            runs: self.runs_of(one),
            seed: self.seed.unwrap_or(one.scenario.seed),
            until_error: self.until_error,
            one_by_one: !self.summed,
        }
    }

    fn runs_of(&self, opened: &Opened) -> u32 {
        let runs = self.runs.unwrap_or(opened.scenario.runs);
        // An error needs some runs to be estimated from.
        if self.until_error.is_some() { runs.max(LEAST_RUNS) } else { runs }
    }

    /// Every number that went in: the scenario's, and what the command line says instead.
    fn assumptions(&self, one: &Opened, run: crate::value::Span, runs: u32) -> Vec<Assumption> {
        let mut all = one.assumptions();
        let mut put = |key: &str, value: String, flag: Option<&str>, default: &str| {
            let path = format!("scenario.{key}");
            let place = all.iter().position(|known| known.path == path);
            let source = flag.unwrap_or(default).to_owned();
            match place {
                Some(place) if flag.is_some() => all[place] = Assumption { path, value, source },
                Some(_) => {}
                None => all.push(Assumption { path, value, source }),
            }
        };
        let months = one.months(self.months);
        let seed = self.seed.unwrap_or(one.scenario.seed);
        let end = "the end of the events";
        put("start", run.start.to_string(), self.start.map(|_| "--start"), end);
        put("months", months.to_string(), self.months.map(|_| "--months"), "default");
        put("seed", seed.to_string(), self.seed.map(|_| "--seed"), "default");
        let until_error = self.until_error.map(|_| "--until-error");
        put("runs", runs.to_string(), until_error.or(self.runs.map(|_| "--runs")), "default");
        all
    }

    fn write_log(
        &self,
        folder: &mut OutputFolder,
        opened: &Opened,
        lived: &Lived,
        making: &Making<'_>,
    ) -> Result<(), Stopped> {
        let names = making.names.read().unwrap_or_else(PoisonError::into_inner);
        folder.write("events.csv", |out| write::events::log(out, &lived.batch, &names))?;
        if let Some(changed) = &opened.changed {
            folder.make_folder("prices")?;
            scenarios::write_book(folder, &self.prices, changed, &names)?;
        }
        Ok(())
    }

    fn write(
        &self,
        folder: &mut OutputFolder,
        assumptions: &[(String, Vec<Assumption>)],
        projections: &[Projection],
        (book, inputs): (&Book, &[InputReport]),
        names: &Names,
    ) -> Result<(), Stopped> {
        folder.write("projection.csv", |out| write::projection::months(out, projections, names))?;
        folder.write("projection_summary.csv", |out| {
            write::projection::summary(out, projections, names)
        })?;
        folder.write("drivers.csv", |out| write::projection::drivers(out, projections, names))?;
        folder.write("assumptions.csv", |out| write::projection::assumptions(out, assumptions))?;
        let run = write::projection::run(projections, book, inputs, &self.arguments());
        folder.write("run.json", |out| std::io::Write::write_all(out, run.as_bytes()))
    }

    /// What decides the result; not where it goes or how it is printed.
    fn arguments(&self) -> Vec<(String, String)> {
        let mut arguments = vec![("prices".to_owned(), self.prices.clone())];
        let mut add = |name: &str, value: Option<String>| {
            arguments.extend(value.map(|value| (name.to_owned(), value)));
        };
        let scenarios = &self.scenarios;
        add("scenarios", (!scenarios.is_empty()).then(|| scenarios.join(" ")));
        let policy = if self.policy == PolicyArg::Enforce { "enforce" } else { "report" };
        add("policy", Some(policy.to_owned()));
        add("accounts", self.accounts.clone());
        add("months", self.months.map(|months| months.to_string()));
        add("start", self.start.map(|start| start.to_string()));
        add("runs", self.runs.map(|runs| runs.to_string()));
        add("seed", self.seed.map(|seed| seed.to_string()));
        add("until_error", self.until_error.map(|part| part.to_string()));
        add("summed", self.summed.then(|| "true".to_owned()));
        add("attrition", self.attrition.then(|| "true".to_owned()));
        add("trend", self.trend.then(|| "true".to_owned()));
        let set = self.settings.iter().map(|(path, value)| format!("{path}={value}"));
        let set: Vec<String> = set.collect();
        add("set", (!set.is_empty()).then(|| set.join(" ")));
        add("allow_unpriced", self.allow_unpriced.then(|| "true".to_owned()));
        arguments.extend(self.how.arguments());
        arguments
    }

    /// How the run ends: a budget that is not kept comes before what the cloud refuses.
    fn exit(
        &self,
        projections: &[Projection],
        refused: usize,
        names: &Names,
        scribe: &Scribe,
    ) -> Exit {
        let over = self.fail_over_budget.map(|limit| over_budget(projections, limit, names));
        if let Some(first) = over.as_ref().and_then(|over| over.first()) {
            let count = over.as_ref().map_or(0, Vec::len);
            scribe.problem(&format!("{count} budgets are not kept, the first: {first}\n"));
            return Exit::OverBudget;
        }
        if refused > 0 && !self.allow_findings { Exit::SetAside } else { Exit::Done }
    }
}

/// Budgets that are passed with more than a probability.
fn over_budget(projections: &[Projection], limit: Decimal, names: &Names) -> Vec<String> {
    let mut over = Vec::new();
    for projection in projections {
        for row in &projection.months {
            if let Some(against) = row.budget.filter(|against| against.over > limit) {
                let whose = write::text::visible(names.accounts.text(row.account));
                let month = Period::month_of(row.cycle).text();
                over.push(format!("{whose} in {month}, over {}", against.budget));
            }
        }
        let all = projection.summary.iter().filter(|row| row.account.is_none());
        for row in all {
            if let Some(against) = row.budget.filter(|against| against.over > limit) {
                over.push(format!("all accounts, {}, over {}", row.period.text(), against.budget));
            }
        }
    }
    over
}

impl From<PolicyArg> for Enforcement {
    fn from(policy: PolicyArg) -> Enforcement {
        match policy {
            PolicyArg::Report => Enforcement::Report,
            PolicyArg::Enforce => Enforcement::Enforce,
        }
    }
}
