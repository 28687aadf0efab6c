//! Metering (M): what every resource used, cut at every boundary, with its rate and its role (A).

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::book::{Book, Rate};
use super::dates::{Instant, SECOND};
use super::number::{Exact, whole};
use super::text::Account;
use super::world::{Ancestor, Image, Server, ServerState, World};

/// A half-open span: from its first instant up to, and without, its second.
pub type Span = (Instant, Instant);

/// What one resource used of one SKU, in one cycle, under one version of one rate.
pub struct Usage<'a> {
    /// Who pays.
    pub account: String,
    /// The bounds of the whole cycle.
    pub cycle: Span,
    /// The rate, and so the SKU, the rate's region and its version.
    pub rate: &'a Rate,
    /// In the rate's unit, exactly.
    pub quantity: Exact,
    /// What the parts of a charge are weighed by: byte-microseconds, steps (for support: times
    /// GB), bytes (A).
    pub weight: Exact,
    /// What used it.
    pub cause: Cause,
}

/// What caused a charge (A).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The image, server or object.
    pub resource: String,
    /// The image it was made of.
    pub source_image: String,
    /// Its real region.
    pub region: String,
    /// The account that owns the source image.
    pub producer: String,
    /// The role.
    pub role: &'static str,
}

/// Everything that metering looks up.
pub struct Meter<'a> {
    /// The price book.
    pub book: &'a Book,
    /// The accounts that are listed.
    pub accounts: &'a BTreeMap<String, Account>,
    /// What happened.
    pub world: &'a World,
    /// The run: usage outside it is not charged (B3).
    pub run: Span,
}

/// Something that costs: one SKU, used by one account over a span.
struct Consumption<'s> {
    account: &'s str,
    sku: String,
    span: Span,
}

