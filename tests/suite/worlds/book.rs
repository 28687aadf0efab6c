//! The texts of a price book but its rates: what it settles, flavors and discounts.

use super::dice::Dice;
use super::table::{Row, csv_text};
use super::time::some_instant;
use super::{FLAVORS, REGIONS};

/// What the texts of a book agree on.
pub(super) struct BookTraits {
    currency: &'static str,
    pub(super) pool: Vec<&'static str>,
    pub(super) licensed_systems: Vec<&'static str>,
}

impl BookTraits {
    pub(super) fn thrown(dice: &mut Dice) -> BookTraits {
        let pool = match dice.between(0, 3) {
            0 => vec!["image.storage", "object.storage"],
            1 => vec!["object.storage", "image.storage"],
            _ => vec![],
        };
        let mut licensed_systems = vec!["windows", "redhat"];
        if dice.chance(30) {
            licensed_systems.push("mssql-web");
        }
        if dice.chance(10) {
            licensed_systems.push("linux");
        }
        let currency = *dice.pick(&["USD", "JPY", "GBP", "KWD"]);
        BookTraits { currency, pool, licensed_systems }
    }
}

/// `["a", "b"]`.
fn toml_list(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

/// `book.toml`.
pub(super) fn book_toml(dice: &mut Dice, traits: &BookTraits, seed: u64) -> String {
    let pools = match traits.pool.as_slice() {
        [] => "[]".to_string(),
        pool => format!("[{}]", toml_list(pool)),
    };
    let no_export = dice.pick(&[vec!["windows", "redhat"], vec!["windows"], vec![]]).clone();
    let no_import = dice.pick(&[vec!["windows"], vec!["redhat", "ubuntu"], vec![]]).clone();
    let mut lines = vec![
        format!("id = \"world-{seed}\""),
        format!("title = \"random book {seed}\""),
        format!("currency = \"{}\"", traits.currency),
        format!("gigabyte = \"{}\"", dice.pick(&["GB", "GiB"])),
        format!("regions = {}", toml_list(&REGIONS)),
        format!("cycle = \"{}\"", dice.pick(&["calendar-month", "anniversary", "anniversary"])),
        format!("rounding = \"{}\"", dice.pick(&["half-up", "half-even"])),
        format!("quantity_decimals = {}", dice.pick(&[6, 8, 9])),
        format!("server_increment = {}", dice.pick(&[1, 60, 3600])),
        "default_service_level = \"infra\"".to_string(),
        format!("minimum_after_days = {}", dice.pick(&[0, 10, 30])),
        format!("discount_model = \"{}\"", dice.pick(&["marginal", "whole"])),
        format!("tier_pools = {pools}"),
        "public_images = [\"pub-*\", \"base\"]".to_string(),
    ];
    if dice.chance(30) {
        lines.push("month_hours = 730".to_string());
    }
    lines.push("[policy]".to_string());
    lines.push(format!("no_export_os = {}", toml_list(&no_export)));
    lines.push(format!("import_limit_gib = {}", dice.pick(&[20, 160])));
    lines.push(format!("no_import_os = {}", toml_list(&no_import)));
    lines.push(format!("stale_member_days = {}", dice.pick(&[1, 5, 30])));
    lines.join("\n") + "\n"
}

/// `flavors.csv`.
pub(super) fn flavors(dice: &mut Dice) -> String {
    let columns = "flavor,class,vcpus,ram_gb,support_gb,disk_gb,imageable";
    let mut rows = Vec::new();
    for (flavor, gigabytes) in FLAVORS.iter().zip(["1", "2", "3.75", "15"]) {
        let support = match *flavor {
            "mem15" => *dice.pick(&["7.5", "15", "0"]),
            _ => gigabytes,
        };
        let imageable = if *flavor == "mem15" { "false" } else { "true" };
        let row: Row = vec![
            ("flavor", flavor.to_string()),
            ("class", "general".to_string()),
            ("vcpus", "2".to_string()),
            ("ram_gb", gigabytes.to_string()),
            ("support_gb", support.to_string()),
            ("disk_gb", "20".to_string()),
            ("imageable", imageable.to_string()),
        ];
        rows.push(row);
    }
    csv_text(dice, columns, rows)
}

/// `discounts.csv`: none, one grid or two.
pub(super) fn discounts(dice: &mut Dice, span: (i64, i64)) -> Option<String> {
    if dice.chance(30) {
        return None;
    }
    let mut versions = vec!["2013-05-30".to_string()];
    if dice.chance(30) {
        versions.push(some_instant(dice, span));
    }
    let mut rows = Vec::new();
    for version in versions {
        let first_percent = *dice.pick(&["0", "0", "1.5"]);
        let bands = [("0", first_percent), ("20", "4"), ("250.5", "8"), ("1000", "12.5")];
        for (from, percent) in bands {
            let row: Row = vec![
                ("from", from.to_string()),
                ("percent", percent.to_string()),
                ("effective_from", version.clone()),
                ("source", "generated".to_string()),
            ];
            rows.push(row);
        }
    }
    Some(csv_text(dice, "from,percent,effective_from,source", rows))
}
