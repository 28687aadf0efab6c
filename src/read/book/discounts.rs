//! `discounts.csv`: the volume discount's grids (P7).

use rust_decimal::Decimal;

use crate::book::{Band, Grid};
use crate::diagnostic::{Code, Diagnostic};
use crate::read::book::{MOST_DECIMALS, number_problem};
use crate::read::table::{Cell, Column, Row, Table};
use crate::value::{Instant, Quantity, parse_decimal_places};

const COLUMNS: [Column; 4] = [
    Column { name: "from", needed: true },
    Column { name: "percent", needed: true },
    Column { name: "effective_from", needed: true },
    Column { name: "source", needed: false },
];

/// Reads `discounts.csv` into grids, ascending by date.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    quantity_decimals: u32,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Grid> {
    let Some(table) = Table::read(name, bytes, &COLUMNS, diagnostics) else { return Vec::new() };
    let mut is_whole = table.broken_lines().next().is_none();
    let mut grids: Vec<(Grid, Vec<Row<'_>>)> = Vec::new();
    for row in table.rows() {
        let Some((effective_from, band)) = read_band(row, quantity_decimals, diagnostics) else {
            is_whole = false;
            continue;
        };
        let place = grids.iter().position(|(grid, _)| grid.effective_from == effective_from);
        let place = place.unwrap_or_else(|| {
            grids.push((Grid { effective_from, bands: Vec::new() }, Vec::new()));
            grids.len() - 1
        });
        let (grid, rows) = &mut grids[place];
        if let Some(last) = grid.bands.last().filter(|last| last.from >= band.from) {
            let label = format!("not above {}, where the band before starts", last.from);
            let help = "put the bands of a date in ascending order";
            let message = "discount bands do not ascend".to_owned();
            diagnostics.push(wrong(row.cell("from"), message, &label).help(help));
        }
        grid.bands.push(band);
        rows.push(row);
    }
    // A band that could not be read may be the one that starts at 0.
    for (grid, rows) in grids.iter().filter(|_| is_whole) {
        if !grid.bands[0].from.is_zero() {
            let cell = rows[0].cell("from");
            let message = format!("the first discount band starts at {}, not at 0", cell.text);
            let help = "add a row with from 0 and percent 0";
            diagnostics.push(wrong(cell, message, "0 expected").help(help));
        }
    }
    grids.sort_by_key(|(grid, _)| grid.effective_from);
    grids.into_iter().map(|(grid, _)| grid).collect()
}

fn read_band(
    row: Row<'_>,
    quantity_decimals: u32,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Instant, Band)> {
    let from = number(row.cell("from"), quantity_decimals, diagnostics);
    let percent = number(row.cell("percent"), MOST_DECIMALS - 2, diagnostics);
    let date = row.cell("effective_from");
    let effective_from = date
        .date("when the discount comes into force", "write a date like 2016-03-03")
        .map_err(|diagnostic| diagnostics.push(diagnostic))
        .ok();
    let percent = percent?;
    if percent > Decimal::ONE_HUNDRED {
        let cell = row.cell("percent");
        let message = format!("a discount of {} % is more than the price", cell.text);
        diagnostics.push(wrong(cell, message, "0 to 100 expected"));
    }
    let from = Quantity::new(from?);
    let (line, source) = (row.line(), row.cell("source").text.to_owned());
    Some((effective_from?, Band { from, percent, line, source }))
}

fn number(cell: Cell<'_>, places: u32, diagnostics: &mut Vec<Diagnostic>) -> Option<Decimal> {
    let problem = match parse_decimal_places(cell.text, places) {
        Ok(number) if number >= Decimal::ZERO => return Some(number),
        Ok(_) => {
            let message = format!("`{}` is negative", cell.text);
            wrong(cell, message, "0 or more expected")
        }
        Err(error) => number_problem(cell, error, "not a number"),
    };
    diagnostics.push(problem);
    None
}

fn wrong(cell: Cell<'_>, message: String, label: &str) -> Diagnostic {
    Diagnostic::error(Code::DiscountWrong, message).at(cell.place, label)
}
