//! Native event logs as Parquet: columns by name, read as typed columns, never row by row.

mod columns;
mod file;
mod names;
mod presence;
mod schema;
mod slice;
mod texts;

use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};

pub use file::{ReadFrom, SharedFile};

use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::event::{Event, Origin};
use crate::guard;
use crate::read::events::RowText;
use crate::read::parquet::columns::AnyColumn;
use crate::read::parquet::names::Known;
use crate::read::parquet::schema::{Places, find_columns};
use crate::read::parquet::slice::Slice;
use crate::value::NameIds;

/// How many rows are decoded at a time: a row group may have millions.
const SLICE: usize = 4096;

/// The line of a row, as if a header were line 1.
const FIRST_LINE: u64 = 2;

/// A native event log in Parquet. Threads may read different row groups at once.
pub struct ParquetLog {
    name: String,
    file: Box<dyn FileReader>,
    places: Places,
    /// The number of the first row of each row group, and of the row after the last.
    starts: Vec<u64>,
    warnings: Vec<Diagnostic>,
}

/// The rows of a row group that have not been read.
pub struct GroupRows {
    input: u32,
    columns: Vec<AnyColumn>,
    known: Known,
    /// The number of the next row, and of the one behind the last.
    next: u64,
    end: u64,
}

impl std::fmt::Debug for GroupRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GroupRows").field("next", &self.next).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ParquetLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetLog").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ParquetLog {
    /// Opens a log: reads its end, and finds the columns.
    ///
    /// # Errors
    /// All that is wrong with the file or its columns.
    pub fn open(
        reader: impl ChunkReader + 'static,
        name: &str,
        unknown_columns_are_errors: bool,
    ) -> Result<ParquetLog, Vec<Diagnostic>> {
        let file = guarded(|| SerializedFileReader::new(reader))
            .map_err(|error| vec![damaged(name, &error)])?;
        let metadata = file.metadata();
        let (places, diagnostics) = find_columns(name, metadata, unknown_columns_are_errors);
        if has_errors(&diagnostics) {
            return Err(diagnostics);
        }
        let mut starts = vec![0];
        for group in metadata.row_groups() {
            let before = starts.last().copied().unwrap_or(0);
            let rows = u64::try_from(group.num_rows()).ok();
            starts.push(rows.and_then(|rows| rows.checked_add(before)).ok_or_else(|| {
                vec![damaged(name, &ParquetError::General("a row count below 0".to_owned()))]
            })?);
        }
        let name = name.to_owned();
        Ok(ParquetLog { name, file: Box::new(file), places, starts, warnings: diagnostics })
    }

    /// Columns that nobody knows, where that is no error.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// How many row groups there are.
    #[must_use]
    pub fn row_group_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many rows a row group has.
    ///
    /// # Panics
    /// If there is no such group.
    #[must_use]
    pub fn rows_in(&self, group: usize) -> u64 {
        self.starts[group + 1] - self.starts[group]
    }

