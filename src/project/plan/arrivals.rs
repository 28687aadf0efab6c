//! Servers that come and go: Poisson arrivals, each with a lifetime.
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become whole numbers")]

use rust_decimal::prelude::ToPrimitive;

use crate::project::luck::{Luck, Poisson, Purpose, Stream};
use crate::project::plan::reimages::Takes;
use crate::project::plan::sending::Days;
use crate::project::plan::{Part, Planner, Running, Stock, Tell, Thing, grown};
use crate::scenario::{Arrivals, Distribution, Fleet, LimitedMean, MICROS_PER_HOUR};
use crate::value::{Instant, Span};

/// How one account's servers of a fleet come.
#[derive(Debug, Clone)]
pub(in crate::project) struct Inflow {
    /// Spans of one rate, with how many come on average.
    segments: Vec<Segment>,
    lifetime: Distribution,
    /// Before it nothing can be booted: whoever comes earlier waits.
    first_boot: Instant,
}

#[derive(Debug, Clone)]
struct Segment {
    span: Span,
    expected: f64,
    counts: Poisson,
}

/// One server that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::project) struct Coming {
    /// When it boots.
    pub(in crate::project) at: Instant,
    /// How long it lives, in microseconds.
    pub(in crate::project) life: i64,
}

impl Coming {
    /// From when to when it runs; the end may lie after the run's.
    pub(in crate::project) fn span(self) -> Span {
        Span { start: self.at, end: Instant::from_micros(self.at.micros() + self.life) }
    }
}

/// The longest life: far past any run, and far from what does not fit.
const LONGEST_LIFE: f64 = 1e17;

impl Inflow {
    fn new(arrivals: &Arrivals, fleet: &Fleet, run: Span, first_boot: Instant) -> Inflow {
        let changes = grown(fleet.growth.as_ref(), run);
        let rate = arrivals.count.to_f64().unwrap_or(0.0) / arrivals.per.micros().max(1) as f64;
        let segment = |(place, (start, factor)): (usize, &(Instant, f64))| {
            let end = changes.get(place + 1).map_or(run.end, |(next, _)| *next);
            let span = Span { start: *start, end };
            let expected = rate * factor * span.micros() as f64;
            Segment { span, expected, counts: Poisson::new(expected) }
        };
        let segments = changes.iter().enumerate().map(segment).collect();
        Inflow { segments, lifetime: arrivals.lifetime.clone(), first_boot }
    }

    /// How long they live, in hours.
    pub(in crate::project) fn lifetime(&self) -> &Distribution {
        &self.lifetime
    }

    /// Windows of one rate, in microseconds, each with how many come on average. Nothing comes
    /// while nothing can be booted: those that wait come all at once, and are no such stream.
    pub(in crate::project) fn windows(&self) -> Vec<(i64, i64, f64)> {
        let window = |segment: &Segment| {
            let Span { start, end } = segment.span;
            (start.micros(), end.micros(), segment.expected)
        };
        self.segments.iter().map(window).collect()
    }

    /// Whether servers can be booted all the time.
    pub(in crate::project) fn never_waits(&self) -> bool {
        self.segments.first().is_none_or(|first| self.first_boot <= first.span.start)
    }

    /// All servers that come, in no order.
    pub(in crate::project) fn each(
        &self,
        luck: Luck,
        purpose: Purpose,
        mut take: impl FnMut(Coming),
    ) {
        match luck {
            Luck::Mean => self.each_at_mean(take),
            Luck::Run { seed, run } => self.comers(seed, run, purpose, |at, stream| {
                let hours = stream.draw(&self.lifetime);
                take(Coming { at: at.max(self.first_boot), life: life(hours) });
            }),
        }
    }

    /// When servers come in a run, in no order, each with the stream that its lifetime is to be
    /// drawn from next.
    pub(in crate::project) fn comers(
        &self,
        seed: u64,
        run: u64,
        purpose: Purpose,
        mut take: impl FnMut(Instant, &mut Stream),
    ) {
        for (number, segment) in (0..).zip(&self.segments) {
            let mut counts = Stream::new(seed, run, purpose.part(2 * number));
            let count = segment.counts.draw(&mut counts);
            let mut stream = Stream::new(seed, run, purpose.part(2 * number + 1));
            let length = segment.span.micros();
            for _ in 0..count {
                let after = stream.below(length).cast_signed();
                take(Instant::from_micros(segment.span.start.micros() + after), &mut stream);
            }
        }
    }

