//! Seeded random worlds: a price book, accounts and a log of events, as texts. They visit the
//! corners of the charging rules on purpose. The same seed gives the same world on every machine.

/// Everything that a run reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// The seed that gave it.
    pub seed: u64,
    /// `book.toml`.
    pub book_toml: String,
    /// `rates.csv`.
    pub rates: String,
    /// `flavors.csv`.
    pub flavors: String,
    /// `discounts.csv`; some books have none.
    pub discounts: Option<String>,
    /// `accounts.csv`; some worlds have none.
    pub accounts: Option<String>,
    /// `events.csv`.
    pub events: String,
    /// `--start`.
    pub start: Option<String>,
    /// `--end`.
    pub end: Option<String>,
}

/// One second, in microseconds.
const SECOND: i64 = 1_000_000;
/// One day, in microseconds.
const DAY: i64 = 86_400 * SECOND;
/// One GiB, in bytes.
const GIBIBYTE: u64 = 1 << 30;

const REGIONS: [&str; 3] = ["DFW", "IAD", "ORD"];
const FLAVORS: [&str; 4] = ["f1", "f2", "f3.75", "mem15"];
const LEVELS: [&str; 3] = ["infra", "ops", "dev"];
const RATE_COLUMNS: &str = "sku,region,unit,model,from,price,flat,effective_from,source";
const EVENT_COLUMNS: &str = "time,event,account,region,resource,source,member,status,bytes,\
                             flavor,os,visibility,labels,id";

/// The world of a seed.
pub fn world(seed: u64) -> World {
    let mut dice = Dice { state: seed };
    let event_count = dice.between(60, 280);
    let first_day = *dice.pick(&[16_789, 16_796, 16_820, 16_854, 17_923, 17_955, 19_691, 19_781]);
    let day_count = *dice.pick(&[6, 25, 45, 70, 110]);
    let beginning = first_day * DAY + dice.between(0, 86_399) * SECOND;
    let span = (beginning, beginning + day_count * DAY);

    let names = account_names(&mut dice);
    let traits = BookTraits::thrown(&mut dice);
    let rates = rates(&mut dice, &traits, span);
    let told = Log::told(&mut dice, &names, span, event_count).events;
    let (start, end) = run_bounds(&mut dice, span);
    World {
        seed,
        book_toml: book_toml(&mut dice, &traits, seed),
        rates: csv_text(&mut dice, RATE_COLUMNS, rates),
        flavors: flavors(&mut dice),
        discounts: discounts(&mut dice, span),
        accounts: accounts(&mut dice, &names, span),
        events: events_csv(&mut dice, told),
        start,
        end,
    }
}

// ---------------------------------------------------------------------------------------- dice

/// A small pseudo-random number generator (splitmix64).
struct Dice {
    state: u64,
}

impl Dice {
    /// The next 64 random bits.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from `low` to `high`, both included.
    fn between(&mut self, low: i64, high: i64) -> i64 {
        let count = (high - low + 1) as u64;
        low + (self.next() % count) as i64
    }

    /// Yes, in so many of a hundred throws.
    fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of several; there must be at least one.
    fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.between(0, choices.len() as i64 - 1) as usize]
    }

    /// One of several, if there are any.
    fn pick_any<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        (!choices.is_empty()).then(|| self.pick(choices).clone())
    }

    /// Puts a list into random order.
    fn shuffle<T>(&mut self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            let other = self.between(0, place as i64) as usize;
            list.swap(place, other);
        }
    }

    /// A positive decimal below a bound, with up to so many decimals; trailing zeros are welcome.
    fn decimal(&mut self, below: i64, decimals: i64) -> String {
        let digits = self.between(0, decimals) as usize;
        let scale = 10_i64.pow(digits as u32);
        let number = self.between(1, below * scale);
        if digits == 0 {
            return number.to_string();
        }
        format!("{}.{:0digits$}", number / scale, number % scale)
    }
}

// ----------------------------------------------------------------------------------------- CSV

/// A row of a table: column to field; missing columns are empty.
type Row = Vec<(&'static str, String)>;

/// A field, quoted where RFC 4180 asks for it.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_string()
}

/// A CSV text; its columns stand in any order.
fn csv_text(dice: &mut Dice, columns: &str, rows: Vec<Row>) -> String {
    let mut columns: Vec<&str> = columns.split(',').collect();
    if dice.chance(40) {
        dice.shuffle(&mut columns);
    }
    let mut text = columns.join(",") + "\n";
    for row in rows {
        let field = |column: &&str| {
            let named = row.iter().find(|(name, _)| name == column);
            quoted(named.map_or("", |(_, field)| field.as_str()))
        };
        let fields: Vec<String> = columns.iter().map(field).collect();
        text += &(fields.join(",") + "\n");
    }
    text
}

