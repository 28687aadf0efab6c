//! A: the same money, per resource.

use rust_decimal::Decimal;

use crate::book::Book;
use crate::meter::{Cause, CauseKind, UsageLine};
use crate::price::Charge;
use crate::value::{Overflow, RegionId, ResourceId, allot_to};

/// How many digits after the point a share of a charge has.
pub const SHARE_DECIMALS: u32 = 10;

/// A part of an amount or quantity: exact, and parts add up to the whole.
///
/// Invariant: its units fit 96 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    units: i128,
    decimals: u32,
}

/// One resource's part of one charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocation<'a> {
    /// The id of the resource; `None` is the account itself.
    pub resource: Option<&'a [u8]>,
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

impl Allocation<'_> {
    /// What concerns the account itself.
    #[must_use]
    pub fn of_account(quantity: Share, amount: Share) -> Allocation<'static> {
        Allocation {
            resource: None,
            region: None,
            source_image: None,
            role: Role::Account,
            quantity,
            amount,
        }
    }
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

    /// The role of a cause in a cycle, by whether it is an image that had a member at some time in
    /// it.
    #[must_use]
    #[inline]
    pub fn of(kind: CauseKind, had_member: bool) -> Role {
        match kind {
            CauseKind::Image if had_member => Role::ProducerStorage,
            CauseKind::Image => Role::PrivateStorage,
            CauseKind::Reimage => Role::ReimageStorage,
            CauseKind::Object => Role::ObjectStorage,
            CauseKind::ConsumerServer => Role::ConsumerServer,
            CauseKind::OwnServer => Role::OwnServer,
            CauseKind::Transfer => Role::Transfer,
        }
    }
}

impl Share {
    /// A share in units of 10^-`decimals`.
    ///
    /// # Errors
    /// [`Overflow`] past 96 bits.
    pub fn from_units(units: i128, decimals: u32) -> Result<Share, Overflow> {
        if fits(units) { Ok(Share { units, decimals }) } else { Err(Overflow) }
    }

    /// It in units of 10^-[`Share::decimals`].
    #[must_use]
    pub fn units(self) -> i128 {
        self.units
    }

    /// How many digits it has after the point.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.decimals
    }

    /// The number.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::try_from_i128_with_scale(self.units, self.decimals).unwrap_or_default()
    }
}

/// Whether a share may have so many units.
fn fits(units: i128) -> bool {
    units.unsigned_abs() < 1 << 96
}

/// Splits charges over what caused them, in proportion to exact usage. It keeps its room from one
/// charge to the next.
#[derive(Debug, Default)]
pub struct Splitter {
    amounts: Vec<i128>,
    quantities: Vec<i128>,
}

impl Splitter {
    /// The amount of a charge over the causes of its line, in units of 10^-[`SHARE_DECIMALS`].
    /// `choose` decides ties, as [`allot_to`] says.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn amounts(
        &mut self,
        charge: &Charge,
        line: &UsageLine,
        choose: impl FnOnce(&mut [u32], usize),
    ) -> Result<&[i128], Overflow> {
        split(&mut self.amounts, charge.amount.in_units(SHARE_DECIMALS)?, line, choose)?;
        Ok(&self.amounts)
    }

    /// Both the amount and the quantity of a charge, over causes that stand in the order of their
    /// texts.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn both<'a>(
        &'a mut self,
        charge: &Charge,
        line: &'a UsageLine,
        book: &Book,
    ) -> Result<impl Iterator<Item = (Cause, Share, Share)> + use<'a>, Overflow> {
        let decimals = quantity_decimals(book);
        split(&mut self.amounts, charge.amount.in_units(SHARE_DECIMALS)?, line, |_, _| {})?;
        split(&mut self.quantities, charge.quantity.in_units(decimals)?, line, |_, _| {})?;
        let parts = self.amounts.iter().zip(&self.quantities);
        Ok(line.causes().iter().zip(parts).map(move |(cause, (amount, quantity))| {
            let amount = Share { units: *amount, decimals: SHARE_DECIMALS };
            (*cause, amount, Share { units: *quantity, decimals })
        }))
    }
}

/// How many digits a part of a quantity has.
#[must_use]
pub fn quantity_decimals(book: &Book) -> u32 {
    SHARE_DECIMALS.max(book.quantity_decimals)
}

/// What a charge gives to the account itself: all of it.
///
/// # Errors
/// [`Overflow`].
pub fn whole(charge: &Charge, book: &Book) -> Result<(Share, Share), Overflow> {
    let decimals = quantity_decimals(book);
    let amount = Share::from_units(charge.amount.in_units(SHARE_DECIMALS)?, SHARE_DECIMALS)?;
    let quantity = Share::from_units(charge.quantity.in_units(decimals)?, decimals)?;
    Ok((amount, quantity))
}

/// Whether a charge can be split, though nobody asks for the parts: with and without them, the same
/// bills overflow.
///
/// # Errors
/// [`Overflow`].
pub fn check(
    splitter: &mut Splitter,
    charge: &Charge,
    line: &UsageLine,
    book: &Book,
) -> Result<(), Overflow> {
    let amount = charge.amount.in_units(SHARE_DECIMALS)?;
    let quantity = charge.quantity.in_units(quantity_decimals(book))?;
    if fits(amount) && fits(quantity) {
        Ok(())
    } else {
        splitter.both(charge, line, book).map(drop)
    }
}

fn split(
    parts: &mut Vec<i128>,
    total: i128,
    line: &UsageLine,
    choose: impl FnOnce(&mut [u32], usize),
) -> Result<(), Overflow> {
    allot_to(parts, total, line.weights(), choose);
    // No part is more than the whole.
    if fits(total) || parts.iter().all(|part| fits(*part)) { Ok(()) } else { Err(Overflow) }
}
