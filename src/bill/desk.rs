//! One account's cycle from records to charges, statement and split.

use std::cmp::Ordering;

use crate::bill::resources::Resources;
use crate::bill::{Detail, Output, Settling};
use crate::book::Sku;
use crate::ledger::{Record, Stored, Unit};
use crate::meter::{Cause, CauseKind, Context, Meter, UsageKey, UsageLine};
use crate::price::{self, Charge, Pricing};
use crate::statement::{
    self, Allocation, CycleSharing, Moved, Player, Role, SharingRow, SkuTexts, Splitter, Statement,
};
use crate::value::{AccountId, Overflow, Quantity, ResourceId, ResourceTexts};
use crate::world::{ServerSpan, StorageSpan, Transfer};

/// What is to be said of an account's cycle, apart from its rows.
#[derive(Debug)]
pub(super) struct CycleTotals {
    /// What the account pays.
    pub(super) statement: Statement,
    /// The SKUs that were priced at 0, as they have no rate (P1).
    pub(super) free: Vec<Sku>,
    /// Its part in the story of sharing.
    pub(super) moved: Moved,
    /// The same by image.
    pub(super) sharing: Vec<SharingRow>,
}

/// Why there is nothing to say.
#[derive(Debug)]
pub(super) enum Unsettled {
    /// A usage does not fit 128 bits.
    Measure(Overflow),
    /// Usage without a rate (P1).
    Unpriced(Vec<(UsageKey, Quantity)>),
    /// A number of a charge, statement or share does not fit.
    Price(Overflow),
}

/// Where one account's cycle after the other is settled. What it needs for that it keeps, to be
/// used again.
pub(super) struct Desk<'a, T, O> {
    settling: &'a Settling<'a, T>,
    meter: Meter<'a>,
    resources: Resources,
    splitter: Splitter,
    sharing: CycleSharing,
    skus: SkuTexts,
    output: O,
}

/// A record among those of its unit, by the first bytes of its text, which decide most comparisons.
#[derive(Debug, Clone, Copy)]
struct Place {
    begin: (u64, u64),
    /// Its number among those that are ordered.
    number: u32,
}

/// How many bytes a desk holds before it hands them over.
const PART_SIZE: usize = 256 << 10;

impl<'a, T: ResourceTexts, O: Output> Desk<'a, T, O> {
    pub(super) fn new(settling: &'a Settling<'a, T>, output: O) -> Desk<'a, T, O> {
        let Settling { book, accounts, run, .. } = *settling;
        let nobody = AccountId::from(u32::MAX);
        let cycle = book.calendar(accounts.get(nobody).billing_day).cycle_at(run.start);
        Desk {
            settling,
            meter: Meter::new(Context { book, accounts, run }, nobody, cycle),
            resources: Resources::default(),
            splitter: Splitter::default(),
            sharing: CycleSharing::default(),
            skus: SkuTexts::default(),
            output,
        }
    }

    /// Settles one unit; nothing where it has no charge. Its rows go to the output, and from there
    /// on where they have become many.
    pub(super) fn settle(
        &mut self,
        unit: &Unit,
        hand_over: &mut dyn FnMut(O::Part),
    ) -> Result<Option<CycleTotals>, Unsettled> {
        self.measure(unit).map_err(Unsettled::Measure)?;
        let Settling { book, accounts, names, run, allow_unpriced, .. } = *self.settling;
        let pricing = Pricing { book, accounts, run, allow_unpriced };
        let lines = self.meter.usage().in_order();
        let unpriced = price::unpriced(&lines, &pricing).map_err(Unsettled::Price)?;
        if !unpriced.is_empty() {
            return Err(Unsettled::Unpriced(unpriced));
        }
        let mut charges = price::cycle_charges(&lines, &pricing).map_err(Unsettled::Price)?;
        drop(lines);
        statement::put_in_order(&mut charges, &mut self.skus, names);
        let statement = statement::statement(&charges, book).map_err(Unsettled::Price)?;
        let Some(statement) = statement else { return Ok(None) };
        for charge in &charges {
            self.output.charge(charge);
        }
        self.output.statement(&statement);
        let told = self.split(unit, &charges, hand_over);
        let (moved, sharing) = told.map_err(Unsettled::Price)?;
        let free = charges.iter().filter(|c| c.usage.is_some() && c.effective_from.is_none());
        let mut free: Vec<Sku> = free.map(|charge| charge.sku).collect();
        free.sort_unstable();
        free.dedup();
        Ok(Some(CycleTotals { statement, free, moved, sharing }))
    }

    /// Hands over what waits.
    pub(super) fn hand_over(&mut self, hand_over: &mut dyn FnMut(O::Part)) {
        hand_over(self.output.take());
    }

    /// Measures the records of a unit. What one resource causes has to come together: with
    /// detail all records are measured in the order of their texts, in which they are told;
    /// without, only those that have a resource with others.
    fn measure(&mut self, unit: &Unit) -> Result<(), Overflow> {
        self.meter.begin(unit.account, unit.cycle);
        self.resources.clear();
        let Desk { settling, meter, resources, .. } = self;
        let (mut ordered, mut places) = (Vec::new(), Vec::new());
        let shared = |record: &Record<'_>| {
            record.shared.filter(|image| settling.images.had_member(*image, unit.cycle))
        };
        for head in unit.heads() {
            if settling.detail == Detail::Allocations || !head.is_alone {
                places.push(Place { begin: begin_of(head.text), number: ordered.len() as u32 });
                ordered.push(head);
            } else if head.is_server() {
                meter.server(&unit.server_of(&head, resources.new_id(&head, None)))?;
            } else {
                let record = unit.record_of(&head);
                measure_record(meter, &record, resources.new_id(&head, shared(&record)))?;
            }
        }
        let head = |place: &Place| &ordered[place.number as usize];
        let cause = |place: &Place| cause_of(&unit.record_of(head(place)));
        places.sort_unstable_by(|a, b| {
            let by_text = || head(a).text.cmp(head(b).text);
            a.begin
                .cmp(&b.begin)
                .then_with(by_text)
                .then_with(|| settling.compare(&cause(a), &cause(b)))
        });
        for place in &places {
            let record = unit.record_of(head(place));
            measure_record(meter, &record, resources.id(&record, shared(&record)))?;
        }
        Ok(())
    }

    /// Splits the charges over their causes, as far as somebody asks.
    fn split(
        &mut self,
        unit: &Unit,
        charges: &[Charge],
        hand_over: &mut dyn FnMut(O::Part),
    ) -> Result<(Moved, Vec<SharingRow>), Overflow> {
        let Settling { book, detail, .. } = *self.settling;
        let Desk { resources, sharing, .. } = self;
        sharing.clear();
        for charge in charges {
            let line = charge.usage.as_ref().and_then(|key| self.meter.usage().get(key));
            match (line, detail) {
                (Some(line), Detail::None) => {
                    statement::check(&mut self.splitter, charge, line, book)?;
                    self.settling.share(
                        charge,
                        line,
                        (unit, resources),
                        &mut self.splitter,
                        sharing,
                    )?;
                }
                (Some(line), Detail::Allocations) => {
                    self.output.begin_split(charge);
                    for (cause, amount, quantity) in self.splitter.both(charge, line, book)? {
                        let player = player(&cause, resources);
                        sharing.add(&player, charge.sku.category(), amount.units())?;
                        let allocation = Allocation {
                            resource: Some(resources.text(cause.resource, unit)),
                            region: Some(cause.region),
                            source_image: cause.source_image,
                            role: player.role,
                            quantity,
                            amount,
                        };
                        self.output.allocation(&allocation);
                        if self.output.size() >= PART_SIZE {
                            hand_over(self.output.take());
                        }
                    }
                }
                (None, _) => {
                    let (amount, quantity) = statement::whole(charge, book)?;
                    if detail == Detail::Allocations {
                        self.output.begin_split(charge);
                        self.output.allocation(&Allocation::of_account(quantity, amount));
                    }
                }
            }
        }
        sharing.told(unit.account, unit.cycle)
    }
}

