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
use crate::project::runs::summed::{Lines, Same, Summed, Sums};
use crate::project::runs::threads::in_parts;
use crate::project::runs::trended::{Lost, Trends};
use crate::project::runs::variants::Variants;
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
}

/// What one account does in one scenario: what is certain, and what comes and goes.
struct Doing<'a> {
    /// Base units of what is certain, by line.
    certain: Vec<u128>,
    flows: Vec<Arc<Flow>>,
    /// Fleets whose servers are followed one by one: images are taken of them, or they send.
    followed: Vec<Part<'a>>,
    stocks: Vec<Stock>,
    planner: Planner<'a>,
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
        Desk { simulation, variants, sums, account }
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
            let other;
            let doing = if self.does_the_same(drawn, scenario) {
                &planned
            } else {
                other = self.doing(drawn, Some((number, &planned)), &mut gauge)?;
                &other
            };
            units.clear();
            units.extend_from_slice(&doing.certain);
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

    /// Whether two scenarios are the same as far as this account's usage goes.
    fn does_the_same(&self, one: &Scenario, other: &Scenario) -> bool {
        if std::ptr::eq(one, other) {
            return true;
        }
        let is_mine = |fleet: &crate::scenario::Fleet| fleet.accounts.contains(&self.account);
        let fleets_are = one.fleets.iter().zip(&other.fleets).all(|(a, b)| !is_mine(a) || a == b);
        let boots = |place: usize| {
            let made = Some(Made::Planned(place));
            one.fleets.iter().any(|fleet| is_mine(fleet) && fleet.image == made)
        };
        fleets_are
            && one
                .images
                .iter()
                .zip(&other.images)
                .enumerate()
                .all(|(place, (a, b))| a == b || (a.owner != self.account && !boots(place)))
    }

    fn planner(&self, scenario: &'a Scenario) -> Planner<'a> {
        let Simulation { book, run, enforcement, names, .. } = *self.simulation;
        Planner { scenario, book, run, enforcement, names }
    }

    /// What the account does in a scenario: in a run's, where that is another than what is planned.
    fn doing(
        &self,
        scenario: &'a Scenario,
        run: Option<(u32, &Doing<'a>)>,
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
        let images_are_planned = scenario.images == self.simulation.scenario.images;
        let (mut flows, mut followed) = (Vec::new(), Vec::new());
        for part in planner.parts().filter(|part| part.account == self.account) {
            // What varies elsewhere changes nothing here.
            let as_planned =
                images_are_planned && *part.fleet == self.simulation.scenario.fleets[part.place];
            let number = run.filter(|_| !as_planned).map(|(number, _)| number);
            gauge.add(&mut certain, &*self.standing(&planner, part, &stocks, number, gauge)?);
            let known = run.filter(|_| as_planned).and_then(|(_, planned)| {
                planned.flows.iter().find(|flow| flow.place == part.place)
            });
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
        Ok(Doing { certain, flows, followed, stocks, planner })
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
        let usage = Arc::new(gauge.usage(&spans)?);
        self.sums.keep_standing(same, &usage);
        Ok(usage)
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
        Flow { place: part.place, inflow, summed, purpose, lane }
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
            match (&flow.summed, luck) {
                (Some(summed), Luck::Run { seed, run }) => {
                    let passes = |coming, steps: &mut [u64]| flow.lane.run(coming, steps);
                    summed.run(seed, run, flow.purpose, &mut steps, passes);
                }
                _ => {
                    let take = |coming| flow.lane.run(coming, &mut steps);
                    flow.inflow.each(luck, flow.purpose, take);
                }
            }
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
