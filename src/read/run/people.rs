//! What is known of the accounts of a run: names and cost centers of `accounts.csv`.

use crate::read::long::{LongError, read_rows};
use crate::read::table::Column;
use crate::run::focus::{People, Person};

const COLUMNS: [Column; 6] = [
    Column { name: "account", needed: true },
    Column { name: "name", needed: false },
    Column { name: "cost_center", needed: false },
    Column { name: "billing_day", needed: false },
    Column { name: "service_level", needed: false },
    Column { name: "opened", needed: false },
];

/// Reads names and cost centers.
///
/// # Errors
/// [`LongError`], for the first row that is wrong.
pub fn read_people(name: &str, bytes: &[u8]) -> Result<People, LongError> {
    let mut people = People::new();
    read_rows(name, bytes, &COLUMNS, |row| {
        let text = |column| row.text(column).map(|text| text.into_owned());
        people.insert(text(0)?, Person { name: text(1)?, cost_center: text(2)? });
        Ok(())
    })?;
    Ok(people)
}
