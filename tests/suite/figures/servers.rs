//! Servers by the hour, licences, and the levels of support with their minimum and fee.

use super::{MARCH, charges, hours, pricing, servers, us};
use crate::consequences::{columns, log, paid};
use crate::support::small_book;

#[test]
fn hours_are_those_of_the_month_744_in_march_and_720_in_april() {
    // Rackspace's explanation of why the bills of two months differ, at $0.04 an hour:
    // 744 × 0.04 = $29.76, 720 × 0.04 = $28.80. No flavor of the book has this price.
    let mut texts = small_book()
        .with_rows(&log("2016-03-01 server.create a web source=base-x flavor=general1-1"));
    texts.rates = texts
        .rates
        .replace("server:general1-1,*,hour,,0,0.032", "server:general1-1,*,hour,,0,0.04");
    texts.end = Some("2016-05-01".to_owned());
    assert_eq!(
        charges(&texts.bill(), "server:general1-1"),
        ["744.00000000 × 0.04 = 29.76", "720.00000000 × 0.04 = 28.80"]
    );
}

#[test]
fn ten_servers_of_4_gb_for_730_hours_cost_934_40_and_146_of_support() {
    // Rackspace's worked example, 2014 to 2016: 10 × 0.128 × 730 = $934.40 of infrastructure,
    // 10 × 4 GB × 0.005 × 730 = $146.00 of Managed Infrastructure, $1,080.40 together.
    let lines: String = (0..10)
        .map(|n| {
            format!(
                "2016-03-01 server.create a web-{n} source=base-x flavor=general1-4
                 2016-03-31T10:00:00Z server.delete a web-{n}\n"
            )
        })
        .collect();
    let outputs = us(&lines);
    assert_eq!(charges(&outputs, "server:general1-4"), ["7300.00000000 × 0.128 = 934.40"]);
    assert_eq!(
        charges(&outputs, "support:managed-infrastructure"),
        ["29200.00000000 × 0.005 = 146.00"]
    );
    assert_eq!(paid(&outputs), ["a 2016-03 servers=934.40 support=146.00 total=1080.40"]);
}

#[test]
fn a_licence_costs_what_the_price_page_has_above_linux() {
    // The price page of 2016-03-03 has one price for a server with its operating system. For
    // 100 h: page price × 100 = servers + licenses.
    for (flavor, os, linux, above_linux) in [
        // 0.168 an hour, of which Linux 0.128.
        ("general1-4", "windows", "12.80", "4.00"),
        // 0.228.
        ("general1-4", "mssql-web", "12.80", "10.00"),
        // 0.768.
        ("general1-4", "mssql-standard", "12.80", "64.00"),
        // 0.208.
        ("general1-4", "redhat", "12.80", "8.00"),
        // 0.308.
        ("general1-4", "vyatta", "12.80", "18.00"),
        // 3.84, of which Linux 2.88.
        ("memory1-240", "windows", "288.00", "96.00"),
        // 8.24.
        ("memory1-240", "mssql-standard", "288.00", "536.00"),
        ("general1-4", "linux", "12.80", "0.00"),
        ("general1-4", "ubuntu", "12.80", "0.00"),
    ] {
        let outputs = us(&format!(
            "2016-03-01 server.create a web source=base-x flavor={flavor} os={os}
             2016-03-05T04:00:00Z server.delete a web"
        ));
        let expected = format!("{linux} {above_linux}");
        let paid = columns(&outputs.statements, &["servers", "licenses"]);
        assert_eq!(paid, [expected], "{os} on {flavor}");
    }
}

/// The support, minimum and fee of an account of this level, opened on this day.
fn level_charges(level: &str, opened: &str, lines: &str) -> Vec<String> {
    let accounts = format!("a,,,{level},{opened},");
    let texts = pricing("rackspace-us").with_rows(&log(lines)).with_accounts(&accounts);
    columns(&texts.bill().statements, &["support", "minimum", "fee"])
}

