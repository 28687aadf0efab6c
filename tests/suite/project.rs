//! Projections, through the program: that they are the bill of what they plan, to the cent; that
//! chance is drawn fairly and the same on any number of threads; and figures worked out by hand.
#![expect(clippy::disallowed_types, reason = "statistics of amounts that the program printed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use tempfile::TempDir;

use crate::support::{EVENT_HEADER, root, sharebill, stderr, stdout};

/// A month from 2027-01-01 on.
const JANUARY: &str = "[scenario]\nstart = \"2027-01-01\"\nmonths = 1\n";

/// One server of team-a that stands in IAD: 744 hours at $0.032, and 744 GB-hours at $0.005.
const ONE_SERVER: &str = "[[fleet]]\naccount = \"team-a\"\nregion = \"IAD\"\n\
                          flavor = \"general1-1\"\ncount = 1\n";

/// A folder to work in, with scenarios, and books beside them.
struct Desk(TempDir);

/// What a run of `project` left.
struct Projected {
    out: PathBuf,
    output: Output,
}

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().expect("a temporary folder"))
    }

    /// With one scenario, `scenario.toml`.
    fn with(scenario: &str) -> Desk {
        Desk::new().and("scenario.toml", scenario)
    }

    fn and(self, name: &str, text: &str) -> Desk {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file can be written");
        self
    }

    /// The small book, with other rates below its header.
    fn and_rates(self, rates: &str) -> Desk {
        let header = "sku,region,unit,model,from,price,flat,effective_from,source\n";
        let fixture = root().join("tests/fixtures/small-book");
        let read = |file: &str| fs::read_to_string(fixture.join(file)).expect("a fixture");
        let desk = self.and("book/rates.csv", &format!("{header}{rates}"));
        let desk = desk.and("book/book.toml", &read("book.toml"));
        desk.and("book/flavors.csv", &read("flavors.csv"))
    }

    /// Projects `scenario.toml` by the small book, unless the arguments say otherwise.
    fn project(&self, arguments: &str) -> Projected {
        let number = fs::read_dir(self.0.path()).expect("a folder").count();
        let out = format!("out-{number}");
        let small = root().join("tests/fixtures/small-book").display().to_string();
        let mut words = vec!["project", "--out", &out];
        if !arguments.contains("--scenario") {
            words.extend(["--scenario", "scenario.toml"]);
        }
        if !arguments.contains("--prices") {
            words.extend(["--prices", &small]);
        }
        words.extend(arguments.split_whitespace());
        let output = sharebill(self.0.path(), &words);
        Projected { out: self.0.path().join(out), output }
    }

    /// The same, which has to succeed.
    fn projected(&self, arguments: &str) -> Projected {
        let projected = self.project(arguments);
        assert_eq!(projected.status(), 0, "{arguments}: {}", stderr(&projected.output));
        projected
    }
}

impl Projected {
    fn status(&self) -> i32 {
        self.output.status.code().expect("the program ends by itself")
    }

