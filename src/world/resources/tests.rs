//! That memory follows what lives.

use super::*;
use crate::event::{Action, Batch, Event, Origin};
use crate::value::{AccountId, FlavorId, OsId, RegionId};
use crate::world::Room;

/// The id of a resource that an event names.
fn named(resources: &mut Resources, text: &str) -> ResourceId {
    let mut batch = Batch::default();
    let server = ResourceId::from(batch.resources.push(text));
    batch.events.push(Event {
        time: Instant::from_micros(0),
        actor: None,
        id: None,
        action: Action::ServerDelete { server },
        origin: Origin { input: 0, line: 1, record: 0 },
    });
    let mut passage = Passage::new(&batch, 0..1, Room::default());
    resources.ids_of(&batch.events[0].action, &mut passage).expect("scratch").0
}

fn server(number: u32) -> Server {
    Server {
        owner: AccountId::from(0),
        region: RegionId::from(0),
        created: Instant::from_micros(0),
        flavor: FlavorId::from(number),
        os: OsId::LINUX,
        booted: Booted::Nothing,
        image_id: ResourceId::from(0),
        is_consumer: false,
        span_start: Instant::from_micros(0),
        is_deleted: false,
        is_used: false,
    }
}

fn end(resources: &mut Resources) {
    resources.settle();
    resources.forget().expect("scratch");
}

#[test]
fn memory_follows_what_lives_and_what_is_gone_is_known_again() {
    let mut resources = Resources::new(Scratch::default());
    for number in 0..200 {
        named(&mut resources, &format!("nothing-{number}"));
        end(&mut resources);
    }
    assert_eq!(resources.id_count(), 1, "what nobody made takes room");
    for number in 0..200 {
        let id = named(&mut resources, &format!("srv-{number}"));
        resources.add_server(id, server(number));
        end(&mut resources);
        resources.change_server(id, |server| server.is_deleted = true);
        resources.passes(id);
        end(&mut resources);
    }
    assert_eq!(resources.id_count(), 1, "servers that are gone take room");
    for number in 0..200 {
        let id = named(&mut resources, &format!("srv-{number}"));
        let known = resources.server(id).expect("it was a server");
        assert_eq!((known.flavor, known.is_deleted), (FlavorId::from(number), true));
        assert_eq!(resources.resource_text(id), format!("srv-{number}"));
        end(&mut resources);
    }
    assert_eq!(resources.id_count(), 1, "what was asked for once takes room");
}
