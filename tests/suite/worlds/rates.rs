//! The rates of a book: prices by SKU, region, version and tier, and what a cycle costs at least.

use super::book::BookTraits;
use super::dice::Dice;
use super::table::Row;
use super::time::{DAY, date, some_instant, utc};
use super::{FLAVORS, REGIONS};

const LEVELS: [&str; 3] = ["infra", "ops", "dev"];
pub(super) const RATE_COLUMNS: &str = "sku,region,unit,model,from,price,flat,effective_from,source";

/// How the prices of a SKU look.
struct PriceShape {
    sku: String,
    unit: &'static str,
    /// Tiers lie below this many units.
    highest_tier: i64,
    /// May be other than graduated.
    is_free_in_model: bool,
    /// How often (of 100) it differs by region, changes, and has tiers.
    variety: i64,
    /// What every price starts with.
    price_prefix: &'static str,
}

impl PriceShape {
    /// A price of one unit; rarely nothing, or a whole number.
    fn price(&self, dice: &mut Dice) -> String {
        match dice.between(0, 29) {
            0 => "0.00".to_string(),
            1 => dice.between(1, 3).to_string(),
            _ => {
                let digits = dice.between(1, 4) as usize;
                let number = dice.between(1, 10_i64.pow(digits as u32) - 1);
                format!("{}{number:0digits$}", self.price_prefix)
            }
        }
    }
}

/// All rows of `rates.csv`. Every SKU has a `*` rate from long before the log, so that no usage is
/// without a price.
pub(super) fn rates(dice: &mut Dice, traits: &BookTraits, span: (i64, i64)) -> Vec<Row> {
    let mut shapes = Vec::new();
    let mut add = |sku: &str, unit, highest_tier, variety, price_prefix| {
        let is_free_in_model = !traits.pool.contains(&sku);
        let sku = sku.to_string();
        shapes.push(PriceShape {
            sku,
            unit,
            highest_tier,
            is_free_in_model,
            variety,
            price_prefix,
        });
    };
    add("image.storage", "GB-month", 400, 100, "0.");
    add("object.storage", "GB-month", 400, 100, "0.");
    add("transfer.out", "GB", 400, 100, "0.");
    for flavor in FLAVORS {
        add(&format!("server:{flavor}"), "hour", 900, 25, "0.");
        for os in &traits.licensed_systems {
            add(&format!("license:{os}:{flavor}"), "hour", 900, 25, "0.0");
        }
    }
    for level in LEVELS {
        add(&format!("support:{level}"), "GB-hour", 2000, 20, "0.00");
    }
    let mut rows = Vec::new();
    for shape in &shapes {
        rows.extend(rates_of_sku(dice, shape, span));
    }
    rows.extend(cycle_rates(dice, span));
    dice.shuffle(&mut rows);
    scatter(&mut rows);
    rows
}

/// Puts two rows of one rate at both ends of the file. Where all rates' rows happen to stand
/// together the file is a list, whose tiers have to ascend; a shuffled file is none.
fn scatter(rows: &mut [Row]) {
    let of = |row: &Row, column: &str| {
        row.iter().find(|(name, _)| *name == column).map(|(_, text)| text.clone())
    };
    let rate = |row: &Row| ["sku", "region", "effective_from"].map(|column| of(row, column));
    let last = rows.len() - 1;
    for first in 0..rows.len() {
        let same = |other: &usize| *other != first && rate(&rows[*other]) == rate(&rows[first]);
        if let Some(other) = (0..rows.len()).find(same) {
            rows.swap(0, first);
            // The swap may have moved the other row from the front.
            let other = if other == 0 { first } else { other };
            rows.swap(last, other);
            return;
        }
    }
}

/// All versions of one SKU's rates, for `*` and sometimes for a region of its own.
fn rates_of_sku(dice: &mut Dice, shape: &PriceShape, span: (i64, i64)) -> Vec<Row> {
    let model = some_model(dice, shape);
    let mut places = vec![("*", "2015-01-01".to_string())];
    if dice.chance(shape.variety * 60 / 100) {
        let version_count = dice.between(1, 3);
        for _ in 0..version_count {
            places.push(("*", some_instant(dice, span)));
        }
    }
    if dice.chance(shape.variety * 50 / 100) {
        let region = *dice.pick(&REGIONS);
        let starts_late = dice.chance(30);
        let first = if starts_late { some_instant(dice, span) } else { "2015-06-01".to_string() };
        places.push((region, first));
        if dice.chance(40) {
            places.push((region, utc(span.0 + dice.between(DAY, 20 * DAY))));
        }
    }
    places.sort();
    places.dedup_by_key(|(region, version)| {
        let midnight = if version.len() == 10 { "T00:00:00" } else { "" };
        let to_the_second: String = format!("{version}{midnight}").chars().take(19).collect();
        (*region, to_the_second)
    });
    let mut rows = Vec::new();
    for (region, version) in places {
        let of_version = if dice.chance(90) { model } else { some_model(dice, shape) };
        rows.extend(tiers(dice, shape, of_version, (region, &version)));
    }
    rows
}

/// The model of a rate.
fn some_model(dice: &mut Dice, shape: &PriceShape) -> &'static str {
    let is_other = shape.is_free_in_model && dice.chance(shape.variety / 2);
    let models = if is_other { ["volume", "package"] } else { ["", "graduated"] };
    models[dice.between(0, 1) as usize]
}

/// The rows of one version of a rate.
fn tiers(
    dice: &mut Dice,
    shape: &PriceShape,
    model: &str,
    (region, version): (&str, &str),
) -> Vec<Row> {
    let mut bounds = vec!["0".to_string()];
    if model == "package" {
        bounds = vec![dice.decimal(50, 2)];
    } else if dice.chance(shape.variety) {
        let mut lowest = 0;
        for _ in 0..dice.between(0, 3) {
            lowest += dice.between(1, shape.highest_tier / 4);
            bounds.push(format!("{lowest}{}", dice.pick(&[".5", ".250", ".072", ""])));
        }
    }
    let mut rows = Vec::new();
    for from in bounds {
        let price = shape.price(dice);
        let has_flat = model != "package" && dice.chance(shape.variety / 4);
        let row: Row = vec![
            ("sku", shape.sku.clone()),
            ("region", region.to_string()),
            ("unit", shape.unit.to_string()),
            ("model", model.to_string()),
            ("from", from),
            ("price", price),
            ("flat", if has_flat { dice.decimal(5, 2) } else { String::new() }),
            ("effective_from", version.to_string()),
            ("source", "generated, by dice".to_string()),
        ];
        rows.push(row);
    }
    rows
}

/// Minimums and fees of some service levels, some with a second version.
fn cycle_rates(dice: &mut Dice, span: (i64, i64)) -> Vec<Row> {
    let mut rows = Vec::new();
    for level in LEVELS {
        for kind in ["minimum", "fee"] {
            if !dice.chance(45) {
                continue;
            }
            let mut versions = vec!["2015-01-01".to_string()];
            if dice.chance(25) {
                versions.push(date(dice.between(span.0, span.1)));
            }
            for version in versions {
                let row: Row = vec![
                    ("sku", format!("{kind}:{level}")),
                    ("region", "*".to_string()),
                    ("unit", "cycle".to_string()),
                    ("from", "0".to_string()),
                    ("price", dice.pick(&["50", "7.5", "500", "12.345", "1000.00"]).to_string()),
                    ("effective_from", version),
                    ("source", "generated".to_string()),
                ];
                rows.push(row);
            }
        }
    }
    rows
}
