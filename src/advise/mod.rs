//! What is paid for and need not be: images that nobody boots, and what leaving them out would
//! save.
//!
//! A log is listened to ([`Watch`]); what is there at its end is looked through for waste
//! ([`Kind`]). Each advice is a [`Change`] that could have been made a month before the end, and
//! its saving is the difference between two bills of that month, with the change and without it,
//! measured and priced by the engine of every bill ([`crate::meter`], [`crate::price`]). The
//! changes can be written as a log of their own ([`changes::log`]): the bill of both logs is less
//! by exactly the saving.

pub mod changes;
mod kinds;
mod saving;
mod watch;

use std::sync::Arc;

use crate::value::{AccountId, Instant, Money, Names, RegionId, Span};

pub use saving::{Prices, Savings};
pub use watch::Watch;

/// What is advised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A re-image that is as large as the image its server was made from, which its account may
    /// boot anyway.
    RepeatedReimage,
    /// More images of one server than are to be kept.
    Retention,
    /// A copy that has never been booted where it is.
    UnbootedCopy,
    /// The same image, uploaded by several accounts: one could share it with the others.
    ShareInstead,
    /// An image that nobody has booted for a long time.
    UnusedImage,
    /// An account that never accepted an image, nor booted it.
    UnacceptedMember,
}

impl Kind {
    /// All of them, in the order in which they are looked for: what is one is none of the later.
    pub const ALL: [Kind; 6] = [
        Kind::RepeatedReimage,
        Kind::Retention,
        Kind::UnbootedCopy,
        Kind::ShareInstead,
        Kind::UnusedImage,
        Kind::UnacceptedMember,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::RepeatedReimage => "repeated-reimage",
            Kind::Retention => "retention",
            Kind::UnbootedCopy => "unbooted-copy",
            Kind::ShareInstead => "share-instead",
            Kind::UnusedImage => "unused-image",
            Kind::UnacceptedMember => "unaccepted-member",
        }
    }
}

/// From when on something is waste.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many days nobody has booted an image that is called unused.
    pub unused_days: u32,
    /// How many images of one server are kept.
    pub keep: usize,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// What was replayed.
    pub run: Span,
    /// The last month of it, whose bill is compared.
    pub month: Span,
}

/// A change to what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An image is deleted.
    Delete {
        /// Which one.
        image: Arc<str>,
        /// Its owner.
        owner: AccountId,
        /// When.
        at: Instant,
    },
    /// An image is shared.
    Share {
        /// Which one.
        image: Arc<str>,
        /// Its owner.
        owner: AccountId,
        /// With whom.
        member: AccountId,
        /// When.
        at: Instant,
    },
    /// An image is no longer shared.
    Unshare {
        /// Which one.
        image: Arc<str>,
        /// Its owner.
        owner: AccountId,
        /// With whom.
        member: AccountId,
        /// When.
        at: Instant,
    },
}

/// One thing that could be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What it is.
    pub kind: Kind,
    /// Who saves by it.
    pub account: AccountId,
    /// The image.
    pub image: Arc<str>,
    /// Where that is.
    pub region: RegionId,
    /// Its size.
    pub bytes: u64,
    /// Since when it is waste.
    pub since: Instant,
    /// Why it is.
    pub why: String,
    /// What leaving it out would break.
    pub breaks: String,
    /// What would be done.
    pub changes: Vec<Change>,
    /// What that saves in the month that is compared.
    pub saving: Money,
}

/// All advice.
#[derive(Debug, Clone)]
pub struct Advised {
    /// What was looked at.
    pub looked: Looked,
    /// The most that is saved first.
    pub all: Vec<Advice>,
    /// What all of it together saves in the month: with tiers, not the sum.
    pub together: Money,
}

/// Looks through what was watched.
///
/// # Errors
/// [`crate::price::PricingError`].
pub fn advise(
    watch: Watch,
    run: Span,
    limits: Limits,
    prices: &Prices<'_>,
    names: &Names,
) -> Result<Advised, crate::price::PricingError> {
    let seen = watch.close(run);
    let looked = seen.looked;
    let mut all = kinds::find(&seen, limits, names, prices.nothing());
    let mut savings = Savings::new(&seen, prices);
    for advice in &mut all {
        advice.saving = savings.of(&advice.changes)?;
    }
    let changes: Vec<Change> = all.iter().flat_map(|advice| advice.changes.clone()).collect();
    let together = savings.of(&changes)?;
    all.sort_by(|a, b| {
        let by_saving = b.saving.decimal().cmp(&a.saving.decimal());
        by_saving.then_with(|| (a.kind, &a.image, a.account).cmp(&(b.kind, &b.image, b.account)))
    });
    Ok(Advised { looked, all, together })
}
