//! Whole conversions, as text tables. The fixtures are invented, in the shapes that Glance and Nova
//! write.

mod images;
mod inventory;
mod rackspace;
mod servers;

use super::*;
use crate::read::foreign::NativeRow;
use serde_json::{Value, json};

/// Rows as `event time account resource key=value…`, then `!` and each problem, then the table.
fn told(conversion: &Conversion) -> String {
    let mut lines = Vec::new();
    for row in &conversion.rows {
        let mut words = vec![row.event.clone(), row.time.clone()];
        let rest = [
            ("by", &row.account),
            ("of", &row.resource),
            ("region", &row.region),
            ("source", &row.source),
            ("member", &row.member),
            ("status", &row.status),
            ("bytes", &row.bytes),
            ("flavor", &row.flavor),
            ("os", &row.os),
            ("visibility", &row.visibility),
            ("labels", &row.labels),
            ("id", &row.id),
        ];
        let told = rest.iter().filter(|(_, value)| !value.is_empty());
        words.extend(told.map(|(key, value)| format!("{key}={value}")));
        lines.push(words.join(" "));
    }
    for problem in &conversion.problems {
        let told = format!("! line {} {:?} {}", problem.line, problem.code, problem.resource);
        lines.push(told.trim_end().to_string());
    }
    for count in &conversion.table {
        assert_eq!(count.read, count.used + count.merged + count.left_out, "{count:?}");
        lines.push(format!(
            "{}: {} = {} + {} + {}",
            count.event_type, count.read, count.used, count.merged, count.left_out
        ));
    }
    lines.join("\n")
}

fn options(format: Format) -> Options {
    let region = Some("R".to_string());
    let (image_clock, snapshots) = (ImageClock::Created, Snapshots::default());
    Options { format, image_clock, region, region_map: Vec::new(), snapshots }
}

fn convert(options: Options, files: &[&str]) -> Conversion {
    let mut converter = Converter::new(options);
    for (file, text) in files.iter().enumerate() {
        converter.feed(file, text.as_bytes());
    }
    converter.finish()
}

#[track_caller]
fn check_with(options: Options, input: &str, expected: &str) {
    let trimmed: Vec<&str> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(told(&convert(options.clone(), &[input])), trimmed.join("\n"));
    // The same records backwards: the same but for lines and, with them, order.
    let mut backwards: Vec<&str> = input.lines().collect();
    backwards.reverse();
    let sorted = |conversion: &Conversion| {
        let told = told(conversion);
        let words_without_line = |line: &str| match line.strip_prefix("! line ") {
            Some(rest) => format!("! {}", rest.split_once(' ').unwrap_or_default().1),
            None => line.to_string(),
        };
        let mut lines: Vec<String> = told.lines().map(words_without_line).collect();
        lines.sort();
        lines
    };
    let forwards = sorted(&convert(options.clone(), &[input]));
    assert_eq!(sorted(&convert(options.clone(), &[&backwards.join("\n")])), forwards);
    // One file a record.
    assert_eq!(sorted(&convert(options, &backwards)), forwards);
}

#[track_caller]
fn check(input: &str, expected: &str) {
    check_with(options(Format::Oslo), input, expected);
}

/// A v1 notification on the given day of March 2026 at noon; its message id is `m` and the number.
fn v1(number: u32, day: u32, event_type: &str, payload: Value) -> String {
    let envelope = json!({
        "message_id": format!("m{number}"),
        "publisher_id": "svc.host1",
        "event_type": event_type,
        "priority": "INFO",
        "payload": payload,
        "timestamp": format!("2026-03-{day:02} 12:00:00"),
    });
    envelope.to_string() + "\n"
}

/// The payload of image `i1`, created on March 1 at 9, owned by `p1`, with these changes.
fn image(changes: Value) -> Value {
    let base = json!({
        "id": "i1", "name": "n", "status": "active", "created_at": "2026-03-01T09:00:00Z",
        "updated_at": "2026-03-01T11:59:00Z", "owner": "p1", "size": 1000, "is_public": false,
        "visibility": "shared", "properties": {}, "tags": [], "deleted": false, "deleted_at": null,
    });
    changed(base, changes)
}

