//! Whole conversions of what Glance tells.

use super::*;

const LIFE: &str = "
    image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R source=s0 bytes=1000 os=ubuntu visibility=private labels=a;b id=m5
    image.member.create 2026-03-03T10:00:00Z by=p1 of=i1 member=c1 id=m7
    image.member.update 2026-03-04T10:00:00Z by=c1 of=i1 member=c1 status=accepted id=m8
    image.update 2026-03-06T12:00:00Z by=p1 of=i1 visibility=community id=m10
    image.member.delete 2026-03-07T01:00:00Z by=p1 of=i1 member=c1 id=m11
    image.delete 2026-03-08T02:00:00Z by=p1 of=i1 id=m12
    image.activate: 1 = 1 + 0 + 0
    image.create: 1 = 0 + 1 + 0
    image.delete: 1 = 1 + 0 + 0
    image.member.create: 1 = 1 + 0 + 0
    image.member.delete: 1 = 1 + 0 + 0
    image.member.update: 1 = 1 + 0 + 0
    image.prepare: 1 = 0 + 1 + 0
    image.send: 1 = 0 + 0 + 1
    image.update: 3 = 1 + 2 + 0
    image.upload: 1 = 0 + 1 + 0";

#[test]
fn the_life_of_an_image_in_any_order_and_any_envelope() {
    let bare = life_of_an_image();
    check(&bare, LIFE);
    let wrap = |dress: &dyn Fn(&str) -> String| {
        bare.lines().map(|line| dress(line) + "\n").collect::<String>()
    };
    let v2 = wrap(&|line| json!({"oslo.version": "2.0", "oslo.message": line}).to_string());
    check(&v2, LIFE);
    check(&wrap(&|line| format!("2026-03-01 12:00:00.123 7 INFO oslo [-] {line}")), LIFE);
    check(&wrap(&|line| format!("[\"monitor.info\", {line}]")), LIFE);
    let ceilometer = wrap(&|line| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        let metadata = json!({"message_id": event["message_id"], "timestamp": event["timestamp"]});
        let object = event.as_object_mut().unwrap();
        object.remove("message_id");
        object.remove("timestamp");
        object.insert("metadata".into(), metadata);
        object.insert("ctxt".into(), json!({}));
        event.to_string()
    });
    check(&ceilometer, LIFE);
    let array = format!("[{}]", bare.lines().collect::<Vec<_>>().join(",\n"));
    assert_eq!(convert(options(Format::Oslo), &[&array]).rows.len(), 6);
}

#[test]
fn bare_and_enveloped_rows_are_the_same_bytes() {
    let bare = life_of_an_image();
    let enveloped = bare.lines().map(|line| json!({"oslo.message": line}).to_string() + "\n");
    let rows = |text: &str| {
        let conversion = convert(options(Format::Oslo), &[text]);
        let rows =
            conversion.rows.into_iter().map(|row| NativeRow { record: String::new(), ..row });
        rows.collect::<Vec<_>>()
    };
    assert_eq!(rows(&bare), rows(&enveloped.collect::<String>()));
}

#[test]
fn a_repeated_activation_is_one_image() {
    let activate = v1(5, 1, "image.activate", image(json!({})));
    let upload = v1(4, 1, "image.upload", image(json!({})));
    let row =
        "image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R bytes=1000 visibility=private";
    check(
        &format!("{activate}{activate}"),
        &format!("{row} id=m5\n image.activate: 2 = 1 + 1 + 0"),
    );
    check(&format!("{upload}{upload}"), &format!("{row} id=m4\n image.upload: 2 = 1 + 1 + 0"));
    let both = format!("{upload}{activate}{upload}{activate}");
    check(
        &both,
        &format!("{row} id=m5\n image.activate: 2 = 1 + 1 + 0\n image.upload: 2 = 0 + 2 + 0"),
    );
    let why = &convert(options(Format::Oslo), &[&format!("{activate}{activate}")]).table[0].why;
    assert_eq!(why, "same message_id as a record that was used");
}

