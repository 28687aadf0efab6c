//! A price book from its four texts (formats.md: "A price book").

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::dates::{Instant, SECOND, anniversary_cycle, calendar_month, parse_instant};
use super::number::{Decimal, parse_decimal, power_of_ten};
use super::text::{Account, Row, read_rows};

/// One tier of a rate.
#[derive(Clone)]
pub struct Tier {
    /// Its lower bound, in units; for a package, the package's size.
    pub from: Decimal,
    /// The price of one unit, or of one package.
    pub price: Decimal,
    /// Money that is due once when the quantity passes the lower bound.
    pub flat: Option<Decimal>,
}

/// One version of a price: (sku, region or `*`, effective from, tiers) (P1).
#[derive(Clone)]
pub struct Rate {
    /// What is priced.
    pub sku: String,
    /// The region, or `*`.
    pub region: String,
    /// `GB-month`, `hour` and so on.
    pub unit: String,
    /// `graduated`, `volume` or `package` (P3).
    pub model: String,
    /// From when on it holds.
    pub effective_from: Instant,
    /// Ascending by `from`.
    pub tiers: Vec<Tier>,
}

/// One row of `flavors.csv`, as far as it matters for bills.
pub struct Flavor {
    /// GB of RAM that support is charged for (M3).
    pub support_gb: Decimal,
    /// May an image be taken of such a server (L09)?
    pub imageable: bool,
}

/// One row of `discounts.csv` (P7).
#[derive(Clone)]
pub struct Band {
    /// Its lower bound, in money.
    pub from: Decimal,
    /// The percentage that is taken off.
    pub percent: Decimal,
    /// From when on its grid holds.
    pub effective_from: Instant,
}

/// `[policy]` of `book.toml`.
pub struct Policy {
    /// L07: operating systems that must not be exported.
    pub no_export_os: Vec<String>,
    /// L08: operating systems that must not be imported.
    pub no_import_os: Vec<String>,
    /// L08: the largest import.
    pub import_limit_bytes: Option<BigInt>,
    /// L12: how long a rejection may stand.
    pub stale_member_days: Option<i64>,
}

/// A whole price book.
pub struct Book {
    /// ISO 4217 code.
    pub currency: String,
    /// Digits of the currency's minor unit (P5).
    pub money_decimals: usize,
    /// Bytes in a GB (M1).
    pub bytes_per_gigabyte: BigInt,
    /// B2 rather than B1.
    pub has_anniversary_cycles: bool,
    /// P5: ties go to the even digit rather than away from zero.
    pub rounds_half_even: bool,
    /// Decimals of a priced quantity (M6).
    pub quantity_decimals: usize,
    /// The step of the servers' grid, in microseconds (M2).
    pub step_micros: i64,
    /// The divisor of storage, where it is not the cycle's length (M1).
    pub month_hours: Option<i64>,
    /// The level of accounts that name none.
    pub default_service_level: String,
    /// P6: how long a new account has no minimum.
    pub minimum_after_days: i64,
    /// P7: the whole sum gets one percentage, rather than each band its own.
    pub discounts_the_whole_sum: bool,
    /// P4: SKUs that share one position.
    pub tier_pools: Vec<Vec<String>>,
    /// Ids or prefixes (`…*`) of the provider's own images.
    pub public_images: Vec<String>,
    /// What is allowed.
    pub policy: Policy,
    /// All prices.
    pub rates: Vec<Rate>,
    /// All flavors by name.
    pub flavors: BTreeMap<String, Flavor>,
    /// All bands of all grids, ascending by `from`.
    pub bands: Vec<Band>,
}

impl Book {
    /// Is this one of the provider's own images?
    pub fn is_public_image(&self, id: &str) -> bool {
        self.public_images.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => id.starts_with(prefix),
            None => id == pattern,
        })
    }

    /// B: the cycle of an account that holds an instant.
    pub fn cycle(&self, account: &Account, instant: Instant) -> (Instant, Instant) {
        if self.has_anniversary_cycles {
            anniversary_cycle(instant, account.billing_day)
        } else {
            calendar_month(instant)
        }
    }

    /// P1: the rate in force at an instant. A region's own rate beats `*`.
    pub fn rate_in_force(&self, sku: &str, region: &str, instant: Instant) -> Option<&Rate> {
        let latest = |wanted_region: &str| {
            let of_sku = self.rates.iter().filter(|rate| rate.sku == sku);
            let of_region = of_sku.filter(|rate| rate.region == wanted_region);
            let in_force = of_region.filter(|rate| rate.effective_from <= instant);
            in_force.max_by_key(|rate| rate.effective_from)
        };
        latest(region).or_else(|| latest("*"))
    }

    /// R3a: does this operating system need a licence at all?
    pub fn needs_licence(&self, os: &str) -> bool {
        let prefix = format!("license:{os}:");
        self.rates.iter().any(|rate| rate.sku.starts_with(&prefix))
    }
}

/// Digits of a currency's minor unit (ISO 4217).
fn money_decimals(currency: &str) -> usize {
    match currency {
        "JPY" | "KRW" | "CLP" | "ISK" | "VND" | "XAF" | "XOF" | "XPF" | "PYG" | "UGX" => 0,
        "KWD" | "BHD" | "OMR" | "JOD" | "TND" | "IQD" | "LYD" => 3,
        _ => 2,
    }
}

