//! Reports: the page and the workbook say what the run's files say, to the cent, and nothing from
//! the data is ever obeyed.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use calamine::{Data, Range, Reader, Xlsx};
use rust_decimal::Decimal;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{root, sharebill, stderr, stdout};

/// A finished run in a folder of its own, and reports of it.
struct Reported {
    folder: TempDir,
}

impl Reported {
    /// Runs the program in the repository; `{out}` is this folder.
    fn run(&self, arguments: &str) -> String {
        let out = self.folder.path().display().to_string();
        let arguments: Vec<String> =
            arguments.split_whitespace().map(|word| word.replace("{out}", &out)).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = sharebill(&root(), &arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    }

    fn new() -> Reported {
        Reported { folder: TempDir::new().expect("a folder") }
    }

    /// The shipped example, billed and reported on.
    fn example(flags: &str) -> Reported {
        let reported = Reported::new();
        reported.run(&format!(
            "bill examples/golden-image/events.csv --accounts examples/golden-image/accounts.csv \
             --prices pricing/rackspace-us --out {{out}}/run {flags}"
        ));
        reported.report("run");
        reported
    }

    fn report(&self, runs: &str) {
        let runs: Vec<String> = runs.split(' ').map(|run| format!("{{out}}/{run}")).collect();
        let runs = runs.join(" ");
        self.run(&format!("report {runs} --html {{out}}/r.html --xlsx {{out}}/r.xlsx --force"));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn page(&self) -> String {
        fs::read_to_string(self.path("r.html")).expect("a page")
    }

    fn workbook(&self) -> Xlsx<Cursor<Vec<u8>>> {
        let bytes = fs::read(self.path("r.xlsx")).expect("a workbook");
        Xlsx::new(Cursor::new(bytes)).expect("a workbook that can be read")
    }

    fn csv(&self, name: &str) -> Csv {
        Csv::read(&self.path(name))
    }
}

/// A table of a run.
struct Csv {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Csv {
    fn read(path: &Path) -> Csv {
        let mut reader = csv::Reader::from_path(path).expect("a table");
        let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let row = |row: Result<csv::StringRecord, csv::Error>| {
            row.expect("a row").iter().map(str::to_owned).collect()
        };
        Csv { header, rows: reader.records().map(row).collect() }
    }

    fn place(&self, column: &str) -> usize {
        self.header.iter().position(|name| name == column).expect("a column")
    }

    fn sum(&self, column: &str) -> Decimal {
        let place = self.place(column);
        self.rows.iter().map(|row| decimal(&row[place])).sum()
    }
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap_or_else(|_| panic!("`{text}` is a number"))
}

/// The data of a page's table.
fn data(page: &str, id: &str) -> Value {
    let begin = format!("<script type=\"application/json\" id=\"{id}-data\">");
    let (_, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no table {id}"));
    let (text, _) = rest.split_once("</script>").expect("an end");
    serde_json::from_str(text).expect("JSON")
}

fn data_place(data: &Value, column: &str) -> usize {
    let columns = data["columns"].as_array().expect("columns");
    columns.iter().position(|known| known[0] == column).expect("a column")
}

/// What a table's rows, and the row for those that are not shown, come to; and what it says they
/// do.
fn data_sums(data: &Value, column: &str) -> (Decimal, Decimal) {
    let place = data_place(data, column);
    let cell = |row: &Value| decimal(row[place].as_str().expect("a text"));
    let rows = data["rows"].as_array().expect("rows").iter().map(cell);
    let rest = data.get("rest").map(|rest| cell(&rest["cells"])).unwrap_or_default();
    (rows.sum::<Decimal>() + rest, cell(&data["total"]))
}

fn sheet(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Range<Data> {
    book.worksheet_range(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Asserts that a sheet has the rows of a file: texts as texts, numbers and dates as such.
fn assert_same_rows(range: &Range<Data>, csv: &Csv, name: &str) {
    let rows: Vec<&[Data]> = range.rows().collect();
    let header: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(header, csv.header, "{name}");
    assert!(rows.len() > csv.rows.len(), "{name} has {} rows", rows.len());
    for (shown, expected) in rows[1..].iter().zip(&csv.rows) {
        for (cell, text) in shown.iter().zip(expected) {
            let is_same = match cell {
                Data::Empty => text.is_empty(),
                Data::String(shown) => shown == text,
                Data::Float(_) | Data::Int(_) => decimal(&cell.to_string()) == decimal(text),
                Data::DateTime(time) => text.starts_with(&date(time.as_f64())),
                Data::Bool(_) | Data::DateTimeIso(_) | Data::DurationIso(_) | Data::Error(_) => {
                    false
                }
            };
            assert!(is_same, "{name}: {cell:?} is not {text}");
        }
    }
}

/// The day of a spreadsheet's serial number, counted from a day that is known.
#[expect(clippy::disallowed_types, reason = "a spreadsheet's dates are floats")]
fn date(serial: f64) -> String {
    let micros = (serial as i64 - 25_569) * sharebill::value::MICROS_PER_DAY;
    sharebill::value::Instant::from_micros(micros).to_string()[..10].to_owned()
}

#[test]
fn the_page_says_what_the_files_say() {
    let reported = Reported::example("--detail");
    let page = reported.page();
    let total = reported.csv("run/statements.csv").sum("total");
    assert!(page.contains(&format!("<data id=\"total\" value=\"{total}\">")));
    for (id, column) in
        [("months", "total"), ("accounts", "total"), ("statements", "total"), ("prices", "amount")]
    {
        assert_eq!(data_sums(&data(&page, id), column), (total, total), "{id}");
    }
    let statements = reported.csv("run/statements.csv");
    for column in ["storage", "servers", "licenses", "support", "transfer", "minimum"] {
        let sum = statements.sum(column);
        for id in ["months", "accounts", "statements"] {
            assert_eq!(data_sums(&data(&page, id), column), (sum, sum), "{id} {column}");
        }
    }
    let sharing = reported.csv("run/sharing.csv");
    for column in
        ["producer_storage", "consumer_servers", "consumer_licenses_support", "consumer_reimages"]
    {
        let sum = sharing.sum(column);
        assert_eq!(data_sums(&data(&page, "sharing"), column), (sum, sum), "{column}");
    }
    // Images: what allocations give them, and the one that nothing was made of.
    let allocations = reported.csv("run/allocations.csv");
    let (sku, amount) = (allocations.place("sku"), allocations.place("amount"));
    let stored = allocations.rows.iter().filter(|row| row[sku] == "image.storage");
    let stored: Decimal = stored.map(|row| decimal(&row[amount])).sum();
    let images = data(&page, "images");
    assert_eq!(data_sums(&images, "storage"), (stored, stored));
    let used = data_place(&images, "used");
    let unused = images["rows"].as_array().expect("rows").iter().filter(|row| row[used] == "no");
    let unused: Vec<&str> = unused.filter_map(|row| row[0].as_str()).collect();
    assert_eq!(unused, ["img-data-db-baseline"]);
    assert_eq!(data(&page, "findings")["rows"].as_array().map(Vec::len), Some(1));
    // Prices come with where they were published, as the book is still the same.
    let prices = data(&page, "prices");
    let source = data_place(&prices, "source");
    let sources = prices["rows"].as_array().expect("rows").iter();
    let with_source = sources.filter(|row| row[source] != "").count();
    assert!(with_source > 10, "{with_source} prices with a source");
}

#[test]
fn the_workbook_says_what_the_files_say() {
    let reported = Reported::example("--detail");
    let mut book = reported.workbook();
    for name in ["statements", "charges", "allocations", "sharing", "findings"] {
        let csv = reported.csv(&format!("run/{name}.csv"));
        assert_same_rows(&sheet(&mut book, name), &csv, name);
    }
    let total = reported.csv("run/statements.csv").sum("total");
    let (row, column) = (21, 11);
    let statements = sheet(&mut book, "statements");
    let shown = statements.get_value((row, column)).expect("a total");
    assert_eq!(decimal(&shown.to_string()), total);
    let formulas = book.worksheet_formula("statements").expect("formulas");
    let formula = formulas.get_value((row, column)).expect("a formula");
    assert_eq!(formula, "SUBTOTAL(109,statements[total])");
    let summary = sheet(&mut book, "summary");
    let line = |label: &str| {
        let row = summary.rows().find(|row| row[0] == label);
        decimal(&row.unwrap_or_else(|| panic!("no {label}"))[1].to_string())
    };
    for label in ["Total", "Sum of statements", "Sum of charges", "Sum of allocations"] {
        assert_eq!(line(label), total, "{label}");
    }
    assert_eq!(line("Largest difference"), Decimal::ZERO);
}

#[test]
fn without_detail_the_page_says_how_to_get_more() {
    let reported = Reported::example("");
    let page = reported.page();
    assert!(page.contains("sharebill bill --detail"));
    assert!(!page.contains("id=\"images-data\""));
    let mut book = reported.workbook();
    assert!(book.worksheet_range("allocations").is_err());
    let summary = sheet(&mut book, "summary");
    assert!(summary.rows().any(|row| row[0].to_string().contains("--detail")));
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let reported = Reported::example("--detail");
    let read = || ["r.html", "r.xlsx"].map(|name| fs::read(reported.path(name)).expect("a file"));
    let first = read();
    reported.report("run");
    assert!(first == read(), "a second report has other bytes");
}

/// Names that a browser, a spreadsheet or a terminal might obey.
const HOSTILE: [&str; 8] = [
    "</script><img src=x onerror=alert(1)>",
    "\"><svg onload='alert(2)'>&amp;",
    "=cmd|'/c calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    "a\u{202e}b",
    "https://example.com/;x",
];

#[test]
fn hostile_names_are_inert() {
    let reported = Reported::new();
    let mut log = csv::Writer::from_path(reported.path("log.csv")).expect("a log");
    let header = "time,event,account,region,resource,source,member,status,bytes,flavor,os,\
                  visibility,labels,id";
    log.write_record(header.split(',')).expect("a header");
    for (place, name) in HOSTILE.iter().enumerate() {
        let (image, server) = (format!("{name} image"), format!("{name} server"));
        let member = HOSTILE[(place + 1) % HOSTILE.len()];
        for (day, event, account, resource, source, member, bytes, flavor) in [
            (1, "image.create", *name, &image, "", "", "9000000000", ""),
            (2, "image.member.create", name, &image, "", member, "", ""),
            (3, "server.create", member, &server, image.as_str(), "", "", "general1-1"),
        ] {
            let time = format!("2016-03-0{day}T00:00:00Z");
            let cells = [
                &time, event, account, "IAD", resource, source, member, "", bytes, flavor, "", "",
                "", "",
            ];
            log.write_record(cells).expect("a row");
        }
    }
    // A control character is no name, but the finding that says so has it in it.
    let cells = ["2016-03-01T00:00:00Z", "image.create", "a\u{1b}[31mb", "IAD", "x"];
    let more = ["", "", "", "1", "", "", "", "", ""];
    log.write_record(cells.into_iter().chain(more)).expect("a row");
    log.flush().expect("a log");
    reported.run("bill {out}/log.csv --prices pricing/rackspace-us --detail --out {out}/run --allow-findings");
    reported.report("run");
    let page = reported.page();
    for wrong in ["<img", "<svg onload", "onerror=alert(1)>", "\u{1b}", "\u{202e}</"] {
        let is_there = page.contains(wrong);
        assert!(!is_there, "the page has {wrong:?}");
    }
    assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
    assert!(page.contains("default-src 'none'") && !page.contains("unsafe-inline"));
    let accounts = data(&page, "accounts");
    let rows = accounts["rows"].as_array().expect("rows");
    let names: Vec<&str> = rows.iter().filter_map(|row| row[0].as_str()).collect();
    for name in HOSTILE {
        assert!(names.contains(&name), "{name:?} is not in {names:?}");
    }
    let mut book = reported.workbook();
    for name in ["statements", "charges", "allocations"] {
        let csv = reported.csv(&format!("run/{name}.csv"));
        let shown = sheet(&mut book, name);
        for (row, expected) in shown.rows().skip(1).zip(&csv.rows) {
            let Data::String(account) = &row[0] else { panic!("{:?} is no text", row[0]) };
            let visible = sharebill::write::text::visible(&expected[0]);
            assert_eq!(*account, visible, "{name}");
        }
        let formulas = book.worksheet_formula(name).expect("formulas");
        for formula in formulas.rows().flatten().filter(|formula| !formula.is_empty()) {
            assert!(formula.starts_with("SUBTOTAL(109,"), "{name}: {formula}");
        }
    }
}

#[test]
fn ten_thousand_accounts_stay_below_five_megabytes() {
    let reported = Reported::new();
    reported.run(
        "generate --accounts 10000 --rows 150000 --months 3 --out {out}/log.csv --accounts-out \
         {out}/accounts.csv",
    );
    reported.run(
        "bill {out}/log.csv --accounts {out}/accounts.csv --prices pricing/rackspace-us --detail \
         --out {out}/run",
    );
    reported.run("report {out}/run --html {out}/r.html");
    let page = reported.page();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let total = reported.csv("run/statements.csv").sum("total");
    let mut added_up = 0;
    for (id, column) in [("accounts", "total"), ("statements", "total"), ("prices", "amount")] {
        let data = data(&page, id);
        added_up += usize::from(data.get("rest").is_some());
        assert_eq!(data_sums(&data, column), (total, total), "{id}");
    }
    assert!(added_up > 0, "everything fits: the test shows nothing");
}

#[test]
fn a_run_without_charges_is_told() {
    let reported = Reported::new();
    let header = "time,event,account,region,resource,source,member,status,bytes,flavor,os,\
                  visibility,labels,id\n";
    let row = "2016-03-05T00:00:00Z,image.create,a,IAD,i,,,,1000000000,,,,,\n";
    fs::write(reported.path("log.csv"), format!("{header}{row}")).expect("a log");
    reported.run(
        "bill {out}/log.csv --prices pricing/rackspace-us --start 2016-03-01 --end 2016-03-02 \
         --detail --out {out}/run",
    );
    reported.report("run");
    let page = reported.page();
    assert!(page.contains("Nobody pays anything"));
    assert!(page.contains("<data id=\"total\" value=\"0\">"));
    let mut book = reported.workbook();
    assert_eq!(sheet(&mut book, "statements").rows().count(), 1);
}

#[test]
fn a_projection_has_fans_drivers_and_budgets() {
    let reported = Reported::new();
    reported.run(
        "project --scenario examples/rollout/scenario.toml --prices pricing/rackspace-us \
         --months 3 --runs 50 --out {out}/run",
    );
    reported.report("run");
    let page = reported.page();
    let summary = reported.csv("run/projection_summary.csv");
    let whole = summary.rows.iter().find(|row| row[1..4] == ["*", "all", "total"]);
    let mean = &whole.expect("a total")[4];
    assert!(page.contains(&format!("<data id=\"total\" value=\"{mean}\">")));
    assert_eq!(page.matches("class=\"band wide\"").count(), 5, "all, and four accounts");
    assert!(page.contains("id=\"tornado-0-t\""));
    assert!(page.contains("passes its budget with"));
    let mut book = reported.workbook();
    for (name, file) in [
        ("drivers", "drivers"),
        ("assumptions", "assumptions"),
        ("projection", "projection_summary"),
    ] {
        let mut csv = reported.csv(&format!("run/{file}.csv"));
        if name == "drivers" {
            // The workbook tells the currency by its formats.
            csv.header.pop();
        }
        assert_same_rows(&sheet(&mut book, name), &csv, name);
    }
}

#[test]
fn two_scenarios_of_one_projection_are_told_apart() {
    let reported = Reported::new();
    let base = fs::read_to_string(root().join("examples/rollout/scenario.toml")).expect("one");
    let twice = base.replace("name = \"golden image rollout\"", "name = \"twice\"");
    fs::write(reported.path("twice.toml"), twice.replace("count = 12", "count = 24"))
        .expect("a file");
    reported.run(
        "project --scenario examples/rollout/scenario.toml --scenario {out}/twice.toml --prices \
         pricing/rackspace-us --months 2 --runs 20 --out {out}/run",
    );
    reported.report("run");
    let page = reported.page();
    for scenario in ["golden image rollout", "twice"] {
        assert!(page.contains(&format!("<h3>{scenario}</h3>")), "{scenario}");
    }
    let rows = data(&page, "forecast")["rows"].as_array().map(Vec::len);
    assert_eq!(rows, Some(10), "four accounts and all of them, twice");
}

#[test]
fn two_runs_come_with_why_they_differ() {
    let reported = Reported::example("--end 2016-05-01");
    reported.run(
        "bill examples/golden-image/events.csv --prices pricing/rackspace-us --out {out}/later",
    );
    reported.report("run later");
    let page = reported.page();
    let [a, b] =
        ["run", "later"].map(|run| reported.csv(&format!("{run}/statements.csv")).sum("total"));
    let difference = data(&page, "difference");
    assert_eq!(data_sums(&difference, "amount_a").1, a);
    assert_eq!(data_sums(&difference, "amount_b").1, b);
    assert_eq!(data_sums(&difference, "difference").1, b - a);
    assert!(page.contains("id=\"difference-chart-t\""));
    let mut book = reported.workbook();
    let statements = sheet(&mut book, "statements");
    let first = statements.get_value((0, 0)).map(ToString::to_string);
    assert_eq!(first.as_deref(), Some("run"), "each row says whose it is");
}

#[test]
fn a_book_that_has_changed_is_not_quoted() {
    let reported = Reported::new();
    for file in ["book.toml", "rates.csv", "flavors.csv", "discounts.csv"] {
        fs::create_dir_all(reported.path("book")).expect("a folder");
        let from = root().join("pricing/rackspace-us").join(file);
        fs::copy(from, reported.path("book").join(file)).expect("a copy");
    }
    reported.run("bill examples/golden-image/events.csv --prices {out}/book --out {out}/run");
    let rates = reported.path("book/rates.csv");
    let text = fs::read_to_string(&rates).expect("rates");
    fs::write(&rates, text.replace("2016-03-03", "2016-03-04")).expect("rates");
    reported.report("run");
    assert!(reported.page().contains("It has changed since the run"));
    fs::remove_dir_all(reported.path("book")).expect("no book");
    reported.report("run");
    assert!(reported.page().contains("Its files are not there any more"));
}

#[test]
fn a_run_whose_files_disagree_is_refused() {
    let reported = Reported::example("--detail");
    let path = reported.path("run/charges.csv");
    let text = fs::read_to_string(&path).expect("charges");
    fs::write(&path, text.replacen("107.10", "107.11", 1)).expect("charges");
    let folder = reported.path("run").display().to_string();
    let html = reported.path("new.html").display().to_string();
    let output = sharebill(&root(), &["report", &folder, "--html", &html]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("comes to 4928.37, its charges.csv to 4928.38"), "{said}");
    assert!(!reported.path("new.html").exists());
}

#[test]
fn an_existing_file_is_refused_without_force() {
    let reported = Reported::example("");
    let folder = reported.path("run").display().to_string();
    let html = reported.path("r.html").display().to_string();
    let before = fs::read(&html).expect("a page");
    let output = sharebill(&root(), &["report", &folder, "--html", &html]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("F03"), "{}", stderr(&output));
    assert_eq!(fs::read(&html).expect("a page"), before);
    let output = sharebill(&root(), &["report", &folder]);
    assert_eq!(output.status.code(), Some(2), "neither a page nor a workbook is asked for");
}
