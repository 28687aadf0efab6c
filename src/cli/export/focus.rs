//! `--focus`: a run as FOCUS Cost and Usage.

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::cli::Stopped;
use crate::cli::export::people::people;
use crate::cli::export::{Export, FormatArg, lacks};
use crate::cli::output::{NewFile, OutputFile, OutputFolder};
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::run::focus::{
    FocusRow, FocusRun, FocusVersion, Gigabyte, Parts, People, Walk, estimate_row, text,
};
use crate::run::{AllocationRow, ChargeRow, MonthEstimateRow, RunInfo, RunKind, StatementRow};
use crate::value::Span;
use crate::write::focus::{Dataset, FocusCsv, schema};
use crate::write::parquet::FocusParquet;
use crate::write::text::visible;

/// What the name of a file's schema ends with.
const SCHEMA: &str = ".schema.json";

/// Rows on their way into a file.
enum Sink<W: Write + Send> {
    Csv(FocusCsv<W>),
    Parquet(FocusParquet<W>),
}

impl<W: Write + Send> Sink<W> {
    fn push(&mut self, row: &FocusRow) -> io::Result<()> {
        match self {
            Sink::Csv(csv) => csv.push(row),
            Sink::Parquet(parquet) => parquet.push(row),
        }
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Sink::Csv(csv) => Ok(csv.finish()),
            Sink::Parquet(parquet) => parquet.finish(),
        }
    }
}

impl Export {
    /// Writes the rows and their schema; what to say.
    pub(super) fn focus(
        &self,
        run: &RunFolder,
        version: FocusVersion,
        scribe: &Scribe,
    ) -> Result<String, Stopped> {
        let args = &self.focus_args;
        let people = match people(run, self.accounts.as_deref(), scribe) {
            Ok(people) => people,
            // Names are no money: where they are gone, ids stand for them.
            Err(gone) if gone.iter().all(|problem| problem.code == Code::RunLacks) => {
                let told = gone.into_iter().map(|problem| Diagnostic {
                    severity: Severity::Warning,
                    message: format!("{}; ids stand for names", problem.message),
                    ..problem
                });
                scribe.diagnostics(&told.collect::<Vec<_>>());
                People::new()
            }
            Err(problems) => return Err(problems),
        };
        let dataset = Dataset { version, provider: provider(args.provider.as_deref(), &run.info) };
        let schema_name = format!("{}{SCHEMA}", self.out);
        let (schema_file, mut schema_out) = NewFile::begin(&schema_name, self.force)?;
        let (file, out) = NewFile::begin(&self.out, self.force)?;
        let refused = file.refusal();
        let refuse = |error: io::Error| vec![refused(&error)];
        let sink = match args.file_format {
            FormatArg::Csv => FocusCsv::new(out, &dataset).map(Sink::Csv),
            FormatArg::Parquet => FocusParquet::new(out, &dataset).map(Sink::Parquet),
        };
        let mut sink = sink.map_err(refuse)?;
        let mut count = 0_u64;
        let rows =
            Rows { run, people, is_detailed: args.detail, scenario: args.scenario.as_deref() };
        rows.tell(|row| {
            count += 1;
            sink.push(row).map_err(|error| refused(&error))
        })?;
        sink.finish().map_err(refuse)?.close()?;
        schema_out.write(|out| out.write_all(schema(&dataset).as_bytes()))?;
        schema_out.close()?;
        schema_file.publish()?;
        file.publish()?;
        let (out, version) = (visible(&self.out), version.as_str());
        Ok(format!("{count} rows of FOCUS {version} written to {out}\n"))
    }
}

