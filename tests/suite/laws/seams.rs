//! The seams between layers: usage and charges of parts are those of the whole.

use proptest::prelude::*;

use sharebill::meter::{Usage, measure};
use sharebill::price;
use sharebill::value::ResourceId;
use sharebill::world::History;

use crate::laws::{Loaded, a_world, cases, mix, texts_of};

/// The part of a history that is about these resources.
fn part_of(history: &History, is_in: impl Fn(ResourceId) -> bool) -> History {
    History {
        storage: history.storage.iter().filter(|s| is_in(s.resource)).copied().collect(),
        servers: history.servers.iter().filter(|s| is_in(s.server)).copied().collect(),
        transfers: history.transfers.iter().filter(|t| is_in(t.resource)).copied().collect(),
        ..History::default()
    }
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn usage_measured_apart_by_resource_adds_up_in_any_order(
        (seed, enforcement) in a_world(), choice in any::<u64>(), part_count in 1..5_u64,
        backwards in any::<bool>(),
    ) {
        let loaded = Loaded::of(&texts_of(seed, enforcement));
        let (history, context, _) = loaded.lived();
        let part_of_resource = |id: ResourceId| mix(choice, u64::from(u32::from(id))) % part_count;
        let mut parts: Vec<History> = (0..part_count)
            .map(|part| part_of(&history, |resource| part_of_resource(resource) == part))
            .collect();
        if backwards {
            parts.reverse();
        }
        let mut usage = Usage::default();
        for part in &parts {
            usage.absorb(measure(part, &context).unwrap()).unwrap();
        }
        prop_assert_eq!(usage, measure(&history, &context).unwrap());
    }

    #[test]
    fn charges_of_some_accounts_are_those_of_all_restricted_to_them(
        (seed, enforcement) in a_world(), choice in any::<u64>(),
    ) {
        let loaded = Loaded::of(&texts_of(seed, enforcement));
        let (history, context, pricing) = loaded.lived();
        let usage = measure(&history, &context).unwrap();
        let is_in = |account| mix(choice, u64::from(u32::from(account))).is_multiple_of(2);
        let mut restricted = Usage::default();
        for (key, line) in usage.in_order() {
            for (cause, units) in line.causes_in_order() {
                if is_in(key.account) {
                    restricted.add(key, cause, units).unwrap();
                }
            }
        }
        let mut expected = price::charges(&usage, &pricing).unwrap();
        expected.retain(|charge| is_in(charge.account));
        prop_assert_eq!(price::charges(&restricted, &pricing).unwrap(), expected);
    }
}
