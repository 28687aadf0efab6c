//! Events as bytes, for scratch files: what [`write()`] writes, [`read()`] reads back.

use crate::event::{
    Action, Batch, Event, ImageCreate, MemberStatus, ObjectCreate, Origin, ServerCreate, Visibility,
};
use crate::value::{EventId, Instant, ResourceId};

/// What stands where there is nothing.
const NONE: u32 = u32::MAX;

/// Appends what an event says: all but its id and where it was read.
pub(super) fn write_content(event: &Event, batch: &Batch, out: &mut Vec<u8>) {
    put_long(out, event.time.micros().cast_unsigned());
    put_optional(out, event.actor);
    put_text(out, batch.resource(event.action.resource()));
    let source = event.action.source();
    out.push(u8::from(source.is_some()));
    if let Some(source) = source {
        put_text(out, batch.resource(source));
    }
    match event.action {
        Action::ImageCreate(create) => {
            out.push(0);
            put(out, create.owner.into());
            put(out, create.region.into());
            put_long(out, create.bytes);
            put_optional(out, create.os);
            out.push(create.visibility as u8);
            put_optional(out, create.labels);
        }
        Action::ImageUpdate { visibility, .. } => out.extend([1, visibility as u8]),
        Action::ImageDelete { .. } => out.push(2),
        Action::ImageDeactivate { .. } => out.push(3),
        Action::ImageReactivate { .. } => out.push(4),
        Action::MemberCreate { member, .. } => {
            out.push(5);
            put(out, member.into());
        }
        Action::MemberUpdate { member, status, .. } => {
            out.extend([6, status as u8]);
            put(out, member.into());
        }
        Action::MemberDelete { member, .. } => {
            out.push(7);
            put(out, member.into());
        }
        Action::ServerCreate(create) => {
            out.push(8);
            put(out, create.owner.into());
            put(out, create.region.into());
            put(out, create.flavor.into());
            put_optional(out, create.os);
        }
        Action::ServerResize { flavor, .. } => {
            out.push(9);
            put(out, flavor.into());
        }
        Action::ServerRebuild { os, .. } => {
            out.push(10);
            put_optional(out, os);
        }
        Action::ServerDelete { .. } => out.push(11),
        Action::ObjectCreate(create) => {
            out.push(12);
            put(out, create.owner.into());
            put(out, create.region.into());
            put_long(out, create.bytes);
            put_optional(out, create.os);
        }
        Action::ObjectDelete { .. } => out.push(13),
        Action::TransferOut { account, region, bytes, .. } => {
            out.push(14);
            put(out, account.into());
            put(out, region.into());
            put_long(out, bytes);
        }
    }
}

/// Appends an event.
pub(super) fn write(event: &Event, batch: &Batch, out: &mut Vec<u8>) {
    write_content(event, batch, out);
    out.push(u8::from(event.id.is_some()));
    if let Some(id) = event.id {
        put_text(out, batch.id(id));
    }
    put(out, event.origin.input);
    put_long(out, event.origin.line);
    put_long(out, event.origin.record);
}

/// Reads an event into a batch; the bytes after it.
///
/// # Panics
/// Where they are not what [`write()`] wrote.
pub(super) fn read<'a>(bytes: &'a [u8], batch: &mut Batch) -> &'a [u8] {
    let mut bytes = Bytes { rest: bytes };
    let time = Instant::from_micros(bytes.long().cast_signed());
    let actor = bytes.optional();
    let resource = ResourceId::from(batch.resources.push(bytes.text()));
    let has_source = bytes.byte() == 1;
    let source = has_source.then(|| ResourceId::from(batch.resources.push(bytes.text())));
    let action = action(&mut bytes, resource, source);
    let has_id = bytes.byte() == 1;
    let id = has_id.then(|| EventId::from(batch.ids.push(bytes.text())));
    let origin = Origin { input: bytes.short(), line: bytes.long(), record: bytes.long() };
    batch.events.push(Event { time, actor, id, action, origin });
    bytes.rest
}

fn action(bytes: &mut Bytes<'_>, resource: ResourceId, source: Option<ResourceId>) -> Action {
    let image = resource;
    match bytes.byte() {
        0 => Action::ImageCreate(ImageCreate {
            image,
            owner: bytes.short().into(),
            region: bytes.short().into(),
            source,
            bytes: bytes.long(),
            os: bytes.optional(),
            visibility: bytes.visibility(),
            labels: bytes.optional(),
        }),
        1 => Action::ImageUpdate { image, visibility: bytes.visibility() },
        2 => Action::ImageDelete { image },
        3 => Action::ImageDeactivate { image },
        4 => Action::ImageReactivate { image },
        5 => Action::MemberCreate { image, member: bytes.short().into() },
        6 => {
            let status = match bytes.byte() {
                0 => MemberStatus::Pending,
                1 => MemberStatus::Accepted,
                _ => MemberStatus::Rejected,
            };
            Action::MemberUpdate { image, member: bytes.short().into(), status }
        }
        7 => Action::MemberDelete { image, member: bytes.short().into() },
        8 => Action::ServerCreate(ServerCreate {
            server: resource,
            owner: bytes.short().into(),
            region: bytes.short().into(),
            source,
            flavor: bytes.short().into(),
            os: bytes.optional(),
        }),
        9 => Action::ServerResize { server: resource, flavor: bytes.short().into() },
        10 => Action::ServerRebuild {
            server: resource,
            source: source.expect("invariant: a rebuild has a source"),
            os: bytes.optional(),
        },
        11 => Action::ServerDelete { server: resource },
        12 => Action::ObjectCreate(ObjectCreate {
            object: resource,
            owner: bytes.short().into(),
            region: bytes.short().into(),
            source,
            bytes: bytes.long(),
            os: bytes.optional(),
        }),
        13 => Action::ObjectDelete { object: resource },
        _ => Action::TransferOut {
            account: bytes.short().into(),
            region: bytes.short().into(),
            resource,
            bytes: bytes.long(),
        },
    }
}

fn put(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_long(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_optional<K: Into<u32>>(out: &mut Vec<u8>, name: Option<K>) {
    put(out, name.map_or(NONE, Into::into));
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u32);
    out.extend_from_slice(text.as_bytes());
}

/// Bytes that [`write()`] wrote.
struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn short(&mut self) -> u32 {
        let (number, rest) = self.rest.split_first_chunk().expect("invariant: written by `write`");
        self.rest = rest;
        u32::from_le_bytes(*number)
    }

    fn long(&mut self) -> u64 {
        let (number, rest) = self.rest.split_first_chunk().expect("invariant: written by `write`");
        self.rest = rest;
        u64::from_le_bytes(*number)
    }

    fn optional<K: From<u32>>(&mut self) -> Option<K> {
        Some(self.short()).filter(|number| *number != NONE).map(K::from)
    }

    fn visibility(&mut self) -> Visibility {
        match self.byte() {
            0 => Visibility::Private,
            1 => Visibility::Community,
            _ => Visibility::Public,
        }
    }

    fn text(&mut self) -> &'a str {
        let length = self.short() as usize;
        std::str::from_utf8(self.take(length)).expect("invariant: written from a text")
    }
}
