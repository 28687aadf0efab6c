//! `sharebill estimate` and `sharebill check --scenario`, through the program. All money is worked
//! out by hand from `pricing/rackspace-us`: image.storage 0.10 a GB-month, transfer.out 0.12 a GB,
//! server:general1-4 0.128 and license:windows:general1-4 0.04 an hour, support 0.005 a GB-hour
//! (4 GB: 0.02 an hour), which comes to 50.00 a month at least for whoever has servers (P6).

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::support::{root, sharebill, stderr, stdout};

/// The command that the README shows.
const EXAMPLE: &str = "--image 18GiB --region IAD --copy DFW --consumers 40 --servers 3 \
                       --flavor general1-4 --hours 200/month --reimage 20GiB --keep 7 --months 12";

/// Two consumers, no copy.
const SMALL: &str = "--image 10GiB --region IAD --consumers 2 --servers 3 --flavor general1-4 \
                     --hours 200/month --months 3";

fn estimate(flags: &str) -> Output {
    let flags = flags.split_whitespace();
    let all: Vec<&str> =
        ["estimate", "--prices", "pricing/rackspace-us"].into_iter().chain(flags).collect();
    sharebill(&root(), &all)
}

fn json(flags: &str) -> Value {
    let output = estimate(&format!("{flags} --format json"));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)))
}

/// Money as whole cents.
fn cents(amount: &Value) -> i64 {
    let text = amount.as_str().expect("money is text");
    let (whole, fraction) = text.split_once('.').expect("cents");
    assert_eq!(fraction.len(), 2, "{text}");
    format!("{whole}{fraction}").parse().expect("a number")
}

fn group<'a>(told: &'a Value, role: &str, region: Option<&str>) -> &'a Value {
    let groups = told["accounts"].as_array().expect("groups");
    let found =
        groups.iter().find(|group| group["role"] == role && group["region"].as_str() == region);
    found.unwrap_or_else(|| panic!("no {role} in {region:?}: {told:#}"))
}

#[test]
fn hours_of_a_month_cost_exactly_so_many_hours() {
    let told = json(SMALL);
    // The latest prices of the book are of 2015-01-01.
    assert_eq!(told["start"], "2015-01-01T00:00:00Z");
    // 10 GiB × 0.10. Whoever has no server pays no minimum (P6).
    let producer = group(&told, "producer", None);
    assert_eq!(producer["charges"]["image.storage"]["by_month"], Value::from(vec!["1.00"; 3]));
    assert_eq!(producer["total"]["in_all"], "3.00");
    // 3 × 200 hours × 0.128 = 76.80, and × 0.02 = 12.00, in each month however long it is.
    let consumer = group(&told, "consumer", Some("IAD"));
    assert_eq!(consumer["accounts"], Value::from(vec!["consumer-1", "consumer-2"]));
    let charges = &consumer["charges"];
    assert_eq!(charges["server:general1-4"]["by_month"], Value::from(vec!["76.80"; 3]));
    assert_eq!(
        charges["support:managed-infrastructure"]["by_month"],
        Value::from(vec!["12.00"; 3])
    );
    // 50.00 - 12.00.
    assert_eq!(charges["minimum:managed-infrastructure"]["in_all"], "114.00");
    assert_eq!(consumer["total"]["first_month"], "126.80");
    // 3.00 + 2 × 3 × 126.80; with own images 2 × 3 × (1.00 + 126.80).
    assert_eq!(told["total"]["in_all"], "763.80");
    assert_eq!(told["own_copies"]["total"]["in_all"], "766.80");
    assert_eq!(told["own_copies"]["sharing_saves"]["in_all"], "3.00");
    assert_eq!(told["own_copies"]["sharing_saves"]["average_month"], "1.00");
}

