//! `sharebill compare`: why two runs differ.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use clap::Args;
use rust_decimal::Decimal;

use crate::cli::output::{Kind, OutputFolder};
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use crate::compare::accuracy::{Accuracy, accuracy};
use crate::compare::{
    Categories, Charges, CompareNames, Comparison, Month, Periods, Projection, compare_categories,
    compare_charges,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::read::run::{not_a_run, read_charges, read_projections};
use crate::value::{AccountId, Currency, Overflow};
use crate::write;
use crate::write::compare::{Compared, Side};

const CHARGES: &str = "charges.csv";
const PROJECTION: &str = "projection.csv";

/// Why two runs differ: price, volume, mix, new, ended
///
/// Two bills, or a projection and a bill, or two scenarios. The parts of each difference add up to
/// it exactly.
#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The folder of a run: what is compared with; of a forecast and what it came to, the forecast
    #[arg(value_name = "RUN_A")]
    a: String,
    /// The folder of the other run; without it, two scenarios of the first
    #[arg(value_name = "RUN_B", required_unless_present = "against")]
    b: Option<String>,
    /// Which scenario of A, where it is a projection with several
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Which scenario of B
    #[arg(long, value_name = "NAME")]
    against: Option<String>,
    /// Put cycle beside cycle instead of adding them up
    #[arg(long)]
    by_cycle: bool,
    /// How many accounts are told one by one
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Write comparison.csv, comparison_summary.csv and comparison.json to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<String>,
    /// Replace the folder if sharebill wrote it
    #[arg(long, requires = "out")]
    force: bool,
}

/// What was read of one run.
struct Run {
    about: Side,
    charges: Option<Charges>,
    projection: Option<Projection>,
    currency: Option<Currency>,
}

/// Both runs, and what comes of comparing them.
struct Sides {
    a: Run,
    b: Run,
    is_by_month: bool,
    currency: Currency,
    outcome: Outcome,
}

/// Both runs side by side.
struct Outcome {
    comparison: Comparison,
    accuracy: Option<Accuracy>,
    months: Option<BTreeSet<Month>>,
    is_split: bool,
}

/// Compares two runs as `compare` does without flags, for a report.
pub(super) fn compare_runs(
    a: &str,
    b: &str,
) -> Result<(Comparison, CompareNames, Currency), Stopped> {
    let compare = Compare {
        a: a.to_owned(),
        b: Some(b.to_owned()),
        scenario: None,
        against: None,
        by_cycle: false,
        top: 0,
        out: None,
        force: false,
    };
    let mut names = CompareNames::default();
    let sides = compare.sides(&mut names)?;
    Ok((sides.outcome.comparison, names, sides.currency))
}

