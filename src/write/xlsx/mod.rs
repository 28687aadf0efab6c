//! A report as a workbook: real numbers and dates, tables, formulas that agree with their values,
//! native charts.
//!
//! Numbers in workbooks are binary floats with 15 decimal digits. An amount in minor units that has
//! no more than those is shown exactly; a quantity with more is written as text, and the summary
//! says how many there are. Texts are never formulas.

mod charts;
mod float;
mod sheet;
mod summary;

use rust_decimal::Decimal;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, XlsxError};
use thiserror::Error;

use crate::book::Category;
use crate::guard::{Panicked, guarded};
use crate::report::table::{Cells, Column, Kind, Table};
use crate::report::tables;
use crate::report::{Report, RunReport};
use crate::run::{AllocationRow, ChargeRow, EstimateRow};
use crate::value::Overflow;
use crate::write::xlsx::sheet::{Formats, Sheet};

/// Why there is no workbook.
#[derive(Debug, Error)]
pub enum XlsxProblem {
    /// A sum grew too large.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// The file cannot be made.
    #[error("{0}")]
    File(#[from] XlsxError),
    /// What the crate asserts where the scratch file of a long sheet cannot be written.
    #[error("{0}")]
    Scratch(String),
}

impl From<Panicked> for XlsxProblem {
    fn from(Panicked(why): Panicked) -> XlsxProblem {
        XlsxProblem::Scratch(why)
    }
}

/// More allocations than this stay in `allocations.csv`: no spreadsheet opens them.
const MOST_ALLOCATIONS: u64 = 4_000_000;

/// A workbook in the making. Rows of long files are handed to it one by one.
pub struct Workbook<'a> {
    report: &'a Report,
    book: rust_xlsxwriter::Workbook,
    formats: Formats,
    sheets: Vec<Sheet>,
    charges: Option<usize>,
    allocations: Option<usize>,
    periods: Option<usize>,
    months: Option<usize>,
}

