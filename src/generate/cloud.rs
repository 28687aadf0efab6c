//! A cloud that lives: accounts, families of images, servers, and what comes of them later.

use crate::generate::dice::{Dice, Weighted};
use crate::generate::shape::{
    CONSUMER_COUNTS, DAY, Flavor, HOUR, IMAGE_SIZES, SERVER_LIFETIMES, TRANSFER_SIZES,
    hourly_weights,
};
use crate::generate::{Happening, Kind, Plan, Resource};
use crate::value::Instant;

/// How many of the provider's own images there are.
const BASE_IMAGES: u64 = 4;
/// How many versions of an image family are kept.
const VERSIONS_KEPT: usize = 3;
/// How many images taken of one server are kept.
const REIMAGES_KEPT: usize = 5;

/// A generated cloud, at some hour of its life.
#[derive(Debug)]
pub struct Cloud {
    plan: Plan,
    dice: Dice,
    by_size: Weighted,
    families: Vec<Family>,
    /// For each account the families it may boot.
    usable: Vec<Vec<u32>>,
    servers: Vec<Server>,
    image_count: u32,
    /// What will happen, by the hour it falls in.
    later: Vec<Vec<Later>>,
    /// Up to which row the log has come at the end of each hour.
    row_goals: Vec<u64>,
    /// The families that had a release in this hour.
    released: Vec<u32>,
    hour: usize,
    rows: u64,
}

/// Images with one producer and one purpose, released again and again.
#[derive(Debug)]
struct Family {
    owner: u32,
    region: u8,
    os: u8,
    bytes: u64,
    release_every: u64,
    consumers: Vec<u32>,
    /// The living versions, oldest first.
    versions: Vec<u32>,
    /// The version that others boot: the newest at the end of the hour before.
    current: Option<u32>,
}

#[derive(Debug)]
struct Server {
    owner: u32,
    region: u8,
    os: u8,
    flavor: Flavor,
    family: Option<u32>,
    ends: u64,
    /// The living images taken of it, oldest first.
    reimages: Vec<u32>,
}

/// Something that has been decided and will happen.
#[derive(Debug, Clone, Copy)]
struct Later {
    time: u64,
    what: Future,
}

#[derive(Debug, Clone, Copy)]
enum Future {
    Release(u32),
    Resize(u32),
    Rebuild(u32),
    Reimage(u32),
    DeleteServer(u32),
    DeleteImage { image: u32, owner: u32 },
}

impl Cloud {
    /// An empty cloud.
    #[must_use]
    pub fn new(plan: Plan) -> Cloud {
        let weights = hourly_weights(plan.months);
        let whole: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        let mut so_far: u128 = 0;
        let row_goals = weights
            .iter()
            .map(|weight| {
                so_far += u128::from(*weight);
                (u128::from(plan.rows) * so_far / whole) as u64
            })
            .collect();
        let mut cloud = Cloud {
            plan,
            dice: Dice::new(plan.seed),
            by_size: Weighted::zipf(plan.accounts),
            families: Vec::new(),
            usable: vec![Vec::new(); plan.accounts as usize],
            servers: Vec::new(),
            image_count: 0,
            later: vec![Vec::new(); weights.len()],
            row_goals,
            released: Vec::new(),
            hour: 0,
            rows: 0,
        };
        cloud.found_families();
        cloud
    }

    /// Fills `happenings` with the next hour, in order of time; `false` when the log is over.
    pub fn next_hour(&mut self, happenings: &mut Vec<Happening>) -> bool {
        happenings.clear();
        if self.hour >= self.row_goals.len() {
            return false;
        }
        let mut due = std::mem::take(&mut self.later[self.hour]);
        let mut next = 0;
        // Something may be decided for later in this same hour.
        while next < due.len() {
            self.happen(due[next], happenings);
            next += 1;
            due.append(&mut self.later[self.hour]);
        }
        let goal = self.row_goals[self.hour];
        while self.rows + (happenings.len() as u64) < goal {
            self.act(happenings);
            let mut at_once = std::mem::take(&mut self.later[self.hour]);
            for later in at_once.drain(..) {
                self.happen(later, happenings);
            }
        }
        self.make_current();
        happenings.sort_by_key(|happening| happening.time);
        happenings.truncate(usize::try_from(self.plan.rows - self.rows).unwrap_or(usize::MAX));
        self.rows += happenings.len() as u64;
        self.hour += 1;
        true
    }

