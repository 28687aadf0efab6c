//! An estimate, for people and for machines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::book::{Book, Category};
use crate::project::estimate::{Amounts, Estimate, Group, average, more};
use crate::read::scenario::flags::{Flags, PRODUCER, USUAL_KEEP};
use crate::read::scenario::units::month_hours;
use crate::scenario::MICROS_PER_HOUR;
use crate::value::{Names, Overflow};
use crate::world::Finding;
use crate::write::json::to_text;
use crate::write::text::{blank_table, grouped, kinds_of_findings, push_table, visible};

/// The estimate for people.
///
/// # Errors
/// [`Overflow`].
pub fn text(
    estimate: &Estimate,
    asked: &Flags,
    book: &Book,
    names: &Names,
) -> Result<String, Overflow> {
    let mut text = String::new();
    let _ = writeln!(text, "{} ({})", visible(&book.title), visible(&book.id));
    plan(&mut text, estimate, asked);
    let _ = writeln!(text);
    accounts(&mut text, estimate, names);
    comparison(&mut text, estimate)?;
    let _ = writeln!(text);
    if estimate.findings.is_empty() {
        let _ = writeln!(text, "The cloud refuses nothing.");
    }
    text += &kinds_of_findings(&estimate.findings, "");
    Ok(text)
}

/// What was asked, and what was taken where nobody said.
fn plan(text: &mut String, estimate: &Estimate, asked: &Flags) {
    let and = |list: &[String]| visible(&list.join(" and "));
    let (consumers, _) = estimate.consumers();
    let mut image = format!("an image of {} in {}", visible(&asked.image), visible(&asked.region));
    if let Some(os) = &asked.os {
        let _ = write!(image, " ({})", visible(os));
    }
    if !asked.copies.is_empty() {
        let _ = write!(image, ", copied to {}", and(&asked.copies));
    }
    if let Some(release) = &asked.release {
        let _ = write!(image, ", a new version every {}", visible(release));
    }
    let _ = writeln!(
        text,
        "{} from {}: {image}, shared with {}",
        count(estimate.months(), "month"),
        estimate.run.start.day(),
        count(consumers, "consumer"),
    );
    let hours = asked.hours.as_deref().and_then(month_hours).map_or("always on".to_owned(), |on| {
        let hours = Decimal::from(on.micros()) / Decimal::from(MICROS_PER_HOUR);
        format!("the first {} hours of each month", hours.normalize())
    });
    let _ = writeln!(text, "each has {} x {}, {hours}", asked.servers, visible(&asked.flavor));
    if let Some(size) = &asked.reimage {
        let every = visible(asked.every.as_deref().unwrap_or("day"));
        let keep = asked.keep.unwrap_or(USUAL_KEEP);
        let size = visible(size);
        let _ =
            writeln!(text, "every {every} an image of {size} is taken of each server; {keep} stay");
    }
    if !asked.copies.is_empty() && consumers > 1 {
        let _ = writeln!(
            text,
            "consumers take turns: the first is in {}, the next in {}, and so on",
            visible(&asked.region),
            visible(&asked.copies[0]),
        );
    }
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What each group pays, line by line.
fn accounts(text: &mut String, estimate: &Estimate, names: &Names) {
    let mut table = blank_table();
    let code = estimate.currency.code();
    table.add_row([code, "first month", "a month", "in all"]);
    let mut add = |what: &str, amounts: &Amounts| {
        let numbers = [amounts.first(), amounts.average(), amounts.in_all.decimal()];
        let cells = [visible(what)].into_iter().chain(numbers.map(grouped));
        table.add_row(cells);
    };
    for group in &estimate.groups {
        add(&who(group, names), &group.total);
        for (sku, amounts) in &group.lines {
            add(&format!("  {}", sku.text(names)), amounts);
        }
    }
    add("TOTAL", &estimate.shared.total);
    push_table(text, table, &[1, 2, 3]);
}

fn who(group: &Group, names: &Names) -> String {
    let Some(region) = group.region else { return format!("the {PRODUCER}") };
    let region = names.regions.text(region);
    let refused = if group.has_servers { "" } else { ", which gets no server" };
    match group.accounts.len() {
        1 => format!("{} in {region}{refused}", names.accounts.text(group.accounts[0])),
        count => format!("each of {count} consumers in {region}{refused}"),
    }
}

/// What sharing saves.
fn comparison(text: &mut String, estimate: &Estimate) -> Result<(), Overflow> {
    let (consumers, booting) = estimate.consumers();
    if booting == 0 {
        return Ok(());
    }
    let whose = match (booting, booting == consumers) {
        (1, true) => "the consumer".to_owned(),
        (count, true) => format!("each of the {count} consumers"),
        (1, false) => "the one consumer that gets a server".to_owned(),
        (count, false) => format!("each of the {count} consumers that get servers"),
    };
    let _ = writeln!(text, "\nIf {whose} kept a copy of its own instead:");
    let mut table = blank_table();
    let code = estimate.currency.code();
    table.add_row([code, "shared", "own copies", "sharing saves"]);
    let mut add = |what: &str, shared: Decimal, own: Decimal| {
        let numbers = [shared, own, more(shared, own)?].map(grouped);
        table.add_row([what.to_owned()].into_iter().chain(numbers));
        Ok::<(), Overflow>(())
    };
    let (shared, own) = (&estimate.shared, &estimate.own_copies);
    for category in Category::ALL {
        let [a, b] = [shared, own].map(|side| side.by_category[category as usize].in_all.decimal());
        if !a.is_zero() || !b.is_zero() {
            add(category.as_str(), a, b)?;
        }
    }
    add("in all", shared.total.in_all.decimal(), own.total.in_all.decimal())?;
    add("first month", shared.total.first(), own.total.first())?;
    add("a month", shared.total.average(), own.total.average())?;
    push_table(text, table, &[1, 2, 3]);
    Ok(())
}

#[derive(Serialize)]
struct EstimateJson<'a> {
    book: &'a str,
    currency: &'a str,
    start: String,
    end: String,
    months: usize,
    accounts: Vec<GroupJson<'a>>,
    total: AmountsJson,
    own_copies: OwnCopiesJson,
    refused: usize,
    findings: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    accounts: Vec<&'a str>,
    has_servers: bool,
    charges: BTreeMap<String, AmountsJson>,
    total: AmountsJson,
}

