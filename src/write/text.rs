//! The summary for people.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};

use crate::world::{Finding, Level};
use crate::write::Summary;

/// Writes the summary as text. `folder` is where the files are, `files` what is in it.
#[must_use]
pub fn summary(summary: &Summary, folder: &str, files: &[&str]) -> String {
    let mut text = String::new();
    heading(&mut text, summary);
    categories(&mut text, summary);
    accounts(&mut text, summary);
    sharing(&mut text, summary);
    unpriced(&mut text, summary);
    findings(&mut text, summary);
    let _ = writeln!(text, "\nWritten to {}: {}", visible(folder), files.join(", "));
    text
}

fn heading(text: &mut String, summary: &Summary) {
    let (id, title) = &summary.book;
    let _ = writeln!(text, "{} ({})", visible(title), visible(id));
    let _ = writeln!(
        text,
        "{} to {}: {} {}, {} {}",
        summary.run.start,
        summary.run.end,
        summary.account_count,
        plural(summary.account_count, "account"),
        summary.statement_count,
        plural(summary.statement_count, "statement"),
    );
    if summary.cut_statement_count > 0 {
        let _ = writeln!(
            text,
            "{} of them are for a part of a cycle that the run cuts: no minimum or fee is charged there",
            summary.cut_statement_count
        );
    }
}

fn categories(text: &mut String, summary: &Summary) {
    let code = summary.currency.code();
    let mut table = blank_table();
    for (category, amount) in &summary.by_category {
        let amount = grouped(amount.decimal());
        table.add_row(vec![category.as_str().to_owned(), amount, code.to_owned()]);
    }
    let total = grouped(summary.total.decimal());
    table.add_row(vec!["TOTAL".to_owned(), total, code.to_owned()]);
    push_table(text, table, &[1]);
}

fn accounts(text: &mut String, summary: &Summary) {
    if summary.top_accounts.is_empty() {
        let _ = writeln!(text, "\nNobody pays anything: no usage lies in the run");
        return;
    }
    let _ = writeln!(text, "\nAccounts that pay most");
    let mut table = blank_table();
    for (account, amount, share) in &summary.top_accounts {
        let amount = grouped(amount.decimal());
        let code = summary.currency.code().to_owned();
        table.add_row(vec![visible(account), amount, code, format!("{share:.1} %")]);
    }
    let more = summary.account_count - summary.top_accounts.len();
    if more > 0 {
        table.add_row(vec![format!("and {more} more")]);
    }
    push_table(text, table, &[1, 3]);
}

fn sharing(text: &mut String, summary: &Summary) {
    let sharing = &summary.sharing;
    if sharing.image_count == 0 {
        return;
    }
    let _ = writeln!(
        text,
        "\nWhat sharing moved: {} {}, {} {} that made something of them",
        sharing.image_count,
        plural(sharing.image_count, "image"),
        sharing.consumer_count,
        plural(sharing.consumer_count, "account"),
    );
    let mut table = blank_table();
    for (what, amount) in [
        ("producers pay for storing them", sharing.producer_storage),
        ("consumers pay for servers of them", sharing.consumer_servers),
        ("… for licences and support of those", sharing.consumer_licenses_support),
        ("… for storing images taken of those", sharing.consumer_reimages),
    ] {
        let code = summary.currency.code().to_owned();
        table.add_row(vec![what.to_owned(), grouped(amount), code]);
    }
    push_table(text, table, &[1]);
}

fn unpriced(text: &mut String, summary: &Summary) {
    if summary.unpriced.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nPriced at 0, as the book has no rate (--allow-unpriced)");
    let mut table = blank_table();
    for (sku, accounts) in &summary.unpriced {
        table.add_row(vec![visible(sku), format!("{accounts} {}", plural(*accounts, "account"))]);
    }
    push_table(text, table, &[]);
}

fn findings(text: &mut String, summary: &Summary) {
    let _ = writeln!(
        text,
        "\nRows: {} read, {} used{}{}{}{}",
        summary.rows_read,
        summary.rows_used,
        part(summary.rows_repeated, "repeated"),
        part(summary.rows_after_end, "after the end of the run"),
        part(summary.rows_rejected, "set aside (rejected.csv)"),
        part(summary.rows_left_out, "merged or left out (conversion.json)"),
    );
    if summary.findings.is_empty() {
        let _ = writeln!(text, "Findings: none");
        return;
    }
    let (errors, warnings) =
        (summary.finding_count(Level::Error), summary.finding_count(Level::Warning));
    let _ = writeln!(
        text,
        "Findings: {errors} {}, {warnings} {} (findings.csv)",
        plural(errors, "error"),
        plural(warnings, "warning"),
    );
    let mut table = blank_table();
    for (code, count) in &summary.findings {
        table.add_row(vec![
            code.as_str().to_owned(),
            format!("{count} ×"),
            code.level().as_str().to_owned(),
            code.rule().to_owned(),
        ]);
    }
    push_table(text, table, &[1]);
    if let Some(contact) = &summary.contact {
        let _ =
            writeln!(text, "  The provider's contact for suspicious shares: {}", visible(contact));
    }
}

fn part(count: u64, what: &str) -> String {
    if count == 0 { String::new() } else { format!(", {count} {what}") }
}

pub(super) fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// A table without lines.
pub(super) fn blank_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

/// Adds a table, indented, with some columns to the right.
pub(super) fn push_table(text: &mut String, mut table: Table, right: &[usize]) {
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        let _ = writeln!(text, " {}", line.trim_end());
    }
}

/// A number with a comma between thousands: for people, never for files.
pub(super) fn grouped(number: impl ToString) -> String {
    let text = number.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

/// One finding as compilers print theirs: `file:line: level[code]: message`.
#[must_use]
pub fn finding_line(file: &str, finding: &Finding) -> String {
    format!(
        "{}:{}: {}[{}]: {}\n",
        visible(file),
        finding.origin.line,
        finding.level().as_str(),
        finding.code.as_str(),
        visible(&finding.message)
    )
}

/// One line for each kind of finding: how often there is one, whose it is, and the first.
#[must_use]
pub fn kinds_of_findings(findings: &[Finding], whose: &str) -> String {
    let mut codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let line = |code| {
        let mut of_code = findings.iter().filter(|finding| finding.code == code);
        let count = of_code.clone().count();
        let first = of_code.next()?;
        let what = match first.level() {
            Level::Error => "refused",
            Level::Warning => "warning",
        };
        let (code, message) = (code.as_str(), visible(&first.message));
        Some(format!("{what} {code} x{count}{whose}: {message}\n"))
    };
    codes.into_iter().filter_map(line).collect()
}

/// Whether a terminal would obey a character instead of showing it: controls (C0, C1), and those
/// that turn the direction of text.
#[must_use]
pub fn is_harmful(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text from outside, with control characters shown and not obeyed.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, expected) in [
            ("0.00", "0.00"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1234567.80", "-1,234,567.80"),
            ("123456", "123,456"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn escape_sequences_are_shown() {
        assert_eq!(visible("a\u{1b}[31mb"), "a\\u{1b}[31mb");
    }
}
