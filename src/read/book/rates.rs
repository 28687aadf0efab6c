//! `rates.csv`: one row a tier, rows of one (sku, region, date) one rate.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rustc_hash::FxHashSet;

use crate::book::{Model, RateRegion, Rates, Sku, Tier, Unit, Version};
use crate::diagnostic::{Code, Diagnostic, MOST_TOLD, nearest};
use crate::read::book::flavors::ReadFlavor;
use crate::read::book::rate::{
    ReadRates, ReadRow, check_ascending, check_licence, check_rate, stand_together,
};
use crate::read::book::unread::Unread;
use crate::read::book::{MOST_DECIMALS, number_problem};
use crate::read::table::{Cell, Column, Row, Table};
use crate::value::{FlavorId, Instant, Names, Quantity, RegionId, UnitPrice, parse_decimal_places};

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
    /// The same, to ask for one of them.
    pub(super) is_region: FxHashSet<RegionId>,
    pub(super) flavors: Option<&'a [ReadFlavor]>,
    /// The ids of `flavors`.
    pub(super) is_flavor: FxHashSet<FlavorId>,
    pub(super) quantity_decimals: u32,
}

/// Reads `rates.csv`; `None` where it is no table of rates at all.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    context: &Context<'_>,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ReadRates> {
    let table = Table::read(name, bytes, &COLUMNS, diagnostics)?;
    if let Some(place) = table.place_without("source") {
        diagnostics.push(
            Diagnostic::warning(Code::SourceMissing, "no figure has a source")
                .at(place, "no column `source`")
                .help("add it: where each figure was published, and when"),
        );
    }
    let mut unread = Unread::default();
    table.broken_lines().for_each(|line| unread.add(None, line));
    let mut grouped: BTreeMap<(Sku, RateRegion, Instant), Vec<ReadRow<'_>>> = BTreeMap::new();
    for (index, row) in table.rows().enumerate() {
        match read_row(row, index, context, names, diagnostics) {
            Ok(read) => {
                grouped.entry((read.sku, read.region, read.effective_from)).or_default().push(read);
            }
            Err(sku) => unread.add(sku, row.cell("sku").text),
        }
    }
    let mut rates = Rates::default();
    let mut licences = Vec::new();
    // A file in which every rate's rows stand together is a list that somebody wrote, and its
    // tiers ascend. Where rows are scattered (a program shuffled or sorted them by something
    // else), their order says nothing.
    let is_list = grouped.values().all(|rows| stand_together(rows));
    for ((sku, region, effective_from), mut rows) in grouped {
        check_rate(&rows, || unread.may_hold(sku, names), diagnostics);
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
    let rates = ReadRates { rates, unread };
    for (sku, region, cell) in licences {
        check_licence(sku, region, &cell, &rates, names, diagnostics);
    }
    Some(rates)
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

/// Reads one row; where it has a mistake, its SKU if that is known.
fn read_row<'a>(
    row: Row<'a>,
    index: usize,
    context: &Context<'_>,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<ReadRow<'a>, Option<Sku>> {
    // All cells are looked at before the first mistake ends the row.
    let sku = read_sku(row.cell("sku"), context, names, diagnostics);
    let region = read_region(row.cell("region"), context, names, diagnostics);
    let unit = read_unit(row.cell("unit"), sku, diagnostics);
    let model = read_model(row.cell("model"), diagnostics);
    let from = read_from(row.cell("from"), context.quantity_decimals, diagnostics);
    let price = read_price(row.cell("price"), diagnostics);
    let flat = read_flat(row.cell("flat"), diagnostics);
    let effective_from = read_date(row.cell("effective_from"), diagnostics);
    let source = read_source(row, diagnostics);
    if let (Some(sku), Some(region)) = (sku, region) {
        check_cycle_rate(sku, region, row, diagnostics);
    }
    let read = || {
        let tier = Tier {
            from: Quantity::new(from?),
            price: UnitPrice::new(price?),
            flat: flat?.map(UnitPrice::new),
            line: row.line(),
            source: source.to_owned(),
        };
        Some(ReadRow {
            row,
            index,
            sku: sku?,
            region: region?,
            effective_from: effective_from?,
            unit: unit?,
            model: model?,
            tier,
        })
    };
    read().ok_or(sku)
}

/// The source of a row. An empty one is told, unless there is no such column at all.
fn read_source<'a>(row: Row<'a>, diagnostics: &mut Vec<Diagnostic>) -> &'a str {
    let source = row.cell("source");
    if source.text.is_empty() && row.has("source") {
        diagnostics.push(
            Diagnostic::warning(Code::SourceMissing, "a figure without a source")
                .at(source.place.clone(), "where was it published, and when?"),
        );
    }
    source.text
}