// ---------------------------------------------------------------------------------------- time

/// A civil date (year, month, day) and the microseconds of its day, from microseconds since 1970.
fn civil(instant: i64) -> (i64, i64, i64, i64) {
    let days = instant.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day, instant.rem_euclid(DAY))
}

/// `2016-02-29`.
fn date(instant: i64) -> String {
    let (year, month, day, _) = civil(instant);
    format!("{year:04}-{month:02}-{day:02}")
}

/// RFC 3339 at an offset of so many minutes, with as many decimals as needed (or more).
fn timestamp(instant: i64, offset_minutes: i64, zone: &str, finer_digits: &str) -> String {
    let local = instant + offset_minutes * 60 * SECOND;
    let micros = local.rem_euclid(DAY);
    let (seconds, fraction) = (micros / SECOND, micros % SECOND);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match (fraction, finer_digits) {
        (0, "") => String::new(),
        _ => format!(".{fraction:06}{finer_digits}"),
    };
    format!("{}T{clock}{fraction}{zone}", date(local))
}

/// An instant as an event says it: mostly with `Z`, sometimes at an offset, sometimes with finer
/// digits than microseconds, which do not count.
fn event_time(dice: &mut Dice, instant: i64) -> String {
    let finer_digits = if dice.chance(5) { "999" } else { "" };
    let (offset, zone) = match dice.between(0, 9) {
        0 => (330, "+05:30"),
        1 => (-300, "-05:00"),
        2 => (60, "+01:00"),
        _ => (0, "Z"),
    };
    timestamp(instant, offset, zone, finer_digits)
}

/// An instant in UTC.
fn utc(instant: i64) -> String {
    timestamp(instant, 0, "Z", "")
}

/// A day or an instant within a span, as books and arguments write it: a date, whole seconds, or
/// down to the microsecond.
fn some_instant(dice: &mut Dice, span: (i64, i64)) -> String {
    let instant = dice.between(span.0, span.1);
    match dice.between(0, 2) {
        0 => date(instant),
        1 => utc(instant / SECOND * SECOND),
        _ => utc(instant),
    }
}

/// `--start` and `--end`: none, one or both, cutting cycles and cutting off events.
fn run_bounds(dice: &mut Dice, span: (i64, i64)) -> (Option<String>, Option<String>) {
    let middle = (span.0 + span.1) / 2;
    let start = dice.chance(30).then(|| some_instant(dice, (span.0 - 40 * DAY, middle)));
    let end = dice.chance(30).then(|| some_instant(dice, (middle + DAY, span.1 + 50 * DAY)));
    (start, end)
}

// ------------------------------------------------------------------------------------ the book

/// What the texts of a book agree on.
struct BookTraits {
    currency: &'static str,
    pool: Vec<&'static str>,
    licensed_systems: Vec<&'static str>,
}

impl BookTraits {
    fn thrown(dice: &mut Dice) -> BookTraits {
        let pool = match dice.between(0, 3) {
            0 => vec!["image.storage", "object.storage"],
            1 => vec!["object.storage", "image.storage"],
            _ => vec![],
        };
        let mut licensed_systems = vec!["windows", "redhat"];
        if dice.chance(30) {
            licensed_systems.push("mssql-web");
        }
        if dice.chance(10) {
            licensed_systems.push("linux");
        }
        let currency = *dice.pick(&["USD", "JPY", "GBP", "KWD"]);
        BookTraits { currency, pool, licensed_systems }
    }
}

