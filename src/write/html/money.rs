//! Totals, trends and who pays what.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::book::Category;
use crate::report::tables::{category_label, used_categories};
use crate::report::{AccountSums, BillReport, CategorySums, Difference, Report, Told};
use crate::value::{Overflow, exact_sum};
use crate::write::html::chart::{About, Bar, Part, Stack, Step, bars, columns, waterfall};
use crate::write::html::markup::{counted, escaped, money};
use crate::write::html::{View, difference};

/// How many bars a ranking has; what comes after them is one more.
pub(super) const BARS: usize = 12;
/// How many months a trend shows: the last ones.
const MONTHS: usize = 36;

fn parts(sums: &CategorySums, categories: &[Category]) -> Vec<Part> {
    let part = |category: &Category| Part {
        class: category.as_str(),
        label: category_label(*category).to_owned(),
        amount: sums.by_category[*category as usize],
    };
    categories.iter().map(part).filter(|part| !part.amount.is_zero()).collect()
}

/// The names of colours.
pub(super) fn legend<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::from("<ul class=\"legend\">");
    for (class, label) in entries {
        let _ = write!(out, "<li><i class=\"key {class}\"></i>{}</li>", escaped(label));
    }
    out + "</ul>\n"
}

fn category_legend(categories: &[Category]) -> String {
    legend(categories.iter().map(|category| (category.as_str(), category_label(*category))))
}

/// One number that stands out.
pub(super) fn tile(out: &mut String, label: &str, value: &str, note: &str) {
    let note =
        if note.is_empty() { String::new() } else { format!("<small>{}</small>", escaped(note)) };
    let (label, value) = (escaped(label), escaped(value));
    let _ = writeln!(out, "<div class=\"tile\"><dt>{label}</dt><dd>{value}{note}</dd></div>");
}

