//! `rates.csv`: one row a tier, rows of one (sku, region, date) one rate.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::book::{Model, RateRegion, Rates, Sku, Tier, Unit, Version};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::read::book::flavors::ReadFlavor;
use crate::read::book::{MOST_DECIMALS, number_problem};
use crate::read::table::{Cell, Column, Row, Table};
use crate::value::{Instant, Names, Quantity, RegionId, UnitPrice, parse_decimal_places};

const COLUMNS: [Column; 9] = [
    Column { name: "sku", needed: true },
    Column { name: "region", needed: true },
    Column { name: "unit", needed: true },
    Column { name: "model", needed: false },
    Column { name: "from", needed: true },
    Column { name: "price", needed: true },
    Column { name: "flat", needed: false },
    Column { name: "effective_from", needed: true },
    Column { name: "source", needed: false },
];

/// The most that one unit may cost: enough for any currency, and far from overflow.
const HIGHEST_PRICE: u64 = 1_000_000_000_000;

/// What rates are checked against; `None` where that could not be read itself.
pub(super) struct Context<'a> {
    pub(super) regions: Option<&'a [RegionId]>,
    pub(super) flavors: Option<&'a [ReadFlavor]>,
    pub(super) quantity_decimals: u32,
}

/// One row that could be read.
struct ReadRow<'a> {
    row: Row<'a>,
    index: usize,
    sku: Sku,
    region: RateRegion,
    effective_from: Instant,
    unit: Unit,
    model: Model,
    tier: Tier,
}

/// Reads `rates.csv`.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    context: &Context<'_>,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Rates {
    let table = Table::read(name, bytes, &COLUMNS, diagnostics);
    let mut grouped: BTreeMap<(Sku, RateRegion, Instant), Vec<ReadRow<'_>>> = BTreeMap::new();
    for (index, row) in table.rows().enumerate() {
        if let Some(read) = read_row(row, index, context, names, diagnostics) {
            grouped.entry((read.sku, read.region, read.effective_from)).or_default().push(read);
        }
    }
    let mut rates = Rates::default();
    let mut licences = Vec::new();
    // A file in which every rate's rows stand together is a list that somebody wrote, and its
    // tiers ascend. Where rows are scattered (a program shuffled or sorted them by something
    // else), their order says nothing.
    let is_list = grouped.values().all(|rows| stand_together(rows));
    for ((sku, region, effective_from), mut rows) in grouped {
        check_rate(&rows, diagnostics);
        if is_list {
            check_ascending(&rows, diagnostics);
        }
        if matches!(sku, Sku::License(..)) {
            licences.push((sku, region, rows[0].row.cell("sku")));
        }
        rows.sort_by_key(|read| read.tier.from);
        let (unit, model) = (rows[0].unit, rows[0].model);
        let tiers = rows.into_iter().map(|read| read.tier).collect();
        rates.add(sku, Version { region, effective_from, unit, model, tiers });
    }
    for (sku, region, cell) in licences {
        check_licence(sku, region, &cell, &rates, diagnostics);
    }
    diagnostics
        .sort_by_key(|d| d.place.as_ref().map(|(p, _)| (p.source.name.clone(), p.span.start)));
    rates
}

/// The SKU that a text names; a new flavor, os or level is interned.
pub fn parse_sku(text: &str, names: &mut Names) -> Option<Sku> {
    match text {
        "image.storage" => return Some(Sku::ImageStorage),
        "object.storage" => return Some(Sku::ObjectStorage),
        "transfer.out" => return Some(Sku::TransferOut),
        _ => {}
    }
    let (kind, rest) = text.split_once(':').filter(|(_, rest)| !rest.is_empty())?;
    match kind {
        "server" => Some(Sku::Server(names.flavors.intern(rest))),
        "support" => Some(Sku::Support(names.levels.intern(rest))),
        "minimum" => Some(Sku::Minimum(names.levels.intern(rest))),
        "fee" => Some(Sku::Fee(names.levels.intern(rest))),
        "license" => {
            let (os, flavor) = rest.split_once(':')?;
            let both = !os.is_empty() && !flavor.is_empty();
            both.then(|| Sku::License(names.systems.intern(os), names.flavors.intern(flavor)))
        }
        _ => None,
    }
}

