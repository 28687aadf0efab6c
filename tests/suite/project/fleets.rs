//! What fleets and images do from month to month, in figures worked out by hand.

use crate::project::{Desk, JANUARY, ONE_SERVER, Projected, image};

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
