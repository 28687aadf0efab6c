//! The tables of a report: which columns there are, and what stands in them.
//!
//! [`of_run`] has those that a page shows; the others are as long as a run's files and are made row
//! by row.

mod outlook;
mod rows;

pub use outlook::{assumptions, drivers, forecast_months};
pub use rows::{
    ALLOCATION_COLUMNS, CHARGE_COLUMNS, ESTIMATE_COLUMNS, FINDING_COLUMNS, SHARED_COLUMNS,
    allocation, charge, estimate, finding, shared, statement, statement_columns,
};

use rust_decimal::Decimal;

use crate::book::Category;
use crate::compare::Parts;
use crate::report::table::{Cell, Cells, Column, Kind, Table};
use crate::report::{BillReport, BookState, CategorySums, Difference, Report, RunReport};
use crate::value::Overflow;

/// The tables of a run, in the order in which they are shown.
///
/// # Errors
/// [`Overflow`].
pub fn of_run(run: &RunReport) -> Result<Vec<Table>, Overflow> {
    let mut tables = Vec::new();
    if let Some(bill) = &run.bill {
        let categories = used_categories(&bill.sums);
        tables.push(months(bill, &categories));
        tables.push(accounts(bill, &categories));
        tables.push(ranked_statements(bill));
        tables.push(sharing(bill)?);
        tables.extend(images(bill));
    }
    if !run.forecasts.is_empty() {
        tables.push(outlook::forecasts(&run.forecasts));
        tables.extend(forecast_months(&run.forecasts));
        tables.extend(outlook::budgets(&run.forecasts));
        tables.extend(drivers(&run.forecasts));
    }
    tables.extend(prices(run));
    if !run.findings.is_empty() {
        tables.push(findings(run));
    }
    tables.extend(assumptions(run));
    tables.push(inputs(run));
    Ok(tables)
}

/// The runs, side by side.
#[must_use]
pub fn runs(report: &Report) -> Table {
    let columns = vec![
        Column::new("run", "Run", Kind::Text),
        Column::new("kind", "Kind", Kind::Text),
        Column::new("book", "Book", Kind::Text),
        Column::new("start", "From", Kind::Instant),
        Column::new("end", "To", Kind::Instant),
        Column::new("accounts", "Accounts", Kind::Count),
        Column::new("total", "Total", Kind::Money),
        Column::new("currency", "Currency", Kind::Text),
    ];
    let instant =
        |instant: Option<crate::value::Instant>| instant.map_or(Cell::Empty, Cell::Instant);
    let row = |run: &RunReport| {
        let accounts = run.bill.as_ref().map(|bill| bill.accounts.len() as u64);
        vec![
            Cell::text(&run.name),
            Cell::text(run.kind()),
            Cell::text(&run.book.id),
            instant(run.info.start),
            instant(run.info.end),
            accounts.map_or(Cell::Empty, Cell::Count),
            Cell::number(run.total()),
            Cell::text(run.currency_code()),
        ]
    };
    Table {
        id: "runs",
        title: "Runs",
        about: "What was reported on.".to_owned(),
        columns,
        rows: report.runs.iter().map(row).collect(),
    }
}

/// The categories in which anything is charged.
#[must_use]
pub fn used_categories(sums: &CategorySums) -> Vec<Category> {
    let used = |category: &Category| !sums.by_category[*category as usize].is_zero();
    Category::ALL.into_iter().filter(used).collect()
}

/// The label of a category.
#[must_use]
pub fn category_label(category: Category) -> &'static str {
    match category {
        Category::Storage => "Storage",
        Category::Servers => "Servers",
        Category::Licenses => "Licences",
        Category::Support => "Support",
        Category::Transfer => "Transfer",
        Category::Minimum => "Minimum",
        Category::Fee => "Fee",
        Category::Discount => "Discount",
    }
}

fn category_columns(categories: &[Category]) -> impl Iterator<Item = Column> + use<'_> {
    let column = |category: &Category| {
        Column::summed(category.as_str(), category_label(*category), Kind::Money)
    };
    categories.iter().map(column)
}

