//! Changes as a log of their own: billed together with the log that they change, they come to what
//! was said.

use crate::advise::{Advice, Change};
use crate::event::{Action, Batch, Event, Origin};
use crate::value::{AccountId, Instant, Names, ResourceId};

/// The events of all changes, in order.
#[must_use]
pub fn log(all: &[Advice], names: &Names) -> Batch {
    let mut batch = Batch::default();
    for change in all.iter().flat_map(|advice| &advice.changes) {
        let mut resource = |image: &str| ResourceId::from(batch.resources.push(image));
        let (at, owner, action) = match change {
            Change::Delete { image, owner, at } => {
                (*at, *owner, Action::ImageDelete { image: resource(image) })
            }
            Change::Share { image, owner, member, at } => {
                (*at, *owner, Action::MemberCreate { image: resource(image), member: *member })
            }
            Change::Unshare { image, owner, member, at } => {
                (*at, *owner, Action::MemberDelete { image: resource(image), member: *member })
            }
        };
        batch.events.push(event(at, owner, action));
    }
    batch.sort(names);
    batch.number_lines();
    batch
}

fn event(time: Instant, owner: AccountId, action: Action) -> Event {
    let origin = Origin { input: 0, line: 0, record: 0 };
    Event { time, actor: Some(owner), id: None, action, origin }
}
