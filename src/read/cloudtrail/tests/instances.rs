//! Instances: launches, stops, other types, and ends of all kinds.

use super::*;

fn of(name: &str, time: &str, instances: &[&str]) -> Value {
    call(name, time, MEMBER, set(instances), set(instances))
}

fn created(id: &str) -> String {
    format!(
        "server.create 01T00:00:00 by={MEMBER} of={id} region=us-east-1 source=ami-1 flavor=t3.micro"
    )
}

#[test]
fn one_launch_of_several_instances_is_several_servers() {
    check(
        &[
            run("01T00:00:00", MEMBER, "ami-1", &["i-1", "i-2"]),
            of("TerminateInstances", "02T00:00:00", &["i-1", "i-2"]),
            of("TerminateInstances", "03T00:00:00", &["i-1"]),
        ],
        &format!(
            "{}
             {}
             server.delete 02T00:00:00 by={MEMBER} of=i-1
             server.delete 02T00:00:00 by={MEMBER} of=i-2
             RunInstances: 1 = 1 + 0 + 0
             TerminateInstances: 2 = 1 + 1 + 0",
            created("i-1"),
            created("i-2")
        ),
    );
}

#[test]
fn what_a_service_does_is_its_accounts() {
    let mut launch = run("01T00:00:00", MEMBER, "ami-1", &["i-1"]);
    launch["userIdentity"] =
        json!({"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"});
    launch["responseElements"].as_object_mut().map(|answer| answer.remove("ownerId"));
    check(&[launch], &format!("{}\nRunInstances: 1 = 1 + 0 + 0", created("i-1")));
}

#[test]
fn a_stopped_instance_is_one_of_another_flavor() {
    let resize = json!({"instanceId": "i-1", "instanceType": {"value": "m5.large"}});
    let again = json!({"instanceId": "i-1", "attribute": "instanceType", "value": "t3.small"});
    let other = json!({"instanceId": "i-1", "disableApiTermination": {"value": true}});
    let modify = |time: &str, request: Value| {
        call("ModifyInstanceAttribute", time, MEMBER, request, json!({"_return": true}))
    };
    check(
        &[
            run("01T00:00:00", MEMBER, "ami-1", &["i-1"]),
            of("StopInstances", "02T00:00:00", &["i-1"]),
            of("StopInstances", "02T01:00:00", &["i-1"]),
            modify("03T00:00:00", resize),
            of("StartInstances", "04T00:00:00", &["i-1"]),
            modify("05T00:00:00", again),
            modify("06T00:00:00", other),
            of("StartInstances", "07T00:00:00", &["i-1"]),
        ],
        &format!(
            "{}
             server.resize 02T00:00:00 by={MEMBER} of=i-1 flavor=stopped
             server.resize 04T00:00:00 by={MEMBER} of=i-1 flavor=m5.large
             server.resize 05T00:00:00 by={MEMBER} of=i-1 flavor=t3.small
             ModifyInstanceAttribute: 3 = 1 + 1 + 1
             RunInstances: 1 = 1 + 0 + 0
             StartInstances: 2 = 1 + 1 + 0
             StopInstances: 2 = 1 + 1 + 0",
            created("i-1")
        ),
    );
}

#[test]
fn spot_instances_have_a_flavor_of_their_own_and_are_taken_away() {
    let answer = json!({"instancesSet": {"items": [{"instanceId": "i-1", "imageId": "ami-1",
        "instanceType": "t3.micro", "instanceLifecycle": "spot", "platform": "windows"}]}});
    let mut evicted = call("BidEvictedEvent", "02T00:00:00", MEMBER, Value::Null, Value::Null);
    evicted["userIdentity"] = json!({"accountId": MEMBER, "invokedBy": "ec2.amazonaws.com"});
    evicted["eventType"] = json!("AwsServiceEvent");
    evicted["serviceEventDetails"] = json!({"instanceIdSet": ["i-1"]});
    check(
        &[call("RunInstances", "01T00:00:00", MEMBER, json!({}), answer), evicted],
        &format!(
            "{}-spot os=windows
             server.delete 02T00:00:00 by={MEMBER} of=i-1
             BidEvictedEvent: 1 = 1 + 0 + 0
             RunInstances: 1 = 1 + 0 + 0",
            created("i-1")
        ),
    );
}

