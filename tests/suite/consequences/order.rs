//! C7: the order of rows, how they are spread over files, and rows that come again change nothing.

use super::{billed_for_two_months, log, paid};
use crate::support::{Outputs, Texts, small_book};

// ------------------------------------------------------------------------------------------- C7

const MIXED: &str = "
    2016-03-01 image.create producer golden bytes=10GiB os=windows id=e1
    2016-03-01 image.member.create producer golden member=consumer id=e2
    2016-03-01 object.create other backup bytes=20GiB id=e3
    2016-03-02 image.member.update consumer golden member=consumer status=accepted id=e4
    2016-03-11 server.create consumer web source=golden flavor=general1-1 id=e5
    2016-03-16 server.resize consumer web flavor=general1-2 id=e6
    2016-03-21 image.create consumer snap source=web bytes=5GiB id=e7
    2016-03-21 server.delete consumer web id=e8
    2016-03-21 image.member.delete producer golden member=consumer id=e9
    2016-03-22 transfer.out consumer snap bytes=60GiB id=e10
    2016-03-23 transfer.out producer golden bytes=1GiB id=e11
    2016-03-23 transfer.out producer golden bytes=2GiB id=e12";

/// The rows of the mixed log, in the order in which they happened.
fn mixed_rows() -> Vec<String> {
    log(MIXED).lines().map(str::to_owned).collect()
}

/// Rows dealt out to so many files, one to each in turn.
fn dealt(rows: &[String], file_count: usize) -> Texts {
    let mut files = vec![String::new(); file_count];
    for (place, row) in rows.iter().enumerate() {
        files[place % file_count] += &(row.clone() + "\n");
    }
    let mut texts = small_book();
    for (number, rows) in files.iter().enumerate() {
        let (_, text) = small_book().with_rows(rows).events.remove(0);
        texts.events.push((format!("events-{number}.csv"), text));
    }
    texts
}

#[test]
fn c7_the_mixed_log_costs_what_it_costs_by_hand() {
    let outputs = dealt(&mixed_rows(), 1).bill();
    // consumer: 120 h × 0.032 = 3.84 and 120 h × 0.064 = 7.68 of servers; twice 120 h × 0.02 of
    // Windows; support 120 × 1 + 120 × 2 = 360 GB-hours × 0.005; the re-image 5 GiB for 11 of 31
    // days = 1.77419355; 60 GiB × 0.12 sent. producer: 10 GiB stored, 3 GiB × 0.12 sent.
    assert_eq!(
        paid(&outputs),
        [
            "consumer 2016-03 storage=0.18 servers=11.52 licenses=4.80 support=1.80 \
             transfer=7.20 total=25.50",
            "other 2016-03 storage=2.00 total=2.00",
            "producer 2016-03 storage=1.00 transfer=0.36 total=1.36",
        ]
    );
    assert_eq!(outputs.findings, []);
}

#[test]
fn c7_the_order_of_rows_and_the_number_of_files_and_threads_change_no_byte() {
    let rows = mixed_rows();
    let expected = dealt(&rows, 1).bill();
    for file_count in [1, 2, 3, 7, 12] {
        for step in [1, 5, 7, 11] {
            // A step without a common divisor with 12 visits each row once.
            let mut shuffled: Vec<String> =
                (0..rows.len()).map(|place| rows[place * step % rows.len()].clone()).collect();
            for threads in [1, 2, 7] {
                shuffled.reverse();
                let outputs = Texts { threads, ..dealt(&shuffled, file_count) }.bill();
                assert_eq!(outputs, expected, "{file_count} files, step {step}, {threads} threads");
            }
        }
    }
}

#[test]
fn c7_rows_that_come_again_with_their_id_change_no_byte() {
    let rows = mixed_rows();
    let expected = dealt(&rows, 1).bill();
    for again in [1, 2, 3] {
        let repeats = rows.iter().rev().step_by(again).cloned();
        let delivered: Vec<String> = rows.iter().cloned().chain(repeats).collect();
        for file_count in [1, 4] {
            let outputs = dealt(&delivered, file_count).bill();
            assert_eq!(outputs, expected, "each {again}. row again, in {file_count} files");
        }
    }
}

#[test]
fn c7_of_rows_that_differ_in_one_word_alone_neither_place_decides() {
    let before = "2016-03-01 image.create p golden bytes=1GiB os=windows
                  2016-03-01 image.create p silver bytes=1GiB
                  2016-03-01 image.member.create p golden member=c
                  2016-03-01 server.create c web source=golden flavor=general1-1";
    let time = "2016-03-02T12:00:00Z";
    for (one, other) in [
        ("server.resize c web flavor=general1-2", "server.resize c web flavor=general1-4"),
        ("server.rebuild c web source=golden", "server.rebuild c web source=silver"),
        ("server.rebuild c web source=silver os=redhat", "server.rebuild c web source=silver"),
        ("image.create p i bytes=1GiB", "image.create p i bytes=2GiB"),
        ("image.create p i bytes=1GiB", "image.create p i bytes=1GiB region=IAD"),
        ("image.create p i bytes=1GiB", "image.create c i bytes=1GiB"),
        ("image.create p i bytes=1 source=golden", "image.create p i bytes=1 source=silver"),
        ("server.create c t flavor=general1-1", "server.create c t flavor=general1-2"),
        ("server.create c t flavor=general1-1", "server.create c t flavor=general1-1 os=redhat"),
        ("object.create p o bytes=1GiB", "object.create p o bytes=2GiB"),
        ("image.update p golden visibility=public", "image.update p golden visibility=private"),
        (
            "image.member.update c golden member=c status=accepted",
            "image.member.update c golden member=c status=rejected",
        ),
    ] {
        let (one, other) = (format!("{time} {one}"), format!("{time} {other}"));
        let without_lines = |mut outputs: Outputs| {
            outputs.findings.iter_mut().for_each(|(_, line, _)| *line = 0);
            outputs
        };
        let there = without_lines(billed_for_two_months(&format!("{before}\n{one}\n{other}")));
        let back = without_lines(billed_for_two_months(&format!("{before}\n{other}\n{one}")));
        assert_eq!(there, back, "{one} | {other}");
    }
}
