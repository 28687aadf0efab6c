//! L06 to L10: exports, copies and imports of images, images of servers, and what they come from.

use super::{Case, check, findings, fine, found, refused};
use crate::consequences::log;
use crate::support::small_book;

pub(super) const L06: &[Case] = &[
    refused!(
        "a member exports an image",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 object.create c o bytes=1GiB source=i",
        "3 L06"
    ),
    refused!(
        "a member copies an image",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-02 image.create c j bytes=1GiB source=i",
        "3 L06"
    ),
    refused!(
        "somebody copies a public image of another account",
        "2016-03-01 image.create p i bytes=1GiB visibility=public
         2016-03-02 image.create c j bytes=1GiB source=i",
        "2 L06"
    ),
    refused!(
        "somebody exports an image of the provider",
        "2016-03-01 object.create p o bytes=1GiB source=base-x",
        "1 L06"
    ),
    fine(
        "its owner exports and copies it",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 object.create p o bytes=1GiB source=i
         2016-03-02 image.create p j bytes=1GiB source=i region=IAD",
    ),
    fine(
        "a consumer exports what it took of a server of it",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 image.member.create p i member=c
         2016-03-01 server.create c s source=i flavor=general1-1
         2016-03-02 image.create c j bytes=1GiB source=s
         2016-03-03 object.create c o bytes=1GiB source=j",
    ),
];

#[test]
fn l06_only_its_owner_exports_or_copies_an_image() {
    check(L06);
}

#[test]
fn l06_a_book_may_let_members_copy_what_they_may_boot() {
    let cases = [
        ("image.member.create p i member=c", "image.create c j bytes=1GiB source=i", ""),
        ("image.update p i visibility=public", "image.create c j bytes=1GiB source=i", ""),
        ("image.member.create p i member=d", "image.create c j bytes=1GiB source=i", "3 L06"),
        ("image.member.create p i member=c", "image.create c j bytes=1GiB source=base-x", ""),
        ("image.member.create p i member=c", "object.create c o bytes=1GiB source=i", "3 L06"),
    ];
    for (before, done, expected) in cases {
        let lines = format!(
            "2016-03-01 image.create p i bytes=1GiB\n2016-03-02 {before}\n2016-03-03 {done}"
        );
        let mut texts = small_book().with_rows(&log(&lines));
        texts.book_toml += "copy_by = \"members\"\n";
        assert_eq!(findings(&texts), expected, "{before}, {done}");
    }
}

pub(super) const L07: &[Case] = &[
    refused!(
        "a Windows image is exported",
        "2016-03-01 image.create p i bytes=1GiB os=windows
         2016-03-02 object.create p o bytes=1GiB source=i",
        "2 L07"
    ),
    fine(
        "a Linux image is exported",
        "2016-03-01 image.create p i bytes=1GiB os=ubuntu
         2016-03-02 object.create p o bytes=1GiB source=i",
    ),
    refused!(
        "what is called Linux was taken of a server of a Windows image",
        "2016-03-01 image.create p i bytes=1GiB os=windows
         2016-03-01 server.create p s source=i flavor=general1-1 os=linux
         2016-03-02 image.create p j bytes=1GiB source=s os=linux
         2016-03-03 object.create p o bytes=1GiB source=j",
        "4 L07"
    ),
    refused!(
        "the os is known of the server alone",
        "2016-03-01 server.create p s source=base-x flavor=general1-1 os=redhat
         2016-03-02 image.create p j bytes=1GiB source=s
         2016-03-03 object.create p o bytes=1GiB source=j",
        "3 L07"
    ),
    fine(
        "the server ran Windows only after the image was taken",
        "2016-03-01 server.create p s source=base-x flavor=general1-1
         2016-03-02 image.create p j bytes=1GiB source=s
         2016-03-03 server.rebuild p s source=base-w os=windows
         2016-03-04 object.create p o bytes=1GiB source=j",
    ),
];

#[test]
fn l07_no_image_is_exported_with_a_barred_os_in_its_lineage() {
    check(L07);
}

