//! Images: how they come to be, who may launch them, how they end.

use super::*;

const GIB: u64 = 1 << 30;

#[test]
fn a_registered_image_has_the_size_of_its_snapshots() {
    let twice = json!({"blockDeviceMapping": {"items": [
        {"deviceName": "/dev/xvda", "ebs": {"snapshotId": "snap-1", "volumeSize": 8}},
        {"deviceName": "/dev/xvdb", "ebs": {"snapshotId": "snap-2"}},
        {"deviceName": "/dev/xvdc", "ebs": {"volumeSize": 500}},
        {"deviceName": "/dev/xvdd", "virtualName": "ephemeral0"}]}});
    let made = json!({"snapshotId": "snap-2", "volumeSize": "4"});
    check(
        &[
            call("CreateSnapshot", "01T00:00:00", OWNER, json!({}), made),
            call("RegisterImage", "01T01:00:00", OWNER, twice, json!({"imageId": "ami-1"})),
        ],
        &format!(
            "image.create 01T01:00:00 by={OWNER} of=ami-1 region=us-east-1 bytes={}
             CreateSnapshot: 1 = 0 + 1 + 0
             RegisterImage: 1 = 1 + 0 + 0",
            12 * GIB
        ),
    );
}

#[test]
fn a_snapshot_is_paid_once_however_many_images_it_has() {
    check(
        &[
            register("01T00:00:00", "ami-1", "snap-1", json!(8)),
            register("02T00:00:00", "ami-2", "snap-1", json!(8)),
        ],
        &format!(
            "image.create 01T00:00:00 by={OWNER} of=ami-1 region=us-east-1 bytes={}
             image.create 02T00:00:00 by={OWNER} of=ami-2 region=us-east-1 bytes=0
             RegisterImage: 2 = 2 + 0 + 0",
            8 * GIB
        ),
    );
}

#[test]
fn an_image_of_an_instance_needs_a_size_from_elsewhere() {
    let taken = || {
        let request = json!({"instanceId": "i-1", "name": "x"});
        call("CreateImage", "03T00:00:00", MEMBER, request, json!({"imageId": "ami-9"}))
    };
    let trail = [run("02T00:00:00", MEMBER, "ami-1", &["i-1"]), taken()];
    let server = format!(
        "server.create 02T00:00:00 by={MEMBER} of=i-1 region=us-east-1 source=ami-1 flavor=t3.micro"
    );
    check(
        &trail,
        &format!(
            "{server}
             ! line 1 MissingField ami-9
             CreateImage: 1 = 0 + 0 + 1
             RunInstances: 1 = 1 + 0 + 0"
        ),
    );
    let conversion = convert(&[("trail.json", &records(&trail))]);
    let said = &conversion.problems[0].message;
    for way_out in ["CreateImage answers without a size", "describe-images", "ImageId,VolumeSize"] {
        assert!(said.contains(way_out), "{said}");
    }
    let image = |bytes: u64, rest: &str| {
        format!(
            "{server}
             image.create 03T00:00:00 by={MEMBER} of=ami-9 region=us-east-1 source=i-1 bytes={bytes}{rest}"
        )
    };
    let described =
        json!({"Images": [{"ImageId": "ami-9", "OwnerId": MEMBER, "BlockDeviceMappings":
        [{"Ebs": {"SnapshotId": "snap-9", "VolumeSize": 8}}], "PlatformDetails": "Windows"}]})
        .to_string();
    let stored = json!({"Snapshots": [{"SnapshotId": "snap-9", "VolumeSize": 8,
        "FullSnapshotSizeInBytes": 3_000_000, "Description": "Created by CreateImage(i-1) for ami-9"}]})
    .to_string();
    let counts = "CreateImage: 1 = 1 + 0 + 0\nRunInstances: 1 = 1 + 0 + 0";
    check_beside(
        &trail,
        &[("images.json", &described)],
        &format!("{}\n{counts}\nimage described: 1 = 0 + 1 + 0", image(8 * GIB, " os=windows")),
    );
    check_beside(
        &trail,
        &[("snapshots.json", &stored)],
        &format!("{}\n{counts}\nsnapshot described: 1 = 0 + 1 + 0", image(3_000_000, "")),
    );
    check_beside(
        &trail,
        &[("images.json", &described), ("snapshots.json", &stored)],
        &format!(
            "{}\n{counts}\nimage described: 1 = 0 + 1 + 0\nsnapshot described: 1 = 0 + 1 + 0",
            image(3_000_000, " os=windows")
        ),
    );
    for (table, bytes) in
        [("ImageId,VolumeSize\nami-9,10\n", 10 * GIB), ("Bytes,ImageId\n77,ami-9", 77)]
    {
        check_beside(
            &trail,
            &[("sizes.csv", table)],
            &format!("{}\n(size): 1 = 0 + 1 + 0\n{counts}", image(bytes, "")),
        );
    }
}

