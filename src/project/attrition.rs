//! When servers that are there end: as the account's own history of lifetimes says.
//!
//! How long servers live is estimated by Kaplan and Meier (1958), account by account: servers that
//! are still alive count as long as they have been watched. A server of an age ends after a life
//! with the probability that it had when it was created, given that it has come so far; past the
//! longest life that was seen to end, it goes on.
#![expect(clippy::disallowed_types, reason = "probabilities are no money: they become instants")]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::project::luck::{Luck, Purpose, Stream};
use crate::replay::TakeTold;
use crate::scratch::ScratchError;
use crate::value::{AccountId, FlavorId, Instant, Names, OsId, RegionId, ResourceTexts, Span};
use crate::world::{History, ServerSpan};

/// Watches how long servers live, in a history that ends at the start of a plan.
#[derive(Debug)]
pub struct Lives {
    start: Instant,
    /// For each account: how many servers lived so many microseconds.
    ended: BTreeMap<AccountId, BTreeMap<i64, u64>>,
    /// The latest span of servers that were changed, or are alive.
    latest: BTreeMap<String, ServerSpan>,
}

/// A server that is there at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Living {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub region: RegionId,
    /// Its flavor.
    pub flavor: FlavorId,
    /// What runs on it.
    pub os: OsId,
    /// When it was created: where its grid is anchored (M2).
    pub created: Instant,
}

/// An account's servers that are there at the start, and how long its servers live.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// The oldest first, then by id.
    pub servers: Vec<Living>,
    /// How many servers had ended by the start.
    pub ended: u64,
    curve: Curve,
}

/// Which part of servers lives longer than so many microseconds: what remains after each life that
/// was seen to end.
#[derive(Debug, Clone, Default)]
struct Curve(Vec<(i64, f64)>);

/// The accounts with servers at the start.
pub type Attrition = BTreeMap<AccountId, Leaving>;

/// How many steps a curve has at most: of more, every n-th is kept.
const MOST_STEPS: usize = 250;

/// What adding up probabilities may be off by.
const NEARLY: f64 = 1e-9;

impl Lives {
    /// Up to this instant.
    #[must_use]
    pub fn until(start: Instant) -> Lives {
        Lives { start, ended: BTreeMap::new(), latest: BTreeMap::new() }
    }

    /// What was seen.
    #[must_use]
    pub fn close(mut self) -> Attrition {
        let mut alive: BTreeMap<AccountId, Vec<Living>> = BTreeMap::new();
        for (id, server) in std::mem::take(&mut self.latest) {
            let ServerSpan { account, region, created, flavor, os, span, .. } = server;
            if span.end < self.start {
                self.end(account, Span { start: created, end: span.end });
            } else {
                let living = Living { id, region, flavor, os, created };
                alive.entry(account).or_default().push(living);
            }
        }
        let mut attrition = Attrition::new();
        for (account, mut servers) in alive {
            servers.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
            let ages: Vec<i64> = servers.iter().map(|server| server.age(self.start)).collect();
            let ended = self.ended.remove(&account).unwrap_or_default();
            let curve = Curve::of(&ended, ages);
            attrition.insert(account, Leaving { servers, ended: ended.values().sum(), curve });
        }
        attrition
    }

    fn end(&mut self, account: AccountId, life: Span) {
        let life = life.end.micros() - life.start.micros();
        *self.ended.entry(account).or_default().entry(life).or_default() += 1;
    }
}

impl TakeTold for Lives {
    fn take(
        &mut self,
        told: &mut History,
        texts: &impl ResourceTexts,
        _: &Names,
    ) -> Result<(), ScratchError> {
        told.storage.clear();
        told.transfers.clear();
        for server in told.servers.drain(..) {
            if server.is_whole && server.span.end < self.start {
                self.end(server.account, server.span);
                continue;
            }
            // A server that was resized has several spans: its life ends with the latest.
            let text = texts.text(server.server);
            match self.latest.get_mut(text) {
                Some(latest) if latest.span.end <= server.span.end => *latest = server,
                Some(_) => {}
                None => {
                    self.latest.insert(text.to_owned(), server);
                }
            }
        }
        Ok(())
    }
}

impl Living {
    fn age(&self, at: Instant) -> i64 {
        at.micros() - self.created.micros()
    }

    /// What the chance of its end is for.
    #[must_use]
    pub fn purpose(&self, account: &str) -> Purpose {
        Purpose::of(&["attrition", account, &self.id])
    }
}

