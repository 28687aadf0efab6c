//! Rows of the FOCUS Cost and Usage dataset, with the columns of its CSV: numbers as decimals, times
//! as instants in UTC.

use std::io::{self, Write};

use crate::run::focus::FocusRow;
use crate::write::focus::{self, Dataset, Value, columns};
use crate::write::parquet::table::{Column, Holds, Table};

/// Writes rows as Parquet.
pub struct FocusParquet<W: Write + Send> {
    table: Table<W>,
    columns: Vec<focus::Column>,
    dataset: Dataset,
}

impl<W: Write + Send> std::fmt::Debug for FocusParquet<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FocusParquet").finish_non_exhaustive()
    }
}

impl<W: Write + Send> FocusParquet<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn new(out: W, dataset: &Dataset) -> io::Result<FocusParquet<W>> {
        let columns = columns(dataset.version);
        let typed = columns.iter().map(|column| Column {
            name: column.name,
            optional: column.is_nullable,
            holds: match column.holds {
                focus::Holds::Text | focus::Holds::Json => Holds::Text,
                focus::Holds::Time => Holds::Time,
                focus::Holds::Number(scale) => Holds::Decimal(scale),
            },
        });
        let typed: Vec<Column> = typed.collect();
        Ok(FocusParquet { table: Table::new(out, &typed)?, columns, dataset: dataset.clone() })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// What `out` gives; and a number with more digits than its column.
    pub fn push(&mut self, row: &FocusRow) -> io::Result<()> {
        for (place, column) in self.columns.iter().enumerate() {
            match ((column.value)(row, &self.dataset), column.holds) {
                (Value::Text(text), _) => self.table.text(place, text),
                (Value::Time(time), _) => self.table.time(place, Some(time)),
                (Value::Number(number), _) => self.table.exact(place, Some(number))?,
                (Value::Null, focus::Holds::Text | focus::Holds::Json) => {
                    self.table.text(place, "")
                }
                (Value::Null, focus::Holds::Time) => self.table.time(place, None),
                (Value::Null, focus::Holds::Number(_)) => self.table.exact(place, None)?,
            }
        }
        self.table.end_row()
    }

    /// Ends the file; `out`, with all of it.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn finish(self) -> io::Result<W> {
        self.table.finish()
    }
}