    fn read(&self, file: &str) -> String {
        let path = self.out.join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn rows(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        rows(&self.read(file))
    }

    /// A column of `projection_summary.csv`, of the total or of one category.
    fn summary(&self, account: &str, period: &str, category: &str, column: &str) -> String {
        let rows = self.rows("projection_summary.csv");
        let is_it = |row: &&BTreeMap<String, String>| {
            row["account"] == account && row["period"] == period && row["category"] == category
        };
        rows.iter().find(is_it).map_or_else(String::new, |row| row[column].clone())
    }

    /// What all pay in all months.
    fn total(&self) -> String {
        self.summary("*", "all", "total", "mean")
    }

    /// One account's month in one category.
    fn month(&self, account: &str, month: &str, category: &str) -> String {
        let rows = self.rows("projection.csv");
        let is_it = |row: &&BTreeMap<String, String>| {
            row["account"] == account && row["month"] == month && row["category"] == category
        };
        rows.iter().find(is_it).map_or_else(String::new, |row| row["mean"].clone())
    }

    /// Times and resources of one kind of events.
    fn events(&self, kind: &str) -> Vec<(String, String)> {
        let rows = self.rows("events.csv");
        let of_kind = rows.into_iter().filter(|row| row["event"] == kind);
        of_kind.map(|row| (row["time"].clone(), row["resource"].clone())).collect()
    }

    /// The codes of `findings.csv`.
    fn codes(&self) -> Vec<String> {
        self.rows("findings.csv").into_iter().map(|row| row["code"].clone()).collect()
    }
}

/// The rows of a CSV table, by its headers.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

/// The log of a deterministic projection, billed by itself, has its charges and statements; and
/// these have the numbers of `projection.csv`.
fn assert_billed_alike(desk: &Desk, projected: &Projected, arguments: &[&str]) {
    let log = projected.out.join("events.csv").display().to_string();
    let out = projected.out.with_extension("bill");
    let target = out.display().to_string();
    let mut words = vec!["bill", &log, "--out", &target, "--quiet"];
    words.extend(arguments);
    let output = sharebill(desk.0.path(), &words);
    assert!(output.status.success(), "{}", stderr(&output));
    for file in ["charges.csv", "statements.csv", "sharing.csv"] {
        let billed = fs::read_to_string(out.join(file)).expect("a bill");
        assert!(billed.lines().count() > 2, "{file} says nothing");
        assert_eq!(billed, projected.read(file), "{file}");
    }
    let mut compared = 0;
    for statement in projected.rows("statements.csv") {
        for category in
            ["storage", "servers", "licenses", "support", "transfer", "minimum", "fee", "discount"]
                .into_iter()
                .chain(["total"])
        {
            let month = &statement["cycle_start"][..7];
            let of_projection = projected.month(&statement["account"], month, category);
            assert_eq!(of_projection, statement[category], "{month} {category}");
            compared += 1;
        }
    }
    assert_eq!(compared, projected.rows("projection.csv").len());
}

#[test]
fn a_projection_is_the_bill_of_its_log() {
    let desk = Desk::new();
    let scenario = root().join("examples/rollout/scenario.toml").display().to_string();
    let prices = root().join("pricing/rackspace-us").display().to_string();
    // Past the change of prices in April.
    let arguments =
        format!("--scenario {scenario} --prices {prices} --months 4 --write-events --threads 2");
    let projected = desk.projected(&arguments);
    let changed = projected.out.join("prices").display().to_string();
    let span = ["--prices", &changed, "--start", "2027-01-01", "--end", "2027-05-01"];
    assert_billed_alike(&desk, &projected, &span);
    // The same log at the old prices is cheaper: the change is in <out>/prices.
    let log = projected.out.join("events.csv").display().to_string();
    let old = ["--prices", &prices, "--start", "2027-01-01", "--end", "2027-05-01"];
    let words: Vec<&str> = ["bill", &log, "--out", "old"].into_iter().chain(old).collect();
    assert!(sharebill(desk.0.path(), &words).status.success());
    let old = fs::read_to_string(desk.0.path().join("old/statements.csv")).expect("a bill");
    assert_ne!(old, projected.read("statements.csv"));
}

#[test]
fn a_projection_is_the_bill_of_its_log_with_cycles_minimums_and_discounts() {
    let scenario = r#"
        [scenario]
        start = "2026-12-10"
        months = 4

        [[image]]
        name = "db"
        owner = "producer"
        regions = ["ORD", "DFW"]
        size = "700 GiB"
        release = "1 month"
        copy_step = "90 min"
        share_with = ["consumer", "idler"]

        [[fleet]]
        name = "db"
        account = "consumer"
        region = "DFW"
        image = "db"
        flavor = "general1-8"
        os = "redhat"
        count = 40
        growth = "-10% per quarter"
        refresh = "30 days"
        reimage = { every = "1 week", keep = 2, size = "100 GiB", overlap = "2 hours" }

        [[fleet]]
        account = "idler"
        region = "ORD"
        image = "db"
        flavor = "general1-1"
        count = 2
        arrivals = "1 per week"
        lifetime = { triangular = { low = "1 hour", mode = "5 hours", high = "2 days" } }
        hours = "Sat 22:00-06:00; Mon,Wed 09:00-17:30"
        timezone = "Europe/Berlin"
        transfer_out = "300 GiB per month"
    "#;
    let accounts = "account,billing_day,service_level,opened\nproducer,15,managed-infrastructure,\n\
                    consumer,31,sysops,\nidler,15,sysops,2026-12-01\n";
    let desk = Desk::with(scenario).and("accounts.csv", accounts);
    let prices = root().join("pricing/rackspace-us").display().to_string();
    let arguments = format!(
        "--prices {prices} --accounts accounts.csv --write-events \
                             --policy report --allow-findings"
    );
    let projected = desk.projected(&arguments);
    let span = ["--start", "2026-12-10", "--end", "2027-04-10", "--policy", "report"];
    let more = ["--prices", &prices, "--accounts", "accounts.csv", "--allow-findings"];
    let all: Vec<&str> = span.into_iter().chain(more).collect();
    assert_billed_alike(&desk, &projected, &all);
    // What the scenario is for does happen.
    for category in ["licenses", "discount", "minimum", "transfer"] {
        let paid = projected.summary("*", "all", category, "mean");
        assert_ne!(number(&paid), 0.0, "{category}");
    }
    let cycles = projected.rows("statements.csv");
    assert!(cycles.iter().any(|row| row["cycle_start"].starts_with("2027-02-28")));
    assert!(cycles.iter().any(|row| row["cycle_start"].starts_with("2027-02-15")));
}

#[test]
fn what_goes_on_and_what_is_planned_are_the_bill_of_both_logs() {
    let scenario = "[scenario]\nmonths = 3\n\
                    [[fleet]]\naccount = \"search\"\nregion = \"IAD\"\n\
                    flavor = \"general1-2\"\ncount = 2\nrefresh = \"2 weeks\"\n";
    let example = root().join("examples/golden-image");
    let read = |file: &str| fs::read_to_string(example.join(file)).expect("an example");
    let desk = Desk::with(scenario)
        .and("accounts.csv", &read("accounts.csv"))
        .and("history.csv", &read("events.csv"));
    let prices = root().join("pricing/rackspace-us").display().to_string();
    let arguments = format!("--prices {prices} --accounts accounts.csv --events history.csv");
    let projected = desk.projected(&format!("{arguments} --write-events --allow-findings"));
    // From the end of the history's last month on.
    let span = ["history.csv", "--start", "2016-06-01", "--end", "2016-09-01"];
    let more = ["--prices", &prices, "--accounts", "accounts.csv", "--allow-findings"];
    let all: Vec<&str> = span.into_iter().chain(more).collect();
    assert_billed_alike(&desk, &projected, &all);
    // Where nothing is left to chance, many runs come to the same.
    let drawn = desk.projected(&format!("{arguments} --runs 2 --allow-findings"));
    for file in ["projection.csv", "projection_summary.csv"] {
        let means = |of: &Projected| -> Vec<String> {
            of.rows(file).iter().map(|row| format!("{} {}", row["account"], row["mean"])).collect()
        };
        assert_eq!(means(&drawn), means(&projected), "{file}");
    }
}

/// Servers that come and go, of one team.
fn batch(lifetime: &str) -> String {
    format!(
        "[[fleet]]\nname = \"batch\"\naccount = \"team-a\"\nregion = \"IAD\"\n\
         flavor = \"general1-1\"\narrivals = \"4 per day\"\nlifetime = {lifetime}\n"
    )
}

const LOGNORMAL: &str = "{ lognormal = { median = \"6 hours\", p95 = \"3 days\" } }";

#[test]
fn any_number_of_threads_draws_the_same() {
    let vary = "[[vary]]\npath = \"fleet.batch.arrivals\"\n\
                pert = { low = 2, mode = 4, high = 9 }\n\
                [[vary]]\npath = \"fleet.1.count\"\nuniform = { low = 1, high = 5 }\n\
                [[vary]]\npath = \"change.0.percent\"\nnormal = { p5 = -2, p95 = 6 }\n";
    let change = "[[change]]\nsku = \"server:*\"\nfrom = \"2027-02-01\"\npercent = \"+2\"\n";
    let head = JANUARY.replace("months = 1", "months = 2");
    let scenario = format!("{head}{}{ONE_SERVER}{change}{vary}", batch(LOGNORMAL));
    let desk = Desk::with(&scenario);
    let one = desk.projected("--runs 50 --threads 1");
    for threads in ["2", "7"] {
        let other = desk.projected(&format!("--runs 50 --threads {threads}"));
        for file in ["projection.csv", "projection_summary.csv", "drivers.csv", "run.json"] {
            assert_eq!(one.read(file), other.read(file), "{file}, {threads} threads");
        }
    }
    // Each number that varies moves the total, and the arrivals most.
    let drivers = one.rows("drivers.csv");
    let of_all: Vec<&str> = drivers
        .iter()
        .filter(|row| row["account"] == "*")
        .map(|row| row["path"].as_str())
        .collect();
    assert!(of_all.contains(&"fleet.1.count") && of_all.contains(&"fleet.batch.arrivals"));
    // Another seed draws something else.
    assert_ne!(one.total(), desk.projected("--runs 50 --seed 2").total());
}

#[test]
fn quantiles_ascend_around_the_mean() {
    let desk = Desk::with(&format!("{JANUARY}{}", batch(LOGNORMAL)));
    for runs in ["2", "60"] {
        let drawn = desk.projected(&format!("--runs {runs}"));
        let all = ["p5", "p10", "p50", "p90", "p95"];
        // One account's months stand in projection.csv, those of all in the summary.
        let of_all = |column| number(&drawn.summary("*", "2027-01", "total", column));
        let quantiles = all.map(of_all);
        assert!(quantiles.is_sorted() && quantiles[0] < quantiles[4], "{quantiles:?}");
        let mean = of_all("mean");
        assert!(quantiles[0] <= mean && mean <= quantiles[4], "{mean} {quantiles:?}");
        assert!(of_all("standard_error") > 0.0);
        let row = &drawn.rows("projection.csv")[8];
        assert_eq!((row["category"].as_str(), number(&row["mean"])), ("total", mean));
    }
    let certain = desk.projected("--runs 1");
    assert_eq!(certain.summary("*", "all", "total", "p50"), "");
    assert_eq!(certain.summary("*", "all", "total", "standard_error"), "");
}

#[test]
fn scenarios_stand_side_by_side() {
    let rise = "[[change]]\nfrom = \"2027-01-01\"\npercent = \"+10\"\n";
    let desk = Desk::new()
        .and("now.toml", &format!("{JANUARY}{ONE_SERVER}"))
        .and("dearer.toml", &format!("{JANUARY}{ONE_SERVER}{rise}"));
    let both = desk.projected("--scenario now.toml --scenario dearer.toml");
    let totals: Vec<(String, String)> = both
        .rows("projection_summary.csv")
        .into_iter()
        .filter(|row| row["account"] == "*" && row["period"] == "all" && row["category"] == "total")
        .map(|row| (row["scenario"].clone(), row["mean"].clone()))
        .collect();
    // 23.808 and 3.72; 744 x 0.0352 = 26.1888 and 744 x 0.0055 = 4.092.
    let expected = [("now", "27.53"), ("dearer", "30.28")];
    assert_eq!(totals, expected.map(|(name, total)| (name.to_owned(), total.to_owned())));
    let names: Vec<String> =
        both.rows("assumptions.csv").into_iter().map(|row| row["scenario"].clone()).collect();
    assert!(names.contains(&"now".to_owned()) && names.contains(&"dearer".to_owned()));
}

/// The standard deviation of numbers.
fn spread(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// The means of all money of `low.toml` and `high.toml`, side by side, from several seeds.
fn side_by_side(desk: &Desk, arguments: &str) -> Vec<[f64; 2]> {
    let of_seed = |seed: u32| {
        let files = "--scenario low.toml --scenario high.toml --runs 20";
        let both = desk.projected(&format!("{files} --seed {seed} {arguments}"));
        let rows = both.rows("projection_summary.csv");
        let mut totals = rows.iter().filter(|row| {
            row["account"] == "*" && row["period"] == "all" && row["category"] == "total"
        });
        [(); 2].map(|()| number(&totals.next().expect("a total")["mean"]))
    };
    (1..=8).map(of_seed).collect()
}

#[test]
fn scenarios_with_the_same_seed_meet_the_same_luck() {
    let change = |from: &str, percent: &str| {
        format!("[[change]]\nsku = \"server:*\"\nfrom = \"{from}\"\npercent = \"{percent}\"\n")
    };
    let fleet = batch(LOGNORMAL);
    let fixture = root().join("tests/fixtures/small-book");
    let read = |file: &str| fs::read_to_string(fixture.join(file)).expect("a fixture");
    let by_the_hour = read("book.toml").replace("increment = 1", "increment = 3600");
    // From when the dearer one's prices rise: at once, or on a day on which the other's do not.
    for (from, arguments) in
        [("2027-01-01", ""), ("2027-01-10", ""), ("2027-01-10", "--prices hourly")]
    {
        let desk = Desk::new()
            .and("low.toml", &format!("{JANUARY}{fleet}"))
            .and("high.toml", &format!("{JANUARY}{fleet}{}", change(from, "+1")))
            .and("hourly/book.toml", &by_the_hour)
            .and("hourly/rates.csv", &read("rates.csv"))
            .and("hourly/flavors.csv", &read("flavors.csv"));
        let means = side_by_side(&desk, arguments);
        let same: Vec<f64> = means.iter().map(|[low, high]| high - low).collect();
        let others = means.iter().cycle().skip(1);
        let different: Vec<f64> =
            means.iter().zip(others).map(|([low, _], [_, high])| high - low).collect();
        let (same, different) = (spread(&same), spread(&different));
        assert!(same * 20.0 <= different, "{from} {arguments}: {same} against {different}");
    }
}

#[test]
fn the_deterministic_run_is_the_mean_where_charges_are_linear() {
    for lifetime in [LOGNORMAL, "{ exponential = { mean = \"20 hours\" } }"] {
        let head = JANUARY.replace("months = 1", "months = 2");
        let desk = Desk::with(&format!("{head}{}", batch(lifetime)));
        let (certain, drawn) = (desk.projected(""), desk.projected("--runs 400"));
        for period in ["2027-01", "2027-02", "all"] {
            let at = number(&certain.summary("*", period, "total", "mean"));
            let of = |column| number(&drawn.summary("*", period, "total", column));
            let (mean, error) = (of("mean"), of("standard_error"));
            assert!(error > 0.0 && error < 0.05 * mean, "{error} of {mean}");
            assert!((at - mean).abs() <= 3.0 * error, "{period}: {at}, {mean} +- {error}");
        }
    }
}

#[test]
fn the_mean_over_a_bend_is_not_what_the_mean_comes_to() {
    let image = "[[image]]\nname = \"web\"\nowner = \"team-a\"\nregions = [\"IAD\"]\n\
                 size = \"100 GiB\"\n";
    let vary = "[[vary]]\npath = \"image.web.size\"\nuniform = { low = 50, high = 150 }\n";
    // $0.10 up to 100 GB, $0.05 beyond.
    let desk = Desk::with(&format!("{JANUARY}{image}{vary}")).and_rates(
        "image.storage,*,GB-month,,0,0.10,,2015-01-01,test\n\
         image.storage,*,GB-month,,100,0.05,,2015-01-01,test\n\
         server:general1-1,*,hour,,0,0.032,,2015-01-01,test\n\
         server:general1-2,*,hour,,0,0.032,,2015-01-01,test\n\
         server:general1-4,*,hour,,0,0.032,,2015-01-01,test\n\
         server:memory1-15,*,hour,,0,0.032,,2015-01-01,test\n\
         support:infra,*,GB-hour,,0,0.005,,2015-01-01,test\n",
    );
    assert_eq!(desk.projected("--prices book").total(), "10.00");
    // Of sizes from 50 to 150, 87.5 GB lie below the bound on average and 12.5 above:
    // 87.5 x 0.10 + 12.5 x 0.05 = 9.375. The median is 10.00, the p10 of 60 GB 6.00, and the p90
    // of 140 GB 12.00.
    let drawn = desk.projected("--prices book --runs 400");
    let of = |column| number(&drawn.summary("*", "all", "total", column));
    for (column, expected) in [("mean", 9.375), ("p10", 6.0), ("p50", 10.0), ("p90", 12.0)] {
        assert!((of(column) - expected).abs() <= 0.03, "{column}: {}", of(column));
    }
    let driver = &drawn.rows("drivers.csv")[0];
    assert_eq!(
        (driver["path"].as_str(), driver["share_of_variance"].as_str()),
        ("image.web.size", "1")
    );
    assert!((number(&driver["swing"]) - 6.0).abs() < 0.2, "{driver:?}");
}

#[test]
fn budgets_are_kept_or_end_with_status_4() {
    // 27.53 a server; four of them 110.11.
    let vary = "[[vary]]\npath = \"fleet.0.count\"\ndiscrete = { values = [1, 2, 3, 4] }\n";
    let budget = "[budget]\n\"team-a\" = \"100 per month\"\n\"*\" = \"1300 USD per year\"\n";
    let desk = Desk::with(&format!("{JANUARY}{ONE_SERVER}{vary}{budget}"));
    let kept = desk.projected("--fail-over-budget");
    let row = &kept.rows("projection.csv")[8];
    assert_eq!((row["budget"].as_str(), row["over_budget_probability"].as_str()), ("100", "0"));
    let passed = desk.project("--set fleet.0.count=4 --fail-over-budget");
    assert_eq!(passed.status(), 4, "{}", stderr(&passed.output));
    assert!(stderr(&passed.output).contains("team-a in 2027-01, over 100"));
    assert_eq!(desk.project("--set fleet.0.count=4").status(), 0);
    // A quarter of the runs draws four.
    let drawn = desk.project("--runs 40 --fail-over-budget=20%");
    assert_eq!(drawn.status(), 4, "{}", stderr(&drawn.output));
    assert_eq!(drawn.rows("projection.csv")[8]["over_budget_probability"], "0.25");
    assert_eq!(desk.project("--runs 40 --fail-over-budget=25%").status(), 0);
    // Nobody pays too much, but all together do: 110.11 is more than 1300 / 12.
    let all = desk.project("--set fleet.0.count=4 --set budget.team-a=200 --fail-over-budget");
    assert_eq!(all.status(), 4);
    assert!(stderr(&all.output).contains("all accounts"), "{}", stderr(&all.output));
}

#[test]
fn the_command_line_puts_other_values_in() {
    let desk = Desk::with(&format!("{JANUARY}{ONE_SERVER}"));
    assert_eq!(desk.projected("").total(), "27.53");
    let moved = desk.projected("--set fleet.0.region=DFW --write-events");
    assert_eq!(moved.rows("events.csv")[0]["region"], "DFW");
    let twice = desk.projected("--set fleet.0.count=2");
    // 47.616 and 7.44.
    assert_eq!(twice.total(), "55.06");
    let source = |path: &str| {
        let rows = twice.rows("assumptions.csv");
        rows.iter().find(|row| row["path"] == path).map(|row| row["source"].clone())
    };
    assert_eq!(source("fleet.0.count").as_deref(), Some("--set"));
    assert_eq!(source("fleet.0.region").as_deref(), Some("scenario.toml:6"));
    let february = desk.projected("--start 2027-02-01");
    // 672 hours: 21.504 and 3.36.
    assert_eq!(february.total(), "24.86");
    let told = february.rows("assumptions.csv");
    let start = told.iter().find(|row| row["path"] == "scenario.start").expect("a start");
    assert_eq!(
        (start["value"].as_str(), start["source"].as_str()),
        ("2027-02-01T00:00:00Z", "--start")
    );
}

/// An image of `platform`, for team-a.
fn image(more: &str) -> String {
    format!(
        "[[image]]\nname = \"web\"\nowner = \"platform\"\nregions = [\"IAD\"]\nsize = \"10 GiB\"\n\
         share_with = [\"team-a\"]\n{more}"
    )
}

#[test]
fn what_the_cloud_would_refuse_is_told_and_not_paid() {
    let windows = image("os = \"windows\"\n").replace("[\"IAD\"]", "[\"IAD\", \"DFW\"]");
    let large = image("").replace("[\"IAD\"]", "[\"IAD\", \"DFW\"]").replace("10 GiB", "161 GiB");
    let web = format!("{ONE_SERVER}image = \"web\"\n");
    let elsewhere = format!("{}{}", image(""), web.replace("IAD", "DFW"));
    let stranger = format!("{}{}", image(""), web.replace("team-a", "team-b"));
    let memory = ONE_SERVER.replace("general1-1", "memory1-15");
    let reimaged =
        format!("{memory}reimage = {{ every = \"1 day\", keep = 2, size = \"1 GiB\" }}\n");
    // Storage of one month at home: 10 GB x 0.10. Of a copy whose import fails, all before it has
    // been paid: 161 GB x 0.10; objects for 3 and 2 hours, 161 GB x 5 / 744 x 0.10 = 0.108; and
    // 161 GB sent at 0.12.
    for (code, scenario, total) in [
        ("L07", windows, "1.00"),
        ("L08", large, "35.53"),
        ("L02", elsewhere, "1.00"),
        ("L01", stranger, "1.00"),
        // 744 hours at 0.18 = 133.92, and 744 x 7.5 GB-hours at 0.005 = 27.90; no image.
        ("L09", reimaged, "161.82"),
    ] {
        let desk = Desk::with(&format!("{JANUARY}{scenario}"));
        let refused = desk.project("");
        assert_eq!(refused.status(), 3, "{code}: {}", stderr(&refused.output));
        assert_eq!(refused.codes(), [code]);
        assert_eq!(refused.total(), total, "{code}");
        assert!(stdout(&refused.output).contains(&format!("refused {code} x1 (scenario)")));
        let allowed = desk.projected("--allow-findings");
        assert_eq!(allowed.read("projection.csv"), refused.read("projection.csv"));
        // Many runs leave out the same.
        let drawn = desk.projected("--allow-findings --runs 3");
        assert_eq!(drawn.total(), total, "{code}");
    }
}

#[test]
fn what_is_alive_at_the_start_goes_on() {
    let log = "2026-12-01T00:00:00Z,image.create,team-a,IAD,img,,,,10737418240,,,,,\n\
               2026-12-01T00:00:00Z,image.create,team-a,IAD,old,,,,10737418240,,,,,\n\
               2026-12-03T00:00:00Z,server.create,team-a,IAD,srv,base-linux,,,,general1-1,,,,\n\
               2026-12-20T00:00:00Z,image.delete,team-a,,old,,,,,,,,,\n";
    let desk = Desk::with("[scenario]\nmonths = 2\n")
        .and("events.csv", &format!("{EVENT_HEADER}{log}"))
        .and("empty.toml", "[scenario]\nstart = \"2027-01-01\"\n")
        .and("more.toml", &format!("{JANUARY}{ONE_SERVER}[budget]\n\"team-z\" = 5\n"));
    // From the end of the log's month on. January: 10 GB x 0.10 + 744 x 0.032 + 744 x 0.005;
    // February: 1.00 + 672 x 0.032 = 21.504 + 3.36.
    let history = desk.projected("--events events.csv");
    assert_eq!(history.month("team-a", "2027-01", "total"), "28.53");
    assert_eq!(history.month("team-a", "2027-02", "total"), "25.86");
    assert_eq!(history.month("team-a", "2026-12", "total"), "");
    assert_eq!(history.total(), "54.39");
    // The same from many runs, where nothing is drawn.
    assert_eq!(desk.projected("--events events.csv --runs 2").total(), "54.39");
    // From an earlier start what the log says later does not count: the old image is not deleted.
    let earlier = desk.projected("--events events.csv --start 2026-12-10 --months 1");
    // 20 GB x 22 / 31 x 0.10 = 1.419; in January 20 GB x 9 / 31 x 0.10 = 0.581.
    assert_eq!(earlier.month("team-a", "2026-12", "storage"), "1.42");
    assert_eq!(earlier.month("team-a", "2027-01", "storage"), "0.58");
    // What is planned comes on top. A budget may be for somebody whom only the log knows.
    let more = desk.projected("--scenario more.toml --events events.csv");
    assert_eq!(more.total(), "56.06");
    // Without a start and without a log nobody knows when it begins.
    let nowhere = desk.project("");
    assert_eq!(nowhere.status(), 1);
    assert!(stderr(&nowhere.output).contains("B03"), "{}", stderr(&nowhere.output));
}

#[test]
fn nothing_planned_is_nothing_paid() {
    let nobody = ONE_SERVER.replace("count = 1", "count = 0");
    for scenario in [JANUARY.to_owned(), format!("{JANUARY}{nobody}")] {
        let desk = Desk::with(&scenario);
        for runs in ["--runs 1", "--runs 2"] {
            let nothing = desk.projected(runs);
            assert_eq!(nothing.rows("projection.csv").len(), 0, "{runs}");
            assert_eq!(nothing.codes().len(), 0);
        }
    }
    // Half a server is one, less is none.
    let half = ONE_SERVER.replace("count = 1", "count = 0.5");
    assert_eq!(Desk::with(&format!("{JANUARY}{half}")).projected("").total(), "27.53");
}

#[test]
fn usage_without_a_rate_stops_the_projection() {
    let desk = Desk::with(&format!("{JANUARY}{ONE_SERVER}")).and_rates(
        "image.storage,*,GB-month,,0,0.10,,2015-01-01,test\n\
                    server:general1-1,*,hour,,0,0.032,,2028-01-01,test\n\
                    server:general1-2,*,hour,,0,0.032,,2015-01-01,test\n\
                    server:general1-4,*,hour,,0,0.032,,2015-01-01,test\n\
                    server:memory1-15,*,hour,,0,0.032,,2015-01-01,test\n\
                    support:infra,*,GB-hour,,0,0.005,,2015-01-01,test\n",
    );
    for runs in ["--runs 1", "--runs 2"] {
        let stopped = desk.project(&format!("--prices book {runs}"));
        assert_eq!(stopped.status(), 1, "{}", stderr(&stopped.output));
        assert!(stderr(&stopped.output).contains("server:general1-1"));
        assert!(!stopped.out.exists());
        let free = desk.projected(&format!("--prices book {runs} --allow-unpriced"));
        assert_eq!(free.total(), "3.72");
    }
}

#[test]
fn fleets_grow_month_by_month() {
    let head = JANUARY.replace("months = 1", "months = 3");
    let fleet = ONE_SERVER.replace("count = 1", "count = 10\ngrowth = \"10% per month\"");
    let desk = Desk::with(&format!("{head}{fleet}"));
    let grown = desk.projected("--write-events");
    // 10, 11 and 12.1, which is 12; 744, 672 and 744 hours.
    for (month, paid) in [("2027-01", "238.08"), ("2027-02", "236.54"), ("2027-03", "285.70")] {
        assert_eq!(grown.month("team-a", month, "servers"), paid);
    }
    assert_eq!(grown.events("server.create").len(), 12);
    let shrinking = desk.projected("--write-events --set fleet.0.growth=-50%/month");
    // 10, 5 and 2.5, which is 3; nobody goes before the month ends.
    for (month, paid) in [("2027-01", "238.08"), ("2027-02", "107.52"), ("2027-03", "71.42")] {
        assert_eq!(shrinking.month("team-a", month, "servers"), paid);
    }
    assert_eq!(shrinking.events("server.delete").len(), 7);
}

#[test]
fn hours_are_those_of_the_clock_on_the_wall() {
    let head = JANUARY.replace("2027-01", "2027-03");
    let hours = "hours = \"Sun 00:00-06:00\"\ntimezone = \"America/Chicago\"\n";
    let desk = Desk::with(&format!("{head}{ONE_SERVER}{hours}"));
    let nights = desk.projected("--write-events");
    // Four Sundays of 6 hours, of which the 14th lacks one: 23 x 0.032 = 0.736, 23 x 0.005.
    assert_eq!(nights.month("team-a", "2027-03", "servers"), "0.74");
    assert_eq!(nights.month("team-a", "2027-03", "support"), "0.12");
    let times = |kind: &str| -> Vec<String> {
        nights.events(kind).into_iter().map(|(time, _)| time).collect()
    };
    let starts = ["07T06", "14T06", "21T05", "28T05"].map(|at| format!("2027-03-{at}:00:00Z"));
    assert_eq!(times("server.create"), starts);
    let ends = ["07T12", "14T11", "21T11", "28T11"].map(|at| format!("2027-03-{at}:00:00Z"));
    assert_eq!(times("server.delete"), ends);
}

/// How many images of a name are there at most, and at the end.
fn images_of(projected: &Projected, part: &str) -> (usize, usize) {
    let (mut now, mut most) = (0_usize, 0);
    for row in projected.rows("events.csv") {
        if !row["resource"].contains(part) {
            continue;
        }
        match row["event"].as_str() {
            "image.create" => now += 1,
            "image.delete" => now -= 1,
            _ => {}
        }
        most = most.max(now);
    }
    (most, now)
}

#[test]
fn servers_are_replaced_by_each_release() {
    let scenario = format!(
        "{JANUARY}{}{ONE_SERVER}image = \"web\"\nrefresh = \"on release\"\n",
        image("release = \"1 week\"\nkeep = 2\n")
    );
    let desk = Desk::with(&scenario);
    let refreshed = desk.projected("--write-events");
    // January 1, 8, 15, 22 and 29; one server takes over from another, so money is the same.
    let events = refreshed.rows("events.csv");
    let sources: Vec<(&str, &str)> = events
        .iter()
        .filter(|row| row["event"] == "server.create")
        .map(|row| (&row["time"][..10], row["source"].as_str()))
        .collect();
    let expected = [
        ("2027-01-01", "web-v1@IAD"),
        ("2027-01-08", "web-v2@IAD"),
        ("2027-01-15", "web-v3@IAD"),
        ("2027-01-22", "web-v4@IAD"),
        ("2027-01-29", "web-v5@IAD"),
    ];
    assert_eq!(sources, expected);
    assert_eq!(refreshed.month("team-a", "2027-01", "servers"), "23.81");
    // Two versions stay: 10 GB for a week, then 20 GB: (7 x 10 + 24 x 20) / 31 x 0.10 = 1.774.
    assert_eq!(refreshed.month("platform", "2027-01", "storage"), "1.77");
    assert_eq!(images_of(&refreshed, "web-v").1, 2);
}

#[test]
fn a_copy_is_in_another_region_when_it_has_gone_all_the_way() {
    let copied = image("").replace("[\"IAD\"]", "[\"IAD\", \"DFW\"]");
    let web = format!("{ONE_SERVER}image = \"web\"\n").replace("IAD", "DFW");
    let desk = Desk::with(&format!("{JANUARY}{copied}{web}"));
    let projected = desk.projected("--write-events");
    let times = |kind: &str| -> Vec<String> {
        projected.events(kind).into_iter().map(|(time, _)| time[11..19].to_owned()).collect()
    };
    assert_eq!(times("object.create"), ["00:00:00", "01:00:00"]);
    assert_eq!(times("transfer.out"), ["01:00:00"]);
    assert_eq!(times("image.create"), ["00:00:00", "02:00:00"]);
    assert_eq!(times("object.delete"), ["03:00:00", "03:00:00"]);
    assert_eq!(times("server.create"), ["02:00:01"]);
    // Images: 10 GB x (744 + 742) / 744 x 0.10 = 1.997; objects: 10 GB x (3 + 2) / 744 x 0.10 =
    // 0.007, which is 0.01; sent: 10 GB x 0.12.
    assert_eq!(projected.month("platform", "2027-01", "storage"), "2.01");
    assert_eq!(projected.month("platform", "2027-01", "transfer"), "1.20");
    // 741 hours, 59 minutes and 59 seconds.
    assert_eq!(projected.month("team-a", "2027-01", "servers"), "23.74");
    let slower = desk.projected("--write-events --set image.0.copy_step=1day");
    assert_eq!(slower.events("server.create")[0].0, "2027-01-03T00:00:01Z");
}

#[test]
fn images_of_servers_stay_as_long_as_they_are_kept() {
    let reimage = "reimage = { every = \"1 day\", keep = 3, size = \"20 GiB\" }\n";
    let desk = Desk::with(&format!("{JANUARY}{ONE_SERVER}{reimage}"));
    let kept = desk.projected("--write-events");
    // From January 2 to 31, each for 3 days and the hour in which one more is there; the last
    // three until the end: (27 x 73 + 72 + 48 + 24) x 20 GB / 744 x 0.10 = 5.685.
    assert_eq!(kept.events("image.create").len(), 30);
    assert_eq!(images_of(&kept, "image"), (4, 3));
    assert_eq!(kept.month("team-a", "2027-01", "storage"), "5.69");
    let exact = desk.projected("--write-events --set fleet.0.reimage.overlap=0h");
    assert_eq!(images_of(&exact, "image").1, 3);
    // (27 x 72 + 72 + 48 + 24) x 20 / 744 x 0.10 = 5.613.
    assert_eq!(exact.month("team-a", "2027-01", "storage"), "5.61");
}

#[test]
fn servers_send_by_the_day_or_all_together() {
    let desk =
        Desk::with(&format!("{JANUARY}{ONE_SERVER}transfer_out = \"2 GiB per server-day\"\n"));
    let sent = desk.projected("--write-events");
    assert_eq!(sent.events("transfer.out").len(), 31);
    // 62 GB x 0.12.
    assert_eq!(sent.month("team-a", "2027-01", "transfer"), "7.44");
    // Of two servers twice as much; of a fleet as much as it says.
    let two = desk.projected("--set fleet.0.count=2");
    assert_eq!(two.month("team-a", "2027-01", "transfer"), "14.88");
    let together = Desk::with(&format!(
        "{JANUARY}{}transfer_out = \"500 GiB per month\"\n",
        ONE_SERVER.replace("count = 1", "count = 2")
    ));
    assert_eq!(together.projected("").month("team-a", "2027-01", "transfer"), "60.00");
}

#[test]
fn a_scenario_with_every_key_is_taken_as_it_stands() {
    let scenario = r#"
        [scenario]
        name = "golden image rollout"
        start = "2027-01-01"
        months = 2
        seed = 42
        runs = 5

        [[group]]
        name = "teams"
        accounts = ["team-a", "team-b"]

        [[image]]
        name = "golden-web"
        owner = "platform"
        regions = ["IAD", "DFW"]
        size = "18 GiB"
        os = "linux"
        labels = []
        release = "2 weeks"
        keep = 3
        share_with = ["teams"]

        [[fleet]]
        account = "teams"
        region = "IAD"
        image = "golden-web"
        flavor = "general1-4"
        count = 12
        arrivals = "40 per day"
        lifetime = { lognormal = { median = "36 hours", p95 = "20 days" } }
        hours = "Mon-Fri 08:00-18:00"
        timezone = "America/Chicago"
        growth = "4% per month"
        refresh = "on release"
        reimage = { every = "1 day", keep = 7, size = "20 GiB" }
        transfer_out = "2 GiB per server-day"

        [[change]]
        sku = "server:*"
        from = "2027-02-01"
        percent = "+4"

        [[vary]]
        path = "fleet.0.arrivals"
        triangular = { low = 25, mode = 40, high = 80 }

        [budget]
        "team-a" = "1200 per month"
    "#;
    let desk = Desk::with(scenario);
    let prices = root().join("pricing/rackspace-us").display().to_string();
    let projected = desk.projected(&format!("--prices {prices}"));
    // Three accounts, two months, nine categories.
    assert_eq!(projected.rows("projection.csv").len(), 54);
    assert_eq!(projected.codes().len(), 0);
    let accounts: Vec<String> =
        projected.rows("drivers.csv").into_iter().map(|row| row["account"].clone()).collect();
    assert_eq!(accounts, ["team-a", "team-b", "*"]);
}

#[test]
fn accounts_of_a_list_may_be_called_like_a_group() {
    // `team` is one letter from `teams`: the list says that it is meant.
    let scenario = format!(
        "{JANUARY}[[group]]\nname = \"teams\"\naccounts = [\"team-a\"]\n{}\
         [[vary]]\npath = \"fleet.0.count\"\nuniform = {{ low = 1, high = 9 }}\n",
        ONE_SERVER.replace("team-a", "team")
    );
    let desk = Desk::with(&scenario).and("accounts.csv", "account\nteam\nteam-a\n");
    let drawn = desk.projected("--accounts accounts.csv --runs 20");
    let of = |column| number(&drawn.summary("*", "all", "total", column));
    // Of 1 to 9 servers at 27.53, not of the one that the file has.
    assert!(of("p5") < 60.0 && of("p95") > 220.0, "{} to {}", of("p5"), of("p95"));
}

#[test]
fn results_for_machines_name_the_same_money() {
    let desk = Desk::with(&format!("{JANUARY}{ONE_SERVER}"));
    let printed = desk.projected("--format json");
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&printed.output)).expect("JSON on standard output");
    assert_eq!(json["scenarios"][0]["totals"]["USD"], "27.53");
    assert_eq!(json["accounts"][0]["mean"], "27.53");
    let run: serde_json::Value = serde_json::from_str(&printed.read("run.json")).expect("JSON");
    assert_eq!(run["kind"], "projection");
    assert!(Path::new(&printed.out).join("assumptions.csv").is_file());
}
