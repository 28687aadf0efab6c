//! What comes of trends, run by run: the same as [`Trend::tell`] tells, without telling it.

use crate::project::luck::Luck;
use crate::project::runs::Simulation;
use crate::project::runs::gauge::{Gauge, Stretch};
use crate::project::runs::lane::{Lane, Make};
use crate::project::trend::{Of, Trend, Trended};
use crate::value::{AccountId, Instant};

/// One account's trends, and where their usage belongs.
pub(super) struct Trends<'a> {
    trend: &'a Trend,
    all: Vec<(&'a Trended, Where)>,
}

/// Where a series' usage belongs.
enum Where {
    /// Servers: their lane, and the steps in its segments of one that runs for a whole month.
    Servers { make: Make, lane: Lane, whole: Vec<Vec<u64>> },
    /// Stored bytes: for each month, the lines and how long each of them lasts.
    Stored(Vec<Vec<(usize, u128)>>),
    /// Sent bytes: each month's line.
    Sent(Vec<usize>),
}

/// The steps that servers which were there at the start have lost in one run: of each series, by
/// month.
pub(super) struct Lost(Vec<Vec<u64>>);

impl<'a> Trends<'a> {
    pub(super) fn of(
        simulation: &Simulation<'a>,
        account: AccountId,
        gauge: &mut Gauge<'_>,
    ) -> Option<Trends<'a>> {
        let trend = simulation.trend?;
        let series = trend.accounts.get(&account)?.iter();
        let has_forecast = |trended: &&Trended| trended.forecast.is_some();
        let place = |trended: &'a Trended| {
            (trended, Where::of(simulation, account, trend, trended.of, gauge))
        };
        let all = series.filter(has_forecast).map(place).collect();
        Some(Trends { trend, all })
    }

    /// Nothing has been lost yet.
    pub(super) fn nothing_lost(&self) -> Lost {
        Lost(vec![vec![0; self.trend.months.len()]; self.all.len()])
    }

    /// Which series is of servers of a make.
    pub(super) fn place(&self, make: Make) -> Option<usize> {
        self.all.iter().position(
            |(_, place)| matches!(place, Where::Servers { make: other, .. } if *other == make),
        )
    }

    /// A server of a series that was there at the start ends.
    pub(super) fn lose(&self, place: usize, created: Instant, end: Instant, lost: &mut Lost) {
        self.trend.lose(created, end, &mut lost.0[place]);
    }

    /// Adds what comes on top in one run.
    pub(super) fn add(&self, luck: Luck, lost: &Lost, units: &mut [u128]) {
        for ((trended, to), lost) in self.all.iter().zip(&lost.0) {
            let place = trended.place(luck);
            let rest = lost
                .iter()
                .enumerate()
                .map(|(month, lost)| trended.rest(self.trend, month, place, *lost));
            to.add(self.trend, rest, units);
        }
    }
}

impl Where {
    fn of(
        simulation: &Simulation<'_>,
        account: AccountId,
        trend: &Trend,
        of: Of,
        gauge: &mut Gauge<'_>,
    ) -> Where {
        match of {
            Of::Servers { flavor, region, os } => {
                let make = (flavor, region, os);
                let lane = Lane::of(simulation, account, make, gauge);
                let whole = |month: &crate::value::Span| {
                    let mut steps = lane.nothing();
                    lane.count(month.start.micros(), *month, &mut steps);
                    steps
                };
                let whole = trend.months.iter().map(whole).collect();
                Where::Servers { make, lane, whole }
            }
            Of::Images(region) | Of::Objects(region) => {
                let stretches = gauge.stretches(of.sku(), region);
                let in_month = |month: &crate::value::Span| {
                    let lines = stretches.iter().filter_map(|stretch: &Stretch| {
                        let piece = stretch.span.intersection(*month)?;
                        Some((stretch.line, u128::from(piece.micros())))
                    });
                    lines.collect()
                };
                Where::Stored(trend.months.iter().map(in_month).collect())
            }
            Of::Sent(region) => {
                let stretches = gauge.stretches(of.sku(), region);
                let line = |month: &crate::value::Span| {
                    let after = stretches.partition_point(|s| s.span.start <= month.start);
                    stretches[after.saturating_sub(1)].line
                };
                Where::Sent(trend.months.iter().map(line).collect())
            }
        }
    }

    fn add(&self, trend: &Trend, rest: impl Iterator<Item = u64>, units: &mut [u128]) {
        match self {
            Where::Servers { lane, whole, .. } => {
                let mut steps = lane.nothing();
                for (month, rest) in rest.enumerate() {
                    let each = trend.steps(month);
                    for (steps, whole) in steps.iter_mut().zip(&whole[month]) {
                        *steps += whole * (rest / each);
                    }
                    if rest % each > 0 {
                        let created = trend.months[month].start.micros();
                        lane.count(created, trend.first_steps(month, rest % each), &mut steps);
                    }
                }
                lane.add(&steps, units);
            }
            Where::Stored(months) => {
                for (lines, bytes) in months.iter().zip(rest) {
                    for (line, micros) in lines {
                        units[*line] += u128::from(bytes) * micros;
                    }
                }
            }
            Where::Sent(months) => {
                for (line, bytes) in months.iter().zip(rest) {
                    units[*line] += u128::from(bytes);
                }
            }
        }
    }
}