    /// Evenly: the n-th comes when n are expected to have come, and the n-th to come is the n-th
    /// to go, when so many are expected to have gone. So at every instant as many are there as on
    /// average, at the beginning as well, when the long-lived are not there yet; later on each
    /// lives for the mean of all lifetimes.
    fn each_at_mean(&self, mut take: impl FnMut(Coming)) {
        let Some(first) = self.segments.first() else { return };
        let gone = Gone::new(self, first.span.start);
        let run_end = self.segments.last().map_or(0.0, |last| gone.hours(last.span.end));
        let all_gone = gone.by(run_end);
        let (mut number, mut before, mut last_gone) = (0.5, 0.0, 0.0);
        for segment in &self.segments {
            while number < before + segment.expected {
                let part = (number - before) / segment.expected;
                let after = (part * segment.span.micros() as f64) as i64;
                let at = Instant::from_micros(segment.span.start.micros() + after);
                let stays = if number > all_gone {
                    LONGEST_LIFE / MICROS_PER_HOUR as f64
                } else {
                    last_gone = gone.when(number, last_gone, run_end);
                    last_gone - gone.hours(at)
                };
                take(Coming { at: at.max(self.first_boot), life: life(stays) });
                number += 1.0;
            }
            before += segment.expected;
        }
    }
}

/// How many servers are expected to have gone, by the time.
struct Gone {
    start: Instant,
    /// From when to when so many come in an hour, in hours from the start.
    rates: Vec<(f64, f64, f64)>,
    lives: LimitedMean,
}

impl Gone {
    fn new(inflow: &Inflow, start: Instant) -> Gone {
        let mut gone = Gone { start, rates: Vec::new(), lives: LimitedMean::new(&inflow.lifetime) };
        for Segment { span, expected, .. } in &inflow.segments {
            let (from, until) = (gone.hours(span.start), gone.hours(span.end));
            gone.rates.push((from, until, expected / (until - from)));
        }
        gone
    }

    /// Hours from the start.
    fn hours(&self, at: Instant) -> f64 {
        (at.micros() - self.start.micros()) as f64 / MICROS_PER_HOUR as f64
    }

    /// How many are expected to have gone by a time: of those that come at a rate, the integral of
    /// the lifetimes' distribution.
    fn by(&self, hours: f64) -> f64 {
        let ended = |hours: f64| if hours <= 0.0 { 0.0 } else { hours - self.lives.at(hours) };
        let part = |(from, until, rate): &(f64, f64, f64)| {
            rate * (ended(hours - from) - ended(hours - until))
        };
        self.rates.iter().map(part).sum()
    }

    /// When so many are expected to have gone: between two times.
    fn when(&self, number: f64, low: f64, high: f64) -> f64 {
        const STEPS: usize = 60;
        let (mut low, mut high) = (low, high);
        for _ in 0..STEPS {
            let middle = f64::midpoint(low, high);
            if self.by(middle) < number {
                low = middle;
            } else {
                high = middle;
            }
            // To the microsecond.
            if high - low < 1e-10 {
                break;
            }
        }
        high
    }
}

/// A lifetime in hours as microseconds, of which there is at least one.
pub(in crate::project) fn life(hours: f64) -> i64 {
    (hours * MICROS_PER_HOUR as f64).clamp(1.0, LONGEST_LIFE) as i64
}

impl Planner<'_> {
    /// How servers of a fleet come; `None` where none do.
    pub(in crate::project) fn inflow(&self, fleet: &Fleet, stocks: &[Stock]) -> Option<Inflow> {
        let arrivals = fleet.arrivals.as_ref()?;
        let first_boot = self.first_boot(fleet, stocks)?;
        Some(Inflow::new(arrivals, fleet, self.run, first_boot))
    }

    /// Tells the servers of one account that come and go.
    pub(in crate::project) fn tell_arrivals(
        &self,
        part: Part<'_>,
        stocks: &[Stock],
        luck: &Luck,
        tell: &mut impl Tell,
    ) {
        let Some(inflow) = self.inflow(part.fleet, stocks) else { return };
        let mut coming = Vec::new();
        inflow.each(*luck, self.purpose(part), |one| coming.push(one));
        coming.sort_by_key(|one| one.at);
        let may_boot = self.may_boot(part, stocks);
        let mut days = Days::new(self.run, by_server(part.fleet));
        for (number, one) in (1..).zip(&coming) {
            let span = one.span();
            if span.start >= self.run.end {
                continue;
            }
            let (fleet, account) = (part.place, part.account);
            let thing = Thing::Arrived { fleet, account, number };
            let server = self.server(part, stocks, thing, span);
            if !may_boot {
                // One is tried: it tells what is wrong with all of them.
                tell.running(&Running { is_refused: true, ..server });
                return;
            }
            tell.running(&server);
            days.add(span);
            let mut takes = Takes::new(self, part, span, 0);
            takes.of(&server, |image| Thing::ImageOfArrived {
                fleet,
                account,
                server: number,
                number: image,
            });
            takes.tell(tell);
        }
        days.tell(part, tell);
    }
}

