//! The simulator: applies events in order, keeps what came of them, and tells what was not
//! allowed or cannot be (L).

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::book::Book;
use super::dates::{DAY, Instant};
use super::rules;
use super::text::Event;

/// Something that an image, server or object descends from.
#[derive(Clone)]
pub struct Ancestor {
    /// Its id.
    pub id: String,
    /// Is it an image? Only images matter for who descends from whom.
    pub is_image: bool,
    /// The account that owns it; nobody owns the book's public images.
    pub owner: Option<String>,
    /// Its operating system, as far as known, when the descendant was made.
    pub os: Option<String>,
}

/// One stay of a consumer as an image's member.
pub struct Membership {
    /// The consumer.
    pub member: String,
    /// When the image was shared with it.
    pub from: Instant,
    /// When it was unshared; nothing while it is not.
    pub until: Option<Instant>,
    /// The event (its place in the order) since which the member rejects the image.
    pub rejected_by: Option<usize>,
}

/// An image and all that happened to it.
pub struct Image {
    /// The account that owns it: the producer.
    pub owner: String,
    /// Where it is.
    pub region: String,
    /// Its size.
    pub bytes: BigInt,
    /// When it was stored.
    pub created: Instant,
    /// When it was deleted; nothing while it exists.
    pub deleted: Option<Instant>,
    /// Deactivated images cannot be booted, copied or exported (L05).
    pub is_active: bool,
    /// `private`, `community` or `public`.
    pub visibility: String,
    /// Its own os, else that of what it was made of.
    pub os: Option<String>,
    /// Its labels (L13).
    pub labels: Vec<String>,
    /// What it was made of; nothing where that is not known (L10).
    pub source: Option<String>,
    /// Was it taken of a server?
    pub is_taken_of_server: bool,
    /// All that it descends from, nearest first.
    pub ancestors: Vec<Ancestor>,
    /// All stays of all members, in order.
    pub memberships: Vec<Membership>,
}

impl Image {
    /// Is this account a member now?
    pub fn has_member(&self, account: &str) -> bool {
        self.memberships.iter().any(|stay| stay.member == account && stay.until.is_none())
    }

    /// The present stay of a member.
    fn present_membership(&mut self, member: &str) -> Option<&mut Membership> {
        self.memberships.iter_mut().find(|stay| stay.member == member && stay.until.is_none())
    }
}

/// What a server is from some instant on, until the next change.
#[derive(Clone)]
pub struct ServerState {
    /// The instant.
    pub from: Instant,
    /// Its flavor.
    pub flavor: String,
    /// Its operating system.
    pub os: String,
    /// The image it runs, where there is one that is known.
    pub image: Option<String>,
    /// All that it descends from, nearest first.
    pub ancestors: Vec<Ancestor>,
}

/// A server and all that happened to it.
pub struct Server {
    /// The account that created it, and pays.
    pub owner: String,
    /// Where it is.
    pub region: String,
    /// When it was created: the anchor of its grid (M2).
    pub created: Instant,
    /// When it was deleted; nothing while it exists.
    pub deleted: Option<Instant>,
    /// Its states in order of time; each holds until the next one starts.
    pub states: Vec<ServerState>,
}

impl Server {
    /// The latest state.
    pub fn now(&self) -> &ServerState {
        self.states.last().expect("a server has a state from its creation on")
    }
}

/// An object in Cloud Files.
pub struct Object {
    /// The account that keeps it.
    pub owner: String,
    /// Where it is.
    pub region: String,
    /// Its size.
    pub bytes: BigInt,
    /// When it was created.
    pub created: Instant,
    /// When it was deleted; nothing while it exists.
    pub deleted: Option<Instant>,
    /// Its own os, else that of what it was made of.
    pub os: Option<String>,
    /// What it was made of; nothing where that is not known (L10).
    pub source: Option<String>,
    /// All that it descends from, nearest first.
    pub ancestors: Vec<Ancestor>,
}

/// One finding, told at one event.
pub struct Finding {
    /// `L01` to `L15`.
    pub code: &'static str,
    /// The event's place in the order.
    pub event: usize,
}

/// All that came of the events.
#[derive(Default)]
pub struct World {
    /// Images by id.
    pub images: BTreeMap<String, Image>,
    /// Servers by id.
    pub servers: BTreeMap<String, Server>,
    /// Objects by id.
    pub objects: BTreeMap<String, Object>,
    /// The `transfer.out` events that were applied.
    pub transfers: Vec<Event>,
    /// All findings, in the order of events, then by code.
    pub findings: Vec<Finding>,
}

/// Is this a finding that sets the event aside under `--policy enforce`?
pub fn is_error(code: &str) -> bool {
    !matches!(code, "L10" | "L11" | "L12" | "L13")
}

/// An optional text from a field that may be empty.
fn non_empty(field: &str) -> Option<String> {
    (!field.is_empty()).then(|| field.to_string())
}

