//! Generated logs as CSV or JSON lines, written byte by byte: a generator must not be what a
//! benchmark measures.
//!
//! A row alternates between words that are known beforehand and numbers. Words have a fixed room,
//! which is copied whole, and numbers come from tables of two digits.

use std::io::{self, Write};

use crate::generate::{Dice, FLAVORS, Happening, Kind, OS_NAMES, REGIONS, Resource};
use crate::read::events::COLUMNS;

/// What takes a log, row by row.
pub trait Sink {
    /// Takes the next row. `id` is the event's id, where it has one.
    ///
    /// # Errors
    /// What writing gives.
    fn push(&mut self, happening: &Happening, id: Option<u64>) -> io::Result<()>;

    /// Ends the log. Without it, the last rows may be missing.
    ///
    /// # Errors
    /// What writing gives.
    fn finish(self) -> io::Result<()>;
}

/// How many bytes are written at once, at least.
const BLOCK: usize = 256 << 10;
/// More bytes than any row has, by the room of a word.
const ROW: usize = 512;
const MICROS_PER_MINUTE: i64 = 60_000_000;

/// A log as text.
#[derive(Debug)]
pub struct TextLog<W> {
    out: W,
    style: &'static Style,
    /// Rows that wait to be written, up to `filled`; the rest is room for one more.
    block: Vec<u8>,
    filled: usize,
    /// The minute that `opening` is of.
    minute: i64,
    /// How each row of this minute begins.
    opening: Word,
}

impl<W: Write> TextLog<W> {
    /// A log as CSV, with its header.
    pub fn csv(out: W) -> TextLog<W> {
        let mut log = TextLog::new(out, &CSV);
        let header = COLUMNS.map(|column| column.name).join(",") + "\n";
        log.block[..header.len()].copy_from_slice(header.as_bytes());
        log.filled = header.len();
        log
    }

    /// A log as JSON lines, absent values left out.
    pub fn jsonl(out: W) -> TextLog<W> {
        TextLog::new(out, &JSONL)
    }

    fn new(out: W, style: &'static Style) -> TextLog<W> {
        let block = vec![0; BLOCK + ROW];
        TextLog { out, style, block, filled: 0, minute: i64::MIN, opening: Word::new(&[]) }
    }

    fn write_block(&mut self) -> io::Result<()> {
        let filled = std::mem::take(&mut self.filled);
        self.out.write_all(&self.block[..filled])
    }

    #[cold]
    fn begin_minute(&mut self, happening: &Happening) {
        self.minute = happening.time.micros().div_euclid(MICROS_PER_MINUTE);
        let of_day = self.minute.rem_euclid(24 * 60);
        let day = happening.time.day().to_string();
        let time = format!("T{:02}:{:02}:", of_day / 60, of_day % 60);
        self.opening = Word::new(&[self.style.opening, &day, &time]);
    }
}

impl<W: Write> Sink for TextLog<W> {
    fn push(&mut self, happening: &Happening, id: Option<u64>) -> io::Result<()> {
        if happening.time.micros().div_euclid(MICROS_PER_MINUTE) != self.minute {
            self.begin_minute(happening);
        }
        // There is always room for one more.
        if let Some(room) = self.block[self.filled..].first_chunk_mut() {
            let mut line = Line { room, at: 0 };
            line.word(&self.opening);
            let micros = happening.time.micros().rem_euclid(MICROS_PER_MINUTE);
            line.seconds(micros.unsigned_abs() as u32);
            line.row(self.style, happening);
            line.end(self.style, id);
            self.filled += line.at;
        }
        if self.filled >= BLOCK { self.write_block() } else { Ok(()) }
    }

    fn finish(mut self) -> io::Result<()> {
        self.write_block()?;
        self.out.flush()
    }
}

/// A short text with room behind it, so that copying it needs no loop.
#[derive(Debug, Clone, Copy)]
struct Word<const ROOM: usize = 48> {
    room: [u8; ROOM],
    length: usize,
}