fn category_cells(sums: &CategorySums, categories: &[Category]) -> impl Iterator<Item = Cell> {
    categories.iter().map(|category| Cell::Number(sums.by_category[*category as usize]))
}

/// By month.
#[must_use]
pub fn months(bill: &BillReport, categories: &[Category]) -> Table {
    let mut columns = vec![Column::new("month", "Month", Kind::Text)];
    columns.push(Column::summed("statements", "Statements", Kind::Count));
    columns.extend(category_columns(categories));
    columns.push(Column::summed("total", "Total", Kind::Money));
    let row = |(month, sums): &(crate::compare::Month, CategorySums)| {
        let mut cells = vec![Cell::text(month.to_string()), Cell::Count(sums.statement_count)];
        cells.extend(category_cells(sums, categories));
        cells.push(Cell::Number(sums.total));
        cells
    };
    Table {
        id: "months",
        title: "Months",
        about: "What billing periods come to, by the month in which they begin.".to_owned(),
        columns,
        rows: bill.months.iter().map(row).collect(),
    }
}

/// By account.
#[must_use]
pub fn accounts(bill: &BillReport, categories: &[Category]) -> Table {
    let mut columns = vec![Column::new("account", "Account", Kind::Text)];
    columns.extend(category_columns(categories));
    columns.push(Column::summed("total", "Total", Kind::Money));
    columns.push(Column::new("share", "Share", Kind::Percent));
    columns.push(Column::summed("as_producer", "For others", Kind::Part));
    columns.push(Column::summed("as_consumer", "Of others", Kind::Part));
    let row = |account: &crate::report::AccountSums| {
        let mut cells = vec![Cell::text(&account.account)];
        cells.extend(category_cells(&account.sums, categories));
        cells.push(Cell::Number(account.sums.total));
        cells.push(Cell::number(part_of(account.sums.total, bill.sums.total)));
        cells.extend([Cell::Number(account.as_producer), Cell::Number(account.as_consumer)]);
        cells
    };
    Table {
        id: "accounts",
        title: "Accounts",
        about: "Who pays what. “For others” is storing images that the account shares; “of others” \
                is what it pays for servers, licences, support and images made of shared ones. Both \
                are part of the total."
            .to_owned(),
        columns,
        rows: bill.accounts.iter().map(row).collect(),
    }
}

/// A part of a whole, to four decimals: for the eye, never for money.
#[must_use]
pub fn part_of(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_div(whole).map(|part| part.round_dp(4))
}

/// Every statement.
#[must_use]
pub fn statements(bill: &BillReport) -> Table {
    Table {
        id: "statements",
        title: "Statements",
        about: "What each account pays for each billing period, the sum of its charges.".to_owned(),
        columns: statement_columns(),
        rows: bill.statements.iter().map(statement).collect(),
    }
}

/// Every row of `sharing.csv`.
#[must_use]
pub fn shared_rows(bill: &BillReport) -> Table {
    Table {
        id: "sharing",
        title: "Sharing",
        about: "What each shared image cost whom, cycle by cycle.".to_owned(),
        columns: SHARED_COLUMNS.to_vec(),
        rows: bill.shared.iter().map(shared).collect(),
    }
}

/// Every statement; where there are many, the largest first: a page may have no room for all.
fn ranked_statements(bill: &BillReport) -> Table {
    const MANY: usize = 2_000;
    let mut table = statements(bill);
    if bill.statements.len() > MANY {
        let mut ranked: Vec<_> = bill.statements.iter().collect();
        // Stable: ties stay in the order of the file.
        ranked.sort_by_key(|row| std::cmp::Reverse(row.total));
        table.rows = ranked.into_iter().map(statement).collect();
        table.about += " The largest come first.";
    }
    table
}

