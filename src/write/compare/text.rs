//! A comparison for people.

use std::fmt::Write as _;

use comfy_table::Table;
use rust_decimal::Decimal;

use crate::compare::accuracy::{Accuracy, Maturity, Measured};
use crate::compare::{AccountChange, Change, Parts, Periods};
use crate::write::compare::{Compared, Side, difference_percent, share};
use crate::write::text::{blank_table, grouped, plural, push_table, visible};

/// The comparison as text: by category, and the accounts that differ most.
#[must_use]
pub fn text(compared: &Compared<'_>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "A: {}", side(compared.a));
    let _ = writeln!(text, "B: {}", side(compared.b));
    let _ = writeln!(text, "{}", how(compared));
    for (name, side) in [("A", compared.a), ("B", compared.b)] {
        if side.left_out != 0 {
            let amount = grouped(compared.money(side.left_out));
            let currency = compared.currency;
            let _ = writeln!(
                text,
                "Not compared: {amount} {currency} of {name}, in cycles that begin in other months"
            );
        }
    }
    let columns = columns(compared.is_split);
    let comparison = compared.comparison;
    let _ = writeln!(text, "\nWhy B differs from A, in {}", compared.currency);
    let mut table = table(&columns, "");
    for (category, sum) in &comparison.categories {
        table.add_row(cells(category.as_str(), sum, &columns, compared));
    }
    table.add_row(cells("TOTAL", &comparison.total, &columns, compared));
    push(&mut text, table, &columns);
    if compared.periods != Periods::Whole {
        by_cycle(&mut text, &columns, compared);
    }
    let top = comparison.top(compared.top, compared.names);
    accounts(&mut text, &top, &columns, compared);
    if let Some(accuracy) = compared.accuracy {
        tell_accuracy(&mut text, accuracy, &top, compared);
    }
    text
}

fn side(side: &Side) -> String {
    let mut text = format!("{}, {}", visible(&side.folder), side.kind());
    if let Some(scenario) = side.scenario.as_deref().filter(|scenario| !scenario.is_empty()) {
        let _ = write!(text, " `{}`", visible(scenario));
    }
    if let Some((start, end)) = side.start.zip(side.end) {
        let _ = write!(text, " of {start} to {end}");
    }
    if let Some(book) = &side.book {
        let _ = write!(text, ", prices {}", visible(book));
    }
    text
}

/// What is put beside what.
fn how(compared: &Compared<'_>) -> String {
    let Some(months) = compared.months else {
        return match compared.periods {
            Periods::Whole => "All cycles of A, added up, beside all cycles of B".to_owned(),
            Periods::ByPosition(_) | Periods::ByMonth => {
                "Each cycle of A beside the cycle of B at the same place in its run".to_owned()
            }
        };
    };
    let span = match (months.first(), months.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(month), _) => month.to_string(),
        _ => String::new(),
    };
    let count = months.len();
    let added = match compared.periods {
        Periods::Whole if count > 1 => ", added up",
        _ => "",
    };
    format!("The {count} {} that both have: {span}{added}", plural(count, "month"))
}

/// The parts that are shown, by their places.
fn columns(is_split: bool) -> Vec<usize> {
    let is_shown = |name: &str| match name {
        "new" | "ended" => true,
        "unsplit" => !is_split,
        _ => is_split,
    };
    (0..Parts::NAMES.len()).filter(|place| is_shown(Parts::NAMES[*place])).collect()
}

fn table(columns: &[usize], first: &str) -> Table {
    let mut table = blank_table();
    let parts = columns.iter().map(|place| Parts::NAMES[*place]);
    table.set_header([first, "A", "B", "difference", "%"].into_iter().chain(parts));
    table
}

fn cells(name: &str, change: &Change, columns: &[usize], compared: &Compared<'_>) -> Vec<String> {
    let money = |units| grouped(compared.money(units));
    let percent = difference_percent(change).map(|percent| percent.round_dp(1));
    let percent = percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent:.1}"));
    let mut cells =
        vec![visible(name), money(change.a), money(change.b), money(change.difference()), percent];
    let parts = change.parts.all();
    cells.extend(columns.iter().map(|place| money(parts[*place])));
    cells
}

fn push(text: &mut String, table: Table, columns: &[usize]) {
    let right: Vec<usize> = (1..5 + columns.len()).collect();
    push_table(text, table, &right);
}

fn by_cycle(text: &mut String, columns: &[usize], compared: &Compared<'_>) {
    let _ = writeln!(text, "\nCycle by cycle");
    let mut table = table(columns, "");
    for (period, sum) in &compared.comparison.periods {
        table.add_row(cells(&compared.periods.text(*period), sum, columns, compared));
    }
    push(text, table, columns);
}

fn accounts(text: &mut String, top: &[AccountChange], columns: &[usize], compared: &Compared<'_>) {
    if top.is_empty() {
        return;
    }
    let comparison = compared.comparison;
    let _ = writeln!(text, "\nAccounts that differ most");
    let mut table = table(columns, "account");
    let mut rest = comparison.total;
    for (account, sum) in top {
        rest -= *sum;
        table.add_row(cells(compared.names.accounts.text(*account), sum, columns, compared));
    }
    let more = comparison.accounts.len() - top.len();
    if more > 0 {
        table.add_row(cells(&format!("and {more} more"), &rest, columns, compared));
    }
    table.add_row(cells("TOTAL", &comparison.total, columns, compared));
    push(text, table, columns);
}

fn tell_accuracy(
    text: &mut String,
    accuracy: &Accuracy,
    top: &[AccountChange],
    compared: &Compared<'_>,
) {
    let overall = &accuracy.overall;
    let actual = if compared.b.scenario.is_some() { "taken as what it came to" } else { "actual" };
    let count = overall.count;
    let _ = writeln!(
        text,
        "\nForecast accuracy: A as the forecast, B {actual}; {count} {} of an account",
        plural(count, "month")
    );
    let mut table = blank_table();
    table.set_header([
        "",
        "forecast",
        "actual",
        "WAPE %",
        "bias %",
        "variance %",
        "FinOps",
        "in p10–p90 %",
        "in p5–p95 %",
    ]);
    table.add_row(accuracy_cells("ALL", overall, compared));
    for (account, _) in top {
        let measured = accuracy.accounts.iter().find(|(known, _)| known == account);
        if let Some((_, measured)) = measured {
            let name = compared.names.accounts.text(*account);
            table.add_row(accuracy_cells(name, measured, compared));
        }
    }
    push_table(text, table, &[1, 2, 3, 4, 5, 7, 8]);
    let _ = writeln!(text, " FinOps: variance within 12 % run, 15 % walk, 20 % crawl");
}

fn accuracy_cells(name: &str, measured: &Measured, compared: &Compared<'_>) -> Vec<String> {
    let percent = |number: Option<Decimal>| {
        number.map_or_else(|| "–".to_owned(), |number| format!("{:.1}", number.round_dp(1)))
    };
    let money = |number: Decimal| {
        let mut rounded = number.round_dp(compared.currency.minor_digits());
        rounded.rescale(compared.currency.minor_digits());
        grouped(rounded)
    };
    vec![
        visible(name),
        money(measured.forecast),
        money(measured.actual),
        percent(measured.wape()),
        percent(measured.bias()),
        percent(measured.variance()),
        measured.maturity().map_or("–", Maturity::as_str).to_owned(),
        percent(share(measured.within_p10_p90)),
        percent(share(measured.within_p5_p95)),
    ]
}
