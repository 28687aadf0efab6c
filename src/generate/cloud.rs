//! A cloud that lives: accounts, families of images, servers, and what comes of them later.
//!
//! What has been decided is all that is remembered of a server: whatever will happen to it carries
//! what it needs. So memory follows what is alive, and not what has been.

use std::num::NonZeroU32;

use crate::generate::dice::{Dice, Weighted};
use crate::generate::shape::{
    Backup, CONSUMER_COUNTS, DAY, Flavor, HOUR, IMAGE_SIZES, TRANSFER_SIZES, hourly_weights,
    server_lifetime,
};
use crate::generate::{Happening, Kind, MOST_ROWS, Plan, Resource};
use crate::value::Instant;

/// How many of the provider's own images there are.
const BASE_IMAGES: u64 = 4;
/// How many versions of an image family are kept.
const VERSIONS_KEPT: usize = 3;
/// How many rows a month come for each image family: the busier a cloud, the more it shares.
const MONTHLY_ROWS_PER_FAMILY: u64 = 500;

/// A generated cloud, at some hour of its life.
#[derive(Debug)]
pub struct Cloud {
    plan: Plan,
    dice: Dice,
    by_size: Weighted,
    families: Vec<Family>,
    /// For each account the families it may boot.
    usable: Vec<Vec<u32>>,
    server_count: u32,
    image_count: u32,
    /// What will happen in later hours, by the hour it falls in; empty for the hours gone by.
    later: Vec<Vec<Later>>,
    /// What will happen within this hour.
    soon: Vec<Later>,
    /// What happens in this hour, in no order.
    told: Vec<Happening>,
    /// For each of them its time in the hour and its place, to be sorted.
    order: Vec<(u32, u32)>,
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

/// Something that has been decided and will happen, in an hour told by where it is kept.
#[derive(Debug, Clone, Copy)]
struct Later {
    /// Microseconds since the hour began.
    since: u32,
    what: Future,
}

#[derive(Debug, Clone, Copy)]
enum Future {
    Release {
        family: u32,
    },
    Resize {
        server: u32,
        owner: u32,
        os: u8,
    },
    /// `family` is that of its image; without one it runs an image of the provider's.
    Rebuild {
        server: u32,
        owner: u32,
        family: Option<Place>,
    },
    /// `left` counts this image and those after it.
    TakeImage {
        server: u32,
        owner: u32,
        region: u8,
        backup: Backup,
        left: u16,
    },
    DeleteServer {
        server: u32,
        owner: u32,
    },
    DeleteImage {
        image: u32,
        owner: u32,
    },
}

/// A place in a list, plus one: so an absent one needs no room of its own.
type Place = NonZeroU32;

impl Cloud {
    /// An empty cloud.
    #[must_use]
    pub fn new(plan: Plan) -> Cloud {
        let plan = Plan { rows: plan.rows.min(MOST_ROWS), ..plan };
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
            server_count: 0,
            image_count: 0,
            later: vec![Vec::new(); weights.len()],
            soon: Vec::new(),
            told: Vec::new(),
            order: Vec::new(),
            row_goals,
            released: Vec::new(),
            hour: 0,
            rows: 0,
        };
        cloud.found_families();
        cloud
    }

    /// Adds the next hour to `happenings`, in order of time; `false` when the log is over.
    pub fn next_hour(&mut self, happenings: &mut Vec<Happening>) -> bool {
        let Some(goal) = self.row_goals.get(self.hour).copied() else { return false };
        for later in std::mem::take(&mut self.later[self.hour]) {
            self.happen(later);
        }
        self.happen_soon();
        while self.rows + (self.told.len() as u64) < goal {
            self.act();
            self.happen_soon();
        }
        self.make_current();
        let left = usize::try_from(self.plan.rows - self.rows).unwrap_or(usize::MAX);
        // Places make it a stable order.
        self.order.sort_unstable();
        let told = &self.told;
        happenings.extend(self.order.iter().take(left).map(|(_, place)| told[*place as usize]));
        self.rows += self.told.len().min(left) as u64;
        self.told.clear();
        self.order.clear();
        self.hour += 1;
        true
    }