impl<'a> Workbook<'a> {
    /// Begins a workbook: everything but the rows of long files is in it.
    ///
    /// # Errors
    /// [`XlsxProblem`].
    pub fn new(report: &'a Report) -> Result<Workbook<'a>, XlsxProblem> {
        let digits = report.runs.first().map_or(2, RunReport::minor_digits);
        let mut workbook = Workbook {
            report,
            book: rust_xlsxwriter::Workbook::new(),
            formats: Formats::new(digits),
            sheets: Vec::new(),
            charges: None,
            allocations: None,
            periods: None,
            months: None,
        };
        // No clock: the same runs give the same bytes.
        let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
        let properties = DocProperties::new().set_author("sharebill").set_title("sharebill report");
        workbook.book.set_properties(&properties.set_creation_datetime(&made));
        workbook.book.add_worksheet().set_name("summary")?;
        workbook.short_sheets()?;
        Ok(workbook)
    }

    /// The sheets in their order; those of long files are only begun.
    fn short_sheets(&mut self) -> Result<(), XlsxProblem> {
        let runs = &self.report.runs;
        let of_bills = |make: fn(&crate::report::BillReport) -> Table| -> Vec<(usize, Table)> {
            let bills = runs.iter().enumerate();
            bills.filter_map(|(run, told)| Some((run, make(told.bill.as_ref()?)))).collect()
        };
        self.tables(of_bills(|bill| tables::months(bill, &Category::ALL)))?;
        self.tables(of_bills(|bill| tables::accounts(bill, &Category::ALL)))?;
        self.tables(of_bills(tables::statements))?;
        let has_bill = runs.iter().any(|run| run.bill.is_some());
        let bills = || runs.iter().filter_map(|run| run.bill.as_ref());
        if has_bill {
            let count = bills().map(|bill| bill.charges.0).sum();
            self.charges = Some(self.begin("charges", &tables::CHARGE_COLUMNS, count)?);
        }
        let wanted = (0..runs.len()).filter(|run| self.wants_allocations(*run));
        let count: u64 = wanted.filter_map(|run| self.allocations_of(run)).map(|a| a.0).sum();
        if count > 0 {
            let sheet = self.begin("allocations", &tables::ALLOCATION_COLUMNS, count)?;
            self.allocations = Some(sheet);
        }
        self.tables(of_bills(tables::shared_rows))?;
        let images = runs
            .iter()
            .enumerate()
            .filter_map(|(run, told)| Some((run, tables::images(told.bill.as_ref()?)?)));
        self.tables(images.collect())?;
        self.forecast_sheets()?;
        self.tables(self.of_runs(|run| tables::prices(run).into_iter().collect()))?;
        let difference = self.report.difference.as_ref().and_then(tables::difference);
        self.tables(difference.into_iter().map(|table| (0, table)).collect())?;
        self.tables(self.of_runs(|run| vec![tables::findings(run)]))?;
        self.tables(self.of_runs(|run| tables::assumptions(run).into_iter().collect()))?;
        self.tables(self.of_runs(|run| vec![tables::inputs(run)]))
    }

    fn forecast_sheets(&mut self) -> Result<(), XlsxProblem> {
        let counts = self.report.runs.iter().map(|run| run.estimate_counts);
        let (months, periods) =
            counts.fold((0, 0), |(months, periods), (m, p)| (months + m, periods + p));
        if months + periods == 0 {
            return Ok(());
        }
        self.tables(
            self.of_runs(|run| tables::forecast_months(&run.forecasts).into_iter().collect()),
        )?;
        self.periods = Some(self.begin("projection", &tables::ESTIMATE_COLUMNS, periods)?);
        self.months = Some(self.begin("projection months", &tables::ESTIMATE_COLUMNS, months)?);
        self.tables(self.of_runs(|run| tables::drivers(&run.forecasts).into_iter().collect()))
    }

    fn of_runs(&self, make: impl Fn(&RunReport) -> Vec<Table>) -> Vec<(usize, Table)> {
        let runs = self.report.runs.iter().enumerate();
        runs.flat_map(|(run, told)| make(told).into_iter().map(move |t| (run, t))).collect()
    }

    /// Begins a sheet of so many rows.
    fn begin(&mut self, name: &str, columns: &[Column], rows: u64) -> Result<usize, XlsxProblem> {
        // Where there are several runs, each row says whose it is.
        let runs = (self.report.runs.len() > 1 && name != "difference")
            .then(|| Column::new("run", "Run", Kind::Text));
        let columns: Vec<Column> = runs.into_iter().chain(columns.iter().copied()).collect();
        let sheet = Sheet::begin(&mut self.book, &self.formats, name, columns, rows)?;
        self.sheets.push(sheet);
        Ok(self.sheets.len() - 1)
    }

    /// A sheet of whole tables, one below the other. Those with other columns get a sheet of their
    /// own.
    fn tables(&mut self, tables: Vec<(usize, Table)>) -> Result<(), XlsxProblem> {
        let mut rest = tables;
        let mut number = 0;
        while let Some((_, first)) = rest.first() {
            number += 1;
            let columns = first.columns.clone();
            let name = first.id.replace('-', " ");
            let name = if number == 1 { name } else { format!("{name} {number}") };
            let (same, others): (Vec<_>, Vec<_>) =
                rest.into_iter().partition(|(_, table)| table.columns == columns);
            let count = same.iter().map(|(_, table)| table.rows.len() as u64).sum();
            let sheet = self.begin(&name, &columns, count)?;
            for (run, table) in same {
                for row in table.rows {
                    self.row(sheet, run, row)?;
                }
            }
            rest = others;
        }
        Ok(())
    }

    fn row(&mut self, sheet: usize, run: usize, mut cells: Cells) -> Result<(), XlsxProblem> {
        let sheet = &mut self.sheets[sheet];
        if cells.len() < sheet.column_count() {
            cells.insert(0, crate::report::table::Cell::text(&self.report.runs[run].name));
        }
        let (book, formats) = (&mut self.book, &self.formats);
        guarded(|| sheet.row(book, formats, &cells))?
    }

    /// Adds a charge of a run.
    ///
    /// # Errors
    /// [`XlsxProblem`].
    pub fn charge(&mut self, run: usize, row: &ChargeRow) -> Result<(), XlsxProblem> {
        self.charges.map_or(Ok(()), |sheet| self.row(sheet, run, tables::charge(row)))
    }

    fn allocations_of(&self, run: usize) -> Option<(u64, Decimal)> {
        self.report.runs[run].bill.as_ref()?.allocations
    }

    /// Whether a run has allocations, and not too many of them.
    #[must_use]
    pub fn wants_allocations(&self, run: usize) -> bool {
        self.allocations_of(run).is_some_and(|(count, _)| count <= MOST_ALLOCATIONS)
    }

    /// Adds a resource's part of a charge.
    ///
    /// # Errors
    /// [`XlsxProblem`].
    pub fn allocation(&mut self, run: usize, row: &AllocationRow) -> Result<(), XlsxProblem> {
        self.allocations.map_or(Ok(()), |sheet| self.row(sheet, run, tables::allocation(row)))
    }

    /// Adds what several months or accounts are expected to come to.
    ///
    /// # Errors
    /// [`XlsxProblem`].
    pub fn period(&mut self, run: usize, row: &EstimateRow) -> Result<(), XlsxProblem> {
        self.periods.map_or(Ok(()), |sheet| self.row(sheet, run, tables::estimate(row)))
    }

    /// Adds what an account's month is expected to come to.
    ///
    /// # Errors
    /// [`XlsxProblem`].
    pub fn month(&mut self, run: usize, row: &EstimateRow) -> Result<(), XlsxProblem> {
        self.months.map_or(Ok(()), |sheet| self.row(sheet, run, tables::estimate(row)))
    }

    /// All rows are in: the bytes of the file.
    ///
    /// # Errors
    /// [`XlsxProblem`].
    pub fn finish(mut self) -> Result<Vec<u8>, XlsxProblem> {
        for sheet in &mut self.sheets {
            sheet.finish(&mut self.book, &self.formats)?;
        }
        summary::write(&mut self)?;
        Ok(guarded(|| self.book.save_to_buffer())??)
    }

    /// A sheet by its name.
    fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.name() == name)
    }
}
