//! Rackspace's audits, feeds and StackTach's answers. The fixtures are invented.

use super::*;

#[track_caller]
fn check_told(input: &str, expected: &str) {
    let lines = expected.lines().map(str::trim).filter(|line| !line.is_empty());
    let conversion = convert(options(Format::Rackspace), &[input]);
    assert_eq!(told(&conversion), lines.collect::<Vec<_>>().join("\n"));
}

/// A usage entry of server `s1`, as JSON and as XML.
fn usage(begin: &str, end: &str, flavor: &str, status: &str) -> (Value, String) {
    let id = format!("e{}", &begin[8..10]);
    let json = json!({"id": format!("urn:uuid:{id}"), "content": {"event": {
        "id": id, "region": "DFW", "resourceId": "s1", "tenantId": "42", "type": "USAGE",
        "startTime": begin, "endTime": end,
        "product": {"serviceCode": "CloudServersOpenStack", "resourceType": "SERVER",
            "flavorName": flavor, "status": status, "osLicenseType": "WINDOWS"}}}});
    let xml = format!(
        "<atom:entry>\n<atom:id>urn:uuid:{id}</atom:id><atom:content type=\"application/xml\">\n\
         <event id=\"{id}\" region=\"DFW\" resourceId=\"s1\" tenantId=\"42\" type=\"USAGE\"\n\
         startTime=\"{begin}\" endTime=\"{end}\"><nova:product serviceCode=\"CloudServersOpenStack\"\n\
         resourceType=\"SERVER\" flavorName=\"{flavor}\" status=\"{status}\" osLicenseType=\"WINDOWS\"/>\n\
         </event></atom:content></atom:entry>\n"
    );
    (json, xml)
}

#[test]
fn a_feed_says_the_same_as_json_and_as_xml() {
    let days = [
        usage("2026-03-01T09:00:00Z", "2026-03-02T00:00:00Z", "1GB &amp; more", "ACTIVE"),
        usage("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", "1GB &amp; more", "ACTIVE"),
        usage("2026-03-03T00:00:00Z", "2026-03-03T12:00:00Z", "2GB", "DELETED"),
    ];
    let expected = "
        server.create 2026-03-01T09:00:00Z by=42 of=s1 region=DFW flavor=1GB & more os=windows id=e01
        server.resize 2026-03-03T00:00:00Z by=42 of=s1 flavor=2GB id=e03
        server.delete 2026-03-03T12:00:00Z by=42 of=s1 id=e03:delete
        feed cloudserversopenstack server: 3 = 2 + 1 + 0";
    let entries: Vec<&Value> = days.iter().map(|(json, _)| json).collect();
    let feed = json!({"feed": {"entry": entries}}).to_string().replace("&amp;", "&");
    check_told(&feed, expected);
    let entries: String = days.iter().map(|(_, xml)| xml.as_str()).collect();
    let feed = format!(
        "<?xml version=\"1.0\"?>\n<atom:feed xmlns:atom=\"http://www.w3.org/2005/Atom\">\n{entries}</atom:feed>"
    );
    check_told(&feed, expected);
}

#[test]
fn images_of_a_feed_and_of_an_audit_end_where_they_say() {
    let event = |end: &str| {
        format!(
            "<entry><content><events><event id=\"e1\" region=\"ORD\" resourceId=\"i1\" tenantId=\"42\"\n\
             type=\"USAGE\" startTime=\"2026-03-01T09:00:00Z\" endTime=\"{end}\"><g:product\n\
             serviceCode=\"Glance\" storage=\"7\" serverId=\"s9\" resourceType=\"SNAPSHOT\"/></event>\n\
             </events></content></entry>"
        )
    };
    check_told(
        &event("2026-03-01T23:59:59Z"),
        "
        image.create 2026-03-01T09:00:00Z by=42 of=i1 region=ORD source=s9 bytes=7 id=e1
        feed glance snapshot: 1 = 1 + 0 + 0",
    );
    check_told(
        &event("2026-03-01T20:00:00Z"),
        "
        image.create 2026-03-01T09:00:00Z by=42 of=i1 region=ORD source=s9 bytes=7 id=e1
        image.delete 2026-03-01T20:00:00Z by=42 of=i1 id=e1:delete
        feed glance snapshot: 1 = 1 + 0 + 0",
    );
    let audit = |day: u32, deleted: Value| {
        json!({"event_type": "image.exists", "message_id": "m", "payload": {"owner": "42",
            "audit_period_beginning": format!("2026-03-{day:02} 00:00:00"), "images": [
            {"id": "i1", "status": "active", "created_at": "2026-03-01 09:00:00", "size": 7,
             "deleted_at": deleted, "properties": {"instance_uuid": "s9", "os_distro": "ubuntu"}},
            {"id": "i2", "status": "saving", "created_at": "2026-03-01 10:00:00", "size": null}]}})
        .to_string()
    };
    let input = [audit(1, Value::Null), audit(2, json!("2026-03-02 08:00:00"))].join("\n");
    check_told(
        &input,
        "
        image.create 2026-03-01T09:00:00Z by=42 of=i1 region=R source=s9 bytes=7 os=ubuntu
        image.delete 2026-03-02T08:00:00Z by=42 of=i1
        image.exists: 4 = 1 + 1 + 2",
    );
}

