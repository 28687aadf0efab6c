//! Parts of several batches as one batch.

use std::ops::Range;

use crate::event::{Batch, compare};
use crate::value::{Instant, Names};

/// A batch that is made of others, over and over.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) batch: Batch,
    order: Vec<Place>,
}

/// When an event is, of which part, and where in the batch of that one.
type Place = (Instant, u32, u32);

impl Merged {
    /// Makes it anew of parts that are each in order. Also its texts are in the order of its events,
    /// as those of a log are: what they lead to can be fetched in time.
    pub(super) fn fill(&mut self, parts: &[(&Batch, Range<usize>)], names: &Names) {
        self.order.clear();
        for ((batch, range), part) in parts.iter().zip(0..) {
            let events = batch.events[range.clone()].iter().zip(range.start as u32..);
            self.order.extend(events.map(|(event, place)| (event.time, part, place)));
        }
        let event = |place: &Place| {
            let batch = parts[place.1 as usize].0;
            (&batch.events[place.2 as usize], batch)
        };
        // A stable sort makes use of what is in order.
        self.order.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| compare(event(a), event(b), names)));
        self.batch.clear();
        for place in &self.order {
            let (event, batch) = event(place);
            self.batch.append_one(batch, event);
        }
    }
}