/// `["a", "b"]`.
fn toml_list(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

/// `book.toml`.
fn book_toml(dice: &mut Dice, traits: &BookTraits, seed: u64) -> String {
    let pools = match traits.pool.as_slice() {
        [] => "[]".to_string(),
        pool => format!("[{}]", toml_list(pool)),
    };
    let no_export = dice.pick(&[vec!["windows", "redhat"], vec!["windows"], vec![]]).clone();
    let no_import = dice.pick(&[vec!["windows"], vec!["redhat", "ubuntu"], vec![]]).clone();
    let mut lines = vec![
        format!("id = \"world-{seed}\""),
        format!("title = \"random book {seed}\""),
        format!("currency = \"{}\"", traits.currency),
        format!("gigabyte = \"{}\"", dice.pick(&["GB", "GiB"])),
        format!("regions = {}", toml_list(&REGIONS)),
        format!("cycle = \"{}\"", dice.pick(&["calendar-month", "anniversary", "anniversary"])),
        format!("rounding = \"{}\"", dice.pick(&["half-up", "half-even"])),
        format!("quantity_decimals = {}", dice.pick(&[6, 8, 9])),
        format!("server_increment = {}", dice.pick(&[1, 60, 3600])),
        "default_service_level = \"infra\"".to_string(),
        format!("minimum_after_days = {}", dice.pick(&[0, 10, 30])),
        format!("discount_model = \"{}\"", dice.pick(&["marginal", "whole"])),
        format!("tier_pools = {pools}"),
        "public_images = [\"pub-*\", \"base\"]".to_string(),
    ];
    if dice.chance(30) {
        lines.push("month_hours = 730".to_string());
    }
    lines.push("[policy]".to_string());
    lines.push(format!("no_export_os = {}", toml_list(&no_export)));
    lines.push(format!("import_limit_gib = {}", dice.pick(&[20, 160])));
    lines.push(format!("no_import_os = {}", toml_list(&no_import)));
    lines.push(format!("stale_member_days = {}", dice.pick(&[1, 5, 30])));
    lines.join("\n") + "\n"
}

/// `flavors.csv`.
fn flavors(dice: &mut Dice) -> String {
    let columns = "flavor,class,vcpus,ram_gb,support_gb,disk_gb,imageable";
    let mut rows = Vec::new();
    for (flavor, gigabytes) in FLAVORS.iter().zip(["1", "2", "3.75", "15"]) {
        let support = match *flavor {
            "mem15" => *dice.pick(&["7.5", "15", "0"]),
            _ => gigabytes,
        };
        let imageable = if *flavor == "mem15" { "false" } else { "true" };
        let row: Row = vec![
            ("flavor", flavor.to_string()),
            ("class", "general".to_string()),
            ("vcpus", "2".to_string()),
            ("ram_gb", gigabytes.to_string()),
            ("support_gb", support.to_string()),
            ("disk_gb", "20".to_string()),
            ("imageable", imageable.to_string()),
        ];
        rows.push(row);
    }
    csv_text(dice, columns, rows)
}

/// `discounts.csv`: none, one grid or two.
fn discounts(dice: &mut Dice, span: (i64, i64)) -> Option<String> {
    if dice.chance(30) {
        return None;
    }
    let mut versions = vec!["2013-05-30".to_string()];
    if dice.chance(30) {
        versions.push(some_instant(dice, span));
    }
    let mut rows = Vec::new();
    for version in versions {
        let first_percent = *dice.pick(&["0", "0", "1.5"]);
        let bands = [("0", first_percent), ("20", "4"), ("250.5", "8"), ("1000", "12.5")];
        for (from, percent) in bands {
            let row: Row = vec![
                ("from", from.to_string()),
                ("percent", percent.to_string()),
                ("effective_from", version.clone()),
                ("source", "generated".to_string()),
            ];
            rows.push(row);
        }
    }
    Some(csv_text(dice, "from,percent,effective_from,source", rows))
}

/// How the prices of a SKU look.
struct PriceShape {
    sku: String,
    unit: &'static str,
    /// Tiers lie below this many units.
    highest_tier: i64,
    /// May be other than graduated.
    is_free_in_model: bool,
    /// How often (of 100) it differs by region, changes, and has tiers.
    variety: i64,
    /// What every price starts with.
    price_prefix: &'static str,
}

impl PriceShape {
    /// A price of one unit; rarely nothing, or a whole number.
    fn price(&self, dice: &mut Dice) -> String {
        match dice.between(0, 29) {
            0 => "0.00".to_string(),
            1 => dice.between(1, 3).to_string(),
            _ => {
                let digits = dice.between(1, 4) as usize;
                let number = dice.between(1, 10_i64.pow(digits as u32) - 1);
                format!("{}{number:0digits$}", self.price_prefix)
            }
        }
    }
}

/// All rows of `rates.csv`. Every SKU has a `*` rate from long before the log, so that no usage is
/// without a price.
fn rates(dice: &mut Dice, traits: &BookTraits, span: (i64, i64)) -> Vec<Row> {
    let mut shapes = Vec::new();
    let mut add = |sku: &str, unit, highest_tier, variety, price_prefix| {
        let is_free_in_model = !traits.pool.contains(&sku);
        let sku = sku.to_string();
        shapes.push(PriceShape {
            sku,
            unit,
            highest_tier,
            is_free_in_model,
            variety,
            price_prefix,
        });
    };
    add("image.storage", "GB-month", 400, 100, "0.");
    add("object.storage", "GB-month", 400, 100, "0.");
    add("transfer.out", "GB", 400, 100, "0.");
    for flavor in FLAVORS {
        add(&format!("server:{flavor}"), "hour", 900, 25, "0.");
        for os in &traits.licensed_systems {
            add(&format!("license:{os}:{flavor}"), "hour", 900, 25, "0.0");
        }
    }
    for level in LEVELS {
        add(&format!("support:{level}"), "GB-hour", 2000, 20, "0.00");
    }
    let mut rows = Vec::new();
    for shape in &shapes {
        rows.extend(rates_of_sku(dice, shape, span));
    }
    rows.extend(cycle_rates(dice, span));
    dice.shuffle(&mut rows);
    scatter(&mut rows);
    rows
}

/// Puts two rows of one rate at both ends of the file. Where all rates' rows happen to stand
/// together the file is a list, whose tiers have to ascend; a shuffled file is none.
fn scatter(rows: &mut [Row]) {
    let of = |row: &Row, column: &str| {
        row.iter().find(|(name, _)| *name == column).map(|(_, text)| text.clone())
    };
    let rate = |row: &Row| ["sku", "region", "effective_from"].map(|column| of(row, column));
    let last = rows.len() - 1;
    for first in 0..rows.len() {
        let same = |other: &usize| *other != first && rate(&rows[*other]) == rate(&rows[first]);
        if let Some(other) = (0..rows.len()).find(same) {
            rows.swap(0, first);
            // The swap may have moved the other row from the front.
            let other = if other == 0 { first } else { other };
            rows.swap(last, other);
            return;
        }
    }
}

/// All versions of one SKU's rates, for `*` and sometimes for a region of its own.
fn rates_of_sku(dice: &mut Dice, shape: &PriceShape, span: (i64, i64)) -> Vec<Row> {
    let model = some_model(dice, shape);
    let mut places = vec![("*", "2015-01-01".to_string())];
    if dice.chance(shape.variety * 60 / 100) {
        let version_count = dice.between(1, 3);
        for _ in 0..version_count {
            places.push(("*", some_instant(dice, span)));
        }
    }
    if dice.chance(shape.variety * 50 / 100) {
        let region = *dice.pick(&REGIONS);
        let starts_late = dice.chance(30);
        let first = if starts_late { some_instant(dice, span) } else { "2015-06-01".to_string() };
        places.push((region, first));
        if dice.chance(40) {
            places.push((region, utc(span.0 + dice.between(DAY, 20 * DAY))));
        }
    }
    places.sort();
    places.dedup_by_key(|(region, version)| {
        let midnight = if version.len() == 10 { "T00:00:00" } else { "" };
        let to_the_second: String = format!("{version}{midnight}").chars().take(19).collect();
        (*region, to_the_second)
    });
    let mut rows = Vec::new();
    for (region, version) in places {
        let of_version = if dice.chance(90) { model } else { some_model(dice, shape) };
        rows.extend(tiers(dice, shape, of_version, (region, &version)));
    }
    rows
}

/// The model of a rate.
fn some_model(dice: &mut Dice, shape: &PriceShape) -> &'static str {
    let is_other = shape.is_free_in_model && dice.chance(shape.variety / 2);
    let models = if is_other { ["volume", "package"] } else { ["", "graduated"] };
    models[dice.between(0, 1) as usize]
}

