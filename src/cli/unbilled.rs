//! What stopped a bill, as something to act on.

use std::collections::BTreeMap;

use crate::bill::BillError;
use crate::book::{Book, Sku, Unit};
use crate::cli::Stopped;
use crate::cli::logs::Inputs;
use crate::diagnostic::{Code, Diagnostic};
use crate::event::Event;
use crate::meter::UsageKey;
use crate::price::PricingError;
use crate::value::{Names, Quantity};

/// Turns what stopped a bill into something to act on.
pub(super) fn explain(error: BillError, book: &Book, names: &Names, inputs: &Inputs) -> Stopped {
    explain_at(error, book, names, |event| {
        let name = inputs.name(event.origin.input as usize);
        format!("`{name}`, line {}: {}", event.origin.line, event.time)
    })
}

/// Turns what stopped the bill of a plan into something to act on.
pub(super) fn explain_plan(error: BillError, book: &Book, names: &Names) -> Stopped {
    explain_at(error, book, names, |event| format!("the plan: {}", event.time))
}

fn explain_at(
    error: BillError,
    book: &Book,
    names: &Names,
    place: impl Fn(&Event) -> String,
) -> Stopped {
    match error {
        BillError::RunTooLong { first, last } => {
            let message =
                format!("the events lie decades apart: {} and {}", place(&first), place(&last));
            let help = "correct the time that is wrong, or say --start and --end";
            vec![Diagnostic::error(Code::RunTooLong, message).help(help)]
        }
        BillError::NoEvents => vec![
            Diagnostic::error(Code::NoEvents, "there are no events to bill")
                .help("the logs have no row that could be read; see `sharebill check`"),
        ],
        BillError::EmptyRun { start, end } => {
            let message = format!("the run ends at {end}, which is not after its start at {start}");
            vec![Diagnostic::error(Code::RunEmpty, message).help("check --start and --end")]
        }
        BillError::Scratch(error) => {
            vec![
                Diagnostic::error(Code::FileUnwritable, error.to_string())
                    .help("nothing was left behind; make room, or name another folder in TMPDIR"),
            ]
        }
        BillError::Pricing(PricingError::Overflow(overflow)) => {
            vec![
                Diagnostic::error(Code::TooLarge, overflow.to_string())
                    .help("look for a size or price with too many digits"),
            ]
        }
        BillError::Pricing(PricingError::Unpriced(usage)) => unpriced(&usage, book, names),
    }
}

/// How many SKUs and accounts without a rate are named before the rest is counted.
const UNPRICED_NAMED: usize = 50;

/// One diagnostic for each SKU, account and region without a rate.
fn unpriced(usage: &[(UsageKey, Quantity)], book: &Book, names: &Names) -> Stopped {
    let mut lines: BTreeMap<(String, String, String), (UsageKey, Quantity)> = BTreeMap::new();
    for (key, quantity) in usage {
        let account = names.accounts.text(key.account).to_owned();
        let region = key.region.text(names).to_owned();
        let line = lines.entry((key.sku.text(names), account, region));
        let line = line.or_insert((*key, Quantity::ZERO));
        line.1 = line.1.plus(*quantity).unwrap_or(line.1);
    }
    let mut diagnostics: Stopped = lines
        .values()
        .take(UNPRICED_NAMED)
        .map(|(key, quantity)| unpriced_line(key, *quantity, book, names))
        .collect();
    let more = lines.len().saturating_sub(UNPRICED_NAMED);
    let message = if more > 0 {
        format!("and {more} more; {} in all", lines.len())
    } else {
        format!("{} without a rate: nothing was billed", lines.len())
    };
    let help = "add the rates to the book, or say --allow-unpriced to price all of this at 0";
    diagnostics.push(Diagnostic::error(Code::Unpriced, message).help(help));
    diagnostics
}

fn unpriced_line(key: &UsageKey, quantity: Quantity, book: &Book, names: &Names) -> Diagnostic {
    let (sku, region) = (key.sku.text(names), key.region.text(names));
    let known_regions = || book.regions.iter().map(|region| names.regions.text(*region));
    let since = key.cycle.start().day();
    let what = format!(
        "account `{}` used {} {} of {sku} in {region} from the cycle of {since} on",
        names.accounts.text(key.account),
        quantity.decimal().normalize(),
        Unit::of(key.sku).map_or("", Unit::as_str),
    );
    let error = |why: &str| Diagnostic::error(Code::Unpriced, format!("{what}: {why}"));
    if !known_regions().any(|known| known == region) {
        return error("the book has no such region").did_you_mean(region, known_regions());
    }
    match key.sku {
        Sku::Server(flavor) if !book.flavors.contains_key(&flavor) => {
            let known = book.flavors.keys().map(|flavor| names.flavors.text(*flavor));
            let mut known: Vec<&str> = known.collect();
            known.sort_unstable();
            error("the book has no such flavor").did_you_mean(names.flavors.text(flavor), known)
        }
        _ => error("no rate is in force then"),
    }
}
