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
    let table = Table::read(name, bytes, &COLUMNS, diagnostics);
    let mut grids: Vec<(Grid, Vec<Row<'_>>)> = Vec::new();
    for row in table.rows() {
        let Some((effective_from, band)) = read_band(row, quantity_decimals, diagnostics) else {
            continue;
        };
        let place = grids.iter().position(|(grid, _)| grid.effective_from == effective_from);
        let place = place.unwrap_or_else(|| {
            grids.push((Grid { effective_from, bands: Vec::new() }, Vec::new()));
            grids.len() - 1
        });
        let (grid, rows) = &mut grids[place];
        if grid.bands.last().is_some_and(|last| last.from >= band.from) {
            wrong(row.cell("from"), "bands ascend", "not above the band before", diagnostics);
        }
        grid.bands.push(band);
        rows.push(row);
    }
    for (grid, rows) in &grids {
        if !grid.bands[0].from.is_zero() {
            let cell = rows[0].cell("from");
            wrong(cell, "a grid starts at 0", "0 expected in a grid's first band", diagnostics);
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
    let effective_from = Instant::parse_date_or_instant(date.text);
    if let Err(error) = effective_from {
        diagnostics.push(
            Diagnostic::error(Code::DateWrong, format!("`{}`: {error}", date.text))
                .at(date.place, "when the grid comes into force")
                .help("write a date like 2016-03-03"),
        );
    }
    let percent = percent?;
    if percent > Decimal::ONE_HUNDRED {
        wrong(row.cell("percent"), "a discount is at most 100 %", "too much", diagnostics);
    }
    Some((effective_from.ok()?, Band { from: Quantity::new(from?), percent }))
}

fn number(cell: Cell<'_>, places: u32, diagnostics: &mut Vec<Diagnostic>) -> Option<Decimal> {
    match parse_decimal_places(cell.text, places) {
        Ok(number) if number >= Decimal::ZERO => return Some(number),
        Ok(_) => wrong(cell, "numbers here are not negative", "negative", diagnostics),
        Err(error) => {
            let (code, message) = number_problem(cell.text, error);
            diagnostics.push(Diagnostic::error(code, message).at(cell.place, "not a number"));
        }
    }
    None
}

fn wrong(cell: Cell<'_>, message: &str, label: &str, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.push(Diagnostic::error(Code::DiscountWrong, message).at(cell.place, label));
}
