//! One piece of what an account had in a cycle, as a few bytes.
//!
//! ```text
//! tag, length of the text, length of the rest, text, region, [source image,] start, length,
//! …by kind…
//! ```
//!
//! Ids and sizes are as long as they need to be, seven bits a byte, but for those of images; times are
//! counted from the start of the cycle, which is why six bytes hold them, but for when a server was
//! created.

use crate::value::{AccountId, FlavorId, Instant, OsId, RegionId, ResourceId, Span};
use crate::world::{ServerSpan, StorageKind, StorageSpan, Transfer};

const IMAGE: u8 = 0;
const REIMAGE: u8 = 1;
const OBJECT: u8 = 2;
const SERVER: u8 = 3;
const TRANSFER: u8 = 4;
/// The bits of a tag that hold one of the kinds above.
const KIND: u8 = 0b111;
/// A source image follows.
const HAS_SOURCE: u8 = 0b1000;
/// A server of another account's image.
const IS_CONSUMER: u8 = 0b1_0000;
/// A server that was not created where the piece starts; when follows.
const IS_ANCHORED: u8 = 0b10_0000;
/// An image that had a member; its id follows.
const WAS_SHARED: u8 = 0b100_0000;
/// The only span that a server ever had.
const IS_WHOLE: u8 = 0b1000_0000;

/// The bytes of a time within a cycle.
const TIME_SIZE: usize = 6;
/// The bytes behind the text of a server's record as most are.
const USUAL: usize = 2 * TIME_SIZE + 4 + 3;
/// No record is longer without its text, with a few bytes to spare.
const LONGEST: usize = 96;

/// What is entered, apart from when and the text.
pub(super) struct Body {
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
    pub(super) fn of_storage(stored: &StorageSpan) -> Body {
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

    pub(super) fn of_server(server: &ServerSpan) -> Body {
        let tag = SERVER | flag(IS_CONSUMER, server.is_consumer) | flag(IS_WHOLE, server.is_whole);
        let (flavor, os, created) = (server.flavor, server.os, server.created);
        Body {
            tag,
            region: server.region,
            source: server.source_image,
            kind: BodyKind::Server { flavor, os, created },
        }
    }

    pub(super) fn of_transfer(sent: &Transfer) -> Body {
        let kind = BodyKind::Transfer { bytes: sent.bytes };
        Body { tag: TRANSFER, region: sent.region, source: None, kind }
    }

    /// Writes the record of a piece, which lies in the cycle that starts at `origin`, to the front of
    /// `room`, which grows where it has to; how many bytes it has.
    pub(super) fn write(
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

    /// There are many images: how long their ids are would be hard to foretell.
    #[inline]
    fn image(&mut self, id: ResourceId) {
        let end = self.size + size_of::<u32>();
        self.bytes[self.size..end].copy_from_slice(&u32::from(id).to_le_bytes());
        self.size = end;
    }

    #[inline]
    fn moment(&mut self, moment: Instant) {
        let end = self.size + size_of::<i64>();
        self.bytes[self.size..end].copy_from_slice(&moment.micros().to_le_bytes());
        self.size = end;
    }

    /// The bytes behind its own are written over by what follows.
    #[inline]
    fn time(&mut self, micros: u64) {
        let all = self.size + size_of::<u64>();
        self.bytes[self.size..all].copy_from_slice(&micros.to_le_bytes());
        self.size += TIME_SIZE;
    }
}

/// A record, read. Its resource is what `text` says; the id in the span is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The id of the image, server or object.
    pub text: &'a [u8],
    /// The lasting id of an image that had a member at some time.
    pub shared: Option<ResourceId>,
    /// What it was.
    pub stored: Stored,
}

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// A stored image or object.
    Storage(StorageSpan),
    /// A server, with one flavor, os and image.
    Server(ServerSpan),
    /// Data sent.
    Transfer(Transfer),
}

/// What can be said of a record without reading all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// The id of the image, server or object.
    pub text: &'a [u8],
    /// Whether no other record of its account and cycle is of the same server, or of the same
    /// transfer's resource.
    pub is_alone: bool,
    tag: u8,
    /// Where what follows its text begins.
    rest: usize,
    /// How many bytes that has.
    size: u8,
}

