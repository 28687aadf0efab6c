//! An explanation for people: one screen, the biggest first.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::explain::rules::{self, Rule};
use crate::explain::{ChargeExplained, CycleExplained};
use crate::value::{Instant, Rounding};
use crate::write::explain::tree::{Branch, abridged, wrapped};
use crate::write::explain::words::{self, shown};
use crate::write::explain::{AccountSum, Explained, Screen, SelectedCycle, resources};
use crate::write::text::{blank_table, grouped, plural, push_table, visible};

/// How many charges can each be told with their events.
const FEW: usize = 3;

impl Explained<'_> {
    /// So much that it fits a screen.
    fn screen(&self) -> Screen {
        let charges: usize = self.cycles.iter().map(|cycle| cycle.cycle.charges.len()).sum();
        let screen = match (self.cycles.len(), charges) {
            (_, 0..=1) => Screen { charges: 1, resources: 12, rows: 12, is_near: true },
            (_, 0..=FEW) => Screen { charges: FEW, resources: 3, rows: 12, is_near: true },
            (0..=1, _) => Screen { charges: 6, resources: 2, rows: 0, is_near: false },
            _ => Screen { charges: 3, resources: 0, rows: 0, is_near: false },
        };
        let top = |usual: usize| self.top.unwrap_or(usual);
        Screen {
            charges: top(screen.charges),
            resources: if screen.resources == 0 { 0 } else { top(screen.resources) },
            rows: top(screen.rows),
            ..screen
        }
    }

    fn currency(&self) -> &str {
        self.book.currency.code()
    }
}

/// The explanation as a tree.
#[must_use]
pub fn text(explained: &Explained<'_>) -> String {
    let screen = explained.screen();
    let mut text = heading(explained);
    let mut codes = Vec::new();
    let mut is_short = false;
    for cycle in explained.cycles {
        let _ = writeln!(text, "\n{}", cycle_line(cycle, explained));
        let mut root = Branch::default();
        let (shown, rest) = biggest(&cycle.cycle, screen.charges);
        for charge in shown {
            codes.extend(cycle.cycle.rules(charge));
            is_short |= screen.resources == 0 || charge.resources.len() > screen.resources + 1;
            root.branch(charge_branch(&cycle.cycle, charge, screen, explained));
        }
        if !rest.is_empty() {
            is_short = true;
            let sum: Decimal = rest.iter().map(|charge| charge.charge.amount.decimal()).sum();
            let count = rest.len();
            let (sum, currency) = (grouped(sum), explained.currency());
            let charges = plural(count, "charge");
            root.branch(Branch::new(format!("and {count} more {charges}: {sum} {currency}")));
        }
        root.draw_branches(&mut text);
    }
    legend(&mut text, &mut codes);
    footer(&mut text, is_short, explained);
    text
}

fn heading(explained: &Explained<'_>) -> String {
    let Explained { book, run, .. } = *explained;
    let accounts = accounts_of(explained);
    let who = match accounts.as_slice() {
        [one] => format!("{} pays", visible(one)),
        several => format!("{} accounts pay", several.len()),
    };
    let sum: Decimal = charges(explained).map(|charge| charge.charge.amount.decimal()).sum();
    let (sum, currency) = (grouped(sum), explained.currency());
    let mut text = String::new();
    let _ = writeln!(text, "{who} {sum} {currency}{}", of_all(explained));
    if let Some(resource) = explained.resource {
        let own = charges(explained).flat_map(|charge| explained.told(charge, 0).shown);
        let part: Decimal = own.map(|caused| caused.amount.decimal()).sum();
        let _ = writeln!(text, "{} caused {} of it", visible(resource), shown(part));
    }
    let (title, id) = (visible(&book.title), visible(&book.id));
    let _ = writeln!(text, "{title} ({id})\nrun from {} to {}", day(run.start), day(run.end));
    text
}

