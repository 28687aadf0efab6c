//! Storage: quantities by the day, tiers, and what fills them.

use super::{charges, pricing, us};
use crate::consequences::{columns, log, paid};

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
