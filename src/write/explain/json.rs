//! An explanation for machines: everything. Numbers are texts, as JSON's own are binary floats to
//! most who read them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::explain::rules::{self, Rule};
use crate::explain::{
    Caused, ChargeExplained, CycleExplained, HeardEvent, LineExplained, Piece, RateFound, Why,
};
use crate::ledger::Stored;
use crate::write::explain::words;
use crate::write::explain::{AccountSum, Explained, SelectedCycle, sum_of};
use crate::write::json::to_text;

#[derive(Serialize)]
struct Root<'a> {
    run: Run<'a>,
    inputs: Vec<Input<'a>>,
    cycles: Vec<CycleJson<'a>>,
    resources: BTreeMap<&'a str, ResourceJson<'a>>,
    rules: BTreeMap<&'a str, RuleJson<'a>>,
}

#[derive(Serialize)]
struct Run<'a> {
    folder: &'a str,
    start: String,
    end: String,
    book: &'a str,
    prices: &'a str,
    currency: &'a str,
    bytes_per_gigabyte: u64,
    server_increment: u32,
    quantity_decimals: u32,
}

#[derive(Serialize)]
struct Input<'a> {
    name: &'a str,
    found: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct CycleJson<'a> {
    account: &'a str,
    service_level: &'a str,
    start: String,
    end: String,
    billed_start: String,
    billed_end: String,
    total: String,
    charge_count: usize,
    charges: Vec<ChargeJson<'a>>,
}

#[derive(Serialize)]
struct ChargeJson<'a> {
    sku: String,
    region: &'a str,
    unit: &'a str,
    tier_from: String,
    quantity: String,
    unit_price: String,
    amount: String,
    currency: &'a str,
    effective_from: Option<String>,
    rule: &'a str,
    rules: Vec<&'a str>,
    why: Option<String>,
    rate: Option<Rate<'a>>,
    usage: Option<Usage>,
    minimum: Option<Minimum>,
    discount: Option<Discount>,
    resources: Vec<CausedJson<'a>>,
    /// What is left out, where one resource is asked for.
    others: Option<Others>,
}

#[derive(Serialize)]
struct Rate<'a> {
    file: String,
    line: u64,
    source: &'a str,
    model: Option<&'a str>,
    tier_until: Option<String>,
    tiers: usize,
}

/// What is priced together with the charge: `quantity` is `base_units` × `numerator` ÷
/// `denominator`, rounded half-even.
#[derive(Serialize)]
struct Usage {
    base_unit: &'static str,
    base_units: String,
    numerator: String,
    denominator: String,
    quantity: String,
    position: String,
    whole: String,
    is_pooled: bool,
}

#[derive(Serialize)]
struct Minimum {
    minimum: String,
    support: String,
}

#[derive(Serialize)]
struct Discount {
    percent: String,
    sum: String,
}

#[derive(Serialize)]
struct CausedJson<'a> {
    resource: &'a str,
    region: &'a str,
    source_image: Option<&'a str>,
    producer: Option<&'a str>,
    role: &'a str,
    quantity: String,
    amount: String,
    spans: Vec<PieceJson<'a>>,
}

#[derive(Serialize)]
struct Others {
    count: usize,
    quantity: String,
    amount: String,
}

#[derive(Serialize)]
struct PieceJson<'a> {
    from: String,
    until: String,
    base_units: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flavor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<&'a str>,
    /// Where the grid of a server's steps begins (M2).
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
}

#[derive(Serialize)]
struct ResourceJson<'a> {
    /// What happened to it, in order.
    events: Vec<EventJson<'a>>,
    /// How it was shared with the account, where it is another account's image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shares: Vec<EventJson<'a>>,
}

#[derive(Serialize)]
struct EventJson<'a> {
    file: &'a str,
    line: u64,
    id: Option<&'a str>,
    time: String,
    event: &'a str,
    account: Option<&'a str>,
    applied: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flavor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
}

#[derive(Serialize)]
struct RuleJson<'a> {
    title: &'a str,
    words: &'a str,
    example: &'a str,
}

/// The explanation, with all that is known.
#[must_use]
pub fn json(explained: &Explained<'_>) -> String {
    let Explained { book, run, .. } = *explained;
    let inputs = explained.inputs.iter();
    to_text(&Root {
        run: Run {
            folder: explained.folder,
            start: run.start.to_string(),
            end: run.end.to_string(),
            book: &book.id,
            prices: explained.prices,
            currency: book.currency.code(),
            bytes_per_gigabyte: book.bytes_per_gigabyte,
            server_increment: book.server_increment,
            quantity_decimals: book.quantity_decimals,
        },
        inputs: inputs
            .map(|input| Input { name: &input.name, found: &input.found, sha256: &input.sha256 })
            .collect(),
        cycles: explained.cycles.iter().map(|cycle| cycle_json(cycle, explained)).collect(),
        resources: resources(explained),
        rules: used_rules(explained),
    })
}