fn read_row<'a>(
    row: Row<'a>,
    index: usize,
    context: &Context<'_>,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ReadRow<'a>> {
    // All cells are looked at before the first mistake ends the row.
    let sku = read_sku(row.cell("sku"), context, names, diagnostics);
    let region = read_region(row.cell("region"), context, names, diagnostics);
    let unit = read_unit(row.cell("unit"), sku, diagnostics);
    let model = read_model(row.cell("model"), diagnostics);
    let from = read_from(row.cell("from"), context.quantity_decimals, diagnostics);
    let price = read_price(row.cell("price"), diagnostics);
    let flat = read_flat(row.cell("flat"), diagnostics);
    let effective_from = read_date(row.cell("effective_from"), diagnostics);
    let source = row.cell("source");
    if source.text.is_empty() {
        diagnostics.push(
            Diagnostic::warning(Code::SourceMissing, "a figure without a source")
                .at(source.place.clone(), "where was it published, and when?"),
        );
    }
    let (sku, region) = (sku?, region?);
    check_cycle_rate(sku, region, row, diagnostics);
    let tier = Tier {
        from: Quantity::new(from?),
        price: UnitPrice::new(price?),
        flat: flat?.map(UnitPrice::new),
        line: row.line(),
        source: source.text.to_owned(),
    };
    let effective_from = effective_from?;
    Some(ReadRow { row, index, sku, region, effective_from, unit: unit?, model: model?, tier })
}

fn read_sku(
    cell: Cell<'_>,
    context: &Context<'_>,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Sku> {
    let Some(sku) = parse_sku(cell.text, names) else {
        let kind = cell.text.split(':').next().unwrap_or_default();
        let kinds = [
            "image.storage",
            "object.storage",
            "transfer.out",
            "server",
            "license",
            "support",
            "minimum",
            "fee",
        ];
        diagnostics.push(
            Diagnostic::error(Code::SkuUnknown, format!("`{}` is not a SKU", cell.text))
                .at(cell.place, "like image.storage, server:<flavor> or license:<os>:<flavor>")
                .did_you_mean(kind, kinds),
        );
        return None;
    };
    let (Sku::Server(flavor) | Sku::License(_, flavor)) = sku else { return Some(sku) };
    let Some(flavors) = context.flavors else { return Some(sku) };
    if !flavors.iter().any(|known| known.id == flavor) {
        let word = names.flavors.text(flavor).to_owned();
        diagnostics.push(
            Diagnostic::error(Code::FlavorUnknown, format!("flavor `{word}` is not known"))
                .at(cell.place, "flavors.csv does not have it")
                .did_you_mean(&word, flavors.iter().map(|known| known.name.as_str())),
        );
        return None;
    }
    Some(sku)
}

