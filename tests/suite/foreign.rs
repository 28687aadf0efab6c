//! Foreign formats from end to end: one cloud seen in several of them gives one bill.

use std::fs;
use std::path::Path;

use crate::support::{root, sharebill, stderr, stdout};

/// Bills what is in a folder, and returns the charges.
fn charges(folder: &Path, from: &str, arguments: &[&str]) -> String {
    let prices = root().join("tests/fixtures/small-book").display().to_string();
    let mut all = vec!["bill"];
    all.extend(arguments);
    all.extend(["--from", from, "--region", "DFW", "--prices", &prices, "--out", "out"]);
    all.extend(["--start", "2026-03-01", "--end", "2026-04-01", "--force"]);
    let output = sharebill(folder, &all);
    assert!(output.status.success(), "{from}: {}", stderr(&output));
    fs::read_to_string(folder.join("out/charges.csv")).expect("charges")
}

const OSLO: &str = r#"
{"event_type": "image.activate", "timestamp": "2026-03-02 09:10:00", "message_id": "m1", "payload": {"id": "i1", "owner": "p1", "size": 10737418240, "created_at": "2026-03-02T09:00:00Z", "visibility": "shared", "tags": ["golden"]}}
{"event_type": "image.member.create", "timestamp": "2026-03-03 10:00:00", "message_id": "m2", "payload": {"image_id": "i1", "member_id": "p2", "created_at": "2026-03-03T10:00:00Z"}}
{"event_type": "image.member.update", "timestamp": "2026-03-03 11:00:00", "message_id": "m3", "payload": {"image_id": "i1", "member_id": "p2", "status": "accepted", "updated_at": "2026-03-03T11:00:00Z"}}
{"event_type": "compute.instance.create.end", "timestamp": "2026-03-04 08:00:05", "message_id": "m4", "payload": {"instance_id": "s1", "tenant_id": "p2", "instance_type": "general1-1", "image_ref_url": "http://glance/images/i1", "launched_at": "2026-03-04T08:00:00.250000"}}
{"event_type": "compute.instance.delete.end", "timestamp": "2026-03-09 08:00:05", "message_id": "m5", "payload": {"instance_id": "s1", "tenant_id": "p2", "instance_type": "general1-1", "deleted_at": "2026-03-09T08:30:00"}}
{"event_type": "compute.instance.create.end", "timestamp": "2026-03-05 08:00:05", "message_id": "m6", "payload": {"instance_id": "s2", "tenant_id": "p2", "instance_type": "general1-2", "image_ref_url": "http://glance/images/i1", "launched_at": "2026-03-05T08:00:00"}}
"#;

const FLAT: &str = r#"[
{"event_type": "image.activate", "generated": "2026-03-02T09:10:00", "message_id": "m1", "resource_id": "i1", "project_id": "p1", "size": "10737418240", "created_at": "2026-03-02T09:00:00Z", "visibility": "shared", "tags": ["golden"]},
{"event_type": "image.member.create", "generated": "2026-03-03T10:00:00", "message_id": "m2", "image_id": "i1", "member_id": "p2", "created_at": "2026-03-03T10:00:00Z"},
{"event_type": "image.member.update", "generated": "2026-03-03T11:00:00", "message_id": "m3", "image_id": "i1", "member_id": "p2", "status": "accepted", "updated_at": "2026-03-03T11:00:00Z"},
{"event_type": "compute.instance.create.end", "generated": "2026-03-04T08:00:05", "message_id": "m4", "resource_id": "s1", "tenant_id": "p2", "instance_type": "general1-1", "image_ref_url": "http://glance/images/i1", "launched_at": "2026-03-04T08:00:00.250000"},
{"event_type": "compute.instance.delete.end", "generated": "2026-03-09T08:00:05", "message_id": "m5", "resource_id": "s1", "tenant_id": "p2", "instance_type": "general1-1", "deleted_at": "2026-03-09T08:30:00"},
{"event_type": "compute.instance.create.end", "generated": "2026-03-05T08:00:05", "message_id": "m6", "resource_id": "s2", "tenant_id": "p2", "instance_type": "general1-2", "image_ref_url": "http://glance/images/i1", "launched_at": "2026-03-05T08:00:00"}
]"#;

