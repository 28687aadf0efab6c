//! Advice: a table for people, CSV and JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use rust_decimal::Decimal;
use serde::Serialize;

use crate::advise::{Advice, Advised, Kind};
use crate::value::{Currency, Names};
use crate::write::field;
use crate::write::json::to_text;
use crate::write::text::{blank_table, grouped, push_table, visible};

/// The header of `advice.csv`.
const HEADER: &str = "advice,account,image,region,bytes,since,saving,currency,why,breaks\n";

/// `advice.csv`: the most that is saved first.
///
/// # Errors
/// What `out` gives.
pub fn csv<W: Write>(
    mut out: W,
    advised: &Advised,
    currency: Currency,
    names: &Names,
) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    let mut line = Vec::new();
    for advice in &advised.all {
        line.clear();
        for text in [
            advice.kind.as_str(),
            names.accounts.text(advice.account),
            &advice.image,
            names.regions.text(advice.region),
            &advice.bytes.to_string(),
            &advice.since.to_string(),
            &advice.saving.to_string(),
            currency.code(),
            &advice.why,
        ] {
            field::text(&mut line, text.as_bytes());
            line.push(b',');
        }
        field::text(&mut line, advice.breaks.as_bytes());
        line.push(b'\n');
        out.write_all(&line)?;
    }
    out.flush()
}

#[derive(Serialize)]
struct AdvisedJson<'a> {
    program: &'a str,
    version: &'a str,
    from: String,
    to: String,
    currency: &'a str,
    saving_together: String,
    by_advice: BTreeMap<&'a str, usize>,
    advice: Vec<AdviceJson<'a>>,
}

#[derive(Serialize)]
struct AdviceJson<'a> {
    advice: &'a str,
    account: &'a str,
    image: &'a str,
    region: &'a str,
    bytes: u64,
    since: String,
    saving: String,
    why: &'a str,
    breaks: &'a str,
}

/// All of it for machines. Money is text.
#[must_use]
pub fn json(advised: &Advised, currency: Currency, names: &Names) -> String {
    let advice = advised.all.iter().map(|advice| advice_json(advice, names));
    to_text(&AdvisedJson {
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        from: advised.looked.month.start.to_string(),
        to: advised.looked.month.end.to_string(),
        currency: currency.code(),
        saving_together: advised.together.to_string(),
        by_advice: by_kind(advised).map(|(kind, all, _)| (kind.as_str(), all)).collect(),
        advice: advice.collect(),
    })
}

fn advice_json<'a>(advice: &'a Advice, names: &'a Names) -> AdviceJson<'a> {
    let Advice { kind, account, image, region, bytes, since, why, breaks, saving, .. } = advice;
    AdviceJson {
        advice: kind.as_str(),
        account: names.accounts.text(*account),
        image,
        region: names.regions.text(*region),
        bytes: *bytes,
        since: since.to_string(),
        saving: saving.to_string(),
        why,
        breaks,
    }
}

/// How often there is each kind, and what it saves, added up.
fn by_kind(advised: &Advised) -> impl Iterator<Item = (Kind, usize, Decimal)> + '_ {
    Kind::ALL.into_iter().filter_map(|kind| {
        let of_kind = advised.all.iter().filter(move |advice| advice.kind == kind);
        let saved = of_kind.clone().map(|advice| advice.saving.decimal()).sum();
        let count = of_kind.count();
        (count > 0).then_some((kind, count, saved))
    })
}

/// What is said to people: sums by kind, and the advice that saves most.
#[must_use]
pub fn text(advised: &Advised, currency: Currency, names: &Names, top: usize) -> String {
    let month = advised.looked.month;
    let mut text = String::new();
    if advised.all.is_empty() {
        return format!("Nothing to advise: all that is there at {} is used\n", month.end);
    }
    let _ = writeln!(
        text,
        "What was paid for and need not be, from {} to {}, in {currency}",
        month.start, month.end
    );
    let mut table = blank_table();
    table.set_header(["advice", "count", "saving"]);
    for (kind, count, saved) in by_kind(advised) {
        table.add_row([kind.as_str(), &count.to_string(), &grouped(saved)]);
    }
    table.add_row(["ALL TOGETHER", &advised.all.len().to_string(), &grouped(advised.together)]);
    push_table(&mut text, table, &[1, 2]);
    for advice in advised.all.iter().take(top) {
        let _ = writeln!(
            text,
            "\n{:>12}  {}: `{}` of {} in {}, {} bytes",
            grouped(advice.saving),
            advice.kind.as_str(),
            visible(&advice.image),
            visible(names.accounts.text(advice.account)),
            visible(names.regions.text(advice.region)),
            grouped(advice.bytes)
        );
        let _ = writeln!(text, "{:14}why: {}", "", visible(&advice.why));
        let _ = writeln!(text, "{:14}breaks: {}", "", visible(&advice.breaks));
    }
    if let Some(more) = advised.all.len().checked_sub(top).filter(|more| *more > 0) {
        let _ = writeln!(text, "\nand {more} more: --top N tells them, --out writes all");
    }
    text
}
