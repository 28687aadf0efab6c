//! How records are delivered: in which wrapping, how often, and how broken.

use super::*;

const ONE_SERVER: &str = "server.create 01T00:00:00 by=222233334444 of=i-1 region=us-east-1 \
                          source=ami-1 flavor=t3.micro";

fn one() -> Value {
    run("01T00:00:00", MEMBER, "ami-1", &["i-1"])
}

#[test]
fn every_wrapping_holds_the_same_record() {
    let record = one();
    let text = record.to_string();
    let stringy = json!({"eventName": "RunInstances", "eventSource": "ec2.amazonaws.com",
        "eventTime": record["eventTime"], "awsRegion": "us-east-1", "eventID": record["eventID"],
        "userIdentity": record["userIdentity"].to_string(),
        "responseElements": record["responseElements"].to_string()});
    let row: Vec<Value> = stringy
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| json!({ key: value }))
        .collect();
    let mut bridged = record.clone();
    for key in ["recipientAccountId", "eventTime", "awsRegion"] {
        bridged.as_object_mut().map(|map| map.remove(key));
    }
    let forms = [
        records(&[one()]),
        serde_json::to_string_pretty(&json!({"Records": [record]})).expect("JSON"),
        format!("{text}\n"),
        format!("[{text}]"),
        json!({"Events": [{"EventId": "x", "CloudTrailEvent": text}], "NextToken": "t"}).to_string(),
        json!({"QueryStatus": "FINISHED", "QueryResultRows": [row]}).to_string(),
        json!({"eventData": record}).to_string(),
        json!({"message": text}).to_string(),
        format!("2026-04-01T00:00:05.000Z {text}\n"),
        json!({"detail-type": "AWS API Call via CloudTrail", "account": MEMBER, "region": "us-east-1",
            "time": "2026-04-01T00:00:00Z", "detail": bridged})
        .to_string(),
        format!("{}\n{}", records(&[]), records(&[one()])),
    ];
    for form in forms {
        let told = told(&convert(&[("x", &form)]));
        assert_eq!(told, format!("{ONE_SERVER}\nRunInstances: 1 = 1 + 0 + 0"), "{form}");
        let why = recognise(form.as_bytes());
        assert!(why.is_some(), "not recognised: {form}");
    }
}

#[test]
fn a_record_is_used_once_however_often_it_is_delivered() {
    let all = [one(), one()];
    check(&all, &format!("{ONE_SERVER}\nRunInstances: 2 = 1 + 1 + 0"));
    // Another record under the same id: one is used, the same one in either order.
    let other =
        with(run("01T00:00:00", MEMBER, "ami-1", &["i-2"]), "eventID", one()["eventID"].clone());
    check(&[one(), other], &format!("{ONE_SERVER}\n! line 1 SameId\nRunInstances: 2 = 1 + 0 + 1"));
}

#[test]
fn a_call_on_something_shared_is_delivered_to_both_and_used_once() {
    let request = json!({"sourceRegion": "us-east-1", "sourceImageId": "ami-1"});
    let copy = call("CopyImage", "05T00:00:00", MEMBER, request, json!({"imageId": "ami-2"}));
    let copy = with(copy, "sharedEventID", json!("s-1"));
    let mut owners = with(copy.clone(), "recipientAccountId", json!(OWNER));
    owners["eventID"] = json!("another");
    owners["responseElements"] = Value::Null;
    let gold = register("01T00:00:00", "ami-1", "snap-1", json!(1));
    let gib = 1_u64 << 30;
    check(
        &[owners, gold, copy],
        &format!(
            "image.create 01T00:00:00 by={OWNER} of=ami-1 region=us-east-1 bytes={gib}
             image.create 05T00:00:00 by={MEMBER} of=ami-2 region=us-east-1 source=ami-1 bytes={gib}
             CopyImage: 2 = 1 + 1 + 0
             RegisterImage: 1 = 1 + 0 + 0"
        ),
    );
}