/// The rows of one version of a rate.
fn tiers(
    dice: &mut Dice,
    shape: &PriceShape,
    model: &str,
    (region, version): (&str, &str),
) -> Vec<Row> {
    let mut bounds = vec!["0".to_string()];
    if model == "package" {
        bounds = vec![dice.decimal(50, 2)];
    } else if dice.chance(shape.variety) {
        let mut lowest = 0;
        for _ in 0..dice.between(0, 3) {
            lowest += dice.between(1, shape.highest_tier / 4);
            bounds.push(format!("{lowest}{}", dice.pick(&[".5", ".250", ".072", ""])));
        }
    }
    let mut rows = Vec::new();
    for from in bounds {
        let price = shape.price(dice);
        let has_flat = model != "package" && dice.chance(shape.variety / 4);
        let row: Row = vec![
            ("sku", shape.sku.clone()),
            ("region", region.to_string()),
            ("unit", shape.unit.to_string()),
            ("model", model.to_string()),
            ("from", from),
            ("price", price),
            ("flat", if has_flat { dice.decimal(5, 2) } else { String::new() }),
            ("effective_from", version.to_string()),
            ("source", "generated, by dice".to_string()),
        ];
        rows.push(row);
    }
    rows
}

/// Minimums and fees of some service levels, some with a second version.
fn cycle_rates(dice: &mut Dice, span: (i64, i64)) -> Vec<Row> {
    let mut rows = Vec::new();
    for level in LEVELS {
        for kind in ["minimum", "fee"] {
            if !dice.chance(45) {
                continue;
            }
            let mut versions = vec!["2015-01-01".to_string()];
            if dice.chance(25) {
                versions.push(date(dice.between(span.0, span.1)));
            }
            for version in versions {
                let row: Row = vec![
                    ("sku", format!("{kind}:{level}")),
                    ("region", "*".to_string()),
                    ("unit", "cycle".to_string()),
                    ("from", "0".to_string()),
                    ("price", dice.pick(&["50", "7.5", "500", "12.345", "1000.00"]).to_string()),
                    ("effective_from", version),
                    ("source", "generated".to_string()),
                ];
                rows.push(row);
            }
        }
    }
    rows
}