impl<const ROOM: usize> Word<ROOM> {
    /// The texts one after the other.
    const fn new(parts: &[&str]) -> Self {
        let mut word = Word { room: [0; ROOM], length: 0 };
        let mut part = 0;
        while part < parts.len() {
            let text = parts[part].as_bytes();
            let mut at = 0;
            while at < text.len() {
                word.room[word.length] = text[at];
                word.length += 1;
                at += 1;
            }
            part += 1;
        }
        word
    }

    /// Each name between these two texts.
    const fn each<const COUNT: usize>(
        before: &str,
        names: [&str; COUNT],
        after: &str,
    ) -> [Self; COUNT] {
        let mut words = [Word::new(&[]); COUNT];
        let mut at = 0;
        while at < COUNT {
            words[at] = Word::new(&[before, names[at], after]);
            at += 1;
        }
        words
    }
}

/// The words between the values of a row. Those that follow a text end it, too.
#[derive(Debug)]
struct Style {
    opening: &'static str,
    /// The event, by its place in [`EVENTS`], up to the account's number.
    event: [Word<64>; 10],
    /// Up to the resource's number, by the region's.
    image_in: [Word; REGIONS.len()],
    server_in: [Word; REGIONS.len()],
    base_in: [Word; REGIONS.len()],
    /// The same without a region.
    image: Word,
    server: Word,
    from_image: Word,
    from_server: Word,
    from_base: Word,
    member: Word,
    /// The flavor, behind a source and without one.
    flavor: [Word; FLAVORS.len()],
    new_flavor: [Word; FLAVORS.len()],
    /// Up to the size, behind a source and without one.
    bytes: Word,
    own_bytes: Word,
    /// Behind the size.
    os: [Word; OS_NAMES.len()],
    /// What is left of the row behind the resource, the source, and the member.
    after_resource: Word,
    after_source: Word,
    after_member: Word,
    accepted: Word,
    id: Word,
    end_of_id: Word,
    end: Word,
}

const EVENTS: [&str; 10] = [
    "image.create",
    "image.create",
    "image.delete",
    "image.member.create",
    "image.member.update",
    "server.create",
    "server.resize",
    "server.rebuild",
    "server.delete",
    "transfer.out",
];

/// Their words for an os that is left out, and for the others.
const fn os_words(before: &str, after: &str, absent: &str) -> [Word; OS_NAMES.len()] {
    let mut words = Word::each(before, OS_NAMES, after);
    words[0] = Word::new(&[absent]);
    words
}

static CSV: Style = Style {
    opening: "",
    event: Word::each("Z,", EVENTS, ",acct-"),
    image_in: Word::each(",", REGIONS, ",img-"),
    server_in: Word::each(",", REGIONS, ",srv-"),
    base_in: Word::each(",", REGIONS, ",base-"),
    image: Word::new(&[",,img-"]),
    server: Word::new(&[",,srv-"]),
    from_image: Word::new(&[",img-"]),
    from_server: Word::new(&[",srv-"]),
    from_base: Word::new(&[",base-"]),
    member: Word::new(&[",,acct-"]),
    flavor: Word::each(",,,,", FLAVORS, ",,,,"),
    new_flavor: Word::each(",,,,,", FLAVORS, ",,,,"),
    bytes: Word::new(&[",,,"]),
    own_bytes: Word::new(&[",,,,"]),
    os: os_words(",,", ",,,", ",,,,,"),
    after_resource: Word::new(&[",,,,,,,,,"]),
    after_source: Word::new(&[",,,,,,,,"]),
    after_member: Word::new(&[",,,,,,,"]),
    accepted: Word::new(&[",accepted,,,,,,"]),
    id: Word::new(&["e"]),
    end_of_id: Word::new(&["\n"]),
    end: Word::new(&["\n"]),
};

