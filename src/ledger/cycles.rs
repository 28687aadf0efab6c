//! The cycles of one calendar, computed once and looked up after that.

use crate::value::{CycleCalendar, Instant, Span};

/// The cycles of a calendar around those that were asked for, without a gap.
#[derive(Debug)]
pub(super) struct Cycles {
    calendar: CycleCalendar,
    /// The first instants of cycles, and the end of the last one.
    bounds: Vec<Instant>,
    /// The number of the first; numbers go on from one asking to the next.
    first: i32,
    /// The place of what was asked for last.
    last: usize,
}

impl Cycles {
    pub(super) fn new(calendar: CycleCalendar) -> Cycles {
        Cycles { calendar, bounds: Vec::new(), first: 0, last: 0 }
    }

    pub(super) fn calendar(&self) -> CycleCalendar {
        self.calendar
    }

    /// The cycle that an instant lies in, and its number.
    #[inline]
    pub(super) fn at(&mut self, at: Instant) -> (i32, Span) {
        let place = self.place(at);
        self.last = place;
        let span = Span { start: self.bounds[place], end: self.bounds[place + 1] };
        (self.first + place as i32, span)
    }

    #[inline]
    fn place(&mut self, at: Instant) -> usize {
        // Events come by time: it is mostly the same cycle again.
        if let Some([start, end]) = self.bounds.get(self.last..self.last + 2)
            && (*start..*end).contains(&at)
        {
            return self.last;
        }
        self.other_place(at)
    }

    fn other_place(&mut self, at: Instant) -> usize {
        self.reach(at);
        self.bounds.partition_point(|bound| *bound <= at) - 1
    }

    /// Computes the cycles up to the one that an instant lies in.
    fn reach(&mut self, at: Instant) {
        if self.bounds.is_empty() {
            let cycle = self.calendar.cycle_at(at);
            self.bounds.extend([cycle.start(), cycle.end()]);
        }
        if at < self.bounds[0] {
            let before = Span { start: at, end: self.bounds[0] };
            let starts: Vec<Instant> =
                self.calendar.cycles_in(before).map(|cycle| cycle.start()).collect();
            self.first -= starts.len() as i32;
            self.bounds.splice(0..0, starts);
        }
        let end = self.bounds[self.bounds.len() - 1];
        if at >= end {
            let after = Span { start: end, end: Instant::from_micros(at.micros() + 1) };
            self.bounds.extend(self.calendar.cycles_in(after).map(|cycle| cycle.end()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::BillingDay;

    #[test]
    fn looked_up_cycles_are_those_of_the_calendar_and_keep_their_numbers() {
        let calendar = CycleCalendar::new(BillingDay::new(31).unwrap());
        let mut cycles = Cycles::new(calendar);
        let instant = |text| Instant::parse_date_or_instant(text).unwrap();
        let mut number_of_march = None;
        for day in [
            "2016-03-31",
            "2016-03-30",
            "2016-07-01",
            "2015-12-31",
            "2016-02-29",
            "2016-02-28",
            "1970-01-01",
            "2016-03-31",
        ] {
            let at = instant(day);
            let (number, span) = cycles.at(at);
            assert_eq!(span, calendar.cycle_at(at).span(), "{day}");
            if day == "2016-03-31" {
                assert_eq!(*number_of_march.get_or_insert(number), number);
            }
        }
        let numbers =
            ["2016-01-31", "2016-02-29", "2016-03-31"].map(|day| cycles.at(instant(day)).0);
        assert_eq!(numbers.map(|number| number - numbers[0]), [0, 1, 2]);
    }
}
