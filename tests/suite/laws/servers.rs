//! Servers, cut in two: a resize or rebuild to what a server already is does not change its bill.

use chrono::{DateTime, SecondsFormat};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

use sharebill::world::Enforcement;

use crate::consequences::log;
use crate::laws::{TWO_MONTHS, at, cases, log_of, mix, records, sum, texts_of, with_logs};
use crate::support::{Texts, small_book};

/// A server's life: its step, when it begins, how long it lasts, and its real resizes, each a
/// place in its life (in thousandths) and a flavor.
#[derive(Debug, Clone)]
struct Life {
    increment: i64,
    start: i64,
    micros: i64,
    resizes: Vec<(i64, &'static str)>,
}

/// Lives whose steps are whole hundredths of an hour, so that hours are printed exactly.
fn some_life() -> impl Strategy<Value = Life> {
    let increments = prop::sample::select(vec![36, 360, 3600, 7200, 86_400]);
    let flavors = prop::sample::select(vec!["general1-1", "general1-2", "memory1-15"]);
    // Odd places are for resizes, even ones for cuts: no two at one instant.
    let resizes = prop::collection::vec((0..500_i64, flavors), 0..4);
    (increments, 0..TWO_MONTHS / 2, 10_000..TWO_MONTHS / 2, resizes).prop_map(
        |(increment, start, micros, resizes)| {
            let mut resizes: Vec<_> =
                resizes.into_iter().map(|(place, flavor)| (2 * place + 1, flavor)).collect();
            resizes.sort();
            resizes.dedup_by_key(|(place, _)| *place);
            Life { increment, start, micros, resizes }
        },
    )
}

impl Life {
    fn instant(&self, place: i64) -> String {
        at(self.start + self.micros / 1000 * place)
    }

    fn flavor(&self, place: i64) -> &'static str {
        let past = self.resizes.iter().rev().find(|(resized, _)| *resized < place);
        past.map_or("general1-1", |(_, flavor)| flavor)
    }

    /// The log: a producer's Windows image, booted by a consumer.
    fn lines(&self) -> String {
        let mut lines = format!(
            "2016-03-01 image.create producer golden bytes=1GiB os=windows
             2016-03-01 image.member.create producer golden member=consumer
             {} server.create consumer web source=golden flavor=general1-1
             {} server.delete consumer web\n",
            at(self.start),
            at(self.start + self.micros)
        );
        for (place, flavor) in &self.resizes {
            let instant = self.instant(*place);
            lines += &format!("{instant} server.resize consumer web flavor={flavor}\n");
        }
        lines
    }

    /// The texts, under a book whose prices change in the middle of March, at no step's start.
    fn texts(&self, lines: &str) -> Texts {
        let mut texts = small_book().with_rows(&log(lines));
        let increment = format!("server_increment = {}", self.increment);
        texts.book_toml = texts.book_toml.replace("server_increment = 1", &increment);
        for sku in ["server:general1-1", "license:windows:general1-2", "support:infra"] {
            let unit = if sku.starts_with("support") { "GB-hour" } else { "hour" };
            texts.rates += &format!("{sku},*,{unit},,0,0.05,,2016-03-17T11:22:33Z,test\n");
        }
        Texts { end: Some("2016-05-01".to_owned()), ..texts }
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn a_life_adds_up_to_its_started_steps_however_it_is_resized(life in some_life()) {
        let step = life.increment * 1_000_000;
        let steps = (life.micros + step - 1) / step;
        let expected = BigRational::new(BigInt::from(steps * life.increment), BigInt::from(3600));
        let outputs = life.texts(&life.lines()).bill();
        for prefix in ["server:", "license:windows:"] {
            let rows = records(&outputs.charges, &["sku", "quantity"]).into_iter();
            let hours = rows.filter(|row| row[0].starts_with(prefix)).map(|row| row[1].clone());
            prop_assert_eq!(sum(hours), expected.clone(), "{}", prefix);
        }
    }

    #[test]
    fn cutting_a_server_in_two_changes_nothing(
        life in some_life(), cuts in prop::collection::vec((0..500_i64, any::<bool>()), 1..5),
    ) {
        let mut lines = life.lines();
        for (place, is_resize) in cuts {
            let instant = life.instant(2 * place);
            lines += &if is_resize {
                let flavor = life.flavor(2 * place);
                format!("{instant} server.resize consumer web flavor={flavor}\n")
            } else {
                format!("{instant} server.rebuild consumer web source=golden\n")
            };
        }
        prop_assert_eq!(life.texts(&lines).bill(), life.texts(&life.lines()).bill());
    }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn cutting_a_server_of_any_world_in_two_changes_nothing(
        seed in 0..1_000_000_u64, choice in any::<u64>(),
    ) {
        let texts = texts_of(seed, Enforcement::Report);
        let (header, mut rows) = log_of(&texts);
        let cuts: Vec<String> = some_cuts(&header, &texts.events[0].1, choice);
        rows.extend(cuts);
        let (ours, expected) = (with_logs(&texts, &header, &[rows]).bill(), texts.bill());
        prop_assert_eq!(ours.charges, expected.charges);
        prop_assert_eq!(ours.allocations, expected.allocations);
        prop_assert_eq!(ours.sharing, expected.sharing);
    }
}

/// For each server that is surely created, and as its row says: a resize to the flavor that it
/// has, between its creation and the next event on it.
fn some_cuts(header: &str, events: &str, choice: u64) -> Vec<String> {
    let rows = records(events, &["time", "event", "resource", "flavor", "id"]);
    let micros = |row: &Vec<String>| {
        DateTime::parse_from_rfc3339(&row[0]).expect("RFC 3339").timestamp_micros()
    };
    let last = rows.iter().map(micros).max().unwrap_or(0);
    let mut cuts = Vec::new();
    for (place, row) in (0..).zip(&rows).filter(|(_, row)| is_surely_created(row, &rows)) {
        let created = micros(row);
        let later = rows.iter().filter(|other| other[2] == row[2] && other[1] != "server.create");
        let next = later.map(micros).filter(|next| *next >= created).min().unwrap_or(last);
        if next > created {
            let room = (next - created).unsigned_abs();
            let cut = created + (mix(choice, place) % room).cast_signed();
            cuts.push(resize(header, cut, &row[2], &row[3]));
        }
    }
    cuts
}

/// Whether a row (time, event, resource, flavor, id) creates a server, and nothing else creates
/// something of that name or has that event id.
fn is_surely_created(row: &[String], rows: &[Vec<String>]) -> bool {
    let creations =
        rows.iter().filter(|other| other[2] == row[2] && other[1].ends_with(".create")).count();
    let ids = rows.iter().filter(|other| other[4] == row[4]).count();
    row[1] == "server.create" && creations == 1 && (row[4].is_empty() || ids == 1)
}

/// A row that resizes a server, under a header whose columns stand in any order.
fn resize(header: &str, micros: i64, server: &str, flavor: &str) -> String {
    let instant = DateTime::from_timestamp_micros(micros).expect("an instant");
    let fields = header.split(',').map(|column| match column {
        "time" => instant.to_rfc3339_opts(SecondsFormat::Micros, true),
        "event" => "server.resize".to_owned(),
        "resource" => server.to_owned(),
        "flavor" => flavor.to_owned(),
        _ => String::new(),
    });
    fields.collect::<Vec<_>>().join(",")
}
