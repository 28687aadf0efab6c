//! Many runs: chance is drawn fairly, the same on any number of threads, and its mean is the right
//! one.

use std::fs;

use crate::project::{Desk, JANUARY, ONE_SERVER, number};
use crate::support::root;

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
