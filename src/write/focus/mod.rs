//! Rows of the FOCUS Cost and Usage dataset, as bytes: CSV, and the schema beside it. Parquet is
//! written from the same columns by [`crate::write::parquet`].

mod columns;
mod schema;

pub use schema::schema;

pub(in crate::write) use columns::{Column, Holds, Value, columns};

use std::io::{self, Write};

use crate::run::focus::{FocusRow, FocusVersion};
use crate::value::Exact;
use crate::write::field::{self, Seconds};

/// What a dataset is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// The version of the specification.
    pub version: FocusVersion,
    /// Who provides the cloud and writes the invoices.
    pub provider: String,
}

/// Writes rows as CSV.
#[derive(Debug)]
pub struct FocusCsv<W> {
    out: W,
    dataset: Dataset,
    columns: Vec<Column>,
    line: Vec<u8>,
    seconds: Seconds,
}

impl<W: Write> FocusCsv<W> {
    /// Begins with the header.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn new(mut out: W, dataset: &Dataset) -> io::Result<FocusCsv<W>> {
        let columns = columns(dataset.version);
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        out.write_all(format!("{}\n", names.join(",")).as_bytes())?;
        let (line, seconds) = (Vec::new(), Seconds::default());
        Ok(FocusCsv { out, dataset: dataset.clone(), columns, line, seconds })
    }

    /// Writes a row. Null is an empty field without quotes.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn push(&mut self, row: &FocusRow) -> io::Result<()> {
        self.line.clear();
        for (place, column) in self.columns.iter().enumerate() {
            if place > 0 {
                self.line.push(b',');
            }
            match (column.value)(row, &self.dataset) {
                Value::Null => {}
                Value::Text(text) => field::text(&mut self.line, text.as_bytes()),
                Value::Time(time) => {
                    self.line.extend_from_slice(self.seconds.text(time).as_bytes());
                }
                Value::Number(number) => push_number(&mut self.line, number),
            }
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    /// Ends the file; `out`, with all of it.
    pub fn finish(self) -> W {
        self.out
    }
}

/// A number with a point, always: programs that guess types are not to take a column of whole
/// numbers for integers.
fn push_number(out: &mut Vec<u8>, number: Exact) {
    let number = number.normalized();
    let decimals = number.decimals().max(1);
    match number.at(decimals) {
        Ok(units) => field::number(out, units, decimals),
        Err(_) => out.extend_from_slice(number.to_string().as_bytes()),
    }
}
