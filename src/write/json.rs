//! `run.json`, and the summary for machines. Money is text: JSON numbers are binary floats to
//! most who read them.

use serde::Serialize;
use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Severity};
use crate::value::Names;
use crate::world::{Finding, Level};
use crate::write::text::is_harmful;
use crate::write::{InputReport, Report, Summary};

#[derive(Serialize)]
struct Run<'a> {
    program: &'a str,
    version: &'a str,
    book: BookJson<'a>,
    start: String,
    end: String,
    arguments: BTreeMap<&'a str, &'a str>,
    inputs: Vec<InputJson<'a>>,
    rows: Rows,
    unpriced: BTreeMap<&'a str, usize>,
    findings: FindingCounts<'a>,
    totals: BTreeMap<&'a str, String>,
}

#[derive(Serialize)]
struct BookJson<'a> {
    id: &'a str,
    title: &'a str,
    gigabyte: &'a str,
}

#[derive(Serialize)]
struct InputJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    format: &'a str,
    size: u64,
    sha256: &'a str,
    rows_read: u64,
    rows_used: u64,
}

#[derive(Serialize)]
struct Rows {
    read: u64,
    used: u64,
    repeated: u64,
    after_end: u64,
    rejected: u64,
    left_out: u64,
}

#[derive(Serialize)]
struct FindingCounts<'a> {
    errors: usize,
    warnings: usize,
    by_code: BTreeMap<&'a str, usize>,
}

#[derive(Serialize)]
struct SummaryJson<'a> {
    book: BookJson<'a>,
    start: String,
    end: String,
    currency: &'a str,
    total: String,
    by_category: BTreeMap<&'a str, String>,
    accounts: usize,
    statements: usize,
    cut_statements: usize,
    top_accounts: Vec<AccountJson<'a>>,
    sharing: SharingJson,
    unpriced: BTreeMap<&'a str, usize>,
    findings: FindingCounts<'a>,
    rows: Rows,
    out: &'a str,
    files: &'a [&'a str],
}

#[derive(Serialize)]
struct AccountJson<'a> {
    account: &'a str,
    total: String,
    percent: String,
}

#[derive(Serialize)]
struct SharingJson {
    images: usize,
    consumers: usize,
    producer_storage: String,
    consumer_servers: String,
    consumer_licenses_support: String,
    consumer_reimages: String,
}

/// `run.json`: what the folder was made of. No wall clock, no path of the output: the same input
/// writes the same bytes.
#[must_use]
pub fn run(report: &Report<'_>, summary: &Summary) -> String {
    let arguments = report.arguments.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    to_text(&Run {
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        book: book(summary),
        start: summary.run.start.to_string(),
        end: summary.run.end.to_string(),
        arguments: arguments.collect(),
        inputs: report.inputs.iter().map(input).collect(),
        rows: rows(summary),
        unpriced: unpriced(summary),
        findings: finding_counts(summary),
        totals: BTreeMap::from([(summary.currency.code(), summary.total.to_string())]),
    })
}

/// The summary. `folder` is where the files are, `files` what is in it.
#[must_use]
pub fn summary(summary: &Summary, folder: &str, files: &[&str]) -> String {
    let sharing = &summary.sharing;
    to_text(&SummaryJson {
        book: book(summary),
        start: summary.run.start.to_string(),
        end: summary.run.end.to_string(),
        currency: summary.currency.code(),
        total: summary.total.to_string(),
        by_category: summary
            .by_category
            .iter()
            .map(|(category, amount)| (category.as_str(), amount.to_string()))
            .collect(),
        accounts: summary.account_count,
        statements: summary.statement_count,
        cut_statements: summary.cut_statement_count,
        top_accounts: summary
            .top_accounts
            .iter()
            .map(|(account, total, percent)| AccountJson {
                account,
                total: total.to_string(),
                percent: percent.to_string(),
            })
            .collect(),
        sharing: SharingJson {
            images: sharing.image_count,
            consumers: sharing.consumer_count,
            producer_storage: sharing.producer_storage.to_string(),
            consumer_servers: sharing.consumer_servers.to_string(),
            consumer_licenses_support: sharing.consumer_licenses_support.to_string(),
            consumer_reimages: sharing.consumer_reimages.to_string(),
        },
        unpriced: unpriced(summary),
        findings: finding_counts(summary),
        rows: rows(summary),
        out: folder,
        files,
    })
}

