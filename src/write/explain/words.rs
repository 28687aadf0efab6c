//! The sentences that say how a number came to be.

use rust_decimal::Decimal;

use crate::book::{Book, DiscountModel, Model, SUPPORT_UNITS_PER_GB, Sku};
use crate::explain::{
    ChargeExplained, CycleExplained, Heard, HeardEvent, LineExplained, Piece, Why,
};
use crate::ledger::Stored;
use crate::price::ChargeUnit;
use crate::value::{MICROS_PER_SECOND, Names, Span};
use crate::write::text::{grouped, visible};

/// A number without the zeros at its end, with a comma between thousands.
pub(super) fn shown(number: Decimal) -> String {
    grouped(number.normalize())
}

/// What a tier, a band or the account's own circumstances have to do with a charge; nothing where
/// there is one price for everything.
pub(super) fn why(
    cycle: &CycleExplained,
    explained: &ChargeExplained,
    book: &Book,
) -> Option<String> {
    let rate = explained.rate.as_ref();
    match explained.why {
        Why::Usage(place) => {
            let line = cycle.lines.get(place)?;
            match rate {
                None => Some("no rate is in force: priced at 0".to_owned()),
                Some(rate) => usage(line, explained, rate.model, rate.tiers),
            }
        }
        Why::Minimum { minimum, support } => {
            let minimum = shown(minimum.decimal());
            Some(format!("the minimum is {minimum}; support comes to {support}"))
        }
        Why::Fee => None,
        Why::Discount { percent, sum } => {
            let percent = Book::percent_text(percent);
            let part = match book.discount_model {
                DiscountModel::Marginal => format!("the part {} of", range(explained)),
                DiscountModel::Whole => format!("all, as the band {} says, of", range(explained)),
            };
            let sum = grouped(sum);
            Some(format!("{percent} of {part} {sum} for servers, licences and support"))
        }
    }
}

fn usage(
    line: &LineExplained,
    explained: &ChargeExplained,
    model: Option<Model>,
    tiers: usize,
) -> Option<String> {
    let position = shown(line.position.decimal());
    let begins = match (line.position.is_zero(), line.is_pooled) {
        (true, _) => String::new(),
        (false, false) => format!("; {position} came before it in this cycle"),
        (false, true) => format!("; {position} of its pool came before it in this cycle"),
    };
    let from = shown(explained.charge.tier_from.decimal());
    match model {
        Some(Model::Package) => {
            let end = shown(line.end().decimal());
            Some(format!("packages of {from}, charged once started: from {position} to {end}"))
        }
        Some(Model::Volume) => {
            let whole = shown(line.whole.decimal());
            let due = if explained.charge.unit == ChargeUnit::Flat { ", and its flat" } else { "" };
            Some(format!("{whole} in the whole cycle decide the tier {}{due}", range(explained)))
        }
        _ if explained.charge.unit == ChargeUnit::Flat => {
            let end = shown(line.end().decimal());
            Some(format!(
                "the flat of the tier from {from}, which is passed: from {position} to {end}"
            ))
        }
        _ if tiers > 1 || !line.position.is_zero() => {
            let quantity = shown(line.quantity.decimal());
            let is_all = line.quantity == explained.charge.quantity;
            let part = if is_all { "all".to_owned() } else { format!("a part of {quantity}") };
            Some(format!("{part}, in the tier {}{begins}", range(explained)))
        }
        _ => None,
    }
}

/// The bounds of a tier or band.
fn range(explained: &ChargeExplained) -> String {
    let from = shown(explained.charge.tier_from.decimal());
    match explained.rate.as_ref().and_then(|rate| rate.upper) {
        Some(upper) => format!("from {from} to {}", shown(upper.decimal())),
        None => format!("above {from}"),
    }
}

/// What was metered of a span, for a SKU.
pub(super) fn piece(piece: &Piece, sku: Sku, heard: &Heard, book: &Book, names: &Names) -> String {
    match &heard.spans[piece.span].stored {
        Stored::Storage(stored) => {
            format!("{} bytes for {}", grouped(stored.bytes), duration(piece.during))
        }
        Stored::Server(server) => {
            let support = book.flavors.get(&server.flavor).map_or(0, |flavor| flavor.support_units);
            let (steps, memory) = match sku {
                // Its base units are steps times the memory that counts.
                Sku::Support(_) if support > 0 => {
                    let memory = Decimal::from(support) / Decimal::from(SUPPORT_UNITS_PER_GB);
                    let steps = piece.base_units / u128::from(support);
                    (steps, format!(" x {} GB", memory.normalize()))
                }
                _ => (piece.base_units, String::new()),
            };
            let flavor = visible(names.flavors.text(server.flavor));
            let step = book.server_increment;
            format!("{flavor}: {} started steps of {step} s{memory}", grouped(steps))
        }
        Stored::Transfer(sent) => format!("{} bytes", grouped(sent.bytes)),
    }
}

/// What usage of a SKU is counted in before it is priced.
pub(super) fn base_unit(sku: Sku) -> &'static str {
    match sku {
        Sku::ImageStorage | Sku::ObjectStorage => "byte-microsecond",
        Sku::Server(_) | Sku::License(..) => "step",
        Sku::Support(_) => "10^-12 GB-step",
        Sku::TransferOut => "byte",
        Sku::Minimum(_) | Sku::Fee(_) | Sku::VolumeDiscount => "",
    }
}

/// How long a span is.
pub(super) fn duration(span: Span) -> String {
    let micros = span.micros();
    let second = MICROS_PER_SECOND.unsigned_abs();
    let (seconds, rest) = (micros / second, micros % second);
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (hours, minutes) = (of_day / 3600, of_day / 60 % 60);
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:06}") };
    format!("{days} d {hours:02}:{minutes:02}:{:02}{fraction}", of_day % 60)
}

/// What an event says, in a few words behind its name.
pub(super) fn details(event: &HeardEvent, names: &Names) -> String {
    let details = &event.details;
    let mut words = Vec::new();
    if let Some(member) = details.member {
        words.push(format!("member {}", visible(names.accounts.text(member))));
    }
    if let Some(flavor) = details.flavor {
        words.push(visible(names.flavors.text(flavor)));
    }
    if let Some(os) = details.os {
        words.push(visible(names.systems.text(os)));
    }
    if let Some(bytes) = details.bytes {
        words.push(format!("{} bytes", grouped(bytes)));
    }
    if let Some(source) = &details.source {
        words.push(format!("of {}", visible(source)));
    }
    match event.actor {
        Some(actor) => words.push(format!("by {}", visible(names.accounts.text(actor)))),
        None => words.push("by the operator".to_owned()),
    }
    if !event.is_applied {
        words.push("(set aside: see findings.csv)".to_owned());
    }
    words.join(" ")
}
