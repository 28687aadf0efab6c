//! M4: data sent, in bytes, in the cycle that holds the event's time.

use crate::book::Sku;
use crate::meter::{Cause, CauseKind, Context, Usage};
use crate::value::{Instant, Overflow, Span};
use crate::world::Transfer;

/// Measures one transfer (R6).
pub(super) fn measure(
    sent: &Transfer,
    context: &Context<'_>,
    usage: &mut Usage,
) -> Result<(), Overflow> {
    if !context.run.contains(sent.at) {
        return Ok(());
    }
    let cause = Cause {
        resource: sent.resource,
        region: sent.region,
        source_image: None,
        kind: CauseKind::Transfer,
    };
    // The shortest span there is lies in one cycle and under one version.
    let moment = Span { start: sent.at, end: Instant::from_micros(sent.at.micros() + 1) };
    for piece in context.cut(moment, sent.account, Sku::TransferOut, sent.region) {
        let key = context.key(sent.account, Sku::TransferOut, sent.region, &piece);
        usage.add(key, cause, u128::from(sent.bytes))?;
    }
    Ok(())
}
