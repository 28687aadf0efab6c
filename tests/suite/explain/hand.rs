//! A charge worked out by hand, from the rows of the log and of the book that an explanation names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use num_traits::Zero;
use serde_json::Value;

use crate::reference::dates::{Instant, SECOND, parse_instant};
use crate::reference::number::{
    Exact, decimals_of, parse_decimal, round_half_even, round_half_up, sum, whole,
};
use crate::reference::text::{Row, read_rows};

pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

pub(super) fn number(text: &str) -> Exact {
    parse_decimal(text).expect("a decimal").value
}

pub(super) fn exact(value: &Value) -> Exact {
    number(text(value))
}

fn instant(value: &Value) -> Instant {
    parse_instant(text(value)).expect("an instant")
}

/// Usage that is priced together: SKU, region, date.
pub(super) type LineKey = (String, String, String);

fn key_of(charge: &Value) -> LineKey {
    let date = charge["effective_from"].as_str().unwrap_or_default();
    (text(&charge["sku"]).to_owned(), text(&charge["region"]).to_owned(), date.to_owned())
}

/// What is worked out by hand for one explanation.
pub(super) struct Hand<'a> {
    told: &'a Value,
    place: &'a Path,
    rates: BTreeMap<u64, Row>,
    flavors: Vec<Row>,
    book: toml::Table,
    run: (Instant, Instant),
}

