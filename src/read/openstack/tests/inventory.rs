//! Inventories: one listing in every dress, and histories made of several.

use super::*;

/// Files as `(name, text)`, each in its snapshot's folder.
fn read(vanished: Vanished, files: &[(&str, &str)]) -> Conversion {
    let snapshots = Snapshots { vanished, ..Snapshots::default() };
    let mut converter = Converter::new(Options { snapshots, ..options(Format::Inventory) });
    for (file, (name, text)) in files.iter().enumerate() {
        converter.feed_named(file, name, text.as_bytes());
    }
    converter.finish()
}

#[track_caller]
fn check(vanished: Vanished, files: &[(&str, &str)], expected: &str) {
    let lines = expected.lines().map(str::trim).filter(|line| !line.is_empty());
    let expected = lines.collect::<Vec<_>>().join("\n");
    let told_of = told(&read(vanished, files));
    let shown: Vec<&str> = told_of.lines().filter(|line| *line != NOTE).collect();
    assert_eq!(shown.join("\n"), expected);
    // The order of files changes nothing but positions.
    let mut backwards = files.to_vec();
    backwards.reverse();
    let sorted = |files: &[(&str, &str)]| {
        let mut rows: Vec<_> = read(vanished, files)
            .rows
            .into_iter()
            .map(|row| (row.time, row.event, row.resource, row.flavor))
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(&backwards), sorted(files));
}

const NOTE: &str = "(inventory): 0 = 0 + 0 + 0";

#[test]
fn an_image_is_the_same_whoever_prints_it() {
    let api = r#"{"images": [{"id": "i1", "owner": "p1", "size": 5, "status": "active",
        "created_at": "2026-03-01T09:00:00Z", "visibility": "shared", "disk_format": "raw",
        "tags": ["b", "a"], "os_distro": "ubuntu"}], "schema": "/v2/schemas/images"}"#;
    let show = r#"{"id": "i1", "owner": "p1", "size": 5, "status": "active", "tags": ["a", "b"],
        "created_at": "2026-03-01T09:00:00Z", "visibility": "shared", "disk_format": "raw",
        "properties": {"os_distro": "ubuntu"}}"#;
    for text in [api, show] {
        check(Vanished::At, &[("x", text)], "
            image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R bytes=5 os=ubuntu visibility=private labels=a;b
            image: 1 = 1 + 0 + 0");
    }
    let csv = "\"ID\",\"Disk Format\",\"Size\",\"Status\",\"Visibility\",\"Project\",\"Tags\"\n\
        \"i1\",\"raw\",5,\"active\",\"shared\",\"p1\",\"['b', 'a']\"\n";
    check(
        Vanished::At,
        &[("2026-03-02/images.csv", csv)],
        "
        image.create 2026-03-02T00:00:00Z by=p1 of=i1 region=R bytes=5 visibility=private labels=a;b
        image: 1 = 1 + 0 + 0
        image appeared: 1 = 1 + 0 + 0",
    );
}

#[test]
fn a_server_is_the_same_whoever_prints_it() {
    let api = r#"{"servers": [{"id": "s1", "tenant_id": "p2", "status": "ACTIVE",
        "created": "2026-03-01T08:59:00Z", "OS-SRV-USG:launched_at": "2026-03-01T09:00:00.000000",
        "OS-SRV-USG:terminated_at": null, "flavor": {"original_name": "m1"},
        "image": {"id": "i1"}}]}"#;
    let show = r#"{"id": "s1", "project_id": "p2", "status": "ACTIVE", "addresses": {},
        "created": "2026-03-01T08:59:00Z", "OS-SRV-USG:launched_at": "2026-03-01T09:00:00.000000",
        "flavor": "m1 (1)", "image": "cirros (i1)"}"#;
    let csv = "\"ID\",\"Image ID\",\"Flavor\",\"Project ID\",\"Created At\"\n\
        \"s1\",\"i1\",\"m1\",\"p2\",\"2026-03-01T09:00:00Z\"\n";
    for text in [api, show, csv] {
        check(
            Vanished::At,
            &[("x", text)],
            "
            server.create 2026-03-01T09:00:00Z by=p2 of=s1 region=R source=i1 flavor=m1
            server: 1 = 1 + 0 + 0",
        );
    }
    let usage = r#"{"tenant_usages": [{"tenant_id": "p2", "server_usages": [{"instance_id": "s1",
        "flavor": "m1", "started_at": "2026-03-01T09:00:00.000000", "state": "terminated",
        "ended_at": "2026-03-02T09:00:00"}]}]}"#;
    check(
        Vanished::At,
        &[("a", usage), ("b", csv)],
        "
        server.create 2026-03-01T09:00:00Z by=p2 of=s1 region=R source=i1 flavor=m1
        server.delete 2026-03-02T09:00:00Z by=p2 of=s1
        server: 1 = 0 + 1 + 0
        server usage: 1 = 1 + 0 + 0",
    );
}

const DAY_1: (&str, &str) =
    ("2026-03-01/servers.csv", "ID,Image ID,Flavor,Project ID\ns1,i1,m1,p\ns2,i1,m1,p\n");
const DAY_3: (&str, &str) =
    ("2026-03-03/servers.csv", "ID,Image ID,Flavor,Project ID\ns2,i1,m2,p\ns3,i1,m1,p\n");

