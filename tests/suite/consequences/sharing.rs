//! C1, C4, C6: what sharing an image costs its producer and its consumers.

use super::{billed, billed_for_two_months, paid};

/// The rows of a CSV text that are an account's.
fn rows_of(account: &str, csv: &str) -> Vec<String> {
    let prefix = format!("{account},");
    csv.lines().filter(|line| line.starts_with(&prefix)).map(str::to_owned).collect()
}

// ------------------------------------------------------------------------------------------- C1

const GOLDEN: &str = "
    2016-03-01 image.create producer golden bytes=10GiB
    2016-03-02 image.member.create producer golden member=consumer";

#[test]
fn c1_a_consumer_that_only_accepts_an_image_pays_nothing() {
    let accepted = "2016-03-03 image.member.update consumer golden member=consumer status=accepted";
    let outputs = billed(&format!("{GOLDEN}\n{accepted}"));
    // 10 GiB for the whole month: 10 × 0.10. The consumer has no statement at all.
    assert_eq!(paid(&outputs), ["producer 2016-03 storage=1.00 total=1.00"]);
    assert_eq!(outputs.findings, []);
}

#[test]
fn c1_the_status_of_a_member_changes_no_bill_and_does_not_decide_who_boots() {
    let boot = "2016-03-11 server.create consumer web source=golden flavor=general1-1
                2016-03-21 server.delete consumer web";
    let untouched = billed(&format!("{GOLDEN}\n{boot}"));
    // 10 days are 240 h: servers 240 × 0.032 = 7.68, support 240 × 0.005 = 1.20.
    let expected = [
        "consumer 2016-03 servers=7.68 support=1.20 total=8.88",
        "producer 2016-03 storage=1.00 total=1.00",
    ];
    assert_eq!(paid(&untouched), expected);
    for status in ["pending", "accepted", "rejected"] {
        let update = format!(
            "2016-03-03 image.member.update consumer golden member=consumer status={status}"
        );
        let told = billed(&format!("{GOLDEN}\n{update}\n{boot}"));
        assert_eq!(told, untouched, "{status}");
        assert_eq!(told.findings, [], "{status}");
    }
}

// ------------------------------------------------------------------------------------------- C4

#[test]
fn c4_the_producer_pays_for_the_original_once_however_many_consumers_it_has() {
    let image = "2016-03-01 image.create producer golden bytes=10GiB";
    let with_consumers = |count: usize| {
        let shares = (0..count)
            .map(|n| format!("2016-03-01 image.member.create producer golden member=c{n}\n"));
        let servers = (0..count).map(|n| {
            format!("2016-03-01 server.create c{n} web-{n} source=golden flavor=general1-1\n")
        });
        billed(&format!("{image}\n{}", shares.chain(servers).collect::<String>()))
    };
    for count in [0, 1, 5] {
        let outputs = with_consumers(count);
        // 10 GiB × 0.10, whatever the consumers do; each of them 23.81 and 3.72 as in C2.
        assert_eq!(rows_of("producer", &outputs.charges).len(), 1, "{count} consumers");
        let mut expected: Vec<String> = (0..count)
            .map(|n| format!("c{n} 2016-03 servers=23.81 support=3.72 total=27.53"))
            .collect();
        expected.push("producer 2016-03 storage=1.00 total=1.00".to_owned());
        assert_eq!(paid(&outputs), expected, "{count} consumers");
    }
}

#[test]
fn c4_the_producer_pays_while_the_original_exists_though_nobody_uses_it() {
    let image = "2016-03-01 image.create producer golden bytes=10GiB";
    let gone = "2016-04-16 image.delete producer golden";
    // April: 10 GiB for 15 of 30 days.
    assert_eq!(
        paid(&billed_for_two_months(&format!("{image}\n{gone}"))),
        ["producer 2016-03 storage=1.00 total=1.00", "producer 2016-04 storage=0.50 total=0.50"]
    );
}

// ------------------------------------------------------------------------------------------- C6

const IMAGES: &str = "
    2016-03-01 image.create producer golden bytes=10GiB
    2016-03-04 image.create producer silver bytes=20GiB
    2016-03-06 object.create other backup bytes=30GiB";

const MEMBERS: &str = "
    2016-03-01 image.member.create producer golden member=consumer
    2016-03-05 image.member.create producer golden member=other
    2016-03-05 image.member.create - silver member=consumer
    2016-03-07 image.member.update consumer golden member=consumer status=accepted
    2016-03-07 image.member.update other golden member=other status=rejected
    2016-03-09 image.update producer silver visibility=community
    2016-03-10 image.member.delete producer golden member=other
    2016-03-12 image.member.create producer golden member=producer";

#[test]
fn c6_adding_consumers_changes_no_byte_of_charges_and_statements() {
    let alone = billed(IMAGES);
    // 10 GiB, and 20 GiB for 28 of 31 days: 10 + 18.06451613; 30 GiB for 26 of 31: 25.16129032.
    assert_eq!(
        paid(&alone),
        ["other 2016-03 storage=2.52 total=2.52", "producer 2016-03 storage=2.81 total=2.81"]
    );
    let shared = billed(&format!("{IMAGES}\n{MEMBERS}"));
    assert_eq!(shared.charges, alone.charges);
    assert_eq!(shared.statements, alone.statements);
    assert_ne!(shared.sharing, alone.sharing, "who shares what is told elsewhere");
}

#[test]
fn c6_the_first_server_of_a_consumer_changes_its_own_bill_alone() {
    let alone = billed(IMAGES);
    let server = "2016-03-31 server.create consumer web source=golden flavor=general1-1";
    let used = billed(&format!("{IMAGES}\n{MEMBERS}\n{server}"));
    // The last day: 24 h × 0.032 = 0.768, 24 × 0.005 = 0.12.
    assert_eq!(
        paid(&used),
        [
            "consumer 2016-03 servers=0.77 support=0.12 total=0.89",
            "other 2016-03 storage=2.52 total=2.52",
            "producer 2016-03 storage=2.81 total=2.81",
        ]
    );
    for account in ["other", "producer"] {
        assert_eq!(rows_of(account, &used.charges), rows_of(account, &alone.charges));
    }
}