    /// How many rows there are.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Reads a row group. Each row goes to `take`: an event, or its texts and why it is none.
    ///
    /// # Errors
    /// What is wrong with the file, if its pages cannot be read. Rows before that are taken.
    pub fn read_group<N: NameIds>(
        &self,
        input: u32,
        group: usize,
        names: &mut N,
        mut take: impl FnMut(Origin, Result<Event, (RowText<'_>, String)>),
    ) -> Result<(), Diagnostic> {
        let mut rows = self.group(input, group)?;
        while self.read_slice(&mut rows, names, &mut take)? {}
        Ok(())
    }

    /// The rows of a row group, to be read slice by slice.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn group(&self, input: u32, group: usize) -> Result<GroupRows, Diagnostic> {
        Ok(GroupRows {
            input,
            columns: self.columns(group)?,
            known: Known::new(),
            next: self.starts[group],
            end: self.starts[group + 1],
        })
    }

    /// Reads the next rows of a row group of this log, as [`ParquetLog::read_group`] does; `false` at
    /// its end.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read_slice<N: NameIds>(
        &self,
        rows: &mut GroupRows,
        names: &mut N,
        mut take: impl FnMut(Origin, Result<Event, (RowText<'_>, String)>),
    ) -> Result<bool, Diagnostic> {
        let GroupRows { input, columns, known, next, end } = rows;
        let count = (*end - *next).min(SLICE as u64) as usize;
        if count == 0 {
            return Ok(false);
        }
        self.step(columns, |column| column.fill(count))?;
        let mut names = known.ask(names);
        let mut slice = Slice::new(columns);
        for index in 0..count {
            let row = *next + index as u64;
            let origin = Origin { input: *input, line: row + FIRST_LINE, record: row };
            slice.read_row(index, origin, &mut names, &mut take);
        }
        *next += count as u64;
        Ok(true)
    }

    /// The texts of some rows, in the order of [`COLUMNS`](crate::read::events::COLUMNS); for showing rows that were set aside.
    /// `rows` ascends; each goes to `take` with its number, from 0.
    ///
    /// # Errors
    /// What is wrong with the file, if its pages cannot be read.
    pub fn texts_of_rows(
        &self,
        rows: &[u64],
        mut take: impl FnMut(u64, [String; 14]),
    ) -> Result<(), Diagnostic> {
        let mut rest = rows;
        for group in 0..self.row_group_count() {
            let (mut at, end) = (self.starts[group], self.starts[group + 1]);
            let (here, behind) = rest.split_at(rest.partition_point(|row| *row < end));
            rest = behind;
            if here.is_empty() {
                continue;
            }
            let mut columns = self.columns(group)?;
            for row in here {
                let Some(gap) = row.checked_sub(at) else { continue };
                // A row group in memory is what a file of its size may have.
                let gap = usize::try_from(gap).unwrap_or(usize::MAX);
                self.step(&mut columns, |column| {
                    if gap > 0 {
                        column.skip(gap)?;
                    }
                    column.fill(1)
                })?;
                take(*row, Slice::new(&columns).texts_of_row(0));
                at = row + 1;
            }
        }
        Ok(())
    }

    /// The texts of one row, from 0, in the order of [`COLUMNS`](crate::read::events::COLUMNS).
    ///
    /// # Errors
    /// What is wrong with the file, if its pages cannot be read.
    pub fn row_texts(&self, row: u64) -> Result<[String; 14], Diagnostic> {
        let mut found = <[String; 14]>::default();
        self.texts_of_rows(&[row], |_, texts| found = texts)?;
        Ok(found)
    }

    /// The columns of a row group, at its first row.
    fn columns(&self, group: usize) -> Result<Vec<AnyColumn>, Diagnostic> {
        let open = || {
            let reader = self.file.get_row_group(group)?;
            let mut columns = Vec::with_capacity(self.places.len());
            for place in &self.places {
                columns.push(match place {
                    None => AnyColumn::Absent,
                    Some(found) => {
                        let described = reader.metadata().column(found.leaf).column_descr_ptr();
                        let pages = reader.get_column_page_reader(found.leaf)?;
                        AnyColumn::new(described, pages, found.kind)?
                    }
                });
            }
            Ok(columns)
        };
        guarded(open).map_err(|error| damaged(&self.name, &error))
    }

    fn step(
        &self,
        columns: &mut [AnyColumn],
        mut step: impl FnMut(&mut AnyColumn) -> parquet::errors::Result<()>,
    ) -> Result<(), Diagnostic> {
        guarded(|| columns.iter_mut().try_for_each(&mut step))
            .map_err(|error| damaged(&self.name, &error))
    }
}

/// Runs a step of the decoder, which asserts where bytes of a damaged page make no sense. Nothing
/// of what it was doing is used afterwards.
fn guarded<T>(step: impl FnOnce() -> parquet::errors::Result<T>) -> parquet::errors::Result<T> {
    guard::guarded(step).unwrap_or_else(|_| {
        Err(ParquetError::General("its pages do not say what they should".to_owned()))
    })
}

fn damaged(name: &str, error: &ParquetError) -> Diagnostic {
    let why = match error {
        ParquetError::General(why) | ParquetError::EOF(why) | ParquetError::NYI(why) => why.clone(),
        other => other.to_string(),
    };
    let help = "get it again from where it came";
    let message = format!("`{name}` is cut off, damaged or not Parquet: {}", one_line(&why));
    Diagnostic::error(Code::BrokenCompression, message).help(help)
}

/// The decoder's own words, without what could harm a terminal.
fn one_line(why: &str) -> String {
    why.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