fn cycle_json<'a>(selected: &'a SelectedCycle, explained: &'a Explained<'_>) -> CycleJson<'a> {
    let cycle = &selected.cycle;
    let level = explained.accounts.get(cycle.account).level;
    CycleJson {
        account: explained.account_text(cycle.account),
        service_level: explained.names.levels.text(level),
        start: cycle.cycle.start().to_string(),
        end: cycle.cycle.end().to_string(),
        billed_start: cycle.billed.start.to_string(),
        billed_end: cycle.billed.end.to_string(),
        total: selected.total.to_string(),
        charge_count: selected.charge_count,
        charges: cycle.charges.iter().map(|charge| charge_json(cycle, charge, explained)).collect(),
    }
}

fn charge_json<'a>(
    cycle: &'a CycleExplained,
    of: &'a ChargeExplained,
    explained: &'a Explained<'_>,
) -> ChargeJson<'a> {
    let charge = &of.charge;
    let line = cycle.line(of);
    let told = explained.told(of, usize::MAX - 1);
    let others = (!told.rest.is_empty()).then(|| {
        let (quantity, amount) = sum_of(&told.rest);
        let (quantity, amount) = (quantity.to_string(), amount.to_string());
        Others { count: told.rest.len(), quantity, amount }
    });
    let caused = |caused| line.map(|line| caused_json(caused, line, explained));
    let (minimum, discount) = match of.why {
        Why::Minimum { minimum, support } => {
            let (minimum, support) = (minimum.to_string(), support.to_string());
            (Some(Minimum { minimum, support }), None)
        }
        Why::Discount { percent, sum } => {
            let (percent, sum) = (percent.normalize().to_string(), sum.to_string());
            (None, Some(Discount { percent, sum }))
        }
        Why::Usage(_) | Why::Fee => (None, None),
    };
    ChargeJson {
        sku: charge.sku.text(explained.names),
        region: charge.region.text(explained.names),
        unit: charge.unit.as_str(charge.currency),
        tier_from: charge.tier_from.to_string(),
        quantity: charge.quantity.to_string(),
        unit_price: charge.unit_price.to_string(),
        amount: charge.amount.to_string(),
        currency: charge.currency.code(),
        effective_from: charge.effective_from.map(|from| from.to_string()),
        rule: charge.rule(),
        rules: cycle.rules(of),
        why: words::why(cycle, of, explained.book),
        rate: of.rate.as_ref().map(|rate| rate_json(rate, explained)),
        usage: line.map(usage_json),
        minimum,
        discount,
        resources: told.shown.into_iter().filter_map(caused).collect(),
        others,
    }
}

fn rate_json<'a>(rate: &'a RateFound, explained: &Explained<'_>) -> Rate<'a> {
    Rate {
        file: format!("{}/{}", explained.prices.trim_end_matches('/'), rate.file),
        line: rate.line,
        source: &rate.source,
        model: rate.model.map(crate::book::Model::as_str),
        tier_until: rate.upper.map(|upper| upper.to_string()),
        tiers: rate.tiers,
    }
}

fn usage_json(line: &LineExplained) -> Usage {
    Usage {
        base_unit: words::base_unit(line.key.sku),
        base_units: line.base_units.to_string(),
        numerator: line.ratio.numerator.to_string(),
        denominator: line.ratio.denominator.to_string(),
        quantity: line.quantity.to_string(),
        position: line.position.to_string(),
        whole: line.whole.to_string(),
        is_pooled: line.is_pooled,
    }
}

fn caused_json<'a>(
    caused: &Caused,
    line: &LineExplained,
    explained: &'a Explained<'_>,
) -> CausedJson<'a> {
    let source = explained.source(caused);
    CausedJson {
        resource: explained.heard.names.text(caused.cause.resource),
        region: explained.names.regions.text(caused.cause.region),
        source_image: source.map(|(image, _)| image),
        producer: source.and_then(|(_, producer)| producer),
        role: caused.role.as_str(),
        quantity: caused.quantity.decimal().to_string(),
        amount: caused.amount.decimal().to_string(),
        spans: line.pieces[caused.pieces.clone()]
            .iter()
            .map(|piece| piece_json(piece, explained))
            .collect(),
    }
}

