//! L00 to L15: for each finding the smallest log that has it, and the nearest ones that have not.

use std::collections::{BTreeMap, BTreeSet};

use sharebill::world::{Enforcement, FindingCode};

use crate::consequences::log;
use crate::laws::Loaded;
use crate::support::{Texts, small_book};

/// A log, and what is found in it: `row code code …`, one finding after another by row, with
/// `set aside` behind those that are not applied. Rows count from 1.
struct Case {
    what: &'static str,
    log: &'static str,
    reported: &'static str,
    enforced: &'static str,
}

/// A log in which nothing is found.
const fn fine(what: &'static str, log: &'static str) -> Case {
    Case { what, log, reported: "", enforced: "" }
}

/// A log in which the same is found, and done, under both policies.
const fn found(what: &'static str, log: &'static str, found: &'static str) -> Case {
    Case { what, log, reported: found, enforced: found }
}

/// A log that breaks a rule of sharing in one row, and nothing follows from it.
macro_rules! refused {
    ($what:literal, $log:literal, $found:literal) => {
        Case { what: $what, log: $log, reported: $found, enforced: concat!($found, " set aside") }
    };
}

fn check(cases: &[Case]) {
    for case in cases {
        let Case { what, log: lines, .. } = case;
        for (enforcement, expected) in
            [(Enforcement::Report, case.reported), (Enforcement::Enforce, case.enforced)]
        {
            let texts = Texts { enforcement, ..small_book().with_rows(&log(lines)) };
            assert_eq!(findings(&texts), expected, "{what}, {enforcement:?}");
        }
    }
}

/// What is found in texts, as [`Case`] has it; every row is accounted for.
fn findings(texts: &Texts) -> String {
    let loaded = Loaded::of(texts);
    let bill = loaded.bill();
    let unreadable: Vec<_> = loaded.rows.unreadable.iter().map(|row| &row.finding).collect();
    let mut by_row: BTreeMap<u64, String> = BTreeMap::new();
    let found = bill.findings.iter().chain(unreadable.iter().copied());
    for finding in found {
        let row = by_row.entry(finding.origin.line - 1).or_default();
        *row += &format!(" {}", finding.code.as_str());
    }
    let set_aside = bill.set_aside.iter();
    for finding in set_aside.chain(unreadable.iter().copied()) {
        let row = by_row.entry(finding.origin.line - 1).or_default();
        *row += " set aside";
    }
    let counts = bill.counts[0];
    assert_eq!(counts.set_aside, bill.set_aside.len() as u64);
    assert_eq!(
        counts.applied + counts.repeated + counts.set_aside + counts.after_end,
        loaded.rows.events.len() as u64
    );
    let rows: Vec<String> = by_row.iter().map(|(row, codes)| format!("{row}{codes}")).collect();
    rows.join(", ")
}

// ------------------------------------------------------------------------------------------- L00

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

// ------------------------------------------------------------------------------------- the tables

