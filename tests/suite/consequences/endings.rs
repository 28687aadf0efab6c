//! C2, C3: what goes on when an image is no longer shared, or an image or a server is deleted.

use super::{billed, billed_for_two_months, columns, paid};

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