impl Curve {
    fn of(ended: &BTreeMap<i64, u64>, mut ages: Vec<i64>) -> Curve {
        ages.sort_unstable();
        let mut watched = ended.values().sum::<u64>() + ages.len() as u64;
        let mut younger = 0;
        let mut survival = 1.0;
        let mut steps = Vec::new();
        for (life, count) in ended {
            // Who is as old as this was watched to the end of it.
            let left = ages.partition_point(|age| age < life);
            watched -= (left - younger) as u64;
            younger = left;
            survival *= (watched - count) as f64 / watched as f64;
            watched -= count;
            steps.push((*life, survival));
        }
        let each = steps.len().div_ceil(MOST_STEPS).max(1);
        // From the last on, so that what remains in the end is kept.
        let mut kept: Vec<(i64, f64)> = steps.into_iter().rev().step_by(each).collect();
        kept.reverse();
        Curve(kept)
    }

    /// The steps past an age, and what part of servers has come to it.
    fn past(&self, age: i64) -> (&[(i64, f64)], f64) {
        let first = self.0.partition_point(|(life, _)| *life <= age);
        let come = first.checked_sub(1).map_or(1.0, |last| self.0[last].1);
        (&self.0[first..], come)
    }

    /// The life at which a server of an age ends, by a uniform number; `None` where it goes on.
    fn life(&self, age: i64, uniform: f64) -> Option<i64> {
        let (steps, come) = self.past(age);
        let left = come * (1.0 - uniform);
        let lasting = steps.partition_point(|(_, survival)| *survival >= left);
        steps.get(lasting).map(|(life, _)| *life)
    }
}

impl Leaving {
    /// Takes out the servers that may end within a run; the others go on whatever comes.
    #[must_use]
    pub fn mortal(mut self, run: Span) -> Leaving {
        let curve = &self.curve;
        let may_end = |server: &Living| {
            let (steps, _) = curve.past(server.age(run.start));
            steps.first().is_some_and(|(life, _)| *life < server.age(run.end))
        };
        self.servers.retain(may_end);
        self
    }

    /// When a server ends in a run: the run's end where it goes on.
    #[must_use]
    pub fn draw(&self, server: &Living, purpose: Purpose, luck: Luck, run: Span) -> Instant {
        let uniform = match luck {
            Luck::Mean => 0.5,
            Luck::Run { seed, run } => Stream::new(seed, run, purpose).uniform(),
        };
        let life = self.curve.life(server.age(run.start), uniform);
        let end = life.map(|life| server.created.micros().saturating_add(life));
        end.map_or(run.end, |end| Instant::from_micros(end).min(run.end))
    }

    /// Which servers end when, without chance. Of each make (flavor, region, system), as they cost
    /// the same: one whenever the expected number of those that have ended passes another half
    /// (1/2, 3/2 …), the one that would most probably have ended by then, of equals the oldest. The
    /// number of servers of a make is so never off the expected one by more than a half.
    #[must_use]
    pub fn mean(&self, run: Span) -> Vec<(&Living, Instant)> {
        let mut makes: BTreeMap<_, Vec<&Living>> = BTreeMap::new();
        for server in &self.servers {
            makes.entry((server.flavor, server.region, server.os)).or_default().push(server);
        }
        makes.values().flat_map(|servers| self.mean_of(servers, run)).collect()
    }