fn book(summary: &Summary) -> BookJson<'_> {
    let (id, title) = &summary.book;
    BookJson { id, title, gigabyte: summary.gigabyte.as_str() }
}

fn unpriced(summary: &Summary) -> BTreeMap<&str, usize> {
    summary.unpriced.iter().map(|(sku, accounts)| (sku.as_str(), *accounts)).collect()
}

fn input(input: &InputReport) -> InputJson<'_> {
    InputJson {
        name: &input.name,
        format: &input.format,
        size: input.size,
        sha256: &input.sha256,
        rows_read: input.rows_read,
        rows_used: input.rows_used,
    }
}

fn rows(summary: &Summary) -> Rows {
    Rows {
        read: summary.rows_read,
        used: summary.rows_used,
        repeated: summary.rows_repeated,
        after_end: summary.rows_after_end,
        rejected: summary.rows_rejected,
        left_out: summary.rows_left_out,
    }
}

fn finding_counts(summary: &Summary) -> FindingCounts<'_> {
    FindingCounts {
        errors: summary.finding_count(Level::Error),
        warnings: summary.finding_count(Level::Warning),
        by_code: summary.findings.iter().map(|(code, count)| (code.as_str(), *count)).collect(),
    }
}

/// Pretty JSON with a line end. Writing our own plain values to memory cannot fail.
pub(crate) fn to_text<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct FindingJson<'a> {
    code: &'a str,
    level: &'a str,
    file: &'a str,
    line: u64,
    time: Option<String>,
    event: Option<&'a str>,
    account: Option<&'a str>,
    resource: Option<&'a str>,
    message: &'a str,
}

/// Findings, as a list.
#[must_use]
pub fn findings(findings: &[Finding], inputs: &[InputReport], names: &Names) -> String {
    let list: Vec<FindingJson<'_>> = findings
        .iter()
        .map(|finding| FindingJson {
            code: finding.code.as_str(),
            level: finding.level().as_str(),
            file: inputs.get(finding.origin.input as usize).map_or("", |input| &input.name),
            line: finding.origin.line,
            time: finding.time.map(|time| time.to_string()),
            event: finding.kind.map(|kind| kind.as_str()),
            account: finding.actor.map(|actor| names.accounts.text(actor)),
            resource: finding.resource.as_deref(),
            message: &finding.message,
        })
        .collect();
    to_text(&list)
}

#[derive(Serialize)]
struct DiagnosticJson<'a> {
    code: &'a str,
    severity: &'a str,
    file: Option<&'a str>,
    line: Option<u64>,
    column: Option<usize>,
    message: &'a str,
    label: Option<&'a str>,
    help: Option<&'a str>,
}

/// Diagnostics, as a list.
#[must_use]
pub fn diagnostics(diagnostics: &[Diagnostic]) -> String {
    let list: Vec<DiagnosticJson<'_>> = diagnostics
        .iter()
        .map(|diagnostic| {
            let place = diagnostic.place.as_ref();
            DiagnosticJson {
                code: diagnostic.code.as_str(),
                severity: match diagnostic.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                },
                file: place.map(|(place, _)| place.source.name.as_str()),
                line: place.map(|(place, _)| place.line()),
                column: place.map(|(place, _)| place.column()),
                message: &diagnostic.message,
                label: place.map(|(_, label)| label.as_str()),
                help: diagnostic.help.as_deref(),
            }
        })
        .collect();
    to_text(&list)
}
/// JSON with what a terminal would obey escaped. The serializer escapes the controls of ASCII; the
/// others can only stand in strings, where an escape means the same.
#[must_use]
pub fn harmless(json: &str) -> std::borrow::Cow<'_, str> {
    let is_escaped = |character: char| !character.is_ascii() && is_harmful(character);
    if !json.contains(is_escaped) {
        return json.into();
    }
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if is_escaped(character) {
            // All of them are within the first 65,536.
            text.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            text.push(character);
        }
    }
    text.into()
}
