//! A report as one page: no network, no other file, nothing from the data that a browser obeys.
//!
//! Charts are drawn here. Tables come with their data, which the page's own script sorts, searches
//! and saves; without the script their first rows and all sums can still be read.

mod chart;
mod markup;
mod money;
mod outlook;
mod sharing;
mod table;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::report::table::Table;
use crate::report::{BookState, Difference, Report, RunReport, tables};
use crate::run::RunKind;
use crate::value::Overflow;
use crate::write::html::chart::About;
use crate::write::html::markup::{base64, counted, escaped, money as shown_money};
use crate::write::html::table::{Sheet, shares};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// How many bytes the data of all tables may take: pages stay below 5 MB.
const ROOM: usize = 4_000_000;

/// The page.
///
/// # Errors
/// [`Overflow`].
pub fn page(report: &Report) -> Result<String, Overflow> {
    let runs: Result<Vec<Vec<Table>>, Overflow> = report.runs.iter().map(tables::of_run).collect();
    let runs = runs?;
    let overview = overview_tables(report);
    let mut sheets = Vec::new();
    for (place, (run, tables)) in report.runs.iter().zip(&runs).enumerate() {
        let prefix = prefix(report, place);
        sheets.push(tables.iter().map(|t| Sheet::new(&prefix, t, run.minor_digits())).collect());
    }
    let digits = report.runs.first().map_or(2, RunReport::minor_digits);
    sheets.push(overview.iter().map(|table| Sheet::new("", table, digits)).collect::<Vec<_>>());
    let placed = Placed::new(sheets)?;
    let mut out = String::new();
    head(&mut out, report);
    navigation(&mut out, report);
    out.push_str("<main id=\"main\">\n");
    if report.runs.len() > 1 {
        money::overview(&mut out, report, placed.of(report.runs.len()));
    }
    for (place, run) in report.runs.iter().enumerate() {
        let view = View { run, prefix: prefix(report, place), tables: placed.of(place) };
        view.write(&mut out, report.runs.len() > 1)?;
    }
    foot(&mut out, report);
    Ok(out)
}

/// What comes before the ids of a run's sections: nothing where there is one run alone.
fn prefix(report: &Report, place: usize) -> String {
    if report.runs.len() > 1 { format!("run{}-", place + 1) } else { String::new() }
}

/// The markup of all tables, by run and by their ids.
struct Placed(Vec<Vec<(&'static str, String)>>);

impl Placed {
    fn new(sheets: Vec<Vec<Sheet<'_>>>) -> Result<Placed, Overflow> {
        let sizes: Vec<usize> = sheets.iter().flatten().map(Sheet::size).collect();
        let mut rooms = shares(&sizes, ROOM).into_iter();
        let markup = |sheet: &Sheet<'_>| {
            Ok((sheet.table_id(), sheet.markup(rooms.next().unwrap_or_default())?))
        };
        let mut markup = markup;
        let of_run = |sheets: &Vec<Sheet<'_>>| sheets.iter().map(&mut markup).collect();
        sheets.iter().map(of_run).collect::<Result<_, Overflow>>().map(Placed)
    }

    fn of(&self, run: usize) -> &[(&'static str, String)] {
        &self.0[run]
    }
}

fn overview_tables(report: &Report) -> Vec<Table> {
    let runs = (report.runs.len() > 1).then(|| tables::runs(report));
    let difference = report.difference.as_ref().and_then(tables::difference);
    runs.into_iter().chain(difference).collect()
}

/// One run, and what is to be put into its sections.
struct View<'a> {
    run: &'a RunReport,
    prefix: String,
    tables: &'a [(&'static str, String)],
}

impl View<'_> {
    fn table(&self, id: &str) -> &str {
        self.tables.iter().find(|(known, _)| *known == id).map_or("", |(_, markup)| markup)
    }

    fn id(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Begins a section.
    fn section(&self, out: &mut String, name: &str, title: &str) {
        let id = self.id(name);
        let _ = writeln!(
            out,
            "<section id=\"{id}-section\" aria-labelledby=\"{id}-heading\">\n\
             <h2 id=\"{id}-heading\">{title}</h2>"
        );
    }

    /// What a chart is about.
    fn about<'a>(&self, id: &'a str, title: &'a str, description: &'a str) -> About<'a> {
        let (code, digits) = (self.run.currency_code(), self.run.minor_digits());
        About { id, title, description, code, digits }
    }

    fn write(&self, out: &mut String, is_one_of_many: bool) -> Result<(), Overflow> {
        if is_one_of_many {
            let _ = writeln!(
                out,
                "<h2 class=\"run\" id=\"{}\">{} <span>{}</span></h2>",
                self.id("run"),
                escaped(&self.run.name),
                escaped(&period(self.run))
            );
        }
        for (name, title) in sections(self.run) {
            self.section(out, name, title);
            match name {
                "total" => self.totals(out)?,
                "payers" => self.payers(out)?,
                "map" => self.map(out)?,
                "storage" => self.storage(out)?,
                "outlook" => self.outlook(out)?,
                "rules" => self.rules(out),
                "book" => self.book(out),
                _ => self.sources(out),
            }
            out.push_str("</section>\n");
        }
        Ok(())
    }

    /// Events that break a rule.
    fn rules(&self, out: &mut String) {
        let findings = &self.run.info.findings;
        if self.run.findings.is_empty() {
            out.push_str("<p class=\"lead\">None: nothing breaks a rule of sharing.</p>\n");
            return;
        }
        let _ = writeln!(
            out,
            "<p class=\"lead\">{} and {}. A bill is about what did happen: under the policy \
             <code>report</code> they are charged all the same.</p>",
            counted(findings.errors as usize, "error", "errors"),
            counted(findings.warnings as usize, "warning", "warnings"),
        );
        out.push_str(self.table("findings"));
    }

    /// The prices.
    fn book(&self, out: &mut String) {
        let book = &self.run.book;
        let title = if book.title.is_empty() { &book.id } else { &book.title };
        let _ = writeln!(out, "<p class=\"lead\">{} ({})</p>", escaped(title), escaped(&book.id));
        match &book.state {
            BookState::Same { settings, .. } => {
                out.push_str("<dl class=\"settings\">\n");
                for (name, value) in settings {
                    let _ = writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value));
                }
                out.push_str("</dl>\n");
            }
            BookState::Gone(why) => {
                let _ = writeln!(out, "<p class=\"note\">{}</p>", escaped(why));
            }
        }
        out.push_str(self.table("prices"));
    }

    /// What went in.
    fn sources(&self, out: &mut String) {
        out.push_str(self.table("assumptions"));
        out.push_str(self.table("inputs"));
        out.push_str("<dl class=\"settings\">\n");
        for (name, value) in &self.run.info.arguments {
            let (name, value) = (escaped(name), escaped(value));
            let _ = writeln!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        }
        out.push_str("</dl>\n");
    }
}

