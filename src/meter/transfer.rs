//! M4: data sent, in bytes, in the cycle that holds the event's time.

use crate::book::Sku;
use crate::meter::{Cause, CauseKind, Meter, moment};
use crate::value::Overflow;
use crate::world::Transfer;

/// Measures one transfer (R6).
pub(super) fn measure(sent: &Transfer, meter: &mut Meter<'_>) -> Result<(), Overflow> {
    let cause = Cause::of_transfer(sent);
    let cuts = meter.cuts(Sku::TransferOut, cause.region);
    meter.add(cuts, cause, moment(sent.at), |_| u128::from(sent.bytes))
}

impl Cause {
    /// Data sent.
    #[must_use]
    pub fn of_transfer(sent: &Transfer) -> Cause {
        let (resource, region, kind) = (sent.resource, sent.region, CauseKind::Transfer);
        Cause { resource, region, source_image: None, kind }
    }
}
