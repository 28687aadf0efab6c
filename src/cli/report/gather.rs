//! The files of a run, read into a report row by row.

use std::path::Path;

use crate::cli::Stopped;
use crate::cli::book::read_files;
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::read::book::load;
use crate::read::run::not_a_run;
use crate::report::{
    BillReport, BillSums, BookReport, BookState, Forecast, ForecastSums, Report, RunReport,
};
use crate::run::{
    AllocationRow, ChargeRow, DriverRow, MonthEstimateRow, PeriodEstimateRow, RunInfo, SharedRow,
    StatementRow,
};
use crate::value::{Currency, Names, Overflow};
use crate::write::xlsx::Workbook;

/// Reads a run.
pub(super) fn gather(folder: &RunFolder, scribe: &Scribe) -> Result<RunReport, Stopped> {
    let has_projection = folder.has("projection.csv")?;
    let has_bill = has_bill(folder)?;
    if !has_projection && !has_bill {
        return Err(vec![not_a_run(
            &folder.name,
            "it has neither statements.csv and charges.csv nor projection.csv",
        )]);
    }
    let bill = if has_bill { Some(bill(folder)?) } else { None };
    let (forecasts, estimate_counts) =
        if has_projection { forecasts(folder)? } else { (Vec::new(), (0, 0)) };
    let (bill, of_bill) = bill.map_or((None, None), |(bill, currency)| (Some(bill), currency));
    let whole = forecasts.first().and_then(|forecast| forecast.whole.as_ref());
    let currency = of_bill
        .or_else(|| folder.info.total.map(|(currency, _)| currency))
        .or_else(|| whole.map(|whole| whole.currency));
    let run = RunReport {
        name: folder.name.clone(),
        info: folder.info.clone(),
        currency,
        bill,
        forecasts,
        estimate_counts,
        findings: if folder.has("findings.csv")? { folder.table()? } else { Vec::new() },
        assumptions: if folder.has("assumptions.csv")? { folder.table()? } else { Vec::new() },
        book: book(&folder.info, scribe),
    };
    agree(&run)?;
    Ok(run)
}

/// Whether it has charges that are one run's: where a projection has several scenarios, nobody
/// knows whose they are.
fn has_bill(folder: &RunFolder) -> Result<bool, Stopped> {
    let is_one = folder.info.scenarios.len() <= 1;
    Ok(is_one && folder.has("charges.csv")? && folder.has("statements.csv")?)
}

/// What was charged.
fn bill(folder: &RunFolder) -> Result<(BillReport, Option<Currency>), Stopped> {
    let mut sums = BillSums::default();
    folder.rows(|row: StatementRow, _| sums.statement(row).map_err(overflow))?;
    folder.rows(|row: ChargeRow, _| sums.charge(&row).map_err(overflow))?;
    if folder.has("sharing.csv")? {
        folder.rows(|row: SharedRow, _| sums.shared(row).map_err(overflow))?;
    }
    let has_detail = folder.has("allocations.csv")?;
    if has_detail {
        folder.rows(|row: AllocationRow, _| sums.allocation(&row).map_err(overflow))?;
    }
    let currency = sums.currency();
    Ok((sums.finish(has_detail), currency))
}

/// What is expected.
fn forecasts(folder: &RunFolder) -> Result<(Vec<Forecast>, (u64, u64)), Stopped> {
    let mut sums = ForecastSums::new(&folder.info);
    folder.rows(|MonthEstimateRow { estimate: row, .. }, _| {
        sums.month(row);
        Ok(())
    })?;
    if folder.has("projection_summary.csv")? {
        folder.rows(|PeriodEstimateRow(row), _| {
            sums.period(row);
            Ok(())
        })?;
    }
    if folder.has("drivers.csv")? {
        folder.rows(|row: DriverRow, _| {
            sums.driver(row);
            Ok(())
        })?;
    }
    let counts = sums.counts();
    Ok((sums.finish(), counts))
}

fn overflow(error: Overflow) -> Diagnostic {
    Diagnostic::error(Code::TooLarge, error.to_string())
}

/// Statements are sums of charges, charges of allocations, and `run.json` has the sum of all:
/// otherwise somebody changed a file, and no report of it can be right.
fn agree(run: &RunReport) -> Result<(), Stopped> {
    let Some(bill) = &run.bill else { return Ok(()) };
    let total = bill.sums.total;
    let allocated = bill.allocations.map(|(_, amount)| ("allocations.csv", amount));
    let told = run.info.total.map(|(_, amount)| ("run.json", amount));
    let others = [Some(("charges.csv", bill.charges.1)), allocated, told];
    match others.into_iter().flatten().find(|(_, amount)| *amount != total) {
        None => Ok(()),
        Some((file, amount)) => {
            let why = format!("its statements.csv comes to {total}, its {file} to {amount}");
            Err(vec![not_a_run(&run.name, &why).help("bill again: a file of it was changed")])
        }
    }
}

