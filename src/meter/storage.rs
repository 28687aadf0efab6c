//! M1: storage is time-weighted, in byte-microseconds.

use crate::book::Sku;
use crate::meter::{Cause, CauseKind, Context, Usage};
use crate::value::{Overflow, Span};
use crate::world::{StorageKind, StorageSpan};

/// Measures one stored image or object (R1, R5).
pub(super) fn measure(
    stored: &StorageSpan,
    context: &Context<'_>,
    usage: &mut Usage,
) -> Result<(), Overflow> {
    let Some(span) = stored.span.intersection(context.run) else { return Ok(()) };
    let (sku, kind) = match stored.kind {
        StorageKind::Image => (Sku::ImageStorage, CauseKind::Image),
        StorageKind::Reimage => (Sku::ImageStorage, CauseKind::Reimage),
        StorageKind::Object => (Sku::ObjectStorage, CauseKind::Object),
    };
    let cause = Cause {
        resource: stored.resource,
        region: stored.region,
        source_image: stored.source_image,
        kind,
    };
    for piece in context.cut(span, stored.account, sku, stored.region) {
        let key = context.key(stored.account, sku, stored.region, &piece);
        usage.add(key, cause, byte_micros(stored.bytes, piece.span))?;
    }
    Ok(())
}

fn byte_micros(bytes: u64, span: Span) -> u128 {
    u128::from(bytes) * u128::from(span.micros())
}