impl<T: ResourceTexts> Settling<'_, T> {
    /// Adds what a charge has to do with sharing, if it has.
    fn share(
        &self,
        charge: &Charge,
        line: &UsageLine,
        (unit, resources): (&Unit, &Resources),
        splitter: &mut Splitter,
        sharing: &mut CycleSharing,
    ) -> Result<(), Overflow> {
        if !line.causes().iter().any(|cause| player(cause, resources).is_told()) {
            return Ok(());
        }
        let amounts = splitter.amounts(charge, line, |places, count| {
            places.select_nth_unstable_by(count, |a, b| {
                let (a, b) = (&line.causes()[*a as usize], &line.causes()[*b as usize]);
                let text = |cause: &Cause| resources.text(cause.resource, unit);
                text(a).cmp(text(b)).then_with(|| self.compare(a, b))
            });
        })?;
        let category = charge.sku.category();
        for (cause, amount) in line.causes().iter().zip(amounts) {
            sharing.add(&player(cause, resources), category, *amount)?;
        }
        Ok(())
    }

    /// The order of what one resource causes: by texts, which decide alone.
    fn compare(&self, a: &Cause, b: &Cause) -> Ordering {
        let source = |cause: &Cause| cause.source_image.map(|image| self.texts.text(image));
        let region = |cause: &Cause| self.names.regions.text(cause.region);
        // The same ids have the same texts, and mostly they are the same.
        if (a.source_image, a.region) == (b.source_image, b.region) {
            return a.kind.cmp(&b.kind);
        }
        source(a).cmp(&source(b)).then_with(|| region(a).cmp(region(b))).then(a.kind.cmp(&b.kind))
    }
}

#[inline]
fn player(cause: &Cause, resources: &Resources) -> Player {
    let shared = match cause.kind {
        CauseKind::Image | CauseKind::Reimage => resources.shared(cause.resource),
        CauseKind::Object
        | CauseKind::ConsumerServer
        | CauseKind::OwnServer
        | CauseKind::Transfer => None,
    };
    Player { role: Role::of(cause.kind, shared.is_some()), shared, source: cause.source_image }
}

fn begin_of(text: &[u8]) -> (u64, u64) {
    let mut begin = [0; 16];
    let size = text.len().min(begin.len());
    begin[..size].copy_from_slice(&text[..size]);
    let [high @ .., _, _, _, _, _, _, _, _] = begin;
    let [_, _, _, _, _, _, _, _, low @ ..] = begin;
    (u64::from_be_bytes(high), u64::from_be_bytes(low))
}

/// The cause that a record is, but for its resource.
fn cause_of(record: &Record<'_>) -> Cause {
    match record.stored {
        Stored::Storage(stored) => Cause::of_storage(&stored),
        Stored::Server(server) => Cause::of_server(&server),
        Stored::Transfer(sent) => Cause::of_transfer(&sent),
    }
}

/// Measures one record, of a resource that has this id.
fn measure_record(
    meter: &mut Meter<'_>,
    record: &Record<'_>,
    id: ResourceId,
) -> Result<(), Overflow> {
    match record.stored {
        Stored::Storage(stored) => meter.storage(&StorageSpan { resource: id, ..stored }),
        Stored::Server(server) => meter.server(&ServerSpan { server: id, ..server }),
        Stored::Transfer(sent) => meter.transfer(&Transfer { resource: id, ..sent }),
    }
}