impl<'a> Meter<'a> {
    /// All usage of the run.
    ///
    /// # Errors
    /// P1: the SKUs and accounts of usage that has no rate.
    pub fn measure(&self) -> Result<Vec<Usage<'a>>, String> {
        let mut usages = Vec::new();
        for (id, image) in &self.world.images {
            self.measure_image(id, image, &mut usages)?;
        }
        for (id, object) in &self.world.objects {
            let span = (object.created, object.deleted.unwrap_or(self.run.1));
            let nearest = object.ancestors.iter().find(|ancestor| ancestor.is_image);
            let cause = cause_of(id, &object.region, nearest, "object-storage");
            let sku = "object.storage".to_string();
            let consumption = Consumption { account: &object.owner, sku, span };
            self.measure_storage(&consumption, &object.bytes, &cause, &mut usages)?;
        }
        for (id, server) in &self.world.servers {
            self.measure_server(id, server, &mut usages)?;
        }
        self.measure_transfers(&mut usages)?;
        Ok(usages)
    }

    /// The account's row in `accounts.csv`, or what holds for an account that is not listed.
    pub fn account(&self, name: &str) -> Account {
        let unlisted = Account { billing_day: 1, service_level: String::new(), opened: None };
        self.accounts.get(name).cloned().unwrap_or(unlisted)
    }

    /// The account's service level.
    pub fn service_level(&self, name: &str) -> String {
        match self.account(name).service_level.as_str() {
            "" => self.book.default_service_level.clone(),
            level => level.to_string(),
        }
    }

    /// The cycle of an account that holds an instant (B).
    pub fn cycle(&self, account: &str, instant: Instant) -> Span {
        self.book.cycle(&self.account(account), instant)
    }

    /// The cycles of an account that the run touches, in order of time.
    pub fn cycles_of_run(&self, account: &str) -> Vec<Span> {
        let mut cycles = Vec::new();
        let mut instant = self.run.0;
        while instant < self.run.1 {
            let cycle = self.cycle(account, instant);
            instant = cycle.1;
            cycles.push(cycle);
        }
        cycles
    }

    /// Cuts a span at the run's bounds (B3), at every bound of a cycle, and wherever a rate of the
    /// SKU becomes effective (P2).
    fn cut(&self, consumption: &Consumption) -> Vec<Span> {
        let start = consumption.span.0.max(self.run.0);
        let end = consumption.span.1.min(self.run.1);
        let mut bounds = vec![start, end];
        bounds.extend(self.cycles_of_run(consumption.account).iter().map(|cycle| cycle.0));
        let rates = self.book.rates.iter().filter(|rate| rate.sku == consumption.sku);
        bounds.extend(rates.map(|rate| rate.effective_from));
        bounds.retain(|bound| start <= *bound && *bound <= end);
        bounds.sort();
        bounds.dedup();
        bounds.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// P1: the rate in force, or the error that there is none.
    fn rate(
        &self,
        account: &str,
        sku: &str,
        region: &str,
        at: Instant,
    ) -> Result<&'a Rate, String> {
        let rate = self.book.rate_in_force(sku, region, at);
        rate.ok_or_else(|| format!("unpriced: {sku} in {region} of account {account}"))
    }

    /// M1: bytes times time, over the bytes of a GB and the length of the whole cycle (or the
    /// book's month).
    fn measure_storage(
        &self,
        consumption: &Consumption,
        bytes: &BigInt,
        cause: &Cause,
        usages: &mut Vec<Usage<'a>>,
    ) -> Result<(), String> {
        let account = consumption.account;
        for (start, end) in self.cut(consumption) {
            let rate = self.rate(account, &consumption.sku, &cause.region, start)?;
            let cycle = self.cycle(account, start);
            let divisor = match self.book.month_hours {
                Some(hours) => hours * 3600 * SECOND,
                None => cycle.1 - cycle.0,
            };
            let byte_micros = Exact::from_integer(bytes * (end - start));
            let gigabyte_months = &self.book.bytes_per_gigabyte * divisor;
            usages.push(Usage {
                account: account.to_string(),
                cycle,
                rate,
                quantity: &byte_micros / Exact::from_integer(gigabyte_months),
                weight: byte_micros,
                cause: cause.clone(),
            });
        }
        Ok(())
    }

    /// R1: the storage of an image. Its role may differ from cycle to cycle.
    fn measure_image(
        &self,
        id: &str,
        image: &Image,
        usages: &mut Vec<Usage<'a>>,
    ) -> Result<(), String> {
        for cycle in self.cycles_of_run(&image.owner) {
            let end = image.deleted.unwrap_or(self.run.1);
            let span = (image.created.max(cycle.0), end.min(cycle.1));
            let sku = "image.storage".to_string();
            let consumption = Consumption { account: &image.owner, sku, span };
            let cause = cause_of_image(id, image, cycle);
            self.measure_storage(&consumption, &image.bytes, &cause, usages)?;
        }
        Ok(())
    }

    /// R3, R3a, R3b: a server's hours, its licences and its support.
    fn measure_server(
        &self,
        id: &str,
        server: &Server,
        usages: &mut Vec<Usage<'a>>,
    ) -> Result<(), String> {
        let level = self.service_level(&server.owner);
        for (place, state) in server.states.iter().enumerate() {
            let end_of_life = server.deleted.unwrap_or(self.run.1);
            let end = server.states.get(place + 1).map_or(end_of_life, |next| next.from);
            let flavor = self.book.flavors.get(&state.flavor);
            let flavor = flavor.ok_or_else(|| format!("unknown flavor {}", state.flavor))?;
            let mut skus = vec![(format!("server:{}", state.flavor), whole(1))];
            let support = format!("support:{level}");
            // R3b: a level without a rate costs nothing.
            if self.book.rates.iter().any(|rate| rate.sku == support) {
                skus.push((support, flavor.support_gb.value.clone()));
            }
            if self.book.needs_licence(&state.os) {
                skus.push((format!("license:{}:{}", state.os, state.flavor), whole(1)));
            }
            let cause = self.cause_of_server(id, server, state);
            for (sku, units_per_hour) in skus {
                let span = (state.from, end);
                let consumption = Consumption { account: &server.owner, sku, span };
                let unit = (server.created, &units_per_hour);
                self.measure_steps(&consumption, unit, &cause, usages)?;
            }
        }
        Ok(())
    }

    /// M2: steps on the grid anchored at the server's creation; each belongs to the instant at
    /// which it starts. `unit` is that anchor, and how many units one hour is (M3).
    fn measure_steps(
        &self,
        consumption: &Consumption,
        unit: (Instant, &Exact),
        cause: &Cause,
        usages: &mut Vec<Usage<'a>>,
    ) -> Result<(), String> {
        let account = consumption.account;
        let (anchor, units_per_hour) = unit;
        let step = self.book.step_micros;
        for (start, end) in self.cut(consumption) {
            let steps =
                whole(started_steps(end - anchor, step) - started_steps(start - anchor, step));
            if steps == whole(0) {
                continue;
            }
            let rate = self.rate(account, &consumption.sku, &cause.region, start)?;
            let hours = &steps * whole(step) / whole(3600 * SECOND);
            usages.push(Usage {
                account: account.to_string(),
                cycle: self.cycle(account, start),
                rate,
                quantity: hours * units_per_hour,
                weight: &steps * units_per_hour,
                cause: cause.clone(),
            });
        }
        Ok(())
    }

    /// R6, M4: transfers, in the cycle that holds the event's time.
    fn measure_transfers(&self, usages: &mut Vec<Usage<'a>>) -> Result<(), String> {
        for event in &self.world.transfers {
            if event.time < self.run.0 || event.time >= self.run.1 {
                continue;
            }
            let rate = self.rate(&event.account, "transfer.out", &event.region, event.time)?;
            let bytes = Exact::from_integer(event.bytes.clone());
            usages.push(Usage {
                account: event.account.clone(),
                cycle: self.cycle(&event.account, event.time),
                rate,
                quantity: &bytes / Exact::from_integer(self.book.bytes_per_gigabyte.clone()),
                weight: bytes,
                cause: cause_of(&event.resource, &event.region, None, "transfer"),
            });
        }
        Ok(())
    }

    /// A: a server of another account's image, unless that is public, is a consumer's.
    fn cause_of_server(&self, id: &str, server: &Server, state: &ServerState) -> Cause {
        let ancestor = state.ancestors.first();
        let image = ancestor.and_then(|ancestor| self.world.images.get(&ancestor.id));
        let is_consumer =
            image.is_some_and(|image| image.owner != server.owner && image.visibility != "public");
        let role = if is_consumer { "consumer-server" } else { "own-server" };
        cause_of(id, &server.region, ancestor, role)
    }
}

