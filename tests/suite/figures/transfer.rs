//! Data sent: its tiers, and rates of other models.

use super::us;
use crate::consequences::{columns, log};
use crate::support::{Texts, small_book};

/// The small book with other rates of data sent.
fn sending_at(rows: &str) -> Texts {
    let mut texts = small_book();
    let kept = texts.rates.lines().filter(|row| !row.starts_with("transfer.out"));
    texts.rates = kept.map(|row| format!("{row}\n")).collect::<String>() + rows;
    texts
}

#[test]
fn a_price_that_changes_within_a_cycle_goes_on_where_the_tiers_have_stopped() {
    // Until March 15: 0.12 up to 10 GB, then 0.10 and 1.00 once. From March 16 on: 0.20 and 0.15,
    // 2.00 once. A package of 10 GB costs 5.00, then 7.00.
    let tiered = |model: &str| {
        sending_at(&format!(
            "transfer.out,*,GB,{model},0,0.12,,2015-01-01,test
transfer.out,*,GB,{model},10,0.10,1.00,2015-01-01,test
transfer.out,*,GB,{model},0,0.20,,2016-03-16,test
transfer.out,*,GB,{model},10,0.15,2.00,2016-03-16,test
"
        ))
    };
    let (graduated, volume) = (tiered("graduated"), tiered("volume"));
    let package = sending_at(
        "transfer.out,*,GB,package,10,5,,2015-01-01,test
transfer.out,*,GB,package,10,7,,2016-03-16,test
",
    );
    // So many GB before the change, 5 GB after it.
    for (before, by_tiers, by_volume, by_packages) in [
        // 9 × 0.12; 1 × 0.20 + 4 × 0.15 + 2.00 | 9 × 0.10 + 1.00; 5 × 0.15 | 5.00; 7.00
        (9, "3.88", "2.65", "12.00"),
        // 10 × 0.12; 5 × 0.15 + 2.00 | 10 × 0.10 + 1.00; 5 × 0.15 | 5.00; 7.00
        (10, "3.95", "2.75", "12.00"),
        // 10 × 0.12 + 1 × 0.10 + 1.00; 5 × 0.15 | 11 × 0.10 + 1.00; 5 × 0.15 | 2 × 5.00; nothing
        (11, "3.05", "2.85", "10.00"),
    ] {
        let rows = log(&format!(
            "2016-03-15T23:59:59.999999Z transfer.out a x bytes={before}GiB
             2016-03-16 transfer.out a x bytes=5GiB"
        ));
        for (texts, expected) in
            [(&graduated, by_tiers), (&volume, by_volume), (&package, by_packages)]
        {
            let statements = texts.clone().with_rows(&rows).bill().statements;
            assert_eq!(columns(&statements, &["transfer"]), [expected], "{before} GB and 5");
        }
    }
}

#[test]
fn volume_and_package_rates_price_the_whole_quantity() {
    // volume: up to 10 GB 0.12 each, above 0.10 each and 1.00 once, for all of them. package: 5.00
    // for each 10 GB begun.
    let volume = sending_at(
        "transfer.out,*,GB,volume,0,0.12,,2015-01-01,test
transfer.out,*,GB,volume,10,0.10,1.00,2015-01-01,test
",
    );
    let package = sending_at("transfer.out,*,GB,package,10,5,,2015-01-01,test\n");
    for (gigabytes, volume_amount, package_amount) in [
        (9, "1.08", "5.00"),
        (10, "1.20", "5.00"),
        // 11 × 0.10 + 1.00.
        (11, "2.10", "10.00"),
        (20, "3.00", "10.00"),
        (21, "3.10", "15.00"),
    ] {
        let rows = log(&format!("2016-03-05 transfer.out a x bytes={gigabytes}GiB"));
        let transfer = |texts: &Texts| {
            columns(&texts.clone().with_rows(&rows).bill().statements, &["transfer"])
        };
        assert_eq!(transfer(&volume), [volume_amount], "{gigabytes} GB");
        assert_eq!(transfer(&package), [package_amount], "{gigabytes} GB");
    }
}

#[test]
fn sixty_gigabytes_sent_cost_seven_dollars_twenty() {
    // The price page of 2016-03-03: $0.12 per GB for the first 10 TB, $0.10 for the next 40.
    for (gigabytes, transfer) in
        [("60", "7.20"), ("10239", "1228.68"), ("10240", "1228.80"), ("10241", "1228.90")]
    {
        let outputs = us(&format!("2016-03-05 transfer.out a x bytes={gigabytes}GiB"));
        assert_eq!(columns(&outputs.statements, &["transfer"]), [transfer], "{gigabytes} GB");
    }
}
