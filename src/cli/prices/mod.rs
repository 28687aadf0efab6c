//! `sharebill prices`: price books.

mod import;
mod init;

use std::io;
use std::path::Path;

use clap::{Args, Subcommand};

use crate::cli::files::unreadable;
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped, book};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::disk;
use crate::read::book::Loaded;
use crate::value::{Currency, Instant, Names};
use crate::write;
use crate::write::prices::{Filter, ListedBook};
use crate::write::text::visible;

/// Price books: check, show, list, compare, begin or import one
#[derive(Debug, Args)]
pub(super) struct Prices {
    #[command(subcommand)]
    command: PricesCommand,
}

#[derive(Debug, Subcommand)]
enum PricesCommand {
    /// Tell everything that is wrong with a book
    Check {
        /// The price books: folders
        #[arg(required = true, value_name = "BOOK")]
        books: Vec<String>,
    },
    /// Print a book's rates, by region and date
    Show {
        /// The price book: a folder
        #[arg(value_name = "BOOK")]
        book: String,
        /// Only SKUs with this in their name
        #[arg(long, value_name = "TEXT")]
        sku: Option<String>,
        /// Only what is in force in this region
        #[arg(long, value_name = "REGION")]
        region: Option<String>,
        /// Only what is in force at this date or instant
        #[arg(long, value_name = "DATE", value_parser = super::bill::parse_instant)]
        at: Option<Instant>,
    },
    /// List the books in a folder
    List {
        /// The folder
        #[arg(value_name = "DIR", default_value = "pricing")]
        folder: String,
    },
    /// Tell which rates of two books differ, and by how much
    Diff {
        /// The first book
        #[arg(value_name = "BOOK_A")]
        before: String,
        /// The second book
        #[arg(value_name = "BOOK_B")]
        after: String,
        /// Compare what is in force at this date or instant [default: the latest of each]
        #[arg(long, value_name = "DATE", value_parser = super::bill::parse_instant)]
        at: Option<Instant>,
    },
    Init(init::Init),
    Import(import::Import),
}

impl Prices {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        match &self.command {
            PricesCommand::Check { books } => check(books, scribe),
            PricesCommand::Show { book, sku, region, at } => {
                let filter = Filter {
                    sku: sku.as_deref().unwrap_or(""),
                    region: region.as_deref(),
                    at: *at,
                };
                show(book, &filter, scribe)
            }
            PricesCommand::List { folder } => list(folder, scribe),
            PricesCommand::Diff { before, after, at } => diff(before, after, *at, scribe),
            PricesCommand::Init(init) => init.run(scribe),
            PricesCommand::Import(import) => import.run(scribe),
        }
    }
}

fn check(books: &[String], scribe: &Scribe) -> Result<Exit, Stopped> {
    let mut exit = Exit::Done;
    for folder in books {
        let mut names = Names::default();
        let (loaded, _) = book::load_with_diagnostics(folder, &mut names, scribe)?;
        if scribe.is_json() {
            scribe.result(&write::json::diagnostics(&loaded.diagnostics))?;
        } else {
            scribe.diagnostics(&loaded.diagnostics);
            scribe.summary(&verdict(folder, &loaded, &names))?;
        }
        if loaded.book.is_none() {
            exit = Exit::Wrong;
        }
    }
    Ok(exit)
}

fn verdict(folder: &str, loaded: &Loaded, names: &Names) -> String {
    let count = |severity| {
        loaded.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let folder = visible(folder);
    match &loaded.book {
        Some(book) => {
            let rates = write::prices::rate_count(book);
            let flavors = book.flavors.len();
            let regions: Vec<&str> =
                book.regions.iter().map(|region| names.regions.text(*region)).collect();
            format!(
                "{folder}: good ({rates} rates, {flavors} flavors, {}, {}; {warnings} warnings)\n",
                visible(&regions.join(" ")),
                book.currency
            )
        }
        None => format!("{folder}: {errors} errors, {warnings} warnings\n"),
    }
}

fn show(folder: &str, filter: &Filter<'_>, scribe: &Scribe) -> Result<Exit, Stopped> {
    let mut names = Names::default();
    let (book, _) = book::load_book(folder, &mut names, scribe)?;
    if let Some(region) = filter.region {
        let known: Vec<&str> = book.regions.iter().map(|id| names.regions.text(*id)).collect();
        if !known.contains(&region) {
            let message = format!("the book has no region `{region}`");
            let diagnostic = Diagnostic::error(Code::RegionUnknown, message);
            return Err(vec![diagnostic.did_you_mean(region, known)]);
        }
    }
    let shown = if scribe.is_json() {
        write::prices::show_json(&book, &names, filter)
    } else {
        write::prices::show_text(&book, &names, filter)
    };
    scribe.result(&shown)?;
    Ok(Exit::Done)
}

fn list(folder: &str, scribe: &Scribe) -> Result<Exit, Stopped> {
    let mut paths = Vec::new();
    let unknown = |error: io::Error| vec![unreadable(folder, &error)];
    for entry in disk::list(folder).map_err(unknown)? {
        let settings = entry.path.join("book.toml");
        let shown = settings.display().to_string();
        if disk::is_file(&settings).map_err(|error| vec![unreadable(&shown, &error)])? {
            paths.push(entry.path);
        }
    }
    let mut books = Vec::new();
    for path in &paths {
        let mut names = Names::default();
        let path = path.display().to_string();
        let (loaded, _) = book::load_with_diagnostics(&path, &mut names, scribe)?;
        books.push(match loaded.book {
            Some(book) => ListedBook::good(&path, &book, &names),
            None => ListedBook::broken(&path, loaded.diagnostics.len()),
        });
    }
    let shown = if scribe.is_json() {
        write::prices::list_json(&books)
    } else {
        write::prices::list_text(&books, folder)
    };
    scribe.result(&shown)?;
    Ok(Exit::Done)
}

fn diff(before: &str, after: &str, at: Option<Instant>, scribe: &Scribe) -> Result<Exit, Stopped> {
    // One set of names for both, so that a SKU of one is the SKU of the other.
    let mut names = Names::default();
    let (a, _) = book::load_book(before, &mut names, scribe)?;
    let (b, _) = book::load_book(after, &mut names, scribe)?;
    let differences = write::prices::differences(&a, &b, at, &names);
    let shown = if scribe.is_json() {
        write::prices::diff_json(&differences)
    } else {
        write::prices::diff_text(&differences, &a, &b)
    };
    scribe.result(&shown)?;
    Ok(Exit::Done)
}

/// That a new book's currency is one (ISO 4217).
fn check_currency(code: &str) -> Result<(), Stopped> {
    if Currency::from_code(code).is_some() {
        return Ok(());
    }
    let message = format!("`{code}` is not a currency");
    let diagnostic = Diagnostic::error(Code::ValueWrong, message);
    Err(vec![diagnostic.help("write a code of ISO 4217, for example EUR")])
}

/// The folder's own name, for a book's id.
fn folder_name(folder: &str) -> String {
    let name = Path::new(folder).file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "my-cloud".to_owned())
}
