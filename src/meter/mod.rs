//! Spans to exact quantities: the seam *events of a set of resources → usage* ends here.
//!
//! [`measure`] turns a [`History`] into [`Usage`]: for each account, cycle, SKU, rate region and
//! version of the rate a whole number of base units, and which resources caused it. Base units add
//! up exactly, so usage that was measured apart (by partition of resources, by file, by day) can
//! be put together with [`Usage::absorb`] in any order. Nothing is rounded here; pricing does that
//! once (M6).

mod quantity;
mod servers;
mod storage;
mod transfer;
mod usage;

pub use quantity::ratio;
pub use usage::{Cause, CauseKind, Usage, UsageKey, UsageLine};

use crate::account::Accounts;
use crate::book::{Book, RateRegion, Sku, Version};
use crate::value::{AccountId, Cycle, Overflow, RegionId, Span};
use crate::world::History;

/// What usage is measured against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The prices, for where rates change.
    pub book: &'a Book,
    /// The accounts, for their cycles.
    pub accounts: &'a Accounts,
    /// The run: usage outside is not charged (B3).
    pub run: Span,
}

/// Measures everything that existed during the run.
///
/// # Errors
/// [`Overflow`] when a usage does not fit 128 bits.
pub fn measure(history: &History, context: &Context<'_>) -> Result<Usage, Overflow> {
    let mut usage = Usage::default();
    for stored in &history.storage {
        storage::measure(stored, context, &mut usage)?;
    }
    for server in &history.servers {
        servers::measure(server, context, &mut usage)?;
    }
    for sent in &history.transfers {
        transfer::measure(sent, context, &mut usage)?;
    }
    Ok(usage)
}

/// A part of a span that lies in one cycle and under one version of a rate.
struct Piece<'a> {
    cycle: Cycle,
    version: Option<&'a Version>,
    span: Span,
}

impl Context<'_> {
    /// Cuts a span, already within the run, where the account's cycles and the SKU's rates change
    /// (P2).
    fn cut(
        &self,
        span: Span,
        account: AccountId,
        sku: Sku,
        region: RegionId,
    ) -> impl Iterator<Item = Piece<'_>> {
        let calendar = self.book.calendar(self.accounts.get(account).billing_day);
        let mut at = span.start;
        let mut cycle = calendar.cycle_at(at);
        std::iter::from_fn(move || {
            if at >= span.end {
                return None;
            }
            if at >= cycle.end() {
                cycle = calendar.cycle_at(at);
            }
            let in_force = self.book.in_force(sku, region, at);
            let end = in_force.until.map_or(cycle.end(), |until| until.min(cycle.end()));
            let piece = Span { start: at, end: end.min(span.end) };
            at = piece.end;
            Some(Piece { cycle, version: in_force.version, span: piece })
        })
    }

    /// The key that a piece of usage is added up under.
    fn key(&self, account: AccountId, sku: Sku, region: RegionId, piece: &Piece<'_>) -> UsageKey {
        UsageKey {
            account,
            cycle: piece.cycle,
            sku,
            region: piece.version.map_or(RateRegion::One(region), |version| version.region),
            effective_from: piece.version.map(|version| version.effective_from),
        }
    }
}
