//! Which rows have a value.

use parquet::errors::ParquetError;

/// Which rows of a slice have a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Presence<'a> {
    /// How many values there are.
    pub(super) values: usize,
    /// How many rows.
    pub(super) rows: usize,
    /// By row: 1 if it has one; where the column is optional.
    pub(super) levels: &'a [i16],
}

impl Presence<'_> {
    /// Whether a row has a value. If all have one, nobody looks.
    #[inline]
    pub(super) fn has(&self, row: usize) -> bool {
        self.values == self.rows || self.levels[row] != 0
    }
}

/// What to say of a column that ends too early.
pub(super) fn too_few(expected: usize, read: usize) -> ParquetError {
    ParquetError::EOF(format!("a column has {read} values where {expected} rows follow"))
}