fn piece_json<'a>(piece: &Piece, explained: &'a Explained<'_>) -> PieceJson<'a> {
    let blank = PieceJson {
        from: piece.during.start.to_string(),
        until: piece.during.end.to_string(),
        base_units: piece.base_units.to_string(),
        bytes: None,
        flavor: None,
        os: None,
        created: None,
    };
    match &explained.heard.spans[piece.span].stored {
        Stored::Storage(stored) => PieceJson { bytes: Some(stored.bytes), ..blank },
        Stored::Transfer(sent) => PieceJson { bytes: Some(sent.bytes), ..blank },
        Stored::Server(server) => PieceJson {
            flavor: Some(explained.names.flavors.text(server.flavor)),
            os: Some(explained.names.systems.text(server.os)),
            created: Some(server.created.to_string()),
            ..blank
        },
    }
}

/// Everything that is named, and what happened to it.
fn resources<'a>(explained: &'a Explained<'_>) -> BTreeMap<&'a str, ResourceJson<'a>> {
    let mut all: BTreeMap<&str, ResourceJson<'_>> = BTreeMap::new();
    let events = |events: Option<&'a Vec<HeardEvent>>| -> Vec<EventJson<'a>> {
        events.into_iter().flatten().map(|event| event_json(event, explained)).collect()
    };
    for charge in explained.cycles.iter().flat_map(|cycle| &cycle.cycle.charges) {
        for caused in explained.told(charge, usize::MAX - 1).shown {
            let resource = explained.heard.names.text(caused.cause.resource);
            all.entry(resource).or_insert_with(|| ResourceJson {
                events: events(explained.heard.events.get(resource)),
                shares: Vec::new(),
            });
            let Some((image, _)) = explained.source(caused) else { continue };
            let origin = explained.origins.get(image);
            let shares = explained.heard.shares.get(image);
            if all.contains_key(image) || (origin.is_none() && shares.is_none()) {
                continue;
            }
            let events_of = match origin {
                Some(origin) => vec![event_json(origin, explained)],
                None => events(explained.heard.events.get(image)),
            };
            all.insert(image, ResourceJson { events: events_of, shares: events(shares) });
        }
    }
    all
}

fn event_json<'a>(event: &'a HeardEvent, explained: &'a Explained<'_>) -> EventJson<'a> {
    let (file, line) = explained.place(event);
    let (names, details) = (explained.names, &event.details);
    EventJson {
        file,
        line,
        id: event.id.as_deref(),
        time: event.time.to_string(),
        event: event.kind.as_str(),
        account: event.actor.map(|actor| names.accounts.text(actor)),
        applied: event.is_applied,
        region: details.region.map(|region| names.regions.text(region)),
        source: details.source.as_deref(),
        bytes: details.bytes,
        flavor: details.flavor.map(|flavor| names.flavors.text(flavor)),
        os: details.os.map(|os| names.systems.text(os)),
        member: details.member.map(|member| names.accounts.text(member)),
    }
}

fn used_rules<'a>(explained: &Explained<'_>) -> BTreeMap<&'a str, RuleJson<'a>> {
    let mut used = BTreeMap::new();
    for cycle in explained.cycles.iter().map(|cycle| &cycle.cycle) {
        for code in cycle.charges.iter().flat_map(|charge| cycle.rules(charge)) {
            if let Some(rule) = rules::find(code) {
                used.entry(rule.code).or_insert_with(|| rule_of(rule));
            }
        }
    }
    used
}

fn rule_of(rule: &'static Rule) -> RuleJson<'static> {
    RuleJson { title: rule.title, words: rule.words, example: rule.example }
}

/// One rule.
#[must_use]
pub fn rule(rule: &'static Rule) -> String {
    to_text(&BTreeMap::from([(rule.code, rule_of(rule))]))
}

/// All rules.
#[must_use]
pub fn rules() -> String {
    let all: BTreeMap<&str, RuleJson<'_>> =
        rules::all().map(|rule| (rule.code, rule_of(rule))).collect();
    to_text(&all)
}

#[derive(Serialize)]
struct AccountJson<'a> {
    account: &'a str,
    amount: String,
    currency: &'a str,
    charges: usize,
}

/// The accounts of a run that can be explained, biggest first.
#[must_use]
pub fn accounts(all: &[AccountSum], currency: &str) -> String {
    let account =
        |sum: &'_ AccountSum| (sum.account.clone(), sum.amount.to_string(), sum.charge_count);
    let texts: Vec<_> = all.iter().map(account).collect();
    let list: Vec<AccountJson<'_>> = texts
        .iter()
        .map(|(account, amount, charges)| AccountJson {
            account,
            amount: amount.clone(),
            currency,
            charges: *charges,
        })
        .collect();
    to_text(&BTreeMap::from([("accounts", list)]))
}

/// What a diagnostic's code means.
#[must_use]
pub fn code(code: &str, meaning: &str) -> String {
    to_text(&BTreeMap::from([(code, BTreeMap::from([("meaning", meaning)]))]))
}