/// The sections of a run: their names and headings.
fn sections(run: &RunReport) -> Vec<(&'static str, &'static str)> {
    let mut sections = Vec::new();
    if run.bill.is_some() {
        sections.push(("total", "Total and trend"));
    }
    if !run.forecasts.is_empty() {
        sections.push(("outlook", "What to expect"));
    }
    if run.bill.is_some() {
        sections.push(("payers", "Who pays what"));
        sections.push(("map", "What sharing moved"));
        sections.push(("storage", "Stored images"));
    }
    sections.extend([("rules", "Findings"), ("book", "The book in force")]);
    sections.push(("sources", "What went in"));
    sections
}

/// When a run was, in words.
fn period(run: &RunReport) -> String {
    let day = |instant: crate::value::Instant| {
        let text = instant.to_string();
        text.strip_suffix("T00:00:00Z").map_or(text.clone(), str::to_owned)
    };
    match (run.info.start, run.info.end) {
        (Some(start), Some(end)) => format!("{} to {}", day(start), day(end)),
        _ => {
            let month = |place: Option<&crate::run::EstimateRow>| {
                place.map_or(String::new(), |row| row.period.clone())
            };
            let months = run.forecasts.first().map(|forecast| &forecast.months);
            months.map_or(String::new(), |months| {
                format!("{} to {}", month(months.first()), month(months.last()))
            })
        }
    }
}

fn head(out: &mut String, report: &Report) {
    let fingerprint = |text: &str| base64(&Sha256::digest(text.as_bytes()));
    let title = title(report);
    let _ = writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header class=\"top\">",
        fingerprint(STYLE),
        fingerprint(SCRIPT),
        title = escaped(&title),
    );
    let _ = writeln!(out, "<p class=\"eyebrow\">What sharing cloud images costs, and whom</p>");
    let _ = writeln!(out, "<h1>{}</h1>", escaped(&title));
    if let [run] = report.runs.as_slice() {
        let kind = match run.info.kind {
            RunKind::Bill => "A bill: what did happen.",
            RunKind::Projection => "A projection: an estimate, not an invoice.",
        };
        let _ = writeln!(out, "<p class=\"period\">{} · {kind}</p>", escaped(&period(run)));
        if let Some(total) = run.total() {
            let _ = writeln!(
                out,
                "<p class=\"hero\"><data id=\"total\" value=\"{total}\">{}</data> \
                 <span>{}</span></p>",
                shown_money(total, run.minor_digits()),
                run.currency_code()
            );
        }
    }
    out.push_str("</header>\n");
}

fn title(report: &Report) -> String {
    match report.runs.as_slice() {
        [run] => match run.forecasts.as_slice() {
            [forecast] => forecast.scenario.clone(),
            [] if !run.book.title.is_empty() => run.book.title.clone(),
            _ => run.name.clone(),
        },
        runs => counted(runs.len(), "run", "runs"),
    }
}

fn navigation(out: &mut String, report: &Report) {
    out.push_str("<nav aria-label=\"Sections\"><ul>\n");
    let mut link = |id: &str, text: &str| {
        let _ = writeln!(out, "<li><a href=\"#{id}\">{}</a></li>", escaped(text));
    };
    if let [run] = report.runs.as_slice() {
        for (name, title) in sections(run) {
            link(&format!("{name}-section"), title);
        }
    } else {
        link("overview-section", "Overview");
        for (place, run) in report.runs.iter().enumerate() {
            link(&format!("{}run", prefix(report, place)), &run.name);
        }
    }
    out.push_str("</ul></nav>\n");
}

fn foot(out: &mut String, report: &Report) {
    let version = report.runs.first().map_or("", |run| run.info.version.as_str());
    let _ = writeln!(
        out,
        "</main>\n<footer><p>Every amount is the sum of what the run’s files print; nothing is \
         computed a second time. Amounts of resources and of sharing have ten decimals, and are \
         shown with the currency’s digits: all of them are in the CSV, and on hover. The page needs \
         no network.</p><p>sharebill {}</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>",
        escaped(version)
    );
}

/// Why two runs differ, or why that cannot be told.
fn difference(out: &mut String, difference: &Difference, table: &str) {
    let _ = writeln!(
        out,
        "<h3>Why {} differs from {}</h3>",
        escaped(&difference.b),
        escaped(&difference.a)
    );
    match &difference.told {
        Ok(told) => out.push_str(&money::waterfall_of(difference, told)),
        Err(why) => {
            let _ = writeln!(out, "<p class=\"note\">Not compared: {}</p>", escaped(why));
        }
    }
    out.push_str(table);
}
