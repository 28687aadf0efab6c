//! `book.toml`: how the provider bills, and what it allows.

use ::toml::de::DeTable;

use crate::book::{CycleKind, DiscountModel, Policy, PublicImages, Rates, Sku};
use crate::diagnostic::{Code, Diagnostic, Place, Source};
use crate::read::book::toml::Keys;
use crate::read::book::{MOST_DECIMALS, can_share_tiers, parse_sku};
use crate::value::{Currency, LevelId, Names, RegionId, Rounding};

const BYTES_PER_GIBIBYTE: u64 = 1 << 30;
const BYTES_PER_GIGABYTE: u64 = 1_000_000_000;

/// What `book.toml` says. A field that had a mistake holds its default: nobody bills with it.
pub(super) struct Settings {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) currency: Option<Currency>,
    pub(super) bytes_per_gigabyte: u64,
    pub(super) regions: Vec<RegionId>,
    pub(super) cycle: CycleKind,
    pub(super) rounding: Rounding,
    pub(super) quantity_decimals: u32,
    pub(super) server_increment: u32,
    pub(super) month_hours: Option<u32>,
    pub(super) default_level: Option<LevelId>,
    pub(super) minimum_after_days: u32,
    pub(super) discount_model: Option<DiscountModel>,
    pub(super) tier_pools: Vec<(Vec<Sku>, Place)>,
    pub(super) public_images: PublicImages,
    pub(super) policy: Policy,
}

/// Reads `book.toml`; `None` where it is no TOML at all.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Settings> {
    let source = Source::whole(name, String::from_utf8_lossy(bytes));
    let text = source.text.trim_start_matches('\u{feff}');
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let place = source.place(error.span().unwrap_or(0..0));
            let message = format!("not TOML: {}", error.message());
            diagnostics.push(Diagnostic::error(Code::TomlSyntax, message).at(place, "here"));
            return None;
        }
    };
    let mut keys = Keys::new(document.get_ref(), &source, 0..0, diagnostics);
    let mut settings = read_top(&mut keys, names);
    let policy = keys.table("policy");
    keys.finish();
    if let Some((table, span)) = policy {
        settings.policy = read_policy(Keys::new(table, &source, span, diagnostics), names);
    }
    Some(settings)
}

fn read_top(keys: &mut Keys<'_, '_>, names: &mut Names) -> Settings {
    let text = |found: Option<super::toml::Found<&str>>| {
        found.map_or_else(String::new, |found| found.value.to_owned())
    };
    Settings {
        id: text(keys.needed_text("id", "\"my-cloud\"")),
        title: text(keys.needed_text("title", "\"My cloud, list prices of 2026\"")),
        currency: read_currency(keys),
        bytes_per_gigabyte: keys
            .choice("gigabyte", &[("GiB", BYTES_PER_GIBIBYTE), ("GB", BYTES_PER_GIGABYTE)], true)
            .unwrap_or(BYTES_PER_GIBIBYTE),
        regions: read_regions(keys, names),
        cycle: keys
            .choice(
                "cycle",
                &[
                    ("calendar-month", CycleKind::CalendarMonth),
                    ("anniversary", CycleKind::Anniversary),
                ],
                true,
            )
            .unwrap_or(CycleKind::CalendarMonth),
        rounding: keys
            .choice(
                "rounding",
                &[("half-up", Rounding::HalfUp), ("half-even", Rounding::HalfEven)],
                true,
            )
            .unwrap_or(Rounding::HalfUp),
        quantity_decimals: keys
            .needed_integer("quantity_decimals", 0..MOST_DECIMALS + 1, "8")
            .unwrap_or(8),
        server_increment: keys.needed_integer("server_increment", 1..2_678_401, "1").unwrap_or(1),
        month_hours: keys.integer("month_hours", 1..10_001),
        default_level: keys
            .needed_text("default_service_level", "\"none\"")
            .map(|found| names.levels.intern(found.value)),
        minimum_after_days: keys.integer("minimum_after_days", 0..36_501).unwrap_or(0),
        discount_model: keys.choice(
            "discount_model",
            &[("marginal", DiscountModel::Marginal), ("whole", DiscountModel::Whole)],
            false,
        ),
        tier_pools: read_pools(keys, names),
        public_images: PublicImages::new(
            &keys.texts("public_images").iter().map(|f| f.value.to_owned()).collect::<Vec<_>>(),
        ),
        policy: Policy::default(),
    }
}

