//! L00 to L15: for each finding the smallest log that has it, and the nearest ones that have not.

mod boot;
mod copies;
mod members;
mod rows;
mod said_and_done;

use std::collections::{BTreeMap, BTreeSet};

use sharebill::world::{Enforcement, FindingCode};

use crate::consequences::log;
use crate::laws::Loaded;
use crate::support::{Texts, small_book};
use boot::{L01, L02, L05};
use copies::{L06, L07, L08, L09, L10};
use members::{L03, L04, L11, L12, L13};
use rows::{L14, L15};

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

use refused;

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
