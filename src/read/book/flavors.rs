//! `flavors.csv`: the sizes that servers come in.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rustc_hash::FxHashMap;

use crate::book::{Flavor, Rates, SUPPORT_UNITS_PER_GB, Sku};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::read::book::rate::ReadRates;
use crate::read::book::{MOST_DECIMALS, number_problem};
use crate::read::table::{Cell, Column, Row, Table};
use crate::value::{DecimalError, FlavorId, Names, parse_decimal_places};

const COLUMNS: [Column; 7] = [
    Column { name: "flavor", needed: true },
    Column { name: "class", needed: false },
    Column { name: "vcpus", needed: false },
    Column { name: "ram_gb", needed: true },
    Column { name: "support_gb", needed: false },
    Column { name: "disk_gb", needed: false },
    Column { name: "imageable", needed: false },
];

/// A flavor, and where it stands.
pub(super) struct ReadFlavor {
    pub(super) id: FlavorId,
    pub(super) name: String,
    pub(super) flavor: Flavor,
    place: Place,
    /// Where its memory should stand, if neither `ram_gb` nor `support_gb` says it.
    unsized_at: Option<Place>,
}

/// Reads `flavors.csv`.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<ReadFlavor>> {
    let table = Table::read(name, bytes, &COLUMNS, diagnostics)?;
    let mut flavors: Vec<ReadFlavor> = Vec::new();
    let mut places: FxHashMap<FlavorId, usize> = FxHashMap::default();
    for row in table.rows() {
        let cell = row.cell("flavor");
        let id = names.flavors.intern(cell.text);
        let first = places.get(&id).and_then(|place| flavors.get(*place));
        if let Some(diagnostic) = check_name(&cell, first) {
            diagnostics.push(diagnostic);
            continue;
        }
        let flavor = read_flavor(row, diagnostics);
        let (ram, support) = (row.cell("ram_gb"), row.cell("support_gb"));
        let is_unsized = ram.text.is_empty() && support.text.is_empty();
        let unsized_at = is_unsized.then_some(ram.place);
        let name = cell.text.to_owned();
        places.insert(id, flavors.len());
        flavors.push(ReadFlavor { id, name, flavor, place: cell.place, unsized_at });
    }
    Some(flavors)
}

/// What is wrong with a flavor's name, if anything is; `first` is an earlier flavor of that name.
fn check_name(cell: &Cell<'_>, first: Option<&ReadFlavor>) -> Option<Diagnostic> {
    if cell.text.is_empty() {
        let diagnostic = Diagnostic::error(Code::FlavorTwice, "a flavor without a name")
            .at(cell.place.clone(), "a name expected")
            .help("fill in the flavor's name, or remove the row");
        return Some(diagnostic);
    }
    let line = first?.place.line();
    let diagnostic =
        Diagnostic::error(Code::FlavorTwice, format!("flavor `{}` appears twice", cell.text))
            .at(cell.place.clone(), "the second one")
            .help(format!("line {line} has the first: keep one of the two"));
    Some(diagnostic)
}

fn read_flavor(row: Row<'_>, diagnostics: &mut Vec<Diagnostic>) -> Flavor {
    let ram_gb = size(row.cell("ram_gb"), diagnostics).unwrap_or_default();
    let support_gb = size(row.cell("support_gb"), diagnostics).unwrap_or(ram_gb);
    let vcpus = size(row.cell("vcpus"), diagnostics).unwrap_or_default();
    Flavor {
        class: row.cell("class").text.to_owned(),
        vcpus: vcpus.to_u32().unwrap_or_default(),
        ram_gb,
        support_units: (support_gb * Decimal::from(SUPPORT_UNITS_PER_GB)).to_u64().unwrap_or(0),
        disk_gb: size(row.cell("disk_gb"), diagnostics).unwrap_or_default(),
        imageable: imageable(row.cell("imageable"), diagnostics),
    }
}

/// A size in GB or a count; `None` where the cell is empty or wrong.
fn size(cell: Cell<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Decimal> {
    if cell.text.is_empty() {
        return None;
    }
    // A million GB keeps the support units of one step far inside 64 bits.
    let most = Decimal::from(1_000_000);
    match parse_decimal_places(cell.text, MOST_DECIMALS) {
        Ok(size) if size >= Decimal::ZERO && size <= most => Some(size),
        Ok(_) => {
            let message = format!("`{}` is outside 0 to {most}", cell.text);
            diagnostics
                .push(Diagnostic::error(Code::NumberWrong, message).at(cell.place, "not a size"));
            None
        }
        Err(error) => {
            diagnostics.push(number_problem(cell, error, "not a size"));
            None
        }
    }
}

fn imageable(cell: Cell<'_>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    match cell.text {
        "true" | "" => true,
        "false" => false,
        other => {
            let message = format!("`imageable` cannot be `{other}`");
            diagnostics.push(
                Diagnostic::error(Code::ValueWrong, message)
                    .at(cell.place, "true or false expected")
                    .help("may images be taken of servers of this flavor? (L09)"),
            );
            true
        }
    }
}

/// Tells every flavor that no rate prices.
pub(super) fn check_priced(
    flavors: &[ReadFlavor],
    rates: &ReadRates,
    names: &Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for flavor in flavors {
        let sku = Sku::Server(flavor.id);
        if !rates.rates.has(sku) && !rates.unread.may_hold(sku, names) {
            let message = format!("flavor `{}` has no rate", flavor.name);
            diagnostics.push(
                Diagnostic::error(Code::FlavorUnpriced, message)
                    .at(flavor.place.clone(), "a server of it could not be priced")
                    .help(format!("add a row to rates.csv with sku server:{}", flavor.name)),
            );
        }
    }
}

/// Tells every flavor whose memory nobody has filled in, in a book that charges support by it.
pub(super) fn check_sized(
    flavors: &[ReadFlavor],
    rates: &Rates,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if !rates.skus().iter().any(|sku| matches!(sku, Sku::Support(_))) {
        return;
    }
    for place in flavors.iter().filter_map(|flavor| flavor.unsized_at.clone()) {
        let cell = Cell { text: "", place };
        diagnostics.push(number_problem(cell, DecimalError::Empty, "support is charged by memory"));
    }
}
