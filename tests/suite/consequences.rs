//! C1 to C7 of the charging rules: what must follow from them, on logs small enough to bill by
//! hand.
//!
//! The small book: a GiB-month costs 0.10, an hour of general1-1 0.032, of general1-2 0.064,
//! support 0.005 per GB and hour, Windows on either flavor 0.02 an hour, a GiB sent 0.12. March
//! has 744 hours, April 720.

use crate::support::{Outputs, Texts, small_book};

/// Writes a log out as CSV rows: `TIME EVENT ACCOUNT RESOURCE column=value …` on each line. A time
/// may be a date, for its 00:00 UTC; `-` as account is the operator; what needs a region and names
/// none is in DFW; bytes may be told in GiB.
pub(crate) fn log(lines: &str) -> String {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| row(line) + "\n").collect()
}

fn row(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [time, event, account, resource, told @ ..] = words.as_slice() else {
        panic!("time, event, account and resource expected: {line}")
    };
    let needs_region = event.ends_with(".create") && !event.contains("member");
    let told = |column: &str| {
        let found = told.iter().find_map(|word| word.strip_prefix(column)?.strip_prefix('='));
        let default = if column == "region" && (needs_region || *event == "transfer.out") {
            "DFW"
        } else {
            ""
        };
        found.unwrap_or(default).to_owned()
    };
    let time = if time.len() == 10 { format!("{time}T00:00:00Z") } else { (*time).to_owned() };
    let account = if *account == "-" { "" } else { account };
    let mut fields = vec![time, (*event).to_owned(), account.to_owned()];
    fields.extend([told("region"), (*resource).to_owned()]);
    fields.extend(["source", "member", "status"].map(told));
    fields.push(in_bytes(&told("bytes")));
    fields.extend(["flavor", "os", "visibility", "labels", "id"].map(told));
    fields.join(",")
}

fn in_bytes(size: &str) -> String {
    match size.strip_suffix("GiB") {
        Some(count) => (count.parse::<u64>().expect("a whole number of GiB") << 30).to_string(),
        None => size.to_owned(),
    }
}

/// These columns of a CSV text, one line a row.
pub(crate) fn columns(csv: &str, names: &[&str]) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let place = |name: &&str| header.iter().position(|known| known == *name).expect("a column");
    let places: Vec<usize> = names.iter().map(place).collect();
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| places.iter().map(|place| &row[*place]).collect::<Vec<_>>().join(" ")).collect()
}

/// Each statement as `account month category=amount … total=amount`, without what is nothing.
pub(crate) fn paid(outputs: &Outputs) -> Vec<String> {
    let categories =
        ["storage", "servers", "licenses", "support", "transfer", "minimum", "fee", "discount"];
    let mut lines = columns(&outputs.statements, &["account", "cycle_start"]);
    for line in &mut lines {
        line.truncate(line.len() - "-01T00:00:00Z".len());
    }
    for category in categories.into_iter().chain(["total"]) {
        let amounts = columns(&outputs.statements, &[category]);
        for (line, amount) in lines.iter_mut().zip(amounts) {
            if amount != "0.00" {
                *line += &format!(" {category}={amount}");
            }
        }
    }
    lines
}

/// A log under the small book.
fn billed(lines: &str) -> Outputs {
    small_book().with_rows(&log(lines)).bill()
}

/// The same for March and April.
fn billed_for_two_months(lines: &str) -> Outputs {
    Texts { end: Some("2016-05-01".to_owned()), ..small_book().with_rows(&log(lines)) }.bill()
}

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

// ------------------------------------------------------------------------------------------- C2

#[test]
fn c2_unsharing_or_deleting_an_image_ends_nothing_that_a_consumer_made_of_it() {
    let made = "
        2016-03-01 image.create producer golden bytes=10GiB
        2016-03-01 image.member.create producer golden member=consumer
        2016-03-01 server.create consumer web source=golden flavor=general1-1
        2016-03-01 image.create consumer snap source=web bytes=5GiB";
    let unshared = "2016-03-02 image.member.delete producer golden member=consumer";
    let deactivated = "2016-03-03 image.deactivate producer golden";
    let deleted = "2016-03-11 image.delete producer golden";
    // March: 744 h × 0.032 = 23.808, 744 × 0.005 = 3.72, 5 GiB × 0.10 = 0.50.
    // April: 720 h × 0.032 = 23.04, 720 × 0.005 = 3.60, and 0.50 again.
    let of_consumer = [
        "consumer 2016-03 storage=0.50 servers=23.81 support=3.72 total=28.03",
        "consumer 2016-04 storage=0.50 servers=23.04 support=3.60 total=27.14",
    ];
    // The original for both months; or for 10 days of 31: 10 × 10 ÷ 31 = 3.22580645 GiB-months.
    let whole =
        ["producer 2016-03 storage=1.00 total=1.00", "producer 2016-04 storage=1.00 total=1.00"];
    let cut = ["producer 2016-03 storage=0.32 total=0.32"];
    for (what, of_producer) in [
        (String::new(), whole.as_slice()),
        (unshared.to_owned(), &whole),
        (deactivated.to_owned(), &whole),
        (deleted.to_owned(), &cut),
        (format!("{unshared}\n{deactivated}\n{deleted}"), &cut),
    ] {
        let outputs = billed_for_two_months(&format!("{made}\n{what}"));
        assert_eq!(paid(&outputs), [of_consumer.as_slice(), of_producer].concat(), "{what}");
    }
}

