//! From text to events and accounts (formats.md: "Native events", "Accounts").

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::Zero;

use super::dates::{Instant, parse_instant};

/// One row of a CSV text: its line in the file, and its fields by column name.
pub struct Row {
    /// The line on which the row starts; the header is line 1.
    pub line: u64,
    fields: BTreeMap<String, String>,
}

impl Row {
    /// The field of a column, empty where the file has no such column.
    pub fn get(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }
}

/// Reads a CSV text with a header row; columns are found by name.
pub fn read_rows(text: &str) -> Result<Vec<Row>, String> {
    let without_mark = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().from_reader(without_mark.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let named = header.iter().zip(record.iter());
        let fields = named.map(|(name, field)| (name.to_string(), field.to_string())).collect();
        rows.push(Row { line, fields });
    }
    Ok(rows)
}

/// The kinds of events, in the order in which they are applied at one instant (L, "Order"). An
/// `image.create` is two kinds there: without and with a source.
const ORDER_AT_ONE_INSTANT: [&str; 16] = [
    "image.create without source",
    "image.update",
    "image.reactivate",
    "image.member.create",
    "image.member.update",
    "server.create",
    "server.resize",
    "server.rebuild",
    "object.create",
    "image.create",
    "transfer.out",
    "image.deactivate",
    "image.member.delete",
    "server.delete",
    "image.delete",
    "object.delete",
];

/// One event, read but not yet judged.
#[derive(Clone, Debug)]
pub struct Event {
    /// The file it came from.
    pub file: String,
    /// Its line in that file.
    pub line: u64,
    /// When it happened.
    pub time: Instant,
    /// The `event` column: what happened.
    pub event: String,
    /// Who acts; empty for the operator.
    pub account: String,
    /// Where.
    pub region: String,
    /// The image, server or object.
    pub resource: String,
    /// What it was made from; empty for nothing.
    pub source: String,
    /// The consumer, in `image.member.*`.
    pub member: String,
    /// The member's new status, in `image.member.update`.
    pub status: String,
    /// The size of the image, object or transfer.
    pub bytes: BigInt,
    /// The flavor, in `server.create` and `server.resize`.
    pub flavor: String,
    /// The operating system; empty where the row names none.
    pub os: String,
    /// `private`, `community` or `public`.
    pub visibility: String,
    /// The labels of an image.
    pub labels: Vec<String>,
    /// The optional id that makes delivery at least once safe.
    pub id: String,
}

impl Event {
    /// L15: is everything that two rows say the same? The same instant may be written with another
    /// offset; file and line do not matter.
    pub fn says_the_same_as(&self, other: &Event) -> bool {
        self.content() == other.content() && self.order() == other.order()
    }

    /// What the order of events goes by: time, kind, resource, member, id (L, "Order").
    fn order(&self) -> (Instant, usize, &str, &str, &str) {
        let kind = if self.event == "image.create" && self.source.is_empty() {
            "image.create without source"
        } else {
            self.event.as_str()
        };
        let place = ORDER_AT_ONE_INSTANT.iter().position(|known| *known == kind).unwrap_or(99);
        (self.time, place, &self.resource, &self.member, &self.id)
    }

    /// All other columns: the last resort of the order, so that it never depends on the input's.
    fn content(&self) -> (Vec<&str>, &BigInt, &Vec<String>) {
        let texts = vec![
            self.account.as_str(),
            &self.region,
            &self.source,
            &self.status,
            &self.flavor,
            &self.os,
            &self.visibility,
        ];
        (texts, &self.bytes, &self.labels)
    }
}

/// Reads one row of `events.csv`.
fn read_event(file: &str, row: &Row) -> Result<Event, String> {
    let text = |column: &str| row.get(column).to_string();
    let bytes = match row.get("bytes") {
        "" => BigInt::zero(),
        digits => digits.parse().map_err(|_| format!("not a whole number: {digits}"))?,
    };
    let visibility = match row.get("visibility") {
        "" => "private".to_string(),
        named => named.to_string(),
    };
    let labels = row.get("labels").split(';').filter(|word| !word.is_empty());
    Ok(Event {
        file: file.to_string(),
        line: row.line,
        time: parse_instant(row.get("time"))?,
        event: text("event"),
        account: text("account"),
        region: text("region"),
        resource: text("resource"),
        source: text("source"),
        member: text("member"),
        status: text("status"),
        bytes,
        flavor: text("flavor"),
        os: text("os"),
        visibility,
        labels: labels.map(str::to_string).collect(),
        id: text("id"),
    })
}

/// Reads all files of events and puts them in the order in which they are applied.
pub fn read_events(files: &[(&str, &str)]) -> Result<Vec<Event>, String> {
    let mut events = Vec::new();
    for (file, text) in files {
        for row in read_rows(text)? {
            let at_line = |message| format!("{file}, line {}: {message}", row.line);
            events.push(read_event(file, &row).map_err(at_line)?);
        }
    }
    events.sort_by(|one, two| {
        let by_order = one.order().cmp(&two.order());
        let by_content = by_order.then(one.content().cmp(&two.content()));
        by_content.then((&one.file, one.line).cmp(&(&two.file, two.line)))
    });
    Ok(events)
}

/// What `accounts.csv` says about one account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Day of the month on which its cycles start, 1 to 31 (B2).
    pub billing_day: i64,
    /// Its service level; empty means the book's default.
    pub service_level: String,
    /// When it was opened; nothing means "since ever".
    pub opened: Option<Instant>,
}

/// Reads `accounts.csv`: account to what is known of it.
pub fn read_accounts(text: Option<&str>) -> Result<BTreeMap<String, Account>, String> {
    let mut accounts = BTreeMap::new();
    for row in read_rows(text.unwrap_or("account\n"))? {
        let billing_day = match row.get("billing_day") {
            "" => 1,
            day => day.parse().map_err(|_| format!("not a day: {day}"))?,
        };
        let opened = match row.get("opened") {
            "" => None,
            date => Some(parse_instant(date)?),
        };
        let service_level = row.get("service_level").to_string();
        accounts
            .insert(row.get("account").to_string(), Account { billing_day, service_level, opened });
    }
    Ok(accounts)
}
