//! M1: storage is time-weighted, in byte-microseconds.

use crate::book::Sku;
use crate::meter::{Cause, CauseKind, Meter};
use crate::value::{Overflow, Span};
use crate::world::{StorageKind, StorageSpan};

/// Measures one stored image or object (R1, R5).
pub(super) fn measure(stored: &StorageSpan, meter: &mut Meter<'_>) -> Result<(), Overflow> {
    let sku = match stored.kind {
        StorageKind::Image | StorageKind::Reimage => Sku::ImageStorage,
        StorageKind::Object => Sku::ObjectStorage,
    };
    let cause = Cause::of_storage(stored);
    let cuts = meter.cuts(sku, cause.region);
    meter.add(cuts, cause, stored.span, |piece| byte_micros(stored.bytes, piece))
}

impl Cause {
    /// A stored image or object.
    #[must_use]
    pub fn of_storage(stored: &StorageSpan) -> Cause {
        let kind = match stored.kind {
            StorageKind::Image => CauseKind::Image,
            StorageKind::Reimage => CauseKind::Reimage,
            StorageKind::Object => CauseKind::Object,
        };
        let source_image = stored.source_image;
        Cause { resource: stored.resource, region: stored.region, source_image, kind }
    }
}

fn byte_micros(bytes: u64, span: Span) -> u128 {
    u128::from(bytes) * u128::from(span.micros())
}
