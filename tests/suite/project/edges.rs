//! The edges of a plan: what the cloud would refuse, what is alive before it begins, nothing at
//! all, and usage without a rate.

use crate::project::{Desk, JANUARY, ONE_SERVER, image};
use crate::support::{EVENT_HEADER, stderr, stdout};

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