#[test]
fn states_that_eventbridge_tells_end_what_no_call_ends() {
    let state = |time: &str, state: &str| {
        json!({"id": format!("{state}@{time}"), "detail-type": event::STATE_CHANGE,
            "source": "aws.ec2", "account": MEMBER, "region": "us-east-1",
            "time": format!("2026-04-{time}Z"), "detail": {"instance-id": "i-1", "state": state}})
    };
    check(
        &[
            run("01T00:00:00", MEMBER, "ami-1", &["i-1"]),
            state("01T00:00:20", "running"),
            of("StopInstances", "02T00:00:00", &["i-1"]),
            state("02T00:00:30", "stopped"),
            state("03T00:00:00", "running"),
            state("04T00:00:00", "shutting-down"),
            state("04T00:00:30", "terminated"),
            json!({"detail-type": "EBS Volume Notification", "detail": {"event": "createVolume"}}),
        ],
        &format!(
            "{}
             server.resize 02T00:00:00 by={MEMBER} of=i-1 flavor=stopped
             server.resize 03T00:00:00 by={MEMBER} of=i-1 flavor=t3.micro
             server.delete 04T00:00:00 by={MEMBER} of=i-1
             EBS Volume Notification: 1 = 0 + 0 + 1
             EC2 Instance State-change Notification: 5 = 2 + 3 + 0
             RunInstances: 1 = 1 + 0 + 0
             StopInstances: 1 = 1 + 0 + 0",
            created("i-1")
        ),
    );
}

#[test]
fn another_root_volume_of_an_image_is_a_rebuild() {
    let of_image = json!({"instanceId": "i-1", "imageId": "ami-2"});
    let name = "CreateReplaceRootVolumeTask";
    check(
        &[
            run("01T00:00:00", MEMBER, "ami-1", &["i-1"]),
            call(name, "02T00:00:00", MEMBER, of_image, json!({})),
            call(name, "03T00:00:00", MEMBER, json!({"instanceId": "i-1"}), json!({})),
        ],
        &format!(
            "{}
             server.rebuild 02T00:00:00 by={MEMBER} of=i-1 source=ami-2
             CreateReplaceRootVolumeTask: 2 = 1 + 0 + 1
             RunInstances: 1 = 1 + 0 + 0",
            created("i-1")
        ),
    );
}

#[test]
fn an_instance_from_before_the_trail_is_told_by_its_description_or_once_as_a_problem() {
    let trail = [
        of("StopInstances", "02T00:00:00", &["i-1"]),
        of("StartInstances", "03T00:00:00", &["i-1"]),
        of("TerminateInstances", "04T00:00:00", &["i-1"]),
    ];
    check(
        &trail,
        "! line 1 Contradiction i-1
         StartInstances: 1 = 0 + 0 + 1
         StopInstances: 1 = 0 + 0 + 1
         TerminateInstances: 1 = 0 + 0 + 1",
    );
    let instance = |id: &str, state: &str, reason: &str| {
        json!({"InstanceId": id, "ImageId": "ami-1", "InstanceType": "t3.micro",
            "LaunchTime": "2026-03-20T00:00:00+00:00", "Placement": {"AvailabilityZone": "us-east-1a"},
            "BlockDeviceMappings": [{"Ebs": {"AttachTime": "2026-03-01T00:00:00.000Z"}}],
            "State": {"Name": state}, "StateTransitionReason": reason})
    };
    let described = json!({"Reservations": [{"OwnerId": MEMBER, "Instances": [
        instance("i-1", "terminated", ""),
        instance("i-2", "stopped", "User initiated (2026-03-25 12:00:00 GMT)")]}]})
    .to_string();
    let conversion = convert(&[("trail.json", &records(&trail)), ("instances.json", &described)]);
    let start = |id: &str| {
        format!(
            "server.create 2026-03-01T00:00:00 by={MEMBER} of={id} region=us-east-1 source=ami-1 \
             flavor=t3.micro"
        )
    };
    let expected = format!(
        "server.resize 02T00:00:00 by={MEMBER} of=i-1 flavor=stopped
server.resize 03T00:00:00 by={MEMBER} of=i-1 flavor=t3.micro
server.delete 04T00:00:00 by={MEMBER} of=i-1
{}
{}
server.resize 2026-03-25T12:00:00 by={MEMBER} of=i-2 flavor=stopped
StartInstances: 1 = 1 + 0 + 0
StopInstances: 1 = 1 + 0 + 0
TerminateInstances: 1 = 1 + 0 + 0
instances described: 1 = 1 + 0 + 0",
        start("i-1"),
        start("i-2")
    );
    assert_eq!(told(&conversion), expected);
}

#[test]
fn an_answer_that_was_left_out_is_a_problem() {
    let cut = call("RunInstances", "01T00:00:00", MEMBER, json!({}), json!({"omitted": true}));
    let kindless = call(
        "RunInstances",
        "02T00:00:00",
        MEMBER,
        json!({}),
        json!({"instancesSet": {"items": [{"instanceId": "i-2"}]}}),
    );
    check(
        &[cut, kindless],
        "! line 1 MissingField
         ! line 1 MissingField
         RunInstances: 2 = 0 + 0 + 2",
    );
}