#[test]
fn servers_that_are_always_on_run_all_hours_of_a_month() {
    let told = json("--image 10GiB --region IAD --flavor general1-4 --months 2");
    // January has 744 hours, February 672: × 0.128 = 95.232 and 86.016; × 0.02 = 14.88 and 13.44.
    let charges = &group(&told, "consumer", Some("IAD"))["charges"];
    assert_eq!(charges["server:general1-4"]["by_month"], Value::from(vec!["95.23", "86.02"]));
    let support = &charges["support:managed-infrastructure"]["by_month"];
    assert_eq!(*support, Value::from(vec!["14.88", "13.44"]));
    // One consumer keeps what the producer kept.
    assert_eq!(told["own_copies"]["sharing_saves"]["in_all"], "0.00");
}

#[test]
fn the_first_month_of_the_example_is_as_worked_out_by_hand() {
    let told = json(EXAMPLE);
    let producer = group(&told, "producer", None);
    let first = |group: &Value, sku: &str| group["charges"][sku]["first_month"].clone();
    // 18 GiB for 744 of 744 hours, and the copy for 742: 35.95161290 × 0.10.
    assert_eq!(first(producer, "image.storage"), "3.60");
    // Export for 3 hours, upload for 2: 18 × 5 / 744 = 0.12096774 × 0.10.
    assert_eq!(first(producer, "object.storage"), "0.01");
    // 18 × 0.12, once.
    assert_eq!(producer["charges"]["transfer.out"]["in_all"], "2.16");
    // 3.60 × 12 + 0.01 + 2.16.
    assert_eq!(producer["total"]["in_all"], "45.37");
    // Images after 24, 48 … 192 of 200 hours. The first goes an hour after the eighth: 169 hours.
    // The others stay: 7 × 744 - 24 × (2 + … + 8) = 4368. 3 × 20 × 4537 / 744 = 365.88709677 × 0.10.
    let home = group(&told, "consumer", Some("IAD"));
    assert_eq!(home["accounts"].as_array().expect("accounts").len(), 20);
    assert_eq!(first(home, "image.storage"), "36.59");
    // And 76.80 + 12.00 + 38.00.
    assert_eq!(home["total"]["first_month"], "163.39");
    // Two hours and a second later: 7 × 7201 seconds less. 3 × 20 × 4522.998 / 744 × 0.10.
    let away = group(&told, "consumer", Some("DFW"));
    assert_eq!(first(away, "image.storage"), "36.48");
    assert_eq!(away["charges"]["server:general1-4"]["by_month"], Value::from(vec!["76.80"; 12]));
    // Servers and what is made of them are the same on both sides.
    let sides = &told["own_copies"];
    for category in ["servers", "support", "licenses", "minimum"] {
        assert_eq!(sides["shared"][category], sides["own_copies"][category], "{category}");
    }
    // Own images at home are 20 × 12 × 18 × 0.10 = 432.00. Beside the copy, the first month's is kept
    // for 742 hours: 38.27 - 36.48 = 1.79 with the other images; 20 × (1.79 + 11 × 1.80) = 431.80.
    // The producer's 45.37 are saved of: 863.80 - 45.37.
    assert_eq!(sides["sharing_saves"]["in_all"], "818.43");
    assert_eq!(told["refused"], 0);
}

#[test]
fn json_adds_up_exactly() {
    let told = json(EXAMPLE);
    let groups = told["accounts"].as_array().expect("groups");
    let of = |amounts: &Value| -> Vec<i64> {
        let months = amounts["by_month"].as_array().expect("months");
        let months: Vec<i64> = months.iter().map(cents).collect();
        assert_eq!(months.iter().sum::<i64>(), cents(&amounts["in_all"]));
        months
    };
    let mut all = vec![0; 12];
    for group in groups {
        let mut total = vec![0; 12];
        for charge in group["charges"].as_object().expect("charges").values() {
            total.iter_mut().zip(of(charge)).for_each(|(sum, month)| *sum += month);
        }
        assert_eq!(total, of(&group["total"]));
        let count = group["accounts"].as_array().expect("accounts").len() as i64;
        all.iter_mut().zip(total).for_each(|(sum, month)| *sum += count * month);
    }
    assert_eq!(all, of(&told["total"]));
    let sides = &told["own_copies"];
    for (side, total) in [("shared", &told["total"]), ("own_copies", &sides["total"])] {
        let categories = sides[side].as_object().expect("categories");
        let sum: i64 = categories.values().map(|one| of(one).iter().sum::<i64>()).sum();
        assert_eq!(sum, cents(&total["in_all"]));
    }
    let saved = cents(&sides["total"]["in_all"]) - cents(&told["total"]["in_all"]);
    assert_eq!(saved, cents(&sides["sharing_saves"]["in_all"]));
}

