//! The large tables of a run's folder, written while the bill is settled.

use std::io::{self, Write};

use crate::bill::{
    BillError, Detail, Output, Settled, Settling, SharingCounts, SharingRows, settle,
};
use crate::cli::Stopped;
use crate::cli::output::{OutputFile, OutputFolder};
use crate::ledger::Units;
use crate::price::Charge;
use crate::statement::{Allocation, Statement};
use crate::value::ResourceTexts;
use crate::write::parquet::{
    AllocationRow, AllocationsWriter, ChargeRow, ChargesWriter, Scales, TypedRows, TypedTables,
};
use crate::write::tables::{self, Rows, Tables};

/// Why nothing was billed.
pub(super) enum Halt {
    Bill(BillError),
    Write(Stopped),
}

impl Halt {
    /// What to say about it.
    pub(super) fn told(self, explain: impl FnOnce(BillError) -> Stopped) -> Stopped {
        match self {
            Halt::Bill(error) => explain(error),
            Halt::Write(stopped) => stopped,
        }
    }
}

impl From<BillError> for Halt {
    fn from(error: BillError) -> Halt {
        Halt::Bill(error)
    }
}

impl From<Stopped> for Halt {
    fn from(stopped: Stopped) -> Halt {
        Halt::Write(stopped)
    }
}

/// Settles all units, and writes their charges, statements and allocations; those of `parquet` in
/// both ways.
pub(super) fn write_tables<'a, T: ResourceTexts + Sync>(
    folder: &mut OutputFolder,
    mut units: Units<'_>,
    settling: &Settling<'a, T>,
    parquet: bool,
) -> Result<Settled<'a>, Halt> {
    let mut texts = TextFiles::begin(folder, settling.detail)?;
    let settled = if parquet {
        let mut typed = ParquetFiles::begin(folder, settling)?;
        let output = || TypedTables::new(Tables::new(settling));
        let settled = settle(&mut units, settling, output, |rows: TypedRows| {
            texts.write(&rows.texts)?;
            typed.write(&rows, settling)?;
            Ok::<(), Halt>(())
        })?;
        typed.close()?;
        settled
    } else {
        settle(
            &mut units,
            settling,
            || Tables::new(settling),
            |rows| Ok::<(), Halt>(texts.write(&rows)?),
        )?
    };
    texts.close()?;
    Ok(settled)
}

/// The same as CSV alone, with every statement handed over beside.
pub(super) fn write_tables_watched<'a, T: ResourceTexts + Sync>(
    folder: &mut OutputFolder,
    mut units: Units<'_>,
    settling: &Settling<'a, T>,
    mut watch: impl FnMut(Vec<Statement>),
) -> Result<Settled<'a>, Halt> {
    let mut texts = TextFiles::begin(folder, settling.detail)?;
    let output = || Watched { tables: Tables::new(settling), statements: Vec::new() };
    let settled = settle(&mut units, settling, output, |(rows, statements)| {
        texts.write(&rows)?;
        watch(statements);
        Ok::<(), Halt>(())
    })?;
    texts.close()?;
    Ok(settled)
}

/// Statements, apart from what is written.
pub(super) fn settle_watched<'a, T: ResourceTexts + Sync>(
    mut units: Units<'_>,
    settling: &Settling<'a, T>,
    mut watch: impl FnMut(Vec<Statement>),
) -> Result<Settled<'a>, Halt> {
    let output = || Watched { tables: Tables::new(settling), statements: Vec::new() };
    settle(&mut units, settling, output, |(_, statements)| {
        watch(statements);
        Ok::<(), Halt>(())
    })
}

/// Writes `sharing.csv`; how much of sharing there was.
pub(super) fn write_sharing<T: ResourceTexts + Sync>(
    folder: &mut OutputFolder,
    rows: SharingRows<'_>,
    settling: &Settling<'_, T>,
) -> Result<SharingCounts, Halt> {
    let mut file = folder.open("sharing.csv")?;
    let counts = tables::sharing(rows, settling, |bytes| {
        Ok::<(), Halt>(file.write(|out| out.write_all(bytes))?)
    })?;
    file.close()?;
    Ok(counts)
}

/// Rows as texts, and statements as values.
struct Watched<'a, T> {
    tables: Tables<'a, T>,
    statements: Vec<Statement>,
}

