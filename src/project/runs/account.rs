//! One account, run by run.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::bill::BillError;
use crate::price::Pricing;
use crate::project::attrition::{Leaving, Living};
use crate::project::luck::{Luck, Purpose};
use crate::project::plan::{Inflow, Part, Planner, Stock};
use crate::project::runs::columns::{Block, Columns};
use crate::project::runs::gauge::Gauge;
use crate::project::runs::lane::{Lane, Make};
use crate::project::runs::quick::Quick;
use crate::project::runs::summed::{Lines, Same, Summed, Sums};
use crate::project::runs::threads::in_parts;
use crate::project::runs::trended::{Lost, Trends};
use crate::project::runs::variants::{Differs, Variants};
use crate::project::runs::{Simulation, cycles_of};
use crate::project::usage::Spans;
use crate::scenario::{Made, Scenario};
use crate::value::{AccountId, Overflow, Span};

/// One account's runs.
pub(super) struct Desk<'a> {
    simulation: &'a Simulation<'a>,
    variants: &'a Variants<'a>,
    sums: &'a Sums,
    account: AccountId,
    /// The fleets that it has servers of, as planned.
    fleets: Vec<usize>,
    /// The images that it boots or owns, as planned.
    images: Vec<usize>,
}

/// What one account does in one scenario: what is certain, and what comes and goes.
struct Doing<'a> {
    /// Base units of what is certain, by line.
    certain: Vec<u128>,
    /// The part of it that servers are which stand there, by the place of their fleet.
    standing: Vec<(usize, Arc<Lines>)>,
    flows: Vec<Arc<Flow>>,
    /// Fleets whose servers are followed one by one: images are taken of them, or they send.
    followed: Vec<Part<'a>>,
    stocks: Vec<Stock>,
    planner: Planner<'a>,
}

/// A run whose scenario is another than the one that is planned.
#[derive(Clone, Copy)]
struct Draw<'d, 'a> {
    number: u32,
    differs: &'d Differs,
    planned: &'d Doing<'a>,
}

/// Servers of one make that were there before: each with what the chance of its end is for.
struct Leavers<'a> {
    of: &'a Leaving,
    servers: Vec<(&'a Living, Purpose)>,
    lane: Lane,
    /// Which of the account's trends is of such servers.
    trend: Option<usize>,
}

