//! Seeded random worlds: a price book, accounts and a log of events, as texts. They visit the
//! corners of the charging rules on purpose. The same seed gives the same world on every machine.
//!
//! In reading order: `dice`, `table`, `time`, `book` and its `rates`, `accounts`, and the `log` of
//! events.

mod accounts;
mod book;
mod dice;
mod log;
mod rates;
mod table;
mod time;

use accounts::{account_names, accounts};
use book::{BookTraits, book_toml, discounts, flavors};
use dice::Dice;
use log::{Log, events_csv};
use rates::{RATE_COLUMNS, rates};
use table::csv_text;
use time::{DAY, SECOND, run_bounds};

/// Everything that a run reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// The seed that gave it.
    pub seed: u64,
    /// `book.toml`.
    pub book_toml: String,
    /// `rates.csv`.
    pub rates: String,
    /// `flavors.csv`.
    pub flavors: String,
    /// `discounts.csv`; some books have none.
    pub discounts: Option<String>,
    /// `accounts.csv`; some worlds have none.
    pub accounts: Option<String>,
    /// `events.csv`.
    pub events: String,
    /// `--start`.
    pub start: Option<String>,
    /// `--end`.
    pub end: Option<String>,
}

const REGIONS: [&str; 3] = ["DFW", "IAD", "ORD"];
const FLAVORS: [&str; 4] = ["f1", "f2", "f3.75", "mem15"];

/// The world of a seed.
pub fn world(seed: u64) -> World {
    let mut dice = Dice { state: seed };
    let event_count = dice.between(60, 280);
    let first_day = *dice.pick(&[16_789, 16_796, 16_820, 16_854, 17_923, 17_955, 19_691, 19_781]);
    let day_count = *dice.pick(&[6, 25, 45, 70, 110]);
    let beginning = first_day * DAY + dice.between(0, 86_399) * SECOND;
    let span = (beginning, beginning + day_count * DAY);

    let names = account_names(&mut dice);
    let traits = BookTraits::thrown(&mut dice);
    let rates = rates(&mut dice, &traits, span);
    let told = Log::told(&mut dice, &names, span, event_count).events;
    let (start, end) = run_bounds(&mut dice, span);
    World {
        seed,
        book_toml: book_toml(&mut dice, &traits, seed),
        rates: csv_text(&mut dice, RATE_COLUMNS, rates),
        flavors: flavors(&mut dice),
        discounts: discounts(&mut dice, span),
        accounts: accounts(&mut dice, &names, span),
        events: events_csv(&mut dice, told),
        start,
        end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_world() {
        assert_eq!(world(7), world(7));
        assert_ne!(world(7).events, world(8).events);
    }
}