/// The accounts whose cycles are told, each once.
fn accounts_of<'a>(explained: &'a Explained<'_>) -> Vec<&'a str> {
    let all = explained.cycles.iter().map(|cycle| explained.account_text(cycle.cycle.account));
    let mut all: Vec<&str> = all.collect();
    all.dedup();
    all
}

/// What the charges are a part of, where others are left out.
fn of_all(explained: &Explained<'_>) -> String {
    let told = charges(explained).count();
    let all: usize = explained.cycles.iter().map(|cycle| cycle.charge_count).sum();
    if told == all {
        return String::new();
    }
    let sum: Decimal = explained.cycles.iter().map(|cycle| cycle.total.decimal()).sum();
    format!(" in {told} of {all} charges, which come to {}", grouped(sum))
}

fn charges<'a>(explained: &'a Explained<'_>) -> impl Iterator<Item = &'a ChargeExplained> {
    explained.cycles.iter().flat_map(|cycle| &cycle.cycle.charges)
}

fn cycle_line(cycle: &SelectedCycle, explained: &Explained<'_>) -> String {
    let CycleExplained { cycle: period, billed, charges, .. } = &cycle.cycle;
    let sum: Decimal = charges.iter().map(|charge| charge.charge.amount.decimal()).sum();
    let (start, end) = (day(period.start()), day(period.end()));
    let (sum, currency) = (grouped(sum), explained.currency());
    let mut line = format!("{start} to {end}: {sum} {currency}");
    if accounts_of(explained).len() > 1 {
        line = format!("{}, {line}", visible(explained.account_text(cycle.cycle.account)));
    }
    if *billed != period.span() {
        let (start, end) = (day(billed.start), day(billed.end));
        let _ = write!(line, " (the run covers {start} to {end} of it: B3)");
    }
    line
}

/// The charges that come to most, and the others.
fn biggest(cycle: &CycleExplained, most: usize) -> (Vec<&ChargeExplained>, Vec<&ChargeExplained>) {
    let mut all: Vec<&ChargeExplained> = cycle.charges.iter().collect();
    all.sort_by_key(|charge| std::cmp::Reverse(charge.charge.amount.decimal().abs()));
    let most = if all.len() == most + 1 { all.len() } else { most };
    let rest = all.split_off(most.min(all.len()));
    (all, rest)
}

fn charge_branch(
    cycle: &CycleExplained,
    of: &ChargeExplained,
    screen: Screen,
    explained: &Explained<'_>,
) -> Branch {
    let charge = &of.charge;
    let unit = charge.unit.as_str(charge.currency);
    let mut branch = Branch::new(format!(
        "{} {unit} x {} = {} {}  {} in {}  [{}]",
        shown(charge.quantity.decimal()),
        charge.unit_price,
        grouped(charge.amount),
        explained.currency(),
        visible(&charge.sku.text(explained.names)),
        visible(charge.region.text(explained.names)),
        cycle.rules(of).join(" "),
    ));
    let is_plain = !cycle.has_tiers(of) && cycle.line(of).is_some() && of.rate.is_some();
    if let Some(why) = words::why(cycle, of, explained.book).filter(|_| screen.is_near || !is_plain)
    {
        branch.line(why);
    }
    if screen.resources == 0 {
        return branch;
    }
    if let Some(rate) = &of.rate {
        let since =
            charge.effective_from.map_or(String::new(), |from| format!(", since {}", day(from)));
        let place =
            format!("{}/{}:{}", explained.prices.trim_end_matches('/'), rate.file, rate.line);
        let source = visible(&rate.source);
        let price = format!("price: {place}{since}");
        match (screen.is_near, source.is_empty()) {
            (_, true) => branch.line(price),
            (true, false) => {
                branch.line(price);
                branch.line(format!("source: {source}"));
            }
            (false, false) => branch.line(abridged(&format!("{price}: {source}"), 88)),
        }
    }
    resources::resources(&mut branch, cycle, of, screen, explained);
    branch
}