/// What each server sends; what a fleet sends all together is told of those that stand there, or
/// here where none do.
fn by_server(fleet: &Fleet) -> Option<&crate::scenario::Sending> {
    fleet.transfer_out.as_ref().filter(|sending| sending.by_server || fleet.count.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Period;
    use rust_decimal::Decimal;

    fn inflow(count: i64, lifetime: Distribution) -> Inflow {
        let start = Instant::parse("2027-01-01T00:00:00Z").expect("an instant");
        let end = Instant::parse("2027-01-31T00:00:00Z").expect("an instant");
        let arrivals =
            Arrivals { count: Decimal::from(count), per: Period::from_hours(24), lifetime };
        let fleet = Fleet {
            name: String::new(),
            accounts: Vec::new(),
            region: 0.into(),
            image: None,
            flavor: 0.into(),
            os: None,
            count: None,
            arrivals: None,
            hours: None,
            growth: None,
            refresh: None,
            reimage: None,
            transfer_out: None,
        };
        Inflow::new(&arrivals, &fleet, Span { start, end }, start)
    }

    fn all(inflow: &Inflow, luck: Luck) -> Vec<Coming> {
        let mut all = Vec::new();
        inflow.each(luck, Purpose::of(&["test"]), |one| all.push(one));
        all
    }

    #[test]
    fn at_the_mean_as_many_come_and_are_there_as_on_average() {
        let inflow = inflow(40, Distribution::lognormal_of((0.5, 36.0), (0.95, 480.0)));
        let all = all(&inflow, Luck::Mean);
        assert_eq!(all.len(), 1200);
        let mut days = [0; 30];
        for one in &all {
            let start = inflow.segments[0].span.start.micros();
            days[((one.at.micros() - start) / (24 * MICROS_PER_HOUR)) as usize] += 1;
        }
        assert_eq!(days, [40; 30]);
        // As many are there as on average: by Monte Carlo, over the days.
        let hours = |coming: &[Coming], day: i64| -> f64 {
            let start = inflow.segments[0].span.start.micros() + day * 24 * MICROS_PER_HOUR;
            let end = start + 24 * MICROS_PER_HOUR;
            let of_one = |one: &Coming| {
                let Span { start: from, end: until } = one.span();
                (until.micros().min(end) - from.micros().max(start)).max(0)
            };
            coming.iter().map(of_one).sum::<i64>() as f64 / MICROS_PER_HOUR as f64
        };
        for day in [0, 1, 5, 15, 29] {
            let runs = 400;
            let drawn: f64 = (0..runs)
                .map(|run| {
                    let mut coming = Vec::new();
                    let luck = Luck::Run { seed: 1, run };
                    inflow.each(luck, Purpose::of(&["test"]), |one| coming.push(one));
                    hours(&coming, day)
                })
                .sum();
            let average = drawn / runs as f64;
            let at_mean = hours(&all, day);
            assert!((at_mean / average - 1.0).abs() < 0.03, "day {day}: {at_mean} {average}");
        }
    }

    #[test]
    fn a_run_draws_the_same_again_and_another_run_something_else() {
        let inflow = inflow(40, Distribution::Exponential { mean: 10.0 });
        let drawn = all(&inflow, Luck::Run { seed: 1, run: 3 });
        assert_eq!(drawn, all(&inflow, Luck::Run { seed: 1, run: 3 }));
        assert_ne!(drawn, all(&inflow, Luck::Run { seed: 1, run: 4 }));
        assert!(drawn.len().abs_diff(1200) < 150, "{}", drawn.len());
    }
}
