//! `accounts.csv`: who has which billing day and service level.

use crate::account::{Account, Accounts};
use crate::book::Book;
use crate::diagnostic::{Code, Diagnostic};
use crate::read::table::{Column, Row, Table};
use crate::value::{BillingDay, Instant, LevelId, Names};

const COLUMNS: [Column; 6] = [
    Column { name: "account", needed: true },
    Column { name: "name", needed: false },
    Column { name: "billing_day", needed: false },
    Column { name: "service_level", needed: false },
    Column { name: "opened", needed: false },
    Column { name: "cost_center", needed: false },
];

/// Reads the accounts of a run; all mistakes at once.
pub fn read(
    name: &str,
    bytes: &[u8],
    book: &Book,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Accounts {
    let mut accounts = Accounts::new(book.default_level);
    let Some(table) = Table::read(name, bytes, &COLUMNS, diagnostics) else { return accounts };
    let levels = known_levels(book);
    for row in table.rows() {
        let id = row.cell("account");
        if id.text.is_empty() {
            diagnostics.push(
                Diagnostic::error(Code::AccountMissing, "a row without an account")
                    .at(row.place(), "whose is it?")
                    .help("fill in the account, or remove the row"),
            );
            continue;
        }
        let account = Account {
            name: row.cell("name").text.to_owned(),
            billing_day: billing_day(row, diagnostics),
            level: level(row, &levels, names, diagnostics).unwrap_or(book.default_level),
            opened: opened(row, diagnostics),
            cost_center: row.cell("cost_center").text.to_owned(),
        };
        if accounts.list(names.accounts.intern(id.text), account).is_some() {
            let message = format!("account `{}` appears twice", id.text);
            diagnostics.push(
                Diagnostic::error(Code::AccountTwice, message)
                    .at(id.place, "the second one")
                    .help("keep one row an account"),
            );
        }
    }
    accounts
}

fn billing_day(row: Row<'_>, diagnostics: &mut Vec<Diagnostic>) -> BillingDay {
    let cell = row.cell("billing_day");
    if cell.text.is_empty() {
        return BillingDay::FIRST;
    }
    let is_number = cell.text.bytes().all(|b| b.is_ascii_digit());
    let day = cell.text.parse().ok().filter(|_| is_number).and_then(BillingDay::new);
    day.unwrap_or_else(|| {
        let message = format!("`{}` is not a billing day", cell.text);
        diagnostics.push(
            Diagnostic::error(Code::BillingDayWrong, message)
                .at(cell.place, "a whole number from 1 to 31")
                .help("in months that lack the day, the cycle begins on the last day"),
        );
        BillingDay::FIRST
    })
}

fn level(
    row: Row<'_>,
    known: &[LevelId],
    names: &Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<LevelId> {
    let cell = row.cell("service_level");
    if cell.text.is_empty() {
        return None;
    }
    let level = names.levels.find(cell.text).filter(|level| known.contains(level));
    if level.is_none() {
        let message = format!("service level `{}` is not in the book", cell.text);
        diagnostics.push(
            Diagnostic::error(Code::LevelUnknown, message)
                .at(cell.place, "no support, minimum or fee is known for it")
                .did_you_mean(cell.text, known.iter().map(|level| names.levels.text(*level))),
        );
    }
    level
}

/// The service levels that a book knows: its default, and those with a rate.
fn known_levels(book: &Book) -> Vec<LevelId> {
    let default = book.default_level;
    let rated = book.rates.levels().into_iter().filter(|level| *level != default);
    std::iter::once(default).chain(rated).collect()
}

fn opened(row: Row<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Instant> {
    let cell = row.cell("opened");
    if cell.text.is_empty() {
        return None;
    }
    let help = "write a date like 2014-01-31, or nothing for \"since ever\"";
    let opened = cell.date("the day the account was opened", help);
    opened.map_err(|diagnostic| diagnostics.push(diagnostic)).ok()
}
