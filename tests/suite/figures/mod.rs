//! Figures that the provider itself has published, or that follow from its prices by hand, each
//! through the whole engine.

mod discount;
mod servers;
mod storage;
mod transfer;

use crate::consequences::{columns, log};
use crate::support::{Outputs, Texts, root, small_book};

/// A price book of the repository.
fn pricing(name: &str) -> Texts {
    let folder = root().join("pricing").join(name);
    let read = |file: &str| std::fs::read_to_string(folder.join(file));
    Texts {
        book_toml: read("book.toml").expect("book.toml"),
        rates: read("rates.csv").expect("rates.csv"),
        flavors: read("flavors.csv").expect("flavors.csv"),
        discounts: read("discounts.csv").ok(),
        ..small_book()
    }
}

/// A log under the US book, where an account that is not listed has Managed Infrastructure.
fn us(lines: &str) -> Outputs {
    pricing("rackspace-us").with_rows(&log(lines)).bill()
}

/// The charges of a SKU, as `quantity × unit_price = amount`.
fn charges(outputs: &Outputs, sku: &str) -> Vec<String> {
    columns(&outputs.charges, &["sku", "quantity", "unit_price", "amount"])
        .iter()
        .filter_map(|row| row.strip_prefix(sku)?.strip_prefix(' '))
        .map(|row| {
            let [quantity, price, amount] = row.split(' ').collect::<Vec<_>>()[..] else {
                panic!("three numbers: {row}")
            };
            format!("{quantity} × {price} = {amount}")
        })
        .collect()
}

/// So many seconds after the beginning of March 2016.
fn in_march(seconds: u64) -> String {
    let (day, second) = (1 + seconds / 86_400, seconds % 86_400);
    format!("2016-03-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// March 2016 in seconds: 744 hours.
const MARCH: u64 = 744 * 3600;

/// As many servers as it takes to run for so many seconds in March 2016, all from its beginning.
fn servers(account: &str, flavor: &str, seconds: u64) -> String {
    let mut lines = String::new();
    let (mut left, mut number) = (seconds, 0);
    while left > 0 {
        let id = format!("{account}-{flavor}-{number}");
        lines +=
            &format!("2016-03-01 server.create {account} {id} source=base-x flavor={flavor}\n");
        if left < MARCH {
            lines += &format!("{} server.delete {account} {id}\n", in_march(left));
        }
        left = left.saturating_sub(MARCH);
        number += 1;
    }
    lines
}

fn hours(hours: u64) -> u64 {
    hours * 3600
}