/// The price book, where its files are still those that the run read.
fn book(info: &RunInfo, scribe: &Scribe) -> BookReport {
    let known = info.book.clone().unwrap_or_default();
    let folder = info.arguments.get("prices").map_or("", String::as_str);
    let gone = |why: String| BookReport {
        id: if known.id.is_empty() { folder.to_owned() } else { known.id.clone() },
        title: known.title.clone(),
        state: BookState::Gone(why),
    };
    let (files, reports) = match read_files(folder, scribe) {
        Ok(read) => read,
        Err(why) => return gone(unread(folder, why, scribe)),
    };
    let changed =
        |name: &str, sha256: &str| info.input(name).is_none_or(|input| input.sha256 != sha256);
    let other = reports.iter().find(|report| changed(&report.name, &report.sha256));
    let missing = info.inputs.iter().filter(|input| Path::new(&input.name).starts_with(folder));
    let mut missing =
        missing.filter(|input| !reports.iter().any(|report| report.name == input.name));
    let name = other.map(|report| &report.name).or_else(|| missing.next().map(|input| &input.name));
    if let Some(name) = name {
        return gone(format!(
            "It has changed since the run: `{name}` is another. Prices are told as they were \
             charged, without their sources."
        ));
    }
    let mut names = Names::default();
    match load(&files, &mut names).book {
        Some(book) => BookReport::same(&book, &names),
        None => gone("It cannot be read any more.".to_owned()),
    }
}

/// What a report says of a book that cannot be read. That it is not there is usual; anything else
/// is said besides, as whoever made the report may be able to mend it.
fn unread(folder: &str, why: Vec<Diagnostic>, scribe: &Scribe) -> String {
    let without = "Prices are told as they were charged, without their sources.";
    if why.iter().all(|why| why.code != Code::FileUnreadable) {
        return format!(
            "Its files are not there any more: `{folder}`, from the folder in which this report was \
             made. {without}"
        );
    }
    let warning = |why: Diagnostic| Diagnostic {
        severity: Severity::Warning,
        message: format!("{}; the report has prices without their sources", why.message),
        ..why
    };
    scribe.diagnostics(&why.into_iter().map(warning).collect::<Vec<_>>());
    format!("Its files cannot be read: `{folder}`. {without}")
}

/// The workbook, whose long sheets are read once more.
pub(super) fn workbook(report: &Report, folders: &[RunFolder]) -> Result<Vec<u8>, Stopped> {
    let mut book = Workbook::new(report).map_err(refused)?;
    for (run, folder) in folders.iter().enumerate() {
        if report.runs[run].bill.is_some() {
            folder.rows(|row: ChargeRow, _| book.charge(run, &row).map_err(refusal))?;
        }
    }
    for (run, folder) in folders.iter().enumerate() {
        if book.wants_allocations(run) {
            folder.rows(|row: AllocationRow, _| book.allocation(run, &row).map_err(refusal))?;
        }
    }
    for (run, folder) in folders.iter().enumerate() {
        if folder.has("projection_summary.csv")? {
            folder.rows(|PeriodEstimateRow(row), _| book.period(run, &row).map_err(refusal))?;
        }
    }
    for (run, folder) in folders.iter().enumerate() {
        if folder.has("projection.csv")? {
            folder.rows(|MonthEstimateRow { estimate: row, .. }, _| {
                book.month(run, &row).map_err(refusal)
            })?;
        }
    }
    book.finish().map_err(refused)
}

fn refused(error: crate::write::xlsx::XlsxProblem) -> Stopped {
    vec![refusal(error)]
}

fn refusal(error: crate::write::xlsx::XlsxProblem) -> Diagnostic {
    match error {
        crate::write::xlsx::XlsxProblem::Overflow(error) => overflow(error),
        crate::write::xlsx::XlsxProblem::File(error) => Diagnostic::error(
            Code::FileUnwritable,
            format!("the workbook cannot be written: {error}"),
        )
        .help("nothing was left behind; make room or choose another place"),
        crate::write::xlsx::XlsxProblem::Scratch(why) => Diagnostic::error(
            Code::FileUnwritable,
            format!("the workbook's scratch files cannot be written: {why}"),
        )
        .help("make room where TMPDIR points, or let it point elsewhere"),
    }
}
