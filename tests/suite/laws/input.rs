//! The input's shape: order of rows, cuts into files, threads, repeats and offsets change nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use proptest::prelude::*;

use crate::consequences::columns;
use crate::laws::{a_world, cases, log_of, mix, texts_of, with_logs};
use crate::support::{Outputs, Texts};

/// Everything that must not depend on where rows stand: outputs, and what was found on what.
fn outcome(texts: &Texts) -> Outputs {
    let mut outputs = texts.bill();
    for (_, line, _) in &mut outputs.findings {
        *line = 0;
    }
    outputs.findings.sort();
    outputs
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn order_and_splitting_of_the_input_and_threads_change_nothing(
        (seed, enforcement) in a_world(), shuffle in any::<u64>(), file_count in 1..6_usize,
        threads in 1..9_usize,
    ) {
        let texts = texts_of(seed, enforcement);
        let (header, rows) = log_of(&texts);
        let orders = (0..).map(|place| mix(shuffle, place));
        let mut rows: Vec<(u64, String)> = orders.zip(rows).collect();
        rows.sort();
        let mut logs = vec![Vec::new(); file_count];
        for (order, row) in rows {
            logs[(order % 1009) as usize % file_count].push(row);
        }
        let shuffled = Texts { threads, ..with_logs(&texts, &header, &logs) };
        prop_assert_eq!(outcome(&shuffled), outcome(&texts));
    }

    #[test]
    fn a_row_that_comes_again_with_its_id_changes_nothing(
        (seed, enforcement) in a_world(), choice in any::<u64>(),
    ) {
        let texts = texts_of(seed, enforcement);
        let (header, rows) = log_of(&texts);
        let ids = columns(&texts.events[0].1, &["id"]);
        // Of ids that stand for two different events, the second would be told once more.
        let distinct: BTreeSet<_> = ids.iter().zip(&rows).collect();
        let meanings = |id: &String| distinct.iter().filter(|(known, _)| *known == id).count();
        let repeats = rows.iter().zip(&ids).zip(0..).filter(|((_, id), place)| {
            !id.is_empty() && meanings(id) == 1 && mix(choice, *place).is_multiple_of(3)
        });
        let mut again: Vec<String> = repeats.map(|((row, _), _)| row.clone()).collect();
        again.extend(rows);
        prop_assert_eq!(outcome(&with_logs(&texts, &header, &[again])), outcome(&texts));
    }

    #[test]
    fn times_with_other_offsets_are_the_same_instants(
        (seed, enforcement) in a_world(), choice in any::<u64>(),
    ) {
        let texts = texts_of(seed, enforcement);
        let (header, mut rows) = log_of(&texts);
        for ((row, time), place) in
            rows.iter_mut().zip(columns(&texts.events[0].1, &["time"])).zip(0..)
        {
            // From -12:00 to +14:00, in quarters of an hour.
            let offset = i32::try_from(mix(choice, place) % 105).unwrap() * 900 - 12 * 3600;
            let zone = FixedOffset::east_opt(offset).unwrap();
            let instant = DateTime::parse_from_rfc3339(&time).unwrap().with_timezone(&zone);
            *row = row.replace(&time, &instant.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        }
        prop_assert_eq!(with_logs(&texts, &header, &[rows]).bill(), texts.bill());
    }
}