/// Servers of one fleet that come and go, of which nothing matters but the steps they use.
struct Flow {
    /// The fleet's place in the scenario.
    place: usize,
    inflow: Inflow,
    /// The same, summed by class; `None` where each is drawn.
    summed: Option<Arc<Summed>>,
    /// A quicker way to draw each; `None` where there is none.
    quick: Option<Quick>,
    purpose: Purpose,
    lane: Lane,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        simulation: &'a Simulation<'a>,
        variants: &'a Variants<'a>,
        sums: &'a Sums,
        account: AccountId,
    ) -> Desk<'a> {
        let Scenario { fleets, images, .. } = simulation.scenario;
        let is_mine = |place: &usize| fleets[*place].accounts.contains(&account);
        let mine: Vec<usize> = (0..fleets.len()).filter(is_mine).collect();
        let boots = |place: usize| {
            mine.iter().any(|fleet| fleets[*fleet].image == Some(Made::Planned(place)))
        };
        let concerns = |place: &usize| images[*place].owner == account || boots(*place);
        let images = (0..images.len()).filter(concerns).collect();
        Desk { simulation, variants, sums, account, fleets: mine, images }
    }

    /// What the account pays in every run.
    pub(super) fn simulate(&self) -> Result<Columns, BillError> {
        let Simulation { runs, threads, book, .. } = *self.simulation;
        let cycles = cycles_of(self.simulation, self.account);
        let digits = book.currency.minor_digits();
        let mut columns = Columns::new(cycles, runs as usize, digits);
        let some = |part: Range<usize>| {
            let block = self.some(part.start as u32, part.end as u32);
            block.map(|block| (part.start, block))
        };
        for part in in_parts(runs as usize, threads, some) {
            let (start, block) = part?;
            columns.put(start, &block);
        }
        Ok(columns)
    }

    /// Some runs, one after the other.
    fn some(&self, start: u32, end: u32) -> Result<Block, BillError> {
        let Simulation { accounts, run, seed, allow_unpriced, .. } = *self.simulation;
        let (scenario, book) = self.variants.base();
        let cycles = cycles_of(self.simulation, self.account);
        let mut block = Block::new(cycles.len(), (end - start) as usize);
        let mut gauge = Gauge::new(book, accounts, self.account, run, cycles);
        let trends = Trends::of(self.simulation, self.account, &mut gauge);
        let leavers = self.leavers(trends.as_ref(), &mut gauge);
        let planned = self.doing(scenario, None, &mut gauge)?;
        let mut units = Vec::new();
        for number in start..end {
            let (drawn, prices) = self.variants.of(number);
            units.clear();
            let other;
            let differs = self.variants.differs(number);
            let doing = match differs.filter(|differs| !self.does_as_planned(differs)) {
                None => {
                    units.extend_from_slice(&planned.certain);
                    &planned
                }
                Some(differs) if self.stands_differently(differs, drawn) => {
                    units.extend_from_slice(&planned.certain);
                    self.stand(drawn, (number, differs), &planned, &mut gauge, &mut units)?;
                    &planned
                }
                Some(differs) => {
                    let run = Draw { number, differs, planned: &planned };
                    other = self.doing(drawn, Some(run), &mut gauge)?;
                    units.extend_from_slice(&other.certain);
                    &other
                }
            };
            let luck = Luck::Run { seed, run: u64::from(number) };
            self.come_and_go(doing, luck, &mut gauge, &mut units)?;
            let lost = self.leave(&leavers, trends.as_ref(), luck, &mut units);
            if let (Some(trends), Some(lost)) = (&trends, lost) {
                trends.add(luck, &lost, &mut units);
            }
            let pricing = Pricing { book: prices, accounts, run, allow_unpriced };
            gauge.price(&units, &pricing, (number - start) as usize, &mut block)?;
        }
        Ok(block)
    }

    /// Whether a run's scenario is what is planned, as far as this account's usage goes.
    fn does_as_planned(&self, differs: &Differs) -> bool {
        let concerns = |mine: &[usize], other: &[usize]| mine.iter().any(|n| other.contains(n));
        !differs.owners
            && !concerns(&self.fleets, &differs.fleets)
            && !concerns(&self.images, &differs.images)
    }

    /// Whether nothing of this account is otherwise in a run than servers that stand there.
    fn stands_differently(&self, differs: &Differs, drawn: &Scenario) -> bool {
        let planned = self.simulation.scenario;
        let comes = |place: &usize| {
            planned.fleets[*place].arrivals.is_some() || drawn.fleets[*place].arrivals.is_some()
        };
        let mine = self.fleets.iter().filter(|place| differs.fleets.contains(place));
        differs.images.is_empty() && !differs.owners && !mine.into_iter().any(comes)
    }

    /// Puts the servers that stand there in a run in the place of those that are planned to.
    fn stand(
        &self,
        drawn: &'a Scenario,
        (number, differs): (u32, &Differs),
        planned: &Doing<'a>,
        gauge: &mut Gauge<'_>,
        units: &mut Vec<u128>,
    ) -> Result<(), Overflow> {
        let planner = self.planner(drawn);
        for (place, lines) in &planned.standing {
            if differs.fleets.contains(place) {
                let fleet = &drawn.fleets[*place];
                let part = Part { place: *place, fleet, account: self.account };
                let now = self.standing(&planner, part, &planned.stocks, Some(number), gauge)?;
                gauge.add_lines(units, &now);
                gauge.take_lines(units, lines);
            }
        }
        Ok(())
    }

    fn planner(&self, scenario: &'a Scenario) -> Planner<'a> {
        let Simulation { book, run, enforcement, names, .. } = *self.simulation;
        Planner { scenario, book, run, enforcement, names }
    }

    /// What the account does in a scenario: in a run's, where that is another than what is planned.
    fn doing(
        &self,
        scenario: &'a Scenario,
        run: Option<Draw<'_, 'a>>,
        gauge: &mut Gauge<'_>,
    ) -> Result<Doing<'a>, Overflow> {
        let planner = self.planner(scenario);
        let stocks = planner.stocks();
        let mut certain = gauge.nothing();
        let mut spans = Spans::of(self.account);
        planner.tell_images(self.account, &stocks, &mut spans);
        gauge.add(&mut certain, &gauge.usage(&spans)?);
        let before = self.simulation.before;
        if let Some(before) = before.and_then(|before| before.usage.get(&self.account)) {
            gauge.add(&mut certain, before);
        }
        let (mut flows, mut followed, mut all_standing) = (Vec::new(), Vec::new(), Vec::new());
        for part in self.parts(scenario, run) {
            // What varies elsewhere changes nothing here.
            let drawn = run.filter(|run| {
                !run.differs.images.is_empty() || run.differs.fleets.contains(&part.place)
            });
            let number = drawn.map(|run| run.number);
            let standing = self.standing(&planner, part, &stocks, number, gauge)?;
            gauge.add_lines(&mut certain, &standing);
            all_standing.push((part.place, standing));
            let known = run
                .filter(|_| drawn.is_none())
                .and_then(|run| run.planned.flows.iter().find(|flow| flow.place == part.place));
            if let Some(flow) = known {
                flows.push(Arc::clone(flow));
                continue;
            }
            let Some(inflow) = planner.inflow(part.fleet, &stocks) else { continue };
            if !planner.may_boot(part, &stocks) {
                continue;
            }
            if part.fleet.reimage.is_some() || part.fleet.transfer_out.is_some() {
                followed.push(part);
                continue;
            }
            flows.push(Arc::new(self.flow(&planner, part, inflow, number.is_none(), gauge)));
        }
        certain.resize(gauge.nothing().len(), 0);
        Ok(Doing { certain, standing: all_standing, flows, followed, stocks, planner })
    }

    /// The fleets of a scenario that it has servers of.
    fn parts(&self, scenario: &'a Scenario, run: Option<Draw<'_, 'a>>) -> Vec<Part<'a>> {
        let part =
            |place: usize| Part { place, fleet: &scenario.fleets[place], account: self.account };
        if run.is_some_and(|run| run.differs.owners) {
            let is_mine = |part: &Part<'_>| part.fleet.accounts.contains(&self.account);
            return (0..scenario.fleets.len()).map(part).filter(is_mine).collect();
        }
        self.fleets.iter().map(|place| part(*place)).collect()
    }

    /// The usage of servers that stand there; worked out once for all accounts that have the same.
    fn standing(
        &self,
        planner: &Planner<'_>,
        part: Part<'_>,
        stocks: &[Stock],
        run: Option<u32>,
        gauge: &Gauge<'_>,
    ) -> Result<Arc<Lines>, Overflow> {
        let details = self.simulation.accounts.get(self.account);
        let same = Same {
            fleet: part.place,
            run,
            billing_day: details.billing_day,
            level: details.level,
            may_boot: planner.may_boot(part, stocks),
        };
        if let Some(usage) = self.sums.standing(&same) {
            return Ok(usage);
        }
        let mut spans = Spans::of(self.account);
        planner.tell_standing(part, stocks, &mut spans);
        Ok(self.sums.keep_standing(same, &gauge.usage(&spans)?))
    }

    /// How a fleet's servers come and go.
    fn flow(
        &self,
        planner: &Planner<'_>,
        part: Part<'_>,
        inflow: Inflow,
        is_planned: bool,
        gauge: &mut Gauge<'_>,
    ) -> Flow {
        let purpose = planner.purpose(part);
        let make = (part.fleet.flavor, part.fleet.region, planner.system(part.fleet));
        let lane = Lane::of(self.simulation, self.account, make, gauge);
        let summed = if is_planned && inflow.never_waits() && !self.simulation.one_by_one {
            self.sums.of(part.place, &inflow, &lane.bounds, lane.step)
        } else {
            None
        };
        // What is only for one run is not worth a table.
        let quick = if is_planned { Quick::new(&inflow, &lane) } else { None };
        Flow { place: part.place, inflow, summed, quick, purpose, lane }
    }

    /// Adds what comes and goes in one run.
    fn come_and_go(
        &self,
        doing: &Doing<'_>,
        luck: Luck,
        gauge: &mut Gauge<'_>,
        units: &mut Vec<u128>,
    ) -> Result<(), Overflow> {
        let mut steps = Vec::new();
        for flow in &doing.flows {
            steps.clear();
            steps.resize(flow.lane.bounds.len() - 1, 0_u64);
            flow.run(luck, &mut steps);
            flow.lane.add(&steps, units);
        }
        if !doing.followed.is_empty() {
            let mut spans = Spans::of(self.account);
            for part in &doing.followed {
                doing.planner.tell_arrivals(*part, &doing.stocks, &luck, &mut spans);
            }
            gauge.add(units, &gauge.usage(&spans)?);
        }
        Ok(())
    }
}