impl<T: ResourceTexts> Output for Watched<'_, T> {
    type Part = (Rows, Vec<Statement>);

    fn charge(&mut self, charge: &Charge) {
        self.tables.charge(charge);
    }

    fn statement(&mut self, statement: &Statement) {
        self.tables.statement(statement);
        self.statements.push(statement.clone());
    }

    fn begin_split(&mut self, charge: &Charge) {
        self.tables.begin_split(charge);
    }

    fn allocation(&mut self, allocation: &Allocation<'_>) {
        self.tables.allocation(allocation);
    }

    fn size(&self) -> usize {
        self.tables.size() + self.statements.len() * size_of::<Statement>()
    }

    fn take(&mut self) -> (Rows, Vec<Statement>) {
        (self.tables.take(), std::mem::take(&mut self.statements))
    }
}

/// The tables as CSV.
struct TextFiles {
    charges: OutputFile,
    statements: OutputFile,
    allocations: Option<OutputFile>,
}

impl TextFiles {
    fn begin(folder: &mut OutputFolder, detail: Detail) -> Result<TextFiles, Stopped> {
        let mut charges = folder.open("charges.csv")?;
        let mut statements = folder.open("statements.csv")?;
        let mut allocations = match detail {
            Detail::None => None,
            Detail::Allocations => Some(folder.open("allocations.csv")?),
        };
        charges.write(|out| out.write_all(tables::CHARGES_HEADER.as_bytes()))?;
        statements.write(|out| out.write_all(tables::statements_header().as_bytes()))?;
        if let Some(allocations) = &mut allocations {
            allocations.write(|out| out.write_all(tables::ALLOCATIONS_HEADER.as_bytes()))?;
        }
        Ok(TextFiles { charges, statements, allocations })
    }

    fn write(&mut self, rows: &Rows) -> Result<(), Stopped> {
        self.charges.write(|out| out.write_all(&rows.charges))?;
        self.statements.write(|out| out.write_all(&rows.statements))?;
        match &mut self.allocations {
            Some(allocations) => allocations.write(|out| out.write_all(&rows.allocations)),
            None => Ok(()),
        }
    }

    fn close(self) -> Result<(), Stopped> {
        self.charges.close()?;
        self.statements.close()?;
        self.allocations.map_or(Ok(()), OutputFile::close)
    }
}

/// What to say when a file cannot be written.
type Refusal = Box<dyn Fn(&io::Error) -> Stopped>;

/// The tables as Parquet.
struct ParquetFiles {
    charges: ChargesWriter<OutputFile>,
    allocations: Option<AllocationsWriter<OutputFile>>,
    /// What to say when the one or the other cannot be written.
    refused: [Refusal; 2],
}

impl ParquetFiles {
    fn begin<T>(
        folder: &mut OutputFolder,
        settling: &Settling<'_, T>,
    ) -> Result<ParquetFiles, Stopped> {
        let scales = Scales::of(settling.book);
        let (charges, allocations) = ("charges.parquet", "allocations.parquet");
        let refused: [Refusal; 2] =
            [Box::new(folder.refusal(charges)), Box::new(folder.refusal(allocations))];
        let charges = ChargesWriter::new(folder.open(charges)?, scales)
            .map_err(|error| refused[0](&error))?;
        let allocations = match settling.detail {
            Detail::None => None,
            Detail::Allocations => {
                let writer = AllocationsWriter::new(folder.open(allocations)?, scales);
                Some(writer.map_err(|error| refused[1](&error))?)
            }
        };
        Ok(ParquetFiles { charges, allocations, refused })
    }

    fn write<T: ResourceTexts>(
        &mut self,
        rows: &TypedRows,
        settling: &Settling<'_, T>,
    ) -> Result<(), Stopped> {
        let Settling { names, texts, images, .. } = *settling;
        for charge in &rows.charges {
            let pushed = self.charges.push(&ChargeRow::of(charge, names));
            pushed.map_err(|error| self.refused[0](&error))?;
        }
        let Some(allocations) = &mut self.allocations else { return Ok(()) };
        for part in &rows.parts {
            let (allocation, charge) = (part.allocation(), &rows.split[part.charge]);
            let row = AllocationRow::of(&allocation, charge, names, texts, images);
            allocations.push(&row).map_err(|error| self.refused[1](&error))?;
        }
        Ok(())
    }

    fn close(self) -> Result<(), Stopped> {
        self.charges.finish().map_err(|error| self.refused[0](&error))?.close()?;
        if let Some(allocations) = self.allocations {
            allocations.finish().map_err(|error| self.refused[1](&error))?.close()?;
        }
        Ok(())
    }
}
