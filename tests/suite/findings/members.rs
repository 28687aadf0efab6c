//! L03, L04, L11 to L13: what an owner may do with an image and its members, and what these answer.

use super::{Case, check, fine, found, refused};

pub(super) const L03: &[Case] = &[
    refused!(
        "another account shares an image",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.member.create c i member=c",
        "2 L03"
    ),
    refused!(
        "a member unshares it",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.delete c i member=c",
        "3 L03"
    ),
    refused!(
        "another account deactivates it",
        "2016-03-01 image.create p i bytes=1GiB\n2016-03-02 image.deactivate c i",
        "2 L03"
    ),
    refused!(
        "another account reactivates it",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.deactivate p i
         2016-03-03 image.reactivate c i",
        "3 L03"
    ),
    refused!(
        "another account deletes it",
        "2016-03-01 image.create p i bytes=1GiB\n2016-03-02 image.delete c i",
        "2 L03"
    ),
    refused!(
        "another account hides or shows it",
        "2016-03-01 image.create p i bytes=1GiB\n2016-03-02 image.update c i visibility=public",
        "2 L03"
    ),
    fine(
        "its owner does all of that",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.member.create p i member=c
         2016-03-03 image.deactivate p i
         2016-03-04 image.reactivate p i
         2016-03-05 image.update p i visibility=public
         2016-03-06 image.member.delete p i member=c
         2016-03-07 image.delete p i",
    ),
    fine(
        "the operator, who has no account, does all of that",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.member.create - i member=c
         2016-03-03 image.deactivate - i
         2016-03-04 image.reactivate - i
         2016-03-05 image.update - i visibility=public
         2016-03-06 image.member.delete - i member=c
         2016-03-07 image.delete - i",
    ),
    Case {
        what: "a deletion that is refused leaves the image to its owner",
        log: "2016-03-01 image.create p i bytes=1GiB
              2016-03-02 image.delete c i
              2016-03-03 image.delete p i",
        reported: "2 L03, 3 L14 set aside",
        enforced: "2 L03 set aside",
    },
    Case {
        what: "a share that is refused makes no member",
        log: "2016-03-01 image.create p i bytes=1GiB
              2016-03-02 image.member.create c i member=c
              2016-03-03 server.create c s source=i flavor=general1-1",
        reported: "2 L03",
        enforced: "2 L03 set aside, 3 L01 set aside",
    },
];

#[test]
fn l03_only_its_owner_or_the_operator_changes_an_image() {
    check(L03);
}

pub(super) const L04: &[Case] = &[
    refused!(
        "the owner accepts for its member",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.member.create p i member=c
         2016-03-03 image.member.update p i member=c status=accepted",
        "3 L04"
    ),
    fine(
        "the member accepts",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.member.create p i member=c
         2016-03-03 image.member.update c i member=c status=accepted",
    ),
    fine(
        "the operator accepts for it",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.member.create p i member=c
         2016-03-03 image.member.update - i member=c status=accepted",
    ),
];

#[test]
fn l04_only_the_member_itself_answers() {
    check(L04);
}

pub(super) const L11: &[Case] = &[
    found(
        "a consumer shares what it took of a server of a shared image",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-01 server.create c s source=i flavor=general1-1
         2016-03-02 image.create c j bytes=1GiB source=s
         2016-03-03 image.member.create c j member=d",
        "5 L11",
    ),
    fine(
        "a consumer shares what it has uploaded itself",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-01 server.create c s source=i flavor=general1-1
         2016-03-02 image.create c j bytes=1GiB
         2016-03-03 image.member.create c j member=d",
    ),
    fine(
        "a producer shares what it took of its own server",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 server.create p s source=i flavor=general1-1
         2016-03-02 image.create p j bytes=1GiB source=s
         2016-03-03 image.member.create p j member=c",
    ),
    fine(
        "an account shares what it took of a server of the provider's image",
        "2016-03-01 server.create p s source=base-x flavor=general1-1
         2016-03-02 image.create p j bytes=1GiB source=s
         2016-03-03 image.member.create p j member=c",
    ),
    found(
        "the lineage is found behind deletions, a second server and a copy",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-01 server.create c s source=i flavor=general1-1
         2016-03-02 image.create c j bytes=1GiB source=s
         2016-03-03 server.create c t source=j flavor=general1-1
         2016-03-04 image.create c k bytes=1GiB source=t
         2016-03-05 image.create c l bytes=1GiB source=k region=IAD
         2016-03-06 image.delete p i
         2016-03-06 image.delete c j
         2016-03-06 server.delete c s
         2016-03-07 image.member.create c l member=d",
        "11 L11",
    ),
];

#[test]
fn l11_what_descends_from_anothers_image_is_not_shared_on_unasked() {
    check(L11);
}

// The run ends on April 1: 30 days before are March 2.
pub(super) const L12: &[Case] = &[
    found(
        "a member rejected thirty days before the end",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.update c i member=c status=rejected",
        "3 L12",
    ),
    fine(
        "a member rejected later than that",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02T00:00:00.000001Z image.member.update c i member=c status=rejected",
    ),
    fine(
        "it was unshared at last",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.update c i member=c status=rejected
         2016-03-31 image.member.delete p i member=c",
    ),
    fine(
        "it was unshared and shared again, and has not answered",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.update c i member=c status=rejected
         2016-03-03 image.member.delete p i member=c
         2016-03-04 image.member.create p i member=c",
    ),
    found(
        "sharing again with who still is a member asks nothing anew",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.update c i member=c status=rejected
         2016-03-04 image.member.create p i member=c",
        "3 L12",
    ),
    fine(
        "it changed its mind",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.update c i member=c status=rejected
         2016-03-20 image.member.update c i member=c status=accepted",
    ),
    fine(
        "it changed its mind, and back too late",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.update c i member=c status=rejected
         2016-03-03 image.member.update c i member=c status=pending
         2016-03-04 image.member.update c i member=c status=rejected",
    ),
    found(
        "rejecting twice counts from the first time",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.update c i member=c status=rejected
         2016-03-20 image.member.update c i member=c status=rejected",
        "3 L12",
    ),
    fine(
        "the image is gone",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.update c i member=c status=rejected
         2016-03-31 image.delete p i",
    ),
    found(
        "each of two members is told of",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-01 image.member.create p i member=d
         2016-03-02 image.member.update c i member=c status=rejected
         2016-03-02 image.member.update d i member=d status=rejected",
        "4 L12, 5 L12",
    ),
];

#[test]
fn l12_a_member_that_rejected_long_ago_is_told_at_the_end() {
    check(L12);
}

pub(super) const L13: &[Case] = &[
    found(
        "a confidential image is shared",
        "2016-03-01 image.create p i bytes=1GiB labels=confidential
         2016-03-02 image.member.create p i member=c",
        "2 L13",
    ),
    found(
        "one of several labels is enough, and one finding tells all",
        "2016-03-01 image.create p i bytes=1GiB labels=golden;licensed;untrusted
         2016-03-02 image.member.create p i member=c",
        "2 L13",
    ),
    fine(
        "another label says nothing",
        "2016-03-01 image.create p i bytes=1GiB labels=golden;confidentially
         2016-03-02 image.member.create p i member=c",
    ),
    fine("a labelled image is kept", "2016-03-01 image.create p i bytes=1GiB labels=credentials"),
];

#[test]
fn l13_a_labelled_image_is_not_shared_as_it_is() {
    check(L13);
}
