//! The cells of a run's row, one after the other.

use rust_decimal::Decimal;

use crate::book::Category;
use crate::diagnostic::{Code, Diagnostic};
use crate::read::long::LongRow;
use crate::read::table::abridged;
use crate::value::{Currency, Instant};

/// Cells, one after the other.
pub(super) struct Cells<'a, 'r> {
    row: &'a LongRow<'r>,
    next: usize,
}

impl<'a, 'r> Cells<'a, 'r> {
    pub(super) fn of(row: &'a LongRow<'r>) -> Cells<'a, 'r> {
        Cells { row, next: 0 }
    }

    /// From a column on.
    pub(super) fn from(row: &'a LongRow<'r>, column: usize) -> Cells<'a, 'r> {
        Cells { row, next: column }
    }

    fn step(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    pub(super) fn text(&mut self) -> Result<String, Diagnostic> {
        let column = self.step();
        self.row.text(column).map(|text| text.into_owned())
    }

    pub(super) fn decimal(&mut self) -> Result<Decimal, Diagnostic> {
        let column = self.step();
        self.row.decimal(column)
    }

    pub(super) fn optional_decimal(&mut self) -> Result<Option<Decimal>, Diagnostic> {
        let column = self.step();
        if self.row.text(column)?.is_empty() {
            return Ok(None);
        }
        self.row.decimal(column).map(Some)
    }

    /// A month like `2016-03`, by its first instant.
    pub(super) fn month(&mut self) -> Result<Instant, Diagnostic> {
        let text = self.text()?;
        let first = Instant::parse_date_or_instant(&format!("{text}-01"));
        first.ok().filter(|_| text.len() == 7).ok_or_else(|| self.not_a_time(&text))
    }

    /// A category; nothing is the total.
    pub(super) fn category(&mut self) -> Result<Option<Category>, Diagnostic> {
        let column = self.step();
        let text = self.row.text(column)?;
        if text == "total" {
            return Ok(None);
        }
        let category = Category::ALL.into_iter().find(|known| known.as_str() == text);
        category.map(Some).ok_or_else(|| {
            let message = format!("`{}` is not a category", abridged(&text));
            let label = "a column of statements.csv is expected";
            self.row.wrong(column, Code::ValueWrong, message, label)
        })
    }

    pub(super) fn instant(&mut self) -> Result<Instant, Diagnostic> {
        self.optional_instant()?.ok_or_else(|| self.not_a_time(""))
    }

    pub(super) fn optional_instant(&mut self) -> Result<Option<Instant>, Diagnostic> {
        let column = self.step();
        let text = self.row.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        Instant::parse_date_or_instant(&text).map(Some).map_err(|_| self.not_a_time(&text))
    }

    fn not_a_time(&self, text: &str) -> Diagnostic {
        let message = format!("`{}` is not a time", abridged(text));
        self.row
            .wrong(self.next - 1, Code::DateWrong, message, "an instant is expected")
            .help("write it like 2016-03-01T00:00:00Z")
    }

    pub(super) fn count(&mut self) -> Result<Option<u64>, Diagnostic> {
        let column = self.step();
        let text = self.row.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            let message = format!("`{}` is not a count", abridged(&text));
            self.row.wrong(column, Code::NumberWrong, message, "a whole number is expected")
        })
    }

    pub(super) fn currency(&mut self) -> Result<Currency, Diagnostic> {
        let column = self.step();
        let code = self.row.text(column)?;
        Currency::from_code(&code).ok_or_else(|| {
            let message = format!("`{}` is not a currency", abridged(&code));
            self.row.wrong(column, Code::ValueWrong, message, "a code of ISO 4217 is expected")
        })
    }
}
