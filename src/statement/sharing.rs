//! What each shared image costs whom: its producer for storing it, its consumers for what they
//! made of it.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::book::{Book, Category};
use crate::meter::Context;
use crate::price::Charge;
use crate::statement::{Allocation, Role, Share};
use crate::value::{AccountId, Cycle, Names, Overflow, RegionId, ResourceId, Span};
use crate::world::{History, ImageRecord, StorageSpan};

/// One image, in one cycle, for its producer or for one consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharingRow {
    /// The shared image.
    pub image: ResourceId,
    /// Its owner.
    pub producer: AccountId,
    /// Where it is.
    pub region: RegionId,
    /// The cycle of whoever pays.
    pub cycle: Cycle,
    /// How many members it had at some time in the cycle.
    pub member_count: usize,
    /// What the producer pays for storing it.
    pub producer_storage: Share,
    /// Who made something of it; `None` in the producer's own row.
    pub consumer: Option<AccountId>,
    /// What the consumer pays for servers of it.
    pub consumer_servers: Share,
    /// What it pays for their licences and support.
    pub consumer_licenses_support: Share,
    /// What it pays for storing images taken of such servers.
    pub consumer_reimages: Share,
}

type Key = (ResourceId, Cycle, Option<AccountId>);

/// Gathers what the allocations say about each shared image.
///
/// # Errors
/// [`Overflow`].
pub fn sharing(
    allocations: &[Allocation],
    charges: &[Charge],
    history: &History,
    context: &Context<'_>,
    names: &Names,
) -> Result<Vec<SharingRow>, Overflow> {
    let mut gatherer = Gatherer::new(history);
    gatherer.producer_rows(context.accounts, context.book, context.run);
    for allocation in allocations {
        gatherer.add(allocation, &charges[allocation.charge])?;
    }
    let mut rows: Vec<SharingRow> = gatherer.rows.into_values().collect();
    rows.sort_by_cached_key(|row| {
        let consumer = row.consumer.map(|consumer| names.accounts.text(consumer).to_owned());
        (names.resources.text(row.image).to_owned(), row.cycle.start(), consumer)
    });
    Ok(rows)
}

struct Gatherer<'a> {
    shared: FxHashMap<ResourceId, &'a ImageRecord>,
    stored: FxHashMap<ResourceId, &'a StorageSpan>,
    rows: BTreeMap<Key, SharingRow>,
    member_counts: FxHashMap<(ResourceId, Cycle), usize>,
}

impl<'a> Gatherer<'a> {
    fn new(history: &'a History) -> Gatherer<'a> {
        Gatherer {
            shared: history.images.iter().map(|record| (record.image, record)).collect(),
            stored: history.storage.iter().map(|stored| (stored.resource, stored)).collect(),
            rows: BTreeMap::new(),
            member_counts: FxHashMap::default(),
        }
    }

    /// One row for each cycle of the owner in which an image had a member.
    fn producer_rows(&mut self, accounts: &Accounts, book: &Book, run: Span) {
        let records: Vec<&ImageRecord> = self.shared.values().copied().collect();
        for record in records {
            let calendar = book.calendar(accounts.get(record.owner).billing_day);
            for cycle in calendar.cycles_in(run) {
                if record.stays.iter().any(|stay| stay.touches(cycle.span())) {
                    self.row(record.image, cycle, None);
                }
            }
        }
    }

    fn add(&mut self, allocation: &Allocation, charge: &Charge) -> Result<(), Overflow> {
        let (image, consumer) = match allocation.role {
            Role::ProducerStorage => (allocation.resource, None),
            Role::ConsumerServer | Role::ReimageStorage => {
                (allocation.source_image, Some(charge.account))
            }
            Role::PrivateStorage
            | Role::OwnServer
            | Role::ObjectStorage
            | Role::Transfer
            | Role::Account => return Ok(()),
        };
        // A re-image that is itself shared is its owner's storage of a shared image as well.
        if allocation.role == Role::ReimageStorage
            && let Some(own) = allocation.resource
            && let Some(row) = self.rows.get_mut(&(own, charge.cycle, None))
        {
            row.producer_storage = row.producer_storage.plus(allocation.amount)?;
        }
        let Some(image) = image else { return Ok(()) };
        let Some(row) = self.row(image, charge.cycle, consumer) else { return Ok(()) };
        let column = match (allocation.role, charge.sku.category()) {
            (Role::ProducerStorage, _) => &mut row.producer_storage,
            (Role::ReimageStorage, _) => &mut row.consumer_reimages,
            (_, Category::Servers) => &mut row.consumer_servers,
            _ => &mut row.consumer_licenses_support,
        };
        *column = column.plus(allocation.amount)?;
        Ok(())
    }

    /// The row of an image, cycle and consumer; a new one holds no money yet.
    fn row(
        &mut self,
        image: ResourceId,
        cycle: Cycle,
        consumer: Option<AccountId>,
    ) -> Option<&mut SharingRow> {
        let stored = self.stored.get(&image)?;
        let shared = &self.shared;
        // An image may have a million members, and as many rows: they are counted once a cycle.
        let member_count = *self
            .member_counts
            .entry((image, cycle))
            .or_insert_with(|| shared.get(&image).map_or(0, |record| members_in(record, cycle)));
        Some(self.rows.entry((image, cycle, consumer)).or_insert(SharingRow {
            image,
            producer: stored.account,
            region: stored.region,
            cycle,
            member_count,
            producer_storage: Share::ZERO,
            consumer,
            consumer_servers: Share::ZERO,
            consumer_licenses_support: Share::ZERO,
            consumer_reimages: Share::ZERO,
        }))
    }
}

/// How many accounts were members at some time in a cycle.
fn members_in(record: &ImageRecord, cycle: Cycle) -> usize {
    let touching = record.stays.iter().filter(|stay| stay.touches(cycle.span()));
    touching.map(|stay| stay.member).collect::<BTreeSet<_>>().len()
}
