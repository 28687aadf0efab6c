//! A plan as events, like any other log.

use crate::event::{
    Action, Batch, Event, ImageCreate, MemberStatus, ObjectCreate, Origin, ServerCreate, Visibility,
};
use crate::project::luck::Luck;
use crate::project::plan::{Planner, Running, Sent, Shared, Stored, Tell, Thing, ThingTexts};
use crate::value::{AccountId, Instant, ResourceId};
use crate::world::StorageKind;

/// Writes down what a plan makes happen, as events in no order.
#[derive(Debug)]
pub struct Log<'a> {
    texts: ThingTexts<'a>,
    /// The end of the run: what ends then or later goes on.
    end: Instant,
    /// Which input the events belong to.
    input: u32,
    /// The events, with the texts of their resources.
    pub batch: Batch,
    text: String,
}

/// A plan with every distribution at its mean, as a log in order. `input` is which input it is
/// among those of the run; `tell_more` tells what happens besides.
#[must_use]
pub fn written(planner: &Planner<'_>, input: u32, tell_more: impl FnOnce(&mut Log<'_>)) -> Batch {
    let Planner { scenario, names, run, .. } = *planner;
    let mut log = Log::new(ThingTexts { scenario, names }, run.end, input);
    planner.tell(&Luck::Mean, &mut log);
    tell_more(&mut log);
    let mut batch = log.batch;
    batch.sort(names);
    batch.number_lines();
    batch
}

impl<'a> Log<'a> {
    /// Nothing yet.
    #[must_use]
    pub fn new(texts: ThingTexts<'a>, end: Instant, input: u32) -> Log<'a> {
        Log { texts, end, input, batch: Batch::default(), text: String::new() }
    }

    fn resource(&mut self, thing: Thing<'_>) -> ResourceId {
        self.text.clear();
        // A string takes everything.
        let _ = self.texts.write(&mut self.text, thing);
        ResourceId::from(self.batch.resources.push(&self.text))
    }

    /// A server that was there before is deleted.
    pub fn delete_server(&mut self, owner: AccountId, id: &str, at: Instant) {
        let server = self.resource(Thing::Named(id));
        self.push(at, owner, Action::ServerDelete { server });
    }

    fn push(&mut self, time: Instant, actor: AccountId, action: Action) {
        if time >= self.end {
            return;
        }
        // Rows are numbered when they stand in order.
        let origin = Origin { input: self.input, line: 0, record: 0 };
        self.batch.events.push(Event { time, actor: Some(actor), id: None, action, origin });
    }
}

impl Tell for Log<'_> {
    fn stored(&mut self, stored: &Stored<'_>) {
        let Stored { account: owner, region, bytes, os, labels, span, .. } = *stored;
        let resource = self.resource(stored.thing);
        let source = stored.source.map(|source| self.resource(source));
        let is_object = stored.kind == StorageKind::Object;
        let create = if is_object {
            Action::ObjectCreate(ObjectCreate {
                object: resource,
                owner,
                region,
                source,
                bytes,
                os,
            })
        } else {
            let visibility = Visibility::Private;
            let image = resource;
            Action::ImageCreate(ImageCreate {
                image,
                owner,
                region,
                source,
                bytes,
                os,
                visibility,
                labels,
            })
        };
        self.push(span.start, owner, create);
        if !stored.is_refused {
            let resource = self.resource(stored.thing);
            let delete = if is_object {
                Action::ObjectDelete { object: resource }
            } else {
                Action::ImageDelete { image: resource }
            };
            self.push(span.end, owner, delete);
        }
    }

    fn running(&mut self, running: &Running<'_>) {
        let Running { account: owner, region, flavor, os, span, .. } = *running;
        let server = self.resource(running.thing);
        let source = running.source.map(|source| self.resource(source));
        let create = ServerCreate { server, owner, region, source, flavor, os };
        self.push(span.start, owner, Action::ServerCreate(create));
        if !running.is_refused {
            let server = self.resource(running.thing);
            self.push(span.end, owner, Action::ServerDelete { server });
        }
    }

    fn shared(&mut self, shared: &Shared<'_>) {
        let Shared { owner, member, at, .. } = *shared;
        let image = self.resource(shared.image);
        self.push(at, owner, Action::MemberCreate { image, member });
        let status = MemberStatus::Accepted;
        let image = self.resource(shared.image);
        self.push(at, member, Action::MemberUpdate { image, member, status });
    }

    fn sent(&mut self, sent: &Sent<'_>) {
        let Sent { account, region, bytes, at, .. } = *sent;
        let resource = self.resource(sent.thing);
        self.push(at, account, Action::TransferOut { account, region, resource, bytes });
    }
}