#[test]
fn the_example_tells_people_who_pays_what_and_what_sharing_saves() {
    let output = estimate(EXAMPLE);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    let shown = fs::read_to_string(root().join("README.md")).expect("a README");
    assert!(shown.contains(&text), "the README shows something else than\n{text}");
    let told = json(EXAMPLE);
    for line in
        ["the producer ", "each of 20 consumers in IAD", "each of 20 consumers in DFW", "TOTAL"]
    {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    let saved = told["own_copies"]["sharing_saves"]["in_all"].as_str().expect("money");
    assert!(text.lines().any(|line| line.contains("in all") && line.ends_with(saved)), "{text}");
    assert!(text.ends_with("The cloud refuses nothing.\n"), "{text}");
    assert_eq!(text, stdout(&estimate(EXAMPLE)));
}

const SAME_AS_A_FILE: &str = r#"
        [scenario]
        start = "2015-01-01"
        months = 3

        [[group]]
        name = "home"
        accounts = ["consumer-1", "consumer-3"]

        [[group]]
        name = "away"
        accounts = ["consumer-2"]

        [[image]]
        name = "golden"
        owner = "producer"
        regions = ["IAD", "DFW"]
        size = "18 GiB"
        release = "2 weeks"
        keep = 2
        share_with = ["home", "away"]

        [[fleet]]
        account = "home"
        region = "IAD"
        image = "golden"
        flavor = "general1-4"
        count = 2
        hours = "200 hours per month"
        reimage = { every = "2 days", keep = 3, size = "20 GiB" }
        transfer_out = "5 GiB per server-day"

        [[fleet]]
        account = "away"
        region = "DFW"
        image = "golden"
        flavor = "general1-4"
        count = 2
        hours = "200 hours per month"
        reimage = { every = "2 days", keep = 3, size = "20 GiB" }
        transfer_out = "5 GiB per server-day"
    "#;

#[test]
fn an_estimate_is_the_projection_of_the_same_scenario() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("plan.toml"), SAME_AS_A_FILE).expect("a file");
    let prices = root().join("pricing/rackspace-us").display().to_string();
    let output = sharebill(
        folder.path(),
        &[
            "project",
            "--scenario",
            "plan.toml",
            "--prices",
            &prices,
            "--out",
            "out",
            "--format",
            "json",
        ],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let projected: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let flags = "estimate --image 18GiB --region IAD --copy DFW --release";
    let mut flags: Vec<&str> = flags.split(' ').collect();
    flags.extend(["2 weeks", "--keep-versions", "2", "--consumers", "3", "--servers", "2"]);
    flags.extend(["--flavor", "general1-4", "--hours", "200/month", "--reimage", "20GiB"]);
    flags.extend(["--every", "2 days", "--keep", "3", "--transfer-out", "5 GiB per server-day"]);
    flags.extend(["--months", "3", "--format", "json", "--prices", &prices]);
    let output = sharebill(folder.path(), &flags);
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let accounts = projected["accounts"].as_array().expect("accounts");
    assert_eq!(accounts.len(), 5);
    for account in accounts {
        let name = account["account"].as_str().expect("a name");
        let mut groups = told["accounts"].as_array().expect("groups").iter();
        let is_in = |group: &&Value| {
            group["accounts"].as_array().is_some_and(|all| all.iter().any(|one| one == name))
        };
        let total = groups.find(is_in).map_or(&told["total"], |group| &group["total"]);
        assert_eq!(account["mean"], total["in_all"], "{name}");
    }
}

