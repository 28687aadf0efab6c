//! What is remembered of a resource that is gone and that nothing was made of: enough to say what
//! an event on it, or with it as its source, means.

use crate::event::Visibility;
use crate::value::{AccountId, FlavorId, Instant, OsId, RegionId, ResourceId};
use crate::world::image::{Image, Origin};
use crate::world::node::{Ancestor, Booted, Node, Object, Server};
use crate::world::resources::Resources;

/// A resource that is gone.
pub(super) enum Gone {
    Image(Image),
    Server(Server),
    Object(Object),
}

/// When something began or ended that is gone: all of it has been told.
const PAST: Instant = Instant::from_micros(0);
/// What stands where there is nothing.
const NONE: u32 = u32::MAX;

/// Writes what has to be remembered of a resource.
pub(super) fn write(resources: &Resources, node: Node, entry: &mut Vec<u8>) {
    entry.clear();
    match node {
        Node::Image(place) => {
            let image = &resources.images[place];
            entry.push(b'i');
            put(entry, image.owner.into());
            put(entry, image.region.into());
            put_optional(entry, image.os);
            put_optional(entry, image.barred_os);
            put(entry, image.visibility as u32);
            let (kinds, numbers) = image.origin().to_numbers();
            put(entry, kinds.into());
            numbers.into_iter().for_each(|number| put(entry, number));
        }
        Node::Server(id) => {
            let server = resources.server(id).expect("invariant: a node is what it says");
            entry.push(b's');
            put(entry, server.flavor.into());
            put(entry, server.os.into());
            let kind = match server.booted {
                Booted::Nothing => 0,
                Booted::Image => 1,
                Booted::Public => 2,
            };
            put(entry, kind);
            put(entry, server.image_id.into());
        }
        Node::Object(place) => {
            let object = &resources.objects[place];
            entry.push(b'o');
            put(entry, object.owner.into());
            put(entry, object.region.into());
            put_optional(entry, object.os);
            put_optional(entry, object.barred_os);
            put_ancestor(entry, object.parent);
        }
    }
}

/// Reads what [`write()`] wrote about the resource that has this id now.
pub(super) fn read(entry: &[u8], id: ResourceId) -> Gone {
    let (kind, numbers) = entry.split_first().expect("invariant: written by `write`");
    let mut fields = Fields { numbers };
    match kind {
        b'i' => {
            let (owner, region) = (AccountId::from(fields.next()), RegionId::from(fields.next()));
            let mut image = Image::new(id, owner, region, PAST);
            image.delete(PAST);
            image.os = fields.optional();
            image.barred_os = fields.optional();
            image.visibility = match fields.next() {
                0 => Visibility::Private,
                1 => Visibility::Community,
                _ => Visibility::Public,
            };
            let kinds = fields.next() as u8;
            let numbers = [fields.next(), fields.next(), fields.next()];
            Gone::Image(image.made_of(Origin::from_numbers(kinds, numbers)))
        }
        b's' => Gone::Server(Server {
            // Nobody pays for what is gone.
            owner: AccountId::from(NONE),
            region: RegionId::from(NONE),
            created: PAST,
            flavor: FlavorId::from(fields.next()),
            os: OsId::from(fields.next()),
            booted: match fields.next() {
                0 => Booted::Nothing,
                1 => Booted::Image,
                _ => Booted::Public,
            },
            image_id: fields.next().into(),
            is_consumer: false,
            span_start: PAST,
            is_deleted: true,
            is_used: false,
        }),
        _ => Gone::Object(Object {
            id,
            owner: fields.next().into(),
            region: fields.next().into(),
            bytes: 0,
            os: fields.optional(),
            barred_os: fields.optional(),
            parent: fields.ancestor(),
            created: PAST,
            is_deleted: true,
        }),
    }
}

/// Writes a number, seven bits a byte; [`NONE`] is as short as 0.
fn put(entry: &mut Vec<u8>, number: u32) {
    let mut number = number.wrapping_add(1);
    while number >= 0x80 {
        entry.push((number as u8) | 0x80);
        number >>= 7;
    }
    entry.push(number as u8);
}

fn put_optional(entry: &mut Vec<u8>, os: Option<OsId>) {
    put(entry, os.map_or(NONE, u32::from));
}

fn put_ancestor(entry: &mut Vec<u8>, ancestor: Option<Ancestor>) {
    let (kind, number) = match ancestor {
        None => (0, NONE),
        Some(Ancestor::Image(place)) => (1, place),
        Some(Ancestor::Public(id)) => (2, id.into()),
    };
    put(entry, kind);
    put(entry, number);
}

/// Numbers, one after the other.
struct Fields<'a> {
    numbers: &'a [u8],
}

impl Fields<'_> {
    fn next(&mut self) -> u32 {
        let (mut number, mut shift) = (0_u32, 0);
        loop {
            let (byte, rest) = self.numbers.split_first().expect("invariant: written by `write`");
            self.numbers = rest;
            number |= u32::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return number.wrapping_sub(1);
            }
            shift += 7;
        }
    }

    fn optional(&mut self) -> Option<OsId> {
        Some(self.next()).filter(|number| *number != NONE).map(OsId::from)
    }

    fn ancestor(&mut self) -> Option<Ancestor> {
        match (self.next(), self.next()) {
            (0, _) => None,
            (1, place) => Some(Ancestor::Image(place)),
            (_, id) => Some(Ancestor::Public(id.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_come_back_as_they_were_put() {
        let numbers = [0, 1, 126, 127, 128, 16_382, 16_383, 16_384, 2_097_151, u32::MAX - 1, NONE];
        let mut bytes = Vec::new();
        for number in numbers {
            put(&mut bytes, number);
        }
        let mut fields = Fields { numbers: &bytes };
        assert_eq!(numbers.map(|_| fields.next()), numbers);
        assert!(fields.numbers.is_empty());
    }
}
