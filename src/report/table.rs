//! A table as a finished value: typed cells, which pages and workbooks show in their own ways.

use rust_decimal::Decimal;

use crate::report::add;
use crate::value::{Instant, Overflow};

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words and names.
    Text,
    /// How many.
    Count,
    /// An amount in the currency's minor digits.
    Money,
    /// An amount with more digits: a resource's part of a charge, or a mean. Shown rounded to the
    /// minor digits, kept whole.
    Part,
    /// A quantity or price, with all its digits.
    Number,
    /// A part of one, shown in percent.
    Percent,
    /// A day or an instant.
    Instant,
}

impl Kind {
    /// Whether its cells are numbers.
    #[must_use]
    pub fn is_number(self) -> bool {
        !matches!(self, Kind::Text | Kind::Instant)
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, as in the files of a run.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What its cells are.
    pub kind: Kind,
    /// Whether a sum of its cells means something.
    pub is_summed: bool,
}

impl Column {
    /// A column that nobody adds up.
    #[must_use]
    pub const fn new(name: &'static str, label: &'static str, kind: Kind) -> Column {
        Column { name, label, kind, is_summed: false }
    }

    /// A column whose sum is told.
    #[must_use]
    pub const fn summed(name: &'static str, label: &'static str, kind: Kind) -> Column {
        Column { name, label, kind, is_summed: true }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words and names, as they are in the data: whoever shows them has to make them harmless.
    Text(String),
    /// How many.
    Count(u64),
    /// Money, a quantity, a price, a part.
    Number(Decimal),
    /// An instant.
    Instant(Instant),
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// A number that may be none.
    #[must_use]
    pub fn number(number: Option<Decimal>) -> Cell {
        number.map_or(Cell::Empty, Cell::Number)
    }

    /// The cell as machine files have it.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Count(count) => count.to_string(),
            Cell::Number(number) => number.to_string(),
            Cell::Instant(instant) => instant.to_string(),
        }
    }
}

/// A row of cells.
pub type Cells = Vec<Cell>;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name, as in file names; unique within a run.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What its rows are, in a sentence.
    pub about: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, the most important first.
    pub rows: Vec<Cells>,
}

impl Table {
    /// Whether any column is added up.
    #[must_use]
    pub fn is_summed(&self) -> bool {
        self.columns.iter().any(|column| column.is_summed)
    }

    /// The sums of some of its rows, column by column; nothing where a sum means nothing.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn sums<'a>(&self, rows: impl IntoIterator<Item = &'a Cells>) -> Result<Cells, Overflow> {
        let mut sums = vec![Decimal::ZERO; self.columns.len()];
        for row in rows {
            for ((sum, column), cell) in sums.iter_mut().zip(&self.columns).zip(row) {
                match cell {
                    Cell::Number(number) if column.is_summed => add(sum, *number)?,
                    Cell::Count(count) if column.is_summed => add(sum, Decimal::from(*count))?,
                    _ => {}
                }
            }
        }
        let cell = |(sum, column): (Decimal, &Column)| match column.kind {
            _ if !column.is_summed => Cell::Empty,
            Kind::Count => sum.try_into().map_or(Cell::Number(sum), Cell::Count),
            _ => Cell::Number(sum),
        };
        Ok(sums.into_iter().zip(&self.columns).map(cell).collect())
    }
}