impl Head<'_> {
    /// Where among the bytes of its unit its text begins.
    #[must_use]
    #[inline]
    pub fn text_at(&self) -> usize {
        self.rest - self.text.len()
    }

    /// Whether it is of a server.
    #[must_use]
    #[inline]
    pub fn is_server(&self) -> bool {
        self.tag & KIND == SERVER
    }
}

/// The heads of records that stand one behind the other.
pub(super) fn heads(bytes: &[u8]) -> impl Iterator<Item = Head<'_>> {
    let mut reader = Reader { bytes, at: 0 };
    std::iter::from_fn(move || {
        if reader.at == bytes.len() {
            return None;
        }
        let (tag, text, size) = reader.head();
        let rest = reader.at;
        reader.at += usize::from(size);
        let is_alone = match tag & KIND {
            SERVER => tag & IS_WHOLE != 0,
            kind => kind != TRANSFER,
        };
        Some(Head { text, is_alone, tag, rest, size })
    })
}

/// The span of the server that a head is of, by the id that it is given: most records are servers,
/// and what is put into a [`Record`] is copied from place to place.
#[inline]
pub(super) fn server_of(
    head: &Head<'_>,
    id: ResourceId,
    bytes: &[u8],
    account: AccountId,
    origin: Instant,
) -> ServerSpan {
    let rest = &bytes[head.rest..head.rest + usize::from(head.size)];
    usual_server(head.tag, rest, id, account, origin)
        .unwrap_or_else(|| Reader { bytes: rest, at: 0 }.server(head.tag, id, account, origin))
}

/// The same, if its record is as most are: what [`Body::usual_server`] writes, with or without when it
/// was created behind it.
#[inline]
fn usual_server(
    tag: u8,
    rest: &[u8],
    server: ResourceId,
    account: AccountId,
    origin: Instant,
) -> Option<ServerSpan> {
    let (usual, anchor) = rest.split_first_chunk::<USUAL>()?;
    let &[region, a, b, c, d, s0, s1, s2, s3, s4, s5, l0, l1, l2, l3, l4, l5, flavor, os] = usual;
    if tag & HAS_SOURCE == 0 || (region | flavor | os) >= 0x80 {
        return None;
    }
    let start = i64::from_le_bytes([s0, s1, s2, s3, s4, s5, 0, 0]);
    let length = i64::from_le_bytes([l0, l1, l2, l3, l4, l5, 0, 0]);
    let start = Instant::from_micros(origin.micros() + start);
    let created = match anchor.first_chunk() {
        Some(anchor) => Instant::from_micros(i64::from_le_bytes(*anchor)),
        None => start,
    };
    Some(ServerSpan {
        server,
        account,
        region: RegionId::from(u32::from(region)),
        created,
        flavor: FlavorId::from(u32::from(flavor)),
        os: OsId::from(u32::from(os)),
        source_image: Some(ResourceId::from(u32::from_le_bytes([a, b, c, d]))),
        is_consumer: tag & IS_CONSUMER != 0,
        is_whole: tag & IS_WHOLE != 0,
        span: Span { start, end: Instant::from_micros(start.micros() + length) },
    })
}