impl<'a> Hand<'a> {
    pub(super) fn new(place: &'a Path, told: &'a Value) -> Hand<'a> {
        let prices = place.join(text(&told["run"]["prices"]));
        let read = |file: &str| fs::read_to_string(prices.join(file)).expect("a book");
        let rates = read_rows(&read("rates.csv")).expect("rates");
        Hand {
            told,
            place,
            rates: rates.into_iter().map(|row| (row.line, row)).collect(),
            flavors: read_rows(&read("flavors.csv")).expect("flavors"),
            book: read("book.toml").parse().expect("TOML"),
            run: (instant(&told["run"]["start"]), instant(&told["run"]["end"])),
        }
    }

    fn setting(&self, name: &str) -> i64 {
        self.book.get(name).and_then(toml::Value::as_integer).unwrap_or_default()
    }

    /// The quantity of each line of a cycle, rounded to the book's decimals (M6).
    pub(super) fn lines(&self, cycle: &Value) -> BTreeMap<LineKey, Exact> {
        let decimals = usize::try_from(self.setting("quantity_decimals")).expect("few");
        let mut lines = BTreeMap::new();
        for charge in list(&cycle["charges"]).iter().filter(|c| !c["usage"].is_null()) {
            let (unrounded, units) = self.quantity(charge, cycle);
            let usage = &charge["usage"];
            assert_eq!(units, exact(&usage["base_units"]), "base units: {charge}");
            let by_ratio = &units * exact(&usage["numerator"]) / exact(&usage["denominator"]);
            assert_eq!(by_ratio, unrounded, "ratio: {charge}");
            let quantity = round_half_even(&unrounded, decimals);
            assert_eq!(quantity, exact(&usage["quantity"]), "quantity: {charge}");
            lines.insert(key_of(charge), quantity);
        }
        lines
    }

    /// What a charge's line comes to, from the rows of the log: in units of its price, and the sum
    /// of the base units that are told of its spans.
    fn quantity(&self, charge: &Value, cycle: &Value) -> (Exact, Exact) {
        let (mut quantity, mut units) = (Exact::zero(), Exact::zero());
        let kind = text(&charge["sku"]).split(':').next().unwrap_or_default().to_owned();
        for resource in list(&charge["resources"]) {
            for span in list(&resource["spans"]) {
                units += exact(&span["base_units"]);
                quantity += match kind.as_str() {
                    "image.storage" | "object.storage" => {
                        self.stored(charge, cycle, resource, span)
                    }
                    "transfer.out" => self.sent(resource, span),
                    _ => self.served(charge, cycle, resource, span),
                };
            }
        }
        (quantity, units)
    }

    /// M1.
    fn stored(&self, charge: &Value, cycle: &Value, resource: &Value, span: &Value) -> Exact {
        let rows = self.rows_of(text(&resource["resource"]));
        let created =
            rows.iter().find(|row| row.get("event").ends_with(".create")).expect("a create");
        assert_eq!(created.get("account"), text(&cycle["account"]), "R1, R5: the owner pays");
        let ended =
            rows.iter().find(|row| ["image.delete", "object.delete"].contains(&row.get("event")));
        let from = time_of(created);
        let until = ended.map_or(Instant::MAX, time_of);
        let length = self.is_cut(charge, cycle, resource, span, (from, until));
        let hours = self.setting("month_hours");
        let month = match hours {
            0 => instant(&cycle["end"]) - instant(&cycle["start"]),
            hours => hours * 3600 * SECOND,
        };
        number(created.get("bytes")) * whole(length) / (self.gigabyte() * whole(month))
    }

    /// M2, M3.
    fn served(&self, charge: &Value, cycle: &Value, resource: &Value, span: &Value) -> Exact {
        let rows = self.rows_of(text(&resource["resource"]));
        let created =
            rows.iter().find(|row| row.get("event") == "server.create").expect("a create");
        assert_eq!(created.get("account"), text(&cycle["account"]), "R3: who created it pays");
        let anchor = time_of(created);
        assert_eq!(instant(&span["created"]), anchor);
        let changes = ["server.create", "server.resize", "server.rebuild", "server.delete"];
        let mut times: Vec<Instant> =
            rows.iter().filter(|row| changes.contains(&row.get("event"))).map(time_of).collect();
        times.push(Instant::MAX);
        let (from, until) = (instant(&span["from"]), instant(&span["until"]));
        let begun = times.iter().copied().filter(|time| *time <= from).max().expect("begun");
        let changed = times.iter().copied().filter(|time| *time > begun).min().expect("an end");
        self.is_cut(charge, cycle, resource, span, (begun, changed));
        let mut flavored = rows.iter().filter(|row| {
            ["server.create", "server.resize"].contains(&row.get("event")) && time_of(row) <= from
        });
        let flavor = flavored.next_back().expect("a flavor").get("flavor");
        assert_eq!(flavor, text(&span["flavor"]));
        let step = self.setting("server_increment") * SECOND;
        let started = |time: Instant| (time - anchor + step - 1) / step;
        let hours = whole((started(until) - started(from)) * step) / whole(3600 * SECOND);
        let sku: Vec<&str> = text(&charge["sku"]).split(':').collect();
        match sku[..] {
            ["server", of] => assert_eq!(of, flavor),
            ["license", os, of] => assert_eq!((os, of), (text(&span["os"]), flavor)),
            _ => {
                let row = self.flavors.iter().find(|row| row.get("flavor") == flavor);
                return hours * number(row.expect("a known flavor").get("support_gb"));
            }
        }
        hours
    }

    /// M4.
    fn sent(&self, resource: &Value, span: &Value) -> Exact {
        let rows = self.rows_of(text(&resource["resource"]));
        let sent = rows.iter().filter(|row| {
            row.get("event") == "transfer.out"
                && time_of(row) == instant(&span["from"])
                && number(row.get("bytes")) == number(&span["bytes"].to_string())
        });
        let sent: Vec<&Row> = sent.collect();
        assert!(!sent.is_empty(), "a transfer without a row: {span}");
        number(sent[0].get("bytes")) / self.gigabyte()
    }

    fn gigabyte(&self) -> Exact {
        let unit = self.book.get("gigabyte").and_then(toml::Value::as_str);
        whole(if unit == Some("GiB") { 1 << 30 } else { 1_000_000_000 })
    }

    /// A span is what was there from when to when, cut by the run, the cycle, and the version of
    /// the rate; its length.
    fn is_cut(
        &self,
        charge: &Value,
        cycle: &Value,
        resource: &Value,
        span: &Value,
        there: (Instant, Instant),
    ) -> Instant {
        let since = charge["effective_from"]
            .as_str()
            .map_or(0, |date| parse_instant(date).expect("a date"));
        let sku = text(&charge["sku"]);
        let regions = [text(&charge["region"]), text(&resource["region"])];
        let of_rate = self
            .rates
            .values()
            .filter(|row| row.get("sku") == sku && regions.contains(&row.get("region")));
        let dates = of_rate.map(|row| parse_instant(row.get("effective_from")).expect("a date"));
        let next = dates.filter(|date| *date > since).min().unwrap_or(Instant::MAX);
        let (start, end) = (instant(&cycle["start"]), instant(&cycle["end"]));
        let from = [there.0, start, self.run.0, since].into_iter().max();
        let until = [there.1, end, self.run.1, next].into_iter().min();
        let (from, until) = (from.expect("four"), until.expect("four"));
        assert_eq!((instant(&span["from"]), instant(&span["until"])), (from, until), "{span}");
        until - from
    }

    /// The rows of the log that are told of a resource, each looked up in its file.
    fn rows_of(&self, resource: &str) -> Vec<Row> {
        let events = list(&self.told["resources"][resource]["events"]);
        let applied = events.iter().filter(|event| event["applied"] == true);
        applied
            .map(|event| {
                let file = fs::read_to_string(self.place.join(text(&event["file"])));
                let line = event["line"].as_u64().expect("a line");
                let row = row_at(&file.expect("a log"), line);
                assert_eq!(row.get("resource"), resource);
                assert_eq!(row.get("event"), text(&event["event"]));
                assert_eq!(row.get("id"), event["id"].as_str().unwrap_or_default());
                assert_eq!(time_of(&row), instant(&event["time"]));
                row
            })
            .collect()
    }

    pub(super) fn check_charge(
        &self,
        charge: &Value,
        cycle: &Value,
        lines: &BTreeMap<LineKey, Exact>,
        what: &str,
    ) {
        let (quantity, price) = self.priced(charge, cycle, lines, what);
        assert_eq!(exact(&charge["quantity"]), quantity, "{what}");
        assert_eq!(exact(&charge["unit_price"]), price, "{what}");
        let digits = decimals_of(text(&charge["amount"]));
        let amount = match self.book.get("rounding").and_then(toml::Value::as_str) {
            Some("half-even") => round_half_even(&(quantity * price), digits),
            _ => round_half_up(&(quantity * price), digits),
        };
        assert_eq!(exact(&charge["amount"]), amount, "{what}");
        // A: the parts add up to the charge.
        let parts = list(&charge["resources"]);
        if !charge["usage"].is_null() {
            let add = |column: &str| {
                let all: Vec<Exact> = parts.iter().map(|part| exact(&part[column])).collect();
                sum(all.iter())
            };
            assert_eq!(add("quantity"), exact(&charge["quantity"]), "{what}");
            assert_eq!(add("amount"), amount, "{what}");
        }
    }

    /// The quantity and the unit price that a charge has to have, from the named line of the book.
    fn priced(
        &self,
        charge: &Value,
        cycle: &Value,
        lines: &BTreeMap<LineKey, Exact>,
        what: &str,
    ) -> (Exact, Exact) {
        let rate = &charge["rate"];
        if rate.is_null() {
            let quantity = lines[&key_of(charge)].clone();
            return (quantity, Exact::zero());
        }
        let line = rate["line"].as_u64().expect("a line");
        if text(&charge["sku"]) == "discount:volume" {
            return self.discounted(charge, cycle, line);
        }
        let row = &self.rates[&line];
        assert_eq!(row.get("sku"), text(&charge["sku"]), "{what}");
        assert_eq!(row.get("region"), text(&charge["region"]), "{what}");
        assert_eq!(row.get("source"), text(&rate["source"]), "{what}");
        assert_eq!(number(row.get("from")), exact(&charge["tier_from"]), "{what}");
        let date = parse_instant(row.get("effective_from")).expect("a date");
        assert_eq!(date, instant(&charge["effective_from"]), "{what}");
        let price = number(row.get("price"));
        match text(&charge["rule"]) {
            "R8" => {
                let level = text(&charge["sku"]).replace("minimum:", "support:");
                let support = amounts(cycle, |sku| sku == level);
                (whole(1), price - support)
            }
            "R9" => (whole(1), price),
            _ if text(&charge["unit"]) == "flat" => {
                self.is_flat_due(charge, lines, row, what);
                (whole(1), number(row.get("flat")))
            }
            _ => (self.part(charge, lines, row), price),
        }
    }

    /// The part of a line's quantity that a tier prices (P3).
    fn part(&self, charge: &Value, lines: &BTreeMap<LineKey, Exact>, row: &Row) -> Exact {
        let key = key_of(charge);
        let quantity = lines[&key].clone();
        let from = number(row.get("from"));
        match row.get("model") {
            "volume" => {
                assert_eq!(self.volume_tier(&key, lines), from);
                quantity
            }
            "package" => {
                // A version that starts no package has no charge: where it stands is not told.
                let position = exact(&charge["usage"]["position"]);
                ((&position + quantity) / &from).ceil() - (position / from).ceil()
            }
            _ => {
                let position = self.position(&key, lines);
                assert_eq!(position, exact(&charge["usage"]["position"]), "{charge}");
                let end = &position + quantity;
                let upper = self.tiers(&key).into_iter().find(|next| *next > from);
                let upper = upper.map_or(end.clone(), |upper| upper.min(end));
                upper - from.max(position)
            }
        }
    }

    fn is_flat_due(&self, charge: &Value, lines: &BTreeMap<LineKey, Exact>, row: &Row, what: &str) {
        let key = key_of(charge);
        let from = number(row.get("from"));
        let position = self.position(&key, lines);
        if row.get("model") == "volume" {
            assert!(position.is_zero(), "{what}");
            assert_eq!(self.volume_tier(&key, lines), from, "{what}");
        } else {
            let end = &position + &lines[&key];
            assert!(position <= from && from < end, "{what}");
        }
    }

    /// The lower bounds of a rate's tiers, ascending.
    fn tiers(&self, (sku, region, date): &LineKey) -> Vec<Exact> {
        let date = parse_instant(date).expect("a date");
        let of_rate = self.rates.values().filter(|row| {
            let since = parse_instant(row.get("effective_from")).expect("a date");
            row.get("sku") == sku && row.get("region") == region && since == date
        });
        let mut tiers: Vec<Exact> = of_rate.map(|row| number(row.get("from"))).collect();
        tiers.sort();
        tiers
    }

    fn volume_tier(&self, key: &LineKey, lines: &BTreeMap<LineKey, Exact>) -> Exact {
        let same = lines.iter().filter(|(other, _)| (&other.0, &other.1) == (&key.0, &key.1));
        let all = sum(same.map(|(_, quantity)| quantity));
        let tiers = self.tiers(key);
        tiers.iter().rev().find(|from| **from < all).unwrap_or(&tiers[0]).clone()
    }

    /// What was used before by the same SKU, or by its pool in the book's order (P3, P4).
    fn position(&self, key: &LineKey, lines: &BTreeMap<LineKey, Exact>) -> Exact {
        let pools = self.book.get("tier_pools").and_then(toml::Value::as_array);
        let pools = pools.into_iter().flatten().filter_map(toml::Value::as_array);
        let place = |pool: &[toml::Value], sku: &str| {
            pool.iter().position(|member| member.as_str() == Some(sku))
        };
        let pool = pools.into_iter().find(|pool| place(pool, &key.0).is_some());
        let order = |(sku, _, date): &LineKey| {
            let at = pool.and_then(|pool| place(pool, sku));
            (at, parse_instant(date).unwrap_or_default())
        };
        let before = lines.iter().filter(|(other, _)| {
            let together =
                other.0 == key.0 || pool.is_some_and(|pool| place(pool, &other.0).is_some());
            together && other.1 == key.1 && !other.2.is_empty() && order(other) < order(key)
        });
        sum(before.map(|(_, quantity)| quantity))
    }

    /// P7.
    fn discounted(&self, charge: &Value, cycle: &Value, line: u64) -> (Exact, Exact) {
        let file = self.place.join(text(&charge["rate"]["file"]));
        let rows = read_rows(&fs::read_to_string(file).expect("discounts")).expect("rows");
        let row = rows.iter().find(|row| row.line == line).expect("the line that is named");
        assert_eq!(row.get("source"), text(&charge["rate"]["source"]));
        let from = number(row.get("from"));
        assert_eq!(from, exact(&charge["tier_from"]));
        let date = row.get("effective_from");
        let bands = rows.iter().filter(|row| row.get("effective_from") == date);
        let next = bands.map(|row| number(row.get("from"))).find(|next| *next > from);
        let discounted = |sku: &str| {
            ["server:", "license:", "support:"].iter().any(|kind| sku.starts_with(kind))
        };
        let all = amounts(cycle, discounted);
        let is_whole =
            self.book.get("discount_model").and_then(toml::Value::as_str) == Some("whole");
        let end = next.map_or(all.clone(), |next| next.min(all.clone()));
        let part = if is_whole { all } else { end - from };
        (part, -number(row.get("percent")) / whole(100))
    }
}

/// The row on a line of a log; others may be no rows at all.
fn row_at(file: &str, line: u64) -> Row {
    let header = file.lines().next().expect("a header");
    let line = file.lines().nth(usize::try_from(line - 1).expect("few lines")).expect("the line");
    read_rows(&format!("{header}\n{line}\n")).expect("a row").remove(0)
}

/// The sum of a cycle's amounts, of some SKUs.
fn amounts(cycle: &Value, is_it: impl Fn(&str) -> bool) -> Exact {
    let charges = list(&cycle["charges"]).iter();
    let all: Vec<Exact> = charges
        .filter(|charge| is_it(text(&charge["sku"])))
        .map(|charge| exact(&charge["amount"]))
        .collect();
    sum(all.iter())
}

fn time_of(row: &Row) -> Instant {
    parse_instant(row.get("time")).expect("a time")
}