/// Applies all events that happen before the end of the run.
pub fn simulate(events: &[Event], book: &Book, end: Instant, enforce: bool) -> World {
    let mut world = World::default();
    let mut first_with_id: BTreeMap<&str, &Event> = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        if event.time >= end {
            continue;
        }
        if let Some(first) = first_with_id.get(event.id.as_str()) {
            if !first.says_the_same_as(event) {
                world.findings.push(Finding { code: "L15", event: place });
            }
            continue;
        }
        if !event.id.is_empty() {
            first_with_id.insert(&event.id, event);
        }
        if rules::is_impossible(&world, event) {
            world.findings.push(Finding { code: "L14", event: place });
            continue;
        }
        let broken = rules::broken_rules(&world, book, event);
        let is_refused = enforce && broken.iter().any(|code| is_error(code));
        world.findings.extend(broken.into_iter().map(|code| Finding { code, event: place }));
        if !is_refused {
            world.apply(book, place, event);
        }
    }
    world.tell_stale_members(events, book, end);
    world.findings.sort_by_key(|finding| (finding.event, finding.code));
    world
}

impl World {
    /// Was anything with this id created in the input?
    pub fn was_created(&self, id: &str) -> bool {
        self.images.contains_key(id)
            || self.servers.contains_key(id)
            || self.objects.contains_key(id)
    }

    /// The input's image that an event's `source` names.
    pub fn source_image(&self, event: &Event) -> Option<&Image> {
        self.images.get(&event.source)
    }

    /// L10: does `source` name something that this event can be made from? An image may be made
    /// from anything; servers and objects are made from images only.
    pub fn source_is_known(&self, book: &Book, event: &Event) -> bool {
        if self.images.contains_key(&event.source) || book.is_public_image(&event.source) {
            return true;
        }
        event.event == "image.create" && self.was_created(&event.source)
    }

    /// What is made from an event's source descends from this: the source, and all that the source
    /// itself descends from at that instant. Nothing, if the source is not known (L10).
    pub fn lineage_of_source(&self, book: &Book, event: &Event) -> Vec<Ancestor> {
        let id = &event.source;
        if id.is_empty() || !self.source_is_known(book, event) {
            return Vec::new();
        }
        let mut lineage = vec![self.look_up(id).0];
        lineage.extend(self.ancestors_of(id));
        lineage
    }

    /// The event's source, if it is known (L10).
    fn known_source(&self, book: &Book, event: &Event) -> Option<String> {
        self.lineage_of_source(book, event).first().map(|ancestor| ancestor.id.clone())
    }

    /// L11: all that an image descends from, nearest first, as servers are *now*: a server on the
    /// way leads to the image that it runs at this instant, even if it was rebuilt since the image
    /// was taken of it. Case 10-random-104 wants it so; everything else uses the ancestors as they
    /// were when the image was made.
    pub fn ancestors_of_image_now(&self, image: &Image) -> Vec<Ancestor> {
        let mut ancestors: Vec<Ancestor> = Vec::new();
        let mut next = image.source.clone();
        while let Some(id) = next {
            if ancestors.iter().any(|ancestor| ancestor.id == id) {
                break;
            }
            let (ancestor, source) = self.look_up(&id);
            ancestors.push(ancestor);
            next = source;
        }
        ancestors
    }

    /// What an id is at this instant, and the id of what it was made of (of a server: of the image
    /// that it runs). What is none of the input's things is one of the book's public images.
    fn look_up(&self, id: &str) -> (Ancestor, Option<String>) {
        let (is_image, owner, os, source) = if let Some(image) = self.images.get(id) {
            (true, Some(image.owner.clone()), image.os.clone(), image.source.clone())
        } else if let Some(server) = self.servers.get(id) {
            let state = server.now().clone();
            (false, Some(server.owner.clone()), Some(state.os), state.image)
        } else if let Some(object) = self.objects.get(id) {
            (false, Some(object.owner.clone()), object.os.clone(), object.source.clone())
        } else {
            (true, None, None, None)
        };
        (Ancestor { id: id.to_string(), is_image, owner, os }, source)
    }

    /// All that something with this id descends from at this instant, nearest first.
    fn ancestors_of(&self, id: &str) -> Vec<Ancestor> {
        if let Some(image) = self.images.get(id) {
            image.ancestors.clone()
        } else if let Some(server) = self.servers.get(id) {
            server.now().ancestors.clone()
        } else if let Some(object) = self.objects.get(id) {
            object.ancestors.clone()
        } else {
            Vec::new()
        }
    }

    /// An image's or object's os: its own, else that of what it is made of.
    pub fn os_of_creation(&self, book: &Book, event: &Event) -> Option<String> {
        let of_source = || self.lineage_of_source(book, event).first()?.os.clone();
        non_empty(&event.os).or_else(of_source)
    }

