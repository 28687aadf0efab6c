//! A scenario from a few flags: one image, shared with consumers that are all alike.

use crate::book::{Book, Sku};
use crate::diagnostic::{Code, Diagnostic, Place, Source, has_errors};
use crate::read::scenario::fleet::USUAL_OVERLAP;
use crate::read::scenario::image::USUAL_COPY_STEP;
use crate::read::scenario::{flavor_of, region_of, units};
use crate::read::toml::keys::short;
use crate::scenario::{Fleet, Hours, Image, Interval, Made, Period, Reimage, Scenario};
use crate::value::{
    AccountId, BillingDay, CycleCalendar, FlavorId, Instant, LevelId, Names, OsId, RegionId, Span,
};

/// What the producer is called.
pub const PRODUCER: &str = "producer";
/// How many images of a server stay where nobody says.
pub const USUAL_KEEP: u32 = 7;
/// The most events that an answer in a hurry is made of.
const MOST_EVENTS: u128 = 5_000_000;

/// What was asked, as texts: each field is the value of the flag of its name.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the names are those of the flags")]
pub struct Flags {
    pub image: String,
    pub region: String,
    pub copies: Vec<String>,
    pub consumers: u32,
    pub servers: u32,
    pub flavor: String,
    pub hours: Option<String>,
    pub reimage: Option<String>,
    pub every: Option<String>,
    pub keep: Option<u32>,
    pub transfer_out: Option<String>,
    pub os: Option<String>,
    pub labels: Vec<String>,
    pub release: Option<String>,
    pub keep_versions: Option<u32>,
    pub service_level: Option<String>,
    pub start: Option<String>,
    pub months: u32,
}

/// What was asked, checked.
#[derive(Debug)]
pub struct Asked {
    /// The plan: one image, and a fleet in each of its regions.
    pub scenario: Scenario,
    /// The months it covers.
    pub run: Span,
    /// Who makes the image.
    pub producer: AccountId,
    /// Who uses it and where, in the order of their numbers.
    pub consumers: Vec<(AccountId, RegionId)>,
    /// Everybody's service level.
    pub level: LevelId,
}

