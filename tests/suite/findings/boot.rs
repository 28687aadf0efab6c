//! L01, L02, L05: who uses which image, where, and as long as it is there.

use super::{Case, check, fine, refused};

pub(super) const L01: &[Case] = &[
    refused!(
        "a stranger boots a private image",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 server.create c s source=i flavor=general1-1",
        "2 L01"
    ),
    refused!(
        "a stranger boots it and says what runs on the server",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 server.create c s source=i flavor=general1-1 os=redhat",
        "2 L01"
    ),
    fine(
        "a member boots it, whatever its status",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-05 image.member.update c i member=c status=rejected
         2016-03-06 server.create c s source=i flavor=general1-1",
    ),
    fine(
        "its owner boots it",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 server.create p s source=i flavor=general1-1",
    ),
    fine(
        "anybody boots a public image",
        "2016-03-01 image.create p i bytes=1GiB visibility=public
         2016-03-02 server.create c s source=i flavor=general1-1",
    ),
    fine(
        "anybody boots a community image",
        "2016-03-01 image.create p i bytes=1GiB visibility=community
         2016-03-02 server.create c s source=i flavor=general1-1",
    ),
    refused!(
        "another account than the member boots it",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 server.create d s source=i flavor=general1-1",
        "3 L01"
    ),
    refused!(
        "a former member boots it",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.delete p i member=c
         2016-03-02T00:00:00.000001Z server.create c s source=i flavor=general1-1",
        "4 L01"
    ),
    fine(
        "a member boots it at the instant of its leaving",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.member.delete p i member=c
         2016-03-02 server.create c s source=i flavor=general1-1",
    ),
    refused!(
        "a future member boots it a microsecond early",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02T00:00:00.000001Z image.member.create p i member=c
         2016-03-02 server.create c s source=i flavor=general1-1",
        "3 L01"
    ),
    refused!(
        "a server is rebuilt to a stranger's image",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 server.create c s source=base-x flavor=general1-1
         2016-03-02 server.rebuild c s source=i",
        "3 L01"
    ),
    fine(
        "a server is rebuilt to a shared image",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-01 server.create c s source=base-x flavor=general1-1
         2016-03-02 server.rebuild c s source=i",
    ),
];

#[test]
fn l01_only_members_boot_a_private_image() {
    check(L01);
}

pub(super) const L02: &[Case] = &[
    refused!(
        "a server runs an image of another region",
        "2016-03-01 image.create p i bytes=1GiB region=DFW
         2016-03-02 server.create p s source=i flavor=general1-1 region=IAD",
        "2 L02"
    ),
    fine(
        "the image is copied there first",
        "2016-03-01 image.create p i bytes=1GiB region=DFW
         2016-03-02 image.create p j bytes=1GiB region=IAD source=i
         2016-03-02T00:00:01Z server.create p s source=j flavor=general1-1 region=IAD",
    ),
    refused!(
        "a server is rebuilt to an image of another region",
        "2016-03-01 image.create p i bytes=1GiB region=DFW
         2016-03-01 server.create p s source=base-x flavor=general1-1 region=IAD
         2016-03-02 server.rebuild p s source=i",
        "3 L02"
    ),
    fine(
        "the provider's own images are everywhere",
        "2016-03-01 server.create p s source=base-x flavor=general1-1 region=IAD",
    ),
    Case {
        what: "a stranger in another region breaks two rules",
        log: "2016-03-01 image.create p i bytes=1GiB region=DFW
              2016-03-02 server.create c s source=i flavor=general1-1 region=IAD",
        reported: "2 L01 L02",
        enforced: "2 L01 L02 set aside",
    },
];

#[test]
fn l02_an_image_is_booted_in_its_own_region() {
    check(L02);
}

pub(super) const L05: &[Case] = &[
    refused!(
        "a deactivated image is booted",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.deactivate p i
         2016-03-03 server.create p s source=i flavor=general1-1",
        "3 L05"
    ),
    fine(
        "a reactivated image is booted",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.deactivate p i
         2016-03-03 image.reactivate p i
         2016-03-03 server.create p s source=i flavor=general1-1",
    ),
    fine(
        "an image is booted at the instant of its deactivation",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.deactivate p i
         2016-03-02 server.create p s source=i flavor=general1-1",
    ),
    refused!(
        "a deleted image is booted",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.delete p i
         2016-03-03 server.create p s source=i flavor=general1-1",
        "3 L05"
    ),
    refused!(
        "a deactivated image is copied",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.deactivate p i
         2016-03-03 image.create p j bytes=1GiB source=i",
        "3 L05"
    ),
    refused!(
        "a deleted image is exported",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.delete p i
         2016-03-03 object.create p o bytes=1GiB source=i",
        "3 L05"
    ),
    fine(
        "a server is rebuilt to the deactivated, then deleted image that it runs",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 server.create p s source=i flavor=general1-1
         2016-03-02 image.deactivate p i
         2016-03-03 server.rebuild p s source=i
         2016-03-04 image.delete p i
         2016-03-05 server.rebuild p s source=i",
    ),
    refused!(
        "a server is rebuilt to a deleted image that it no longer runs",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 server.create p s source=i flavor=general1-1
         2016-03-02 server.rebuild p s source=base-x
         2016-03-03 image.delete p i
         2016-03-04 server.rebuild p s source=i",
        "5 L05"
    ),
    fine(
        "an image is taken of a server whose image was deleted",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 server.create p s source=i flavor=general1-1
         2016-03-02 image.delete p i
         2016-03-03 image.create p j bytes=1GiB source=s",
    ),
];

#[test]
fn l05_a_deactivated_or_deleted_image_is_not_used() {
    check(L05);
}