    /// Families are there from the first two weeks on.
    fn found_families(&mut self) {
        let monthly = self.plan.rows / u64::from(self.plan.months.max(1));
        for family in 0..(monthly / MONTHLY_ROWS_PER_FAMILY + 1) as u32 {
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
            self.plan_later(first, Future::Release { family });
        }
    }

    /// What was released in this hour can be booted from the next on.
    fn make_current(&mut self) {
        for number in self.released.drain(..) {
            let family = &mut self.families[number as usize];
            if family.current.is_none() {
                for account in family.consumers.iter().chain([&family.owner]) {
                    self.usable[*account as usize].push(number);
                }
            }
            family.current = family.versions.last().copied();
        }
    }

    /// What falls behind the end of the log is forgotten.
    fn plan_later(&mut self, time: u64, what: Future) {
        let hour = (time / HOUR) as usize;
        let later = Later { since: (time % HOUR) as u32, what };
        if hour == self.hour {
            self.soon.push(later);
        } else if let Some(hour) = self.later.get_mut(hour) {
            hour.push(later);
        }
    }

    /// `since` counts from the beginning of the hour.
    fn tell(&mut self, since: u32, account: u32, number: u32, kind: Kind) {
        let micros = self.hour as u64 * HOUR + u64::from(since);
        let time = Instant::from_micros(self.plan.start.micros() + micros.cast_signed());
        self.order.push((since, self.told.len() as u32));
        self.told.push(Happening { time, kind, account, number });
    }

    /// Somebody does something of their own accord.
    fn act(&mut self) {
        let since = self.dice.below(HOUR) as u32;
        let account = self.by_size.draw(&mut self.dice);
        if self.dice.permille(80) {
            let region = (account % 3) as u8;
            let bytes = self.dice.by_quantiles(&TRANSFER_SIZES);
            self.tell(since, account, 0, Kind::TransferOut { region, bytes });
        } else {
            self.create_server(since, account);
        }
    }

    fn create_server(&mut self, since: u32, owner: u32) {
        let usable = &self.usable[owner as usize];
        let number = match usable.len() as u64 {
            0 => None,
            count => (!self.dice.permille(250)).then(|| usable[self.dice.below(count) as usize]),
        };
        let chosen = number.map(|number| &self.families[number as usize]);
        let (source, region, os) = match chosen.and_then(|f| Some((f.current?, f.region, f.os))) {
            Some((image, region, os)) => (Resource::Image(image), region, os),
            None => (self.base_image(), (owner % 3) as u8, 0),
        };
        let family = number.and_then(|number| Place::new(number + 1));
        let flavor = Flavor::drawn(self.dice.below(16), os);
        let server = self.server_count;
        self.server_count += 1;
        self.tell(since, owner, server, Kind::ServerCreate { region, source, flavor });
        // What becomes of it is decided now.
        let begins = self.hour as u64 * HOUR + u64::from(since);
        let lifetime = server_lifetime(&mut self.dice);
        self.plan_later(begins + lifetime, Future::DeleteServer { server, owner });
        if lifetime < 2 * HOUR {
            return;
        }
        if self.dice.permille(100) {
            let time = begins + HOUR + self.dice.below(lifetime - HOUR);
            self.plan_later(time, Future::Resize { server, owner, os });
        }
        if self.dice.permille(65) {
            let time = begins + HOUR + self.dice.below(lifetime - HOUR);
            self.plan_later(time, Future::Rebuild { server, owner, family });
        }
        if lifetime > DAY && flavor.is_imageable() {
            self.plan_backup(server, owner, region, begins, lifetime);
        }
    }

    fn base_image(&mut self) -> Resource {
        Resource::Base(self.dice.below(BASE_IMAGES) as u32)
    }

