//! Lanes cut anywhere give one order; what comes too late is told; what is sorted on disk comes
//! out the same.

use std::collections::VecDeque;
use std::convert::Infallible;

use super::*;
use crate::event::{Action, Event, Origin};
use crate::scratch::Scratch;
use crate::value::{EventId, ResourceId};

/// Batches of lanes; a lane opens at its first event where that is known.
struct Given {
    lanes: Vec<VecDeque<Batch>>,
    opens: Vec<Option<Instant>>,
}

impl Lanes for Given {
    type Error = Infallible;

    fn count(&self) -> usize {
        self.lanes.len()
    }

    fn opens_at(&self, lane: usize) -> Option<Instant> {
        self.opens[lane]
    }

    fn next(&mut self, lane: usize) -> Result<Option<Batch>, Infallible> {
        Ok(self.lanes[lane].pop_front())
    }
}

/// A well mixed number.
fn mixed(number: u64) -> u64 {
    let bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 7
}

/// Events at these times, each with a resource and an id of its own.
pub(super) fn batch(lane: u32, times: &[i64]) -> Batch {
    let mut batch = Batch::default();
    for (line, time) in times.iter().enumerate() {
        let image = ResourceId::from(batch.resources.push(&format!("i{}", mixed(*time as u64))));
        let id = EventId::from(batch.ids.push(&format!("{lane}-{line}-{time}")));
        let origin = Origin { input: lane, line: line as u64, record: 0 };
        let time = Instant::from_micros(*time);
        let action = Action::ImageDelete { image };
        batch.events.push(Event { time, actor: None, id: Some(id), action, origin });
    }
    batch.sort(&Names::default());
    batch
}

/// The ids of the events in the order in which they are passed on.
fn passed<L: Lanes>(lanes: L) -> Result<Vec<String>, TimelineError<L::Error>> {
    let names = Names::default();
    let mut timeline = Timeline::new(lanes, &names);
    let mut ids = Vec::new();
    let mut take = |batch: &Batch, range: Range<usize>| {
        ids.extend(batch.events[range].iter().filter_map(|e| Some(batch.id(e.id?).to_owned())));
        Ok::<(), TimelineError<L::Error>>(())
    };
    while timeline.pass(&mut take)? {}
    Ok(ids)
}

/// Times with many ties, ascending.
fn times(seed: u64, count: usize) -> Vec<i64> {
    let mut times: Vec<i64> =
        (0..count as u64).map(|n| (mixed(seed * 1000 + n) % 97) as i64).collect();
    times.sort_unstable();
    times
}

#[test]
fn lanes_cut_anywhere_give_one_order() {
    let lanes: Vec<Vec<i64>> = (0..4).map(|lane| times(lane, 120)).collect();
    let whole = |lane: usize| VecDeque::from([batch(lane as u32, &lanes[lane])]);
    let expected = passed(Given { lanes: (0..4).map(whole).collect(), opens: vec![None; 4] });
    let expected = expected.unwrap();
    assert_eq!(expected.len(), 480);
    for cut in [1, 2, 3, 7, 50, 119] {
        for knows_its_start in [false, true] {
            let cut_lanes = lanes.iter().zip(0..).map(|(times, lane)| {
                // Ids have to be those of the whole lane.
                let whole = batch(lane, times);
                let pieces = whole.events.chunks(cut).map(|events| {
                    let mut piece = Batch::default();
                    events.iter().for_each(|event| piece.append_one(&whole, event));
                    piece
                });
                pieces.collect::<VecDeque<Batch>>()
            });
            let opens = |lane: &Vec<i64>| knows_its_start.then(|| Instant::from_micros(lane[0]));
            let opens = lanes.iter().map(opens).collect();
            let given = Given { lanes: cut_lanes.collect(), opens };
            assert_eq!(passed(given).unwrap(), expected, "cut by {cut}");
        }
    }
}

#[test]
fn an_event_may_come_late_by_a_batch_and_no_more() {
    let lane = |batches: &[&[i64]]| {
        let batches = batches.iter().zip(0..).map(|(times, number)| batch(number, times));
        Given { lanes: vec![batches.collect()], opens: vec![None] }
    };
    let late = passed(lane(&[&[1, 5, 9], &[3, 8, 12], &[13]])).unwrap();
    assert_eq!(late, ["0-0-1", "1-0-3", "0-1-5", "1-1-8", "0-2-9", "1-2-12", "2-0-13"]);
    let too_late = passed(lane(&[&[1, 5], &[6, 7], &[8, 9], &[2]]));
    assert_eq!(too_late, Err(TimelineError::Unsorted));
}

#[test]
fn many_batches_of_one_time_are_made_one() {
    let batches: Vec<Batch> = (0..300).map(|number| batch(number, &[5, 5])).collect();
    let mut later = batches.clone();
    later.push(batch(300, &[6]));
    let whole = passed(InMemory::new(
        [later.iter().fold(Batch::default(), |mut all, batch| {
            all.append(batch, 0..batch.events.len());
            all
        })],
        &Names::default(),
    ));
    let given = Given { lanes: vec![later.into()], opens: vec![None] };
    let told = passed(given).unwrap();
    assert_eq!(told, whole.unwrap());
    assert_eq!((told.len(), told[600].as_str()), (601, "300-0-6"));
}

#[test]
fn a_sorter_gives_the_same_from_memory_and_from_disk() {
    let names = Names::default();
    let batches = || {
        (0..30).map(|number| {
            let times: Vec<i64> =
                (0..400).map(|n| (mixed(number * 500 + n) % 5_000) as i64).collect();
            batch(number as u32, &times)
        })
    };
    let whole = passed(InMemory::new(batches(), &names)).unwrap();
    assert_eq!(whole.len(), 12_000);
    // A run of some, of thousands, which are several blocks, and none.
    for budget in [0, 20_000, 1_000_000, usize::MAX] {
        let mut sorter = Sorter::new(Scratch::default(), budget);
        for batch in batches() {
            sorter.take(&batch, &names).unwrap();
        }
        let sorted = sorter.finish(&names).unwrap();
        assert_eq!(passed(sorted).unwrap(), whole, "with {budget} bytes");
    }
}