#[test]
fn a_copy_is_the_copiers_and_the_sources_owner_pays_the_transfer() {
    let copy = |region: &str| {
        let request = json!({"sourceRegion": "us-east-1", "sourceImageId": "ami-1"});
        let copy = call("CopyImage", "05T00:00:00", MEMBER, request, json!({"imageId": "ami-2"}));
        with(copy, "awsRegion", json!(region))
    };
    let gold = register("01T00:00:00", "ami-1", "snap-1", json!(8));
    let first =
        format!("image.create 01T00:00:00 by={OWNER} of=ami-1 region=us-east-1 bytes={}", 8 * GIB);
    check(
        &[gold.clone(), copy("us-west-1")],
        &format!(
            "{first}
             image.create 05T00:00:00 by={MEMBER} of=ami-2 region=us-west-1 source=ami-1 bytes={b}
             transfer.out 05T00:00:00 by={OWNER} of=ami-1 region=us-east-1 bytes={b}
             CopyImage: 1 = 1 + 0 + 0
             RegisterImage: 1 = 1 + 0 + 0",
            b = 8 * GIB
        ),
    );
    check(
        &[gold, copy("us-east-1")],
        &format!(
            "{first}
             image.create 05T00:00:00 by={MEMBER} of=ami-2 region=us-east-1 source=ami-1 bytes={}
             CopyImage: 1 = 1 + 0 + 0
             RegisterImage: 1 = 1 + 0 + 0",
            8 * GIB
        ),
    );
    // The size from a table, and nobody who says whose the source is: the copy is told, and what
    // is missing is, too.
    check_beside(
        &[copy("us-west-1")],
        &[("sizes.csv", "ImageId,Bytes\nami-2,5\n")],
        &format!(
            "image.create 05T00:00:00 by={MEMBER} of=ami-2 region=us-west-1 source=ami-1 bytes=5
             ! line 1 MissingField ami-1
             (size): 1 = 0 + 1 + 0
             CopyImage: 1 = 1 + 0 + 0
             CopyImage (a part): 1 = 0 + 0 + 1"
        ),
    );
}

#[test]
fn launch_permissions_are_members_and_visibility() {
    let gold = register("01T00:00:00", "ami-1", "snap-1", json!(1));
    let organization = "arn:aws:organizations::111122223333:organization/o-1";
    check(
        &[
            gold,
            permit("02T00:00:00", "ami-1", "add", &[MEMBER, "333344445555", OWNER]),
            permit("03T00:00:00", "ami-1", "add", &[MEMBER]),
            permit("04T00:00:00", "ami-1", "remove", &[MEMBER]),
            permit("05T00:00:00", "ami-1", "remove", &[MEMBER]),
            permit("06T00:00:00", "ami-1", "add", &["all"]),
            permit("07T00:00:00", "ami-1", "remove", &["all"]),
            permit("08T00:00:00", "ami-1", "add", &[organization]),
            call(
                "ResetImageAttribute",
                "09T00:00:00",
                OWNER,
                json!({"imageId": "ami-1"}),
                json!({}),
            ),
            call(
                "ModifyImageAttribute",
                "10T00:00:00",
                OWNER,
                json!({"imageId": "ami-1", "description": {"value": "x"}}),
                json!({}),
            ),
        ],
        &format!(
            "image.create 01T00:00:00 by={OWNER} of=ami-1 region=us-east-1 bytes={GIB}
             image.member.create 02T00:00:00 by={OWNER} of=ami-1 member={MEMBER}
             image.member.create 02T00:00:00 by={OWNER} of=ami-1 member=333344445555
             image.member.delete 04T00:00:00 by={OWNER} of=ami-1 member={MEMBER}
             image.update 06T00:00:00 by={OWNER} of=ami-1 visibility=public
             image.update 07T00:00:00 by={OWNER} of=ami-1 visibility=private
             image.update 08T00:00:00 by={OWNER} of=ami-1 visibility=community
             image.member.delete 09T00:00:00 by={OWNER} of=ami-1 member=333344445555
             image.update 09T00:00:00 by={OWNER} of=ami-1 visibility=private
             ModifyImageAttribute: 8 = 5 + 2 + 1
             RegisterImage: 1 = 1 + 0 + 0
             ResetImageAttribute: 1 = 1 + 0 + 0"
        ),
    );
}

#[test]
fn a_disabled_image_loses_its_members_and_cannot_be_launched() {
    let of =
        |name: &str, time: &str| call(name, time, OWNER, json!({"imageId": "ami-1"}), json!({}));
    check(
        &[
            register("01T00:00:00", "ami-1", "snap-1", json!(1)),
            permit("02T00:00:00", "ami-1", "add", &[MEMBER]),
            of("DisableImage", "03T00:00:00"),
            of("EnableImage", "04T00:00:00"),
        ],
        &format!(
            "image.create 01T00:00:00 by={OWNER} of=ami-1 region=us-east-1 bytes={GIB}
             image.member.create 02T00:00:00 by={OWNER} of=ami-1 member={MEMBER}
             image.member.delete 03T00:00:00 by={OWNER} of=ami-1 member={MEMBER}
             image.deactivate 03T00:00:00 by={OWNER} of=ami-1
             image.reactivate 04T00:00:00 by={OWNER} of=ami-1
             DisableImage: 1 = 1 + 0 + 0
             EnableImage: 1 = 1 + 0 + 0
             ModifyImageAttribute: 1 = 1 + 0 + 0
             RegisterImage: 1 = 1 + 0 + 0"
        ),
    );
}