// ------------------------------------------------------------------------------------ accounts

/// Names of the accounts of a world; some need quotes in CSV.
fn account_names(dice: &mut Dice) -> Vec<String> {
    let mut names: Vec<String> = (0..dice.between(3, 6)).map(|n| format!("a{n}")).collect();
    if dice.chance(15) {
        names.push("Acme, \"Inc\"".to_string());
    }
    names
}

/// `accounts.csv`: not every account is listed.
fn accounts(dice: &mut Dice, names: &[String], span: (i64, i64)) -> Option<String> {
    if dice.chance(12) {
        return None;
    }
    let mut rows = Vec::new();
    for name in names {
        if dice.chance(15) {
            continue;
        }
        let near = date(span.0 + dice.between(-50, 20) * DAY);
        let row: Row = vec![
            ("account", name.clone()),
            ("name", format!("The account {name}, of course")),
            ("billing_day", dice.pick(&["1", "15", "28", "29", "30", "31", "5", ""]).to_string()),
            ("service_level", dice.pick(&["infra", "ops", "dev", "ops", ""]).to_string()),
            ("opened", dice.pick(&["2014-01-01", &near, &near, ""]).to_string()),
            ("cost_center", "cc".to_string()),
        ];
        rows.push(row);
    }
    let columns = "account,name,billing_day,service_level,opened,cost_center";
    Some(csv_text(dice, columns, rows))
}

// -------------------------------------------------------------------------------------- events

/// One event that is told, with its instant.
#[derive(Clone)]
struct Told {
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
struct Log<'w> {
    dice: &'w mut Dice,
    names: &'w [String],
    now: i64,
    last: i64,
    step: i64,
    id_count: i64,
    images: Vec<Thing>,
    servers: Vec<Thing>,
    objects: Vec<Thing>,
    events: Vec<Told>,
}