static JSONL: Style = Style {
    opening: r#"{"time":""#,
    event: Word::each(r#"Z","event":""#, EVENTS, r#"","account":"acct-"#),
    image_in: Word::each(r#"","region":""#, REGIONS, r#"","resource":"img-"#),
    server_in: Word::each(r#"","region":""#, REGIONS, r#"","resource":"srv-"#),
    base_in: Word::each(r#"","region":""#, REGIONS, r#"","resource":"base-"#),
    image: Word::new(&[r#"","resource":"img-"#]),
    server: Word::new(&[r#"","resource":"srv-"#]),
    from_image: Word::new(&[r#"","source":"img-"#]),
    from_server: Word::new(&[r#"","source":"srv-"#]),
    from_base: Word::new(&[r#"","source":"base-"#]),
    member: Word::new(&[r#"","member":"acct-"#]),
    flavor: Word::each(r#"","flavor":""#, FLAVORS, r#"""#),
    new_flavor: Word::each(r#"","flavor":""#, FLAVORS, r#"""#),
    bytes: Word::new(&[r#"","bytes":"#]),
    own_bytes: Word::new(&[r#"","bytes":"#]),
    os: os_words(r#","os":""#, r#"""#, ""),
    after_resource: Word::new(&[r#"""#]),
    after_source: Word::new(&[r#"""#]),
    after_member: Word::new(&[r#"""#]),
    accepted: Word::new(&[r#"","status":"accepted""#]),
    id: Word::new(&[r#","id":"e"#]),
    end_of_id: Word::new(&["\"}\n"]),
    end: Word::new(&["}\n"]),
};

/// A row in the making.
struct Line<'a> {
    room: &'a mut [u8; ROW],
    at: usize,
}

impl Line<'_> {
    /// From the end of its time to where an id may stand.
    fn row(&mut self, style: &Style, happening: &Happening) {
        let number = happening.number;
        match happening.kind {
            Kind::ImageUpload { region, bytes, os } => {
                self.event(style, 0, happening.account);
                self.resource(&style.image_in[usize::from(region)], number);
                self.word(&style.own_bytes);
                self.number(bytes);
                self.word(&style.os[usize::from(os)]);
            }
            Kind::ImageTake { region, server, bytes } => {
                self.event(style, 1, happening.account);
                self.resource(&style.image_in[usize::from(region)], number);
                self.resource(&style.from_server, server);
                self.word(&style.bytes);
                self.number(bytes);
                self.word(&style.os[0]);
            }
            Kind::ImageDelete => {
                self.event(style, 2, happening.account);
                self.resource(&style.image, number);
                self.word(&style.after_resource);
            }
            Kind::MemberCreate { member } => {
                self.event(style, 3, happening.account);
                self.resource(&style.image, number);
                self.word(&style.member);
                self.account(member);
                self.word(&style.after_member);
            }
            Kind::MemberAccept { member } => {
                self.event(style, 4, happening.account);
                self.resource(&style.image, number);
                self.word(&style.member);
                self.account(member);
                self.word(&style.accepted);
            }
            Kind::ServerCreate { region, source, flavor } => {
                self.event(style, 5, happening.account);
                self.resource(&style.server_in[usize::from(region)], number);
                self.source(style, source);
                self.word(&style.flavor[flavor.place()]);
            }
            Kind::ServerResize { flavor } => {
                self.event(style, 6, happening.account);
                self.resource(&style.server, number);
                self.word(&style.new_flavor[flavor.place()]);
            }
            Kind::ServerRebuild { source } => {
                self.event(style, 7, happening.account);
                self.resource(&style.server, number);
                self.source(style, source);
                self.word(&style.after_source);
            }
            Kind::ServerDelete => {
                self.event(style, 8, happening.account);
                self.resource(&style.server, number);
                self.word(&style.after_resource);
            }
            Kind::TransferOut { region, bytes } => {
                self.event(style, 9, happening.account);
                self.word(&style.base_in[usize::from(region)]);
                self.number(number.into());
                self.word(&style.own_bytes);
                self.number(bytes);
                self.word(&style.os[0]);
            }
        }
    }

    fn end(&mut self, style: &Style, id: Option<u64>) {
        match id {
            Some(id) => {
                self.word(&style.id);
                self.padded(id, 10);
                self.word(&style.end_of_id);
            }
            None => self.word(&style.end),
        }
    }

    fn event(&mut self, style: &Style, event: usize, account: u32) {
        self.word(&style.event[event]);
        self.account(account);
    }

    fn source(&mut self, style: &Style, source: Resource) {
        match source {
            Resource::Image(image) => self.resource(&style.from_image, image),
            Resource::Server(server) => self.resource(&style.from_server, server),
            Resource::Base(base) => {
                self.word(&style.from_base);
                self.number(base.into());
            }
        }
    }

    fn word<const ROOM: usize>(&mut self, word: &Word<ROOM>) {
        self.room[self.at..self.at + ROOM].copy_from_slice(&word.room);
        self.at += word.length;
    }

    fn array<const LENGTH: usize>(&mut self, bytes: [u8; LENGTH]) {
        self.room[self.at..self.at + LENGTH].copy_from_slice(&bytes);
        self.at += LENGTH;
    }

    /// Seconds of a minute and their fraction.
    fn seconds(&mut self, micros: u32) {
        let [a, b] = two(micros / 1_000_000);
        let [c, d] = two(micros / 10_000);
        let [e, f] = two(micros / 100);
        let [g, h] = two(micros);
        self.array([a, b, b'.', c, d, e, f, g, h]);
    }

    fn account(&mut self, account: u32) {
        if account < 1_000_000 {
            let [a, b] = two(account / 10_000);
            let [c, d] = two(account / 100);
            let [e, f] = two(account);
            self.array([a, b, c, d, e, f]);
        } else {
            self.number(account.into());
        }
    }

    /// What comes before it, and eight digits that do not tell the order in which things came to
    /// be, as real ids do not. Multiplying by an odd number keeps all of them different.
    fn resource<const ROOM: usize>(&mut self, before: &Word<ROOM>, number: u32) {
        self.word(before);
        let [a, b, c, d] = number.wrapping_mul(0x9e37_79b1).to_be_bytes();
        let ([a, b], [c, d], [e, f], [g, h]) = (hex(a), hex(b), hex(c), hex(d));
        self.array([a, b, c, d, e, f, g, h]);
    }

    fn number(&mut self, number: u64) {
        self.padded(number, 1);
    }

    /// Decimal digits, at least so many.
    fn padded(&mut self, number: u64, least: usize) {
        let mut digits = [b'0'; 20];
        let mut at = digits.len();
        let mut rest = number;
        while rest > 0 {
            at -= 2;
            digits[at..at + 2].copy_from_slice(&two((rest % 100) as u32));
            rest /= 100;
        }
        // A pair may begin with a zero.
        at += usize::from(digits.get(at) == Some(&b'0'));
        let digits = &digits[at.min(digits.len() - least)..];
        self.room[self.at..self.at + digits.len()].copy_from_slice(digits);
        self.at += digits.len();
    }
}

/// The last two decimal digits.
fn two(number: u32) -> [u8; 2] {
    const DIGITS: [[u8; 2]; 100] = pairs(b"0123456789");
    DIGITS[number as usize % 100]
}

/// Two hexadecimal digits.
fn hex(byte: u8) -> [u8; 2] {
    const DIGITS: [[u8; 2]; 256] = pairs(b"0123456789abcdef");
    DIGITS[usize::from(byte)]
}

const fn pairs<const BASE: usize, const COUNT: usize>(digits: &[u8; BASE]) -> [[u8; 2]; COUNT] {
    let mut pairs = [[0; 2]; COUNT];
    let mut at = 0;
    while at < COUNT {
        pairs[at] = [digits[at / BASE], digits[at % BASE]];
        at += 1;
    }
    pairs
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
    for number in 0..count {
        let (day, level) = (dice.between(1, 31), LEVELS[dice.below(16) as usize]);
        writeln!(out, "acct-{number:06},,{day},{level},2014-01-01,cc-{:03}", dice.below(200))?;
    }
    Ok(())
}
