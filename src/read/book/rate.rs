//! The rows of one rate against each other, and a licence's against its server's.

use crate::book::{Model, RateRegion, Rates, Sku, Tier, Unit};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::read::book::unread::Unread;
use crate::read::table::{Cell, Row};
use crate::value::{Instant, Names};

/// One row that could be read.
pub(super) struct ReadRow<'a> {
    pub(super) row: Row<'a>,
    pub(super) index: usize,
    pub(super) tier: Tier,
    pub(super) unit: Unit,
    pub(super) model: Model,
    pub(super) sku: Sku,
    pub(super) region: RateRegion,
    pub(super) effective_from: Instant,
}

/// The rates that could be read, and the rows that could not.
pub(super) struct ReadRates {
    pub(super) rates: Rates,
    pub(super) unread: Unread,
}

/// Checks the rows of one (sku, region, date) against each other. `lacks_rows` tells whether some
/// may be missing because they could not be read.
pub(super) fn check_rate(
    rows: &[ReadRow<'_>],
    lacks_rows: impl FnOnce() -> bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mixed: Vec<_> = rows[1..].iter().filter_map(|read| check_mixed(&rows[0], read)).collect();
    if !mixed.is_empty() {
        return diagnostics.extend(mixed);
    }
    if rows[0].model == Model::Package {
        return check_package(rows, diagnostics);
    }
    let mut report = |code, message: &str, place: Place, label: &str, help: &str| {
        diagnostics.push(Diagnostic::error(code, message).at(place, label).help(help));
    };
    let mut bounds: Vec<&ReadRow<'_>> = rows.iter().collect();
    bounds.sort_by_key(|read| (read.tier.from, read.index));
    if !bounds[0].tier.from.is_zero() && !lacks_rows() {
        let cell = bounds[0].row.cell("from");
        let message = format!("the first tier starts at {}, not at 0", cell.text);
        let help = "add a row with from 0, or set this one to 0";
        report(Code::TierStart, &message, cell.place, "0 expected", help);
    }
    for pair in bounds.windows(2).filter(|pair| pair[0].tier.from == pair[1].tier.from) {
        let place = pair[1].row.cell("price").place;
        let message = format!(
            "`{}` has two prices from {} on, for the same region and date",
            pair[1].row.cell("sku").text,
            pair[1].tier.from
        );
        let help = format!("line {} has the first: keep one of the two", pair[0].tier.line);
        report(Code::RateTwice, &message, place, "the second price", &help);
    }
}

/// Tells a row whose unit or model is not that of its rate's first row.
fn check_mixed(first: &ReadRow<'_>, read: &ReadRow<'_>) -> Option<Diagnostic> {
    let (column, expected) = if read.unit != first.unit {
        ("unit", first.unit.as_str())
    } else if read.model != first.model {
        ("model", first.model.as_str())
    } else {
        return None;
    };
    let help = format!("line {} begins this rate: all its rows have one {column}", first.tier.line);
    let diagnostic = Diagnostic::error(Code::RateMixed, format!("one rate has two {column}s"))
        .at(read.row.cell(column).place, format!("{expected} expected"))
        .help(help);
    Some(diagnostic)
}

/// Whether the rows of a rate follow each other in the file.
pub(super) fn stand_together(rows: &[ReadRow<'_>]) -> bool {
    rows.windows(2).all(|pair| pair[0].index + 1 == pair[1].index)
}

/// Tells every tier that is below the one in the line before.
pub(super) fn check_ascending(rows: &[ReadRow<'_>], diagnostics: &mut Vec<Diagnostic>) {
    for pair in rows.windows(2).filter(|pair| pair[1].tier.from < pair[0].tier.from) {
        diagnostics.push(
            Diagnostic::error(Code::TierOrder, "tiers do not ascend")
                .at(
                    pair[1].row.cell("from").place,
                    format!("below {} in the line before", pair[0].tier.from),
                )
                .help("put the tiers of a rate in ascending order"),
        );
    }
}

fn check_package(rows: &[ReadRow<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let mut report = |cell: Cell<'_>, label: &str| {
        let message = "a package rate is one row: a size in `from`, a price, no flat";
        diagnostics.push(Diagnostic::error(Code::PackageShape, message).at(cell.place, label));
    };
    if rows[0].tier.from.is_zero() {
        report(rows[0].row.cell("from"), "the size of a package expected");
    }
    if rows[0].tier.flat.is_some() {
        report(rows[0].row.cell("flat"), "nothing expected");
    }
    for read in &rows[1..] {
        report(read.row.cell("from"), "a second row");
    }
}

/// Tells a licence rate where no server of its flavor has a rate.
pub(super) fn check_licence(
    sku: Sku,
    region: RateRegion,
    cell: &Cell<'_>,
    rates: &ReadRates,
    names: &Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Sku::License(_, flavor) = sku else { return };
    let server = Sku::Server(flavor);
    let serves = |server: RateRegion| {
        server == region || server == RateRegion::Everywhere || region == RateRegion::Everywhere
    };
    let is_served = rates.rates.versions(server).any(|version| serves(version.region));
    if !is_served && !rates.unread.may_hold(server, names) {
        let (server, region) = (server.text(names), region.text(names));
        diagnostics.push(
            Diagnostic::error(Code::LicenseWithoutServer, "a licence rate without a server rate")
                .at(cell.place.clone(), format!("no rate for {server} in {region}"))
                .help("add the server's rate, or remove the licence's"),
        );
    }
}