fn read_sku(
    cell: Cell<'_>,
    context: &Context<'_>,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Sku> {
    let Some(sku) = parse_sku(cell.text, names) else {
        diagnostics.push(unknown_sku(cell));
        return None;
    };
    let (Sku::Server(flavor) | Sku::License(_, flavor)) = sku else { return Some(sku) };
    let Some(flavors) = context.flavors else { return Some(sku) };
    if !context.is_flavor.contains(&flavor) {
        let word = names.flavors.text(flavor).to_owned();
        let known = flavors.iter().map(|known| known.name.as_str());
        let known = known.take(most_held_against(diagnostics));
        diagnostics.push(
            Diagnostic::error(Code::FlavorUnknown, format!("flavor `{word}` is not known"))
                .at(cell.place, "flavors.csv does not have it")
                .did_you_mean(&word, known),
        );
        return None;
    }
    Some(sku)
}

/// How many known words one more wrong word is held against: where there are many mistakes, only the
/// first are told, and looking for what was meant would take most of the time.
fn most_held_against(diagnostics: &[Diagnostic]) -> usize {
    if diagnostics.len() < MOST_TOLD { usize::MAX } else { 0 }
}

/// What to say about a text that is no SKU: what was probably meant, or its form.
fn unknown_sku(cell: Cell<'_>) -> Diagnostic {
    let forms = [
        "image.storage",
        "object.storage",
        "transfer.out",
        "server:<flavor>",
        "license:<os>:<flavor>",
        "support:<level>",
        "minimum:<level>",
        "fee:<level>",
    ];
    let (kind, rest) = kind_and_rest(cell.text);
    let near = nearest(kind, forms.map(|form| kind_and_rest(form).0));
    let help = match forms.into_iter().find(|form| near == Some(kind_and_rest(form).0)) {
        Some(form) if !rest.is_empty() && form.matches(':').count() == 1 => {
            format!("did you mean `{}:{rest}`?", kind_and_rest(form).0)
        }
        Some(form) => format!("did you mean `{form}`?"),
        None => format!("known: {}", forms.join(", ")),
    };
    let message = match cell.text {
        "" => "a SKU is missing".to_owned(),
        text => format!("`{text}` is not a SKU"),
    };
    Diagnostic::error(Code::SkuUnknown, message).at(cell.place, "a SKU expected").help(help)
}

/// A SKU's text, split after its first word.
fn kind_and_rest(text: &str) -> (&str, &str) {
    text.split_once([':', ' ']).unwrap_or((text, ""))
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
    let region = names.regions.find(cell.text).filter(|region| context.is_region.contains(region));
    if region.is_none() {
        let (message, label) = match cell.text {
            "" => ("a region is missing".to_owned(), "one of the book's regions expected"),
            text => {
                let message = format!("region `{text}` is not one of the book's");
                (message, "book.toml does not list it")
            }
        };
        let known = regions.iter().map(|region| names.regions.text(*region)).chain(["*"]);
        let known = known.take(most_held_against(diagnostics));
        diagnostics.push(
            Diagnostic::error(Code::RegionUnknown, message)
                .at(cell.place, label)
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
    let problem = match parse_decimal_places(cell.text, places) {
        Ok(from) if from >= Decimal::ZERO => return Some(from),
        Ok(_) => {
            let message = format!("the tier's bound `{}` is negative", cell.text);
            Diagnostic::error(Code::TierStart, message)
                .at(cell.place, "0 or more expected")
                .help("the first tier starts at 0")
        }
        Err(error) => number_problem(cell, error, "where the tier starts, in units"),
    };
    diagnostics.push(problem);
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
        Err(error) => diagnostics.push(number_problem(cell, error, "money per unit")),
    }
    None
}

fn read_date(cell: Cell<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Instant> {
    let help = "write a date like 2016-03-03, or an instant like 2016-03-03T12:00:00Z";
    let date = cell.date("when the price comes into force", help);
    date.map_err(|diagnostic| diagnostics.push(diagnostic)).ok()
}

/// A minimum or fee is one price, for all regions: an account has one, wherever its servers are.
fn check_cycle_rate(sku: Sku, region: RateRegion, row: Row<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if !matches!(sku, Sku::Minimum(_) | Sku::Fee(_)) {
        return;
    }
    let from = row.cell("from");
    let is_tier = parse_decimal_places(from.text, MOST_DECIMALS).is_ok_and(|from| !from.is_zero());
    let wrong = [
        (region != RateRegion::Everywhere, "region", "is for all regions", "`*` expected"),
        (is_tier, "from", "has no tiers", "0 expected"),
        (!row.cell("flat").text.is_empty(), "flat", "has no flat", "put it under `price`"),
        (!row.cell("model").text.is_empty(), "model", "has no model", "nothing expected"),
    ];
    for (_, column, what, label) in wrong.into_iter().filter(|(is_wrong, ..)| *is_wrong) {
        let message = format!("a minimum or fee {what}: it is one price a cycle");
        diagnostics.push(
            Diagnostic::error(Code::CycleRateShape, message).at(row.cell(column).place, label),
        );
    }
}
