//! Whole conversions, as text tables. The fixtures are invented, in the shapes that AWS delivers.

mod delivery;
mod images;
mod instances;

use super::*;
use serde_json::{Value, json};

/// The account that owns images in most fixtures, and those that they are shared with.
const OWNER: &str = "111122223333";
const MEMBER: &str = "222233334444";

/// A record of a call that worked; its id is its name and time.
fn call(name: &str, time: &str, account: &str, request: Value, answer: Value) -> Value {
    let time = format!("2026-04-{time}Z");
    json!({
        "eventVersion": "1.09", "eventSource": "ec2.amazonaws.com", "eventName": name,
        "eventTime": time, "awsRegion": "us-east-1", "eventID": format!("{name}@{time}"),
        "userIdentity": {"type": "AssumedRole", "accountId": account},
        "recipientAccountId": account, "requestParameters": request, "responseElements": answer,
    })
}

/// The same with another value.
fn with(mut record: Value, key: &str, value: Value) -> Value {
    record[key] = value;
    record
}

/// A delivered file.
fn records(records: &[Value]) -> String {
    json!({ "Records": records }).to_string()
}

fn set(instances: &[&str]) -> Value {
    let items: Vec<Value> = instances.iter().map(|id| json!({ "instanceId": id })).collect();
    json!({"instancesSet": {"items": items}})
}

/// A launch of instances of one image.
fn run(time: &str, account: &str, image: &str, instances: &[&str]) -> Value {
    let launched =
        |id: &&str| json!({"instanceId": id, "imageId": image, "instanceType": "t3.micro"});
    let items: Vec<Value> = instances.iter().map(launched).collect();
    let answer = json!({"ownerId": account, "instancesSet": {"items": items}});
    call("RunInstances", time, account, json!({}), answer)
}

/// An image of one snapshot, of so many GiB.
fn register(time: &str, image: &str, snapshot: &str, gib: Value) -> Value {
    let device =
        json!({"deviceName": "/dev/xvda", "ebs": {"snapshotId": snapshot, "volumeSize": gib}});
    let request = json!({"blockDeviceMapping": {"items": [device]}});
    call("RegisterImage", time, OWNER, request, json!({ "imageId": image }))
}

/// A change of launch permissions: `add` or `remove`, of accounts, or of `all`.
fn permit(time: &str, image: &str, verb: &str, who: &[&str]) -> Value {
    let item = |who: &&str| match *who {
        "all" => json!({"group": "all"}),
        who if who.starts_with("arn:") => json!({ "organizationArn": who }),
        who => json!({ "userId": who }),
    };
    let items: Vec<Value> = who.iter().map(item).collect();
    let request = json!({"imageId": image, "launchPermission": {verb: {"items": items}}});
    call("ModifyImageAttribute", time, OWNER, request, json!({"_return": true}))
}

fn convert(files: &[(&str, &str)]) -> Conversion {
    let mut converter = Box::new(Converter::new(None));
    for (file, (name, text)) in files.iter().enumerate() {
        converter.feed_named(file, name, text.as_bytes());
    }
    converter.finish()
}

/// Rows as `event time key=value…`, then `!` and each problem, then the table.
fn told(conversion: &Conversion) -> String {
    let mut lines = Vec::new();
    for row in &conversion.rows {
        let rest = [
            ("by", &row.account),
            ("of", &row.resource),
            ("region", &row.region),
            ("source", &row.source),
            ("member", &row.member),
            ("bytes", &row.bytes),
            ("flavor", &row.flavor),
            ("os", &row.os),
            ("visibility", &row.visibility),
        ];
        let time = row.time.trim_start_matches("2026-04-").trim_end_matches('Z');
        let mut words = vec![row.event.clone(), time.to_string()];
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

/// What records of one file come to, in whatever order they are delivered.
#[track_caller]
fn check(all: &[Value], expected: &str) {
    check_beside(all, &[], expected);
}

/// The same with other files beside them.
#[track_caller]
fn check_beside(all: &[Value], beside: &[(&str, &str)], expected: &str) {
    let expected = expected.lines().map(str::trim).filter(|line| !line.is_empty());
    let expected = expected.collect::<Vec<_>>().join("\n");
    let text = records(all);
    let mut files = vec![("trail.json", text.as_str())];
    files.extend(beside);
    let conversion = convert(&files);
    assert_eq!(told(&conversion), expected, "{:#?}", conversion.problems);
    let ids: BTreeSet<&String> = conversion.rows.iter().map(|row| &row.id).collect();
    let with_ids = conversion.rows.iter().filter(|row| !row.id.is_empty()).count();
    assert_eq!(ids.iter().filter(|id| !id.is_empty()).count(), with_ids, "each row has its own id");
    // The order of the records decides nothing but the order of the rows.
    let mut turned = all.to_vec();
    turned.reverse();
    let text = records(&turned);
    files[0] = ("trail.json", &text);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&told(&convert(&files))), sorted(&expected), "backwards");
}
