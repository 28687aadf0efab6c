//! A projection is the bill of the log that it writes, to the cent.

use std::fs;

use crate::project::{Desk, Projected, number};
use crate::support::{root, sharebill, stderr};

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