#[test]
fn the_clock_of_images_can_be_the_activation() {
    let active = Options { image_clock: ImageClock::Active, ..options(Format::Oslo) };
    let row =
        "image.create 2026-03-01T12:00:00Z by=p1 of=i1 region=R bytes=1000 visibility=private id=m5
        image.activate: 1 = 1 + 0 + 0";
    check_with(active, &v1(5, 1, "image.activate", image(json!({}))), row);
}

#[test]
fn what_an_image_was_made_from() {
    // properties -> source
    let cases = [
        (
            json!({"image_type": "snapshot", "instance_uuid": "s0", "base_image_ref": "b0"}),
            " source=s0",
        ),
        (json!({"image_type": "snapshot", "base_image_ref": "b0"}), ""),
        (json!({"image_type": "base", "base_image_ref": "b0"}), ""),
        (json!({"base_image_ref": "b0"}), " source=b0"),
        (json!({"base_image_ref": "i1"}), ""),
        (json!({"base_image_ref": ""}), ""),
        (Value::Null, ""),
    ];
    for (properties, source) in cases {
        let input = v1(5, 1, "image.activate", image(json!({"properties": properties})));
        let row = "image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R";
        let rest = "bytes=1000 visibility=private id=m5\n image.activate: 1 = 1 + 0 + 0";
        check(&input, &format!("{row}{source} {rest}"));
    }
}

