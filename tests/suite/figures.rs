//! Figures that the provider itself has published, or that follow from its prices by hand, each
//! through the whole engine.

use crate::consequences::{columns, log, paid};
use crate::support::{Outputs, Texts, root, small_book};

/// A price book of the repository.
fn pricing(name: &str) -> Texts {
    let folder = root().join("pricing").join(name);
    let read = |file: &str| std::fs::read_to_string(folder.join(file));
    Texts {
        book_toml: read("book.toml").expect("book.toml"),
        rates: read("rates.csv").expect("rates.csv"),
        flavors: read("flavors.csv").expect("flavors.csv"),
        discounts: read("discounts.csv").ok(),
        ..small_book()
    }
}

/// A log under the US book, where an account that is not listed has Managed Infrastructure.
fn us(lines: &str) -> Outputs {
    pricing("rackspace-us").with_rows(&log(lines)).bill()
}

/// The charges of a SKU, as `quantity × unit_price = amount`.
fn charges(outputs: &Outputs, sku: &str) -> Vec<String> {
    columns(&outputs.charges, &["sku", "quantity", "unit_price", "amount"])
        .iter()
        .filter_map(|row| row.strip_prefix(sku)?.strip_prefix(' '))
        .map(|row| {
            let [quantity, price, amount] = row.split(' ').collect::<Vec<_>>()[..] else {
                panic!("three numbers: {row}")
            };
            format!("{quantity} × {price} = {amount}")
        })
        .collect()
}

