//! Policies: enforcing never charges more than reporting, where nothing is kept from ending.

use std::collections::BTreeMap;

use num_rational::BigRational;
use proptest::prelude::*;

use sharebill::world::Enforcement;

use crate::consequences::{columns, log};
use crate::laws::{DAY, at, cases, number, sum};
use crate::support::{Outputs, Texts, small_book};

/// One thing that somebody does: what, who, with which earlier resource, to whom.
type Deed = (u8, u8, usize, u8);

/// A log of deeds, of which many are not allowed. Nothing ends but servers, and nothing is
/// rebuilt: where enforcing refuses to end something, it lives on and costs more.
fn deeds(deeds: &[Deed]) -> String {
    let (mut images, mut servers, mut lines) = (vec!["i".to_owned()], Vec::new(), String::new());
    lines += "2016-03-01 image.create a0 i bytes=9GiB\n";
    for (number, (what, who, which, whom)) in (1..).zip(deeds) {
        let region = if whom % 3 == 0 { "IAD" } else { "DFW" };
        let image = images[which % images.len()].clone();
        let server = servers.get(which % servers.len().max(1)).cloned();
        let deed = match (what % 8, server) {
            (0, _) => format!("image.create a{who} i{number} bytes={number}GiB region={region}"),
            (1, _) => format!("image.member.create a{who} {image} member=a{whom}"),
            (2, _) => format!("image.deactivate a{who} {image}"),
            (3, _) => format!("image.create a{who} i{number} bytes={number}GiB source={image}"),
            (4, _) => format!("object.create a{who} o{number} bytes={number}GiB source={image}"),
            (5, Some(server)) => {
                format!("image.create a{who} i{number} bytes={number}GiB source={server}")
            }
            (6, Some(server)) => format!("server.delete a{who} {server}"),
            _ => {
                let flavor = if whom % 2 == 0 { "general1-1" } else { "memory1-15" };
                format!(
                    "server.create a{who} s{number} source={image} flavor={flavor} region={region}"
                )
            }
        };
        if deed.starts_with("image.create") {
            images.push(format!("i{number}"));
        } else if deed.starts_with("server.create") {
            servers.push(format!("s{number}"));
        }
        lines += &format!("{} {deed}\n", at(number * DAY));
    }
    lines
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn enforcing_never_charges_more_than_reporting_where_nothing_is_kept_from_ending(
        done in prop::collection::vec((any::<u8>(), 0..3_u8, 0..30_usize, 0..3_u8), 1..28),
    ) {
        let texts = small_book().with_rows(&log(&deeds(&done)));
        let enforced = Texts { enforcement: Enforcement::Enforce, ..texts.clone() }.bill();
        let quantities = |outputs: &Outputs| -> BTreeMap<String, BigRational> {
            let keys = columns(&outputs.charges, &["account", "sku", "cycle_start", "tier_from"]);
            let numbers = columns(&outputs.charges, &["quantity"]);
            keys.into_iter().zip(numbers.iter().map(|text| number(text))).collect()
        };
        let reported = texts.bill();
        let at_most = quantities(&reported);
        for (key, quantity) in quantities(&enforced) {
            prop_assert!(at_most.get(&key).is_some_and(|most| quantity <= *most), "{}", key);
        }
        let total = |outputs: &Outputs| sum(columns(&outputs.statements, &["total"]));
        prop_assert!(total(&enforced) <= total(&reported));
    }
}
