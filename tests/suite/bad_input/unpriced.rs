//! Usage that the book does not know: flavors, regions and SKUs without a price.

use crate::bad_input::{DONE, Desk, log_with, says};
use crate::support::stdout;

#[test]
fn an_unknown_flavor_stops_the_run_and_the_known_one_nearby_is_named() {
    let row = "2016-03-06T00:00:00Z,server.create,cons,DFW,s2,img,,,,general1-9,,,,";
    let desk = Desk::with_log(log_with(row));
    let words =
        ["U01", "account `cons` used 624 hour of server:general1-9 in DFW", "no such flavor"];
    desk.refuse_bill(&["events.csv"], &[], &words);
    desk.refuse_bill(&["events.csv"], &[], &["did you mean `general1-1`?", "--allow-unpriced"]);
}

#[test]
fn an_event_in_a_region_that_the_book_has_not_stops_the_run() {
    let row = "2016-03-06T00:00:00Z,image.create,prod,DWF,i2,,,,1073741824,,,,,";
    let desk = Desk::with_log(log_with(row));
    // 26 of the 31 days of March.
    let words =
        ["account `prod` used 0.83870968 GB-month of image.storage in DWF", "no such region"];
    desk.refuse_bill(&["events.csv"], &[], &words);
    desk.refuse_bill(&["events.csv"], &[], &["did you mean `DFW`?", "--allow-unpriced"]);
}

#[test]
fn usage_without_a_price_is_listed_by_sku_and_account_and_costs_nothing_if_allowed() {
    let rows = "\
2016-03-06T00:00:00Z,server.create,cons,DFW,s2,img,,,,huge,,,,
2016-03-06T00:00:00Z,server.create,prod,DFW,s3,img,,,,huge,,,,
2016-03-06T00:00:00Z,server.create,prod,DFW,s4,img,,,,vast,,,,";
    let desk = Desk::with_log(log_with(rows));
    let words = [
        "account `cons` used 624 hour of server:huge",
        "account `prod` used 624 hour of server:huge",
        "account `prod` used 624 hour of server:vast",
        "3 without a rate: nothing was billed",
    ];
    desk.refuse_bill(&["events.csv"], &[], &words);
    let output = desk.bill(&["events.csv"], &["--allow-unpriced"], DONE);
    says(
        &stdout(&output),
        &["--allow-unpriced", "server:huge  2 accounts", "server:vast  1 account"],
    );
    desk.check_good_statements();
    says(&desk.read("out/charges.csv"), &["server:huge,DFW,hour,0,624.00000000,0,0.00,USD"]);
}
