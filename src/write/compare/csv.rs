//! `comparison.csv`, `comparison_summary.csv` and `accuracy.csv`: RFC 4180 with LF line ends.

use std::io::{self, Write};

use crate::compare::accuracy::{Accuracy, Maturity};
use crate::compare::{Change, Parts};
use crate::write::compare::{Compared, difference_percent, or_empty, share};
use crate::write::field;

/// `comparison.csv`: every row.
///
/// # Errors
/// What `out` gives.
pub fn rows(mut out: impl Write, compared: &Compared<'_>) -> io::Result<()> {
    let parts = Parts::NAMES.join(",");
    writeln!(
        out,
        "account,cycle,category,sku,region,amount_a,amount_b,difference,{parts},currency"
    )?;
    let names = compared.names;
    let mut line = Vec::new();
    for row in &compared.comparison.rows {
        line.clear();
        let (sku, region) = row
            .what
            .map_or(("", ""), |(sku, region)| (names.skus.text(sku), names.regions.text(region)));
        for text in [
            names.accounts.text(row.account),
            &compared.periods.text(row.period),
            row.category.as_str(),
            sku,
            region,
        ] {
            field::text(&mut line, text.as_bytes());
            line.push(b',');
        }
        change(&mut line, &row.change, compared, "");
        out.write_all(&line)?;
    }
    Ok(())
}

/// `comparison_summary.csv`: the sums of each account.
///
/// # Errors
/// What `out` gives.
pub fn accounts(mut out: impl Write, compared: &Compared<'_>) -> io::Result<()> {
    let parts = Parts::NAMES.join(",");
    writeln!(out, "account,amount_a,amount_b,difference,difference_percent,{parts},currency")?;
    let mut line = Vec::new();
    for (account, sum) in &compared.comparison.accounts {
        line.clear();
        field::text(&mut line, compared.names.accounts.text(*account).as_bytes());
        line.push(b',');
        let percent = or_empty(difference_percent(sum));
        change(&mut line, sum, compared, &format!("{percent},"));
        out.write_all(&line)?;
    }
    Ok(())
}

/// The amounts, their difference, `more`, the parts and the currency, to the end of the line.
fn change(line: &mut Vec<u8>, change: &Change, compared: &Compared<'_>, more: &str) {
    let digits = compared.currency.minor_digits();
    for units in [change.a, change.b, change.difference()] {
        field::number(line, units, digits);
        line.push(b',');
    }
    line.extend_from_slice(more.as_bytes());
    for units in change.parts.all() {
        field::number(line, units, digits);
        line.push(b',');
    }
    line.extend_from_slice(compared.currency.code().as_bytes());
    line.push(b'\n');
}

/// `accuracy.csv`: over all accounts, with an empty account, and then each.
///
/// # Errors
/// What `out` gives.
pub fn accuracies(
    mut out: impl Write,
    accuracy: &Accuracy,
    compared: &Compared<'_>,
) -> io::Result<()> {
    writeln!(
        out,
        "account,months,forecast,actual,wape_percent,bias_percent,variance_percent,maturity,\
         within_p10_p90_percent,within_p5_p95_percent,currency"
    )?;
    let names = compared.names;
    let accounts = accuracy.accounts.iter();
    let accounts = accounts.map(|(account, measured)| (names.accounts.text(*account), measured));
    let mut line = Vec::new();
    for (account, measured) in std::iter::once(("", &accuracy.overall)).chain(accounts) {
        line.clear();
        field::text(&mut line, account.as_bytes());
        out.write_all(&line)?;
        writeln!(
            out,
            ",{},{},{},{},{},{},{},{},{},{}",
            measured.count,
            compared.at_least_minor(measured.forecast),
            compared.at_least_minor(measured.actual),
            or_empty(measured.wape()),
            or_empty(measured.bias()),
            or_empty(measured.variance()),
            measured.maturity().map_or("", Maturity::as_str),
            or_empty(share(measured.within_p10_p90)),
            or_empty(share(measured.within_p5_p95)),
            compared.currency.code(),
        )?;
    }
    Ok(())
}
