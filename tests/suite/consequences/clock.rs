//! C5: from when to when something is paid, and what does not stop its clock.

use super::{billed, billed_for_two_months, columns, log, paid};
use crate::support::small_book;

// ------------------------------------------------------------------------------------------- C5

#[test]
fn c5_a_deactivated_image_is_still_stored_and_still_paid() {
    let image = "2016-03-01 image.create producer golden bytes=10GiB";
    let deactivated = "2016-03-02 image.deactivate producer golden";
    let reactivated = "2016-03-20 image.reactivate producer golden";
    for more in ["", deactivated, &format!("{deactivated}\n{reactivated}")] {
        let outputs = billed(&format!("{image}\n{more}"));
        assert_eq!(paid(&outputs), ["producer 2016-03 storage=1.00 total=1.00"], "{more}");
    }
}

#[test]
fn c5_a_server_is_paid_from_its_creation_to_its_deletion_and_nothing_else_stops_its_clock() {
    // Stopping a server is no event of a log: there is nothing that could end the charge.
    let outputs = billed_for_two_months(
        "2016-03-01 server.create a web source=base-linux flavor=general1-1
         2016-03-05 server.rebuild a web source=base-debian
         2016-03-09 server.resize a web flavor=general1-1",
    );
    assert_eq!(
        paid(&outputs),
        [
            "a 2016-03 servers=23.81 support=3.72 total=27.53",
            "a 2016-04 servers=23.04 support=3.60 total=26.64",
        ]
    );
}

#[test]
fn c5_all_that_runs_at_the_end_is_paid_until_then_however_much_it_is() {
    let servers = (0..9_000).map(|number| {
        format!("2016-03-31T23:00:00Z server.create a s-{number} flavor=general1-1\n")
    });
    let outputs = billed(&servers.collect::<String>());
    // 9,000 h × 0.032 = 288; × 0.005 = 45.
    assert_eq!(paid(&outputs), ["a 2016-03 servers=288.00 support=45.00 total=333.00"]);
}

#[test]
fn c5_a_rebuild_changes_the_licence_from_that_instant_and_not_the_clock() {
    let mut texts = small_book().with_rows(&log(
        "2016-03-01           image.create producer windows bytes=1GiB os=windows
         2016-03-01           image.member.create producer windows member=a
         2016-03-01T00:30:00Z server.create a web source=base-linux flavor=general1-1
         2016-03-01T02:00:00Z server.rebuild a web source=windows
         2016-03-01T03:15:00Z server.delete a web",
    ));
    texts.book_toml = texts.book_toml.replace("server_increment = 1", "server_increment = 3600");
    // Hours start at 00:30, 01:30 and 02:30: three of them, of which only the last starts after
    // the rebuild. 3 × 0.032 = 0.096; 1 × 0.02; support 3 × 0.005 = 0.015, half-up.
    let outputs = texts.bill();
    assert_eq!(
        paid(&outputs),
        [
            "a 2016-03 servers=0.10 licenses=0.02 support=0.02 total=0.14",
            "producer 2016-03 storage=0.10 total=0.10",
        ]
    );
    let servers = columns(&outputs.charges, &["account", "sku", "quantity"]);
    assert_eq!(
        servers[..3],
        [
            "a license:windows:general1-1 1.00000000",
            "a server:general1-1 3.00000000",
            "a support:infra 3.00000000",
        ]
    );
}
