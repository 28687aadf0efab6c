//! Comparing runs: laws over random bills, and the command as people use it.

mod command;
mod laws;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::consequences;

/// A column of a table.
fn column(csv: &str, name: &str) -> Vec<String> {
    consequences::columns(csv, &[name])
}

fn decimals(text: &str) -> u32 {
    text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32)
}

fn number(text: &str) -> BigRational {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let units: BigInt = format!("{whole}{fraction}").parse().expect("digits");
    BigRational::new(units, BigInt::from(10).pow(decimals(text)))
}