#[test]
fn what_the_cloud_refuses_is_told_and_decides_the_status() {
    let flags = "--image 18GiB --region IAD --copy DFW --consumers 3 --flavor general1-4 --os windows \
                 --months 1";
    let output = estimate(flags);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let text = stdout(&output);
    for line in ["refused L07 x1: ", "consumer-2 in DFW, which gets no server"] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    let told = json(flags);
    // 744 × 0.04; nothing is sent, and the consumer of the copy pays nothing.
    let home = group(&told, "consumer", Some("IAD"));
    assert_eq!(home["charges"]["license:windows:general1-4"]["in_all"], "29.76");
    assert_eq!(group(&told, "consumer", Some("DFW"))["total"]["in_all"], "0.00");
    assert_eq!(group(&told, "producer", None)["total"]["in_all"], "1.80");
    assert_eq!(told["refused"], told["findings"].as_array().expect("findings").len());
    // The two that have servers would have an image each.
    assert_eq!(told["own_copies"]["consumers"], 2);
    assert_eq!(told["own_copies"]["sharing_saves"]["in_all"], "1.80");
    let allowed = estimate(&format!("{flags} --allow-findings"));
    assert_eq!(allowed.status.code(), Some(0));
    assert_eq!(stdout(&allowed), text);
    // A server that cannot be imaged (L09), and an image too large to be imported (L08).
    let local = estimate("--image 9GiB --region IAD --flavor compute1-4 --reimage 9GiB --months 1");
    assert!(stdout(&local).contains("refused L09 x1: "), "{}", stdout(&local));
    let large = estimate("--image 161GiB --region IAD --copy DFW --flavor general1-4 --months 1");
    assert!(stdout(&large).contains("refused L08 x1: "), "{}", stdout(&large));
}

#[test]
fn without_consumers_only_the_producer_pays() {
    let flags = "--image 10GiB --region IAD --consumers 0 --flavor general1-4 --months 2";
    let told = json(flags);
    assert_eq!(told["total"]["in_all"], "2.00");
    assert_eq!(told["own_copies"]["consumers"], 0);
    assert_eq!(told["accounts"].as_array().expect("groups").len(), 1);
    let text = stdout(&estimate(flags));
    assert!(text.contains("shared with 0 consumers") && !text.contains("sharing saves"), "{text}");
}

#[test]
fn mistakes_name_the_flag_and_what_was_probably_meant() {
    for (flags, expected) in [
        ("--flavor generl1-4", ["S01", "--flavor", "did you mean `general1-4`?"]),
        ("--region IAC", ["S01", "--region", "did you mean `IAD`?"]),
        ("--copy ORD,DWF", ["S01", "--copy", "did you mean `DFW`?"]),
        ("--copy IAD", ["S05", "--copy", "the image is in `IAD` already"]),
        ("--image 10", ["S02", "--image", "18 GiB"]),
        ("--hours 745/month", ["S02", "--hours", "at most 744"]),
        ("--hours 8/day", ["S02", "--hours", "200/month"]),
        ("--start 2015-01-02", ["B13", "--start", "the first day of a month"]),
        ("--service-level sysop", ["A03", "--service-level", "did you mean `sysops`?"]),
        ("--consumers 1000000 --servers 6", ["B04", "too many for an estimate", "5000000"]),
        ("--reimage 9GiB --every 1s", ["B04", "too many for an estimate", "5000000"]),
    ] {
        let usual = [("--image", "10GiB"), ("--region", "IAD"), ("--flavor", "general1-4")];
        let missing = usual.iter().filter(|(flag, _)| !flags.contains(flag));
        let all =
            missing.fold(flags.to_owned(), |all, (flag, value)| format!("{all} {flag} {value}"));
        let output = estimate(&all);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{flags}: {said}");
        for part in expected {
            assert!(said.contains(part), "{flags}: no {part} in\n{said}");
        }
    }
    // What the book does not know is no mistake, but worth a word.
    let output = estimate("--image 9GiB --region IAD --flavor general1-4 --months 1 --os windos");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("did you mean `windows`?"), "{}", stderr(&output));
}