/// So many seconds after the beginning of March 2016.
fn in_march(seconds: u64) -> String {
    let (day, second) = (1 + seconds / 86_400, seconds % 86_400);
    format!("2016-03-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// March 2016 in seconds: 744 hours.
const MARCH: u64 = 744 * 3600;

/// As many servers as it takes to run for so many seconds in March 2016, all from its beginning.
fn servers(account: &str, flavor: &str, seconds: u64) -> String {
    let mut lines = String::new();
    let (mut left, mut number) = (seconds, 0);
    while left > 0 {
        let id = format!("{account}-{flavor}-{number}");
        lines +=
            &format!("2016-03-01 server.create {account} {id} source=base-x flavor={flavor}\n");
        if left < MARCH {
            lines += &format!("{} server.delete {account} {id}\n", in_march(left));
        }
        left = left.saturating_sub(MARCH);
        number += 1;
    }
    lines
}

fn hours(hours: u64) -> u64 {
    hours * 3600
}

// ------------------------------------------------------------------------------ hours and storage

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
fn storage_is_the_sum_of_the_days_divided_by_the_days_of_the_cycle() {
    // A sample invoice of Rackspace Cloud, cycle of 31 days. Saved images: 1800 GB-days ÷ 31 =
    // 58.06451613 × 0.10 = $5.81. Cloud Files: 1500 GB-days ÷ 31 = 48.38709677 × 0.10 = $4.84.
    let outputs = us(
        // 50 × 31 + 10 × 25 = 1800.
        "2016-03-01 image.create a daily bytes=50GiB
         2016-03-07 image.create a weekly bytes=10GiB
         2016-03-01 object.create a files bytes=100GiB
         2016-03-16 object.delete a files",
    );
    assert_eq!(charges(&outputs, "image.storage"), ["58.06451613 × 0.10 = 5.81"]);
    assert_eq!(charges(&outputs, "object.storage"), ["48.38709677 × 0.10 = 4.84"]);
    assert_eq!(paid(&outputs), ["a 2016-03 storage=10.65 total=10.65"]);
}

#[test]
fn storage_does_not_care_how_the_gigabyte_days_came_about() {
    // The same 1800 GB-days: 100 GB for 18 days; 60 GB for 30; growing by one image a day.
    let growing: String = (1..=24)
        .map(|day| {
            // 1 GB from each of the days 1 to 24 on: 31 + 30 + … + 8 = 468 GB-days.
            format!("2016-03-{day:02} image.create a image-{day} bytes=1GiB\n")
        })
        .collect();
    for lines in [
        "2016-03-01 image.create a i bytes=100GiB\n2016-03-19 image.delete a i".to_owned(),
        "2016-03-02 image.create a i bytes=60GiB".to_owned(),
        // 1332 = 468 short of 1800: 111 GB for 12 days.
        growing + "2016-03-20 image.create a last bytes=111GiB",
    ] {
        assert_eq!(charges(&us(&lines), "image.storage"), ["58.06451613 × 0.10 = 5.81"]);
    }
}

#[test]
fn each_tier_of_storage_begins_after_its_bound() {
    // The price page of 2016-03-03: 1 TB at .10, 49 at .09, 150 at .085, 300 at .08, 524 at .075,
    // the rest at .07; a TB is 1024 GB. Full tiers cost 102.40, 4515.84, 13056.00, 24576.00 and
    // 40243.20; added up 102.40, 4618.24, 17674.24, 42250.24 and 82493.44. Each part is rounded
    // on its own, so that one GB at .085 or .075 costs 0.09 or 0.08.
    for (gigabytes, storage) in [
        (1023, "102.30"),
        (1024, "102.40"),
        (1025, "102.49"),
        (51_199, "4618.15"),
        (51_200, "4618.24"),
        (51_201, "4618.33"),
        (204_799, "17674.16"),
        (204_800, "17674.24"),
        (204_801, "17674.32"),
        (511_999, "42250.16"),
        (512_000, "42250.24"),
        (512_001, "42250.32"),
        (1_048_575, "82493.37"),
        (1_048_576, "82493.44"),
        (1_048_577, "82493.51"),
    ] {
        let outputs = us(&format!("2016-03-01 object.create a huge bytes={gigabytes}GiB"));
        assert_eq!(columns(&outputs.statements, &["storage"]), [storage], "{gigabytes} GB");
    }
}

#[test]
fn a_huge_object_pays_each_tier_for_its_own_part() {
    // 2000 TB = 2,048,000 GB: 1024 + 50,176 + 153,600 + 307,200 + 536,576 + 999,424. The sum is
    // 82,493.44 (above) + 999,424 × .07 = 69,959.68.
    let outputs = us("2016-03-01 object.create a huge bytes=2048000GiB");
    assert_eq!(
        charges(&outputs, "object.storage"),
        [
            "1024.00000000 × 0.10 = 102.40",
            "50176.00000000 × 0.09 = 4515.84",
            "153600.00000000 × 0.085 = 13056.00",
            "307200.00000000 × 0.08 = 24576.00",
            "536576.00000000 × 0.075 = 40243.20",
            "999424.00000000 × 0.07 = 69959.68",
        ]
    );
    assert_eq!(paid(&outputs), ["a 2016-03 storage=152453.12 total=152453.12"]);
}

#[test]
fn images_and_objects_fill_the_same_tiers() {
    // 1000 GB of images come first; of 100 GB of objects 24 still belong to the first TB.
    let outputs = us("2016-03-01 image.create a i bytes=1000GiB
                      2016-03-01 object.create a o bytes=100GiB");
    assert_eq!(charges(&outputs, "image.storage"), ["1000.00000000 × 0.10 = 100.00"]);
    assert_eq!(
        charges(&outputs, "object.storage"),
        ["24.00000000 × 0.10 = 2.40", "76.00000000 × 0.09 = 6.84"]
    );
}

#[test]
fn a_pool_is_filled_in_the_order_in_which_the_book_lists_it() {
    // The other way round: 100 GB of objects come first, then 924 GB of the images at 0.10.
    let mut texts = pricing("rackspace-us")
        .with_rows(&log("2016-03-01 image.create a i bytes=1000GiB
         2016-03-01 object.create a o bytes=100GiB"));
    let pool = "[\"image.storage\", \"object.storage\"]";
    assert!(texts.book_toml.contains(pool));
    texts.book_toml = texts.book_toml.replace(pool, "[\"object.storage\", \"image.storage\"]");
    let outputs = texts.bill();
    assert_eq!(
        charges(&outputs, "image.storage"),
        ["924.00000000 × 0.10 = 92.40", "76.00000000 × 0.09 = 6.84"]
    );
    assert_eq!(charges(&outputs, "object.storage"), ["100.00000000 × 0.10 = 10.00"]);
}

#[test]
fn quantities_are_rounded_half_even_where_they_are_priced() {
    // 2 MiB for a month are 1 ÷ 512 = 0.001953125 GB-months: the ninth digit is a tie. Twice as
    // many bytes for 372 of 744 hours are the same.
    for (bytes, until, quantity) in [
        (2_097_152, "2016-04-01", "0.00195312"),
        (3 * 2_097_152, "2016-04-01", "0.00585938"),
        (5 * 2_097_152, "2016-04-01", "0.00976562"),
        (2 * 2_097_152, "2016-03-16T12:00:00Z", "0.00195312"),
        (2 * 2_097_152, "2016-03-16T12:00:01Z", "0.00195313"),
        (2 * 2_097_152, "2016-03-16T11:59:59Z", "0.00195312"),
    ] {
        let lines = format!(
            "2016-03-01 image.create a i bytes={bytes}\n{until} image.delete a i
             2016-03-31 image.create b last bytes=0"
        );
        let mut texts = pricing("rackspace-us").with_rows(&log(&lines));
        texts.end = Some("2016-04-01".to_owned());
        assert_eq!(columns(&texts.bill().charges, &["quantity"]), [quantity], "{bytes} to {until}");
    }
}

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
fn storage_in_london_sydney_and_hong_kong_has_its_own_price() {
    // Rackspace's Offer API, 2015 to 2018: £0.07 in London, $0.105 in Sydney and Hong Kong; the
    // second tier £0.065 and $0.095. Each region of the APAC book fills tiers of its own.
    let bill = |book: &str, lines: &str| pricing(book).with_rows(&log(lines)).bill();
    let london = bill("rackspace-uk", "2016-03-01 image.create a i bytes=1124GiB region=LON");
    assert_eq!(
        charges(&london, "image.storage"),
        ["1024.00000000 × 0.07 = 71.68", "100.00000000 × 0.065 = 6.50"]
    );
    assert_eq!(columns(&london.statements, &["total", "currency"]), ["78.18 GBP"]);
    let apac = bill(
        "rackspace-apac",
        "2016-03-01 image.create a i bytes=1034GiB region=SYD
         2016-03-01 image.create a j bytes=10GiB region=HKG",
    );
    assert_eq!(
        charges(&apac, "image.storage"),
        [
            "10.00000000 × 0.105 = 1.05",
            "1024.00000000 × 0.105 = 107.52",
            "10.00000000 × 0.095 = 0.95",
        ]
    );
    assert_eq!(columns(&apac.statements, &["total", "currency"]), ["109.52 USD"]);
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

// ----------------------------------------------------------------------- servers, licences, levels

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

// --------------------------------------------------------------------------------- volume discount

/// Servers that cost 5000.00 in March, `times` over, and general1-1 for some seconds more.
///
/// Each time: io1-120 for 1124 h, general1-1 for 20 h, memory1-15 for 40 h. Servers 1124 × 3.84 +
/// 20 × 0.032 + 40 × 0.18 = 4316.16 + 0.64 + 7.20 = 4324.00. Support 1124 × 120 + 20 + 40 × 7.5 =
/// 135,200 GB-hours × 0.005 = 676.00.
fn servers_for_5000(times: u64, more_seconds: u64) -> String {
    servers("a", "io1-120", times * hours(1124))
        + &servers("a", "general1-1", times * hours(20) + more_seconds)
        + &servers("a", "memory1-15", times * hours(40))
}

#[test]
fn the_volume_grid_gives_each_band_its_percent_or_the_whole_sum_that_of_its_band() {
    // The grid in force since 2013-05-30: up to 5,000 nothing, up to 10,000 4 %, up to 25,000 8 %.
    // 18 min 45 s more of general1-1 are 0.3125 h: 0.01 of servers, 0.0015625 of support.
    let more = 18 * 60 + 45;
    for (times, more, sum, marginal, whole) in [
        (1, 0, "4324.00 676.00", vec![], vec![]),
        (
            1,
            more,
            "4324.01 676.00",
            vec!["0.01000000 × -0.04 = 0.00"],
            vec!["5000.01000000 × -0.04 = -200.00"],
        ),
        (
            2,
            0,
            "8648.00 1352.00",
            vec!["5000.00000000 × -0.04 = -200.00"],
            vec!["10000.00000000 × -0.04 = -400.00"],
        ),
        (
            2,
            more,
            "8648.01 1352.00",
            vec!["5000.00000000 × -0.04 = -200.00", "0.01000000 × -0.08 = 0.00"],
            vec!["10000.01000000 × -0.08 = -800.00"],
        ),
    ] {
        let mut texts = pricing("rackspace-us").with_rows(&log(&servers_for_5000(times, more)));
        let outputs = texts.bill();
        assert_eq!(columns(&outputs.statements, &["servers", "support"]), [sum]);
        assert_eq!(charges(&outputs, "discount:volume"), marginal, "{sum}");
        texts.book_toml =
            texts.book_toml.replace("discount_model = \"marginal\"", "discount_model = \"whole\"");
        assert_eq!(charges(&texts.bill(), "discount:volume"), whole, "{sum}");
    }
}

#[test]
fn licences_count_for_the_volume_discount_and_storage_does_not() {
    // io1-120 with Windows for 1250 h: 1250 × 3.84 = 4800.00, 1250 × 0.96 = 1200.00, support
    // 150,000 × 0.005 = 750.00: 6750.00, of which 1750.00 get 4 %. 10,000 GB stored cost 910.24.
    let windows = servers("a", "io1-120", hours(1250)).replace("flavor=", "os=windows flavor=");
    let outputs = us(&(windows + "2016-03-01 image.create a i bytes=10000GiB"));
    assert_eq!(charges(&outputs, "discount:volume"), ["1750.00000000 × -0.04 = -70.00"]);
    assert_eq!(
        paid(&outputs),
        ["a 2016-03 storage=910.24 servers=4800.00 licenses=1200.00 support=750.00 \
          discount=-70.00 total=7590.24"]
    );
}