/// What a value is read with.
struct Reader<'a> {
    book: &'a Book,
    names: &'a mut Names,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Flags {
    /// The plan that was asked for; `None` after a mistake.
    pub fn read(
        &self,
        book: &Book,
        names: &mut Names,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Asked> {
        let mut found = Vec::new();
        let asked = self.read_all(&mut Reader { book, names, diagnostics: &mut found });
        let is_wrong = has_errors(&found);
        diagnostics.extend(found);
        asked.filter(|_| !is_wrong)
    }

    fn read_all(&self, read: &mut Reader<'_>) -> Option<Asked> {
        let image = self.read_image(read);
        let flavor = read.flavor(&self.flavor);
        let hours = self.hours.as_deref().filter(|text| *text != "always");
        let hours =
            hours.map(|text| read.unit("--hours", text, units::month_hours, units::MONTH_HOURS));
        let reimage = self.reimage.as_deref().map(|size| self.read_reimage(size, read));
        let sending = self.transfer_out.as_deref();
        let sending =
            sending.map(|text| read.unit("--transfer-out", text, units::sending, units::SENDING));
        let level = match &self.service_level {
            Some(level) => read.level(level),
            None => Some(read.book.default_level),
        };
        let start = match &self.start {
            Some(start) => read.start(start),
            None => Some(usual_start(read.book)),
        };
        let start = start?;
        let run = Span { start, end: Interval::Months(self.months).after(start, 1) };
        let mut image = image?;
        let consumers: Vec<(AccountId, RegionId)> = (1..=self.consumers)
            .zip(image.regions.iter().cycle())
            .map(|(number, region)| {
                (read.names.accounts.intern(&format!("consumer-{number}")), *region)
            })
            .collect();
        image.members = consumers.iter().map(|(account, _)| *account).collect();
        let producer = image.owner;
        let fleet = Fleet {
            name: "servers".to_owned(),
            accounts: Vec::new(),
            region: image.regions[0],
            image: Some(Made::Planned(0)),
            flavor: flavor?,
            os: None,
            count: Some(self.servers.into()),
            arrivals: None,
            hours: optional(hours)?.map(Hours::Month),
            growth: None,
            refresh: None,
            reimage: optional(reimage)?,
            transfer_out: optional(sending)?,
        };
        let fleet_in = |region: &RegionId| {
            let here = consumers.iter().filter(|(_, own)| own == region);
            let accounts = here.map(|(account, _)| *account).collect();
            Fleet { accounts, region: *region, ..fleet.clone() }
        };
        let fleets = image.regions.iter().map(fleet_in).filter(|f| !f.accounts.is_empty());
        let fleets = fleets.collect();
        let scenario = Scenario {
            name: "estimate".to_owned(),
            start: Some(start),
            months: Some(self.months),
            seed: 0,
            runs: 1,
            images: vec![image],
            fleets,
            changes: Vec::new(),
            budgets: Vec::new(),
        };
        self.check_size(&scenario, run, read);
        Some(Asked { scenario, run, producer, consumers, level: level? })
    }

    fn read_image(&self, read: &mut Reader<'_>) -> Option<Image> {
        let bytes = read.unit("--image", &self.image, units::size, units::SIZE);
        let mut regions = Vec::new();
        let home = std::iter::once(("--region", &self.region));
        for (flag, text) in home.chain(self.copies.iter().map(|copy| ("--copy", copy))) {
            let place = place(flag, text);
            let region = region_of(text, &place, read.book, read.names, read.diagnostics);
            if region.is_some_and(|region| regions.contains(&region)) {
                let message = format!("the image is in `{text}` already");
                read.diagnostics.push(
                    Diagnostic::error(Code::ScenarioUnclear, message)
                        .at(place, "the second time")
                        .help("an image has one home, and one copy in each other region"),
                );
            }
            regions.extend(region);
        }
        let os = self.os.as_deref().map(|os| read.system(os));
        let labels = &self.labels;
        let labels = (!labels.is_empty()).then(|| read.names.labels.intern(&labels.join(";")));
        let release = self.release.as_deref().filter(|text| *text != "once");
        let release =
            release.map(|text| read.unit("--release", text, units::interval, units::INTERVAL));
        Some(Image {
            name: "image".to_owned(),
            owner: read.names.accounts.intern(PRODUCER),
            bytes: bytes?,
            os,
            labels,
            after: Period::from_micros(0),
            release: optional(release)?,
            keep: self.keep_versions,
            members: Vec::new(),
            copy_step: USUAL_COPY_STEP,
            // One that is unknown has been told.
            regions: Some(regions).filter(|regions| regions.len() == 1 + self.copies.len())?,
        })
    }

    fn read_reimage(&self, size: &str, read: &mut Reader<'_>) -> Option<Reimage> {
        let bytes = read.unit("--reimage", size, units::size, units::SIZE);
        let every = match &self.every {
            Some(every) => read.unit("--every", every, units::interval, units::INTERVAL),
            None => Some(Interval::DAY),
        };
        let keep = self.keep.unwrap_or(USUAL_KEEP);
        Some(Reimage { every: every?, keep, bytes: bytes?, overlap: USUAL_OVERLAP })
    }

    /// Refuses what would take long: an answer in a hurry.
    fn check_size(&self, scenario: &Scenario, run: Span, read: &mut Reader<'_>) {
        let count = |interval: Option<Interval>, otherwise: u128| match interval {
            Some(Interval::Clock(period)) => {
                u128::from(run.micros()) / u128::from(period.micros().unsigned_abs()).max(1)
            }
            Some(Interval::Months(months)) => u128::from(self.months / months.max(1)),
            None => otherwise,
        };
        let image = &scenario.images[0];
        let consumers = u128::from(self.consumers);
        let shares = count(image.release, 1) * image.regions.len() as u128 * (consumers + 5);
        let reimages = scenario.fleets.first().and_then(|fleet| fleet.reimage.as_ref());
        let images = count(reimages.map(|reimage| reimage.every), 0);
        let of_servers = consumers * u128::from(self.servers) * (u128::from(self.months) + images);
        let events = 2 * (shares + of_servers);
        if events > MOST_EVENTS {
            let message = format!("this is about {events} events, too many for an estimate");
            read.diagnostics.push(Diagnostic::error(Code::ValueWrong, message).help(format!(
                "ask for fewer consumers, servers, months or images: {MOST_EVENTS} events at most; \
                 all consumers pay the same"
            )));
        }
    }
}