    /// Which of servers of one make end when.
    fn mean_of<'s>(&self, servers: &[&'s Living], run: Span) -> Vec<(&'s Living, Instant)> {
        let of = |place: usize| {
            let server = servers[place];
            (server, self.curve.past(server.age(run.start)))
        };
        let at = |place: usize, step: usize| {
            let (server, (steps, _)) = of(place);
            let end = server.created.micros().saturating_add(steps.get(step)?.0);
            (end < run.end.micros()).then_some(Reverse((end, place, step)))
        };
        let mut coming: BinaryHeap<_> =
            (0..servers.len()).filter_map(|place| at(place, 0)).collect();
        let mut gone = vec![0.0_f64; servers.len()];
        let mut has_ended = vec![false; servers.len()];
        // Probabilities are not negative: their bits are in their order.
        let mut likely: BTreeSet<(u64, Reverse<usize>)> = BTreeSet::new();
        let mut expected = 0.0;
        let mut ends = Vec::new();
        while let Some(Reverse((now, place, step))) = coming.pop() {
            let (_, (steps, come)) = of(place);
            let probability = 1.0 - steps[step].1 / come;
            expected += probability - gone[place];
            if !has_ended[place] {
                likely.remove(&(gone[place].to_bits(), Reverse(place)));
                likely.insert((probability.to_bits(), Reverse(place)));
            }
            gone[place] = probability;
            coming.extend(at(place, step + 1));
            if coming.peek().is_some_and(|Reverse((next, ..))| *next == now) {
                continue;
            }
            while expected + NEARLY >= ends.len() as f64 + 0.5 {
                let Some((_, Reverse(place))) = likely.pop_last() else { break };
                has_ended[place] = true;
                ends.push((servers[place], Instant::from_micros(now)));
            }
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = crate::value::MICROS_PER_DAY;

    fn leaving(ended: &[(i64, u64)], ages: &[i64]) -> Leaving {
        let ended: BTreeMap<i64, u64> = ended.iter().map(|(d, n)| (d * DAY, *n)).collect();
        let living = |(place, age): (usize, &i64)| Living {
            id: format!("vm-{place}"),
            region: RegionId::from(0),
            flavor: FlavorId::from(0),
            os: OsId::LINUX,
            created: Instant::from_micros(-age * DAY),
        };
        let servers = ages.iter().enumerate().map(living).collect();
        let curve = Curve::of(&ended, ages.iter().map(|age| age * DAY).collect());
        Leaving { servers, ended: ended.values().sum(), curve }
    }

    fn run(days: i64) -> Span {
        Span { start: Instant::from_micros(0), end: Instant::from_micros(days * DAY) }
    }

    fn mean(leaving: &Leaving, days: i64) -> Vec<(&str, i64)> {
        let ends = leaving.mean(run(days));
        ends.iter().map(|(server, at)| (&*server.id, at.micros() / DAY)).collect()
    }

    #[test]
    fn the_curve_is_that_of_kaplan_and_meier() {
        // Lives 6 6 6 7 10 13 16 22 23, and censored 6 9 10 11 17 19 20 25 32 32 34 35 (Freireich
        // 1963, the textbook example): 0.857 0.807 0.753 0.690 0.627 0.538 0.448.
        let ended = [(6, 3), (7, 1), (10, 1), (13, 1), (16, 1), (22, 1), (23, 1)];
        let leaving = leaving(&ended, &[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
        let rounded: Vec<i64> =
            leaving.curve.0.iter().map(|(_, s)| (s * 1000.0).round() as i64).collect();
        assert_eq!(rounded, [857, 807, 753, 690, 627, 538, 448]);
    }

    #[test]
    fn fixed_lives_end_when_they_have_lived_so_long() {
        let leaving = leaving(&[(10, 3)], &[4, 1]);
        assert_eq!(mean(&leaving, 30), [("vm-0", 6), ("vm-1", 9)]);
        // The run is over before.
        assert_eq!(mean(&leaving, 6), []);
        for seed in 0..20 {
            let luck = Luck::Run { seed, run: 3 };
            let server = &leaving.servers[0];
            let end = leaving.draw(server, server.purpose("a"), luck, run(30));
            assert_eq!(end.micros(), 6 * DAY);
        }
    }

    #[test]
    fn where_nothing_is_known_servers_go_on() {
        assert_eq!(mean(&leaving(&[], &[4, 1]), 1000), []);
        // One of age 20 has outlived all that ended.
        let leaving = leaving(&[(10, 3)], &[20]);
        assert_eq!(mean(&leaving, 1000), []);
        assert!(leaving.mortal(run(1000)).servers.is_empty());
    }

    #[test]
    fn without_chance_the_expected_number_ends() {
        // Half of all end at 10 days, and the rest at 30.
        let leaving = leaving(&[(10, 2), (30, 2)], &[0, 0, 0, 0]);
        let ends = mean(&leaving, 100);
        assert_eq!(ends, [("vm-0", 10), ("vm-1", 10), ("vm-2", 30), ("vm-3", 30)]);
    }

    #[test]
    fn draws_end_as_often_as_the_curve_says() {
        let leaving = leaving(&[(10, 3), (20, 1)], &[0]);
        let server = &leaving.servers[0];
        let by = |days: i64| {
            let ends_by = |number: &u64| {
                let luck = Luck::Run { seed: 5, run: *number };
                leaving.draw(server, server.purpose("a"), luck, run(100)).micros() <= days * DAY
            };
            (0..10_000).filter(ends_by).count()
        };
        // Four lives seen to end; the server itself, of age 0, was hardly watched.
        assert!(by(10).abs_diff(7500) < 180, "{}", by(10));
        assert_eq!(by(20), 10_000);
    }
}