#[derive(Serialize)]
struct AmountsJson {
    first_month: String,
    average_month: String,
    by_month: Vec<String>,
    in_all: String,
}

#[derive(Serialize)]
struct OwnCopiesJson {
    consumers: usize,
    shared: BTreeMap<&'static str, AmountsJson>,
    own_copies: BTreeMap<&'static str, AmountsJson>,
    total: AmountsJson,
    sharing_saves: SavingJson,
}

#[derive(Serialize)]
struct SavingJson {
    first_month: String,
    average_month: String,
    in_all: String,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    code: &'a str,
    level: &'a str,
    time: Option<String>,
    account: Option<&'a str>,
    resource: Option<&'a str>,
    message: &'a str,
}

/// The estimate for machines: what each of a group's accounts pays, times their number, adds up to
/// the total, exactly.
///
/// # Errors
/// [`Overflow`].
pub fn json(estimate: &Estimate, book: &Book, names: &Names) -> Result<String, Overflow> {
    let (shared, own) = (&estimate.shared, &estimate.own_copies);
    let (all, all_own) = (shared.total.in_all.decimal(), own.total.in_all.decimal());
    let saved = more(all, all_own)?;
    Ok(to_text(&EstimateJson {
        book: &book.id,
        currency: estimate.currency.code(),
        start: estimate.run.start.to_string(),
        end: estimate.run.end.to_string(),
        months: estimate.months(),
        accounts: estimate.groups.iter().map(|group| of_group(group, names)).collect(),
        total: amounts(&shared.total),
        own_copies: OwnCopiesJson {
            consumers: estimate.consumers().1,
            shared: by_category(&shared.by_category),
            own_copies: by_category(&own.by_category),
            total: amounts(&own.total),
            sharing_saves: SavingJson {
                first_month: more(shared.total.first(), own.total.first())?.to_string(),
                average_month: average(saved, estimate.months()).to_string(),
                in_all: saved.to_string(),
            },
        },
        refused: estimate.refused,
        findings: estimate.findings.iter().map(|finding| of_finding(finding, names)).collect(),
    }))
}

fn of_group<'a>(group: &'a Group, names: &'a Names) -> GroupJson<'a> {
    let charges = group.lines.iter().map(|(sku, line)| (sku.text(names), amounts(line)));
    GroupJson {
        role: if group.region.is_none() { PRODUCER } else { "consumer" },
        region: group.region.map(|region| names.regions.text(region)),
        accounts: group.accounts.iter().map(|account| names.accounts.text(*account)).collect(),
        has_servers: group.has_servers,
        charges: charges.collect(),
        total: amounts(&group.total),
    }
}

fn amounts(amounts: &Amounts) -> AmountsJson {
    AmountsJson {
        first_month: amounts.first().to_string(),
        average_month: amounts.average().to_string(),
        by_month: amounts.by_month.iter().map(ToString::to_string).collect(),
        in_all: amounts.in_all.to_string(),
    }
}

fn by_category(all: &[Amounts; Category::ALL.len()]) -> BTreeMap<&'static str, AmountsJson> {
    let each = Category::ALL.into_iter().zip(all);
    each.map(|(category, of_one)| (category.as_str(), amounts(of_one))).collect()
}

fn of_finding<'a>(finding: &'a Finding, names: &'a Names) -> FindingJson<'a> {
    FindingJson {
        code: finding.code.as_str(),
        level: finding.level().as_str(),
        time: finding.time.map(|time| time.to_string()),
        account: finding.actor.map(|actor| names.accounts.text(actor)),
        resource: finding.resource.as_deref(),
        message: &finding.message,
    }
}
