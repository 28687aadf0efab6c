//! Servers that come and go: Poisson arrivals, each with a lifetime.
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become whole numbers")]

use rust_decimal::prelude::ToPrimitive;

use crate::project::luck::{Luck, Poisson, Purpose, Stream};
use crate::project::plan::reimages::Takes;
use crate::project::plan::sending::Days;
use crate::project::plan::{Part, Planner, Running, Stock, Tell, Thing, grown};
use crate::scenario::{Arrivals, Distribution, Fleet, MICROS_PER_HOUR};
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

/// How many lifetimes are told apart at most where everything is at its mean.
const MOST_STRATA: usize = 1 << 16;

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

    /// All servers that come, in no order.
    pub(in crate::project) fn each(
        &self,
        luck: Luck,
        purpose: Purpose,
        mut take: impl FnMut(Coming),
    ) {
        match luck {
            Luck::Mean => self.each_at_mean(take),
            Luck::Run { seed, run } => {
                for (number, segment) in (0..).zip(&self.segments) {
                    let mut counts = Stream::new(seed, run, purpose.part(2 * number));
                    let count = segment.counts.draw(&mut counts);
                    let mut stream = Stream::new(seed, run, purpose.part(2 * number + 1));
                    let length = segment.span.micros();
                    for _ in 0..count {
                        let after = stream.below(length).cast_signed();
                        let at = Instant::from_micros(segment.span.start.micros() + after);
                        let hours = stream.draw(&self.lifetime);
                        take(Coming { at: at.max(self.first_boot), life: life(hours) });
                    }
                }
            }
        }
    }

    /// Evenly, and with lifetimes that together are those of the distribution: each has the mean
    /// of its own part of it. One mean lifetime for all would be wrong wherever a month, a price
    /// or the run ends some lives and not others.
    fn each_at_mean(&self, mut take: impl FnMut(Coming)) {
        let all: f64 = self.segments.iter().map(|segment| segment.expected).sum();
        let count = (all + 0.5).floor() as usize;
        if count == 0 {
            return;
        }
        let rounds = count.div_ceil(MOST_STRATA);
        let strata = self.lifetime.strata(count.div_ceil(rounds));
        let order = scattered(strata.len());
        let (mut segments, mut before) = (self.segments.iter(), 0.0);
        let mut segment = segments.next();
        for number in 0..count {
            let due = number as f64 + 0.5;
            while let Some(now) = segment
                && due >= before + now.expected
                && segments.len() > 0
            {
                before += now.expected;
                segment = segments.next();
            }
            let Some(now) = segment else { return };
            let part = ((due - before) / now.expected).clamp(0.0, 1.0);
            let after = (part * now.span.micros() as f64) as i64;
            let at = Instant::from_micros(now.span.start.micros() + after);
            let hours = strata[order[number % order.len()]];
            take(Coming { at: at.max(self.first_boot), life: life(hours) });
        }
    }
}

/// A lifetime in hours as microseconds, of which there is at least one.
fn life(hours: f64) -> i64 {
    (hours * MICROS_PER_HOUR as f64).clamp(1.0, LONGEST_LIFE) as i64
}

/// The numbers below `count` in an order in which neighbours lie far apart (van der Corput's).
fn scattered(count: usize) -> Vec<usize> {
    let bits = count.next_power_of_two().trailing_zeros();
    let reversed = |number: usize| {
        if bits == 0 { 0 } else { number.reverse_bits() >> (usize::BITS - bits) }
    };
    (0..1_usize << bits).map(reversed).filter(|number| *number < count).collect()
}

impl Planner<'_> {
    /// How servers of a fleet come; `None` where none do.
    pub(in crate::project) fn inflow(&self, fleet: &Fleet, stocks: &[Stock]) -> Option<Inflow> {
        let arrivals = fleet.arrivals.as_ref()?;
        let first_boot = self.first_boot(fleet, stocks)?;
        Some(Inflow::new(arrivals, fleet, self.run, first_boot))
    }

    /// Tells the servers of one account that come and go.
    pub(super) fn tell_arrivals(
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
    fn at_the_mean_as_many_come_each_day_and_live_as_long_on_average() {
        let inflow = inflow(40, Distribution::lognormal_of((0.5, 36.0), (0.95, 480.0)));
        let all = all(&inflow, Luck::Mean);
        assert_eq!(all.len(), 1200);
        let mut days = [0; 30];
        for one in &all {
            let start = inflow.segments[0].span.start.micros();
            days[((one.at.micros() - start) / (24 * MICROS_PER_HOUR)) as usize] += 1;
        }
        assert_eq!(days, [40; 30]);
        let hours: f64 =
            all.iter().map(|one| one.life as f64 / MICROS_PER_HOUR as f64).sum::<f64>() / 1200.0;
        assert!((hours / inflow.lifetime.mean() - 1.0).abs() < 1e-6, "{hours}");
    }

    #[test]
    fn a_run_draws_the_same_again_and_another_run_something_else() {
        let inflow = inflow(40, Distribution::Exponential { mean: 10.0 });
        let drawn = all(&inflow, Luck::Run { seed: 1, run: 3 });
        assert_eq!(drawn, all(&inflow, Luck::Run { seed: 1, run: 3 }));
        assert_ne!(drawn, all(&inflow, Luck::Run { seed: 1, run: 4 }));
        assert!(drawn.len().abs_diff(1200) < 150, "{}", drawn.len());
    }

    #[test]
    fn scattered_numbers_are_all_there() {
        for count in [1, 2, 3, 7, 64, 100] {
            let mut all = scattered(count);
            all.sort_unstable();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
        }
        assert_eq!(scattered(8), [0, 4, 2, 6, 1, 5, 3, 7]);
    }
}
