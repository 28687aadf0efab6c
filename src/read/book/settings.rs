//! `book.toml`: how the provider bills, and what it allows.

use ::toml::de::DeTable;
use rustc_hash::FxHashSet;

use crate::book::{CopyBy, CycleKind, DiscountModel, Policy, PublicImages, Rates, Sku};
use crate::diagnostic::{Code, Diagnostic, Place, Source};
use crate::read::book::toml::Keys;
use crate::read::book::{MOST_DECIMALS, can_share_tiers, parse_sku};
use crate::read::text::{not_toml, utf8};
use crate::value::{Currency, LevelId, Names, RegionId, Rounding};

const BYTES_PER_GIBIBYTE: u64 = 1 << 30;
const BYTES_PER_GIGABYTE: u64 = 1_000_000_000;

/// What `book.toml` says. A field that had a mistake holds its default: nobody bills with it.
pub(super) struct Settings {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) currency: Option<Currency>,
    pub(super) bytes_per_gigabyte: u64,
    pub(super) regions: Option<Vec<RegionId>>,
    pub(super) cycle: CycleKind,
    pub(super) rounding: Rounding,
    pub(super) quantity_decimals: u32,
    pub(super) server_increment: u32,
    pub(super) month_hours: Option<u32>,
    pub(super) default_level: Option<(LevelId, Place)>,
    pub(super) minimum_after_days: u32,
    pub(super) discount_model: Option<DiscountModel>,
    pub(super) tier_pools: Vec<(Vec<Sku>, Place)>,
    pub(super) public_images: PublicImages,
    pub(super) policy: Policy,
}

/// The keys of the table `[policy]`.
const POLICY: &str = "policy";

/// Reads `book.toml`; `None` where it is no TOML at all, or empty.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Settings> {
    let text = utf8(name, bytes).map_err(|diagnostic| diagnostics.push(diagnostic)).ok()?;
    let source = Source::whole(name, text.trim_start_matches('\u{feff}'));
    let document = match DeTable::parse(&source.text) {
        Ok(document) => document,
        Err(error) => {
            diagnostics.push(not_toml(&source, &error));
            return None;
        }
    };
    if document.get_ref().is_empty() {
        diagnostics.push(
            Diagnostic::error(Code::KeyMissing, format!("`{name}` has no settings"))
                .at(source.place(0..0), "settings are expected here")
                .help("`sharebill prices init` writes a book to begin with"),
        );
        return None;
    }
    let mut keys = Keys::new(document.get_ref(), &source, diagnostics);
    let mut settings = read_top(&mut keys, names);
    let policy = keys.table(POLICY);
    let known = keys.finish();
    if let Some(table) = policy {
        let keys = Keys::within(table, &source, POLICY, known, diagnostics);
        settings.policy = read_policy(keys, names);
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
            .unwrap_or(MOST_DECIMALS),
        server_increment: keys.needed_integer("server_increment", 1..2_678_401, "1").unwrap_or(1),
        month_hours: keys.integer("month_hours", 1..10_001),
        default_level: keys
            .needed_text("default_service_level", "\"none\"")
            .map(|found| (names.levels.intern(found.value), found.place)),
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

/// The regions; `None` after a mistake, as nobody can tell then which rates have a wrong one.
fn read_regions(keys: &mut Keys<'_, '_>, names: &mut Names) -> Option<Vec<RegionId>> {
    let mut regions = Vec::new();
    let mut seen = FxHashSet::default();
    let found = keys.needed_texts("regions", "[\"DFW\", \"IAD\"]")?;
    let mut is_whole = true;
    for region in found {
        let id = names.regions.intern(region.value);
        if !seen.insert(id) || region.value == "*" || region.value.is_empty() {
            let message = match region.value {
                "" => "a region without a name".to_owned(),
                "*" => "`*` is no region: in rates.csv, it stands for all of these".to_owned(),
                twice => format!("region `{twice}` appears twice"),
            };
            keys.report(
                Diagnostic::error(Code::ValueWrong, message)
                    .at(region.place, "each region once, by its name"),
            );
            is_whole = false;
        } else {
            regions.push(id);
        }
    }
    is_whole.then_some(regions)
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
                        .at(found.place.clone(), "the second one")
                        .help("remove one of the two"),
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
        copy_by: keys
            .choice("copy_by", &[("owner", CopyBy::Owner), ("members", CopyBy::Members)], false)
            .unwrap_or_default(),
        contact: keys.text("contact").map(|found| found.value.to_owned()),
    };
    keys.finish();
    policy
}

impl Settings {
    /// Warns where the default service level has no rate while others have: a slip there would
    /// silently charge no support.
    pub(super) fn check_default_level(
        &self,
        rates: &Rates,
        names: &Names,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Some((default, place)) = &self.default_level else { return };
        let word = names.levels.text(*default);
        let known = rates.levels();
        if known.is_empty() || known.contains(default) || word == "none" {
            return;
        }
        let message = format!("the default service level `{word}` has no rate");
        diagnostics.push(
            Diagnostic::warning(Code::LevelUnknown, message)
                .at(place.clone(), "no support, minimum or fee will be charged")
                .did_you_mean(word, known.iter().map(|level| names.levels.text(*level))),
        );
    }

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
                let message = format!("{} cannot share tiers: {why}", texts.join(" and "));
                diagnostics.push(
                    Diagnostic::error(Code::PoolWrong, message).at(place.clone(), "this pool"),
                );
            }
        }
    }
}