    /// Families are there from the first two weeks on.
    fn found_families(&mut self) {
        let wanted = u64::from(self.plan.accounts / 3).min(self.plan.rows / 2000) + 1;
        for family in 0..wanted as u32 {
            let owner = self.by_size.draw(&mut self.dice);
            let consumer_count = self.dice.by_quantiles(&CONSUMER_COUNTS);
            let mut consumers: Vec<u32> =
                (0..consumer_count).map(|_| self.by_size.draw(&mut self.dice)).collect();
            consumers.sort_unstable();
            consumers.dedup();
            consumers.retain(|consumer| *consumer != owner);
            let os = if self.dice.permille(80) { self.dice.between(1, 2) as u8 } else { 0 };
            let release_every = self.dice.between(7, 35) * DAY;
            let region = self.dice.below(3) as u8;
            let bytes = self.dice.by_quantiles(&IMAGE_SIZES);
            self.families.push(Family {
                owner,
                region,
                os,
                bytes,
                release_every,
                consumers,
                versions: Vec::new(),
                current: None,
            });
            let hours = (14 * 24).min(self.later.len() as u64 / 4).max(1);
            // Early enough in the hour for all shares to fall into it.
            let first = self.dice.below(hours) * HOUR + self.dice.below(HOUR / 2);
            self.plan_later(first, Future::Release(family));
        }
    }

    /// What was released in this hour can be booted from the next on.
    fn make_current(&mut self) {
        for number in std::mem::take(&mut self.released) {
            let family = &mut self.families[number as usize];
            if family.current.is_none() {
                for account in family.consumers.iter().chain([&family.owner]) {
                    self.usable[*account as usize].push(number);
                }
            }
            family.current = family.versions.last().copied();
        }
    }

    fn plan_later(&mut self, time: u64, what: Future) {
        if let Some(hour) = self.later.get_mut((time / HOUR) as usize) {
            hour.push(Later { time, what });
        }
    }

    fn tell(
        &self,
        time: u64,
        account: u32,
        resource: Resource,
        kind: Kind,
        happenings: &mut Vec<Happening>,
    ) {
        let time = Instant::from_micros(self.plan.start.micros() + time.cast_signed());
        happenings.push(Happening { time, kind, account, resource });
    }

    /// Somebody does something of their own accord.
    fn act(&mut self, happenings: &mut Vec<Happening>) {
        let time = self.hour as u64 * HOUR + self.dice.below(HOUR);
        let account = self.by_size.draw(&mut self.dice);
        if self.dice.permille(60) {
            let region = (account % 3) as u8;
            let bytes = self.dice.by_quantiles(&TRANSFER_SIZES);
            let resource = Resource::Base(0);
            self.tell(time, account, resource, Kind::TransferOut { region, bytes }, happenings);
        } else {
            self.create_server(time, account, happenings);
        }
    }

    fn create_server(&mut self, time: u64, account: u32, happenings: &mut Vec<Happening>) {
        let usable = &self.usable[account as usize];
        let family = match usable.len() as u64 {
            0 => None,
            count => (!self.dice.permille(250)).then(|| usable[self.dice.below(count) as usize]),
        };
        let chosen = family.map(|family| &self.families[family as usize]);
        let (source, region, os) = match chosen.and_then(|f| Some((f.current?, f.region, f.os))) {
            Some((image, region, os)) => (Resource::Image(image), region, os),
            None => {
                let base = self.dice.below(BASE_IMAGES) as u8;
                (Resource::Base(base), (account % 3) as u8, 0)
            }
        };
        let flavor = Flavor::drawn(self.dice.below(16), os);
        let number = self.servers.len() as u32;
        let ends = time + self.dice.by_quantiles(&SERVER_LIFETIMES);
        let reimages = Vec::new();
        self.servers.push(Server { owner: account, region, os, flavor, family, ends, reimages });
        let kind = Kind::ServerCreate { region, source, flavor };
        self.tell(time, account, Resource::Server(number), kind, happenings);
        self.plan_life(number, time, ends);
    }

    /// Decides what becomes of a new server.
    fn plan_life(&mut self, server: u32, begins: u64, ends: u64) {
        let lifetime = ends - begins;
        self.plan_later(ends, Future::DeleteServer(server));
        if lifetime < 2 * HOUR {
            return;
        }
        if self.dice.permille(60) {
            let time = begins + HOUR + self.dice.below(lifetime - HOUR);
            self.plan_later(time, Future::Resize(server));
        }
        if self.dice.permille(60) {
            let time = begins + HOUR + self.dice.below(lifetime - HOUR);
            self.plan_later(time, Future::Rebuild(server));
        }
        let flavor = self.servers[server as usize].flavor;
        if lifetime > DAY && flavor.is_imageable() && self.dice.permille(150) {
            self.plan_later(begins + DAY, Future::Reimage(server));
        }
    }

