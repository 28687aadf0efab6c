//! A plan as usage, without a log and without the world: the short way.

use crate::meter::{Context, Usage, measure};
use crate::project::plan::{Running, Sent, Shared, Stored, Tell};
use crate::value::{AccountId, Overflow, ResourceId, Span};
use crate::world::{History, ServerSpan, StorageSpan, Transfer};

/// Keeps what costs something. Nothing of a plan is told apart any more: that its parts add up is
/// all that money needs.
#[derive(Debug, Default)]
pub struct Spans {
    history: History,
    /// Whose is to be kept; everybody's by default.
    only: Option<AccountId>,
}

/// What resources are called whose names no longer matter.
pub(super) const NAMELESS: u32 = 0;

impl Spans {
    /// Keeps only what one account has.
    #[must_use]
    pub fn of(account: AccountId) -> Spans {
        Spans { history: History::default(), only: Some(account) }
    }

    /// The usage of all of it.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn usage(&self, context: &Context<'_>) -> Result<Usage, Overflow> {
        measure(&self.history, context)
    }

    fn keeps(&self, account: AccountId, span: Span, is_refused: bool) -> bool {
        !is_refused && span.start < span.end && self.only.is_none_or(|only| only == account)
    }
}

impl Tell for Spans {
    fn stored(&mut self, stored: &Stored<'_>) {
        let Stored { account, region, bytes, span, kind, is_refused, .. } = *stored;
        if self.keeps(account, span, is_refused) {
            self.history.storage.push(StorageSpan {
                resource: NAMELESS.into(),
                account,
                region,
                bytes,
                span,
                kind,
                source_image: None,
                was_shared: false,
            });
        }
    }

    fn running(&mut self, running: &Running<'_>) {
        let Running { account, region, flavor, system, is_consumer, span, is_refused, .. } =
            *running;
        if self.keeps(account, span, is_refused) {
            self.history.servers.push(ServerSpan {
                server: NAMELESS.into(),
                account,
                region,
                created: span.start,
                flavor,
                os: system,
                source_image: None,
                is_consumer,
                is_whole: true,
                span,
            });
        }
    }

    fn shared(&mut self, _: &Shared<'_>) {}

    fn sent(&mut self, sent: &Sent<'_>) {
        let Sent { account, region, bytes, at, .. } = *sent;
        if self.only.is_none_or(|only| only == account) {
            let resource = ResourceId::from(NAMELESS);
            self.history.transfers.push(Transfer { account, region, resource, bytes, at });
        }
    }
}