#[test]
fn a_versioned_snapshot_tells_the_server_that_an_image_was_taken_of() {
    let snapshot = |image: &str| {
        v1(1, 1, "instance.snapshot.end", versioned(json!({"snapshot_image_id": image})))
    };
    let activate =
        v1(5, 1, "image.activate", image(json!({"properties": {"base_image_ref": "b0"}})));
    check(&format!("{}{activate}", snapshot("i1")), "
        image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R source=s1 bytes=1000 visibility=private id=m5
        image.activate: 1 = 1 + 0 + 0
        instance.snapshot.end: 1 = 0 + 1 + 0");
    check(&snapshot("i2"), "instance.snapshot.end: 1 = 0 + 0 + 1");
    check(&v1(1, 1, "compute.instance.snapshot.end", server(json!({}))), {
        "compute.instance.snapshot.end: 1 = 0 + 0 + 1"
    });
}

#[test]
fn a_size_is_not_invented() {
    let upload = v1(4, 1, "image.upload", image(json!({"size": "1000"})));
    let activate = v1(5, 1, "image.activate", image(json!({"size": null})));
    check(
        &format!("{upload}{activate}"),
        "
        image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R bytes=1000 visibility=private id=m5
        image.activate: 1 = 1 + 0 + 0
        image.upload: 1 = 0 + 1 + 0",
    );
    check(&activate, "! line 1 MissingField i1\n image.activate: 1 = 0 + 0 + 1");
    let bad = v1(5, 1, "image.activate", image(json!({"size": -5})));
    check(&bad, "! line 1 BadNumber i1\n image.activate: 1 = 0 + 0 + 1");
}

#[test]
fn visibilities_old_and_new() {
    // visibility, is_public -> visibility
    let cases = [
        (json!("shared"), json!(false), " visibility=private"),
        (json!("private"), json!(true), " visibility=private"),
        (json!("community"), Value::Null, " visibility=community"),
        (json!("public"), Value::Null, " visibility=public"),
        (Value::Null, json!(true), " visibility=public"),
        (Value::Null, json!("False"), " visibility=private"),
        (Value::Null, Value::Null, ""),
        (json!("secret"), Value::Null, " visibility=secret"),
    ];
    for (visibility, is_public, expected) in cases {
        let changes = json!({"visibility": visibility, "is_public": is_public});
        let input = v1(5, 1, "image.activate", image(changes));
        let row = "image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R bytes=1000";
        check(&input, &format!("{row}{expected} id=m5\n image.activate: 1 = 1 + 0 + 0"));
    }
}

#[test]
fn updates_tell_only_changes() {
    let update = |number, day, visibility: &str| {
        v1(number, day, "image.update", image(json!({"visibility": visibility})))
    };
    let updates = [update(1, 2, "public"), update(2, 3, "public"), update(3, 4, "shared")].concat();
    let create = v1(9, 1, "image.activate", image(json!({})));
    check(
        &format!("{create}{updates}"),
        "
        image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R bytes=1000 visibility=private id=m9
        image.update 2026-03-02T12:00:00Z by=p1 of=i1 visibility=public id=m1
        image.update 2026-03-04T12:00:00Z by=p1 of=i1 visibility=private id=m3
        image.activate: 1 = 1 + 0 + 0
        image.update: 3 = 2 + 1 + 0",
    );
    // Without the creation, nobody knows what the first one changed.
    check(
        &updates,
        "
        image.update 2026-03-04T12:00:00Z by=p1 of=i1 visibility=private id=m3
        image.update: 3 = 1 + 1 + 1",
    );
    let given_away = v1(1, 2, "image.update", image(json!({"owner": "p2"})));
    check(
        &format!("{create}{given_away}"),
        "
        image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R bytes=1000 visibility=private id=m9
        ! line 2 NotConvertible i1
        image.activate: 1 = 1 + 0 + 0
        image.update: 1 = 0 + 0 + 1",
    );
}

#[test]
fn ends_without_a_start_are_passed_on() {
    check(
        &v1(1, 8, "image.delete", image(json!({}))),
        "
        image.delete 2026-03-08T12:00:00Z by=p1 of=i1 id=m1
        image.delete: 1 = 1 + 0 + 0",
    );
    // A failed upload: begun, deleted, never any data.
    let begun = v1(1, 1, "image.create", image(json!({"status": "queued", "size": null})));
    let end = v1(2, 2, "image.delete", image(json!({"size": null})));
    check(&format!("{begun}{end}"), "image.create: 1 = 0 + 0 + 1\n image.delete: 1 = 0 + 0 + 1");
    let member = json!({"image_id": "i7", "member_id": "c1", "status": "pending"});
    check(
        &v1(3, 3, "image.member.create", member),
        "
        image.member.create 2026-03-03T12:00:00Z of=i7 member=c1 id=m3
        image.member.create: 1 = 1 + 0 + 0",
    );
}

#[test]
fn flattened_images_by_their_upload() {
    let flat = |number: u32, event_type: &str, rest: Value| {
        let base = json!({"event_type": event_type, "message_id": format!("m{number}"), "raw": {},
            "generated": "2026-03-01T12:00:00.250000", "service": "image.host1", "domain": "D"});
        changed(base, rest).to_string() + "\n"
    };
    let about = |status: &str, size: Value| {
        json!({"resource_id": "i1", "project_id": "p1", "status": status, "size": size,
            "created_at": "2026-03-01T09:00:00Z", "user_id": "u", "name": "n"})
    };
    let end = changed(about("deleted", json!("77")), json!({"deleted_at": "2026-03-02T00:00:00Z"}));
    let input = [
        flat(1, "image.create", about("queued", Value::Null)),
        flat(2, "image.update", about("saving", Value::Null)),
        flat(3, "image.prepare", json!({})),
        flat(4, "image.upload", about("active", json!("77"))),
        flat(5, "image.activate", json!({})),
        flat(6, "image.update", about("active", json!("77"))),
        flat(7, "image.delete", end),
        flat(8, "volume.create.end", json!({"resource_id": "v1", "size": "120"})),
    ]
    .concat();
    check_with(
        options(Format::Flat),
        &input,
        "
        image.create 2026-03-01T09:00:00Z by=p1 of=i1 region=R bytes=77 id=m4
        image.delete 2026-03-02T00:00:00Z by=p1 of=i1 id=m7
        image.activate: 1 = 0 + 0 + 1
        image.create: 1 = 0 + 1 + 0
        image.delete: 1 = 1 + 0 + 0
        image.prepare: 1 = 0 + 0 + 1
        image.update: 2 = 0 + 1 + 1
        image.upload: 1 = 1 + 0 + 0
        volume.create.end: 1 = 0 + 0 + 1",
    );
}