    /// Decides whether images are taken of a new server, and how often.
    fn plan_backup(&mut self, server: u32, owner: u32, region: u8, begins: u64, lifetime: u64) {
        let Some(backup) = Backup::drawn(self.dice.below(1000)) else { return };
        // The last one strictly before its end.
        let left = u16::try_from((lifetime - 1) / backup.every()).unwrap_or(u16::MAX);
        if left > 0 {
            let what = Future::TakeImage { server, owner, region, backup, left };
            self.plan_later(begins + backup.every(), what);
        }
    }

    /// Everything that was decided for later in this same hour happens.
    fn happen_soon(&mut self) {
        while let Some(later) = self.soon.pop() {
            self.happen(later);
        }
    }

    /// Something that was decided happens.
    fn happen(&mut self, later: Later) {
        let since = later.since;
        match later.what {
            Future::Release { family } => self.release(family, since),
            Future::Resize { server, owner, os } => {
                let flavor = Flavor::drawn(self.dice.below(16), os);
                // A server that is imaged stays imageable.
                if flavor.is_imageable() {
                    self.tell(since, owner, server, Kind::ServerResize { flavor });
                }
            }
            Future::Rebuild { server, owner, family } => {
                let image =
                    family.and_then(|place| self.families[place.get() as usize - 1].current);
                let source = image.map_or_else(|| self.base_image(), Resource::Image);
                self.tell(since, owner, server, Kind::ServerRebuild { source });
            }
            Future::TakeImage { server, owner, region, backup, left } => {
                let bytes = self.dice.by_quantiles(&IMAGE_SIZES);
                let image = self.new_image();
                self.tell(since, owner, image, Kind::ImageTake { region, server, bytes });
                let time = self.hour as u64 * HOUR + u64::from(since);
                // One more than are kept exists for a moment.
                let deleted = time + backup.kept_for() + self.dice.below(HOUR);
                self.plan_later(deleted, Future::DeleteImage { image, owner });
                if left > 1 {
                    let what = Future::TakeImage { server, owner, region, backup, left: left - 1 };
                    self.plan_later(time + backup.every(), what);
                }
            }
            Future::DeleteServer { server, owner } => {
                self.tell(since, owner, server, Kind::ServerDelete);
            }
            Future::DeleteImage { image, owner } => {
                self.tell(since, owner, image, Kind::ImageDelete);
            }
        }
    }

    fn new_image(&mut self) -> u32 {
        self.image_count += 1;
        self.image_count - 1
    }

    /// A new version of a family: created, shared, and an old one deleted.
    fn release(&mut self, number: u32, since: u32) {
        const SECOND: u32 = 1_000_000;
        let image = self.new_image();
        let family = &mut self.families[number as usize];
        family.versions.push(image);
        let oldest = (family.versions.len() > VERSIONS_KEPT).then(|| family.versions.remove(0));
        let (owner, region, os) = (family.owner, family.region, family.os);
        let bytes = family.bytes + family.bytes / 50 * u64::from(image % 7);
        let time = self.hour as u64 * HOUR + u64::from(since);
        let next = time + family.release_every;
        let consumers = std::mem::take(&mut family.consumers);
        self.tell(since, owner, image, Kind::ImageUpload { region, bytes, os });
        let mut shared = since;
        for member in consumers.iter().copied() {
            shared += SECOND;
            self.tell(shared, owner, image, Kind::MemberCreate { member });
            if self.dice.permille(400) {
                self.tell(shared + SECOND / 2, member, image, Kind::MemberAccept { member });
            }
        }
        self.families[number as usize].consumers = consumers;
        self.released.push(number);
        if let Some(image) = oldest {
            // A day of grace, so that nobody boots what is going.
            self.plan_later(time + DAY, Future::DeleteImage { image, owner });
        }
        self.plan_later(next, Future::Release { family: number });
    }
}
