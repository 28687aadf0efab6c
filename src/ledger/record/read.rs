//! Bytes to records.

use crate::ledger::record::{
    HAS_SOURCE, Head, IMAGE, IS_ANCHORED, IS_CONSUMER, IS_WHOLE, KIND, REIMAGE, Record, SERVER,
    Stored, TIME_SIZE, TRANSFER, USUAL, WAS_SHARED,
};
use crate::value::{AccountId, FlavorId, Instant, OsId, RegionId, ResourceId, Span};
use crate::world::{ServerSpan, StorageKind, StorageSpan, Transfer};

/// The heads of records that stand one behind the other.
pub(in crate::ledger) fn heads(bytes: &[u8]) -> impl Iterator<Item = Head<'_>> {
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
pub(in crate::ledger) fn server_of(
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

/// The same, if its record is as most are: what [`Body`](super::Body) writes, with or without when it
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
pub(in crate::ledger) fn record_of<'a>(
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

    /// The next bytes, as many as somebody wants.
    #[inline]
    fn next<const SIZE: usize>(&mut self) -> [u8; SIZE] {
        let mut next = [0; SIZE];
        next.copy_from_slice(&self.bytes[self.at..self.at + SIZE]);
        self.at += SIZE;
        next
    }

    #[inline]
    fn image(&mut self) -> ResourceId {
        ResourceId::from(u32::from_le_bytes(self.next()))
    }

    #[inline]
    fn moment(&mut self) -> Instant {
        Instant::from_micros(i64::from_le_bytes(self.next()))
    }

    #[inline]
    fn time(&mut self) -> i64 {
        let [a, b, c, d, e, f]: [u8; TIME_SIZE] = self.next();
        i64::from_le_bytes([a, b, c, d, e, f, 0, 0])
    }
}