#[test]
fn what_is_missing_to_the_minimum_of_sysops_is_charged() {
    // $0.02 per GB and hour, at least $500 a cycle. An 8 GB server makes 0.16 an hour: 500.00 in
    // 3125 h. Rows: hours, support, minimum.
    for (seconds, expected) in [
        (hours(1), "0.16 499.84 0.00"),
        (hours(3124), "499.84 0.16 0.00"),
        // 8 × 113 ÷ 3600 = 0.25111111 GB-hours short: 24,999.74888889 × 0.02 = 499.99498.
        (hours(3125) - 113, "499.99 0.01 0.00"),
        // 0.24888889 short: 499.99502, which is rounded before it is compared.
        (hours(3125) - 112, "500.00 0.00 0.00"),
        (hours(3125), "500.00 0.00 0.00"),
        (hours(3126), "500.16 0.00 0.00"),
    ] {
        let lines = servers("a", "general1-8", seconds);
        assert_eq!(level_charges("sysops", "", &lines), [expected], "{seconds} s");
    }
}

#[test]
fn an_account_without_servers_has_neither_minimum_nor_fee() {
    for level in ["managed-infrastructure", "sysops", "devops"] {
        let lines = "2016-03-01 image.create a i bytes=1GiB";
        assert_eq!(level_charges(level, "", lines), ["0.00 0.00 0.00"], "{level}");
    }
}

#[test]
fn the_minimum_begins_with_the_first_cycle_thirty_days_after_the_opening() {
    // Managed Infrastructure: $50. The cycle starts on March 1, and February has 29 days: 30 days
    // before are January 31. One hour of general1-1: support 0.005, rounded to 0.01.
    let lines = servers("a", "general1-1", hours(1));
    for (opened, expected) in [
        ("", "0.01 49.99 0.00"),
        ("2016-01-30", "0.01 49.99 0.00"),
        ("2016-01-31", "0.01 49.99 0.00"),
        ("2016-01-31T00:00:01Z", "0.01 0.00 0.00"),
        ("2016-02-01", "0.01 0.00 0.00"),
        ("2016-03-01", "0.01 0.00 0.00"),
    ] {
        assert_eq!(
            level_charges("managed-infrastructure", opened, &lines),
            [expected],
            "opened {opened}"
        );
    }
}

#[test]
fn devops_has_a_fee_of_2500_and_no_minimum() {
    // The price page of 2016-03-03: the SysOps rate, $2,500 a month, no minimum. One hour of
    // general1-1: 0.032 and 0.02.
    let lines = servers("a", "general1-1", hours(1));
    assert_eq!(level_charges("devops", "", &lines), ["0.02 0.00 2500.00"]);
    let texts = pricing("rackspace-us").with_rows(&log(&lines)).with_accounts("a,,,devops,,");
    let outputs = texts.bill();
    assert_eq!(charges(&outputs, "fee:devops"), ["1.00000000 × 2500 = 2500.00"]);
    assert_eq!(paid(&outputs), ["a 2016-03 servers=0.03 support=0.02 fee=2500.00 total=2500.05"]);
}

#[test]
fn a_cycle_that_the_run_cuts_has_neither_minimum_nor_fee() {
    let lines = servers("a", "general1-1", MARCH);
    for (level, start, end, expected) in [
        ("sysops", "2016-03-01", "2016-04-01", "14.88 485.12 0.00"),
        ("sysops", "2016-03-02", "2016-04-01", "14.40 0.00 0.00"),
        ("sysops", "2016-03-01", "2016-03-31", "14.40 0.00 0.00"),
        ("devops", "2016-03-01", "2016-04-01", "14.88 0.00 2500.00"),
        ("devops", "2016-03-01", "2016-03-31T23:59:59Z", "14.88 0.00 0.00"),
    ] {
        let mut texts = pricing("rackspace-us").with_rows(&log(&lines));
        texts = texts.with_accounts(&format!("a,,,{level},,"));
        texts.start = Some(start.to_owned());
        texts.end = Some(end.to_owned());
        let paid = columns(&texts.bill().statements, &["support", "minimum", "fee"]);
        assert_eq!(paid, [expected], "{level}, {start} to {end}");
    }
}