impl Compare {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        // Refused before any work is done.
        let begin = |out: &String| OutputFolder::begin(out, Kind::Comparison, self.force);
        let folder = self.out.as_ref().map(begin).transpose()?;
        let mut names = CompareNames::default();
        let Sides { a, b, is_by_month, currency, outcome } = self.sides(&mut names)?;
        let compared = Compared {
            a: &a.about,
            b: &b.about,
            periods: self.shown_periods(is_by_month, &a),
            months: outcome.months.as_ref(),
            currency,
            is_split: outcome.is_split,
            comparison: &outcome.comparison,
            accuracy: outcome.accuracy.as_ref(),
            names: &names,
            top: self.top,
        };
        self.tell(&compared, folder, scribe)?;
        Ok(Exit::Done)
    }

    /// Reads both runs, and puts them side by side.
    fn sides(&self, names: &mut CompareNames) -> Result<Sides, Stopped> {
        let (folder_a, folder_b) = (self.a.as_str(), self.b.as_deref().unwrap_or(&self.a));
        let (folder_a, folder_b) = (RunFolder::open(folder_a)?, RunFolder::open(folder_b)?);
        let is_by_month = folder_a.has(PROJECTION)? || folder_b.has(PROJECTION)?;
        let mut read = |folder: &RunFolder, scenario: &Option<String>| {
            let periods = self.periods(folder, is_by_month)?;
            Run::read(folder, scenario.as_deref(), periods, names)
        };
        let mut a = read(&folder_a, &self.scenario)?;
        let mut b = read(&folder_b, &self.against)?;
        let currency = common_currency(&a, &b)?;
        let too_large =
            |error: Overflow| vec![Diagnostic::error(Code::TooLarge, error.to_string())];
        let outcome = if is_by_month {
            let months = common_months(&a, &b)?;
            for run in [&mut a, &mut b] {
                run.about.left_out = run.left_out(&months);
            }
            self.by_month(&a, &b, months, currency, names).map_err(too_large)?
        } else {
            bills(&a, &b, currency, names).map_err(too_large)?
        };
        Ok(Sides { a, b, is_by_month, currency, outcome })
    }

    /// How the cycles of one run are told apart while it is read.
    fn periods(&self, folder: &RunFolder, is_by_month: bool) -> Result<Periods, Stopped> {
        if is_by_month {
            return Ok(Periods::ByMonth);
        }
        if !self.by_cycle {
            return Ok(Periods::Whole);
        }
        let no_start = || vec![not_a_run(&folder.name, "its run.json tells no start")];
        folder.info.start.map(|start| Periods::ByPosition(Month::of(start))).ok_or_else(no_start)
    }

    /// How cycles are told apart in the result.
    fn shown_periods(&self, is_by_month: bool, a: &Run) -> Periods {
        match (self.by_cycle, is_by_month, a.about.start) {
            (true, false, Some(start)) => Periods::ByPosition(Month::of(start)),
            (true, ..) => Periods::ByMonth,
            (false, ..) => Periods::Whole,
        }
    }

    /// A projection and another run: month beside month, where both have it.
    fn by_month(
        &self,
        a: &Run,
        b: &Run,
        months: BTreeSet<Month>,
        currency: Currency,
        names: &CompareNames,
    ) -> Result<Outcome, Overflow> {
        let digits = currency.minor_digits();
        let periods = if self.by_cycle { Periods::ByMonth } else { Periods::Whole };
        let (comparison, is_split) = match (&a.charges, &b.charges) {
            (Some(a), Some(b)) => {
                let (a, b) = (a.of_months(&months, periods)?, b.of_months(&months, periods)?);
                (compare_charges(&a, &b, names, digits)?, true)
            }
            _ => {
                let a = a.categories(&months, periods, digits)?;
                let b = b.categories(&months, periods, digits)?;
                (compare_categories(&a, &b, names), false)
            }
        };
        let forecast = a
            .projection
            .as_ref()
            .map(|forecast| accuracy(forecast.totals(), &b.totals(digits)?, &months, names));
        let accuracy = forecast.transpose()?;
        Ok(Outcome { comparison, accuracy, months: Some(months), is_split })
    }

    fn tell(
        &self,
        compared: &Compared<'_>,
        folder: Option<OutputFolder>,
        scribe: &Scribe,
    ) -> Result<(), Stopped> {
        let json = write::compare::json(compared);
        let mut text = write::compare::text(compared);
        if let (Some(mut folder), Some(out)) = (folder, &self.out) {
            folder.write("comparison.csv", |file| write::compare::rows(file, compared))?;
            folder
                .write("comparison_summary.csv", |file| write::compare::accounts(file, compared))?;
            if let Some(accuracy) = compared.accuracy {
                folder.write("accuracy.csv", |file| {
                    write::compare::accuracies(file, accuracy, compared)
                })?;
            }
            folder.write("comparison.json", |file| file.write_all(json.as_bytes()))?;
            let files = folder.files().join(", ");
            folder.publish(scribe)?;
            text.push_str(&format!("\nWritten to {}: {files}\n", write::text::visible(out)));
        }
        scribe.result(if scribe.is_json() { &json } else { &text })
    }
}

/// Two bills: by charges.
fn bills(a: &Run, b: &Run, currency: Currency, names: &CompareNames) -> Result<Outcome, Overflow> {
    let none = Charges::new(Periods::Whole);
    let (a, b) = (a.charges.as_ref().unwrap_or(&none), b.charges.as_ref().unwrap_or(&none));
    let comparison = compare_charges(a, b, names, currency.minor_digits())?;
    Ok(Outcome { comparison, accuracy: None, months: None, is_split: true })
}

impl Run {
    /// Reads what the folder of a run has.
    fn read(
        folder: &RunFolder,
        scenario: Option<&str>,
        periods: Periods,
        names: &mut CompareNames,
    ) -> Result<Run, Stopped> {
        let about = Side {
            folder: folder.name.clone(),
            scenario: None,
            book: folder.info.book.as_ref().map(|book| book.id.clone()),
            start: folder.info.start,
            end: folder.info.end,
            left_out: 0,
        };
        let mut run = Run { about, charges: None, projection: None, currency: None };
        // Charges are one scenario's: where a projection has several, nobody knows whose.
        let mut has_one_scenario = true;
        if folder.has(PROJECTION)? {
            let projections =
                folder.read(PROJECTION, |name, file| read_projections(name, file, names))?;
            has_one_scenario = projections.scenarios.len() == 1;
            run.currency = projections.currency;
            let (name, projection) = choose(&folder.name, projections.scenarios, scenario)?;
            run.about.scenario = Some(name);
            run.projection = Some(projection);
        } else if let Some(scenario) = scenario {
            let message = format!("`{}` is a bill: it has no scenario `{scenario}`", folder.name);
            let help =
                "--scenario chooses in RUN_A and --against in RUN_B, where they are projections";
            return Err(vec![Diagnostic::error(Code::ScenarioWrong, message).help(help)]);
        }
        if folder.has(CHARGES)? && has_one_scenario {
            let mut charges = Charges::new(periods);
            let currency =
                folder.read(CHARGES, |name, file| read_charges(name, file, &mut charges, names))?;
            run.currency = run.currency.or(currency);
            run.charges = Some(charges);
        } else if run.projection.is_none() {
            return Err(vec![not_a_run(
                &folder.name,
                "it has neither charges.csv nor projection.csv",
            )]);
        }
        Ok(run)
    }

