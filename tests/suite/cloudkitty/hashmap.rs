//! Mappings, thresholds, groups and services, each by a small configuration.

use std::collections::BTreeMap;

use serde_json::json;

use crate::cloudkitty::{check, config, import, mapping};

#[test]
fn within_a_group_the_dearest_flat_counts_and_groups_are_added() {
    // 0.5 beats 0.1; in two groups they are 0.6.
    check(
        &["service=i cost=0.5", "field=f value=small cost=0.1"],
        &[],
        &[],
        &[("server:small 2024-01-01", "0.50")],
    );
    check(
        &["service=i cost=0.5 group=a", "field=f value=small cost=0.1 group=b"],
        &[],
        &[],
        &[("server:small 2024-01-01", "0.60")],
    );
}

#[test]
fn rates_multiply_the_flat_of_their_own_group_alone() {
    // 0.1 × 0.9 × 0.5, and 1 in a group of its own.
    check(
        &[
            "field=f value=small cost=0.1 group=a",
            "service=i type=rate cost=0.9 group=a",
            "field=f value=small type=rate cost=0.5 group=b",
            "service=i cost=1 group=c",
        ],
        &[],
        &[],
        &[("server:small 2024-01-01", "1.09")],
    );
    let idle =
        [mapping("field=f value=s cost=0.1 group=a"), mapping("service=i type=rate cost=0.9")];
    let imported = import(&config(&idle, &[]), &[]);
    assert!(imported.told.contains("multiplies nothing"), "{}", imported.told);
    assert_eq!(imported.rates["server:s 2024-01-01"], "0.10");
}

#[test]
fn a_threshold_of_servers_is_reached_by_one_or_never() {
    // Level 1 applies to every server, and beats level 0; level 2 never applies.
    check(
        &["field=f value=small cost=0.1"],
        &[
            "service=i level=0 cost=0.7 type=flat",
            "service=i level=1.00 cost=0.5 type=rate",
            "service=i level=2 cost=9 type=rate",
        ],
        &[],
        &[("server:small 2024-01-01", "0.05")],
    );
    // A flat is added once: 0.1 + 0.7.
    check(
        &["field=f value=small cost=0.1"],
        &["service=i level=0 cost=0.7 type=flat"],
        &[],
        &[("server:small 2024-01-01", "0.80")],
    );
}

#[test]
fn a_threshold_of_sizes_is_said_only_where_it_always_applies() {
    // 0.001 per MiB-hour × 0.9 × 1024 × 730.
    check(
        &["service=m cost=0.001"],
        &["service=m level=0 cost=0.9 type=rate"],
        &[],
        &[("image.storage 2024-01-01", "672.768")],
    );
    for threshold in
        ["service=m level=50 cost=0.9 type=rate", "service=m level=0 cost=0.9 type=flat"]
    {
        check(
            &["service=m cost=0.001", "field=f value=s cost=1"],
            &[threshold],
            &[],
            &[("server:s 2024-01-01", "1.00"), ("!", "the threshold cannot be said")],
        );
    }
    // One that changes nothing is in nobody's way.
    check(
        &["service=m cost=0.001"],
        &["service=m level=50 cost=1 type=rate"],
        &[],
        &[("image.storage 2024-01-01", "747.52")],
    );
}

#[test]
fn what_depends_on_other_data_has_no_rate() {
    let reason = "the mapping on the field `vcpus`";
    check(
        &["field=f value=s cost=1", "field=v value=2 cost=0.1 group=b", "service=m cost=0.001"],
        &[],
        &[],
        &[("image.storage 2024-01-01", "747.52"), ("!", reason)],
    );
    let reason = "the threshold on the field `vcpus`";
    check(
        &["field=f value=s cost=1"],
        &["field=v level=4 cost=0.1 type=flat"],
        &[],
        &[("!", reason)],
    );
    // It is there, but changes nothing.
    check(
        &["field=f value=s cost=1", "field=v value=2 cost=1 type=rate"],
        &[],
        &[],
        &[("server:s 2024-01-01", "1.00")],
    );
}

#[test]
fn a_projects_own_price_is_named_or_has_a_book_of_its_own() {
    let mappings = ["field=f value=s cost=1", "field=f value=s cost=3 tenant=acme"];
    check(
        &mappings,
        &[],
        &[],
        &[("server:s 2024-01-01", "1.00"), ("!", "for project `acme` alone cannot be said")],
    );
    check(&mappings, &[], &["--tenant", "acme"], &[("server:s 2024-01-01", "3.00")]);
    // In another group it is one more.
    let other = ["field=f value=s cost=1", "field=f value=s cost=3 tenant=acme group=b"];
    check(&other, &[], &["--tenant", "acme"], &[("server:s 2024-01-01", "4.00")]);
}

