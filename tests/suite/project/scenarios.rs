//! What scenarios, budgets and the command line ask for, and what a projection reports of it.

use std::path::Path;

use crate::project::{Desk, JANUARY, ONE_SERVER, number};
use crate::support::{root, stderr, stdout};

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
