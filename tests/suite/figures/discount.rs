//! The volume discount: its bands, and what counts for it.

use super::{charges, hours, pricing, servers, us};
use crate::consequences::{columns, log, paid};

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
