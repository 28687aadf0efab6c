//! The first sheet: what a run comes to, whether its files agree, and charts.

use rust_decimal::Decimal;
use rust_xlsxwriter::Formula;

use crate::book::Category;
use crate::report::tables::category_label;
use crate::report::{BillReport, BookState, RunReport};
use crate::run::RunKind;
use crate::write::text::grouped;
use crate::write::xlsx::sheet::write_text;
use crate::write::xlsx::{MOST_ALLOCATIONS, Workbook, XlsxProblem, charts};

/// The lines of the first sheet, from the top.
struct Lines {
    next: u32,
}

impl Lines {
    fn step(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }
}

pub(super) fn write(workbook: &mut Workbook<'_>) -> Result<(), XlsxProblem> {
    let mut lines = Lines { next: 0 };
    let sheet = workbook.book.worksheet_from_index(0)?;
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 1);
    sheet.set_column_width(0, 34)?;
    sheet.set_column_width(1, 18)?;
    sheet.set_column_width(2, 10)?;
    let report = workbook.report;
    for run in &report.runs {
        head(workbook, run, &mut lines)?;
        if let Some(bill) = &run.bill {
            totals(workbook, run, bill, report.runs.len() == 1, &mut lines)?;
        } else {
            expected(workbook, run, &mut lines)?;
        }
        lines.step();
    }
    if report.runs.len() == 1 {
        agreement(workbook, &mut lines)?;
    }
    notes(workbook, &mut lines)?;
    charts::insert(workbook)
}

/// Which run it is.
fn head(
    workbook: &mut Workbook<'_>,
    run: &RunReport,
    lines: &mut Lines,
) -> Result<(), XlsxProblem> {
    let formats = &workbook.formats;
    let sheet = workbook.book.worksheet_from_index(0)?;
    let title = if run.book.title.is_empty() { &run.name } else { &run.book.title };
    sheet.set_row_height(lines.next, 24)?;
    write_text(sheet, (lines.step(), 0), title, &formats.title)?;
    let kind = match run.info.kind {
        RunKind::Bill => "a bill: what did happen",
        RunKind::Projection => "a projection: an estimate, not an invoice",
    };
    let period = match (run.info.start, run.info.end) {
        (Some(start), Some(end)) => format!("{start} to {end}, "),
        _ => String::new(),
    };
    let about = format!("{} ({period}{kind})", run.name);
    write_text(sheet, (lines.step(), 0), &about, &formats.soft)?;
    if let BookState::Gone(why) = &run.book.state {
        write_text(sheet, (lines.step(), 0), why, &formats.soft)?;
    }
    lines.step();
    Ok(())
}

/// By category: formulas over the statements where there is one run, amounts where there are more.
fn totals(
    workbook: &mut Workbook<'_>,
    run: &RunReport,
    bill: &BillReport,
    is_alone: bool,
    lines: &mut Lines,
) -> Result<(), XlsxProblem> {
    let mut amounts: Vec<(&str, &str, Decimal)> = Category::ALL
        .into_iter()
        .map(|category| {
            let amount = bill.sums.by_category[category as usize];
            (category_label(category), category.as_str(), amount)
        })
        .collect();
    amounts.push(("Total", "total", bill.sums.total));
    for (label, column, amount) in amounts {
        let formula = workbook.sheet("statements").map(|sheet| sheet.sum_formula(column));
        let formula = formula.filter(|_| is_alone).unwrap_or_else(|| format!("={amount}"));
        amount_line(workbook, label, &formula, amount, column == "total", run, lines)?;
    }
    Ok(())
}

fn amount_line(
    workbook: &mut Workbook<'_>,
    label: &str,
    formula: &str,
    amount: Decimal,
    is_bold: bool,
    run: &RunReport,
    lines: &mut Lines,
) -> Result<(), XlsxProblem> {
    let formats = &workbook.formats;
    let (text, money) = if is_bold {
        (&formats.bold, &formats.money_bold)
    } else {
        (&formats.plain, &formats.money)
    };
    let row = lines.step();
    let sheet = workbook.book.worksheet_from_index(0)?;
    write_text(sheet, (row, 0), label, text)?;
    let formula = Formula::new(formula).set_result(amount.to_string());
    sheet.write_formula_with_format(row, 1, formula, money)?;
    write_text(sheet, (row, 2), run.currency_code(), text)?;
    Ok(())
}

