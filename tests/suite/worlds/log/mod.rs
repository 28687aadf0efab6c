//! The log of a world: its teller, what the teller remembers, and how the log is delivered.
//!
//! What is told of: `images`, `sharing`, `servers`, `objects`, and `corners` of the rules.

mod corners;
mod images;
mod objects;
mod servers;
mod sharing;

use super::dice::Dice;
use super::table::{Row, csv_text};
use super::time::{SECOND, event_time};
use super::{FLAVORS, REGIONS};

/// One GiB, in bytes.
const GIBIBYTE: u64 = 1 << 30;

const EVENT_COLUMNS: &str = "time,event,account,region,resource,source,member,status,bytes,\
                             flavor,os,visibility,labels,id";

/// One event that is told, with its instant.
#[derive(Clone)]
pub(super) struct Told {
    time: i64,
    row: Row,
}

/// What the teller remembers of an image, server or object; it need not be true under `enforce`.
#[derive(Clone)]
struct Thing {
    id: String,
    owner: String,
    region: String,
    is_ended: bool,
    /// The members of an image.
    members: Vec<String>,
    /// The image of a server.
    image: String,
    is_open_to_all: bool,
}

/// The teller of a log.
pub(super) struct Log<'w> {
    dice: &'w mut Dice,
    names: &'w [String],
    now: i64,
    last: i64,
    step: i64,
    id_count: i64,
    images: Vec<Thing>,
    servers: Vec<Thing>,
    objects: Vec<Thing>,
    pub(super) events: Vec<Told>,
}

impl<'w> Log<'w> {
    /// Tells a log of about so many events.
    pub(super) fn told(
        dice: &'w mut Dice,
        names: &'w [String],
        span: (i64, i64),
        event_count: i64,
    ) -> Self {
        let mut log = Log {
            dice,
            names,
            now: span.0,
            last: span.1,
            step: (span.1 - span.0) / event_count,
            id_count: 0,
            images: Vec::new(),
            servers: Vec::new(),
            objects: Vec::new(),
            events: Vec::new(),
        };
        log.upload_image();
        while (log.events.len() as i64) < event_count * 9 / 10 {
            log.pass_time();
            log.tell_something();
        }
        log.repeat_ids(event_count - event_count * 9 / 10);
        log
    }

    /// Time goes on: not at all, by a microsecond, by a little or by much.
    fn pass_time(&mut self) {
        self.now += match self.dice.between(0, 9) {
            0 | 1 => 0,
            2 => 1,
            3 => self.dice.between(1, 3600) * SECOND,
            4 => 3600 * SECOND,
            _ => self.dice.between(0, self.step * 3),
        };
        self.now = self.now.min(self.last);
    }

    /// One event, or a few that belong together.
    fn tell_something(&mut self) {
        match self.dice.between(0, 99) {
            0..=9 => self.upload_image(),
            10..=17 => self.take_image(),
            18..=21 => self.copy_image(),
            22..=24 => self.import_image(),
            25..=38 => self.share(),
            39..=44 => self.update_member(),
            45..=48 => self.unshare(),
            49..=62 => self.create_server(),
            63..=67 => self.resize_server(),
            68..=72 => self.rebuild_server(),
            73..=79 => self.delete_server(),
            80..=82 => self.export_image(),
            83..=84 => self.delete_object(),
            85..=87 => self.transfer(),
            88..=91 => self.end_image(),
            92..=93 => self.tell_the_impossible(),
            94..=95 => self.live_for_a_moment(),
            96..=97 => self.change_minds(),
            _ => self.hand_down(),
        }
    }

    // What every teller uses.

    fn tell(&mut self, event: &str, account: &str, fields: Vec<(&'static str, &str)>) {
        let mut row: Row = vec![("event", event.to_string()), ("account", account.to_string())];
        row.extend(fields.into_iter().map(|(column, field)| (column, field.to_string())));
        if self.dice.chance(88) {
            row.push(("id", format!("e{}", self.events.len())));
        }
        self.events.push(Told { time: self.now, row });
    }

    fn new_id(&mut self, kind: &str) -> String {
        self.id_count += 1;
        format!("{kind}-{}", self.id_count)
    }

    fn some_account(&mut self) -> String {
        self.dice.pick(self.names).clone()
    }

    /// Mostly this account, sometimes another one or the operator.
    fn mostly(&mut self, account: &str) -> String {
        match self.dice.between(0, 19) {
            0 => self.some_account(),
            1 => String::new(),
            _ => account.to_string(),
        }
    }

    fn some_region(&mut self) -> String {
        self.dice.pick(&REGIONS).to_string()
    }

    fn some_flavor(&mut self) -> String {
        self.dice.pick(&FLAVORS).to_string()
    }

    fn some_bytes(&mut self) -> String {
        let bytes = match self.dice.between(0, 19) {
            0 => 0,
            1 => 1,
            2..=7 => GIBIBYTE * self.dice.between(1, 40) as u64,
            8 => GIBIBYTE * self.dice.between(150, 1500) as u64,
            _ => self.dice.next() % (200 * GIBIBYTE),
        };
        bytes.to_string()
    }

    fn some_image(&mut self) -> Option<Thing> {
        self.dice.pick_any(&self.images)
    }

    fn some_live_image(&mut self) -> Option<Thing> {
        let live: Vec<Thing> =
            self.images.iter().filter(|image| !image.is_ended).cloned().collect();
        let any_will_do = self.dice.chance(8);
        if any_will_do {
            return self.some_image();
        }
        self.dice.pick_any(&live)
    }

    fn some_server(&mut self) -> Option<Thing> {
        let live: Vec<Thing> =
            self.servers.iter().filter(|server| !server.is_ended).cloned().collect();
        if self.dice.chance(6) {
            return self.dice.pick_any(&self.servers);
        }
        self.dice.pick_any(&live)
    }

    fn some_object(&mut self) -> Option<Thing> {
        self.dice.pick_any(&self.objects)
    }

    fn image_mut(&mut self, id: &str) -> Option<&mut Thing> {
        self.images.iter_mut().find(|image| image.id == id)
    }

    // Delivery.

    /// Repeats events, as delivery at least once does; some ids are used for other events as well.
    fn repeat_ids(&mut self, repeat_count: i64) {
        let id_of = |told: &Told| told.row.iter().find(|(column, _)| *column == "id").cloned();
        for _ in 0..repeat_count {
            let told = self.dice.pick(&self.events).clone();
            let Some(id) = id_of(&told) else { continue };
            let mut repeated = match self.dice.between(0, 9) {
                0 => self.dice.pick(&self.events).clone(),
                1 => Told { time: told.time + 1, row: told.row.clone() },
                _ => told,
            };
            repeated.row.retain(|(column, _)| *column != "id");
            repeated.row.push(id);
            self.events.push(repeated);
        }
    }
}

/// `events.csv`: in order, nearly in order, or shuffled; each time written in some way.
pub(super) fn events_csv(dice: &mut Dice, mut events: Vec<Told>) -> String {
    match dice.between(0, 2) {
        0 => events.sort_by_key(|told| told.time),
        1 => {}
        _ => dice.shuffle(&mut events),
    }
    let mut rows = Vec::new();
    for mut told in events {
        told.row.push(("time", event_time(dice, told.time)));
        rows.push(told.row);
    }
    csv_text(dice, EVENT_COLUMNS, rows)
}
