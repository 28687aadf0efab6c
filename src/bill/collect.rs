//! A bill as values, for whoever wants to compute with it: all rows, collected.

use crate::bill::Output;
use crate::price::Charge;
use crate::statement::{Allocation, Role, Share, Statement};
use crate::value::{RegionId, ResourceId};

/// One resource's part of one charge, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocationRow {
    /// The place of the charge among all charges.
    pub charge: usize,
    /// The id of the resource; `None` is the account itself.
    pub resource: Option<String>,
    /// Where it really was.
    pub region: Option<RegionId>,
    /// The image it came from.
    pub source_image: Option<ResourceId>,
    /// What it is in the story of sharing.
    pub role: Role,
    /// Its part of the charge's quantity.
    pub quantity: Share,
    /// Its part of the charge's amount.
    pub amount: Share,
}

/// Rows, as values.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) charges: Vec<Charge>,
    pub(super) statements: Vec<Statement>,
    /// Each with whether it begins another charge; which one is known when all is put together.
    allocations: Vec<(bool, AllocationRow)>,
    /// Whether the next one does.
    begins: bool,
}

impl Output for Collected {
    type Part = Collected;

    fn charge(&mut self, charge: &Charge) {
        self.charges.push(charge.clone());
    }

    fn statement(&mut self, statement: &Statement) {
        self.statements.push(statement.clone());
    }

    fn begin_split(&mut self, _: &Charge) {
        self.begins = true;
    }

    fn allocation(&mut self, allocation: &Allocation<'_>) {
        let begins = std::mem::take(&mut self.begins);
        let Allocation { region, source_image, role, quantity, amount, .. } = *allocation;
        let resource = allocation.resource.map(|id| String::from_utf8_lossy(id).into_owned());
        let charge = 0;
        let row = AllocationRow { charge, resource, region, source_image, role, quantity, amount };
        self.allocations.push((begins, row));
    }

    fn size(&self) -> usize {
        self.allocations.len() * size_of::<AllocationRow>()
    }

    fn take(&mut self) -> Collected {
        std::mem::take(self)
    }
}

/// All rows of a bill.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) charges: Vec<Charge>,
    pub(super) statements: Vec<Statement>,
    pub(super) allocations: Vec<AllocationRow>,
    /// How many charges have been split.
    split: usize,
}

impl Rows {
    pub(super) fn add(&mut self, part: Collected) {
        self.charges.extend(part.charges);
        self.statements.extend(part.statements);
        for (begins, row) in part.allocations {
            self.split += usize::from(begins);
            self.allocations.push(AllocationRow { charge: self.split - 1, ..row });
        }
    }
}