impl Flow {
    /// Adds the steps of all that come and go in a run.
    fn run(&self, luck: Luck, steps: &mut [u64]) {
        match (&self.summed, &self.quick, luck) {
            (Some(summed), _, Luck::Run { seed, run }) => {
                let passes = |coming, steps: &mut [u64]| self.lane.run(coming, steps);
                summed.run(seed, run, self.purpose, steps, passes);
            }
            (None, Some(quick), Luck::Run { seed, run }) => {
                quick.run(&self.inflow, &self.lane, (seed, run), self.purpose, steps);
            }
            _ => {
                let take = |coming| self.lane.run(coming, steps);
                self.inflow.each(luck, self.purpose, take);
            }
        }
    }
}

impl<'a> Desk<'a> {
    /// The servers that were there before and may end, by flavor, region and system: the same in
    /// every run, whatever varies.
    fn leavers(&self, trends: Option<&Trends<'_>>, gauge: &mut Gauge<'_>) -> Vec<Leavers<'a>> {
        let before = self.simulation.before;
        let Some(of) = before.and_then(|before| before.leaving.get(&self.account)) else {
            return Vec::new();
        };
        let account = self.simulation.names.accounts.text(self.account);
        let mut makes: BTreeMap<Make, Vec<(&'a Living, Purpose)>> = BTreeMap::new();
        for server in &of.servers {
            let make = (server.flavor, server.region, server.os);
            makes.entry(make).or_default().push((server, server.purpose(account)));
        }
        let leavers = |(make, servers)| Leavers {
            of,
            servers,
            lane: Lane::of(self.simulation, self.account, make, gauge),
            trend: trends.and_then(|trends| trends.place(make)),
        };
        makes.into_iter().map(leavers).collect()
    }

    /// Adds what servers use that were there before, up to where each ends in one run; what that
    /// leaves to trends.
    fn leave(
        &self,
        all: &[Leavers<'_>],
        trends: Option<&Trends<'_>>,
        luck: Luck,
        units: &mut [u128],
    ) -> Option<Lost> {
        let run = self.simulation.run;
        let mut lost = trends.map(Trends::nothing_lost);
        for leavers in all {
            let mut steps = leavers.lane.nothing();
            for (server, purpose) in &leavers.servers {
                let end = leavers.of.draw(server, *purpose, luck, run);
                let span = Span { start: run.start, end };
                leavers.lane.count(server.created.micros(), span, &mut steps);
                if let (Some(trends), Some(place), Some(lost)) = (trends, leavers.trend, &mut lost)
                {
                    trends.lose(place, server.created, end, lost);
                }
            }
            leavers.lane.add(&steps, units);
        }
        lost
    }
}
