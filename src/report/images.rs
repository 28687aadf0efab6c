//! Stored images, and what ran from them: from `allocations.csv`, row by row.

use std::cmp::Reverse;
use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::report::add;
use crate::run::AllocationRow;
use crate::value::Overflow;

/// One stored image, over all cycles of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUse {
    /// The image.
    pub image: String,
    /// Who pays for storing it.
    pub owner: String,
    /// Where it is.
    pub region: String,
    /// The part it plays in sharing: the role of its last cycle.
    pub role: String,
    /// What storing it cost.
    pub storage: Decimal,
    /// What servers of it cost, with licences and support, whoever pays.
    pub servers: Decimal,
    /// What images and objects made of it cost, whoever pays.
    pub made_of_it: Decimal,
    /// Whether anything was made of it that was there in the run.
    pub is_used: bool,
}

/// All images of a run.
#[derive(Debug, Clone, Default)]
pub struct ImageUses {
    stored: HashMap<String, Stored>,
    used: HashMap<String, Used>,
}

#[derive(Debug, Clone)]
struct Stored {
    owner: String,
    region: String,
    role: String,
    storage: Decimal,
}

#[derive(Debug, Clone, Copy, Default)]
struct Used {
    servers: Decimal,
    made_of_it: Decimal,
}

impl ImageUses {
    pub(super) fn add(&mut self, row: &AllocationRow) -> Result<(), Overflow> {
        if row.sku == "image.storage" && !row.resource.is_empty() {
            self.store(row)?;
        }
        if row.source_image.is_empty() || row.source_image == row.resource {
            return Ok(());
        }
        let used = match self.used.get_mut(&row.source_image) {
            Some(used) => used,
            None => self.used.entry(row.source_image.clone()).or_default(),
        };
        match row.role.as_str() {
            "own-server" | "consumer-server" => add(&mut used.servers, row.amount),
            _ => add(&mut used.made_of_it, row.amount),
        }
    }

    fn store(&mut self, row: &AllocationRow) -> Result<(), Overflow> {
        let Some(stored) = self.stored.get_mut(&row.resource) else {
            let stored = Stored {
                owner: row.account.clone(),
                region: row.resource_region.clone(),
                role: row.role.clone(),
                storage: row.amount,
            };
            self.stored.insert(row.resource.clone(), stored);
            return Ok(());
        };
        if stored.role != row.role {
            stored.role.clone_from(&row.role);
        }
        add(&mut stored.storage, row.amount)
    }

    /// How many images nobody uses, and what storing those cost.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn unused(&self) -> Result<(usize, Decimal), Overflow> {
        let (mut count, mut storage) = (0, Decimal::ZERO);
        for image in self.ranked().iter().filter(|image| !image.is_used) {
            count += 1;
            add(&mut storage, image.storage)?;
        }
        Ok((count, storage))
    }

    /// The images, those that cost most to store first.
    #[must_use]
    pub fn ranked(&self) -> Vec<ImageUse> {
        let image = |(image, stored): (&String, &Stored)| {
            let used = self.used.get(image);
            let Used { servers, made_of_it } = used.copied().unwrap_or_default();
            ImageUse {
                image: image.clone(),
                owner: stored.owner.clone(),
                region: stored.region.clone(),
                role: stored.role.clone(),
                storage: stored.storage,
                servers,
                made_of_it,
                is_used: used.is_some(),
            }
        };
        let mut images: Vec<ImageUse> = self.stored.iter().map(image).collect();
        images.sort_by(|a, b| (Reverse(a.storage), &a.image).cmp(&(Reverse(b.storage), &b.image)));
        images
    }
}
