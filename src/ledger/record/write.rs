//! What is entered, to bytes.

use crate::ledger::record::{
    HAS_SOURCE, IMAGE, IS_ANCHORED, IS_CONSUMER, IS_WHOLE, LONGEST, OBJECT, REIMAGE, SERVER,
    TIME_SIZE, TRANSFER, USUAL, WAS_SHARED,
};
use crate::value::{FlavorId, Instant, OsId, RegionId, ResourceId, Span};
use crate::world::{ServerSpan, StorageKind, StorageSpan, Transfer};

/// What is entered, apart from when and the text.
pub(in crate::ledger) struct Body {
    tag: u8,
    region: RegionId,
    source: Option<ResourceId>,
    kind: BodyKind,
}

enum BodyKind {
    Stored { bytes: u64, shared: Option<ResourceId> },
    Server { flavor: FlavorId, os: OsId, created: Instant },
    Transfer { bytes: u64 },
}

impl Body {
    pub(in crate::ledger) fn of_storage(stored: &StorageSpan) -> Body {
        let kind = match stored.kind {
            StorageKind::Image => IMAGE,
            StorageKind::Reimage => REIMAGE,
            StorageKind::Object => OBJECT,
        };
        let shared = stored.was_shared.then_some(stored.resource);
        Body {
            tag: kind | flag(WAS_SHARED, stored.was_shared),
            region: stored.region,
            source: stored.source_image,
            kind: BodyKind::Stored { bytes: stored.bytes, shared },
        }
    }

    pub(in crate::ledger) fn of_server(server: &ServerSpan) -> Body {
        let tag = SERVER | flag(IS_CONSUMER, server.is_consumer) | flag(IS_WHOLE, server.is_whole);
        let (flavor, os, created) = (server.flavor, server.os, server.created);
        Body {
            tag,
            region: server.region,
            source: server.source_image,
            kind: BodyKind::Server { flavor, os, created },
        }
    }

    pub(in crate::ledger) fn of_transfer(sent: &Transfer) -> Body {
        let kind = BodyKind::Transfer { bytes: sent.bytes };
        Body { tag: TRANSFER, region: sent.region, source: None, kind }
    }

    /// Writes the record of a piece, which lies in the cycle that starts at `origin`, to the front of
    /// `room`, which grows where it has to; how many bytes it has.
    pub(in crate::ledger) fn write(
        &self,
        room: &mut Vec<u8>,
        origin: Instant,
        piece: Span,
        text: &[u8],
    ) -> usize {
        let anchor = match self.kind {
            BodyKind::Server { created, .. } if created != piece.start => Some(created),
            _ => None,
        };
        if room.len() < LONGEST + text.len() {
            room.resize(LONGEST + text.len(), 0);
        }
        if let Some(rest) = self.usual_server(origin, piece)
            && text.len() < 0x80
        {
            let rest_at = 3 + text.len();
            room[..3].copy_from_slice(&[self.tag | HAS_SOURCE, text.len() as u8, USUAL as u8]);
            room[3..rest_at].copy_from_slice(text);
            room[rest_at..rest_at + USUAL].copy_from_slice(&rest);
            return rest_at + USUAL;
        }
        let mut out = Writer { bytes: room, size: 0 };
        out.byte(
            self.tag
                | flag(HAS_SOURCE, self.source.is_some())
                | flag(IS_ANCHORED, anchor.is_some()),
        );
        out.number(text.len() as u64);
        // Its length is known when the rest has been written.
        let (length_at, rest_at) = (out.size, out.size + 1 + text.len());
        out.bytes[length_at + 1..rest_at].copy_from_slice(text);
        out.size = rest_at;
        out.id(self.region);
        if let Some(source) = self.source {
            out.image(source);
        }
        out.time(Span { start: origin, end: piece.start }.micros());
        match self.kind {
            BodyKind::Stored { bytes, shared } => {
                out.time(piece.micros());
                out.number(bytes);
                if let Some(shared) = shared {
                    out.image(shared);
                }
            }
            BodyKind::Server { flavor, os, .. } => {
                out.time(piece.micros());
                out.id(flavor);
                out.id(os);
                if let Some(anchor) = anchor {
                    out.moment(anchor);
                }
            }
            BodyKind::Transfer { bytes } => out.number(bytes),
        }
        let size = out.size;
        room[length_at] = (size - rest_at) as u8;
        size
    }

    /// What follows the text of a server's record, if it is as most are: of an image, created where the
    /// piece starts, and of regions, flavors and systems that are few. Then each part has its place.
    #[inline]
    fn usual_server(&self, origin: Instant, piece: Span) -> Option<[u8; USUAL]> {
        let (&BodyKind::Server { flavor, os, created }, Some(source)) = (&self.kind, self.source)
        else {
            return None;
        };
        let [region, flavor, os]: [u32; 3] = [self.region.into(), flavor.into(), os.into()];
        if created != piece.start || region | flavor | os >= 0x80 {
            return None;
        }
        let [a, b, c, d] = u32::from(source).to_le_bytes();
        let start = Span { start: origin, end: piece.start }.micros();
        let [s0, s1, s2, s3, s4, s5, _, _] = start.to_le_bytes();
        let [l0, l1, l2, l3, l4, l5, _, _] = piece.micros().to_le_bytes();
        let [region, flavor, os] = [region as u8, flavor as u8, os as u8];
        Some([region, a, b, c, d, s0, s1, s2, s3, s4, s5, l0, l1, l2, l3, l4, l5, flavor, os])
    }
}

fn flag(bit: u8, is_set: bool) -> u8 {
    if is_set { bit } else { 0 }
}

struct Writer<'a> {
    bytes: &'a mut [u8],
    size: usize,
}

impl Writer<'_> {
    #[inline]
    fn byte(&mut self, byte: u8) {
        self.bytes[self.size] = byte;
        self.size += 1;
    }

    #[inline]
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte((number as u8) | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    #[inline]
    fn id(&mut self, id: impl Into<u32>) {
        self.number(u64::from(id.into()));
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.size + bytes.len();
        self.bytes[self.size..end].copy_from_slice(bytes);
        self.size = end;
    }

    /// There are many images: how long their ids are would be hard to foretell.
    #[inline]
    fn image(&mut self, id: ResourceId) {
        self.put(&u32::from(id).to_le_bytes());
    }

    #[inline]
    fn moment(&mut self, moment: Instant) {
        self.put(&moment.micros().to_le_bytes());
    }

    #[inline]
    fn time(&mut self, micros: u64) {
        self.put(&micros.to_le_bytes()[..TIME_SIZE]);
    }
}