/// The record that has this head.
#[inline]
pub(super) fn record_of<'a>(
    head: &Head<'a>,
    bytes: &'a [u8],
    account: AccountId,
    origin: Instant,
) -> Record<'a> {
    let nobody = ResourceId::from(u32::MAX);
    if head.is_server() {
        let server = server_of(head, nobody, bytes, account, origin);
        return Record { text: head.text, shared: None, stored: Stored::Server(server) };
    }
    Reader { bytes, at: head.rest }.record(head.tag, head.text, account, origin)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// The tag, the text, and how many bytes follow.
    #[inline]
    fn head(&mut self) -> (u8, &'a [u8], u8) {
        let tag = self.byte();
        let size = self.number() as usize;
        let rest = self.byte();
        let text = &self.bytes[self.at..self.at + size];
        self.at += size;
        (tag, text, rest)
    }

    /// The rest of a record that is no server's, behind its text.
    #[inline]
    fn record(
        &mut self,
        tag: u8,
        text: &'a [u8],
        account: AccountId,
        origin: Instant,
    ) -> Record<'a> {
        let nobody = ResourceId::from(u32::MAX);
        let mut shared = None;
        let stored = match tag & KIND {
            TRANSFER => {
                let (region, _, at) = self.begin(tag, origin);
                let bytes = self.number();
                Stored::Transfer(Transfer { account, region, resource: nobody, bytes, at })
            }
            kind => {
                let (region, source_image, start) = self.begin(tag, origin);
                let span = Span { start, end: Instant::from_micros(start.micros() + self.time()) };
                let bytes = self.number();
                let was_shared = tag & WAS_SHARED != 0;
                shared = was_shared.then(|| self.image());
                let kind = match kind {
                    IMAGE => StorageKind::Image,
                    REIMAGE => StorageKind::Reimage,
                    _ => StorageKind::Object,
                };
                let resource = nobody;
                Stored::Storage(StorageSpan {
                    resource,
                    account,
                    region,
                    bytes,
                    span,
                    kind,
                    was_shared,
                    source_image,
                })
            }
        };
        Record { text, shared, stored }
    }

    /// What all records have behind their texts: region, source image and start.
    #[inline]
    fn begin(&mut self, tag: u8, origin: Instant) -> (RegionId, Option<ResourceId>, Instant) {
        let region = RegionId::from(self.id());
        let source_image = (tag & HAS_SOURCE != 0).then(|| self.image());
        (region, source_image, Instant::from_micros(origin.micros() + self.time()))
    }

    /// The rest of the record of a server that has this id.
    #[inline]
    fn server(
        &mut self,
        tag: u8,
        server: ResourceId,
        account: AccountId,
        origin: Instant,
    ) -> ServerSpan {
        let (region, source_image, start) = self.begin(tag, origin);
        let span = Span { start, end: Instant::from_micros(start.micros() + self.time()) };
        let (flavor, os) = (FlavorId::from(self.id()), OsId::from(self.id()));
        let is_anchored = tag & IS_ANCHORED != 0;
        let created = if is_anchored { self.moment() } else { start };
        ServerSpan {
            server,
            account,
            region,
            created,
            flavor,
            os,
            source_image,
            is_consumer: tag & IS_CONSUMER != 0,
            span,
            is_whole: tag & IS_WHOLE != 0,
        }
    }

    #[inline]
    fn byte(&mut self) -> u8 {
        let byte = self.bytes[self.at];
        self.at += 1;
        byte
    }

    #[inline]
    fn number(&mut self) -> u64 {
        let first = self.byte();
        if first < 0x80 {
            return u64::from(first);
        }
        self.long_number(first)
    }

    fn long_number(&mut self, first: u8) -> u64 {
        let mut number = u64::from(first & 0x7f);
        let mut shift = 7;
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }

    #[inline]
    fn id(&mut self) -> u32 {
        self.number() as u32
    }

    #[inline]
    fn image(&mut self) -> ResourceId {
        const SIZE: usize = size_of::<u32>();
        let mut id = [0; SIZE];
        id.copy_from_slice(&self.bytes[self.at..self.at + SIZE]);
        self.at += SIZE;
        ResourceId::from(u32::from_le_bytes(id))
    }

    #[inline]
    fn moment(&mut self) -> Instant {
        const SIZE: usize = size_of::<i64>();
        let mut micros = [0; SIZE];
        micros.copy_from_slice(&self.bytes[self.at..self.at + SIZE]);
        self.at += SIZE;
        Instant::from_micros(i64::from_le_bytes(micros))
    }

    #[inline]
    fn time(&mut self) -> i64 {
        let mut micros = [0; 8];
        micros[..TIME_SIZE].copy_from_slice(&self.bytes[self.at..self.at + TIME_SIZE]);
        self.at += TIME_SIZE;
        i64::from_le_bytes(micros)
    }
}