    /// Something that was decided happens.
    fn happen(&mut self, later: Later, happenings: &mut Vec<Happening>) {
        let time = later.time;
        match later.what {
            Future::Release(family) => self.release(family, time, happenings),
            Future::Resize(number) => {
                let flavor = Flavor::drawn(self.dice.below(16), self.servers[number as usize].os);
                let server = &mut self.servers[number as usize];
                // A server that is imaged stays imageable.
                if time < server.ends && flavor.is_imageable() {
                    server.flavor = flavor;
                    let (owner, kind) = (server.owner, Kind::ServerResize { flavor });
                    self.tell(time, owner, Resource::Server(number), kind, happenings);
                }
            }
            Future::Rebuild(number) => self.rebuild(number, time, happenings),
            Future::Reimage(number) => self.reimage(number, time, happenings),
            Future::DeleteServer(number) => {
                let owner = self.servers[number as usize].owner;
                self.tell(time, owner, Resource::Server(number), Kind::ServerDelete, happenings);
            }
            Future::DeleteImage { image, owner } => {
                self.tell(time, owner, Resource::Image(image), Kind::ImageDelete, happenings);
            }
        }
    }

    /// A new version of a family: created, shared, and an old one deleted.
    fn release(&mut self, number: u32, time: u64, happenings: &mut Vec<Happening>) {
        let image = self.image_count;
        self.image_count += 1;
        let family = &mut self.families[number as usize];
        family.versions.push(image);
        let oldest = (family.versions.len() > VERSIONS_KEPT).then(|| family.versions.remove(0));
        let (owner, region, os) = (family.owner, family.region, family.os);
        let bytes = family.bytes + family.bytes / 50 * u64::from(image % 7);
        let (next, consumers) = (time + family.release_every, family.consumers.clone());
        let resource = Resource::Image(image);
        let kind = Kind::ImageCreate { region, source: None, bytes, os };
        self.tell(time, owner, resource, kind, happenings);
        for (place, member) in consumers.into_iter().enumerate() {
            let shared = time + 1_000_000 * (place as u64 + 1);
            self.tell(shared, owner, resource, Kind::MemberCreate { member }, happenings);
            if self.dice.permille(400) {
                let kind = Kind::MemberAccept { member };
                self.tell(shared + 500_000, member, resource, kind, happenings);
            }
        }
        self.released.push(number);
        if let Some(image) = oldest {
            // A day of grace, so that nobody boots what is going.
            self.plan_later(time + DAY, Future::DeleteImage { image, owner });
        }
        self.plan_later(next, Future::Release(number));
    }

    fn rebuild(&mut self, number: u32, time: u64, happenings: &mut Vec<Happening>) {
        let server = &self.servers[number as usize];
        let Some(family) = server.family.filter(|_| time < server.ends) else { return };
        let Some(image) = self.families[family as usize].current else { return };
        let source = Resource::Image(image);
        let kind = Kind::ServerRebuild { source };
        self.tell(time, server.owner, Resource::Server(number), kind, happenings);
    }

    /// An image is taken of a server, daily; one more than are kept exists for a moment.
    fn reimage(&mut self, number: u32, time: u64, happenings: &mut Vec<Happening>) {
        let image = self.image_count;
        let server = &mut self.servers[number as usize];
        if time >= server.ends {
            return;
        }
        self.image_count += 1;
        server.reimages.push(image);
        let oldest = (server.reimages.len() > REIMAGES_KEPT).then(|| server.reimages.remove(0));
        let (owner, region, os) = (server.owner, server.region, 0);
        let source = Some(Resource::Server(number));
        let bytes = self.dice.by_quantiles(&IMAGE_SIZES);
        let kind = Kind::ImageCreate { region, source, bytes, os };
        self.tell(time, owner, Resource::Image(image), kind, happenings);
        if let Some(image) = oldest {
            let deleted = time + self.dice.below(HOUR);
            self.plan_later(deleted, Future::DeleteImage { image, owner });
        }
        self.plan_later(time + DAY, Future::Reimage(number));
    }
}