/// Shared images and who made something of them.
fn sharing(bill: &BillReport) -> Result<Table, Overflow> {
    let columns = vec![
        Column::new("image", "Image", Kind::Text),
        Column::new("producer", "Producer", Kind::Text),
        Column::new("region", "Region", Kind::Text),
        Column::new("members", "Members", Kind::Count),
        Column::new("consumer", "Consumer", Kind::Text),
        Column::summed("producer_storage", "Producer’s storage", Kind::Part),
        Column::summed("consumer_servers", "Servers", Kind::Part),
        Column::summed("consumer_licenses_support", "Licences, support", Kind::Part),
        Column::summed("consumer_reimages", "Re-images", Kind::Part),
    ];
    let mut rows = Vec::new();
    for image in bill.sharing.images()? {
        let begin = |consumer: &str, storage: Decimal| -> Cells {
            vec![
                Cell::text(&image.image),
                Cell::text(&image.producer),
                Cell::text(&image.region),
                Cell::Count(image.members),
                Cell::text(consumer),
                Cell::Number(storage),
            ]
        };
        let mut row = begin("", image.producer_storage);
        row.extend([(); 3].map(|()| Cell::Number(Decimal::ZERO)));
        rows.push(row);
        for flow in &image.flows {
            let mut row = begin(&flow.consumer, Decimal::ZERO);
            let paid = &flow.paid;
            row.extend([paid.servers, paid.licenses_support, paid.reimages].map(Cell::Number));
            rows.push(row);
        }
    }
    Ok(Table {
        id: "sharing",
        title: "Shared images",
        about: "What each shared image cost its producer (the row without a consumer), and what \
                consumers pay for what they made of it."
            .to_owned(),
        columns,
        rows,
    })
}

/// Stored images.
#[must_use]
pub fn images(bill: &BillReport) -> Option<Table> {
    let columns = vec![
        Column::new("image", "Image", Kind::Text),
        Column::new("owner", "Owner", Kind::Text),
        Column::new("region", "Region", Kind::Text),
        Column::new("role", "Role", Kind::Text),
        Column::summed("storage", "Storage", Kind::Part),
        Column::summed("servers", "Servers of it", Kind::Part),
        Column::summed("made_of_it", "Stored of it", Kind::Part),
        Column::new("used", "Used", Kind::Text),
    ];
    let row = |image: crate::report::ImageUse| {
        vec![
            Cell::text(image.image),
            Cell::text(image.owner),
            Cell::text(image.region),
            Cell::text(image.role),
            Cell::Number(image.storage),
            Cell::Number(image.servers),
            Cell::Number(image.made_of_it),
            Cell::text(if image.is_used { "yes" } else { "no" }),
        ]
    };
    Some(Table {
        id: "images",
        title: "Stored images",
        about: "What storing each image cost in the run, and what servers and copies of it cost \
                whoever made them. An image is not used where no server of it ran, and nothing made \
                of it was stored, at any time in the run."
            .to_owned(),
        columns,
        rows: bill.images.as_ref()?.ranked().into_iter().map(row).collect(),
    })
}

/// The prices that were charged, with their sources; without charges, every rate of the book.
#[must_use]
pub fn prices(run: &RunReport) -> Option<Table> {
    let mut columns = vec![
        Column::new("sku", "SKU", Kind::Text),
        Column::new("region", "Region", Kind::Text),
        Column::new("effective_from", "In force since", Kind::Instant),
        Column::new("tier_from", "Tier above", Kind::Number),
        Column::new("unit", "Unit", Kind::Text),
        Column::new("unit_price", "Unit price", Kind::Number),
    ];
    let source = Column::new("source", "Published", Kind::Text);
    let head = |key: &crate::report::PriceKey| -> Cells {
        vec![
            Cell::text(&key.sku),
            Cell::text(&key.region),
            key.effective_from.map_or(Cell::Empty, Cell::Instant),
            Cell::Number(key.tier_from),
            Cell::text(&key.unit),
            Cell::number(key.unit_price),
        ]
    };
    if let Some(bill) = &run.bill {
        columns.push(Column::new("quantity", "Quantity", Kind::Number));
        columns.push(Column::summed("amount", "Amount", Kind::Money));
        columns.extend([Column::new("rule", "Rule", Kind::Text), source]);
        let sources = run.book.sources();
        let rows = bill.prices.iter().map(|(key, priced)| {
            let tier = key.tier_from.normalize().to_string();
            let place = (key.sku.as_str(), key.region.as_str(), key.effective_from, tier);
            let source = sources.get(&place).map_or("", |(_, source)| source);
            let mut cells = head(key);
            cells.extend([Cell::Number(priced.quantity), Cell::Number(priced.amount)]);
            cells.extend([Cell::text(&key.rule), Cell::text(source)]);
            cells
        });
        let about = "Every price that anything was charged at, how much was charged at it, and \
                     where it was published. What is missing to a minimum has no price of its own.";
        let rows: Vec<Cells> = rows.collect();
        let title = "Prices charged";
        return Some(Table { id: "prices", title, about: about.to_owned(), columns, rows });
    }
    let BookState::Same { rates, .. } = &run.book.state else { return None };
    columns.extend([Column::new("model", "Model", Kind::Text), source]);
    let rows = rates.iter().map(|rate| {
        let mut cells = head(&rate.key);
        cells.extend([Cell::text(rate.model), Cell::text(&rate.source)]);
        cells
    });
    let about = "Every rate of the book. What a scenario changes stands under assumptions.";
    let rows = rows.collect();
    Some(Table { id: "prices", title: "Rates", about: about.to_owned(), columns, rows })
}