/// Several runs: side by side, and why two of them differ.
pub(super) fn overview(out: &mut String, report: &Report, tables: &[(&'static str, String)]) {
    let table = |id: &str| {
        tables.iter().find(|(known, _)| *known == id).map_or("", |(_, markup)| markup.as_str())
    };
    out.push_str(
        "<section id=\"overview-section\" aria-labelledby=\"overview-heading\">\n\
         <h2 id=\"overview-heading\">Overview</h2>\n",
    );
    let mut codes: Vec<&str> = report.runs.iter().map(|run| run.currency_code()).collect();
    codes.dedup();
    if let ([code], Some(run)) = (codes.as_slice(), report.runs.first()) {
        let stack = |run: &crate::report::RunReport| {
            let total = run.total().unwrap_or_default();
            let parts = match &run.bill {
                Some(bill) => parts(&bill.sums, &used_categories(&bill.sums)),
                None => vec![Part { class: "sum", label: "mean".to_owned(), amount: total }],
            };
            Stack { label: run.name.clone(), parts, total }
        };
        let stacks: Vec<Stack> = report.runs.iter().map(stack).collect();
        let is_used = |category: &Category| {
            let label = category_label(*category);
            stacks.iter().any(|stack| stack.parts.iter().any(|part| part.label == label))
        };
        let used: Vec<Category> = Category::ALL.into_iter().filter(is_used).collect();
        out.push_str(&category_legend(&used));
        let about = About {
            id: "runs-chart",
            title: "What each run comes to",
            description: "One column for each run, stacked by category.",
            code,
            digits: run.minor_digits(),
        };
        out.push_str(&columns(&about, &stacks));
    }
    out.push_str(table("runs"));
    if let Some(told) = &report.difference {
        difference(out, told, table("difference"));
    }
    out.push_str("</section>\n");
}

/// The waterfall from one total to the other.
pub(super) fn waterfall_of(difference: &Difference, told: &Told) -> String {
    let mut steps = vec![Step::Total(difference.a.clone(), told.total_a)];
    let used = told.parts.iter().filter(|(_, amount)| !amount.is_zero());
    steps.extend(used.map(|(name, amount)| Step::Part((*name).to_owned(), *amount)));
    steps.push(Step::Total(difference.b.clone(), told.total_b));
    let about = About {
        id: "difference-chart",
        title: "From one total to the other",
        description: "A waterfall: the first total, what price, volume, mix and the others add or \
                      take off, and the second total.",
        code: told.currency.code(),
        digits: told.currency.minor_digits(),
    };
    waterfall(&about, &steps)
}

impl View<'_> {
    /// The total, and how it came about month by month.
    pub(super) fn totals(&self, out: &mut String) -> Result<(), Overflow> {
        let Some(bill) = &self.run.bill else { return Ok(()) };
        self.tiles(out, bill)?;
        if bill.months.is_empty() {
            out.push_str("<p class=\"lead\">Nobody pays anything: no usage lies in the run.</p>\n");
            return Ok(());
        }
        let categories = used_categories(&bill.sums);
        let skipped = bill.months.len().saturating_sub(MONTHS);
        let stack = |(month, sums): &(crate::compare::Month, CategorySums)| Stack {
            label: month.to_string(),
            parts: parts(sums, &categories),
            total: sums.total,
        };
        let stacks: Vec<Stack> = bill.months[skipped..].iter().map(stack).collect();
        let id = self.id("trend");
        let description = "One column for each month in which billing periods begin, stacked by \
                           category.";
        let about = self.about(&id, "What each month comes to", description);
        out.push_str(&category_legend(&categories));
        out.push_str(&columns(&about, &stacks));
        if skipped > 0 {
            let _ = writeln!(out, "<p class=\"note\">The last {MONTHS} months; all are below.</p>");
        }
        out.push_str(self.table("months"));
        Ok(())
    }

    fn tiles(&self, out: &mut String, bill: &BillReport) -> Result<(), Overflow> {
        let (digits, code) = (self.run.minor_digits(), self.run.currency_code());
        let amount = |amount: Decimal| format!("{}\u{a0}{code}", money(amount, digits));
        out.push_str("<dl class=\"tiles\">\n");
        tile(out, "Total", &amount(bill.sums.total), "");
        let statements = counted(bill.statements.len(), "statement", "statements");
        tile(out, "Accounts", &counted(bill.accounts.len(), "account", "accounts"), &statements);
        let consumers = bill.sharing.consumer_count();
        let used = counted(consumers, "consumer", "consumers");
        tile(
            out,
            "Paid for what was made of shared images",
            &amount(bill.sharing.paid.sum()?),
            &used,
        );
        if let Some(images) = &bill.images {
            let (count, storage) = images.unused()?;
            let label = "Paid for storing images nobody uses";
            tile(out, label, &amount(storage), &counted(count, "image", "images"));
        }
        let findings = &self.run.info.findings;
        let errors = counted(findings.errors as usize, "error", "errors");
        let warnings = counted(findings.warnings as usize, "warning", "warnings");
        tile(out, "Findings", &errors, &warnings);
        out.push_str("</dl>\n");
        Ok(())
    }

    /// The accounts, ranked.
    pub(super) fn payers(&self, out: &mut String) -> Result<(), Overflow> {
        let Some(bill) = &self.run.bill else { return Ok(()) };
        if bill.accounts.is_empty() {
            out.push_str("<p class=\"lead\">Nobody.</p>\n");
            return Ok(());
        }
        let categories = used_categories(&bill.sums);
        let bar = |account: &AccountSums| Bar {
            label: account.account.clone(),
            parts: parts(&account.sums, &categories),
            total: account.sums.total,
            note: String::new(),
        };
        let mut shown: Vec<Bar> = bill.accounts.iter().take(BARS).map(bar).collect();
        let rest = &bill.accounts[shown.len()..];
        if !rest.is_empty() {
            let mut sums = CategorySums::default();
            for account in rest {
                for (sum, amount) in sums.by_category.iter_mut().zip(account.sums.by_category) {
                    *sum = exact_sum(*sum, amount)?;
                }
                sums.total = exact_sum(sums.total, account.sums.total)?;
            }
            shown.push(Bar {
                label: counted(rest.len(), "other account", "other accounts"),
                parts: parts(&sums, &categories),
                total: sums.total,
                note: String::new(),
            });
        }
        let id = self.id("payers-chart");
        let description = "One bar for each account, by what it pays, stacked by category.";
        let about = self.about(&id, "Accounts that pay most", description);
        out.push_str(&category_legend(&categories));
        out.push_str(&bars(&about, &shown));
        out.push_str(self.table("accounts"));
        out.push_str(self.table("statements"));
        Ok(())
    }
}
