//! Data that fleets send out of their region (R6).

use crate::project::plan::{Part, Sent, Tell, Thing};
use crate::scenario::{Interval, Sending};
use crate::value::{Instant, MICROS_PER_DAY, MICROS_PER_SECOND, Span};

/// What one account's servers of a fleet send: by the time they run, day by day; or all together.
pub(in crate::project) struct Days<'a> {
    run: Span,
    sending: Option<&'a Sending>,
    /// The microseconds that servers ran on each day of the run.
    ran: Vec<u128>,
}

impl<'a> Days<'a> {
    pub(in crate::project) fn new(run: Span, sending: Option<&'a Sending>) -> Days<'a> {
        let by_server = sending.is_some_and(|sending| sending.by_server);
        let count =
            if by_server { run.micros().div_ceil(MICROS_PER_DAY.unsigned_abs()) } else { 0 };
        Days { run, sending, ran: vec![0; count as usize] }
    }

    /// Whether it matters how long servers run.
    pub(in crate::project) fn counts(&self) -> bool {
        !self.ran.is_empty()
    }

    /// A server ran.
    pub(in crate::project) fn add(&mut self, ran: Span) {
        let Some(ran) = ran.intersection(self.run).filter(|_| self.counts()) else { return };
        let day = |at: Instant| (at.micros() - self.run.start.micros()) / MICROS_PER_DAY;
        let last = Instant::from_micros(ran.end.micros() - 1);
        for day in day(ran.start)..=day(last) {
            let of_day = self.day(day);
            if let Some(part) = of_day.intersection(ran) {
                self.ran[day as usize] += u128::from(part.micros());
            }
        }
    }

    fn day(&self, number: i64) -> Span {
        let start = Instant::from_micros(self.run.start.micros() + number * MICROS_PER_DAY);
        let end = Instant::from_micros(start.micros() + MICROS_PER_DAY).min(self.run.end);
        Span { start, end }
    }

    /// Tells what is sent: each day's in its last second, or each interval's at its start.
    pub(in crate::project) fn tell(&self, part: Part<'_>, tell: &mut impl Tell) {
        let Some(sending) = self.sending else { return };
        let mut send = |bytes: u64, at: Instant| {
            if bytes > 0 {
                let thing = Thing::Data { fleet: part.place, account: part.account };
                let (account, region) = (part.account, part.fleet.region);
                tell.sent(&Sent { thing, account, region, bytes, at });
            }
        };
        match sending.per {
            Interval::Clock(per) if sending.by_server => {
                let per = u128::from(per.micros().unsigned_abs()).max(1);
                for (number, ran) in (0..).zip(&self.ran) {
                    let end = self.day(number).end.micros() - MICROS_PER_SECOND;
                    let at = Instant::from_micros(end).max(self.day(number).start);
                    let bytes = (u128::from(sending.bytes) * ran + per / 2) / per;
                    send(u64::try_from(bytes).unwrap_or(u64::MAX), at);
                }
            }
            per => {
                for at in per.instants(self.run.start, self.run.end) {
                    send(sending.bytes, at);
                }
            }
        }
    }
}