#[test]
fn c2_what_is_left_of_a_deleted_image_still_names_it() {
    let outputs = billed_for_two_months(
        "2016-03-01 image.create producer golden bytes=10GiB
         2016-03-01 image.member.create producer golden member=consumer
         2016-03-01 server.create consumer web source=golden flavor=general1-1
         2016-03-01 image.create consumer snap source=web bytes=5GiB
         2016-03-11 image.delete producer golden",
    );
    // In April the producer has no row any more; the consumer's are the statement of C2 above.
    assert_eq!(
        columns(
            &outputs.sharing,
            &["image", "producer", "cycle_start", "members", "consumer", "consumer_reimages"]
        ),
        [
            "golden producer 2016-03-01T00:00:00Z 1  0.0000000000",
            "golden producer 2016-03-01T00:00:00Z 1 consumer 0.5000000000",
            "golden producer 2016-04-01T00:00:00Z 0 consumer 0.5000000000",
        ]
    );
}

#[test]
fn c2_the_way_back_to_the_producer_leads_through_servers_and_images_that_are_gone() {
    let outputs = billed(
        "2016-03-01 image.create producer golden bytes=1GiB
         2016-03-01 image.member.create producer golden member=consumer
         2016-03-02 server.create consumer first source=golden flavor=general1-1
         2016-03-03 image.create consumer middle source=first bytes=1GiB
         2016-03-04 server.create consumer second source=middle flavor=general1-1
         2016-03-05 image.create consumer last source=second bytes=1GiB
         2016-03-06 server.delete consumer first
         2016-03-06 server.delete consumer second
         2016-03-06 image.delete consumer middle
         2016-03-06 image.delete producer golden
         2016-03-07 server.create consumer third source=last flavor=general1-1",
    );
    // A server names the image that it booted; a re-image the nearest one of another account.
    assert_eq!(
        columns(&outputs.allocations, &["resource", "sku", "source_image", "producer", "role"])
            .into_iter()
            .filter(|row| !row.contains("support"))
            .collect::<Vec<_>>(),
        [
            "last image.storage golden producer reimage-storage",
            "middle image.storage golden producer reimage-storage",
            "first server:general1-1 golden producer consumer-server",
            "second server:general1-1 middle consumer own-server",
            "third server:general1-1 last consumer own-server",
            "golden image.storage   producer-storage",
        ]
    );
}

#[test]
fn c2_whose_image_a_server_runs_decides_whose_server_it_is_said_to_be() {
    for (owner, visibility, role) in [
        ("producer", "private", "consumer-server"),
        ("producer", "community", "consumer-server"),
        ("producer", "public", "own-server"),
        ("consumer", "private", "own-server"),
    ] {
        let outputs = billed(&format!(
            "2016-03-01 image.create {owner} golden bytes=1GiB visibility={visibility}
             2016-03-01 image.member.create {owner} golden member=consumer
             2016-03-02 server.create consumer web source=golden flavor=general1-1"
        ));
        let roles = columns(&outputs.allocations, &["resource", "role"]);
        let of_server: Vec<_> = roles.iter().filter(|row| row.starts_with("web ")).collect();
        assert_eq!(of_server, [&format!("web {role}"); 2], "{visibility}, of {owner}");
    }
}

// ------------------------------------------------------------------------------------------- C3

#[test]
fn c3_deleting_a_server_does_not_delete_the_images_taken_of_it() {
    let outputs = billed_for_two_months(
        "2016-03-01 server.create a web source=base-linux flavor=general1-1
         2016-03-02 image.create a snap source=web bytes=5GiB
         2016-03-02 server.delete a web",
    );
    // 24 h × 0.032 = 0.768, 24 × 0.005 = 0.12; 5 GiB for 30 of 31 days are 4.83870968: 0.48.
    assert_eq!(
        paid(&outputs),
        [
            "a 2016-03 storage=0.48 servers=0.77 support=0.12 total=1.37",
            "a 2016-04 storage=0.50 total=0.50",
        ]
    );
    assert_eq!(outputs.findings, []);
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