/// Writes `focus.csv` and its schema into the folder of a bill that is not yet there for others.
pub(in crate::cli) fn into_run(
    folder: &mut OutputFolder,
    version: FocusVersion,
    is_detailed: bool,
    people: People,
) -> Result<(), Stopped> {
    let run = RunFolder::open(&folder.so_far().display().to_string())?;
    let dataset = Dataset { version, provider: provider(None, &run.info) };
    let refused = folder.refusal("focus.csv");
    let refuse = |error: io::Error| refused(&error);
    let mut csv: FocusCsv<OutputFile> =
        FocusCsv::new(folder.open("focus.csv")?, &dataset).map_err(refuse)?;
    let only = |problems: Vec<Diagnostic>| problems.into_iter().next();
    let rows = Rows { run: &run, people, is_detailed, scenario: None };
    rows.tell(|row| match csv.push(row) {
        Ok(()) => Ok(()),
        Err(error) => Err(only(refused(&error)).unwrap_or_else(|| unwritten(&error))),
    })?;
    csv.finish().close()?;
    folder.write(&format!("focus.csv{SCHEMA}"), |out| out.write_all(schema(&dataset).as_bytes()))
}

fn unwritten(error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::FileUnwritable, error.to_string())
}

/// Who provides the cloud.
fn provider(named: Option<&str>, info: &RunInfo) -> String {
    let book = info.book.as_ref().map_or("", |book| book.id.as_str());
    text::told_apart("provider ", named.unwrap_or(book))
}

/// What becomes rows.
struct Rows<'a> {
    run: &'a RunFolder,
    people: People,
    is_detailed: bool,
    scenario: Option<&'a str>,
}

impl Rows<'_> {
    /// Tells `each` all rows in order.
    fn tell(
        self,
        mut each: impl FnMut(&FocusRow) -> Result<(), Diagnostic>,
    ) -> Result<(), Stopped> {
        let info = &self.run.info;
        let word = info.book.as_ref().map_or("", |book| book.gigabyte.as_str());
        let gigabyte = Gigabyte::from_word(word).ok_or_else(|| {
            let message = format!("`{}` does not tell what its GB are", self.run.name);
            vec![lacks(message, "an older version made the run: make it once more with this one")]
        })?;
        let covered = info.start.zip(info.end).map(|(start, end)| Span { start, end });
        let scenario = self.one_scenario()?;
        let run = FocusRun {
            kind: info.kind,
            gigabyte,
            covered,
            scenario: scenario.unwrap_or_default(),
            people: self.people,
        };
        let folder = self.run;
        if self.is_detailed && !folder.has("allocations.csv")? {
            let message = format!("`{}` has no allocations.csv", folder.name);
            let help = "make the run with --detail, or leave --detail out here";
            return Err(vec![lacks(message, help)]);
        }
        if info.kind == RunKind::Projection && !folder.has("charges.csv")? {
            return folder.rows(|row: MonthEstimateRow, _| match estimate_row(&row, &run) {
                Some(told) if row.estimate.scenario == run.scenario => each(&told),
                _ => Ok(()),
            });
        }
        let mut walk = Walk::new(&run, folder.table::<StatementRow>()?);
        if self.is_detailed {
            let charges = folder.table::<ChargeRow>()?;
            let mut parts = Parts::new(&charges);
            folder.rows(|part: AllocationRow, _| {
                let (charge, is_first) = parts.charge_of(&part)?;
                if is_first {
                    walk.begin(charge, &mut each)?;
                }
                walk.part(charge, &part, &mut each)
            })?;
            parts.finish().map_err(|problem| vec![problem])?;
        } else {
            folder.rows(|charge: ChargeRow, _| walk.charge(&charge, &mut each))?;
        }
        walk.finish(&mut each).map_err(|problem| vec![problem])
    }

    /// The scenario that is told: sums over several would be of no world.
    fn one_scenario(&self) -> Result<Option<String>, Stopped> {
        let names: BTreeSet<&str> =
            self.run.info.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
        let refuse = |message: String| {
            let diagnostic = Diagnostic::error(Code::ScenarioWrong, message);
            Err(vec![diagnostic.did_you_mean(self.scenario.unwrap_or_default(), names.clone())])
        };
        match self.scenario {
            Some(name) if names.contains(name) => Ok(Some(name.to_owned())),
            Some(name) => refuse(format!("`{}` has no scenario `{name}`", self.run.name)),
            None if names.len() > 1 => {
                refuse(format!("`{}` has several scenarios: choose one", self.run.name))
            }
            None => Ok(names.first().map(|name| (*name).to_owned())),
        }
    }
}