const IMAGES: &str = r#"{"images": [{"id": "i1", "owner": "p1", "size": 10737418240,
    "status": "active", "created_at": "2026-03-02T09:00:00Z", "visibility": "shared",
    "disk_format": "raw", "tags": ["golden"]}]}"#;
const MEMBERS: &str = r#"{"members": [{"image_id": "i1", "member_id": "p2", "status": "accepted",
    "created_at": "2026-03-03T10:00:00Z", "updated_at": "2026-03-03T11:00:00Z"}]}"#;
const USAGE: &str = r#"{"tenant_usages": [{"tenant_id": "p2", "server_usages": [
    {"instance_id": "s1", "flavor": "general1-1", "started_at": "2026-03-04T08:00:00.250000",
     "ended_at": "2026-03-09T08:30:00", "state": "terminated"},
    {"instance_id": "s2", "flavor": "general1-2", "started_at": "2026-03-05T08:00:00",
     "ended_at": null, "state": "active"}]}]}"#;
const SERVERS: &str = "ID,Image ID,Flavor,Project ID\ns1,i1,general1-1,p2\ns2,i1,general1-2,p2\n";

#[test]
fn one_cloud_seen_in_three_formats_gives_one_bill() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    write("notes.jsonl", OSLO);
    write("flat.json", FLAT);
    fs::create_dir_all(folder.join("inventory/2026-03-06")).expect("a folder");
    write("inventory/2026-03-06/images.json", IMAGES);
    write("inventory/2026-03-06/members.json", MEMBERS);
    write("inventory/2026-03-06/servers.csv", SERVERS);
    write("inventory/usage-of-march.json", USAGE);
    let oslo = charges(folder, "oslo", &["notes.jsonl"]);
    assert_eq!(oslo.lines().count(), 5, "{oslo}");
    assert_eq!(charges(folder, "flat", &["flat.json"]), oslo);
    assert_eq!(charges(folder, "inventory", &["inventory"]), oslo);
}

#[test]
fn two_inventories_make_a_history_with_estimates_that_say_so() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    for (day, servers) in [("01", "s1,i1,general1-1,p2\n"), ("11", "s2,i1,general1-1,p2\n")] {
        let day = folder.join("inv").join(format!("2026-03-{day}"));
        fs::create_dir_all(&day).expect("a folder");
        let text = format!("ID,Image ID,Flavor,Project ID\n{servers}");
        fs::write(day.join("servers.csv"), text).expect("written");
    }
    // s1 ends and s2 begins on March 11, or on March 1, or on March 6: in all, 31 days.
    for (vanished, first, second) in
        [("at", "240.", "504."), ("before", "", "744."), ("midpoint", "120.", "624.")]
    {
        let arguments = ["convert", "inv", "--region", "DFW", "--vanished", vanished, "--out", "-"];
        let output = sharebill(folder, &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let said = stderr(&output);
        for word in ["server vanished", "estimated: dated", "the bill is a lower bound"] {
            assert!(said.contains(word), "{vanished}: {said}");
        }
        let rows = stdout(&output);
        let hours = |id: &str| {
            let day = |event: &str| {
                let row = rows.lines().find(|row| row.contains(event) && row.contains(id))?;
                row.get(8..10)?.parse::<u64>().ok()
            };
            let begin = day("server.create").expect("a start");
            (day("server.delete").unwrap_or(32) - begin) * 24
        };
        let told = |hours: u64| if hours == 0 { String::new() } else { format!("{hours}.") };
        assert_eq!((told(hours(",s1,")).as_str(), told(hours(",s2,")).as_str()), (first, second));
    }
}