/// How many steps have started before an instant that lies so long after the anchor.
fn started_steps(micros_after_anchor: i64, step: i64) -> i64 {
    (micros_after_anchor + step - 1) / step
}

/// The cause of a charge, with its source image.
fn cause_of(id: &str, region: &str, source: Option<&Ancestor>, role: &'static str) -> Cause {
    Cause {
        resource: id.to_string(),
        source_image: source.map(|ancestor| ancestor.id.clone()).unwrap_or_default(),
        region: region.to_string(),
        producer: source.and_then(|ancestor| ancestor.owner.clone()).unwrap_or_default(),
        role,
    }
}

/// A: an image taken of a server that descends from another account's image is a re-image; else it
/// counts whether the image had members in the cycle.
fn cause_of_image(id: &str, image: &Image, cycle: Span) -> Cause {
    let images = || image.ancestors.iter().filter(|ancestor| ancestor.is_image);
    let is_of_others =
        |ancestor: &&Ancestor| ancestor.owner.as_ref().is_some_and(|owner| *owner != image.owner);
    let of_others = images().find(is_of_others);
    if image.is_taken_of_server && of_others.is_some() {
        return cause_of(id, &image.region, of_others, "reimage-storage");
    }
    let had_members = !members_in(image, cycle).is_empty();
    let role = if had_members { "producer-storage" } else { "private-storage" };
    cause_of(id, &image.region, images().next(), role)
}

/// The distinct members that an image had at some time in a cycle. A stay ends when the image is
/// unshared or deleted.
pub fn members_in(image: &Image, cycle: Span) -> Vec<String> {
    let mut members = Vec::new();
    for stay in &image.memberships {
        let end = stay.until.or(image.deleted).unwrap_or(Instant::MAX);
        if stay.from < cycle.1 && (end > cycle.0 || stay.from >= cycle.0) {
            members.push(stay.member.clone());
        }
    }
    members.sort();
    members.dedup();
    members
}