fn read_currency(keys: &mut Keys<'_, '_>) -> Option<Currency> {
    let found = keys.needed_text("currency", "\"USD\"")?;
    let currency = Currency::from_code(found.value);
    if currency.is_none() {
        let message = format!("`{}` is not a currency", found.value);
        keys.report(
            Diagnostic::error(Code::ValueWrong, message)
                .at(found.place, "a code of ISO 4217 expected")
                .help("for example USD, EUR, GBP, JPY"),
        );
    }
    currency
}

fn read_regions(keys: &mut Keys<'_, '_>, names: &mut Names) -> Vec<RegionId> {
    let mut regions = Vec::new();
    let found = keys.texts("regions");
    if found.is_empty() {
        keys.missing("regions", "[\"REGION\"]");
    }
    for region in found {
        let id = names.regions.intern(region.value);
        if regions.contains(&id) || region.value == "*" || region.value.is_empty() {
            let message = format!("`{}` cannot be a region here", region.value);
            keys.report(
                Diagnostic::error(Code::ValueWrong, message)
                    .at(region.place, "each region once, by its name")
                    .help("`*` in rates.csv means all of these"),
            );
        } else {
            regions.push(id);
        }
    }
    regions
}

fn read_pools(keys: &mut Keys<'_, '_>, names: &mut Names) -> Vec<(Vec<Sku>, Place)> {
    let mut pools: Vec<(Vec<Sku>, Place)> = Vec::new();
    for pool in keys.text_lists("tier_pools") {
        let mut skus = Vec::new();
        for found in &pool.value {
            let Some(sku) = parse_sku(found.value, names) else {
                let message = format!("`{}` is not a SKU", found.value);
                keys.report(
                    Diagnostic::error(Code::PoolWrong, message)
                        .at(found.place.clone(), "not a SKU")
                        .did_you_mean(found.value, ["image.storage", "object.storage"]),
                );
                continue;
            };
            let pooled = pools.iter().any(|(skus, _)| skus.contains(&sku));
            if pooled || skus.contains(&sku) {
                let message = format!("`{}` is in two places of the tier pools", found.value);
                keys.report(
                    Diagnostic::error(Code::PoolWrong, message)
                        .at(found.place.clone(), "the second one"),
                );
            }
            skus.push(sku);
        }
        pools.push((skus, pool.place));
    }
    pools
}

fn read_policy(mut keys: Keys<'_, '_>, names: &mut Names) -> Policy {
    let mut systems = |found: Vec<super::toml::Found<&str>>| {
        found.iter().map(|found| names.systems.intern(found.value)).collect()
    };
    let policy = Policy {
        no_export_os: systems(keys.texts("no_export_os")),
        no_import_os: systems(keys.texts("no_import_os")),
        import_limit_bytes: keys
            .integer("import_limit_gib", 0..1_000_000_001)
            .map(|gib| u64::from(gib) * BYTES_PER_GIBIBYTE),
        stale_member_days: keys.integer("stale_member_days", 0..36_501),
        contact: keys.text("contact").map(|found| found.value.to_owned()),
    };
    keys.finish();
    policy
}

impl Settings {
    /// Tells every pool whose SKUs cannot share tiers (P4).
    pub(super) fn check_pools(
        &self,
        rates: &Rates,
        names: &Names,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for (skus, place) in self.tier_pools.iter().filter(|(skus, _)| !skus.is_empty()) {
            if let Err(why) = can_share_tiers(skus, rates) {
                let texts: Vec<String> = skus.iter().map(|sku| sku.text(names)).collect();
                let message = format!("{} cannot be a tier pool", texts.join(" and "));
                diagnostics
                    .push(Diagnostic::error(Code::PoolWrong, message).at(place.clone(), why));
            }
        }
    }
}