#[test]
fn what_changes_nothing_is_counted_with_its_reason() {
    let failed = |code: &str| with(one(), "errorCode", json!(code));
    let mut all = vec![
        failed("Client.UnauthorizedOperation"),
        failed("Client.DryRunOperation"),
        call("CreateTags", "01T00:00:00", OWNER, json!({}), json!({})),
        call("DescribeInstances", "01T00:00:00", OWNER, json!({}), Value::Null),
        with(
            call("CreateKeyPair", "01T00:00:00", OWNER, json!({}), json!({})),
            "readOnly",
            json!(false),
        ),
        call("AttachVolume", "01T00:00:00", OWNER, json!({}), json!({})),
        call("ImportImage", "01T00:00:00", OWNER, json!({}), json!({})),
        call(
            "RestoreImageFromRecycleBin",
            "01T00:00:00",
            OWNER,
            json!({"imageId": "ami-1"}),
            json!({}),
        ),
    ];
    all.push(with(call("PutObject", "01T00:00:00", OWNER, json!({}), json!({})), "eventSource", {
        json!("s3.amazonaws.com")
    }));
    let conversion = convert(&[("trail.json", &records(&all))]);
    assert!(conversion.rows.is_empty());
    let why = |name: &str| {
        let count = conversion.table.iter().find(|count| count.event_type == name);
        count.map(|count| count.why.clone()).unwrap_or_default()
    };
    for (name, reason) in [
        ("RunInstances", "1 × a dry run; 1 × the call failed: Client.UnauthorizedOperation"),
        ("CreateTags", "tags cost nothing"),
        ("DescribeInstances", "reads, and changes nothing"),
        ("CreateKeyPair", "changes nothing that this bill has"),
        ("AttachVolume", "volumes are not in this bill: only images and instances are"),
        ("s3.amazonaws.com", "a call of another service"),
        ("RestoreImageFromRecycleBin", "a problem: native events have no word for it"),
    ] {
        assert_eq!(why(name), reason, "{name}");
    }
    assert!(why("ImportImage").starts_with("an import"), "{}", why("ImportImage"));
    let codes: Vec<ProblemCode> = conversion.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::NotConvertible]);
}

#[test]
fn a_file_that_is_cut_off_gives_what_of_it_is_whole() {
    let two = records(&[one(), run("02T00:00:00", MEMBER, "ami-1", &["i-2"])]);
    let whole = format!("{ONE_SERVER}\n! line 1 Unreadable");
    let second = two.find("RunInstances@2026-04-02").expect("the second record");
    for length in [second, two.len() - 5] {
        let told = told(&convert(&[("x", &two[..length])]));
        assert!(told.starts_with(&whole), "{told}");
    }
    let pretty = two.replace("},{\"eventVersion", "},\n{\"eventVersion");
    let cut = convert(&[("x", &pretty[..pretty.len() - 5])]);
    assert_eq!(cut.problems[0].line, 2, "{:?}", cut.problems);
}

#[test]
fn hostile_input_ends_in_problems() {
    let deep = format!("{{\"Records\": [{}", "{\"eventName\":".repeat(100_000));
    let nested = format!("{{\"Records\": {}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let cases: [&[u8]; 14] = [
        b"",
        b"{\"Records\": []}",
        b"{\"Records\": 7}",
        b"{\"Records\": [7, null, \"x\", []]}",
        b"{\"Records\": [{}]}",
        b"{\"Records\": [{\"eventName\": 1, \"eventSource\": 2}]}",
        b"{\"Records\": [{\"eventName\": \"RunInstances\", \"eventSource\": \"ec2.amazonaws.com\"}]}",
        b"{\"Records\": [], \"Records\": []}",
        b"{\"Images\": [{\"ImageId\": \"ami\", \"CreationDate\": \"never\"}]}",
        b"{\"detail-type\": \"AWS API Call via CloudTrail\"}",
        b"ImageId,VolumeSize\nami-1,eight\n,8\nami-2,99999999999999999999\n",
        b"\xff\xfe\x00{",
        deep.as_bytes(),
        nested.as_bytes(),
    ];
    for bytes in cases {
        let mut converter = Box::new(Converter::new(None));
        let count = converter.feed_named(0, "x", bytes);
        let conversion = converter.finish();
        assert!(conversion.rows.is_empty());
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let told: u64 = conversion.table.iter().map(|count| count.read).sum();
        assert_eq!(told, count, "{shown}");
        let empty = matches!(bytes, b"" | b"{\"Records\": []}");
        assert!(empty || !conversion.problems.is_empty(), "{shown}");
    }
}

#[test]
fn other_things_are_not_taken_for_trails() {
    for text in [
        "{\"event_type\": \"image.update\", \"payload\": {}}",
        "{\"images\": [{\"id\": \"i\", \"disk_format\": \"raw\"}]}",
        "time,event,account,region,resource,bytes\n",
        "{\"event\": \"image.create\"}",
        "ID,Name,Status\n",
    ] {
        assert_eq!(recognise(text.as_bytes()), None, "{text}");
    }
}