/// Reads `book.toml` and the tables beside it.
pub fn read_book(
    book_toml: &str,
    rates: &str,
    flavors: &str,
    discounts: Option<&str>,
) -> Result<Book, String> {
    let table: toml::Table = book_toml.parse().map_err(|error| format!("book.toml: {error}"))?;
    let currency = text_of(&table, "currency");
    let gibibyte = BigInt::from(1u64 << 30);
    let is_gibi = text_of(&table, "gigabyte") == "GiB";
    let empty = toml::Table::new();
    let policy = table.get("policy").and_then(toml::Value::as_table).unwrap_or(&empty);
    Ok(Book {
        money_decimals: money_decimals(&currency),
        currency,
        bytes_per_gigabyte: if is_gibi { gibibyte.clone() } else { power_of_ten(9) },
        has_anniversary_cycles: text_of(&table, "cycle") == "anniversary",
        rounds_half_even: text_of(&table, "rounding") == "half-even",
        quantity_decimals: number_of(&table, "quantity_decimals").unwrap_or(8) as usize,
        step_micros: number_of(&table, "server_increment").unwrap_or(1) * SECOND,
        month_hours: number_of(&table, "month_hours"),
        default_service_level: text_of(&table, "default_service_level"),
        minimum_after_days: number_of(&table, "minimum_after_days").unwrap_or(0),
        discounts_the_whole_sum: text_of(&table, "discount_model") == "whole",
        tier_pools: list_of(&table, "tier_pools").iter().map(texts_of_list).collect(),
        public_images: texts_of(&table, "public_images"),
        policy: Policy {
            no_export_os: texts_of(policy, "no_export_os"),
            no_import_os: texts_of(policy, "no_import_os"),
            import_limit_bytes: number_of(policy, "import_limit_gib").map(|gib| gib * gibibyte),
            stale_member_days: number_of(policy, "stale_member_days"),
        },
        rates: read_rates(rates)?,
        flavors: read_flavors(flavors)?,
        bands: read_bands(discounts)?,
    })
}

/// A text of `book.toml`, empty where it is not there.
fn text_of(table: &toml::Table, key: &str) -> String {
    table.get(key).and_then(toml::Value::as_str).unwrap_or("").to_string()
}

/// A whole number of `book.toml`.
fn number_of(table: &toml::Table, key: &str) -> Option<i64> {
    table.get(key).and_then(toml::Value::as_integer)
}

/// A list of `book.toml`, empty where it is not there.
fn list_of(table: &toml::Table, key: &str) -> Vec<toml::Value> {
    table.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default()
}

/// The texts of a list.
fn texts_of_list(value: &toml::Value) -> Vec<String> {
    let list = value.as_array().cloned().unwrap_or_default();
    list.iter().filter_map(toml::Value::as_str).map(str::to_string).collect()
}

/// A list of texts of `book.toml`.
fn texts_of(table: &toml::Table, key: &str) -> Vec<String> {
    texts_of_list(&toml::Value::Array(list_of(table, key)))
}

/// Reads `rates.csv`; rows of one (sku, region, effective_from) are one rate.
fn read_rates(text: &str) -> Result<Vec<Rate>, String> {
    let mut rates: BTreeMap<(String, String, Instant), Rate> = BTreeMap::new();
    for row in read_rows(text)? {
        let (sku, region) = (row.get("sku").to_string(), row.get("region").to_string());
        let effective_from = parse_instant(row.get("effective_from"))?;
        let model = match row.get("model") {
            "" => "graduated",
            named => named,
        };
        let rate = rates.entry((sku.clone(), region.clone(), effective_from)).or_insert(Rate {
            sku,
            region,
            unit: row.get("unit").to_string(),
            model: model.to_string(),
            effective_from,
            tiers: Vec::new(),
        });
        rate.tiers.push(read_tier(&row)?);
    }
    let mut rates: Vec<Rate> = rates.into_values().collect();
    for rate in &mut rates {
        rate.tiers.sort_by(|one, two| one.from.value.cmp(&two.from.value));
    }
    Ok(rates)
}

/// Reads the tier of one row of `rates.csv`.
fn read_tier(row: &Row) -> Result<Tier, String> {
    let flat = match row.get("flat") {
        "" => None,
        amount => Some(parse_decimal(amount)?),
    };
    Ok(Tier {
        from: parse_decimal(row.get("from"))?,
        price: parse_decimal(row.get("price"))?,
        flat,
    })
}

/// Reads `flavors.csv`.
fn read_flavors(text: &str) -> Result<BTreeMap<String, Flavor>, String> {
    let mut flavors = BTreeMap::new();
    for row in read_rows(text)? {
        let support_gb = parse_decimal(row.get("support_gb"))?;
        let imageable = row.get("imageable") != "false";
        flavors.insert(row.get("flavor").to_string(), Flavor { support_gb, imageable });
    }
    Ok(flavors)
}

/// Reads `discounts.csv`.
fn read_bands(text: Option<&str>) -> Result<Vec<Band>, String> {
    let mut bands = Vec::new();
    for row in read_rows(text.unwrap_or("from\n"))? {
        bands.push(Band {
            from: parse_decimal(row.get("from"))?,
            percent: parse_decimal(row.get("percent"))?,
            effective_from: parse_instant(row.get("effective_from"))?,
        });
    }
    bands.sort_by(|one, two| one.from.value.cmp(&two.from.value));
    Ok(bands)
}
