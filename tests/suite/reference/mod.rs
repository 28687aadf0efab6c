//! The slow, plain reference of the charging rules. It is written straight from the specification,
//! shares no code with the product, and is as naive as can be: every number is an exact fraction,
//! every span is cut at every boundary, every look-up goes through all rows.
//!
//! In reading order: `dates`, `number`, `text`, `book`, `world` and its `rules`, `usage`, `price`,
//! `allocate`, `write`.

pub mod allocate;
pub mod book;
pub mod dates;
pub mod number;
pub mod price;
pub mod rules;
pub mod text;
pub mod usage;
pub mod world;
pub mod write;

use dates::{Instant, calendar_month, parse_instant};

/// Everything that a run reads, as texts.
pub struct Inputs<'a> {
    /// `book.toml`.
    pub book_toml: &'a str,
    /// `rates.csv`.
    pub rates: &'a str,
    /// `flavors.csv`.
    pub flavors: &'a str,
    /// `discounts.csv`, if the book has one.
    pub discounts: Option<&'a str>,
    /// `accounts.csv`, if there is one.
    pub accounts: Option<&'a str>,
    /// The files of events: name and CSV text.
    pub events: &'a [(&'a str, &'a str)],
    /// `--policy enforce` rather than `report`.
    pub enforce: bool,
    /// `--start`.
    pub start: Option<&'a str>,
    /// `--end`.
    pub end: Option<&'a str>,
}

/// Everything that a run writes: whole CSV texts, and the findings as (code, line, resource), in
/// the order in which events are applied, then by code.
pub struct Outputs {
    /// `charges.csv`.
    pub charges: String,
    /// `statements.csv`.
    pub statements: String,
    /// Code, line and resource of every finding.
    pub findings: Vec<(String, u64, String)>,
    /// `allocations.csv`.
    pub allocations: String,
    /// `sharing.csv`.
    pub sharing: String,
}

/// Bills a log of events: events to world to usage to charges to statements.
///
/// # Errors
/// A book or a row that cannot be read, or usage that has no price (P1).
pub fn bill(inputs: &Inputs) -> Result<Outputs, String> {
    let book = book::read_book(inputs.book_toml, inputs.rates, inputs.flavors, inputs.discounts)?;
    let accounts = text::read_accounts(inputs.accounts)?;
    let events = text::read_events(inputs.events)?;
    let run = run_bounds(&events, inputs.start, inputs.end)?;

    let world = world::simulate(&events, &book, run.1, inputs.enforce);
    let meter = usage::Meter { book: &book, accounts: &accounts, world: &world, run };
    let usages = meter.measure()?;
    let charges = price::price(&meter, &usages);
    let parts = allocate::allocate(&charges, &usages);
    let sharing = allocate::sharing(&meter, &parts);

    let told = world.findings.iter().map(|finding| {
        let event = &events[finding.event];
        (finding.code.to_string(), event.line, event.resource.clone())
    });
    Ok(Outputs {
        charges: write::charges_csv(&book, &charges)?,
        statements: write::statements_csv(&book, &charges)?,
        findings: told.collect(),
        allocations: write::allocations_csv(&book, &parts)?,
        sharing: write::sharing_csv(&book, &sharing)?,
    })
}

/// B3: the run's start and end; by default the start of the calendar month of the first event and
/// the end of that of the last one.
fn run_bounds(
    events: &[text::Event],
    start: Option<&str>,
    end: Option<&str>,
) -> Result<(Instant, Instant), String> {
    let first = events.first().map_or(0, |event| event.time);
    let last = events.last().map_or(0, |event| event.time);
    let start = start.map_or(Ok(calendar_month(first).0), parse_instant)?;
    let end = end.map_or(Ok(calendar_month(last).1), parse_instant)?;
    Ok((start, end))
}