#[test]
fn changes_between_two_snapshots_are_dated_as_asked_and_counted_as_estimates() {
    let told = [
        (Vanished::At, "2026-03-03T00:00:00Z"),
        (Vanished::Before, "2026-03-01T00:00:00Z"),
        (Vanished::Midpoint, "2026-03-02T00:00:00Z"),
    ];
    for (vanished, time) in told {
        let first = "2026-03-01T00:00:00Z";
        check(
            vanished,
            &[DAY_1, DAY_3],
            &format!(
                "
            server.create {first} by=p of=s1 region=R source=i1 flavor=m1
            server.delete {time} by=p of=s1
            server.create {first} by=p of=s2 region=R source=i1 flavor=m1
            server.resize {time} by=p of=s2 flavor=m2
            server.create {time} by=p of=s3 region=R source=i1 flavor=m1
            server: 4 = 3 + 1 + 0
            server appeared: 3 = 3 + 0 + 0
            server changed: 1 = 1 + 0 + 0
            server vanished: 1 = 1 + 0 + 0"
            ),
        );
    }
    let conversion = read(Vanished::Midpoint, &[DAY_1, DAY_3]);
    let why = |name: &str| {
        let row = conversion.table.iter().find(|count| count.event_type == name);
        row.map(|row| row.why.clone()).unwrap_or_default()
    };
    assert_eq!(why("server vanished"), "estimated: dated midway between two snapshots");
    assert!(why("(inventory)").ends_with("the bill is a lower bound"));
}

#[test]
fn a_share_that_is_taken_back_and_given_again_is_two_shares() {
    let with = "Image ID,Member ID,Status\ni1,m1,accepted\ni1,m2,pending\n";
    let without = "Image ID,Member ID,Status\ni1,m2,pending\n";
    let files =
        [("2026-03-01/m.csv", with), ("2026-03-02/m.csv", without), ("2026-03-03/m.csv", with)];
    check(
        Vanished::At,
        &files,
        "
        image.member.create 2026-03-01T00:00:00Z of=i1 member=m1
        image.member.delete 2026-03-02T00:00:00Z of=i1 member=m1
        image.member.create 2026-03-03T00:00:00Z of=i1 member=m1
        image.member.update 2026-03-01T00:00:00Z by=m1 of=i1 member=m1 status=accepted
        image.member.create 2026-03-01T00:00:00Z of=i1 member=m2
        image member: 5 = 2 + 3 + 0
        image member appeared: 3 = 3 + 0 + 0
        image member changed: 1 = 1 + 0 + 0
        image member vanished: 1 = 1 + 0 + 0",
    );
}

#[test]
fn only_a_whole_list_can_lack_something() {
    let page = (
        "2026-03-03/servers.json",
        r#"{"servers": [{"id": "s2", "tenant_id": "p",
        "flavor": {"name": "m1"}, "image": {"id": "i1"}, "created": "2026-02-01T00:00:00Z"}],
        "servers_links": [{"rel": "next"}]}"#,
    );
    let conversion = read(Vanished::At, &[DAY_1, page]);
    assert!(!told(&conversion).contains("server.delete"), "{}", told(&conversion));
    let later = ("2026-03-05/servers.csv", DAY_1.1);
    let conversion = read(Vanished::At, &[DAY_1, DAY_3, later]);
    let problems: Vec<_> =
        conversion.problems.iter().map(|p| (p.code, p.resource.as_str())).collect();
    assert_eq!(problems, [(ProblemCode::Contradiction, "s1")]);
}

#[test]
fn what_is_no_inventory_is_told() {
    let cases = [
        ("[{\"ID\": \"s1\", \"Name\": \"n\", \"Status\": \"ACTIVE\"}]", ProblemCode::MissingField),
        ("{\"event_type\": \"image.delete\", \"payload\": {}}", ProblemCode::Unreadable),
        ("{\"images\": 7}", ProblemCode::Unreadable),
        ("{\"images\": [7]}", ProblemCode::Unreadable),
        ("{\"images\": [{\"id\"", ProblemCode::Unreadable),
        ("[1", ProblemCode::Unreadable),
        ("a,b\n1,2\n", ProblemCode::Unreadable),
        ("ID,Flavor\ns1\n", ProblemCode::Unreadable),
        ("ID,Flavor,Project ID\ns1,m1,p\n", ProblemCode::NoTime),
        ("ID,Flavor,Created At\ns1,m1,2026-03-01T00:00:00Z\n", ProblemCode::MissingField),
        ("ID,Image ID,Flavor,Project ID,Created At\ns1,i1,m1,p,i1\n", ProblemCode::BadTime),
        ("ID,Visibility,Project,Size\ni1,shared,p,lots\n", ProblemCode::BadNumber),
        ("Image ID,Member ID\ni1,m1\n", ProblemCode::NoTime),
        ("\u{feff}{\"a\":\"\u{0}\"}", ProblemCode::Unreadable),
    ];
    for (text, code) in cases {
        let conversion = read(Vanished::At, &[("x", text)]);
        let codes: Vec<_> = conversion.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [code], "{text}: {}", told(&conversion));
        assert_eq!(conversion.rows.len(), 0, "{text}");
    }
    for empty in ["", " ", "[]", "{\"images\": []}", "{\"usage\": {\"image_size_total\": {}}}"] {
        let conversion = read(Vanished::At, &[("x", empty)]);
        assert!(conversion.problems.is_empty() && conversion.rows.is_empty(), "{empty}");
    }
}