/// What each scenario expects.
fn expected(
    workbook: &mut Workbook<'_>,
    run: &RunReport,
    lines: &mut Lines,
) -> Result<(), XlsxProblem> {
    for forecast in &run.forecasts {
        let Some(whole) = &forecast.whole else { continue };
        let label = format!("{}: mean of {} runs", forecast.scenario, grouped(forecast.runs));
        let formula = format!("={}", whole.mean);
        amount_line(workbook, &label, &formula, whole.mean, true, run, lines)?;
        let names = ["p5", "p10", "p50", "p90", "p95"];
        for (name, amount) in names.into_iter().zip(whole.quantiles.into_iter().flatten()) {
            amount_line(workbook, name, &format!("={amount}"), amount, false, run, lines)?;
        }
    }
    Ok(())
}

/// Whether statements, charges and allocations come to the same.
fn agreement(workbook: &mut Workbook<'_>, lines: &mut Lines) -> Result<(), XlsxProblem> {
    let sums = [("statements", "total"), ("charges", "amount"), ("allocations", "amount")];
    let found: Vec<(&str, String, Decimal)> = sums
        .into_iter()
        .filter_map(|(name, column)| {
            let sheet = workbook.sheet(name)?;
            Some((name, sheet.sum_formula(column), sheet.sum(column)))
        })
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    let run = &workbook.report.runs[0];
    let heading = lines.step();
    let sheet = workbook.book.worksheet_from_index(0)?;
    write_text(sheet, (heading, 0), "The files agree", &workbook.formats.bold)?;
    let first = lines.next;
    for (name, formula, amount) in found {
        amount_line(workbook, &format!("Sum of {name}"), &formula, amount, false, run, lines)?;
    }
    let last = lines.next;
    let (cells, digits) = (format!("B{}:B{last}", first + 1), run.minor_digits());
    let formula = format!("=ROUND(MAX({cells})-MIN({cells}),{digits})");
    amount_line(workbook, "Largest difference", &formula, Decimal::ZERO, true, run, lines)?;
    lines.step();
    Ok(())
}

/// What to know about the numbers.
fn notes(workbook: &mut Workbook<'_>, lines: &mut Lines) -> Result<(), XlsxProblem> {
    let mut notes = vec![
        "Every amount is what the run's files print. A spreadsheet holds 15 digits of a number: \
         amounts are shown exactly with the currency's digits, and the CSV files have every digit."
            .to_owned(),
    ];
    let total = |of: fn(&crate::write::xlsx::sheet::Sheet) -> u64| -> u64 {
        workbook.sheets.iter().map(of).sum()
    };
    let long = total(|sheet| sheet.long_numbers);
    if long > 0 {
        notes.push(format!(
            "Quantities with more than 15 digits, written as text: {}.",
            grouped(long)
        ));
    }
    let cut = total(|sheet| sheet.cut_amounts);
    if cut > 0 {
        notes.push(format!("Amounts with more than 15 digits, held to 15: {}.", grouped(cut)));
    }
    for run in &workbook.report.runs {
        let Some(bill) = &run.bill else { continue };
        match bill.allocations {
            None => notes.push(format!(
                "{} has no allocations: run sharebill bill with --detail for every resource's part.",
                run.name
            )),
            Some((count, amount)) if count > MOST_ALLOCATIONS => notes.push(format!(
                "{} allocations, {amount} {} in all, are too many for a spreadsheet: they are in \
                 allocations.csv of {}.",
                grouped(count),
                run.currency_code(),
                run.name
            )),
            Some(_) => {}
        }
    }
    for line in notes.iter().flat_map(|note| broken(note)) {
        let row = lines.step();
        let sheet = workbook.book.worksheet_from_index(0)?;
        write_text(sheet, (row, 0), &line, &workbook.formats.soft)?;
    }
    Ok(())
}

/// A sentence in lines that end before the charts.
fn broken(text: &str) -> Vec<String> {
    const WIDEST: usize = 62;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + word.chars().count() >= WIDEST {
            lines.push(word.to_owned());
        } else {
            let space = if lines[last].is_empty() { "" } else { " " };
            lines[last] += space;
            lines[last] += word;
        }
    }
    lines
}
