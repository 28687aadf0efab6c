//! Opens price books and account lists.

use std::path::Path;

use crate::account::Accounts;
use crate::book::Book;
use crate::cli::Stopped;
use crate::cli::files::{read_file, unreadable};
use crate::cli::scribe::Scribe;
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::disk::{self, Kind};
use crate::read::book::{BookFiles, Loaded, load};
use crate::value::Names;
use crate::write::InputReport;

/// Reads the files of a price book's folder, and their fingerprints.
pub(super) fn read_files(
    folder: &str,
    scribe: &Scribe,
) -> Result<(BookFiles, Vec<InputReport>), Stopped> {
    let path = Path::new(folder);
    let there = disk::kind_at(path).map_err(|error| vec![unreadable(folder, &error)])?;
    if there != Some(Kind::Folder) {
        let what = if there.is_some() { "is not a folder" } else { "is not there" };
        let message = format!("the price book `{folder}` {what}");
        let help = "a price book is a folder with book.toml, rates.csv and flavors.csv; \
                    `sharebill prices list` shows those at hand";
        return Err(vec![Diagnostic::error(Code::BookNotAFolder, message).help(help)]);
    }
    let mut reports = Vec::new();
    let mut diagnostics = Vec::new();
    let mut read = |file: &str| {
        let name = path.join(file).display().to_string();
        match disk::kind_at(&name) {
            Ok(Some(_)) => {}
            Ok(None) => return None,
            Err(error) => {
                diagnostics.push(unreadable(&name, &error));
                return None;
            }
        }
        match read_file(&name, scribe) {
            Ok(file) => {
                reports.push(file.report);
                Some(file.bytes)
            }
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                None
            }
        }
    };
    let files = BookFiles {
        folder: folder.to_owned(),
        settings: read("book.toml"),
        rates: read("rates.csv"),
        flavors: read("flavors.csv"),
        discounts: read("discounts.csv"),
    };
    if diagnostics.is_empty() { Ok((files, reports)) } else { Err(diagnostics) }
}

/// Loads a price book and says what is wrong with it, and its files' fingerprints.
pub(super) fn load_with_diagnostics(
    folder: &str,
    names: &mut Names,
    scribe: &Scribe,
) -> Result<(Loaded, Vec<InputReport>), Stopped> {
    let (files, reports) = read_files(folder, scribe)?;
    Ok((load(&files, names), reports))
}

/// Loads a price book that has to be right.
pub(super) fn load_book(
    folder: &str,
    names: &mut Names,
    scribe: &Scribe,
) -> Result<(Book, Vec<InputReport>), Stopped> {
    let (loaded, reports) = load_with_diagnostics(folder, names, scribe)?;
    match loaded.book {
        Some(book) => {
            scribe.diagnostics(&loaded.diagnostics);
            Ok((book, reports))
        }
        None => Err(loaded.diagnostics),
    }
}

/// Reads the accounts, where a file lists them.
pub(super) fn load_accounts(
    file: Option<&str>,
    book: &Book,
    names: &mut Names,
    scribe: &Scribe,
) -> Result<(Accounts, Option<InputReport>), Stopped> {
    let Some(name) = file else { return Ok((Accounts::new(book.default_level), None)) };
    let read = read_file(name, scribe).map_err(|diagnostic| vec![diagnostic])?;
    let mut diagnostics = Vec::new();
    let accounts = crate::read::accounts::read(name, &read.bytes, book, names, &mut diagnostics);
    if has_errors(&diagnostics) {
        return Err(diagnostics);
    }
    scribe.diagnostics(&diagnostics);
    Ok((accounts, Some(read.report)))
}
