//! A: the same money, per resource.

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::book::Book;
use crate::meter::{Cause, CauseKind, Usage};
use crate::price::Charge;
use crate::value::{AccountId, Cycle, Names, Overflow, RegionId, ResourceId, allot, exact_sum};
use crate::world::{History, ImageRecord};

/// How many digits after the point a share of a charge has.
pub const SHARE_DECIMALS: u32 = 10;

/// A part of an amount or quantity: exact, and parts add up to the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(Decimal);

/// One resource's part of one charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// The place of the charge among all charges.
    pub charge: usize,
    /// The resource; `None` is the account itself.
    pub resource: Option<ResourceId>,
    /// Where it really was.
    pub region: Option<RegionId>,
    /// The image it came from.
    pub source_image: Option<ResourceId>,
    /// That image's owner.
    pub producer: Option<AccountId>,
    /// What it is in the story of sharing.
    pub role: Role,
    /// Its part of the charge's quantity.
    pub quantity: Share,
    /// Its part of the charge's amount.
    pub amount: Share,
}

/// What a resource is in the story of sharing (A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// An image that had a member at some time in the cycle.
    ProducerStorage,
    /// An image that had none.
    PrivateStorage,
    /// A server whose image belongs to another account.
    ConsumerServer,
    /// A server of the account's own or a public image.
    OwnServer,
    /// An image taken of a server that descends from another account's image.
    ReimageStorage,
    /// An object.
    ObjectStorage,
    /// Data sent.
    Transfer,
    /// The account itself: a minimum, a fee, a discount.
    Account,
}

impl Role {
    /// The word in the `role` column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::ProducerStorage => "producer-storage",
            Role::PrivateStorage => "private-storage",
            Role::ConsumerServer => "consumer-server",
            Role::OwnServer => "own-server",
            Role::ReimageStorage => "reimage-storage",
            Role::ObjectStorage => "object-storage",
            Role::Transfer => "transfer",
            Role::Account => "account",
        }
    }
}

impl Share {
    /// No part.
    pub const ZERO: Share = Share(Decimal::ZERO);

    fn from_units(units: i128, decimals: u32) -> Result<Share, Overflow> {
        Decimal::try_from_i128_with_scale(units, decimals).map(Share).map_err(|_| Overflow)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Overflow`] past 28 digits.
    pub fn plus(self, other: Share) -> Result<Share, Overflow> {
        exact_sum(self.0, other.0).map(Share)
    }

    /// The number.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

/// Splits every charge over the resources that caused it, in proportion to their exact usage.
///
/// # Errors
/// [`Overflow`].
pub fn allocate(
    charges: &[Charge],
    usage: &Usage,
    history: &History,
    book: &Book,
    names: &Names,
) -> Result<Vec<Allocation>, Overflow> {
    let shared: FxHashMap<ResourceId, &ImageRecord> =
        history.images.iter().map(|record| (record.image, record)).collect();
    let quantity_decimals = SHARE_DECIMALS.max(book.quantity_decimals);
    let mut allocations = Vec::new();
    for (index, charge) in charges.iter().enumerate() {
        let causes = causes(charge, usage, names);
        let weights: Vec<u128> = causes.iter().map(|(_, weight)| *weight).collect();
        let amounts = allot(charge.amount.in_units(SHARE_DECIMALS)?, &weights);
        let quantities = allot(charge.quantity.in_units(quantity_decimals)?, &weights);
        for ((cause, _), (amount, quantity)) in causes.iter().zip(amounts.iter().zip(quantities)) {
            let role = cause.map_or(Role::Account, |cause| role(&cause, charge.cycle, &shared));
            let source_image = cause.and_then(|cause| cause.source_image);
            allocations.push(Allocation {
                charge: index,
                resource: cause.map(|cause| cause.resource),
                region: cause.map(|cause| cause.region),
                source_image,
                producer: source_image
                    .and_then(|image| shared.get(&image).map(|record| record.owner)),
                role,
                quantity: Share::from_units(quantity, quantity_decimals)?,
                amount: Share::from_units(*amount, SHARE_DECIMALS)?,
            });
        }
    }
    Ok(allocations)
}

/// What caused a charge, by id; the account itself for what has no usage.
fn causes(charge: &Charge, usage: &Usage, names: &Names) -> Vec<(Option<Cause>, u128)> {
    let Some(line) = charge.usage.as_ref().and_then(|key| usage.get(key)) else {
        return vec![(None, 1)];
    };
    // By their texts, which decide alone: ids depend on who was read first.
    let mut causes: Vec<(Cause, u128)> =
        line.causes.iter().map(|(cause, weight)| (*cause, *weight)).collect();
    causes.sort_unstable_by_key(|(cause, _)| {
        (
            names.resources.text(cause.resource),
            cause.source_image.map(|image| names.resources.text(image)),
            names.regions.text(cause.region),
            cause.kind,
        )
    });
    causes.into_iter().map(|(cause, weight)| (Some(cause), weight)).collect()
}

fn role(cause: &Cause, cycle: Cycle, shared: &FxHashMap<ResourceId, &ImageRecord>) -> Role {
    match cause.kind {
        CauseKind::Image => {
            let record = shared.get(&cause.resource);
            let had_member = record
                .is_some_and(|record| record.stays.iter().any(|stay| stay.touches(cycle.span())));
            if had_member { Role::ProducerStorage } else { Role::PrivateStorage }
        }
        CauseKind::Reimage => Role::ReimageStorage,
        CauseKind::Object => Role::ObjectStorage,
        CauseKind::ConsumerServer => Role::ConsumerServer,
        CauseKind::OwnServer => Role::OwnServer,
        CauseKind::Transfer => Role::Transfer,
    }
}