fn read_region(
    cell: Cell<'_>,
    context: &Context<'_>,
    names: &Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<RateRegion> {
    if cell.text == "*" {
        return Some(RateRegion::Everywhere);
    }
    let regions = context.regions?;
    let region = names.regions.find(cell.text).filter(|region| regions.contains(region));
    if region.is_none() {
        let message = format!("region `{}` is not one of the book's", cell.text);
        let known = regions.iter().map(|region| names.regions.text(*region)).chain(["*"]);
        diagnostics.push(
            Diagnostic::error(Code::RegionUnknown, message)
                .at(cell.place, "book.toml does not list it")
                .did_you_mean(cell.text, known),
        );
    }
    region.map(RateRegion::One)
}

fn read_unit(cell: Cell<'_>, sku: Option<Sku>, diagnostics: &mut Vec<Diagnostic>) -> Option<Unit> {
    let unit = Unit::ALL.into_iter().find(|unit| unit.as_str() == cell.text);
    let expected = sku.and_then(Unit::of);
    if unit.is_some() && (expected.is_none() || unit == expected) {
        return unit;
    }
    let diagnostic = Diagnostic::error(
        Code::UnitUnknown,
        match unit {
            Some(_) => format!("this SKU is not charged in `{}`", cell.text),
            None => format!("`{}` is not a unit", cell.text),
        },
    );
    diagnostics.push(match expected {
        Some(expected) => {
            let label = format!("{} expected", expected.as_str());
            diagnostic.at(cell.place, label).help(format!("write {}", expected.as_str()))
        }
        None => diagnostic
            .at(cell.place, "not a unit")
            .did_you_mean(cell.text, Unit::ALL.map(Unit::as_str)),
    });
    None
}

fn read_model(cell: Cell<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Model> {
    let models = [Model::Graduated, Model::Volume, Model::Package];
    if cell.text.is_empty() {
        return Some(Model::Graduated);
    }
    let model = models.into_iter().find(|model| model.as_str() == cell.text);
    if model.is_none() {
        diagnostics.push(
            Diagnostic::error(Code::ModelUnknown, format!("`{}` is not a model", cell.text))
                .at(cell.place, "how tiers price a quantity")
                .did_you_mean(cell.text, models.map(Model::as_str)),
        );
    }
    model
}

fn read_from(cell: Cell<'_>, places: u32, diagnostics: &mut Vec<Diagnostic>) -> Option<Decimal> {
    match parse_decimal_places(cell.text, places) {
        Ok(from) if from >= Decimal::ZERO => return Some(from),
        Ok(_) => diagnostics.push(
            Diagnostic::error(Code::TierStart, "a tier's bound is not negative")
                .at(cell.place, "the first tier starts at 0"),
        ),
        Err(error) => {
            let (code, message) = number_problem(cell.text, error);
            diagnostics.push(
                Diagnostic::error(code, message)
                    .at(cell.place, "the lower bound of the tier, in units")
                    .help("the first tier starts at 0"),
            );
        }
    }
    None
}

fn read_price(cell: Cell<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Decimal> {
    if cell.text.is_empty() {
        diagnostics.push(
            Diagnostic::error(Code::PriceMissing, "this rate has no price yet")
                .at(cell.place, "fill in the price of one unit")
                .help("write 0 for what costs nothing"),
        );
        return None;
    }
    read_money(cell, diagnostics)
}

/// A flat: `Some(None)` where there is none.
fn read_flat(cell: Cell<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<Decimal>> {
    if cell.text.is_empty() {
        return Some(None);
    }
    read_money(cell, diagnostics).map(Some)
}

fn read_money(cell: Cell<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Decimal> {
    match parse_decimal_places(cell.text, MOST_DECIMALS) {
        Ok(price) if price.is_sign_negative() && !price.is_zero() => diagnostics.push(
            Diagnostic::error(
                Code::PriceNegative,
                format!("the price `{}` is negative", cell.text),
            )
            .at(cell.place, "0 or more expected")
            .help("for a discount, see discounts.csv"),
        ),
        Ok(price) if price > Decimal::from(HIGHEST_PRICE) => diagnostics.push(
            Diagnostic::error(Code::NumberWrong, format!("`{}` is too much", cell.text))
                .at(cell.place, format!("at most {HIGHEST_PRICE}")),
        ),
        Ok(price) => return Some(price),
        Err(error) => {
            let (code, message) = number_problem(cell.text, error);
            diagnostics.push(
                Diagnostic::error(code, message)
                    .at(cell.place, "money per unit")
                    .help("write digits with a point, like 0.10"),
            );
        }
    }
    None
}

fn read_date(cell: Cell<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Instant> {
    match Instant::parse_date_or_instant(cell.text) {
        Ok(instant) => Some(instant),
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(Code::DateWrong, format!("`{}`: {error}", cell.text))
                    .at(cell.place, "when the price comes into force")
                    .help("write a date like 2016-03-03, or an instant with Z"),
            );
            None
        }
    }
}

/// A minimum or fee is one price, for all regions: an account has one, wherever its servers are.
fn check_cycle_rate(sku: Sku, region: RateRegion, row: Row<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if !matches!(sku, Sku::Minimum(_) | Sku::Fee(_)) {
        return;
    }
    let wrong = [
        (region != RateRegion::Everywhere, "region", "`*` expected"),
        (row.cell("from").text != "0", "from", "0 expected: it has no tiers"),
        (!row.cell("flat").text.is_empty(), "flat", "nothing expected: the price is the flat"),
        (!row.cell("model").text.is_empty(), "model", "nothing expected"),
    ];
    for (_, column, label) in wrong.into_iter().filter(|(is_wrong, ..)| *is_wrong) {
        diagnostics.push(
            Diagnostic::error(Code::CycleRateShape, "a minimum or fee is one price a cycle")
                .at(row.cell(column).place, label),
        );
    }
}

/// Checks the rows of one (sku, region, date) against each other.
fn check_rate(rows: &[ReadRow<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let mut report = |code, message: &str, place: Place, label: &str, help: &str| {
        diagnostics.push(Diagnostic::error(code, message).at(place, label).help(help));
    };
    for read in &rows[1..] {
        if read.unit != rows[0].unit || read.model != rows[0].model {
            let column = if read.unit == rows[0].unit { "model" } else { "unit" };
            let place = read.row.cell(column).place;
            let help = format!("line {} begins this rate: write the same there", rows[0].tier.line);
            report(Code::RateMixed, "one rate has two units or models", place, "differs", &help);
        }
    }
    if rows[0].model == Model::Package {
        return check_package(rows, diagnostics);
    }
    let mut bounds: Vec<&ReadRow<'_>> = rows.iter().collect();
    bounds.sort_by_key(|read| (read.tier.from, read.index));
    if !bounds[0].tier.from.is_zero() {
        let cell = bounds[0].row.cell("from");
        let message = format!("the first tier starts at {}, not at 0", cell.text);
        let help = "add a row with from 0, or set this one to 0";
        report(Code::TierStart, &message, cell.place, "0 expected", help);
    }
    for pair in bounds.windows(2).filter(|pair| pair[0].tier.from == pair[1].tier.from) {
        let place = pair[1].row.cell("from").place;
        let message = "two rates for the same SKU, region and instant";
        let help = format!("line {} has the same bound: keep one of the two", pair[0].tier.line);
        report(Code::RateTwice, message, place, "the second price", &help);
    }
}

/// Whether the rows of a rate follow each other in the file.
fn stand_together(rows: &[ReadRow<'_>]) -> bool {
    rows.windows(2).all(|pair| pair[0].index + 1 == pair[1].index)
}

/// Tells every tier that is below the one in the line before.
fn check_ascending(rows: &[ReadRow<'_>], diagnostics: &mut Vec<Diagnostic>) {
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

fn check_licence(
    sku: Sku,
    region: RateRegion,
    cell: &Cell<'_>,
    rates: &Rates,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Sku::License(_, flavor) = sku else { return };
    let serves = |server: RateRegion| {
        server == region || server == RateRegion::Everywhere || region == RateRegion::Everywhere
    };
    if !rates.versions(Sku::Server(flavor)).any(|version| serves(version.region)) {
        diagnostics.push(
            Diagnostic::error(Code::LicenseWithoutServer, "a licence rate without a server rate")
                .at(cell.place.clone(), "no server of this flavor has a price here")
                .help("add the server's rate, or remove the licence's"),
        );
    }
}