/// Events that break a rule.
#[must_use]
pub fn findings(run: &RunReport) -> Table {
    Table {
        id: "findings",
        title: "Findings",
        about: "Events that break a rule of sharing or make no sense, with their place.".to_owned(),
        columns: FINDING_COLUMNS.to_vec(),
        rows: run.findings.iter().map(finding).collect(),
    }
}

/// What was read.
#[must_use]
pub fn inputs(run: &RunReport) -> Table {
    let columns = vec![
        Column::new("name", "File", Kind::Text),
        Column::new("size", "Bytes", Kind::Count),
        Column::new("rows_read", "Rows read", Kind::Count),
        Column::new("rows_used", "Rows used", Kind::Count),
        Column::new("sha256", "SHA-256", Kind::Text),
    ];
    let row = |input: &crate::run::InputInfo| -> Cells {
        let is_log = !input.format.is_empty();
        let rows = |count: u64| if is_log { Cell::Count(count) } else { Cell::Empty };
        vec![
            Cell::text(&input.name),
            Cell::Count(input.size),
            rows(input.rows_read),
            rows(input.rows_used),
            Cell::text(&input.sha256),
        ]
    };
    Table {
        id: "inputs",
        title: "Inputs",
        about: "What the run read, with fingerprints: the same files give the same amounts."
            .to_owned(),
        columns,
        rows: run.info.inputs.iter().map(row).collect(),
    }
}

/// Why two runs differ, by account; nothing where that cannot be told.
#[must_use]
pub fn difference(difference: &Difference) -> Option<Table> {
    const LABELS: [&str; Parts::NAMES.len()] =
        ["Price", "Volume", "Mix", "New", "Ended", "Rounding", "Not split"];
    let told = difference.told.as_ref().ok()?;
    let mut columns = vec![
        Column::new("account", "Account", Kind::Text),
        Column::summed("amount_a", "A", Kind::Money),
        Column::summed("amount_b", "B", Kind::Money),
        Column::summed("difference", "Difference", Kind::Money),
    ];
    let used = |place: &usize| !told.parts[*place].1.is_zero();
    let shown: Vec<usize> = (0..LABELS.len()).filter(used).collect();
    columns.extend(
        shown.iter().map(|place| Column::summed(Parts::NAMES[*place], LABELS[*place], Kind::Money)),
    );
    let row = |account: &crate::report::AccountDifference| {
        let mut cells = vec![Cell::text(&account.account)];
        cells.extend([account.a, account.b, account.difference].map(Cell::Number));
        cells.extend(shown.iter().map(|place| Cell::Number(account.parts[*place])));
        cells
    };
    Some(Table {
        id: "difference",
        title: "Difference by account",
        about: "The parts add up to the difference, to the minor unit.".to_owned(),
        columns,
        rows: told.accounts.iter().map(row).collect(),
    })
}