#[test]
fn rules_hold_from_their_start_until_their_end() {
    let mappings = [
        "field=f value=s cost=1 start=2024-02-01T00:00:00 end=2024-03-01",
        "field=f value=s cost=2 start=2024-03-01T12:00:00Z group=b",
    ];
    check(
        &mappings,
        &[],
        &[],
        &[
            ("server:s 2024-02-01", "1.00"),
            ("server:s 2024-03-01", "0.00"),
            ("server:s 2024-03-01T12:00:00Z", "2.00"),
        ],
    );
    check(
        &["field=f value=s cost=1", "field=f value=s cost=9 group=b deleted=2024-01-02"],
        &[],
        &[],
        &[("server:s 2024-01-01", "1.00")],
    );
}

#[test]
fn prices_of_a_period_are_converted_exactly_or_not_at_all() {
    check(
        &["field=f value=s cost=0.01"],
        &[],
        &["--period", "900"],
        &[("server:s 2024-01-01", "0.04")],
    );
    check(&["field=f value=s cost=1E-8"], &[], &[], &[("server:s 2024-01-01", "0.00000001")]);
    check(
        &["field=f value=s cost=0.0100000000000000000000000000"],
        &[],
        &[],
        &[("server:s 2024-01-01", "0.01")],
    );
    check(
        &["service=m cost=0.001"],
        &[],
        &["--unit", "image.size=GiB", "--month-hours", "720"],
        &[("image.storage 2024-01-01", "0.72")],
    );
    check(
        &["field=f value=s cost=0.01"],
        &[],
        &["--period", "7"],
        &[("!", "has no exact price per hour")],
    );
    check(&["field=f value=s cost=0.0000000000001"], &[], &[], &[("!", "more than 12 decimals")]);
}

#[test]
fn a_price_for_every_flavor_needs_their_names() {
    check(&["service=i cost=0.5"], &[], &[], &[("!", "a book lists flavors by name")]);
    check(
        &["service=i cost=0.5"],
        &[],
        &["--flavor", "s", "--flavor", "m"],
        &[("server:m 2024-01-01", "0.50"), ("server:s 2024-01-01", "0.50")],
    );
}

#[test]
fn two_rules_for_the_same_are_no_price() {
    check(
        &["field=f value=s cost=1", "field=f value=s cost=2"],
        &[],
        &[],
        &[("!", "CloudKitty keeps one of them")],
    );
}

#[test]
fn services_are_known_by_their_metrics_names_or_told() {
    let config = |name: &str| {
        json!({
            "services": [{"service_id": "s", "name": name}],
            "mappings": [{"mapping_id": "1", "cost": "0.001", "type": "flat", "service_id": "s"}],
        })
    };
    for (name, flags, expected) in [
        ("radosgw.objects.size", &[][..], Some(("object.storage 2024-01-01", "0.73"))),
        (
            "network.outgoing.bytes",
            &["--gigabyte", "GB"],
            Some(("transfer.out 2024-01-01", "1.00")),
        ),
        (
            "network.outgoing.bytes.rate",
            &["--gigabyte", "GB", "--period", "1800"],
            Some(("transfer.out 2024-01-01", "2.00")),
        ),
        ("network.incoming.bytes", &[], None),
        ("ip.floating", &[], None),
        ("image", &[], None),
        ("image", &["--unit", "image=GiB"], Some(("image.storage 2024-01-01", "0.73"))),
        ("backup", &["--service", "backup=object.storage"], None),
        (
            "backup",
            &["--service", "backup=object.storage", "--unit", "backup=GiB"],
            Some(("object.storage 2024-01-01", "0.73")),
        ),
    ] {
        let imported = import(&config(name), flags);
        let expected: BTreeMap<String, String> =
            expected.iter().map(|(sku, price)| ((*sku).to_owned(), (*price).to_owned())).collect();
        assert_eq!(imported.rates, expected, "{name} {flags:?}: {}", imported.said);
        let unsaid = imported.said.contains(&format!("the service `{name}` cannot be said"));
        assert_eq!(unsaid, expected.is_empty(), "{name} {flags:?}: {}", imported.said);
    }
}