#[test]
fn snapshots_that_are_alike_are_both_read() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    let servers = "ID,Image ID,Flavor,Project ID\ns2,i1,general1-1,p2\n";
    for (day, more) in
        [("01", "s1,i1,general1-1,p2\n"), ("02", "s1,i1,general1-1,p2\n"), ("03", "")]
    {
        let day = folder.join("inv").join(format!("2026-03-{day}"));
        fs::create_dir_all(&day).expect("a folder");
        fs::write(day.join("servers.csv"), format!("{servers}{more}")).expect("written");
    }
    let arguments = ["convert", "inv", "--region", "DFW", "--vanished", "before", "--out", "-"];
    let output = sharebill(folder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let (rows, said) = (stdout(&output), stderr(&output));
    assert!(rows.contains("2026-03-02T00:00:00Z,server.delete,p2,,s1"), "{rows}");
    assert!(!said.contains("E06"), "{said}");
}

#[test]
fn a_folder_that_is_no_inventory_stays_refused() {
    let scratch = tempfile::tempdir().expect("a folder");
    fs::create_dir(scratch.path().join("logs")).expect("a folder");
    fs::write(scratch.path().join("logs/notes.jsonl"), OSLO).expect("written");
    let output = sharebill(scratch.path(), &["convert", "logs", "--region", "DFW", "--out", "-"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is a folder, not a file"), "{}", stderr(&output));
}

#[test]
fn formats_of_answers_are_recognised_and_the_reason_is_told() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    let event = "\"region\": \"DFW\", \"resourceId\": \"i1\", \"tenantId\": \"p1\", \"type\": \"USAGE\", \
        \"startTime\": \"2026-03-02T09:00:00Z\", \"endTime\": \"2026-03-03T00:00:00Z\"";
    let product = "\"serviceCode\": \"Glance\", \"storage\": \"10737418240\"";
    let feed = format!(
        "{{\"feed\": {{\"entry\": [{{\"content\": {{\"event\": {{{event}, \"product\": {{{product}}}}}}}}}]}}}}"
    );
    let xml = |json: &str| json.replace("\": \"", "=\"").replace(", \"", " ").replacen('"', "", 1);
    let atom = format!(
        "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><content>\
         <event {}><product {}/></event></content></entry></feed>",
        xml(event),
        xml(product)
    );
    let stacktach = "{\"images\": [{\"uuid\": \"i1\", \"created_at\": \"2026-03-02 09:00:00\", \
        \"owner\": \"p1\", \"last_raw\": 1, \"size\": 10737418240}]}";
    for (name, text, format) in [
        ("feed.json", feed.as_str(), "rackspace"),
        ("feed.xml", &atom, "rackspace"),
        ("stacktach.json", stacktach, "rackspace"),
        ("images.json", IMAGES, "inventory"),
        ("servers.csv", "ID,Flavor,Project ID,Created At\ns,f,p,2026-03-01\n", "inventory"),
        ("notes.jsonl", OSLO, "oslo"),
        ("flat.json", FLAT, "flat"),
    ] {
        fs::write(folder.join(name), text).expect("written");
        let arguments =
            ["convert", name, "--region", "DFW", "--out", "-", "-v", "--allow-findings"];
        let output = sharebill(folder, &arguments);
        let said = stderr(&output);
        assert!(said.contains(&format!("read as {format}, as ")), "{name}: {said}");
        if format == "rackspace" {
            let row = "2026-03-02T09:00:00Z,image.create,p1,DFW,i1,,,,10737418240,";
            assert!(stdout(&output).contains(row), "{name}: {}{said}", stdout(&output));
        }
    }
}

#[test]
fn a_run_of_an_inventory_keeps_its_table_and_can_be_explained() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    fs::create_dir_all(folder.join("inv/2026-03-06")).expect("a folder");
    fs::write(folder.join("inv/2026-03-06/images.json"), IMAGES).expect("written");
    fs::write(folder.join("inv/2026-03-06/servers.csv"), SERVERS).expect("written");
    let charges = charges(folder, "inventory", &["inv", "--vanished", "midpoint"]);
    assert!(charges.contains("p1,2026-03-01T00:00:00Z"), "{charges}");
    let table = fs::read_to_string(folder.join("out/conversion.json")).expect("a table");
    assert!(table.contains("server appeared") && table.contains("estimated"), "{table}");
    let run = fs::read_to_string(folder.join("out/run.json")).expect("a run");
    assert!(run.contains("\"vanished\": \"midpoint\""), "{run}");
    assert!(run.contains("inv/2026-03-06/servers.csv"), "{run}");
    let output = sharebill(folder, &["explain", "out", "--account", "p2"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// A record of CloudTrail; what comes of `instance` is told as an answer.
fn launch(id: &str, instance: &str) -> String {
    format!(
        r#"{{"eventVersion": "1.09", "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
        "eventTime": "2026-04-01T00:00:00Z", "awsRegion": "us-east-1", "eventID": "{id}",
        "userIdentity": {{"accountId": "111122223333"}}, "responseElements": {{"instancesSet":
        {{"items": [{{"instanceId": "{instance}", "instanceType": "t3.micro"}}]}}}}}}"#
    )
}

#[test]
fn a_trail_is_read_as_the_folder_that_it_is_delivered_in() {
    let scratch = tempfile::tempdir().expect("a folder");
    let day = scratch.path().join("trail/AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/01");
    fs::create_dir_all(&day).expect("a folder");
    for number in 0..3 {
        let launch = launch(&format!("e-{number}"), &format!("i-{number}"));
        let text = format!("{{\"Records\": [{launch}]}}");
        let file = fs::File::create(day.join(format!("{number}.json.gz"))).expect("a file");
        let mut zipped = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        std::io::Write::write_all(&mut zipped, text.as_bytes()).expect("written");
        zipped.finish().expect("written");
    }
    // Delivered by a second trail: the same bytes under another name.
    fs::copy(day.join("0.json.gz"), day.join("again.json.gz")).expect("a copy");
    let output = sharebill(scratch.path(), &["convert", "trail", "--out", "-", "-v"]);
    let (rows, said) = (stdout(&output), stderr(&output));
    assert!(output.status.success(), "{said}");
    assert_eq!(rows.matches("server.create").count(), 3, "{rows}");
    for word in ["read as cloudtrail, as it has CloudTrail's Records", "E06", "RunInstances"] {
        assert!(said.contains(word), "no `{word}` in {said}");
    }
}

#[test]
fn a_run_of_a_trail_keeps_its_table_and_can_be_explained() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    fs::write(folder.join("trail.jsonl"), launch("e-1", "i-1").replace('\n', " "))
        .expect("written");
    let prices = root().join("pricing/aws-ami").display().to_string();
    let mut arguments = vec!["bill", "trail.jsonl", "--prices", &prices, "--out", "out"];
    arguments.extend(["--format", "json", "--start", "2026-04-01", "--end", "2026-05-01"]);
    let output = sharebill(folder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let table = fs::read_to_string(folder.join("out/conversion.json")).expect("a table");
    assert!(table.contains("\"event_type\": \"RunInstances\""), "{table}");
    let run = fs::read_to_string(folder.join("out/run.json")).expect("a run");
    assert!(run.contains("\"format\": \"cloudtrail\""), "{run}");
    // 720 hours at 0.0104.
    let charges = fs::read_to_string(folder.join("out/charges.csv")).expect("charges");
    assert!(charges.contains(",720.00000000,0.0104,7.49,USD,"), "{charges}");
    let output = sharebill(folder, &["explain", "out", "--account", "111122223333"]);
    assert!(output.status.success(), "{}", stderr(&output));
}
