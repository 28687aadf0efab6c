//! Rows of a table, and how they become a CSV text.

use super::dice::Dice;

/// A row of a table: column to field; missing columns are empty.
pub(super) type Row = Vec<(&'static str, String)>;

/// A field, quoted where RFC 4180 asks for it.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_string()
}

/// A CSV text; its columns stand in any order.
pub(super) fn csv_text(dice: &mut Dice, columns: &str, rows: Vec<Row>) -> String {
    let mut columns: Vec<&str> = columns.split(',').collect();
    if dice.chance(40) {
        dice.shuffle(&mut columns);
    }
    let mut text = columns.join(",") + "\n";
    for row in rows {
        let field = |column: &&str| {
            let named = row.iter().find(|(name, _)| name == column);
            quoted(named.map_or("", |(_, field)| field.as_str()))
        };
        let fields: Vec<String> = columns.iter().map(field).collect();
        text += &(fields.join(",") + "\n");
    }
    text
}