const L01: &[Case] = &[
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

const L02: &[Case] = &[
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

const L03: &[Case] = &[
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

const L04: &[Case] = &[
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

const L05: &[Case] = &[
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

const L06: &[Case] = &[
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

const L07: &[Case] = &[
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

// 160 GiB are 171,798,691,840 bytes.
const L08: &[Case] = &[
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

const L09: &[Case] = &[
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

const L10: &[Case] = &[
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

const L11: &[Case] = &[
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

// The run ends on April 1: 30 days before are March 2.
const L12: &[Case] = &[
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

const L13: &[Case] = &[
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

const L14: &[Case] = &[
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

const L15: &[Case] = &[
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
fn l01_only_members_boot_a_private_image() {
    check(L01);
}

#[test]
fn l02_an_image_is_booted_in_its_own_region() {
    check(L02);
}

#[test]
fn l03_only_its_owner_or_the_operator_changes_an_image() {
    check(L03);
}

#[test]
fn l04_only_the_member_itself_answers() {
    check(L04);
}

#[test]
fn l05_a_deactivated_or_deleted_image_is_not_used() {
    check(L05);
}

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

#[test]
fn l07_no_image_is_exported_with_a_barred_os_in_its_lineage() {
    check(L07);
}

#[test]
fn l08_no_image_is_imported_above_the_limit_or_of_a_barred_os() {
    check(L08);
}

#[test]
fn l09_no_image_is_taken_of_a_flavor_that_cannot_be_imaged() {
    check(L09);
}

#[test]
fn l10_a_source_is_something_that_the_input_has_created_or_the_provider_has() {
    check(L10);
}

#[test]
fn l11_what_descends_from_anothers_image_is_not_shared_on_unasked() {
    check(L11);
}

#[test]
fn l12_a_member_that_rejected_long_ago_is_told_at_the_end() {
    check(L12);
}

#[test]
fn l13_a_labelled_image_is_not_shared_as_it_is() {
    check(L13);
}

#[test]
fn l14_what_never_was_or_has_ended_has_no_events() {
    check(L14);
}

#[test]
fn l15_an_event_id_says_one_thing() {
    check(L15);
}

#[test]
fn every_finding_has_a_case_that_has_it_and_one_that_has_not() {
    let tables = [L01, L02, L03, L04, L05, L06, L07, L08, L09, L10, L11, L12, L13, L14, L15];
    // L00 stands before its rows are events: it has a test of its own.
    let codes = FindingCode::ALL.iter().filter(|code| **code != FindingCode::L00);
    assert_eq!(codes.clone().count(), tables.len());
    for (code, table) in codes.zip(tables) {
        let has_it = |case: &&Case| case.reported.contains(code.as_str());
        assert!(table.iter().any(|case| has_it(&case)), "{code:?}");
        assert!(table.iter().any(|case| case.reported.is_empty()), "{code:?}");
    }
    let whats: Vec<&str> = tables.iter().flat_map(|table| table.iter().map(|c| c.what)).collect();
    assert_eq!(whats.iter().collect::<BTreeSet<_>>().len(), whats.len(), "each case is another");
}

// ------------------------------------------------------------------------ what findings say and do

/// The messages of all findings in a log.
fn messages(lines: &str) -> Vec<String> {
    let bill = Loaded::of(&small_book().with_rows(&log(lines))).bill();
    bill.findings.into_iter().map(|finding| finding.message.to_string()).collect()
}

#[test]
fn l13_says_for_each_label_what_to_do_first_and_whom_to_write_to() {
    for (label, advice) in [
        ("confidential", "remove what is confidential"),
        ("credentials", "remove keys, passwords and tokens"),
        ("licensed", "make sure that the licence allows others to run it"),
        ("copyright", "make sure that you may pass it on"),
        ("untrusted", "check where it comes from"),
    ] {
        let told = messages(&format!(
            "2016-03-01 image.create p i bytes=1GiB labels=golden;{label}
             2016-03-02 image.member.create p i member=c"
        ));
        assert_eq!(
            told,
            [format!(
                "image `i` is labelled {label}: {advice} before it is shared; if it was shared in \
                 error or with ill intent, write to abuse@cloud.example"
            )]
        );
    }
}

#[test]
fn l13_names_no_contact_where_the_book_has_none() {
    let mut texts = small_book()
        .with_rows(&log("2016-03-01 image.create p i bytes=1GiB labels=untrusted
         2016-03-02 image.member.create p i member=c"));
    texts.book_toml = texts.book_toml.replace("contact = \"abuse@cloud.example\"", "");
    let findings = Loaded::of(&texts).bill().findings;
    assert!(findings[0].message.ends_with("check where it comes from before it is shared"));
}

#[test]
fn l01_names_both_accounts_and_the_image() {
    let told = messages(
        "2016-03-01 image.create producer golden bytes=1GiB
         2016-03-02 server.create consumer web source=golden flavor=general1-1",
    );
    assert!(
        ["consumer", "producer", "golden"].iter().all(|name| told[0].contains(name)),
        "{told:?}"
    );
}

#[test]
fn l14_says_as_what_an_id_was_created_before() {
    for (first, kind) in [
        ("image.create p x bytes=1GiB", "an image"),
        ("server.create p x source=base-linux flavor=general1-1", "a server"),
        ("object.create p x bytes=1GiB", "an object"),
    ] {
        let told = messages(&format!("2016-03-01 {first}\n2016-03-02 image.create p x bytes=1GiB"));
        assert_eq!(told, [format!("`x` was created before, as {kind}")]);
    }
}

#[test]
fn l10_is_applied_with_no_ancestor() {
    let texts =
        small_book().with_rows(&log("2016-03-01 server.create c s source=golden flavor=general1-1
         2016-03-02 image.create p golden bytes=1GiB os=windows
         2016-03-02 image.member.create p golden member=c"));
    let outputs = texts.bill();
    // It pays no Windows licence, and counts as a server of its own.
    let told = ["account", "sku", "source_image", "role"];
    let of_server = crate::consequences::columns(&outputs.allocations, &told);
    assert_eq!(
        of_server,
        [
            "c server:general1-1  own-server",
            "c support:infra  own-server",
            "p image.storage  producer-storage",
        ]
    );
}

#[test]
fn l15_the_same_content_is_dropped_and_counted() {
    for again in [0, 1, 3] {
        let row = "2016-03-01 transfer.out p x bytes=1GiB id=e1\n";
        let loaded = Loaded::of(&small_book().with_rows(&log(&row.repeat(1 + again))));
        let bill = loaded.bill();
        assert_eq!(bill.counts[0].repeated, again as u64);
        assert_eq!((bill.counts[0].applied, bill.charges.len()), (1, 1));
        // 1 GiB × 0.12, once.
        assert_eq!(bill.statements[0].total.to_string(), "0.12");
    }
}

#[test]
fn what_is_refused_under_enforce_costs_nothing_and_is_paid_under_report() {
    let lines = "2016-03-01 image.create p i bytes=10GiB
                 2016-03-11 server.create c s source=i flavor=general1-1
                 2016-03-21 server.delete c s";
    let texts = small_book().with_rows(&log(lines));
    // 240 h × 0.032 = 7.68, 240 × 0.005 = 1.20.
    assert_eq!(
        crate::consequences::paid(&texts.bill()),
        ["c 2016-03 servers=7.68 support=1.20 total=8.88", "p 2016-03 storage=1.00 total=1.00",]
    );
    let enforced = Texts { enforcement: Enforcement::Enforce, ..texts };
    assert_eq!(crate::consequences::paid(&enforced.bill()), ["p 2016-03 storage=1.00 total=1.00"]);
    // The deletion of a server that never was makes no sense any more.
    assert_eq!(findings(&enforced), "2 L01 set aside, 3 L14 set aside");
}

#[test]
fn what_happens_at_the_end_of_the_run_or_later_is_not_looked_at() {
    let lines = "2016-03-01 image.create p i bytes=1GiB
                 2016-03-31T23:59:59.999999Z server.delete p before
                 2016-04-01 server.delete p at-the-end
                 2016-04-02 server.delete p after";
    let mut texts = small_book().with_rows(&log(lines));
    texts.end = Some("2016-04-01".to_owned());
    assert_eq!(findings(&texts), "2 L14 set aside");
    let counts = Loaded::of(&texts).bill().counts[0];
    assert_eq!((counts.applied, counts.set_aside, counts.after_end), (1, 1, 2));
}
