//! L00, L14, L15: rows that cannot be read, that make no sense, or whose id says something else.

use sharebill::world::Enforcement;

use super::{Case, check, findings, fine, found};
use crate::consequences::log;
use crate::laws::Loaded;
use crate::support::{Texts, small_book};

#[test]
fn l00_a_row_that_cannot_be_read_is_set_aside_and_the_rest_goes_on() {
    for row in [
        "2016-03-02T00:00:00Z,server.start,a,DFW,s,,,,,general1-1,,,,",
        "2016-03-02T00:00:00Z,,a,DFW,s,,,,,general1-1,,,,",
        "yesterday,server.create,a,DFW,s,,,,,general1-1,,,,",
        "2016-03-02T00:00:00Z,server.create,a,DFW,s,,,,,,,,,",
        "2016-03-02T00:00:00Z,server.create,,DFW,s,,,,,general1-1,,,,",
        "2016-03-02T00:00:00Z,image.create,a,DFW,j,,,,1e9,,,,,",
        "2016-03-02T00:00:00Z,image.create,a,DFW,j,,,,-1,,,,,",
        "2016-03-02T00:00:00Z,image.create,a,DFW,j,,,,1,,,secret,,",
        "2016-03-02T00:00:00Z,image.member.update,a,,i,,a,maybe,,,,,,",
        "2016-03-02T00:00:00Z,image.delete,a,,i",
    ] {
        let before = log("2016-03-01 image.create a i bytes=1GiB");
        let after = log("2016-03-03 image.create a k bytes=1GiB");
        for enforcement in [Enforcement::Report, Enforcement::Enforce] {
            let rows = format!("{before}{row}\n{after}");
            let texts = Texts { enforcement, ..small_book().with_rows(&rows) };
            assert_eq!(findings(&texts), "2 L00 set aside", "{row}");
            let loaded = Loaded::of(&texts);
            assert_eq!(loaded.rows.unreadable[0].raw, row, "whole");
            assert_eq!(loaded.bill().counts[0].applied, 2, "{row}");
        }
    }
}

pub(super) const L14: &[Case] = &[
    found(
        "events on what was never created",
        "2016-03-01 image.delete p x
         2016-03-02 image.deactivate p x
         2016-03-03 image.reactivate p x
         2016-03-04 image.update p x visibility=public
         2016-03-05 image.member.create p x member=c
         2016-03-06 image.member.update c x member=c status=accepted
         2016-03-07 image.member.delete p x member=c
         2016-03-08 server.resize p x flavor=general1-1
         2016-03-09 server.rebuild p x source=base-x
         2016-03-10 server.delete p x
         2016-03-11 object.delete p x",
        "1 L14 set aside, 2 L14 set aside, 3 L14 set aside, 4 L14 set aside, 5 L14 set aside, \
         6 L14 set aside, 7 L14 set aside, 8 L14 set aside, 9 L14 set aside, 10 L14 set aside, \
         11 L14 set aside",
    ),
    fine("data is sent of what was never created", "2016-03-01 transfer.out p x bytes=1GiB"),
    found(
        "events on what has ended",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-01 server.create p s source=i flavor=general1-1
         2016-03-01 object.create p o bytes=1GiB
         2016-03-02 image.delete p i
         2016-03-02 server.delete p s
         2016-03-02 object.delete p o
         2016-03-03 image.delete p i
         2016-03-03 image.member.create p i member=c
         2016-03-03 server.resize p s flavor=general1-2
         2016-03-03 server.delete p s
         2016-03-03 object.delete p o",
        "7 L14 set aside, 8 L14 set aside, 9 L14 set aside, 10 L14 set aside, 11 L14 set aside",
    ),
    fine(
        "ends at one instant come in the order of their kinds",
        "2016-03-02 image.delete p i
         2016-03-02 server.delete p s
         2016-03-02 image.member.delete p i member=c
         2016-03-02 image.create p j source=s bytes=1GiB
         2016-03-02 server.create p s source=i flavor=general1-1
         2016-03-02 image.member.create p i member=c
         2016-03-02 image.create p i bytes=1GiB",
    ),
    found(
        "a second creation of the same id",
        "2016-03-01 image.create p i bytes=1GiB\n2016-03-02 image.create p i bytes=1GiB",
        "2 L14 set aside",
    ),
    found(
        "a creation of the id of another kind of thing, even of one that has ended",
        "2016-03-01 image.create p x bytes=1GiB
         2016-03-02 image.delete p x
         2016-03-03 server.create p x flavor=general1-1
         2016-03-03 object.create p x bytes=1GiB",
        "3 L14 set aside, 4 L14 set aside",
    ),
    found(
        "the wrong kind of event for a thing",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 server.delete p i
         2016-03-02 object.delete p i",
        "2 L14 set aside, 3 L14 set aside",
    ),
    found(
        "an answer and a farewell of somebody who is no member",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.member.update c i member=c status=accepted
         2016-03-03 image.member.delete p i member=c",
        "2 L14 set aside, 3 L14 set aside",
    ),
    fine(
        "sharing twice with the same member",
        "2016-03-01 image.create p i bytes=1GiB
         2016-03-02 image.member.create p i member=c
         2016-03-03 image.member.create p i member=c",
    ),
    found(
        "what makes no sense is told of that alone",
        "2016-03-01 image.create p i bytes=1GiB labels=confidential
         2016-03-02 image.delete p i
         2016-03-03 image.member.create c i member=c",
        "3 L14 set aside",
    ),
];

#[test]
fn l14_what_never_was_or_has_ended_has_no_events() {
    check(L14);
}

pub(super) const L15: &[Case] = &[
    fine(
        "the same event comes again",
        "2016-03-01 image.create p i bytes=1GiB id=e1
         2016-03-01 image.create p i bytes=1GiB id=e1",
    ),
    fine(
        "the same event comes again with another offset",
        "2016-03-01 image.create p i bytes=1GiB id=e1
         2016-03-01T05:30:00+05:30 image.create p i bytes=1GiB id=e1",
    ),
    found(
        "an id says something else",
        "2016-03-01 image.create p i bytes=1GiB id=e1
         2016-03-01 image.create p i bytes=2GiB id=e1",
        "2 L15 set aside",
    ),
    found(
        "an id says it of another resource",
        "2016-03-01 image.create p i bytes=1GiB id=e1
         2016-03-01 image.create p j bytes=1GiB id=e1",
        "2 L15 set aside",
    ),
    found(
        "the earlier event stands, wherever its row does",
        "2016-03-01T00:00:00.000001Z image.create p i bytes=1GiB id=e1
         2016-03-01 image.create p i bytes=1GiB id=e1",
        "1 L15 set aside",
    ),
    found(
        "each further event of the id is told",
        "2016-03-01 image.create p i bytes=1GiB id=e1
         2016-03-02 image.deactivate p i id=e1
         2016-03-03 image.deactivate p i id=e1
         2016-03-01 image.create p i bytes=1GiB id=e1",
        "2 L15 set aside, 3 L15 set aside",
    ),
    fine(
        "events without an id may say the same twice",
        "2016-03-01 transfer.out p x bytes=1GiB\n2016-03-01 transfer.out p x bytes=1GiB",
    ),
];

#[test]
fn l15_an_event_id_says_one_thing() {
    check(L15);
}
