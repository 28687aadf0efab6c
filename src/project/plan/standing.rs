//! Servers that stand there: always, or by a timetable; more or fewer from month to month;
//! replaced by new ones.

use rust_decimal::prelude::ToPrimitive;

use crate::project::plan::reimages::Takes;
use crate::project::plan::sending::Days;
use crate::project::plan::{Part, Planner, Running, Stock, Tell, Thing, grown};
use crate::scenario::{Fleet, Made, Refresh};
use crate::value::{Instant, Span};

impl Planner<'_> {
    /// Tells the servers of one account that stand there.
    pub(in crate::project) fn tell_standing(
        &self,
        part: Part<'_>,
        stocks: &[Stock],
        tell: &mut impl Tell,
    ) {
        let fleet = part.fleet;
        let slots = self.slots(fleet);
        let first_boot = self.first_boot(fleet, stocks);
        let may_boot = self.may_boot(part, stocks);
        let mut days = Days::new(self.run, fleet.transfer_out.as_ref());
        for (slot, lives) in (1..).zip(&slots) {
            if !may_boot {
                // One is tried: it tells what is wrong with all of them.
                if let Some(life) = lives.first() {
                    let refused = self.standing(part, stocks, slot, 1, *life);
                    tell.running(&Running { is_refused: true, ..refused });
                }
                return;
            }
            let mut piece = 0;
            let mut image = 0;
            for life in lives {
                let Some(life) = first_boot.and_then(|first| from(*life, first)) else { continue };
                let runs = self.runs(fleet, stocks, life);
                let mut takes = Takes::new(self, part, life, image);
                for run in &runs {
                    piece += 1;
                    let server = self.standing(part, stocks, slot, piece, *run);
                    tell.running(&server);
                    days.add(*run);
                    takes.of(&server, |number| Thing::ImageOfStanding {
                        fleet: part.place,
                        account: part.account,
                        slot,
                        number,
                    });
                }
                image = takes.tell(tell);
            }
        }
        if !slots.is_empty() && may_boot {
            days.tell(part, tell);
        }
    }

    /// For each server that stands there at some time: from when to when.
    fn slots(&self, fleet: &Fleet) -> Vec<Vec<Span>> {
        let count = fleet.count.and_then(|count| count.to_f64()).unwrap_or(0.0);
        let mut slots: Vec<Vec<Span>> = Vec::new();
        let changes = grown(fleet.growth.as_ref(), self.run);
        for (place, (start, factor)) in changes.iter().enumerate() {
            let end = changes.get(place + 1).map_or(self.run.end, |(next, _)| *next);
            // A half counts as one.
            let now = (count * factor + 0.5).floor() as usize;
            for slot in 0..now {
                match slots.get_mut(slot) {
                    None => slots.push(vec![Span { start: *start, end }]),
                    Some(lives) => match lives.last_mut() {
                        Some(last) if last.end == *start => last.end = end,
                        _ => lives.push(Span { start: *start, end }),
                    },
                }
            }
        }
        slots
    }

    /// When a server runs that stands there for a time: cut where its timetable has it off, and
    /// where it is replaced.
    fn runs(&self, fleet: &Fleet, stocks: &[Stock], life: Span) -> Vec<Span> {
        let on = match &fleet.hours {
            Some(hours) => hours.spans(life),
            None => vec![life],
        };
        let cuts: Vec<Instant> = match (&fleet.refresh, &fleet.image) {
            (Some(Refresh::OnRelease), Some(Made::Planned(image))) => {
                stocks[*image].available(fleet.region).collect()
            }
            (Some(Refresh::Every(every)), _) => every.instants(life.start, life.end).collect(),
            (Some(Refresh::OnRelease), _) | (None, _) => Vec::new(),
        };
        let mut runs = Vec::new();
        for Span { start, end } in on {
            let mut at = start;
            for cut in cuts.iter().filter(|cut| start < **cut && **cut < end) {
                runs.push(Span { start: at, end: *cut });
                at = *cut;
            }
            runs.push(Span { start: at, end });
        }
        runs
    }

    fn standing<'s>(
        &self,
        part: Part<'s>,
        stocks: &[Stock],
        slot: u32,
        piece: u32,
        span: Span,
    ) -> Running<'s> {
        let thing = Thing::Standing { fleet: part.place, account: part.account, slot, piece };
        self.server(part, stocks, thing, span)
    }

    /// A server of a fleet.
    pub(super) fn server<'s>(
        &self,
        part: Part<'s>,
        stocks: &[Stock],
        thing: Thing<'s>,
        span: Span,
    ) -> Running<'s> {
        Running {
            thing,
            account: part.account,
            region: part.fleet.region,
            source: self.source(part.fleet, stocks, span.start),
            flavor: part.fleet.flavor,
            os: part.fleet.os,
            system: self.system(part.fleet),
            is_consumer: self.is_consumer(part),
            span,
            is_refused: false,
        }
    }
}

/// The part of a span from an instant on.
fn from(span: Span, first: Instant) -> Option<Span> {
    let start = span.start.max(first);
    (start < span.end).then_some(Span { start, end: span.end })
}