/// The payload of an unversioned notification of server `s1`, launched on March 2, by tenant `c1`.
fn server(changes: Value) -> Value {
    let base = json!({
        "tenant_id": "c1", "instance_id": "s1", "instance_type": "small", "os_type": "linux",
        "image_ref_url": "http://10.0.0.1:9292/images/i1", "launched_at": "2026-03-02 08:00:00.5",
        "deleted_at": "", "terminated_at": "", "state": "active", "image_meta": {},
    });
    changed(base, changes)
}

/// The same in the versioned family.
fn versioned(changes: Value) -> Value {
    let base = json!({
        "tenant_id": "c1", "uuid": "s1", "image_uuid": "i1", "os_type": null, "state": "active",
        "flavor": {"nova_object.name": "FlavorPayload", "nova_object.data": {"name": "small"}},
        "launched_at": "2026-03-02T08:00:00Z", "deleted_at": null, "terminated_at": null,
        "updated_at": "2026-03-03T10:00:00Z",
    });
    json!({"nova_object.name": "P", "nova_object.data": changed(base, changes)})
}

fn changed(mut base: Value, changes: Value) -> Value {
    for (key, value) in changes.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

fn window(day: u32) -> Value {
    json!({
        "audit_period_beginning": format!("2026-03-{day:02} 00:00:00"),
        "audit_period_ending": format!("2026-03-{:02} 00:00:00", day + 1),
    })
}

fn life_of_an_image() -> String {
    let member = |status: &str, deleted: Value| {
        json!({"image_id": "i1", "member_id": "c1", "status": status, "deleted_at": deleted,
            "created_at": "2026-03-03T10:00:00Z", "updated_at": "2026-03-04T10:00:00Z"})
    };
    let queued = json!({"status": "queued", "size": null});
    let properties = json!({"properties": {"image_type": "snapshot", "instance_uuid": "s0",
        "base_image_ref": "b0", "os_distro": "ubuntu"}, "tags": ["b", "a"]});
    [
        v1(1, 1, "image.create", image(queued.clone())),
        v1(2, 1, "image.update", image(changed(queued.clone(), json!({"status": "saving"})))),
        v1(3, 1, "image.prepare", image(queued)),
        v1(4, 1, "image.upload", image(properties.clone())),
        v1(5, 1, "image.activate", image(properties.clone())),
        v1(6, 1, "image.update", image(properties)),
        v1(7, 3, "image.member.create", member("pending", Value::Null)),
        v1(8, 4, "image.member.update", member("accepted", Value::Null)),
        v1(9, 5, "image.send", json!({"image_id": "i1", "owner_id": "p1"})),
        v1(10, 6, "image.update", image(json!({"visibility": "community"}))),
        v1(11, 7, "image.member.delete", member("accepted", json!("2026-03-07T01:00:00Z"))),
        v1(12, 8, "image.delete", image(json!({"deleted_at": "2026-03-08T02:00:00Z"}))),
    ]
    .concat()
}

#[test]
fn other_duplicates_are_passed_on() {
    let delete = v1(
        1,
        8,
        "compute.instance.delete.end",
        server(json!({"deleted_at": "2026-03-08 12:00:00"})),
    );
    let row = "server.delete 2026-03-08T12:00:00Z by=c1 of=s1 id=m1";
    check(
        &format!("{delete}{delete}"),
        &format!("{row}\n{row}\n compute.instance.delete.end: 2 = 2 + 0 + 0"),
    );
}

#[test]
fn regions_are_told_mapped_given_or_missed() {
    let region_of = |region_map: &[(&str, &str)], region: Option<&str>, payload: Value| {
        let owned = |(name, region): &(&str, &str)| (name.to_string(), region.to_string());
        let options = Options {
            region: region.map(str::to_string),
            region_map: region_map.iter().map(owned).collect(),
            ..options(Format::Oslo)
        };
        let conversion = convert(options, &[&v1(1, 2, "compute.instance.create.end", payload)]);
        match conversion.problems.first() {
            Some(problem) => format!("{:?}: {}", problem.code, problem.message),
            None => conversion.rows[0].region.clone(),
        }
    };
    let told = server(json!({"region": "T", "host": "h9"}));
    assert_eq!(region_of(&[("svc.host1", "M")], Some("G"), told), "T");
    let untold = server(json!({"host": "h9"}));
    assert_eq!(region_of(&[("svc.host1", "M")], Some("G"), untold.clone()), "M");
    assert_eq!(region_of(&[("host1", "M")], None, untold.clone()), "M");
    assert_eq!(region_of(&[("h9", "M")], None, untold.clone()), "M");
    assert_eq!(region_of(&[("ost1", "M")], Some("G"), untold.clone()), "G");
    assert_eq!(region_of(&[("ost1", "M")], None, untold), {
        "NoRegion: no region: the record tells none; say --region R or --region-map \
         svc.host1=REGION (its publisher_id)"
    });
}

#[test]
fn problems_are_told_and_counted() {
    let text = v1(1, 1, "image.upload", json!("Image storage media is full"));
    check(&text, "! line 1 NoPayload\n image.upload: 1 = 0 + 0 + 1");
    let unrelated = v1(1, 1, "port.create.end", json!("any text"));
    check(&unrelated, "port.create.end: 1 = 0 + 0 + 1");
    let bad_time = v1(1, 2, "compute.instance.create.end", server(json!({"launched_at": "soon"})));
    check(&bad_time, "! line 1 BadTime s1\n compute.instance.create.end: 1 = 0 + 0 + 1");
    let no_flavor = v1(1, 2, "compute.instance.create.end", server(json!({"instance_type": null})));
    check(&no_flavor, "! line 1 MissingField s1\n compute.instance.create.end: 1 = 0 + 0 + 1");
    let no_id = v1(1, 2, "compute.instance.delete.end", server(json!({"instance_id": null})));
    check(&no_id, "! line 1 MissingField\n compute.instance.delete.end: 1 = 0 + 0 + 1");
    check("{\"event_type\": \"image.delete\"", "! line 1 Unreadable\n (unreadable): 1 = 0 + 0 + 1");
    check("{\"id\": \"i1\"}", "! line 1 NoEventType\n (no event_type): 1 = 0 + 0 + 1");
    check("2026-03-01 12:00:00 INFO started", "(log line): 1 = 0 + 0 + 1");
    let no_image = v1(1, 2, "image.member.create", json!({"member_id": "c1"}));
    check(&no_image, "! line 1 MissingField\n image.member.create: 1 = 0 + 0 + 1");
}

#[test]
fn a_cut_array_keeps_what_was_read() {
    let life = life_of_an_image();
    let array = format!("[{}", life.lines().collect::<Vec<_>>().join(",\n"));
    let conversion = convert(options(Format::Oslo), &[array.get(..array.len() - 20).unwrap()]);
    assert_eq!(conversion.rows.len(), 5);
    assert_eq!(conversion.problems.len(), 1);
    assert_eq!(conversion.problems[0].line, 12);
    let conversion = convert(options(Format::Oslo), &[&array]);
    assert_eq!((conversion.rows.len(), conversion.problems.len()), (6, 1));
}

#[test]
fn no_bytes_make_it_panic() {
    let life = life_of_an_image();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(below).unwrap()).unwrap()
    };
    for format in [Format::Oslo, Format::Flat] {
        for _ in 0..300 {
            let mut bytes = life.clone().into_bytes();
            for _ in 0..=random(20) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] = [0, 0xff, b'"', b'{', b'[', b'\n'][random(6)],
                    1 => bytes.truncate(at.max(1)),
                    2 => drop(bytes.drain(at..(at + random(50)).min(bytes.len() - 1).max(at))),
                    _ => bytes.insert(at, b"]},\\:0e"[random(7)]),
                }
            }
            let mut converter = Converter::new(options(format));
            let read = converter.feed(0, &bytes);
            let conversion = converter.finish();
            told(&conversion);
            assert_eq!(read, conversion.table.iter().map(|count| count.read).sum::<u64>());
        }
    }
}

#[test]
fn rows_follow_the_input() {
    let delete = v1(2, 8, "image.delete", image(json!({})));
    let create = v1(1, 1, "image.activate", image(json!({})));
    let conversion = convert(options(Format::Oslo), &[&format!("\n{delete}"), &create]);
    let places: Vec<_> = conversion.rows.iter().map(|row| (row.file, row.line)).collect();
    assert_eq!(places, [(0, 2), (1, 1)]);
    assert_eq!(conversion.rows[0].record, delete.trim_end());
}