impl<'w> Log<'w> {
    /// Tells a log of about so many events.
    fn told(dice: &'w mut Dice, names: &'w [String], span: (i64, i64), event_count: i64) -> Self {
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

    // Images.

    /// `image.create` of anything; remembers the image.
    fn create_image(&mut self, account: &str, region: &str, source: &str) -> Thing {
        let id = self.new_id("img");
        let bytes = self.some_bytes();
        let names_an_os = self.dice.chance(if source.is_empty() { 50 } else { 8 });
        let systems = ["linux", "ubuntu", "windows", "windows", "redhat", "mssql-web"];
        let os = if names_an_os { *self.dice.pick(&systems) } else { "" };
        let visibility =
            *self.dice.pick(&["", "", "", "", "", "private", "private", "community", "public"]);
        let labels = *self.dice.pick(&[
            "",
            "",
            "",
            "golden",
            "golden;licensed",
            "confidential;copyright",
            "untrusted",
            "credentials",
        ]);
        let fields = vec![
            ("region", region),
            ("resource", id.as_str()),
            ("source", source),
            ("bytes", bytes.as_str()),
            ("os", os),
            ("visibility", visibility),
            ("labels", labels),
        ];
        self.tell("image.create", account, fields);
        let is_open_to_all = matches!(visibility, "community" | "public");
        let image = Thing {
            id,
            owner: account.to_string(),
            region: region.to_string(),
            is_ended: false,
            members: Vec::new(),
            image: String::new(),
            is_open_to_all,
        };
        self.images.push(image.clone());
        image
    }

    fn upload_image(&mut self) {
        let (account, region) = (self.some_account(), self.some_region());
        self.create_image(&account, &region, "");
    }

    /// An image taken of a server, rarely by another account or elsewhere.
    fn take_image(&mut self) {
        let Some(server) = self.some_server() else { return };
        let account = if self.dice.chance(3) { self.some_account() } else { server.owner };
        let region = if self.dice.chance(3) { self.some_region() } else { server.region };
        self.create_image(&account, &region, &server.id);
    }

    /// A copy of an image to some region: mostly of one's own.
    fn copy_image(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let region = self.some_region();
        let account = if self.dice.chance(30) { self.some_account() } else { image.owner };
        let source = if self.dice.chance(6) { "pub-debian" } else { image.id.as_str() };
        self.create_image(&account, &region, source);
    }

    fn import_image(&mut self) {
        let Some(object) = self.some_object() else { return };
        let source = if self.dice.chance(10) { "gone-2".to_string() } else { object.id };
        self.create_image(&object.owner, &object.region, &source);
    }

    /// Shares an image, mostly by its owner with another account, sometimes again or with itself.
    fn share(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let member = self.some_account();
        self.share_with(&image, &member);
    }

    fn share_with(&mut self, image: &Thing, member: &str) {
        let account = self.mostly(&image.owner);
        let fields = vec![("resource", image.id.as_str()), ("member", member)];
        self.tell("image.member.create", &account, fields);
        if let Some(image) = self.image_mut(&image.id) {
            image.members.push(member.to_string());
        }
    }

    /// A member accepts or rejects, sometimes by another account, sometimes without being one.
    fn update_member(&mut self) {
        let shared: Vec<Thing> =
            self.images.iter().filter(|image| !image.members.is_empty()).cloned().collect();
        let Some(image) = self.dice.pick_any(&shared) else { return };
        let is_stranger = self.dice.chance(5);
        let member =
            if is_stranger { self.some_account() } else { self.dice.pick(&image.members).clone() };
        let status = *self.dice.pick(&["accepted", "rejected", "rejected", "pending"]);
        self.update_status(&image, &member, status);
    }

    fn update_status(&mut self, image: &Thing, member: &str, status: &str) {
        let account = self.mostly(member);
        let fields = vec![("resource", image.id.as_str()), ("member", member), ("status", status)];
        self.tell("image.member.update", &account, fields);
    }

    fn unshare(&mut self) {
        let shared: Vec<Thing> =
            self.images.iter().filter(|image| !image.members.is_empty()).cloned().collect();
        let Some(image) = self.dice.pick_any(&shared) else { return };
        let member = self.dice.pick(&image.members).clone();
        self.unshare_with(&image, &member);
    }

    fn unshare_with(&mut self, image: &Thing, member: &str) {
        let account = self.mostly(&image.owner);
        let fields = vec![("resource", image.id.as_str()), ("member", member)];
        self.tell("image.member.delete", &account, fields);
        if let Some(image) = self.image_mut(&image.id) {
            image.members.retain(|known| known != member);
        }
    }

    /// Deletes, deactivates or reactivates an image.
    fn end_image(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let event = *self.dice.pick(&["image.delete", "image.deactivate", "image.reactivate"]);
        let account = self.mostly(&image.owner);
        self.tell(event, &account, vec![("resource", image.id.as_str())]);
        if event != "image.reactivate" {
            let may_be_used_again = self.dice.chance(30);
            if let Some(image) = self.image_mut(&image.id) {
                image.is_ended = !may_be_used_again;
            }
        }
    }

    // Servers.

    /// An image that an account may boot, mostly; or one of the book's, none, or nonsense.
    fn image_to_boot(&mut self, account: &str) -> (String, Option<String>) {
        let strange = match self.dice.between(0, 29) {
            0 | 1 => Some("pub-debian".to_string()),
            2 => Some("base".to_string()),
            3 => Some(String::new()),
            4 => Some("gone-1".to_string()),
            5 => self.some_object().map(|object| object.id),
            6 => self.some_server().map(|server| server.id),
            _ => None,
        };
        if let Some(source) = strange {
            return (source, None);
        }
        if self.dice.chance(15) {
            let image = self.some_image();
            return image.map_or((String::new(), None), |image| (image.id, Some(image.region)));
        }
        let may_boot = |image: &&Thing| {
            let is_friend = image.members.iter().any(|member| member == account);
            !image.is_ended && (image.owner == account || is_friend || image.is_open_to_all)
        };
        let fitting: Vec<Thing> = self.images.iter().filter(may_boot).cloned().collect();
        let image = self.dice.pick_any(&fitting);
        image.map_or(("pub-suse".to_string(), None), |image| (image.id, Some(image.region)))
    }

    fn create_server(&mut self) {
        let account = self.some_account();
        let (source, region_of_image) = self.image_to_boot(&account);
        let region = match region_of_image {
            Some(region) if self.dice.chance(92) => region,
            _ => self.some_region(),
        };
        self.create_server_of(&account, &region, &source);
    }

    fn create_server_of(&mut self, account: &str, region: &str, source: &str) -> Thing {
        let id = self.new_id("srv");
        let flavor = self.some_flavor();
        let os = *self.dice.pick(&["", "", "", "", "windows", "linux", "redhat"]);
        let fields = vec![
            ("region", region),
            ("resource", id.as_str()),
            ("source", source),
            ("flavor", flavor.as_str()),
            ("os", os),
        ];
        self.tell("server.create", account, fields);
        let server = Thing {
            id,
            owner: account.to_string(),
            region: region.to_string(),
            is_ended: false,
            members: Vec::new(),
            image: source.to_string(),
            is_open_to_all: false,
        };
        self.servers.push(server.clone());
        server
    }

    fn resize_server(&mut self) {
        let Some(server) = self.some_server() else { return };
        let (account, flavor) = (self.mostly(&server.owner), self.some_flavor());
        let fields = vec![("resource", server.id.as_str()), ("flavor", flavor.as_str())];
        self.tell("server.resize", &account, fields);
    }

    /// Rebuilds a server: to the image that it runs, to an image taken of it, or to any other.
    fn rebuild_server(&mut self) {
        let Some(server) = self.some_server() else { return };
        let account = self.mostly(&server.owner);
        let source = match self.dice.between(0, 9) {
            0 | 1 => server.image.clone(),
            _ => self.image_to_boot(&server.owner).0,
        };
        if source.is_empty() {
            return;
        }
        let os = if self.dice.chance(4) { "redhat" } else { "" };
        let fields =
            vec![("resource", server.id.as_str()), ("source", source.as_str()), ("os", os)];
        self.tell("server.rebuild", &account, fields);
        if let Some(server) = self.servers.iter_mut().find(|known| known.id == server.id) {
            server.image = source;
        }
    }

    fn delete_server(&mut self) {
        let Some(server) = self.some_server() else { return };
        let account = self.mostly(&server.owner);
        self.tell("server.delete", &account, vec![("resource", server.id.as_str())]);
        if let Some(server) = self.servers.iter_mut().find(|known| known.id == server.id) {
            server.is_ended = true;
        }
    }

    // Objects and transfers.

    /// An object from an image (an export) or from nothing (an upload).
    fn export_image(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let account = if self.dice.chance(25) { self.some_account() } else { image.owner.clone() };
        let source = match self.dice.between(0, 19) {
            0 => "pub-debian",
            1 => "gone-3",
            2..=5 => "",
            _ => image.id.as_str(),
        };
        self.create_object(&account, &image.region, source);
    }

    fn create_object(&mut self, account: &str, region: &str, source: &str) -> Thing {
        let id = self.new_id("obj");
        let bytes = self.some_bytes();
        let os = if self.dice.chance(10) { "ubuntu" } else { "" };
        let fields = vec![
            ("region", region),
            ("resource", id.as_str()),
            ("source", source),
            ("bytes", bytes.as_str()),
            ("os", os),
        ];
        self.tell("object.create", account, fields);
        let object = Thing {
            id,
            owner: account.to_string(),
            region: region.to_string(),
            is_ended: false,
            members: Vec::new(),
            image: String::new(),
            is_open_to_all: false,
        };
        self.objects.push(object.clone());
        object
    }

    fn delete_object(&mut self) {
        let Some(object) = self.some_object() else { return };
        let account = self.mostly(&object.owner);
        self.tell("object.delete", &account, vec![("resource", object.id.as_str())]);
    }

    /// Data leaves: of something known, mostly from where it is, or of something unknown.
    fn transfer(&mut self) {
        let things = [self.some_object(), self.some_server(), self.some_image()];
        let (account, elsewhere, bytes) =
            (self.some_account(), self.some_region(), self.some_bytes());
        let thing = self.dice.pick(&things).clone();
        let (resource, region) = match thing {
            Some(thing) if self.dice.chance(90) => (thing.id, thing.region),
            Some(thing) => (thing.id, elsewhere),
            None => ("unheard-of".to_string(), elsewhere),
        };
        let fields = vec![
            ("region", region.as_str()),
            ("resource", resource.as_str()),
            ("bytes", bytes.as_str()),
        ];
        self.tell("transfer.out", &account, fields);
    }

    // Corners.

    /// Events on what never was, what is of another kind, or what was created before.
    fn tell_the_impossible(&mut self) {
        let account = self.some_account();
        let unknown = self.dice.pick(&["nope-1", "pub-debian", "img-1", "srv-2"]).to_string();
        let resource = vec![("resource", unknown.as_str())];
        match self.dice.between(0, 5) {
            0 => self.tell("server.delete", &account, resource),
            1 => self.tell("image.delete", &account, resource),
            2 => self.tell("object.delete", &account, resource),
            3 => {
                let fields = vec![("resource", unknown.as_str()), ("member", "a0")];
                self.tell("image.member.create", &account, fields);
            }
            _ => {
                let known = [self.some_image(), self.some_server(), self.some_object()];
                let Some(thing) = self.dice.pick(&known).clone() else { return };
                let event = *self.dice.pick(&["image.create", "server.create", "object.create"]);
                let fields = vec![
                    ("region", thing.region.as_str()),
                    ("resource", thing.id.as_str()),
                    ("bytes", if event == "server.create" { "" } else { "1000000" }),
                    ("flavor", if event == "server.create" { "f1" } else { "" }),
                ];
                self.tell(event, &account, fields);
            }
        }
    }

    /// Things that live for no time at all, or for a microsecond.
    fn live_for_a_moment(&mut self) {
        let (account, region) = (self.some_account(), self.some_region());
        let moment = *self.dice.pick(&[0, 0, 1, 3600 * SECOND, 3600 * SECOND + 1]);
        let (event, id) = match self.dice.between(0, 3) {
            0 => ("image.delete", self.create_image(&account, &region, "").id),
            1 => ("object.delete", self.create_object(&account, &region, "").id),
            _ => ("server.delete", self.create_server_of(&account, &region, "pub-debian").id),
        };
        self.now += moment;
        self.tell(event, &account, vec![("resource", id.as_str())]);
        for things in [&mut self.images, &mut self.servers] {
            for thing in things.iter_mut().filter(|thing| thing.id == id) {
                thing.is_ended = true;
            }
        }
    }

    /// A member rejects, rejects again, accepts, leaves and joins again.
    fn change_minds(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let member = self.some_account();
        self.share_with(&image, &member);
        for _ in 0..self.dice.between(1, 5) {
            self.pass_time();
            match self.dice.between(0, 9) {
                0..=4 => self.update_status(&image, &member, "rejected"),
                5 => self.update_status(&image, &member, "accepted"),
                6 | 7 => self.unshare_with(&image, &member),
                _ => self.share_with(&image, &member),
            }
        }
    }

    /// An image goes from account to account: shared, booted, taken again, sometimes rebuilt,
    /// exported, imported or copied in between, and sometimes the ancestors are deleted.
    fn hand_down(&mut self) {
        let Some(mut image) = self.some_live_image() else { return };
        for _ in 0..self.dice.between(2, 4) {
            let consumer = self.some_account();
            self.share_with(&image, &consumer);
            self.pass_time();
            let server = self.create_server_of(&consumer, &image.region, &image.id);
            self.pass_time();
            let mut next = self.create_image(&consumer, &server.region, &server.id);
            self.pass_time();
            match self.dice.between(0, 5) {
                0 => {
                    let object = self.create_object(&consumer, &next.region, &next.id);
                    self.pass_time();
                    next = self.create_image(&consumer, &object.region, &object.id);
                }
                1 => {
                    let region = self.some_region();
                    next = self.create_image(&consumer, &region, &next.id);
                }
                2 => {
                    let source =
                        if self.dice.chance(50) { next.id.clone() } else { "pub-x".to_string() };
                    let fields = vec![("resource", server.id.as_str()), ("source", &source)];
                    self.tell("server.rebuild", &consumer, fields);
                }
                3 => {
                    self.tell("image.delete", &image.owner, vec![("resource", &image.id)]);
                    self.tell("server.delete", &consumer, vec![("resource", &server.id)]);
                }
                _ => {}
            }
            image = next;
        }
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
fn events_csv(dice: &mut Dice, mut events: Vec<Told>) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_world() {
        assert_eq!(world(7), world(7));
        assert_ne!(world(7).events, world(8).events);
    }

    #[test]
    fn instants_are_written_at_their_offset() {
        let leap_day = 16_860 * DAY;
        assert_eq!(utc(leap_day), "2016-02-29T00:00:00Z");
        assert_eq!(timestamp(leap_day + 5, -300, "-05:00", ""), "2016-02-28T19:00:00.000005-05:00");
        assert_eq!(
            timestamp(leap_day, 330, "+05:30", "999"),
            "2016-02-29T05:30:00.000000999+05:30"
        );
    }
}
