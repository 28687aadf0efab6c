//! Whole conversions of what Nova tells.

use super::*;

#[test]
fn the_life_of_a_server_in_both_families() {
    let unversioned = [
        v1(1, 2, "compute.instance.create.start", server(json!({"launched_at": ""}))),
        v1(
            2,
            2,
            "compute.instance.create.end",
            server(json!({"image_meta": {"os_distro": "ubuntu"}})),
        ),
        v1(3, 3, "compute.instance.finish_resize.end", server(json!({"instance_type": "big"}))),
        v1(4, 4, "compute.instance.resize.revert.end", server(json!({}))),
        v1(
            5,
            5,
            "compute.instance.rebuild.end",
            server(json!({"image_ref_url": "http://h/images/i2"})),
        ),
        v1(
            6,
            6,
            "compute.instance.delete.end",
            server(json!({"terminated_at": "2026-03-06 01:02:03"})),
        ),
    ];
    check(&unversioned.concat(), "
        server.create 2026-03-02T08:00:00.500000Z by=c1 of=s1 region=R source=i1 flavor=small os=ubuntu id=m2
        server.resize 2026-03-03T12:00:00Z by=c1 of=s1 flavor=big id=m3
        server.resize 2026-03-04T12:00:00Z by=c1 of=s1 flavor=small id=m4
        server.rebuild 2026-03-05T12:00:00Z by=c1 of=s1 source=i2 id=m5
        server.delete 2026-03-06T01:02:03Z by=c1 of=s1 id=m6
        compute.instance.create.end: 1 = 1 + 0 + 0
        compute.instance.create.start: 1 = 0 + 0 + 1
        compute.instance.delete.end: 1 = 1 + 0 + 0
        compute.instance.finish_resize.end: 1 = 1 + 0 + 0
        compute.instance.rebuild.end: 1 = 1 + 0 + 0
        compute.instance.resize.revert.end: 1 = 1 + 0 + 0");
    let bare = |event_type: &str, payload: Value| {
        json!({"event_type": event_type, "payload": payload, "priority": "INFO",
            "publisher_id": "nova-compute:host1"})
        .to_string()
            + "\n"
    };
    let big = json!({"flavor": {"nova_object.data": {"name": "big"}}});
    let versioned_input = [
        bare("instance.create.end", versioned(json!({"os_type": "windows"}))),
        bare("instance.resize_finish.end", versioned(big)),
        bare("instance.rebuild.end", versioned(json!({"image_uuid": "i2"}))),
        bare("instance.delete.end", versioned(json!({"deleted_at": "2026-03-06T01:02:03Z"}))),
    ];
    check(
        &versioned_input.concat(),
        "
        server.create 2026-03-02T08:00:00Z by=c1 of=s1 region=R source=i1 flavor=small os=windows
        server.resize 2026-03-03T10:00:00Z by=c1 of=s1 flavor=big
        server.rebuild 2026-03-03T10:00:00Z by=c1 of=s1 source=i2
        server.delete 2026-03-06T01:02:03Z by=c1 of=s1
        instance.create.end: 1 = 1 + 0 + 0
        instance.delete.end: 1 = 1 + 0 + 0
        instance.rebuild.end: 1 = 1 + 0 + 0
        instance.resize_finish.end: 1 = 1 + 0 + 0",
    );
    let timeless = json!({"deleted_at": null, "terminated_at": null});
    check(&bare("instance.delete.end", versioned(timeless)), {
        "! line 1 MissingField s1\n instance.delete.end: 1 = 0 + 0 + 1"
    });
}

#[test]
fn a_cloud_that_sends_both_families_is_billed_once() {
    let input = [
        v1(1, 2, "compute.instance.create.end", server(json!({}))),
        v1(2, 2, "instance.create.end", versioned(json!({}))),
        v1(2, 2, "instance.create.end", versioned(json!({}))),
        v1(3, 6, "compute.instance.delete.end", server(json!({}))),
        v1(4, 6, "instance.delete.end", versioned(json!({}))),
        v1(5, 9, "instance.delete.end", versioned(json!({}))),
    ];
    check(
        &input.concat(),
        "
        server.create 2026-03-02T08:00:00.500000Z by=c1 of=s1 region=R source=i1 flavor=small id=m1
        server.delete 2026-03-06T12:00:00Z by=c1 of=s1 id=m3
        server.delete 2026-03-09T12:00:00Z by=c1 of=s1 id=m5
        compute.instance.create.end: 1 = 1 + 0 + 0
        compute.instance.delete.end: 1 = 1 + 0 + 0
        instance.create.end: 2 = 0 + 2 + 0
        instance.delete.end: 2 = 1 + 1 + 0",
    );
}

#[test]
fn the_image_that_a_server_runs() {
    // image_ref_url, image_uuid, image_meta -> source
    let base = json!({"image_type": "base", "base_image_ref": "b0"});
    let snapshot = json!({"image_type": "snapshot", "base_image_ref": "b0"});
    let cases = [
        (json!("http://h/images/i1"), Value::Null, base.clone(), " source=i1"),
        (json!("i1"), json!("i9"), base.clone(), " source=i1"),
        (json!("http://h/images/"), json!("i9"), base.clone(), " source=i9"),
        (json!(""), Value::Null, base, " source=b0"),
        (json!("http://h/images/"), json!(""), snapshot, ""),
        (Value::Null, Value::Null, Value::Null, ""),
    ];
    for (url, uuid, meta, source) in cases {
        let changes = json!({"image_ref_url": url, "image_uuid": uuid, "image_meta": meta});
        let input = v1(1, 2, "compute.instance.create.end", server(changes));
        let row = "server.create 2026-03-02T08:00:00.500000Z by=c1 of=s1 region=R";
        let rest = "flavor=small id=m1\n compute.instance.create.end: 1 = 1 + 0 + 0";
        check(&input, &format!("{row}{source} {rest}"));
    }
}

#[test]
fn exists_of_a_known_server_tells_nothing_new() {
    let exists = |number, day| v1(number, day, "compute.instance.exists", server(window(day)));
    let create = v1(1, 2, "compute.instance.create.end", server(json!({})));
    check(
        &[exists(2, 2), exists(3, 3), create].concat(),
        "
        server.create 2026-03-02T08:00:00.500000Z by=c1 of=s1 region=R source=i1 flavor=small id=m1
        compute.instance.create.end: 1 = 1 + 0 + 0
        compute.instance.exists: 2 = 0 + 2 + 0",
    );
}

#[test]
fn exists_of_an_unknown_server_starts_it_once() {
    let exists = |number, day, flavor: &str| {
        let changes = changed(window(day), json!({"instance_type": flavor}));
        v1(number, day, "compute.instance.exists", server(changes))
    };
    check(
        &[exists(3, 5, "big"), exists(2, 4, "small"), exists(2, 4, "small")].concat(),
        "
        server.create 2026-03-02T08:00:00.500000Z by=c1 of=s1 region=R source=i1 flavor=small id=m2
        compute.instance.exists: 3 = 1 + 2 + 0",
    );
    let data = json!({"audit_period": {"nova_object.data": {
        "audit_period_beginning": "2026-03-04T00:00:00Z", "audit_period_ending": "2026-03-05T00:00:00Z"}}});
    check(
        &v1(2, 5, "instance.exists", versioned(data)),
        "
        server.create 2026-03-02T08:00:00Z by=c1 of=s1 region=R source=i1 flavor=small id=m2
        instance.exists: 1 = 1 + 0 + 0",
    );
    let unlaunched = server(changed(window(4), json!({"launched_at": "", "state": "building"})));
    check(
        &v1(2, 4, "compute.instance.exists", unlaunched),
        "compute.instance.exists: 1 = 0 + 0 + 1",
    );
}

#[test]
fn an_end_that_only_exists_tells_is_told() {
    let end = json!({"state": "deleted", "deleted_at": "2026-03-04 03:00:00"});
    let exists = v1(2, 5, "compute.instance.exists", server(changed(window(4), end)));
    check(
        &exists,
        "
        server.create 2026-03-02T08:00:00.500000Z by=c1 of=s1 region=R source=i1 flavor=small id=m2
        server.delete 2026-03-04T03:00:00Z by=c1 of=s1 id=m2:delete
        compute.instance.exists: 1 = 1 + 0 + 0",
    );
    let deleted = json!({"deleted_at": "2026-03-04 03:00:00"});
    let delete = v1(3, 4, "compute.instance.delete.end", server(deleted));
    check(
        &format!("{exists}{delete}"),
        "
        server.create 2026-03-02T08:00:00.500000Z by=c1 of=s1 region=R source=i1 flavor=small id=m2
        server.delete 2026-03-04T03:00:00Z by=c1 of=s1 id=m3
        compute.instance.delete.end: 1 = 1 + 0 + 0
        compute.instance.exists: 1 = 1 + 0 + 0",
    );
}

#[test]
fn to_exist_after_the_deletion_is_a_contradiction() {
    let create = v1(1, 2, "compute.instance.create.end", server(json!({})));
    let deleted = json!({"deleted_at": "2026-03-04 00:00:00"});
    let delete = v1(2, 4, "compute.instance.delete.end", server(deleted));
    let exists = |number, day| v1(number, day, "compute.instance.exists", server(window(day)));
    let created = "server.create 2026-03-02T08:00:00.500000Z by=c1 of=s1 region=R source=i1 flavor=small id=m1";
    let ended = "server.delete 2026-03-04T00:00:00Z by=c1 of=s1 id=m2";
    let counts =
        "compute.instance.create.end: 1 = 1 + 0 + 0\n compute.instance.delete.end: 1 = 1 + 0 + 0";
    // A window that begins at the deletion is none: times are cut to seconds.
    check(
        &[create.clone(), delete.clone(), exists(3, 3), exists(4, 4)].concat(),
        &format!("{created}\n{ended}\n{counts}\n compute.instance.exists: 2 = 0 + 2 + 0"),
    );
    let input = [create, delete.clone(), exists(3, 3), exists(5, 5), exists(6, 6)].concat();
    check(
        &input,
        &format!(
            "{created}\n{ended}\n ! line 5 Contradiction s1\n{counts}\n compute.instance.exists: 3 = 0 + 1 + 2"
        ),
    );
    // No start is made of a contradiction.
    check(
        &[delete, exists(5, 5)].concat(),
        &format!(
            "{ended}\n ! line 2 Contradiction s1
        compute.instance.delete.end: 1 = 1 + 0 + 0\n compute.instance.exists: 1 = 0 + 0 + 1"
        ),
    );
}
