//! Generated logs as CSV or JSON lines, written byte by byte: a generator must not be what a
//! benchmark measures.

use std::io::{self, Write};

use crate::generate::{Dice, Happening, Kind, OS_NAMES, REGIONS, Resource, flavor_name};
use crate::read::events::COLUMNS;
use crate::value::MICROS_PER_SECOND;

/// The texts of one generated row, by the columns of a native log; reused from row to row.
#[derive(Debug, Default)]
pub struct RowWriter {
    line: Vec<u8>,
    /// The day that `day_text` is of.
    day: i64,
    day_text: String,
}

/// The parts of a row that differ between kinds.
#[derive(Default)]
struct Details {
    event: &'static str,
    region: &'static str,
    source: Option<Resource>,
    member: Option<u32>,
    status: &'static str,
    bytes: Option<u64>,
    flavor: &'static str,
    os: &'static str,
}

impl RowWriter {
    /// Writes one row as CSV. `id` is the event's id, where it has one.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn csv<W: Write + ?Sized>(
        &mut self,
        happening: &Happening,
        id: Option<u64>,
        out: &mut W,
    ) -> io::Result<()> {
        let details = Details::of(&happening.kind);
        self.line.clear();
        self.time(happening);
        self.line.push(b',');
        self.line.extend_from_slice(details.event.as_bytes());
        self.line.push(b',');
        account(&mut self.line, happening.account);
        self.line.push(b',');
        self.line.extend_from_slice(details.region.as_bytes());
        self.line.push(b',');
        resource(&mut self.line, happening.resource);
        self.line.push(b',');
        if let Some(source) = details.source {
            resource(&mut self.line, source);
        }
        self.line.push(b',');
        if let Some(member) = details.member {
            account(&mut self.line, member);
        }
        self.line.push(b',');
        self.line.extend_from_slice(details.status.as_bytes());
        self.line.push(b',');
        if let Some(bytes) = details.bytes {
            number(&mut self.line, bytes, 1);
        }
        self.line.push(b',');
        self.line.extend_from_slice(details.flavor.as_bytes());
        self.line.push(b',');
        self.line.extend_from_slice(details.os.as_bytes());
        self.line.extend_from_slice(b",,,");
        if let Some(id) = id {
            event_id(&mut self.line, id);
        }
        self.line.push(b'\n');
        out.write_all(&self.line)
    }

    /// Writes one row as a JSON line, absent values left out.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn json<W: Write + ?Sized>(
        &mut self,
        happening: &Happening,
        id: Option<u64>,
        out: &mut W,
    ) -> io::Result<()> {
        let details = Details::of(&happening.kind);
        self.line.clear();
        self.line.extend_from_slice(br#"{"time":""#);
        self.time(happening);
        self.line.push(b'"');
        self.key("event", |line| line.extend_from_slice(details.event.as_bytes()));
        self.key("account", |line| account(line, happening.account));
        self.text("region", details.region);
        self.key("resource", |line| resource(line, happening.resource));
        if let Some(source) = details.source {
            self.key("source", |line| resource(line, source));
        }
        if let Some(member) = details.member {
            self.key("member", |line| account(line, member));
        }
        self.text("status", details.status);
        if let Some(bytes) = details.bytes {
            self.line.extend_from_slice(br#","bytes":"#);
            number(&mut self.line, bytes, 1);
        }
        self.text("flavor", details.flavor);
        self.text("os", details.os);
        if let Some(id) = id {
            self.key("id", |line| event_id(line, id));
        }
        self.line.extend_from_slice(b"}\n");
        out.write_all(&self.line)
    }

    fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.key(key, |line| line.extend_from_slice(text.as_bytes()));
        }
    }

    fn key(&mut self, key: &str, fill: impl FnOnce(&mut Vec<u8>)) {
        self.line.extend_from_slice(br#",""#);
        self.line.extend_from_slice(key.as_bytes());
        self.line.extend_from_slice(br#"":""#);
        fill(&mut self.line);
        self.line.push(b'"');
    }

    fn time(&mut self, happening: &Happening) {
        let micros = happening.time.micros();
        let day = happening.time.day();
        let seconds = micros.div_euclid(MICROS_PER_SECOND);
        let number_of_day = seconds.div_euclid(86_400);
        if self.day_text.is_empty() || self.day != number_of_day {
            self.day = number_of_day;
            self.day_text = day.to_string();
        }
        let second = seconds.rem_euclid(86_400).unsigned_abs();
        self.line.extend_from_slice(self.day_text.as_bytes());
        for (mark, part) in [(b'T', second / 3600), (b':', second / 60 % 60), (b':', second % 60)] {
            self.line.push(mark);
            number(&mut self.line, part, 2);
        }
        self.line.push(b'.');
        number(&mut self.line, micros.rem_euclid(MICROS_PER_SECOND).unsigned_abs(), 6);
        self.line.push(b'Z');
    }
}

impl Details {
    fn of(kind: &Kind) -> Details {
        let place = |region: u8| REGIONS[region as usize];
        match *kind {
            Kind::ImageCreate { region, source, bytes, os } => Details {
                event: "image.create",
                region: place(region),
                source,
                bytes: Some(bytes),
                os: if os == 0 { "" } else { OS_NAMES[os as usize] },
                ..Details::default()
            },
            Kind::ImageDelete => Details { event: "image.delete", ..Details::default() },
            Kind::MemberCreate { member } => {
                Details { event: "image.member.create", member: Some(member), ..Details::default() }
            }
            Kind::MemberAccept { member } => Details {
                event: "image.member.update",
                member: Some(member),
                status: "accepted",
                ..Details::default()
            },
            Kind::ServerCreate { region, source, flavor } => Details {
                event: "server.create",
                region: place(region),
                source: Some(source),
                flavor: flavor_name(flavor),
                ..Details::default()
            },
            Kind::ServerResize { flavor } => Details {
                event: "server.resize",
                flavor: flavor_name(flavor),
                ..Details::default()
            },
            Kind::ServerRebuild { source } => {
                Details { event: "server.rebuild", source: Some(source), ..Details::default() }
            }
            Kind::ServerDelete => Details { event: "server.delete", ..Details::default() },
            Kind::TransferOut { region, bytes } => Details {
                event: "transfer.out",
                region: place(region),
                bytes: Some(bytes),
                ..Details::default()
            },
        }
    }
}

/// The header of a CSV log.
///
/// # Errors
/// What `out` gives.
pub fn csv_header<W: Write + ?Sized>(out: &mut W) -> io::Result<()> {
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    writeln!(out, "{}", names.join(","))
}

/// The account list that goes with a log: billing days over the month, most accounts on the
/// lowest service level.
///
/// # Errors
/// What `out` gives.
pub fn accounts<W: Write + ?Sized>(out: &mut W, count: u32, seed: u64) -> io::Result<()> {
    const LEVELS: [&str; 16] = [
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "managed-infrastructure",
        "sysops",
        "sysops",
        "devops",
    ];
    let mut dice = Dice::new(seed ^ 0xacc0);
    writeln!(out, "account,name,billing_day,service_level,opened,cost_center")?;
    let mut id = Vec::new();
    for number in 0..count {
        id.clear();
        account(&mut id, number);
        out.write_all(&id)?;
        let (day, level) = (dice.between(1, 31), LEVELS[dice.below(16) as usize]);
        writeln!(out, ",,{day},{level},2014-01-01,cc-{:03}", dice.below(200))?;
    }
    Ok(())
}

fn account(line: &mut Vec<u8>, account: u32) {
    line.extend_from_slice(b"acct-");
    number(line, u64::from(account), 6);
}

fn event_id(line: &mut Vec<u8>, id: u64) {
    line.push(b'e');
    number(line, id, 10);
}

fn resource(line: &mut Vec<u8>, resource: Resource) {
    match resource {
        Resource::Image(image) => {
            line.extend_from_slice(b"img-");
            hex(line, image);
        }
        Resource::Server(server) => {
            line.extend_from_slice(b"srv-");
            hex(line, server);
        }
        Resource::Base(base) => {
            line.extend_from_slice(b"base-");
            number(line, u64::from(base), 1);
        }
    }
}

/// Eight digits that do not tell the order in which things came to be, as real ids do not.
fn hex(line: &mut Vec<u8>, number: u32) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mixed = number.wrapping_mul(0x9e37_79b1);
    for place in (0..8).rev() {
        line.push(DIGITS[(mixed >> (place * 4) & 15) as usize]);
    }
}

/// Decimal digits, at least so many.
fn number(line: &mut Vec<u8>, number: u64, least: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    let mut rest = number;
    while rest > 0 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    line.extend_from_slice(&digits[at.min(digits.len() - least)..]);
}
