//! The accounts of a world: their names, and the list of some of them.

use super::dice::Dice;
use super::table::{Row, csv_text};
use super::time::{DAY, date};

/// Names of the accounts of a world; some need quotes in CSV.
pub(super) fn account_names(dice: &mut Dice) -> Vec<String> {
    let mut names: Vec<String> = (0..dice.between(3, 6)).map(|n| format!("a{n}")).collect();
    if dice.chance(15) {
        names.push("Acme, \"Inc\"".to_string());
    }
    names
}

/// `accounts.csv`: not every account is listed.
pub(super) fn accounts(dice: &mut Dice, names: &[String], span: (i64, i64)) -> Option<String> {
    if dice.chance(12) {
        return None;
    }
    let mut rows = Vec::new();
    for name in names {
        if dice.chance(15) {
            continue;
        }
        let near = date(span.0 + dice.between(-50, 20) * DAY);
        let row: Row = vec![
            ("account", name.clone()),
            ("name", format!("The account {name}, of course")),
            ("billing_day", dice.pick(&["1", "15", "28", "29", "30", "31", "5", ""]).to_string()),
            ("service_level", dice.pick(&["infra", "ops", "dev", "ops", ""]).to_string()),
            ("opened", dice.pick(&["2014-01-01", &near, &near, ""]).to_string()),
            ("cost_center", "cc".to_string()),
        ];
        rows.push(row);
    }
    let columns = "account,name,billing_day,service_level,opened,cost_center";
    Some(csv_text(dice, columns, rows))
}