#[test]
fn notifications_go_before_audits_of_the_same() {
    let activate = v1(1, 1, "image.activate", image(json!({})));
    let audit = json!({"event_type": "image.exists", "payload": {"owner": "p1", "images": [
        {"id": "i1", "status": "active", "created_at": "2026-03-01 09:00:00", "size": 7}]}});
    check_told(
        &format!("{activate}{audit}\n"),
        "
        image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R bytes=1000 visibility=private id=m1
        image.activate: 1 = 1 + 0 + 0
        image.exists: 1 = 0 + 1 + 0",
    );
}

#[test]
fn stacktach_tells_launches_deletes_and_images() {
    check_told(
        r#"{"launches": [
            {"instance": "s1", "launched_at": "2026-03-02 00:00:00", "tenant": "42",
             "instance_flavor_id": "3", "os_distro": "com.ubuntu", "id": 9},
            {"instance": "s1", "launched_at": "2026-03-01 00:00:00", "tenant": "42",
             "instance_flavor_id": "2", "os_distro": "com.ubuntu", "id": 8}]}
        {"deletes": [{"instance": "s1", "launched_at": "2026-03-02 00:00:00",
             "deleted_at": "2026-03-03 00:00:00", "raw": 1}]}
        {"images": [{"uuid": "i1", "created_at": "2026-03-01 02:00:00", "owner": "42", "size": 9,
             "last_raw": 1}, {"uuid": "i2", "created_at": "2026-03-01 02:00:00", "owner": null,
             "size": 9, "last_raw": 2}]}
        {"deletes": [{"uuid": "i1", "deleted_at": "2026-03-04 02:00:00", "raw": 1}]}"#,
        "
        server.create 2026-03-01T00:00:00Z by=42 of=s1 region=R flavor=2 os=ubuntu
        server.resize 2026-03-02T00:00:00Z by=42 of=s1 flavor=3
        server.delete 2026-03-03T00:00:00Z of=s1
        image.create 2026-03-01T02:00:00Z by=42 of=i1 region=R bytes=9
        image.delete 2026-03-04T02:00:00Z of=i1
        ! line 8 MissingField i2
        stacktach delete: 2 = 2 + 0 + 0
        stacktach image: 2 = 1 + 0 + 1
        stacktach launch: 2 = 2 + 0 + 0",
    );
}

#[test]
fn hostile_feeds_end_in_problems() {
    let cases = [
        "<feed><entry><content/></entry></feed>",
        "<feed><entry><event resourceId=\"s1\">",
        "<feed></entry>",
        "<feed><a b=\"",
        "<entry><event type=\"USAGE\"><product serviceCode=\"Glance\"/></event></entry>",
        "<entry><event type=\"USAGE\" resourceId=\"i\" startTime=\"soon\"><product serviceCode=\"Glance\"/></event></entry>",
        "<\u{0}",
    ];
    for text in cases {
        let conversion = convert(options(Format::Rackspace), &[text]);
        assert_eq!(conversion.problems.len(), 1, "{text}: {}", told(&conversion));
        assert!(conversion.rows.is_empty(), "{text}");
    }
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><entry><event \
        type=\"USAGE\" resourceId=\"&b;\"><product serviceCode=\"Glance\"/></event></entry>";
    assert!(convert(options(Format::Rackspace), &[bomb]).rows.is_empty());
    let deep = "<a>".repeat(200_000);
    assert!(convert(options(Format::Rackspace), &[&deep]).rows.is_empty());
}