// 160 GiB are 171,798,691,840 bytes.
pub(super) const L08: &[Case] = &[
    fine(
        "an image of exactly the limit is imported",
        "2016-03-01 object.create p o bytes=160GiB
         2016-03-02 image.create p i bytes=171798691840 source=o",
    ),
    refused!(
        "an image of one byte more is imported",
        "2016-03-01 object.create p o bytes=160GiB
         2016-03-02 image.create p i bytes=171798691841 source=o",
        "2 L08"
    ),
    fine(
        "an image of one byte more is uploaded, and taken of a server",
        "2016-03-01 image.create p i bytes=171798691841
         2016-03-01 server.create p s source=i flavor=general1-1
         2016-03-02 image.create p j bytes=171798691841 source=s",
    ),
    refused!(
        "a Windows image is imported",
        "2016-03-01 object.create p o bytes=1GiB
         2016-03-02 image.create p i bytes=1GiB source=o os=windows",
        "2 L08"
    ),
    refused!(
        "an image is imported of an object with Windows in it",
        "2016-03-01 object.create p o bytes=1GiB os=windows
         2016-03-02 image.create p i bytes=1GiB source=o",
        "2 L08"
    ),
    fine(
        "a Red Hat image, which must not be exported, is imported",
        "2016-03-01 object.create p o bytes=1GiB
         2016-03-02 image.create p i bytes=1GiB source=o os=redhat",
    ),
];

#[test]
fn l08_no_image_is_imported_above_the_limit_or_of_a_barred_os() {
    check(L08);
}

pub(super) const L09: &[Case] = &[
    refused!(
        "an image is taken of a server that cannot be imaged",
        "2016-03-01 server.create p s source=base-x flavor=memory1-15
         2016-03-02 image.create p i bytes=1GiB source=s",
        "2 L09"
    ),
    fine(
        "an image is taken of one that can",
        "2016-03-01 server.create p s source=base-x flavor=general1-1
         2016-03-02 image.create p i bytes=1GiB source=s",
    ),
    fine(
        "an image is taken of one that can since it was resized",
        "2016-03-01 server.create p s source=base-x flavor=memory1-15
         2016-03-02 server.resize p s flavor=general1-1
         2016-03-02 image.create p i bytes=1GiB source=s",
    ),
];

#[test]
fn l09_no_image_is_taken_of_a_flavor_that_cannot_be_imaged() {
    check(L09);
}

pub(super) const L10: &[Case] = &[
    found(
        "a server of an unknown image",
        "2016-03-01 server.create p s source=nowhere flavor=general1-1",
        "1 L10",
    ),
    found("an image of an unknown source", "2016-03-01 image.create p i bytes=1 source=x", "1 L10"),
    found(
        "an object of an unknown image",
        "2016-03-01 object.create p o bytes=1 source=x",
        "1 L10",
    ),
    found(
        "a server of an image that comes later",
        "2016-03-01 server.create p s source=i flavor=general1-1
         2016-03-01T00:00:00.000001Z image.create p i bytes=1GiB",
        "1 L10",
    ),
    fine(
        "a server of an image of the same instant",
        "2016-03-01 server.create p s source=i flavor=general1-1
         2016-03-01 image.create p i bytes=1GiB",
    ),
    fine(
        "a server of one of the provider's images",
        "2016-03-01 server.create p s source=base-x flavor=general1-1",
    ),
    fine("a server of nothing", "2016-03-01 server.create p s flavor=general1-1"),
    Case {
        what: "what was refused is unknown to what comes after it",
        log: "2016-03-01 image.create p i bytes=1GiB
              2016-03-02 server.create c s source=i flavor=general1-1
              2016-03-03 image.create c j bytes=1GiB source=s",
        reported: "2 L01",
        enforced: "2 L01 set aside, 3 L10",
    },
];

#[test]
fn l10_a_source_is_something_that_the_input_has_created_or_the_provider_has() {
    check(L10);
}
