//! What findings say and do.

use sharebill::world::Enforcement;

use super::findings;
use crate::consequences::log;
use crate::laws::Loaded;
use crate::support::{Texts, small_book};

/// The messages of all findings in a log.
fn messages(lines: &str) -> Vec<String> {
    let bill = Loaded::of(&small_book().with_rows(&log(lines))).bill();
    bill.findings.into_iter().map(|finding| finding.message.to_string()).collect()
}

#[test]
fn l13_says_for_each_label_what_to_do_first_and_whom_to_write_to() {
    for (label, advice) in [
        ("confidential", "remove what is confidential"),
        ("credentials", "remove keys, passwords and tokens"),
        ("licensed", "make sure that the licence allows others to run it"),
        ("copyright", "make sure that you may pass it on"),
        ("untrusted", "check where it comes from"),
    ] {
        let told = messages(&format!(
            "2016-03-01 image.create p i bytes=1GiB labels=golden;{label}
             2016-03-02 image.member.create p i member=c"
        ));
        assert_eq!(
            told,
            [format!(
                "image `i` is labelled {label}: {advice} before it is shared; if it was shared in \
                 error or with ill intent, write to abuse@cloud.example"
            )]
        );
    }
}

#[test]
fn l13_names_no_contact_where_the_book_has_none() {
    let mut texts = small_book()
        .with_rows(&log("2016-03-01 image.create p i bytes=1GiB labels=untrusted
         2016-03-02 image.member.create p i member=c"));
    texts.book_toml = texts.book_toml.replace("contact = \"abuse@cloud.example\"", "");
    let findings = Loaded::of(&texts).bill().findings;
    assert!(findings[0].message.ends_with("check where it comes from before it is shared"));
}

#[test]
fn l01_names_both_accounts_and_the_image() {
    let told = messages(
        "2016-03-01 image.create producer golden bytes=1GiB
         2016-03-02 server.create consumer web source=golden flavor=general1-1",
    );
    assert!(
        ["consumer", "producer", "golden"].iter().all(|name| told[0].contains(name)),
        "{told:?}"
    );
}

#[test]
fn l14_says_as_what_an_id_was_created_before() {
    for (first, kind) in [
        ("image.create p x bytes=1GiB", "an image"),
        ("server.create p x source=base-linux flavor=general1-1", "a server"),
        ("object.create p x bytes=1GiB", "an object"),
    ] {
        let told = messages(&format!("2016-03-01 {first}\n2016-03-02 image.create p x bytes=1GiB"));
        assert_eq!(told, [format!("`x` was created before, as {kind}")]);
    }
}

#[test]
fn l10_is_applied_with_no_ancestor() {
    let texts =
        small_book().with_rows(&log("2016-03-01 server.create c s source=golden flavor=general1-1
         2016-03-02 image.create p golden bytes=1GiB os=windows
         2016-03-02 image.member.create p golden member=c"));
    let outputs = texts.bill();
    // It pays no Windows licence, and counts as a server of its own.
    let told = ["account", "sku", "source_image", "role"];
    let of_server = crate::consequences::columns(&outputs.allocations, &told);
    assert_eq!(
        of_server,
        [
            "c server:general1-1  own-server",
            "c support:infra  own-server",
            "p image.storage  producer-storage",
        ]
    );
}

#[test]
fn l15_the_same_content_is_dropped_and_counted() {
    for again in [0, 1, 3] {
        let row = "2016-03-01 transfer.out p x bytes=1GiB id=e1\n";
        let loaded = Loaded::of(&small_book().with_rows(&log(&row.repeat(1 + again))));
        let bill = loaded.bill();
        assert_eq!(bill.counts[0].repeated, again as u64);
        assert_eq!((bill.counts[0].applied, bill.charges.len()), (1, 1));
        // 1 GiB × 0.12, once.
        assert_eq!(bill.statements[0].total.to_string(), "0.12");
    }
}

#[test]
fn what_is_refused_under_enforce_costs_nothing_and_is_paid_under_report() {
    let lines = "2016-03-01 image.create p i bytes=10GiB
                 2016-03-11 server.create c s source=i flavor=general1-1
                 2016-03-21 server.delete c s";
    let texts = small_book().with_rows(&log(lines));
    // 240 h × 0.032 = 7.68, 240 × 0.005 = 1.20.
    assert_eq!(
        crate::consequences::paid(&texts.bill()),
        ["c 2016-03 servers=7.68 support=1.20 total=8.88", "p 2016-03 storage=1.00 total=1.00",]
    );
    let enforced = Texts { enforcement: Enforcement::Enforce, ..texts };
    assert_eq!(crate::consequences::paid(&enforced.bill()), ["p 2016-03 storage=1.00 total=1.00"]);
    // The deletion of a server that never was makes no sense any more.
    assert_eq!(findings(&enforced), "2 L01 set aside, 3 L14 set aside");
}

#[test]
fn what_happens_at_the_end_of_the_run_or_later_is_not_looked_at() {
    let lines = "2016-03-01 image.create p i bytes=1GiB
                 2016-03-31T23:59:59.999999Z server.delete p before
                 2016-04-01 server.delete p at-the-end
                 2016-04-02 server.delete p after";
    let mut texts = small_book().with_rows(&log(lines));
    texts.end = Some("2016-04-01".to_owned());
    assert_eq!(findings(&texts), "2 L14 set aside");
    let counts = Loaded::of(&texts).bill().counts[0];
    assert_eq!((counts.applied, counts.set_aside, counts.after_end), (1, 1, 2));
}