    /// Carries out one event that is possible, and allowed or not to be refused.
    fn apply(&mut self, book: &Book, place: usize, event: &Event) {
        match event.event.as_str() {
            "image.create" => self.create_image(book, event),
            "object.create" => self.create_object(book, event),
            "server.create" => self.create_server(book, event),
            "server.resize" => self.change_server(event, |state| {
                state.flavor = event.flavor.clone();
            }),
            "server.rebuild" => self.rebuild_server(book, event),
            "server.delete" => {
                if let Some(server) = self.servers.get_mut(&event.resource) {
                    server.deleted = Some(event.time);
                }
            }
            "object.delete" => {
                if let Some(object) = self.objects.get_mut(&event.resource) {
                    object.deleted = Some(event.time);
                }
            }
            "transfer.out" => self.transfers.push(event.clone()),
            _ => {
                if let Some(image) = self.images.get_mut(&event.resource) {
                    change_image(image, place, event);
                }
            }
        }
    }

    /// `image.create`.
    fn create_image(&mut self, book: &Book, event: &Event) {
        let image = Image {
            owner: event.account.clone(),
            region: event.region.clone(),
            bytes: event.bytes.clone(),
            created: event.time,
            deleted: None,
            is_active: true,
            visibility: event.visibility.clone(),
            os: self.os_of_creation(book, event),
            labels: event.labels.clone(),
            source: self.known_source(book, event),
            is_taken_of_server: self.servers.contains_key(&event.source),
            ancestors: self.lineage_of_source(book, event),
            memberships: Vec::new(),
        };
        self.images.insert(event.resource.clone(), image);
    }

    /// `object.create`.
    fn create_object(&mut self, book: &Book, event: &Event) {
        let object = Object {
            owner: event.account.clone(),
            region: event.region.clone(),
            bytes: event.bytes.clone(),
            created: event.time,
            deleted: None,
            os: self.os_of_creation(book, event),
            source: self.known_source(book, event),
            ancestors: self.lineage_of_source(book, event),
        };
        self.objects.insert(event.resource.clone(), object);
    }

    /// `server.create`.
    fn create_server(&mut self, book: &Book, event: &Event) {
        let ancestors = self.lineage_of_source(book, event);
        let own_os = non_empty(&event.os);
        let state = ServerState {
            from: event.time,
            flavor: event.flavor.clone(),
            os: os_of_server(&own_os, &ancestors),
            image: ancestors.first().map(|image| image.id.clone()),
            ancestors,
        };
        let server = Server {
            owner: event.account.clone(),
            region: event.region.clone(),
            created: event.time,
            deleted: None,
            states: vec![state],
        };
        self.servers.insert(event.resource.clone(), server);
    }

    /// `server.rebuild`: another image from this instant on, and so perhaps another os (C5). The os
    /// that the server's creation named is gone; only one that the rebuild itself names counts.
    fn rebuild_server(&mut self, book: &Book, event: &Event) {
        let ancestors = self.lineage_of_source(book, event);
        let own_os = non_empty(&event.os);
        self.change_server(event, |state| {
            state.os = os_of_server(&own_os, &ancestors);
            state.image = ancestors.first().map(|image| image.id.clone());
            state.ancestors = ancestors;
        });
    }

    /// Gives a server a new state from an event on: the latest one with a change.
    fn change_server(&mut self, event: &Event, change: impl FnOnce(&mut ServerState)) {
        if let Some(server) = self.servers.get_mut(&event.resource) {
            let mut state = server.now().clone();
            state.from = event.time;
            change(&mut state);
            server.states.push(state);
        }
    }

    /// L12: at the end of the run an existing image still has a member that rejected it long ago.
    fn tell_stale_members(&mut self, events: &[Event], book: &Book, end: Instant) {
        let Some(days) = book.policy.stale_member_days else { return };
        for image in self.images.values().filter(|image| image.deleted.is_none()) {
            for stay in image.memberships.iter().filter(|stay| stay.until.is_none()) {
                let Some(event) = stay.rejected_by else { continue };
                if end - events[event].time >= days * DAY {
                    self.findings.push(Finding { code: "L12", event });
                }
            }
        }
    }
}

/// A server's os: its own, else its image's, else `linux`.
fn os_of_server(own_os: &Option<String>, ancestors: &[Ancestor]) -> String {
    let of_image = || ancestors.first()?.os.clone();
    own_os.clone().or_else(of_image).unwrap_or_else(|| "linux".to_string())
}

/// Carries out an event on an image that exists.
fn change_image(image: &mut Image, place: usize, event: &Event) {
    match event.event.as_str() {
        "image.delete" => image.deleted = Some(event.time),
        "image.update" => image.visibility = event.visibility.clone(),
        "image.deactivate" => image.is_active = false,
        "image.reactivate" => image.is_active = true,
        "image.member.create" if !image.has_member(&event.member) => {
            let (member, from) = (event.member.clone(), event.time);
            image.memberships.push(Membership { member, from, until: None, rejected_by: None });
        }
        "image.member.update" => {
            if let Some(stay) = image.present_membership(&event.member) {
                if event.status != "rejected" {
                    stay.rejected_by = None;
                } else if stay.rejected_by.is_none() {
                    stay.rejected_by = Some(place);
                }
            }
        }
        "image.member.delete" => {
            if let Some(stay) = image.present_membership(&event.member) {
                stay.until = Some(event.time);
            }
        }
        _ => {}
    }
}
