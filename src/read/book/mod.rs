//! A price book's files, to a checked [`Book`]: strict, and all mistakes at once.

mod discounts;
mod flavors;
mod rate;
mod rates;
mod settings;
mod toml;
mod unread;

pub use rates::parse_sku;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::book::{Book, DiscountModel, Model, Rates, Sku, Unit};
use crate::diagnostic::{Code, Diagnostic, Place, has_errors};
use crate::read::table::Cell;
use crate::value::{DecimalError, LevelId, Names, OsId};

/// How many digits a decimal in a price book may have after the point.
pub const MOST_DECIMALS: u32 = 12;

/// The contents of a price book's folder; `None` is a file that is not there.
#[derive(Debug, Default)]
pub struct BookFiles {
    /// The folder, as the user gave it.
    pub folder: String,
    /// `book.toml`.
    pub settings: Option<Vec<u8>>,
    /// `rates.csv`.
    pub rates: Option<Vec<u8>>,
    /// `flavors.csv`.
    pub flavors: Option<Vec<u8>>,
    /// `discounts.csv`, which may be absent.
    pub discounts: Option<Vec<u8>>,
}

/// What loading gives: the book where there was no error, and everything there is to say.
#[derive(Debug)]
pub struct Loaded {
    /// The book; `None` after an error.
    pub book: Option<Book>,
    /// Mistakes and warnings, file by file, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Loads a price book.
pub fn load(files: &BookFiles, names: &mut Names) -> Loaded {
    let mut diagnostics = Vec::new();
    let book = build(files, names, &mut diagnostics);
    diagnostics.sort_by_key(|d| d.place.as_ref().map(|(place, _)| in_order(place)));
    Loaded { book: book.filter(|_| !has_errors(&diagnostics)), diagnostics }
}

/// The order of a place: file by file as people read them, then from top to bottom.
fn in_order(place: &Place) -> (Option<usize>, usize) {
    let files = ["book.toml", "flavors.csv", "rates.csv", "discounts.csv"];
    (files.iter().position(|file| place.source.name.ends_with(file)), place.span.start)
}

fn build(files: &BookFiles, names: &mut Names, diagnostics: &mut Vec<Diagnostic>) -> Option<Book> {
    let path = |file: &str| format!("{}/{file}", files.folder.trim_end_matches('/'));
    let settings = needed(&files.settings, &path("book.toml"), diagnostics);
    let rates_text = needed(&files.rates, &path("rates.csv"), diagnostics);
    let flavors_text = needed(&files.flavors, &path("flavors.csv"), diagnostics);

    let settings =
        settings.and_then(|text| settings::read(&path("book.toml"), text, names, diagnostics));
    let flavors =
        flavors_text.and_then(|text| flavors::read(&path("flavors.csv"), text, names, diagnostics));
    let context = rates::Context {
        regions: settings.as_ref().and_then(|settings| settings.regions.as_deref()),
        is_region: settings.iter().flat_map(|s| s.regions.iter().flatten()).copied().collect(),
        flavors: flavors.as_deref(),
        is_flavor: flavors.iter().flatten().map(|flavor| flavor.id).collect(),
        quantity_decimals: settings.as_ref().map_or(MOST_DECIMALS, |s| s.quantity_decimals),
    };
    let rates = rates_text
        .and_then(|text| rates::read(&path("rates.csv"), text, &context, names, diagnostics));
    if let (Some(flavors), Some(rates)) = (&flavors, &rates) {
        flavors::check_priced(flavors, rates, names, diagnostics);
        flavors::check_sized(flavors, &rates.rates, diagnostics);
    }
    if let (Some(settings), Some(rates)) = (&settings, &rates) {
        settings.check_pools(&rates.rates, names, diagnostics);
        settings.check_default_level(&rates.rates, names, diagnostics);
    }
    let discounts = files.discounts.as_deref().map_or_else(Vec::new, |text| {
        let decimals = context.quantity_decimals;
        discounts::read(&path("discounts.csv"), text, decimals, diagnostics)
    });
    let (settings, flavors, rates) = (settings?, flavors?, rates?.rates);
    Some(Book {
        id: settings.id,
        title: settings.title,
        currency: settings.currency?,
        bytes_per_gigabyte: settings.bytes_per_gigabyte,
        regions: settings.regions?,
        cycle: settings.cycle,
        rounding: settings.rounding,
        quantity_decimals: settings.quantity_decimals,
        server_increment: settings.server_increment,
        month_hours: settings.month_hours,
        default_level: settings.default_level?.0,
        minimum_after_days: settings.minimum_after_days,
        discount_model: settings.discount_model.unwrap_or(DiscountModel::Marginal),
        tier_pools: settings.tier_pools.into_iter().map(|(skus, _)| skus).collect(),
        public_images: settings.public_images,
        policy: settings.policy,
        licensed_systems: licensed_systems(&rates),
        supported_levels: supported_levels(&rates),
        flavors: flavors
            .into_iter()
            .map(|read| (read.id, read.flavor))
            .collect::<FxHashMap<_, _>>(),
        rates,
        discounts,
    })
}

/// The contents of a file that has to be there.
fn needed<'a>(
    contents: &'a Option<Vec<u8>>,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<&'a [u8]> {
    if contents.is_none() {
        diagnostics.push(
            Diagnostic::error(Code::BookNotAFolder, format!("`{path}` is not there"))
                .help("a price book is a folder with book.toml, rates.csv and flavors.csv"),
        );
    }
    contents.as_deref()
}

fn licensed_systems(rates: &Rates) -> FxHashSet<OsId> {
    let os = |sku| match sku {
        Sku::License(os, _) => Some(os),
        _ => None,
    };
    rates.skus().into_iter().filter_map(os).collect()
}

fn supported_levels(rates: &Rates) -> FxHashSet<LevelId> {
    let level = |sku| match sku {
        Sku::Support(level) => Some(level),
        _ => None,
    };
    rates.skus().into_iter().filter_map(level).collect()
}

/// What to say about a decimal that cannot be read; `label` says what it is for.
fn number_problem(cell: Cell<'_>, error: DecimalError, label: &str) -> Diagnostic {
    let text = cell.text;
    let digits = "write digits, with a point before decimals, like 1024 or 0.10";
    let (code, message, help) = match error {
        DecimalError::Empty => (Code::NumberWrong, error.to_string(), digits.to_owned()),
        DecimalError::NotPlain => {
            (Code::NumberWrong, format!("`{text}` is {error}"), digits.to_owned())
        }
        DecimalError::TooLong => {
            let help = "leave out digits that cannot matter";
            (Code::NumberWrong, format!("`{text}` has {error}"), help.to_owned())
        }
        DecimalError::TooManyPlaces(places) => (
            Code::DecimalsTooMany,
            format!("`{text}` has {error}"),
            format!("write at most {places} of them"),
        ),
    };
    Diagnostic::error(code, message).at(cell.place, label).help(help)
}

/// Whether a pool's SKUs can share tiers: all graduated, all in one unit (P4).
fn can_share_tiers(skus: &[Sku], rates: &Rates) -> Result<(), String> {
    let graduated = |sku: Sku| rates.versions(sku).all(|v| v.model == Model::Graduated);
    if !skus.iter().all(|sku| graduated(*sku)) {
        return Err("only graduated rates can".to_owned());
    }
    if skus.iter().any(|sku| Unit::of(*sku) != Unit::of(skus[0])) {
        return Err("they are charged in different units".to_owned());
    }
    Ok(())
}