/// An instant as a date, where it is a midnight.
fn day(at: Instant) -> String {
    let text = at.to_string();
    text.strip_suffix("T00:00:00Z").map_or(text.clone(), str::to_owned)
}

/// The rules that decide what is shown, by their titles.
fn legend(text: &mut String, codes: &mut Vec<&'static str>) {
    let rules: Vec<&Rule> = rules::all().filter(|rule| codes.contains(&rule.code)).collect();
    text.push('\n');
    for rule in rules {
        let _ = writeln!(text, "{:<5}{}", rule.code, rule.title);
    }
}

fn footer(text: &mut String, is_short: bool, explained: &Explained<'_>) {
    let book = explained.book;
    let rounding = match book.rounding {
        Rounding::HalfUp => "half-up",
        Rounding::HalfEven => "half-even",
    };
    let (decimals, digits) = (book.quantity_decimals, book.currency.minor_digits());
    let inputs = explained.inputs.len();
    let _ = writeln!(
        text,
        "\nUse is exact until it is priced: a quantity is rounded there, once, to {decimals} decimals \
         (M6),\nan amount to {digits}, {rounding} (P5). Parts by resource add up to both exactly (A)."
    );
    let _ = writeln!(
        text,
        "All {inputs} inputs are those of the run (SHA-256), and give the charges of {}.",
        visible(explained.folder)
    );
    if is_short {
        let ways = match explained.cycles.len() {
            0..=1 => "--sku, --tier or --resource goes nearer",
            _ => "--cycle, --sku, --tier or --resource goes nearer",
        };
        let _ = writeln!(text, "{ways}, --top N tells more, --format json tells all.");
    }
}

/// The accounts of a run that can be explained, biggest first.
#[must_use]
pub fn accounts(folder: &str, all: &[AccountSum], currency: &str, top: usize) -> String {
    let mut text = String::from("Whose charges? Ask for one with --account:\n");
    let mut table = blank_table();
    for sum in all.iter().take(top) {
        let count = format!("{} {}", sum.charge_count, plural(sum.charge_count, "charge"));
        let amount = grouped(sum.amount);
        table.add_row(vec![visible(&sum.account), amount, currency.to_owned(), count]);
    }
    let rest = &all[top.min(all.len())..];
    if !rest.is_empty() {
        let amount: Decimal = rest.iter().map(|sum| sum.amount).sum();
        let more = format!("and {} more", rest.len());
        table.add_row(vec![more, grouped(amount), currency.to_owned()]);
    }
    push_table(&mut text, table, &[1, 3]);
    if let Some(first) = all.first() {
        let (folder, account) = (visible(folder), visible(&first.account));
        let _ = writeln!(text, "\nsharebill explain {folder} --account {account}");
    }
    text
}

/// One rule, with its example.
#[must_use]
pub fn rule(rule: &Rule) -> String {
    let mut text = format!("{}: {}\n\n", rule.code, rule.title);
    for part in [rule.words.to_owned(), format!("Example: {}", rule.example)] {
        for (place, line) in wrapped(&part, 92).iter().enumerate() {
            let line = if place == 0 { line } else { line.trim_start() };
            let _ = writeln!(text, "{line}");
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// All rules, a line each.
#[must_use]
pub fn rules() -> String {
    let mut text = String::new();
    for rule in rules::all() {
        let _ = writeln!(text, "{:<5}{}", rule.code, rule.title);
    }
    text.push_str("\n`sharebill explain rule P3` prints one of them, with an example.\n");
    text
}

/// What a diagnostic's code means.
#[must_use]
pub fn code(code: &str, meaning: &str) -> String {
    format!(
        "{code}: {meaning}\n\nThis is no rule of charging: it is told where an input, a price book or \
         a command cannot be used,\nwith the place and what to do.\n"
    )
}