    /// The months that it has something to tell about.
    fn months(&self) -> BTreeSet<Month> {
        match (&self.projection, &self.charges) {
            (Some(projection), _) => projection.months(),
            (None, Some(charges)) => charges.months(),
            (None, None) => BTreeSet::new(),
        }
    }

    /// What a bill charges in other months. A projection's horizon is longer on purpose.
    fn left_out(&self, months: &BTreeSet<Month>) -> i128 {
        let charges = self.charges.as_ref().filter(|_| self.projection.is_none());
        charges.map_or(0, |charges| charges.amount_outside(months))
    }

    /// Its amounts by category.
    fn categories(
        &self,
        months: &BTreeSet<Month>,
        periods: Periods,
        digits: u32,
    ) -> Result<Categories, Overflow> {
        match (&self.projection, &self.charges) {
            (Some(projection), _) => Categories::of_projection(projection, months, periods, digits),
            (None, Some(charges)) => {
                Ok(Categories::of_charges(&charges.of_months(months, periods)?))
            }
            (None, None) => Ok(Categories::default()),
        }
    }

    /// What each account came to in each month.
    fn totals(&self, digits: u32) -> Result<BTreeMap<(AccountId, Month), Decimal>, Overflow> {
        match (&self.projection, &self.charges) {
            (Some(projection), _) => {
                let totals = projection.totals().iter();
                Ok(totals.map(|(key, estimate)| (*key, estimate.mean)).collect())
            }
            (None, Some(charges)) => charges.totals(digits),
            (None, None) => Ok(BTreeMap::new()),
        }
    }
}

/// The scenario that is meant: the one that was asked for, or the only one.
fn choose(
    folder: &str,
    scenarios: Vec<(String, Projection)>,
    asked: Option<&str>,
) -> Result<(String, Projection), Stopped> {
    let known: Vec<String> = scenarios.iter().map(|(name, _)| name.clone()).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let refuse = |message: String| Diagnostic::error(Code::ScenarioWrong, message);
    match asked {
        Some(asked) => {
            let found = scenarios.into_iter().find(|(name, _)| name == asked);
            found.ok_or_else(|| {
                let message = format!("`{folder}` has no scenario `{asked}`");
                vec![refuse(message).did_you_mean(asked, known.iter().copied())]
            })
        }
        None => {
            let [_] = known.as_slice() else {
                let message = match known.len() {
                    0 => format!("`{folder}` has no scenario: its {PROJECTION} has no row"),
                    count => format!("`{folder}` has {count} scenarios"),
                };
                let help = format!(
                    "choose with --scenario in RUN_A, with --against in RUN_B: {}",
                    known.join(", ")
                );
                return Err(vec![refuse(message).help(help)]);
            };
            Ok(scenarios.into_iter().next().unwrap_or_default())
        }
    }
}

/// The currency of both.
fn common_currency(a: &Run, b: &Run) -> Result<Currency, Stopped> {
    match (a.currency, b.currency) {
        (Some(of_a), Some(of_b)) if of_a != of_b => {
            let message = format!("A is in {of_a} and B in {of_b}");
            Err(vec![
                Diagnostic::error(Code::CurrenciesDiffer, message)
                    .help("sharebill does not convert: bill both with books in one currency"),
            ])
        }
        (Some(currency), _) | (None, Some(currency)) => Ok(currency),
        (None, None) => {
            let message = "neither run charges anything: there is nothing to compare";
            let help = "check the runs: bills of times without usage have no charges";
            Err(vec![Diagnostic::error(Code::NoEvents, message).help(help)])
        }
    }
}

/// The months that both have.
fn common_months(a: &Run, b: &Run) -> Result<BTreeSet<Month>, Stopped> {
    let (of_a, of_b) = (a.months(), b.months());
    let common: BTreeSet<Month> = of_a.intersection(&of_b).copied().collect();
    if !common.is_empty() {
        return Ok(common);
    }
    let span = |months: &BTreeSet<Month>| match (months.first(), months.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(month), _) => month.to_string(),
        _ => "no month".to_owned(),
    };
    let message = format!("A has {} and B {}: no month in common", span(&of_a), span(&of_b));
    Err(vec![
        Diagnostic::error(Code::NoMonthInCommon, message)
            .help("a projection is compared with what the same months came to"),
    ])
}