/// A plan with a copy that the cloud refuses.
const REFUSED: &str = r#"
    [scenario]
    name = "windows"

    [[image]]
    name = "golden"
    owner = "platform"
    regions = ["IAD", "DFW"]
    size = "18 GiB"
    os = "windows"
    share_with = ["team"]

    [[fleet]]
    account = "team"
    region = "IAD"
    image = "golden"
    flavor = "general1-4"
    count = 1
"#;

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let prices = root().join("pricing/rackspace-us").display().to_string();
    let all: Vec<&str> = ["check", "--prices", &prices].iter().chain(arguments).copied().collect();
    sharebill(folder, &all)
}

#[test]
fn a_plan_is_checked_before_a_cent_is_computed() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("plan.toml"), REFUSED).expect("a file");
    let plan = ["--scenario", "plan.toml", "--start", "2016-01-01"];
    let with = |more: &[&str]| -> Output { check(folder, &[&plan, more].concat()) };
    let output = with(&[]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.starts_with("scenario windows:") && text.contains(": error[L07]: "), "{text}");
    assert!(text.ends_with("1 errors, 0 warnings\n"), "{text}");
    let told: Value = serde_json::from_str(&stdout(&with(&["--format", "json"]))).expect("JSON");
    assert_eq!(told[0]["code"], "L07");
    assert_eq!(told[0]["file"], "scenario windows");
    assert_eq!(told[0]["account"], "platform");
    assert_eq!(with(&["--strict"]).status.code(), Some(1));
    assert_eq!(with(&["--allow-findings"]).status.code(), Some(0));
    let linux = with(&["--set", "image.0.os=linux"]);
    assert_eq!(linux.status.code(), Some(0), "{}", stderr(&linux));
    assert_eq!(stdout(&linux), "0 errors, 0 warnings\n");
}

#[test]
fn a_plan_is_checked_after_what_has_happened() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("plan.toml"), REFUSED).expect("a file");
    let header = crate::support::EVENT_HEADER;
    let events = format!(
        "{header}2016-01-05T00:00:00Z,image.create,team,IAD,own,,,,1000,,,private,,\n\
         2016-01-06T00:00:00Z,server.create,other,IAD,s,own,,,,general1-4,,,,\n"
    );
    fs::write(folder.join("events.csv"), events).expect("a file");
    let output = check(folder, &["events.csv", "--scenario", "plan.toml"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let text = stdout(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("events.csv:3: error[L01]: "), "{text}");
    assert!(lines[1].starts_with("scenario windows:") && lines[1].contains("error[L07]"), "{text}");
    assert_eq!(lines[2], "2 errors, 0 warnings");
    // The plan begins when the events' month ends: earlier, what comes later is not told.
    let early = check(folder, &["events.csv", "--scenario", "plan.toml", "--start", "2016-01-01"]);
    assert!(stdout(&early).ends_with("1 errors, 0 warnings\n"), "{}", stdout(&early));
}

#[test]
fn a_plan_without_a_start_needs_events_or_a_date() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("plan.toml"), REFUSED).expect("a file");
    let output = check(folder.path(), &["--scenario", "plan.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("does not say when it starts"), "{}", stderr(&output));
    let span = ["--start", "2016-02-01", "--end", "2016-01-01"];
    let output = check(folder.path(), &[&["--scenario", "plan.toml"], &span[..]].concat());
    assert!(stderr(&output).contains("E03"), "{}", stderr(&output));
    let nothing = check(folder.path(), &[]);
    assert_eq!(nothing.status.code(), Some(2), "{}", stderr(&nothing));
}
