//! What sharing moved: who stored images for others, and what those made of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::report::add;
use crate::run::SharedRow;
use crate::value::{Overflow, exact_sum};

/// What a consumer pays for what it made of a shared image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paid {
    /// Servers of it.
    pub servers: Decimal,
    /// Their licences and support.
    pub licenses_support: Decimal,
    /// Images taken of such servers.
    pub reimages: Decimal,
}

impl Paid {
    fn add(&mut self, row: &SharedRow) -> Result<(), Overflow> {
        add(&mut self.servers, row.consumer_servers)?;
        add(&mut self.licenses_support, row.consumer_licenses_support)?;
        add(&mut self.reimages, row.consumer_reimages)
    }

    /// All of it.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn sum(&self) -> Result<Decimal, Overflow> {
        exact_sum(exact_sum(self.servers, self.licenses_support)?, self.reimages)
    }

    /// Two of them together.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn plus(&self, other: &Paid) -> Result<Paid, Overflow> {
        Ok(Paid {
            servers: exact_sum(self.servers, other.servers)?,
            licenses_support: exact_sum(self.licenses_support, other.licenses_support)?,
            reimages: exact_sum(self.reimages, other.reimages)?,
        })
    }
}

/// A shared image, over all cycles of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFlows {
    /// The image.
    pub image: String,
    /// Its owner.
    pub producer: String,
    /// Where it is.
    pub region: String,
    /// The most members it had in a cycle.
    pub members: u64,
    /// What storing it cost its producer.
    pub producer_storage: Decimal,
    /// Who made something of it; who pays most comes first.
    pub flows: Vec<Flow>,
    /// What all of them pay.
    pub paid: Decimal,
}

/// What one consumer pays for what it made of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Who.
    pub consumer: String,
    /// How much.
    pub paid: Paid,
    /// All of it.
    pub sum: Decimal,
}

/// The rows of `sharing.csv`, added up.
#[derive(Debug, Clone, Default)]
pub struct SharingSums {
    images: BTreeMap<(String, String, String), ImageSums>,
    /// What producers pay for storing shared images.
    pub producer_storage: Decimal,
    /// What consumers pay.
    pub paid: Paid,
    /// The former by producer.
    pub(super) of_producers: BTreeMap<String, Decimal>,
    /// The latter by consumer.
    pub(super) of_consumers: BTreeMap<String, Decimal>,
}

#[derive(Debug, Clone, Default)]
struct ImageSums {
    members: u64,
    producer_storage: Decimal,
    consumers: BTreeMap<String, Paid>,
}

impl SharingSums {
    pub(super) fn add(&mut self, row: &SharedRow) -> Result<(), Overflow> {
        add(&mut self.producer_storage, row.producer_storage)?;
        self.paid.add(row)?;
        let stored = self.of_producers.entry(row.producer.clone()).or_default();
        add(stored, row.producer_storage)?;
        let key = (row.image.clone(), row.producer.clone(), row.region.clone());
        let image = self.images.entry(key).or_default();
        image.members = image.members.max(row.members);
        add(&mut image.producer_storage, row.producer_storage)?;
        if !row.consumer.is_empty() {
            let mut paid = Paid::default();
            paid.add(row)?;
            add(self.of_consumers.entry(row.consumer.clone()).or_default(), paid.sum()?)?;
            image.consumers.entry(row.consumer.clone()).or_default().add(row)?;
        }
        Ok(())
    }

    /// How many images were shared, and how many of them nobody made anything of.
    #[must_use]
    pub fn image_counts(&self) -> (usize, usize) {
        let idle = self.images.values().filter(|image| image.consumers.is_empty());
        (self.images.len(), idle.count())
    }

    /// How many accounts made something of others' images.
    #[must_use]
    pub fn consumer_count(&self) -> usize {
        self.of_consumers.len()
    }

    /// What one account pays as a producer and as a consumer.
    #[must_use]
    pub fn parts_of(&self, account: &str) -> (Decimal, Decimal) {
        let of = |sums: &BTreeMap<String, Decimal>| sums.get(account).copied().unwrap_or_default();
        (of(&self.of_producers), of(&self.of_consumers))
    }

    /// The images; those that moved most money come first, then those that cost most to store.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn images(&self) -> Result<Vec<ImageFlows>, Overflow> {
        let image = |(key, sums): (&(String, String, String), &ImageSums)| {
            let flow = |(consumer, paid): (&String, &Paid)| {
                Ok(Flow { consumer: consumer.clone(), paid: *paid, sum: paid.sum()? })
            };
            let flows: Result<Vec<Flow>, Overflow> = sums.consumers.iter().map(flow).collect();
            let mut flows = flows?;
            flows.sort_by_key(|flow| Reverse(flow.sum));
            let mut paid = Decimal::ZERO;
            for flow in &flows {
                add(&mut paid, flow.sum)?;
            }
            let (image, producer, region) = key.clone();
            let ImageSums { members, producer_storage, .. } = *sums;
            Ok(ImageFlows { image, producer, region, members, producer_storage, flows, paid })
        };
        let images: Result<Vec<ImageFlows>, Overflow> = self.images.iter().map(image).collect();
        let mut images = images?;
        images.sort_by_key(|image| Reverse((image.paid, image.producer_storage)));
        Ok(images)
    }
}