#[test]
fn a_deregistered_image_leaves_its_snapshots_until_they_are_deleted() {
    let gone = |request: Value| call("DeregisterImage", "03T00:00:00", OWNER, request, json!({}));
    let delete = || {
        let request = json!({"snapshotId": "snap-1"});
        call("DeleteSnapshot", "05T00:00:00", OWNER, request, json!({}))
    };
    let gold = register("01T00:00:00", "ami-1", "snap-1", json!(1));
    let made = format!("image.create 01T00:00:00 by={OWNER} of=ami-1 region=us-east-1 bytes={GIB}");
    check(
        &[gold.clone(), gone(json!({"imageId": "ami-1"})), delete()],
        &format!(
            "{made}
             image.delete 03T00:00:00 by={OWNER} of=ami-1
             object.create 03T00:00:00 by={OWNER} of=snap-1 region=us-east-1 bytes={GIB}
             object.delete 05T00:00:00 by={OWNER} of=snap-1
             DeleteSnapshot: 1 = 1 + 0 + 0
             DeregisterImage: 1 = 1 + 0 + 0
             RegisterImage: 1 = 1 + 0 + 0"
        ),
    );
    check(
        &[gold, gone(json!({"imageId": "ami-1", "deleteAssociatedSnapshots": true}))],
        &format!(
            "{made}
             image.delete 03T00:00:00 by={OWNER} of=ami-1
             DeregisterImage: 1 = 1 + 0 + 0
             RegisterImage: 1 = 1 + 0 + 0"
        ),
    );
}

#[test]
fn where_the_snapshots_of_an_image_are_not_known_the_table_says_so() {
    let taken = json!({"instanceId": "i-1"});
    let all = [
        call("CreateImage", "01T00:00:00", OWNER, taken, json!({"imageId": "ami-1"})),
        call("DeregisterImage", "03T00:00:00", OWNER, json!({"imageId": "ami-1"}), json!({})),
    ];
    let conversion =
        convert(&[("trail.json", &records(&all)), ("sizes.csv", "ImageId,VolumeSize\nami-1,8\n")]);
    let note = conversion.table.iter().find(|count| count.event_type == "(snapshots)");
    let note = note.expect("a note");
    assert!(note.read == 0 && note.why.contains("the bill lacks them"), "{note:?}");
}

#[test]
fn backups_are_not_in_the_bill() {
    let made = json!({"snapshotId": "snap-7", "volumeSize": "1000"});
    let request = json!({"snapshotId": "snap-7"});
    check(
        &[
            call("CreateSnapshot", "01T00:00:00", OWNER, json!({}), made),
            call("DeleteSnapshot", "02T00:00:00", OWNER, request, json!({})),
        ],
        "CreateSnapshot: 1 = 0 + 0 + 1
         DeleteSnapshot: 1 = 0 + 0 + 1",
    );
}

#[test]
fn an_image_from_before_the_trail_is_told_by_its_description_or_once_as_a_problem() {
    let trail = [
        permit("02T00:00:00", "ami-1", "add", &[MEMBER]),
        permit("03T00:00:00", "ami-1", "remove", &[MEMBER]),
    ];
    check(
        &trail,
        "! line 1 Contradiction ami-1
         ModifyImageAttribute: 2 = 0 + 0 + 2",
    );
    let image = |id: &str, owner: &str| {
        json!({"ImageId": id, "OwnerId": owner, "CreationDate": "2025-12-01T10:00:00.000Z",
            "Public": false, "State": "available", "PlatformDetails": "Red Hat Enterprise Linux",
            "BlockDeviceMappings": [{"Ebs": {"SnapshotId": format!("snap-{id}"), "VolumeSize": 1}}]})
    };
    let images = json!({"Images": [image("ami-1", OWNER), image("ami-amazon", "137112412989"),
        image("ami-2", OWNER)]})
    .to_string();
    check_beside(
        &trail,
        &[("us-west-2/images.json", &images)],
        &format!(
            "image.member.create 02T00:00:00 by={OWNER} of=ami-1 member={MEMBER}
             image.member.delete 03T00:00:00 by={OWNER} of=ami-1 member={MEMBER}
             image.create 2025-12-01T10:00:00 by={OWNER} of=ami-1 region=us-east-1 bytes={GIB} os=redhat
             image.create 2025-12-01T10:00:00 by={OWNER} of=ami-2 region=us-west-2 bytes={GIB} os=redhat
             ModifyImageAttribute: 2 = 2 + 0 + 0
             image described: 3 = 2 + 0 + 1"
        ),
    );
    let nowhere = convert(&[("trail.json", &records(&trail)), ("images.json", &images)]);
    let codes: Vec<ProblemCode> = nowhere.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::NoRegion], "ami-2 is used by nobody, and in no region");
}
