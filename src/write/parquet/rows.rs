//! The rows of a bill's large tables, as texts and as values: what Parquet needs beside CSV.

use crate::bill::Output;
use crate::price::Charge;
use crate::statement::{Allocation, Role, Share, Statement};
use crate::value::{RegionId, ResourceId, ResourceTexts};
use crate::write::tables::{Rows, Tables};

/// Some rows of each table.
#[derive(Debug, Default)]
pub struct TypedRows {
    /// As texts.
    pub texts: Rows,
    /// The charges.
    pub charges: Vec<Charge>,
    /// The charges that are split below.
    pub split: Vec<Charge>,
    /// Their parts.
    pub parts: Vec<Part>,
}

/// A part of a charge.
#[derive(Debug, Clone)]
pub struct Part {
    /// The place of the charge among those that are split.
    pub charge: usize,
    resource: Option<Box<[u8]>>,
    region: Option<RegionId>,
    source_image: Option<ResourceId>,
    role: Role,
    quantity: Share,
    amount: Share,
}

impl Part {
    /// It, as it was given.
    #[must_use]
    pub fn allocation(&self) -> Allocation<'_> {
        Allocation {
            resource: self.resource.as_deref(),
            region: self.region,
            source_image: self.source_image,
            role: self.role,
            quantity: self.quantity,
            amount: self.amount,
        }
    }
}

/// Keeps rows both ways, until somebody takes them.
pub struct TypedTables<'a, T> {
    texts: Tables<'a, T>,
    rows: TypedRows,
}

impl<'a, T> TypedTables<'a, T> {
    /// Beside these tables.
    #[must_use]
    pub fn new(texts: Tables<'a, T>) -> TypedTables<'a, T> {
        TypedTables { texts, rows: TypedRows::default() }
    }
}

impl<T: ResourceTexts> Output for TypedTables<'_, T> {
    type Part = TypedRows;

    fn charge(&mut self, charge: &Charge) {
        self.texts.charge(charge);
        self.rows.charges.push(charge.clone());
    }

    fn statement(&mut self, statement: &Statement) {
        self.texts.statement(statement);
    }

    fn begin_split(&mut self, charge: &Charge) {
        self.texts.begin_split(charge);
        self.rows.split.push(charge.clone());
    }

    fn allocation(&mut self, allocation: &Allocation<'_>) {
        self.texts.allocation(allocation);
        // What was handed over takes the split charge along: its further parts need it again.
        let charge = self.rows.split.len().saturating_sub(1);
        let Allocation { region, source_image, role, quantity, amount, .. } = *allocation;
        let resource = allocation.resource.map(Box::from);
        self.rows.parts.push(Part {
            charge,
            resource,
            region,
            source_image,
            role,
            quantity,
            amount,
        });
    }

    fn size(&self) -> usize {
        let rows = &self.rows;
        self.texts.size()
            + (rows.charges.len() + rows.split.len()) * size_of::<Charge>()
            + rows.parts.len() * size_of::<Part>()
    }

    fn take(&mut self) -> TypedRows {
        let rest = self.rows.split.last().cloned();
        let rows = std::mem::take(&mut self.rows);
        self.rows.split.extend(rest);
        TypedRows { texts: self.texts.take(), ..rows }
    }
}