/// A value that need not be there, but is right if it is.
#[expect(clippy::option_option, reason = "absent and wrong are two things")]
fn optional<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    value.map_or(Some(None), |value| value.map(Some))
}

fn place(flag: &str, text: &str) -> Place {
    Source::whole(flag, text).place(0..text.len())
}

impl Reader<'_> {
    /// A number with its unit.
    fn unit<T>(
        &mut self,
        flag: &str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Option<T> {
        let parsed = parse(text);
        if parsed.is_none() {
            let message = format!("{flag} cannot be `{}`", short(text));
            self.diagnostics.push(
                Diagnostic::error(Code::UnitWrong, message)
                    .at(place(flag, text), "a number with its unit expected")
                    .help(format!("write {expected}")),
            );
        }
        parsed
    }

    fn flavor(&mut self, text: &str) -> Option<FlavorId> {
        flavor_of(text, &place("--flavor", text), self.book, self.names, self.diagnostics)
    }

    /// An operating system. One that the book does not know needs no licence.
    fn system(&mut self, text: &str) -> OsId {
        let policy = &self.book.policy;
        let of_licences = self.book.rates.skus().into_iter().filter_map(|sku| match sku {
            Sku::License(os, _) => Some(os),
            _ => None,
        });
        let listed = policy.no_export_os.iter().chain(&policy.no_import_os).copied();
        let known = of_licences.chain(listed).chain([OsId::LINUX]);
        let mut known: Vec<&str> = known.map(|os| self.names.systems.text(os)).collect();
        known.sort_unstable();
        known.dedup();
        if !known.contains(&text) {
            let message = format!("the price book says nothing of the operating system `{text}`");
            self.diagnostics.push(
                Diagnostic::warning(Code::NameUnknown, message)
                    .at(place("--os", text), "taken to need no licence, and to be free to copy")
                    .did_you_mean(text, known),
            );
        }
        self.names.systems.intern(text)
    }

    fn level(&mut self, text: &str) -> Option<LevelId> {
        let mut known = self.book.rates.levels();
        known.push(self.book.default_level);
        let found = self.names.levels.find(text).filter(|level| known.contains(level));
        if found.is_none() {
            known.dedup();
            let known = known.iter().map(|level| self.names.levels.text(*level));
            let message = format!("`{text}` is no service level of the price book");
            self.diagnostics.push(
                Diagnostic::error(Code::LevelUnknown, message)
                    .at(place("--service-level", text), "no such service level")
                    .did_you_mean(text, known),
            );
        }
        found
    }

    /// The first of a month: months are billed whole.
    fn start(&mut self, text: &str) -> Option<Instant> {
        let parsed = Instant::parse_date_or_instant(text).ok();
        let month = |at: Instant| CycleCalendar::new(BillingDay::FIRST).cycle_at(at).start();
        let start = parsed.filter(|at| month(*at) == *at);
        if start.is_none() {
            let message = format!("--start cannot be `{}`", short(text));
            self.diagnostics.push(
                Diagnostic::error(Code::DateWrong, message)
                    .at(place("--start", text), "the first day of a month expected")
                    .help("write it like 2016-03-01"),
            );
        }
        start
    }
}

/// When an estimate begins where nobody says: the first of a month from which on the latest prices
/// of the book are in force. No clock is asked, so that the same command gives the same answer.
#[must_use]
pub fn usual_start(book: &Book) -> Instant {
    let of_rates = book.rates.skus().into_iter().flat_map(|sku| {
        let versions = book.rates.versions(sku);
        versions.map(|version| version.effective_from).collect::<Vec<_>>()
    });
    let of_grids = book.discounts.iter().map(|grid| grid.effective_from);
    let latest = of_rates.chain(of_grids).max().unwrap_or(Instant::from_micros(0));
    let month = CycleCalendar::new(BillingDay::FIRST).cycle_at(latest);
    if month.start() == latest { latest } else { month.end() }
}
